//! Health needs.

use super::Sign;
use crate::hearth::family::health;
use crate::hearth::family::types::{Absence, Window};
use crate::say;

/// A need of one of the `kinds` (any, if that is empty) that a professional identified, on any day of the window
/// (systems:L217: "diagnosed or professional-identified health").
pub fn identified(window: Window, kinds: &[&str]) -> Result<Sign, Absence> {
    let needs = health::needs(window)?;
    let of_kinds = needs.iter().filter(|n| kinds.is_empty() || kinds.contains(&n.need.as_str()));
    let found = of_kinds.filter(|n| n.professional_identified).map(|n| (n.fact, Some(n.person)));
    Sign::of_facts(("health", "health-need"), window, found, |facts, persons| {
        say::reason("health-needs-recorded", &[("persons", say::count(persons.len()))], say::facts(facts.iter().copied()))
    })
}
