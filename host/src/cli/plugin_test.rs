//! `hearth plugin test`: a plugin's scenarios in the real sandbox, offline.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::Done;
use crate::plugins::build::build;
use crate::plugins::scenarios::{Bench, Checked, Played, Story, packed, read_folder};
use crate::plugins::{inspect, publish};
use crate::sandbox::{Compiler, Limits, Sandbox};

#[derive(Debug, Args)]
pub(super) struct Test {
    /// The plugin's folder, which is built first; or a built plugin, which brings its scenarios along.
    plugin: PathBuf,
    /// Build and play again whenever a file of the plugin changes, until Ctrl-C.
    #[arg(long)]
    watch: bool,
    /// Only scenarios and cases with this in their name.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Show the whole answer of each, as one would write it down under `expect`.
    #[arg(long, short)]
    verbose: bool,
    /// Show sentences in Welsh.
    #[arg(long)]
    cy: bool,
}

impl Test {
    pub(super) async fn run(self) -> Result<Done> {
        let sandbox = Sandbox::start(None, Compiler::this_program(), Limits::default())?;
        if self.watch {
            return self.again_and_again(&sandbox).await;
        }
        let tally = self.once(&sandbox).await?;
        Ok(if tally.failed == 0 { Done::Whole } else { Done::InPart })
    }

    /// Whenever a file changes, until somebody ends it.
    async fn again_and_again(&self, sandbox: &Arc<Sandbox>) -> Result<Done> {
        loop {
            let before = state(&self.plugin);
            if let Err(e) = self.once(sandbox).await {
                println!("{e:#}");
            }
            println!("watching {}; Ctrl-C ends", self.plugin.display());
            while state(&self.plugin) == before {
                tokio::time::sleep(EVERY).await;
            }
        }
    }

    async fn once(&self, sandbox: &Arc<Sandbox>) -> Result<Tally> {
        let named = || self.plugin.display().to_string();
        let (bytes, groups) = if self.plugin.is_dir() {
            // Before building: a scenario that cannot be read is said at once.
            let files = read_folder(&self.plugin)?;
            (build(&self.plugin)?, files.into_iter().map(|f| (f.path, f.stories)).collect())
        } else {
            let bytes = std::fs::read(&self.plugin).with_context(named)?;
            let manifest = inspect(&bytes).with_context(named)?.manifest;
            (bytes, vec![(self.plugin.clone(), packed(&manifest.scenarios).with_context(named)?)])
        };
        let (checked, compiled) = publish::fits(sandbox, bytes).await?;
        let bench = Bench::new(sandbox.clone(), compiled, checked.inspected)?;
        let tally = self.play(&bench, &groups).await;
        if let Some(only) = self.only.as_ref().filter(|_| tally.passed + tally.failed == 0) {
            bail!("no scenario has `{only}` in its name");
        }
        println!("{}", tally.shown());
        Ok(tally)
    }

    async fn play(&self, bench: &Bench, groups: &[(PathBuf, Vec<Story>)]) -> Tally {
        let mut tally = Tally { began: Instant::now(), passed: 0, failed: 0, in_sandbox: Duration::ZERO };
        for (file, stories) in groups {
            for story in stories.iter().filter(|s| self.only.as_ref().is_none_or(|only| s.name().contains(only))) {
                let played = bench.play(story).await;
                tally.in_sandbox += played.checked.iter().map(|c| c.took).sum::<Duration>();
                if played.passed() {
                    tally.passed += 1;
                } else {
                    tally.failed += 1;
                }
                print!("{}", self.shown(file, story, &played));
            }
        }
        tally
    }

    fn shown(&self, file: &Path, story: &Story, played: &Played) -> String {
        let mut text = format!("{} {}\n", if played.passed() { "  ok  " } else { "FAILED" }, story.name());
        if !played.passed() {
            text += &format!("       in {}, after {}\n", file.display(), story.source);
        }
        let place = |line: Option<usize>| line.map(|l| format!("{}:{l}: ", file.display())).unwrap_or_default();
        for checked in &played.checked {
            let failed = !checked.misses.is_empty();
            if failed && !story.then.is_empty() {
                text += &format!("       {}\n", day_of(story, checked));
            }
            for miss in &checked.misses {
                text += &format!("       {}{}: expected {}, got {}\n", place(miss.line), miss.field, miss.expected, miss.got);
            }
            if failed || self.verbose {
                for line in &checked.log.lines {
                    text += &format!("       log {}: {}\n", line.level, line.text);
                }
            }
            if let Some(shown) = checked.shown.as_ref().filter(|_| self.verbose) {
                text += &format!("       it came back, on {}:\n", checked.day);
                shown[usize::from(self.cy)].lines().for_each(|line| text += &format!("         {line}\n"));
            }
        }
        if let Some(wrong) = &played.wrong {
            text += &format!("       {}{}: {}\n", place(wrong.line), wrong.wrong.field, wrong.wrong.why);
        }
        text
    }
}

/// How often a watched folder is looked at.
const EVERY: Duration = Duration::from_millis(300);

/// Names, sizes and times of a plugin's own files. What tools write beside them is left out, or building would set it off again.
fn state(plugin: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    const TOOLS: [&str; 4] = ["target", "node_modules", "__pycache__", "kit"];
    let mut files = Vec::new();
    let mut folders = vec![plugin.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let supplied = name == "wit" && plugin.join("world.wit").exists();
            let Ok(meta) = entry.metadata() else { continue };
            match meta.is_dir() {
                true if TOOLS.contains(&name.as_str()) || name.starts_with('.') || supplied => {}
                true => folders.push(path),
                false => files.push((path, meta.len(), meta.modified().ok())),
            }
        }
    }
    if let Ok(meta) = std::fs::metadata(plugin).and_then(|m| if m.is_file() { Ok(m) } else { Err(std::io::ErrorKind::IsADirectory.into()) })
    {
        files.push((plugin.to_owned(), meta.len(), meta.modified().ok()));
    }
    files.sort();
    files
}

/// Which day of a story that goes on for several.
fn day_of(story: &Story, checked: &Checked) -> String {
    match checked.step {
        Some(n) => format!("step {} of {}, on {}:", n + 1, story.then.len(), checked.day),
        None => format!("at the beginning, on {}:", checked.day),
    }
}

struct Tally {
    began: Instant,
    passed: usize,
    failed: usize,
    in_sandbox: Duration,
}

impl Tally {
    fn shown(&self) -> String {
        let (took, inside) = (self.began.elapsed().as_millis(), self.in_sandbox.as_secs_f64() * 1e3);
        format!("{} passed, {} failed ({took} ms, of it {inside:.1} ms in the sandbox)", self.passed, self.failed)
    }
}
