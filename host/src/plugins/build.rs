//! `hearth plugin build`: from an author's folder to the one file, with the ordinary Rust toolchain.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::pack::{Unpackable, pack};

/// Why a plugin's folder does not become a plugin.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error("cargo is not there: install Rust with rustup, then `rustup target add wasm32-unknown-unknown`")]
    NoCargo,
    #[error("cargo could not build the plugin; what it said stands above")]
    Cargo,
    #[error("cargo built no .wasm: the crate needs `crate-type = [\"cdylib\"]`")]
    NoModule,
    #[error(transparent)]
    Pack(#[from] Unpackable),
}

/// Builds the crate in `folder` for `wasm32-unknown-unknown` (no WASI at all) and packs it with its `manifest.json`.
///
/// # Errors
/// [`NotBuilt`]; what cargo itself says goes to standard error.
pub fn build(folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let manifest = folder.join("manifest.json");
    let manifest_json = read(&manifest)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--target", "wasm32-unknown-unknown", "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        // The host's own build has its target folder; a plugin's is beside it.
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|_| NotBuilt::NoCargo)?;
    if !output.status.success() {
        return Err(NotBuilt::Cargo);
    }
    let module = String::from_utf8_lossy(&output.stdout).lines().rev().find_map(built_module).ok_or(NotBuilt::NoModule)?;
    Ok(pack(&read(&module)?, &manifest_json)?)
}

/// The `.wasm` file of one of cargo's messages.
fn built_module(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let files = message.get("filenames")?.as_array()?;
    files.iter().filter_map(serde_json::Value::as_str).find(|f| f.ends_with(".wasm")).map(PathBuf::from)
}

fn read(path: &Path) -> Result<Vec<u8>, NotBuilt> {
    std::fs::read(path).map_err(|e| NotBuilt::File { path: path.to_owned(), why: e.to_string() })
}
