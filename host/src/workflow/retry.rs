//! What failed through no fault of a plugin's is asked again by the host itself, some minutes later.

use super::about::Asks;
use super::{Asked, Ran, Ready, Workflow, WorkflowError, keep_one};
use crate::store::{AuthorityStore, DECIDED_BY_ONE, Undecided};

/// Of one authority at a time: the rest have their turn a minute later.
const AT_ONCE: u32 = 20;

impl Workflow {
    /// Whom and what to ask for an undecided question: whoever decides now, or the installation that was named.
    ///
    /// # Errors
    /// `Invalid` where the question is no longer one; nobody decides, or the installation is asked no more.
    pub async fn ask_again(&self, store: &AuthorityStore, undecided: &Undecided) -> Result<(std::sync::Arc<Ready>, Asked), WorkflowError> {
        let asks = Asks::untold(&undecided.asked).map_err(crate::store::StoreError::from)?;
        let point = asks.extension_point();
        let named = (!DECIDED_BY_ONE.contains(&point.code())).then_some(undecided.installation);
        let ready = self.asked(store, point, named).await?;
        Ok((ready, Asked { family: undecided.family, asks, as_of: undecided.as_of }))
    }

    /// Asks again what is due, in every authority; how many were decided. One that cannot be asked any more is left to people.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said whose file could not be read or written.
    pub async fn retry_due(&self) -> Result<u64, WorkflowError> {
        let (mut decided, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            let retried = async {
                let store = self.shared.stores.authority(&authority.code).await?;
                self.retry_due_of(&store).await
            };
            match retried.await {
                Ok(n) => decided += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(decided), Err)
    }

    async fn retry_due_of(&self, store: &AuthorityStore) -> Result<u64, WorkflowError> {
        let mut decided = 0;
        for undecided in store.to_retry(store.clock().now(), AT_ONCE).await? {
            match self.retry_one(store, &undecided).await {
                Ok(true) => decided += 1,
                Ok(false) => {}
                Err(why) => {
                    tracing::warn!(undecided = %undecided.id, "a question cannot be asked again by itself: {why}");
                    let mut tx = store.write("hearth", "left an undecided question to people").await?;
                    tx.stop_retrying(undecided.id).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(decided)
    }

    pub(super) async fn retry_one(&self, store: &AuthorityStore, undecided: &Undecided) -> Result<bool, WorkflowError> {
        let (ready, asked) = self.ask_again(store, undecided).await?;
        let ran = self.ask(store, &ready, asked, &undecided.asked_by).await?;
        let mut tx = store.write("hearth", "asked an undecided question again").await?;
        // Another host, or whoever asked first, was quicker: what they kept stands, and nothing of ours is.
        if tx.undecided_of(undecided.family, undecided.key).await?.is_none() {
            return Ok(false);
        }
        let decided = match &ran {
            Ran::Decided(made) => {
                keep_one(&mut tx, made).await?;
                true
            }
            Ran::Failed(failed) => {
                self.keep_failure(&mut tx, failed).await?;
                false
            }
        };
        tx.commit().await?;
        Ok(decided)
    }
}
