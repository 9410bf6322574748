//! Back-tests: those that there are, and a new one: which candidate, asked what, as of which days, about how many families.

use axum::Router;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::installation::{self, Versions};
use super::room;
use crate::Pages;
use crate::pages::common::{After, number, sorted};
use crate::ui::form::{Ask, Asked, Choice, Typed, button, fieldset, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, path};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/back-tests", get(back_tests).post(begin))
        .route("/{authority}/plugins/back-tests/new", get(new))
}

#[derive(Deserialize)]
struct BackTest {
    id: String,
    state: String,
    done: u64,
    total: u64,
    plugin: String,
    question: String,
    as_of: Vec<String>,
    began_at: String,
    began_by: String,
}

/// Where it stands.
pub(super) fn standing(state: &str) -> Markup {
    let colour = match state {
        "running" => "blue",
        "done" => "green",
        "failed" | "stopped" => "red",
        _ => "grey",
    };
    list::tag(&words::code(state), colour)
}

/// What is asked, in words.
pub(super) fn question(code: &str) -> String {
    QUESTIONS.iter().find(|(c, _)| *c == code).map_or_else(|| words::code(code), |(_, words)| (*words).to_owned())
}

const QUESTIONS: &[Choice<'_>] = &[
    ("progress", "How far families have come, and what can be claimed"),
    ("eligibility", "Who is eligible"),
    ("suited", "Whom the forms suit"),
];

const KNOWN: &[Choice<'_>] =
    &[("now", "What is known of it now, late news and corrections too"), ("then", "What was known at the end of that day")];

async fn back_tests(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<BackTest> = visit.api.get(&after.of(&visit.v1(&["back-tests"]))).await?;
    let versions = Versions::of(&visit).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|t| {
            let days = t.as_of.iter().map(|d| words::day(d)).collect::<Vec<_>>().join(", ");
            vec![
                list::link(
                    &visit.to(&["plugins", "back-tests", &t.id]),
                    &format!("{}, {}", versions.words(&t.plugin), words::at(&t.began_at)),
                ),
                standing(&t.state),
                html! { (question(&t.question)) },
                html! { (days) },
                html! { (t.done) " of " (t.total) },
                html! { (words::who(&t.began_by)) },
            ]
        })
        .collect();
    let body = html! {
        (room(&visit, &["plugins", "back-tests"]))
        h1 class="govuk-heading-l" { "Back-tests" }
        p class="govuk-body" { "What another version, or other settings, would decide about this council's own families, beside what decides now. Nothing follows from it: no decision, no claim, no task." }
        a class="govuk-button" href=(visit.to(&["plugins", "back-tests", "new"])) { "Begin a back-test" }
        @if rows.is_empty() { (list::nothing("Nobody has tried anything yet.")) }
        @else { (list::table("The latest first", &["Candidate", "Stands", "Asked", "As of", "Families", "Begun by"], &rows)) }
        (list::rest(&visit.to(&["plugins", "back-tests"]), all.next.as_deref()))
    };
    Ok(visit.page("Back-tests", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    candidate: String,
}

async fn new(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("candidate", wanted.candidate);
    typed.set("question", "progress");
    typed.set("known", "now");
    typed.set_day("as_of", &words::today());
    asking(&visit, &typed, None).await
}

/// What may be tried: what is proposed here, with its own grants and settings; and every version, with its defaults.
async fn candidates(visit: &Visit) -> Result<Vec<(String, String)>, Failed> {
    let versions = Versions::of(visit).await?;
    let proposed = installation::all(visit).await?.into_iter().rev().filter(|i| i.is("proposed"));
    let one = |i: installation::Installation| {
        (format!("installation:{}", i.id), format!("{}, proposed {}", versions.words(&i.plugin), words::at(&i.proposed_at)))
    };
    let mut all: Vec<_> = proposed.map(one).collect();
    all.extend(versions.all().iter().map(|v| (format!("plugin:{}", v.digest), format!("{} {}, with its defaults", v.name, v.version))));
    Ok(all)
}

async fn asking(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let candidates = candidates(visit).await?;
    let choices: Vec<Choice<'_>> = candidates.iter().map(|(value, words)| (value.as_str(), words.as_str())).collect();
    let form = Asked::new(typed, problem);
    let day = |name, label| form.day(Ask { name, label, hint: "" });
    let more = html! { (day("as_of2", "A second day")) (day("as_of3", "A third day")) (day("as_of4", "A fourth day")) };
    let body = html! {
        h1 class="govuk-heading-l" { "Begin a back-test" }
        form method="post" action=(visit.to(&["plugins", "back-tests"])) novalidate {
            (once())
            (form.select(Ask { name: "candidate", label: "What would decide?", hint: "To try other settings, propose them beside what decides: then they stand here" }, &choices))
            (form.radios(Ask { name: "question", label: "What is asked?", hint: "" }, QUESTIONS))
            (form.day(Ask { name: "as_of", label: "As of which day?", hint: "What was true on that day" }))
            (list::details("As of more days", &more))
            (form.radios(Ask { name: "known", label: "What is known of that day?", hint: "" }, KNOWN))
            (fieldset("How many families?", "Leave both empty to ask about every family that is open", &html! {
                (form.number(Ask { name: "size", label: "A sample of so many", hint: "" }, "", ""))
                (form.number(Ask { name: "seed", label: "Drawn by the number", hint: "The same number draws the same families" }, "", ""))
            }))
            (form.day(Ask { name: "keep_until", label: "How long is it kept?", hint: "The last day; 30 days, if you leave it empty" }))
            (list::inset("A section that nobody granted to the candidate is read under a trial grant, or answers “not granted”."))
            (button("Begin"))
        }
        p class="govuk-body" { (list::link(&visit.to(&["plugins", "trial-grants"]), "Trial grants")) }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "back-tests"], "Back-tests")];
    Ok(visit.page("Begin a back-test", body).below(above).wrong(problem))
}

