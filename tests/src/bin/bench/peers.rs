//! The program of `tests/peers`, which measures what a user would pick instead: told which row to run, it says how long a run took.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What it says of itself once every row of it has answered as it should.
#[derive(Debug, Deserialize)]
pub struct Peer {
    pub name: String,
    /// Runs in a round.
    pub runs: usize,
    pub says: String,
}

pub struct Peers {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
    pub rows: Vec<Peer>,
    pub versions: Vec<String>,
}

#[derive(Deserialize)]
struct Ready {
    rows: Vec<Peer>,
    versions: Vec<String>,
}

impl Peers {
    /// # Errors
    /// It is not built, or one of its rows answers otherwise.
    pub fn start(program: &str, folder: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(folder.join("given.json")).arg(folder.join("expected.json")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{program}; `make peers` builds it"))?;
        let asks = child.stdin.take().context("its input is piped")?;
        let mut says = BufReader::new(child.stdout.take().context("its output is piped")?);
        let Ready { rows, versions } = serde_json::from_str(&line(&mut says)?)?;
        Ok(Self { child, asks, says, rows, versions })
    }

    /// The median of `runs` runs.
    pub fn round(&mut self, row: &str, runs: usize) -> Result<Duration> {
        writeln!(self.asks, "{row} {runs}")?;
        let nanos: u64 = line(&mut self.says)?.trim().parse()?;
        Ok(Duration::from_nanos(nanos))
    }

    /// Without anything more to do it ends.
    pub fn stop(self) -> Result<()> {
        let Self { mut child, asks, .. } = self;
        drop(asks);
        let status = child.wait()?;
        ensure!(status.success(), "the peers ended with {status}");
        Ok(())
    }
}

fn line(says: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(says.read_line(&mut line)? > 0, "the peers ended early");
    Ok(line)
}
