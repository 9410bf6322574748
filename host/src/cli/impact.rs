use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::AuthorityId;
use crate::workflow::impact::impact;

#[derive(Debug, Args)]
pub(super) struct ImpactPage {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl ImpactPage {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let page = impact(&home.stores.authority(&self.authority).await?).await?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&page)?);
        } else {
            print!("{page}");
        }
        Ok(Done::Whole)
    }
}
