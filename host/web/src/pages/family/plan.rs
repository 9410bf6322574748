//! The plan: goals in sequence, set, raised when met, or dropped with a reason.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Of, ask, open};
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Plan {
    goals: Vec<Goal>,
}

#[derive(Deserialize)]
struct Goal {
    goal: String,
    domain: String,
    title: String,
    state: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    measured: Option<String>,
    #[serde(default)]
    begins_at: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    ended_why: Option<String>,
}

impl Goal {
    fn tag(&self) -> Markup {
        match self.state.as_str() {
            "met" => list::tag("Met", "green"),
            "dropped" => list::tag("Dropped", "grey"),
            _ => list::tag("Being worked on", "blue"),
        }
    }

    /// "mornings on time, a week: from 1 to 3".
    fn measure(&self) -> String {
        let ends = match (&self.begins_at, &self.target) {
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (None, Some(to)) => format!("to reach {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, None) => String::new(),
        };
        match (&self.measured, ends.is_empty()) {
            (Some(what), false) => format!("{what}: {ends}"),
            (Some(what), true) => what.clone(),
            (None, _) => ends,
        }
    }
}

pub async fn plan(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let of = open(&visit, &id).await?;
    let plan: Plan = visit.api.get(&visit.v1(&["families", &id, "plan"])).await?;
    let today = words::today();
    let body = html! {
        (of.top(&visit, "plan"))
        h2 class="govuk-heading-m" { "Plan" }
        @if plan.goals.is_empty() { (list::nothing("No goal is set yet. Goals are chosen together with the family.")) }
        ol class="govuk-list govuk-list--number" { @for goal in &plan.goals { li { (goal_of(&visit, &of, goal, &today)) } } }
        @if visit.me.may("assess") { p class="govuk-body" { a class="govuk-button" href=(of.to(&visit, &["plan", "goals"])) role="button" draggable="false" data-module="govuk-button" { "Set a goal" } } }
    };
    Ok(of.page(&visit, "Plan", body))
}

fn goal_of(visit: &Visit, of: &Of, goal: &Goal, today: &str) -> Markup {
    let overdue = goal.state == "set" && goal.due.as_deref().is_some_and(|due| due < today);
    html! {
        p class="govuk-body" {
            strong { (goal.title) } " " (goal.tag()) @if overdue { " " (list::tag("Overdue", "red")) }
            @let measure = goal.measure();
            @if !measure.is_empty() { br; (crate::ui::form::sentence(&measure)) "." }
            br; (words::code(&goal.domain))
            @if let Some(name) = goal.person.as_deref().and_then(|p| of.family.name_of(p)) { ", " (name) }
            @if let Some(due) = &goal.due { ", by " (words::day(due)) }
            @if let Some(why) = &goal.ended_why { br; "Why: " (why) }
            @if goal.state == "set" && visit.me.may("assess") {
                br; a class="govuk-link" href=(of.to(visit, &["plan", "goals", &goal.goal])) { "Met, raise or drop" span class="govuk-visually-hidden" { ": " (goal.title) } }
            }
        }
    }
}

pub async fn goal(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    goal_asked(&visit, &id, &Typed::default(), None).await
}

async fn goal_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let people = of.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { "Family " (of.family.reference) }
        h1 class="govuk-heading-l" { "Set a goal" }
        form method="post" action=(of.to(visit, &["plan", "goals"])) novalidate {
            (once())
            (form.line(Ask { name: "title", label: "The goal", hint: "In the family's own words" }, "text"))
            (form.line(Ask { name: "domain", label: "Part of life", hint: "A short word as in your assessment form: school, home, money" }, "text"))
            (form.select(Ask { name: "person", label: "Whose", hint: "Leave it if it is the whole family's" }, &people))
            (form.line(Ask { name: "measured", label: "How you will see it", hint: "Such as: mornings on time, a week" }, "text"))
            (form.line(ask("begins_at", "Where it begins"), "text"))
            (form.line(ask("target", "Where it should be"), "text"))
            (form.day(ask("due", "By when")))
            (button("Set this goal"))
        }
    };
    Ok(of.below(visit, "plan", "Plan", "Set a goal", body).wrong(problem))
}

