//! What the rules answered about a contract, in sentences.

use maud::{Markup, html};
use serde::Deserialize;

use crate::codes;
use crate::ui::list;
use crate::words;

#[derive(Deserialize)]
pub struct Answer {
    pub id: String,
    pub question: String,
    as_of: String,
    at: String,
    result: String,
    says: String,
    version: u32,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    reported: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    report: String,
    heading: String,
    #[serde(default)]
    kept: Option<bool>,
    #[serde(default)]
    amount_pence: Option<i64>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    family_number: Option<u32>,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    sentence: Option<String>,
}

const QUESTIONS: &[(&str, &str)] = &[("check-contract", "Check of the terms"), ("payment", "What is due"), ("review", "Review")];

pub fn question(code: &str) -> String {
    QUESTIONS.iter().find(|(q, _)| *q == code).map_or_else(|| words::code(code), |(_, name)| (*name).to_owned())
}

fn colour(result: &str) -> &'static str {
    match result {
        "within-rules" | "continue" | "due" => "green",
        "breaks-rules" | "end" => "red",
        "not-enough-evidence" | "improve" => "yellow",
        _ => "grey",
    }
}

/// The latest to each question whole, and those before in a line.
pub fn answers(all: &[Answer]) -> Markup {
    let mut newest: Vec<&Answer> = all.iter().collect();
    newest.sort_by(|a, b| b.at.cmp(&a.at));
    let is_latest = |a: &&&Answer| newest.iter().find(|b| b.question == a.question).is_some_and(|b| b.id == a.id);
    let (latest, before): (Vec<&&Answer>, Vec<&&Answer>) = newest.iter().partition(|a| is_latest(a));
    html! {
        @if !all.is_empty() {
            h2 class="govuk-heading-m" { "What the rules said" }
            @for a in latest { (one(a)) }
            @if !before.is_empty() {
                (list::details("Answers before these", &html! {
                    ul class="govuk-list" {
                        @for a in before { li { (question(&a.question)) ", as of " (words::day(&a.as_of)) ": " (a.says) } }
                    }
                }))
            }
        }
    }
}

fn one(a: &Answer) -> Markup {
    html! {
        h3 class="govuk-heading-s" { (question(&a.question)) " " (list::tag(&a.says, colour(&a.result))) }
        p class="govuk-hint" { "As of " (words::day(&a.as_of)) ", about version " (a.version) " of the terms; asked " (words::at(&a.at)) }
        @if let Some(refused) = &a.refused { (list::inset(refused)) }
        @for r in &a.reported { (reported(r)) }
    }
}

fn reported(r: &Reported) -> Markup {
    let what = match r.report.as_str() {
        "line" => {
            html! { (r.amount_pence.map(words::pounds).unwrap_or_default()) ", " (r.kind.as_deref().map(|k| codes::PAYMENT_KINDS.words(k)).unwrap_or_default()) }
        }
        _ => html! {},
    };
    html! {
        div class="govuk-body" {
            strong { (r.heading) @if let Some(n) = r.family_number { ", family number " (n) } } " " (what) " "
            @match r.kept {
                Some(true) => { (list::tag("Kept", "green")) }
                Some(false) => { (list::tag("Not kept", "red")) }
                None => {}
            }
            @for reason in &r.reasons { @if let Some(sentence) = &reason.sentence { br; (sentence) } }
        }
    }
}

/// The latest answer to a question, if there is one.
pub fn latest<'a>(all: &'a [Answer], question: &str) -> Option<&'a Answer> {
    all.iter().filter(|a| a.question == question).max_by(|a, b| a.at.cmp(&b.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_answer_is_found_however_they_are_ordered() {
        let answer = |id: &str, at: &str| {
            serde_json::from_value::<Answer>(serde_json::json!({
                "id": id, "question": "review", "as_of": "2026-11-22", "at": at, "result": "continue", "says": "Continue", "version": 1,
            }))
            .unwrap()
        };
        let all = [answer("b", "2026-11-22T10:00:00Z"), answer("a", "2026-11-21T10:00:00Z")];
        assert_eq!(latest(&all, "review").map(|a| a.id.as_str()), Some("b"));
        assert!(latest(&all, "payment").is_none());
    }
}
