//! Back-tests: a candidate is asked about the authority's own families as of days that are chosen, beside the installation that decides, both in the
//! same way and now. Nothing of it is a decision: no claim, task or proposal follows, no run is kept, and neither plugin is parked for it. What is sealed
//! is given to neither.

mod again;
mod compare;
mod run;

use compare::Both;
pub use compare::{CameOf, CameOut, Claimed, Counted, Differs, FailedSo, Moved, Worked, criteria};

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::Digest as _;

use super::decide::Asking;
use super::{Ready, Workflow, WorkflowError};
use crate::plugins::install::{self, grants_of, manifest_of};
use crate::record::{BackTestId, Day, Digest, FamilyId, InstallationId, Invalid, KnownAt, TrialGrantId};
use crate::sandbox::{ExtensionPoint, Grants, Unfit, interface};
use crate::store::{AuthorityStore, AuthorityTx, BackTestOf, Installation, InstallationStatus, Offer, StoreError};

/// Days that one back-test asks about.
pub const MOST_DAYS: usize = 12;
/// Days for which one is kept at most: what it says is of the record as it was.
pub const LONGEST: i32 = 366;
/// How long a host is given for a batch before the back-test counts as stopped.
const LEASE: i64 = 2 * 60_000;

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub is: CandidateIs,
    pub asking: Asking,
    pub days: Vec<Day>,
    pub known_then: bool,
    pub size: Option<u64>,
    pub seed: i64,
    pub keep_until: Day,
}

/// An installation that is proposed, or a plugin version with what it would have.
#[derive(Debug, Clone)]
pub enum CandidateIs {
    Installation(InstallationId),
    Plugin { digest: Digest, grants: Vec<String>, settings: serde_json::Value },
}

/// A back-test that can begin.
pub struct BackTestPlan {
    pub of: BackTestOf,
    /// Once it has begun: those that are families then.
    pub families: Vec<FamilyId>,
    pub uses: Vec<TrialGrantId>,
    pub asking: Asking,
    live: Arc<Ready>,
    candidate: Arc<Ready>,
}

impl BackTestPlan {
    /// Families, counted for each day.
    #[must_use]
    pub fn total(&self) -> u64 {
        (self.families.len() * self.of.days.len()) as u64
    }
}

/// The candidate as it would be installed.
struct Would {
    installation: Installation,
    /// None: it is not even proposed.
    proposed: Option<InstallationId>,
    lacks: Vec<String>,
    uses: Vec<TrialGrantId>,
}

impl Workflow {
    /// Looks whether a back-test can be: what the candidate may read, and whom it is asked about.
    ///
    /// # Errors
    /// `Invalid` naming `candidate…`, `as_of`, `sample.size` or `keep_until`; [`WorkflowError::NobodyDecides`]; [`WorkflowError::Unfit`] where the candidate needs a
    /// section that is neither granted nor given for trial.
    pub async fn plan_back_test(&self, store: &AuthorityStore, wanted: Candidate, by: &str) -> Result<BackTestPlan, WorkflowError> {
        let today = store.clock().now().day();
        check(&wanted, today).map_err(|e| WorkflowError::Store(e.into()))?;
        let live = self.deciding(store, ExtensionPoint::Outcomes).await?;
        let would = self.would_be(store, &wanted.is, &live, today, by).await?;
        if !would.installation.offers.iter().any(|o| o.extension_point == ExtensionPoint::Outcomes.code()) {
            return Err(StoreError::from(Invalid::new("candidate", "does not offer outcomes, which back-tests ask about")).into());
        }
        let candidate = self.ready_apart(would.installation.clone()).await.map_err(|e| needs_trial(e, &would.lacks))?;
        let of = BackTestOf {
            plugin: would.installation.digest,
            installation: would.proposed,
            grants: would.installation.grants,
            settings: would.installation.settings,
            left_out: would.lacks,
            live: live.installation.id,
            question: asking_code(wanted.asking).to_owned(),
            days: wanted.days,
            known_then: wanted.known_then,
            size: wanted.size,
            seed: wanted.seed,
            keep_until: wanted.keep_until,
        };
        Ok(BackTestPlan { of, families: Vec::new(), uses: would.uses, asking: wanted.asking, live, candidate })
    }

