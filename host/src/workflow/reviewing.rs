//! The review of an installation: checked by the host, approved section by section by named people, by a second person as a whole. What is
//! missing is worked out from what was done, each time: there is no state to keep in step.

use std::collections::BTreeMap;

use serde_json::json;

use super::Workflow;
use crate::plugins::Manifest;
use crate::plugins::check::{Found, check};
use crate::plugins::install::{grants_of, manifest_of};
use crate::plugins::publish::PublishError;
use crate::plugins::secrets::money_between;
use crate::plugins::sensitive::{Mark, marks};
use crate::record::plugin_review::{Approval, Condition, LawfulBasis};
use crate::record::{Announced, Digest, InstallationId, Invalid, canonical, fact};
use crate::sandbox::{Purpose, interface};
use crate::store::{AuthorityTx, Installation, InstallationAct, InstallationActKind as Did, InstallationStatus, StoreError};

/// What is approved beside interfaces: every sentence that it may say.
pub const TEMPLATES: &str = "templates";
/// Its runs are given what is sealed.
pub const SEALED: &str = "sealed";
const SETTINGS: &str = "settings";
const CHECK: &str = "check";
const SECOND: &str = "second";
/// Bytes of what somebody says with an approval.
const LONGEST: usize = 1_000;

/// Something that a person has to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// An interface, [`TEMPLATES`] or [`SEALED`].
    pub about: String,
    /// It cannot run without.
    pub required: bool,
    /// It tells of families: its lawful basis has to be said.
    pub of_families: bool,
    /// Articles 9 and 10: a condition has to be said.
    pub special: bool,
    pub offences: bool,
    /// The last that was said of it.
    pub said: Option<InstallationAct>,
}

impl Item {
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.act == Did::Approved)
    }
}

/// Where a review stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub items: Vec<Item>,
    /// The last, if it still counts.
    pub check: Option<InstallationAct>,
    pub second: Option<InstallationAct>,
    /// Of all that a second person would approve now.
    pub digest: Digest,
    /// What keeps it from being activated, in words; nothing: two people approved it.
    pub missing: Vec<String>,
}

/// Something that somebody approves, or does not.
#[derive(Debug, Clone)]
pub struct Said {
    pub about: String,
    pub approves: bool,
    pub basis: Option<LawfulBasis>,
    pub conditions: Vec<Condition>,
    /// Why; of what is declined it is needed.
    pub words: Option<String>,
}

impl Review {
    /// Worked out from what was done.
    ///
    /// # Errors
    /// `Damaged` where the grants cannot be read.
    pub fn of(installation: &Installation, manifest: &Manifest, acts: &[InstallationAct]) -> Result<Self, StoreError> {
        let mut latest: BTreeMap<&str, &InstallationAct> = BTreeMap::new();
        for act in acts.iter().filter(|a| a.act != Did::Changed) {
            latest.insert(&act.about, act);
        }
        let stands = |about: &str| latest.get(about).copied().filter(|a| a.act != Did::Withdrawn).cloned();
        let mut items = items(installation, manifest)?;
        for item in &mut items {
            item.said = stands(&item.about);
        }
        let (check, second) = (stands(CHECK), stands(SECOND));
        let digest = digest(installation, &items, check.as_ref());
        let mut review = Self { items, check, second, digest, missing: Vec::new() };
        review.missing = review.what_is_missing();
        Ok(review)
    }

    fn what_is_missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        match &self.check {
            None => missing.push("it was not checked as it is now".to_owned()),
            Some(check) if check.act == Did::Failed => missing.push("its check failed".to_owned()),
            Some(_) => {}
        }
        for item in &self.items {
            match &item.said {
                Some(said) if said.act == Did::Approved => {}
                Some(_) => missing.push(format!("{} was declined, and it cannot do without", item.about)),
                None => missing.push(format!("nobody approved {}", item.about)),
            }
        }
        match &self.second {
            Some(second) if second.digest == Some(self.digest) => {}
            Some(_) => missing.push("what the second person approved is not what it is now".to_owned()),
            None => missing.push("no second person approved it".to_owned()),
        }
        missing
    }
}

