//! The pathway asked, confirmed, or set aside with a reason.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Referral, opened, page};
use crate::codes::{PRIORITIES, TRIAGES};
use crate::pages::ranked::Allocated;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

pub async fn triage(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match visit.api.post(&visit.v1(&["referrals", &id, "triage"]), &json!({}), typed.once()).await {
        Ok(_) => Ok(visit.done(&["referrals", &id], "asked")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(page(&visit, &id, &Typed::default(), Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

/// `ask-more` needs words for the sender.
pub fn confirm_form(
    visit: &Visit,
    r: &Referral,
    decision: &str,
    answer: Option<&Allocated>,
    typed: &Typed,
    problem: Option<&Problem>,
) -> Markup {
    let asks = answer.is_none_or(|a| a.says == "More has to be known" || a.result == "ask-more");
    html! {
        form method="post" action=(visit.to(&["referrals", &r.id, "confirmation"])) novalidate {
            (once())
            (hidden("decision", decision))
            @if asks { (Asked::new(typed, problem).text(Ask { name: "question", label: "What the sender is asked", hint: "They read it: write nothing of the record" }, 3)) }
            (button("Confirm what the rules say"))
        }
    }
}

pub async fn confirm(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = Value::Object(typed.object(&["decision", "question"]));
    match visit.api.post(&visit.v1(&["referrals", &id, "confirmation"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["referrals", &id], "confirmed")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}

pub async fn otherwise(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    asked(&visit, &id, &Typed::default(), None).await
}

async fn asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let (_, decision) = opened(visit, id).await?;
    let form = Asked::new(typed, problem);
    // What the pathway has for this referral is offered as it names it; another of its levels is typed.
    let reported = |what: &str| decision.as_ref().and_then(|d| d.reported.iter().find(|r| r.report == what));
    let level = reported("level").and_then(|r| r.level.as_deref()).unwrap_or_default();
    let route = reported("route").and_then(|r| r.route.as_deref()).unwrap_or_default();
    let hint = |code: &str| {
        if code.is_empty() {
            "A code of the pathway's, if you want one".to_owned()
        } else {
            format!("The rules said: {code}. Leave it for none")
        }
    };
    let (level, route) = (hint(level), hint(route));
    let body = html! {
        h1 class="govuk-heading-l" { "Decide otherwise" }
        p class="govuk-body" { "What the rules said stays beside what you decide." }
        form method="post" action=(visit.to(&["referrals", id, "override"])) novalidate {
            (once())
            (form.radios(Ask { name: "answer", label: "What is to become of it", hint: "" }, &TRIAGES))
            (form.radios(Ask { name: "priority", label: "How soon", hint: "" }, &PRIORITIES))
            (form.line(Ask { name: "level", label: "Level", hint: &level }, "text"))
            (form.line(Ask { name: "goes_to", label: "Goes to", hint: &route }, "text"))
            (form.text(Ask { name: "question", label: "If more has to be known: what the sender is asked", hint: "They read it: write nothing of the record" }, 3))
            (form.text(Ask { name: "reason", label: "Why", hint: "Whoever looks at the referral reads it" }, 4))
            (button("Decide so"))
        }
    };
    let above = [visit.crumb(&["referrals"], "Front door"), visit.crumb(&["referrals", id], "The referral")];
    Ok(visit.page("Decide otherwise", body).below(above).wrong(problem).private())
}

pub async fn override_it(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("answer", "say what is to become of it"), ("reason", "say why")]) {
        return Ok(asked(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    let instead = typed.object(&["answer", "level", "goes_to", "priority"]);
    let mut body = Value::Object(typed.object(&["question"]));
    body["instead"] = Value::Object(instead);
    body["reason"] = Value::from(typed.text("reason").unwrap_or_default());
    match visit.api.post(&visit.v1(&["referrals", &id, "override"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["referrals", &id], "overridden")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}
