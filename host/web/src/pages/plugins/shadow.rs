//! A candidate beside the one that decides: begun, what it would have said, ended.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::installation::{Installation, above};
use super::{Version, no_day};
use crate::Pages;
use crate::pages::common::{After, sorted};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/shadow", get(shadow).post(begin))
        .route("/{authority}/plugins/adopted/{installation}/shadow/end", post(end))
        .route("/{authority}/plugins/adopted/{installation}/shadow/answers", get(answers))
}

#[derive(Deserialize)]
struct Shadow {
    began: String,
    until: String,
    by: String,
    reason: String,
    #[serde(default)]
    ended: Option<String>,
    #[serde(default)]
    ended_by: Option<String>,
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    asked: u64,
    same: u64,
    different: u64,
    reasons: u64,
    failed: u64,
    dropped: u64,
    results: u64,
    criteria: BTreeMap<String, u64>,
    claims: u64,
    tasks: u64,
    actions: u64,
    reported: u64,
    failures: BTreeMap<String, u64>,
}

async fn shadow(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    page(&visit, &id, &Typed::default(), None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let last: Option<Shadow> = visit.api.maybe(&visit.v1(&["installations", id, "shadow"])).await?;
    let running = last.as_ref().is_some_and(|s| s.ended.is_none());
    let may = visit.me.may("install-plugins");
    let body = html! {
        (i.sections(visit, "shadow"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Beside the one that decides" }
        p class="govuk-body" { "A candidate is asked afterwards what the one that decides was asked. Nothing waits for it and nothing follows from it: it shows what would have come out otherwise." }
        @match &last { Some(s) => (came(visit, id, s, &plugin)), None => (list::nothing("It did not run beside another yet.")) }
        @if may && running { (act(&visit.to(&["plugins", "adopted", id, "shadow", "end"]), "End it")) }
        @if may && !running && i.is("proposed") { (begin_form(visit, id, Asked::new(typed, problem))) }
        @if !running && !i.is("proposed") { (list::nothing("Only what is proposed runs beside the one that decides.")) }
    };
    Ok(visit.page("Beside the one that decides", body).below(above(visit, id, &plugin.title())).wrong(problem))
}

fn begin_form(visit: &Visit, id: &str, form: Asked<'_>) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Let it run beside" }
        form method="post" action=(visit.to(&["plugins", "adopted", id, "shadow"])) novalidate {
            (once())
            (form.day(Ask { name: "until", label: "Until when?", hint: "It ends by itself at the beginning of that day, within a year" }))
            (form.text(Ask { name: "reason", label: "What do you want to learn?", hint: "What it is granted has to be approved first, section by section" }, 2))
            (button("Begin"))
        }
    }
}

fn came(visit: &Visit, id: &str, s: &Shadow, plugin: &Version) -> Markup {
    let c = &s.counts;
    html! {
        h2 class="govuk-heading-m" {
            @match &s.ended { Some(_) => (list::tag("Ended", "grey")), None => (list::tag("Running", "green")) }
        }
        p class="govuk-body" {
            "Begun " (words::at(&s.began)) " by " (words::who(&s.by)) ": " (s.reason) ". "
            @match &s.ended {
                Some(at) => { "Ended " (words::at(at)) @if let Some(by) = &s.ended_by { " by " (words::who(by)) } "." },
                None => { "Until " (words::at(&s.until)) ". " (list::link(&visit.to(&["plugins", "adopted", id, "shadow"]), "Look again")) },
            }
        }
        (list::figures(&[
            ("Asked", c.asked.to_string()),
            ("The same", c.same.to_string()),
            ("For other reasons", c.reasons.to_string()),
            ("Otherwise", c.different.to_string()),
            ("Failed", c.failed.to_string()),
        ]))
        @if c.dropped > 0 { (list::warning(&format!("{} were not asked: too many waited.", c.dropped))) }
        @let rows = differing(c, plugin);
        @if !rows.is_empty() { (list::table("What would be otherwise", &["What", "Decisions"], &rows)) }
        @if c.asked > 0 { p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", id, "shadow", "answers"]), "What it said beside each decision")) } }
    }
}

fn differing(c: &Counts, plugin: &Version) -> Vec<Vec<Markup>> {
    let fixed = [
        ("The result", c.results),
        ("What is claimed", c.claims),
        ("Tasks", c.tasks),
        ("What is proposed", c.actions),
        ("What is reported", c.reported),
    ];
    let fixed = fixed.into_iter().map(|(what, n)| (what.to_owned(), n));
    let criteria = c.criteria.iter().map(|(id, n)| (format!("Criterion: {}", plugin.criterion(id)), *n));
    let failures = c.failures.iter().map(|(code, n)| (format!("Failed: {}", words::code(code).to_lowercase()), *n));
    fixed.chain(criteria).chain(failures).filter(|(_, n)| *n > 0).map(|(what, n)| vec![html! { (what) }, html! { (n) }]).collect()
}

async fn begin(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body =
        json!({ "until": words::begins(&typed.day("until").unwrap_or_default()), "reason": typed.text("reason").unwrap_or_default() });
    let lacks = no_day(&typed, "until", "say until when").or_else(|| typed.lacks(&[("reason", "say what you want to learn")]));
    let answer = match lacks {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &id, "shadow"]), &body, typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "shadow"], "beside")),
        Err(problem) => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn end(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["installations", &id, "shadow", "end"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "shadow"], "ended")),
        Err(problem) => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

