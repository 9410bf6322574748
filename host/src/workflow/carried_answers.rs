//! What a plugin put while it carried answers over, as a draft of the newer form. What that form does not take is left out and named: it is asked again.

use std::collections::BTreeMap;

use super::about::{AnswerAsked, ValueAsked};
use super::answered;
use super::assessments::members;
use super::decide::Made;
use crate::forms::answers::PartDate;
use crate::forms::{Answer, Answers, Asks, Decimal, Each, Form, Language, Row, Setting, Wrong};
use crate::record::sections::Handle;
use crate::record::{PersonId, Snapshot};
use crate::sandbox::answer::Reported;
use crate::sandbox::matter::AnswerValue;
use crate::store::StoreError;

/// A draft of the newer form.
pub(super) struct New {
    pub answers: Answers,
    pub carried: u64,
    /// Each once.
    pub refused: Vec<String>,
}

/// # Errors
/// `Damaged` where the form cannot be judged.
pub(super) fn newly(form: &Form, language: Option<Language>, made: &Made) -> Result<New, StoreError> {
    let answers = Answers { form: form.form.clone(), digest: form.digest(), language, answers: BTreeMap::new(), groups: BTreeMap::new() };
    let mut new = New { answers, carried: 0, refused: Vec::new() };
    for reported in &made.answer.reported {
        let Reported::Put { question, person, item, value } = reported else { continue };
        let whom = person.map(|handle| who(&made.snapshot, handle));
        let value = told(&made.snapshot, value);
        let asked = AnswerAsked { question: question.clone(), person: whom.flatten(), item: *item, state: "answered".to_owned(), value };
        match put(form, &mut new.answers, asked) {
            Some(()) => new.carried += 1,
            None => new.refuse(question),
        }
    }
    let checked = form.check().map_err(|e| StoreError::Damaged(e.to_string()))?;
    let as_of = made.decision.as_of;
    let setting = Setting { as_of, members: members(&made.snapshot, as_of), earlier: Vec::new() };
    for wrong in checked.judge(&new.answers, &setting)?.wrong {
        if take_out(form, &mut new.answers, &wrong) {
            new.carried -= 1;
            new.refuse(&wrong.at.id);
        }
    }
    Ok(new)
}

impl New {
    fn refuse(&mut self, question: &str) {
        if !self.refused.iter().any(|r| r == question) {
            self.refused.push(question.to_owned());
        }
    }
}

fn who(snapshot: &Snapshot, handle: Handle) -> Option<PersonId> {
    snapshot.people.get(handle as usize).map(|p| p.id)
}

fn told(snapshot: &Snapshot, value: &AnswerValue) -> Option<ValueAsked> {
    Some(match value {
        AnswerValue::YesNo(yes) => ValueAsked::YesNo(*yes),
        AnswerValue::Options(ids) => ValueAsked::Options(ids.clone()),
        AnswerValue::Tenths(n) => ValueAsked::Tenths(*n),
        AnswerValue::Thousandths(n) => ValueAsked::Thousandths(*n),
        AnswerValue::Pence(n) => ValueAsked::Pence(*n),
        AnswerValue::Day(day) => ValueAsked::Day(*day),
        AnswerValue::Month(day) => ValueAsked::Month(*day),
        AnswerValue::Text(text) => ValueAsked::Text(text.clone()),
        AnswerValue::Person(handle) => ValueAsked::Person(who(snapshot, *handle)?),
        AnswerValue::Given => ValueAsked::Given,
    })
}

/// None: the newer form does not take it there.
fn put(form: &Form, answers: &mut Answers, asked: AnswerAsked) -> Option<()> {
    answered::fit(form, &asked).ok()?;
    let (question, group) = answered::place(form, &asked.question)?;
    let answer = answer(&question.asks, asked.value?)?;
    let place = match group {
        None => &mut answers.answers,
        Some(group) => {
            let rows = answers.groups.entry(group.group.clone()).or_default();
            let at = match (&group.each, asked.item) {
                (Each::Repeat(repeat), Some(item)) if item < u32::from(repeat.max) => item as usize,
                (Each::Repeat(_), _) => return None,
                (Each::EachPerson(_), _) => rows.iter().position(|r| r.person == asked.person).unwrap_or(rows.len()),
            };
            while rows.len() <= at {
                rows.push(Row { person: asked.person, answers: BTreeMap::new() });
            }
            &mut rows[at].answers
        }
    };
    place.insert(asked.question, answer);
    Some(())
}

/// None of what no plugin is told, and of what the host works out.
fn answer(asks: &Asks, value: ValueAsked) -> Option<Answer> {
    Some(match (asks, value) {
        (Asks::Text, ValueAsked::Text(text)) => Answer::Text(text),
        (Asks::LongText, ValueAsked::Text(text)) => Answer::LongText(text),
        (Asks::YesNo, ValueAsked::YesNo(yes)) => Answer::YesNo(yes),
        (Asks::SingleChoice(_), ValueAsked::Options(mut ids)) => Answer::SingleChoice(ids.pop()?),
        (Asks::MultiChoice(_), ValueAsked::Options(ids)) => Answer::MultiChoice(ids),
        (Asks::Scale(_), ValueAsked::Tenths(n)) => Answer::Scale(Decimal::from_thousandths(i64::from(n) * 100)?),
        (Asks::Number(_), ValueAsked::Thousandths(n)) => Answer::Number(Decimal::from_thousandths(n)?),
        (Asks::Money, ValueAsked::Pence(n)) => Answer::Money(n),
        (Asks::Date(_), ValueAsked::Day(day)) => Answer::Date(PartDate { day, month_only: false }),
        (Asks::Date(_), ValueAsked::Month(day)) => Answer::Date(PartDate { day, month_only: true }),
        (Asks::PersonRef, ValueAsked::Person(person)) => Answer::PersonRef(person),
        _ => return None,
    })
}

/// False: nothing was answered there, which is no fault of the answers.
fn take_out(form: &Form, answers: &mut Answers, wrong: &Wrong) -> bool {
    let Some((_, group)) = answered::place(form, &wrong.at.id) else { return false };
    let Some(group) = group else { return answers.answers.remove(&wrong.at.id).is_some() };
    let Some(rows) = answers.groups.get_mut(&group.group) else { return false };
    let row = match wrong.at.item {
        Some(item) => rows.get_mut(usize::from(item)),
        None => rows.iter_mut().find(|r| r.person == wrong.at.person),
    };
    row.is_some_and(|row| row.answers.remove(&wrong.at.id).is_some())
}
