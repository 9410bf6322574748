//! Plugins in OCI registries, laid out as `wkg` and `oci-wasm` have it ([CNCF TAG Runtime's Wasm OCI artifact layout]): an image manifest
//! whose config is `application/vnd.wasm.config.v0+json` and whose one layer is the file, `application/wasm`. The signature is an artifact of
//! its own beside it, whose `subject` is the plugin's manifest, under the tag `sha256-….minisig` of that manifest's digest: so it is found in
//! registries that know of no referrers too.
//!
//! What a registry says is believed of nothing: the digests of manifest and layer are worked out here, sizes and times are bounded, and a tag
//! that is a version has to be the version of what lies under it. Everything goes through the one door out: no crate of the ecosystem's is
//! used for that, since its client looks names up, keeps connections and follows redirects by itself.
//!
//! [CNCF TAG Runtime's Wasm OCI artifact layout]: https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/

mod client;
mod layout;
mod reference;

use std::path::PathBuf;

use serde_json::json;

use self::client::Client;
use self::layout::{Manifest, SIGNATURE_LAYER, WASM_CONFIG, WASM_LAYER};
pub use self::reference::Reference;
use super::Inspected;
use super::inspect::LARGEST_COMPONENT;
use crate::egress::{self, Door};
use crate::record::signing::{Signature, Stated};
use crate::record::{Destination, Digest, KnownAt};

/// Bytes of a manifest, and of a signature.
const LARGEST_MANIFEST: u64 = 256 << 10;
const LARGEST_SIGNATURE: u64 = 4 << 10;

/// The registries that the operator named, and where credentials for them are.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    /// Where they send for tokens or blobs too.
    pub named: Vec<Destination>,
    /// A file with a line for each: the registry, a user's name, a password. It is read each time.
    pub credentials: Option<PathBuf>,
}

