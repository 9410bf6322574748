//! Contracts and grants: what is bought of whom, what the rules say of it, how it does, and what is due.

mod act;
pub mod asked;
mod budgets;
pub mod lines;
mod terms;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::common::{After, Organisations};
use super::overview::{bar, pounds_of};
use crate::Pages;
use crate::codes;
use crate::ui::chart::{Bar, bars};
use crate::ui::form::Typed;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/contracts", get(contracts))
        .route("/{authority}/contracts/new", get(terms::new).post(terms::create))
        .route("/{authority}/contracts/{contract}", get(contract))
        .route("/{authority}/contracts/{contract}/edit", get(terms::edit).post(terms::save))
        .route("/{authority}/contracts/{contract}/decisions", post(act::ask))
        .route("/{authority}/contracts/{contract}/signature", post(act::sign))
        .route("/{authority}/contracts/{contract}/reviews", post(act::review))
        .route("/{authority}/contracts/{contract}/end", post(act::end))
        .merge(lines::routes())
        .merge(budgets::routes())
}

/// A contract with its terms.
#[derive(Deserialize)]
pub struct Contract {
    pub id: String,
    pub title: String,
    pub provider: String,
    pub state: String,
    pub first: String,
    #[serde(default)]
    pub last: Option<String>,
    pub value_pence: i64,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    budget: Option<String>,
    #[serde(default)]
    families: Option<u32>,
    #[serde(default)]
    grant: bool,
    #[serde(default)]
    spot: bool,
    #[serde(default)]
    installation: Option<String>,
    paid: String,
    #[serde(default)]
    prices: Vec<Price>,
    #[serde(default)]
    pub reviews: Vec<String>,
    #[serde(default)]
    services: Vec<String>,
}

#[derive(Deserialize)]
struct Price {
    amount_pence: i64,
    first: String,
    unit: String,
}

impl Contract {
    pub fn tag(&self) -> Markup {
        match self.state.as_str() {
            "signed" => list::tag("Signed", "green"),
            "draft" => list::tag("Draft", "yellow"),
            _ => list::tag(&words::code(&self.state), "grey"),
        }
    }

    pub fn when(&self) -> String {
        let last = self.last.as_deref().map(|last| format!(" to {}", words::day(last))).unwrap_or_default();
        format!("{}{last}", words::day(&self.first))
    }
}

