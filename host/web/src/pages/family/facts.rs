//! All that is known of a family.

use axum::extract::{Path, Query};
use maud::html;
use serde::Deserialize;
use serde_json::Value;

use super::open;
use super::record::said;
use crate::pages::common::Organisations;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Fact {
    kind: String,
    section: String,
    #[serde(default)]
    person: Option<String>,
    first: String,
    #[serde(default)]
    last: Option<String>,
    source: String,
    #[serde(default)]
    detail: Value,
}

#[derive(Debug, Default, Deserialize)]
pub struct After {
    #[serde(default)]
    after: String,
}

pub async fn facts(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<After>) -> Result<Page, Failed> {
    let of = open(&visit, &id).await?;
    let asked = query(&[("after", &asked.after), ("limit", "100")]);
    let facts: List<Fact> = visit.api.get(&format!("{}{asked}", visit.v1(&["families", &id, "facts"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = facts
        .items
        .iter()
        .map(|f| {
            vec![
                html! { (words::code(&f.section)) },
                html! { (words::code(&f.kind)) },
                html! { (f.person.as_deref().and_then(|p| of.family.name_of(p)).unwrap_or_default()) },
                html! { (words::day(&f.first)) @if let Some(last) = &f.last { @if *last != f.first { " to " (words::day(last)) } } },
                html! { (said(&f.detail)) },
                html! { (organisations.name(&f.source)) },
            ]
        })
        .collect();
    let body = html! {
        (of.top(&visit, "facts"))
        @if rows.is_empty() { (list::nothing("Nothing is known yet that you may see.")) } @else {
            (list::table("All that is known", &["Section", "What", "Of", "When", "How", "Said by"], &rows))
        }
        (list::rest(&visit.to(&["families", &id, "facts"]), facts.next.as_deref()))
    };
    Ok(of.page(&visit, "All that is known", body))
}
