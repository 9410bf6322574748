//! Whoever takes part, and what may be shared with them.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::above;
use crate::Pages;
use crate::codes;
use crate::pages::common::{Organisations, sorted, whole};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration/organisations", get(organisations).post(add))
        .route("/{authority}/administration/agreements", get(agreements).post(agree))
        .route("/{authority}/administration/agreements/{agreement}/end", post(end))
}

#[derive(Deserialize)]
struct Organisation {
    id: String,
    name: String,
    kind: String,
}

async fn organisations(visit: Visit) -> Result<Page, Failed> {
    organisations_page(&visit, &Typed::default(), None).await
}

async fn organisations_page(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let (all, _) = whole::<Organisation>(&visit.api, "/v1/organisations").await?;
    let rows: Vec<_> = all
        .iter()
        .map(|o| vec![html! { (o.name) }, html! { (codes::ORGANISATION_KINDS.words(&o.kind)) }, html! { code { (o.id) } }])
        .collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Organisations" }
        @if rows.is_empty() { (list::nothing("There is no organisation yet.")) }
        @else { (list::table("Whoever takes part", &["Name", "Kind", "Short name"], &rows)) }
        @if visit.me.may("manage-sharing") {
            h2 class="govuk-heading-m" { "Add an organisation" }
            form method="post" action=(visit.to(&["administration", "organisations"])) novalidate {
                (once())
                (form.line(Ask { name: "name", label: "Name", hint: "" }, "text"))
                (form.line(Ask { name: "id", label: "Short name", hint: "Such as harbour-steps. It stays so for ever" }, "text"))
                (form.select(Ask { name: "kind", label: "Kind", hint: "" }, &codes::ORGANISATION_KINDS.choices()))
                (button("Add it"))
            }
        }
    };
    Ok(visit.page("Organisations", body).below(above(visit)).wrong(problem))
}

async fn add(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post("/v1/organisations", &typed.object(&["id", "name", "kind"]), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "organisations"], "saved")),
        Err(problem) => Ok(organisations_page(&visit, &typed, Some(&problem)).await?.into_response()),
    }
}

const BASES: &[(&str, &str)] = &[
    ("consent", "The family's consent"),
    ("child-protection", "Child protection"),
    ("identification-gateway", "Gateway to find families in need"),
    ("crime-and-disorder", "Crime and disorder"),
    ("legal-obligation", "Legal obligation"),
];

const PURPOSES: &[(&str, &str)] = &[
    ("casework", "Work with the family"),
    ("referral", "Referral"),
    ("supervision", "Supervision"),
    ("claims", "Claims"),
    ("data-quality", "Data quality"),
    ("audit", "Audit"),
    ("statistics", "Statistics"),
    ("emergency", "Emergency"),
];

const SECTIONS: &[(&str, &str)] = &[
    ("household", "Household"),
    ("education", "Education"),
    ("offending", "Offending"),
    ("safeguarding", "Safeguarding"),
    ("abuse", "Domestic abuse"),
    ("health", "Health"),
    ("employment", "Employment"),
    ("housing", "Housing"),
    ("finance", "Finance"),
    ("support", "Support"),
    ("assessments", "Assessments"),
    ("identity", "Identity"),
    ("notes", "Notes"),
];

#[derive(Deserialize)]
struct Agreement {
    id: String,
    organisation: String,
    basis: String,
    needs_consent: bool,
    purposes: Vec<String>,
    sections: Vec<String>,
    first: String,
    #[serde(default)]
    last: Option<String>,
}

fn named(all: &[(&str, &str)], codes: &[String]) -> String {
    let one = |code: &String| all.iter().find(|(c, _)| c == code).map_or_else(|| words::code(code), |(_, name)| (*name).to_owned());
    codes.iter().map(one).collect::<Vec<_>>().join(", ")
}

async fn agreements(visit: Visit) -> Result<Page, Failed> {
    agreements_page(&visit, &Typed::default(), None).await
}

async fn agreements_page(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Agreement> = visit.api.get(&visit.v1(&["agreements"])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let manages = visit.me.may("manage-sharing");
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|a| {
            let last = a.last.as_deref().map(|last| format!(" to {}", words::day(last))).unwrap_or_default();
            vec![
                html! { (organisations.name(&a.organisation)) },
                html! { (named(SECTIONS, &a.sections)) },
                html! { (named(PURPOSES, &a.purposes)) },
                html! { (named(BASES, std::slice::from_ref(&a.basis))) @if a.needs_consent { " " (list::tag("Needs consent", "yellow")) } },
                html! { (words::day(&a.first)) (last) },
                html! { @if manages && a.last.is_none() { (act(&visit.to(&["administration", "agreements", &a.id, "end"]), "End it today")) } },
            ]
        })
        .collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Agreements to share" }
        @if rows.is_empty() { (list::nothing("Nothing is agreed: nothing of any family is shared.")) }
        @else { (list::table("What is agreed", &["With", "Sections", "For", "On the ground of", "When", "Act"], &rows)) }
        @if manages {
            h2 class="govuk-heading-m" { "A new agreement" }
            form method="post" action=(visit.to(&["administration", "agreements"])) novalidate {
                (once())
                (form.select(Ask { name: "organisation", label: "With whom?", hint: "" }, &organisations.choices()))
                (form.boxes(Ask { name: "sections", label: "What may be shared?", hint: "" }, SECTIONS))
                (form.boxes(Ask { name: "purposes", label: "For what?", hint: "" }, PURPOSES))
                (form.radios(Ask { name: "basis", label: "On which ground?", hint: "" }, BASES))
                (form.day(Ask { name: "first", label: "From", hint: "" }))
                (form.day(Ask { name: "last", label: "Until", hint: "Nothing: no end is set" }))
                (button("Agree"))
            }
        }
    };
    Ok(visit.page("Agreements to share", body).below(above(visit)).wrong(problem))
}

async fn agree(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["organisation", "basis"]);
    for name in ["sections", "purposes"] {
        body.insert(name.to_owned(), json!(typed.all(name)));
    }
    for name in ["first", "last"] {
        body.extend(typed.day(name).map(|d| (name.to_owned(), Value::from(d))));
    }
    match sorted(visit.api.post(&visit.v1(&["agreements"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "agreements"], "saved")),
        Err(problem) => Ok(agreements_page(&visit, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn end(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["agreements", &id, "end"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "agreements"], "ended")),
        Err(problem) => Ok(agreements_page(&visit, &Typed::default(), Some(&problem)).await?.into_response()),
    }
}
