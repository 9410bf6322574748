//! Plugin versions on this host: the list, an upload with what its file says read back at once, and the way to adopt one.

use axum::Router;
use axum::extract::{Multipart, Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Version;
use crate::Pages;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, List, Problem, path, query};
use crate::visit::{Visit, see_other};
use crate::words;

/// As large as the API takes.
const LARGEST: usize = 64 << 20;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/versions", get(versions).post(upload).layer(axum::extract::DefaultBodyLimit::max(LARGEST)))
        .route("/{authority}/plugins/versions/{digest}", get(version))
        .route("/{authority}/plugins/versions/{digest}/adopt", get(adopt).post(propose))
}

#[derive(Deserialize)]
struct Listed {
    digest: String,
    name: String,
    version: String,
    publisher: String,
    published_at: String,
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn versions(visit: Visit, Query(asked): Query<After>) -> Result<Page, Failed> {
    listed(&visit, &asked.after, None).await
}

async fn listed(visit: &Visit, after: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Listed> = visit.api.get(&format!("/v1/plugins{}", query(&[("after", after), ("limit", "100")]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|v| {
            vec![
                list::link(&visit.to(&["plugins", "versions", &v.digest]), &v.name),
                html! { (v.version) },
                html! { (v.publisher) },
                html! { (words::at(&v.published_at)) },
            ]
        })
        .collect();
    let typed = Typed::default();
    let form = Asked::new(&typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Plugins on this host" }
        (list::table("Versions", &["Name", "Version", "Publisher", "Published"], &rows))
        (list::rest(&visit.to(&["plugins", "versions"]), all.next.as_deref()))
        @if visit.me.may("publish-plugins") {
            h2 class="govuk-heading-m" { "Upload one" }
            form method="post" enctype="multipart/form-data" action=(visit.to(&["plugins", "versions"])) novalidate {
                (form.file(Ask { name: "file", label: "The plugin's file", hint: "One .wasm file. It is read, compiled, and its scenarios are played, before anybody can adopt it." }, ".wasm"))
                (button("Upload"))
            }
        }
    };
    Ok(visit.page("Plugins on this host", body).below([visit.crumb(&["plugins"], "Plugins")]).wrong(problem))
}

async fn upload(visit: Visit, mut parts: Multipart) -> Result<Response, Failed> {
    let mut bytes = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|e| Failed::Refused(unread(&e.to_string())))? {
        if part.name() == Some("file") {
            bytes = part.bytes().await.map_err(|e| Failed::Refused(unread(&e.to_string())))?.to_vec();
        }
    }
    match visit.api.upload("/v1/plugins", "application/wasm", bytes).await {
        Ok(uploaded) => Ok(see_other(&visit.to(&["plugins", "versions", uploaded["digest"].as_str().unwrap_or_default()]))),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(listed(&visit, "", Some(&problem.at("file"))).await?.into_response()),
        Err(failed) => Err(failed),
    }
}

fn unread(why: &str) -> Problem {
    Problem::of_pages("unreadable", "The upload could not be read", axum::http::StatusCode::BAD_REQUEST, why)
}

fn plugin(visit: &Visit, digest: &str) -> impl Future<Output = Result<Version, Failed>> {
    let (api, path) = (visit.api.clone(), path(&["v1", "plugins", digest]));
    async move { api.get(&path).await }
}

async fn version(visit: Visit, Path((_, digest)): Path<(String, String)>) -> Result<Page, Failed> {
    let plugin = plugin(&visit, &digest).await?;
    let m = &plugin.manifest;
    let offers: Vec<&str> = m.offers.iter().filter_map(Value::as_str).collect();
    let body = html! {
        span class="govuk-caption-l" { (plugin.name) " " (plugin.version) }
        h1 class="govuk-heading-l" { (m.title.en) }
        p class="govuk-body-l" { (m.purpose.en) }
        (list::pairs(&[
            ("Published by", html! { (plugin.publisher) ", " (words::at(&plugin.published_at)) }),
            ("Decides or advises on", html! { (offers.join(", ")) }),
            ("File", html! { code class="hearth-code" { (plugin.digest) } }),
        ]))
        h2 class="govuk-heading-m" { "What it asks to see and do" }
        ul class="govuk-list govuk-list--bullet govuk-list--spaced" { @for asks in &plugin.asks { li { (asks.words()) } } }
        (list::details("What it may say to people", &said(&plugin)))
        p class="govuk-body" { (list::link(&format!("/v1/plugins/{}/inspection", plugin.digest), "All of it in plain words, as the host read it from the file")) }
        @if visit.me.may("install-plugins") {
            a class="govuk-button" href=(visit.to(&["plugins", "versions", &plugin.digest, "adopt"])) { "Propose it for " (visit.council) }
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "versions"], "On this host")];
    Ok(visit.page(m.title.en.clone(), body).below(above))
}

fn said(plugin: &Version) -> Markup {
    html! {
        p class="govuk-body" { "These sentences and no others; what stands in braces is filled in for each reader." }
        ul class="govuk-list govuk-list--bullet" { @for t in &plugin.manifest.templates { li { (t.en) } } }
    }
}

async fn adopt(visit: Visit, Path((_, digest)): Path<(String, String)>) -> Result<Page, Failed> {
    let plugin = plugin(&visit, &digest).await?;
    let defaults = schema::defaults(&plugin.manifest.settings);
    let mut typed = schema::filled(&plugin.manifest.settings, &defaults);
    for asks in &plugin.asks {
        typed.add("grants", asks.interface.clone());
    }
    Ok(adopting(&visit, &plugin, &typed, None))
}

fn adopting(visit: &Visit, plugin: &Version, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let words: Vec<String> = plugin.asks.iter().map(super::Asks::words).collect();
    let choices: Vec<(&str, &str)> = plugin.asks.iter().map(|a| a.interface.as_str()).zip(words.iter().map(String::as_str)).collect();
    let title = format!("Propose {}", plugin.manifest.title.en);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        form method="post" action=(visit.to(&["plugins", "versions", &plugin.digest, "adopt"])) novalidate {
            (once())
            (form.boxes(Ask { name: "grants", label: "What it may see and do here", hint: "Without what it needs it cannot be activated; it says what it works without." }, &choices))
            h2 class="govuk-heading-m" { "Settings" }
            (schema::fields(&plugin.manifest.settings, form))
            (button("Propose it"))
        }
    };
    let above =
        [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "versions", &plugin.digest], plugin.manifest.title.en.clone())];
    visit.page(title, body).below(above).wrong(problem)
}

async fn propose(visit: Visit, Path((_, digest)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let plugin = plugin(&visit, &digest).await?;
    let body = json!({
        "plugin": plugin.digest, "grants": typed.all("grants"), "settings": schema::settings(&plugin.manifest.settings, &typed),
    });
    match visit.api.post(&visit.v1(&["installations"]), &body, typed.once()).await {
        Ok(made) => Ok(visit.done(&["plugins", "adopted", made["id"].as_str().unwrap_or_default()], "proposed")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(adopting(&visit, &plugin, &typed, Some(&problem)).into_response()),
        Err(failed) => Err(failed),
    }
}
