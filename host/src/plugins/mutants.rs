//! The list of mistakes that a plugin's scenarios have to notice: `mutants.yaml` in the plugin's folder.
//!
//! ```yaml
//! - name: an offence on the first day of the window does not count
//!   file: src/crime.rs
//!   find: "offence.on >= window.first"
//!   replace: "offence.on > window.first"
//! ```

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::scenarios::NotRead;
use super::scenarios::Wrong;
use crate::record::Invalid;

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    pub name: String,
    /// Below the plugin's folder.
    pub file: PathBuf,
    /// Stands in the file exactly once.
    pub find: String,
    pub replace: String,
}

/// The file's name.
const FILE: &str = "mutants.yaml";

/// Reads the list, and checks that every mistake can be made.
///
/// # Errors
/// [`NotRead`] naming the entry.
pub fn read_mutants(folder: &Path) -> Result<Vec<Mutant>, NotRead> {
    let path = folder.join(FILE);
    let refused = |wrong: Wrong| NotRead { path: path.clone(), wrong };
    let text = std::fs::read_to_string(&path).map_err(|e| refused(Wrong::new("", e.to_string())))?;
    let mutants: Vec<Mutant> = super::scenarios::read_yaml(&text).map_err(refused)?;
    let mut names = BTreeSet::new();
    for (i, mutant) in mutants.iter().enumerate() {
        let at = |e: Invalid| refused(Wrong { line: None, wrong: e.within(&format!("[{i}]")) });
        if !names.insert(&mutant.name) {
            return Err(at(Invalid::new("name", format!("`{}` stands here twice", mutant.name))));
        }
        // Names and parents, and nothing that leads out of a copy.
        if !mutant.file.components().all(|c| matches!(c, Component::Normal(_))) {
            return Err(at(Invalid::new("file", "lies below the plugin's folder")));
        }
        let source = std::fs::read_to_string(folder.join(&mutant.file)).map_err(|e| at(Invalid::new("file", e.to_string())))?;
        mutant.applied(&source).map_err(at)?;
    }
    Ok(mutants)
}

impl Mutant {
    /// The source with the mistake in it.
    ///
    /// # Errors
    /// [`Invalid`] naming `find` where it does not stand in the file exactly once, `replace` where it changes nothing.
    pub fn applied(&self, source: &str) -> Result<String, Invalid> {
        match source.matches(&self.find).count() {
            _ if self.find == self.replace => Err(Invalid::new("replace", "is the same: no mistake")),
            1 => Ok(source.replacen(&self.find, &self.replace, 1)),
            n => Err(Invalid::new("find", format!("stands {n} times in {}, and has to stand there once", self.file.display()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Result<Vec<Mutant>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rules.py"), "if a < b: pass\nif b < a: pass\n").unwrap();
        std::fs::write(folder.path().join(FILE), list).unwrap();
        read_mutants(folder.path()).map_err(|e| e.wrong.to_string())
    }

    #[test]
    fn a_mistake_is_made_in_one_place() {
        let mutants = read("- { name: at most, file: rules.py, find: a < b, replace: a <= b }\n").unwrap();
        assert_eq!(mutants[0].applied("if a < b: pass\n").unwrap(), "if a <= b: pass\n");
    }

    #[test]
    fn a_mistake_that_cannot_be_made_names_its_field() {
        for (list, field) in [
            ("- { name: x, file: rules.py, find: a < c, replace: a }\n", "find"),
            ("- { name: x, file: rules.py, find: pass, replace: a }\n", "find"),
            ("- { name: x, file: rules.py, find: a < b, replace: a < b }\n", "replace"),
            ("- { name: x, file: other.py, find: a, replace: b }\n", "file"),
            ("- { name: x, file: ../rules.py, find: a, replace: b }\n", "file"),
            ("- { name: x, file: rules.py, find: a }\n", "replace"),
            ("- { name: x, file: rules.py, find: a < b, replace: a }\n- { name: x, file: rules.py, find: b < a, replace: a }\n", "name"),
        ] {
            assert!(read(list).expect_err(list).contains(&format!(".{field}: ")), "{list}: {:?}", read(list));
        }
    }
}
