//! The end of `make attacks`: what one authority notices of another that attacks. B asks decent questions at three fifths of the rate that it can
//! be answered at alone; in every other interval A's plugins attack with all that they have, and a plugin is uploaded every second.
//! Prints B's 99th percentile in each interval and the median of the ratios, and keeps them in `$CARGO_TARGET_DIR/bench`.
//!
//! Three processes, as in life: the host, B's callers, and A's, which are another machine's and so of the lowest priority on this one.
//!
//! `ROUNDS` (10) pairs of intervals of `SECONDS` (8). `ONLY=memory` (or another of [`ATTACKS`], or `uploads`) leaves out all others, for
//! finding out what is noticed. `MOMENTS=1` says when in an interval B waited.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hearth_tests::attacks::guests::{Beside, limits, with_many_criteria};
use hearth_tests::host::Caller;
use hearth_tests::lab::{pack_unchecked, plugin, without_manifest};
use hearth_tests::program::{Served, run};
use hearth_tests::{Family, number};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// As the hostile plugin knows them.
const ATTACKS: [&str; 5] = ["loop", "memory", "host calls", "many log lines", "95% of every limit"];
/// Of each attack, each of which asks again as soon as it is answered: together more than an authority's places.
const CALLERS: usize = 4;
/// Of August 2026: the plugin makes the attack that the day's number since 1970 leaves over, and this is one of the first.
const FIRST_DAY: usize = 10;

#[tokio::main]
async fn main() -> Result<()> {
    if let Ok(whom) = std::env::var(ATTACKERS) {
        return Attackers::from(serde_json::from_str(&whom)?)?.attack().await;
    }
    let (rounds, seconds) = (number("ROUNDS").unwrap_or(10), Duration::from_secs(number("SECONDS").unwrap_or(8)));
    let turns = turns_to_nearly_everything().await;
    let host = Host::start()?;
    let b = Neighbour::settled(&host).await?;
    let mut a = Attacked::settled(&host, turns).await?;

    let alone = b.rate_alone(seconds).await?;
    let rate = alone * 0.6;
    println!("B alone: {alone:.0} decisions a second; asked for {rate:.0}");
    let mut pairs = Vec::new();
    for round in 0..rounds {
        // Now the one first, now the other: whatever else changes with time falls on both.
        let (quiet, attacked) = if round % 2 == 0 {
            let quiet = b.p99(rate, seconds).await?;
            (quiet, a.attacking(b.p99(rate, seconds)).await?)
        } else {
            let attacked = a.attacking(b.p99(rate, seconds)).await?;
            (b.p99(rate, seconds).await?, attacked)
        };
        println!("round {:2}: alone {quiet:7.2} ms, attacked {attacked:7.2} ms, ratio {:.2}", round + 1, attacked / quiet);
        pairs.push((quiet, attacked));
    }
    let mut ratios: Vec<f64> = pairs.iter().map(|(quiet, attacked)| attacked / quiet).collect();
    ratios.sort_by(f64::total_cmp);
    let median = f64::midpoint(ratios[(ratios.len() - 1) / 2], ratios[ratios.len() / 2]);
    let Ended { runs, uploads } = a.ended;
    println!("ended meanwhile: {runs:?}; uploaded: {uploads}; median ratio {median:.2}");
    ensure!(!runs.is_empty() || uploads > 0, "nobody attacked");
    keep(&json!({
        "median_ratio": median, "rate_alone": alone, "rate": rate, "attacks": runs, "uploads": uploads,
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "rounds": pairs.iter().map(|(quiet, attacked)| json!({ "alone_p99_ms": quiet, "attacked_p99_ms": attacked })).collect::<Vec<_>>(),
    }))
}

fn keep(figures: &Value) -> Result<()> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    let folder = std::path::Path::new(&target).join("bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("neighbours.json"), serde_json::to_vec_pretty(figures)?)?;
    Ok(())
}

/// A host in a process of its own, with plugins that are parked by nobody.
struct Host {
    data: TempDir,
    served: Served,
    operator: Caller,
}

impl Host {
    fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let served = Served::start_with(data.path(), &[("HEARTH_LIMIT_PARKED_AFTER", "0")]);
        let operator = Caller::new(&served.base, "", &token(&data, &["--name", "operator"])?);
        Ok(Self { data, served, operator })
    }

    /// A council, and somebody who may act for it.
    async fn council(&self, code: &str, name: &str) -> Result<Council> {
        self.operator.post("/v1/authorities", json!({ "code": code, "name": name })).await?;
        let token = token(&self.data, &["--name", "host", "--authority", code, "--role", "system"])?;
        Ok(Council { base: self.served.base.clone(), prefix: format!("/v1/authorities/{code}"), token })
    }
}

fn token(data: &TempDir, asked: &[&str]) -> Result<String> {
    let made = run(data.path(), &[&["token"], asked].concat());
    ensure!(made.code == 0, "{}", made.err);
    Ok(made.out.trim().to_owned())
}

/// Where somebody of a council asks, and as whom.
#[derive(Serialize, Deserialize)]
struct Council {
    base: String,
    prefix: String,
    token: String,
}

