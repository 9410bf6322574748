//! The playground: a version asked about a family that is invented. It begins with one of the plugin's scenarios; facts are changed in a
//! form, and the answer stands beside what it was.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Version;
use super::versions::plugin;
use crate::Pages;
use crate::ui::form::{Ask, Asked, Typed, button, fieldset, hidden, second_button, sentence};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/plugins/versions/{digest}/playground", get(begin).post(play))
}

#[derive(Debug, Default, Deserialize)]
struct Begun {
    #[serde(default)]
    scenario: usize,
}

#[derive(Deserialize)]
struct Scenarios {
    items: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    scenario: String,
    begin: Value,
}

#[derive(Deserialize)]
struct Played {
    came: Came,
    changes: Vec<Changed>,
}

#[derive(Deserialize)]
struct Came {
    as_of: String,
    how: String,
    says: String,
    said: Vec<Said>,
    #[serde(default)]
    shown: Option<String>,
    log: Vec<Line>,
    instructions: u64,
}

#[derive(Deserialize)]
struct Said {
    key: String,
    fields: Vec<Field>,
    sentences: Vec<String>,
}

#[derive(Deserialize)]
struct Field {
    field: String,
    value: String,
}

#[derive(Deserialize)]
struct Line {
    level: String,
    text: String,
}

#[derive(Deserialize)]
struct Changed {
    came: Came,
    differs: Vec<Differs>,
}

#[derive(Deserialize)]
struct Differs {
    list: String,
    key: String,
    field: String,
    before: String,
    now: String,
}

/// A fact of the scenario, as the form asks about it.
struct Fact {
    label: String,
    kind: String,
    body: Map<String, Value>,
}

/// Facts without a label of their own get one, so that a change can name them.
fn facts(begin: &mut Value) -> Vec<Fact> {
    let mut all: Vec<Fact> = Vec::new();
    let entries = begin.get_mut("facts").and_then(Value::as_array_mut).into_iter().flatten();
    for (at, (kind, body)) in entries.filter_map(Value::as_object_mut).flatten().enumerate() {
        let Some(body) = body.as_object_mut() else { continue };
        let own = body.get("label").and_then(Value::as_str).map(str::to_owned);
        let label = own.unwrap_or_else(|| format!("row-{}", at + 1));
        body.insert("label".into(), label.clone().into());
        // Facts of one label are changed together, by the first of them.
        if all.iter().all(|f| f.label != label) {
            all.push(Fact { label, kind: kind.clone(), body: body.clone() });
        }
    }
    all
}

fn name(fact: &Fact, field: &str) -> String {
    format!("{}.{field}", fact.label)
}

