use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::codes;
use crate::sandbox::compiler::{Apart, Wall};
use crate::sandbox::{Compiler, Limits, Sandbox};
use crate::settings::{self, PREFIX, Settings};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    home: HomeArgs,
}

/// What was looked at, and what to do where it is not well.
struct Check {
    what: &'static str,
    found: Result<String, String>,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<Done> {
        let settings = Settings::of_environment();
        let mut checks = vec![
            Check { what: "sandbox", found: sandbox() },
            Check { what: "limits", found: settings.as_ref().map(limits).map_err(ToString::to_string) },
            Check { what: "data folder", found: folder(&self.home.data) },
            Check { what: "databases", found: self.databases(settings.as_ref().ok()).await },
            Check { what: "code lists", found: Ok(format!("{} lists", codes::all().count())) },
            Check { what: "cargo", found: program("cargo", &["--version"], "needed to build plugins in Rust: install it with rustup") },
            Check { what: "wasm target", found: target() },
        ];
        checks.extend(walls(&self.home.compiler()));
        for check in &checks {
            match &check.found {
                Ok(found) => println!("well     {:<12} {found}", check.what),
                Err(missing) => println!("MISSING  {:<12} {missing}", check.what),
            }
        }
        if let Ok(settings) = &settings {
            for setting in settings::ALL {
                println!("         {PREFIX}{:<22} {:>15}  {}", setting.name, setting.of(settings), setting.what);
            }
        }
        Ok(if checks.iter().all(|c| c.found.is_ok()) { Done::Whole } else { Done::InPart })
    }

    async fn databases(&self, settings: Option<&Settings>) -> Result<String, String> {
        let connections = settings.copied().unwrap_or_default().connections;
        let place = self.home.database.place(&self.home.data, connections).map_err(|e| format!("{e:#}"))?;
        match place.pending().await {
            Ok(pending) if pending.is_empty() => Ok(format!("{place}: up to date, or not there yet")),
            Ok(pending) => Err(format!("{place}: {} changes of tables are to be made: `hearth migrate`", pending.len())),
            Err(e) => Err(format!("{place}: {e}")),
        }
    }
}

fn sandbox() -> Result<String, String> {
    Sandbox::start(None, Compiler::this_program(), Limits::default())
        .map(|_| "starts".to_owned())
        .map_err(|e| format!("does not start: {e:#}. It reserves about a terabyte of address space (not memory): is `ulimit -v` set?"))
}

/// Those that are not at their defaults.
fn limits(settings: &Settings) -> String {
    let default = Settings::default();
    let set: Vec<&str> = settings::ALL.iter().filter(|s| s.of(settings) != s.of(&default)).map(|s| s.name).collect();
    if set.is_empty() { "all at their defaults".into() } else { format!("set: {}", set.join(", ")) }
}

/// What a process that compiles must not be able to do, tried by one. What not every machine permits is well all the same.
fn walls(compiler: &Apart) -> Vec<Check> {
    const WHAT: &str = "compiling";
    let trial = match compiler.trial() {
        Ok(trial) => trial,
        Err(e) => return vec![Check { what: WHAT, found: Err(e.to_string()) }],
    };
    let check = |wall: Wall| match (wall.holds, wall.optional) {
        (true, _) => Check { what: WHAT, found: Ok(format!("kept from {}: {}", wall.against, wall.said)) },
        (false, true) => Check { what: WHAT, found: Ok(format!("not kept from {}: {}", wall.against, wall.said)) },
        (false, false) => Check { what: WHAT, found: Err(format!("not kept from {}: {}", wall.against, wall.said)) },
    };
    trial.walls.into_iter().map(check).collect()
}

fn folder(path: &Path) -> Result<String, String> {
    let probe = path.join(".writable");
    let written = std::fs::create_dir_all(path).and_then(|()| std::fs::write(&probe, b"")).and_then(|()| std::fs::remove_file(&probe));
    written.map(|()| format!("{} can be written", path.display())).map_err(|e| format!("{}: {e}; `--data` takes another", path.display()))
}

fn program(name: &str, args: &[&str], why: &str) -> Result<String, String> {
    let output = Command::new(name).args(args).output().map_err(|_| why.to_owned())?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn target() -> Result<String, String> {
    const NAME: &str = "wasm32-unknown-unknown";
    let why = format!("needed to build plugins in Rust: `rustup target add {NAME}`");
    let installed = program("rustup", &["target", "list", "--installed"], &why)?;
    if installed.lines().any(|l| l == NAME) { Ok(NAME.into()) } else { Err(why) }
}
