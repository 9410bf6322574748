//! Writes what an author's folder is supplied with: `wit/` (the interface) and `kit/` (helpers, guards, types). Both are the
//! program's own, written anew by each build and kept out of version control.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::embedded::{kit, put};
use super::{Language, Tools, World, declared, guard, typescript, world};
use crate::plugins::Manifest;
use crate::plugins::build::NotBuilt;

/// Stands in each folder that `hearth plugin build` writes and clears.
pub const OURS: &str = ".written-by-hearth";
/// Packages and locks that only the tools folder needs.
const FOR_TOOLS: [&str; 3] = ["package.json", "package-lock.json", "requirements.txt"];

/// Brings `wit/` and `kit/` up to date with this program and the author's `world.wit` and `manifest.json`.
///
/// # Errors
/// [`NotBuilt`]: the world cannot be read, or the folders hold somebody's own files.
pub(in crate::plugins) fn supply(folder: &Path, language: Language, manifest: &Manifest) -> Result<(), NotBuilt> {
    let mut wit = world::files(folder)?;
    write(&folder.join("wit"), &wit)?;
    let world = World::read(folder)?;
    if language != Language::Rust {
        wit.insert("guarded.wit".into(), world.guarded());
        write(&folder.join("wit"), &wit)?;
    }
    let mut files: BTreeMap<String, String> = fixed(language).map(|(path, text)| (path, text.to_owned())).collect();
    files.extend(guard::files(language, &world));
    files.extend(declared::files(language, manifest, &world));
    if language == Language::JavaScript {
        files.extend(typescript::files(&world));
        // JavaScript names what it imports with the version, which our own files leave to the interface that is there.
        for name in world::ALWAYS {
            let versioned = format!("'{}'", world.versioned(name));
            files.values_mut().for_each(|text| *text = text.replace(&format!("'{name}'"), &versioned));
        }
    }
    write(&folder.join("kit"), &files)?;
    if language == Language::Python { stubs(folder) } else { Ok(()) }
}

/// The kit's own files, wherever the plugin.
fn fixed(language: Language) -> impl Iterator<Item = (String, &'static str)> {
    let own = kit(language.name()).filter(|(path, _)| !FOR_TOOLS.contains(path)).map(|(path, text)| (path.to_owned(), text));
    let crate_source = kit("src").filter(move |_| language == Language::Rust).map(|(path, text)| (format!("src/{path}"), text));
    own.chain(crate_source)
}

/// Stubs of the interface for Python's editors, below `kit/stubs`: the compiler writes its own.
fn stubs(folder: &Path) -> Result<(), NotBuilt> {
    let place = folder.join("kit/stubs");
    let file = |e: std::io::Error| NotBuilt::File { path: place.clone(), why: e.to_string() };
    // The tool writes into no folder that is there.
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(file)?;
    }
    let mut command = Tools::find(Language::Python)?.command();
    command.current_dir(folder).args(["--quiet", "--wit-path", "wit", "--world", world::GUARDED, "bindings", "kit/stubs"]);
    let output = command.output().map_err(file)?;
    if output.status.success() { Ok(()) } else { Err(NotBuilt::Source(String::from_utf8_lossy(&output.stderr).trim().to_owned())) }
}

/// Makes the folder hold these files and no others.
fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), NotBuilt> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |why: std::io::Error| NotBuilt::File { path, why: why.to_string() }
    };
    let there = if folder.exists() { listed(folder).map_err(file(folder))? } else { Vec::new() };
    let ours = folder.join(OURS);
    if !there.is_empty() && !ours.exists() {
        return Err(NotBuilt::NotOurs(folder.to_owned()));
    }
    put(&ours, "").map_err(file(&ours))?;
    for old in there.into_iter().filter(|path| *path != ours) {
        let name = old.strip_prefix(folder).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
        if !name.is_some_and(|name| files.contains_key(&name)) {
            std::fs::remove_file(&old).map_err(file(&old))?;
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        put(&path, text).map_err(file(&path))?;
    }
    Ok(())
}

/// Every file below a folder.
fn listed(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(listed(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
