//! Reads an uploaded file without running or compiling anything: what it is, what it asks for, what it offers, what it
//! says about itself.

use std::sync::Arc;

use wasmparser::{Encoding, Parser, Payload};

use super::Manifest;
use super::fit::{Misfit, misfits};
use super::manifest;
use crate::record::{Digest, Invalid};
use crate::sandbox::admit;
use crate::sandbox::{
    ExtensionPoint, INTERFACE_VERSION, INTERFACES, Interface, Purpose, Unfit, Words, all_served, interface, served, wasi,
};

/// Bytes of a component. The largest toolchain of today, Python's, makes 18 MB.
pub const LARGEST_COMPONENT: usize = admit::LARGEST;
/// The section that holds the manifest.
pub const MANIFEST_SECTION: &str = "hearth:manifest";

/// A component that has been read: its manifest is sound, and fits what the file really imports and exports.
#[derive(Debug, Clone)]
pub struct Inspected {
    pub digest: Digest,
    pub size: usize,
    pub manifest: Manifest,
    /// The manifest's bytes as they stand in the file.
    pub manifest_json: String,
    pub imports: Vec<Name>,
    pub exports: Vec<Name>,
}

/// The name of an interface with its version: `hearth:family/education@1.0.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    pub version: Option<String>,
}

impl Name {
    fn parse(text: &str) -> Self {
        match text.split_once('@') {
            Some((name, version)) => Self { name: name.to_owned(), version: Some(version.to_owned()) },
            None => Self { name: text.to_owned(), version: None },
        }
    }
}

/// Why a file cannot be a plugin here.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the file has {bytes} bytes, and a plugin may have {LARGEST_COMPONENT}")]
    TooLarge { bytes: usize },
    #[error("the file is not WebAssembly (it does not begin with \\0asm)")]
    NotWasm,
    #[error("the file is a core WebAssembly module, not a component; `hearth plugin build` makes a component of it")]
    CoreModule,
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error("{0}")]
    TooBig(Unfit),
    #[error("the file has no manifest; `hearth plugin build` packs one")]
    NoManifest,
    #[error("the file has more than one section `{0}`; pack it from the unpacked build")]
    TwoSections(String),
    #[error("manifest: {0}")]
    Manifest(Invalid),
    #[error("the plugin imports `{name}`, {why}")]
    UnknownImport { name: String, why: String },
    #[error("the plugin exports `{name}` {version}, and this host asks {}", all_served())]
    OtherVersion { name: String, version: String },
    #[error("the plugin does not fit the interface: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Misfits(Vec<Misfit>),
    #[error("the manifest offers {offer}, and the component does not export {interface}@{INTERFACE_VERSION}")]
    NotExported { offer: &'static str, interface: &'static str },
    #[error("the component exports {0}, which the manifest does not offer")]
    NotDeclared(String),
}

/// # Errors
/// [`Refused`]: the first thing that is wrong, from the file as a whole to its manifest's last field.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, Refused> {
    if bytes.len() > LARGEST_COMPONENT {
        return Err(Refused::TooLarge { bytes: bytes.len() });
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(Refused::NotWasm);
    }
    admit::admit(bytes).map_err(|why| match why {
        Unfit::TooBig { .. } => Refused::TooBig(why),
        Unfit::Compile(why) => Refused::Damaged(why),
        other => Refused::Damaged(other.to_string()),
    })?;
    let outside = Outside::read(bytes)?;
    let manifest_json = outside.manifest.ok_or(Refused::NoManifest)?;
    if manifest_json.len() > manifest::LARGEST {
        return Err(Refused::Manifest(Invalid::new("", format!("is larger than {} bytes", manifest::LARGEST))));
    }
    let manifest = Manifest::read(manifest_json).map_err(Refused::Manifest)?;
    let inspected = Inspected {
        digest: Digest::of(bytes),
        size: bytes.len(),
        manifest,
        manifest_json: String::from_utf8_lossy(manifest_json).into_owned(),
        imports: outside.imports,
        exports: outside.exports,
    };
    inspected.check_imports()?;
    inspected.check_exports()?;
    let misfits = misfits(bytes).map_err(Refused::Damaged)?;
    if !misfits.is_empty() {
        return Err(Refused::Misfits(misfits));
    }
    Ok(inspected)
}

impl Inspected {
    /// What linking and checking need of it.
    #[must_use]
    pub fn words(&self) -> Words {
        self.manifest.words(self.imports.iter().map(|i| i.name.clone()).collect())
    }

