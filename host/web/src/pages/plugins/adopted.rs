//! What is adopted here: which plugin decides what, with which settings, and what can be done with it next.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::installation::{self, Installation, above};
use super::{Version, no_day, room};
use crate::Pages;
use crate::pages::common::{After, sorted};
use crate::ui::form::{Ask, Asked, Typed, button, once, warning_button};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins", get(adopted))
        .route("/{authority}/plugins/adopted/{installation}", get(one))
        .route("/{authority}/plugins/adopted/{installation}/retirement", post(retire))
        .route("/{authority}/plugins/adopted/{installation}/unpark", get(back).post(unpark))
        .route("/{authority}/plugins/adopted/{installation}/keeping-on", get(keeping).post(keep_on))
}

async fn adopted(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<Installation> = visit.api.get(&after.of(&visit.v1(&["installations"]))).await?;
    let versions = installation::Versions::of(&visit).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|i| {
            vec![
                list::link(&visit.to(&["plugins", "adopted", &i.id]), &versions.words(&i.plugin)),
                i.tag(),
                html! { (if i.decides.is_empty() { "Nothing now".to_owned() } else { words_of(&i.decides) }) },
                html! { (words::who(&i.proposed_by)) ", " (words::at(&i.proposed_at)) },
            ]
        })
        .collect();
    let body = html! {
        (room(&visit, &["plugins"]))
        h1 class="govuk-heading-l" { "Plugins" }
        p class="govuk-body" {
            "Plugins hold this council's own rules and forms. They answer questions about families; the host does what follows, and people decide which plugin is asked."
        }
        @if rows.is_empty() { (list::nothing("Nothing is adopted here yet. The catalogue says what there is.")) }
        @else { (list::table(&format!("Adopted by {}", visit.council), &["Name", "Stands", "Decides", "Proposed"], &rows)) }
        (list::rest(&visit.to(&["plugins"]), all.next.as_deref()))
    };
    Ok(visit.page("Plugins", body))
}

/// Extension points, as people read them.
pub(super) fn words_of(codes: &[String]) -> String {
    codes.iter().map(|c| words::code(c)).collect::<Vec<_>>().join(", ")
}

async fn one(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    show(&visit, &id, None).await
}

/// The page of one, with what was wrong in an act of it.
///
/// # Errors
/// [`Failed`].
pub(super) async fn show(visit: &Visit, id: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let title = plugin.title();
    let body = html! {
        (i.sections(visit, ""))
        span class="govuk-caption-l" { (i.name) }
        h1 class="govuk-heading-l" { (title) " " (i.tag()) }
        (parked(visit, &i))
        (list::pairs(&[
            ("Offers", html! { (words_of(&i.offers)) }),
            ("Decides", html! { (if i.decides.is_empty() { "Nothing now".to_owned() } else { words_of(&i.decides) }) }),
            ("Proposed", html! { (words::who(&i.proposed_by)) ", " (words::at(&i.proposed_at)) }),
            ("Activated", html! {
                @match &i.activated_at { Some(at) => { (words::who(i.activated_by.as_deref().unwrap_or_default())) ", " (words::at(at)) }, None => "Not yet" }
            }),
            ("The plugin", list::link(&visit.to(&["plugins", "catalogue", &i.name]), "In the catalogue")),
        ]))
        (next_steps(visit, &i))
        (may_and_settings(visit, &i, &plugin))
        @if visit.me.may("install-plugins") && i.is("active") {
            form method="post" action=(visit.to(&["plugins", "adopted", id, "retirement"])) { (once()) (warning_button("Retire it")) }
        }
    };
    Ok(visit.page(title, body).below([visit.crumb(&["plugins"], "Plugins")]).wrong(problem))
}

fn parked(visit: &Visit, i: &Installation) -> Markup {
    let to = |step: &str| visit.to(&["plugins", "adopted", &i.id, step]);
    html! {
        @if let Some(p) = &i.parked {
            (list::warning(&format!("It is parked since {}, and is not asked: {}.", words::at(&p.since), p.why)))
            @if visit.me.may("install-plugins") { p class="govuk-body" { (list::link(&to("unpark"), "Bring it back")) } }
            @if visit.me.may("approve-plugins") {
                p class="govuk-body" { (list::link(&to("keeping-on"), "Keep it on, although its publisher's key was compromised")) }
            }
        }
        @if let Some(b) = &i.brought_back { (list::inset(&format!("It was parked, and brought back by {} on {}: {}", words::who(&b.by), words::at(&b.at), b.reason))) }
    }
}

