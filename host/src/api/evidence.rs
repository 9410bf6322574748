//! What a decision rested on, for telling it in words: the plugin's own words, and the family as the run saw it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::problem::Problem;
use crate::plugins::Manifest;
use crate::record::{Digest, Snapshot};
use crate::sandbox::answer::Message;
use crate::sandbox::{ServiceGiven, Sort};
use crate::store::{AuthorityStore, Decision, StoreError};
use crate::workflow::directory_of;
use crate::workflow::explain::Reader;

/// The language that sentences are told in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    #[default]
    En,
    Cy,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InLanguage {
    /// Of the sentences; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    pub language: Language,
}

/// Enough to tell what was decided.
pub struct Evidence {
    pub manifest: Arc<Manifest>,
    /// None: it was erased.
    pub snapshot: Option<Arc<Snapshot>>,
    pub reader: Reader,
}

impl Evidence {
    /// As it was kept.
    ///
    /// # Errors
    /// The store failed.
    pub async fn of(app: &App, store: &AuthorityStore, decision: &Decision, plugin: Digest, language: Language) -> Result<Self, Problem> {
        Self::by(store, decision, app.workflow.manifest(plugin).await?, language).await
    }

    /// The same, of a plugin whose manifest was read for another.
    ///
    /// # Errors
    /// The store failed.
    pub async fn by(store: &AuthorityStore, decision: &Decision, manifest: Arc<Manifest>, language: Language) -> Result<Self, Problem> {
        let damaged = |e| StoreError::Damaged(format!("decision {}: {e}", decision.id));
        let snapshot = store.content(&decision.snapshot).await?.map(|bytes| Snapshot::decode(&bytes).map_err(damaged)).transpose()?;
        let directory = directory_of(store, decision).await?;
        Self::given(store, manifest, snapshot.map(Arc::new), directory, language).await
    }

    /// As a run has just been given it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn given(
        store: &AuthorityStore,
        manifest: Arc<Manifest>,
        snapshot: Option<Arc<Snapshot>>,
        directory: Vec<ServiceGiven>,
        language: Language,
    ) -> Result<Self, Problem> {
        let people: Vec<_> = snapshot.iter().flat_map(|s| s.people.iter().map(|p| p.id)).collect();
        let names = store.names(&people).await?;
        let names = names.into_iter().map(|(id, name)| (id, format!("{} {}", name.given, name.family))).collect();
        Ok(Self { manifest, snapshot, reader: Reader { welsh: language == Language::Cy, names, directory } })
    }

    /// What people call a name of the manifest.
    #[must_use]
    pub fn heading(&self, sort: Sort, id: &str) -> String {
        let found = self.manifest.names.iter().find(|n| n.sort == sort && n.id == id);
        found.map_or(id, |n| n.heading.in_language(self.reader.welsh)).to_owned()
    }

    #[must_use]
    pub fn sentence(&self, message: &Message) -> String {
        self.reader.sentence(&self.manifest, message, self.snapshot.as_deref())
    }
}
