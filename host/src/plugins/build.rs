//! `hearth plugin build`: from an author's folder to the one file. The folder holds `manifest.json`, `world.wit` and the source;
//! this program supplies the interface (`wit/`), helpers and guards (`kit/`), and each language's own tool compiles.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Manifest;
use super::author::{self, Language, NoTools, NotAWorld, Tools};
use super::pack::{Unpackable, pack};
use super::scenarios::{NotRead, packed_into};

/// Why a plugin's folder does not become a plugin.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error("{}: there is no Cargo.toml, plugin.js or plugin.py, so no plugin", .0.display())]
    NoSource(PathBuf),
    #[error("{}: has {} and {}; a plugin is written in one language", .0.display(), .1.source(), .2.source())]
    TwoLanguages(PathBuf, Language, Language),
    #[error(transparent)]
    World(#[from] NotAWorld),
    #[error("{}: has files that `hearth plugin build` did not write, and this folder is its own; move them", .0.display())]
    NotOurs(PathBuf),
    #[error(transparent)]
    Tools(#[from] NoTools),
    #[error("cargo is not there: install Rust with rustup, then `rustup target add wasm32-unknown-unknown`")]
    NoCargo,
    #[error("cargo could not build the plugin; what it said stands above")]
    Cargo,
    #[error("cargo built no .wasm: the crate needs `crate-type = [\"cdylib\"]`")]
    NoModule,
    #[error("{0}")]
    Source(String),
    #[error(transparent)]
    Pack(#[from] Unpackable),
    #[error(transparent)]
    Scenarios(#[from] NotRead),
}

/// Builds the plugin in `folder`, without any import of WASI, and packs it with its `manifest.json` and the forms and scenarios
/// beside it.
///
/// # Errors
/// [`NotBuilt`]; what cargo itself says goes to standard error.
pub fn build(folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let manifest_json = packed_into(folder, with_forms(read(&folder.join("manifest.json"))?, folder)?)?;
    let manifest = Manifest::read(&manifest_json).map_err(Unpackable::Manifest)?;
    let language = match Language::found_in(folder)[..] {
        [one] => one,
        [] => return Err(NotBuilt::NoSource(folder.to_owned())),
        [one, other, ..] => return Err(NotBuilt::TwoLanguages(folder.to_owned(), one, other)),
    };
    // A crate may keep its interface elsewhere, as those of Hearth's own tree do.
    if language != Language::Rust || folder.join("world.wit").exists() {
        author::supply(folder, language, &manifest)?;
    }
    let built = match language {
        Language::Rust => rust(folder)?,
        Language::JavaScript => javascript(folder)?,
        Language::Python => python(folder)?,
    };
    Ok(pack(&built, &manifest_json)?)
}

/// The manifest, with the folder's `forms/*.json` after the forms that stand in it, by file name. Forms are long: each has a file.
fn with_forms(manifest: Vec<u8>, folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let Ok(entries) = std::fs::read_dir(folder.join("forms")) else { return Ok(manifest) };
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let mut document: Value = json(&folder.join("manifest.json"), &manifest)?;
    let forms = files.iter().map(|file| json(file, &read(file)?)).collect::<Result<Vec<_>, _>>()?;
    let declared = document.as_object_mut().and_then(|m| m.entry("forms").or_insert_with(|| Value::Array(Vec::new())).as_array_mut());
    if let Some(declared) = declared {
        declared.extend(forms);
    }
    Ok(document.to_string().into_bytes())
}

fn json(path: &Path, bytes: &[u8]) -> Result<Value, NotBuilt> {
    serde_json::from_slice(bytes).map_err(|e| NotBuilt::File { path: path.to_owned(), why: format!("is not JSON: {e}") })
}

fn rust(folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let output = Command::new(author::cargo())
        .args(["build", "--release", "--target", "wasm32-unknown-unknown", "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        // The host's own build has its target folder; a plugin's is beside it.
        .stderr(Stdio::inherit())
        .output()
        .map_err(|_| NotBuilt::NoCargo)?;
    if !output.status.success() {
        return Err(NotBuilt::Cargo);
    }
    let module = String::from_utf8_lossy(&output.stdout).lines().rev().find_map(built_module).ok_or(NotBuilt::NoModule)?;
    read(&module)
}

/// The `.wasm` file of one of cargo's messages.
fn built_module(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let files = message.get("filenames")?.as_array()?;
    files.iter().filter_map(serde_json::Value::as_str).find(|f| f.ends_with(".wasm")).map(PathBuf::from)
}

/// What a tool builds, in the folder that is the kit's own.
const BUILT: &str = "kit/built.wasm";

fn javascript(folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let mut command = Tools::find(Language::JavaScript)?.command();
    command.args(["--wit", "wit", "--world", author::GUARDED, "--js", "kit/entry.js", "--module-root", "."]);
    command.args(["--sync", "--stub-wasi", "--output", BUILT]);
    compile(command, folder, said_by_javascript)
}

fn python(folder: &Path) -> Result<Vec<u8>, NotBuilt> {
    let tools = Tools::find(Language::Python)?;
    let mut command = tools.command();
    command.args([
        "--quiet",
        "--wit-path",
        "wit",
        "--world",
        author::GUARDED,
        "componentize",
        "--python-path",
        "kit",
        "--python-path",
        ".",
    ]);
    command.args(["--stub-wasi", "--output", BUILT, "hearth_entry"]);
    compile(command, folder, said_by_python)
}

fn compile(mut command: Command, folder: &Path, said: fn(&str) -> String) -> Result<Vec<u8>, NotBuilt> {
    let built = folder.join(BUILT);
    let file = |why: std::io::Error| NotBuilt::File { path: built.clone(), why: why.to_string() };
    let output = command.current_dir(folder).output().map_err(file)?;
    if !output.status.success() {
        return Err(NotBuilt::Source(said(&String::from_utf8_lossy(&output.stderr))));
    }
    let component = read(&built)?;
    std::fs::remove_file(&built).map_err(file)?;
    Ok(component)
}

/// The author's part of what componentize-qjs says: `unexpected token …` and the places.
fn said_by_javascript(stderr: &str) -> String {
    let (_, said) = stderr.rsplit_once("module: Error: ").unwrap_or(("", stderr));
    let mut said = said.trim();
    for wrapping in
        ["Error: ", ": ", "Failed to evaluate user JavaScript module: ", "Failed to finish JavaScript module evaluation: ", "Error: "]
    {
        said = said.strip_prefix(wrapping).unwrap_or(said);
    }
    let own = said.lines().filter(|line| !line.contains("(/kit/") && !line.ends_with("(native)"));
    let said = own.map(|line| line.replacen("(/", "(", 1).replacen("at /", "at ", 1)).collect::<Vec<_>>().join("\n").trim().to_owned();
    if said.contains("failed to resolve JavaScript import") && said.contains("/kit/") { said + NOT_IN_THE_WORLD } else { said }
}

/// Below an import of the source that finds nothing.
const NOT_IN_THE_WORLD: &str = "\nIf it is an interface of Hearth: world.wit does not import it, or it has another name.";

/// The author's part of what componentize-py says: Python's own traceback.
fn said_by_python(stderr: &str) -> String {
    let said = stderr.rfind("AssertionError: ").map_or(stderr, |at| &stderr[at + "AssertionError: ".len()..]);
    let said = said.split("\n\nCaused by").next().unwrap_or(said);
    // The tool numbers the folders that modules come from: 0 is the kit's, and its lines say nothing to the author.
    let mut own = true;
    let lines = said.lines().filter(|line| {
        own = if line.starts_with("  File \"") { !line.starts_with("  File \"/0/") } else { own || !line.starts_with("    ") };
        own
    });
    let said = lines.map(|line| line.replace("File \"/1/", "File \"")).collect::<Vec<_>>().join("\n").trim().to_owned();
    if said.contains("cannot import name") && said.contains("wit_world") { said + NOT_IN_THE_WORLD } else { said }
}

fn read(path: &Path) -> Result<Vec<u8>, NotBuilt> {
    std::fs::read(path).map_err(|e| NotBuilt::File { path: path.to_owned(), why: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_traceback_the_authors_lines_are_left() {
        let stderr = "Traceback (most recent call last):\n  File \"bin/componentize-py\", line 8\nAssertionError: Traceback (most recent call last):\n  \
                      File \"/0/hearth_entry.py\", line 1, in <module>\n    import plugin\n  File \"/1/plugin.py\", line 2, in <module>\n    1 / 0\n    \
                      ~~^~~\nZeroDivisionError: division by zero\n\n\nCaused by:\n    ZeroDivisionError: division by zero\n";
        assert_eq!(
            said_by_python(stderr),
            "Traceback (most recent call last):\n  File \"plugin.py\", line 2, in <module>\n    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero"
        );
    }

    #[test]
    fn of_an_engines_error_the_authors_lines_are_left() {
        let stderr = "Error: : Failed to evaluate user JavaScript module: Failed to finish JavaScript module evaluation: Error: oops\n    \
                      at f (/plugin.js:3:7)\n    at asked (/kit/guard.js:4:1)\n";
        assert_eq!(said_by_javascript(stderr), "oops\n    at f (plugin.js:3:7)");
    }
}
