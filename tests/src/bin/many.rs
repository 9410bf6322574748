//! Adds made-up families to an authority that is there: `many --data FOLDER --authority CODE --families 5000`.

use anyhow::{Context, Result};
use hearth::cli::home::{DatabaseArgs, Home};
use hearth::record::AuthorityId;
use hearth::sandbox::compiler::Apart;
use hearth_tests::program::hearth;
use hearth_tests::programme::{BATCH, family};

#[tokio::main]
async fn main() -> Result<()> {
    let families: u64 = argument("--families")?.parse().context("--families is a number")?;
    let authority: AuthorityId = argument("--authority")?.parse()?;
    let home = Home::open(argument("--data")?.as_ref(), &DatabaseArgs::default(), Apart::of(hearth())).await?;
    let store = home.stores.authority(&authority).await?;
    let mut n = 0;
    while n < families {
        let batch = (n..families.min(n + BATCH)).map(|n| family(n, &authority)).collect::<Result<Vec<_>>>()?;
        n += batch.len() as u64;
        let mut tx = store.write("many", "families").await?;
        tx.add_families(&batch).await?;
        tx.commit().await?;
    }
    home.stores.close().await;
    println!("{n} families more");
    Ok(())
}

fn argument(name: &str) -> Result<String> {
    std::env::args().skip_while(|a| a != name).nth(1).with_context(|| format!("{name} is missing"))
}
