//! What waits for somebody: questions that no plugin answered yet, and decisions whose facts were corrected.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::json;

use crate::Pages;
use crate::pages::common::{After, family_link, sorted};
use crate::ui::form::{Typed, act};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/undecided", get(undecided))
        .route("/{authority}/undecided/{undecided}/retry", post(retry))
        .route("/{authority}/corrected", get(corrected))
}

#[derive(Deserialize)]
pub struct Undecided {
    id: String,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    question: String,
    as_of: String,
    first_at: String,
    failures: u32,
    blame: String,
    outcome: String,
    #[serde(default)]
    retry_at: Option<String>,
}

async fn undecided(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    undecided_page(&visit, &after, None).await
}

async fn undecided_page(visit: &Visit, after: &After, problem: Option<&Problem>) -> Result<Page, Failed> {
    let waiting: List<Undecided> = visit.api.get(&after.of(&visit.v1(&["undecided"]))).await?;
    let rows: Vec<_> = waiting
        .items
        .iter()
        .map(|u| {
            vec![
                html! { (words::code(&u.question)) ", as of " (words::day(&u.as_of)) },
                html! { (words::code(&u.outcome)) " (" (words::code(&u.blame).to_lowercase()) ")" },
                html! { (words::at(&u.first_at)) ", " (u.failures) @if u.failures == 1 { " time" } @else { " times" } },
                html! { (u.retry_at.as_deref().map_or_else(|| "Waits for a person".to_owned(), words::at)) },
                family_link(visit, &u.family, u.family_reference.as_deref()),
                html! { @if visit.me.may("decide") { (act(&visit.to(&["undecided", &u.id, "retry"]), "Ask again")) } },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Not decided yet" }
        p class="govuk-body" { "What was typed is kept. Only the rules gave no answer; they are asked again by themselves, or by you." }
        @if rows.is_empty() { (list::nothing("Every question has its answer.")) }
        @else { (list::table("Not decided yet", &["Question", "What went wrong", "Since", "Asked again", "Family", "Act"], &rows)) }
        (list::rest(&visit.to(&["undecided"]), waiting.next.as_deref()))
    };
    Ok(visit.page("Not decided yet", body).below([visit.crumb(&["overview"], "Overview")]).wrong(problem).private())
}

async fn retry(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["undecided", &id, "retry"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["undecided"], "asked")),
        Err(problem) => Ok(undecided_page(&visit, &After::default(), Some(&problem)).await?.into_response()),
    }
}

#[derive(Deserialize)]
pub struct Corrected {
    decision: String,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    question: String,
    #[serde(default)]
    result: Option<String>,
    decided_at: String,
    kind: String,
    corrected_at: String,
    corrected_by: String,
    cited: bool,
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    successor: Option<String>,
}

async fn corrected(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let corrected: List<Corrected> = visit.api.get(&after.of(&visit.v1(&["corrected-decisions"]))).await?;
    let rows: Vec<_> = corrected
        .items
        .iter()
        .map(|c| {
            vec![
                html! {
                    (list::link(&visit.to(&["decisions", &c.decision]), &words::code(&c.question)))
                    @if let Some(result) = &c.result { ": " (words::code(result).to_lowercase()) }
                    ", " (words::at(&c.decided_at))
                },
                html! { (words::code(&c.kind)) ", " (words::at(&c.corrected_at)) " by " (words::who(&c.corrected_by)) },
                html! {
                    (list::tag(if c.successor.is_some() { "Replaced" } else { "Withdrawn" }, "yellow")) " "
                    @if c.cited { (list::tag("A reason rests on it", "red")) } @else { (list::tag("Was given, not cited", "grey")) }
                },
                html! { @if c.claims.is_empty() { "None" } @else { (c.claims.len()) } },
                family_link(&visit, &c.family, c.family_reference.as_deref()),
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Decisions whose facts were corrected" }
        p class="govuk-body" { "Late news is normal. Each of these was right by what was known on its day; look whether it still is." }
        @if rows.is_empty() { (list::nothing("No fact of a decision was corrected since.")) }
        @else { (list::table("Corrected since", &["Decision", "Fact that was corrected", "What of it", "Claims", "Family"], &rows)) }
        (list::rest(&visit.to(&["corrected"]), corrected.next.as_deref()))
    };
    Ok(visit.page("Corrected facts", body).below([visit.crumb(&["overview"], "Overview")]).private())
}
