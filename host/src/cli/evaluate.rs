use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::home::Home;
use super::{Done, HomeArgs, show};
use crate::record::{AuthorityId, Day};
use crate::sandbox::ExtensionPoint;
use crate::workflow::{Asking, Summary};

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose families.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// The plugin's name; it must be the one that decides for the authority.
    #[arg(long, value_name = "NAME")]
    plugin: String,
    /// The date the question is about; today if left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// What to ask.
    #[arg(long, value_enum, default_value_t = Ask::Suited)]
    question: Ask,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ask {
    Eligibility,
    Progress,
    /// Progress where an episode has begun, eligibility otherwise.
    Suited,
}

impl Evaluate {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open_alone().await?;
        let as_of = self.as_of.unwrap_or_else(|| home.stores.clock().now().day());
        let asking = match self.question {
            Ask::Eligibility => Asking::Eligibility,
            Ask::Progress => Asking::Progress,
            Ask::Suited => Asking::Suited,
        };
        let summary = evaluate(&home, &self.authority, &self.plugin, asking, as_of).await?;
        print!("{}", show::summary(&summary));
        let missed = summary.asked.saturating_sub(summary.families);
        if missed > 0 {
            println!("{missed} families were not asked about: run it again");
        }
        Ok(if summary.is_whole() { Done::Whole } else { Done::InPart })
    }
}

/// With a progress bar where somebody watches.
pub(super) async fn evaluate(home: &Home, authority: &AuthorityId, plugin: &str, asking: Asking, as_of: Day) -> Result<Summary> {
    let store = home.stores.authority(authority).await?;
    let ready = home.workflow.deciding(&store, ExtensionPoint::Outcomes).await?;
    if ready.installation.plugin != plugin {
        bail!("{authority} decides outcomes with {}, not with {plugin}", ready.installation.plugin);
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} families, {per_sec}, {eta} to go") {
        bar.set_style(style);
    }
    let progress = |p: crate::workflow::Progress| {
        bar.set_length(p.of);
        bar.set_position(p.done);
    };
    let summary = home.workflow.evaluate(&store, &ready, asking, as_of, "hearth evaluate", progress).await;
    bar.finish_and_clear();
    Ok(summary?)
}
