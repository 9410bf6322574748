use anyhow::Result;
use clap::Args;

use super::{Done, HomeArgs};
use crate::intake::find::{Wanted, find};
use crate::record::AuthorityId;
use crate::store::Reader;

/// By name, birth date, number or address; spelt as it may be.
#[derive(Debug, Args)]
pub(super) struct Find {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose record.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// `Jo Bell`, `Bell, Jo`, or one of the two.
    name: Option<String>,
    /// 2010-09-14, or 2010-09.
    #[arg(long, value_name = "DATE")]
    born: Option<String>,
    /// An NHS number, pupil number or National Insurance number.
    #[arg(long, value_name = "NUMBER")]
    identifier: Option<String>,
    #[arg(long)]
    postcode: Option<String>,
    /// The first line of an address, with a postcode.
    #[arg(long, value_name = "LINE")]
    address: Option<String>,
    /// A property number.
    #[arg(long, value_name = "NUMBER")]
    uprn: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

impl Find {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let Self { name, born, identifier, postcode, address, uprn, .. } = self;
        let found =
            find(&store, &Reader::of_all(store.clock().now()), &Wanted { name, born, identifier, postcode, address, uprn }, 0, self.limit)
                .await?;
        for hit in &found.hits {
            let names: Vec<String> = hit.profile.names.iter().map(|n| format!("{} {}", n.given, n.family)).collect();
            let families: Vec<&str> = hit.families.iter().map(|(_, reference)| reference.as_str()).collect();
            println!("{}  {}, born {}, of {}", hit.person, names.join(" / "), hit.profile.born.join(" / "), families.join(", "));
        }
        if found.next.is_some() || found.too_many {
            println!("there are more: say more of who is looked for, or --limit");
        }
        Ok(Done::Whole)
    }
}
