//! A charity's whole job on one page: whom they are asked to help, whom they help, what they tell of it, and what they are owed.

mod referral;
mod sessions;

pub use sessions::no_file;

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::common::whole;
use super::contracts::{Contract, lines};
use super::services::Service;
use crate::Pages;
use crate::codes;
use crate::ui::{Page, list};
use crate::upstream::Failed;
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/our-work", get(our_work)).merge(referral::routes()).merge(sessions::routes())
}

/// A referral of a family to a service.
#[derive(Deserialize)]
pub struct Referral {
    pub id: String,
    pub service_name: String,
    pub state: String,
    at: String,
    answer_by: String,
    #[serde(default)]
    overdue: bool,
    #[serde(default)]
    began: Option<String>,
    #[serde(default)]
    ended: Option<String>,
    #[serde(default)]
    family: Option<String>,
    /// The family's number under the contract.
    #[serde(default)]
    number: Option<u32>,
    #[serde(default)]
    place: Option<u32>,
    #[serde(default)]
    needed_by: Option<String>,
    #[serde(default)]
    pub problems: Vec<String>,
    #[serde(default)]
    sessions: Vec<Sessions>,
    #[serde(default)]
    report: Option<Report>,
    #[serde(default)]
    pub why: Option<String>,
}

#[derive(Deserialize)]
struct Sessions {
    first: String,
    last: String,
    offered: u32,
    kept: u32,
}

#[derive(Deserialize)]
struct Report {
    at: String,
    words: String,
    #[serde(default)]
    reached: std::collections::BTreeMap<String, String>,
}

impl Referral {
    /// It waits for an answer, or the family is being helped.
    pub fn is_going(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "unanswered" | "accepted")
    }

    fn is_to_answer(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "unanswered")
    }

    pub fn tag(&self) -> Markup {
        let (words, colour) = match self.state.as_str() {
            "sent" => ("To answer", "blue"),
            "unanswered" => ("Not answered in time", "red"),
            "accepted" => ("Accepted", "green"),
            "refused" => ("Refused", "red"),
            "withdrawn" => ("Withdrawn", "grey"),
            "completed" => ("Completed", "green"),
            _ => ("Left before the end", "yellow"),
        };
        list::tag(words, colour)
    }

    fn name(&self) -> String {
        self.number.map_or_else(|| "A family".to_owned(), |n| format!("Family number {n}"))
    }

    /// What was offered and kept in all.
    fn told(&self) -> (u32, u32) {
        (self.sessions.iter().map(|s| s.offered).sum(), self.sessions.iter().map(|s| s.kept).sum())
    }
}

/// Everything that is this organisation's at the council.
struct Ours {
    referrals: Vec<Referral>,
    contracts: Vec<Contract>,
    services: Vec<Service>,
    lines: Vec<lines::Line>,
}

impl Ours {
    async fn of(visit: &Visit) -> Result<Self, Failed> {
        let (referrals, _) = whole(&visit.api, &visit.v1(&["service-referrals"])).await?;
        let (contracts, _) = whole::<Contract>(&visit.api, &visit.v1(&["contracts"])).await?;
        let (services, _) = whole::<Service>(&visit.api, &visit.v1(&["services"])).await?;
        let (lines, _) = whole(&visit.api, &visit.v1(&["payment-lines"])).await?;
        let services = services.into_iter().filter(|s| s.organisation == visit.me.organisation).collect();
        Ok(Self { referrals, contracts, services, lines })
    }

    fn of_lines(&self, state: &str) -> i64 {
        self.lines.iter().filter(|l| l.state == state).map(|l| l.amount_pence).sum()
    }
}

async fn our_work(visit: Visit) -> Result<Page, Failed> {
    if !visit.me.may("provide") {
        let words = "this page is for whoever helps families for an organisation that the council refers them to";
        return Err(Failed::Refused(crate::upstream::Problem::of_pages("not-allowed", "", axum::http::StatusCode::FORBIDDEN, words)));
    }
    let ours = Ours::of(&visit).await?;
    let count = |of: fn(&Referral) -> bool| ours.referrals.iter().filter(|r| of(r)).count().to_string();
    let body = html! {
        h1 class="govuk-heading-l" { "Our work" }
        (list::figures(&[
            ("To answer", count(Referral::is_to_answer)),
            ("Families we work with", count(|r| r.state == "accepted")),
            ("Payments to be approved", words::pounds(ours.of_lines("drafted"))),
            ("Payments approved", words::pounds(ours.of_lines("approved"))),
        ]))
        (to_answer(&visit, &ours.referrals))
        (with_us(&visit, &ours.referrals))
        (services(&visit, &ours.services))
        (contracts(&visit, &ours.contracts))
        (lines::table(&visit, &ours.lines))
        (over(&visit, &ours.referrals))
    };
    Ok(visit.page("Our work", body).private())
}