pub async fn set_goal(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("title", "say what the goal is"), ("domain", "say which part of life it is about")]) {
        return Ok(goal_asked(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    let mut body = Value::Object(typed.object(&["title", "domain", "person", "measured", "begins_at", "target"]));
    if let Some(due) = typed.day("due") {
        body["due"] = Value::from(due);
    }
    match visit.api.post(&visit.v1(&["families", &id, "plan", "goals"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "plan"], "goal-set")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(goal_asked(&visit, &id, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

const ENDS: &[(&str, &str)] =
    &[("met", "It is met"), ("raised", "It is met, and a higher one takes its place"), ("dropped", "It is dropped")];

pub async fn end(visit: Visit, Path((_, id, goal)): Path<(String, String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("on", &words::today());
    end_asked(&visit, &id, &goal, &typed, None).await
}

async fn end_asked(visit: &Visit, id: &str, goal: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let plan: Plan = visit.api.get(&visit.v1(&["families", id, "plan"])).await?;
    let title = plan.goals.iter().find(|g| g.goal == goal).map_or("A goal", |g| g.title.as_str());
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { "Family " (of.family.reference) }
        h1 class="govuk-heading-l" { (title) }
        form method="post" action=(of.to(visit, &["plan", "goals", goal])) novalidate {
            (once())
            (form.radios(ask("how", "What became of it?"), ENDS))
            (form.day(ask("on", "When")))
            (form.line(Ask { name: "target", label: "If it is raised: where it should be now", hint: "" }, "text"))
            (form.line(Ask { name: "title", label: "If it is raised: its new words", hint: "Leave it if they stay" }, "text"))
            (form.day(ask("due", "If it is raised: by when")))
            (form.text(Ask { name: "reason", label: "If it is dropped: why", hint: "" }, 3))
            (button("Save"))
        }
    };
    Ok(of.below(visit, "plan", "Plan", title, body).wrong(problem))
}

/// What the API is sent of an end: a reason drops a goal, a target raises it.
fn ended(typed: &Typed) -> Result<(Value, &'static str), Problem> {
    let wrong = |field: &str, words: &str| Problem::of_pages("invalid", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, words).at(field);
    let mut body = json!({});
    if let Some(on) = typed.day("on") {
        body["on"] = Value::from(on);
    }
    let told = match typed.text("how") {
        Some("met") => "goal-met",
        Some("raised") => {
            let mut raised = typed.object(&["target", "title"]);
            raised.entry("target").or_insert_with(|| Value::from(""));
            raised.extend(typed.day("due").map(|due| ("due".to_owned(), Value::from(due))));
            body["raised"] = Value::Object(raised);
            "goal-raised"
        }
        Some("dropped") => {
            body["reason"] = Value::from(typed.text("reason").ok_or_else(|| wrong("reason", "say why it is dropped"))?);
            "goal-dropped"
        }
        _ => return Err(wrong("how", "say what became of it")),
    };
    Ok((body, told))
}

pub async fn end_goal(visit: Visit, Path((_, id, goal)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let (body, told) = match ended(&typed) {
        Ok(ended) => ended,
        Err(problem) => return Ok(end_asked(&visit, &id, &goal, &typed, Some(&problem)).await?.into_response()),
    };
    match visit.api.post(&visit.v1(&["plan-goals", &goal, "end"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "plan"], told)),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(end_asked(&visit, &id, &goal, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_dropped_with_a_reason_and_raised_with_a_target() {
        let mut typed = Typed::default();
        typed.set("how", "dropped");
        assert_eq!(ended(&typed).unwrap_err().field.as_deref(), Some("reason"));
        typed.set("reason", "moved away");
        assert_eq!(ended(&typed).unwrap(), (json!({ "reason": "moved away" }), "goal-dropped"));
        typed.set("how", "raised");
        typed.set("target", "5");
        assert_eq!(ended(&typed).unwrap(), (json!({ "raised": { "target": "5" } }), "goal-raised"));
    }
}