impl Council {
    fn caller(&self) -> Caller {
        Caller::new(&self.base, &self.prefix, &self.token)
    }
}

/// How many turns its loop may take beside all else, for 95% of the instructions of a run.
async fn turns_to_nearly_everything() -> u64 {
    let beside = Beside::of(&with_many_criteria(), &[], limits()).await;
    let ask = async |turns: u64| beside.ask(&format!("95% of every limit, and turns {turns}"), "2026-08-31").await.instructions;
    let (none, some) = (ask(0).await, ask(1_000_000).await);
    (limits().instructions / 100 * 95).saturating_sub(none) / ((some - none) / 1_000_000).max(1)
}

/// The one who asks decent questions.
#[derive(Clone)]
struct Neighbour {
    council: Caller,
    family: String,
}

impl Neighbour {
    async fn settled(host: &Host) -> Result<Self> {
        let council = host.council("E08000035", "Leeds").await?.caller();
        council.adopt("bristol-outcomes", &json!({})).await?;
        let family = Family::engaged("2026-01-01", &["school-attendance"]).child("son", "2014-01-01").callouts("2026-01-01", 80);
        let made = council.post("/families", family.json_without_feeds()).await?;
        Ok(Self { council, family: made["id"].as_str().context("a family has an id")?.to_owned() })
    }

    async fn ask(&self) -> Result<()> {
        let question = json!({ "family": self.family, "question": "progress", "as_of": "2026-08-31" });
        self.council.post("/decisions", question).await.map(|_| ())
    }

    /// Decisions a second, with eight callers who wait for nothing else.
    async fn rate_alone(&self, length: Duration) -> Result<f64> {
        let until = Instant::now() + length;
        let mut callers = JoinSet::new();
        for _ in 0..8 {
            let this = self.clone();
            callers.spawn(async move {
                let mut done = 0_u32;
                while Instant::now() < until {
                    this.ask().await?;
                    done += 1;
                }
                anyhow::Ok(done)
            });
        }
        let mut done = 0;
        while let Some(some) = callers.join_next().await {
            done += some??;
        }
        Ok(f64::from(done) / length.as_secs_f64())
    }

    /// Asks at that rate, whether or not the one before is answered; milliseconds from when each was due.
    async fn p99(&self, rate: f64, length: Duration) -> Result<f64> {
        let mut due = interval(Duration::from_secs_f64(1.0 / rate));
        due.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let until = Instant::now() + length;
        let mut asked = JoinSet::new();
        while Instant::now() < until {
            let at = due.tick().await;
            let this = self.clone();
            let when = length.as_secs_f64() - until.saturating_duration_since(at.into_std()).as_secs_f64();
            asked.spawn(async move { this.ask().await.map(|()| (when, at.elapsed().as_secs_f64() * 1_000.0)) });
        }
        let mut took = Vec::new();
        while let Some(one) = asked.join_next().await {
            took.push(one??);
        }
        if std::env::var_os("MOMENTS").is_some() {
            moments(&mut took);
        }
        let mut took: Vec<f64> = took.into_iter().map(|(_, took)| took).collect();
        took.sort_by(f64::total_cmp);
        Ok(took[(took.len() * 99 / 100).min(took.len() - 1)])
    }
}

/// More than a question of B's takes at other times.
const SLOW_MILLIS: f64 = 10.0;
/// What is so far apart hangs together no longer.
const APART_SECONDS: f64 = 0.03;

/// When it was slow, one line for what hangs together: seconds into the interval, how many questions waited, and the longest for how long.
fn moments(took: &mut [(f64, f64)]) {
    took.sort_by(|a, b| a.0.total_cmp(&b.0));
    let slow: Vec<(f64, f64)> = took.iter().copied().filter(|(_, took)| *took > SLOW_MILLIS).collect();
    for moment in slow.chunk_by(|(before, _), (when, _)| when - before < APART_SECONDS) {
        let longest = moment.iter().map(|(_, took)| *took).fold(0.0, f64::max);
        println!("    at {:.2} s {} waited more than {SLOW_MILLIS} ms, the longest {longest:.0} ms", moment[0].0, moment.len());
    }
}

/// The council whose plugins attack, and whom about.
#[derive(Serialize, Deserialize)]
struct Whom {
    council: Council,
    family: String,
    /// How often it was attacked before: what is uploaded is another version each time.
    before: u64,
}

/// How runs ended, and how often; and how much was uploaded.
#[derive(Default, Serialize, Deserialize)]
struct Ended {
    runs: BTreeMap<String, u64>,
    uploads: u64,
}

/// The attack, as whoever measures sees it.
struct Attacked {
    whom: Whom,
    ended: Ended,
}

impl Attacked {
    async fn settled(host: &Host, turns: u64) -> Result<Self> {
        let council = host.council("E06000023", "Bristol").await?;
        let document = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").json_without_feeds();
        let family = council.caller().post("/families", document).await?["id"].as_str().context("a family has an id")?.to_owned();
        let attack = format!("by the day|{}, and turns {turns}", ATTACKS.join("|"));
        council.caller().adopt_file(with_many_criteria(), &json!({ "attack": attack })).await?;
        Ok(Self { whom: Whom { council, family, before: 0 }, ended: Ended::default() })
    }