    /// The WASI interfaces that it imports, which are answered with nothing.
    pub fn wasi(&self) -> impl Iterator<Item = &Name> {
        self.imports.iter().filter(|i| wasi::is_wasi(&i.name))
    }

    /// The interfaces that it imports and that grant something, in the order of the host's own list.
    pub fn asks(&self) -> impl Iterator<Item = &'static Interface> {
        asked(|name| self.imports.iter().any(|i| i.name == name))
    }

    fn check_imports(&self) -> Result<(), Refused> {
        for import in &self.imports {
            let refused = |why: String| Refused::UnknownImport { name: shown(import), why };
            if wasi::is_wasi(&import.name) {
                if wasi::answers(&import.name, import.version.as_deref()) {
                    continue;
                }
                return Err(refused("which nothing answers here; of WASI this host answers what wit/wasi.md lists, in release 0.2".into()));
            }
            if interface(&import.name).is_none() {
                return Err(refused(format!("which this host does not have; it lends the interfaces of hearth {}", all_served())));
            }
            if !is_served(import.version.as_deref()) {
                return Err(refused(format!("and this host lends {}: build against that release of wit/", all_served())));
            }
            let granted = interface(&import.name).is_some_and(Interface::is_granted_by_the_authority);
            if granted && !self.manifest.why.contains_key(&import.name) {
                return Err(Refused::Manifest(Invalid::new(
                    format!("why.{}", import.name),
                    "the component imports this: say why, for whoever has to grant it",
                )));
            }
        }
        for name in &self.manifest.optional {
            if !self.imports.iter().any(|i| i.name == *name) {
                return Err(Refused::Manifest(Invalid::new("optional", format!("`{name}` is not imported"))));
            }
        }
        Ok(())
    }

    fn check_exports(&self) -> Result<(), Refused> {
        for point in ExtensionPoint::ALL {
            let offered = self.manifest.offers.contains(&point);
            let exported = self.exports.iter().find(|e| e.name == point.interface());
            match exported {
                Some(export) if !is_served(export.version.as_deref()) => {
                    let (name, version) = (point.interface().to_owned(), export.version.clone().unwrap_or_default());
                    return Err(Refused::OtherVersion { name, version });
                }
                Some(_) if !offered => return Err(Refused::NotDeclared(point.code().into())),
                None if offered => return Err(Refused::NotExported { offer: point.code(), interface: point.interface() }),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Manifest {
    /// What linking and checking need of a component that imports these, by name without version.
    #[must_use]
    pub fn words(&self, imports: Vec<String>) -> Words {
        Words {
            imports: asked(|name| imports.iter().any(|i| i == name)).map(|i| i.name.to_owned()).collect(),
            optional: self.optional.clone(),
            offers: self.offers.clone(),
            vocabulary: Arc::new(self.vocabulary()),
        }
    }
}

/// Those interfaces of this host that are imported and grant something.
fn asked(imported: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static Interface> {
    INTERFACES.iter().filter(move |i| i.purpose != Purpose::Types && imported(i.name))
}

fn shown(import: &Name) -> String {
    let text = import.version.as_ref().map_or_else(|| import.name.clone(), |v| format!("{}@{v}", import.name));
    text.chars().filter(char::is_ascii_graphic).take(128).collect()
}

fn is_served(version: Option<&str>) -> bool {
    version.and_then(served).is_some()
}

/// What stands on the outermost level of the file.
struct Outside<'a> {
    imports: Vec<Name>,
    exports: Vec<Name>,
    manifest: Option<&'a [u8]>,
}

impl<'a> Outside<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut found = Self { imports: Vec::new(), exports: Vec::new(), manifest: None };
        let damaged = |e: wasmparser::BinaryReaderError| Refused::Damaged(e.to_string());
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(damaged)? {
                Payload::Version { encoding, .. } => {
                    if depth == 0 && encoding != Encoding::Component {
                        return Err(Refused::CoreModule);
                    }
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        found.imports.push(Name::parse(import.map_err(damaged)?.name.name));
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        found.exports.push(Name::parse(export.map_err(damaged)?.name.name));
                    }
                }
                Payload::CustomSection(section) if depth == 1 && section.name() == MANIFEST_SECTION => match found.manifest {
                    None => found.manifest = Some(section.data()),
                    Some(_) => return Err(Refused::TwoSections(MANIFEST_SECTION.into())),
                },
                _ => {}
            }
        }
        Ok(found)
    }
}
