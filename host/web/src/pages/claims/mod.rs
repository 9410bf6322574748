//! Results that are claimed: by stage, each with its way, its evidence and what can be done to it.

mod act;
mod batches;
mod rules;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::codes;
use crate::ui::form::{Ask, Asked, Typed, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/claims", get(claims))
        .route("/{authority}/claims/{claim}", get(claim))
        .route("/{authority}/claims/{claim}/evidence", get(evidence))
        .route("/{authority}/claims/{claim}/checks", post(act::check))
        .route("/{authority}/claims/{claim}/steps", post(act::step))
        .merge(batches::routes())
        .merge(rules::routes())
}

/// A claim as lists have it.
#[derive(Deserialize)]
pub struct Claim {
    pub claim: i64,
    pub family: String,
    #[serde(default)]
    pub family_reference: Option<String>,
    pub kind: String,
    pub amount_pence: i64,
    pub entitled_on: String,
    pub state: String,
    pub decision: String,
}

/// Where a claim may stand, in the order of its way.
pub const STATES: &[(&str, &str, &str)] = &[
    ("draft", "Draft", "grey"),
    ("in-audit", "Being checked", "yellow"),
    ("sent-back", "Sent back", "orange"),
    ("checked", "Checked", "blue"),
    ("approved", "Approved", "green"),
    ("in-batch", "In a file", "blue"),
    ("submitted", "Submitted", "purple"),
    ("paid", "Paid", "green"),
    ("refused", "Refused", "red"),
    ("withdrawn", "Withdrawn", "grey"),
    ("repaid", "Paid back", "red"),
];

#[must_use]
pub fn state_words(state: &str) -> String {
    STATES.iter().find(|(s, ..)| *s == state).map_or_else(|| words::code(state), |(_, name, _)| (*name).to_owned())
}

#[must_use]
pub fn state_tag(state: &str) -> Markup {
    let colour = STATES.iter().find(|(s, ..)| *s == state).map_or("grey", |(.., colour)| colour);
    list::tag(&state_words(state), colour)
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

async fn claims(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let asked = query(&[("state", &looked.state), ("after", &looked.after), ("limit", "50")]);
    let claims: List<Claim> = visit.api.get(&format!("{}{asked}", visit.v1(&["claims"]))).await?;
    let mut typed = Typed::default();
    typed.set("state", &looked.state);
    let states: Vec<(&str, &str)> = STATES.iter().map(|(state, name, _)| (*state, *name)).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Claims" }
        ul class="govuk-list" {
            @if visit.me.may("claim-results") { li { (list::link(&visit.to(&["claim-files"]), "Files of claims")) } }
            @if visit.me.may("see-families") { li { (list::link(&visit.to(&["overview"]), "Claims by stage, in pounds")) } }
            @if visit.me.may("see-rules") { li { (list::link(&visit.to(&["claims", "rules"]), "Rules for claims: who checks and approves them")) } }
        }
        form method="get" action=(visit.to(&["claims"])) {
            (Asked::new(&typed, None).select(Ask { name: "state", label: "Only those that are", hint: "" }, &states))
            (second_button("Show"))
        }
        (table(&visit, &claims.items))
        (list::rest(&format!("{}{}", visit.to(&["claims"]), query(&[("state", &looked.state)])), claims.next.as_deref()))
    };
    Ok(visit.page("Claims", body).private())
}

