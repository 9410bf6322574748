//! What was achieved by quarter, and what it cost and saved: figures that the council sends on. Few families are never counted out.

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::{bar, pounds_of};
use crate::Pages;
use crate::pages::common::csv as file;
use crate::ui::chart::{Bar, bars};
use crate::ui::form::{Ask, Asked, Typed, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/returns", get(returns)).route("/{authority}/returns.csv", get(csv))
}

/// How many, or that there are too few to be told.
#[derive(Deserialize)]
pub struct Count {
    #[serde(default)]
    count: Option<usize>,
}

impl Count {
    #[must_use]
    pub fn words(&self) -> String {
        self.count.map_or_else(|| "Few".to_owned(), |n| n.to_string())
    }
}

#[derive(Deserialize)]
struct Returns {
    quarters: Vec<Quarter>,
}

#[derive(Deserialize)]
pub struct Quarter {
    first: String,
    last: String,
    pub families_helped: Count,
    pub people_helped: Count,
    not_decided: Count,
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    says: String,
    families: Count,
}

#[derive(Deserialize)]
struct Savings {
    #[serde(default)]
    claims: Vec<Claimed>,
    claims_pence: i64,
    costs_pence: i64,
    savings_pence: i64,
    #[serde(default)]
    cost_pence_per_outcome: Option<i64>,
    outcomes: Count,
    #[serde(default)]
    by_agency: Vec<OfAgency>,
    #[serde(default)]
    left_out: usize,
}

#[derive(Deserialize)]
struct Claimed {
    kind: String,
    each_pence: i64,
    claims: Count,
}

#[derive(Deserialize)]
struct OfAgency {
    agency: String,
    pence: i64,
}

#[derive(Debug, Default, Deserialize)]
struct Span {
    #[serde(default)]
    year: String,
}

/// A year of four quarters, as an address may name it; this one otherwise.
fn year(asked: &str, today: &str) -> String {
    let is_year = asked.len() == 4 && asked.bytes().all(|b| b.is_ascii_digit());
    if is_year { asked.to_owned() } else { today.get(..4).unwrap_or(asked).to_owned() }
}

/// The quarter of a day: its first and last.
fn quarter(today: &str) -> Option<(String, String)> {
    let day: jiff::civil::Date = today.parse().ok()?;
    let first = jiff::civil::Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok()?;
    let month = jiff::civil::Date::new(day.year(), first.month() + 2, 1).ok()?;
    Some((first.to_string(), month.last_of_month().to_string()))
}

/// How many were helped in the quarter of a day; nothing where that is not for this visitor.
///
/// # Errors
/// [`Failed`].
pub async fn this_quarter(visit: &Visit, today: &str) -> Result<Option<Quarter>, Failed> {
    let Some((first, last)) = quarter(today) else { return Ok(None) };
    if !visit.me.may("read-returns") {
        return Ok(None);
    }
    let asked = query(&[("first", &first), ("last", &last)]);
    let returns: Option<Returns> = visit.api.maybe(&format!("{}{asked}", visit.v1(&["outcome-returns"]))).await?;
    Ok(returns.and_then(|r| r.quarters.into_iter().next()))
}

async fn read(visit: &Visit, year: &str) -> Result<(Returns, Savings), Failed> {
    let asked = query(&[("first", &format!("{year}-01-01")), ("last", &format!("{year}-12-31"))]);
    let returns = visit.api.get(&format!("{}{asked}", visit.v1(&["outcome-returns"]))).await?;
    Ok((returns, visit.api.get(&format!("{}{asked}", visit.v1(&["savings"]))).await?))
}

async fn returns(visit: Visit, Query(span): Query<Span>) -> Result<Page, Failed> {
    let year = year(&span.year, &words::today());
    let (returns, savings) = read(&visit, &year).await?;
    let mut typed = Typed::default();
    typed.set("year", &year);
    let title = format!("What was achieved in {year}");
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        form method="get" action=(visit.to(&["returns"])) {
            (Asked::new(&typed, None).number(Ask { name: "year", label: "Year", hint: "" }, "", ""))
            (second_button("Show"))
        }
        (quarters(&returns))
        p class="govuk-body" { (list::link(&format!("{}?year={year}", visit.to(&["returns.csv"])), "This table as CSV")) }
        (saved(&savings))
    };
    Ok(visit.page(title, body).below([visit.crumb(&["overview"], "Overview")]))
}

