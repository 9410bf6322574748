//! `make crowd`: 5,000 installed plugins of which 50 are in use. How much memory does a host then have, and how long does a first use
//! take?
//!
//! The plugins are one rule in three languages, under 5,000 manifests: all have the same code. So each language is compiled once,
//! and a stand-in for the compiler gives that answer again for each of the others; everything else (counting, loading, keeping) is the
//! host's own way. Unless `--whole` is given, only what is used is kept compiled, and what is not used shares ten components a
//! language in JavaScript and Python: neither is ever opened by the host that is measured.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use hearth::plugins::inspect;
use hearth::plugins::install::{asked, propose};
use hearth::record::family_file::FamilyFile;
use hearth::record::{AuthorityId, Clock, Digest, FamilyId};
use hearth::sandbox::compiler::{Apart, Bounds};
use hearth::sandbox::{Artefacts, Compiler, ExtensionPoint, LARGEST_CACHE, Limits, Sandbox};
use hearth::store::{PluginVersion, Stores};
use hearth::workflow::{Asked, Asking, Asks, Ran, Workflow};
use hearth_tests::Family;
use hearth_tests::lab::{pack_unchecked, plugin, without_manifest};
use hearth_tests::program::{compiler, hearth};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const KEY: [u8; 32] = [5; 32];
const AS_OF: &str = "2026-08-31";
/// Questions to each plugin in use, after the first.
const ROUNDS: usize = 20;

struct Language {
    name: &'static str,
    installed: usize,
    used: usize,
}

const LANGUAGES: [Language; 3] = [
    Language { name: "rust", installed: 4_000, used: 40 },
    Language { name: "javascript", installed: 700, used: 7 },
    Language { name: "python", installed: 300, used: 3 },
];

/// An authority and what it uses.
#[derive(Serialize, Deserialize)]
struct User {
    authority: AuthorityId,
    language: String,
    family: FamilyId,
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let argument = |name: &str| std::env::args().skip_while(|a| a != name).nth(1).map(PathBuf::from);
    if let Some(folder) = argument("--measure") {
        println!("{}", runtime.block_on(measure(&folder))?);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    runtime.block_on(install(folder.path(), std::env::args().any(|a| a == "--whole")))?;
    eprintln!("installed in {} s", began.elapsed().as_secs());
    // A process of its own: what it took to install is not to be measured.
    let measured = Command::new(std::env::current_exe()?).arg("--measure").arg(folder.path()).stderr(Stdio::inherit()).output()?;
    ensure!(measured.status.success(), "the measured host ended with {}", measured.status);
    let figures: Value = serde_json::from_slice(&measured.stdout)?;
    report(&figures);
    let out = argument("--out").unwrap_or_else(|| "target/bench".into());
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join("crowd.json"), serde_json::to_string_pretty(&figures)?)?;
    Ok(())
}

fn cache(folder: &Path) -> Result<Artefacts> {
    let compiled = folder.join("compiled");
    std::fs::create_dir_all(&compiled)?;
    Ok(Artefacts::new(Dir::open_ambient_dir(&compiled, ambient_authority())?, KEY).holding(4 * LARGEST_CACHE))
}

