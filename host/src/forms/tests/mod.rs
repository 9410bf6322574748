//! What forms promise, tried on small forms and on the reference plugin's own.

mod answering;
mod checking;
mod documented;
mod expressions;
mod random;
pub mod whole_family;

use serde_json::{Value, json};

use super::{Answers, FamilyMember, Form, Judged, Setting};
use crate::record::{PersonId, from_json};

pub fn both(text: &str) -> Value {
    json!({ "en": text, "cy": text })
}

/// A question of the least kind, with `more` fields.
pub fn question(id: &str, asks: Value, more: Value) -> Value {
    let mut question = json!({ "question": id, "asks": asks, "label": both(id) });
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    question
}

/// A form of one page.
pub fn form(items: Value) -> Value {
    json!({ "form": "small", "title": both("Small"), "pages": [{ "page": "only", "title": both("Only"), "items": items }] })
}

pub fn read(form: Value) -> Form {
    from_json(form).unwrap_or_else(|e| panic!("{e}"))
}

/// The fault of a form that is not taken.
pub fn refused(form: Value) -> String {
    match from_json::<Form>(form) {
        Err(e) => e.to_string(),
        Ok(form) => form.check().map(|_| ()).expect_err("the form was taken").to_string(),
    }
}

pub fn person(n: u8) -> PersonId {
    PersonId::from_bytes(&[n; 16]).unwrap()
}

/// A family on 31 August 2026 whose n-th member has the n-th age.
pub fn family(ages: &[Option<u8>]) -> Setting {
    let members = ages.iter().zip(1..).map(|(age, n)| FamilyMember { person: person(n), age: *age }).collect();
    Setting { as_of: "2026-08-31".parse().unwrap(), members, earlier: Vec::new() }
}

/// Answers to `form`: `answers` and `groups` as they are sent.
pub fn answers(form: &Form, answers: Value, groups: Value) -> Answers {
    from_json(json!({ "form": form.form, "digest": form.digest(), "answers": answers, "groups": groups })).unwrap_or_else(|e| panic!("{e}"))
}

pub fn judged(form: &Form, given: &Answers, setting: &Setting) -> Judged {
    form.check().unwrap_or_else(|e| panic!("{e}")).judge(given, setting).unwrap()
}

/// What is wrong, in short: `score item 0: too-precise`.
pub fn wrongs(judged: &Judged) -> Vec<String> {
    judged.wrong.iter().map(|w| format!("{}: {}", place(&w.at), json!(w.why).as_str().unwrap())).collect()
}

pub fn place(slot: &super::Slot) -> String {
    let item = slot.item.map_or(String::new(), |n| format!(" item {n}"));
    let person = slot.person.map_or(String::new(), |p| format!(" person {}", p.as_bytes()[0]));
    format!("{}{item}{person}", slot.id)
}
