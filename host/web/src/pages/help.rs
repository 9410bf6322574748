//! Help that a family is to get: asked for, a shortlist with its reasons, and the referral to a service.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::common::sorted;
use super::family::record::Family;
use crate::Pages;
use crate::codes;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once, second_button};
use crate::ui::{Crumb, Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::{Visit, see_other};

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/families/{family}/help/{help}", get(choose).post(refer))
        .route("/{authority}/families/{family}/help/{help}/shortlist", post(shortlist))
        .route("/{authority}/families/{family}/help/{help}/withdrawal", post(withdraw))
}

fn above(visit: &Visit, id: &str, family: &Family) -> Vec<Crumb> {
    vec![visit.crumb(&["families"], "Families"), visit.crumb(&["families", id], family.reference.clone())]
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    /// The shortlist that was asked for.
    #[serde(default)]
    decision: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    offers: Vec<String>,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Shortlist {
    says: String,
    #[serde(default)]
    reported: Vec<Suggested>,
}

#[derive(Deserialize)]
struct Suggested {
    report: String,
    /// By the name that the directory has for it.
    #[serde(default)]
    service: String,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    sentence: Option<String>,
}

async fn choose(visit: Visit, Path((_, id, help)): Path<(String, String, String)>, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("decision", looked.decision);
    choose_page(&visit, (&id, &help), &typed, None).await
}

async fn choose_page(visit: &Visit, (id, help): (&str, &str), typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let family: Family = visit.api.get(&visit.v1(&["families", id])).await?;
    let services: List<Named> = visit.api.get(&format!("{}?limit=200", visit.v1(&["services"]))).await?;
    let rules: Option<List<Named>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["installations"]))).await?;
    let buys = |r: &Named| r.status == "active" && r.offers.iter().any(|o| o == "commissioning");
    let rules: Vec<Named> = rules.into_iter().flat_map(|r| r.items).filter(buys).collect();
    let shortlist: Option<Shortlist> = match typed.text("decision") {
        Some(decision) => Some(visit.api.get(&visit.v1(&["decisions", decision])).await?),
        None => None,
    };
    let choices: Vec<(String, String)> = services
        .items
        .iter()
        .map(|s| (s.id.clone(), format!("{} ({})", s.name, codes::SERVICE_KINDS.words(&s.kind).to_lowercase())))
        .collect();
    let choices: Vec<(&str, &str)> = choices.iter().map(|(id, words)| (id.as_str(), words.as_str())).collect();
    let form = Asked::new(typed, problem);
    let to = visit.to(&["families", id, "help", help]);
    let body = html! {
        h1 class="govuk-heading-l" { "Find a service" }
        (ask_rules(visit, (id, help), &rules))
        @if let Some(shortlist) = &shortlist { (suggested(shortlist)) }
        h2 class="govuk-heading-m" { "Refer them" }
        form method="post" action=(to) novalidate {
            (once())
            (hidden("decision", typed.text("decision").unwrap_or_default()))
            (form.radios(Ask { name: "service", label: "To which service?", hint: "" }, &choices))
            (form.text(Ask { name: "why", label: "Why, if it is on no shortlist", hint: "" }, 2))
            (button("Refer them"))
        }
    };
    let mut crumbs = above(visit, id, &family);
    crumbs.push(visit.crumb(&["families", id, "help"], "Help"));
    Ok(visit.page("Find a service", body).below(crumbs).wrong(problem).private())
}

fn ask_rules(visit: &Visit, (id, help): (&str, &str), rules: &[Named]) -> Markup {
    html! {
        @if rules.is_empty() { (list::nothing("No rules of this council make a shortlist. You choose, and say why.")) }
        div class="hearth-buttons-in-line" {
            @for r in rules {
                form method="post" action=(visit.to(&["families", id, "help", help, "shortlist"])) {
                    (once()) (hidden("installation", &r.id))
                    (second_button(&format!("Ask {} for a shortlist", r.name)))
                }
            }
        }
    }
}

fn suggested(shortlist: &Shortlist) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Shortlist: " (shortlist.says.to_lowercase()) }
        ol class="govuk-list govuk-list--number" {
            @for s in shortlist.reported.iter().filter(|r| r.report == "suggest") {
                li {
                    strong { (s.service) }
                    @for reason in &s.reasons { @if let Some(sentence) = &reason.sentence { " " (sentence) } }
                }
            }
        }
    }
}

async fn shortlist(visit: Visit, Path((_, id, help)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = typed.object(&["installation"]);
    match sorted(visit.api.post(&visit.v1(&["help-requests", &help, "shortlist"]), &body, typed.once()).await)? {
        Ok(answer) => {
            let asked = query(&[("decision", answer["id"].as_str().unwrap_or_default()), ("told", "asked")]);
            Ok(see_other(&format!("{}{asked}", visit.to(&["families", &id, "help", &help]))))
        }
        Err(problem) => Ok(choose_page(&visit, (&id, &help), &Typed::default(), Some(&problem)).await?.into_response()),
    }
}

async fn refer(visit: Visit, Path((_, id, help)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = typed.object(&["service", "decision", "why"]);
    match sorted(visit.api.post(&visit.v1(&["help-requests", &help, "referrals"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["families", &id, "help"], "sent")),
        Err(problem) => Ok(choose_page(&visit, (&id, &help), &typed, Some(&problem)).await?.into_response()),
    }
}

async fn withdraw(visit: Visit, Path((_, id, help)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["help-requests", &help, "withdrawal"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["families", &id, "help"], "withdrawn")),
        Err(problem) => Ok(choose_page(&visit, (&id, &help), &Typed::default(), Some(&problem)).await?.into_response()),
    }
}
