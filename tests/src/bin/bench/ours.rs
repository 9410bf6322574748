//! Hearth's rows: each round is so many decisions one after another.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hearth::sandbox::{Given, Question};
use hearth_tests::conformance::{self, Asking};
use hearth_tests::host::{Caller, Host};
use hearth_tests::{Family, Lab};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::family::{AS_OF, FACTS, answer_as_json, as_json, given, hundred_facts, terms};
use super::median;

/// Families of the same facts that the API is asked about in turn.
const FAMILIES: usize = 100;
/// Decisions asked for at once through the API, and how many of them.
const AT_ONCE: usize = 8;
const DECISIONS: usize = 3_000;

pub const RAW: &str = "raw-wasmtime-fresh";
pub const FRESH: &str = "hearth-fresh";
pub const JAVASCRIPT: &str = "hearth-javascript-fresh";
pub const PYTHON: &str = "hearth-python-fresh";
pub const API: &str = "api-decision";

pub struct Ours {
    rust: Plugin,
    javascript: Plugin,
    python: Plugin,
    host: Host,
    council: Caller,
    families: Vec<String>,
    /// What a peer is given, and what it should answer.
    pub given: Value,
    pub expected: Value,
}

struct Plugin {
    lab: Lab,
    given: Given,
}

impl Ours {
    /// # Errors
    /// A plugin's answer is not what the rule's page gives.
    pub async fn start() -> Result<Self> {
        let family = hundred_facts();
        let rust = Plugin::new("conformance-rust", &family)?;
        let javascript = Plugin::new("conformance-javascript", &family)?;
        let python = Plugin::new("conformance-python", &family)?;
        let facts = rust.given.snapshot.facts.len();
        ensure!(facts == FACTS, "the family has {facts} facts");

        let terms = terms();
        let settings = json!({});
        let as_of: Date = AS_OF.parse()?;
        let asking = Asking { question: Question::Progress, as_of, settings: &settings, claims: &[], terms: Some(&terms) };
        let expected = conformance::answer(family.json(), &asking);
        for plugin in [&rust, &javascript, &python] {
            plugin.check(&expected.encode().1).await?;
        }
        let (host, council, families) = through_the_api(&family).await?;
        let ours =
            Self { given: as_json(&rust.given)?, expected: answer_as_json(&expected)?, rust, javascript, python, host, council, families };
        let decision = ours.decide(0).await?;
        ensure!(decision["result"] == expected.code(), "through the API: {decision}\nnot {}", expected.code());
        Ok(ours)
    }

    /// The median of `runs` runs.
    pub async fn round(&self, row: &str, runs: usize) -> Result<Duration> {
        let mut times = Vec::with_capacity(runs);
        for number in 0..runs {
            let started = Instant::now();
            match row {
                RAW => self.rust.lab.prepared().raw(self.rust.lab.sandbox.engine(), &self.rust.given).await?,
                FRESH => self.rust.ask().await?,
                JAVASCRIPT => self.javascript.ask().await?,
                PYTHON => self.python.ask().await?,
                API => drop(self.decide(number).await?),
                other => bail!("there is no row {other}"),
            }
            times.push(started.elapsed());
        }
        Ok(median(&times))
    }

    async fn decide(&self, number: usize) -> Result<Value> {
        let question = json!({ "family": self.families[number % self.families.len()], "question": "progress", "as_of": AS_OF });
        let decision = self.council.post("/decisions", question).await?;
        ensure!(decision["result"].is_string(), "no decision: {decision}");
        Ok(decision)
    }

    /// Many at once, then the end of the host: how many a second, and how long 99 of 100 took at most.
    pub async fn at_once(self) -> Result<(f64, Duration)> {
        let host = self.host;
        let (council, families) = (self.council, std::sync::Arc::new(self.families));
        let started = Instant::now();
        let mut workers = Vec::new();
        for worker in 0..AT_ONCE {
            let (council, families) = (council.clone(), families.clone());
            workers.push(tokio::spawn(async move {
                let mut times = Vec::new();
                for number in (worker..DECISIONS).step_by(AT_ONCE) {
                    let family = &families[number % families.len()];
                    let asked = Instant::now();
                    let question = json!({ "family": family, "question": "progress", "as_of": AS_OF });
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
        let per_second = DECISIONS as f64 / started.elapsed().as_secs_f64();
        times.sort_unstable();
        host.stop().await;
        Ok((per_second, times[times.len() * 99 / 100]))
    }
}

impl Plugin {
    fn new(name: &str, family: &Family) -> Result<Self> {
        let lab = Lab::of(name);
        let given = given(&lab, family)?;
        Ok(Self { lab, given })
    }

    /// A fresh instance, limits, every answer checked.
    async fn ask(&self) -> Result<()> {
        let outcome = self.lab.sandbox.ask_here(self.lab.prepared(), self.given.clone()).await;
        outcome.result?;
        Ok(())
    }

    async fn check(&self, expected: &[u8]) -> Result<()> {
        let outcome = self.lab.sandbox.ask_here(self.lab.prepared(), self.given.clone()).await;
        let (_, told) = outcome.result?.encode();
        let text = String::from_utf8_lossy;
        ensure!(told == expected, "a plugin answers\n{}\nand the rule's page gives\n{}", text(&told), text(expected));
        Ok(())
    }
}

/// A real host on a port of its own, with families to ask about.
async fn through_the_api(family: &Family) -> Result<(Host, Caller, Vec<String>)> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let row = |(name, first, last): conformance::Term| json!({ "name": name, "first": first, "last": last });
    let rows: Vec<Value> = terms().into_iter().map(row).collect();
    let supplied = council.send(council.request("PUT", "/tables/school-terms").json(&json!({ "rows": rows }))).await?;
    ensure!(supplied.status == 200, "the terms are not taken: {}", supplied.body);
    council.adopt("conformance-rust", &json!({})).await?;
    let mut families = Vec::new();
    for number in 0..FAMILIES {
        let made = council.post("/families", family.clone().called(&format!("bench-{number}")).json_without_feeds()).await?;
        families.push(made["id"].as_str().context("a family has an id")?.to_owned());
    }
    Ok((host, council, families))
}
