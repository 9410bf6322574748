//! `make smith N=1000000`: so many random components through the host's inspection, and a fiftieth as many compiled and asked.
//! `FROM=200000` begins with that one, so that a million may be of several sittings: what two ranges that share nothing found is what
//! both together find. `SEED` draws others. `--seeds FOLDER` writes some of them instead, for the fuzzer to begin with.

use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use hearth_tests::number;
use hearth_tests::smith::{Counts, Smith};

#[tokio::main]
async fn main() -> Result<()> {
    let smith = Smith::new(number("SEED").unwrap_or(1))?;
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("--seeds") {
        let folder = args.next().unwrap_or_else(|| ".".into());
        for index in 0..200 {
            if let Ok(file) = smith.file(index) {
                std::fs::write(Path::new(&folder).join(format!("smith-{index}")), file)?;
            }
        }
        return Ok(());
    }
    let (seed, from, many) = (number("SEED").unwrap_or(1), number("FROM").unwrap_or(0), number("N").unwrap_or(10_000));
    let drawn = from..from + many;
    // Each range compiles its own fiftieth, so that ranges end to end leave none out and try none twice.
    let run = drawn.start.div_ceil(50)..drawn.end.div_ceil(50);
    let began = Instant::now();
    let told = |what: &'static str, every: u64| {
        move |index: u64| {
            if (index + 1).is_multiple_of(every) {
                eprintln!("{what}: up to {index}, {} s", began.elapsed().as_secs());
            }
        }
    };
    shown("validated", &drawn, &smith.validated(drawn.clone(), told("validated", 50_000))?);
    let validated = began.elapsed().as_secs();
    shown("compiled and asked twice", &run, &smith.run(run.clone(), told("asked", 1_000)).await?);
    let asked = began.elapsed().as_secs() - validated;
    println!("seed {seed}: {validated} s and {asked} s, no panic and no wait; go on with FROM={}", drawn.end);
    Ok(())
}

fn shown(what: &str, indices: &Range<u64>, counts: &Counts) {
    println!("{} {what}, {} to {}", indices.end - indices.start, indices.start, indices.end.saturating_sub(1));
    for (end, count) in counts {
        println!("  {count:>9}  {end}");
    }
}
