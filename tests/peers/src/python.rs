//! A Python process kept alive, a line of JSON each way.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{Decided, Peer, conformance};

pub struct Python {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
    pub version: String,
    /// With the end of its line.
    given: String,
    answer: String,
}

impl Python {
    pub fn start(given: &str) -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let written = conformance()?.join("python/kit");
        let mut command = Command::new("python3");
        command.arg("-B").arg(here.join("python/peer.py")).arg(here.join("../conformance/python"));
        command.arg(&written).arg(written.join("stubs")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("python3")?;
        let asks = child.stdin.take().context("its input is piped")?;
        let mut says = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut version = String::new();
        ensure!(says.read_line(&mut version)? > 0, "Python does not start");
        let version = version.trim().to_owned();
        Ok(Self { child, asks, says, version, given: format!("{}\n", given.trim()), answer: String::new() })
    }
}

impl Peer for Python {
    fn ask(&mut self) -> Result<Decided> {
        self.asks.write_all(self.given.as_bytes())?;
        self.answer.clear();
        ensure!(self.says.read_line(&mut self.answer)? > 0, "Python ended");
        Ok(Decided::Whole(serde_json::from_str(&self.answer)?))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // Already dead is dead enough.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
