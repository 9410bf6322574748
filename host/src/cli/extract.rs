use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, Day, Window};
use crate::workflow::outcome_returns::outcomes;
use crate::workflow::returns::{contacts, episodes};

#[derive(Debug, Args)]
pub(super) struct Extract {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// A folder that is not there yet.
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Returns {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// The first day of the period.
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// The last.
    #[arg(long, value_name = "DAY")]
    until: Day,
    /// A folder that is not there yet.
    to: PathBuf,
}

impl Extract {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let extracted = home.stores.authority(&self.authority).await?.extract(&self.to).await.context("extracting")?;
        for (table, rows) in extracted.tables {
            println!("{rows:>10}  {table}");
        }
        Ok(Done::Whole)
    }
}

impl Returns {
    pub(super) async fn run(self) -> Result<Done> {
        let within = Window::new(self.from, Some(self.until))?;
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        std::fs::create_dir(&self.to).with_context(|| format!("making {}", self.to.display()))?;
        let rows = episodes(&store, within, new(&self.to, "ssd_early_help_episodes.csv")?).await?;
        println!("{rows:>10}  ssd_early_help_episodes");
        let rows = contacts(&store, within, new(&self.to, "ssd_contacts.csv")?).await?;
        println!("{rows:>10}  ssd_contacts");
        let rows = outcomes(&store, within, new(&self.to, "outcomes.csv")?).await?;
        println!("{rows:>10}  outcomes");
        Ok(Done::Whole)
    }
}

fn new(folder: &Path, name: &str) -> Result<BufWriter<File>> {
    let path = folder.join(name);
    Ok(BufWriter::new(File::create_new(&path).with_context(|| format!("writing {}", path.display()))?))
}
