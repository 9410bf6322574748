//! Who works with a family: given a worker, with everybody's caseload beside, and the end of somebody's part.

use std::collections::HashMap;

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Of, ask as put, open};
use crate::codes::{ROLES, named};
use crate::pages::ranked::{Allocated, Reported};
use crate::ui::form::{Ask, Asked, Typed, button, once, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::{Visit, see_other};
use crate::words;

#[derive(Deserialize)]
struct Assignment {
    id: String,
    login: String,
    role: String,
    first: String,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    ended_why: Option<String>,
}

/// Somebody who works here, with their caseload.
#[derive(Deserialize)]
struct Worker {
    login: String,
    name: String,
    families: u32,
    covered: u32,
    #[serde(default)]
    most: Option<u32>,
    #[serde(default)]
    strengths: Vec<String>,
}

impl Worker {
    fn caseload(&self) -> String {
        let most = self.most.map(|m| format!(" of {m}")).unwrap_or_default();
        let covered = if self.covered > 0 { format!(", and covers {}", self.covered) } else { String::new() };
        format!("{}{most}{covered}", self.families)
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Asking {
    #[serde(default)]
    decision: String,
}

pub async fn workers(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asking): Query<Asking>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("decision", &asking.decision);
    page(&visit, &id, &typed, None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let assigned: List<Assignment> = visit.api.get(&visit.v1(&["families", id, "assignments"])).await?;
    let workers: Vec<Worker> =
        if visit.me.may("assign") { visit.api.get::<List<Worker>>(&visit.v1(&["workers"])).await?.items } else { Vec::new() };
    let asked = match typed.text("decision") {
        Some(decision) => Some(visit.api.get::<Allocated>(&visit.v1(&["decisions", decision])).await?),
        None => None,
    };
    let body = html! {
        (of.top(visit, "workers"))
        (now(visit, &of, &assigned.items, &workers))
        @if visit.me.may("assign") {
            (ranking(visit, &of, asked.as_ref(), &workers))
            (assign_form(visit, &of, &assigned.items, &workers, typed, problem))
        }
    };
    Ok(of.page(visit, "Who works with them", body).wrong(problem))
}

/// Names by login; whoever may not list workers knows their own.
fn names<'a>(visit: &'a Visit, workers: &'a [Worker]) -> HashMap<&'a str, &'a str> {
    let own = (visit.session.login.as_str(), visit.session.name.as_str());
    workers.iter().map(|w| (w.login.as_str(), w.name.as_str())).chain([own]).collect()
}

fn now(visit: &Visit, of: &Of, assigned: &[Assignment], workers: &[Worker]) -> Markup {
    let (today, names) = (words::today(), names(visit, workers));
    let row = |a: &Assignment| {
        let name = *names.get(a.login.as_str()).unwrap_or(&"A colleague");
        let over = a.last.as_deref().is_some_and(|last| last < today.as_str());
        let why = [a.reason.as_deref(), a.ended_why.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        vec![
            html! { (name) },
            html! { (named(&ROLES, &a.role)) },
            html! { (words::day(&a.first)) @if let Some(last) = &a.last { " to " (words::day(last)) } },
            html! { (why) },
            html! {
                @if visit.me.may("assign") && !over && a.last.is_none() {
                    a class="govuk-link" href=(of.to(visit, &["workers", &a.id, "end"])) { "End" span class="govuk-visually-hidden" { ": " (name) } }
                }
            },
        ]
    };
    let rows: Vec<_> = assigned.iter().map(row).collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Workers" } (list::nothing("Nobody works with this family yet.")) }
        @else { (list::table("Workers", &["Name", "As", "When", "Why", "Act"], &rows)) }
    }
}

fn ranking(visit: &Visit, of: &Of, asked: Option<&Allocated>, workers: &[Worker]) -> Markup {
    let names = names(visit, workers);
    html! {
        h2 class="govuk-heading-m" { "Who should take it?" }
        @if let Some(asked) = asked {
            p class="govuk-body" { "The rules say: " strong { (asked.says) } ". You decide." }
            ol class="govuk-list govuk-list--number" {
                @for (login, rank) in asked.ranked() {
                    li { (names.get(login).unwrap_or(&"Somebody")) (why(rank)) }
                }
            }
        }
        form method="post" action=(of.to(visit, &["workers", "allocation"])) novalidate {
            (once())
            (Asked::new(&Typed::default(), None).select(put("role", "As what"), &ROLES[..2]))
            (second_button("Ask the rules"))
        }
    }
}

fn why(rank: &Reported) -> Markup {
    html! { @if !rank.reasons.is_empty() { ": " (rank.reasons.iter().filter_map(|r| r.sentence.as_deref()).collect::<Vec<_>>().join(" ")) } }
}

fn assign_form(visit: &Visit, of: &Of, assigned: &[Assignment], workers: &[Worker], typed: &Typed, problem: Option<&Problem>) -> Markup {
    let names = names(visit, workers);
    let labels: Vec<(String, String)> = workers
        .iter()
        .map(|w| {
            let strengths = if w.strengths.is_empty() { String::new() } else { format!("; knows well: {}", w.strengths.join(", ")) };
            (w.login.clone(), format!("{}: families {}{strengths}", w.name, w.caseload()))
        })
        .collect();
    let choices: Vec<(&str, &str)> = labels.iter().map(|(login, label)| (login.as_str(), label.as_str())).collect();
    let others: Vec<(&str, &str)> = assigned
        .iter()
        .filter(|a| a.last.is_none())
        .map(|a| (a.id.as_str(), *names.get(a.login.as_str()).unwrap_or(&"A colleague")))
        .collect();
    let form = Asked::new(typed, problem);
    html! {
        h2 class="govuk-heading-m" { "Give the case to somebody" }
        form method="post" action=(of.to(visit, &["workers", "assignments"])) novalidate {
            (once())
            @if let Some(decision) = typed.text("decision") { (crate::ui::form::hidden("decision", decision)) }
            (form.select(Ask { name: "login", label: "Who", hint: "Beside each name: how many families they have now" }, &choices))
            (form.radios(put("role", "As what"), &ROLES))
            @if !others.is_empty() { (form.select(Ask { name: "instead_of", label: "Instead of", hint: "Leave it if nobody goes" }, &others)) }
            (form.day(Ask { name: "first", label: "From", hint: "Today, if you leave it" }))
            (form.line(Ask { name: "reason", label: "Why", hint: "Needed where somebody is replaced" }, "text"))
            (button("Give them the case"))
        }
    }
}

pub async fn ask(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "role": typed.text("role").unwrap_or("keyworker") });
    match visit.api.post(&visit.v1(&["families", &id, "allocations"]), &body, typed.once()).await {
        Ok(decision) => {
            let asked = query(&[("decision", decision["id"].as_str().unwrap_or_default()), ("told", "asked")]);
            Ok(see_other(&format!("{}{asked}", visit.to(&["families", &id, "workers"]))))
        }
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(page(&visit, &id, &Typed::default(), Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

pub async fn assign(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = Value::Object(typed.object(&["instead_of", "reason", "decision"]));
    for must in ["login", "role"] {
        body[must] = Value::from(typed.text(must).unwrap_or_default());
    }
    if let Some(first) = typed.day("first") {
        body["first"] = Value::from(first);
    }
    match visit.api.post(&visit.v1(&["families", &id, "assignments"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "workers"], "assigned")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}

pub async fn end(visit: Visit, Path((_, id, part)): Path<(String, String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("last", &words::today());
    end_asked(&visit, &id, &part, &typed, None).await
}

async fn end_asked(visit: &Visit, id: &str, part: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { "Family " (of.family.reference) }
        h1 class="govuk-heading-l" { "End their part in the case" }
        form method="post" action=(of.to(visit, &["workers", part, "end"])) novalidate {
            (once())
            (form.day(put("last", "Their last day")))
            (form.text(Ask { name: "reason", label: "Why", hint: "" }, 3))
            (button("End it"))
        }
    };
    Ok(of.below(visit, "workers", "Who works with them", "End their part in the case", body).wrong(problem))
}

pub async fn end_part(visit: Visit, Path((_, id, part)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = Value::Object(typed.object(&["reason"]));
    if let Some(last) = typed.day("last") {
        body["last"] = Value::from(last);
    }
    match visit.api.post(&visit.v1(&["assignments", &part, "end"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "workers"], "part-ended")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(end_asked(&visit, &id, &part, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
