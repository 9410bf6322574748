use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::{Done, HomeArgs};
use crate::intake::{self, Extract, Report};
use crate::record::{AuthorityId, OrganisationId, Window};

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose record.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// What the file holds: attendance, police-callouts or benefit-spells.
    #[arg(long, value_name = "KIND")]
    extract: Extract,
    /// The organisation that sent it, by its short name.
    #[arg(long, value_name = "NAME")]
    source: OrganisationId,
    /// The days that the file speaks for, as 2025-09-01..2026-03-31: what it does not say of them did not happen.
    #[arg(long, value_name = "FIRST..LAST")]
    covers: Window,
    /// A CSV file whose first line names the columns.
    file: PathBuf,
}

impl Import {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let file = std::fs::File::open(&self.file).with_context(|| self.file.display().to_string())?;
        let import = intake::Import { extract: self.extract, source: self.source, covers: self.covers };
        let report = intake::import(&store, "hearth import", &import, file).await.with_context(|| self.file.display().to_string())?;
        print!("{}", in_words(&report));
        Ok(if report.refused.is_empty() { Done::Whole } else { Done::InPart })
    }
}

/// The report, with each refused row's line and reason.
pub(super) fn in_words(report: &Report) -> String {
    let mut text = format!(
        "{} rows: {} added, {} corrected, {} as before, {} refused\n",
        report.read,
        report.added,
        report.corrected,
        report.unchanged,
        report.refused.len()
    );
    for refused in &report.refused {
        text.push_str(&format!("  line {}, {}: {}\n", refused.line, refused.column, refused.reason));
    }
    if report.incomplete > 0 {
        text.push_str(&format!(
            "  {} people or homes of ours have a refused row: what this file says of them counts as partial until it is sent again\n",
            report.incomplete
        ));
    }
    text
}