fn items(installation: &Installation, manifest: &Manifest) -> Result<Vec<Item>, StoreError> {
    let plain =
        |about: &str| Item { about: about.to_owned(), required: true, of_families: false, special: false, offences: false, said: None };
    let mut items = Vec::new();
    for name in grants_of(installation)?.0 {
        let marked = |mark| marks(&name).iter().any(|(m, _)| *m == mark);
        items.push(Item {
            required: !manifest.optional.contains(&name),
            of_families: interface(&name).is_some_and(|i| i.purpose == Purpose::Read),
            special: marked(Mark::SpecialCategory),
            offences: marked(Mark::CriminalOffences),
            ..plain(&name)
        });
    }
    if !manifest.templates.is_empty() {
        items.push(plain(TEMPLATES));
    }
    if installation.sealed {
        items.push(Item { required: false, of_families: true, ..plain(SEALED) });
    }
    Ok(items)
}

/// Component, grants, settings, approvals: whoever approves this digest approves these and no others.
fn digest(installation: &Installation, items: &[Item], check: Option<&InstallationAct>) -> Digest {
    let approvals: Vec<_> = items
        .iter()
        .map(|item| {
            let said = item.said.as_ref();
            json!({
                "about": item.about, "act": said.map(|s| s.act.code()), "basis": said.and_then(|s| s.basis.clone()),
                "by": said.map(|s| s.by.clone()), "conditions": said.map(|s| s.conditions.clone()), "words": said.and_then(|s| s.words.clone()),
                "at": said.map(|s| s.at.millis()),
            })
        })
        .collect();
    let all = json!({
        "component": installation.digest, "grants": installation.grants, "sealed": installation.sealed,
        "settings": installation.settings, "approvals": approvals, "checked": check.map(|c| c.at.millis()),
    });
    canonical(&all).0
}

