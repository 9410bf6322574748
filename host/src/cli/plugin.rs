use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::{Done, show};
use crate::plugins::author::{self, Language};
use crate::plugins::build::build;
use crate::plugins::describe::describe;
use crate::plugins::install::asked;
use crate::plugins::pack::pack;
use crate::plugins::settings::Schema;
use crate::plugins::{inspect, publish};
use crate::record::family_file::FamilyFile;
use crate::record::{AuthorityId, Clock, Day, PersonId, from_json};
use crate::sandbox::{Compiler, Context, FeedCoverage, Given, Grants, Limits, Question, Sandbox};
use crate::workflow::explain::Reader;

#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Begin a plugin: a folder with a small rule that builds at once.
    New(New),
    /// Install what builds plugins in a language, for this user, once.
    Tools(ToolsFor),
    /// Build the plugin in a folder and pack it into one file.
    Build(Build),
    /// Pack a component that another tool built with its manifest into one file.
    Pack(Pack),
    /// The page that a data protection officer signs: what a plugin offers, asks to see, may propose and may say. Runs nothing of it.
    Inspect(Inspect),
    /// Write the reference documentation for authors into a folder, as a host serves it at /docs/plugins.
    Docs(super::plugin_docs::Docs),
    /// Ask a plugin about one family from a file, in the same sandbox that a host has.
    Run(Run),
    /// Play a plugin's scenarios in the real sandbox, and say what did not come back as expected.
    Test(super::plugin_test::Test),
    /// Go back to a former version, of an authority's: in one step, with a reason.
    Return(super::plugin_return::Return),
    /// Build a plugin with each mistake of its mutants.yaml, and say which ones its scenarios do not notice.
    Mutants(super::plugin_mutants::Mutants),
    /// Try a candidate on an authority's own families beside the version that decides, and print what differs.
    BackTest(super::plugin_back_test::BackTestOf),
    /// Make a publisher's pair of keys, as minisign has them.
    Key(super::plugin_sign::MakeKey),
    /// Sign a plugin: writes FILE.minisig beside it.
    Sign(super::plugin_sign::Sign),
    /// Check the signature beside a plugin.
    Verify(super::plugin_sign::Verify),
    /// Bring a signed plugin to a registry.
    Publish(super::plugin_registry::Publish),
    /// Take a plugin and its signature from a registry.
    Pull(super::plugin_registry::Pull),
    /// Say what changed between two versions: permissions, sentences, settings, forms, criteria, tables.
    Diff(super::plugin_diff::Diff),
}

