//! Does a component fit the release of the interface that this host lends? Said function by function, in the author's
//! words, before anything is compiled: a linker's own words name only the first misfit, and read as if something had not
//! been granted.

use std::fmt::Write;
use std::sync::LazyLock;

use wit_component::DecodedWasm;
use wit_parser::{Function, Interface, Resolve, SourceMap, Type, TypeDefKind, UnresolvedPackageGroup, WorldItem, WorldKey};

use super::author;
use crate::sandbox::{INTERFACE_VERSION, SERVED, served, wasi};

/// The interface of this host.
pub(super) static OURS: LazyLock<Resolve> = LazyLock::new(|| read(author::interface()));

/// The releases of earlier major ones that are served beside it, as they were frozen.
static EARLIER: LazyLock<Vec<(&str, Resolve)>> = LazyLock::new(|| {
    let frozen = |served| author::release(served).unwrap_or_else(|| panic!("wit/frozen has no {served}"));
    SERVED.into_iter().filter(|s| *s != INTERFACE_VERSION).map(|s| (s, read(frozen(s).iter().copied()))).collect()
});

/// Packages of WIT by folder, with what they take from each other.
fn read(files: impl Iterator<Item = (&'static str, &'static str)>) -> Resolve {
    let mut packages: Vec<(&str, SourceMap)> = Vec::new();
    for (path, text) in files {
        let package = path.split('/').next().unwrap_or_default();
        match packages.iter_mut().find(|(name, _)| *name == package) {
            Some((_, sources)) => sources.push_str(path, text),
            None => {
                let mut sources = SourceMap::default();
                sources.push_str(path, text);
                packages.push((package, sources));
            }
        }
    }
    let parsed = packages.into_iter().map(|(_, sources)| sources.parse().map_err(|(sources, e)| e.render(&sources)));
    let mut groups: Vec<UnresolvedPackageGroup> =
        parsed.collect::<Result<_, String>>().unwrap_or_else(|e| panic!("wit/ does not parse: {e}"));
    let mut resolve = Resolve::default();
    if let Some(main) = groups.pop() {
        // It finds the order itself, from what each package uses.
        resolve.push_groups(main, groups).unwrap_or_else(|e| panic!("wit/ does not resolve: {e}"));
    }
    resolve
}

/// What this host has of an interface in the release that serves `version`, without a version in `bare`.
fn ours(bare: &str, version: &str) -> Option<(&'static Resolve, &'static Interface)> {
    let release = served(version)?;
    let resolve = EARLIER.iter().find(|(earlier, _)| *earlier == release).map_or_else(|| &*OURS, |(_, resolve)| resolve);
    let found = resolve.interfaces.iter().find(|(id, _)| resolve.id_of(*id).is_some_and(|id| id.split('@').next() == Some(bare)))?;
    Some((resolve, found.1))
}

/// A function of a component that this host's release does not have, or not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// With the version that the component names: `hearth:family/education@1.0.0`.
    pub interface: String,
    pub function: String,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It calls what this host does not lend: a later release, most likely.
    NotLent,
    /// It does not export what this host asks.
    NotExported,
    /// Its arguments or its answer are other ones.
    OtherShape,
}

impl Misfit {
    /// The release by which it was looked at.
    fn release(&self) -> &'static str {
        self.interface.split_once('@').and_then(|(_, version)| served(version)).unwrap_or(INTERFACE_VERSION)
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { interface, function, how } = self;
        match how {
            How::NotLent => write!(
                f,
                "it calls `{function}` of {interface}, which release {} of this host does not have: build against \
                 {0}, or ask for a newer host",
                self.release()
            ),
            How::NotExported => write!(
                f,
                "its {interface} has no `{function}`, which every plugin that offers it answers in release {}: export it",
                self.release()
            ),
            How::OtherShape => write!(
                f,
                "`{function}` of {interface} has other arguments or another answer than in release {}: build against the \
                 interface as it was released, unchanged",
                self.release()
            ),
        }
    }
}

