//! What changed between two versions of a plugin.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::Done;
use crate::plugins::difference::Difference;
use crate::plugins::scenarios::{Bench, Budget, between};
use crate::plugins::{Inspected, inspect, publish};
use crate::sandbox::{Compiler, Limits, Sandbox};

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The older version.
    older: PathBuf,
    /// The newer one.
    newer: PathBuf,
    /// Play the older version's scenarios with the newer one, too.
    #[arg(long)]
    scenarios: bool,
    /// All of it as JSON.
    #[arg(long, conflicts_with = "scenarios")]
    json: bool,
}

impl Diff {
    pub(super) async fn run(self) -> Result<Done> {
        let (older, newer) = (read(&self.older)?, read(&self.newer)?);
        if older.manifest.name != newer.manifest.name {
            bail!("{} and {} are two plugins, and no versions of one", older.manifest.name, newer.manifest.name);
        }
        let difference = Difference::between((&older.manifest, older.digest), (&newer.manifest, newer.digest));
        if self.json {
            println!("{}", serde_json::to_string_pretty(&difference)?);
            return Ok(Done::Whole);
        }
        difference.sentences().iter().for_each(|sentence| println!("{sentence}"));
        let widens = if difference.widens() { "It sees, proposes or says more." } else { "It sees, proposes and says no more." };
        println!("{widens}\n{}", difference.digest());
        if self.scenarios {
            return self.play(&older).await;
        }
        Ok(Done::Whole)
    }

    /// What became of each; those that are as before are counted.
    async fn play(&self, older: &Inspected) -> Result<Done> {
        let sandbox = Sandbox::start(None, Compiler::this_program(), Limits::default())?;
        let bytes = std::fs::read(&self.newer).with_context(|| self.newer.display().to_string())?;
        let (checked, compiled) = publish::fits(&sandbox, bytes).await?;
        let bench = Bench::new(sandbox, compiled, checked.inspected)?;
        let all = between(&older.manifest.scenarios, &bench, Budget::default()).await.with_context(|| self.older.display().to_string())?;
        all.iter().filter(|one| !one.is_as_before()).for_each(|one| println!("{}", one.sentence()));
        println!("Scenarios that pass as before: {}.", all.iter().filter(|one| one.is_as_before()).count());
        Ok(Done::Whole)
    }
}

fn read(file: &Path) -> Result<Inspected> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    inspect(&bytes).with_context(|| file.display().to_string())
}
