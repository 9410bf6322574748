//! What an older version of a plugin promised in its scenarios, asked of a newer one. The same two versions always come out alike, so what was
//! played once is remembered, and one pair is played at a time: whoever reads a difference costs nobody more than an upload does.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::Workflow;
use crate::plugins::install::manifest_of;
use crate::plugins::publish::{PublishError, fits};
use crate::plugins::scenarios::{Bench, Between, Budget, between};
use crate::record::Digest;
use crate::sandbox::Unfit;
use crate::store::{PluginVersion, StoreError};

/// Pairs that are remembered.
const MOST: usize = 64;

/// By the older and the newer version.
type Known = HashMap<(Digest, Digest), Arc<[Between]>>;

/// What was played.
#[derive(Default)]
pub(super) struct Remembered(Mutex<Known>);

impl Workflow {
    /// What the older version's scenarios come to with the newer one, and which are new.
    ///
    /// # Errors
    /// The newer one does not run on this host any more; or this host could not look at it.
    pub async fn scenarios_between(&self, older: &PluginVersion, newer: &PluginVersion) -> Result<Arc<[Between]>, PublishError> {
        let mut known = self.shared.between.0.lock().await;
        if let Some(all) = known.get(&(older.digest, newer.digest)) {
            return Ok(all.clone());
        }
        let all = self.play_between(older, newer).await?;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((older.digest, newer.digest), all.clone());
        Ok(all)
    }

    async fn play_between(&self, older: &PluginVersion, newer: &PluginVersion) -> Result<Arc<[Between]>, PublishError> {
        let sandbox = &self.shared.sandbox;
        let missing = || StoreError::no_such("plugin version", newer.digest);
        let bytes = self.shared.stores.common().plugin_bytes(&newer.digest).await?.ok_or_else(missing)?;
        let (checked, compiled) = fits(sandbox, bytes).await?;
        let promised = manifest_of(older)?.scenarios;
        let unfit = |why| PublishError::Unfit { plugin: newer.name.clone(), why };
        let bench = Bench::new(sandbox.clone(), compiled, checked.inspected).map_err(unfit)?;
        let stopping = || PublishError::Host(Unfit::Host("it is stopping".into()));
        let playing = sandbox.for_an_upload(async move { between(&promised, &bench, Budget::default()).await }).ok_or_else(stopping)?;
        let played = playing.await.map_err(|e| PublishError::Host(Unfit::Host(e.to_string())))?;
        // They were read when they came.
        Ok(played.map_err(|wrong| StoreError::Damaged(format!("plugin {}: {wrong}", older.digest)))?.into())
    }
}
