//! Who takes a family: the host counts who could, the pathway ranks them, and a person gives the case to one.

use super::about::{Asks, CandidateAsked, CandidatesAsked};
use super::{Workflow, WorkflowError, said};
use crate::access::Role;
use crate::record::{Day, FamilyId, Invalid, LoginId, told_back};
use crate::sandbox::answer::Reported;
use crate::store::{AuthorityStore, Decision, StoreError};

/// Roles in a case (code list roles) that a family is allocated in, and the role here that somebody has who can be asked.
const ALLOCATED: [(&str, Role); 3] =
    [("keyworker", Role::Keyworker), ("lead-worker", Role::LeadWorker), ("employment-adviser", Role::Adviser)];

/// Those who could take a family, in the order in which the pathway is asked about them.
pub struct Candidates {
    pub asks: Asks,
    pub logins: Vec<LoginId>,
}

impl Workflow {
    /// Everybody here in that role who is not away, has a login that is open, and is not the family's in that role already.
    ///
    /// # Errors
    /// `Invalid` naming `role` where nobody is allocated in that; `Conflict` where there is nobody.
    pub async fn candidates(&self, store: &AuthorityStore, family: FamilyId, role: &str, on: Day) -> Result<Candidates, WorkflowError> {
        let Some((_, here)) = ALLOCATED.into_iter().find(|(code, _)| *code == role) else {
            let known = ALLOCATED.map(|(code, _)| code).join(", ");
            return Err(StoreError::from(Invalid::new("role", format!("{} is none of {known}", told_back(role)))).into());
        };
        let assigned = store.assignments(family).await?;
        let has_it = |login| assigned.iter().any(|a| a.login == login && a.role == role && a.window.contains(on));
        let covers = store.covers().await?;
        let away = |login| covers.iter().any(|c| c.absent == login && c.first <= on && on <= c.last);
        let held = store.roles_held().await?;
        let mut logins: Vec<LoginId> = held.iter().filter(|r| r.role == here.code() && r.window.contains(on)).map(|r| r.login).collect();
        logins.dedup();
        logins.retain(|login| !has_it(*login) && !away(*login));
        let (mut asked, mut kept) = (Vec::new(), Vec::new());
        for login in logins {
            let Some(candidate) = self.candidate(store, family, role, login, on).await? else { continue };
            asked.push(candidate);
            kept.push(login);
        }
        if kept.is_empty() {
            return Err(StoreError::Conflict(format!("nobody could take the family as {role} on {on}")).into());
        }
        Ok(Candidates { asks: Asks::Allocate(CandidatesAsked::of(asked)), logins: kept })
    }

    /// None: the login is closed.
    async fn candidate(
        &self,
        store: &AuthorityStore,
        family: FamilyId,
        role: &str,
        login: LoginId,
        on: Day,
    ) -> Result<Option<CandidateAsked>, StoreError> {
        let common = self.shared.stores.common();
        let who = common.login(login).await?;
        if who.closed_at.is_some() {
            return Ok(None);
        }
        let organisation = common.organisation(&who.organisation).await?;
        let profile = store.worker_profile(login).await?;
        Ok(Some(CandidateAsked {
            role: role.to_owned(),
            organisation_kind: organisation.map_or_else(|| "other".to_owned(), |o| o.kind),
            families: store.caseload(login, on).await?.all(),
            most: profile.as_ref().and_then(|p| p.most),
            strengths: profile.map(|p| p.strengths).unwrap_or_default(),
            worked_before: store.worked_with(login, family).await?,
        }))
    }
}

/// Whom a pathway put first. None: it named nobody.
///
/// # Errors
/// The file cannot be read.
pub async fn first_of(store: &AuthorityStore, decision: &Decision) -> Result<Option<LoginId>, StoreError> {
    let answer = said(decision)?;
    let best = answer.reported.iter().find_map(|r| match r {
        Reported::Rank { worker, place: 1, .. } => usize::try_from(*worker).ok(),
        _ => None,
    });
    let Some(best) = best else { return Ok(None) };
    Ok(store.candidates_of(decision.id).await?.get(best).copied())
}
