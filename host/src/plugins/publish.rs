//! Upload: a file becomes a plugin version that authorities may adopt. It is read, compiled, linked with everything that
//! it asks for and started once, so that whatever is wrong with it is said now and not in the middle of a request.

use std::sync::Arc;

use super::scenarios::{self, Bench, Budget, Failed};
use super::{Inspected, Refused, inspect};
use crate::record::{Day, Digest, FamilyId, Snapshot};
use crate::sandbox::{Compiled, Context, Given, Grants, Matter, Question, Sandbox, Unfit};
use crate::store::{Common, PluginVersion, StoreError};

/// Why an upload was refused.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{plugin}: {why}")]
    Unfit { plugin: String, why: Unfit },
    #[error("{plugin}: {why}")]
    Scenarios { plugin: String, why: Failed },
    #[error(transparent)]
    Host(#[from] Unfit),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A checked component, not yet stored.
#[derive(Debug)]
pub struct Checked {
    pub inspected: Inspected,
    pub bytes: Vec<u8>,
}

/// What an upload came to.
#[derive(Debug)]
pub struct Published {
    pub inspected: Inspected,
    /// The same bytes were published before: nothing was done.
    pub already: bool,
}

/// Checks an upload without storing it, and plays the scenarios that it brings along.
///
/// # Errors
/// [`PublishError::Refused`], [`PublishError::Unfit`] or [`PublishError::Scenarios`]; nothing was stored.
pub async fn check(sandbox: &Arc<Sandbox>, bytes: Vec<u8>) -> Result<Checked, PublishError> {
    let (checked, compiled) = fits(sandbox, bytes).await?;
    let plugin = || checked.inspected.manifest.name.clone();
    // Inspection has read them already, so they can be read.
    let stories = scenarios::packed(&checked.inspected.manifest.scenarios).map_err(|e| Refused::Manifest(e.wrong))?;
    if !stories.is_empty() {
        let bench = Bench::new(sandbox.clone(), compiled, checked.inspected.clone())
            .map_err(|why| PublishError::Unfit { plugin: plugin(), why })?;
        // Putting families together is work too, and not the API's.
        let played = sandbox.for_an_upload(async move { scenarios::play(&bench, &stories, Budget::default()).await });
        let stopping = || PublishError::Host(Unfit::Host("it is stopping".into()));
        let played = played.ok_or_else(stopping)?.await.map_err(|e| PublishError::Host(Unfit::Host(e.to_string())))?;
        played.map_err(|why| PublishError::Scenarios { plugin: plugin(), why })?;
    }
    Ok(checked)
}

/// Reads, compiles and links a plugin with everything that it asks for, and starts it once. Its scenarios are not played.
///
/// # Errors
/// [`PublishError::Refused`] or [`PublishError::Unfit`].
pub async fn fits(sandbox: &Arc<Sandbox>, bytes: Vec<u8>) -> Result<(Checked, Compiled), PublishError> {
    let (inspected, bytes) = sandbox.apart(move || inspect(&bytes).map(|inspected| (inspected, bytes))).await??;
    let unfit = |why| PublishError::Unfit { plugin: inspected.manifest.name.clone(), why };
    let compiled = sandbox.compile_apart(inspected.digest, bytes.clone()).await.map_err(unfit)?;
    let prepared = sandbox.prepare(&compiled, &inspected.words(), &Grants::everything()).map_err(unfit)?;
    sandbox.try_out(Arc::new(prepared), nobody(inspected.digest)).await.map_err(unfit)?;
    Ok((Checked { inspected, bytes }, compiled))
}

/// Checks an upload and stores it as a plugin version. The same bytes again change nothing.
///
/// # Errors
/// [`PublishError`]; nothing was stored.
pub async fn publish(common: &Common, sandbox: &Arc<Sandbox>, bytes: Vec<u8>, by: &str) -> Result<Published, PublishError> {
    let Checked { inspected, bytes } = check(sandbox, bytes).await?;
    if common.plugin_version(&inspected.digest).await?.is_some() {
        return Ok(Published { inspected, already: true });
    }
    let mut tx = common.write(by, "published a plugin").await?;
    let version = PluginVersion {
        digest: inspected.digest,
        name: inspected.manifest.name.clone(),
        version: inspected.manifest.version.clone(),
        publisher: inspected.manifest.publisher.clone(),
        size: inspected.size as u64,
        uploaded_by: by.to_owned(),
        at: tx.now(),
        manifest: inspected.manifest_json.clone(),
    };
    match tx.add_plugin_version(&version, bytes).await {
        // Somebody else sent the same bytes at the same time.
        Err(StoreError::Exists { field: "digest", .. }) => return Ok(Published { inspected, already: true }),
        added => added?,
    }
    tx.commit().await?;
    Ok(Published { inspected, already: false })
}

/// A question about nobody: for starting a component once, without asking it anything.
fn nobody(component: Digest) -> Given {
    let context = Context::new(component, Grants::default(), Day::LAST);
    let snapshot = Snapshot::build(FamilyId(uuid::Uuid::nil()), 0, &[], &[]);
    Given {
        question: Question::Eligibility,
        context: Arc::new(context),
        snapshot: Arc::new(snapshot),
        matter: Arc::new(Matter::Record),
        claims: Vec::new(),
    }
}
