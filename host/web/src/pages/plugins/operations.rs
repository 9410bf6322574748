//! How plugins run: how often, how they failed, what they cost; and each run of one, with what it wrote for its author.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::installation::{Installation, Parked, above, standing};
use super::room;
use crate::Pages;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/operations", get(operations))
        .route("/{authority}/plugins/adopted/{installation}/runs", get(runs))
}

#[derive(Deserialize)]
struct Operations {
    since: String,
    items: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    installation: String,
    name: String,
    version: String,
    status: String,
    runs: u64,
    failures: Vec<Failures>,
    #[serde(default)]
    instructions: Option<Spread>,
    #[serde(default)]
    millis: Option<Spread>,
    instructions_used: u64,
    #[serde(default)]
    parked: Option<Parked>,
}

#[derive(Deserialize)]
struct Failures {
    outcome: String,
    runs: u64,
}

#[derive(Deserialize)]
struct Spread {
    median: u64,
    p95: u64,
}

impl Operation {
    fn failed(&self) -> u64 {
        self.failures.iter().map(|f| f.runs).sum()
    }
}

/// So many, of a whole, in hundredths.
fn percent(part: u64, whole: u64) -> String {
    format!("{}%", (part * 100 + whole / 2).checked_div(whole).unwrap_or_default())
}

/// A large number, so that it can be read: `1,413,193`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Numbers by their size, before words.
fn order(value: &str) -> (u64, String) {
    value.parse().map_or_else(|_| (0, value.to_owned()), |n: u64| (n, String::new()))
}

#[derive(Debug, Default, Deserialize)]
struct Sorted {
    /// The heading to sort by.
    #[serde(default)]
    by: String,
}

const HEADS: [&str; 7] = ["Plugin", "Stands", "Runs", "Failed", "Time", "Instructions a run", "Instructions in all"];

