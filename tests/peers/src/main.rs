//! What a user would pick instead of Hearth, asked the same: one rule about one family, in each of several ways. `make bench` drives it.
//!
//! `peers GIVEN EXPECTED`: two files of JSON. Every row is asked once before anything is timed, and a wrong answer ends the program.
//! Then it writes a line of JSON, what rows there are; and for each line `ROW RUNS` that it reads, the median nanoseconds of so many runs.

mod cel;
mod extism;
mod python;
mod quickjs;

use std::io::BufRead;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rule::{Answer, Given};
use serde_json::{Value, json};

const LOCK: &str = include_str!("../Cargo.lock");

/// A way of deciding. It gives what the program calling it would go on with.
trait Peer {
    fn ask(&mut self) -> Result<Decided>;
}

enum Decided {
    Whole(Answer),
    /// Of CEL: findings without evidence.
    Part(Value),
}

struct Row {
    name: &'static str,
    /// Runs in a round.
    runs: usize,
    says: &'static str,
    peer: Box<dyn Peer>,
}

struct Native(Rc<Given>);

impl Peer for Native {
    fn ask(&mut self) -> Result<Decided> {
        Ok(Decided::Whole(rule::progress(self.0.clone())))
    }
}

fn main() -> Result<()> {
    let [given, expected] = [1, 2].map(|place| {
        let file = std::env::args().nth(place).context("two files are to be named")?;
        std::fs::read_to_string(&file).with_context(|| file.clone())
    });
    let (given, expected) = (given?, expected?);
    let (mut rows, versions) = rows(&given)?;
    let expected: Answer = serde_json::from_str(&expected).context("what is expected")?;
    for row in &mut rows {
        check(row, &expected)?;
    }
    let told = rows.iter().map(|row| json!({ "name": row.name, "runs": row.runs, "says": row.says }));
    println!("{}", json!({ "rows": told.collect::<Vec<_>>(), "versions": versions }));
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (name, runs) = line.split_once(' ').context("a row and how many runs")?;
        let Some(row) = rows.iter_mut().find(|row| row.name == name) else { bail!("there is no row {name}") };
        println!("{}", median(row, runs.parse()?)?);
    }
    Ok(())
}

fn rows(given: &str) -> Result<(Vec<Row>, Vec<String>)> {
    let parsed: Rc<Given> = Rc::new(serde_json::from_str(given).context("what is given")?);
    let python = python::Python::start(given)?;
    let mut versions: Vec<String> = ["extism", "rquickjs", "cel"].map(|name| format!("{name} {}", locked(name))).into();
    versions.push(format!("Python {}", python.version));
    let row = |name, runs, says, peer: Box<dyn Peer>| Row { name, runs, says, peer };
    let rows = vec![
        row("native", 500, "the same Rust source as a native function, the family in memory", Box::new(Native(parsed.clone()))),
        row(
            "extism-fresh",
            50,
            "Extism: a fresh plugin, JSON in and out, its default engine; the family's JSON ready",
            Box::new(extism::Fresh::start(given, false)?),
        ),
        row(
            "extism-from-memory-fresh",
            50,
            "Extism: the same, and the JSON of the family written for each run",
            Box::new(extism::FromMemory::start(parsed.clone())?),
        ),
        row("extism-pooled-fresh", 50, "Extism: `extism-fresh` with a pooling allocator", Box::new(extism::Fresh::start(given, true)?)),
        row("extism-reused", 100, "Extism: one plugin kept for all families", Box::new(extism::Reused::start(given)?)),
        row(
            "quickjs-fresh",
            50,
            "QuickJS embedded: a fresh runtime and context, from bytecode",
            Box::new(quickjs::Fresh::start(given, false)?),
        ),
        row(
            "quickjs-fresh-context",
            50,
            "QuickJS embedded: a fresh context in one runtime, from bytecode",
            Box::new(quickjs::Fresh::start(given, true)?),
        ),
        row("quickjs-reused", 50, "QuickJS embedded: one context kept for all families", Box::new(quickjs::Reused::start(given)?)),
        row("cel", 100, "CEL: the criterion `school` without its evidence, compiled once", Box::new(cel::Cel::start(parsed)?)),
        row("python-kept-alive", 50, "Python: a process kept alive, lines of JSON over a pipe", Box::new(python)),
    ];
    Ok((rows, versions))
}

fn check(row: &mut Row, expected: &Answer) -> Result<()> {
    let what = format!("{}: {}", row.name, row.says);
    match row.peer.ask().context(what.clone())? {
        Decided::Whole(answer) => ensure!(answer == *expected, "{what}\n{}\nnot\n{}", json!(answer), json!(expected)),
        Decided::Part(found) => {
            let school = expected.findings.iter().filter(|finding| finding.criterion == "school");
            let standing = |f: &rule::hearth::outcomes::findings::Finding| json!({ "person": f.person, "now": f.now, "before": f.before, "standing": f.standing });
            let expected = Value::Array(school.map(standing).collect());
            ensure!(found == expected, "{what}\n{found}\nnot\n{expected}");
        }
    }
    Ok(())
}

fn median(row: &mut Row, runs: usize) -> Result<u128> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let started = Instant::now();
        row.peer.ask()?;
        times.push(started.elapsed().as_nanos());
    }
    times.sort_unstable();
    times.get(runs / 2).copied().context("no runs")
}

fn locked(name: &str) -> &'static str {
    let after = LOCK.split_once(&format!("name = \"{name}\"\nversion = \"")).map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or_default()
}

/// The folder that `make conformance` builds the rule from, in three languages.
fn conformance() -> Result<std::path::PathBuf> {
    Ok(std::env::var_os("CONFORMANCE").context("CONFORMANCE is the folder that `make conformance` builds from")?.into())
}
