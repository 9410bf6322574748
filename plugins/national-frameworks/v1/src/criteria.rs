//! The four criteria of entry (002:L202-L206, systems:L201).

use national_framework::hearth::family::types::Window;
use national_framework::members::Members;
use national_framework::problem::{Problem, Tally};
use national_framework::report::{Found, Report, Standing};
use national_framework::signs::{crime, education, money};
use national_framework::stay::Stay;
use national_framework::window::one_day;
use national_framework::{Failure, months_to, say};

use crate::Asked;

/// The problems that a family may have at entry; local discretion is the fourth criterion.
const NATIONAL: [&str; 3] = ["crime-and-antisocial-behaviour", "school-attendance", "work-and-money"];

/// Reports each criterion, and whether there are enough of them.
pub fn each(asked: &Asked, stay: Option<&Stay>, report: &mut Report) -> Result<Standing, Failure> {
    let members = Members::on(asked.on)?;
    let lately = months_to(asked.on, asked.settings.indicator_months);
    for problem in national(asked, &members, lately)? {
        report.add(problem.found(stay, lately));
    }
    report.add(local(asked, stay));
    let tally = Tally::of(report.noted().iter().map(|noted| noted.standing));
    Ok(tally.report("enough-criteria", asked.settings.criteria_needed, asked.on, report))
}

/// How many criteria were recorded at entry.
pub fn at_entry(asked: &Asked, stay: &Stay) -> usize {
    let national = NATIONAL.iter().filter(|need| stay.has_need(need)).count();
    national + usize::from(local_need(asked, stay).is_some())
}

fn national(asked: &Asked, members: &Members, lately: Window) -> Result<Vec<Problem>, Failure> {
    let [crime_need, school_need, work_need] = NATIONAL;
    let percent = asked.settings.attendance_percent;
    Ok(vec![
        Problem { need: crime_need, criterion: "need-crime", signs: vec![crime::offences(lately)?, crime::antisocial_behaviour(lately)?] },
        Problem {
            need: school_need,
            criterion: "need-school",
            signs: vec![education::attendance(lately, members, percent)?, education::exclusion(lately)?],
        },
        Problem { need: work_need, criterion: "need-work", signs: vec![money::out_of_work(one_day(asked.on), members)?] },
    ])
}

/// What the authority takes for high costs to the public purse: a need that was recorded at entry, because a person decides.
fn local(asked: &Asked, stay: Option<&Stay>) -> Found {
    let (standing, reason) = match stay {
        None => {
            let nothing = say::searched("support", "episode", None, one_day(asked.on), 0);
            (Standing::NotEnoughEvidence, say::reason("local-not-decided", &[], nothing))
        }
        Some(stay) => match local_need(asked, stay) {
            Some(need) => (Standing::Met, say::reason("need-at-entry", &[("need", say::code(need))], stay.basis())),
            None => (Standing::NotMet, say::reason("local-not-found", &[], stay.basis())),
        },
    };
    Found::new("local-discretion", standing, one_day(asked.on), vec![reason])
}

fn local_need<'a>(asked: &'a Asked, stay: &Stay) -> Option<&'a str> {
    asked.settings.local_needs.iter().map(String::as_str).find(|need| stay.has_need(need))
}
