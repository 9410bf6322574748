//! The families that a candidate decides differently: both answers side by side, each with its reasons.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::kind;
use crate::codes::CLAIMS;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Difference {
    number: u64,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    as_of: String,
    kind: String,
    pence: i64,
    live: Side,
    candidate: Side,
    criteria: Vec<Criterion>,
    evidence_gone: bool,
}

#[derive(Deserialize)]
struct Side {
    result: String,
    failed: bool,
    claims: Vec<Claim>,
    tasks: Vec<String>,
    proposals: Vec<String>,
    #[serde(default)]
    look_again: Option<String>,
}

#[derive(Deserialize)]
struct Claim {
    kind: String,
    pence: i64,
}

#[derive(Deserialize)]
struct Criterion {
    live: Vec<Finding>,
    candidate: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    heading: String,
    #[serde(default)]
    person: Option<Named>,
    says: String,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Reason {
    sentence: String,
}

#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    by: String,
    #[serde(default)]
    after: String,
}

/// Headings, with what the host sorts by.
const HEADS: [(&str, &str); 6] =
    [("Family", "number"), ("As of", ""), ("Differs in", "kind"), ("Claims", "pence"), ("Now", ""), ("With the candidate", "")];

pub async fn differences(visit: Visit, Path((_, id)): Path<(String, String)>, Query(wanted): Query<Wanted>) -> Result<Page, Failed> {
    let by = HEADS.iter().position(|(_, by)| !by.is_empty() && *by == wanted.by);
    let code = by.map_or("", |i| HEADS[i].1);
    let asked = query(&[("by", code), ("after", &wanted.after), ("limit", "50")]);
    let all: List<Difference> = visit.api.get(&format!("{}{asked}", visit.v1(&["back-tests", &id, "differences"]))).await?;
    let here = |by: &str| format!("{}{}", visit.to(&["plugins", "back-tests", &id, "differences"]), query(&[("by", by)]));
    let heads: Vec<list::Head<'_>> = HEADS.iter().map(|(head, by)| (*head, (!by.is_empty()).then(|| here(by)))).collect();
    let rows: Vec<_> = all.items.iter().map(|d| row(&visit, d)).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Families that are decided differently" }
        @if rows.is_empty() { (list::nothing("None that you may see.")) }
        @else {
            (list::sortable("Both answers side by side", &heads, by.map(|i| (i, code == "pence")), &rows))
            p class="govuk-body" { a class="govuk-link" href=(visit.to(&["plugins", "back-tests", &id, "file"])) download { "All of them as a sheet (CSV), without names" } }
        }
        (list::rest(&here(code), all.next.as_deref()))
    };
    let above = [
        visit.crumb(&["plugins"], "Plugins"),
        visit.crumb(&["plugins", "back-tests"], "Back-tests"),
        visit.crumb(&["plugins", "back-tests", &id], "The back-test"),
    ];
    Ok(visit.page("Families that are decided differently", body).below(above).private())
}

fn row(visit: &Visit, d: &Difference) -> Vec<list::Cell> {
    let name = d.family_reference.clone().unwrap_or_else(|| format!("Family {}", d.number));
    vec![
        (list::link(&visit.to(&["families", &d.family]), &name), Some(d.number.to_string())),
        (html! { (words::day(&d.as_of)) }, Some(d.as_of.clone())),
        (
            html! { (kind(&d.kind)) @if d.evidence_gone { br; "What it rests on is not there any more, or is sealed" } },
            Some(d.kind.clone()),
        ),
        (html! { (change(d.pence)) }, Some(d.pence.to_string())),
        (side(&d.live, d.criteria.iter().flat_map(|c| &c.live)), None),
        (side(&d.candidate, d.criteria.iter().flat_map(|c| &c.candidate)), None),
    ]
}

/// The candidate's claims less those now.
fn change(pence: i64) -> String {
    match pence {
        0 => "The same".to_owned(),
        more if more > 0 => format!("{} more", words::pounds(more)),
        less => format!("{} less", words::pounds(-less)),
    }
}

fn side<'a>(s: &Side, findings: impl Iterator<Item = &'a Finding>) -> Markup {
    let claims: Vec<String> = s.claims.iter().map(|c| format!("{}, {}", CLAIMS.words(&c.kind), words::pounds(c.pence))).collect();
    let todo: Vec<String> = s.tasks.iter().map(|t| words::code(t)).chain(s.proposals.iter().map(|p| words::code(p))).collect();
    html! {
        p class="govuk-body" { strong { @if s.failed { "Failed: " } (words::code(&s.result)) } }
        @for finding in findings {
            p class="govuk-body-s" {
                strong { (finding.heading) @if let Some(p) = &finding.person { ", " (p.name) } } ": " (finding.says)
                @for reason in &finding.reasons { br; (reason.sentence) }
            }
        }
        @if !claims.is_empty() { p class="govuk-body-s" { "Claims: " (claims.join("; ")) } }
        @if !todo.is_empty() { p class="govuk-body-s" { "To do: " (todo.join("; ")) } }
        @if let Some(day) = &s.look_again { p class="govuk-body-s" { "Look again on " (words::day(day)) } }
    }
}

pub async fn file(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Response, Failed> {
    visit.api.through(&visit.v1(&["back-tests", &id, "file"])).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_compared_in_words() {
        assert_eq!((change(0), change(80_000), change(-100_050)), ("The same".into(), "£800 more".into(), "£1,000.50 less".into()));
    }
}
