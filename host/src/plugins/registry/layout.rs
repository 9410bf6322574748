//! Manifests and configs, as the ecosystem writes them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::RegistryError;
use crate::plugins::Inspected;
use crate::record::{Digest, KnownAt};

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
pub(super) const WASM_LAYER: &str = "application/wasm";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(super) const SIGNATURE_LAYER: &str = "application/vnd.minisign.signature.v1";

/// What a manifest says of a blob.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub media_type: String,
    pub digest: String,
    pub size: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u32,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default)]
    subject: Option<Descriptor>,
}

impl Manifest {
    /// Registries give lists and images of other kinds under the same names.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RegistryError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| RegistryError::NoPlugin("is no image manifest"))?;
        if manifest.schema_version == 2 { Ok(manifest) } else { Err(RegistryError::NoPlugin("is a manifest of another version")) }
    }

    /// Its one layer.
    pub(super) fn only(&self, config: &str, layer: &str) -> Result<&Descriptor, RegistryError> {
        match &self.layers[..] {
            [one] if one.media_type == layer && self.config.media_type == config => Ok(one),
            _ => Err(RegistryError::NoPlugin("is not one WebAssembly component")),
        }
    }

    /// The signature in it, if it is one of this manifest.
    pub(super) fn signature_of(&self, digest: &Digest) -> Result<&Descriptor, RegistryError> {
        let of_it = self.subject.as_ref().is_some_and(|s| s.digest == digest.to_string());
        if of_it { self.only(EMPTY, SIGNATURE_LAYER) } else { Err(RegistryError::NoPlugin("as its signature belongs to another manifest")) }
    }

    /// The digest of the one layer of a manifest.
    pub(super) fn layer_of(bytes: &[u8]) -> Option<Digest> {
        Self::read(bytes).ok()?.only(WASM_CONFIG, WASM_LAYER).ok()?.digest.parse().ok()
    }
}

pub(super) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len() })
}

/// As `oci-wasm` writes it of a component.
pub(super) fn wasm_config(inspected: &Inspected, now: KnownAt) -> Vec<u8> {
    let names = |all: &[crate::plugins::inspect::Name]| {
        all.iter().map(|n| n.version.as_ref().map_or_else(|| n.name.clone(), |v| format!("{}@{v}", n.name))).collect::<Vec<_>>()
    };
    let config = json!({
        "created": now.to_string(),
        "author": inspected.manifest.authors,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [inspected.digest],
        "component": { "exports": names(&inspected.exports), "imports": names(&inspected.imports) },
    });
    config.to_string().into_bytes()
}

pub(super) fn manifest(config: &Value, layer: &Value, plugin: &crate::plugins::Manifest) -> Vec<u8> {
    let annotations = json!({
        "org.opencontainers.image.title": plugin.name,
        "org.opencontainers.image.version": plugin.version,
        "org.opencontainers.image.licenses": plugin.licence,
        "org.opencontainers.image.source": plugin.source,
    });
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer], "annotations": annotations });
    manifest.to_string().into_bytes()
}

pub(super) fn signature_manifest(layer: &Value, subject: &Value) -> Vec<u8> {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": SIGNATURE_LAYER,
        "config": descriptor(EMPTY, b"{}"), "layers": [layer], "subject": subject,
    });
    manifest.to_string().into_bytes()
}