#[derive(Deserialize)]
struct Of {
    asks: Vec<super::Asks>,
}

/// A candidate as the API takes it. A version is tried with all that it asks for: what nobody granted it is told.
async fn candidate(visit: &Visit, chosen: &str) -> Result<Value, Failed> {
    match chosen.split_once(':') {
        Some(("installation", id)) => Ok(json!({ "installation": id })),
        Some(("plugin", digest)) => {
            let of: Of = visit.api.get(&path(&["v1", "plugins", digest])).await?;
            let grants: Vec<String> = of.asks.into_iter().map(|a| a.interface).collect();
            Ok(json!({ "plugin": digest, "grants": grants }))
        }
        _ => Ok(json!({})),
    }
}

fn asked(typed: &Typed, candidate: Value) -> Value {
    let days: Vec<String> = ["as_of", "as_of2", "as_of3", "as_of4"].into_iter().filter_map(|name| typed.day(name)).collect();
    let mut body = json!({ "candidate": candidate, "question": typed.text("question").unwrap_or_default(), "as_of": days });
    if let Some(known) = typed.text("known") {
        body["known"] = known.into();
    }
    if let Some(size) = number(typed, "size") {
        body["sample"] = json!({ "size": size });
        if let Some(seed) = number(typed, "seed") {
            body["sample"]["seed"] = seed;
        }
    }
    if let Some(until) = typed.day("keep_until") {
        body["keep_until"] = until.into();
    }
    body
}

async fn begin(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("candidate", "choose what would decide")]) {
        Some(lacks) => Err(lacks),
        None => {
            let candidate = candidate(&visit, typed.text("candidate").unwrap_or_default()).await?;
            sorted(visit.api.post(&visit.v1(&["back-tests"]), &asked(&typed, candidate), typed.once()).await)?
        }
    };
    match answer {
        Ok(test) => Ok(visit.done(&["plugins", "back-tests", test["id"].as_str().unwrap_or_default()], "back-test-begun")),
        Err(problem) => {
            let problem =
                problem.renamed(&[("sample.size", "size"), ("sample.seed", "seed"), ("as_of[0]", "as_of"), ("as_of[1]", "as_of2")]);
            Ok(asking(&visit, &typed, Some(&problem)).await?.into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_that_is_typed_is_asked_about_and_a_sample_only_where_one_is_wanted() {
        let mut typed = Typed::default();
        typed.set("question", "progress");
        typed.set_day("as_of", "2026-08-31");
        typed.set_day("as_of3", "2026-03-31");
        let whole = asked(&typed, json!({}));
        assert_eq!(whole["as_of"], json!(["2026-08-31", "2026-03-31"]));
        assert!(whole["sample"].is_null());
        typed.set("size", "500");
        typed.set("seed", "seven");
        assert_eq!(asked(&typed, json!({}))["sample"], json!({ "size": 500, "seed": "seven" }));
    }
}
