//! What managers and data managers look at first: how the work stands as a whole, and what waits.

mod evaluations;
mod returns;
mod waiting;

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::claims::STATES;
use super::common::{counted, family_link};
use super::tasks::Task;
use crate::Pages;
use crate::ui::chart::{Bar, bars};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/overview", get(overview))
        .merge(waiting::routes())
        .merge(evaluations::routes())
        .merge(returns::routes())
}

#[derive(Deserialize)]
struct Decided {
    question: String,
    #[serde(default)]
    result: Option<String>,
}

async fn overview(visit: Visit) -> Result<Page, Failed> {
    let today = words::today();
    let all = |what: &str, most: u32| format!("{}?limit={most}", visit.v1(&[what]));
    let (tasks, undecided, corrected) = (all("tasks", 50), all("undecided", 200), all("corrected-decisions", 200));
    // None waits for another.
    let (tasks, undecided, corrected, helped, decisions, claims) = tokio::try_join!(
        visit.api.maybe::<List<Task>>(&tasks),
        visit.api.maybe::<List<waiting::Undecided>>(&undecided),
        visit.api.maybe::<List<waiting::Corrected>>(&corrected),
        returns::this_quarter(&visit, &today),
        decisions(&visit),
        claims(&visit),
    )?;
    let overdue: Vec<&Task> = tasks.iter().flat_map(|t| &t.items).filter(|t| is_overdue(t, &today)).collect();
    let mut figures = Vec::new();
    if let Some(quarter) = &helped {
        figures.push(("Families helped this quarter", quarter.families_helped.words()));
        figures.push(("People helped this quarter", quarter.people_helped.words()));
    }
    figures.push(("Overdue tasks", at_least(overdue.len(), tasks.as_ref().is_some_and(|t| t.next.is_some()))));
    figures.extend(undecided.map(|u| ("Not decided yet", at_least(u.items.len(), u.next.is_some()))));
    figures.extend(corrected.map(|c| ("Facts corrected since", at_least(c.items.len(), c.next.is_some()))));
    let body = html! {
        h1 class="govuk-heading-l" { "Overview" }
        (list::figures(&figures))
        (ways(&visit))
        (decisions)
        (claims)
        (overdue_table(&visit, &overdue))
    };
    Ok(visit.page("Overview", body))
}

fn is_overdue(task: &Task, today: &str) -> bool {
    task.due.as_deref().is_some_and(|due| due < today)
}

/// A count, or that there are more than were counted.
fn at_least(n: usize, more: bool) -> String {
    if more { format!("{n} or more") } else { n.to_string() }
}

fn ways(visit: &Visit) -> Markup {
    let ways = [
        ("undecided", "What is not decided yet", "see-decisions"),
        ("corrected", "Decisions whose facts were corrected", "see-decisions"),
        ("evaluations", "Every family asked about at once", "see-runs"),
        ("returns", "What was achieved, and what it cost and saved", "read-returns"),
        ("claims", "Claims", "check-claims"),
        ("decisions", "Decisions", "see-decisions"),
    ];
    html! {
        ul class="govuk-list" {
            @for (step, name, verb) in ways { @if visit.me.may(verb) { li { (list::link(&visit.to(&[step]), name)) } } }
        }
    }
}

/// Families by result where every family was asked about; else the latest decisions.
async fn decisions(visit: &Visit) -> Result<Markup, Failed> {
    if !visit.me.may("see-decisions") {
        return Ok(html! {});
    }
    let latest: List<Decided> = visit.api.get(&format!("{}?limit=200", visit.v1(&["decisions"]))).await?;
    let title = if latest.next.is_some() { "The latest 200 decisions by result" } else { "Decisions by result" };
    Ok(html! {
        h2 class="govuk-heading-m" { (title) }
        @if latest.items.is_empty() { (list::nothing("Nothing was decided yet.")) }
        @for (question, _) in counted(latest.items.iter().map(|d| d.question.as_str())) {
            @let name = words::code(question);
            h3 class="govuk-heading-s" { (name) }
            (bars(&name, &by_result(&latest.items, question)))
        }
    })
}

