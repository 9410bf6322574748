use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::{Done, HomeArgs};
use crate::intake::{self, Report, Spooled};
use crate::record::{AuthorityId, OrganisationId, Window};

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose record.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// How the file is read: a mapping of the authority's, or one that comes with the host (attendance, police-callouts, …).
    #[arg(long, alias = "extract", value_name = "NAME")]
    mapping: String,
    /// The organisation that sent it, by its short name.
    #[arg(long, value_name = "NAME")]
    source: OrganisationId,
    /// The days that the file speaks for, as 2025-09-01..2026-03-31: what it does not say of them did not happen.
    #[arg(long, value_name = "FIRST..LAST")]
    covers: Window,
    /// A CSV file or a spreadsheet (.xlsx) with a line that names the columns.
    file: PathBuf,
}

impl Import {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let file = std::fs::File::open(&self.file).with_context(|| self.file.display().to_string())?;
        let (mapping, version) = intake::mapping_named(&store, &self.mapping).await?;
        let import = intake::Import { mapping, version, source: self.source, covers: self.covers };
        let read = async { intake::import(&store, "hearth import", &import, Spooled::of(file)?).await };
        let report = read.await.with_context(|| self.file.display().to_string())?;
        print!("{}", in_words(&report));
        Ok(if report.refused == 0 { Done::Whole } else { Done::InPart })
    }
}

/// The report, with each refused row's line and reason.
pub(super) fn in_words(report: &Report) -> String {
    let mut text = format!(
        "{} rows: {} added, {} corrected, {} as before, {} refused\n",
        report.read, report.added, report.corrected, report.unchanged, report.refused
    );
    for refused in &report.refusals {
        text.push_str(&format!("  line {}, {}: {}\n", refused.line, refused.column, refused.reason));
    }
    let unlisted = report.refused - report.refusals.len() as u64;
    for (rows, says) in [
        (unlisted, "more were refused"),
        (report.unmatched, "are about nobody whom the record knows: they wait, in case a family joins"),
        (report.asked, "may be about somebody of ours: `hearth intake queue` asks who is meant"),
        (report.not_ours, "are about nobody of ours, as somebody said before"),
    ] {
        if rows > 0 {
            text.push_str(&format!("  {rows} {says}\n"));
        }
    }
    if report.incomplete > 0 {
        text.push_str(&format!(
            "  {} people or homes of ours have a row that is not kept: what this file says of them counts as partial until it is sent again\n",
            report.incomplete
        ));
    }
    text
}