fn heads(returns: &Returns) -> Vec<String> {
    let mut heads = vec!["Quarter".to_owned(), "Families helped".to_owned(), "People helped".to_owned()];
    heads.extend(returns.quarters.first().into_iter().flat_map(|q| q.outcomes.iter().map(|o| o.says.clone())));
    heads.push("Not decided".to_owned());
    heads
}

fn cells(quarter: &Quarter) -> Vec<String> {
    let mut cells = vec![quarter.families_helped.words(), quarter.people_helped.words()];
    cells.extend(quarter.outcomes.iter().map(|o| o.families.words()));
    cells.push(quarter.not_decided.words());
    cells
}

fn quarters(returns: &Returns) -> Markup {
    let heads = heads(returns);
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<_> = returns
        .quarters
        .iter()
        .map(|q| {
            let mut row = vec![html! { (words::day(&q.first)) " to " (words::day(&q.last)) }];
            row.extend(cells(q).into_iter().map(|cell| html! { (cell) }));
            row
        })
        .collect();
    let drawn: Vec<_> = returns
        .quarters
        .iter()
        .map(|q| bar(&words::day(&q.first), q.families_helped.count.unwrap_or_default(), &q.families_helped.words()))
        .collect();
    html! {
        (list::table("By quarter", &heads, &rows))
        p class="govuk-hint" { "“Few” stands where a count is so small that it might tell of a family." }
        h2 class="govuk-heading-m" { "Families helped" }
        (bars("Families helped in the quarter from", &drawn))
    }
}

fn saved(savings: &Savings) -> Markup {
    let claimed: Vec<_> = savings
        .claims
        .iter()
        .map(|c| {
            vec![html! { (crate::codes::CLAIMS.words(&c.kind)) }, html! { (c.claims.words()) }, html! { (words::pounds(c.each_pence)) }]
        })
        .collect();
    let drawn: Vec<_> = savings
        .by_agency
        .iter()
        .map(|a| Bar { name: words::code(&a.agency), value: pounds_of(a.pence), words: words::pounds(a.pence) })
        .collect();
    html! {
        h2 class="govuk-heading-m" { "What it cost and saved" }
        (list::figures(&[
            ("Outcomes", savings.outcomes.words()),
            ("Claimed", words::pounds(savings.claims_pence)),
            ("Costs", words::pounds(savings.costs_pence)),
            ("Savings", words::pounds(savings.savings_pence)),
            ("Cost of an outcome", savings.cost_pence_per_outcome.map_or_else(|| "Not known".to_owned(), words::pounds)),
        ]))
        @if !drawn.is_empty() { (bars("Savings by agency", &drawn)) }
        @else { (list::nothing("No saving is reckoned. A table of unit costs says what each outcome saves, and whom.")) }
        @if !claimed.is_empty() { (list::table("Claims in it", &["For", "How many", "Each"], &claimed)) }
        @if savings.left_out > 0 { (list::inset(&format!("{} kinds are left out of the sums, being of few families.", savings.left_out))) }
    }
}

/// A cell that a spreadsheet takes for text, whatever it begins with.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

async fn csv(visit: Visit, Query(span): Query<Span>) -> Result<Response, Failed> {
    let year = year(&span.year, &words::today());
    let (returns, _) = read(&visit, &year).await?;
    let mut lines = vec![heads(&returns).iter().map(|h| cell(h)).collect::<Vec<_>>().join(",")];
    for q in &returns.quarters {
        let all = std::iter::once(format!("{} to {}", q.first, q.last)).chain(cells(q));
        lines.push(all.map(|c| cell(&c)).collect::<Vec<_>>().join(","));
    }
    Ok(file("outcome-returns.csv", &(lines.join("\r\n") + "\r\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_whole() {
        assert_eq!(quarter("2026-11-22"), Some(("2026-10-01".to_owned(), "2026-12-31".to_owned())));
        assert_eq!(quarter("2027-02-03"), Some(("2027-01-01".to_owned(), "2027-03-31".to_owned())));
        assert_eq!(year("2025", "2026-11-22"), "2025");
        assert_eq!(year("x", "2026-11-22"), "2026");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("said \"so\""), "\"said \"\"so\"\"\"");
    }
}
