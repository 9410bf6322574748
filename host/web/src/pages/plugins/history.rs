//! When a version was let decide and how that ended, what is planned, and when it goes back by itself.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::installation::{self, Installation, above};
use crate::Pages;
use crate::ui::form::act;
use crate::ui::{Page, list};
use crate::upstream::Failed;
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/plugins/adopted/{installation}/history", get(history))
}

#[derive(Deserialize)]
struct Switches {
    activations: Vec<Activation>,
    #[serde(default)]
    planned: Option<Planned>,
}

#[derive(Deserialize)]
struct Activation {
    at: String,
    by: String,
    #[serde(default)]
    reason: Option<String>,
    replaced: Vec<String>,
    #[serde(default)]
    ended: Option<Ended>,
}

#[derive(Deserialize)]
struct Ended {
    at: String,
    by: String,
    why: String,
    by_itself: bool,
}

#[derive(Deserialize)]
struct Planned {
    at: String,
    by: String,
    #[serde(default)]
    reason: Option<String>,
    state: String,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Deserialize)]
struct Rules {
    watch: Watch,
}

/// After how many failures a version goes back by itself.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Watch {
    pub failures: u32,
    pub of_last: u32,
}

impl Watch {
    #[must_use]
    pub fn words(self) -> String {
        match self.failures {
            0 => "A version that fails does not go back by itself here.".to_owned(),
            n => format!("Where {n} of the last {} runs of a version fail, the one before decides again by itself.", self.of_last),
        }
    }
}

async fn history(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let i = Installation::read(&visit, &id).await?;
    let plugin = i.version(&visit).await?;
    let switches: Switches = visit.api.get(&visit.v1(&["installations", &id, "activations"])).await?;
    let rules: Option<Rules> = visit.api.maybe(&visit.v1(&["plugin-review"])).await?;
    let (all, versions) = (installation::all(&visit).await?, installation::Versions::of(&visit).await?);
    let name = |id: &str| all.iter().find(|o| o.id == id).map_or_else(|| "another".to_owned(), |o| versions.words(&o.plugin));
    let may = visit.me.may("approve-plugins");
    let former: Vec<_> = all.iter().filter(|o| o.name == i.name && o.is("retired") && o.activated_at.is_some()).collect();
    let body = html! {
        (i.sections(&visit, "history"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Switch and return " (i.tag()) }
        @if let Some(r) = &rules { p class="govuk-body" { (r.watch.words()) } }
        @if let Some(p) = &switches.planned { (planned(&visit, &id, p)) }
        @if may && !i.is("active") && i.activated_at.is_none() {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "adopted", &id, "activation"]), "Let it decide, now or from a day on")) }
        }
        h2 class="govuk-heading-m" { "When it decided" }
        @if switches.activations.is_empty() { (list::nothing("It was never let decide.")) }
        ol class="hearth-timeline" { @for a in &switches.activations { (one(&visit, a, &name)) } }
        @if may && !former.is_empty() {
            h2 class="govuk-heading-m" { "Go back" }
            ul class="govuk-list" {
                @for f in former {
                    li { (list::link(&visit.to(&["plugins", "adopted", &f.id, "return"]), &format!("Go back to {}", versions.words(&f.plugin))))
                        @if let Some(at) = &f.activated_at { ", which decided from " (words::at(at)) " on" } }
                }
            }
        }
    };
    Ok(visit.page("Switch and return", body).below(above(&visit, &id, &plugin.title())))
}

fn planned(visit: &Visit, id: &str, p: &Planned) -> Markup {
    let stands = match p.state.as_str() {
        "waiting" => list::tag("Planned", "yellow"),
        "failed" => list::tag("Could not be done", "red"),
        other => list::tag(&words::code(other), "grey"),
    };
    html! {
        h2 class="govuk-heading-m" { "What was planned " (stands) }
        p class="govuk-body" {
            (words::who(&p.by)) " planned that it decides from " (words::at(&p.at)) " on"
            @if let Some(reason) = &p.reason { ": " (reason) }
            @if let Some(why) = &p.why { ". It could not be done: " (why) }
        }
        @if p.state == "waiting" && visit.me.may("approve-plugins") {
            (act(&visit.to(&["plugins", "adopted", id, "switch", "drop"]), "Drop the plan"))
        }
    }
}

fn one(visit: &Visit, a: &Activation, name: &impl Fn(&str) -> String) -> Markup {
    html! {
        li {
            time datetime=(a.at) { (words::at(&a.at)) }
            "Let decide by " (words::who(&a.by))
            @if let Some(reason) = &a.reason { ": " (reason) }
            @for other in &a.replaced { ". It took the place of " (list::link(&visit.to(&["plugins", "adopted", other]), &name(other))) }
            @if let Some(e) = &a.ended {
                br;
                @if e.by_itself { (list::tag("Went back by itself", "red")) " " (words::at(&e.at)) ": " (e.why) }
                @else { "Until " (words::at(&e.at)) ", by " (words::who(&e.by)) }
            } @else { br; (list::tag("Since then", "green")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;

    #[test]
    fn when_a_version_goes_back_by_itself_is_said() {
        assert!(Watch { failures: 0, of_last: 20 }.words().contains("does not"));
        assert!(Watch { failures: 3, of_last: 20 }.words().starts_with("Where 3 of the last 20"));
    }
}
