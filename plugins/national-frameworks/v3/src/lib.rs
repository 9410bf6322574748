//! The national outcome framework of 2022 to 2025. The rules in words, each with its source, are in `README.md`.

mod children;
mod claims;
mod headlines;
mod practice;
mod progress;
mod settings;

use national_framework::members::Members;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::{Failure, Guest, problem};
use settings::Settings;

type Asked = national_framework::Asked<Settings>;

struct Framework2022;

impl Guest for Framework2022 {
    /// Three family needs, and dependent children or expectant parents.
    fn eligibility() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::begun(asked.on)?;
        let members = Members::on(asked.on)?;
        let mut report = Report::new(asked.on);
        let enough = headlines::each(&asked, &members, stay.as_ref(), &mut report)?;
        let child = children::here_or_expected(&members, &mut report)?;
        Ok(problem::eligibility([enough, child]).into())
    }

    /// Every need gone for the months after closure.
    fn progress() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::read(asked.on)?;
        let mut report = Report::new(asked.on);
        progress::each_headline(&asked, &stay, &mut report)?;
        let outcome = report.outcome();
        practice::each(&asked, &stay, &mut report)?;
        claims::draft(&asked, &stay, outcome, &mut report)?;
        report.ask_for_evidence();
        Ok(outcome.into())
    }
}

national_framework::export!(Framework2022);
