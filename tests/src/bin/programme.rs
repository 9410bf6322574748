//! `make programme`: a whole programme in one night. Makes up families, evaluates all of them from a cold process with every decision
//! kept, and says what it took, from small authorities to the largest; corrects one fact in a hundred and evaluates again; replays
//! decisions drawn by dice; and asks one rule in three languages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hearth::cli::home::{DatabaseArgs, Home};
use hearth::plugins::install::{asked, propose};
use hearth::plugins::publish::publish;
use hearth::record::{AuthorityId, Coverage, CoverageState, Day, Fact, FactId, Kind, NewFact, OrganisationId};
use hearth::sandbox::compiler::Apart;
use hearth::store::{AsKnown, AuthorityStore};
use hearth::workflow::AnswerAgain;
use hearth_tests::lab::plugin;
use hearth_tests::program::hearth;
use hearth_tests::programme::{BATCH, Dice, family};
use serde_json::{Value, json};

const AS_OF: &str = "2026-08-31";
/// Drawn at random and replayed.
const REPLAYED: usize = 1_000;
/// Families for each of three languages.
const IN_THREE_LANGUAGES: u64 = 2_000;

#[tokio::main]
async fn main() -> Result<()> {
    let families = hearth_tests::number("FAMILIES").unwrap_or(400_000);
    let data: PathBuf = argument("--data").context("--data says where the families are kept")?.into();
    let out: PathBuf = argument("--out").context("--out says where the figures go")?.into();
    std::fs::create_dir_all(&data)?;
    std::fs::create_dir_all(&out)?;

    let mut figures = serde_json::Map::new();
    let mut sizes: Vec<u64> = [1_000, 10_000, 100_000].into_iter().filter(|size| *size < families).collect();
    sizes.push(families);
    println!("families       facts    made in   evaluated in   a second   µs a family   memory at most");
    for (n, size) in sizes.iter().enumerate() {
        let authority: AuthorityId = format!("E0600{:04}", 100 + n).parse()?;
        let made = make(&data, &authority, *size, "bristol-outcomes").await?;
        let ran = evaluate(&data, &authority, &made.plugin)?;
        ensure!(ran.said.starts_with(&format!("{size} families: {size} decided")), "{}", ran.said);
        let seconds = ran.took.as_secs_f64();
        println!(
            "{size:>8}  {:>10}  {:>6.0} s   {seconds:>10.1} s   {:>8.0}   {:>11.0}   {:>10} MiB",
            made.facts,
            made.took.as_secs_f64(),
            *size as f64 / seconds,
            seconds * 1e6 / *size as f64,
            ran.memory >> 20
        );
        figures.insert(
            format!("families-{size}"),
            json!({ "facts": made.facts, "seconds": seconds, "micros-a-family": seconds * 1e6 / *size as f64, "memory-bytes": ran.memory }),
        );
        if *size == families {
            print!("\n{}", ran.said);
            figures.insert("replayed-equal".into(), json!(replay(&data, &authority).await?));
            figures.insert("after-corrections".into(), again(&data, &authority, made.facts / 100).await?);
        }
    }
    println!("\none rule in three languages, {IN_THREE_LANGUAGES} families each");
    for (n, language) in ["rust", "javascript", "python"].into_iter().enumerate() {
        let authority: AuthorityId = format!("E0700{:04}", 100 + n).parse()?;
        let name = format!("conformance-{language}");
        let made = make(&data, &authority, IN_THREE_LANGUAGES, &name).await?;
        let ran = evaluate(&data, &authority, &made.plugin)?;
        let micros = ran.took.as_secs_f64() * 1e6 / IN_THREE_LANGUAGES as f64;
        println!("  {language:<12} {:>6.1} s   {micros:>8.0} µs a family, compiling included", ran.took.as_secs_f64());
        figures.insert(name, json!({ "seconds": ran.took.as_secs_f64() }));
    }
    std::fs::write(out.join("programme.json"), serde_json::to_string_pretty(&Value::Object(figures))?)?;
    Ok(())
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}

struct Made {
    /// As its manifest calls it.
    plugin: String,
    facts: u64,
    took: Duration,
}

