//! `hearth plugin mutants`: would the scenarios notice a mistake? Each entry of `mutants.yaml` is a mistake in the plugin's source;
//! the plugin is built with it, and a scenario has to fail.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::Done;
use crate::plugins::author::SUPPLIED_MARK;
use crate::plugins::mutants::{Mutant, read_mutants};

#[derive(Debug, Args)]
pub(super) struct Mutants {
    /// The plugin's folder, with `mutants.yaml`.
    folder: PathBuf,
    /// Only the first so many.
    #[arg(long, value_name = "NUMBER")]
    first: Option<usize>,
    /// Only those with this in their name.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
}

/// What came of one mistake.
enum Came {
    /// By this scenario.
    Caught(String),
    Survived,
    /// It is no mistake that anybody could make: the plugin does not build with it.
    NotBuilt(String),
}

impl Mutants {
    pub(super) fn run(self) -> Result<Done> {
        let folder = self.folder.canonicalize().with_context(|| self.folder.display().to_string())?;
        let mutants = read_mutants(&folder)?;
        let asked = mutants.iter().filter(|m| self.only.as_ref().is_none_or(|only| m.name.contains(only)));
        let asked: Vec<&Mutant> = asked.take(self.first.unwrap_or(usize::MAX)).collect();
        let bench = Workbench::set_up(&folder)?;
        match bench.test()? {
            Came::Survived => {}
            Came::Caught(by) => bail!("the plugin does not pass its scenarios as it is: {by}"),
            Came::NotBuilt(why) => bail!("the plugin does not build as it is: {why}"),
        }
        let mut caught = 0;
        for mutant in &asked {
            let began = Instant::now();
            let came = bench.with(mutant)?;
            let took = began.elapsed().as_secs_f64();
            match came {
                Came::Caught(by) => {
                    caught += 1;
                    println!("caught    {} ({took:.1} s): {by}", mutant.name);
                }
                Came::Survived => println!("SURVIVED  {} ({took:.1} s): {}", mutant.name, mutant.file.display()),
                Came::NotBuilt(why) => println!("NOT BUILT {}: {why}", mutant.name),
            }
        }
        println!("{caught} of {} caught", asked.len());
        Ok(if caught == asked.len() { Done::Whole } else { Done::InPart })
    }
}

/// A copy of the plugin's source, where mistakes are made.
struct Workbench {
    /// The plugin's folder in the copy.
    plugin: PathBuf,
    /// Cargo's own: artefacts of mutants must not lie where a real build would find them.
    target: PathBuf,
}

impl Workbench {
    fn set_up(folder: &Path) -> Result<Self> {
        // A crate of a workspace needs the workspace, and what lies beside it: the interface.
        let root = workspace_of(folder).unwrap_or_else(|| folder.to_owned());
        let base = std::env::var_os("CARGO_TARGET_DIR").map_or_else(std::env::temp_dir, PathBuf::from).join("mutants");
        let name = folder.file_name().context("the folder has no name")?;
        let copy = base.join(name);
        if copy.exists() {
            std::fs::remove_dir_all(&copy).with_context(|| copy.display().to_string())?;
        }
        let own = root.file_name().context("the folder has no name")?;
        copy_folder(&root, &copy.join(own))?;
        if root != folder
            && let Some(around) = root.parent()
        {
            let wit = around.join("wit");
            if wit.is_dir() {
                std::os::unix::fs::symlink(&wit, copy.join("wit")).with_context(|| wit.display().to_string())?;
            }
        }
        let plugin = copy.join(own).join(folder.strip_prefix(&root)?);
        Ok(Self { plugin, target: base.join("build") })
    }

    /// Plays the scenarios with the mistake, and takes it back.
    fn with(&self, mutant: &Mutant) -> Result<Came> {
        let file = self.plugin.join(&mutant.file);
        let source = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        std::fs::write(&file, mutant.applied(&source)?)?;
        let came = self.test();
        std::fs::write(&file, source)?;
        came
    }

    /// In a process of its own: with cargo's folder for mutants, and whatever the plugin does.
    fn test(&self) -> Result<Came> {
        let output = Command::new(std::env::current_exe()?)
            .args(["plugin", "test"])
            .arg(&self.plugin)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .context("starting `hearth plugin test`")?;
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(match output.status.code() {
            Some(0) => Came::Survived,
            Some(2) => {
                let failed = said.lines().find_map(|line| line.strip_prefix("FAILED ")).unwrap_or("a scenario");
                Came::Caught(failed.to_owned())
            }
            _ => {
                let why = String::from_utf8_lossy(&output.stderr);
                let why = why.lines().find(|line| line.contains("error")).or_else(|| why.lines().last()).unwrap_or_default().to_owned();
                Came::NotBuilt(why)
            }
        })
    }
}

/// The nearest cargo workspace around a crate.
fn workspace_of(folder: &Path) -> Option<PathBuf> {
    let is_root = |f: &&Path| std::fs::read_to_string(f.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"));
    folder.join("Cargo.toml").exists().then(|| folder.ancestors().find(is_root).map(Path::to_owned)).flatten()
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    const TOOLS: [&str; 3] = ["target", "node_modules", "__pycache__"];
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name();
        let (source, copy) = (entry.path(), to.join(&name));
        // What a build supplies is supplied to the copy anew.
        let supplied = entry.path().join(SUPPLIED_MARK).exists();
        if supplied || TOOLS.iter().any(|t| name == *t) || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&source, &copy)?;
        } else {
            std::fs::copy(&source, &copy).with_context(|| source.display().to_string())?;
        }
    }
    Ok(())
}
