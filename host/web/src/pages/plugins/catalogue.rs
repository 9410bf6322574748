//! The catalogue: what modules there are, what each offers, asks to see and may say, who uses it, and what changed from version to version.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::adopted::words_of;
use super::installation::{self, Installation};
use super::updates::Difference;
use super::{Template, Text, room, somebody};
use crate::Pages;
use crate::pages::common::After;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/plugins/catalogue", get(catalogue)).route("/{authority}/plugins/catalogue/{module}", get(module))
}

#[derive(Deserialize)]
struct Module {
    name: String,
    version: String,
    plugin: String,
    publisher: String,
    state: String,
    title: Text,
    purpose: Text,
    offers: Vec<String>,
    used_by: UsedBy,
}

#[derive(Deserialize)]
struct UsedBy {
    authorities: usize,
    named: Vec<String>,
}

impl UsedBy {
    /// Who uses it, without naming who did not agree to it.
    fn words(&self) -> String {
        let councils = match self.authorities {
            0 => return "Nobody yet".to_owned(),
            1 => "1 council".to_owned(),
            n => format!("{n} councils"),
        };
        if self.named.is_empty() { councils } else { format!("{councils}, {} among them", self.named.join(", ")) }
    }
}

#[derive(Deserialize)]
struct InFull {
    #[serde(flatten)]
    module: Module,
    asks: Vec<Asked>,
    says: Vec<Template>,
    scenarios: Scenarios,
    description: String,
    provenance: Provenance,
    installations: Vec<String>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    asked: super::Asks,
    marks: Vec<String>,
    proposes: bool,
}

#[derive(Deserialize)]
struct Scenarios {
    passed: usize,
    at: String,
}

#[derive(Deserialize)]
struct Provenance {
    uploaded_by: String,
    uploaded_at: String,
    #[serde(default)]
    taken_from: Option<Taken>,
}

#[derive(Deserialize)]
struct Taken {
    reference: String,
}

#[derive(Deserialize)]
struct Version {
    plugin: String,
    version: String,
    published_at: String,
    state: String,
    #[serde(default)]
    difference: Option<Difference>,
}

/// Whom a version comes from.
fn vouched(state: &str) -> Markup {
    match state {
        "signed" => list::tag("Signed", "green"),
        "unsigned" => list::tag("Unsigned", "grey"),
        other => list::tag(&words::code(other), "red"),
    }
}