fn to_answer(visit: &Visit, referrals: &[Referral]) -> Markup {
    let rows: Vec<_> = referrals
        .iter()
        .filter(|r| r.is_to_answer())
        .map(|r| {
            vec![
                list::link(&visit.to(&["our-work", &r.id]), &r.name()),
                html! { (r.service_name) },
                html! { (words::at(&r.at)) },
                html! { (r.needed_by.as_deref().map(words::day).unwrap_or_default()) },
                html! { (words::day(&r.answer_by)) @if r.overdue { " " (list::tag("Overdue", "red")) } },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Referrals to answer" } (list::nothing("Nobody waits for your answer.")) }
        @else { (list::table("Referrals to answer", &["Family", "Service", "Sent", "Needed by", "Answer by"], &rows)) }
    }
}

fn with_us(visit: &Visit, referrals: &[Referral]) -> Markup {
    let rows: Vec<_> = referrals
        .iter()
        .filter(|r| r.state == "accepted")
        .map(|r| {
            let (offered, kept) = r.told();
            vec![
                list::link(&visit.to(&["our-work", &r.id]), &r.name()),
                html! { (r.service_name) },
                html! { (r.began.as_deref().map_or_else(|| "Not begun".to_owned(), words::day)) },
                html! { (kept) " of " (offered) " kept" },
                list::link(&visit.to(&["our-work", &r.id, "sessions"]), &format!("Tell of sessions: {}", r.name().to_lowercase())),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Families we work with" } (list::nothing("You work with no family at the moment.")) }
        @else { (list::table("Families we work with", &["Family", "Service", "Began", "Sessions", "Tell"], &rows)) }
        p class="govuk-body" { (list::link(&visit.to(&["our-work", "file"]), "Send sessions as a file")) }
    }
}

fn services(visit: &Visit, services: &[Service]) -> Markup {
    let rows: Vec<_> = services
        .iter()
        .map(|s| {
            vec![
                list::link(&visit.to(&["services", &s.id]), &s.name),
                html! { (codes::SERVICE_KINDS.words(&s.kind)) },
                s.place(),
                list::link(&visit.to(&["services", &s.id, "places"]), &format!("State places of {}", s.name)),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "What we offer" } (list::nothing("The directory has no service of yours yet.")) }
        @else { (list::table("What we offer", &["Service", "Kind", "Places", "Act"], &rows)) }
        @if visit.me.may("keep-directory") { p class="govuk-body" { (list::link(&visit.to(&["services", "new"]), "Add a service")) } }
    }
}

fn contracts(visit: &Visit, contracts: &[Contract]) -> Markup {
    let today = words::today();
    let rows: Vec<_> = contracts
        .iter()
        .map(|c| {
            let next = c.reviews.iter().filter(|r| **r >= today).min();
            vec![
                list::link(&visit.to(&["contracts", &c.id]), &c.title),
                html! { (c.when()) },
                html! { (words::pounds(c.value_pence)) },
                html! { (next.map(|d| words::day(d)).unwrap_or_default()) },
                c.tag(),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Contracts" } (list::nothing("There is no contract with you yet.")) }
        @else { (list::table("Contracts", &["Contract", "When", "Value", "Next review", "Stands at"], &rows)) }
    }
}

fn over(visit: &Visit, referrals: &[Referral]) -> Markup {
    let over: Vec<&Referral> = referrals.iter().filter(|r| !r.is_going()).collect();
    html! {
        @if !over.is_empty() {
            (list::details(&format!("Referrals that are over ({})", over.len()), &html! {
                ul class="govuk-list" {
                    @for r in &over { li { (list::link(&visit.to(&["our-work", &r.id]), &r.name())) ", " (r.service_name) " " (r.tag()) } }
                }
            }))
        }
    }
}
