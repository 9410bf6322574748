//! Does an answer fit its question?

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::asks::Options;
use super::fault::Fault;
use super::{Answer, Asks, NumberAsked, Precision, Question, Scale, Scheme, Setting};
use super::{Decimal, FileGiven};
use crate::record::ids::is_slug;
use crate::record::sections::identity::{is_nhs_number, is_nino, is_postcode, is_upn, is_uprn, is_urn, squeezed};
use crate::record::{Day, PersonId};

/// Characters of one line, and of many.
const LONGEST_LINE: usize = 200;
const LONGEST_LINES: usize = 10_000;
/// A thousand million pounds, in pence.
const MOST_PENCE: i64 = 100_000_000_000;

/// What an answer is to an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    YesNo(bool),
    Number(Decimal),
    Pence(i64),
    Date {
        day: Day,
        month_only: bool,
    },
    Text(Cow<'a, str>),
    Choice(&'a str),
    /// In the form's order, and whether each must be chosen alone.
    Choices(Vec<(&'a str, bool)>),
    /// Somebody of the family: plugins are told who; a condition may ask only whether it was answered.
    Person(PersonId),
    /// Answered, and more nobody reads.
    Given,
}

/// What stands at a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State<'a> {
    /// The question does not show.
    Hidden,
    Unanswered,
    NotKnown,
    NotAsked,
    Wrong(Fault),
    Value(Value<'a>),
}

/// Reads an answer to a question that shows. Without a setting, people are not looked up.
pub(super) fn state<'a>(question: &'a Question, answer: &'a Answer, setting: &Setting) -> State<'a> {
    match answer {
        Answer::NotKnown(_) if question.not_known => State::NotKnown,
        Answer::NotAsked(_) if question.not_known => State::NotAsked,
        _ => fit(question, answer, Some(setting)).map_or_else(State::Wrong, State::Value),
    }
}

pub(super) fn fit<'a>(question: &'a Question, answer: &'a Answer, setting: Option<&Setting>) -> Result<Value<'a>, Fault> {
    match (&question.asks, answer) {
        (Asks::Text, Answer::Text(text)) => line(text),
        (Asks::LongText, Answer::LongText(text)) => lines(text),
        (Asks::YesNo, Answer::YesNo(yes)) => Ok(Value::YesNo(*yes)),
        (Asks::SingleChoice(options), Answer::SingleChoice(id)) => option(options, id).map(Value::Choice),
        (Asks::MultiChoice(options), Answer::MultiChoice(ids)) => several(options, ids),
        (Asks::Date(asked), Answer::Date(date)) if date.month_only && asked.precision == Precision::Day => Err(Fault::whole_date()),
        (Asks::Date(_), Answer::Date(date)) => Ok(Value::Date { day: date.day, month_only: date.month_only }),
        (Asks::Number(asked), Answer::Number(number)) => within(asked, *number),
        (Asks::Scale(scale), Answer::Scale(point)) => on_scale(scale, *point),
        (Asks::Name, Answer::Name(name)) => name.check().map(|()| Value::Given).map_err(|_| Fault::name()),
        (Asks::Address, Answer::Address(address)) => address.check().map(|()| Value::Given).map_err(|_| Fault::address()),
        (Asks::Phone, Answer::Phone(phone)) => given(is_phone(phone), Fault::phone),
        (Asks::Email, Answer::Email(email)) => given(is_email(email), Fault::email),
        (Asks::Identifier(asked), Answer::Identifier(id)) => given(is_identifier(asked.scheme, id), || Fault::identifier(asked.scheme)),
        (Asks::Money, Answer::Money(pence)) if *pence < 0 => Err(Fault::at_least(0)),
        (Asks::Money, Answer::Money(pence)) if *pence > MOST_PENCE => Err(Fault::at_most(MOST_PENCE)),
        (Asks::Money, Answer::Money(pence)) => Ok(Value::Pence(*pence)),
        (Asks::File(asked), Answer::File(file)) => a_file(&asked.types, file),
        (Asks::Declaration(_), Answer::Declaration(declared)) => line(&declared.by).map(|_| Value::YesNo(declared.agreed)),
        (Asks::PersonRef, Answer::PersonRef(person)) if setting.is_none_or(|s| s.members.iter().any(|m| m.person == *person)) => {
            Ok(Value::Person(*person))
        }
        (Asks::PersonRef, Answer::PersonRef(_)) => Err(Fault::no_such_person()),
        (Asks::ServiceRef, Answer::ServiceRef(id)) => given(is_slug(id), Fault::short_name),
        (Asks::WorkerRef, Answer::WorkerRef(worker)) => line(worker).map(|_| Value::Given),
        (Asks::Computed(_), _) => Err(Fault::no_such_question()),
        (_, Answer::NotKnown(_) | Answer::NotAsked(_)) => Err(Fault::must_be_known()),
        (asks, other) => Err(Fault::wrong_kind(asks, other.kind().unwrap_or_default())),
    }
}

fn given<'a>(good: bool, fault: impl FnOnce() -> Fault) -> Result<Value<'a>, Fault> {
    if good { Ok(Value::Given) } else { Err(fault()) }
}

fn line(text: &str) -> Result<Value<'_>, Fault> {
    written(text, LONGEST_LINE, |c| c.is_control())
}

fn lines(text: &str) -> Result<Value<'_>, Fault> {
    written(text, LONGEST_LINES, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn written(text: &str, most: usize, bad: impl Fn(char) -> bool) -> Result<Value<'_>, Fault> {
    if text.trim().is_empty() {
        Err(Fault::empty())
    } else if text.chars().count() > most {
        Err(Fault::too_long(most))
    } else if text.chars().any(bad) {
        Err(Fault::not_text())
    } else {
        Ok(Value::Text(Cow::Borrowed(text)))
    }
}

/// The form's own spelling of an option.
fn option<'a>(options: &'a Options, id: &str) -> Result<&'a str, Fault> {
    options.ids().find(|o| *o == id).ok_or_else(|| Fault::not_an_option(id))
}

