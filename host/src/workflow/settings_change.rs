//! Other settings for an installation that decides. Its own are part of every decision that it made, so they stay: an installation of the
//! same component follows it, with the new ones, from a day on. What moves money has two people and a day; so has everything where the
//! authority asks for two people.

use super::{about, switching};
use crate::plugins::Manifest;
use crate::plugins::install::check_settings;
use crate::plugins::secrets::money;
use crate::record::plugin_review::Approval;
use crate::record::{Announced, Day, InstallationId, Invalid, KnownAt};
use crate::store::{AuthorityTx, Installation, InstallationStatus, SettingsChange, StoreError};

/// Who proposes what, why, and from when.
#[derive(Debug, Clone)]
pub struct NewSettings {
    pub settings: serde_json::Value,
    /// The first day; none: from today, where nothing moves money.
    pub counts_from: Option<Day>,
    pub reason: String,
}

/// Proposes other settings for an active installation, for a second person.
///
/// # Errors
/// `Conflict` where it is not active, or one waits already; `Invalid` naming `settings.…`, `counts_from` or `reason`.
pub async fn propose(tx: &mut AuthorityTx, id: InstallationId, manifest: &Manifest, new: &NewSettings, by: &str) -> Result<(), StoreError> {
    about::reason(&new.reason)?;
    let installation = tx.installation(id).await?;
    must_be_active(&installation)?;
    if let Some(kept) = tx.kept_for_drafts().await?.into_iter().find(|k| k.installation == id) {
        return Err(StoreError::Conflict(format!("its settings were changed before: change those of {}", kept.follower)));
    }
    let settings = check_settings(manifest, &new.settings)?;
    if settings == installation.settings {
        return Err(Invalid::new("settings", "are what they are already").into());
    }
    let moved = money(&manifest.settings, &installation.settings, &settings);
    let (at, today) = (tx.now(), tx.now().day());
    let counts_from = match new.counts_from {
        Some(day) if day < today => return Err(Invalid::new("counts_from", "is over").into()),
        Some(day) => day,
        None if moved.is_empty() => today,
        None => {
            let why = format!("is missing: {} moves money, so say from which day on it counts", moved.join(", "));
            return Err(Invalid::new("counts_from", why).into());
        }
    };
    let change = SettingsChange {
        id: 0,
        installation: id,
        settings,
        counts_from,
        money: moved,
        reason: new.reason.clone(),
        at,
        by: by.to_owned(),
        state: "waiting".to_owned(),
        settled: None,
        settled_why: None,
        successor: None,
    };
    tx.propose_settings(&change).await?;
    tx.announce(Announced::SettingsProposed, None, id);
    Ok(())
}

fn must_be_active(installation: &Installation) -> Result<(), StoreError> {
    if installation.status == InstallationStatus::Active {
        return Ok(());
    }
    let why = format!("the installation is {}: set its settings while it is proposed", installation.status.code());
    Err(StoreError::Conflict(why))
}

/// A second person says yes: the installation that follows is there, and decides at once or from its day on.
///
/// # Errors
/// `Conflict` where the installation is no longer active, or they proposed it, or nothing waits.
pub async fn approve(tx: &mut AuthorityTx, id: InstallationId, by: &str) -> Result<InstallationId, StoreError> {
    let change = tx.waiting_settings(id).await?;
    let two = !change.money.is_empty() || tx.review_rules().await?.approval == Approval::TwoPeople;
    if two && change.by == by {
        return Err(StoreError::Conflict("another person than who proposed it approves it".to_owned()));
    }
    let before = tx.installation(id).await?;
    must_be_active(&before)?;
    let now = tx.now();
    let next = Installation {
        id: InstallationId::fresh(),
        settings: change.settings.clone(),
        status: InstallationStatus::Proposed,
        created_at: now,
        created_by: change.by.clone(),
        offers: before.offers.iter().map(|o| crate::store::Offer::of(&o.extension_point)).collect(),
        activated_at: None,
        activated_by: None,
        retired_at: None,
        retired_by: None,
        ..before.clone()
    };
    tx.add_installation(&next).await?;
    tx.grant_sealed(next.id, next.sealed).await?;
    tx.settle_settings(change.id, by, None, Some(next.id)).await?;
    tx.supply_as(id, next.id).await?;
    switching::follow(tx, next.id, KnownAt::begins(change.counts_from), &change.reason, by).await?;
    tx.announce(Announced::SettingsApproved, None, next.id);
    Ok(next.id)
}

/// The second person says no.
///
/// # Errors
/// `Conflict` where nothing waits; `Invalid` naming `reason`.
pub async fn decline(tx: &mut AuthorityTx, id: InstallationId, reason: &str, by: &str) -> Result<(), StoreError> {
    about::reason(reason)?;
    let change = tx.waiting_settings(id).await?;
    tx.settle_settings(change.id, by, Some(reason), None).await?;
    tx.announce(Announced::SettingsDeclined, None, id);
    Ok(())
}
