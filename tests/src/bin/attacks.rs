//! `make attacks`: every attack, how it ended and what it used; then whether the memory that they took was given back.

use anyhow::{Result, ensure};
use hearth_tests::attacks::{Row, all, resident, table};

/// What may stay of a process that was attacked, over what it held after the first round: pools keep what they have touched once.
const MORE: usize = 64 << 20;

#[tokio::main]
async fn main() -> Result<()> {
    let rows = all().await?;
    let before = resident();
    let again = all().await?;
    let after = resident();
    if !again.iter().all(Row::as_documented) {
        println!("the second round:\n{}\nthe first:", table(&again));
    }
    println!("memory: {} MiB after one round, {} MiB after two", before >> 20, after >> 20);
    println!("{}", table(&rows));
    ensure!(rows.iter().chain(&again).all(Row::as_documented), "an attack ended otherwise than documented");
    ensure!(after < before + MORE, "{} MiB were not given back", (after - before) >> 20);
    Ok(())
}
