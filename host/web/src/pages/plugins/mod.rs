//! Plugins: what there is, what each may, what is adopted here and with which settings.

mod adopted;
mod back_test;
mod back_tests;
mod catalogue;
mod changes;
mod history;
mod installation;
mod operations;
mod playground;
mod publishers;
mod review;
mod review_acts;
mod rules;
mod settings;
mod shadow;
mod switches;
mod trial_grants;
mod updates;
mod versions;

use axum::Router;
use axum::http::StatusCode;
use maud::Markup;

use crate::Pages;
use crate::ui::form::Typed;
use crate::ui::list;
use crate::upstream::Problem;
use crate::visit::Visit;

#[rustfmt::skip] // one a line
pub fn routes() -> Router<Pages> {
    let all = [
        versions::routes(),
        adopted::routes(),
        settings::routes(),
        changes::routes(),
        catalogue::routes(),
        updates::routes(),
        review::routes(),
        switches::routes(),
        history::routes(),
        shadow::routes(),
        back_tests::routes(),
        back_test::routes(),
        trial_grants::routes(),
        operations::routes(),
        publishers::routes(),
        rules::routes(),
        playground::routes(),
    ];
    all.into_iter().fold(Router::new(), Router::merge)
}

/// The pages of this room beside each other: those that whoever looks may see.
fn room(visit: &Visit, here: &[&str]) -> Markup {
    let to = |step: &str| visit.to(&["plugins", step]);
    let mut ways = vec![(visit.to(&["plugins"]), "Adopted here"), (to("catalogue"), "Catalogue")];
    if visit.me.may("back-test") {
        ways.extend([(to("back-tests"), "Back-tests"), (to("trial-grants"), "Trial grants")]);
    }
    if visit.me.may("see-runs") {
        ways.push((to("operations"), "How they run"));
    }
    ways.extend([(to("publishers"), "Publishers"), (to("rules"), "Rules")]);
    list::sections("Plugins", &ways, &visit.to(here))
}

/// A form that needs a day and has none.
fn no_day(typed: &Typed, name: &str, words: &str) -> Option<Problem> {
    let none = typed.day(name).is_none();
    none.then(|| Problem::of_pages("invalid", "", StatusCode::UNPROCESSABLE_ENTITY, words).at(name))
}

/// Whoever did something on the host itself, of whom no name is told.
fn somebody(by: &str) -> &str {
    match by.split_once('/') {
        Some(("operator", _)) => "whoever runs this host",
        Some(("person", _)) => "somebody who publishes plugins",
        _ => crate::words::who(by),
    }
}

/// What the manifest of a plugin says that pages show.
#[derive(Debug, serde::Deserialize)]
pub struct Manifest {
    #[serde(default)]
    pub title: Text,
    #[serde(default)]
    pub purpose: Text,
    #[serde(default)]
    pub offers: Vec<serde_json::Value>,
    #[serde(default)]
    pub templates: Vec<Template>,
    #[serde(default)]
    pub settings: serde_json::Value,
    #[serde(default)]
    pub framework: Vec<Criterion>,
}

/// What a plugin finds met or not.
#[derive(Debug, serde::Deserialize)]
pub struct Criterion {
    pub criterion: String,
    #[serde(default)]
    pub heading: Text,
}

/// English, and Welsh where it has it.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Text {
    #[serde(default)]
    pub en: String,
}

#[derive(Debug, serde::Deserialize)]
pub struct Template {
    #[serde(default)]
    pub en: String,
}

/// A plugin version, as `GET /v1/plugins/{plugin}` answers.
#[derive(Debug, serde::Deserialize)]
pub struct Version {
    pub digest: String,
    pub name: String,
    pub version: String,
    pub publisher: String,
    pub published_at: String,
    #[serde(default)]
    pub asks: Vec<Asks>,
    pub manifest: Manifest,
}

/// A part of the record, or an action, that a plugin asks for.
#[derive(Debug, serde::Deserialize)]
pub struct Asks {
    pub interface: String,
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub why: Option<Text>,
    #[serde(default)]
    pub optional: bool,
}

impl Version {
    /// Its title with its number, as pages are called.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.manifest.title.en, self.version)
    }

    /// An interface that it asks for, in words.
    #[must_use]
    pub fn words_of(&self, interface: &str) -> String {
        self.asks.iter().find(|a| a.interface == interface).map_or_else(|| interface.to_owned(), Asks::words)
    }

    /// A criterion by its heading.
    #[must_use]
    pub fn criterion(&self, code: &str) -> String {
        let heading = self.manifest.framework.iter().find(|c| c.criterion == code).map(|c| c.heading.en.clone());
        heading.filter(|h| !h.is_empty()).unwrap_or_else(|| crate::words::code(code))
    }

    /// What an interface lets it do, without the author's reason.
    #[must_use]
    pub fn says_of(&self, interface: &str) -> String {
        let says =
            self.asks.iter().find(|a| a.interface == interface).map_or(interface, |a| if a.says.is_empty() { interface } else { &a.says });
        crate::ui::form::sentence(says)
    }
}

impl Asks {
    /// In words, with the author's reason.
    #[must_use]
    pub fn words(&self) -> String {
        let says = crate::ui::form::sentence(if self.says.is_empty() { &self.interface } else { &self.says });
        let why = self.why.as_ref().map(|w| w.en.as_str()).filter(|w| !w.is_empty());
        let optional = if self.optional { " (it works without)" } else { "" };
        why.map_or_else(|| format!("{says}{optional}"), |why| format!("{says}{optional}. {why}"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_id_is_shown_of_whoever_did_something_on_the_host() {
        assert_eq!(super::somebody("person/01a205d6-f583-7106-a468-4e3f7501031e"), "somebody who publishes plugins");
        assert_eq!(super::somebody("operator/operator"), "whoever runs this host");
        assert_eq!(super::somebody("Sam Okafor"), "Sam Okafor");
    }
}
