//! Where somebody begins: their councils, and at each the work that is theirs.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use crate::Pages;
use crate::ui::form::{Typed, act};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::{Visit, Visitor, see_other};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/", get(councils))
        .route("/me", get(me))
        .route("/{authority}", get(council))
        .route("/{authority}/notices/{notice}/seen", post(seen))
}

#[derive(Deserialize)]
struct Council {
    code: String,
    name: String,
}

async fn councils(visitor: Visitor) -> Result<Response, Failed> {
    let councils: List<Council> = visitor.api.get("/v1/authorities").await?;
    if let [only] = councils.items.as_slice() {
        return Ok(see_other(&format!("/{}", only.code)));
    }
    let body = html! {
        h1 class="govuk-heading-l" { "Where do you want to work?" }
        @if councils.items.is_empty() { (list::nothing("No council has given you a part in its work yet.")) }
        ul class="govuk-list" { @for c in &councils.items { li { (list::link(&format!("/{}", c.code), &c.name)) } } }
    };
    Ok(visitor.page("Where do you want to work?", body).into_response())
}

async fn me(visitor: Visitor) -> Page {
    let session = &visitor.session;
    let body = html! {
        h1 class="govuk-heading-l" { (session.name) }
        (list::pairs(&[
            ("Employed by", html! { (session.organisation) }),
            ("Your login", html! { code { (session.login) } " (a council's administrator gives a role to it)" }),
            ("Signed in", html! { (words::at(&session.signed_in_at)) }),
            ("Signed out by itself", html! { (words::at(&session.expires_at)) ", or after half an hour without a page" }),
        ]))
    };
    visitor.page("Who you are here", body)
}

#[derive(Deserialize)]
struct Notice {
    id: String,
    /// Nothing where it is about an installation.
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    installation: Option<String>,
    /// Nothing where they may not read all that it rests on.
    #[serde(default)]
    message: Option<String>,
    made_at: String,
}

impl Notice {
    fn shown(&self, visit: &Visit) -> Markup {
        html! {
            time datetime=(self.made_at) { (words::at(&self.made_at)) }
            (self.message.as_deref().unwrap_or("Something about a family, which whoever works with them may tell you")) " "
            @if let Some(family) = &self.family { (list::link(&visit.to(&["families", family]), "The family")) }
            @if let Some(installation) = &self.installation { (list::link(&visit.to(&["plugins", "adopted", installation]), "The installation")) }
            (act(&visit.to(&["notices", &self.id, "seen"]), "I have seen this"))
        }
    }
}

/// A council's front page: what is new for them, and where they may go.
async fn council(visit: Visit) -> Result<Page, Failed> {
    let new = format!("{}{}", visit.v1(&["notices"]), query(&[("state", "unseen"), ("limit", "5")]));
    let notices = visit.api.maybe::<List<Notice>>(&new).await?.map(|n| n.items).unwrap_or_default();
    let roles = visit.me.roles.iter().map(|r| words::code(r)).collect::<Vec<_>>().join(", ");
    let body = html! {
        h1 class="govuk-heading-l" { (visit.council) }
        p class="govuk-body" { "You are here as: " (roles) "." }
        @if !notices.is_empty() {
            h2 class="govuk-heading-m" { "New for you" }
            ul class="hearth-timeline" { @for notice in &notices { li { (notice.shown(&visit)) } } }
        }
        h2 class="govuk-heading-m" { "Your work" }
        ul class="govuk-list govuk-list--spaced" { @for (to, name) in visit.ways() { li { (list::link(&to, name)) } } }
    };
    Ok(visit.page(visit.council.clone(), body))
}

async fn seen(visit: Visit, Path((_, notice)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    visit.api.post(&visit.v1(&["notices", &notice, "seen"]), &json!({}), typed.once()).await?;
    Ok(visit.done(&[], "done"))
}
