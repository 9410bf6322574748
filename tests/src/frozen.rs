//! Releases of the interface as they were frozen: `wit/frozen/RELEASE` holds the WIT, the code lists, the schemas and the
//! closed world's list of that day, and compiled plugins, one a language. What is frozen never changes; what comes after
//! must not break it. `wit/README.md` says how the interface grows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use hearth::plugins::inspect;
use hearth::plugins::scenarios::{Bench, packed};
use hearth::record::snapshot::Snapshot;
use hearth::record::{Day, Digest, FamilyId};
use hearth::sandbox::{ExtensionPoint, Given, Grants, INTERFACE_VERSION, Limits, Matter, Question, Sandbox, Words};
use serde::{Deserialize, Serialize};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::lab::compiled;
use crate::program::compiler;

/// The folder of the interface.
pub const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");

/// What is frozen beside the packages, and must be there in every later release.
const BESIDE: &[&str] = &["codes", "manifest.schema.json", "scenario.schema.json", "forms.md", "scenarios.md", "wasi.md"];

/// One line of `wit/frozen/releases.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub release: String,
    pub frozen_on: String,
    /// Over every file of its folder.
    pub digest: Digest,
}

/// # Errors
/// The list cannot be read.
pub fn releases() -> Result<Vec<Release>> {
    let list = Path::new(WIT).join("frozen/releases.json");
    if !list.exists() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&std::fs::read(&list)?).with_context(|| list.display().to_string())
}

/// Where a release lies.
#[must_use]
pub fn folder(release: &str) -> PathBuf {
    Path::new(WIT).join("frozen").join(release)
}

/// Every file below a folder, by its path there.
///
/// # Errors
/// The folder cannot be read.
pub fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    fn below(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                below(root, &path, found)?;
            } else {
                let name = path.strip_prefix(root)?.to_str().context("a plain name")?.replace('\\', "/");
                found.insert(name, std::fs::read(&path)?);
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    below(folder, folder, &mut found)?;
    Ok(found)
}

/// One digest for all files of a folder: their names, lengths and contents.
///
/// # Errors
/// The folder cannot be read.
pub fn digest(folder: &Path) -> Result<Digest> {
    let mut all = Vec::new();
    for (name, bytes) in files(folder)? {
        all.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        all.extend_from_slice(&bytes);
    }
    Ok(Digest::of(&all))
}

/// The packages of a release, or of today's `wit/`, in `resolve`: the world that has everything.
///
/// # Errors
/// The WIT does not parse.
pub fn everything(resolve: &mut Resolve, folder: &Path) -> Result<WorldId> {
    let package = packages(resolve, folder)?;
    resolve.select_world(&[package], Some("everything"))
}

fn packages(resolve: &mut Resolve, folder: &Path) -> Result<PackageId> {
    let mut groups = Vec::new();
    let mut host = None;
    let mut subfolders: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    subfolders.sort();
    for package in subfolders.into_iter().filter(|p| p.is_dir()) {
        let wit = |f: &PathBuf| f.extension().is_some_and(|e| e == "wit");
        let mut sources = wit_parser::SourceMap::default();
        let mut texts: Vec<PathBuf> = std::fs::read_dir(&package)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
        texts.retain(wit);
        texts.sort();
        if texts.is_empty() {
            continue;
        }
        for text in &texts {
            sources.push_str(&text.display().to_string(), std::fs::read_to_string(text)?);
        }
        let group = sources.parse().map_err(|(sources, e)| anyhow::anyhow!(e.render(&sources)))?;
        if package.ends_with("host") { host = Some(group) } else { groups.push(group) }
    }
    let host = host.with_context(|| format!("{} has no package of the host", folder.display()))?;
    Ok(resolve.push_groups(host, groups)?)
}

