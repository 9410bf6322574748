//! What help a family was to get, and what became of it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::{Of, ask as put, open};
use crate::codes::{PROBLEMS, SERVICE_KINDS, named};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Help {
    id: String,
    kind: String,
    asked_by: String,
    at: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    referrals: Vec<Referred>,
    withdrawn: bool,
}

#[derive(Deserialize)]
struct Referred {
    service_name: String,
    state: String,
    answer_by: String,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    began: Option<String>,
    #[serde(default)]
    sessions: Vec<Sessions>,
}

impl Referred {
    fn is_going(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "unanswered" | "accepted")
    }
}

#[derive(Deserialize)]
struct Sessions {
    kept: u32,
    offered: u32,
}

pub async fn help(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    page(&visit, &id, &Typed::default(), None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let all: Option<List<Help>> = visit.api.maybe(&visit.v1(&["families", id, "help-requests"])).await?;
    let body = html! {
        (of.top(visit, "help"))
        h2 class="govuk-heading-m" { "Help asked for" }
        @match &all {
            None => { (list::inset("What help this family gets is withheld from you.")) }
            Some(all) if all.items.is_empty() => { (list::nothing("No help was asked for yet.")) }
            Some(all) => { @for one in &all.items { (help_of(visit, &of, one)) } }
        }
        @if visit.me.may("decide") { (form(visit, &of, typed, problem)) }
    };
    Ok(of.page(visit, "Help", body).wrong(problem))
}

fn help_of(visit: &Visit, of: &Of, one: &Help) -> Markup {
    let problems = one.problems.iter().map(|p| named(&PROBLEMS, p)).collect::<Vec<_>>().join("; ");
    html! {
        h3 class="govuk-heading-s" { (named(&SERVICE_KINDS, &one.kind)) @if one.withdrawn { " " (list::tag("Withdrawn", "grey")) } }
        p class="govuk-body" {
            "Asked for by " (words::who(&one.asked_by)) ", " (words::at(&one.at)) "."
            @if let Some(name) = one.person.as_deref().and_then(|p| of.family.name_of(p)) { " For " (name) "." }
            @if let Some(by) = &one.by { " Needed by " (words::day(by)) "." }
            @if !problems.is_empty() { " Because of: " (problems) "." }
        }
        @if one.referrals.is_empty() { p class="govuk-body" { "Not referred to a service yet." } }
        ul class="govuk-list govuk-list--bullet" { @for r in &one.referrals { li { (referred(r)) } } }
        @if visit.me.may("decide") && !one.withdrawn && !one.referrals.iter().any(Referred::is_going) {
            div class="hearth-buttons-in-line" {
                p class="govuk-body" { (list::link(&of.to(visit, &["help", &one.id]), "Find a service for it")) }
                (act(&of.to(visit, &["help", &one.id, "withdrawal"]), "Withdraw it"))
            }
        }
    }
}

fn referred(r: &Referred) -> Markup {
    let (kept, offered) = r.sessions.iter().fold((0, 0), |(k, o), s| (k + s.kept, o + s.offered));
    html! {
        (r.service_name) ": " (words::code(&r.state).to_lowercase())
        @if r.state == "sent" { ", to be answered by " (words::at(&r.answer_by)) }
        @if let Some(began) = &r.began { ", began " (words::day(began)) }
        @if offered > 0 { ", " (kept) " of " (offered) " sessions kept" }
        @if let Some(why) = &r.why { ". Why: " (why) }
    }
}

fn form(visit: &Visit, of: &Of, typed: &Typed, problem: Option<&Problem>) -> Markup {
    let people = of.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let form = Asked::new(typed, problem);
    html! {
        h2 class="govuk-heading-m" { "Ask for help" }
        form method="post" action=(of.to(visit, &["help"])) novalidate {
            (once())
            (form.select(put("kind", "What kind of help"), &SERVICE_KINDS))
            (form.select(Ask { name: "person", label: "For whom", hint: "Leave it if it is for the whole family" }, &people))
            (form.boxes(put("problems", "Because of"), &PROBLEMS))
            (form.day(put("by", "Needed by")))
            (button("Ask for it"))
        }
    }
}

pub async fn ask(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("kind", "choose what kind of help")]) {
        return Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    let mut body = Value::Object(typed.object(&["person"]));
    body["kind"] = Value::from(typed.text("kind").unwrap_or_default());
    body["problems"] = Value::from(typed.all("problems"));
    if let Some(by) = typed.day("by") {
        body["by"] = Value::from(by);
    }
    match visit.api.post(&visit.v1(&["families", &id, "help-requests"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "help"], "help-asked")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}