/// What the real compiler answers about a component, to be given again by a program that does only that.
fn stand_in(folder: &Path, name: &str, component: &[u8]) -> Result<PathBuf> {
    use std::io::Write as _;
    let Bounds { memory, processor, .. } = Bounds::default();
    let answer = folder.join(format!("{name}.answer"));
    let mut command = Command::new(hearth());
    command.args(["compile", "--user", "65534"]).args(["--memory", &memory.to_string(), "--processor", &processor.to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // It reads all before it says anything.
    child.stdin.take().context("a pipe")?.write_all(component)?;
    let said = child.wait_with_output()?;
    ensure!(said.status.success(), "{name} is not compiled");
    std::fs::write(&answer, said.stdout)?;
    let program = folder.join(format!("{name}.sh"));
    std::fs::write(&program, format!("#!/bin/sh\n/bin/cat >/dev/null\n/bin/cat '{}'\n", answer.display()))?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

async fn install(folder: &Path, whole: bool) -> Result<()> {
    let stores = Stores::open(folder, Clock::system()).await?;
    let authorities: Vec<AuthorityId> = (1..=50).map(|n| format!("E0600{n:04}").parse()).collect::<Result<_, _>>()?;
    let mut users = Vec::new();
    for authority in &authorities {
        stores.create_authority(authority, "Invented").await?;
    }
    for language in &LANGUAGES {
        let built = plugin(&format!("conformance-{}", language.name));
        let inspected = inspect(&built)?;
        let (grants, base) = (asked(&inspected), without_manifest(&built));
        let manifest: Value = serde_json::from_str(&inspected.manifest_json)?;
        let program = stand_in(folder, language.name, base)?;
        let sandbox = Sandbox::start(Some(cache(folder)?), Compiler::Apart(Apart::of(program)), Limits::default())?;
        let different = if whole || language.name == "rust" { language.installed } else { language.used + 10 };
        let mut versions: Vec<PluginVersion> = Vec::new();
        for n in 0..different {
            let mut manifest = manifest.clone();
            manifest["name"] = json!(format!("crowd-{}-{n:04}", language.name));
            let bytes = pack_unchecked(base, &manifest);
            let digest = Digest::of(&bytes);
            if whole || n < language.used {
                sandbox.compile(digest, &bytes)?;
            }
            let mut tx = stores.common().write("crowd", "published plugins").await?;
            let version = PluginVersion {
                digest,
                name: manifest["name"].as_str().context("a name")?.to_owned(),
                version: inspected.manifest.version.clone(),
                publisher: inspected.manifest.publisher.clone(),
                size: bytes.len() as u64,
                uploaded_by: "crowd".to_owned(),
                at: tx.now(),
                manifest: manifest.to_string(),
            };
            tx.add_plugin_version(&version, bytes).await?;
            tx.commit().await?;
            versions.push(version);
        }
        let first = users.len();
        for (place, authority) in authorities.iter().enumerate() {
            let store = stores.authority(authority).await?;
            let mut tx = store.write("crowd", "adopt plugins").await?;
            if let Some(version) = place.checked_sub(first).filter(|n| *n < language.used).map(|n| &versions[n]) {
                let installation = propose(&mut tx, version, &grants, &json!({}), "crowd").await?;
                tx.activate_installation(installation.id, "crowd").await?;
                let document: FamilyFile = serde_json::from_value(family().json_without_feeds())?;
                let family = document.resolve(authority)?;
                tx.add_family(&family).await?;
                users.push(User { authority: authority.clone(), language: language.name.to_owned(), family: family.id });
            }
            for n in (language.used..language.installed).filter(|n| n % authorities.len() == place) {
                let idle = &versions[language.used + (n - language.used) % (different - language.used)];
                propose(&mut tx, idle, &grants, &json!({}), "crowd").await?;
            }
            tx.commit().await?;
        }
        eprintln!("{}: {} installed, {different} components, {} in use", language.name, language.installed, language.used);
    }
    std::fs::write(folder.join("users.json"), serde_json::to_vec(&users)?)?;
    stores.close().await;
    Ok(())
}

fn family() -> Family {
    Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").attendance("son", "2026-04-13..2026-07-21", 120, 100)
}

async fn measure(folder: &Path) -> Result<Value> {
    let stores = Stores::open(folder, Clock::system()).await?;
    let sandbox = Sandbox::start(Some(cache(folder)?), compiler(), Limits::default())?;
    let workflow = Workflow::new(stores.clone(), sandbox);
    let users: Vec<User> = serde_json::from_slice(&std::fs::read(folder.join("users.json"))?)?;
    let at_start = memory()?;
    let mut installed = 0;
    let mut first: Vec<(String, Duration, Duration)> = Vec::new();
    for user in &users {
        let store = stores.authority(&user.authority).await?;
        installed += store.installations().await?.len();
        let began = Instant::now();
        let ready = workflow.deciding(&store, ExtensionPoint::Outcomes).await?;
        let made_ready = began.elapsed();
        ask(&workflow, &store, &ready, user.family).await?;
        first.push((user.language.clone(), made_ready, began.elapsed()));
    }
    let after_first = memory()?;
    for _ in 0..ROUNDS {
        for user in &users {
            let store = stores.authority(&user.authority).await?;
            let ready = workflow.deciding(&store, ExtensionPoint::Outcomes).await?;
            ask(&workflow, &store, &ready, user.family).await?;
        }
    }
    let (held, counted) = workflow.held();
    ensure!(held == users.len(), "{held} of {} stayed in memory", users.len());
    let mut figures = json!({
        "installed": installed, "in-use": held, "counted-bytes": counted,
        "bytes-at-start": at_start, "bytes-after-first-use": after_first, "bytes": memory()?,
    });
    for language in &LANGUAGES {
        let of = |pick: fn(&(String, Duration, Duration)) -> Duration| {
            let mut times: Vec<Duration> = first.iter().filter(|f| f.0 == language.name).map(pick).collect();
            times.sort_unstable();
            // Of so few, the slowest is the 99th of a hundred.
            json!({ "median-ns": nanos(times[times.len() / 2]), "p99-ns": nanos(times[times.len() * 99 / 100]) })
        };
        figures[format!("first-ready-{}", language.name)] = of(|f| f.1);
        figures[format!("first-answer-{}", language.name)] = of(|f| f.2);
    }
    Ok(figures)
}

async fn ask(
    workflow: &Workflow,
    store: &hearth::store::AuthorityStore,
    ready: &Arc<hearth::workflow::Ready>,
    family: FamilyId,
) -> Result<()> {
    let asked = Asked { family, asks: Asks::Outcomes(Asking::Progress), as_of: AS_OF.parse()? };
    match workflow.ask(store, ready, asked, "crowd").await? {
        Ran::Decided(_) => Ok(()),
        Ran::Failed(failed) => Err(failed.fault.into()),
    }
}

/// Bytes in memory: all that this process touched, code that was mapped included.
fn memory() -> Result<Value> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let of = |field: &str| -> Option<u64> {
        let line = status.lines().find(|l| l.starts_with(field))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    };
    Ok(json!({ "resident": of("VmRSS:"), "own": of("RssAnon:"), "files": of("RssFile:"), "shared": of("RssShmem:") }))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn report(figures: &Value) {
    let mib = |v: &Value| v.as_u64().unwrap_or(0) >> 20;
    println!("{} installed, {} in use, {} MiB of them counted", figures["installed"], figures["in-use"], mib(&figures["counted-bytes"]));
    for (when, field) in [("at the start", "bytes-at-start"), ("after each was used once", "bytes-after-first-use"), ("later", "bytes")] {
        let memory = &figures[field];
        let (own, files, shared) = (mib(&memory["own"]), mib(&memory["files"]), mib(&memory["shared"]));
        println!("  resident {when:26} {:>5} MiB (own {own}, files {files}, compiled code {shared})", mib(&memory["resident"]));
    }
    for language in &LANGUAGES {
        for (what, field) in [("ready", "first-ready"), ("answer", "first-answer")] {
            let times = &figures[format!("{field}-{}", language.name)];
            let ms = |v: &Value| v.as_u64().unwrap_or(0) as f64 / 1e6;
            let (median, p99) = (ms(&times["median-ns"]), ms(&times["p99-ns"]));
            println!("  first use of {:10}, cold, to the {what:6}: median {median:>7.2} ms, p99 {p99:>7.2} ms", language.name);
        }
    }
}