fn table(visit: &Visit, claims: &[Claim]) -> Markup {
    let rows: Vec<_> = claims
        .iter()
        .map(|c| {
            let number = c.claim.to_string();
            vec![
                list::link(&visit.to(&["claims", &number]), &format!("Claim {number}")),
                html! { (codes::CLAIMS.words(&c.kind)) },
                html! { (words::pounds(c.amount_pence)) },
                html! { (words::day(&c.entitled_on)) },
                state_tag(&c.state),
                list::link(
                    &visit.to(&["families", &c.family]),
                    c.family_reference.as_deref().unwrap_or(&format!("Family of claim {number}")),
                ),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { (list::nothing("There is no claim here. The rules draft one as soon as a family has a result that can be claimed.")) }
        @else { (list::table("Claims", &["Claim", "For", "Pounds", "Entitled from", "Stands at", "Family"], &rows)) }
    }
}

/// A claim with its way, as `GET …/claims/{claim}` answers.
#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    claim: Claim,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    way: Vec<Step>,
    #[serde(default)]
    corrected: Vec<String>,
    #[serde(default)]
    evidence_erased_on: Option<String>,
    #[serde(default)]
    next: Vec<String>,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
struct Stage {
    name: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    another_person: bool,
    looked_at: bool,
    passed: bool,
}

#[derive(Deserialize)]
struct Step {
    at: String,
    by: String,
    act: String,
    #[serde(default)]
    stage: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    amount_pence: Option<i64>,
    #[serde(default)]
    reference: Option<String>,
}

impl Whole {
    /// The stage of the audit that it waits for.
    fn stage(&self) -> Option<&Stage> {
        self.stages.iter().find(|s| s.looked_at && !s.passed)
    }
}

fn stages(claim: &Whole) -> Markup {
    let rows: Vec<_> = claim
        .stages
        .iter()
        .map(|s| {
            let by = s.roles.iter().map(|r| words::code(r)).collect::<Vec<_>>().join(", ");
            vec![
                html! { (s.name) },
                html! { (by) @if s.another_person { ", another person" } },
                match (s.looked_at, s.passed) {
                    (false, _) => list::tag("Not drawn", "grey"),
                    (true, true) => list::tag("Passed", "green"),
                    (true, false) => list::tag("Waits", "yellow"),
                },
            ]
        })
        .collect();
    html! { @if !rows.is_empty() { (list::table("Audit", &["Stage", "Checked by", "Stands at"], &rows)) } }
}

fn way(steps: &[Step]) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "What was done" }
        @if steps.is_empty() { (list::nothing("Nothing yet: it is as the rules drafted it.")) }
        ol class="hearth-timeline" {
            @for s in steps {
                li {
                    time datetime=(s.at) { (words::at(&s.at)) }
                    (act::done_words(&s.act)) " by " (words::who(&s.by))
                    @if let Some(stage) = &s.stage { " (" (stage) ")" }
                    @if let Some(pence) = s.amount_pence { ", " (words::pounds(pence)) }
                    @if let Some(reference) = &s.reference { ", payer's reference " (reference) }
                    @if let Some(reason) = &s.reason { ": " (reason) }
                }
            }
        }
    }
}

async fn claim(visit: Visit, Path((_, number)): Path<(String, String)>) -> Result<Page, Failed> {
    claim_page(&visit, &number, &Typed::default(), None).await
}

async fn claim_page(visit: &Visit, number: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let whole: Whole = visit.api.get(&visit.v1(&["claims", number])).await?;
    let c = &whole.claim;
    let title = format!("Claim {number}: {}", codes::CLAIMS.words(&c.kind));
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { (state_tag(&c.state)) }
        @if let Some(on) = &whole.evidence_erased_on {
            (list::warning(&format!("What it rests on was erased on {}, as the law asks. It can only be withdrawn, or paid back.", words::day(on))))
        }
        @if !whole.corrected.is_empty() {
            (list::warning(&format!("{} of the facts it rests on were corrected since. Look at them before it goes on.", whole.corrected.len())))
        }
        @if !whole.withheld.is_empty() {
            (list::inset(&format!("Not shown to you: {}.", whole.withheld.iter().map(|s| words::code(s).to_lowercase()).collect::<Vec<_>>().join(", "))))
        }
        (list::pairs(&[
            ("Amount", html! { (words::pounds(c.amount_pence)) }),
            ("Entitled from", html! { (words::day(&c.entitled_on)) }),
            ("Family", list::link(&visit.to(&["families", &c.family]), "The family's page")),
            ("Rests on", list::link(&visit.to(&["decisions", &c.decision]), "The decision, with its reasons")),
            ("Evidence", list::link(&visit.to(&["claims", number, "evidence"]), "The evidence pack, on one page to print")),
        ]))
        (stages(&whole))
        (act::forms(visit, &whole, typed, problem))
        (way(&whole.way))
    };
    Ok(visit.page(title, body).below([visit.crumb(&["claims"], "Claims")]).wrong(problem).private())
}

/// The evidence on one page, as the API makes it for print.
async fn evidence(visit: Visit, Path((_, number)): Path<(String, String)>) -> Result<Response, Failed> {
    Ok(visit.api.through(&visit.v1(&["claims", &number, "evidence-page"])).await?.into_response())
}
