//! A family on its way to a provider: picked from a shortlist, referred, answered, helped, and over. What the record shows of it is one
//! fact of the section support, which says how far it has come.

use super::{Workflow, WorkflowError, said};
use crate::record::sections::support::ServiceUse;
use crate::record::{
    AuthorityId, ContractId, Day, DecisionId, Detail, FactId, FamilyId, NewFact, OrganisationId, ProvisionId, Purpose, ServiceId, Subject,
    Window,
};
use crate::record::{Invalid, fact};
use crate::sandbox::Context;
use crate::sandbox::answer::Reported;
use crate::sandbox::matter::Matter;
use crate::store::{AuthorityStore, AuthorityTx, HelpRequest, Provision, ProvisionState, Service, Sessions, SessionsTold, StoreError};

/// A service that somebody picked for a family.
#[derive(Debug, Clone)]
pub struct Picked {
    pub service: ServiceId,
    /// Left out: the one contract in force that buys the service, if there is one.
    pub contract: Option<ContractId>,
    /// The shortlist that it is from.
    pub decision: Option<DecisionId>,
    /// Needed where it is on no such list.
    pub why: Option<String>,
}

/// Where a referral goes.
#[derive(Debug, Clone, Copy)]
pub struct Going<'a> {
    pub to: ProvisionState,
    /// From which day on.
    pub day: Day,
    /// The day on which the help began, where that is said.
    pub engaged: Option<Day>,
    pub why: Option<&'a str>,
}

/// Who lets lapse what nobody answered.
const HOST: &str = "the host";

impl Workflow {
    /// Refers a family to the service that somebody picked, in the caller's transaction.
    ///
    /// # Errors
    /// `Invalid` where a reason is missing, or the shortlist or the contract is about something else; `Conflict` where nothing of the family
    /// may be told to the provider, there is no place, or the request is settled.
    pub async fn refer(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        request: &HelpRequest,
        picked: &Picked,
    ) -> Result<Provision, WorkflowError> {
        if request.withdrawn {
            return Err(StoreError::Conflict("the request was withdrawn".to_owned()).into());
        }
        let service = tx.service(picked.service).await.map_err(|e| in_body(e, "service"))?;
        may_be_told(store, request, service.organisation()).await?;
        let place = match picked.decision {
            Some(decision) => place_on(store, request, decision, picked.service).await?,
            None => None,
        };
        match &picked.why {
            Some(why) => fact::text("why", why, 500).map_err(StoreError::from)?,
            None if place.is_none() => {
                let why = "is missing: say why, where the service is on no shortlist for this request";
                return Err(StoreError::from(Invalid::new("why", why)).into());
            }
            None => {}
        }
        let today = tx.now().day();
        let contract = under(tx, picked.contract, &service, today).await?;
        let days = i32::from(tx.buying_settings().await?.answer_days);
        let new = Provision {
            id: ProvisionId::fresh(),
            at: tx.now(),
            by: tx.principal().to_owned(),
            request: request.id,
            family: request.family,
            person: request.person,
            service: service.id,
            provider: service.organisation().clone(),
            contract,
            number: None,
            decision: picked.decision,
            place,
            why: picked.why.clone(),
            state: ProvisionState::Sent,
            answer_by: today.plus(days).unwrap_or(today),
            engaged: None,
            ended: None,
            fact: None,
        };
        let provision = tx.refer(&new).await?;
        show_in_record(store, tx, &provision, &service.offer.kind).await?;
        Ok(tx.provision(new.id).await?)
    }

    /// Takes a referral to another state, in the caller's transaction.
    ///
    /// # Errors
    /// `Conflict` where it is in another state by now; `Invalid` where a day is not of its time.
    pub async fn take_provision(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        provision: &Provision,
        going: Going<'_>,
    ) -> Result<Provision, WorkflowError> {
        let Going { to, day, engaged, why } = going;
        let from = match to {
            ProvisionState::Accepted | ProvisionState::Refused | ProvisionState::Unanswered => [ProvisionState::Sent].as_slice(),
            ProvisionState::Withdrawn => &[ProvisionState::Sent, ProvisionState::Accepted],
            ProvisionState::Completed | ProvisionState::Left => &[ProvisionState::Accepted],
            ProvisionState::Sent => &[],
        };
        if !from.contains(&provision.state) {
            return Err(StoreError::Conflict(format!("the referral is {}", provision.state.code())).into());
        }
        if let Some(on) = engaged {
            began(provision, on, tx.now().day()).map_err(StoreError::from)?;
        }
        tx.move_provision(provision, to, day, why).await?;
        if let Some(on) = engaged {
            tx.set_engaged(provision.id, on).await?;
        }
        let moved = tx.provision(provision.id).await?;
        let kind = tx.service(moved.service).await?.offer.kind;
        show_in_record(store, tx, &moved, &kind).await?;
        Ok(tx.provision(provision.id).await?)
    }

