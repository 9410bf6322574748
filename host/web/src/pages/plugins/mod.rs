//! Plugins: what there is, what each may, what is adopted here and with which settings.

mod adopted;
mod versions;

use axum::Router;

use crate::Pages;

pub fn routes() -> Router<Pages> {
    versions::routes().merge(adopted::routes())
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
