use anyhow::{Result, bail};
use clap::Args;

use super::{Done, HomeArgs};
use crate::settings::Settings;

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    home: HomeArgs,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// In PostgreSQL, where `--database` is then its tables' owner: the role that hosts work as, which must own nothing.
    #[arg(long, value_name = "ROLE")]
    member: Option<String>,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<Done> {
        let connections = Settings::of_environment()?.connections;
        let postgres = self.home.database.postgres(connections)?;
        if self.member.is_some() && postgres.is_none() {
            bail!("--member names a role of PostgreSQL's: say which database with --database");
        }
        let pending = self.home.database.place(&self.home.data, connections)?.pending().await?;
        for change in &pending {
            println!("{change}");
        }
        if self.dry_run {
            return Ok(Done::Whole);
        }
        match postgres {
            _ if pending.is_empty() && self.member.is_none() => {}
            Some(postgres) => postgres.migrate(self.member.as_deref()).await?,
            None => self.home.open().await?.stores.migrate().await?,
        }
        if pending.is_empty() {
            println!("Every database is up to date.");
        } else {
            println!("{} changes made.", pending.len());
        }
        Ok(Done::Whole)
    }
}