/// Is today's interface one that plugins of that release still fit? What is found against it, in words.
///
/// # Errors
/// A release that cannot be read.
pub fn breaks(release: &Path, today: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut resolve = Resolve::default();
    let before = everything(&mut resolve, release).context("the frozen release")?;
    let after = everything(&mut resolve, today).context("the interface of today")?;
    let names = |items: &wit_parser::IndexMap<wit_parser::WorldKey, wit_parser::WorldItem>| -> BTreeSet<String> {
        items.keys().map(|key| bare(&resolve.name_world_key(key))).collect()
    };
    let (was, is) = (&resolve.worlds[before], &resolve.worlds[after]);
    for gone in names(&was.imports).difference(&names(&is.imports)) {
        found.push(format!("{gone} is lent no more"));
    }
    // What the compatibility check itself misses: an extension point that is asked no more.
    for gone in names(&was.exports).difference(&names(&is.exports)) {
        found.push(format!("{gone} is asked no more"));
    }
    for (name, function) in exported(&resolve, after).difference(&exported(&resolve, before)) {
        if names(&was.exports).contains(name) {
            found.push(format!("{name} asks `{function}`, which no plugin of that release answers: it belongs into a new interface"));
        }
    }
    // The host takes what a plugin exports and lends what it imports: the world's imports may grow.
    if let Err(e) = wit_component::semver_check(resolve.clone(), before, after) {
        found.push(format!("a plugin of that release does not link: {e:#}"));
    }
    found.extend(lists_that_shrank(release, today)?);
    Ok(found)
}

fn bare(name: &str) -> String {
    name.split('@').next().unwrap_or(name).to_owned()
}

fn exported(resolve: &Resolve, world: WorldId) -> BTreeSet<(String, String)> {
    let exports = &resolve.worlds[world].exports;
    let functions = exports.iter().filter_map(|(key, item)| {
        let wit_parser::WorldItem::Interface { id, .. } = item else { return None };
        let name = bare(&resolve.name_world_key(key));
        Some(resolve.interfaces[*id].functions.keys().map(move |f| (name.clone(), f.clone())))
    });
    functions.flatten().collect()
}

#[derive(Deserialize)]
struct List {
    codes: Vec<Code>,
}

#[derive(PartialEq, Deserialize)]
struct Code {
    code: String,
    en: String,
    cy: String,
    section: Option<String>,
}

/// Code lists only grow, and the closed world answers what it answered.
fn lists_that_shrank(release: &Path, today: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, bytes) in files(&release.join("codes"))? {
        let now = today.join("codes").join(&name);
        let before: List = serde_json::from_slice(&bytes)?;
        let Ok(now) = std::fs::read(&now) else {
            found.push(format!("the code list {name} is gone"));
            continue;
        };
        let now: List = serde_json::from_slice(&now)?;
        for code in before.codes.iter().filter(|c| !now.codes.contains(c)) {
            found.push(format!("{name}: `{}` is gone, or means something else", code.code));
        }
    }
    let answered = |folder: &Path| -> Result<BTreeSet<String>> {
        let page = std::fs::read_to_string(folder.join("wasi.md"))?;
        Ok(page.lines().filter(|l| l.starts_with("| `wasi:")).map(str::to_owned).collect())
    };
    for line in answered(release)?.difference(&answered(today)?) {
        found.push(format!("the closed world answers otherwise: {line}"));
    }
    Ok(found)
}

/// What a plugin's scenarios came to: their names, and the digests of the answers, day by day.
pub type Said = BTreeMap<String, Vec<Option<Digest>>>;

/// Plays all scenarios that a plugin carries.
///
/// # Errors
/// The plugin does not fit this host, or a scenario does not pass.
pub async fn play(bytes: &[u8]) -> Result<Said> {
    let inspected = inspect(bytes)?;
    let sandbox = Sandbox::start(Some(compiled()?), compiler(), Limits::default())?;
    let compiled = sandbox.compile(inspected.digest, bytes)?;
    let stories = packed(&inspected.manifest.scenarios).map_err(|e| anyhow::anyhow!("{e}"))?;
    ensure!(!stories.is_empty(), "it carries no scenarios");
    let bench = Bench::new(sandbox, compiled, inspected)?;
    let mut said = Said::new();
    for story in &stories {
        let played = bench.play(story).await;
        if !played.passed() {
            let misses: Vec<_> = played.checked.iter().flat_map(|c| &c.misses).collect();
            bail!("{}: {:?} {misses:?}", story.name(), played.wrong);
        }
        said.insert(story.name(), played.checked.iter().map(|c| c.answer).collect());
    }
    Ok(said)
}

