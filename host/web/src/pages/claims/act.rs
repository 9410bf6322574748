//! What can be done to a claim: a form for each act, where it can be done now and by this visitor.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{Whole, claim_page};
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

/// An act of the API's, what a person calls it, and what it looks like when it is done.
const ACTS: &[(&str, &str, &str)] = &[
    ("put-forward", "Put it forward for checking", "Put forward"),
    ("pass", "Pass it", "Passed"),
    ("send-back", "Send it back", "Sent back"),
    ("refuse", "Refuse it", "Refused"),
    ("approve", "Approve it", "Approved"),
    ("put-in-batch", "Put it in a file", "Put in a file"),
    ("take-out-of-batch", "Take it out of its file", "Taken out of its file"),
    ("submit", "Submit it", "Submitted"),
    ("pay", "It was paid", "Paid"),
    ("turn-down", "It was turned down", "Turned down"),
    ("withdraw", "Withdraw it", "Withdrawn"),
    ("repay", "It was paid back", "Paid back"),
    ("look", "I looked at the corrected facts", "Corrected facts looked at"),
];

/// Those of a stage of the audit.
const CHECKS: [&str; 3] = ["pass", "send-back", "refuse"];
/// Those of a whole file of claims.
const OF_FILES: [&str; 3] = ["put-in-batch", "take-out-of-batch", "submit"];

pub fn done_words(act: &str) -> String {
    ACTS.iter().find(|(a, ..)| *a == act).map_or_else(|| crate::words::code(act), |(.., done)| (*done).to_owned())
}

fn choices<'a>(acts: &[&'a str]) -> Vec<(&'a str, &'static str)> {
    acts.iter().filter_map(|act| ACTS.iter().find(|(a, ..)| a == act).map(|(_, words, _)| (*act, *words))).collect()
}

pub fn forms(visit: &Visit, claim: &Whole, typed: &Typed, problem: Option<&Problem>) -> Markup {
    let next = || claim.next.iter().map(String::as_str);
    let checks: Vec<&str> = next().filter(|a| CHECKS.contains(a)).collect();
    let is_step = |a: &&str| !CHECKS.contains(a) && !OF_FILES.contains(a) && (*a != "look" || !claim.corrected.is_empty());
    let steps: Vec<&str> = next().filter(is_step).collect();
    let number = claim.claim.claim.to_string();
    let form = Asked::new(typed, problem);
    html! {
        @if !checks.is_empty() && visit.me.may("check-claims") {
            @if let Some(stage) = claim.stage() {
                h2 class="govuk-heading-m" { "Check it: " (stage.name) }
                form method="post" action=(visit.to(&["claims", &number, "checks"])) novalidate {
                    (once()) (hidden("stage", &stage.name))
                    (form.radios(Ask { name: "act", label: "What do you find?", hint: "" }, &choices(&checks)))
                    (form.text(Ask { name: "reason", label: "Why", hint: "Needed when you send it back or refuse it. Only whoever sees all of the family reads it." }, 3))
                    (button("Say so"))
                }
            }
        }
        @if !steps.is_empty() && visit.me.may("claim-results") { (steps_form(visit, &number, &form, &steps)) }
    }
}

fn steps_form(visit: &Visit, number: &str, form: &Asked<'_>, steps: &[&str]) -> Markup {
    let money = steps.iter().any(|a| matches!(*a, "pay" | "repay" | "turn-down"));
    html! {
        h2 class="govuk-heading-m" { "Carry it on" }
        form method="post" action=(visit.to(&["claims", number, "steps"])) novalidate {
            (once())
            (form.radios(Ask { name: "act", label: "What is done?", hint: "" }, &choices(steps)))
            @if money {
                (form.day(Ask { name: "on", label: "On which day", hint: "If it was paid, turned down or paid back" }))
                (form.number(Ask { name: "amount_pence", label: "How much", hint: "If it was paid or paid back" }, "£", ""))
                (form.line(Ask { name: "reference", label: "The payer's reference", hint: "If there is one" }, "text"))
            }
            (form.text(Ask { name: "reason", label: "Why", hint: "If it is withdrawn, turned down or paid back" }, 3))
            (button("Carry it on"))
        }
    }
}

pub async fn check(visit: Visit, Path((_, number)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    act(&visit, &number, "checks", typed.object(&["act", "stage", "reason"]), &typed).await
}

pub async fn step(visit: Visit, Path((_, number)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["act", "reason", "reference"]);
    body.extend(typed.day("on").map(|on| ("on".to_owned(), Value::from(on))));
    body.extend(typed.pence("amount_pence").map(|pence| ("amount_pence".to_owned(), pence)));
    act(&visit, &number, "steps", body, &typed).await
}

async fn act(visit: &Visit, number: &str, what: &str, body: Map<String, Value>, typed: &Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["claims", number, what]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["claims", number], "done")),
        Err(problem) => Ok(claim_page(visit, number, typed, Some(&problem)).await?.into_response()),
    }
}
