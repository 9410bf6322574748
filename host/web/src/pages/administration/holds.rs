//! What may not be erased while it is needed by law.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::above;
use crate::Pages;
use crate::pages::common::{After, sorted};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration/holds", get(holds).post(place))
        .route("/{authority}/administration/holds/{hold}/lift", post(lift))
}

#[derive(Deserialize)]
struct Hold {
    id: i64,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    until: Option<String>,
    why: String,
    placed_at: String,
    placed_by: String,
    #[serde(default)]
    lifted_at: Option<String>,
    #[serde(default)]
    lifted_by: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    reference: String,
}

async fn holds(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    holds_page(&visit, &after, &Typed::default(), None).await
}

async fn holds_page(visit: &Visit, after: &After, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let holds: List<Hold> = visit.api.get(&after.of(&visit.v1(&["holds"]))).await?;
    let rows: Vec<_> = holds
        .items
        .iter()
        .map(|h| {
            vec![
                html! { (h.why) },
                html! { @match &h.family { Some(family) => { (list::link(&visit.to(&["families", family]), "A family")) } None => { "A person" } } },
                html! { (words::at(&h.placed_at)) " by " (words::who(&h.placed_by)) },
                html! { (h.until.as_deref().map_or_else(|| "It is lifted".to_owned(), words::day)) },
                html! {
                    @match &h.lifted_at {
                        Some(at) => { "Lifted " (words::at(at)) @if let Some(by) = &h.lifted_by { " by " (words::who(by)) } }
                        None => { (act(&visit.to(&["administration", "holds", &h.id.to_string(), "lift"]), "Lift it")) }
                    }
                },
            ]
        })
        .collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Legal holds" }
        p class="govuk-body" { "What is held is kept, whatever else would erase it." }
        @if rows.is_empty() { (list::nothing("Nothing is held.")) }
        @else { (list::table("Holds", &["Why", "Of", "Placed", "Until", "Act"], &rows)) }
        (list::rest(&visit.to(&["administration", "holds"]), holds.next.as_deref()))
        h2 class="govuk-heading-m" { "Place a hold" }
        form method="post" action=(visit.to(&["administration", "holds"])) novalidate {
            (once())
            (form.line(Ask { name: "family", label: "The family's reference", hint: "Such as BR-0010" }, "text"))
            (form.text(Ask { name: "why", label: "Why", hint: "It stays after the family is erased, so it names nobody" }, 2))
            (form.day(Ask { name: "until", label: "Until", hint: "Nothing: until it is lifted" }))
            (button("Hold it"))
        }
    };
    Ok(visit.page("Legal holds", body).below(above(visit)).wrong(problem).private())
}

async fn place(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let reference = typed.text("family").unwrap_or_default();
    let found: List<Named> = visit.api.get(&format!("{}{}", visit.v1(&["families"]), query(&[("reference", reference)]))).await?;
    let Some(family) = found.items.into_iter().find(|f| f.reference == reference) else {
        let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        let problem = Problem::of_pages("no-family", "", status, "there is no family of that reference that you may see").at("family");
        return Ok(holds_page(&visit, &After::default(), &typed, Some(&problem)).await?.into_response());
    };
    let mut body = typed.object(&["why"]);
    body.insert("family".to_owned(), json!(family.id));
    body.extend(typed.day("until").map(|d| ("until".to_owned(), Value::from(d))));
    match sorted(visit.api.post(&visit.v1(&["holds"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "holds"], "saved")),
        Err(problem) => Ok(holds_page(&visit, &After::default(), &typed, Some(&problem)).await?.into_response()),
    }
}

async fn lift(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["holds", &id, "lift"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "holds"], "ended")),
        Err(problem) => Ok(holds_page(&visit, &After::default(), &Typed::default(), Some(&problem)).await?.into_response()),
    }
}
