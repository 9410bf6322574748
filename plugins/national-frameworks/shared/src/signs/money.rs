//! Work and debts.

use std::collections::{BTreeMap, BTreeSet};

use super::{Sign, Whose};
use crate::coverage::Coverage;
use crate::hearth::decision::messages::Arg;
use crate::hearth::family::employment;
use crate::hearth::family::finance;
use crate::hearth::family::types::{Absence, Day, Pence, Person, Window};
use crate::members::Members;
use crate::say;
use crate::window::{from_to, last};

/// The first day that the record can hold.
const FIRST_DAY: Day = -135_140;

/// An adult member, resident or not, on an out-of-work benefit on any day of the window.
pub fn out_of_work(window: Window, members: &Members) -> Result<Sign, Absence> {
    let spells = employment::benefit_spells(window)?;
    let out_of_work: Vec<_> = spells.iter().filter(|s| s.out_of_work).collect();
    let of_adults: Vec<_> = out_of_work.iter().filter(|s| members.is_adult(s.person) == Some(true)).collect();
    let adults: BTreeSet<Person> = of_adults.iter().map(|s| s.person).collect();
    let maybe_adults: BTreeSet<Person> = out_of_work.iter().map(|s| s.person).filter(|p| members.is_adult(*p).is_none()).collect();
    let present = !adults.is_empty();

    let said = say::reason("out-of-work", &[("adults", say::count(adults.len()))], say::facts(of_adults.iter().map(|s| s.fact)));
    let mut recorded = if present { vec![said] } else { Vec::new() };
    recorded.extend(maybe_adults.iter().map(|person| members.says("age-unknown", *person)));
    let coverage = Coverage::read("employment", window)?;
    let complete = coverage.of_family("benefit-spell") && maybe_adults.is_empty();
    let known = coverage.known("benefit-spell", complete, spells.len());
    Ok(Sign { present, whose: Whose::Persons(adults), recorded, known })
}

/// A debt of at least `least` at the end of the window. The last measure of a debt stands until the next, however old it is.
pub fn debt(window: Window, least: Pence) -> Result<Sign, Absence> {
    let measured = finance::arrears_measured(from_to(FIRST_DAY, last(window)))?;
    let mut owed = BTreeMap::new();
    for arrears in &measured {
        owed.insert((&arrears.debt, arrears.person, arrears.home), arrears);
    }
    let owed: Vec<_> = owed.into_values().filter(|arrears| arrears.amount >= least).collect();
    let most = owed.iter().map(|arrears| arrears.amount).max().unwrap_or(0);
    Sign::of_facts(("finance", "arrears"), window, owed.iter().map(|arrears| (arrears.fact, arrears.person)), |facts, _| {
        let mut rests_on = say::facts(facts.iter().copied());
        rests_on.push(say::setting("debt-pence"));
        say::reason("debt-recorded", &[("most", Arg::Pence(most))], rests_on)
    })
}