async fn contracts(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let contracts: List<Contract> = visit.api.get(&after.of(&visit.v1(&["contracts"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = contracts
        .items
        .iter()
        .map(|c| {
            vec![
                list::link(&visit.to(&["contracts", &c.id]), &c.title),
                html! { (organisations.name(&c.provider)) },
                html! { (c.when()) },
                html! { (words::pounds(c.value_pence)) },
                c.tag(),
            ]
        })
        .collect();
    let keeps = visit.me.may("keep-contracts");
    let body = html! {
        h1 class="govuk-heading-l" { "Contracts" }
        ul class="govuk-list" {
            @if keeps { li { (list::link(&visit.to(&["contracts", "new"]), "Draft a contract")) } }
            @if visit.me.may("keep-contracts") { li { (list::link(&visit.to(&["budgets"]), "Budgets")) } }
            li { (list::link(&visit.to(&["services"]), "The directory of services")) }
        }
        @if rows.is_empty() { (list::nothing("There is no contract or grant that you may see yet.")) }
        @else { (list::table("Contracts and grants", &["Contract", "With", "When", "Value", "Stands at"], &rows)) }
        (list::rest(&visit.to(&["contracts"]), contracts.next.as_deref()))
    };
    Ok(visit.page("Contracts", body))
}

async fn contract(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    contract_page(&visit, &id, &Typed::default(), None).await
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

/// A contract on its page, with the problem of what was asked of it, if there was one.
pub(super) async fn contract_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let c: Contract = visit.api.get(&visit.v1(&["contracts", id])).await?;
    let did: Performance = visit.api.get(&visit.v1(&["contracts", id, "performance"])).await?;
    let asked: List<asked::Answer> = visit.api.get(&visit.v1(&["contracts", id, "decisions"])).await?;
    let lines: List<lines::Line> = visit.api.get(&format!("{}?limit=200", visit.v1(&["contracts", id, "payment-lines"]))).await?;
    let body = html! {
        span class="govuk-caption-l" { @if c.grant { "Grant" } @else { "Contract" } }
        h1 class="govuk-heading-l" { (c.title) }
        p class="govuk-body" { (c.tag()) }
        (terms_of(visit, &c).await?)
        @if c.state == "draft" && visit.me.may("keep-contracts") { p class="govuk-body" { (list::link(&visit.to(&["contracts", id, "edit"]), "Change the terms")) } }
        @if c.state != "draft" { (performance(&did)) (lines::table(visit, &lines.items)) }
        (asked::answers(&asked.items))
        (act::forms(visit, &c, &asked.items, typed, problem))
        (reviewed(&did))
    };
    Ok(visit.page(c.title, body).below([visit.crumb(&["contracts"], "Contracts")]).wrong(problem))
}

async fn terms_of(visit: &Visit, c: &Contract) -> Result<Markup, Failed> {
    let organisations = Organisations::of(&visit.api).await?;
    let services: Option<List<Named>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["services"]))).await?;
    let services = services.map(|s| s.items).unwrap_or_default();
    let installations: Option<List<Named>> =
        if visit.me.may("see-rules") { visit.api.maybe(&visit.v1(&["installations"])).await? } else { None };
    let name =
        |all: &[Named], id: &str| all.iter().find(|n| n.id == id).map_or_else(|| "one that is not listed".to_owned(), |n| n.name.clone());
    let mut rows = vec![
        ("With", html! { (organisations.name(&c.provider)) }),
        ("When", html! { (c.when()) }),
        ("Value", html! { (words::pounds(c.value_pence)) }),
        ("Paid", html! { (codes::PAYMENT_TERMS.words(&c.paid)) @if c.spot { ", bought once for one need" } }),
        ("Families", html! { (c.families.map_or_else(|| "No most is agreed".to_owned(), |n| format!("{n} at most"))) }),
    ];
    let mut put = |key, value: String| {
        if !value.is_empty() {
            rows.push((key, html! { (value) }));
        }
    };
    let price =
        |p: &Price| format!("{}: {} from {}", codes::PAYMENT_UNITS.words(&p.unit), words::pounds(p.amount_pence), words::day(&p.first));
    put("Prices", c.prices.iter().map(price).collect::<Vec<_>>().join("; "));
    put("Services", c.services.iter().map(|s| name(&services, s)).collect::<Vec<_>>().join(", "));
    put("Budget", c.budget.clone().unwrap_or_default());
    put("Rules asked", c.installation.as_deref().and_then(|i| installations.as_ref().map(|all| name(&all.items, i))).unwrap_or_default());
    put("Reviews", c.reviews.iter().map(|r| words::day(r)).collect::<Vec<_>>().join(", "));
    Ok(html! {
        @if let Some(description) = &c.description { p class="govuk-body" { (description) } }
        (list::pairs(&rows))
    })
}

#[derive(Deserialize)]
pub struct Performance {
    referred: usize,
    started: usize,
    ended: usize,
    completed: usize,
    refused: usize,
    sessions_offered: usize,
    sessions_kept: usize,
    achieved: usize,
    partly: usize,
    not_achieved: usize,
    value_pence: i64,
    drafted_pence: i64,
    approved_pence: i64,
    #[serde(default)]
    acts: Vec<Reviewed>,
}

#[derive(Deserialize)]
struct Reviewed {
    act: String,
    on: String,
    by: String,
    #[serde(default)]
    why: Option<String>,
}

pub fn performance(did: &Performance) -> Markup {
    let families = [
        ("Referred", did.referred),
        ("Refused", did.refused),
        ("Started", did.started),
        ("Ended", did.ended),
        ("Completed", did.completed),
        ("Sessions offered", did.sessions_offered),
        ("Sessions kept", did.sessions_kept),
        ("Problems solved", did.achieved),
        ("Problems partly solved", did.partly),
        ("Problems not solved", did.not_achieved),
    ];
    let drawn: Vec<Bar> = families.iter().map(|(name, n)| bar(name, *n, &n.to_string())).collect();
    let money = [("Value", did.value_pence), ("Approved", did.approved_pence), ("Drafted", did.drafted_pence)];
    let money: Vec<Bar> =
        money.iter().map(|(name, p)| Bar { name: (*name).to_owned(), value: pounds_of(*p), words: words::pounds(*p) }).collect();
    html! {
        h2 class="govuk-heading-m" { "How it did" }
        (bars("Families and sessions", &drawn))
        h3 class="govuk-heading-s" { "Money" }
        (bars("Money", &money))
    }
}

fn reviewed(did: &Performance) -> Markup {
    html! {
        @if !did.acts.is_empty() {
            h2 class="govuk-heading-m" { "What people settled" }
            ol class="hearth-timeline" {
                @for a in &did.acts {
                    li {
                        time datetime=(a.on) { (words::day(&a.on)) }
                        (words::code(&a.act)) " by " (words::who(&a.by))
                        @if let Some(why) = &a.why { ": " (why) }
                    }
                }
            }
        }
    }
}
