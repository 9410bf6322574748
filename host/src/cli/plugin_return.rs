use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, InstallationId};
use crate::workflow::switching::return_to;

#[derive(Debug, Args)]
pub(super) struct Return {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// The installation that is to decide again.
    #[arg(long, value_name = "ID")]
    to: InstallationId,
    /// Why: kept in the record.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Return {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let former = store.installation(self.to).await?;
        home.workflow.standing(&former.digest).await?.must_be_believed()?;
        home.workflow.ready(former.clone()).await?;
        let mut tx = store.write("hearth plugin return", "went back to a former installation").await?;
        let replaced = return_to(&mut tx, self.to, &self.reason, "hearth plugin return").await?;
        tx.commit().await?;
        println!("{} decides again ({})", former.plugin, former.id);
        for before in replaced {
            println!("  in the place of {before}");
        }
        Ok(Done::Whole)
    }
}
