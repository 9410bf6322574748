//! Compilers for plugins: one folder a release outside the clone, installed once for each user from a lock file with hashes
//! that this program carries (`plugins/kit/javascript/package-lock.json`, `plugins/kit/python/requirements.txt`).

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Language;
use super::embedded::{kit_file, put};
use crate::record::Digest;

/// Why there is no compiler.
#[derive(Debug, thiserror::Error)]
pub enum NoTools {
    #[error("the {} tools are not installed: run `hearth plugin tools {}`, once", .0.name(), .0.name())]
    NotInstalled(Language),
    #[error("{program} is not there: install {what}")]
    Missing { program: &'static str, what: &'static str },
    #[error("{program} could not install the {} tools; what it said stands above", .language.name())]
    Failed { program: &'static str, language: Language },
    #[error("there is no folder for tools: set HEARTH_TOOLS, or HOME")]
    NoFolder,
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: io::Error },
}

/// An installed compiler.
#[derive(Debug)]
pub(in crate::plugins) struct Tools {
    folder: PathBuf,
    language: Language,
}

/// Written when everything else is there.
const WHOLE: &str = "whole";

impl Tools {
    /// # Errors
    /// [`NoTools::NotInstalled`] says how to get it.
    pub(in crate::plugins) fn find(language: Language) -> Result<Self, NoTools> {
        let tools = Self { folder: folder()?.join(release(language)), language };
        if tools.folder.join(WHOLE).is_file() { Ok(tools) } else { Err(NoTools::NotInstalled(language)) }
    }

    /// Ready to be given the rest of its arguments.
    pub(in crate::plugins) fn command(&self) -> Command {
        match self.language {
            Language::Rust => Command::new(cargo()),
            Language::JavaScript => Command::new(self.folder.join("node_modules/.bin/componentize-qjs")),
            Language::Python => {
                let venv = self.folder.join("venv");
                let mut command = Command::new(venv.join("bin/componentize-py"));
                // Otherwise it takes packages of the machine's own Python into the plugin.
                command.env("VIRTUAL_ENV", &venv).env("RUST_BACKTRACE", "0").env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
        }
    }
}

/// Installs what builds plugins in a language, unless it is there. Says on standard error what it does.
///
/// # Errors
/// [`NoTools`]; a half installation is not taken for a whole one.
pub fn install(language: Language) -> Result<(), NoTools> {
    if language == Language::Rust {
        return run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]), "rustup", "Rust with rustup", language);
    }
    let all = folder()?;
    let folder = all.join(release(language));
    make(&all)?;
    let file = |path: &Path, why| NoTools::File { path: path.to_owned(), why };
    // Two builds at once install once.
    let lock = all.join(".lock");
    File::create(&lock).and_then(|held| held.lock().map(|()| held)).map_err(|why| file(&lock, why)).and_then(|_held| {
        if folder.join(WHOLE).is_file() {
            return Ok(());
        }
        match language {
            Language::JavaScript => install_javascript(&folder)?,
            Language::Python | Language::Rust => install_python(&folder)?,
        }
        put(&folder.join(WHOLE), "").map_err(|why| file(&folder, why))
    })
}

fn install_javascript(folder: &Path) -> Result<(), NoTools> {
    for name in ["package.json", "package-lock.json"] {
        write(folder, name, kit_file(&format!("javascript/{name}")))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    run(&mut npm, "npm", "Node.js 18 or later, which brings it", Language::JavaScript)
}

fn install_python(folder: &Path) -> Result<(), NoTools> {
    write(folder, "requirements.txt", kit_file("python/requirements.txt"))?;
    let python = "Python 3.10 or later with its venv module (on Debian: python3-venv)";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder.join("venv")), "python3", python, Language::Python)?;
    let mut pip = Command::new(folder.join("venv/bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "--requirement"]);
    run(pip.arg(folder.join("requirements.txt")), "pip", python, Language::Python)
}

/// Its own progress goes to standard error: standard output is for what was asked.
fn run(command: &mut Command, program: &'static str, what: &'static str, language: Language) -> Result<(), NoTools> {
    match command.stdout(io::stderr()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(NoTools::Failed { program, language }),
        Err(_) => Err(NoTools::Missing { program, what }),
    }
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), NoTools> {
    put(&folder.join(name), text).map_err(|why| NoTools::File { path: folder.join(name), why })
}

fn make(folder: &Path) -> Result<(), NoTools> {
    std::fs::create_dir_all(folder).map_err(|why| NoTools::File { path: folder.to_owned(), why })
}

/// `HEARTH_TOOLS`, or `hearth/tools` where the user's programs keep what can be had again.
fn folder() -> Result<PathBuf, NoTools> {
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    given("HEARTH_TOOLS")
        .or_else(|| Some(given("XDG_CACHE_HOME")?.join("hearth/tools")))
        .or_else(|| Some(given("HOME")?.join(".cache/hearth/tools")))
        .ok_or(NoTools::NoFolder)
}

/// A folder for each state of the lock file: a host of another release finds its own compiler beside this one's.
fn release(language: Language) -> String {
    let lock = match language {
        Language::Rust => return language.name().to_owned(),
        Language::JavaScript => kit_file("javascript/package-lock.json"),
        Language::Python => kit_file("python/requirements.txt"),
    };
    format!("{}-{}", language.name(), &hex::encode(Digest::of(lock.as_bytes()).0)[..12])
}

/// The cargo that runs us, if one does.
pub(in crate::plugins) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