fn next_steps(visit: &Visit, i: &Installation) -> Markup {
    let to = |step: &str| visit.to(&["plugins", "adopted", &i.id, step]);
    let candidate =
        format!("{}{}", visit.to(&["plugins", "back-tests", "new"]), query(&[("candidate", &format!("installation:{}", i.id))]));
    html! {
        @if i.is("proposed") {
            h2 class="govuk-heading-m" { "What comes next" }
            ul class="govuk-list govuk-list--bullet" {
                li { (list::link(&to("review"), "Check and review it")) }
                @if visit.me.may("back-test") { li { (list::link(&candidate, "Try it in a back-test")) } }
                @if visit.me.may("see-runs") { li { (list::link(&to("shadow"), "Let it run beside the one that decides")) } }
                @if visit.me.may("approve-plugins") { li { (list::link(&to("activation"), "Let it decide")) } }
            }
        }
        @if i.is("retired") && visit.me.may("approve-plugins") && i.activated_at.is_some() {
            p class="govuk-body" { (list::link(&to("return"), "Go back to it")) }
        }
    }
}

fn may_and_settings(visit: &Visit, i: &Installation, plugin: &Version) -> Markup {
    let to = |step: &str| visit.to(&["plugins", "adopted", &i.id, step]);
    html! {
        h2 class="govuk-heading-m" { "What it may see and do" }
        ul class="govuk-list govuk-list--bullet govuk-list--spaced" { @for grant in &i.grants { li { (plugin.words_of(grant)) } } }
        @if i.sealed { (list::inset("It is given what is sealed, too.")) }
        @if visit.me.may("install-plugins") && i.is("proposed") { p class="govuk-body" { (list::link(&to("grants"), "Change what it may see and do")) } }
        h2 class="govuk-heading-m" { "Settings" }
        (schema::shown(&plugin.manifest.settings, &i.settings))
        @if visit.me.may("install-plugins") { p class="govuk-body" { (list::link(&to("settings"), "Change its settings")) } }
    }
}

/// An act upon one that needs no page of its own: on, or back to its page with what was wrong.
async fn step(visit: &Visit, id: &str, typed: &Typed, what: &str, body: &Value, key: &str) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["installations", id, what]), body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", id], key)),
        Err(problem) => Ok(show(visit, id, Some(&problem)).await?.into_response()),
    }
}

async fn retire(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    step(&visit, &id, &typed, "retirement", &json!({}), "ended").await
}

async fn back(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    bringing(&visit, &id, &Typed::default(), None).await
}

async fn bringing(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Bring " (plugin.title()) " back" }
        @match &i.parked {
            Some(p) => (list::inset(&format!("It is not asked since {}: {}.", words::at(&p.since), p.why))),
            None => (list::nothing("It is not parked.")),
        }
        form method="post" action=(visit.to(&["plugins", "adopted", id, "unpark"])) novalidate {
            (once())
            (form.text(Ask { name: "reason", label: "Why may it be asked again?", hint: "It is kept, with your name" }, 3))
            (button("Bring it back"))
        }
    };
    Ok(visit.page("Bring it back", body).below(above(visit, id, &plugin.title())).wrong(problem))
}

async fn unpark(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("reason", "say why it may be asked again")]) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &id, "unpark"]), &typed.object(&["reason"]), typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id], "brought-back")),
        Err(problem) => Ok(bringing(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn keeping(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    keeping_on(&visit, &id, &Typed::default(), None).await
}

async fn keeping_on(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let plugin = Installation::read(visit, id).await?.version(visit).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Keep " (plugin.title()) " on" }
        p class="govuk-body" { "Somebody else may have signed with its publisher's key. You say that this file is the one that was reviewed, and until when it may be asked." }
        form method="post" action=(visit.to(&["plugins", "adopted", id, "keeping-on"])) novalidate {
            (once())
            (form.day(Ask { name: "until", label: "Until when?", hint: "The last day, at most 90 days from today" }))
            (form.text(Ask { name: "reason", label: "Why?", hint: "What you compared, and when its publisher signs it anew" }, 3))
            (button("Keep it on"))
        }
    };
    Ok(visit.page("Keep it on", body).below(above(visit, id, &plugin.title())).wrong(problem))
}

async fn keep_on(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "until": typed.day("until").unwrap_or_default(), "reason": typed.text("reason").unwrap_or_default() });
    let answer = match no_day(&typed, "until", "say until when").or_else(|| typed.lacks(&[("reason", "say why")])) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &id, "keeping-on"]), &body, typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id], "kept-on")),
        Err(problem) => Ok(keeping_on(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}