    /// Tells of sessions of a referral, in the caller's transaction. The first that was kept is when the help began.
    ///
    /// # Errors
    /// `Conflict` where nobody is helped, or they share days with others; `Invalid` naming the field.
    pub async fn tell_sessions(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        provision: &Provision,
        told: &Sessions,
    ) -> Result<SessionsTold, WorkflowError> {
        if !matches!(provision.state, ProvisionState::Accepted | ProvisionState::Completed | ProvisionState::Left) {
            return Err(StoreError::Conflict(format!("the referral is {}: nobody is helped", provision.state.code())).into());
        }
        let today = tx.now().day();
        let check = || {
            Window::new(told.window.first, told.window.last)?;
            if told.window.last.is_none_or(|last| last > today) {
                return Err(Invalid::new("last", "is to come, or missing"));
            }
            if provision.ended.is_some_and(|ended| told.window.first > ended) {
                return Err(Invalid::new("first", "is after the service was over"));
            }
            if told.offered > MOST_SESSIONS {
                return Err(Invalid::new("offered", format!("is more than {MOST_SESSIONS}")));
            }
            if told.kept > told.offered {
                return Err(Invalid::new("kept", "is more than were offered"));
            }
            Ok(())
        };
        check().map_err(StoreError::from)?;
        let came_to = tx.tell_sessions(provision.id, told).await?;
        let first = told.window.first;
        if told.kept > 0 && provision.engaged.is_none_or(|engaged| first < engaged) {
            tx.set_engaged(provision.id, first).await?;
            let moved = tx.provision(provision.id).await?;
            let kind = tx.service(moved.service).await?.offer.kind;
            show_in_record(store, tx, &moved, &kind).await?;
        }
        Ok(came_to)
    }

    /// Lets lapse what providers did not answer in time: the place is free again. How many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn lapse_referrals(&self, authority: &AuthorityId) -> Result<u64, WorkflowError> {
        const WHAT: &str = "let lapse what no provider answered";
        let store = self.shared.stores.authority(authority).await?;
        let overdue = store.write(HOST, WHAT).await?.overdue_provisions().await?;
        let mut lapsed = 0;
        for provision in &overdue {
            let mut tx = store.write(HOST, WHAT).await?;
            let going = Going { to: ProvisionState::Unanswered, day: tx.now().day(), engaged: None, why: None };
            match self.take_provision(&store, &mut tx, provision, going).await {
                Ok(_) => {
                    tx.commit().await?;
                    lapsed += 1;
                }
                // Answered meanwhile, or of a family to whose record nothing is added any more.
                Err(WorkflowError::Store(StoreError::Conflict(_))) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(lapsed)
    }

    /// The same, of every authority.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn lapse_all_referrals(&self) -> Result<u64, WorkflowError> {
        let mut lapsed = 0;
        for authority in self.shared.stores.common().authorities().await? {
            lapsed += self.lapse_referrals(&authority.code).await?;
        }
        Ok(lapsed)
    }
}

/// Sessions of one family in one window.
const MOST_SESSIONS: u32 = 500;

fn in_body(error: StoreError, field: &str) -> StoreError {
    match error {
        StoreError::NoSuch { .. } => Invalid::new(field, error.to_string()).into(),
        other => other,
    }
}

fn began(provision: &Provision, on: Day, today: Day) -> Result<(), Invalid> {
    // The family may have been helped before somebody wrote the referral down, but not years before.
    let earliest = provision.at.day().plus(-366).unwrap_or(on);
    if on < earliest { Err(Invalid::new("begins", "is more than a year before the referral")) } else { not_far(on, today) }
}

fn not_far(on: Day, today: Day) -> Result<(), Invalid> {
    let latest = today.plus(366).unwrap_or(on);
    if on > latest { Err(Invalid::new("begins", "is more than a year from now")) } else { Ok(()) }
}

