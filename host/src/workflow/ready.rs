//! An installation made ready to be asked: its component compiled, linked to what was granted, its words at hand.

use std::sync::{Arc, PoisonError};

use super::supplied::packed;
use super::{Workflow, WorkflowError};
use crate::plugins::install::{grants_of, manifest_of};
use crate::plugins::{Inspected, Manifest, inspect};
use crate::record::{Digest, InstallationId, Invalid};
use crate::sandbox::{ExtensionPoint, Grants, Prepared, TableGiven};
use crate::store::{AuthorityStore, DECIDED_BY_ONE, Installation, StoreError};

/// Ready to be asked any number of times.
pub struct Ready {
    pub installation: Installation,
    pub manifest: Arc<Manifest>,
    pub(super) grants: Grants,
    pub(super) prepared: Arc<Prepared>,
    /// The settings as the guest reads them.
    pub(super) settings: String,
    /// Reference tables whose rows it brings.
    pub(super) packed: Vec<TableGiven>,
}

impl Workflow {
    /// The installation that decides an extension point for the authority.
    ///
    /// # Errors
    /// [`WorkflowError::NobodyDecides`] where none is active.
    pub async fn deciding(&self, store: &AuthorityStore, point: ExtensionPoint) -> Result<Arc<Ready>, WorkflowError> {
        let active = store.active_installations(point.code()).await?;
        let installation = active.into_iter().next().ok_or(WorkflowError::NobodyDecides(point.code()))?;
        self.ready(installation).await
    }

    /// The installation that is to be asked: the one that decides, or the one that is named. Assessments and commissioning add up,
    /// so there one has to be named.
    ///
    /// # Errors
    /// [`WorkflowError::NobodyDecides`] where none is active; `Invalid` naming `installation` where the one named is not asked about
    /// this, or none is named and several could be.
    pub async fn asked(
        &self,
        store: &AuthorityStore,
        point: ExtensionPoint,
        named: Option<InstallationId>,
    ) -> Result<Arc<Ready>, WorkflowError> {
        let refused = |why: String| WorkflowError::Store(Invalid::new("installation", why).into());
        match named {
            None if DECIDED_BY_ONE.contains(&point.code()) => self.deciding(store, point).await,
            None => Err(refused(format!("is missing: several plugins may offer {}, so name the one that is asked", point.code()))),
            Some(id) => {
                let active = store.active_installations(point.code()).await?;
                let found = active.into_iter().find(|i| i.id == id);
                let found = found.ok_or_else(|| refused(format!("installation {id} is not asked about {} here", point.code())))?;
                self.ready(found).await
            }
        }
    }

    /// Compiles and links an installation, or finds it as it was.
    ///
    /// # Errors
    /// [`WorkflowError::Unfit`]: a section that it needs is not granted, or it does not fit this host.
    pub async fn ready(&self, installation: Installation) -> Result<Arc<Ready>, WorkflowError> {
        let known = self.shared.ready.lock().unwrap_or_else(PoisonError::into_inner).get(&installation.id).cloned();
        if let Some(ready) = known.filter(|r| r.installation == installation) {
            return Ok(ready);
        }
        let grants = grants_of(&installation)?;
        let (inspected, prepared) = self.prepare(installation.digest, &grants).await?;
        let settings = installation.settings.to_string();
        let packed = packed(&inspected.manifest).map_err(StoreError::from)?;
        let ready = Arc::new(Ready { manifest: Arc::new(inspected.manifest), grants, prepared, settings, packed, installation });
        self.shared.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(ready.installation.id, ready.clone());
        Ok(ready)
    }

    /// A plugin version linked to `grants`.
    pub(super) async fn prepare(&self, digest: Digest, grants: &Grants) -> Result<(Inspected, Arc<Prepared>), WorkflowError> {
        let (common, sandbox) = (self.shared.stores.common(), &self.shared.sandbox);
        let bytes = common.plugin_bytes(&digest).await?;
        let bytes = bytes.ok_or_else(|| StoreError::NoSuch { what: "plugin version", id: digest.to_string() })?;
        let damaged = |e: crate::plugins::Refused| StoreError::Damaged(format!("plugin version {digest}: {e}"));
        let inspected = inspect(&bytes).map_err(damaged)?;
        let unfit = |why| WorkflowError::Unfit { plugin: inspected.manifest.name.clone(), why };
        let compiled = sandbox.compile_apart(digest, bytes).await.map_err(unfit)?;
        let prepared = sandbox.prepare(&compiled, &inspected.words(), grants).map_err(unfit)?;
        Ok((inspected, Arc::new(prepared)))
    }

    /// The manifest of a plugin version, for reading what it once said.
    ///
    /// # Errors
    /// `NoSuch` where there is no such version.
    pub async fn manifest(&self, digest: Digest) -> Result<Manifest, StoreError> {
        let version = self.shared.stores.common().plugin_version(&digest).await?;
        manifest_of(&version.ok_or_else(|| StoreError::NoSuch { what: "plugin version", id: digest.to_string() })?)
    }
}
