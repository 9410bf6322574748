//! "Dependent children and/or expectant parents" (systems:L204).

use national_framework::hearth::family::health;
use national_framework::hearth::family::types::{Absence, Window};
use national_framework::members::Members;
use national_framework::report::{Found, Report, Standing};
use national_framework::signs::Sign;
use national_framework::window::one_day;
use national_framework::{Failure, dependants, say};

pub fn here_or_expected(members: &Members, report: &mut Report) -> Result<Standing, Failure> {
    let today = one_day(members.on);
    let (here, mut reasons) = dependants::any(members)?;
    let expected = expected(today)?;
    let standing = match here {
        _ if expected.present => Standing::Met,
        Standing::NotMet if !expected.known.complete => Standing::NotEnoughEvidence,
        here => here,
    };
    reasons.extend(expected.recorded);
    if standing != Standing::Met {
        reasons.push(expected.known.reason);
    }
    report.add(Found::new("children", standing, today, reasons));
    Ok(standing)
}

/// A maternal health need, by a professional or in the family's own word.
fn expected(today: Window) -> Result<Sign, Absence> {
    let needs = health::needs(today)?;
    let found = needs.iter().filter(|need| need.need == "maternal").map(|need| (need.fact, Some(need.person)));
    Sign::of_facts(("health", "health-need"), today, found, |facts, _| {
        say::reason("child-expected", &[], say::facts(facts.iter().copied()))
    })
}