async fn operations(visit: Visit, Query(asked): Query<Sorted>) -> Result<Page, Failed> {
    let all: Operations = visit.api.get(&visit.v1(&["plugin-operations"])).await?;
    let mut rows: Vec<_> = all.items.iter().map(|o| row(&visit, o)).collect();
    let by = asked.by.parse::<usize>().ok().filter(|by| *by < HEADS.len());
    if let Some(by) = by {
        rows.sort_by_key(|row: &Vec<list::Cell>| std::cmp::Reverse(order(row[by].1.as_deref().unwrap_or_default())));
    }
    let sorts = |(i, head): (usize, &'static str)| {
        (head, Some(format!("{}{}", visit.to(&["plugins", "operations"]), query(&[("by", &i.to_string())]))))
    };
    let heads: Vec<list::Head<'_>> = HEADS.into_iter().enumerate().map(sorts).collect();
    let parked: Vec<_> = all.items.iter().filter(|o| o.parked.is_some()).collect();
    let body = html! {
        (room(&visit, &["plugins", "operations"]))
        h1 class="govuk-heading-l" { "How they run" }
        @for o in &parked {
            @if let Some(p) = &o.parked { (list::warning(&format!("{} {} is parked: {}.", o.name, o.version, p.why))) }
            @if visit.me.may("install-plugins") {
                p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", &o.installation, "unpark"]), &format!("Bring {} {} back", o.name, o.version))) }
            }
        }
        p class="govuk-body" { "Since " (words::at(&all.since)) ". Instructions are what a run costs the host; times are of the last thousand runs: half of them take no more than the first number, nineteen of twenty no more than the second." }
        @if rows.is_empty() { (list::nothing("Nothing is adopted here yet.")) }
        @else { (list::sortable("Each version", &heads, by.map(|by| (by, true)), &rows)) }
        p class="govuk-body" { (list::link(&visit.to(&["decisions"]), "What they decided")) }
    };
    Ok(visit.page("How they run", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

fn row(visit: &Visit, o: &Operation) -> Vec<list::Cell> {
    let (name, failed) = (format!("{} {}", o.name, o.version), o.failed());
    let codes: Vec<String> = o.failures.iter().map(|f| format!("{} {}", f.runs, words::code(&f.outcome).to_lowercase())).collect();
    let spread = |s: &Option<Spread>, unit: &str| -> list::Cell {
        s.as_ref().map_or_else(
            || (html! { "–" }, Some("0".to_owned())),
            |s| (html! { (grouped(s.median)) " / " (grouped(s.p95)) (unit) }, Some(s.median.to_string())),
        )
    };
    vec![
        (list::link(&visit.to(&["plugins", "adopted", &o.installation, "runs"]), &name), Some(name.clone())),
        (standing(&o.status, o.parked.is_some()), Some(o.status.clone())),
        (html! { (grouped(o.runs)) }, Some(o.runs.to_string())),
        (html! { (grouped(failed)) " (" (percent(failed, o.runs)) ")" @for c in &codes { br; (c) } }, Some(failed.to_string())),
        spread(&o.millis, " ms"),
        spread(&o.instructions, ""),
        (html! { (grouped(o.instructions_used)) }, Some(o.instructions_used.to_string())),
    ]
}

#[derive(Deserialize)]
struct Run {
    at: String,
    question: String,
    as_of: String,
    outcome: String,
    #[serde(default)]
    blame: Option<String>,
    #[serde(default)]
    message: Option<String>,
    instructions: u64,
    millis: u64,
    peak_memory: u64,
    #[serde(default)]
    decision: Option<String>,
    #[serde(default)]
    log: Option<Log>,
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    after: String,
    #[serde(default)]
    that: String,
}

async fn runs(visit: Visit, Path((_, id)): Path<(String, String)>, Query(wanted): Query<Wanted>) -> Result<Page, Failed> {
    let i = Installation::read(&visit, &id).await?;
    let plugin = i.version(&visit).await?;
    let that = if wanted.that == "failed" { "failed" } else { "" };
    let asked = query(&[("that", that), ("after", &wanted.after), ("limit", "50")]);
    let all: List<Run> = visit.api.get(&format!("{}{asked}", visit.v1(&["installations", &id, "runs"]))).await?;
    let to = |that: &str| format!("{}{}", visit.to(&["plugins", "adopted", &id, "runs"]), query(&[("that", that)]));
    let rows: Vec<_> = all.items.iter().map(|r| run(&visit, r)).collect();
    let body = html! {
        (i.sections(&visit, "runs"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "How it ran" }
        (list::sections("Which runs", &[(to(""), "All"), (to("failed"), "Failed")], &to(that)))
        @if rows.is_empty() { (list::nothing(if that.is_empty() { "It was not asked anything yet." } else { "None of its runs failed, as far as they are kept." })) }
        @else { (list::table("Runs, the latest first", &["At", "Asked", "Ended", "Cost", "What it wrote", "Came to"], &rows)) }
        (list::rest(&to(that), all.next.as_deref()))
    };
    Ok(visit.page("How it ran", body).below(above(&visit, &id, &plugin.title())))
}

fn run(visit: &Visit, r: &Run) -> Vec<Markup> {
    let colour = if r.outcome == "answered" { "green" } else { "red" };
    vec![
        html! { (words::at(&r.at)) },
        html! { (words::code(&r.question)) ", as of " (words::day(&r.as_of)) },
        html! {
            (list::tag(&words::code(&r.outcome), colour))
            @if let Some(blame) = &r.blame { br; (mends(blame)) }
            @if let Some(message) = &r.message { br; span class="hearth-code" { (message) } }
        },
        html! { (grouped(r.instructions)) " instructions, " (r.millis) " ms, " (grouped(r.peak_memory / 1024)) " KiB" },
        html! { @for line in r.log.iter().flat_map(Log::words) { span class="hearth-code" { (line) } br; } },
        html! { @if let Some(decision) = &r.decision { (list::link(&visit.to(&["decisions", decision]), "The decision")) } },
    ]
}

/// Who has to act.
fn mends(blame: &str) -> &'static str {
    match blame {
        "host" => "For whoever runs this host",
        "authority" => "This council's plugins use more than their share",
        _ => "For the plugin's author",
    }
}

/// What a run wrote for its author.
#[derive(Default, Deserialize)]
struct Log {
    lines: Vec<Line>,
    /// Past the last that is kept.
    dropped: u32,
}

#[derive(Deserialize)]
struct Line {
    level: String,
    text: String,
}

impl Log {
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.lines.iter().map(|l| format!("{}: {}", l.level, l.text)).collect();
        if self.dropped > 0 {
            words.push(format!("and {} lines more", self.dropped));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_made_to_be_read() {
        assert_eq!((grouped(0), grouped(999), grouped(1_413_193)), ("0".into(), "999".into(), "1,413,193".into()));
        assert_eq!((percent(1, 3), percent(0, 0), percent(2, 3)), ("33%".into(), "0%".into(), "67%".into()));
    }

    #[test]
    fn what_a_run_wrote_is_read_line_by_line() {
        let log: Log = serde_json::from_value(json!({ "lines": [{ "level": "warn", "text": "<b>" }], "dropped": 2 })).unwrap();
        assert_eq!(log.words(), ["warn: <b>", "and 2 lines more"]);
    }
}
