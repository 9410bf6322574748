//! Decisions: why, in sentences, each with what it rests on; repeated, and overridden with a reason.

mod told;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::common::family_link;
use crate::Pages;
use crate::codes;
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/decisions", get(decisions))
        .route("/{authority}/decisions/{decision}", get(decision))
        .route("/{authority}/decisions/{decision}/replay", post(replay))
        .route("/{authority}/decisions/{decision}/override", get(override_page).post(override_it))
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    at: String,
    family: String,
    #[serde(default)]
    family_reference: Option<String>,
    question: String,
    as_of: String,
    #[serde(default)]
    result: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    family: String,
    #[serde(default)]
    after: String,
}

async fn decisions(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let asked = query(&[("family", &looked.family), ("after", &looked.after), ("limit", "50")]);
    let decisions: List<Listed> = visit.api.get(&format!("{}{asked}", visit.v1(&["decisions"]))).await?;
    let rows: Vec<_> = decisions
        .items
        .iter()
        .map(|d| {
            vec![
                list::link(&visit.to(&["decisions", &d.id]), &words::code(&d.question)),
                html! { (d.result.as_deref().map(words::code).unwrap_or_default()) },
                html! { (words::day(&d.as_of)) },
                html! { (words::at(&d.at)) },
                family_link(&visit, &d.family, d.family_reference.as_deref()),
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Decisions" }
        @if rows.is_empty() { (list::nothing("Nothing was decided yet.")) }
        @else { (list::table("What the rules decided", &["Question", "Result", "As of", "Decided", "Family"], &rows)) }
        (list::rest(&format!("{}{}", visit.to(&["decisions"]), query(&[("family", &looked.family)])), decisions.next.as_deref()))
    };
    Ok(visit.page("Decisions", body).private())
}

/// Whole, or its bare result where it rests on what is withheld from the visitor: then without by which rules and why.
#[derive(Deserialize)]
struct Decision {
    family: String,
    at: String,
    by: String,
    question: String,
    as_of: String,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    plugin: Option<Plugin>,
    #[serde(default)]
    withheld: Vec<String>,
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    reported: Vec<told::Reported>,
    #[serde(default)]
    claims: Vec<Claim>,
    #[serde(default)]
    tasks: Vec<told::Proposed>,
    #[serde(default)]
    actions: Vec<told::Proposed>,
    #[serde(default)]
    refused: Option<Refused>,
    #[serde(default)]
    evidence_erased: bool,
}

impl Decision {
    const fn is_whole(&self) -> bool {
        self.plugin.is_some()
    }

    /// What is said instead of why, to whom something of it is withheld.
    fn told_of_withheld(&self) -> Option<String> {
        let sections: Vec<String> = self.withheld.iter().map(|section| words::code(section).to_lowercase()).collect();
        let from_you = "What this rests on is not yours to see, and so the reasons are not either";
        (!self.is_whole()).then(|| match sections.as_slice() {
            [] => format!("{from_you}."),
            some => format!("{from_you}: {}.", some.join(", ")),
        })
    }
}

#[derive(Deserialize)]
struct Plugin {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Finding {
    #[serde(default)]
    heading: Option<String>,
    criterion: String,
    standing: String,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    sentence: Option<String>,
    #[serde(default)]
    rests_on: Vec<Value>,
    #[serde(default)]
    besides: Vec<Value>,
}

#[derive(Deserialize)]
struct Claim {
    says: String,
    amount_pence: i64,
    entitled_on: String,
}

/// The plugin could not answer.
#[derive(Deserialize)]
struct Refused {
    why: String,
    #[serde(default)]
    sentence: Option<String>,
}

/// The colour of a finding's tag.
#[must_use]
pub fn colour(standing: &str) -> &'static str {
    match standing {
        "met" => "green",
        "not-met" => "red",
        "not-enough-evidence" => "yellow",
        _ => "grey",
    }
}

/// What a reason rests on, in words: how many facts, and which searches found nothing or how many.
fn rests_on(reason: &Reason) -> Markup {
    let facts = reason.rests_on.iter().filter(|r| r.get("fact").is_some()).count();
    let searches: Vec<String> = reason
        .rests_on
        .iter()
        .filter_map(|r| r.get("searched"))
        .map(|s| {
            let text = |name: &str| s[name].as_str().unwrap_or_default();
            let what = words::code(text("kind")).to_lowercase();
            format!(
                "the record was searched for {what} from {} to {}: {} found",
                words::day(text("first")),
                words::day(text("last")),
                s["found"]
            )
        })
        .collect();
    // Whose an answer was, is told of it once.
    let whose = |r: &&Value| !reason.besides.iter().any(|b| r.get("answered").is_some() && b["answered-by"]["question"] == r["answered"]);
    let others = reason.rests_on.iter().filter(whose).chain(&reason.besides).filter_map(other_basis);
    let mut told = Vec::new();
    match facts {
        0 => {}
        1 => told.push("one fact of the record".to_owned()),
        n => told.push(format!("{n} facts of the record")),
    }
    told.extend(searches);
    told.extend(others);
    html! { @if !told.is_empty() { p class="govuk-hint" { "Rests on: " (told.join("; ")) "." } } }
}

/// What is neither a fact nor a search.
fn other_basis(basis: &Value) -> Option<String> {
    if basis.as_str() == Some("asked") {
        return Some("what was asked".to_owned());
    }
    let (of, what) = basis.as_object()?.iter().next()?;
    let word = |value: &Value| words::code(value.as_str().unwrap_or_default()).to_lowercase();
    Some(match of.as_str() {
        "setting" => format!("the setting {}", what.as_str()?),
        "table" => format!("the table {}", word(what)),
        "answered" => format!("the answer to \u{201c}{}\u{201d}", word(what)),
        "answered-by" => {
            let before = if what["before"] == true { ", of the time before" } else { "" };
            format!("the answer to \u{201c}{}\u{201d}{before}", word(&what["question"]))
        }
        "not-told" => format!("not having been told of the section {}", word(what)),
        "read" => format!("what was read: {}", word(what)),
        _ => return None,
    })
}

async fn decision(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let d: Decision = visit.api.get(&visit.v1(&["decisions", &id])).await?;
    let title = d.says.clone().or_else(|| d.result.as_deref().map(words::code)).unwrap_or_else(|| words::code(&d.question));
    let mut told = vec![
        ("Family", list::link(&visit.to(&["families", &d.family]), "The family's page")),
        ("Decided", html! { (words::at(&d.at)) }),
        ("Asked by", html! { (words::who(&d.by)) }),
    ];
    told.extend(d.plugin.as_ref().map(|plugin| ("By the rules", html! { (plugin.name) " " (plugin.version) })));
    let body = html! {
        span class="govuk-caption-l" { (words::code(&d.question)) ", as of " (words::day(&d.as_of)) }
        h1 class="govuk-heading-l" { (title) }
        @if d.evidence_erased { (list::inset("What this was decided on has been erased since, as the law asks. That it was decided stays.")) }
        @if let Some(withheld) = d.told_of_withheld() { (list::inset(&withheld)) }
        (list::pairs(&told))
        @if d.is_whole() { h2 class="govuk-heading-m" { "Why" } }
        @if let Some(refused) = &d.refused {
            p class="govuk-body" { "The rules gave no answer: " (refused.sentence.clone().unwrap_or_else(|| words::code(&refused.why).to_lowercase())) }
        }
        @if d.is_whole() && d.refused.is_none() && d.findings.is_empty() && d.reported.is_empty() { (list::nothing("The rules report nothing beside the answer.")) }
        @for f in &d.findings {
            h3 class="govuk-heading-s" {
                (f.heading.clone().unwrap_or_else(|| words::code(&f.criterion))) " "
                (list::tag(f.says.as_deref().unwrap_or(&words::code(&f.standing)), colour(&f.standing)))
            }
            @for reason in &f.reasons {
                @if let Some(sentence) = &reason.sentence { p class="govuk-body" { (sentence) } }
                (rests_on(reason))
            }
        }
        (told::reported(&d.reported))
        @if !d.claims.is_empty() {
            h2 class="govuk-heading-m" { "What can be claimed" }
            ul class="govuk-list govuk-list--bullet" {
                @for c in &d.claims { li { (c.says) ", " (words::pounds(c.amount_pence)) ", from " (words::day(&c.entitled_on)) } }
            }
        }
        (told::proposed(&d.tasks, &d.actions))
        @if d.is_whole() { div class="hearth-buttons-in-line" {
            (act(&visit.to(&["decisions", &id, "replay"]), "Decide again from the same evidence"))
            @if visit.me.may("override") { p class="govuk-body" { (list::link(&visit.to(&["decisions", &id, "override"]), "Decide otherwise, with a reason")) } }
        } }
    };
    let above = [visit.crumb(&["decisions"], "Decisions")];
    Ok(visit.page(title, body).below(above).private())
}

async fn replay(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let again: Replayed = serde_json::from_value(visit.api.post(&visit.v1(&["decisions", &id, "replay"]), &json!({}), typed.once()).await?)
        .map_err(|e| Failed::Fault(e.to_string()))?;
    if again.answer.is == "same" && again.inputs.are == "still-follow" {
        return Ok(visit.done(&["decisions", &id], "repeated"));
    }
    let body = html! {
        h1 class="govuk-heading-l" { "Decided again" }
        (list::pairs(&[
            ("The answer", html! { (words::code(&again.answer.is)) }),
            ("What it was decided on, as the record has it now", html! { (words::code(&again.inputs.are)) }),
        ]))
    };
    Ok(visit.page("Decided again", body).below([visit.crumb(&["decisions", &id], "The decision")]).into_response())
}

/// Two checks that must not be confused: does the same come out again, and does what went in still follow from the record?
#[derive(Deserialize)]
struct Replayed {
    answer: Is,
    inputs: Are,
}

#[derive(Deserialize)]
struct Is {
    is: String,
}

#[derive(Deserialize)]
struct Are {
    are: String,
}

async fn override_page(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    override_asked(&visit, &id, &Typed::default(), None).await
}

async fn override_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let d: Decision = visit.api.get(&visit.v1(&["decisions", id])).await?;
    let form = Asked::new(typed, problem);
    let choices: Vec<(&str, &str)> =
        codes::answers(&d.question).into_iter().filter(|(code, _)| d.result.as_deref() != Some(code)).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Decide otherwise" }
        p class="govuk-body" { "The rules said: " (d.says.clone().or_else(|| d.result.as_deref().map(words::code)).unwrap_or_default()) ". Both stay: what they said, and what you decide." }
        form method="post" action=(visit.to(&["decisions", id, "override"])) novalidate {
            (once())
            (form.select(Ask { name: "result", label: "Your result", hint: "" }, &choices))
            (form.text(Ask { name: "reason", label: "Why", hint: "Whoever looks at the decision reads it" }, 4))
            (button("Decide so"))
        }
    };
    Ok(visit.page("Decide otherwise", body).below([visit.crumb(&["decisions", id], "The decision")]).wrong(problem).private())
}

async fn override_it(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = Value::Object(typed.object(&["result", "reason"]));
    match visit.api.post(&visit.v1(&["decisions", &id, "overrides"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["decisions", &id], "overridden")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(override_asked(&visit, &id, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
