//! One back-test: how far it is, what it came to in numbers, and, for who may look, the families that are decided differently.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::back_tests::{question, standing};
use super::installation::{Installation, Versions};
use super::{Version, room};
use crate::Pages;
use crate::codes::CLAIMS;
use crate::pages::common::sorted;
use crate::ui::form::{Typed, act, once, warning_button};
use crate::ui::{Page, follow, list};
use crate::upstream::{Failed, Problem, path};
use crate::visit::Visit;
use crate::words;

mod rows;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/back-tests/{test}", get(back_test))
        .route("/{authority}/plugins/back-tests/{test}/cancellation", post(cancel))
        .route("/{authority}/plugins/back-tests/{test}/removal", post(remove))
        .route("/{authority}/plugins/back-tests/{test}/differences", get(rows::differences))
        .route("/{authority}/plugins/back-tests/{test}/file", get(rows::file))
}

#[derive(Deserialize)]
struct BackTest {
    id: String,
    state: String,
    done: u64,
    total: u64,
    rate: f64,
    plugin: String,
    #[serde(default)]
    installation: Option<String>,
    left_out: Vec<String>,
    trial_grants: Vec<String>,
    live: String,
    question: String,
    as_of: Vec<String>,
    known: String,
    #[serde(default)]
    sample: Option<u64>,
    began_at: String,
    began_by: String,
    #[serde(default)]
    ended_at: Option<String>,
    #[serde(default)]
    why: Option<String>,
    keep_until: String,
    sees_rows: bool,
    #[serde(default)]
    came: Option<Came>,
}

#[derive(Deserialize)]
struct Came {
    compared: Figure,
    not_known: Figure,
    different: Figure,
    kinds: Vec<Of>,
    results: Vec<Moved>,
    criteria: Vec<Moved>,
    claims: Vec<Claims>,
    work: Vec<Work>,
    failures: Vec<Failure>,
}

/// How many, as whoever looks may know.
#[derive(Deserialize)]
struct Figure {
    #[serde(default)]
    count: Option<u64>,
    few: bool,
}

