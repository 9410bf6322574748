//! How a reason is put together: a template of the manifest, its arguments, and what it rests on.

use crate::hearth::decision::messages::{Arg, Basis, Message, Reason, Search};
use crate::hearth::family::types::{Fact, Person, Window};

/// The most that one reason may rest on.
const MOST: usize = 1000;

#[must_use]
pub fn message(template: &str, args: &[(&str, Arg)]) -> Message {
    Message { template: template.into(), args: args.iter().map(|(name, arg)| ((*name).into(), arg.clone())).collect() }
}

#[must_use]
pub fn reason(template: &str, args: &[(&str, Arg)], rests_on: Vec<Basis>) -> Reason {
    Reason { message: message(template, args), rests_on }
}

#[must_use]
pub fn code(word: &str) -> Arg {
    Arg::Code(word.into())
}

#[must_use]
pub fn count(number: usize) -> Arg {
    Arg::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A whole number as findings want it, in tenths.
#[must_use]
pub fn tenths(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX).saturating_mul(10)
}

pub fn facts(facts: impl IntoIterator<Item = Fact>) -> Vec<Basis> {
    facts.into_iter().take(MOST).map(Basis::Fact).collect()
}

/// The facts; where there are none, the search that found none.
pub fn facts_or_none(found: impl IntoIterator<Item = Fact>, section: &str, kind: &str, window: Window) -> Vec<Basis> {
    let found = facts(found);
    if found.is_empty() { searched(section, kind, None, window, 0) } else { found }
}

#[must_use]
pub fn searched(section: &str, kind: &str, person: Option<Person>, window: Window, found: usize) -> Vec<Basis> {
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    vec![Basis::Searched(Search { section: section.into(), kind: kind.into(), person, window, found })]
}

#[must_use]
pub fn setting(name: &str) -> Basis {
    Basis::Setting(name.into())
}

/// Something else than the record that was read. `source`, code list sources.
#[must_use]
pub fn read(source: &str) -> Basis {
    Basis::Read(source.into())
}
