//! Other settings for an installation that decides: proposed by one person, approved or declined by a second, from a day on.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Version;
use super::installation::{Installation, above};
use crate::Pages;
use crate::pages::common::{sorted, whole};
use crate::ui::form::{Ask, Asked, Typed, button, once, second_button};
use crate::ui::{Page, list, schema};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/changes", get(changes))
        .route("/{authority}/plugins/adopted/{installation}/changes/approval", post(approve))
        .route("/{authority}/plugins/adopted/{installation}/changes/decline", post(decline))
}

#[derive(Deserialize)]
struct Change {
    settings: Value,
    counts_from: String,
    money: Vec<String>,
    reason: String,
    at: String,
    by: String,
    state: String,
    #[serde(default)]
    settled_at: Option<String>,
    #[serde(default)]
    settled_by: Option<String>,
    #[serde(default)]
    settled_why: Option<String>,
    #[serde(default)]
    successor: Option<String>,
}

async fn changes(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    page(&visit, &id, &Typed::default(), None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let (all, _) = whole::<Change>(&visit.api, &visit.v1(&["installations", id, "settings-changes"])).await?;
    let body = html! {
        (i.sections(visit, "changes"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Settings" }
        (schema::shown(&plugin.manifest.settings, &i.settings))
        @if visit.me.may("install-plugins") {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", id, "settings"]), "Change its settings")) }
        }
        h2 class="govuk-heading-m" { "Changes for a second person" }
        @if all.is_empty() { (list::nothing("Nobody proposed other settings to follow these yet.")) }
        @for change in &all { (one(visit, &i, &plugin, change)) }
        @if visit.me.may("approve-plugins") && all.iter().any(|c| c.state == "waiting") { (settle(visit, id, Asked::new(typed, problem))) }
    };
    Ok(visit.page("Settings", body).below(above(visit, id, &plugin.title())).wrong(problem))
}

fn one(visit: &Visit, i: &Installation, plugin: &Version, change: &Change) -> Markup {
    let colour = match change.state.as_str() {
        "waiting" => "yellow",
        "approved" => "green",
        _ => "red",
    };
    let differ = differing(&i.settings, &change.settings);
    html! {
        h3 class="govuk-heading-s" { "From " (words::day(&change.counts_from)) " on " (list::tag(&words::code(&change.state), colour)) }
        p class="govuk-body" { (words::who(&change.by)) ", " (words::at(&change.at)) ": " (change.reason) }
        @if !change.money.is_empty() { (list::warning("It moves money: another person than who proposed it has to approve it.")) }
        h4 class="govuk-heading-s" { "As they are now" }
        (schema::shown(&plugin.manifest.settings, &only(&i.settings, &differ)))
        h4 class="govuk-heading-s" { "As they would be" }
        (schema::shown(&plugin.manifest.settings, &only(&change.settings, &differ)))
        @if let (Some(at), Some(by)) = (&change.settled_at, &change.settled_by) {
            p class="govuk-body" {
                (words::code(&change.state)) " by " (words::who(by)) ", " (words::at(at))
                @if let Some(why) = &change.settled_why { ": " (why) }
                @if let Some(next) = &change.successor { ". " (list::link(&visit.to(&["plugins", "adopted", next]), "What follows it")) }
            }
        }
    }
}

/// The names of settings that are others.
fn differing(now: &Value, then: &Value) -> Vec<String> {
    let names = [now, then].into_iter().filter_map(Value::as_object).flat_map(|o| o.keys());
    let mut names: Vec<String> = names.filter(|n| now[n.as_str()] != then[n.as_str()]).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn only(settings: &Value, names: &[String]) -> Value {
    names
        .iter()
        .filter(|n| !settings[n.as_str()].is_null())
        .map(|n| (n.clone(), settings[n.as_str()].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn settle(visit: &Visit, id: &str, form: Asked<'_>) -> Markup {
    let to = |step: &str| visit.to(&["plugins", "adopted", id, "changes", step]);
    html! {
        h2 class="govuk-heading-m" { "Do you approve what waits?" }
        form method="post" action=(to("approval")) { (once()) (button("Approve these settings")) }
        form method="post" action=(to("decline")) novalidate {
            (once())
            (form.text(Ask { name: "reason", label: "Or why not?", hint: "" }, 3))
            (second_button("Decline them"))
        }
    }
}

async fn approve(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["installations", &id, "settings-changes", "approval"]), &json!({}), typed.once()).await)? {
        Ok(next) => Ok(visit.done(&["plugins", "adopted", next["id"].as_str().unwrap_or(&id)], "settings-approved")),
        Err(problem) => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn decline(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("reason", "say why you decline them")]) {
        Some(lacks) => Err(lacks),
        None => {
            let to = visit.v1(&["installations", &id, "settings-changes", "decline"]);
            sorted(visit.api.post(&to, &typed.object(&["reason"]), typed.once()).await)?
        }
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "changes"], "declined")),
        Err(problem) => Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_and_nothing_else() {
        let (now, then) = (json!({ "a": 1, "b": 2, "gone": true }), json!({ "a": 1, "b": 3, "new": 4 }));
        let names = differing(&now, &then);
        assert_eq!(names, ["b", "gone", "new"]);
        assert_eq!(only(&then, &names), json!({ "b": 3, "new": 4 }));
    }
}
