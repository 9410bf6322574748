//! Answers to a form as a plugin is lent them: made of what the host judged, and checked against the form where somebody else sends them.

use crate::forms::{Asks, Each, Form, Given, Group, Item, Lent, Question};
use crate::record::{Day, Digest, Invalid};

use super::about::{AnswerAsked, BeforeAsked, FormAsked, ValueAsked};

impl AnswerAsked {
    pub(super) fn of(given: &Given) -> Self {
        let value = match &given.value {
            Lent::NotKnown | Lent::NotAsked => None,
            Lent::YesNo(yes) => Some(ValueAsked::YesNo(*yes)),
            Lent::Options(ids) => Some(ValueAsked::Options(ids.clone())),
            Lent::Tenths(n) => Some(ValueAsked::Tenths(*n)),
            Lent::Thousandths(n) => Some(ValueAsked::Thousandths(*n)),
            Lent::Pence(n) => Some(ValueAsked::Pence(*n)),
            Lent::Day { day, month_only: true } => Some(ValueAsked::Month(*day)),
            Lent::Day { day, .. } => Some(ValueAsked::Day(*day)),
            Lent::Text(text) => Some(ValueAsked::Text(text.clone())),
            Lent::Person(person) => Some(ValueAsked::Person(*person)),
            Lent::Given => Some(ValueAsked::Given),
        };
        let state = match &given.value {
            Lent::NotKnown => "not-known",
            Lent::NotAsked => "not-asked",
            _ => "answered",
        };
        let (question, person) = (given.at.id.clone(), given.at.person);
        Self { question, person, item: given.at.item.map(u32::from), state: state.to_owned(), value }
    }
}

impl FormAsked {
    pub(super) fn of(form: &str, digest: Digest, answers: Vec<AnswerAsked>, before: Option<(Day, Vec<AnswerAsked>)>) -> Self {
        let before = before.map(|(on, answers)| BeforeAsked { on, answers });
        Self { form: form.to_owned(), digest, answers, before }
    }
}

/// Are these answers to a form of the plugin's, each to a question of it, of its kind and in its place? Whether all that must be answered is,
/// and whether a question shows, is judged of what was typed: of an assessment. A plugin without forms is asked about any.
///
/// # Errors
/// [`Invalid`] naming `form`, `digest`, or the answer.
pub(super) fn fits(forms: &[Form], asked: &FormAsked) -> Result<(), Invalid> {
    if forms.is_empty() {
        return Ok(());
    }
    let form = forms.iter().find(|f| f.form == asked.form).ok_or_else(|| {
        let known: Vec<&str> = forms.iter().map(|f| f.form.as_str()).collect();
        Invalid::new("form", format!("is not one of the plugin's forms ({})", known.join(", ")))
    })?;
    if asked.digest != form.digest() {
        return Err(Invalid::new("digest", "is of another version of the form than the plugin has"));
    }
    for (i, answer) in asked.answers.iter().enumerate() {
        fit(form, answer).map_err(|e| e.within(&format!("answers[{i}]")))?;
    }
    Ok(())
}

/// Does one answer fit its question of the form?
pub(super) fn fit(form: &Form, answer: &AnswerAsked) -> Result<(), Invalid> {
    let (question, group) = place(form, &answer.question).ok_or_else(|| Invalid::new("question", "is not a question of the form"))?;
    let (of_person, repeats) = match group.map(|g| &g.each) {
        Some(Each::EachPerson(_)) => (true, false),
        Some(Each::Repeat(_)) => (false, true),
        None => (false, false),
    };
    if of_person != answer.person.is_some() {
        return Err(Invalid::new("person", "stands exactly where the question is asked of each person"));
    }
    if repeats != answer.item.is_some() {
        return Err(Invalid::new("item", "stands exactly where the question is in a group that repeats"));
    }
    match &answer.value {
        None if question.not_known => Ok(()),
        None => Err(Invalid::new("state", "has to be `answered`: this question is not left open")),
        Some(value) => is_of(&question.asks, value).map_err(|e| e.within("value")),
    }
}

/// Where a question stands.
pub(super) fn place<'a>(form: &'a Form, id: &str) -> Option<(&'a Question, Option<&'a Group>)> {
    form.pages.iter().flat_map(|p| &p.items).find_map(|item| match item {
        Item::Question(question) if question.question == id => Some((&**question, None)),
        Item::Group(group) => group.items.iter().find_map(|inner| match inner {
            Item::Question(question) if question.question == id => Some((&**question, Some(group))),
            _ => None,
        }),
        _ => None,
    })
}

fn is_of(asks: &Asks, value: &ValueAsked) -> Result<(), Invalid> {
    let wrong = || Invalid::new("", format!("is not an answer to a question of the kind `{}`", asks.code()));
    match (asks, value) {
        (Asks::SingleChoice(options), ValueAsked::Options(ids)) if ids.len() == 1 => chosen(options, ids),
        (Asks::MultiChoice(options), ValueAsked::Options(ids)) if !ids.is_empty() => chosen(options, ids),
        (Asks::Scale(scale), ValueAsked::Tenths(n)) => {
            let on = crate::forms::Decimal::from_thousandths(i64::from(*n) * 100).filter(|p| *p >= scale.min && *p <= scale.max && scale.has_point(*p));
            on.map(drop).ok_or_else(|| Invalid::new("tenths", "is not a point of the scale"))
        }
        (Asks::Text | Asks::LongText, ValueAsked::Text(_))
        | (Asks::YesNo | Asks::Declaration(_), ValueAsked::YesNo(_))
        | (Asks::Date(_), ValueAsked::Day(_) | ValueAsked::Month(_))
        | (Asks::Number(_), ValueAsked::Thousandths(_))
        | (Asks::Money, ValueAsked::Pence(_))
        | (Asks::PersonRef, ValueAsked::Person(_) | ValueAsked::Given)
        | (
            Asks::Name
            | Asks::Address
            | Asks::Phone
            | Asks::Email
            | Asks::Identifier(_)
            | Asks::File(_)
            | Asks::Declaration(_)
            | Asks::ServiceRef
            | Asks::WorkerRef,
            ValueAsked::Given,
        )
        // The host works these out; what kind they come to is the form's own.
        | (Asks::Computed(_), _) => Ok(()),
        _ => Err(wrong()),
    }
}

fn chosen(options: &crate::forms::Options, ids: &[String]) -> Result<(), Invalid> {
    match ids.iter().position(|id| !options.ids().any(|o| o == id)) {
        Some(i) => Err(Invalid::new(format!("options[{i}]"), "is not an option of the question")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_answered_in_either_way_and_may_be_refused() {
        let both = |words: &str| serde_json::json!({ "en": words, "cy": words });
        let asks: Asks = serde_json::from_value(serde_json::json!({ "declaration": { "statement": both("It is so.") } })).unwrap();
        for value in [ValueAsked::Given, ValueAsked::YesNo(true), ValueAsked::YesNo(false)] {
            is_of(&asks, &value).unwrap_or_else(|e| panic!("{value:?}: {e}"));
        }
        assert!(is_of(&asks, &ValueAsked::Text("yes".into())).is_err());
        assert!(is_of(&Asks::Phone, &ValueAsked::YesNo(true)).is_err());
    }
}