impl Figure {
    fn words(&self) -> String {
        match (self.count, self.few) {
            (Some(n), _) => n.to_string(),
            (None, true) => "fewer than 5, or kept back".to_owned(),
            (None, false) => "0".to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Of {
    of: String,
    families: Figure,
}

#[derive(Deserialize)]
struct Moved {
    of: String,
    live: String,
    candidate: String,
    families: Figure,
}

#[derive(Deserialize)]
struct Claims {
    kind: String,
    live: Sum,
    candidate: Sum,
    gained: Sum,
    lost: Sum,
}

#[derive(Deserialize)]
struct Sum {
    families: Figure,
    #[serde(default)]
    pence: Option<i64>,
}

#[derive(Deserialize)]
struct Work {
    of: String,
    live: Figure,
    candidate: Figure,
}

#[derive(Deserialize)]
struct Failure {
    of: String,
    code: String,
    families: Figure,
}

async fn back_test(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    show(&visit, &id, None).await
}

async fn show(visit: &Visit, id: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let t: BackTest = visit.api.get(&visit.v1(&["back-tests", id])).await?;
    let plugin: Version = visit.api.get(&path(&["v1", "plugins", &t.plugin])).await?;
    let running = t.state == "running";
    let title = format!("Back-test of {}", plugin.title());
    let about = about(visit, &t).await?;
    let body = html! {
        (room(visit, &["plugins", "back-tests"]))
        h1 class="govuk-heading-l" { (title) }
        @if running { (progress(visit, &t)) }
        @else { p class="govuk-body" { (standing(&t.state)) " " (t.done) " of " (t.total) " asked" @if let Some(why) = &t.why { ": " (why) } "." } }
        (about)
        @if !t.left_out.is_empty() { (left_out(visit, &t, &plugin)) }
        @if let Some(came) = t.came.as_ref().filter(|_| t.state != "removed") {
            (came_to(came, &plugin))
            (ways_on(visit, &t))
        }
        @if running { (act(&visit.to(&["plugins", "back-tests", id, "cancellation"]), "Cancel it")) }
        @if !running && t.state != "removed" {
            form method="post" action=(visit.to(&["plugins", "back-tests", id, "removal"])) { (once()) (warning_button("Remove it with all its rows")) }
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "back-tests"], "Back-tests")];
    Ok(visit.page(title, body).below(above).wrong(problem))
}

/// Told as it happens, and by a link where no script runs.
fn progress(visit: &Visit, t: &BackTest) -> Markup {
    let done = usize::try_from(t.done).unwrap_or(usize::MAX);
    html! {
        p class="govuk-body" { (standing(&t.state)) " " (t.total) " families, " (t.rate) " a second." }
        (follow::progress(&visit.v1(&["back-tests", &t.id, "events"]), "families asked", done, &visit.to(&["plugins", "back-tests", &t.id])))
    }
}

async fn about(visit: &Visit, t: &BackTest) -> Result<Markup, Failed> {
    let versions = Versions::of(visit).await?;
    let live = Installation::read(visit, &t.live).await?;
    let to = |id: &str, words: &str| list::link(&visit.to(&["plugins", "adopted", id]), words);
    let days = t.as_of.iter().map(|d| words::day(d)).collect::<Vec<_>>().join(", ");
    Ok(list::pairs(&[
        (
            "Candidate",
            html! { @match &t.installation { Some(id) => (to(id, &format!("{}, as it is proposed", versions.words(&t.plugin)))), None => { (versions.words(&t.plugin)) ", with its defaults" } } },
        ),
        (
            "Beside",
            to(&t.live, &format!("{}, which {}", versions.words(&live.plugin), if live.is("active") { "decides" } else { "decided then" })),
        ),
        ("Asked", html! { (question(&t.question)) }),
        ("As of", html! { (days) @if t.known == "then" { ", as it was known then" } }),
        ("Families", html! { @match t.sample { Some(n) => { "A sample of " (n) }, None => "Every family that is open" } }),
        (
            "Begun",
            html! { (words::who(&t.began_by)) ", " (words::at(&t.began_at)) @if let Some(at) = &t.ended_at { "; ended " (words::at(at)) } },
        ),
        ("Kept until", html! { (words::day(&t.keep_until)) }),
        (
            "Trial grants",
            html! { @if t.trial_grants.is_empty() { "None" } @else { (list::link(&visit.to(&["plugins", "trial-grants"]), &format!("It read under {}", t.trial_grants.len()))) } },
        ),
    ]))
}

fn left_out(visit: &Visit, t: &BackTest, plugin: &Version) -> Markup {
    html! {
        (list::warning("It was told “not granted” of what nobody granted it, neither for good nor on trial:"))
        ul class="govuk-list govuk-list--bullet" { @for interface in &t.left_out { li { (plugin.says_of(interface)) } } }
        p class="govuk-body" { (list::link(&format!("{}{}", visit.to(&["plugins", "trial-grants", "new"]), crate::upstream::query(&[("plugin", &t.plugin)])), "Ask for a trial grant")) }
    }
}

fn came_to(came: &Came, plugin: &Version) -> Markup {
    let pairs = |all: &[Of]| all.iter().map(|k| vec![html! { (kind(&k.of)) }, html! { (k.families.words()) }]).collect::<Vec<_>>();
    html! {
        h2 class="govuk-heading-m" { "What it came to" }
        (list::figures(&[
            ("Decided by both", came.compared.words()),
            ("Decided differently", came.different.words()),
            ("Not known yet on the day", came.not_known.words()),
        ]))
        @if !came.kinds.is_empty() { (list::table("How they differ first", &["What", "Families"], &pairs(&came.kinds))) }
        @if !came.results.is_empty() { (list::table("From which answer to which", &["Question", "Now", "With the candidate", "Families"], &moved(&came.results, question))) }
        @if !came.criteria.is_empty() {
            (list::table("From which finding to which", &["Criterion", "Now", "With the candidate", "Families"], &moved(&came.criteria, |c| plugin.criterion(c))))
        }
        h2 class="govuk-heading-m" { "What it does to claims" }
        @if came.claims.is_empty() { (list::nothing("Neither claims anything.")) } @else { (claims(&came.claims)) }
        h2 class="govuk-heading-m" { "What it does to people's work" }
        @if came.work.is_empty() { (list::nothing("Neither gives anybody anything to do.")) } @else { (work(&came.work)) }
        @if !came.failures.is_empty() { (failures(&came.failures)) }
    }
}

fn moved(all: &[Moved], of: impl Fn(&str) -> String) -> Vec<Vec<Markup>> {
    let row = |m: &Moved| {
        let same = m.live == m.candidate;
        vec![
            html! { (of(&m.of)) },
            html! { (words::code(&m.live)) },
            html! { @if same { "The same" } @else { (words::code(&m.candidate)) } },
            html! { (m.families.words()) },
        ]
    };
    // What is otherwise stands first.
    let (same, others): (Vec<_>, Vec<_>) = all.iter().partition(|m| m.live == m.candidate);
    others.into_iter().chain(same).map(row).collect()
}

fn claims(all: &[Claims]) -> Markup {
    let sum = |s: &Sum| html! { (s.pence.map_or_else(|| "kept back".to_owned(), words::pounds)) ", " (s.families.words()) @if s.families.count == Some(1) { " family" } @else { " families" } };
    let change = |c: &Claims| match (c.live.pence, c.candidate.pence) {
        (Some(live), Some(candidate)) if candidate > live => format!("{} more", words::pounds(candidate - live)),
        (Some(live), Some(candidate)) if candidate < live => format!("{} less", words::pounds(live - candidate)),
        (Some(_), Some(_)) => "The same".to_owned(),
        _ => "kept back".to_owned(),
    };
    let rows: Vec<_> = all
        .iter()
        .map(|c| {
            vec![html! { (CLAIMS.words(&c.kind)) }, sum(&c.live), sum(&c.candidate), sum(&c.gained), sum(&c.lost), html! { (change(c)) }]
        })
        .collect();
    list::table("Claims in pounds", &["Claim", "Now", "With the candidate", "Gained", "Lost", "In all"], &rows)
}

fn work(all: &[Work]) -> Markup {
    let rows: Vec<_> =
        all.iter().map(|w| vec![html! { (words::code(&w.of)) }, html! { (w.live.words()) }, html! { (w.candidate.words()) }]).collect();
    list::table("Tasks, proposals and days to look again", &["What", "Now", "With the candidate"], &rows)
}

fn failures(all: &[Failure]) -> Markup {
    let whose = |of: &str| if of == "live" { "The one that decides" } else { "The candidate" };
    let rows: Vec<_> =
        all.iter().map(|f| vec![html! { (whose(&f.of)) }, html! { (words::code(&f.code)) }, html! { (f.families.words()) }]).collect();
    list::table("What failed", &["Which", "How", "Families"], &rows)
}

/// By what a family is decided differently.
fn kind(code: &str) -> String {
    match code {
        "failure" => "One of the two failed".to_owned(),
        "result" => "Another answer".to_owned(),
        "criterion" => "The same answer, another finding".to_owned(),
        "claims" => "Another sum is claimed".to_owned(),
        "work" => "Other things to do".to_owned(),
        other => words::code(other),
    }
}

fn ways_on(visit: &Visit, t: &BackTest) -> Markup {
    let to = |step: &str| visit.to(&["plugins", "back-tests", &t.id, step]);
    html! {
        @if t.sees_rows {
            p class="govuk-body" { (list::link(&to("differences"), "The families that are decided differently")) }
            p class="govuk-body" { a class="govuk-link" href=(to("file")) download { "The same as a sheet (CSV), without names" } }
        } @else { (list::inset("You see numbers and no families: rows are for those who see every family's decisions, and whom the trial grants name. Numbers from 1 to 4 are kept back.")) }
        @if let Some(id) = &t.installation { p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", id, "review"]), "On to its review")) } }
    }
}

async fn step(visit: &Visit, id: &str, typed: &Typed, what: &str, key: &str) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["back-tests", id, what]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "back-tests", id], key)),
        Err(problem) => Ok(show(visit, id, Some(&problem)).await?.into_response()),
    }
}

async fn cancel(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    step(&visit, &id, &typed, "cancellation", "cancelled").await
}

async fn remove(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    step(&visit, &id, &typed, "removal", "back-test-removed").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_kept_back_is_not_shown_as_none() {
        let words = |count, few| Figure { count, few }.words();
        assert_eq!((words(Some(7), false), words(None, false)), ("7".to_owned(), "0".to_owned()));
        assert!(words(None, true).contains("kept back"));
    }

    #[test]
    fn what_moved_stands_before_what_stayed() {
        let one = |live: &str, candidate: &str| Moved {
            of: "a".into(),
            live: live.into(),
            candidate: candidate.into(),
            families: Figure { count: Some(1), few: false },
        };
        let rows = moved(&[one("met", "met"), one("met", "not-met")], str::to_owned);
        assert_eq!((rows[0][2].0.as_str(), rows[1][2].0.as_str()), ("Not met", "The same"));
    }
}