/// Links a component to everything that this host lends, looks for every question in it, and starts it once.
///
/// # Errors
/// It does not fit.
pub async fn started(component: &[u8]) -> Result<()> {
    let sandbox = Sandbox::start(None, compiler(), Limits::default())?;
    let digest = Digest::of(component);
    let compiled = sandbox.compile(digest, component)?;
    let words = Words { imports: compiled.imports(), offers: ExtensionPoint::ALL.to_vec(), ..Words::default() };
    let prepared = Arc::new(sandbox.prepare(&compiled, &words, &Grants::everything())?);
    let unanswered: Vec<&str> = Question::ALL.iter().filter(|q| !prepared.answers(**q)).map(|q| q.code()).collect();
    ensure!(unanswered.is_empty(), "it is not asked {unanswered:?}");
    let given = Given {
        question: Question::Eligibility,
        context: Arc::new(hearth::sandbox::Context::new(digest, Grants::everything(), Day::LAST)),
        snapshot: Arc::new(Snapshot::build(FamilyId::fresh(), 0, &[], &[])),
        matter: Arc::new(Matter::Record),
        claims: Vec::new(),
    };
    Ok(sandbox.try_out(prepared, given).await?)
}

/// A component that calls every function of the interface and answers every question: it does nothing but link.
///
/// # Errors
/// The WIT does not parse.
pub fn that_calls_everything(wit: &Path) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let world = everything(&mut resolve, wit)?;
    let mut module = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8)?;
    wit_component::ComponentEncoder::default().module(&module)?.encode()
}

/// Freezes today's interface as a release, with these plugins (language, file) as they are today.
///
/// # Errors
/// The release is frozen already, breaks an earlier one, or a plugin does not pass its own scenarios.
pub async fn freeze(plugins: &[(String, PathBuf)], today: &str) -> Result<Release> {
    let mut releases = releases()?;
    ensure!(!releases.iter().any(|r| r.release == INTERFACE_VERSION), "{INTERFACE_VERSION} is frozen already: raise the version in wit/");
    for before in releases.iter().filter(|r| same_major(&r.release, INTERFACE_VERSION)) {
        let breaks = breaks(&folder(&before.release), Path::new(WIT))?;
        ensure!(breaks.is_empty(), "it breaks {}:\n{}", before.release, breaks.join("\n"));
    }
    let into = folder(INTERFACE_VERSION);
    for (name, bytes) in files(Path::new(WIT))? {
        let package = name.ends_with(".wit") && !name.starts_with("frozen/");
        if package || BESIDE.iter().any(|b| name == *b || name.starts_with(&format!("{b}/"))) {
            write(&into.join(name), &bytes)?;
        }
    }
    write(&into.join("plugins/everything.wasm.zst"), &packed_small(&that_calls_everything(Path::new(WIT))?)?)?;
    for (language, file) in plugins {
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        let said = play(&bytes).await.with_context(|| file.display().to_string())?;
        write(&into.join(format!("plugins/{language}.wasm.zst")), &packed_small(&bytes)?)?;
        write(&into.join(format!("plugins/{language}.said.json")), &serde_json::to_vec_pretty(&said)?)?;
    }
    let release = Release { release: INTERFACE_VERSION.to_owned(), frozen_on: today.to_owned(), digest: digest(&into)? };
    releases.push(release.clone());
    let mut list = serde_json::to_vec_pretty(&releases)?;
    list.push(b'\n');
    write(&Path::new(WIT).join("frozen/releases.json"), &list)?;
    Ok(release)
}

/// Before 1.0 the second number is the one that must agree.
#[must_use]
pub fn same_major(one: &str, other: &str) -> bool {
    let major = |v: &str| {
        let mut parts = v.split('.');
        let first = parts.next().unwrap_or_default().to_owned();
        if first == "0" { format!("0.{}", parts.next().unwrap_or_default()) } else { first }
    };
    major(one) == major(other)
}

fn packed_small(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(zstd::encode_all(bytes, 19)?)
}

/// A component of the archive.
///
/// # Errors
/// The file cannot be read.
pub fn unpacked(file: &Path) -> Result<Vec<u8>> {
    Ok(zstd::decode_all(std::fs::read(file).with_context(|| file.display().to_string())?.as_slice())?)
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(file, bytes)?)
}
