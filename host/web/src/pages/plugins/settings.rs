//! Setting an installation: what it may see and do, and its settings, while it is proposed; other settings for one that decides.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;
use serde_json::json;

use super::Version;
use super::installation::{Installation, above};
use crate::Pages;
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/settings", get(settings).post(set))
        .route("/{authority}/plugins/adopted/{installation}/grants", get(grants).post(grant))
}

async fn settings(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let answered = Installation::answered(&visit, &id).await?;
    let plugin = answered.value.version(&visit).await?;
    let mut typed = schema::filled(&plugin.manifest.settings, &answered.value.settings);
    typed.set("version", answered.version.unwrap_or_default());
    typed.set("way", "beside");
    Ok(setting(&visit, &answered.value, &plugin, &typed, None))
}

/// What becomes of other settings for one that decides.
const WAYS: &[(&str, &str)] = &[
    ("beside", "They are proposed beside it, to be tried out and reviewed as a version of its own"),
    ("follow", "A second person approves them, and it goes on with them from a day on"),
];

fn setting(visit: &Visit, i: &Installation, plugin: &Version, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let title = format!("Settings of {}", plugin.manifest.title.en);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        @if !i.is("proposed") {
            (list::inset("What decides now keeps its settings, and so does all that it decided. Yours count only once they are approved."))
        }
        form method="post" action=(visit.to(&["plugins", "adopted", &i.id, "settings"])) novalidate {
            (once())
            (hidden("version", typed.text("version").unwrap_or_default()))
            (schema::fields(&plugin.manifest.settings, form))
            @if i.is("active") {
                (form.radios(Ask { name: "way", label: "What is to become of them?", hint: "" }, WAYS))
                h2 class="govuk-heading-m" { "Where it goes on with them" }
                (form.day(Ask { name: "counts_from", label: "From which day on?", hint: "Needed where a setting moves money; else today, if you leave it empty" }))
                (form.text(Ask { name: "reason", label: "Why?", hint: "For whoever approves them" }, 3))
            }
            (button("Save"))
        }
    };
    visit.page(title, body).below(above(visit, &i.id, &plugin.manifest.title.en)).wrong(problem)
}

/// What is proposed is changed. Of what decides, a change waits for a second person, or a proposal is made that differs in its settings alone.
async fn set(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let i = Installation::read(&visit, &id).await?;
    let plugin = i.version(&visit).await?;
    let settings = schema::settings(&plugin.manifest.settings, &typed);
    if i.is("active") && typed.text("way") == Some("follow") {
        return follow(&visit, &i, &plugin, &typed).await;
    }
    let answer = if i.is("proposed") {
        visit.api.put(&visit.v1(&["installations", &id, "settings"]), &json!({ "settings": settings }), typed.text("version")).await
    } else {
        let body = json!({ "plugin": i.plugin, "grants": i.grants, "settings": settings });
        visit.api.post(&visit.v1(&["installations"]), &body, typed.once()).await
    };
    match sorted(answer)? {
        Ok(made) => Ok(visit.done(&["plugins", "adopted", made["id"].as_str().unwrap_or(&id)], "proposed")),
        Err(problem) => Ok(setting(&visit, &i, &plugin, &typed, Some(&problem)).into_response()),
    }
}

async fn follow(visit: &Visit, i: &Installation, plugin: &Version, typed: &Typed) -> Result<Response, Failed> {
    let settings = schema::settings(&plugin.manifest.settings, typed);
    let mut body = json!({ "settings": settings, "reason": typed.text("reason").unwrap_or_default() });
    if let Some(day) = typed.day("counts_from") {
        body["counts_from"] = day.into();
    }
    let answer = match typed.lacks(&[("reason", "say why, for whoever approves them")]) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &i.id, "settings-changes"]), &body, typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &i.id, "changes"], "settings-proposed")),
        Err(problem) => Ok(setting(visit, i, plugin, typed, Some(&problem)).into_response()),
    }
}

async fn grants(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let answered = Installation::answered(&visit, &id).await?;
    let plugin = answered.value.version(&visit).await?;
    let mut typed = Typed::default();
    for grant in &answered.value.grants {
        typed.add("grants", grant.clone());
    }
    if answered.value.sealed {
        typed.set("sealed", "yes");
    }
    typed.set("version", answered.version.unwrap_or_default());
    Ok(granting(&visit, &answered.value, &plugin, &typed, None))
}

fn granting(visit: &Visit, i: &Installation, plugin: &Version, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let words: Vec<String> = plugin.asks.iter().map(super::Asks::words).collect();
    let choices: Vec<(&str, &str)> = plugin.asks.iter().map(|a| a.interface.as_str()).zip(words.iter().map(String::as_str)).collect();
    let sealed = [("yes", "It is given what is sealed, too: what it decides is then seen by those alone whom every seal names")];
    let body = html! {
        h1 class="govuk-heading-l" { "What " (plugin.manifest.title.en) " may see and do" }
        (list::inset("What you change has to be checked and approved anew."))
        form method="post" action=(visit.to(&["plugins", "adopted", &i.id, "grants"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (form.boxes(Ask { name: "grants", label: "What it may see and do here", hint: "Without what it needs it cannot be activated; it says what it works without." }, &choices))
            (form.boxes(Ask { name: "sealed", label: "What is sealed", hint: "Seals hide a fact or a member from all but named people" }, &sealed))
            (button("Save"))
        }
    };
    visit.page("What it may see and do", body).below(above(visit, &i.id, &plugin.title())).wrong(problem)
}

async fn grant(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "grants": typed.all("grants"), "sealed": typed.is_ticked("sealed") });
    match sorted(visit.api.put(&visit.v1(&["installations", &id, "grants"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id], "saved")),
        Err(problem) => {
            let i = Installation::read(&visit, &id).await?;
            let plugin = i.version(&visit).await?;
            Ok(granting(&visit, &i, &plugin, &typed, Some(&problem)).into_response())
        }
    }
}
