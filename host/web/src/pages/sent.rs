//! A referral, for anybody who may send one; and what became of those that they sent.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Pages;
use crate::codes::{PROBLEMS, REFERRAL_ROUTES, TRIAGES, named};
use crate::ui::form::{Ask, Asked, Typed, button, fieldset, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/sent", get(all))
        .route("/{authority}/sent/new", get(new).post(send))
        .route("/{authority}/sent/{referral}", get(one).post(add))
}

/// What its sender is told of a referral.
#[derive(Deserialize)]
struct Sent {
    id: String,
    came_on: String,
    received_at: String,
    state: String,
    answer_by: String,
    #[serde(default)]
    answered_at: Option<String>,
    #[serde(default)]
    outcome: Option<String>,
    #[serde(default)]
    question: Option<String>,
}

impl Sent {
    fn stands(&self) -> Markup {
        match (self.outcome.as_deref(), self.state.as_str()) {
            (Some(outcome), _) => list::tag(&named(&TRIAGES, outcome), if outcome == "accept" { "green" } else { "grey" }),
            (None, "asked") => list::tag("You are asked for more", "yellow"),
            (None, "looked-at") => list::tag("Being looked at", "blue"),
            (None, other) => list::tag(&words::code(other), "blue"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn all(visit: Visit, Query(asked): Query<After>) -> Result<Page, Failed> {
    let sent: List<Sent> =
        visit.api.get(&format!("{}{}", visit.v1(&["sent-referrals"]), query(&[("after", &asked.after), ("limit", "50")]))).await?;
    let row = |s: &Sent| {
        vec![list::link(&visit.to(&["sent", &s.id]), &words::at(&s.received_at)), s.stands(), html! { (words::day(&s.answer_by)) }]
    };
    let rows: Vec<_> = sent.items.iter().map(row).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Refer a family" }
        p class="govuk-body" { "Is a family having several difficulties at once? Tell the front door. You hear what becomes of it, and see it here." }
        p class="govuk-body" { a class="govuk-button" href=(visit.to(&["sent", "new"])) role="button" draggable="false" data-module="govuk-button" { "Send a referral" } }
        @if rows.is_empty() { h2 class="govuk-heading-m" { "What you sent" } (list::nothing("You have sent none yet.")) }
        @else { (list::table("What you sent", &["Sent", "What became of it", "You hear by"], &rows)) }
        (list::rest(&visit.to(&["sent"]), sent.next.as_deref()))
    };
    Ok(visit.page("Refer a family", body))
}

async fn new(visit: Visit) -> Page {
    asked(&visit, &Typed::default(), None)
}

/// How many people a form has room for.
const ROOM: usize = 6;

fn asked(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let others = html! { @for i in 2..=ROOM { (person(&form, i)) } };
    let body = html! {
        h1 class="govuk-heading-l" { "Send a referral" }
        p class="govuk-body" { "Leave out what you do not know. In an emergency ring 999." }
        form method="post" action=(visit.to(&["sent", "new"])) novalidate {
            (once())
            (form.radios(Ask { name: "route", label: "How it came about", hint: "" }, &REFERRAL_ROUTES[..2]))
            (form.boxes(Ask { name: "problems", label: "What the family has difficulties with", hint: "" }, &PROBLEMS))
            (form.text(Ask { name: "words", label: "In your words", hint: "What you have seen, what you tried, what the family wants" }, 6))
            (form.radios(Ask { name: "urgent", label: "Is it urgent?", hint: "" }, &[("yes", "Yes, somebody should look today"), ("no", "No")]))
            (form.radios(Ask { name: "agreed", label: "Does the family know, and agree?", hint: "" }, &[("yes", "Yes"), ("no", "No, or not asked yet")]))
            h2 class="govuk-heading-m" { "Who they are" }
            (person(&form, 1))
            (list::details("More people", &others))
            (form.text(Ask { name: "lines", label: "Address, line by line", hint: "" }, 3))
            (form.number(Ask { name: "postcode", label: "Postcode", hint: "" }, "", ""))
            (button("Send it"))
        }
    };
    visit.page("Send a referral", body).below([visit.crumb(&["sent"], "Refer a family")]).wrong(problem).private()
}

fn person(form: &Asked<'_>, i: usize) -> Markup {
    let (given, family, born) = (format!("given-{i}"), format!("family-{i}"), format!("born-{i}"));
    let lines = html! {
        (form.line(Ask { name: &given, label: "Given names", hint: "" }, "text"))
        (form.line(Ask { name: &family, label: "Family name", hint: "" }, "text"))
        (form.day(Ask { name: &born, label: "Born", hint: "If you know it" }))
    };
    fieldset(&format!("Person {i}"), "", &lines)
}

/// Those who were described, each with the number that they have in the form.
fn people(typed: &Typed) -> (Vec<usize>, Vec<Value>) {
    let one = |i: usize| {
        let (given, family) = (typed.text(&format!("given-{i}")), typed.text(&format!("family-{i}")));
        let born = typed.day(&format!("born-{i}"));
        let mut person = json!({});
        if given.is_some() || family.is_some() {
            person["name"] = json!({ "given": given.unwrap_or_default(), "family": family.unwrap_or_default() });
        }
        if let Some(born) = born {
            person["born"] = Value::from(born);
        }
        person.as_object().is_some_and(|p| !p.is_empty()).then_some((i, person))
    };
    (1..=ROOM).filter_map(one).unzip()
}

fn referral(typed: &Typed, people: Vec<Value>) -> Value {
    let mut body = json!({ "route": typed.text("route").unwrap_or_default(), "problems": typed.all("problems") });
    body["urgent"] = Value::from(typed.text("urgent") == Some("yes"));
    if let Some(agreed) = typed.text("agreed") {
        body["agreed"] = Value::from(agreed == "yes");
    }
    if let Some(words) = typed.text("words") {
        body["words"] = Value::from(words);
    }
    let lines: Vec<&str> = typed.text("lines").map(|t| t.lines().map(str::trim).filter(|l| !l.is_empty()).collect()).unwrap_or_default();
    let mut described = json!({ "people": people });
    if !lines.is_empty() || typed.text("postcode").is_some() {
        described["address"] = json!({ "lines": lines, "postcode": typed.text("postcode") });
    }
    body["described"] = described;
    body
}

async fn send(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("route", "say how it came about")]) {
        return Ok(asked(&visit, &typed, Some(&problem)).into_response());
    }
    let (numbers, people) = people(&typed);
    match visit.api.post(&visit.v1(&["referrals"]), &referral(&typed, people), typed.once()).await {
        Ok(sent) => Ok(visit.done(&["sent", sent["id"].as_str().unwrap_or_default()], "referred")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(asked(&visit, &typed, Some(&of_person(problem, &numbers))).into_response())
        }
        Err(failed) => Err(failed),
    }
}

/// `described.people[1].name.given` is the field of whoever was second among those with a name.
fn of_person(mut problem: Problem, numbers: &[usize]) -> Problem {
    let place = |field: &str| {
        let (i, rest) = field.strip_prefix("described.people[")?.split_once(']')?;
        let number = numbers.get(i.parse::<usize>().ok()?)?;
        let last = rest.rsplit('.').next().filter(|l| ["given", "family", "born"].contains(l)).unwrap_or("given");
        Some(format!("{last}-{number}"))
    };
    if let Some(field) = problem.field.as_deref().and_then(place) {
        problem.detail = problem.words().to_owned();
        problem.field = Some(field);
    }
    problem
}

async fn one(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    became(&visit, &id, &Typed::default(), None).await
}

async fn became(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let sent: Sent = visit.api.get(&visit.v1(&["sent-referrals", id])).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "What became of your referral" }
        p class="govuk-body" { (sent.stands()) }
        (list::pairs(&[
            ("Came", html! { (words::day(&sent.came_on)) }),
            ("Received", html! { (words::at(&sent.received_at)) }),
            ("You hear by", html! { (words::day(&sent.answer_by)) }),
            ("Answered", html! { (sent.answered_at.as_deref().map_or_else(|| "Not yet".to_owned(), words::at)) }),
        ]))
        @if let Some(question) = &sent.question { h2 class="govuk-heading-m" { "You are asked" } (list::inset(question)) }
        @if sent.outcome.is_none() {
            h2 class="govuk-heading-m" { @if sent.question.is_some() { "Answer" } @else { "Add to it" } }
            form method="post" action=(visit.to(&["sent", id])) novalidate {
                (once())
                (form.text(Ask { name: "words", label: "What else you know", hint: "" }, 5))
                (button("Add it"))
            }
        }
    };
    Ok(visit.page("What became of your referral", body).below([visit.crumb(&["sent"], "Refer a family")]).wrong(problem).private())
}

async fn add(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "words": typed.text("words").unwrap_or_default() });
    match visit.api.post(&visit.v1(&["sent-referrals", &id, "additions"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["sent", &id], "added")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(became(&visit, &id, &typed, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_somebody_stands_at_their_own_field() {
        let mut typed = Typed::default();
        typed.set("given-1", "Owen");
        typed.set("born-3-year", "2010");
        let (numbers, people) = people(&typed);
        assert_eq!((numbers.as_slice(), people.len()), ([1, 3].as_slice(), 2));
        let problem: Problem = serde_json::from_value(json!({
            "type": "/problems/invalid", "title": "", "status": 422, "detail": "described.people[1].born: is no day", "field": "described.people[1].born",
        }))
        .unwrap();
        let at = of_person(problem, &numbers);
        assert_eq!((at.field.as_deref(), at.words()), (Some("born-3"), "is no day"));
    }
}
