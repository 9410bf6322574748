//! From one installation to another and back. Which decides is a row, changed in one transaction: at any instant one does, and a question
//! that was asked of the one before is asked again of the one after.

use super::reviewing::{ReviewError, moves_money, must_be_approved};
use super::{Workflow, WorkflowError, about, to_be_told};
use crate::plugins::Manifest;
use crate::record::{Announced, InstallationId, KnownAt};
use crate::store::{
    Activation, AuthorityStore, AuthorityTx, Befell, Ended, EndedActivation, Installation, InstallationStatus, PlannedSwitch, StoreError,
};

/// Who does what nobody did.
const BY: &str = "hearth";

/// Lets an installation decide from now on, if it is approved. Those that lost something are answered.
///
/// # Errors
/// [`ReviewError::NotApproved`]; `Invalid` naming `reason` where it came back by itself before and none is given, or `at` where it is an update that
/// moves money; `Conflict` where it decides already.
pub async fn activate(
    tx: &mut AuthorityTx,
    id: InstallationId,
    manifest: &Manifest,
    reason: Option<&str>,
    by: &str,
) -> Result<Vec<InstallationId>, ReviewError> {
    let installation = tx.installation(id).await?;
    must_be_approved(tx, &installation, manifest).await?;
    may_again(tx, id, reason).await?;
    money_has_a_day(tx, &installation, manifest).await?;
    Ok(switch(tx, id, reason, by).await?)
}

/// An update that moves money otherwise than what decides does so from an instant that was said before.
async fn money_has_a_day(tx: &mut AuthorityTx, installation: &Installation, manifest: &Manifest) -> Result<(), StoreError> {
    if installation.activated_at.is_some() || !tx.is_update(installation.id).await? {
        return Ok(());
    }
    let moved = moves_money(tx, installation, manifest).await?;
    if moved.is_empty() {
        return Ok(());
    }
    let why = format!("is missing: {} moves money otherwise than before, so say from which instant on it counts", moved.join(", "));
    Err(crate::record::Invalid::new("at", why).into())
}

/// A version that came back by itself is activated again by somebody who says why.
async fn may_again(tx: &mut AuthorityTx, id: InstallationId, reason: Option<&str>) -> Result<(), StoreError> {
    if let Some(reason) = reason {
        about::reason(reason)?;
        return Ok(());
    }
    let came_back = tx.activations(id).await?.first().is_some_and(|a| a.ended.as_ref().is_some_and(|e| e.by_itself));
    if came_back {
        let why = "is missing: it failed and came back by itself, so say why it is to decide again";
        return Err(crate::record::Invalid::new("reason", why).into());
    }
    Ok(())
}

/// The row itself, with its history. What was planned for it is done with.
async fn switch(tx: &mut AuthorityTx, id: InstallationId, reason: Option<&str>, by: &str) -> Result<Vec<InstallationId>, StoreError> {
    tx.drop_switch(id, by).await?;
    free(tx, id, by).await?;
    let kept = tx.kept_for_drafts().await?;
    let mut replaced = tx.activate_installation(id, by).await?;
    for now in tx.kept_for_drafts().await?.into_iter().filter(|now| kept.iter().all(|k| k.installation != now.installation)) {
        if !now.needed {
            tx.retire_installation(now.installation, by).await?;
        }
        replaced.push(now.installation);
    }
    replaced.sort_unstable();
    replaced.dedup();
    for before in &replaced {
        if tx.installation(*before).await?.status == InstallationStatus::Retired {
            end(tx, *before, id, by).await?;
        }
    }
    tx.note_activation(id, &replaced, by, reason).await?;
    tx.announce(Announced::InstallationActivated, None, id);
    Ok(replaced)
}

async fn end(tx: &mut AuthorityTx, before: InstallationId, now: InstallationId, by: &str) -> Result<(), StoreError> {
    let ended = EndedActivation { at: tx.now(), by: by.to_owned(), why: format!("replaced by {now}"), by_itself: false };
    tx.end_activation(before, &ended).await
}

