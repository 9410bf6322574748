//! Families that somebody opened in an emergency, for another to look at afterwards.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::json;

use super::above;
use crate::Pages;
use crate::pages::common::{After, family_link, sorted};
use crate::ui::form::{Typed, act};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration/emergencies", get(emergencies))
        .route("/{authority}/administration/emergencies/{emergency}/seen", post(seen))
}

#[derive(Deserialize)]
struct Emergency {
    id: String,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    by: String,
    reason: String,
    begun_at: String,
    ends_at: String,
    #[serde(default)]
    seen_at: Option<String>,
    #[serde(default)]
    seen_by: Option<String>,
}

async fn emergencies(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    emergencies_page(&visit, &after, None).await
}

async fn emergencies_page(visit: &Visit, after: &After, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Emergency> = visit.api.get(&after.of(&visit.v1(&["emergencies"]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|e| {
            vec![
                html! { (words::who(&e.by)) },
                html! { (e.reason) },
                html! { (words::at(&e.begun_at)) " to " (words::at(&e.ends_at)) },
                family_link(visit, &e.family, e.family_reference.as_deref()),
                html! {
                    @match &e.seen_at {
                        Some(at) => { "Looked at " (words::at(at)) @if let Some(by) = &e.seen_by { " by " (words::who(by)) } }
                        None => { (act(&visit.to(&["administration", "emergencies", &e.id, "seen"]), "I looked at it")) }
                    }
                },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Emergencies" }
        p class="govuk-body" { "Who opened a family without being part of its work, and why. Another person looks at each afterwards." }
        @if rows.is_empty() { (list::nothing("Nobody opened a family in an emergency.")) }
        @else { (list::table("Opened in an emergency", &["Who", "Why", "When", "Family", "Looked at"], &rows)) }
        (list::rest(&visit.to(&["administration", "emergencies"]), all.next.as_deref()))
    };
    Ok(visit.page("Emergencies", body).below(above(visit)).wrong(problem).private())
}

async fn seen(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["emergencies", &id, "seen"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "emergencies"], "done")),
        Err(problem) => Ok(emergencies_page(&visit, &After::default(), Some(&problem)).await?.into_response()),
    }
}
