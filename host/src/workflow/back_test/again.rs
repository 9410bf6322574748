//! A back-test whose host is gone is gone on with by another, or by the same once it is up again: what was kept of it says how far it came, and the same
//! families are asked about in the same order. What is known of them is what is known now.

use super::{BackTestPlan, CameOut, asking_of, lease, sample};
use crate::plugins::install::manifest_of;
use crate::record::{BackTestId, Invalid};
use crate::store::{AuthorityStore, BackTest, BackTestState, Installation, InstallationStatus, Offer, StoreError};
use crate::workflow::{Workflow, WorkflowError};

/// How far one came, with what it found until then.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub came: CameOut,
    pub done: u64,
    pub rows: u64,
}

const WHAT: &str = "went on with a back-test";

impl Workflow {
    /// Goes on with one whose host is gone, to its end. None: there was none, or another was first.
    ///
    /// # Errors
    /// The file cannot be written. What cannot be gone on with is written down as failed.
    pub async fn go_on_with_back_test(&self, store: &AuthorityStore) -> Result<Option<BackTestId>, WorkflowError> {
        let Some(id) = store.stopped_back_test().await? else { return Ok(None) };
        let test = store.back_test(id).await?;
        let mut tx = store.write(&test.by, WHAT).await?;
        let until = lease(tx.now());
        if !tx.take_back_test(id, until).await? {
            return Ok(None);
        }
        tx.commit().await?;
        match self.plan_again(store, &test).await {
            Ok((plan, reached)) => self.run_from(store, id, plan, reached, &test.by).await?,
            Err(why) => {
                tracing::warn!(back_test = %id, "a back-test could not be gone on with: {why}");
                let why = match why {
                    WorkflowError::Store(StoreError::Invalid(invalid)) => invalid.why,
                    _ => "it could not be gone on with after its host was gone: begin another".to_owned(),
                };
                let mut tx = store.write(&test.by, WHAT).await?;
                tx.end_back_test(id, BackTestState::Failed, Some(&why)).await?;
                tx.commit().await?;
            }
        }
        Ok(Some(id))
    }

    /// In every authority, one after the other.
    ///
    /// # Errors
    /// The common file cannot be read; of an authority whose file cannot be, the others have their turn.
    pub async fn go_on_with_back_tests(&self) -> Result<(), WorkflowError> {
        let mut first_fault = None;
        for authority in self.shared.stores.common().authorities().await? {
            let gone_on = async { self.go_on_with_back_test(&self.shared.stores.authority(&authority.code).await?).await };
            if let Err(fault) = gone_on.await {
                first_fault.get_or_insert(fault);
            }
        }
        first_fault.map_or(Ok(()), Err)
    }

    async fn plan_again(&self, store: &AuthorityStore, test: &BackTest) -> Result<(BackTestPlan, Reached), WorkflowError> {
        let damaged = |why: String| StoreError::Damaged(format!("back-test {}: {why}", test.id));
        still_given(store, test).await?;
        let live = self.ready_apart(store.installation(test.of.live).await?).await?;
        let candidate = self.ready_apart(self.candidate_again(&live.installation, test).await?).await?;
        let families = sample(store.open_families(test.change).await?, test.of.size, test.of.seed);
        let asking = asking_of(&test.of.question).ok_or_else(|| damaged("its question is none".to_owned()))?;
        let came: CameOut = serde_json::from_value(test.came.clone()).map_err(|e| damaged(e.to_string()))?;
        let reached = Reached { came, done: test.done, rows: store.last_back_test_row(test.id).await? };
        let plan = BackTestPlan { of: test.of.clone(), families, uses: test.trial_grants.clone(), asking, live, candidate };
        if plan.total() != test.total {
            return Err(damaged("its families are not as many as there were".to_owned()).into());
        }
        Ok((plan, reached))
    }

    /// With the grants and settings that it began with, whatever was done to a proposed installation since.
    async fn candidate_again(&self, live: &Installation, test: &BackTest) -> Result<Installation, WorkflowError> {
        let version = self.shared.stores.common().plugin_version(&test.of.plugin).await?;
        let version = version.ok_or_else(|| StoreError::no_such("plugin version", test.of.plugin))?;
        // As it began: another version of the one that decides has the tables that were supplied to that.
        let own = || if live.plugin == version.name { live.id } else { crate::record::InstallationId::fresh() };
        Ok(Installation {
            id: test.of.installation.unwrap_or_else(own),
            plugin: version.name.clone(),
            digest: version.digest,
            offers: manifest_of(&version)?.offers.iter().map(|p| Offer::of(p.code())).collect(),
            grants: test.of.grants.clone(),
            sealed: false,
            settings: test.of.settings.clone(),
            status: InstallationStatus::Proposed,
            created_at: test.began,
            created_by: test.by.clone(),
            activated_at: None,
            activated_by: None,
            retired_at: None,
            retired_by: None,
        })
    }
}

/// Whatever it reads under trial grants it may read still.
async fn still_given(store: &AuthorityStore, test: &BackTest) -> Result<(), StoreError> {
    let given = store.trial_grants_of(&test.of.plugin, store.clock().now().day()).await?;
    if test.trial_grants.iter().all(|used| given.iter().any(|g| g.id == *used)) {
        return Ok(());
    }
    Err(Invalid::new("candidate", "a trial grant that it reads under is over: begin another").into())
}
