//! Every family asked about at once: what came of it, how far it is, and when the next is due.

use axum::Router;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::bar;
use crate::Pages;
use crate::pages::common::{After, number, sorted};
use crate::ui::chart::bars;
use crate::ui::follow::progress;
use crate::ui::form::{Ask, Asked, Typed, button, hidden};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/evaluations", get(evaluations))
        .route("/{authority}/evaluations/schedule", get(schedule).post(set_schedule))
}

#[derive(Deserialize)]
struct Evaluation {
    evaluation: u64,
    question: String,
    as_of: String,
    begun: String,
    #[serde(default)]
    ended: Option<String>,
    state: String,
    #[serde(default)]
    why: Option<String>,
    came: Came,
}

#[derive(Deserialize)]
struct Came {
    families: usize,
    changed: usize,
    first_time: usize,
    unchanged: usize,
    failed: usize,
    #[serde(default)]
    results: Vec<OfResult>,
}

#[derive(Deserialize)]
struct OfResult {
    result: String,
    families: usize,
}

#[derive(Deserialize)]
struct Set {
    #[serde(default)]
    schedule: Option<Schedule>,
}

#[derive(Deserialize)]
struct Schedule {
    #[serde(default)]
    day: Option<u8>,
    every: String,
    hour: u8,
    question: String,
    #[serde(default)]
    paused: bool,
}

async fn evaluations(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<Evaluation> = visit.api.get(&after.of(&visit.v1(&["evaluations"]))).await?;
    let set: Option<Set> = visit.api.maybe(&visit.v1(&["evaluation-schedule"])).await?;
    let set = set.and_then(|s| s.schedule);
    let body = html! {
        h1 class="govuk-heading-l" { "Every family asked about" }
        p class="govuk-body" {
            @match &set {
                Some(s) if s.paused => { "It is paused." }
                Some(s) => { "Each " (s.every) ", from " (s.hour) ":00: " (words::code(&s.question).to_lowercase()) "." }
                None => { "No time is set." }
            }
            @if visit.me.may("set-rules") { " " (list::link(&visit.to(&["evaluations", "schedule"]), "Change when")) }
        }
        @if all.items.is_empty() { (list::nothing("It was not done yet.")) }
        @for e in &all.items { (one(&visit, e)) }
        (list::rest(&visit.to(&["evaluations"]), all.next.as_deref()))
    };
    Ok(visit.page("Every family asked about", body).below([visit.crumb(&["overview"], "Overview")]))
}

fn one(visit: &Visit, e: &Evaluation) -> Markup {
    let c = &e.came;
    let running = e.ended.is_none();
    let title = format!("{}, as of {}", words::code(&e.question), words::day(&e.as_of));
    let drawn: Vec<_> = c.results.iter().map(|r| bar(&words::code(&r.result), r.families, &r.families.to_string())).collect();
    html! {
        h2 class="govuk-heading-m" { (title) " " (list::tag(&words::code(&e.state), if running { "yellow" } else { "green" })) }
        p class="govuk-body" {
            "Begun " (words::at(&e.begun))
            @if let Some(ended) = &e.ended { ", ended " (words::at(ended)) }
            @if let Some(why) = &e.why { ". " (why) }
        }
        @if running {
            (progress(&visit.v1(&["evaluations", &e.evaluation.to_string(), "events"]), "families", c.families, &visit.to(&["evaluations"])))
        }
        (list::figures(&[
            ("Families", c.families.to_string()),
            ("For the first time", c.first_time.to_string()),
            ("Came out otherwise", c.changed.to_string()),
            ("As before", c.unchanged.to_string()),
            ("Not decided", c.failed.to_string()),
        ]))
        @if !drawn.is_empty() { (bars(&title, &drawn)) }
    }
}

const QUESTIONS: &[(&str, &str)] =
    &[("eligibility", "Who is eligible"), ("progress", "What progress there is"), ("suited", "Whom the forms suit")];
const EVERY: &[(&str, &str)] = &[("day", "Day"), ("week", "Week"), ("month", "Month")];

async fn schedule(visit: Visit) -> Result<Page, Failed> {
    let set = visit.api.read::<Set>(&visit.v1(&["evaluation-schedule"])).await?;
    let mut typed = Typed::default();
    typed.set("version", set.version.unwrap_or_default());
    if let Some(s) = set.value.schedule {
        typed.set("question", s.question);
        typed.set("every", s.every);
        typed.set("hour", s.hour.to_string());
        typed.set("day", s.day.map(|d| d.to_string()).unwrap_or_default());
        if s.paused {
            typed.set("paused", "yes");
        }
    }
    Ok(schedule_page(&visit, &typed, None))
}

fn schedule_page(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "When every family is asked about" }
        form method="post" action=(visit.to(&["evaluations", "schedule"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (form.radios(Ask { name: "question", label: "What is asked?", hint: "" }, QUESTIONS))
            (form.radios(Ask { name: "every", label: "How often?", hint: "" }, EVERY))
            (form.number(Ask { name: "hour", label: "From which hour on", hint: "0 to 23: at night it is in nobody's way" }, "", ""))
            (form.number(Ask { name: "day", label: "On which day", hint: "Of a week, 1 is Monday; of a month, its date" }, "", ""))
            (form.boxes(Ask { name: "paused", label: "Pause it?", hint: "" }, &[("yes", "Nobody is asked about until this is unticked")]))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["overview"], "Overview"), visit.crumb(&["evaluations"], "Every family asked about")];
    visit.page("When every family is asked about", body).below(above).wrong(problem)
}

async fn set_schedule(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["question", "every"]);
    for name in ["hour", "day"] {
        body.extend(number(&typed, name).map(|n| (name.to_owned(), n)));
    }
    body.insert("paused".to_owned(), json!(typed.is_ticked("paused")));
    match sorted(visit.api.put(&visit.v1(&["evaluation-schedule"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["evaluations"], "saved")),
        Err(problem) => Ok(schedule_page(&visit, &typed, Some(&problem)).into_response()),
    }
}
