use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::{Done, HomeArgs};
use crate::record::AuthorityId;
use crate::sheet;
use crate::store::{Anchor, Entry, Verified};

/// Lines of a trail that are written at once.
const LINES: u32 = 5_000;

const HEADINGS: [&str; 11] = ["id", "at", "principal", "act", "what", "purpose", "family", "person", "thing", "sections", "change"];

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Recompute a trail, and name the first row that is not as it was kept.
    Verify(Verify),
    /// Seal what is not sealed yet. `hearth serve` does it every minute.
    Seal(Seal),
    /// Write a whole trail to the output, with nothing of the record in it but ids.
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    trail: Trail,
    /// A file of seals that were kept elsewhere, one a line: whose, its number, its digest.
    #[arg(long, env = "HEARTH_AUDIT_ANCHOR", value_name = "FILE")]
    anchor: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Trail {
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: Option<AuthorityId>,
    /// That of what belongs to no authority: authorities, organisations, tokens, plugin versions.
    #[arg(long)]
    common: bool,
}

#[derive(Debug, Args)]
pub(super) struct Seal {
    #[command(flatten)]
    home: HomeArgs,
    /// Append each new seal to this file.
    #[arg(long, env = "HEARTH_AUDIT_ANCHOR", value_name = "FILE")]
    anchor: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    trail: Trail,
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a spreadsheet.
    Csv,
    /// An object a line, whose text without `id` is what its seal hashes.
    JsonLines,
}

impl Audit {
    pub(super) async fn run(self) -> Result<Done> {
        match self {
            Self::Verify(verify) => verify.run().await,
            Self::Seal(seal) => seal.run().await,
            Self::Export(export) => export.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> Result<Done> {
        let anchors = self.anchor.as_deref().map(anchors).transpose()?.unwrap_or_default();
        let home = self.home.open().await?;
        let verified: Verified = match &self.trail.authority {
            Some(code) => home.stores.authority(code).await?.audit_verify(&anchors).await?,
            None => home.stores.common().audit_verify(&anchors).await?,
        };
        if verified.broken.is_some() {
            bail!("the audit trail is {verified}");
        }
        println!("the audit trail is {verified}");
        if anchors.is_empty() {
            println!("compared with no seal that was kept elsewhere: that its end was not cut off is not shown");
        }
        Ok(Done::Whole)
    }
}

impl Seal {
    async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let sealed = home.stores.seal_all().await?;
        for anchor in &sealed {
            println!("{anchor}");
        }
        keep(self.anchor.as_deref(), &sealed)?;
        Ok(Done::Whole)
    }
}

impl Export {
    async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let mut to = std::io::BufWriter::new(std::io::stdout());
        if self.format == Format::Csv {
            sheet::Writer::new(&mut to).row(HEADINGS)?;
        }
        let mut after = 0;
        loop {
            let entries = match &self.trail.authority {
                Some(code) => home.stores.authority(code).await?.audit_after(after, LINES).await?,
                None => home.stores.common().audit_after(after, LINES).await?,
            };
            let Some(last) = entries.last() else { break };
            after = last.id;
            let mut sheet = sheet::Writer::new(&mut to);
            match self.format {
                Format::Csv => entries.iter().try_for_each(|e| sheet.row(cells(e).iter().map(String::as_str)))?,
                Format::JsonLines => {
                    drop(sheet);
                    entries.iter().try_for_each(|e| Ok::<_, anyhow::Error>(writeln!(to, "{}", with_place(e)?)?))?;
                }
            }
        }
        to.flush()?;
        Ok(Done::Whole)
    }
}

fn cells(entry: &Entry) -> [String; 11] {
    let or_none = |id: Option<String>| id.unwrap_or_default();
    [
        entry.id.to_string(),
        entry.at.to_string(),
        entry.principal.clone(),
        entry.act.code().to_owned(),
        entry.what.clone(),
        or_none(entry.purpose.clone()),
        or_none(entry.family.map(|f| f.to_string())),
        or_none(entry.person.map(|p| p.to_string())),
        or_none(entry.thing.clone()),
        entry.sections.clone(),
        or_none(entry.change.map(|c| c.to_string())),
    ]
}

/// Its place stands before what is hashed of it.
fn with_place(entry: &Entry) -> Result<String> {
    let said = serde_json::to_string(entry)?;
    Ok(format!("{{\"id\":{},{}", entry.id, said.trim_start_matches('{')))
}

fn anchors(path: &Path) -> Result<Vec<Anchor>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(n, line)| line.parse().with_context(|| format!("{} line {}", path.display(), n + 1))).collect()
}

/// Appends seals to the file, and comes back when the disk has them.
pub(super) fn keep(path: Option<&Path>, seals: &[Anchor]) -> Result<()> {
    let Some(path) = path.filter(|_| !seals.is_empty()) else { return Ok(()) };
    let append = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        let lines: String = seals.iter().map(|s| format!("{s}\n")).collect();
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    };
    append().with_context(|| format!("appending to {}", path.display()))
}
