//! `hearth plugin new`: a folder with a small real rule that builds at once, from `plugins/kit/templates`. Of several extension
//! points each keeps a source file of its own, and what they share is joined.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Language;
use super::embedded::{kit, kit_file, put};
use crate::plugins::Manifest;
use crate::record::ids::is_slug;
use crate::record::{Both, Invalid};
use crate::sandbox::ExtensionPoint;

/// Why no plugin was begun.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error("`{0}` is not a plugin's name (2 to 64 small letters, digits and hyphens)")]
    Name(String),
    #[error("`{0}` is not an extension point (there are assessment, outcomes, pathway, commissioning)")]
    Offer(String),
    #[error("`{0}` stands twice among what is offered")]
    Twice(&'static str),
    #[error("{}: is there already", .0.display())]
    Exists(PathBuf),
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: std::io::Error },
    #[error("the templates do not go together: {0}")]
    Template(#[from] Invalid),
}

/// What the templates are called until they have a name.
const NAMELESS: &str = "first-plugin";
/// Where the README has what each extension point's template says of itself.
const RULES: &str = "{rules}";
/// The line of the crate's `lib.rs` that names the modules.
const MODULES: &str = "mod outcomes;\n";

/// Writes the plugin's files. The folder must not be there.
///
/// # Errors
/// [`NotBegun`]; of an error while writing, what was written stays.
pub fn begin(folder: &Path, name: &str, language: Language, offers: &[String]) -> Result<(), NotBegun> {
    if !is_slug(name) {
        return Err(NotBegun::Name(name.to_owned()));
    }
    let points = offers.iter().map(|offer| ExtensionPoint::from_code(offer).ok_or_else(|| NotBegun::Offer(offer.clone())));
    let points: Vec<_> = points.collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = points.iter().find(|point| !seen.insert(**point)) {
        return Err(NotBegun::Twice(twice.code()));
    }
    if folder.exists() {
        return Err(NotBegun::Exists(folder.to_owned()));
    }
    for (path, text) in files(language, &points)? {
        let file = folder.join(path);
        put(&file, &text.replace(NAMELESS, name)).map_err(|why| NotBegun::File { path: file, why })?;
    }
    Ok(())
}

/// Each file of the folder, and its text.
fn files(language: Language, points: &[ExtensionPoint]) -> Result<Vec<(String, String)>, NotBegun> {
    let text = |point: ExtensionPoint, file: &str| kit_file(&format!("templates/{}/{file}", point.code()));
    let rules: Vec<_> = points.iter().map(|point| text(*point, "README.md")).collect();
    let mut files = vec![("README.md".to_owned(), kit_file("templates/README.md").replace(RULES, rules.join("\n").trim_end()))];
    for (path, text) in kit(&format!("templates/{}", language.name())) {
        files.push((path.to_owned(), text.replace(MODULES, &modules(points))));
    }
    for point in points {
        let own = format!("templates/{}", point.code());
        files.extend(kit(&format!("{own}/scenarios")).map(|(path, text)| (format!("scenarios/{path}"), text.to_owned())));
        for (path, text) in kit(&format!("{own}/{}", language.name())) {
            let path = if points.len() > 1 { path.replace("plugin.", &format!("{}.", point.code())) } else { path.to_owned() };
            files.push((path, text.to_owned()));
        }
    }
    if let [one] = points {
        files.extend(["world.wit", "manifest.json"].map(|file| (file.to_owned(), text(*one, file).to_owned())));
    } else {
        files.push(("world.wit".into(), world(points)));
        files.push(("manifest.json".into(), manifest(points)?));
        files.extend(entry(language, points));
    }
    Ok(files)
}

fn modules(points: &[ExtensionPoint]) -> String {
    points.iter().map(|point| format!("mod {};\n", point.code())).collect()
}

/// The file that the author's functions are looked for in, where each extension point has a file of its own. A crate has its
/// modules for that.
fn entry(language: Language, points: &[ExtensionPoint]) -> Option<(String, String)> {
    let (says, line): (_, fn(&str, &str) -> String) = match language {
        Language::Rust => return None,
        Language::JavaScript => {
            ("// Each extension point has a file; the names are those of the interfaces that world.wit exports.\n", |file, name| {
                format!("export * as {name} from './{file}.js';\n")
            })
        }
        Language::Python => (
            "\"\"\"Each extension point has a file; the names are those of the interfaces that world.wit exports.\"\"\"\n\n",
            |file, name| format!("import {file} as {name}\n"),
        ),
    };
    let mut text = says.to_owned();
    for point in points {
        let name = point.interface().rsplit('/').next().unwrap_or_default();
        text += &line(point.code(), name);
    }
    Some((language.source().to_owned(), text))
}

/// A world with every import and export of the templates'.
fn world(points: &[ExtensionPoint]) -> String {
    let lines = |kind: &str| -> BTreeSet<&str> {
        let worlds = points.iter().map(|point| kit_file(&format!("templates/{}/world.wit", point.code())));
        worlds.flat_map(str::lines).filter(|line| line.trim_start().starts_with(kind)).collect()
    };
    let mut text = String::from(
        "package local:plugin;\n\n/// Each import is a permission that an authority is asked for; `manifest.json` says why.\nworld plugin {\n",
    );
    // Writing to a string cannot fail.
    lines("import ").iter().for_each(|line| _ = writeln!(text, "{line}"));
    text.push('\n');
    lines("export ").iter().for_each(|line| _ = writeln!(text, "{line}"));
    text + "}\n"
}

/// One manifest that says what each template's says.
fn manifest(points: &[ExtensionPoint]) -> Result<String, NotBegun> {
    let read = |point: &ExtensionPoint| Manifest::read(kit_file(&format!("templates/{}/manifest.json", point.code())).as_bytes());
    let mut parts = points.iter().map(read).collect::<Result<Vec<_>, _>>()?.into_iter();
    let mut whole = parts.next().ok_or_else(|| Invalid::new("offers", "names no extension point"))?;
    for part in parts {
        whole.title = both(&whole.title, &part.title, ", ");
        whole.purpose = both(&whole.purpose, &part.purpose, " ");
        whole.offers.extend(part.offers);
        whole.why.extend(part.why);
        whole.names.extend(part.names);
        whole.framework.extend(part.framework);
        whole.templates.extend(part.templates);
        whole.forms.extend(part.forms);
        let (into, from) = ("/properties", part.settings.get("properties").and_then(serde_json::Value::as_object));
        if let (Some(into), Some(from)) = (whole.settings.pointer_mut(into).and_then(serde_json::Value::as_object_mut), from) {
            into.extend(from.clone());
        }
    }
    let text = serde_json::to_string_pretty(&whole).map_err(|e| Invalid::new("", e.to_string()))?;
    // Together they may clash where each alone is sound.
    Manifest::read(text.as_bytes())?;
    Ok(text + "\n")
}

fn both(one: &Both, other: &Both, between: &str) -> Both {
    Both { en: format!("{}{between}{}", one.en, other.en), cy: format!("{}{between}{}", one.cy, other.cy) }
}
