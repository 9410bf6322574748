//! The answers to the form, looked up by question.

use std::collections::BTreeSet;

use crate::hearth::assessment::answers::{Answer, Value};
use crate::hearth::family::types::{Day, Person};

/// Questions that are asked about each child and must be answered: who has one is a child of the form.
const OF_A_CHILD: [&str; 3] = ["school-age", "seen-alone", "child-score"];

#[derive(Default)]
pub struct Answers(Vec<Answer>);

/// Whether the family agreed that what is written is shared.
#[derive(Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    Refused,
    NotAsked,
}

impl Answers {
    pub const fn new(rows: Vec<Answer>) -> Self {
        Self(rows)
    }

    /// The answer, whatever its state. Outside groups for each person there is no `person`.
    pub fn get(&self, question: &str, person: Option<Person>) -> Option<&Answer> {
        self.0.iter().find(|row| row.question == question && row.person == person)
    }

    /// A point on a scale, in tenths.
    pub fn point(&self, question: &str, person: Option<Person>) -> Option<i32> {
        let Some(Value::Tenths(point)) = self.get(question, person)?.value else { return None };
        Some(point)
    }

    /// A number, in tenths, rounded down.
    pub fn tenths(&self, question: &str, person: Option<Person>) -> Option<i32> {
        let Some(Value::Thousandths(number)) = self.get(question, person)?.value else { return None };
        i32::try_from(number.div_euclid(100)).ok()
    }

    pub fn is_yes(&self, question: &str, person: Option<Person>) -> Option<bool> {
        let Some(Value::YesNo(yes)) = self.get(question, person)?.value else { return None };
        Some(yes)
    }

    pub fn day(&self, question: &str) -> Option<Day> {
        let Some(Value::Day(day)) = self.get(question, None)?.value else { return None };
        Some(day)
    }

    /// The options chosen; none of them where the question was not answered.
    pub fn chosen(&self, question: &str) -> &[String] {
        match self.get(question, None).and_then(|row| row.value.as_ref()) {
            Some(Value::Options(options)) => options,
            _ => &[],
        }
    }

    pub fn has_chosen(&self, question: &str, option: &str) -> bool {
        self.chosen(question).iter().any(|chosen| chosen == option)
    }

    /// Whom the form asks about as a child, by handle.
    pub fn children(&self) -> BTreeSet<Person> {
        self.0.iter().filter(|row| OF_A_CHILD.contains(&row.question.as_str())).filter_map(|row| row.person).collect()
    }

    /// Questions that somebody asked and nobody could answer, each once, in the form's order.
    pub fn not_known(&self) -> Vec<&str> {
        let mut questions: Vec<&str> = Vec::new();
        for row in self.0.iter().filter(|row| row.state == "not-known") {
            if !questions.contains(&row.question.as_str()) {
                questions.push(&row.question);
            }
        }
        questions
    }

    /// The form asks why only where the family would not agree, and shows its other pages only where it did.
    pub fn consent(&self) -> Consent {
        if self.get("consent-refused", None).is_some() {
            Consent::Refused
        } else if self.get("consent", None).is_some() {
            Consent::Given
        } else {
            Consent::NotAsked
        }
    }

    pub fn is_closing(&self) -> bool {
        self.has_chosen("assessment", "closing")
    }
}
