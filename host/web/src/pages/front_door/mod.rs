//! The front door: referrals that came, whom each is about, what the pathway answers and why, and what a person makes of it.

mod decide;
mod settle;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::codes::{PRIORITIES, PROBLEMS, REFERRAL_ROUTES, TRIAGES, named};
use crate::pages::family::record::Name;
use crate::pages::ranked::Allocated;
use crate::ui::form::{Typed, act};
use crate::ui::{Page, list};
use crate::upstream::{Answered, Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/referrals", get(queue))
        .route("/{authority}/referrals/{referral}", get(referral))
        .route("/{authority}/referrals/{referral}/family", get(settle::whom).post(settle::settle))
        .route("/{authority}/referrals/{referral}/triage", post(decide::triage))
        .route("/{authority}/referrals/{referral}/confirmation", post(decide::confirm))
        .route("/{authority}/referrals/{referral}/override", get(decide::otherwise).post(decide::override_it))
}

#[derive(Deserialize)]
pub struct Referral {
    id: String,
    came_on: String,
    received_at: String,
    route: String,
    state: String,
    answer_by: String,
    sent_by: String,
    urgent: bool,
    overdue: bool,
    #[serde(default)]
    organisation: Option<String>,
    #[serde(default)]
    agreed: Option<bool>,
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    decision: Option<String>,
    #[serde(default)]
    outcome: Option<Outcome>,
    #[serde(default)]
    described: Described,
    #[serde(default)]
    words: Option<String>,
    #[serde(default)]
    additions: Vec<Addition>,
    #[serde(default)]
    question: Option<String>,
}

