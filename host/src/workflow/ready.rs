//! An installation made ready to be asked: its component compiled, linked to what was granted, its words at hand.

use std::sync::Arc;

use super::supplied::packed;
use super::{Workflow, WorkflowError};
use crate::plugins::install::{grants_of, manifest_of};
use crate::plugins::scenarios::Bench;
use crate::plugins::{Manifest, inspect};
use crate::record::{AuthorityId, Digest, InstallationId, Invalid};
use crate::sandbox::{Compiled, ExtensionPoint, Grants, Prepared, TableGiven, Unfit};
use crate::store::{AuthorityStore, ChangeId, CurrentSnapshot, DECIDED_BY_ONE, Installation, StoreError};

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

impl Ready {
    /// A family's record as the installation may have it: with what is sealed only where that was granted.
    pub(super) async fn record(
        &self,
        store: &AuthorityStore,
        current: CurrentSnapshot,
        known: ChangeId,
    ) -> Result<CurrentSnapshot, StoreError> {
        if self.installation.sealed { store.with_sealed(current, known).await } else { Ok(current) }
    }

    /// Is all that was linked the same? That it was activated, retired or sealed otherwise since changes nothing of it.
    fn is_linked_as(&self, now: &Installation) -> bool {
        let Installation { digest, grants, settings, .. } = &self.installation;
        (digest, grants, settings) == (&now.digest, &now.grants, &now.settings)
    }

    /// The installation as it stands now, with what was linked: a switch is a row, and compiles nothing.
    fn as_it_stands(&self, installation: Installation) -> Self {
        let Self { manifest, grants, prepared, settings, packed, installation: _ } = self;
        Self {
            manifest: manifest.clone(),
            grants: grants.clone(),
            prepared: prepared.clone(),
            settings: settings.clone(),
            packed: packed.clone(),
            installation,
        }
    }
}

impl Workflow {
    /// The installation that decides an extension point for the authority.
    ///
    /// # Errors
    /// [`WorkflowError::NobodyDecides`] where none is active.
    pub async fn deciding(&self, store: &AuthorityStore, point: ExtensionPoint) -> Result<Arc<Ready>, WorkflowError> {
        self.switch_due(store).await?;
        let active = store.active_installations(point.code()).await?;
        let installation = active.into_iter().next().ok_or(WorkflowError::NobodyDecides(point.code()))?;
        Box::pin(self.stop_if_distrusted(store, &installation)).await?;
        self.ready(installation).await
    }

