//! Who looked at what, did what, and signed in.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::above;
use crate::Pages;
use crate::pages::common::After;
use crate::ui::form::{Ask, Asked, Typed, button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/administration/audit", get(audit)).route("/{authority}/administration/sign-ins", get(sign_ins))
}

#[derive(Deserialize)]
struct Entry {
    at: String,
    principal: String,
    act: String,
    what: String,
    #[serde(default)]
    purpose: Option<String>,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    sections: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    principal: String,
    #[serde(default)]
    act: String,
    #[serde(default, rename = "day-day")]
    day: String,
    #[serde(default, rename = "day-month")]
    month: String,
    #[serde(default, rename = "day-year")]
    year: String,
    /// A family's id, as links of other pages have it.
    #[serde(default)]
    family: String,
    #[serde(default)]
    after: String,
}

async fn audit(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    for (name, value) in [
        ("principal", &looked.principal),
        ("act", &looked.act),
        ("day-day", &looked.day),
        ("day-month", &looked.month),
        ("day-year", &looked.year),
    ] {
        typed.set(name, value.clone());
    }
    let day = typed.day("day").unwrap_or_default();
    let asked = [
        ("family", looked.family.as_str()),
        ("principal", looked.principal.trim()),
        ("act", &looked.act),
        ("day", &day),
        ("after", &looked.after),
        ("limit", "50"),
    ];
    let mut problem = None;
    let found: Option<List<Entry>> = match visit.api.get(&format!("{}{}", visit.v1(&["audit", "entries"]), query(&asked))).await {
        Ok(found) => Some(found),
        Err(Failed::Refused(refused)) if refused.is_of_input() => {
            problem = Some(refused);
            None
        }
        Err(failed) => return Err(failed),
    };
    let form = Asked::new(&typed, problem.as_ref());
    let here = format!(
        "{}{}",
        visit.to(&["administration", "audit"]),
        query(&[
            ("family", &looked.family),
            ("principal", &looked.principal),
            ("act", &looked.act),
            ("day-day", &looked.day),
            ("day-month", &looked.month),
            ("day-year", &looked.year)
        ])
    );
    let body = html! {
        h1 class="govuk-heading-l" { "Audit trail" }
        form method="get" action=(visit.to(&["administration", "audit"])) {
            (form.line(Ask { name: "principal", label: "Who", hint: "As the trail names them, with their login: follow a name below" }, "text"))
            (form.radios(Ask { name: "act", label: "Did what?", hint: "" }, &[("", "Anything"), ("read", "Looked"), ("wrote", "Changed something"), ("refused", "Was refused")]))
            (form.day(Ask { name: "day", label: "On which day?", hint: "" }))
            (button("Find"))
        }
        @if let Some(found) = &found {
            (entries(&visit, &found.items))
            (list::rest(&here, found.next.as_deref()))
        }
    };
    Ok(visit.page("Audit trail", body).below(above(&visit)).wrong(problem.as_ref()).private())
}

fn entries(visit: &Visit, entries: &[Entry]) -> Markup {
    let rows: Vec<_> = entries
        .iter()
        .map(|e| {
            vec![
                html! { (words::at(&e.at)) },
                list::link(&format!("{}{}", visit.to(&["administration", "audit"]), query(&[("principal", &e.principal)])), words::who(&e.principal)),
                html! { (words::code(&e.act)) ": " (what(&e.what)) },
                html! { (e.purpose.as_deref().map(words::code).unwrap_or_default()) },
                html! { (e.sections.iter().map(|s| words::code(s).to_lowercase()).collect::<Vec<_>>().join(", ")) },
                html! { @if let Some(family) = &e.family { (list::link(&format!("{}{}", visit.to(&["administration", "audit"]), query(&[("family", family)])), "All of this family")) } },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { (list::nothing("Nothing of that is in the trail.")) }
        @else { (list::table("Entries, the latest first", &["When", "Who", "What", "For", "Sections", "Family"], &rows)) }
    }
}

/// `GET /v1/authorities/{authority}/look-again` → look again.
fn what(what: &str) -> String {
    let path = what.split_once("/v1/authorities/{authority}/").map_or(what, |(_, rest)| rest);
    let steps: Vec<String> = path.split('/').filter(|s| !s.is_empty() && !s.starts_with('{')).map(|s| s.replace('-', " ")).collect();
    steps.join(", ")
}

#[derive(Deserialize)]
struct SignIn {
    at: String,
    how: String,
    outcome: String,
    here: bool,
}

async fn sign_ins(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<SignIn> = visit.api.get(&after.of(&visit.v1(&["sign-ins"]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|s| {
            vec![
                html! { (words::at(&s.at)) },
                html! { (words::code(&s.how)) },
                html! { (words::code(&s.outcome)) },
                html! { @if s.here { "Yes" } @else { "No" } },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Sign-ins" }
        @if rows.is_empty() { (list::nothing("Nobody signed in yet.")) }
        @else { (list::table("Who signed in, and who tried", &["When", "How", "What came of it", "Has a role here"], &rows)) }
        (list::rest(&visit.to(&["administration", "sign-ins"]), all.next.as_deref()))
    };
    Ok(visit.page("Sign-ins", body).below(above(&visit)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_asked_reads_as_words() {
        assert_eq!(super::what("GET /v1/authorities/{authority}/families/{family}/look-again"), "families, look again");
        assert_eq!(super::what("a plan was made"), "a plan was made");
    }
}