/// A value as somebody types it.
fn typed_as(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(typed_as).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What was typed, of the type that stood there before. Empty: the field is taken away.
fn as_before(before: &Value, typed: &str) -> Value {
    match before {
        _ if typed.is_empty() => Value::Null,
        Value::Array(_) => typed.split(',').map(|t| Value::from(t.trim())).collect(),
        Value::Bool(_) => (typed == "true").into(),
        Value::Number(_) => serde_json::from_str::<serde_json::Number>(typed).map_or_else(|_| typed.into(), Value::Number),
        _ => typed.into(),
    }
}

/// What was changed in the form, as a scenario's case says it; none where nothing was.
fn change(all: &[Fact], typed: &Typed) -> Option<Value> {
    let (mut edit, mut remove) = (Map::new(), Vec::new());
    for fact in all {
        if typed.is_ticked(&name(fact, "gone")) {
            remove.push(fact.label.clone());
            continue;
        }
        let fields = fact.body.iter().filter(|(field, _)| *field != "label").filter_map(|(field, before)| {
            let now = as_before(before, typed.text(&name(fact, field)).unwrap_or_default());
            (now != *before).then(|| (field.clone(), now))
        });
        let fields: Map<String, Value> = fields.collect();
        if !fields.is_empty() {
            edit.insert(fact.label.clone(), fields.into());
        }
    }
    let mut change = Map::new();
    if !edit.is_empty() {
        change.insert("edit".into(), edit.into());
    }
    if !remove.is_empty() {
        change.insert("remove".into(), remove.into());
    }
    (!change.is_empty()).then(|| change.into())
}

/// The form as the scenario has it.
fn filled(all: &[Fact]) -> Typed {
    let mut typed = Typed::default();
    for fact in all {
        for (field, value) in &fact.body {
            typed.set(&name(fact, field), typed_as(value));
        }
    }
    typed
}

async fn scenarios(visit: &Visit, digest: &str) -> Result<Vec<Scenario>, Failed> {
    Ok(visit.api.get::<Scenarios>(&visit.v1(&["plugins", digest, "scenarios"])).await?.items)
}

async fn begin(visit: Visit, Path((_, digest)): Path<(String, String)>, Query(begun): Query<Begun>) -> Result<Page, Failed> {
    let (plugin, mut all) = (plugin(&visit, &digest).await?, scenarios(&visit, &digest).await?);
    let facts: Vec<Fact> = all.get_mut(begun.scenario).map(|s| facts(&mut s.begin)).unwrap_or_default();
    let typed = filled(&facts);
    Ok(Playing { visit: &visit, plugin: &plugin, all: &all, at: begun.scenario, facts: &facts, typed: &typed }.page(None, None))
}

async fn play(visit: Visit, Path((_, digest)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let (plugin, mut all) = (plugin(&visit, &digest).await?, scenarios(&visit, &digest).await?);
    let at: usize = typed.text("scenario").and_then(|n| n.parse().ok()).unwrap_or_default();
    let facts = all.get_mut(at).map(|s| facts(&mut s.begin)).unwrap_or_default();
    let scenario = all.get(at).map(|s| s.begin.clone()).unwrap_or_default();
    let changes: Vec<Value> = change(&facts, &typed).into_iter().collect();
    let asked = json!({ "scenario": scenario, "changes": changes });
    let playing = Playing { visit: &visit, plugin: &plugin, all: &all, at, facts: &facts, typed: &typed };
    match visit.api.post(&visit.v1(&["plugins", &digest, "playground"]), &asked, "").await {
        Ok(played) => {
            let unread =
                |e: serde_json::Error| Problem::of_pages("unreadable", "The answer", axum::http::StatusCode::BAD_GATEWAY, e.to_string());
            let played: Played = serde_json::from_value(played).map_err(|e| Failed::Refused(unread(e)))?;
            Ok(playing.page(Some(&played), None).into_response())
        }
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(playing.page(None, Some(&problem)).into_response()),
        Err(failed) => Err(failed),
    }
}

struct Playing<'a> {
    visit: &'a Visit,
    plugin: &'a Version,
    all: &'a [Scenario],
    at: usize,
    facts: &'a [Fact],
    typed: &'a Typed,
}

impl Playing<'_> {
    fn page(&self, played: Option<&Played>, problem: Option<&Problem>) -> Page {
        let title = format!("Try {}", self.plugin.manifest.title.en);
        let here = self.visit.to(&["plugins", "versions", &self.plugin.digest, "playground"]);
        let body = html! {
            span class="govuk-caption-l" { (self.plugin.name) " " (self.plugin.version) }
            h1 class="govuk-heading-l" { (title) }
            p class="govuk-body" { "The family is invented by the plugin’s author. Nothing that you change here is kept, and no real family can be named." }
            @if self.all.is_empty() {
                (list::nothing("This plugin brings no scenarios to begin with."))
            } @else {
                (self.chosen(&here))
                @if let Some(played) = played { (answer(played)) }
                (self.form(&here, problem))
            }
        };
        let above = [
            self.visit.crumb(&["plugins"], "Plugins"),
            self.visit.crumb(&["plugins", "versions", &self.plugin.digest], self.plugin.manifest.title.en.clone()),
        ];
        self.visit.page(title, body).below(above).wrong(problem)
    }

    fn chosen(&self, here: &str) -> Markup {
        let numbers: Vec<String> = (0..self.all.len()).map(|n| n.to_string()).collect();
        let choices: Vec<(&str, &str)> = numbers.iter().map(String::as_str).zip(self.all.iter().map(|s| s.scenario.as_str())).collect();
        let mut typed = Typed::default();
        typed.set("scenario", self.at.to_string());
        html! {
            form method="get" action=(here) {
                (Asked::new(&typed, None).select(Ask { name: "scenario", label: "Begin with", hint: "Each shows one rule." }, &choices))
                (second_button("Begin with this one"))
            }
        }
    }

    fn form(&self, here: &str, problem: Option<&Problem>) -> Markup {
        let asked = Asked::new(self.typed, problem);
        html! {
            form method="post" action=(here) novalidate {
                (hidden("scenario", &self.at.to_string()))
                h2 class="govuk-heading-m" { "What is known of the family" }
                p class="govuk-body" { "Days are written as 2026-08-31, or as 3 months ago. An emptied field is taken away." }
                @for fact in self.facts {
                    (fieldset(&sentence(&fact.kind.replace('-', " ")), "", &fields(fact, asked)))
                }
                @if self.facts.is_empty() { (list::nothing("Nothing is recorded in this scenario.")) }
                (button("Ask the plugin"))
            }
        }
    }
}

