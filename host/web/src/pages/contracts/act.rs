//! What is done about a contract: its rules are asked, it is signed, reviewed and ended.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{Contract, asked, contract_page};
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once, second_button, warning_button};
use crate::ui::list;
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn forms(visit: &Visit, c: &Contract, answers: &[asked::Answer], typed: &Typed, problem: Option<&Problem>) -> Markup {
    if !visit.me.may("keep-contracts") {
        return html! {};
    }
    // A problem stands at the form that was sent: each carries its own name.
    let of = |form: &str| if typed.text("form") == Some(form) { (typed.clone(), problem) } else { (Typed::default(), None) };
    match c.state.as_str() {
        "draft" => html! {
            @if c.rules_are_asked() { (ask_form(visit, c, &["check-contract"], &of("ask"))) }
            (sign_form(visit, c, answers, &of("sign")))
        },
        "signed" => html! {
            @if c.rules_are_asked() { (ask_form(visit, c, &["payment", "review"], &of("ask"))) }
            (review_form(visit, c, answers, &of("review")))
            (end_form(visit, c, &of("end")))
        },
        _ => html! {},
    }
}

impl Contract {
    const fn rules_are_asked(&self) -> bool {
        self.installation.is_some()
    }
}

type Back<'a> = (Typed, Option<&'a Problem>);

fn ask_form(visit: &Visit, c: &Contract, questions: &[&str], (_, problem): &Back<'_>) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Ask the rules" }
        @if let Some(problem) = problem { p class="govuk-error-message" { (problem.words()) } }
        div class="hearth-buttons-in-line" {
            @for question in questions {
                form method="post" action=(visit.to(&["contracts", &c.id, "decisions"])) {
                    (once()) (hidden("form", "ask")) (hidden("question", question))
                    (second_button(&asked::question(question)))
                }
            }
        }
    }
}

fn sign_form(visit: &Visit, c: &Contract, answers: &[asked::Answer], (typed, problem): &Back<'_>) -> Markup {
    let check = asked::latest(answers, "check-contract");
    let form = Asked::new(typed, *problem);
    html! {
        h2 class="govuk-heading-m" { "Sign it" }
        @if c.rules_are_asked() && check.is_none() { (list::nothing("The rules are asked first: whoever signs has read what they say.")) }
        @else {
            form method="post" action=(visit.to(&["contracts", &c.id, "signature"])) novalidate {
                (once()) (hidden("form", "sign"))
                @if let Some(check) = check { (hidden("decision", &check.id)) }
                (form.text(Ask { name: "why", label: "Why, if the check found otherwise than within the rules", hint: "It names no family" }, 2))
                (button("Sign it"))
            }
        }
    }
}

const REVIEWS: &[(&str, &str)] = &[("continue", "It goes on"), ("improve", "It has to improve"), ("end", "It is to end")];

fn review_form(visit: &Visit, c: &Contract, answers: &[asked::Answer], (typed, problem): &Back<'_>) -> Markup {
    let answer = asked::latest(answers, "review");
    let mut typed = typed.clone();
    if typed.day("on").is_none() {
        typed.set_day("on", &words::today());
    }
    let form = Asked::new(&typed, *problem);
    html! {
        h2 class="govuk-heading-m" { "Settle a review" }
        @if c.rules_are_asked() && answer.is_none() { (list::nothing("The rules are asked for their review first.")) }
        @else {
            form method="post" action=(visit.to(&["contracts", &c.id, "reviews"])) novalidate {
                (once()) (hidden("form", "review"))
                @if let Some(answer) = answer { (hidden("decision", &answer.id)) }
                (form.radios(Ask { name: "act", label: "What do you settle?", hint: "" }, REVIEWS))
                (form.day(Ask { name: "on", label: "Day of the review", hint: "" }))
                (form.text(Ask { name: "why", label: "Why, if you do otherwise than the rules said", hint: "It names no family" }, 2))
                (button("Settle it"))
            }
        }
    }
}

fn end_form(visit: &Visit, c: &Contract, (typed, problem): &Back<'_>) -> Markup {
    // The days of two forms stand on one page: each has its own name.
    let form = Asked::new(typed, *problem);
    let inner = html! {
        form method="post" action=(visit.to(&["contracts", &c.id, "end"])) novalidate {
            (once()) (hidden("form", "end"))
            (form.day(Ask { name: "last", label: "Its last day", hint: "" }))
            (form.text(Ask { name: "reason", label: "Why it ends", hint: "It names no family" }, 2))
            (warning_button("End it"))
        }
    };
    html! { @if problem.is_some() { h2 class="govuk-heading-m" { "End it" } (inner) } @else { (list::details("End it", &inner)) } }
}

pub async fn ask(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["question"]);
    body.insert("as_of".to_owned(), Value::from(words::today()));
    act(&visit, &id, "decisions", body, &typed, "asked").await
}

pub async fn sign(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    act(&visit, &id, "signature", typed.object(&["decision", "why"]), &typed, "signed").await
}

pub async fn review(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["act", "decision", "why"]);
    body.extend(typed.day("on").map(|on| ("on".to_owned(), Value::from(on))));
    act(&visit, &id, "reviews", body, &typed, "saved").await
}

pub async fn end(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = Map::new();
    body.extend(typed.day("last").map(|on| ("on".to_owned(), Value::from(on))));
    body.extend(typed.text("reason").map(|why| ("why".to_owned(), Value::from(why))));
    act(&visit, &id, "end", body, &typed, "ended").await
}

async fn act(visit: &Visit, id: &str, what: &str, body: Map<String, Value>, typed: &Typed, told: &str) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["contracts", id, what]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["contracts", id], told)),
        Err(problem) => {
            let problem = if what == "end" { problem.renamed(&[("on", "last"), ("why", "reason")]) } else { problem };
            Ok(contract_page(visit, id, typed, Some(&problem)).await?.into_response())
        }
    }
}
