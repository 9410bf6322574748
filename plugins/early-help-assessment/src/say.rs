//! How a reason is put together: a template of `manifest.json`, its arguments, and what it rests on.

use crate::hearth::decision::messages::{Arg, Basis, Cited, Message, Reason};
use crate::hearth::family::types::{Fact, Person};

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

/// Something that the manifest declares: a domain, a tier, a question.
pub fn named(id: &str) -> Arg {
    Arg::Named(id.into())
}

pub fn count(number: usize) -> Arg {
    Arg::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// An answer of this time: about the person, or about the family.
pub fn answered(question: &str, person: Option<Person>) -> Basis {
    Basis::Answered(Cited { question: question.into(), person, item: None, before: false })
}

/// The same of the time before.
pub fn answered_before(question: &str, person: Option<Person>) -> Basis {
    Basis::Answered(Cited { question: question.into(), person, item: None, before: true })
}

pub fn setting(name: &str) -> Basis {
    Basis::Setting(name.into())
}

pub fn facts(facts: impl IntoIterator<Item = Fact>) -> Vec<Basis> {
    facts.into_iter().take(MOST).map(Basis::Fact).collect()
}