    /// Attacks for as long as `during` takes.
    async fn attacking<T>(&mut self, during: impl Future<Output = Result<T>>) -> Result<T> {
        let mut attackers = Command::new("nice");
        attackers.args(["-n", "19"]).arg(std::env::current_exe()?);
        attackers.env(ATTACKERS, serde_json::to_string(&self.whom)?).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut attackers = attackers.spawn()?;
        let (told, says) = (attackers.stdin.take().context("it is piped")?, attackers.stdout.take().context("it is piped")?);
        let (mut says, mut said) = (BufReader::new(says), String::new());
        says.read_line(&mut said)?;
        // Until all of them are at it.
        sleep(Duration::from_millis(500)).await;
        let noticed = during.await;
        drop(told);
        said.clear();
        says.read_to_string(&mut said)?;
        ensure!(attackers.wait()?.success(), "the attackers failed");
        let ended: Ended = serde_json::from_str(&said)?;
        for (end, times) in ended.runs {
            *self.ended.runs.entry(end).or_default() += times;
        }
        self.ended.uploads += ended.uploads;
        self.whom.before += 1;
        noticed
    }
}

/// The attackers' process: set where this program is started as it.
const ATTACKERS: &str = "NEIGHBOURS_ATTACK";

/// The one whose plugins attack.
struct Attackers {
    whom: Whom,
    council: Caller,
    runs: Arc<Mutex<BTreeMap<String, u64>>>,
    uploads: Arc<AtomicU64>,
    uploaded: Arc<Uploaded>,
}

impl Attackers {
    fn from(whom: Whom) -> Result<Self> {
        let uploaded = Arc::new(Uploaded::new(whom.before)?);
        Ok(Self { council: whom.council.caller(), whom, runs: Arc::default(), uploads: Arc::default(), uploaded })
    }

    /// Attacks until nobody talks to this process any more; then says how it ended.
    async fn attack(self) -> Result<()> {
        let attack = Arc::new(AtomicBool::new(true));
        let mut callers = JoinSet::new();
        let only = std::env::var("ONLY").ok();
        let made = |attack: &str| only.as_deref().is_none_or(|only| only == attack);
        for caller in (0..ATTACKS.len() * CALLERS).filter(|caller| made(ATTACKS[caller % ATTACKS.len()])) {
            let question =
                json!({ "family": self.whom.family, "question": "progress", "as_of": format!("2026-08-{:02}", FIRST_DAY + caller) });
            let (council, runs, attack) = (self.council.clone(), self.runs.clone(), attack.clone());
            callers.spawn(async move {
                while attack.load(Relaxed) {
                    // Failed or answered: what is measured is what the other one notices.
                    let Ok(end) = ended(&council, &question).await else { continue };
                    *runs.lock().unwrap_or_else(PoisonError::into_inner).entry(end).or_default() += 1;
                }
            });
        }
        let (council, uploads, uploading) = (self.council.clone(), self.uploads.clone(), attack.clone());
        let (uploads_too, uploaded) = (made("uploads"), self.uploaded.clone());
        callers.spawn(async move {
            while uploads_too && uploading.load(Relaxed) {
                let _ = council.upload(uploaded.version(uploads.fetch_add(1, Relaxed))).await;
                sleep(Duration::from_secs(1)).await;
            }
        });
        println!("attacking");
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        attack.store(false, Relaxed);
        callers.join_all().await;
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        println!("{}", serde_json::to_string(&Ended { runs, uploads: self.uploads.load(Relaxed) })?);
        Ok(())
    }
}

/// How a question of theirs ended. Of an answer nothing is read: to take apart a megabyte of it is work for their machines, and this one is B's.
async fn ended(council: &Caller, question: &Value) -> Result<String> {
    let answer = council.request("POST", "/decisions").bearer_auth(&council.token).json(question).send().await?;
    let answered = answer.status().is_success();
    let body = answer.bytes().await?;
    if answered {
        return Ok("answered".to_owned());
    }
    let problem: Value = serde_json::from_slice(&body)?;
    Ok(problem["type"].as_str().unwrap_or("unknown").replace("/problems/", ""))
}

/// A plugin that is uploaded again and again.
struct Uploaded {
    before: u64,
    component: Vec<u8>,
    manifest: Value,
}

impl Uploaded {
    fn new(before: u64) -> Result<Self> {
        let packed = plugin("hostile");
        let mut manifest: Value = serde_json::from_str(&hearth::plugins::inspect(&packed)?.manifest_json)?;
        manifest["name"] = json!("uploaded-again-and-again");
        Ok(Self { before, component: without_manifest(&packed).to_vec(), manifest })
    }

    /// Another each time, so that each is compiled.
    fn version(&self, number: u64) -> Vec<u8> {
        let mut manifest = self.manifest.clone();
        manifest["version"] = json!(format!("1.{}.{number}", self.before));
        pack_unchecked(&self.component, &manifest)
    }
}
