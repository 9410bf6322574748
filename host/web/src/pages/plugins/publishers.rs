//! Who signs plugins, with which keys, and what became of those. Only whoever runs the host adds and revokes them.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::{room, somebody};
use crate::Pages;
use crate::pages::common::{After, Organisations};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, path};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/publishers", get(publishers))
        .route("/{authority}/plugins/publishers/{publisher}", get(publisher))
}

#[derive(Deserialize)]
struct Publisher {
    id: String,
    name: String,
    #[serde(default)]
    organisation: Option<String>,
    added_at: String,
    added_by: String,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    id: String,
    key: String,
    added_at: String,
    added_by: String,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    revoked: Option<Revoked>,
}

#[derive(Deserialize)]
struct Revoked {
    at: String,
    by: String,
    revoked_as: String,
    why: String,
}

impl Key {
    fn stands(&self, today: &str) -> Markup {
        match &self.revoked {
            Some(r) if r.revoked_as == "compromised" => list::tag("Compromised", "red"),
            Some(_) => list::tag("Superseded", "grey"),
            None if self.until.as_deref().is_some_and(|until| until < today) => list::tag("Over", "grey"),
            None => list::tag("Trusted", "green"),
        }
    }
}

async fn publishers(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<Publisher> = visit.api.get(&after.of("/v1/publishers")).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|p| {
            let good = p.keys.iter().filter(|k| k.revoked.is_none()).count();
            vec![
                list::link(&visit.to(&["plugins", "publishers", &p.id]), &p.name),
                html! { (good) " trusted" @if p.keys.len() > good { ", " (p.keys.len() - good) " revoked" } },
                html! { (words::at(&p.added_at)) },
            ]
        })
        .collect();
    let body = html! {
        (room(&visit, &["plugins", "publishers"]))
        h1 class="govuk-heading-l" { "Publishers" }
        p class="govuk-body" { "A publisher signs its plugins with a key, so that a file is known to come from it. Whoever runs this host makes sure whose key it is, adds it, and revokes it." }
        @if rows.is_empty() { (list::nothing("No publisher is known here yet: plugins are unsigned.")) }
        @else { (list::table("Who signs plugins", &["Publisher", "Keys", "Known since"], &rows)) }
        (list::rest(&visit.to(&["plugins", "publishers"]), all.next.as_deref()))
        p class="govuk-body" { (list::link(&visit.to(&["plugins", "rules"]), "May plugins be adopted here that nobody signed?")) }
    };
    Ok(visit.page("Publishers", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

async fn publisher(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let p: Publisher = visit.api.get(&path(&["v1", "publishers", &id])).await?;
    let organisations = Organisations::of(&visit.api).await.unwrap_or_default();
    let today = words::today();
    let body = html! {
        h1 class="govuk-heading-l" { (p.name) }
        (list::pairs(&[
            ("Organisation", html! { @match &p.organisation { Some(o) => (organisations.name(o)), None => "None that is known here" } }),
            ("Added", html! { (words::at(&p.added_at)) ", by " (somebody(&p.added_by)) }),
        ]))
        h2 class="govuk-heading-m" { "Keys" }
        @if p.keys.is_empty() { (list::nothing("It has no key yet: nothing that it signs is believed.")) }
        @for k in &p.keys {
            h3 class="govuk-heading-s" { "Key " (k.id) " " (k.stands(&today)) }
            p class="govuk-body" {
                "Added " (words::at(&k.added_at)) " by " (somebody(&k.added_by)) "."
                @if let Some(until) = &k.until { " It signs until " (words::day(until)) "." }
                @if let Some(r) = &k.revoked { " Revoked " (words::at(&r.at)) " by " (somebody(&r.by)) ": " (r.why) "." }
            }
            p class="govuk-body" { code class="hearth-code" { (k.key) } }
        }
    };
    Ok(visit
        .page(p.name.clone(), body)
        .below([visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "publishers"], "Publishers")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_past_its_day_is_not_called_trusted() {
        let key = |until: Option<&str>| {
            serde_json::from_value::<Key>(serde_json::json!({ "id": "a", "key": "RW", "added_at": "", "added_by": "", "until": until }))
                .unwrap()
        };
        assert!(key(None).stands("2026-11-23").into_string().contains("Trusted"));
        assert!(key(Some("2026-11-23")).stands("2026-11-23").into_string().contains("Trusted"));
        assert!(key(Some("2026-11-22")).stands("2026-11-23").into_string().contains("Over"));
    }
}
