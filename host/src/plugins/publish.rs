//! Upload: a file becomes a plugin version that authorities may adopt. It is read, compiled, linked with everything that
//! it asks for and started once, so that whatever is wrong with it is said now and not in the middle of a request.

use std::sync::Arc;

use super::install::manifest_of;
use super::scenarios::{self, Bench, Budget, Failed};
use super::{Inspected, Refused, inspect, settings_from};
use crate::record::signing::{Distrust, Signature, Stated, shape};
use crate::record::{Day, Digest, FamilyId, Snapshot};
use crate::sandbox::{Compiled, Context, Given, Grants, Matter, Question, Sandbox, Unfit};
use crate::store::{Common, CommonTx, PluginVersion, Source, StoreError};

/// Why an upload was refused.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{plugin}: {why}")]
    Unfit { plugin: String, why: Unfit },
    #[error("{plugin}: {why}")]
    Scenarios { plugin: String, why: Failed },
    /// Its signature, its key or its name.
    #[error("{plugin}: {why}")]
    Distrusted { plugin: String, why: Distrust },
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

/// What comes with the bytes.
#[derive(Debug, Default)]
pub struct Brought {
    pub signature: Option<Signature>,
    /// The registry's reference, and the digest of its manifest. None: it was sent as a file.
    pub from: Option<(String, String)>,
}

/// Checks an upload that nobody signed and stores it as a plugin version. The same bytes again change nothing.
///
/// # Errors
/// [`PublishError`]; nothing was stored.
pub async fn publish(common: &Common, sandbox: &Arc<Sandbox>, bytes: Vec<u8>, by: &str) -> Result<Published, PublishError> {
    publish_with(common, sandbox, bytes, Brought::default(), by).await
}

/// Checks an upload and stores it as a plugin version, with its signature. The same bytes again change nothing but for a signature that is new.
///
/// # Errors
/// [`PublishError`]; nothing was stored.
pub async fn publish_with(
    common: &Common,
    sandbox: &Arc<Sandbox>,
    bytes: Vec<u8>,
    brought: Brought,
    by: &str,
) -> Result<Published, PublishError> {
    let bytes = match &brought.signature {
        None => bytes,
        // Whoever is not believed is told before anything is compiled. What is asked here is asked again when it is kept.
        Some(signature) => {
            let (inspected, bytes) = sandbox.apart(move || inspect(&bytes).map(|inspected| (inspected, bytes))).await??;
            vet(&mut common.write(by, "looked at a signature").await?, &inspected, Some((signature, &bytes))).await?;
            bytes
        }
    };
    let Checked { inspected, bytes } = check(sandbox, bytes).await?;
    carries_from_what_there_is(common, &inspected).await?;
    let mut tx = common.write(by, "published a plugin").await?;
    vet(&mut tx, &inspected, brought.signature.as_ref().map(|s| (s, bytes.as_slice()))).await?;
    let already = match tx.add_plugin_version(&version(&inspected, &tx, by), bytes).await {
        Err(StoreError::Exists { field: "digest", .. }) => true,
        added => added.map(|()| false)?,
    };
    if let Some((reference, manifest)) = brought.from.filter(|_| !already) {
        let source = Source { reference, manifest, at: tx.now(), by: by.to_owned() };
        tx.add_plugin_source(&inspected.digest, &source).await?;
    }
    if let Some(signature) = &brought.signature {
        accept(&mut tx, &inspected, signature, by).await?;
    }
    tx.commit().await?;
    Ok(Published { inspected, already })
}

/// What the manifest says of older versions' settings is so of those that were uploaded.
async fn carries_from_what_there_is(common: &Common, inspected: &Inspected) -> Result<(), PublishError> {
    let newer = &inspected.manifest;
    if newer.settings_from.is_empty() {
        return Ok(());
    }
    for older in common.versions_named(&newer.name).await?.into_iter().filter(|v| v.publisher == newer.publisher) {
        settings_from::check_against(newer, &manifest_of(&older)?).map_err(Refused::Manifest)?;
    }
    Ok(())
}

/// A signature more for a version that is there: by another key of its publisher, or of one that nobody had signed.
///
/// # Errors
/// `NoSuch`, or [`PublishError::Distrusted`].
pub async fn sign_again(common: &Common, digest: &Digest, signature: &Signature, by: &str) -> Result<(), PublishError> {
    let bytes = common.plugin_bytes(digest).await?.ok_or_else(|| StoreError::NoSuch { what: "plugin", id: digest.to_string() })?;
    let (inspected, bytes) = tokio::task::spawn_blocking(move || inspect(&bytes).map(|inspected| (inspected, bytes)))
        .await
        .map_err(|e| StoreError::Damaged(e.to_string()))??;
    let mut tx = common.write(by, "signed a plugin").await?;
    vet(&mut tx, &inspected, Some((signature, &bytes))).await?;
    accept(&mut tx, &inspected, signature, by).await?;
    Ok(tx.commit().await?)
}

fn version(inspected: &Inspected, tx: &CommonTx, by: &str) -> PluginVersion {
    PluginVersion {
        digest: inspected.digest,
        name: inspected.manifest.name.clone(),
        version: inspected.manifest.version.clone(),
        publisher: inspected.manifest.publisher.clone(),
        size: inspected.size as u64,
        uploaded_by: by.to_owned(),
        at: tx.now(),
        manifest: inspected.manifest_json.clone(),
    }
}

/// May it come: is its signature believed, and is its name its publisher's?
async fn vet(tx: &mut CommonTx, inspected: &Inspected, signed: Option<(&Signature, &[u8])>) -> Result<(), PublishError> {
    let plugin = &inspected.manifest;
    let refused = |why| PublishError::Distrusted { plugin: plugin.name.clone(), why };
    let owner = tx.owner_of_name(&shape(&plugin.name)).await?;
    let Some((signature, bytes)) = signed else {
        let Some((publisher, first)) = owner else { return Ok(()) };
        let name = plugin.name.clone();
        let theirs = publisher == plugin.publisher && first == name;
        return Err(refused(if theirs { Distrust::Missing { name, publisher } } else { Distrust::Squats { name, publisher } }));
    };
    let key = tx.publisher_key(&signature.key).await?.ok_or_else(|| refused(Distrust::UnknownKey(signature.key.clone())))?.key;
    key.must_be_good(tx.now().day()).map_err(refused)?;
    key.key.check(signature, bytes).map_err(refused)?;
    let stated = Stated::read(&signature.comment).map_err(refused)?;
    stated.must_be(&plugin.name, &plugin.version, &inspected.digest).map_err(refused)?;
    if key.publisher != plugin.publisher {
        let says = plugin.publisher.clone();
        return Err(refused(Distrust::OtherPublisher { key: key.key.id, publisher: key.publisher, says }));
    }
    match owner {
        Some((publisher, _)) if publisher != key.publisher => Err(refused(Distrust::Squats { name: plugin.name.clone(), publisher })),
        _ => Ok(()),
    }
}

async fn accept(tx: &mut CommonTx, inspected: &Inspected, signature: &Signature, by: &str) -> Result<(), StoreError> {
    let plugin = &inspected.manifest;
    tx.take_name(&shape(&plugin.name), &plugin.name, &plugin.publisher).await?;
    tx.add_signature(&inspected.digest, signature, by).await
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
