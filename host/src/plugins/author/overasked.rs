//! What a plugin asks an authority for, and its source never imports. Rust leaves such imports out of the component by itself; the
//! other languages' components import whatever the world says.

use std::collections::BTreeSet;
use std::path::Path;

use super::names::snake;
use super::{Language, World};
use crate::plugins::build::NotBuilt;
use crate::sandbox::interface;

/// Folders that are not the author's source.
const NOT_SOURCE: [&str; 3] = ["kit", "wit", "scenarios"];

/// One line for each import that an authority has to grant and that no file of the source names. For a folder that was built.
///
/// # Errors
/// [`NotBuilt`]: a file cannot be read.
pub fn overasked(folder: &Path) -> Result<Vec<String>, NotBuilt> {
    let (language, ending) = match Language::found_in(folder)[..] {
        [Language::JavaScript] => (Language::JavaScript, "js"),
        [Language::Python] => (Language::Python, "py"),
        _ => return Ok(Vec::new()),
    };
    let file = |path: &Path, why: std::io::Error| NotBuilt::File { path: path.to_owned(), why: why.to_string() };
    let mut named = BTreeSet::new();
    source(folder, ending, &mut |text| named.extend(if language == Language::Python { python(text) } else { javascript(text) }))
        .map_err(|why| file(folder, why))?;
    let place = folder.join("world.wit");
    let lines = std::fs::read_to_string(&place).map_err(|why| file(&place, why))?;
    let world = World::read(folder)?;
    let mut told = Vec::new();
    for known in world.imports() {
        let whole = known.whole_name();
        let granted = interface(whole.split('@').next().unwrap_or_default()).is_some_and(|i| i.is_granted_by_the_authority());
        let name = match language {
            Language::Python => snake(known.name()),
            _ => format!("{}/{}", known.package(), known.name()),
        };
        // Not there: another import takes its types from it.
        let at = lines.lines().position(|line| line.trim_start().starts_with("import") && line.contains(&whole));
        if let Some(at) = at.filter(|_| granted && !named.contains(&name)) {
            told.push(format!("world.wit:{}: asks to import {whole}, and the source never does: ask for no more than is used", at + 1));
        }
    }
    Ok(told)
}

/// Every file of the source.
fn source(folder: &Path, ending: &str, each: &mut impl FnMut(&str)) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !NOT_SOURCE.contains(&name) && !name.starts_with('.') && name != "node_modules" {
            source(&path, ending, each)?;
        } else if path.is_file() && path.extension().is_some_and(|e| e == ending) {
            each(&std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// `family/education` of each `'./kit/family/education.js'`.
fn javascript(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let modules = code.flat_map(|line| line.split("kit/").skip(1)).filter_map(|after| after.split_once(".js"));
    modules.map(|(module, _)| module.to_owned()).collect()
}

/// `education` of each `from wit_world.imports import coverage, education` and `from wit_world.imports.education import …`.
fn python(text: &str) -> BTreeSet<String> {
    let code: Vec<_> = text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    let mut named = BTreeSet::new();
    for after in code.join("\n").split("wit_world.imports").skip(1) {
        let word = |text: &str| text.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
        if let Some(module) = after.strip_prefix('.') {
            named.insert(word(module));
        } else if let Some(list) = after.trim_start().strip_prefix("import") {
            let list = list.trim_start();
            let end = if list.starts_with('(') { ')' } else { '\n' };
            let list = list.trim_start_matches('(').split(end).next().unwrap_or_default();
            named.extend(list.split(',').map(word));
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_imports_is_found_however_it_is_written() {
        let python = python(
            "from wit_world.imports import coverage, education as school\n# from wit_world.imports import health\n\
             from wit_world.imports import (\n    household,\n    run,\n)\nfrom wit_world.imports.types import Window\nspans('finance')\n",
        );
        assert_eq!(
            python.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>(),
            ["coverage", "education", "household", "run", "types"]
        );
        let javascript = javascript(
            "import * as a from './kit/family/education.js';\n// './kit/family/health.js'\nexport * from \"../kit/platform/run.js\";\n",
        );
        assert_eq!(javascript.into_iter().collect::<Vec<_>>(), ["family/education", "platform/run"]);
    }
}
