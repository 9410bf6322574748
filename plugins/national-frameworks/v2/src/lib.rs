//! The national framework of 2015 to 2022. The rules in words, each with its source, are in `README.md`.

mod claims;
mod problems;
mod progress;
mod settings;

use national_framework::members::Members;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::{Failure, Guest, problem};
use settings::Settings;

type Asked = national_framework::Asked<Settings>;

struct Framework2015;

impl Guest for Framework2015 {
    /// Two of six problems, and a dependent child.
    fn eligibility() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::begun(asked.on)?;
        let members = Members::on(asked.on)?;
        let mut report = Report::new(asked.on);
        let enough = problems::each(&asked, &members, stay.as_ref(), &mut report)?;
        let child = problems::dependent_child(&members, &mut report)?;
        Ok(problem::eligibility([enough, child]).into())
    }

    /// Every problem gone, and the children at school; or one adult in work for long enough, and the children at school.
    fn progress() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::read(asked.on)?;
        let members = Members::on(asked.on)?;
        let mut report = Report::new(asked.on);
        progress::school(&asked, &stay, &members, &mut report)?;
        progress::problems(&asked, &stay, &members, &mut report)?;
        progress::employment(&asked, &stay, &members, &mut report)?;
        let outcome = progress::outcome(&report);
        claims::draft(&asked, &stay, outcome, &mut report)?;
        report.ask_for_evidence();
        Ok(outcome.into())
    }
}

national_framework::export!(Framework2015);
