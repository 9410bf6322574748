//! Data from partner agencies: which feeds there are and how fresh, files sent and what became of them, and rows about which a person
//! is asked.

mod matches;
mod send;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::common::{After, Organisations};
use crate::Pages;
use crate::ui::follow::progress;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/intake", get(intake))
        .route("/{authority}/intake/deliveries/{delivery}", get(delivery))
        .route("/{authority}/intake/coverage", get(coverage))
        .merge(send::routes())
        .merge(matches::routes())
}

/// A file of a feed.
#[derive(Deserialize)]
struct Delivery {
    id: String,
    mapping: String,
    kind: String,
    source: String,
    first: String,
    #[serde(default)]
    last: Option<String>,
    at: String,
    by: String,
    state: String,
    report: Report,
}

#[derive(Deserialize)]
struct Report {
    read: usize,
    added: usize,
    corrected: usize,
    unchanged: usize,
    unmatched: usize,
    asked: usize,
    not_ours: usize,
    refused: usize,
    incomplete: usize,
    #[serde(default)]
    refusals: Vec<Refusal>,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Deserialize)]
pub struct Refusal {
    pub line: u64,
    pub column: String,
    pub reason: String,
}

impl Delivery {
    fn tag(&self) -> Markup {
        match self.state.as_str() {
            "read" => list::tag("Read", "green"),
            "reading" => list::tag("Being read", "yellow"),
            "refused" => list::tag("Refused", "red"),
            _ => list::tag("Interrupted", "orange"),
        }
    }

    fn span(&self) -> String {
        let last = self.last.as_deref().map(|last| format!(" to {}", words::day(last))).unwrap_or_default();
        format!("{}{last}", words::day(&self.first))
    }
}

#[derive(Deserialize)]
struct Feeds {
    feeds: Vec<Feed>,
    asked: usize,
    unmatched: usize,
}

#[derive(Deserialize)]
struct Feed {
    latest: Delivery,
    #[serde(default)]
    due: Option<String>,
    overdue: bool,
}

