use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, InstallationId};
use crate::store::{AuthorityStore, Installation};
use crate::workflow::unpark;

#[derive(Debug, Args)]
pub(super) struct Installations {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// Bring this one back, which is parked; what failed before counts no more.
    #[arg(long, value_name = "ID", requires = "reason")]
    unpark: Option<InstallationId>,
    /// Why it is to be asked again: kept in the record.
    #[arg(long, value_name = "TEXT", requires = "unpark")]
    reason: Option<String>,
}

impl Installations {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        if let (Some(id), Some(reason)) = (self.unpark, &self.reason) {
            let mut tx = store.write("hearth installations", "brought a parked installation back").await?;
            unpark(&mut tx, id, reason, "hearth installations").await?;
            tx.commit().await?;
        }
        for installation in store.installations().await? {
            println!("{}", line(&store, &installation).await?);
        }
        Ok(Done::Whole)
    }
}

async fn line(store: &AuthorityStore, installation: &Installation) -> Result<String> {
    let decides: Vec<&str> = installation.offers.iter().filter(|o| o.decides).map(|o| o.extension_point.as_str()).collect();
    let mut line = format!("{}  {}  {}", installation.id, installation.status.code(), installation.plugin);
    if !decides.is_empty() {
        line += &format!("  asked about {}", decides.join(", "));
    }
    if let Some(parked) = store.parked(installation.id).await? {
        line += &format!("\n    PARKED since {}: {}; bring it back with --unpark {} --reason …", parked.since, parked.why, installation.id);
    }
    Ok(line)
}
