use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use super::Done;
use crate::api::{frozen, openapi};

/// The document that a host serves at /v1/openapi.json.
#[derive(Debug, Args)]
pub(super) struct OpenApi {
    /// Say instead what of an earlier document no longer holds.
    #[arg(long, value_name = "FILE", conflicts_with = "bare")]
    since: Option<PathBuf>,
    /// Without words and examples: as a release's is kept.
    #[arg(long)]
    bare: bool,
}

impl OpenApi {
    pub(super) fn run(&self) -> Result<Done> {
        let now = serde_json::to_value(openapi())?;
        let Some(file) = &self.since else {
            let shown = if self.bare { frozen::bare(now) } else { now };
            println!("{}", serde_json::to_string_pretty(&shown)?);
            return Ok(Done::Whole);
        };
        let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let before: Value = serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        let broken = frozen::broken(&before, &now);
        broken.iter().for_each(|line| println!("{line}"));
        Ok(if broken.is_empty() { Done::Whole } else { Done::InPart })
    }
}
