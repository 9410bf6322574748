//! `make smith N=1000000`: so many random components through the host's inspection, and a fiftieth as many compiled and asked.
//! `SEED` draws others. `--seeds FOLDER` writes some of them instead, for the fuzzer to begin with.

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
    let many = number("N").unwrap_or(10_000);
    let began = Instant::now();
    let told = |what: &'static str, of: u64, every: u64| {
        move |index: u64| {
            if (index + 1).is_multiple_of(every) {
                eprintln!("{what}: {} of {of}, {} s", index + 1, began.elapsed().as_secs());
            }
        }
    };
    shown("validated", many, &smith.validated(0..many, told("validated", many, 50_000))?);
    let runs = many.div_ceil(50);
    shown("compiled and asked twice", runs, &smith.run(0..runs, told("asked", runs, 1_000)).await?);
    println!("seed {}, {} s, no panic and no wait", number("SEED").unwrap_or(1), began.elapsed().as_secs());
    Ok(())
}

fn shown(what: &str, many: u64, counts: &Counts) {
    println!("{many} {what}");
    for (end, count) in counts {
        println!("  {count:>9}  {end}");
    }
}
