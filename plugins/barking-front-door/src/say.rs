//! How a reason is put together: a template of `manifest.json`, its arguments, and what it rests on.

use crate::hearth::decision::messages::{Arg, Basis, Message, Reason, Search};
use crate::hearth::family::types::{Fact, Window};

/// The most that one reason may rest on.
const MOST: usize = 1000;

pub fn message(template: &str, args: &[(&str, Arg)]) -> Message {
    Message { template: template.into(), args: args.iter().map(|(name, arg)| ((*name).into(), arg.clone())).collect() }
}

pub fn reason(template: &str, args: &[(&str, Arg)], rests_on: Vec<Basis>) -> Reason {
    Reason { message: message(template, args), rests_on }
}

pub fn code(word: &str) -> Arg {
    Arg::Code(word.into())
}

pub fn count(number: usize) -> Arg {
    Arg::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Rests on what the question itself is about.
pub fn asked() -> Vec<Basis> {
    vec![Basis::Asked]
}

pub fn setting(name: &str) -> Basis {
    Basis::Setting(name.into())
}

/// Rests on a section of the record of which nothing was told.
pub fn not_told(section: &str) -> Vec<Basis> {
    vec![Basis::NotTold(section.into())]
}

pub fn facts(facts: impl IntoIterator<Item = Fact>) -> Vec<Basis> {
    facts.into_iter().take(MOST).map(Basis::Fact).collect()
}

/// Rests on a search that found none: absence is evidence too.
pub fn searched(section: &str, kind: &str, window: Window) -> Vec<Basis> {
    vec![Basis::Searched(Search { section: section.into(), kind: kind.into(), person: None, window, found: 0 })]
}
