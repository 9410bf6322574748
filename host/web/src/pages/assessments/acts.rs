//! What is done with an assessment beside typing it: signed for the family, signed off, sent back, amended, given up.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::{Value, json};

use super::{InLanguage, Opened};
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

pub async fn sign_page(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<InLanguage>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("on", &crate::words::today());
    asked_to_sign(&visit, &id, &asked, &typed, None).await
}

async fn asked_to_sign(visit: &Visit, id: &str, asked: &InLanguage, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let opened = Opened::of(visit, id, asked).await?;
    let people = opened.family.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let how = [
        ("in-person", opened.word("They read it and agreed, with me")),
        ("read-over-phone", opened.word("I read it to them on the telephone, and they agreed")),
    ];
    let form = Asked::new(typed, problem).language(&opened.language);
    let title = opened.word("Sign it for the family");
    let body = html! {
        (opened.other_language(&visit.to(&["assessments", id, "signatures"])))
        span class="govuk-caption-l" { (opened.title()) ", " (opened.family.reference) }
        h1 class="govuk-heading-l" { (title) }
        form method="post" action=(opened.to(visit, &["signatures"])) novalidate {
            (once())
            (form.boxes(Ask { name: "people", label: opened.word("Who agrees with it"), hint: "" }, &people))
            (form.radios(Ask { name: "how", label: opened.word("How"), hint: "" }, &how))
            (form.day(Ask { name: "on", label: opened.word("When"), hint: "" }))
            (button(opened.word("Sign it for them")))
        }
    };
    let above = opened.above(visit).into_iter().chain([crate::ui::Crumb(opened.to(visit, &[]), opened.title().to_owned())]);
    Ok(visit.page(title, body).below(above).wrong(problem).language(&opened.language).private())
}

pub async fn sign(
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<InLanguage>,
    typed: Typed,
) -> Result<Response, Failed> {
    let mut body = json!({ "people": typed.all("people"), "how": typed.text("how").unwrap_or_default() });
    if let Some(on) = typed.day("on") {
        body["on"] = Value::from(on);
    }
    match visit.api.post(&visit.v1(&["assessments", &id, "signatures"]), &body, typed.once()).await {
        Ok(_) => Ok(asked.done(&visit, &id, "signed")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(asked_to_sign(&visit, &id, &asked, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

pub async fn sign_off(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    visit.api.post(&visit.v1(&["assessments", &id, "sign-off"]), &json!({}), typed.once()).await?;
    Ok(visit.done(&["assessments", &id], "signed-off"))
}

/// Acts that need a reason: their step of the address, heading, what the reason is for, button, and what is told.
const WITH_REASON: &[(&str, &str, &str, &str, &str)] = &[
    ("return", "Send it back", "Whoever did it reads this", "Send it back", "sent-back"),
    ("amendment", "Amend it", "A new version begins with these answers; the one before stays", "Begin the new version", "begun"),
    ("end", "Give this draft up", "What was typed stays, and counts for nothing", "Give it up", "given-up"),
];

type Reason = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn reason(act: &str) -> Result<Reason, Failed> {
    let none = || {
        let status = axum::http::StatusCode::NOT_FOUND;
        Failed::Refused(Problem::of_pages("no-such-page", "Page not found", status, "there is nothing at this address"))
    };
    WITH_REASON.iter().find(|(of, ..)| *of == act).copied().ok_or_else(none)
}

pub async fn why_page(visit: Visit, Path((_, id, act)): Path<(String, String, String)>) -> Result<Page, Failed> {
    why_asked(&visit, &id, reason(&act)?, &Typed::default(), None).await
}

async fn why_asked(visit: &Visit, id: &str, act: Reason, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let opened = Opened::of(visit, id, &InLanguage::default()).await?;
    let (step, heading, hint, words, _) = act;
    let body = html! {
        span class="govuk-caption-l" { (opened.title()) ", " (opened.family.reference) }
        h1 class="govuk-heading-l" { (heading) }
        form method="post" action=(visit.to(&["assessments", id, step])) novalidate {
            (once())
            (Asked::new(typed, problem).text(Ask { name: "reason", label: "Why", hint }, 4))
            (button(words))
        }
    };
    let above = opened.above(visit).into_iter().chain([visit.crumb(&["assessments", id], opened.title())]);
    Ok(visit.page(heading, body).below(above).wrong(problem).private())
}

pub async fn why(visit: Visit, Path((_, id, act)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let act = reason(&act)?;
    if let Some(problem) = typed.lacks(&[("reason", "say why")]) {
        return Ok(why_asked(&visit, &id, act, &typed, Some(&problem)).await?.into_response());
    }
    let body = json!({ "reason": typed.text("reason").unwrap_or_default() });
    match visit.api.post(&visit.v1(&["assessments", &id, act.0]), &body, typed.once()).await {
        // An amendment is an assessment of its own.
        Ok(answer) => Ok(visit.done(&["assessments", answer["id"].as_str().unwrap_or(&id)], act.4)),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(why_asked(&visit, &id, act, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