    /// The one that decides at this moment, for whoever has the writer's turn: nothing is written to find it.
    ///
    /// # Errors
    /// [`WorkflowError::NobodyDecides`].
    pub async fn deciding_now(&self, store: &AuthorityStore, point: ExtensionPoint) -> Result<Arc<Ready>, WorkflowError> {
        let installation = store.active_installations(point.code()).await?.into_iter().next();
        self.ready(installation.ok_or(WorkflowError::NobodyDecides(point.code()))?).await
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
                self.switch_due(store).await?;
                let active = store.active_installations(point.code()).await?;
                let found = active.into_iter().find(|i| i.id == id);
                let found = found.ok_or_else(|| refused(format!("installation {id} is not asked about {} here", point.code())))?;
                Box::pin(self.stop_if_distrusted(store, &found)).await?;
                self.ready(found).await
            }
        }
    }

    /// Compiles and links an installation, or finds it as it was.
    ///
    /// # Errors
    /// [`WorkflowError::Unfit`]: a section that it needs is not granted, or it does not fit this host.
    pub async fn ready(&self, installation: Installation) -> Result<Arc<Ready>, WorkflowError> {
        let ready = match self.shared.held.get(installation.id) {
            Some(held) if held.installation == installation => return Ok(held),
            Some(held) if held.is_linked_as(&installation) => Arc::new(held.as_it_stands(installation)),
            _ => self.ready_apart(installation).await?,
        };
        self.shared.held.put(ready.clone());
        Ok(ready)
    }

    /// As [`Workflow::ready`], for one purpose: it takes no place among what is held.
    ///
    /// # Errors
    /// [`WorkflowError::Unfit`].
    pub(super) async fn ready_apart(&self, installation: Installation) -> Result<Arc<Ready>, WorkflowError> {
        let grants = grants_of(&installation)?;
        let (manifest, prepared) = self.prepare(installation.digest, &grants).await?;
        let settings = installation.settings.to_string();
        let packed = packed(&manifest).map_err(StoreError::from)?;
        Ok(Arc::new(Ready { manifest, grants, prepared, settings, packed, installation }))
    }

    /// A plugin version linked to `grants`. Its bytes are read only where it has to be compiled.
    pub(super) async fn prepare(&self, digest: Digest, grants: &Grants) -> Result<(Arc<Manifest>, Arc<Prepared>), WorkflowError> {
        let manifest = self.manifest(digest).await?;
        let unfit = |why| WorkflowError::Unfit { plugin: manifest.name.clone(), why };
        let compiled = match self.load(digest).await.map_err(unfit)? {
            Some(compiled) => compiled,
            None => {
                let bytes = self.bytes(digest).await?;
                self.shared.sandbox.compile_apart(digest, bytes).await.map_err(unfit)?
            }
        };
        let prepared = self.shared.sandbox.prepare(&compiled, &manifest.words(compiled.imports()), grants).map_err(unfit)?;
        Ok((manifest, Arc::new(prepared)))
    }

    /// A plugin version to play scenarios with, on an authority's share of the host.
    ///
    /// # Errors
    /// `NoSuch` where there is no such version; [`WorkflowError::Unfit`].
    pub async fn bench(&self, authority: &AuthorityId, digest: Digest) -> Result<Bench, WorkflowError> {
        let bytes = self.bytes(digest).await?;
        let unfit = |why| WorkflowError::Unfit { plugin: digest.to_string(), why };
        let (read, bytes) = self.shared.sandbox.apart(move || (inspect(&bytes), bytes)).await.map_err(unfit)?;
        let inspected = read.map_err(|e| StoreError::Damaged(format!("plugin version {digest}: {e}")))?;
        let compiled = match self.load(digest).await.map_err(unfit)? {
            Some(compiled) => compiled,
            None => self.shared.sandbox.compile_apart(digest, bytes).await.map_err(unfit)?,
        };
        let bench = Bench::new(self.shared.sandbox.clone(), compiled, inspected).map_err(unfit)?;
        Ok(bench.on_the_share_of(authority.clone()))
    }

    async fn bytes(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let bytes = self.shared.stores.common().plugin_bytes(&digest).await?;
        let bytes = bytes.ok_or_else(|| StoreError::NoSuch { what: "plugin version", id: digest.to_string() })?;
        if Digest::of(&bytes) != digest {
            return Err(StoreError::Damaged(format!("the bytes of plugin version {digest} are others than were uploaded")));
        }
        Ok(bytes)
    }

    /// Compiled code from the disk, beside the threads that answer.
    async fn load(&self, digest: Digest) -> Result<Option<Compiled>, Unfit> {
        let stopping = |_| Unfit::Host("it is stopping".into());
        let _turn = self.shared.loads.acquire().await.map_err(stopping)?;
        let sandbox = self.shared.sandbox.clone();
        tokio::task::spawn_blocking(move || sandbox.load(digest)).await.map_err(|e| Unfit::Host(e.to_string()))?
    }

    /// The manifest of a plugin version, for reading what it once said.
    ///
    /// # Errors
    /// `NoSuch` where there is no such version.
    pub async fn manifest(&self, digest: Digest) -> Result<Arc<Manifest>, StoreError> {
        if let Some(known) = self.shared.manifests.get(digest) {
            return Ok(known);
        }
        let version = self.shared.stores.common().plugin_version(&digest).await?;
        let manifest =
            Arc::new(manifest_of(&version.ok_or_else(|| StoreError::NoSuch { what: "plugin version", id: digest.to_string() })?)?);
        self.shared.manifests.put(digest, manifest.clone());
        Ok(manifest)
    }
}