fn fields(fact: &Fact, asked: Asked<'_>) -> Markup {
    let gone = name(fact, "gone");
    html! {
        @for (field, value) in fact.body.iter().filter(|(field, _)| *field != "label") {
            @let (id, label) = (name(fact, field), sentence(&field.replace('-', " ")));
            @match value {
                Value::Bool(_) => (asked.select(Ask { name: &id, label: &label, hint: "" }, &[("true", "Yes"), ("false", "No")])),
                Value::Number(_) => (asked.number(Ask { name: &id, label: &label, hint: "" }, "", "")),
                _ => (asked.line(Ask { name: &id, label: &label, hint: "" }, "text")),
            }
        }
        (asked.boxes(Ask { name: &gone, label: "Leave it out", hint: "" }, &[("yes", "It is not there")]))
    }
}

fn answer(played: &Played) -> Markup {
    let changed = played.changes.first();
    let came = changed.map_or(&played.came, |c| &c.came);
    let rows = |all: &[Differs]| -> Vec<Vec<Markup>> {
        let cell = |text: &str| html! { (if text.is_empty() { "the answer" } else { text }) };
        let what = |d: &Differs| if d.key.is_empty() { d.list.clone() } else { format!("{}: {}", d.list, d.key) };
        all.iter().map(|d| vec![cell(&what(d)), cell(&d.field), cell(&d.before), cell(&d.now)]).collect()
    };
    html! {
        h2 class="govuk-heading-m" { "What it answers" }
        (list::inset(&came.says))
        @if let Some(changed) = changed {
            @if changed.differs.is_empty() {
                p class="govuk-body" { "With what you changed it answers the same." }
            } @else {
                (list::table("What differs from before", &["What", "Of it", "Before", "Now"], &rows(&changed.differs)))
            }
        }
        h3 class="govuk-heading-s" { "Why" }
        @if came.said.iter().all(|s| s.sentences.is_empty()) { (list::nothing("It gives no reasons.")) }
        ul class="govuk-list govuk-list--bullet" {
            @for said in &came.said { @for sentence in &said.sentences { li { (sentence) (standing(said)) } } }
        }
        (list::details("For its author", &for_its_author(came)))
    }
}

fn standing(said: &Said) -> Markup {
    let first = said.fields.iter().find(|f| f.field == "standing");
    html! { @if let Some(first) = first { " (" (said.key) ": " (first.value) ")" } }
}

fn for_its_author(came: &Came) -> Markup {
    html! {
        p class="govuk-body" { "It " (came.how) ", as of " (words::day(&came.as_of)) ", with " (came.instructions) " instructions." }
        @if came.log.is_empty() { p class="govuk-body" { "It wrote no lines for its author." } }
        ul class="govuk-list" { @for line in &came.log { li { (line.level) ": " (line.text) } } }
        @if let Some(shown) = &came.shown { pre class="hearth-wide" tabindex="0" { code class="hearth-code" { (shown) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario() -> Value {
        json!({ "facts": [
            { "attendance": { "label": "term", "attended": 899, "from": "2026-04-13", "person": "sam" } },
            { "episode": { "from": "2025-09-15", "needs": ["health", "school-attendance"] } },
            { "offence": { "label": "term", "proven": true } },
        ] })
    }

    #[test]
    fn what_is_changed_in_the_form_is_what_a_case_says() {
        let mut begin = scenario();
        let all = facts(&mut begin);
        assert_eq!(all.iter().map(|f| f.label.as_str()).collect::<Vec<_>>(), ["term", "row-2"], "of one label, one");
        assert_eq!(begin["facts"][1]["episode"]["label"], "row-2");
        let mut typed = filled(&all);
        assert_eq!(change(&all, &typed), None, "nothing is changed yet");
        typed.set("term.attended", "900");
        typed.set("row-2.needs", "health, crime");
        typed.set("row-2.from", "");
        let edit = json!({ "edit": { "term": { "attended": 900 }, "row-2": { "needs": ["health", "crime"], "from": null } } });
        assert_eq!(change(&all, &typed), Some(edit));
        typed.set("term.gone", "yes");
        assert_eq!(change(&all, &typed).unwrap()["remove"], json!(["term"]));
        // What is no number stays what was typed: the API says what is wrong with it.
        assert_eq!(as_before(&json!(3), "three"), json!("three"));
        assert_eq!(as_before(&json!(true), "false"), json!(false));
    }
}