fn by_result(decided: &[Decided], question: &str) -> Vec<Bar> {
    let results = decided.iter().filter(|d| d.question == question).map(|d| d.result.as_deref().unwrap_or("withheld-from-you"));
    counted(results).into_iter().map(|(result, n)| bar(&words::code(result), n, &n.to_string())).collect()
}

async fn claims(visit: &Visit) -> Result<Markup, Failed> {
    if !visit.me.may("check-claims") && !visit.me.may("see-decisions") {
        return Ok(html! {});
    }
    let sums: List<Sum> = visit.api.get(&visit.v1(&["claim-sums"])).await?;
    let sums = in_order(&sums.items);
    let drawn: Vec<Bar> = sums
        .iter()
        .map(|(name, sum)| Bar {
            name: (*name).to_owned(),
            value: pounds_of(sum.amount_pence),
            words: format!("{} ({})", words::pounds(sum.amount_pence), sum.claims),
        })
        .collect();
    Ok(html! {
        h2 class="govuk-heading-m" { "Claims by stage" }
        @if drawn.is_empty() { (list::nothing("There is no claim yet.")) } @else {
            (bars("Claims by stage, in pounds, with how many", &drawn))
            ul class="govuk-list" {
                @for (name, sum) in &sums {
                    li { (list::link(&format!("{}{}", visit.to(&["claims"]), query(&[("state", &sum.state)])), &format!("{name} ({})", sum.claims))) }
                }
            }
        }
    })
}

/// What stands in one state together.
#[derive(Deserialize)]
struct Sum {
    state: String,
    claims: usize,
    amount_pence: i64,
}

/// In the order of a claim's way, by the words for where they stand.
fn in_order(sums: &[Sum]) -> Vec<(&'static str, &Sum)> {
    STATES.iter().filter_map(|(state, name, _)| sums.iter().find(|s| s.state == *state).map(|sum| (*name, sum))).collect()
}

/// For the length of a bar.
#[allow(clippy::cast_precision_loss)]
pub const fn pounds_of(pence: i64) -> f64 {
    pence as f64 / 100.0
}

/// For the length of a bar.
#[allow(clippy::cast_precision_loss)]
pub fn bar(name: &str, n: usize, words: &str) -> Bar {
    Bar { name: name.to_owned(), value: n as f64, words: words.to_owned() }
}

fn overdue_table(visit: &Visit, overdue: &[&Task]) -> Markup {
    let rows: Vec<_> = overdue
        .iter()
        .take(20)
        .map(|task| {
            vec![
                html! { (task.title) },
                html! { (task.role.as_deref().map(words::code).unwrap_or_default()) },
                html! { (task.due.as_deref().map(words::day).unwrap_or_default()) },
                html! { @if let Some(family) = &task.family { (family_link(visit, family, task.family_reference.as_deref())) } },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Overdue tasks" } (list::nothing("Nothing is overdue.")) } @else {
            (list::table("Overdue tasks", &["What", "For", "Was due", "Family"], &rows))
            @if overdue.len() > 20 { p class="govuk-body" { (list::link(&visit.to(&["tasks"]), "All open tasks")) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_stand_in_the_order_of_their_way() {
        let sum = |state: &str, claims| Sum { state: state.to_owned(), claims, amount_pence: 100 };
        let sums = [sum("paid", 2), sum("brand-new", 4), sum("draft", 1)];
        let names: Vec<_> = in_order(&sums).into_iter().map(|(name, sum)| (name, sum.claims)).collect();
        assert_eq!(names, [("Draft", 1), ("Paid", 2)]);
    }

    #[test]
    fn a_count_that_was_not_ended_says_so() {
        assert_eq!((at_least(3, false).as_str(), at_least(200, true).as_str()), ("3", "200 or more"));
    }
}
