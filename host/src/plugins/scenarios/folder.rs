//! The scenarios of a plugin's folder.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::node::Node;
use super::story::{self, Story};
use super::wrong::Wrong;

/// Where scenarios lie, below a plugin's folder.
pub const FOLDER: &str = "scenarios";

/// A file that was read.
#[derive(Debug, Clone)]
pub struct File {
    pub path: PathBuf,
    pub stories: Vec<Story>,
    /// As the manifest carries it.
    pub json: Value,
}

/// A file that could not be.
#[derive(Debug, thiserror::Error)]
#[error("{}:{wrong}", path.display())]
pub struct NotRead {
    pub path: PathBuf,
    pub wrong: Wrong,
}

/// Reads every `.yaml` file of the folder's `scenarios`, by name. A plugin without the folder has none.
///
/// # Errors
/// [`NotRead`]: the first file at fault, with its line.
pub fn read_folder(plugin: &Path) -> Result<Vec<File>, NotRead> {
    let folder = plugin.join(FOLDER);
    let unread = |path: &Path, why: String| NotRead { path: path.to_owned(), wrong: Wrong::new("", why) };
    let mut paths = Vec::new();
    match std::fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(|e| unread(&folder, e.to_string()))?.path();
                match path.extension().and_then(|e| e.to_str()) {
                    Some("yaml") => paths.push(path),
                    Some("yml") => return Err(unread(&path, "scenarios end in .yaml".into())),
                    _ => {}
                }
            }
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(unread(&folder, e.to_string())),
    }
    paths.sort();
    paths.into_iter().map(|path| read_file(&path)).collect()
}

/// The manifest with the folder's scenarios in it, as the plugin carries them. Without scenarios, as it was written.
///
/// # Errors
/// [`NotRead`]: a file at fault, or scenarios in the manifest itself.
pub fn packed_into(plugin: &Path, manifest_json: Vec<u8>) -> Result<Vec<u8>, NotRead> {
    let files = read_folder(plugin)?;
    let Ok(Value::Object(mut manifest)) = serde_json::from_slice(&manifest_json) else { return Ok(manifest_json) };
    if manifest.contains_key("scenarios") {
        let path = plugin.join("manifest.json");
        return Err(NotRead { path, wrong: Wrong::new("scenarios", "lie in files of their own, in the folder `scenarios`") });
    }
    if files.is_empty() {
        return Ok(manifest_json);
    }
    manifest.insert("scenarios".into(), files.into_iter().map(|f| f.json).collect());
    Ok(Value::Object(manifest).to_string().into_bytes())
}

fn read_file(path: &Path) -> Result<File, NotRead> {
    let unread = |wrong: Wrong| NotRead { path: path.to_owned(), wrong };
    let text = std::fs::read_to_string(path).map_err(|e| unread(Wrong::new("", e.to_string())))?;
    let node = Node::from_yaml(&text).map_err(|(line, why)| unread(Wrong { line: Some(line), ..Wrong::new("", why) }))?;
    let json = story::as_json(&node);
    let stories = story::stories(node).map_err(unread)?;
    Ok(File { path: path.to_owned(), stories, json })
}