/// Everything of a component's hearth interfaces that this host cannot meet. Interfaces that the host does not know at all,
/// and versions that it does not speak, are found before.
///
/// # Errors
/// The bytes are no component that can be read.
pub fn misfits(component: &[u8]) -> Result<Vec<Misfit>, String> {
    // It validates first, and then takes for granted what a compiler's output has: a valid component with an interface that names
    // the type of a function makes wit-parser 0.254 panic.
    let decoded = std::panic::catch_unwind(|| wit_component::decode(component))
        .map_err(|_| "its types cannot be read".to_owned())?
        .map_err(|e| format!("{e:#}"))?;
    let DecodedWasm::Component(theirs, world) = decoded else { return Err("it is a package of WIT, not a component".to_owned()) };
    let world = &theirs.worlds[world];
    let mut found = Vec::new();
    for (name, interface, (release, ours)) in known(&theirs, world.imports.iter()) {
        for (function, signature) in &interface.functions {
            let how = match ours.functions.get(function) {
                None => How::NotLent,
                Some(released) if shape(release, released) != shape(&theirs, signature) => How::OtherShape,
                Some(_) => continue,
            };
            found.push(Misfit { interface: name.clone(), function: function.clone(), how });
        }
    }
    for (name, interface, (release, ours)) in known(&theirs, world.exports.iter()) {
        for (function, released) in &ours.functions {
            let how = match interface.functions.get(function) {
                None => How::NotExported,
                Some(signature) if shape(release, released) != shape(&theirs, signature) => How::OtherShape,
                Some(_) => continue,
            };
            found.push(Misfit { interface: name.clone(), function: function.clone(), how });
        }
    }
    Ok(found)
}

/// The interfaces of a world that this host has too: the name with the component's version, theirs, ours.
fn known<'a>(
    theirs: &'a Resolve,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> impl Iterator<Item = (String, &'a Interface, (&'static Resolve, &'static Interface))> {
    items.filter_map(|(_, item)| {
        let WorldItem::Interface { id, .. } = item else { return None };
        let name = theirs.id_of(*id)?;
        let (bare, version) = name.split_once('@')?;
        if wasi::is_wasi(bare) {
            return None;
        }
        let ours = ours(bare, version)?;
        Some((name, &theirs.interfaces[*id], ours))
    })
}

/// A function's type written out, names of types left away: what the component model compares. Parameters may be renamed.
fn shape(resolve: &Resolve, function: &Function) -> String {
    let mut text = String::new();
    for parameter in &function.params {
        write_type(resolve, &parameter.ty, &mut text);
        text.push(',');
    }
    text.push_str("->");
    if let Some(result) = &function.result {
        write_type(resolve, result, &mut text);
    }
    text
}

