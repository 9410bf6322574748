//! Is there a dependent child? "0-15 in household, or 16-18 in full-time education, training or unemployed and living with
//! parents" (systems:L211).

use crate::coverage::Coverage;
use crate::hearth::decision::messages::Reason;
use crate::hearth::family::types::{Absence, Person};
use crate::hearth::family::{education, employment};
use crate::members::Members;
use crate::report::Standing;
use crate::window::{holds, one_day};
use crate::{months_to, say};

/// Always a child who depends on the family.
const OLDEST_CHILD: u8 = 15;
/// A child who depends on the family unless in work.
const OLDEST_AT_HOME: u8 = 18;
/// Attendance that ends in these months says that somebody goes to school, however long the holidays.
const SCHOOL_MONTHS: u32 = 3;

/// Whether one lives in the home, and why.
pub fn any(members: &Members) -> Result<(Standing, Vec<Reason>), Absence> {
    let (mut standings, mut reasons) = (Vec::new(), Vec::new());
    for (person, age) in members.residents() {
        let (standing, template) = match age {
            None => (Standing::NotEnoughEvidence, "age-unknown"),
            Some(0..=OLDEST_CHILD) => (Standing::Met, "dependent-child"),
            Some(..=OLDEST_AT_HOME) => young_person(person, members)?,
            Some(_) => continue,
        };
        standings.push(standing);
        reasons.push(members.says(template, person));
    }
    if reasons.is_empty() {
        reasons.push(say::reason("no-dependent-child", &[], members.basis_of_residents()));
    }
    let standing = [Standing::Met, Standing::NotEnoughEvidence].into_iter().find(|s| standings.contains(s)).unwrap_or(Standing::NotMet);
    Ok((standing, reasons))
}

/// Somebody of 16 to 18: not in work, and known to be so or at school.
fn young_person(person: Person, members: &Members) -> Result<(Standing, &'static str), Absence> {
    let today = one_day(members.on);
    if employment::jobs(today)?.iter().any(|job| job.person == person) {
        return Ok((Standing::NotMet, "young-person-in-work"));
    }
    let lately = months_to(members.on, SCHOOL_MONTHS);
    let at_school = education::attendances(lately)?
        .iter()
        .any(|row| row.person == person && row.attended > 0 && row.window.last.is_none_or(|last| holds(lately, last)));
    if at_school {
        return Ok((Standing::Met, "young-person-at-school"));
    }
    let known = Coverage::read("employment", today)?.of_person("job", person);
    Ok(if known { (Standing::Met, "young-person-not-in-work") } else { (Standing::NotEnoughEvidence, "young-person-unknown") })
}
