//! What is to be done.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::common::family_link;
use crate::Pages;
use crate::ui::form::{Typed, act};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/tasks", get(tasks)).route("/{authority}/tasks/{task}/done", post(done))
}

#[derive(Deserialize)]
pub struct Task {
    pub id: String,
    #[serde(default)]
    pub family: Option<String>,
    #[serde(default)]
    pub family_reference: Option<String>,
    pub title: String,
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub due: Option<String>,
}

impl Task {
    #[must_use]
    pub fn is_late(&self, today: &str) -> bool {
        self.due.as_deref().is_some_and(|due| due < today)
    }
}

/// The open tasks of one family, as its page shows them.
#[must_use]
pub fn of_family(visit: &Visit, tasks: Vec<Task>, today: &str) -> Markup {
    let row = |task: &Task| {
        vec![
            html! { (task.title) },
            html! { (task.role.as_deref().map(words::code).unwrap_or_default()) },
            html! { (task.due.as_deref().map(words::day).unwrap_or_default()) @if task.is_late(today) { " " (list::tag("Overdue", "red")) } },
            act(&visit.to(&["tasks", &task.id, "done"]), "Done"),
        ]
    };
    let rows: Vec<_> = tasks.iter().map(row).collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Open tasks" } (list::nothing("Nothing is open.")) }
        @else { (list::table("Open tasks", &["What", "For", "Due", "Act"], &rows)) }
    }
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn tasks(visit: Visit, Query(asked): Query<After>) -> Result<Page, Failed> {
    let tasks: List<Task> =
        visit.api.get(&format!("{}{}", visit.v1(&["tasks"]), query(&[("after", &asked.after), ("limit", "50")]))).await?;
    let today = words::today();
    let rows: Vec<_> = tasks
        .items
        .iter()
        .map(|task| {
            let late = task.is_late(&today);
            vec![
                html! { (task.title) },
                html! { @if let Some(family) = &task.family { (family_link(&visit, family, task.family_reference.as_deref())) } },
                html! { (task.role.as_deref().map(words::code).unwrap_or_default()) },
                html! { (task.due.as_deref().map(words::day).unwrap_or_default()) @if late { " " (list::tag("Overdue", "red")) } },
                act(&visit.to(&["tasks", &task.id, "done"]), "Done"),
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Tasks" }
        @if rows.is_empty() { (list::nothing("Nothing is open.")) } @else {
            (list::table("Open tasks", &["What", "Family", "For", "Due", "Act"], &rows))
        }
        (list::rest(&visit.to(&["tasks"]), tasks.next.as_deref()))
    };
    Ok(visit.page("Tasks", body))
}

async fn done(visit: Visit, Path((_, task)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    visit.api.post(&visit.v1(&["tasks", &task, "done"]), &json!({}), typed.once()).await?;
    Ok(visit.done(&["tasks"], "done"))
}