async fn intake(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let feeds: Feeds = visit.api.get(&visit.v1(&["feeds"])).await?;
    let deliveries: List<Delivery> = visit.api.get(&after.of(&visit.v1(&["deliveries"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let overdue = feeds.feeds.iter().filter(|f| f.overdue).count();
    let body = html! {
        h1 class="govuk-heading-l" { "Intake" }
        (list::figures(&[
            ("Feeds", feeds.feeds.len().to_string()),
            ("Overdue", overdue.to_string()),
            ("Rows a person is asked about", feeds.asked.to_string()),
            ("Rows of nobody known here", feeds.unmatched.to_string()),
        ]))
        ul class="govuk-list" {
            li { (list::link(&visit.to(&["intake", "send"]), "Send a file, or see first what it would become")) }
            li { (list::link(&visit.to(&["intake", "matches"]), "Say who is meant")) }
            li { (list::link(&visit.to(&["intake", "match-decisions"]), "What was said about who is meant")) }
            li { (list::link(&visit.to(&["intake", "coverage"]), "What is covered")) }
            li { (list::link(&visit.to(&["intake", "mappings"]), "Mappings: how columns are understood")) }
        }
        (feeds_table(&visit, &feeds.feeds, &organisations))
        (deliveries_table(&visit, &deliveries.items, &organisations))
        (list::rest(&visit.to(&["intake"]), deliveries.next.as_deref()))
    };
    Ok(visit.page("Intake", body))
}

fn feeds_table(visit: &Visit, feeds: &[Feed], organisations: &Organisations) -> Markup {
    let rows: Vec<_> = feeds
        .iter()
        .map(|f| {
            vec![
                html! { (words::code(&f.latest.kind)) },
                html! { (organisations.name(&f.latest.source)) },
                html! { (f.latest.span()) },
                list::link(&visit.to(&["intake", "deliveries", &f.latest.id]), &words::at(&f.latest.at)),
                html! {
                    @match (&f.due, f.overdue) {
                        (Some(due), true) => { (list::tag("Overdue", "red")) " since " (words::day(due)) }
                        (Some(due), false) => { (list::tag("Fresh", "green")) " until " (words::day(due)) }
                        (None, _) => { (list::tag("No rhythm", "grey")) }
                    }
                },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { (list::nothing("No agency has sent anything yet.")) }
        @else { (list::table("Feeds", &["What", "From", "Covers", "Latest file", "Freshness"], &rows)) }
    }
}

fn deliveries_table(visit: &Visit, deliveries: &[Delivery], organisations: &Organisations) -> Markup {
    let rows: Vec<_> = deliveries
        .iter()
        .map(|d| {
            vec![
                list::link(&visit.to(&["intake", "deliveries", &d.id]), &format!("{}, {}", words::code(&d.kind), words::at(&d.at))),
                html! { (organisations.name(&d.source)) },
                d.tag(),
                html! { (d.report.read) },
                html! { (d.report.asked) },
                html! { (d.report.refused) },
            ]
        })
        .collect();
    html! {
        @if !rows.is_empty() { (list::table("Files", &["File", "From", "Stands at", "Rows", "Asked", "Refused"], &rows)) }
    }
}

async fn delivery(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let d: Delivery = visit.api.get(&visit.v1(&["deliveries", &id])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let title = format!("{} from {}", words::code(&d.kind), organisations.name(&d.source));
    let r = &d.report;
    let refused = refusals(&r.refusals);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" {
            (d.tag()) " Sent " (words::at(&d.at)) " by " (words::who(&d.by)) ", covers " (d.span()) ", understood by the mapping " (d.mapping) "."
        }
        @if let Some(why) = &r.why { (list::warning(why)) }
        @if d.state == "reading" {
            (progress(&visit.v1(&["deliveries", &id, "events"]), "rows", d.report.read, &visit.to(&["intake", "deliveries", &id])))
        }
        (list::figures(&[
            ("Rows read", r.read.to_string()),
            ("Facts added", r.added.to_string()),
            ("Facts corrected", r.corrected.to_string()),
            ("As before", r.unchanged.to_string()),
            ("A person is asked", r.asked.to_string()),
            ("Nobody known here", r.unmatched.to_string()),
            ("Not this council's", r.not_ours.to_string()),
            ("Refused", r.refused.to_string()),
            ("Kept in part", r.incomplete.to_string()),
        ]))
        @if r.asked > 0 { p class="govuk-body" { (list::link(&visit.to(&["intake", "matches"]), "Say who is meant")) } }
        (refused)
    };
    Ok(visit.page(title, body).below([visit.crumb(&["intake"], "Intake")]))
}

fn refusals(all: &[Refusal]) -> Markup {
    let rows: Vec<_> = all.iter().map(|r| vec![html! { (r.line) }, html! { (r.column) }, html! { (r.reason) }]).collect();
    html! { @if !rows.is_empty() { (list::table("Rows that were refused", &["Line", "Column", "Why"], &rows)) } }
}

#[derive(Deserialize)]
struct Covered {
    kind: String,
    first: String,
    last: String,
    state: String,
    source: String,
}

async fn coverage(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let covered: List<Covered> = visit.api.get(&after.of(&visit.v1(&["coverage"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = covered
        .items
        .iter()
        .map(|c| {
            let colour = match c.state.as_str() {
                "complete" => "green",
                "partial" => "yellow",
                _ => "red",
            };
            vec![
                html! { (words::code(&c.kind)) },
                html! { (organisations.name(&c.source)) },
                html! { (words::day(&c.first)) " to " (words::day(&c.last)) },
                list::tag(&words::code(&c.state), colour),
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "What is covered" }
        p class="govuk-body" { "What each agency said of the whole council's area. Where a feed stopped, nothing found is no sign that nothing happened." }
        @if rows.is_empty() { (list::nothing("Nobody has said yet what they cover.")) }
        @else { (list::table("Coverage", &["What", "Said by", "When", "How well"], &rows)) }
        (list::rest(&visit.to(&["intake", "coverage"]), covered.next.as_deref()))
    };
    Ok(visit.page("What is covered", body).below([visit.crumb(&["intake"], "Intake")]))
}
