//! An installation, as every page about one reads and frames it.

use maud::Markup;
use serde::Deserialize;
use serde_json::Value;

use super::Version;
use crate::ui::{Crumb, list};
use crate::upstream::{Answered, Failed, path};
use crate::visit::Visit;
use crate::words;

#[derive(Debug, Deserialize)]
pub struct Installation {
    pub id: String,
    pub name: String,
    pub plugin: String,
    pub offers: Vec<String>,
    pub decides: Vec<String>,
    pub grants: Vec<String>,
    #[serde(default)]
    pub sealed: bool,
    pub settings: Value,
    pub status: String,
    pub proposed_at: String,
    pub proposed_by: String,
    #[serde(default)]
    pub activated_at: Option<String>,
    #[serde(default)]
    pub activated_by: Option<String>,
    #[serde(default)]
    pub parked: Option<Parked>,
    #[serde(default)]
    pub brought_back: Option<BroughtBack>,
}

/// Why it is not asked.
#[derive(Debug, Clone, Deserialize)]
pub struct Parked {
    pub since: String,
    pub why: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct BroughtBack {
    pub at: String,
    pub by: String,
    pub reason: String,
}

impl Installation {
    /// # Errors
    /// [`Failed`].
    pub async fn read(visit: &Visit, id: &str) -> Result<Self, Failed> {
        visit.api.get(&visit.v1(&["installations", id])).await
    }

    /// With its version, for what is edited.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn answered(visit: &Visit, id: &str) -> Result<Answered<Self>, Failed> {
        visit.api.read(&visit.v1(&["installations", id])).await
    }

    /// The file that was adopted.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn version(&self, visit: &Visit) -> Result<Version, Failed> {
        visit.api.get(&path(&["v1", "plugins", &self.plugin])).await
    }

    #[must_use]
    pub fn tag(&self) -> Markup {
        standing(&self.status, self.parked.is_some())
    }

    #[must_use]
    pub fn is(&self, status: &str) -> bool {
        self.status == status
    }

    /// Its pages beside each other: those that whoever looks may see.
    #[must_use]
    pub fn sections(&self, visit: &Visit, here: &str) -> Markup {
        let to = |step: &str| visit.to(&["plugins", "adopted", &self.id, step]);
        let mut ways = vec![(visit.to(&["plugins", "adopted", &self.id]), "About it"), (to("review"), "Review")];
        ways.extend([(to("updates"), "Updates"), (to("changes"), "Settings"), (to("history"), "Switch and return")]);
        if visit.me.may("see-runs") {
            ways.extend([(to("shadow"), "Beside"), (to("runs"), "Runs")]);
        }
        let here = if here.is_empty() { visit.to(&["plugins", "adopted", &self.id]) } else { to(here) };
        list::sections("Pages of this plugin", &ways, &here)
    }
}

#[must_use]
pub fn standing(status: &str, parked: bool) -> Markup {
    match status {
        _ if parked => list::tag("Parked", "red"),
        "active" => list::tag("Active", "green"),
        "proposed" => list::tag("Proposed", "yellow"),
        other => list::tag(&words::code(other), "grey"),
    }
}

/// The pages above one of an installation's own.
#[must_use]
pub fn above(visit: &Visit, id: &str, title: &str) -> [Crumb; 2] {
    [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "adopted", id], title)]
}

/// All that were ever adopted, in the order in which they were proposed.
///
/// # Errors
/// [`Failed`].
pub async fn all(visit: &Visit) -> Result<Vec<Installation>, Failed> {
    Ok(crate::pages::common::whole(&visit.api, &visit.v1(&["installations"])).await?.0)
}

/// A plugin version, as lists have it.
#[derive(Debug, Deserialize)]
pub struct Listed {
    pub digest: String,
    pub name: String,
    pub version: String,
    pub publisher: String,
    pub published_at: String,
}

/// What there is on this host, to name a version by its number.
#[derive(Debug)]
pub struct Versions(Vec<Listed>);

impl Versions {
    /// # Errors
    /// [`Failed`].
    pub async fn of(visit: &Visit) -> Result<Self, Failed> {
        Ok(Self(crate::pages::common::whole(&visit.api, "/v1/plugins").await?.0))
    }

    #[must_use]
    pub fn all(&self) -> &[Listed] {
        &self.0
    }

    /// `bristol-outcomes 1.1.0`.
    #[must_use]
    pub fn words(&self, digest: &str) -> String {
        self.0
            .iter()
            .find(|v| v.digest == digest)
            .map_or_else(|| "a version that is not here".to_owned(), |v| format!("{} {}", v.name, v.version))
    }
}
