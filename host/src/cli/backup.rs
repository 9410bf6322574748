use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{Done, HomeArgs};
use crate::store::{Connections, Stores};

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    home: HomeArgs,
    /// A folder that is not there yet.
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    home: HomeArgs,
    /// The folder of a backup.
    from: PathBuf,
}

impl Backup {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let manifest = home.stores.back_up(&self.to).await.context("backing up")?;
        for file in &manifest.files {
            println!("{}  {} bytes  {}", file.digest, file.bytes, file.path.display());
        }
        println!(
            "Backed up to {}. Keep it apart from this machine, and erase it when its time is over: erasures do not reach it.",
            self.to.display()
        );
        Ok(Done::Whole)
    }
}

impl Restore {
    /// The data folder must have no databases. What was restored is checked: every file, and every audit trail against its last seal.
    pub(super) async fn run(self) -> Result<Done> {
        if self.home.database.postgres(Connections::default())?.is_some() {
            bail!("a backup in files is restored to files; what `pg_dump` copied, `pg_restore` brings back");
        }
        let manifest = Stores::restore(&self.from, &self.home.data).context("restoring")?;
        let home = self.home.open().await?;
        let anchors = manifest.anchors();
        for authority in home.stores.common().authorities().await? {
            let verified = home.stores.authority(&authority.code).await?.audit_verify(&anchors).await?;
            if verified.broken.is_some() {
                bail!("the audit trail of {} is {verified}", authority.code);
            }
            println!("{}: the audit trail is {verified}", authority.code);
        }
        let verified = home.stores.common().audit_verify(&anchors).await?;
        if verified.broken.is_some() {
            bail!("the common audit trail is {verified}");
        }
        println!("Restored as of {}.", manifest.at);
        Ok(Done::Whole)
    }
}
