//! `hearth plugin back-test`: a candidate on an authority's own families beside the version that decides, and the table of what differs.

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, Day, Digest, InstallationId};
use crate::store::{BackTest, BackTestState, Reader, RowsBy};
use crate::workflow::Asking;
use crate::workflow::back_test::{CameOf, CameOut, Candidate, CandidateIs, Moved};
use crate::workflow::explain::pounds;

const BY: &str = "hearth plugin back-test";
/// Days for which it is kept.
const KEPT: i32 = 30;

#[derive(Debug, Args)]
pub(super) struct BackTestOf {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose families.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    /// The candidate: an installation that is proposed.
    #[arg(long, value_name = "ID", conflicts_with = "plugin", required_unless_present = "plugin")]
    installation: Option<InstallationId>,
    /// The candidate: the digest of a plugin version.
    #[arg(long, value_name = "DIGEST")]
    plugin: Option<Digest>,
    /// Of a plugin version: what it would have, with a comma between them; all that the one that decides has, if left out.
    #[arg(long, value_name = "INTERFACES", value_delimiter = ',', requires = "plugin")]
    grants: Option<Vec<String>>,
    /// Of a plugin version: its settings, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}", requires = "plugin")]
    settings: String,
    /// The dates that the question is about, with a comma between them; today if left out.
    #[arg(long, value_name = "DATES", value_delimiter = ',')]
    as_of: Vec<Day>,
    /// As was known at the end of each date, instead of as is known now.
    #[arg(long)]
    known_then: bool,
    /// What to ask.
    #[arg(long, value_enum, default_value_t = Ask::Suited)]
    question: Ask,
    /// So many families, drawn by their ids and the seed; every one if left out.
    #[arg(long, value_name = "FAMILIES")]
    sample: Option<u64>,
    #[arg(long, default_value_t = 0)]
    seed: i64,
    /// How many families that differ are listed.
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    rows: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ask {
    Eligibility,
    Progress,
    /// Progress where an episode has begun, eligibility otherwise.
    Suited,
}

impl BackTestOf {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let today = store.clock().now().day();
        let is = match (self.installation, self.plugin) {
            (Some(id), _) => CandidateIs::Installation(id),
            (None, plugin) => {
                let live = home.workflow.deciding(&store, crate::sandbox::ExtensionPoint::Outcomes).await?;
                let all = crate::plugins::install::grants_of(&live.installation)?.0.into_iter().collect();
                let settings = serde_json::from_str(&self.settings).context("--settings is no JSON")?;
                CandidateIs::Plugin { digest: plugin.context("name the candidate")?, grants: self.grants.unwrap_or(all), settings }
            }
        };
        let wanted = Candidate {
            is,
            asking: match self.question {
                Ask::Eligibility => Asking::Eligibility,
                Ask::Progress => Asking::Progress,
                Ask::Suited => Asking::Suited,
            },
            days: if self.as_of.is_empty() { vec![today] } else { self.as_of },
            known_then: self.known_then,
            size: self.sample,
            seed: self.seed,
            keep_until: today.plus(KEPT).unwrap_or(today),
        };
        let mut plan = home.workflow.plan_back_test(&store, wanted, BY).await?;
        let mut tx = store.write(BY, "began a back-test").await?;
        let id = home.workflow.begin_back_test(&mut tx, &mut plan).await?;
        tx.commit().await?;
        home.workflow.run_back_test(&store, id, plan, BY).await?;
        let test = store.back_test(id).await?;
        let came: CameOut = serde_json::from_value(test.came.clone())?;
        print!("{}", table(&test, &came));
        // Whoever has the files sees every family; what was read under a trial grant is for those whom that names.
        if store.may_look_at_rows(id, None).await? {
            let page = store.back_test_rows(&Reader::of_all(store.clock().now()), id, RowsBy::Pence, None, self.rows).await?;
            for row in page.items {
                let (live, candidate): (CameOf, CameOf) = (serde_json::from_str(&row.live)?, serde_json::from_str(&row.candidate)?);
                println!(
                    "{}  {}  {:<9}  {} -> {}  {}  {}",
                    row.family,
                    row.day,
                    row.kind,
                    live.code(),
                    candidate.code(),
                    row.criterion,
                    pounds(row.pence)
                );
            }
        } else {
            println!("its rows are for those whom the trial grants name");
        }
        Ok(if test.state == BackTestState::Done { Done::Whole } else { Done::InPart })
    }
}

/// What it came to, as people read it.
fn table(test: &BackTest, came: &CameOut) -> String {
    use std::fmt::Write as _;
    let mut told = String::new();
    let millis = (test.ended.unwrap_or(test.began).millis() - test.began.millis()).max(1).unsigned_abs();
    let _ = writeln!(
        told,
        "back-test {} is {}: {} of {} families, {} a second",
        test.id,
        test.state.code(),
        test.done,
        test.total,
        test.done * 1_000 / millis
    );
    for left in &test.of.left_out {
        let _ = writeln!(told, "not granted: {left}");
    }
    let _ = writeln!(told, "{} compared, {} decided differently, {} not known yet", came.compared, came.different, came.not_known);
    for kind in &came.kinds {
        let _ = writeln!(told, "  by {:<24} {:>8}", kind.of, kind.families);
    }
    let mut moved = |heading: &str, rows: &[Moved]| {
        for row in rows.iter().filter(|m| m.live != m.candidate) {
            let _ = writeln!(told, "{heading} {:<24} {} -> {}: {}", row.of, row.live, row.candidate, row.families);
        }
    };
    moved("answer", &came.results);
    moved("criterion", &came.criteria);
    for claim in &came.claims {
        let (live, candidate) = (pounds(claim.live_pence), pounds(claim.candidate_pence));
        let (gained, lost) = (pounds(claim.gained_pence), pounds(claim.lost_pence));
        let _ = writeln!(
            told,
            "claims {:<24} {} ({live}) -> {} ({candidate}); gained {} ({gained}), lost {} ({lost})",
            claim.kind, claim.live, claim.candidate, claim.gained, claim.lost
        );
    }
    for work in &came.work {
        let _ = writeln!(told, "work {:<24} {} -> {}", work.of, work.live, work.candidate);
    }
    for failed in &came.failures {
        let _ = writeln!(told, "failed {:<9} {:<24} {}", failed.of, failed.code, failed.families);
    }
    told
}
