//! A home that may be lost, and no home of one's own.

use std::collections::BTreeMap;

use super::Sign;
use crate::hearth::family::housing;
use crate::hearth::family::types::{Absence, Window};
use crate::say;

/// Tenures that are no settled home.
const UNSETTLED: [&str; 2] = ["temporary", "refuge"];

/// A home towards whose loss a step was taken in the window and which was not saved since: the last step is not `averted`.
pub fn eviction(window: Window) -> Result<Sign, Absence> {
    let steps = housing::eviction_steps(window)?;
    let mut last = BTreeMap::new();
    for step in &steps {
        last.insert(step.home, step);
    }
    let found = last.into_values().filter(|step| step.stage != "averted").map(|step| (step.fact, step.person));
    Sign::of_facts(("housing", "eviction-step"), window, found, |facts, _| {
        say::reason("eviction-recorded", &[], say::facts(facts.iter().copied()))
    })
}

/// A temporary home or a refuge on any day of the window.
pub fn temporary_home(window: Window) -> Result<Sign, Absence> {
    let tenancies = housing::tenancies(window)?;
    let found = tenancies.iter().filter(|t| UNSETTLED.contains(&t.tenure.as_str())).map(|t| (t.fact, t.holder));
    Sign::of_facts(("housing", "tenancy"), window, found, |facts, _| say::reason("temporary-home", &[], say::facts(facts.iter().copied())))
}
