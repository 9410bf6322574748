//! Who is told that there is something to know: about a family, or about an installation.

use std::collections::BTreeSet;

use crate::access::{Role, Verb, policy};
use crate::record::{FamilyId, InstallationId, LoginId};
use crate::store::{AuthorityTx, Befell, StoreError};

/// Of the organisations of a kind (code list organisation-kinds): whoever works with the family; of one that it is shared with and from
/// which nobody does, all who have a role here. Where the family is neither theirs nor shared with them, nobody: that there is
/// something would tell them that there is a family.
///
/// # Errors
/// The record cannot be read.
pub(super) async fn of_kind(tx: &mut AuthorityTx, family: FamilyId, kind: &str) -> Result<Vec<LoginId>, StoreError> {
    let today = tx.now().day();
    let (mut told, mut at_work) = (BTreeSet::new(), BTreeSet::new());
    for login in tx.workers_of(family, today).await? {
        let organisation = tx.employer(login).await?;
        if tx.source_kind(&organisation).await? == kind {
            told.insert(login);
            at_work.insert(organisation);
        }
    }
    let mut others = BTreeSet::new();
    for organisation in tx.shared_with(family, today).await? {
        if !at_work.contains(&organisation) && tx.source_kind(&organisation).await? == kind {
            others.insert(organisation);
        }
    }
    if !others.is_empty() {
        for (login, _) in tx.who_works_here(today).await? {
            if others.contains(&tx.employer(login).await?) {
                told.insert(login);
            }
        }
    }
    Ok(told.into_iter().collect())
}

/// Tells what the host did of an installation by itself: whoever approves what plugins are granted, or lets them decide; and whoever uploaded its
/// version, where they work here.
///
/// # Errors
/// The record cannot be read or written.
pub(super) async fn of_installation(tx: &mut AuthorityTx, id: InstallationId, befell: Befell) -> Result<(), StoreError> {
    let today = tx.now().day();
    let installation = tx.installation(id).await?;
    let author = tx.version_of(&installation).await?.map(|v| v.uploaded_by);
    let mut told = BTreeSet::new();
    for (login, role) in tx.who_works_here(today).await? {
        let answers = may(&role, Verb::ReviewPlugins)? || may(&role, Verb::ApprovePlugins)?;
        // As a person's name is written where authorities meet.
        if answers || author.as_ref() == Some(&format!("person/{login}")) {
            told.insert(login);
        }
    }
    for login in told {
        tx.add_notice_of(befell, login, today).await?;
    }
    Ok(())
}

/// Of a referral that no family is settled for: whoever may triage.
///
/// # Errors
/// The record cannot be read.
pub(super) async fn at_the_front_door(tx: &mut AuthorityTx) -> Result<BTreeSet<LoginId>, StoreError> {
    let today = tx.now().day();
    let mut told = BTreeSet::new();
    for (login, role) in tx.who_works_here(today).await? {
        if may(&role, Verb::Triage)? {
            told.insert(login);
        }
    }
    Ok(told)
}

/// Whether a role, by its code, can do so in some case.
fn may(role: &str, verb: Verb) -> Result<bool, StoreError> {
    Ok(!policy::reach(std::iter::once(role.parse::<Role>()?).collect(), verb).is_none())
}