/// Why an installation is not approved.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("it is not approved: {}", .0.join("; "))]
    NotApproved(Vec<String>),
    /// Somebody who had a hand in it before.
    #[error("{0}")]
    NotYours(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Invalid> for ReviewError {
    fn from(invalid: Invalid) -> Self {
        Self::Store(invalid.into())
    }
}

/// In a transaction, as it stands there.
///
/// # Errors
/// The file cannot be read.
pub async fn review(tx: &mut AuthorityTx, installation: &Installation, manifest: &Manifest) -> Result<Review, StoreError> {
    let acts = tx.installation_acts(installation.id).await?;
    Review::of(installation, manifest, &acts)
}

fn proposed(installation: &Installation) -> Result<(), StoreError> {
    if installation.status == InstallationStatus::Proposed {
        return Ok(());
    }
    Err(StoreError::Conflict(format!("the installation is {}: what is proposed is reviewed", installation.status.code())))
}

/// Keeps that somebody set other grants or settings, and withdraws what was said of what they touch.
///
/// # Errors
/// The file cannot be written.
pub async fn changed(tx: &mut AuthorityTx, before: &Installation, by: &str) -> Result<(), StoreError> {
    let now = tx.installation(before.id).await?;
    let at = tx.now();
    if (&before.grants, before.sealed, &before.settings) == (&now.grants, now.sealed, &now.settings) {
        return Ok(());
    }
    let said = tx.installation_acts(before.id).await?;
    tx.add_installation_act(now.id, &InstallationAct::new(Did::Changed, SETTINGS, at, by)).await?;
    let (had, has) = (grants_of(before)?.0, grants_of(&now)?.0);
    let mut touched: Vec<&str> = vec![CHECK, SECOND];
    touched.extend(had.symmetric_difference(&has).map(String::as_str));
    if before.sealed != now.sealed {
        touched.push(SEALED);
    }
    for about in touched {
        if said.iter().any(|a| a.about == about) {
            tx.add_installation_act(now.id, &InstallationAct::new(Did::Withdrawn, about, at, by)).await?;
        }
    }
    tx.announce(Announced::InstallationChanged, None, now.id);
    Ok(())
}

/// Keeps what somebody says of some of what an installation asks for. What is declined and can be done without is not granted.
///
/// # Errors
/// [`ReviewError::NotYours`] where they proposed it or set something of it; `Invalid` naming `items[i]`; `Conflict` where it is no longer
/// proposed.
pub async fn approve(tx: &mut AuthorityTx, id: InstallationId, manifest: &Manifest, said: &[Said], by: &str) -> Result<(), ReviewError> {
    let installation = tx.installation(id).await?;
    proposed(&installation)?;
    let acts = tx.installation_acts(id).await?;
    let set_it = acts.iter().any(|a| a.act == Did::Changed && a.by == by);
    if installation.created_by == by || set_it {
        return Err(ReviewError::NotYours("whoever proposed an installation, or set its grants or settings, does not approve it"));
    }
    let items = items(&installation, manifest)?;
    let at = tx.now();
    let mut grants = grants_of(&installation)?;
    let mut sealed = installation.sealed;
    for (i, one) in said.iter().enumerate() {
        let within = |e: Invalid| e.within(&format!("items[{i}]"));
        let item = items.iter().find(|item| item.about == one.about);
        let item = item.ok_or_else(|| within(Invalid::new("about", "is nothing that this installation is granted")))?;
        check_said(item, one).map_err(within)?;
        let act = InstallationAct {
            basis: one.basis.map(|b| b.code().to_owned()),
            conditions: one.conditions.iter().map(|c| c.code().to_owned()).collect(),
            words: one.words.clone(),
            ..InstallationAct::new(if one.approves { Did::Approved } else { Did::Declined }, &item.about, at, by)
        };
        tx.add_installation_act(id, &act).await?;
        if !one.approves && !item.required {
            grants.0.remove(&item.about);
            sealed &= item.about != SEALED;
        }
    }
    withdraw_second(tx, id, &acts, at, by).await?;
    take_away(tx, &installation, &grants, sealed, by).await?;
    tx.announce(Announced::InstallationReviewed, None, id);
    Ok(())
}

async fn withdraw_second(
    tx: &mut AuthorityTx,
    id: InstallationId,
    acts: &[InstallationAct],
    at: crate::record::KnownAt,
    by: &str,
) -> Result<(), StoreError> {
    if acts.iter().any(|a| a.about == SECOND) {
        tx.add_installation_act(id, &InstallationAct::new(Did::Withdrawn, SECOND, at, by)).await?;
    }
    Ok(())
}

/// What was declined is not granted; the check has to be made anew without it.
async fn take_away(
    tx: &mut AuthorityTx,
    before: &Installation,
    grants: &crate::sandbox::Grants,
    sealed: bool,
    by: &str,
) -> Result<(), StoreError> {
    let granted = serde_json::to_value(grants).unwrap_or_default();
    if granted == before.grants && sealed == before.sealed {
        return Ok(());
    }
    tx.change_installation(before.id, &granted, &before.settings).await?;
    tx.grant_sealed(before.id, sealed).await?;
    if tx.installation_acts(before.id).await?.iter().any(|a| a.about == CHECK) {
        let at = tx.now();
        tx.add_installation_act(before.id, &InstallationAct::new(Did::Withdrawn, CHECK, at, by)).await?;
    }
    Ok(())
}

fn check_said(item: &Item, said: &Said) -> Result<(), Invalid> {
    if let Some(words) = &said.words {
        fact::text("words", words, LONGEST)?;
    }
    if !said.approves {
        return if said.words.is_some() { Ok(()) } else { Err(Invalid::new("words", "is missing: why it is declined")) };
    }
    if item.of_families && said.basis.is_none() {
        return Err(Invalid::new("basis", "is missing: the lawful basis on which it may be read (UK GDPR, article 6)"));
    }
    let has = |of_offences| said.conditions.iter().any(|c| c.of_offences() == of_offences);
    if item.special && !has(false) {
        return Err(Invalid::new("conditions", "names no condition of article 9, and this is special category data"));
    }
    if item.offences && !has(true) {
        return Err(Invalid::new("conditions", "names no condition of article 10, and this is data about criminal offences"));
    }
    Ok(())
}

/// Keeps that a second person approves all of it, by its digest.
///
/// # Errors
/// [`ReviewError::NotYours`] where they had a hand in it before; [`ReviewError::NotApproved`] where something else is missing first;
/// `Conflict` where the digest is another's.
pub async fn second(
    tx: &mut AuthorityTx,
    id: InstallationId,
    manifest: &Manifest,
    seen: Digest,
    words: Option<&str>,
    by: &str,
) -> Result<(), ReviewError> {
    let installation = tx.installation(id).await?;
    proposed(&installation)?;
    if let Some(words) = words {
        fact::text("words", words, LONGEST)?;
    }
    let acts = tx.installation_acts(id).await?;
    if installation.created_by == by || acts.iter().any(|a| a.by == by && a.about != SECOND) {
        return Err(ReviewError::NotYours("the second person is another than all that proposed, set, checked and approved it"));
    }
    let review = Review::of(&installation, manifest, &acts)?;
    let mut first = review.missing.clone();
    // The last is about the second approval itself.
    if review.second.is_none() || review.second.as_ref().is_some_and(|s| s.digest != Some(review.digest)) {
        first.pop();
    }
    if !first.is_empty() {
        return Err(ReviewError::NotApproved(first));
    }
    if seen != review.digest {
        return Err(StoreError::Conflict("what was approved is not what it is now: read the review again".to_owned()).into());
    }
    let at = tx.now();
    let act =
        InstallationAct { words: words.map(str::to_owned), digest: Some(seen), ..InstallationAct::new(Did::Seconded, SECOND, at, by) };
    tx.add_installation_act(id, &act).await?;
    tx.announce(Announced::InstallationApproved, None, id);
    Ok(())
}

/// Refuses an installation that is not approved as the authority asks for. One that was let decide before was approved then.
///
/// # Errors
/// [`ReviewError::NotApproved`] naming what is missing.
pub async fn must_be_approved(tx: &mut AuthorityTx, installation: &Installation, manifest: &Manifest) -> Result<(), ReviewError> {
    if installation.activated_at.is_some() {
        return Ok(());
    }
    let acts = tx.installation_acts(installation.id).await?;
    // A second person approved it with these settings.
    if tx.follows(installation.id).await? && acts.iter().all(|a| a.act != Did::Changed) {
        return Ok(());
    }
    let moved = moves_money(tx, installation, manifest).await?;
    if tx.review_rules().await?.approval == Approval::OnePerson && moved.is_empty() {
        return Ok(());
    }
    let mut missing = Review::of(installation, manifest, &acts)?.missing;
    if !moved.is_empty() && !missing.is_empty() {
        missing.push(format!("it sets what moves money ({}) otherwise than the one that decides", moved.join(", ")));
    }
    if missing.is_empty() { Ok(()) } else { Err(ReviewError::NotApproved(missing)) }
}

/// Settings that move money, by the names of either version, and are others than those of the same plugin's installation that is active.
pub(super) async fn moves_money(tx: &mut AuthorityTx, installation: &Installation, manifest: &Manifest) -> Result<Vec<String>, StoreError> {
    let Some(active) = tx.active_of(&installation.plugin).await? else { return Ok(Vec::new()) };
    let was = tx.version_of(&active).await?.ok_or_else(|| StoreError::no_such("plugin version", active.digest))?;
    Ok(money_between([&manifest_of(&was)?.settings, &manifest.settings], &active.settings, &installation.settings))
}

impl Workflow {
    /// Plays the plugin's scenarios as this authority has it. Nothing is kept: [`keep_check`].
    ///
    /// # Errors
    /// This host could not look at it.
    pub async fn check_installation(&self, installation: &Installation) -> Result<Found, PublishError> {
        let bytes = self.shared.stores.common().plugin_bytes(&installation.digest).await?;
        let missing = || StoreError::NoSuch { what: "plugin version", id: installation.digest.to_string() };
        check(&self.shared.sandbox, installation, bytes.ok_or_else(missing)?).await
    }
}

/// Keeps what a check of an installation found.
///
/// # Errors
/// `Conflict` where it was changed meanwhile, or is no longer proposed.
pub async fn keep_check(tx: &mut AuthorityTx, checked: &Installation, found: &Found, by: &str) -> Result<(), StoreError> {
    let now = tx.installation(checked.id).await?;
    proposed(&now)?;
    if now != *checked {
        return Err(StoreError::Conflict("somebody changed the installation while it was checked: check it again".to_owned()));
    }
    let at = tx.now();
    let acts = tx.installation_acts(now.id).await?;
    withdraw_second(tx, now.id, &acts, at, by).await?;
    let did = if found.failed.is_none() { Did::Checked } else { Did::Failed };
    let act = InstallationAct { found: serde_json::to_value(found).ok(), ..InstallationAct::new(did, CHECK, at, by) };
    tx.add_installation_act(now.id, &act).await?;
    tx.announce(Announced::InstallationChecked, None, now.id);
    Ok(())
}
