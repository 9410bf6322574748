//! Is a plugin believed? Asked whenever an installation is about to be asked; what was found out once is remembered until a key, a signature
//! or a name changes anywhere.
//!
//! Where a publisher's key was compromised and no other key signed the plugin, installations that are active are parked: at once where the
//! revocation reaches them, and before the next question at the latest. What is parked is linked and never run, so that what somebody typed
//! is kept among what is undecided, as whenever a plugin is parked. An authority may keep one on until a day, with a reason.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::parking::park;
use super::{Workflow, WorkflowError, about};
use crate::record::signing::{Distrust, Standing, judge};
use crate::record::{Announced, Day, Digest, Invalid};
use crate::store::{AuthorityStore, AuthorityTx, Installation, InstallationStatus, KeptOn, Parked, StoreError};

/// Days for which an installation may be kept on at most: by then its publisher has signed it anew, or there is another.
pub const KEPT_ON_DAYS: i32 = 90;

/// What was found out since the turn.
#[derive(Default)]
pub(super) struct Remembered(Mutex<(i64, HashMap<Digest, Standing>)>);

impl Remembered {
    fn look(&self, turn: i64, digest: &Digest) -> Option<Standing> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != turn {
            *known = (turn, HashMap::new());
        }
        known.1.get(digest).cloned()
    }

    /// Found out after the turn was read; where another began meanwhile, whoever asks next finds out again.
    fn keep(&self, turn: i64, digest: Digest, standing: &Standing) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 == turn {
            known.1.insert(digest, standing.clone());
        }
    }
}

impl Workflow {
    /// How a plugin version stands: its signatures are checked against its publishers' keys.
    ///
    /// # Errors
    /// The store failed.
    pub async fn standing(&self, digest: &Digest) -> Result<Standing, StoreError> {
        let common = self.shared.stores.common();
        let turn = common.trust_turn().await?;
        if let Some(standing) = self.shared.trust.look(turn, digest) {
            return Ok(standing);
        }
        let signatures: Vec<_> = common.signatures(digest).await?.into_iter().map(|s| (s.signature, s.key)).collect();
        let standing = judge(digest, &signatures);
        self.shared.trust.keep(turn, *digest, &standing);
        Ok(standing)
    }

    /// May it be adopted, activated or brought back?
    ///
    /// # Errors
    /// [`WorkflowError::Distrusted`].
    pub async fn must_be_believed(&self, store: &AuthorityStore, plugin: &str, digest: &Digest) -> Result<(), WorkflowError> {
        let distrusted = |why| WorkflowError::Distrusted { plugin: plugin.to_owned(), why };
        let standing = self.standing(digest).await?;
        standing.must_be_believed().map_err(distrusted)?;
        if standing == Standing::Unsigned && !store.plugin_rules().await?.unsigned {
            return Err(distrusted(Distrust::Unsigned));
        }
        Ok(())
    }

    /// Parks an installation whose plugin is not believed any more, and tells its authority; unless it is parked, or kept on.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn stop_if_distrusted(&self, store: &AuthorityStore, installation: &Installation) -> Result<(), StoreError> {
        let Err(why) = self.standing(&installation.digest).await?.must_be_believed() else { return Ok(()) };
        let today = store.clock().now().day();
        let kept_on = store.kept_on(installation.id).await?.is_some_and(|k| k.until >= today);
        if kept_on || store.parked(installation.id).await?.is_some() {
            return Ok(());
        }
        let mut tx = store.write("hearth", "parked a plugin that is not believed any more").await?;
        if tx.parked(installation.id).await?.is_none() {
            let parked = Parked { installation: installation.id, since: tx.now(), why: why.to_string(), failures: 0, runs: 0 };
            park(&mut tx, &parked, Announced::PluginStopped).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// As [`Workflow::stop_if_distrusted`], of every active installation of every authority: after a key was revoked. What this does not reach
    /// is parked before its next question.
    ///
    /// # Errors
    /// What the first authority said that could not be looked at; the others are.
    pub async fn stop_all_distrusted(&self) -> Result<(), StoreError> {
        let stores = &self.shared.stores;
        let mut first_fault = None;
        for authority in stores.common().authorities().await? {
            if let Err(fault) = self.stop_distrusted_of(&authority.code).await {
                first_fault.get_or_insert(fault);
            }
        }
        first_fault.map_or(Ok(()), Err)
    }

    async fn stop_distrusted_of(&self, authority: &crate::record::AuthorityId) -> Result<(), StoreError> {
        let store = self.shared.stores.authority(authority).await?;
        for installation in store.installations().await?.iter().filter(|i| i.status == InstallationStatus::Active) {
            self.stop_if_distrusted(&store, installation).await?;
        }
        Ok(())
    }

    /// Keeps an installation on although its plugin is not believed, from now until a day, and brings it back where it is parked.
    ///
    /// # Errors
    /// `Invalid` naming `until` or `reason`; `Conflict` where it is not active, or its plugin is believed.
    pub async fn keep_on(&self, tx: &mut AuthorityTx, installation: &Installation, said: &KeptOn) -> Result<(), WorkflowError> {
        about::reason(&said.reason).map_err(StoreError::from)?;
        let today = tx.now().day();
        let last = Day::new(today.number() + KEPT_ON_DAYS).unwrap_or(today);
        if said.until < today || said.until > last {
            let why = format!("is not from today to {last}: an installation is kept on for {KEPT_ON_DAYS} days at most");
            return Err(StoreError::from(Invalid::new("until", why)).into());
        }
        let conflict = |why: &str| Err(StoreError::Conflict(why.to_owned()).into());
        if installation.status != InstallationStatus::Active {
            return conflict("the installation is not active: there is nothing to keep on");
        }
        if self.standing(&installation.digest).await?.must_be_believed().is_ok() {
            return conflict("the installation's plugin is believed: there is nothing to keep it on for");
        }
        tx.keep_on(installation.id, said.until, &said.reason).await?;
        if tx.parked(installation.id).await?.is_some() {
            tx.unpark(installation.id, &said.by, &said.reason).await?;
        }
        Ok(())
    }
}
