//! Budgets: what is there, what contracts bind of it, what is spent and left.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::super::overview::pounds_of;
use crate::Pages;
use crate::pages::common::sorted;
use crate::ui::chart::{Bar, bars};
use crate::ui::form::{Ask, Asked, Typed, button, hidden, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::{Visit, see_other};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/budgets", get(budgets).post(begin)).route("/{authority}/budgets/{budget}", get(budget).post(set))
}

#[derive(Deserialize)]
struct Budget {
    name: String,
    title: String,
    first: String,
    last: String,
    amount_pence: i64,
    #[serde(default)]
    committed_pence: i64,
    #[serde(default)]
    spent_pence: i64,
    #[serde(default)]
    left_pence: i64,
}

async fn budgets(visit: Visit) -> Result<Page, Failed> {
    let budgets: List<Budget> = visit.api.get(&visit.v1(&["budgets"])).await?;
    let typed = Typed::default();
    let body = html! {
        h1 class="govuk-heading-l" { "Budgets" }
        @if budgets.items.is_empty() { (list::nothing("There is no budget yet.")) }
        @for b in &budgets.items { (one(&visit, b)) }
        @if visit.me.may("keep-contracts") {
            h2 class="govuk-heading-m" { "A new budget" }
            form method="post" action=(visit.to(&["budgets"])) novalidate {
                (Asked::new(&typed, None).line(Ask { name: "name", label: "Its short name", hint: "Such as families-2026; contracts name it so for ever" }, "text"))
                (second_button("Go on"))
            }
        }
    };
    Ok(visit.page("Budgets", body).below([visit.crumb(&["contracts"], "Contracts")]))
}

fn one(visit: &Visit, b: &Budget) -> Markup {
    let drawn: Vec<Bar> =
        [("Whole budget", b.amount_pence), ("Bound by contracts", b.committed_pence), ("Spent", b.spent_pence), ("Left", b.left_pence)]
            .into_iter()
            .map(|(name, pence)| Bar { name: name.to_owned(), value: pounds_of(pence), words: words::pounds(pence) })
            .collect();
    html! {
        h2 class="govuk-heading-m" { (b.title) }
        p class="govuk-body" { (words::day(&b.first)) " to " (words::day(&b.last)) }
        (bars(&b.title, &drawn))
        @if b.left_pence < 0 { (list::warning("More is bound than there is.")) }
        @if visit.me.may("keep-contracts") {
            p class="govuk-body" { (list::link(&visit.to(&["budgets", &b.name]), &format!("Change {}", b.title))) }
        }
    }
}

async fn begin(visit: Visit, typed: Typed) -> Response {
    see_other(&typed.text("name").map_or_else(|| visit.to(&["budgets"]), |name| visit.to(&["budgets", name])))
}

async fn budget(visit: Visit, Path((_, name)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    match visit.api.read::<Budget>(&visit.v1(&["budgets", &name])).await {
        Ok(read) => {
            typed.set("version", read.version.unwrap_or_default());
            typed.set("title", read.value.title);
            typed.set("amount_pence", words::pounds(read.value.amount_pence).replace('£', ""));
            typed.set_day("first", &read.value.first);
            typed.set_day("last", &read.value.last);
        }
        // One that is not there yet is begun.
        Err(Failed::Refused(problem)) if problem.status == 404 => {}
        Err(failed) => return Err(failed),
    }
    Ok(budget_page(&visit, &name, &typed, None))
}

fn budget_page(visit: &Visit, name: &str, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (name) }
        h1 class="govuk-heading-l" { "Budget" }
        form method="post" action=(visit.to(&["budgets", name])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (form.line(Ask { name: "title", label: "What it is called", hint: "" }, "text"))
            (form.number(Ask { name: "amount_pence", label: "How much", hint: "" }, "£", ""))
            (form.day(Ask { name: "first", label: "First day", hint: "" }))
            (form.day(Ask { name: "last", label: "Last day", hint: "" }))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["contracts"], "Contracts"), visit.crumb(&["budgets"], "Budgets")];
    visit.page("Budget", body).below(above).wrong(problem)
}

async fn set(visit: Visit, Path((_, name)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["title"]);
    body.extend(typed.pence("amount_pence").map(|p| ("amount_pence".to_owned(), p)));
    for day in ["first", "last"] {
        body.extend(typed.day(day).map(|d| (day.to_owned(), Value::from(d))));
    }
    match sorted(visit.api.put(&visit.v1(&["budgets", &name]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["budgets"], "saved")),
        Err(problem) => Ok(budget_page(&visit, &name, &typed, Some(&problem)).into_response()),
    }
}
