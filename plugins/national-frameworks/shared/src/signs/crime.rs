//! Crime and antisocial behaviour.

use super::Sign;
use crate::hearth::family::offending;
use crate::hearth::family::types::{Absence, Window};
use crate::say;

/// Any offence by a member, proven or not.
pub fn offences(window: Window) -> Result<Sign, Absence> {
    let found = offending::offences(window)?;
    Sign::of_facts(("offending", "offence"), window, found.iter().map(|o| (o.fact, Some(o.person))), |facts, _| {
        say::reason("offences-recorded", &[("number", say::count(facts.len()))], say::facts(facts.iter().copied()))
    })
}

/// Any antisocial behaviour, by a member or by the household.
pub fn antisocial_behaviour(window: Window) -> Result<Sign, Absence> {
    let found = offending::antisocial_incidents(window)?;
    Sign::of_facts(("offending", "antisocial-incident"), window, found.iter().map(|i| (i.fact, i.person)), |facts, _| {
        say::reason("incidents-recorded", &[("number", say::count(facts.len()))], say::facts(facts.iter().copied()))
    })
}