fn write_type(resolve: &Resolve, of: &Type, text: &mut String) {
    let Type::Id(id) = of else {
        let _ = write!(text, "{of:?}");
        return;
    };
    match &resolve.types[*id].kind {
        TypeDefKind::Type(alias) => write_type(resolve, alias, text),
        TypeDefKind::Record(record) => {
            text.push('{');
            for field in &record.fields {
                let _ = write!(text, "{}:", field.name);
                write_type(resolve, &field.ty, text);
                text.push(',');
            }
            text.push('}');
        }
        TypeDefKind::Variant(variant) => {
            text.push('[');
            for case in &variant.cases {
                let _ = write!(text, "{}:", case.name);
                if let Some(of) = &case.ty {
                    write_type(resolve, of, text);
                }
                text.push('|');
            }
            text.push(']');
        }
        TypeDefKind::Enum(names) => {
            let _ = write!(text, "enum{:?}", names.cases.iter().map(|c| &c.name).collect::<Vec<_>>());
        }
        TypeDefKind::Tuple(tuple) => {
            text.push('(');
            for of in &tuple.types {
                write_type(resolve, of, text);
                text.push(',');
            }
            text.push(')');
        }
        TypeDefKind::Option(of) => {
            text.push('?');
            write_type(resolve, of, text);
        }
        TypeDefKind::List(of) => {
            text.push('*');
            write_type(resolve, of, text);
        }
        TypeDefKind::Result(result) => {
            text.push_str("result<");
            for of in [&result.ok, &result.err] {
                if let Some(of) = of {
                    write_type(resolve, of, text);
                }
                text.push(',');
            }
            text.push('>');
        }
        // The interface has none of the others; a component that does has another shape.
        other => {
            let _ = write!(text, "{other:?}");
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_interface_is_read_whole() {
        let names: Vec<String> = OURS.interfaces.iter().filter_map(|(id, _)| OURS.id_of(id)).collect();
        for interface in crate::sandbox::INTERFACES {
            let whole = format!("{}@{INTERFACE_VERSION}", interface.name);
            assert!(names.contains(&whole), "{whole} is not in wit/");
        }
    }

    /// A component whose world imports and exports these interfaces, of WIT that was edited. It starts, and traps in whatever it is asked.
    pub(crate) fn component(edit: impl Fn(&str) -> String, world: &str) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let mut groups = Vec::new();
        let mut packages: Vec<(&str, SourceMap)> = Vec::new();
        for (path, text) in author::interface() {
            let package = path.split('/').next().unwrap();
            if packages.last().is_none_or(|(name, _)| *name != package) {
                packages.push((package, SourceMap::default()));
            }
            packages.last_mut().unwrap().1.push_str(path, edit(text));
        }
        groups.extend(packages.into_iter().map(|(_, sources)| sources.parse().map_err(|_| "edited").unwrap()));
        let main = UnresolvedPackageGroup::parse("world.wit", &format!("package a:test;\nworld plugin {{ {world} }}")).unwrap();
        let package = resolve.push_groups(main, groups).unwrap();
        let world = resolve.select_world(&[package], Some("plugin")).unwrap();
        let mut module = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
        wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8).unwrap();
        wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
    }

    const WORLD: &str = "import hearth:family/education@0.0.0; import hearth:platform/run@0.0.0; export hearth:outcomes/rules@0.0.0;";

    fn found(edit: impl Fn(&str) -> String) -> Vec<(String, How)> {
        let world = WORLD.replace("0.0.0", INTERFACE_VERSION);
        misfits(&component(edit, &world)).unwrap().into_iter().map(|m| (m.function, m.how)).collect()
    }

    #[test]
    fn a_valid_component_that_cannot_be_read_is_refused() {
        let bytes = wat::parse_str(r#"(component (import "a:b/c" (instance (type $f (func)) (export "f" (type (eq $f))))))"#).unwrap();
        assert_eq!(misfits(&bytes).unwrap_err(), "its types cannot be read");
    }

    #[test]
    fn what_was_released_fits_and_each_misfit_is_named() {
        assert_eq!(found(str::to_owned), []);
        let renamed = |text: &str| text.replace("attendances: func(window: window)", "attendances: func(when: window)");
        assert_eq!(found(renamed), [], "a renamed parameter links");
        let field = |text: &str| text.replace("possible: u16,", "possible: u16, late: u16,");
        assert_eq!(found(field), [("attendances".to_owned(), How::OtherShape)]);
        let later = |text: &str| {
            text.replace("exclusions: func(window", "exclusions-lifted: func(window: window) -> u32;\n  exclusions: func(window")
        };
        assert_eq!(found(later), [("exclusions-lifted".to_owned(), How::NotLent)]);
        let missing = |text: &str| text.replace("  progress: func() -> result<code, failure>;\n", "");
        assert_eq!(found(missing), [("progress".to_owned(), How::NotExported)]);
    }
}
