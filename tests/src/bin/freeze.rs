//! Freezes today's interface as a release: `freeze 2026-11-22 rust=A.wasm javascript=B.wasm python=C.wasm`.

use anyhow::{Context, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let today = args.next().context("say the date, then LANGUAGE=FILE for each plugin of the archive")?;
    let plugins =
        args.map(|arg| arg.split_once('=').map(|(l, f)| (l.to_owned(), f.into())).with_context(|| format!("{arg} is not LANGUAGE=FILE")));
    let release = hearth_tests::frozen::freeze(&plugins.collect::<Result<Vec<_>>>()?, &today).await?;
    println!("{} is frozen: {}", release.release, release.digest);
    Ok(())
}
