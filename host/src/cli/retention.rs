use anyhow::Result;
use clap::Args;

use super::erase::in_words;
use super::{Done, HomeArgs};
use crate::record::AuthorityId;
use crate::workflow::handover;
use crate::workflow::retention::erase_due;

#[derive(Debug, Args)]
pub(super) struct Retention {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// Do it. It cannot be undone but by a backup.
    #[arg(long)]
    really: bool,
}

impl Retention {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let (mut families, mut held) = (0, 0);
        erase_due(&store, store.clock().now().day(), !self.really, "hearth retention", |due| {
            families += 1;
            let sections: Vec<&str> = due.sections.iter().map(|s| s.code()).collect();
            match due.went {
                Ok(went) => println!("family {}: {}: {}", due.family, sections.join(", "), in_words(&went)),
                Err(why) => {
                    held += 1;
                    println!("family {}: {}: stays: {why}", due.family, sections.join(", "));
                }
            }
        })
        .await?;
        if self.really {
            handover::take_back_erased(&home.stores, &store).await?;
        }
        let did = if self.really { "erased" } else { "due (nothing has been erased; --really does it)" };
        println!("{families} families have something whose time is over: {} {did}, {held} held", families - held);
        Ok(Done::Whole)
    }
}
