//! Where somebody begins: their councils, and at each the work that is theirs.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

use crate::Pages;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::{Visit, Visitor, see_other};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/", get(councils)).route("/me", get(me)).route("/{authority}", get(council))
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

async fn me(visitor: Visitor) -> Result<Page, Failed> {
    let session: Value = visitor.api.get("/v1/session").await?;
    let text = |name: &str| session[name].as_str().unwrap_or_default().to_owned();
    let body = html! {
        h1 class="govuk-heading-l" { (visitor.session.name) }
        (list::pairs(&[
            ("Employed by", html! { (text("organisation")) }),
            ("Your login", html! { code { (text("login")) } " (a council's administrator gives a role to it)" }),
            ("Signed in", html! { (words::at(&text("signed_in_at"))) }),
            ("Signed out by itself", html! { (words::at(&text("expires_at"))) ", or after half an hour without a page" }),
        ]))
    };
    Ok(visitor.page("Who you are here", body))
}

#[derive(Deserialize)]
struct Notice {
    what: String,
    #[serde(default)]
    at: String,
}

/// A council's front page: what is new for them, and where they may go.
async fn council(visit: Visit) -> Result<Page, Failed> {
    let notices: Option<List<Notice>> = visit.api.maybe(&format!("{}{}", visit.v1(&["notices"]), query(&[("limit", "5")]))).await?;
    let notices = notices.map(|n| n.items).unwrap_or_default();
    let roles = visit.me.roles.iter().map(|r| words::code(r)).collect::<Vec<_>>().join(", ");
    let body = html! {
        h1 class="govuk-heading-l" { (visit.council) }
        p class="govuk-body" { "You are here as: " (roles) "." }
        @if !notices.is_empty() {
            h2 class="govuk-heading-m" { "New for you" }
            ul class="hearth-timeline" { @for n in &notices { li { time datetime=(n.at) { (words::at(&n.at)) } (words::code(&n.what)) } } }
        }
        h2 class="govuk-heading-m" { "Your work" }
        ul class="govuk-list govuk-list--spaced" { @for (to, name) in visit.ways() { li { (list::link(&to, name)) } } }
    };
    Ok(visit.page(visit.council.clone(), body))
}
