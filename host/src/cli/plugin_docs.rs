use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use super::Done;
use crate::plugins::author::reference::pages;

#[derive(Debug, Args)]
pub(super) struct Docs {
    /// Where the pages go; begin with index.html.
    #[arg(long, short, value_name = "FOLDER")]
    out: PathBuf,
}

impl Docs {
    pub(super) fn run(self) -> Result<Done> {
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        for page in pages() {
            let file = self.out.join(&page.name);
            std::fs::write(&file, &page.text).with_context(|| format!("writing {}", file.display()))?;
        }
        println!("{}: {} files, begin with index.html", self.out.display(), pages().len());
        Ok(Done::Whole)
    }
}
