//! Rows about which a person is asked: what the file says and who may be meant, side by side, and what was said before.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::send::{parts, told};
use crate::Pages;
use crate::pages::common::{After, Organisations, sorted};
use crate::pages::family::record::said;
use crate::ui::form::{Ask, Asked, Typed, act, button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/intake/matches", get(matches))
        .route("/{authority}/intake/matches/{row}", get(asked).post(decide))
        .route("/{authority}/intake/match-decisions", get(decisions))
        .route("/{authority}/intake/match-decisions/{decision}/undo", post(undo))
}

#[derive(Deserialize)]
struct Question {
    id: String,
    at: String,
    source: String,
    row: Row,
    #[serde(default)]
    candidates: Vec<Candidate>,
}

#[derive(Deserialize)]
struct Row {
    kind: String,
    first: String,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    detail: Value,
    #[serde(default)]
    whom: Value,
}

#[derive(Deserialize)]
struct Candidate {
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    home: Option<String>,
    weight: i32,
    #[serde(default)]
    known: Value,
    #[serde(default)]
    agreements: Vec<Agreement>,
}

impl Candidate {
    /// Of the person, or of the home where a row is about one.
    fn id(&self) -> &str {
        self.person.as_deref().or(self.home.as_deref()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Agreement {
    says: String,
    tenths: i32,
}

async fn matches(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let waiting: List<Question> = visit.api.get(&after.of(&visit.v1(&["matches"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = waiting
        .items
        .iter()
        .map(|q| {
            vec![
                list::link(&visit.to(&["intake", "matches", &q.id]), &told(&q.row.whom)),
                html! { (words::code(&q.row.kind)) },
                html! { (organisations.name(&q.source)) },
                html! { (words::at(&q.at)) },
                html! { (q.candidates.len()) },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Who is meant?" }
        @if rows.is_empty() { (list::nothing("Nobody is asked about any row.")) }
        @else { (list::table("Rows about which a person is asked", &["The file says", "About", "From", "Since", "May be"], &rows)) }
        (list::rest(&visit.to(&["intake", "matches"]), waiting.next.as_deref()))
    };
    Ok(visit.page("Who is meant?", body).below([visit.crumb(&["intake"], "Intake")]).private())
}

/// How much likelier than not, from tenths of a bit, as people say it.
fn likely(weight: i32) -> String {
    let times = 2_f64.powf(f64::from(weight.abs()) / 10.0).round();
    match weight {
        100.. => "More than a thousand times likelier than not".to_owned(),
        10..100 => format!("About {times} times likelier than not"),
        -9..10 => "As likely as not".to_owned(),
        _ => format!("About {times} times likelier somebody else"),
    }
}

async fn asked(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    asked_page(&visit, &id, &Typed::default(), None).await
}

async fn asked_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let q: Question = visit.api.get(&visit.v1(&["matches", id])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let choices: Vec<(String, String)> = q
        .candidates
        .iter()
        .enumerate()
        .map(|(i, c)| (c.id().to_owned(), format!("{}: {}", name(i), parts(&c.known).into_iter().take(2).collect::<Vec<_>>().join(", "))))
        .chain([
            ("none".to_owned(), "None of these: somebody who is not known here".to_owned()),
            ("not-ours".to_owned(), "Not this council's".to_owned()),
        ])
        .collect();
    let choices: Vec<(&str, &str)> = choices.iter().map(|(value, words)| (value.as_str(), words.as_str())).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Who is meant?" }
        p class="govuk-body" {
            (organisations.name(&q.source)) " says of them: " (words::code(&q.row.kind).to_lowercase()) ", " (words::day(&q.row.first))
            @if let Some(last) = &q.row.last { " to " (words::day(last)) } ": " (said(&q.row.detail)) "."
        }
        (side_by_side(&q))
        form method="post" action=(visit.to(&["intake", "matches", id])) novalidate {
            (Asked::new(typed, problem).radios(Ask { name: "answer", label: "Who is it?", hint: "It holds for every row of this source that says the same, until it is taken back" }, &choices))
            (button("Say so"))
        }
    };
    let above = [visit.crumb(&["intake"], "Intake"), visit.crumb(&["intake", "matches"], "Who is meant?")];
    Ok(visit.page("Who is meant?", body).below(above).wrong(problem).private())
}

fn name(i: usize) -> String {
    format!("Candidate {}", i + 1)
}

fn side_by_side(q: &Question) -> Markup {
    let names: Vec<String> = (0..q.candidates.len()).map(name).collect();
    let heads: Vec<&str> = ["What", "The file says"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let row = |what: &str, file: Markup, of: &dyn Fn(&Candidate) -> Markup| {
        [html! { strong { (what) } }, file].into_iter().chain(q.candidates.iter().map(of)).collect::<Vec<_>>()
    };
    let lines = |value: &Value| html! { @for part in parts(value) { (part) br; } };
    let agreements = |c: &Candidate| {
        html! {
            @for a in &c.agreements {
                (list::tag(if a.tenths >= 0 { "For" } else { "Against" }, if a.tenths >= 0 { "green" } else { "red" })) " " (a.says) br;
            }
        }
    };
    let rows = vec![
        row("Who they are", lines(&q.row.whom), &|c| lines(&c.known)),
        row("What was compared", html! {}, &agreements),
        row("How likely", html! {}, &|c| html! { (likely(c.weight)) }),
    ];
    list::table("Side by side", &heads, &rows)
}

async fn decide(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = match typed.text("answer") {
        Some("none") => json!({ "answer": "none-of-these" }),
        Some("not-ours") => json!({ "answer": "not-ours" }),
        Some(one) => {
            let q: Question = visit.api.get(&visit.v1(&["matches", &id])).await?;
            let chosen = q.candidates.into_iter().find(|c| c.id() == one);
            chosen.map_or_else(|| json!({}), |c| json!({ "answer": "this-one", "person": c.person, "home": c.home }))
        }
        None => json!({}),
    };
    match sorted(visit.api.post(&visit.v1(&["matches", &id, "decision"]), &body, "").await)? {
        Ok(_) => Ok(visit.done(&["intake", "matches"], "saved")),
        Err(problem) => Ok(asked_page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

#[derive(Deserialize)]
struct Said {
    id: String,
    answer: String,
    at: String,
    by: String,
    source: String,
    #[serde(default)]
    undone_at: Option<String>,
    #[serde(default)]
    undone_by: Option<String>,
}

async fn decisions(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    decisions_page(&visit, &after, None).await
}

async fn decisions_page(visit: &Visit, after: &After, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Said> = visit.api.get(&after.of(&visit.v1(&["match-decisions"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|d| {
            vec![
                html! { (words::code(&d.answer)) },
                html! { (organisations.name(&d.source)) },
                html! { (words::at(&d.at)) " by " (words::who(&d.by)) },
                html! {
                    @match &d.undone_at {
                        Some(at) => { "Taken back " (words::at(at)) @if let Some(by) = &d.undone_by { " by " (words::who(by)) } }
                        None => { (act(&visit.to(&["intake", "match-decisions", &d.id, "undo"]), "Take it back")) }
                    }
                },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "What was said about who is meant" }
        @if rows.is_empty() { (list::nothing("Nothing was said yet.")) }
        @else { (list::table("Answers", &["Answer", "About rows from", "Said", "Act"], &rows)) }
        (list::rest(&visit.to(&["intake", "match-decisions"]), all.next.as_deref()))
    };
    Ok(visit.page("What was said about who is meant", body).below([visit.crumb(&["intake"], "Intake")]).wrong(problem).private())
}

async fn undo(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["match-decisions", &id, "undo"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["intake", "match-decisions"], "withdrawn")),
        Err(problem) => Ok(decisions_page(&visit, &After::default(), Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::likely;

    #[test]
    fn a_weight_is_told_as_people_say_it() {
        assert_eq!(likely(100), "More than a thousand times likelier than not");
        assert_eq!(likely(0), "As likely as not");
        assert_eq!(likely(-30), "About 8 times likelier somebody else");
    }
}