#[derive(Deserialize)]
struct Answer {
    decision: String,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    at: String,
    outcome: String,
    same: bool,
    #[serde(default)]
    decided: Option<String>,
    #[serde(default)]
    candidate: Option<String>,
    #[serde(default)]
    differs: Option<Differs>,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
#[allow(clippy::struct_excessive_bools)] // as the API says it
struct Differs {
    result: bool,
    criteria: Vec<String>,
    claims: bool,
    tasks: bool,
    reported: bool,
    actions: bool,
    reasons: bool,
}

impl Differs {
    fn words(&self, plugin: &Version) -> String {
        let flags = [
            (self.result, "the result"),
            (self.claims, "what is claimed"),
            (self.tasks, "tasks"),
            (self.actions, "what is proposed"),
            (self.reported, "what is reported"),
            (self.reasons, "the reasons alone"),
        ];
        let mut said: Vec<String> = flags.into_iter().filter(|(is, _)| *is).map(|(_, words)| words.to_owned()).collect();
        said.extend(self.criteria.iter().map(|c| plugin.criterion(c)));
        crate::ui::form::sentence(&said.join("; "))
    }
}

async fn answers(visit: Visit, Path((_, id)): Path<(String, String)>, Query(after): Query<After>) -> Result<Page, Failed> {
    let plugin = Installation::read(&visit, &id).await?.version(&visit).await?;
    let all: List<Answer> = visit.api.get(&after.of(&visit.v1(&["installations", &id, "shadow-answers"]))).await?;
    let said = |code: &Option<String>| code.as_ref().map_or_else(|| "Not for you to see".to_owned(), |c| words::code(c));
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|a| {
            let stands = match (a.outcome.as_str(), a.same) {
                ("answered", true) => list::tag("The same", "green"),
                ("answered", false) => list::tag("Otherwise", "yellow"),
                (other, _) => list::tag(&words::code(other), "red"),
            };
            vec![
                list::link(&visit.to(&["decisions", &a.decision]), &words::at(&a.at)),
                html! { @if let Some(reference) = &a.family_reference { (list::link(&visit.to(&["families", &a.family]), reference)) } @else { "A family" } },
                stands,
                html! { (said(&a.decided)) },
                html! { @if a.outcome == "answered" { (said(&a.candidate)) } @else { "No answer" } },
                html! { @if let Some(d) = &a.differs { (d.words(&plugin)) } @if !a.withheld.is_empty() { "Rests on what you do not see" } },
            ]
        })
        .collect();
    let body = html! {
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "What it said beside each decision" }
        @if rows.is_empty() { (list::nothing("It was not asked anything that you may see yet.")) }
        @else { (list::table("The latest first", &["Decision", "Family", "Came out", "Decided", "The candidate", "What differs"], &rows)) }
        (list::rest(&visit.to(&["plugins", "adopted", &id, "shadow", "answers"]), all.next.as_deref()))
    };
    let mut above = above(&visit, &id, &plugin.title()).to_vec();
    above.push(visit.crumb(&["plugins", "adopted", &id, "shadow"], "Beside the one that decides"));
    Ok(visit.page("What it said beside each decision", body).below(above).private())
}