    /// Writes down that it begins; [`Workflow::run_back_test`] goes on with it.
    ///
    /// # Errors
    /// `Conflict` where another runs.
    pub async fn begin_back_test(&self, tx: &mut AuthorityTx, plan: &mut BackTestPlan) -> Result<BackTestId, StoreError> {
        let id = BackTestId::fresh();
        let came = serde_json::to_string(&CameOut::default()).unwrap_or_default();
        let lease = lease(tx.now());
        let begun = tx.begin_back_test(id, &plan.of, &came, lease, &plan.uses).await?;
        plan.families = sample(tx.open_families(begun).await?, plan.of.size, plan.of.seed);
        tx.asks_of(id, plan.total()).await?;
        Ok(id)
    }

    async fn would_be(&self, store: &AuthorityStore, is: &CandidateIs, live: &Ready, today: Day, by: &str) -> Result<Would, WorkflowError> {
        let (mut installation, proposed) = match is {
            CandidateIs::Installation(id) => {
                let found = store.installation(*id).await.map_err(|e| match e {
                    StoreError::NoSuch { .. } => Invalid::new("candidate.installation", e.to_string()).into(),
                    e => e,
                })?;
                if found.status != InstallationStatus::Proposed {
                    return Err(StoreError::from(Invalid::new("candidate.installation", "is not proposed any more")).into());
                }
                (found, Some(*id))
            }
            CandidateIs::Plugin { digest, grants, settings } => {
                (self.unproposed(live, *digest, grants, settings, store.clock().now(), by).await?, None)
            }
        };
        installation.sealed = false;
        let mut has = granted_to(store, &installation.plugin).await?;
        let mut uses = BTreeSet::new();
        for grant in store.trial_grants_of(&installation.digest, today).await? {
            if !has.contains(&grant.interface) {
                uses.insert((grant.interface.clone(), grant.id));
            }
        }
        let wanted = grants_of(&installation)?;
        uses.retain(|(name, _)| wanted.has(name));
        has.extend(uses.iter().map(|(name, _)| name.clone()));
        // What is no section tells nothing of anybody: proposals come to nothing here.
        let reads = |name: &&String| interface(name).is_some_and(|i| i.section.is_some());
        let lacks: Vec<String> = wanted.0.iter().filter(reads).filter(|name| !has.contains(*name)).cloned().collect();
        let grants: Grants = wanted.0.iter().map(String::as_str).filter(|name| !lacks.iter().any(|l| l == name)).collect();
        installation.grants = serde_json::to_value(grants).unwrap_or_default();
        Ok(Would { installation, proposed, lacks, uses: uses.into_iter().map(|(_, id)| id).collect() })
    }

    /// A plugin version as it would be proposed. Another version of the one that decides has the tables that were supplied to that.
    async fn unproposed(
        &self,
        live: &Ready,
        digest: Digest,
        grants: &[String],
        settings: &serde_json::Value,
        now: KnownAt,
        by: &str,
    ) -> Result<Installation, WorkflowError> {
        let wrong = |e: Invalid| WorkflowError::Store(e.within("candidate").into());
        let version = self.shared.stores.common().plugin_version(&digest).await?;
        let version = version.ok_or_else(|| wrong(Invalid::new("plugin", "is no plugin version that was uploaded")))?;
        let manifest = manifest_of(&version)?;
        let same = live.installation.plugin == version.name;
        Ok(Installation {
            id: if same { live.installation.id } else { InstallationId::fresh() },
            plugin: version.name.clone(),
            digest,
            offers: manifest.offers.iter().map(|p| Offer::of(p.code())).collect(),
            grants: install::check_grants(&manifest, grants).map_err(wrong)?,
            sealed: false,
            settings: install::check_settings(&manifest, settings).map_err(wrong)?,
            status: InstallationStatus::Proposed,
            created_at: now,
            created_by: by.to_owned(),
            activated_at: None,
            activated_by: None,
            retired_at: None,
            retired_by: None,
        })
    }
}

