use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::access::tokens;
use crate::record::AuthorityId;

/// The token is shown once: the host keeps only its hash.
#[derive(Debug, Args)]
pub(super) struct MakeToken {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose it is: stands in the record beside everything done with it.
    #[arg(long)]
    name: String,
    /// The one authority that it is for; left out, an operator's, which creates authorities and sees no family.
    #[arg(long, value_name = "CODE")]
    authority: Option<AuthorityId>,
}

impl MakeToken {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        if let Some(authority) = &self.authority {
            home.stores.authority(authority).await?;
        }
        println!("{}", tokens::issue(&home.stores, &self.name, self.authority.as_ref(), None).await?.token);
        Ok(Done::Whole)
    }
}