impl Plugin {
    pub(super) async fn run(self) -> Result<Done> {
        match self {
            Self::New(c) => c.run(),
            Self::Tools(c) => c.run(),
            Self::Build(c) => c.run(),
            Self::Pack(c) => c.run(),
            Self::Inspect(c) => c.run(),
            Self::Docs(c) => c.run(),
            Self::Run(c) => c.run().await,
            Self::Test(c) => c.run().await,
            Self::Mutants(c) => c.run(),
            Self::BackTest(c) => Box::pin(c.run()).await,
            Self::Return(c) => Box::pin(c.run()).await,
            Self::Key(c) => c.run(),
            Self::Sign(c) => c.run(),
            Self::Verify(c) => c.run(),
            Self::Diff(c) => c.run().await,
            Self::Publish(c) => c.run().await,
            Self::Pull(c) => c.run().await,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// The plugin's name for ever: small letters, digits and hyphens.
    name: String,
    /// Where it goes; a folder of its name if left out.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// What to write it in.
    #[arg(long)]
    language: Language,
    /// The extension points that it offers, with a comma between them: assessment, outcomes, pathway, commissioning.
    #[arg(long, value_name = "OFFERS", value_delimiter = ',', default_value = "outcomes")]
    offers: Vec<String>,
}

impl New {
    fn run(self) -> Result<Done> {
        let folder = self.folder.unwrap_or_else(|| PathBuf::from(&self.name));
        author::begin(&folder, &self.name, self.language, &self.offers)?;
        println!("{0}: begun. Read {0}/README.md, then `hearth plugin test {0}`", folder.display());
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct ToolsFor {
    language: Language,
}

impl ToolsFor {
    fn run(self) -> Result<Done> {
        author::install(self.language)?;
        println!("The {} tools are there.", self.language.name());
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// The folder with manifest.json, world.wit, and Cargo.toml, plugin.js or plugin.py.
    folder: PathBuf,
    /// Where the plugin goes.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

impl Build {
    fn run(self) -> Result<Done> {
        let built = build(&self.folder)?;
        for line in author::overasked(&self.folder)? {
            eprintln!("warning: {line}");
        }
        put(&built, &self.out)
    }
}

#[derive(Debug, Args)]
pub(super) struct Pack {
    /// The component, or a core module that wit-bindgen left its world in; never a packed plugin.
    component: PathBuf,
    /// What it says about itself.
    #[arg(long, value_name = "FILE", default_value = "manifest.json")]
    manifest: PathBuf,
    /// Where the plugin goes.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

impl Pack {
    fn run(self) -> Result<Done> {
        let packed = pack(&read(&self.component)?, &read(&self.manifest)?).with_context(|| self.component.display().to_string())?;
        put(&packed, &self.out)
    }
}

/// Writes a plugin that a host would take.
fn put(packed: &[u8], out: &Path) -> Result<Done> {
    inspect(packed).context("the plugin was built, and a host would refuse it")?;
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Whole under another name first: a host that watches never reads half.
    let part = out.with_extension("part");
    std::fs::write(&part, packed).with_context(|| format!("writing {}", part.display()))?;
    std::fs::rename(&part, out).with_context(|| format!("writing {}", out.display()))?;
    println!("{}: {} bytes", out.display(), packed.len());
    Ok(Done::Whole)
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The plugin.
    file: PathBuf,
    /// The plugin's own texts in Welsh beside the English.
    #[arg(long)]
    cy: bool,
    /// The same as a page for a browser.
    #[arg(long)]
    html: bool,
}

impl Inspect {
    fn run(self) -> Result<Done> {
        let inspected = inspect(&read(&self.file)?).with_context(|| self.file.display().to_string())?;
        let sheet = describe(&inspected, self.cy);
        print!("{}", if self.html { sheet.html() } else { sheet.text() });
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The plugin.
    file: PathBuf,
    /// A family document (`host/demo/families` has some). Coverage in it without a person speaks for every feed.
    #[arg(long, value_name = "FILE")]
    family: PathBuf,
    /// The date the question is about; today if left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// What to ask.
    #[arg(long, value_enum, default_value_t = Ask::Progress)]
    question: Ask,
    /// The authority's settings, a JSON object; the plugin's defaults if left out.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Leave an interface ungranted, as `hearth:family/offending`; may be given more than once.
    #[arg(long, value_name = "INTERFACE")]
    without: Vec<String>,
    /// Read the answer in Welsh.
    #[arg(long)]
    welsh: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ask {
    Eligibility,
    Progress,
}

impl Run {
    async fn run(self) -> Result<Done> {
        let sandbox = Sandbox::start(None, Compiler::this_program(), Limits::default())?;
        let (checked, compiled) = publish::fits(&sandbox, read(&self.file)?).await.with_context(|| self.file.display().to_string())?;
        let inspected = checked.inspected;
        let settings = match &self.settings {
            Some(file) => json(file)?,
            None => serde_json::json!({}),
        };
        let authority: AuthorityId = "E06000000".parse()?;
        let clock = Clock::system();
        let document: FamilyFile = from_json(json(&self.family)?).with_context(|| self.family.display().to_string())?;
        let (snapshot, family) = document.snapshot(&authority, &clock).with_context(|| self.family.display().to_string())?;
        let grants: Grants = asked(&inspected).iter().map(String::as_str).filter(|n| !self.without.iter().any(|w| w == n)).collect();
        let coverage = family.coverage.iter().filter(|c| c.person.is_none());
        let context = Context {
            settings: Schema::of(&inspected.manifest)?.fill(&settings)?,
            coverage: coverage.map(|c| FeedCoverage { kind: c.kind, window: c.window(), state: c.state, order: c.order }).collect(),
            ..Context::new(inspected.digest, grants, self.as_of.unwrap_or_else(|| clock.now().day()))
        };
        let prepared = Arc::new(sandbox.prepare(&compiled, &inspected.words(), &context.grants)?);
        let question = match self.question {
            Ask::Eligibility => Question::Eligibility,
            Ask::Progress => Question::Progress,
        };
        let snapshot = Arc::new(snapshot);
        let given = Given { question, context: Arc::new(context), snapshot: snapshot.clone(), matter: Arc::default(), claims: Vec::new() };
        let outcome = sandbox.ask(&authority, prepared, given).await;
        eprint!("{}", show::run(&outcome));
        match outcome.result {
            Ok(answer) => {
                let names: Vec<(PersonId, String)> = family.people.iter().map(|(name, id)| (*id, name.clone())).collect();
                let reader = Reader { welsh: self.welsh, names: names.into_iter().collect(), directory: Vec::new() };
                print!("{}", show::answer(&answer, &inspected.manifest, &snapshot, &reader));
                Ok(Done::Whole)
            }
            Err(fault) => bail!("{} ({})", fault, fault.code()),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn json(file: &Path) -> Result<serde_json::Value> {
    serde_json::from_slice(&read(file)?).with_context(|| format!("{} is not JSON", file.display()))
}
