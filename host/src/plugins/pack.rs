//! Makes the one file that a plugin travels as: the component, the standard metadata sections, and the manifest.

use wasm_encoder::{ComponentSection, CustomSection};
use wasm_metadata::AddMetadataField::Set;
use wasm_metadata::{AddMetadata, Authors, Description, Licenses, Source, Version};
use wit_component::ComponentEncoder;

use super::Manifest;
use super::inspect::MANIFEST_SECTION;
use crate::record::Invalid;

/// Why a build cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum Unpackable {
    #[error("manifest.json: {0}")]
    Manifest(Invalid),
    #[error("{0}")]
    Component(String),
}

impl From<Invalid> for Unpackable {
    fn from(wrong: Invalid) -> Self {
        Self::Manifest(wrong)
    }
}

/// From a core module (with the world that `wit-bindgen` left in it) or a component, and the manifest's JSON.
///
/// # Errors
/// [`Unpackable`] where the manifest is not sound or the module is not a plugin's.
pub fn pack(built: &[u8], manifest_json: &[u8]) -> Result<Vec<u8>, Unpackable> {
    let manifest = Manifest::read(manifest_json)?;
    let wrong = |what: &'static str| move |e: anyhow::Error| Unpackable::Component(format!("{what}: {e:#}"));
    let component = if wasmparser::Parser::is_component(built) {
        built.to_vec()
    } else {
        let encoder = ComponentEncoder::default().validate(true).module(built).map_err(wrong("the module is not a plugin's"))?;
        let mut encoder = encoder;
        encoder.encode().map_err(wrong("the module does not become a component"))?
    };
    let mut metadata = AddMetadata::default();
    metadata.name = Set(manifest.name.clone());
    metadata.version = Set(Version::new(manifest.version.clone()));
    metadata.authors = Set(Authors::new(manifest.authors.clone()));
    metadata.description = Set(Description::new(manifest.purpose.en.clone()));
    metadata.licenses = Set(Licenses::new(&manifest.licence).map_err(|e| Invalid::new("licence", e.to_string()))?);
    metadata.source = Set(Source::new(&manifest.source).map_err(|e| Invalid::new("source", e.to_string()))?);
    let mut packed = metadata.to_wasm(&component).map_err(wrong("the metadata"))?;
    // Last, since stripping tools drop custom sections.
    CustomSection { name: MANIFEST_SECTION.into(), data: manifest_json.into() }.append_to_component(&mut packed);
    Ok(packed)
}
