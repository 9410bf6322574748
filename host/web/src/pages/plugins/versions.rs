//! Plugin versions on this host: the list, an upload with what its file says read back at once, and the way to adopt one.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::installation::Listed;
use super::{Version, room};
use crate::Pages;
use crate::pages::common::{After, sorted};
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::upload::{LARGEST, Uploaded};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, List, Problem, path};
use crate::visit::Visit;
use crate::words;

/// A .minisig file, with what the form has around it.
const MOST_SIGNATURE: usize = 64 << 10;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/versions", get(versions).post(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/{authority}/plugins/versions/registry", get(registry).post(take))
        .route("/{authority}/plugins/versions/{digest}", get(version))
        .route("/{authority}/plugins/versions/{digest}/signature", get(signing).post(sign).layer(DefaultBodyLimit::max(MOST_SIGNATURE)))
        .route("/{authority}/plugins/versions/{digest}/adopt", get(adopt).post(propose))
}

async fn versions(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    listed(&visit, &after, None).await
}

async fn listed(visit: &Visit, after: &After, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Listed> = visit.api.get(&after.of("/v1/plugins")).await?;
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
        (room(visit, &["plugins", "catalogue"]))
        h1 class="govuk-heading-l" { "Plugins on this host" }
        @if rows.is_empty() { (list::nothing("Nobody has uploaded one yet.")) }
        @else { (list::table("Versions", &["Name", "Version", "Publisher", "Published"], &rows)) }
        (list::rest(&visit.to(&["plugins", "versions"]), all.next.as_deref()))
        @if visit.me.may("publish-plugins") {
            h2 class="govuk-heading-m" { "Upload one" }
            form method="post" enctype="multipart/form-data" action=(visit.to(&["plugins", "versions"])) novalidate {
                (form.file(Ask { name: "file", label: "The plugin's file", hint: "One .wasm file. It is read, compiled, and its scenarios are played, before anybody can adopt it." }, ".wasm"))
                (button("Upload"))
            }
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions", "registry"]), "Take one from a registry instead")) }
        }
    };
    Ok(visit.page("Plugins on this host", body).below([visit.crumb(&["plugins"], "Plugins")]).wrong(problem))
}

async fn upload(visit: Visit, uploaded: Uploaded) -> Result<Response, Failed> {
    let answer = match uploaded.file {
        Some(bytes) => sorted(visit.api.upload("/v1/plugins", "application/wasm", bytes).await)?,
        None => Err(no_file("choose the plugin's file")),
    };
    match answer {
        Ok(made) => Ok(visit.done(&["plugins", "versions", made["digest"].as_str().unwrap_or_default()], "published")),
        Err(problem) => Ok(listed(&visit, &After::default(), Some(&problem.at("file"))).await?.into_response()),
    }
}

fn no_file(words: &str) -> Problem {
    Problem::of_pages("invalid", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, words)
}

async fn registry(visit: Visit) -> Page {
    taking(&visit, &Typed::default(), None)
}

fn taking(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let hint = "oci://registry/repository:version. The host fetches the file and its signature, and does as with an upload.";
    let body = html! {
        h1 class="govuk-heading-l" { "Take a plugin from a registry" }
        form method="post" action=(visit.to(&["plugins", "versions", "registry"])) novalidate {
            (once())
            (form.line(Ask { name: "reference", label: "Where does it lie?", hint }, "text"))
            (button("Take it"))
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "versions"], "On this host")];
    visit.page("Take a plugin from a registry", body).below(above).wrong(problem)
}

async fn take(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("reference", "say where it lies")]) {
        Some(lacks) => Err(lacks),
        None => match visit.api.post("/v1/plugins/from-registry", &typed.object(&["reference"]), typed.once()).await {
            // A registry that fails is told where its address was typed.
            Err(Failed::Refused(problem)) if problem.status >= 500 => Err(problem.at("reference")),
            other => sorted(other)?.map_err(|p| p.at("reference")),
        },
    };
    match answer {
        Ok(made) => Ok(visit.done(&["plugins", "versions", made["digest"].as_str().unwrap_or_default()], "published")),
        Err(problem) => Ok(taking(&visit, &typed, Some(&problem)).into_response()),
    }
}

pub(super) fn plugin(visit: &Visit, digest: &str) -> impl Future<Output = Result<Version, Failed>> {
    let (api, path) = (visit.api.clone(), path(&["v1", "plugins", digest]));
    async move { api.get(&path).await }
}

