//! What is personal in the demonstration: everything by which somebody of its files could be known.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// Columns of an agency's extract that say who is meant, by a part of their title.
const TELLING: [&str; 9] = ["name", "birth", "dob", "nino", "upn", "nhs", "postcode", "address", "uprn"];
/// Fields of a family's file, wherever they stand.
const FIELDS: [&str; 10] = ["given", "family", "born", "value", "lines", "postcode", "uprn", "text", "reference", "note"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/demo")
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

/// Names, birth dates, numbers, addresses, references and notes, each as it is written and without its blanks.
///
/// # Errors
/// The demonstration's files are not as they were.
pub fn personal() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for path in files(&folder().join("families"))? {
        telling(&serde_json::from_slice(&fs::read(&path)?)?, false, &mut found);
    }
    for path in files(&folder().join("extracts"))? {
        let text = fs::read_to_string(&path)?;
        let mut lines = text.lines();
        let titles: Vec<String> = lines.next().unwrap_or_default().split(',').map(str::to_lowercase).collect();
        for line in lines {
            let cells = titles.iter().zip(line.split(','));
            found.extend(
                cells.filter(|(t, _)| TELLING.iter().any(|part| t.contains(part))).map(|(_, cell)| cell.trim_matches('"').to_owned()),
            );
        }
    }
    let close: Vec<String> = found.iter().map(|value| value.replace(' ', "")).collect();
    found.extend(close);
    // A town, and what is too short to be anybody's.
    found.retain(|value| value.len() > 2 && !["Bristol", "Leeds"].contains(&value.as_str()));
    Ok(found)
}

fn telling(value: &Value, within: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| telling(value, FIELDS.contains(&name.as_str()), found)),
        Value::Array(items) => items.iter().for_each(|item| telling(item, within, found)),
        Value::String(text) if within => drop(found.insert(text.clone())),
        _ => {}
    }
}

/// Those of them that stand in a text as words of their own.
#[must_use]
pub fn told<'a>(text: &str, personal: &'a BTreeSet<String>) -> Vec<&'a str> {
    let stands = |value: &&String| {
        text.match_indices(value.as_str()).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + value.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    };
    personal.iter().filter(stands).map(String::as_str).collect()
}
