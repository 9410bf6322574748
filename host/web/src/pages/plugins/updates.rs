//! Newer versions of what is adopted: what each changes, and the way to propose it in the place of the older one.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Version;
use super::installation::{Installation, above};
use crate::Pages;
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/updates", get(updates))
        .route("/{authority}/plugins/adopted/{installation}/updates/{digest}", get(update).post(propose))
}

#[derive(Deserialize)]
struct Updates {
    offered: Vec<Offered>,
    #[serde(default)]
    updates: Option<String>,
    #[serde(default)]
    kept_on: Option<KeptOn>,
}

#[derive(Deserialize)]
struct KeptOn {
    until: String,
    reason: String,
    by: String,
}

#[derive(Deserialize)]
struct Offered {
    plugin: String,
    version: String,
    published_at: String,
    state: String,
    acknowledge: String,
    difference: Difference,
}

/// What changed between two versions.
#[derive(Debug, Deserialize)]
pub struct Difference {
    pub from: Side,
    pub to: Side,
    pub widens: bool,
    pub changes: Vec<Change>,
    /// One for each change, in their order.
    pub sentences: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Side {
    pub version: String,
}

#[derive(Debug, Deserialize)]
pub struct Change {
    pub part: String,
    pub widens: bool,
    #[serde(default)]
    pub before: Option<Value>,
    #[serde(default)]
    pub after: Option<Value>,
}

/// A change with its sentence.
type Told<'a> = (&'a Change, &'a str);

impl Difference {
    /// Each change with its sentence: what widens, what else is to be read, and the scenarios, of which there may be many.
    fn parts(&self) -> [Vec<Told<'_>>; 3] {
        let all: Vec<Told<'_>> = self.changes.iter().zip(self.sentences.iter().map(String::as_str)).collect();
        let (wide, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(c, _)| c.widens);
        let (scenarios, others) = rest.into_iter().partition(|(c, _)| c.part == "scenario");
        [wide, others, scenarios]
    }

