//! What is adopted here: which plugin decides what, with which settings, how it ran; and the ways on and back.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Version;
use crate::Pages;
use crate::ui::form::{Ask, Asked, Typed, act, button, once, warning_button};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, List, Problem, path, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins", get(adopted))
        .route("/{authority}/plugins/adopted/{installation}", get(one))
        .route("/{authority}/plugins/adopted/{installation}/settings", get(settings).post(set))
        .route("/{authority}/plugins/adopted/{installation}/activation", post(activate))
        .route("/{authority}/plugins/adopted/{installation}/retirement", post(retire))
        .route("/{authority}/plugins/adopted/{installation}/unpark", post(unpark))
        .route("/{authority}/plugins/adopted/{installation}/runs", get(runs))
}

#[derive(Deserialize)]
struct Installation {
    id: String,
    name: String,
    plugin: String,
    offers: Vec<String>,
    decides: Vec<String>,
    grants: Vec<String>,
    settings: Value,
    status: String,
    proposed_at: String,
    proposed_by: String,
    #[serde(default)]
    activated_at: Option<String>,
    #[serde(default)]
    activated_by: Option<String>,
    #[serde(default)]
    parked: Option<Value>,
}

impl Installation {
    fn tag(&self) -> Markup {
        match self.status.as_str() {
            _ if self.parked.is_some() => list::tag("Parked", "red"),
            "active" => list::tag("Active", "green"),
            "proposed" => list::tag("Proposed", "yellow"),
            other => list::tag(&words::code(other), "grey"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn adopted(visit: Visit, Query(asked): Query<After>) -> Result<Page, Failed> {
    let asked = query(&[("after", &asked.after), ("limit", "100")]);
    let all: List<Installation> = visit.api.get(&format!("{}{asked}", visit.v1(&["installations"]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|i| {
            vec![
                list::link(&visit.to(&["plugins", "adopted", &i.id]), &i.name),
                i.tag(),
                html! { (if i.decides.is_empty() { "Nothing now".to_owned() } else { i.decides.join(", ") }) },
                html! { (i.proposed_by) ", " (words::at(&i.proposed_at)) },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Plugins" }
        p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions"]), "All that can be adopted, and upload")) }
        @if rows.is_empty() { (list::nothing("Nothing is adopted here yet.")) }
        @else { (list::table(&format!("Adopted by {}", visit.council), &["Name", "Stands", "Decides", "Proposed"], &rows)) }
        (list::rest(&visit.to(&["plugins"]), all.next.as_deref()))
    };
    Ok(visit.page("Plugins", body))
}

async fn read(visit: &Visit, id: &str) -> Result<Installation, Failed> {
    visit.api.get(&visit.v1(&["installations", id])).await
}

async fn version(visit: &Visit, digest: &str) -> Result<Version, Failed> {
    visit.api.get(&path(&["v1", "plugins", digest])).await
}

async fn one(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    show(&visit, &id, None).await
}

async fn show(visit: &Visit, id: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = read(visit, id).await?;
    let plugin = version(visit, &i.plugin).await?;
    let may = |grant: &String| plugin.asks.iter().find(|a| a.interface == *grant).map_or_else(|| grant.clone(), super::Asks::words);
    let title = format!("{} {}", plugin.manifest.title.en, plugin.version);
    let to = |step: &str| visit.to(&["plugins", "adopted", id, step]);
    let body = html! {
        span class="govuk-caption-l" { (i.name) }
        h1 class="govuk-heading-l" { (title) " " (i.tag()) }
        (list::pairs(&[
            ("Offers", html! { (i.offers.join(", ")) }),
            ("Decides", html! { (if i.decides.is_empty() { "nothing now".to_owned() } else { i.decides.join(", ") }) }),
            ("Proposed", html! { (i.proposed_by) ", " (words::at(&i.proposed_at)) }),
            ("Activated", html! { @if let Some(at) = &i.activated_at { (i.activated_by.as_deref().unwrap_or_default()) ", " (words::at(at)) } @else { "not yet" } }),
        ]))
        h2 class="govuk-heading-m" { "What it may see and do" }
        ul class="govuk-list govuk-list--bullet govuk-list--spaced" { @for grant in &i.grants { li { (may(grant)) } } }
        h2 class="govuk-heading-m" { "Settings" }
        (schema::shown(&plugin.manifest.settings, &i.settings))
        @if visit.me.may("install-plugins") { p class="govuk-body" { (list::link(&to("settings"), "Change its settings")) } }
        @if visit.me.may("see-runs") { p class="govuk-body" { (list::link(&to("runs"), "How it ran")) } }
        div class="hearth-buttons-in-line" {
            @if visit.me.may("approve-plugins") && i.status != "active" {
                form method="post" action=(to("activation")) { (once()) (button(if i.status == "retired" { "Go back to it" } else { "Let it decide" })) }
            }
            @if visit.me.may("install-plugins") && i.parked.is_some() { (act(&to("unpark"), "Bring it back")) }
            @if visit.me.may("install-plugins") && i.status == "active" {
                form method="post" action=(to("retirement")) { (once()) (warning_button("Retire it")) }
            }
        }
    };
    Ok(visit.page(title, body).below([visit.crumb(&["plugins"], "Plugins")]).wrong(problem))
}

async fn settings(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let i = read(&visit, &id).await?;
    let plugin = version(&visit, &i.plugin).await?;
    let typed = schema::filled(&plugin.manifest.settings, &i.settings);
    Ok(setting(&visit, &i, &plugin, &typed, None))
}

fn setting(visit: &Visit, i: &Installation, plugin: &Version, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let title = format!("Settings of {}", plugin.manifest.title.en);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        @if i.status != "proposed" {
            (list::inset("What decides now is not changed: your settings become a proposal beside it, which somebody who may approves and activates."))
        }
        form method="post" action=(visit.to(&["plugins", "adopted", &i.id, "settings"])) novalidate {
            (once())
            (schema::fields(&plugin.manifest.settings, form))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "adopted", &i.id], plugin.manifest.title.en.clone())];
    visit.page(title, body).below(above).wrong(problem)
}

/// What is proposed is changed; of what decides, or did, a new proposal is made that differs in its settings alone.
async fn set(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let i = read(&visit, &id).await?;
    let plugin = version(&visit, &i.plugin).await?;
    let settings = schema::settings(&plugin.manifest.settings, &typed);
    let answer = if i.status == "proposed" {
        visit.api.put(&visit.v1(&["installations", &id, "settings"]), &json!({ "settings": settings }), None).await
    } else {
        let body = json!({ "plugin": i.plugin, "grants": i.grants, "settings": settings });
        visit.api.post(&visit.v1(&["installations"]), &body, typed.once()).await
    };
    match answer {
        Ok(made) => Ok(visit.done(&["plugins", "adopted", made["id"].as_str().unwrap_or(&id)], "proposed")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(setting(&visit, &i, &plugin, &typed, Some(&problem)).into_response()),
        Err(failed) => Err(failed),
    }
}

async fn step(visit: &Visit, id: &str, typed: &Typed, what: &str, body: &Value, key: &str) -> Result<Response, Failed> {
    match visit.api.post(&visit.v1(&["installations", id, what]), body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", id], key)),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(show(visit, id, Some(&problem)).await?.into_response()),
        Err(failed) => Err(failed),
    }
}

async fn activate(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    step(&visit, &id, &typed, "activation", &json!({}), "activated").await
}

async fn retire(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    step(&visit, &id, &typed, "retirement", &json!({}), "ended").await
}

async fn unpark(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let Some(reason) = typed.text("reason") else {
        let form = Asked::new(&typed, None);
        let body = html! {
            h1 class="govuk-heading-l" { "Bring it back" }
            form method="post" action=(visit.to(&["plugins", "adopted", &id, "unpark"])) novalidate {
                (once())
                (form.text(Ask { name: "reason", label: "Why it may decide again", hint: "It failed again and again, and was stopped" }, 3))
                (button("Bring it back"))
            }
        };
        return Ok(visit.page("Bring it back", body).below([visit.crumb(&["plugins", "adopted", &id], "The plugin")]).into_response());
    };
    step(&visit, &id, &typed, "unpark", &json!({ "reason": reason }), "done").await
}

#[derive(Deserialize)]
struct Run {
    at: String,
    question: String,
    outcome: String,
    instructions: u64,
    millis: u64,
    #[serde(default)]
    decision: Option<String>,
}

async fn runs(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<After>) -> Result<Page, Failed> {
    let asked = query(&[("after", &asked.after), ("limit", "100")]);
    let all: List<Run> = visit.api.get(&format!("{}{asked}", visit.v1(&["installations", &id, "runs"]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|r| {
            let colour = if r.outcome == "answered" { "green" } else { "red" };
            vec![
                html! { (words::at(&r.at)) },
                html! { (words::code(&r.question)) },
                list::tag(&words::code(&r.outcome), colour),
                html! { (r.instructions) },
                html! { (r.millis) " ms" },
                html! { @if let Some(decision) = &r.decision { (list::link(&visit.to(&["decisions", decision]), "The decision")) } },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "How it ran" }
        @if rows.is_empty() { (list::nothing("It was not asked anything yet.")) }
        @else { (list::table("Runs, the latest first", &["At", "Question", "Ended", "Instructions", "Took", "Came to"], &rows)) }
        (list::rest(&visit.to(&["plugins", "adopted", &id, "runs"]), all.next.as_deref()))
    };
    Ok(visit
        .page("How it ran", body)
        .below([visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "adopted", &id], "The plugin")]))
}
