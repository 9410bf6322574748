//! What changed between two versions of a plugin.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use super::Done;
use crate::plugins::difference::Difference;
use crate::plugins::{Inspected, inspect};

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The older version.
    older: PathBuf,
    /// The newer one.
    newer: PathBuf,
    /// All of it as JSON.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self) -> Result<Done> {
        let (older, newer) = (read(&self.older)?, read(&self.newer)?);
        let difference = Difference::between((&older.manifest, older.digest), (&newer.manifest, newer.digest));
        if self.json {
            println!("{}", serde_json::to_string_pretty(&difference)?);
            return Ok(Done::Whole);
        }
        difference.sentences().iter().for_each(|sentence| println!("{sentence}"));
        let widens = if difference.widens() { "It sees, proposes or says more." } else { "It sees, proposes and says no more." };
        println!("{widens}\n{}", difference.digest());
        Ok(Done::Whole)
    }
}

fn read(file: &Path) -> Result<Inspected> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    inspect(&bytes).with_context(|| file.display().to_string())
}
