//! Families, found and listed.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::pages::common::family_link;
pub use crate::pages::family::record::{Family, Name};
use crate::ui::form::{Ask, Asked, Typed, button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/families", get(families))
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    reference: String,
    #[serde(default)]
    names: Vec<String>,
    changed_at: String,
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    name: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
struct Found {
    families: Vec<InFamily>,
    #[serde(default)]
    known: Known,
}

#[derive(Deserialize)]
struct InFamily {
    id: String,
    reference: String,
}

/// What tells who somebody is.
#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    names: Vec<Name>,
    #[serde(default)]
    born: Vec<String>,
}

async fn families(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("name", &looked.name);
    typed.set("reference", &looked.reference);
    let mut problem = None;
    let shown = match shown(&visit, &looked).await {
        Ok(shown) => shown,
        Err(Failed::Refused(refused)) if refused.is_of_input() => {
            problem = Some(refused);
            html! {}
        }
        Err(failed) => return Err(failed),
    };
    let form = Asked::new(&typed, problem.as_ref());
    let body = html! {
        h1 class="govuk-heading-l" { "Families" }
        form method="get" action=(visit.to(&["families"])) role="search" {
            (form.line(Ask { name: "name", label: "Name of a member", hint: "As much of it as you know; how it is spelt matters little" }, "search"))
            (form.line(Ask { name: "reference", label: "Or the family's reference", hint: "" }, "search"))
            (button("Find"))
        }
        (shown)
    };
    Ok(visit.page("Families", body).wrong(problem.as_ref()).private())
}

async fn shown(visit: &Visit, looked: &Looked) -> Result<Markup, Failed> {
    if !looked.name.trim().is_empty() {
        let found: List<Found> = visit.api.get(&format!("{}{}", visit.v1(&["search"]), query(&[("name", &looked.name)]))).await?;
        let rows: Vec<_> = found
            .items
            .iter()
            .map(|f| {
                let names = f.known.names.iter().map(Name::whole).collect::<Vec<_>>().join(", also ");
                let born = f.known.born.iter().map(|b| words::day(b)).collect::<Vec<_>>().join(" or ");
                vec![
                    html! { (names) },
                    html! { (born) },
                    html! { @for of in &f.families { (family_link(visit, &of.id, Some(&of.reference))) " " } },
                ]
            })
            .collect();
        return Ok(html! {
            @if rows.is_empty() { (list::nothing("Nobody of that name is in a family that you may see.")) }
            @else { (list::table("Found", &["Name", "Born", "Family"], &rows)) }
        });
    }
    let asked = query(&[("reference", looked.reference.trim()), ("after", &looked.after), ("limit", "50")]);
    let families: List<Listed> = visit.api.get(&format!("{}{asked}", visit.v1(&["families"]))).await?;
    let rows: Vec<_> = families
        .items
        .iter()
        .map(|f| vec![family_link(visit, &f.id, Some(&f.reference)), html! { (f.names.join(", ")) }, html! { (words::at(&f.changed_at)) }])
        .collect();
    Ok(html! {
        @if rows.is_empty() { (list::nothing("There is no family here that you may see.")) }
        @else { (list::table("Families that you may see", &["Reference", "Family names", "Last changed"], &rows)) }
        (list::rest(&visit.to(&["families"]), families.next.as_deref()))
    })
}
