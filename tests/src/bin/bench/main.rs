//! `make bench`: one rule about one family of a hundred facts, by Hearth and by what a user would pick instead. All in one run on one
//! machine, round by round in turns, so that the ratios hold where the figures do not.

mod family;
mod machine;
mod ours;
mod peers;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Map, json};

use ours::Ours;
use peers::Peers;

/// Of each row, in turns, where `ROUNDS` says nothing else.
const ROUNDS: u64 = 15;

/// One way of deciding.
struct Row {
    name: String,
    /// Runs in a round.
    runs: usize,
    says: String,
    is_ours: bool,
    /// The median run of each round.
    rounds: Vec<Duration>,
}

/// Ratios of one row's rounds over another's: name, above, below.
const RATIOS: &[(&str, &str, &str)] = &[
    ("hearth-over-native", ours::FRESH, "native"),
    ("hearth-over-raw", ours::FRESH, ours::RAW),
    ("extism-over-hearth", "extism-fresh", ours::FRESH),
    ("extism-from-memory-over-hearth", "extism-from-memory-fresh", ours::FRESH),
    ("extism-pooled-over-hearth", "extism-pooled-fresh", ours::FRESH),
    ("extism-reused-over-hearth", "extism-reused", ours::FRESH),
    ("quickjs-over-hearth", "quickjs-fresh", ours::FRESH),
    ("quickjs-over-hearth-javascript", "quickjs-fresh", ours::JAVASCRIPT),
    ("cel-over-hearth", "cel", ours::FRESH),
    ("python-over-hearth", "python-kept-alive", ours::FRESH),
];

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench())
}

async fn bench() -> Result<()> {
    let out: PathBuf = argument("--out").unwrap_or_else(|| "target/bench".into()).into();
    std::fs::create_dir_all(&out)?;
    let ours = Ours::start().await?;
    std::fs::write(out.join("given.json"), serde_json::to_vec(&ours.given)?)?;
    std::fs::write(out.join("expected.json"), serde_json::to_vec(&ours.expected)?)?;
    let mut peers = argument("--peers").map(|program| Peers::start(&program, &out)).transpose()?;
    let mut rows = rows(peers.as_ref());
    // For a profile of one: `ROUNDS=10000 bench --row hearth-fresh`.
    if let Some(only) = argument("--row") {
        rows.retain(|row| row.name == only);
    }
    let rounds = hearth_tests::number("ROUNDS").unwrap_or(ROUNDS);

    let machine = machine::describe(peers.as_ref().map_or(&[], |peers| &peers.versions));
    println!("{machine}\n\none rule, one family of {} facts; {rounds} rounds of each row, in turns\n", family::FACTS);
    for _ in 0..rounds {
        for row in &mut rows {
            row.rounds.push(match &mut peers {
                Some(peers) if !row.is_ours => peers.round(&row.name, row.runs)?,
                _ => ours.round(&row.name, row.runs).await?,
            });
        }
    }
    peers.map(Peers::stop).transpose()?;

    let mut figures = Map::new();
    let mut table = String::from("| | median | 10th–90th percentile of rounds |\n|---|---|---|\n");
    for row in &rows {
        let (median, (low, high)) = (median(&row.rounds), spread(&row.rounds));
        writeln!(table, "| {} | {} | {} – {} |", row.says, shown(median), shown(low), shown(high))?;
        figures.insert(row.name.clone(), json!(nanos(median)));
        figures.insert(format!("{}-spread", row.name), json!([nanos(low), nanos(high)]));
    }
    println!("{table}");
    for (name, above, below) in RATIOS {
        if let (Some(above), Some(below)) = (of(&rows, above), of(&rows, below)) {
            let ratio = ratio(above, below);
            println!("  {name:<32} {ratio:>9.2}");
            figures.insert((*name).to_owned(), json!((ratio * 1000.0).round() / 1000.0));
        }
    }

    let (per_second, p99) = ours.at_once().await?;
    println!("\nthrough the API, 8 at once: {per_second:.0} decisions a second; 99 of 100 within {}", shown(p99));
    figures.insert("api-decision-p99".into(), json!(nanos(p99)));
    figures.insert("api-decisions-per-second".into(), json!(per_second.round()));
    figures.insert("machine".into(), json!(machine));
    let file = out.join("sandbox.json");
    std::fs::write(&file, serde_json::to_string_pretty(&figures)?).with_context(|| file.display().to_string())
}

fn rows(peers: Option<&Peers>) -> Vec<Row> {
    let mine = [
        (ours::RAW, 200, "raw wasmtime: fresh instance, same component, engine settings and host functions"),
        (ours::FRESH, 200, "**Hearth, Rust plugin: fresh instance, limits, every answer checked**"),
        (ours::JAVASCRIPT, 30, "Hearth, JavaScript plugin: fresh instance"),
        (ours::PYTHON, 30, "Hearth, Python plugin: fresh instance"),
        (ours::API, 20, "Hearth through the API, one at a time, each kept with its findings on SQLite"),
    ];
    let row = |name: &str, runs, says: &str, is_ours| Row { name: name.into(), runs, says: says.into(), is_ours, rounds: Vec::new() };
    let of_peers = peers.into_iter().flat_map(|peers| &peers.rows).map(|peer| row(&peer.name, peer.runs, &peer.says, false));
    mine.into_iter().map(|(name, runs, says)| row(name, runs, says, true)).chain(of_peers).collect()
}

fn of<'a>(rows: &'a [Row], name: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.name == name)
}

/// The median of the ratios round by round: what slowed the machine for a while slowed both.
fn ratio(above: &Row, below: &Row) -> f64 {
    let mut ratios: Vec<f64> = above.rounds.iter().zip(&below.rounds).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn median(times: &[Duration]) -> Duration {
    part(times, 50)
}

fn spread(times: &[Duration]) -> (Duration, Duration) {
    (part(times, 10), part(times, 90))
}

/// The time that `percent` per cent of them are at most.
fn part(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1_000.0 { format!("{micros:.1} µs") } else { format!("{:.2} ms", micros / 1e3) }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}
