//! `make back-test-speed`: families that a back-test asks both versions about in a second. FAMILIES (20,000) of them, all different, in SQLite; RUNS (5) of
//! each case, since a shared machine has good and bad moments. Beside it what bulk work decides in a second, with every decision kept.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use hearth::cli::home::{DatabaseArgs, Home};
use hearth::plugins::install::{asked, propose};
use hearth::plugins::publish::publish;
use hearth::record::{AuthorityId, Day, Digest};
use hearth::sandbox::ExtensionPoint;
use hearth::sandbox::compiler::Apart;
use hearth::store::{AuthorityStore, BackTestState};
use hearth::workflow::Asking;
use hearth::workflow::back_test::{CameOut, Candidate, CandidateIs};
use hearth_tests::lab::plugin;
use hearth_tests::number;
use hearth_tests::program::hearth;
use hearth_tests::programme::{BATCH, family};
use serde_json::{Value, json};

const BY: &str = "back-test-speed";
const AS_OF: &str = "2026-08-31";

#[tokio::main]
async fn main() -> Result<()> {
    let (families, runs) = (number("FAMILIES").unwrap_or(20_000), number("RUNS").unwrap_or(5).max(1));
    let folder = tempfile::tempdir()?;
    let home = Home::open_alone(folder.path(), &DatabaseArgs::default(), Apart::of(hearth())).await?;
    let code: AuthorityId = "E06000023".parse()?;
    let store = home.stores.create_authority(&code, "Bristol").await?;
    let digest = adopt(&home, &store).await?;
    for first in (0..families).step_by(usize::try_from(BATCH)?) {
        let some = (first..families.min(first + BATCH)).map(|n| family(n, &code)).collect::<Result<Vec<_>>>()?;
        let mut tx = store.write(BY, "families").await?;
        tx.add_families(&some).await?;
        tx.commit().await?;
    }
    println!("{families} families, {runs} runs of each; families a second, and processor time a family");
    println!("| candidate | known | differ | least | median | most | µs |\n|---|---|---:|---:|---:|---:|---:|");
    for (name, settings) in [("alike", json!({})), ("set otherwise", json!({ "attendance-percent": 50, "keyworker-required": false }))] {
        for known_then in [false, true] {
            let (mut rates, mut differ, used) = (Vec::new(), 0, processor());
            for _ in 0..runs {
                let came = tried(&home, &store, digest, &settings, known_then).await?;
                rates.push(came.0);
                differ = came.1.different;
            }
            let micros = (processor() - used) * 1e6 / (families * runs) as f64;
            tell(name, if known_then { "then" } else { "now" }, differ, rates, micros);
        }
    }
    let (began, used) = (Instant::now(), processor());
    let ready = home.workflow.deciding(&store, ExtensionPoint::Outcomes).await?;
    let summary = home.workflow.evaluate(&store, &ready, Asking::Suited, AS_OF.parse()?, BY, |_| ()).await?;
    ensure!(summary.is_whole(), "{summary:?}");
    let micros = (processor() - used) * 1e6 / families as f64;
    tell("bulk work, one version", "now", 0, vec![per_second(families, began)], micros);
    home.stores.close().await;
    Ok(())
}

async fn adopt(home: &Home, store: &AuthorityStore) -> Result<Digest> {
    let published = publish(home.stores.common(), &home.sandbox, plugin("bristol-outcomes"), BY).await?.inspected;
    let version = home.stores.common().plugin_version(&published.digest).await?.context("it was just published")?;
    let mut tx = store.write(BY, "adopt a plugin").await?;
    let installation = propose(&mut tx, &version, &asked(&published), &json!({}), BY).await?;
    tx.activate_installation(installation.id, BY).await?;
    tx.commit().await?;
    Ok(published.digest)
}

/// Families a second, and what it came to.
async fn tried(home: &Home, store: &AuthorityStore, digest: Digest, settings: &Value, known_then: bool) -> Result<(f64, CameOut)> {
    let live = home.workflow.deciding(store, ExtensionPoint::Outcomes).await?;
    let grants = hearth::plugins::install::grants_of(&live.installation)?.0.into_iter().collect();
    let today = store.clock().now().day();
    // As known then: of a day on which they are.
    let day: Day = if known_then { today } else { AS_OF.parse()? };
    let wanted = Candidate {
        is: CandidateIs::Plugin { digest, grants, settings: settings.clone() },
        asking: Asking::Suited,
        days: vec![day],
        known_then,
        size: None,
        seed: 0,
        keep_until: today,
    };
    let began = Instant::now();
    let mut plan = home.workflow.plan_back_test(store, wanted, BY).await?;
    let mut tx = store.write(BY, "began a back-test").await?;
    let id = home.workflow.begin_back_test(&mut tx, &mut plan).await?;
    tx.commit().await?;
    home.workflow.run_back_test(store, id, plan, BY).await?;
    let test = store.back_test(id).await?;
    ensure!(test.state == BackTestState::Done && test.done == test.total, "{test:?}");
    let came: CameOut = serde_json::from_value(test.came)?;
    ensure!(came.compared == test.done && came.failures.is_empty(), "{came:?}");
    Ok((per_second(test.done, began), came))
}

fn per_second(families: u64, began: Instant) -> f64 {
    families as f64 / began.elapsed().as_secs_f64()
}

/// Seconds of processor time that this process used until now: what else runs on the machine changes the rate, and hardly this.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum::<u64>();
    ticks as f64 / 100.0
}

fn tell(name: &str, known: &str, differ: u64, mut rates: Vec<f64>, micros: f64) {
    rates.sort_by(f64::total_cmp);
    let (least, median, most) = (rates[0], rates[rates.len() / 2], rates[rates.len() - 1]);
    println!("| {name} | {known} | {differ} | {least:.0} | {median:.0} | {most:.0} | {micros:.0} |");
}
