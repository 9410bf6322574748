//! Payment lines: what is due under a contract, asked about, disputed, approved.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::codes;
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::{Me, Visit};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/contracts/{contract}/payments/{line}", get(line).post(act))
}

#[derive(Deserialize)]
pub struct Line {
    pub id: String,
    pub contract: String,
    kind: String,
    pub amount_pence: i64,
    on: String,
    pub state: String,
    #[serde(default)]
    family_number: Option<u32>,
    #[serde(default)]
    settle_by: Option<String>,
    #[serde(default)]
    overdue: bool,
    #[serde(default)]
    credits: Option<String>,
    #[serde(default)]
    acts: Vec<Done>,
}

#[derive(Deserialize)]
struct Done {
    at: String,
    by: String,
    act: String,
    #[serde(default)]
    why: Option<String>,
}

impl Line {
    fn tag(&self) -> Markup {
        let (words, colour) = match self.state.as_str() {
            "drafted" => ("Drafted", "blue"),
            "queried" => ("Asked about", "yellow"),
            "disputed" => ("Disputed", "orange"),
            "approved" => ("Approved", "green"),
            _ => ("Declined", "red"),
        };
        html! { (list::tag(words, colour)) @if self.overdue { " " (list::tag("Overdue", "red")) } }
    }

    fn of(&self) -> String {
        self.family_number.map_or_else(|| "The whole contract".to_owned(), |n| format!("Family number {n}"))
    }
}

pub fn table(visit: &Visit, lines: &[Line]) -> Markup {
    let rows: Vec<_> = lines
        .iter()
        .map(|l| {
            vec![
                list::link(&visit.to(&["contracts", &l.contract, "payments", &l.id]), &codes::PAYMENT_KINDS.words(&l.kind)),
                html! { (l.of()) },
                html! { (words::pounds(l.amount_pence)) },
                html! { (words::day(&l.on)) },
                l.tag(),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Payments" } (list::nothing("Nothing is due yet.")) }
        @else { (list::table("Payments", &["What for", "For whom", "Pounds", "Due on", "Stands at"], &rows)) }
    }
}

/// An act, the states of a line that it is for, and what it is called.
const ACTS: &[(&str, &[&str], &str)] = &[
    ("approve", &["drafted"], "Approve it"),
    ("query", &["drafted"], "Ask about it"),
    ("answer", &["queried"], "Answer the question"),
    ("dispute", &["drafted", "queried"], "Dispute it"),
    ("settle", &["disputed"], "The dispute is settled"),
    ("decline", &["drafted", "queried", "disputed"], "Decline it"),
    ("credit", &["approved"], "Take it back by a credit"),
];

/// What a visitor may do to a line that stands so. A line that somebody drafted is approved by another; the API sees to it.
fn acts(me: &Me, state: &str) -> Vec<(&'static str, &'static str)> {
    let may = |act: &str| match act {
        "approve" => me.may("approve-payments"),
        "settle" | "decline" | "credit" => me.may("keep-contracts"),
        "dispute" => me.provides(),
        _ => me.may("keep-contracts") || me.may("approve-payments") || me.may("provide"),
    };
    ACTS.iter().filter(|(act, states, _)| states.contains(&state) && may(act)).map(|(act, _, words)| (*act, *words)).collect()
}

async fn line(visit: Visit, Path((_, contract, line)): Path<(String, String, String)>) -> Result<Page, Failed> {
    line_page(&visit, &contract, &line, &Typed::default(), None).await
}

async fn line_page(visit: &Visit, contract: &str, line: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let l: Line = visit.api.get(&visit.v1(&["payment-lines", line])).await?;
    let acts = acts(&visit.me, &l.state);
    let form = Asked::new(typed, problem);
    let title = format!("{}: {}", codes::PAYMENT_KINDS.words(&l.kind), words::pounds(l.amount_pence));
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { (l.tag()) }
        (list::pairs(&[("For", html! { (l.of()) }), ("Due on", html! { (words::day(&l.on)) })]))
        @if let Some(by) = &l.settle_by { (list::inset(&format!("To be settled by {}.", words::day(by)))) }
        @if l.credits.is_some() { (list::inset("It takes an earlier payment back.")) }
        @if !acts.is_empty() {
            form method="post" action=(visit.to(&["contracts", contract, "payments", line])) novalidate {
                (once())
                (form.radios(Ask { name: "act", label: "What do you do?", hint: "" }, &acts))
                (form.text(Ask { name: "why", label: "In words", hint: "The question, the answer, or why. It names no family" }, 3))
                (button("Do it"))
            }
        }
        h2 class="govuk-heading-m" { "What was done" }
        @if l.acts.is_empty() { (list::nothing("Nothing yet: it is as the rules drafted it.")) }
        ol class="hearth-timeline" {
            @for a in &l.acts {
                li {
                    time datetime=(a.at) { (words::at(&a.at)) }
                    (words::code(&a.act)) " by " (words::who(&a.by))
                    @if let Some(why) = &a.why { ": " (why) }
                }
            }
        }
    };
    let above = [visit.crumb(&["contracts"], "Contracts"), visit.crumb(&["contracts", contract], "The contract")];
    Ok(visit.page(title, body).below(above).wrong(problem))
}

async fn act(visit: Visit, Path((_, contract, line)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = typed.object(&["act", "why"]);
    match sorted(visit.api.post(&visit.v1(&["payment-lines", &line, "acts"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["contracts", &contract, "payments", &line], "done")),
        Err(problem) => Ok(line_page(&visit, &contract, &line, &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me(may: &[(&str, &str)]) -> Me {
        let may: std::collections::HashMap<&str, Vec<&str>> = may.iter().map(|(verb, reach)| (*verb, vec![*reach])).collect();
        serde_json::from_value(serde_json::json!({ "roles": [], "may": may })).unwrap()
    }

    #[test]
    fn each_side_is_offered_its_own_acts() {
        let provider = me(&[("provide", "shared"), ("see-contracts", "shared")]);
        let of = |me: &Me, state: &str| acts(me, state).into_iter().map(|(act, _)| act).collect::<Vec<_>>();
        assert_eq!(of(&provider, "drafted"), ["query", "dispute"]);
        assert_eq!(of(&provider, "approved"), Vec::<&str>::new());
        let commissioner = me(&[("approve-payments", "all"), ("keep-contracts", "all")]);
        assert_eq!(of(&commissioner, "drafted"), ["approve", "query", "decline"]);
        assert_eq!(of(&commissioner, "disputed"), ["settle", "decline"]);
    }
}
