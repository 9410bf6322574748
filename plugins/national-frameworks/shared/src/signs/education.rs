//! Children who are not at school.

use std::collections::BTreeSet;

use super::{Sign, Whose};
use crate::coverage::Coverage;
use crate::hearth::family::education;
use crate::hearth::family::types::{Absence, Person, Window};
use crate::members::Members;
use crate::say;
use crate::school::Sessions;

/// A child of school age in the home whose attendance in the window is known, and below `percent`.
pub fn attendance(window: Window, members: &Members, percent: u32) -> Result<Sign, Absence> {
    let rows = education::attendances(window)?;
    let coverage = Coverage::read("education", window)?;
    let (mut below, mut recorded, mut complete) = (BTreeSet::new(), Vec::new(), true);
    for child in members.children_of_school_age() {
        let sessions = Sessions::of(child, &rows, window);
        let known = coverage.of_person("attendance", child) && sessions.share().is_some();
        complete &= known;
        if known && !sessions.reach(percent) {
            below.insert(child);
        }
        recorded.push(sessions.says(known, percent));
    }
    let without_age: Vec<Person> = members.without_age();
    complete &= without_age.is_empty();
    recorded.extend(without_age.iter().map(|person| members.says("age-unknown", *person)));
    if recorded.is_empty() {
        recorded.push(members.says_no_child_of_school_age());
    }
    let known = coverage.known("attendance", complete, rows.len());
    Ok(Sign { present: !below.is_empty(), whose: Whose::Persons(below), recorded, known })
}

/// Anyone kept out of lessons on any day of the window.
pub fn exclusion(window: Window) -> Result<Sign, Absence> {
    let found = education::exclusions(window)?;
    Sign::of_facts(("education", "exclusion"), window, found.iter().map(|e| (e.fact, Some(e.person))), |facts, _| {
        say::reason("exclusions-recorded", &[("number", say::count(facts.len()))], say::facts(facts.iter().copied()))
    })
}