#[derive(Deserialize)]
struct Outcome {
    answer: String,
    by: String,
    at: String,
    #[serde(default)]
    level: Option<String>,
    #[serde(default)]
    goes_to: Option<String>,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
pub struct Described {
    #[serde(default)]
    address: Option<Address>,
    #[serde(default)]
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    lines: Vec<String>,
    #[serde(default)]
    postcode: Option<String>,
}

/// Somebody as a sender describes them.
#[derive(Deserialize)]
pub struct Person {
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
    born: Option<String>,
}

impl Person {
    fn words(&self) -> String {
        let name = self.name.as_ref().map_or_else(|| "No name".to_owned(), Name::whole);
        self.born.as_deref().map_or(name.clone(), |born| format!("{name}, born {}", words::day(born)))
    }
}

#[derive(Deserialize)]
struct Addition {
    at: String,
    by: String,
    words: String,
}

fn state(referral: &Referral) -> Markup {
    match (&referral.outcome, referral.state.as_str()) {
        (Some(outcome), "closed") => {
            list::tag(&named(&TRIAGES, &outcome.answer), if outcome.answer == "accept" { "green" } else { "grey" })
        }
        (_, "received") => list::tag("Whom is it about?", "yellow"),
        (_, "settled") => list::tag("To be triaged", "blue"),
        (_, "triaged") => list::tag("To be confirmed", "purple"),
        (_, "asked") => list::tag("Sender is asked for more", "grey"),
        (_, other) => list::tag(&words::code(other), "grey"),
    }
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

const STATES: &[(&str, &str)] = &[
    ("", "All"),
    ("received", "Whom is it about?"),
    ("settled", "To be triaged"),
    ("triaged", "To be confirmed"),
    ("asked", "Asked for more"),
    ("closed", "Closed"),
];

async fn queue(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let asked = query(&[("state", &looked.state), ("after", &looked.after), ("limit", "50")]);
    let referrals: List<Referral> = visit.api.get(&format!("{}{asked}", visit.v1(&["referrals"]))).await?;
    let here = |state: &str| format!("{}{}", visit.to(&["referrals"]), query(&[("state", state)]));
    let ways: Vec<(String, &str)> = STATES.iter().map(|(state, name)| (here(state), *name)).collect();
    let row = |r: &Referral| {
        vec![
            list::link(&visit.to(&["referrals", &r.id]), &words::at(&r.received_at)),
            html! { div { (state(r)) } @if r.urgent { div { (list::tag("Urgent", "red")) } } },
            html! { (r.problems.iter().map(|p| named(&PROBLEMS, p)).collect::<Vec<_>>().join("; ")) },
            html! { (words::who(&r.sent_by)) },
            html! { (words::day(&r.answer_by)) @if r.overdue { " " (list::tag("Overdue", "red")) } },
        ]
    };
    let rows: Vec<_> = referrals.items.iter().map(row).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Front door" }
        (list::sections("Referrals by state", &ways, &here(&looked.state)))
        @if rows.is_empty() { (list::nothing("No referral waits here.")) }
        @else { (list::table("Referrals", &["Came", "State", "Difficulties", "Sent by", "Answer by"], &rows)) }
        (list::rest(&here(&looked.state), referrals.next.as_deref()))
    };
    Ok(visit.page("Front door", body).private())
}

/// A referral, with what the pathway answered where it was asked.
async fn opened(visit: &Visit, id: &str) -> Result<(Answered<Referral>, Option<Allocated>), Failed> {
    let read = visit.api.read::<Referral>(&visit.v1(&["referrals", id])).await?;
    let decision = match &read.value.decision {
        Some(decision) => visit.api.maybe(&visit.v1(&["decisions", decision])).await?,
        None => None,
    };
    Ok((read, decision))
}

async fn referral(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    page(&visit, &id, &Typed::default(), None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&crate::upstream::Problem>) -> Result<Page, Failed> {
    let (read, decision) = opened(visit, id).await?;
    let r = read.value;
    let to = |step: &str| visit.to(&["referrals", id, step]);
    let triages = visit.me.may("triage") && visit.me.may("decide");
    let body = html! {
        span class="govuk-caption-l" { "Referral of " (words::day(&r.came_on)) }
        h1 class="govuk-heading-l" { @if r.state == "closed" { "A referral, answered" } @else { "What is to become of it?" } }
        p class="govuk-body" { (state(&r)) @if r.urgent { " " (list::tag("Urgent", "red")) } @if r.overdue { " " (list::tag("Overdue", "red")) } }
        (said(visit, &r))
        @if matches!(r.state.as_str(), "received" | "settled" | "triaged") {
            p class="govuk-body" { (list::link(&to("family"), if r.family.is_some() { "It is about another family" } else { "Say whom it is about" })) }
        }
        @if let Some(decision) = &decision { (answer(visit, &r, decision)) }
        @if triages && matches!(r.state.as_str(), "settled" | "triaged") { (act(&to("triage"), if decision.is_some() { "Ask the rules again" } else { "Ask the rules" })) }
        @if let (Some(asked), "triaged") = (&r.decision, r.state.as_str()) { (decide::confirm_form(visit, &r, asked, decision.as_ref(), typed, problem)) }
        @if visit.me.may("override") && r.state != "closed" { p class="govuk-body" { (list::link(&to("override"), "Decide otherwise, with a reason")) } }
        (outcome(visit, &r))
    };
    Ok(visit.page("Referral", body).below([visit.crumb(&["referrals"], "Front door")]).wrong(problem).private())
}

/// What its sender said.
fn said(visit: &Visit, r: &Referral) -> Markup {
    let address = r
        .described
        .address
        .as_ref()
        .map(|a| a.lines.iter().map(String::as_str).chain(a.postcode.as_deref()).collect::<Vec<_>>().join(", "));
    html! {
        (list::pairs(&[
            ("Sent by", html! { (words::who(&r.sent_by)) @if let Some(o) = &r.organisation { " (" (words::code(o)) ")" } }),
            ("How", html! { (named(&REFERRAL_ROUTES, &r.route)) }),
            ("Answer by", html! { (words::day(&r.answer_by)) }),
            ("Does the family agree?", html! { @match r.agreed { Some(true) => { "Yes" } Some(false) => { "No, or not asked" } None => { "Not said" } } }),
            ("Difficulties", html! { @for p in &r.problems { div { (named(&PROBLEMS, p)) } } @if r.problems.is_empty() { "None named" } }),
            ("Whom it describes", html! { @for p in &r.described.people { div { (p.words()) } } @if let Some(a) = &address { div { (a) } } @if r.described.people.is_empty() && address.is_none() { "Nobody by name" } }),
            ("Family", html! { @match &r.family { Some(f) => { (list::link(&visit.to(&["families", f]), "The family's page")) } None => { "Not known yet" } } }),
        ]))
        @if let Some(words) = &r.words { h2 class="govuk-heading-m" { "In their words" } (list::inset(words)) }
        @for a in &r.additions { p class="govuk-body" { (words::at(&a.at)) ", " (words::who(&a.by)) ": " (a.words) } }
        @if let Some(question) = &r.question { p class="govuk-body" { "They were asked: " (question) } }
    }
}

/// What the pathway answered, and why.
fn answer(visit: &Visit, r: &Referral, decision: &Allocated) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "The rules say: " (decision.says) }
        @for one in decision.reported.iter().filter(|o| ["level", "route", "priority"].contains(&o.report.as_str())) {
            h3 class="govuk-heading-s" { (words::code(&one.report)) @if let Some(heading) = &one.heading { ": " (heading) } }
            ul class="govuk-list govuk-list--bullet" { @for reason in &one.reasons { @if let Some(sentence) = &reason.sentence { li { (sentence) } } } }
        }
        @if let Some(decision) = r.decision.as_deref().filter(|_| visit.me.may("see-decisions")) {
            p class="govuk-body" { (list::link(&visit.to(&["decisions", decision]), "The whole decision")) }
        }
    }
}

fn outcome(visit: &Visit, r: &Referral) -> Markup {
    let Some(o) = &r.outcome else { return html! {} };
    html! {
        h2 class="govuk-heading-m" { "What became of it" }
        p class="govuk-body" {
            strong { (named(&TRIAGES, &o.answer)) } ", by " (words::who(&o.by)) ", " (words::at(&o.at)) "."
            @if let Some(level) = &o.level { " Level: " (words::code(level)) "." }
            @if let Some(to) = &o.goes_to { " Goes to: " (words::code(to)) "." }
            @if let Some(priority) = &o.priority { " " (named(&PRIORITIES, priority)) "." }
            @if let Some(reason) = &o.reason { " Why: " (reason) }
        }
        @if let Some(family) = r.family.as_deref().filter(|_| o.answer == "accept" && visit.me.may("assign")) {
            p class="govuk-body" { a class="govuk-button" href=(visit.to(&["families", family, "workers"])) role="button" draggable="false" data-module="govuk-button" { "Give the case to somebody" } }
        }
    }
}