async fn version(visit: Visit, Path((_, digest)): Path<(String, String)>) -> Result<Page, Failed> {
    let plugin = plugin(&visit, &digest).await?;
    let m = &plugin.manifest;
    let offers: Vec<String> = m.offers.iter().filter_map(Value::as_str).map(words::code).collect();
    let signed: Signed = visit.api.get(&path(&["v1", "plugins", &plugin.digest, "signatures"])).await?;
    let body = html! {
        span class="govuk-caption-l" { (plugin.name) " " (plugin.version) }
        h1 class="govuk-heading-l" { (m.title.en) }
        p class="govuk-body-l" { (m.purpose.en) }
        (list::pairs(&[
            ("Published by", html! { (plugin.publisher) ", " (words::at(&plugin.published_at)) }),
            ("Offers", html! { (offers.join(", ")) }),
            ("Signed", signed.shown()),
            ("All versions", list::link(&visit.to(&["plugins", "catalogue", &plugin.name]), "In the catalogue")),
            ("File", html! { code class="hearth-code" { (plugin.digest) } }),
        ]))
        h2 class="govuk-heading-m" { "What it asks to see and do" }
        ul class="govuk-list govuk-list--bullet govuk-list--spaced" { @for asks in &plugin.asks { li { (asks.words()) } } }
        (list::details("What it may say to people", &said(&plugin)))
        p class="govuk-body" { (list::link(&format!("/v1/plugins/{}/inspection", plugin.digest), "All of it in plain words, as the host read it from the file")) }
        @if visit.me.may("publish-plugins") {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions", &plugin.digest, "signature"]), "Add a publisher's signature")) }
        }
        @if visit.me.may("try-out") {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions", &plugin.digest, "playground"]), "Try it on an invented family")) }
        }
        @if visit.me.may("install-plugins") {
            a class="govuk-button" href=(visit.to(&["plugins", "versions", &plugin.digest, "adopt"])) { "Propose it for " (visit.council) }
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "versions"], "On this host")];
    Ok(visit.page(m.title.en.clone(), body).below(above))
}

/// Who vouches for it.
#[derive(Deserialize)]
struct Signed {
    state: String,
    #[serde(default)]
    publisher: Option<String>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    key: String,
    at: String,
    compromised: bool,
}

impl Signed {
    fn shown(&self) -> Markup {
        html! {
            @match (self.state.as_str(), &self.publisher) {
                ("unsigned", _) => "By nobody: it was brought as a file",
                ("signed", Some(publisher)) => { "By " (publisher) },
                (other, _) => (list::tag(&words::code(other), "red")),
            }
            @for s in &self.signatures { br; "Key " (s.key) ", " (words::at(&s.at)) @if s.compromised { " " (list::tag("Compromised", "red")) } }
        }
    }
}

async fn signing(visit: Visit, Path((_, digest)): Path<(String, String)>) -> Result<Page, Failed> {
    sign_page(&visit, &digest, None).await
}

async fn sign_page(visit: &Visit, digest: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let plugin = plugin(visit, digest).await?;
    let typed = Typed::default();
    let form = Asked::new(&typed, problem);
    let hint = "The .minisig file that `hearth plugin sign` wrote beside the plugin";
    let body = html! {
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Add a publisher's signature" }
        form method="post" enctype="multipart/form-data" action=(visit.to(&["plugins", "versions", digest, "signature"])) novalidate {
            (once())
            (form.file(Ask { name: "signature", label: "The signature", hint }, ".minisig"))
            (button("Add it"))
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "versions", digest], plugin.title())];
    Ok(visit.page("Add a publisher's signature", body).below(above).wrong(problem))
}

async fn sign(visit: Visit, Path((_, digest)): Path<(String, String)>, uploaded: Uploaded) -> Result<Response, Failed> {
    let answer = match &uploaded.file {
        Some(bytes) => {
            let body = json!({ "signature": String::from_utf8_lossy(bytes) });
            sorted(visit.api.post(&path(&["v1", "plugins", &digest, "signatures"]), &body, uploaded.typed.once()).await)?
        }
        None => Err(no_file("choose the signature's file")),
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "versions", &digest], "saved")),
        Err(problem) => Ok(sign_page(&visit, &digest, Some(&problem.at("signature"))).await?.into_response()),
    }
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
