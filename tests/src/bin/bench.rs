//! `make bench`: what a run costs over wasmtime alone, and how many decisions a second the API gives. Both in one run on one
//! machine, interleaved, so that the ratios hold where the figures do not.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};
use serde_json::{Value, json};

/// Rounds of each, taken in turns.
const ROUNDS: usize = 15;
/// Runs in a round.
const RUNS: usize = 200;
/// Decisions asked for through the API, and how many at once.
const DECISIONS: usize = 3_000;
const AT_ONCE: usize = 8;
const AS_OF: &str = "2026-08-31";

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench())
}

async fn bench() -> Result<()> {
    let out: PathBuf = argument("--out").unwrap_or_else(|| "target/bench".into()).into();
    std::fs::create_dir_all(&out)?;
    let lab = Arc::new(Lab::of("bristol-outcomes"));
    let family = hundred_facts();
    let (given, snapshot) = lab.given(&family, &Asked::progress(AS_OF));
    println!("one family of {} facts; {ROUNDS} rounds of {RUNS} runs each, in turns; medians of rounds\n", snapshot.facts.len());

    let mut raw = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..ROUNDS {
        raw.push(round(|| lab.prepared().raw(lab.sandbox.engine(), &given)).await?);
        ours.push(
            round(|| async {
                let outcome = lab.sandbox.ask_here(lab.prepared(), given.clone()).await;
                outcome.result.map(|_| ()).map_err(anyhow::Error::from)
            })
            .await?,
        );
    }
    let (raw, ours) = (median(raw), median(ours));
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    println!("  raw wasmtime, same component, engine and host functions: {:>8.1} µs a run", micros(raw));
    println!("  Hearth, a fresh instance, checked answer and limits:     {:>8.1} µs a run", micros(ours));
    println!("  ratio                                                    {ratio:>8.2}\n");

    let api = through_the_api(&family).await?;
    println!("  through the API, each kept with findings on SQLite:      {:>8.0} decisions a second ({AT_ONCE} at once)", api.per_second);
    println!("  one decision: median {:.1} ms, 99 of 100 within {:.1} ms", api.median.as_secs_f64() * 1e3, api.p99.as_secs_f64() * 1e3);

    let figures = json!({
        "raw-wasmtime-fresh": nanos(raw),
        "hearth-fresh": nanos(ours),
        "hearth-over-raw": ratio,
        "api-decision": nanos(api.median),
        "api-decision-p99": nanos(api.p99),
        "api-decisions-per-second": api.per_second,
    });
    std::fs::write(out.join("sandbox.json"), serde_json::to_string_pretty(&figures)?)?;
    Ok(())
}

/// The median run of one round.
async fn round<F: Future<Output = Result<()>>>(run: impl Fn() -> F) -> Result<Duration> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = Instant::now();
        run().await?;
        times.push(started.elapsed());
    }
    Ok(median(times))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}

/// Two children over three years of terms, call-outs, incidents and the rest: about a hundred facts.
fn hundred_facts() -> Family {
    let mut family = Family::engaged("2026-01-12", &["crime-and-antisocial-behaviour", "school-attendance"])
        .child("daughter", "2013-03-01")
        .child("son", "2011-11-20");
    for year in 2023..2026 {
        for (first, last) in
            [("09-04", "10-20"), ("10-30", "12-21"), ("01-06", "02-14"), ("02-24", "04-03"), ("04-20", "05-22"), ("06-01", "07-21")]
        {
            let of = if first.starts_with("09") || first.starts_with("10") { year } else { year + 1 };
            for child in ["daughter", "son"] {
                family = family.attendance(child, &format!("{of}-{first}..{of}-{last}"), 60, 56);
            }
        }
    }
    family = family.callouts("2025-09-03", 11).callouts("2026-04-03", 4);
    for month in 1..=12 {
        family = family.offence("mother", &format!("2024-{month:02}-05")).incident("son", &format!("2024-{month:02}-06"));
    }
    for n in 0..12 {
        family = family.intervention("son", &format!("2025-{:02}-01..2025-{:02}-20", n + 1, n + 1), "left");
    }
    family
}

struct Api {
    per_second: f64,
    median: Duration,
    p99: Duration,
}

/// A real host on a port of its own, asked over HTTP about fresh families.
async fn through_the_api(family: &Family) -> Result<Api> {
    let host = hearth_tests::host::Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    council.adopt("bristol-outcomes", &json!({})).await?;
    let mut families = Vec::new();
    for n in 0..200 {
        let made = council.post("/families", family.clone().called(&format!("bench-{n}")).json_without_feeds()).await?;
        families.push(made["id"].as_str().context("a family has an id")?.to_owned());
    }
    let council = Arc::new(council);
    let families = Arc::new(families);
    let started = Instant::now();
    let mut workers = Vec::new();
    for worker in 0..AT_ONCE {
        let (council, families) = (council.clone(), families.clone());
        workers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for n in (worker..DECISIONS).step_by(AT_ONCE) {
                let question: Value = json!({ "family": families[n % families.len()], "question": "progress", "as_of": AS_OF });
                let asked = Instant::now();
                let decision = council.post("/decisions", question).await?;
                times.push(asked.elapsed());
                ensure!(decision["result"].is_string(), "no decision: {decision}");
            }
            Ok(times)
        }));
    }
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await??);
    }
    let took = started.elapsed();
    times.sort_unstable();
    host.stop().await;
    Ok(Api { per_second: DECISIONS as f64 / took.as_secs_f64(), median: times[times.len() / 2], p99: times[times.len() * 99 / 100] })
}
