use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::store::Stores;

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    home: HomeArgs,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<Done> {
        let pending = Stores::pending(&self.home.data).await?;
        for change in &pending {
            println!("{change}");
        }
        if pending.is_empty() {
            println!("Every database is up to date.");
        } else if !self.dry_run {
            self.home.open().await?.stores.migrate().await?;
            println!("{} changes made.", pending.len());
        }
        Ok(Done::Whole)
    }
}
