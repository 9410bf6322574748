//! The national framework of 2012 to 2015. The rules in words, each with its source, are in `README.md`.

mod claims;
mod criteria;
mod fall;
mod settings;

use national_framework::members::Members;
use national_framework::problem;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::window::days;
use national_framework::{Failure, Guest, employment, months_to, school};
use settings::Settings;

type Asked = national_framework::Asked<Settings>;

struct Framework2012;

impl Guest for Framework2012 {
    /// Three of four criteria make a family eligible.
    fn eligibility() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::begun(asked.on)?;
        let mut report = Report::new(asked.on);
        let enough = criteria::each(&asked, stay.as_ref(), &mut report)?;
        Ok(problem::eligibility([enough]).into())
    }

    /// School, youth crime and antisocial behaviour together; or one adult off benefits and in work.
    fn progress() -> Result<String, Failure> {
        let asked = Asked::begin();
        let Settings { terms, attendance_percent, work_months, .. } = asked.settings;
        let stay = Stay::read(asked.on)?;
        let members = Members::on(asked.on)?;
        let mut report = Report::new(asked.on);
        school::consecutive_terms("school", stay.engaged, &members, terms, |_| attendance_percent, &mut report)?;
        fall::youth_crime(&asked, &stay, &mut report)?;
        fall::antisocial_behaviour(&asked, &stay, &mut report)?;
        let lately = months_to(asked.on, work_months);
        let in_work = employment::Asked { window: lately, days: days(lately), gap: 0, off_benefits: lately };
        employment::each_adult("work", &stay, &members, |_| Some(in_work), &mut report)?;

        let outcome = match report.outcome() {
            all @ "significant-and-sustained" => all,
            _ if !report.met("work").is_empty() => "continuous-employment",
            some => some,
        };
        claims::draft(&asked, &stay, outcome, &mut report)?;
        report.ask_for_evidence();
        Ok(outcome.into())
    }
}

national_framework::export!(Framework2012);