fn several<'a>(options: &'a Options, ids: &[String]) -> Result<Value<'a>, Fault> {
    if ids.is_empty() {
        return Err(Fault::empty());
    }
    let mut chosen = BTreeSet::new();
    for id in ids {
        option(options, id)?;
        if !chosen.insert(id.as_str()) {
            return Err(Fault::twice(id));
        }
    }
    match ids.iter().find(|id| options.is_exclusive(id)) {
        Some(id) if ids.len() > 1 => Err(Fault::not_alone(id)),
        _ => Ok(Value::Choices(options.ids().filter(|o| chosen.contains(o)).map(|o| (o, options.is_exclusive(o))).collect())),
    }
}

fn within<'a>(asked: &NumberAsked, number: Decimal) -> Result<Value<'a>, Fault> {
    match (asked.min, asked.max) {
        (Some(min), _) if number < min => Err(Fault::at_least(min)),
        (_, Some(max)) if number > max => Err(Fault::at_most(max)),
        _ if number.places() > asked.decimals => Err(Fault::decimals(asked.decimals)),
        _ => Ok(Value::Number(number)),
    }
}

fn on_scale<'a>(scale: &Scale, point: Decimal) -> Result<Value<'a>, Fault> {
    if point < scale.min {
        Err(Fault::at_least(scale.min))
    } else if point > scale.max {
        Err(Fault::at_most(scale.max))
    } else if !scale.has_point(point) {
        Err(Fault::between_points(point, scale.step))
    } else {
        Ok(Value::Number(point))
    }
}

/// Seven to fifteen digits (E.164), a plus before them, and what people write between them.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.trim().strip_prefix('+').unwrap_or(text.trim());
    (7..=15).contains(&digits) && text.len() <= 40 && rest.bytes().all(|b| b.is_ascii_digit() || b" ()-.".contains(&b))
}

/// Something, an @, and a name with a dot in it: whether anybody reads it, only a message tells.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let labels = host.split('.').count();
    let label = |l: &str| !l.is_empty() && !l.starts_with('-') && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.len() <= 254
        && !local.is_empty()
        && !local.contains('@')
        && !local.chars().any(|c| c.is_whitespace() || c.is_control())
        && labels >= 2
        && host.split('.').all(label)
}

fn is_identifier(scheme: Scheme, text: &str) -> bool {
    let value = squeezed(text);
    text.len() <= 40
        && match scheme {
            Scheme::NhsNumber => is_nhs_number(&value),
            Scheme::Upn => is_upn(&value),
            Scheme::Nino => is_nino(&value),
            Scheme::Urn => is_urn(&value),
            Scheme::Uprn => is_uprn(&value),
            Scheme::Postcode => is_postcode(&value),
        }
}

fn a_file<'a>(types: &[String], file: &FileGiven) -> Result<Value<'a>, Fault> {
    line(&file.name)?;
    given(types.contains(&file.media_type), || Fault::file(types))
}