async fn catalogue(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<Module> = visit.api.get(&after.of(&visit.v1(&["catalogue"]))).await?;
    let body = html! {
        (room(&visit, &["plugins", "catalogue"]))
        h1 class="govuk-heading-l" { "Catalogue" }
        @if visit.me.may("publish-plugins") {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions"]), "Every version, and upload")) }
        } @else {
            p class="govuk-body" { (list::link(&visit.to(&["plugins", "versions"]), "Every version")) }
        }
        @if all.items.is_empty() { (list::nothing("Nobody has uploaded a plugin to this host yet.")) }
        @for m in &all.items {
            div class="govuk-summary-card" {
                div class="govuk-summary-card__title-wrapper" {
                    h2 class="govuk-summary-card__title" { (list::link(&visit.to(&["plugins", "catalogue", &m.name]), &m.title.en)) }
                }
                div class="govuk-summary-card__content" {
                    p class="govuk-body" { (m.purpose.en) }
                    (list::pairs(&[
                        ("Offers", html! { (words_of(&m.offers)) }),
                        ("Newest version", html! { (m.version) " " (vouched(&m.state)) }),
                        ("Publisher", html! { (m.publisher) }),
                        ("Used by", html! { (m.used_by.words()) }),
                    ]))
                }
            }
        }
        (list::rest(&visit.to(&["plugins", "catalogue"]), all.next.as_deref()))
    };
    Ok(visit.page("Catalogue", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

async fn module(visit: Visit, Path((_, name)): Path<(String, String)>) -> Result<Page, Failed> {
    let m: InFull = visit.api.get(&visit.v1(&["catalogue", &name])).await?;
    let versions: Vec<Version> = visit.api.get(&visit.v1(&["catalogue", &name, "versions"])).await?;
    let here: Vec<_> = installation::all(&visit).await?.into_iter().filter(|i| m.installations.contains(&i.id)).collect();
    let body = html! {
        span class="govuk-caption-l" { (m.module.name) }
        h1 class="govuk-heading-l" { (m.module.title.en) }
        p class="govuk-body-l" { (m.module.purpose.en) }
        (about(&visit, &m, &here))
        (asked(&m))
        (list::details("What it may say to people", &said(&m.says)))
        p class="govuk-body" { (list::link(&m.description, "All of it in plain words, as the host read it from the file")) }
        h2 class="govuk-heading-m" { "Versions" }
        @for v in &versions { (one(&visit, v)) }
        @if visit.me.may("install-plugins") {
            a class="govuk-button" href=(visit.to(&["plugins", "versions", &m.module.plugin, "adopt"])) { "Propose version " (m.module.version) " for " (visit.council) }
        }
    };
    let above = [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "catalogue"], "Catalogue")];
    Ok(visit.page(m.module.title.en.clone(), body).below(above))
}

fn about(visit: &Visit, m: &InFull, here: &[Installation]) -> Markup {
    let scenarios = match m.scenarios.passed {
        0 => "It brings none along".to_owned(),
        n => format!("{n} passed, {}", words::at(&m.scenarios.at)),
    };
    list::pairs(&[
        ("Offers", html! { (words_of(&m.module.offers)) }),
        ("Newest version", html! { (m.module.version) " " (vouched(&m.module.state)) }),
        ("Publisher", html! { (m.module.publisher) }),
        ("Used by", html! { (m.module.used_by.words()) }),
        ("Its scenarios", html! { (scenarios) }),
        (
            "Uploaded",
            html! {
                (words::at(&m.provenance.uploaded_at)) ", by " (somebody(&m.provenance.uploaded_by))
                @if let Some(from) = &m.provenance.taken_from { ", from " span class="hearth-code" { (from.reference) } }
            },
        ),
        (
            "Adopted here",
            html! {
                @if here.is_empty() { "No" }
                ul class="govuk-list" {
                    @for i in here.iter().rev() {
                        li { (list::link(&visit.to(&["plugins", "adopted", &i.id]), &format!("{}, proposed {}", words::code(&i.status), words::at(&i.proposed_at)))) }
                    }
                }
            },
        ),
    ])
}

fn asked(m: &InFull) -> Markup {
    let list = |proposes: bool| {
        html! {
            ul class="govuk-list govuk-list--bullet govuk-list--spaced" {
                @for a in m.asks.iter().filter(|a| a.proposes == proposes) {
                    li { (a.asked.words()) @for mark in &a.marks { " " strong { (mark.trim_end_matches('.')) "." } } }
                }
            }
        }
    };
    html! {
        h2 class="govuk-heading-m" { "What it asks to see" }
        @if m.asks.iter().any(|a| !a.proposes) { (list(false)) } @else { (list::nothing("Nothing of the record.")) }
        h2 class="govuk-heading-m" { "What it may propose" }
        @if m.asks.iter().any(|a| a.proposes) { (list(true)) } @else { (list::nothing("Nothing: it only answers.")) }
    }
}

fn said(says: &[Template]) -> Markup {
    html! {
        p class="govuk-body" { "These sentences and no others; what stands in braces is filled in for each reader." }
        ul class="govuk-list govuk-list--bullet" { @for t in says { li { (t.en) } } }
    }
}

fn one(visit: &Visit, v: &Version) -> Markup {
    html! {
        h3 class="govuk-heading-s" { (list::link(&visit.to(&["plugins", "versions", &v.plugin]), &format!("Version {}", v.version))) " " (vouched(&v.state)) }
        p class="govuk-body" { "Published " (words::at(&v.published_at)) }
        @match &v.difference {
            Some(d) => { (d.shown()) },
            None => (list::nothing("The first version.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_did_not_agree_to_be_named_is_counted() {
        let used = |authorities, named: &[&str]| UsedBy { authorities, named: named.iter().map(|n| (*n).to_owned()).collect() }.words();
        assert_eq!(used(0, &[]), "Nobody yet");
        assert_eq!(used(1, &[]), "1 council");
        assert_eq!(used(3, &["E06000023"]), "3 councils, E06000023 among them");
    }
}