/// Why nothing was taken from a registry, or brought there.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("the reference {0}")]
    Reference(&'static str),
    #[error("{0} is not one of the registries that this host takes plugins from")]
    NotNamed(Destination),
    #[error(transparent)]
    Door(egress::Refused),
    #[error("the registry answered {what} with {status}")]
    Status { what: &'static str, status: u16 },
    #[error("the registry {host} lets nobody in who does not say who they are: name a file of credentials with a line for it")]
    Unknown { host: String },
    #[error(
        "the registry {host} does not let this name and password in, or not to this: the file of credentials has them in its line for it"
    )]
    NotLetIn { host: String },
    #[error(
        "the file of credentials has no name and password in its line for {host}: a line is the registry, a user's name and a password"
    )]
    NoPassword { host: String },
    #[error("the tag says {tag}, and the plugin's version is {version}")]
    OtherTag { tag: String, version: String },
    #[error("the registry has no {0}")]
    Missing(&'static str),
    #[error("the registry gave another {what} than it said: {why}")]
    Lies { what: &'static str, why: &'static str },
    #[error("what lies there {0}")]
    NoPlugin(&'static str),
    #[error("the tag says {tag}, and what lies under it is {version}: somebody put another version there")]
    Replays { tag: String, version: String },
    #[error("there is another file under this tag: a version that was published is never another")]
    Published,
    #[error("the file of credentials cannot be read")]
    Credentials,
}

impl From<egress::Refused> for RegistryError {
    fn from(refused: egress::Refused) -> Self {
        match refused {
            egress::Refused::NotOpened(to) => Self::NotNamed(to),
            other => Self::Door(other),
        }
    }
}

/// What was taken.
#[derive(Debug)]
pub struct Pulled {
    pub bytes: Vec<u8>,
    /// The .minisig, as it lay there. None: nobody put one beside it.
    pub signature: Option<String>,
    /// Of the registry's manifest.
    pub manifest: Digest,
}

/// Takes a plugin and its signature from a registry.
///
/// # Errors
/// [`RegistryError`].
pub async fn pull(door: &Door, registries: &Registries, reference: &Reference) -> Result<Pulled, RegistryError> {
    let mut client = Client::new(door, registries, reference)?;
    let bytes = client.manifest(reference.wanted()).await?.ok_or(RegistryError::Missing("manifest of this name"))?;
    let digest = Digest::of(&bytes);
    if reference.digest.is_some_and(|wanted| wanted != digest) {
        return Err(RegistryError::Lies { what: "manifest", why: "its digest is not the one that was asked for" });
    }
    let manifest = Manifest::read(&bytes)?;
    let layer = manifest.only(WASM_CONFIG, WASM_LAYER)?;
    if layer.size > LARGEST_COMPONENT as u64 {
        return Err(RegistryError::NoPlugin("is larger than a plugin may be"));
    }
    let component = client.blob(layer).await?;
    let signature = match client.manifest(&signature_tag(&digest)).await? {
        None => None,
        Some(bytes) => Some(client.signature(&Manifest::read(&bytes)?, &digest).await?),
    };
    Ok(Pulled { bytes: component, signature, manifest: digest })
}

/// Brings a plugin and its signature to a registry. Says the digest of its manifest.
///
/// # Errors
/// [`RegistryError`]; what was brought before it failed may lie there, and nothing refers to it.
pub async fn push(
    door: &Door,
    registries: &Registries,
    reference: &Reference,
    plugin: (&Inspected, Vec<u8>),
    signature: &Signature,
    now: KnownAt,
) -> Result<Digest, RegistryError> {
    let (inspected, bytes) = plugin;
    let version = &inspected.manifest.version;
    if let Some(tag) = reference.version().filter(|tag| tag != version) {
        return Err(RegistryError::OtherTag { tag: tag.to_owned(), version: version.clone() });
    }
    let config = layout::wasm_config(inspected, now);
    let (config_layer, layer) = (layout::descriptor(WASM_CONFIG, &config), layout::descriptor(WASM_LAYER, &bytes));
    let mut client = Client::new(door, registries, reference)?;
    // What lies there already stays as it is, and is signed.
    let manifest = match client.manifest(reference.wanted()).await? {
        None => layout::manifest(&config_layer, &layer, &inspected.manifest),
        Some(there) if Manifest::layer_of(&there) == Some(inspected.digest) => there,
        Some(_) => return Err(RegistryError::Published),
    };
    let digest = Digest::of(&manifest);
    for blob in [config, bytes, b"{}".to_vec(), signature.text.clone().into_bytes()] {
        client.put_blob(blob).await?;
    }
    // The signature first: whoever sees the version finds it signed.
    let subject = json!({ "mediaType": layout::MANIFEST, "digest": digest, "size": manifest.len() });
    let beside = layout::signature_manifest(&layout::descriptor(SIGNATURE_LAYER, signature.text.as_bytes()), &subject);
    client.put_manifest(&digest.to_string(), manifest.clone()).await?;
    client.put_manifest(&signature_tag(&digest), beside).await?;
    client.put_manifest(reference.wanted(), manifest).await?;
    Ok(digest)
}

/// Under which tag the signature of a manifest lies.
fn signature_tag(manifest: &Digest) -> String {
    format!("sha256-{}.minisig", manifest.hex())
}

impl Reference {
    /// A tag that is a version is the version of what lies under it, in the manifest and in the signature alike.
    ///
    /// # Errors
    /// [`RegistryError::Replays`].
    pub fn must_be(&self, version: &str, signed: Option<&Stated>) -> Result<(), RegistryError> {
        let Some(tag) = self.version() else { return Ok(()) };
        for says in [Some(version), signed.map(|s| s.version.as_str())].into_iter().flatten() {
            if says != tag {
                return Err(RegistryError::Replays { tag: tag.to_owned(), version: says.to_owned() });
            }
        }
        Ok(())
    }
}