/// What is active for its drafts alone can be let decide again.
async fn free(tx: &mut AuthorityTx, id: InstallationId, by: &str) -> Result<(), StoreError> {
    match tx.kept_for_drafts().await?.into_iter().find(|k| k.installation == id) {
        Some(kept) => {
            tx.retire_installation(id, by).await?;
            end(tx, id, kept.follower, by).await
        }
        None => Ok(()),
    }
}

/// Retires what was kept for drafts that are completed or given up by now, where other settings count since; how many.
///
/// # Errors
/// The store failed.
pub(super) async fn retire_kept(store: &AuthorityStore) -> Result<u64, StoreError> {
    if store.kept_for_drafts().await?.iter().all(|k| k.needed) {
        return Ok(0);
    }
    let mut tx = store.write(BY, "retired an installation whose drafts are done").await?;
    let done: Vec<_> = tx.kept_for_drafts().await?.into_iter().filter(|k| !k.needed).collect();
    for kept in &done {
        tx.retire_installation(kept.installation, BY).await?;
        end(&mut tx, kept.installation, kept.follower, BY).await?;
    }
    tx.commit().await?;
    Ok(done.len() as u64)
}

/// An installation that follows another by its settings: from now on, or from an instant on. It was approved with them.
pub(super) async fn follow(tx: &mut AuthorityTx, id: InstallationId, from: KnownAt, reason: &str, by: &str) -> Result<(), StoreError> {
    if from > tx.now() {
        return tx.plan_switch(id, from, by, Some(reason)).await;
    }
    switch(tx, id, Some(reason), by).await.map(drop)
}

/// Back to a version that decided before: in one transaction, whatever the review and the rule about unsigned plugins ask for by now, since it
/// was let decide then.
///
/// # Errors
/// `Invalid` naming `reason`; `Conflict` where it never decided, or does now.
pub async fn return_to(tx: &mut AuthorityTx, id: InstallationId, reason: &str, by: &str) -> Result<Vec<InstallationId>, StoreError> {
    about::reason(reason)?;
    if tx.installation(id).await?.activated_at.is_none() {
        return Err(StoreError::Conflict("the installation never decided: activate it instead".to_owned()));
    }
    let replaced = switch(tx, id, Some(reason), by).await?;
    tx.announce(Announced::InstallationReturned, None, id);
    Ok(replaced)
}

/// Goes back where the last runs since the installation was activated say so: to what it replaced. None: it stays.
pub(super) async fn return_if_due(tx: &mut AuthorityTx, id: InstallationId) -> Result<Option<InstallationId>, StoreError> {
    let Some(last) = tx.activations(id).await?.into_iter().next().filter(|a| a.ended.is_none() && !a.replaced.is_empty()) else {
        return Ok(None);
    };
    let watch = tx.review_rules().await?.watch;
    if watch.failures == 0 {
        return Ok(None);
    }
    let ended = tx.ended_runs(id, last.at, watch.of_last).await?;
    let failed = ended.iter().filter(|e: &&Ended| e.outcome != "answered").count();
    if failed < watch.failures as usize {
        return Ok(None);
    }
    let why = format!("{failed} of its last {} runs failed", ended.len());
    go_back(tx, &last, &why).await
}

async fn go_back(tx: &mut AuthorityTx, from: &Activation, why: &str) -> Result<Option<InstallationId>, StoreError> {
    let now = tx.now();
    let mut to = None;
    for former in &from.replaced {
        free(tx, *former, BY).await?;
        // Somebody may have parked it, or let it decide beside, meanwhile.
        if tx.parked(*former).await?.is_some() || tx.installation(*former).await?.status == InstallationStatus::Active {
            continue;
        }
        tx.activate_installation(*former, BY).await?;
        tx.note_activation(*former, &[], BY, Some(&format!("{} came back: {why}", from.installation))).await?;
        to = Some(*former);
    }
    if to.is_none() {
        return Ok(None);
    }
    let failed = tx.installation(from.installation).await?;
    if failed.status != InstallationStatus::Retired {
        tx.retire_installation(failed.id, BY).await?;
    }
    let ended = EndedActivation { at: now, by: BY.to_owned(), why: why.to_owned(), by_itself: true };
    tx.end_activation(failed.id, &ended).await?;
    to_be_told::of_installation(tx, failed.id, Befell::CameBack(from.id)).await?;
    tx.announce(Announced::InstallationCameBack, None, from.installation);
    tracing::warn!(installation = %from.installation, why, "an installation came back by itself");
    Ok(to)
}