fn needs_trial(error: WorkflowError, lacks: &[String]) -> WorkflowError {
    match error {
        WorkflowError::Unfit { why: Unfit::NotGranted(missing), .. } if missing.iter().any(|m| lacks.contains(m)) => {
            let why =
                format!("needs {}: nobody granted it to this plugin, and no trial grant for this version is in force", missing.join(", "));
            StoreError::from(Invalid::new("candidate", why)).into()
        }
        error => error,
    }
}

/// What active installations of a plugin are granted: those sections somebody approved for it.
async fn granted_to(store: &AuthorityStore, plugin: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut granted = BTreeSet::new();
    for installation in store.installations().await? {
        if installation.plugin == plugin && installation.status == InstallationStatus::Active {
            granted.extend(grants_of(&installation)?.0);
        }
    }
    Ok(granted)
}

fn check(wanted: &Candidate, today: Day) -> Result<(), Invalid> {
    if wanted.days.is_empty() || wanted.days.len() > MOST_DAYS {
        return Err(Invalid::new("as_of", format!("are 1 to {MOST_DAYS} days")));
    }
    let each: BTreeSet<Day> = wanted.days.iter().copied().collect();
    if each.len() != wanted.days.len() {
        return Err(Invalid::new("as_of", "names a day twice"));
    }
    if wanted.known_then && wanted.days.iter().any(|day| *day > today) {
        return Err(Invalid::new("as_of", "has a day of which nothing is known yet"));
    }
    if wanted.size == Some(0) {
        return Err(Invalid::new("sample.size", "is at least 1"));
    }
    if wanted.keep_until < today || today.plus(LONGEST).is_some_and(|last| wanted.keep_until > last) {
        return Err(Invalid::new("keep_until", format!("is from today to {LONGEST} days from today")));
    }
    Ok(())
}

fn asking_of(code: &str) -> Option<Asking> {
    [Asking::Eligibility, Asking::Progress, Asking::Suited].into_iter().find(|a| asking_code(*a) == code)
}

pub(super) const fn asking_code(asking: Asking) -> &'static str {
    match asking {
        Asking::Eligibility => "eligibility",
        Asking::Progress => "progress",
        Asking::Suited => "suited",
    }
}

fn lease(now: KnownAt) -> KnownAt {
    super::scheduled::later(now, LEASE)
}

/// So many of the families, the same whenever the seed is: those whose ids with it have the smallest hashes. In the order of their ids.
fn sample(families: Vec<FamilyId>, size: Option<u64>, seed: i64) -> Vec<FamilyId> {
    let Some(size) = size.and_then(|n| usize::try_from(n).ok()).filter(|n| *n < families.len()) else { return families };
    let hash = |family: &FamilyId| -> [u8; 32] {
        let mut hash = sha2::Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(family.as_bytes());
        hash.finalize().into()
    };
    let mut drawn: Vec<([u8; 32], FamilyId)> = families.into_iter().map(|f| (hash(&f), f)).collect();
    drawn.sort_unstable();
    drawn.truncate(size);
    let mut families: Vec<FamilyId> = drawn.into_iter().map(|(_, f)| f).collect();
    families.sort_unstable();
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_its_seed_and_another_for_another() {
        let all: Vec<FamilyId> = (0..100).map(|_| FamilyId::fresh()).collect();
        let one = sample(all.clone(), Some(10), 7);
        let mut turned = all.clone();
        turned.reverse();
        assert_eq!((one.len(), &sample(turned, Some(10), 7)), (10, &one));
        assert_ne!(sample(all.clone(), Some(10), 8), one);
        assert_eq!(sample(all.clone(), Some(500), 7), all);
    }
}