/// An authority with that many families, and the plugin deciding.
async fn make(data: &Path, code: &AuthorityId, families: u64, name: &str) -> Result<Made> {
    let started = Instant::now();
    let home = Home::open(data, &DatabaseArgs::default(), Apart::of(hearth())).await?;
    let store = home.stores.create_authority(code, &format!("Council {code}")).await.context("the data folder has to be a new one")?;
    let plugin = adopt(&home, &store, name).await?;
    let council = OrganisationId::of_council(code);
    let mut tx = store.write("programme", "what feeds cover").await?;
    let covered = |kind: &Kind| Coverage {
        kind: *kind,
        person: None,
        first: day("2020-01-01"),
        last: day("2030-12-31"),
        state: CoverageState::Complete,
        source: council.clone(),
        order: 0,
    };
    tx.add_coverage(&Kind::ALL.iter().map(covered).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    let (mut n, mut facts) = (0, 0);
    while n < families {
        let batch = (n..families.min(n + BATCH)).map(|n| family(n, code)).collect::<Result<Vec<_>>>()?;
        n += batch.len() as u64;
        facts += batch.iter().map(|f| f.facts.len() as u64).sum::<u64>();
        let mut tx = store.write("programme", "families").await?;
        tx.add_families(&batch).await?;
        tx.commit().await?;
    }
    home.stores.close().await;
    Ok(Made { plugin, facts, took: started.elapsed() })
}

async fn adopt(home: &Home, store: &AuthorityStore, name: &str) -> Result<String> {
    let published = publish(home.stores.common(), &home.sandbox, plugin(name), "programme").await?.inspected;
    let version = home.stores.common().plugin_version(&published.digest).await?.context("it was just published")?;
    let mut tx = store.write("programme", "adopt a plugin").await?;
    let installation = propose(&mut tx, &version, &asked(&published), &json!({}), "programme").await?;
    tx.activate_installation(installation.id, "programme").await?;
    tx.commit().await?;
    Ok(published.manifest.name)
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

struct Evaluated {
    took: Duration,
    /// Bytes of all its processes together, at most.
    memory: u64,
    said: String,
}

/// In a process of its own, as an operator would: everything from its start to its end counts.
fn evaluate(data: &Path, authority: &AuthorityId, name: &str) -> Result<Evaluated> {
    let started = Instant::now();
    let mut child = Command::new(hearth())
        .args(["evaluate", "--authority", authority.as_str(), "--plugin", name, "--as-of", AS_OF])
        .env("HEARTH_DATA", data)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut memory = 0;
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory = memory.max(resident(child.id()));
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = started.elapsed();
    let said = std::io::read_to_string(child.stdout.take().context("it was piped")?)?;
    if !ended.success() {
        bail!("hearth evaluate ended with {ended}:\n{said}");
    }
    Ok(Evaluated { took, memory, said })
}

/// Resident bytes of a process and of those that it started.
fn resident(id: u32) -> u64 {
    let own = std::fs::read_to_string(format!("/proc/{id}/statm")).ok();
    let pages: u64 = own.and_then(|text| text.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    pages * 4096 + children.split_whitespace().filter_map(|child| child.parse().ok()).map(resident).sum::<u64>()
}

/// Decisions drawn at random say the same again, from inputs that still follow from the record.
async fn replay(data: &Path, code: &AuthorityId) -> Result<usize> {
    let home = Home::open(data, &DatabaseArgs::default(), Apart::of(hearth())).await?;
    let store = home.stores.authority(code).await?;
    let (mut dice, mut decisions, mut before) = (Dice(7), Vec::new(), None);
    loop {
        let page = store.decisions(None, before, 5_000).await?;
        decisions.extend(page.items.iter().map(|d| d.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let drawn = REPLAYED.min(decisions.len());
    let mut same = 0;
    for _ in 0..drawn {
        let last = i64::try_from(decisions.len())? - 1;
        let id = decisions.swap_remove(usize::try_from(dice.between(0, last))?);
        let replayed = home.workflow.replay(&store, id).await?;
        ensure!(matches!(replayed.answer, AnswerAgain::Same { .. }), "decision {id}: {:?}", replayed.answer);
        same += 1;
    }
    println!("{same} of {drawn} decisions drawn at random are the same again, byte for byte");
    home.stores.close().await;
    Ok(same)
}

/// Corrects facts, one in each of as many families, and evaluates again.
async fn again(data: &Path, code: &AuthorityId, corrections: u64) -> Result<Value> {
    let home = Home::open(data, &DatabaseArgs::default(), Apart::of(hearth())).await?;
    let store = home.stores.authority(code).await?;
    let every = (store.count_families().await? / corrections.max(1)).max(1);
    let (mut after, mut n, mut corrected) = (None, 0_u64, 0_u64);
    loop {
        let page = store.families(after, u32::try_from(BATCH)?).await?;
        let mut facts = Vec::new();
        for family in &page.items {
            n += 1;
            if n % every == 0 && corrected + (facts.len() as u64) < corrections {
                let known = store.facts(family.id, AsKnown::Now).await?;
                let fact = known.into_iter().find(|f| f.kind() == Kind::Attendance).context("each has attendance")?;
                facts.push(correction(fact));
            }
        }
        corrected += facts.len() as u64;
        if !facts.is_empty() {
            let mut tx = store.write("programme", "corrections").await?;
            tx.add_facts(&facts).await?;
            tx.commit().await?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    home.stores.close().await;
    let ran = evaluate(data, code, "bristol-outcomes")?;
    println!("after {corrected} facts were corrected, one a family:");
    print!("{}", ran.said.lines().next().map(|line| format!("{line}\n")).unwrap_or_default());
    ensure!(ran.said.contains(&format!(" {corrected} decided,")), "{}", ran.said);
    Ok(json!({ "corrected": corrected, "seconds": ran.took.as_secs_f64() }))
}

/// The school counted one half-day less.
fn correction(fact: Fact) -> NewFact {
    let mut detail = fact.detail.to_json();
    detail["attended"] = json!(detail["attended"].as_u64().unwrap_or(1) - 1);
    NewFact {
        id: FactId::fresh(),
        subject: fact.subject,
        window: fact.window,
        source: fact.source,
        reference: fact.reference,
        supersedes: Some(fact.id),
        detail: hearth::record::Detail::read(Kind::Attendance, detail).expect("one less is sound"),
    }
}