/// Plans an activation at an instant that is to come. It is approved now, or nothing is planned.
///
/// # Errors
/// As [`activate`]; `Invalid` naming `at` where it is not to come.
pub async fn plan(
    tx: &mut AuthorityTx,
    id: InstallationId,
    manifest: &Manifest,
    at: KnownAt,
    reason: Option<&str>,
    by: &str,
) -> Result<(), ReviewError> {
    if at <= tx.now() {
        return Err(crate::record::Invalid::new("at", "is over: leave it out to activate at once").into());
    }
    let installation = tx.installation(id).await?;
    must_be_approved(tx, &installation, manifest).await?;
    may_again(tx, id, reason).await?;
    tx.plan_switch(id, at, by, reason).await?;
    tx.announce(Announced::SwitchPlanned, None, id);
    Ok(())
}

impl Workflow {
    /// Makes true what was planned for now. Whoever asks first after the instant does it, in one transaction; others find it done.
    ///
    /// # Errors
    /// The store failed; what could not be activated is kept as that, and what decided decides on.
    pub async fn switch_due(&self, store: &AuthorityStore) -> Result<(), WorkflowError> {
        while let Some(due) = store.due_switch(store.clock().now()).await? {
            // Hardly ever: whoever asks a question need not hold what it takes.
            Box::pin(self.switch_as_planned(store, &due)).await?;
        }
        Ok(())
    }

    async fn switch_as_planned(&self, store: &AuthorityStore, due: &PlannedSwitch) -> Result<(), WorkflowError> {
        let planned = store.installation(due.installation).await?;
        let fits = match self.must_be_believed(store, &planned.plugin, &planned.digest).await {
            Ok(()) => self.ready(planned).await,
            Err(why) => Err(why),
        };
        let mut tx = store.write(&due.by, "activated an installation as planned").await?;
        match tx.due_switch(tx.now()).await? {
            Some(still) if still.id == due.id => {}
            // Another host was first.
            _ => return Ok(()),
        }
        match fits {
            Ok(ready) => do_planned(&mut tx, due, &ready.installation, &ready.manifest).await?,
            Err(why) => not_done(&mut tx, due, &why.to_string()).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    /// For every authority.
    ///
    /// # Errors
    /// The stores failed.
    pub async fn switch_all_due(&self) -> Result<(), WorkflowError> {
        for authority in self.shared.stores.common().authorities().await? {
            self.switch_due(&self.shared.stores.authority(&authority.code).await?).await?;
        }
        Ok(())
    }
}

async fn do_planned(tx: &mut AuthorityTx, due: &PlannedSwitch, linked: &Installation, manifest: &Manifest) -> Result<(), StoreError> {
    let now = tx.installation(due.installation).await?;
    let same = (&now.grants, &now.settings, now.sealed) == (&linked.grants, &linked.settings, linked.sealed);
    let refused = match must_be_approved(tx, &now, manifest).await {
        _ if !same => Some("somebody changed it at this moment".to_owned()),
        Ok(()) => None,
        Err(ReviewError::Store(e)) => return Err(e),
        Err(e) => Some(e.to_string()),
    };
    if let Some(why) = refused {
        return not_done(tx, due, &why).await;
    }
    tx.settle_switch(due.id, None).await?;
    let decides = now.status == InstallationStatus::Active && now.offers.iter().all(|o| o.decides);
    if !decides {
        switch(tx, due.installation, due.reason.as_deref(), &due.by).await?;
    }
    Ok(())
}

/// What decided decides on, and somebody is to know.
async fn not_done(tx: &mut AuthorityTx, due: &PlannedSwitch, why: &str) -> Result<(), StoreError> {
    tx.settle_switch(due.id, Some(why)).await?;
    to_be_told::of_installation(tx, due.installation, Befell::NotSwitched(due.id)).await?;
    tx.announce(Announced::SwitchFailed, None, due.installation);
    Ok(())
}