/// Where the service stands on a shortlist for the request. None: it is not on it, or its evidence was erased.
async fn place_on(
    store: &AuthorityStore,
    request: &HelpRequest,
    decision: DecisionId,
    service: ServiceId,
) -> Result<Option<u32>, StoreError> {
    let other = || StoreError::from(Invalid::new("decision", "is no shortlist for this request"));
    let decision = store.decision(decision).await.map_err(|e| in_body(e, "decision"))?;
    let goes_on = store.goes_on_within(request.family).await?;
    if (decision.family != request.family && Some(decision.family) != goes_on) || decision.question != "shortlist" {
        return Err(other());
    }
    let Some(matter) = decision.matter else { return Err(other()) };
    let (Some(matter), Some(context)) = (store.content(&matter).await?, store.content(&decision.context).await?) else { return Ok(None) };
    let damaged = |e: serde_json::Error| StoreError::Damaged(format!("decision {}: {e}", decision.id));
    let (matter, context): (Matter, Context) =
        (serde_json::from_slice(&matter).map_err(damaged)?, serde_json::from_slice(&context).map_err(damaged)?);
    match &matter {
        Matter::Help(help) if help.kind == request.kind => {}
        _ => return Err(other()),
    }
    let stands = |r: &Reported| match r {
        Reported::Suggest { service: handle, place, .. } => {
            let given = context.directory.get(*handle as usize)?;
            (given.id == Some(service)).then_some(*place)
        }
        _ => None,
    };
    Ok(said(&decision)?.reported.iter().find_map(stands))
}

/// The contract under which a service is given: the one that is named, or the only one that buys it.
async fn under(tx: &mut AuthorityTx, named: Option<ContractId>, service: &Service, today: Day) -> Result<Option<ContractId>, StoreError> {
    let signed = tx.signed_contracts().await?;
    let buying: Vec<ContractId> = signed
        .iter()
        .filter(|c| c.terms.window().contains(today) && c.terms.buys(service.id, service.organisation()))
        .map(|c| c.id)
        .collect();
    match (named, buying.as_slice()) {
        (Some(named), buying) if buying.contains(&named) => Ok(Some(named)),
        (Some(_), _) => Err(Invalid::new("contract", "is not in force today, or does not buy this service").into()),
        (None, []) => Ok(None),
        (None, [one]) => Ok(Some(*one)),
        (None, _) => Err(Invalid::new("contract", "is missing: several contracts buy this service").into()),
    }
}

/// Nothing is told of a family to whom nothing of it is shared. The council tells itself.
async fn may_be_told(store: &AuthorityStore, request: &HelpRequest, provider: &OrganisationId) -> Result<(), StoreError> {
    if *provider == OrganisationId::of_council(store.id()) {
        return Ok(());
    }
    let today = store.clock().now().day();
    let agreements = store.agreements().await?;
    let purposes = [Purpose::Referral, Purpose::Casework];
    let open = |id| {
        let mut with = agreements.iter().filter(|a| a.id == id && a.organisation == *provider && a.window.contains(today));
        with.any(|a| a.purposes.iter().any(|p| purposes.contains(p)))
    };
    let shares = store.shares(request.family).await?;
    let told = |s: &crate::store::Share| s.withdrawn.is_none() && s.person.is_none_or(|p| request.person == Some(p)) && open(s.agreement);
    if shares.iter().any(told) {
        return Ok(());
    }
    let why = format!("nothing of this family is shared with {provider} for referral or casework: share it first, with their consent");
    Err(StoreError::Conflict(why))
}

/// What the record says of it from now on: one fact that follows it.
async fn show_in_record(store: &AuthorityStore, tx: &mut AuthorityTx, provision: &Provision, kind: &str) -> Result<(), StoreError> {
    let before = match provision.fact {
        Some(fact) => tx.in_force(fact).await?,
        None => None,
    };
    let Some(state) = provision.state.in_the_record(provision.engaged.is_some()) else {
        return match before {
            Some(fact) => tx.withdraw_fact(fact).await,
            None => Ok(()),
        };
    };
    let family: FamilyId = store.goes_on_within(provision.family).await?.unwrap_or(provision.family);
    let employer = tx.source_kind(&provision.provider).await?.to_owned();
    let detail = Detail::ServiceUse(ServiceUse { service: kind.to_owned(), state: state.to_owned(), employer });
    let first = provision.at.day().min(provision.engaged.unwrap_or_else(|| provision.at.day()));
    let over = matches!(provision.state, ProvisionState::Refused).then(|| tx.now().day());
    let window = Window { first, last: provision.ended.or(over).map(|last| last.max(first)) };
    let subject = Subject { family: Some(family), person: provision.person, ..Subject::default() };
    let new = NewFact { id: FactId::fresh(), subject, window, source: tx.council(), reference: None, supersedes: before, detail };
    tx.add_facts(std::slice::from_ref(&new)).await?;
    tx.set_provision_fact(provision.id, new.id).await
}