    /// In plain words, what widens first.
    #[must_use]
    pub fn shown(&self) -> Markup {
        let [wide, others, scenarios] = self.parts();
        let items = |all: &[Told<'_>]| html! { ul class="govuk-list govuk-list--bullet govuk-list--spaced" { @for (c, s) in all { li { (s) (c.default()) } } } };
        html! {
            @if !wide.is_empty() {
                p class="govuk-body govuk-!-font-weight-bold" { "It sees, proposes or says more than before:" }
                (items(&wide))
            }
            @if !others.is_empty() {
                @if !wide.is_empty() { p class="govuk-body govuk-!-font-weight-bold" { "And otherwise:" } }
                (items(&others))
            }
            @if !scenarios.is_empty() { (list::details(&format!("{} changes of its scenarios", scenarios.len()), &items(&scenarios))) }
            @if self.changes.is_empty() { (list::nothing("Nothing that it says of itself changed: its code may.")) }
        }
    }
}

impl Change {
    /// Of a setting: what its default was and is.
    fn default(&self) -> Markup {
        let of = |side: &Option<Value>| side.as_ref().map(|v| v["schema"]["default"].clone()).filter(|v| !v.is_null());
        html! {
            @if self.part == "setting" {
                @if let Some(title) = self.after.as_ref().or(self.before.as_ref()).and_then(|v| v["schema"]["title"].as_str()) { " It is “" (title) "”." }
                @match (of(&self.before), of(&self.after)) {
                    (Some(before), Some(after)) if before != after => { " Its default was " (before) ", and is " (after) "." },
                    _ => {},
                }
            }
        }
    }
}

async fn read(visit: &Visit, id: &str) -> Result<(Installation, Version, Updates), Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let updates = visit.api.get(&visit.v1(&["installations", id, "updates"])).await?;
    Ok((i, plugin, updates))
}

async fn updates(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let (i, plugin, updates) = read(&visit, &id).await?;
    let body = html! {
        (i.sections(&visit, "updates"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Updates" }
        @if let Some(of) = &updates.updates {
            p class="govuk-body" { "It was proposed as an update of " (list::link(&visit.to(&["plugins", "adopted", of]), "an older one")) "." }
        }
        @if let Some(k) = &updates.kept_on {
            (list::inset(&format!("It is kept on until {} by {}, although its publisher's key was compromised: {}", words::day(&k.until), words::who(&k.by), k.reason)))
        }
        @if updates.offered.is_empty() { (list::nothing("No newer version is offered. Nobody has to take one.")) }
        @for o in &updates.offered {
            h2 class="govuk-heading-m" { "Version " (o.version) " " (list::tag(&words::code(&o.state), if o.state == "signed" { "green" } else { "grey" })) }
            p class="govuk-body" { "Published " (words::at(&o.published_at)) }
            (o.difference.shown())
            @if visit.me.may("install-plugins") {
                p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", &id, "updates", &o.plugin]), &format!("Propose version {}", o.version))) }
            }
        }
    };
    Ok(visit.page("Updates", body).below(above(&visit, &id, &plugin.title())))
}

async fn update(visit: Visit, Path((_, id, digest)): Path<(String, String, String)>) -> Result<Page, Failed> {
    proposing(&visit, &id, &digest, &Typed::default(), None).await
}

async fn proposing(visit: &Visit, id: &str, digest: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let (_, plugin, updates) = read(visit, id).await?;
    let offered = updates.offered.iter().find(|o| o.plugin == digest);
    let Some(o) = offered else {
        return Err(Failed::Refused(Problem::of_pages(
            "no-such-page",
            "",
            axum::http::StatusCode::NOT_FOUND,
            "that version is not offered any more",
        )));
    };
    let form = Asked::new(typed, problem);
    let title = format!("Propose version {}", o.version);
    let read_it = [(o.acknowledge.as_str(), "I have read what this version sees, proposes or says more than the one before")];
    let body = html! {
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { "What changes from " (o.difference.from.version) " to " (o.difference.to.version) ":" }
        (o.difference.shown())
        (list::inset("What this council granted and set is carried over where it still fits. Nothing of the newer version runs until it is reviewed and let decide."))
        form method="post" action=(visit.to(&["plugins", "adopted", id, "updates", digest])) novalidate {
            (once())
            @if o.difference.widens { (form.boxes(Ask { name: "acknowledged", label: "It widens", hint: "" }, &read_it)) }
            (button("Propose it"))
        }
    };
    let mut above = above(visit, id, &plugin.title()).to_vec();
    above.push(visit.crumb(&["plugins", "adopted", id, "updates"], "Updates"));
    Ok(visit.page(title, body).below(above).wrong(problem))
}

async fn propose(visit: Visit, Path((_, id, digest)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = json!({ "plugin": digest, "updates": id });
    if let Some(read) = typed.text("acknowledged") {
        body["acknowledged"] = read.into();
    }
    match sorted(visit.api.post(&visit.v1(&["installations"]), &body, typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["plugins", "adopted", made["id"].as_str().unwrap_or(&id)], "proposed")),
        Err(problem) => Ok(proposing(&visit, &id, &digest, &typed, Some(&problem.at("acknowledged"))).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_widens_is_read_first_and_scenarios_last() {
        let change = |part: &str, widens: bool| json!({ "part": part, "id": "x", "how": "added", "widens": widens });
        let difference: Difference = serde_json::from_value(json!({
            "from": { "version": "1.0.0" }, "to": { "version": "1.1.0" }, "widens": true,
            "changes": [change("template", true), change("setting", false), change("scenario", false)], "sentences": ["<b>says</b>", "sets", "plays"],
        }))
        .unwrap();
        let [wide, others, scenarios] = difference.parts();
        assert_eq!((wide[0].1, others[0].1, scenarios[0].1), ("<b>says</b>", "sets", "plays"));
        assert!(difference.shown().into_string().contains("&lt;b&gt;says"));
    }
}
