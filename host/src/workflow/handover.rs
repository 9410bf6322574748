//! A family goes from one authority to another. No transaction spans the two records, so each step is one of its own, and each can be done
//! again: whoever is cut off anywhere goes on from there ([`settle`]).
//!
//! | step | where | what |
//! |---|---|---|
//! | `give` | theirs who give | what is given, and to whom: the family is on its way |
//! | `deliver` | common | it lies where the other authority finds it |
//! | `claim` | common | the other authority takes it: nobody takes it back from here on |
//! | `take` | theirs who take | the family, in their own record |
//! | `tell` | common | it is taken |
//! | `close` | theirs who give | the family is closed there |
//! | `finish` | common | both have it; what was given goes |
//!
//! What cannot be taken in is not claimed: `take` is made ready before `claim`, and kept after it.
//!
//! Whoever gives sees nothing of the other's record, and the other sees what is given and no more.

use std::collections::BTreeMap;

use crate::record::family_file::NewFamily;
use crate::record::handover::{Here, Package};
use crate::record::{FamilyId, HandoverId, HomeId, Invalid, LoginId, NewFact, OrganisationId, PersonId};
use crate::store::{AuthorityStore, AuthorityTx, Between, BetweenState, Common, Given, GivenState, Sealed, StoreError, Stores, Taken};

/// As the record keeps the host itself, where it carries on what people began.
const HOST: &str = "hearth";
/// Why a handover was taken back, for both to read.
const ERASED: &str = "something of the family was erased: it is given anew, if at all";

/// Lays what is given where the other authority finds it.
///
/// # Errors
/// The files cannot be written.
pub async fn deliver(common: &Common, store: &AuthorityStore, given: &Given) -> Result<(), StoreError> {
    if let Some(package) = store.package_given(given.id).await? {
        let between = Between {
            id: given.id,
            from: store.id().clone(),
            to: given.to.clone(),
            terms: given.terms.clone(),
            digest: given.digest,
            state: BetweenState::Waiting,
            answered: None,
        };
        let mut tx = common.write(HOST, "laid a handover where the other authority finds it").await?;
        tx.put_handover(&between, &package).await?;
        tx.commit().await?;
    }
    let mut tx = store.write(HOST, "laid a handover where the other authority finds it").await?;
    tx.given_is_waiting(given.id).await?;
    tx.commit().await?;
    Ok(())
}

/// The other authority takes it: from here on nobody takes it back. Again, where it was cut off after that.
///
/// # Errors
/// `Conflict` where it was answered or taken back before.
pub async fn claim(common: &Common, between: &Between, by: &str) -> Result<(), StoreError> {
    let mut tx = common.write(by, "took a handover").await?;
    let now = tx.step_handover(between.id, BetweenState::Waiting, BetweenState::Taking, Some((by, None))).await?;
    tx.commit().await?;
    if now || common.handover(&between.to, between.id).await?.is_some_and(|b| b.state == BetweenState::Taking) {
        return Ok(());
    }
    Err(StoreError::Conflict("it was answered before, or taken back: look at it as it is now".to_owned()))
}

/// What the authority that takes a family in says about it.
#[derive(Debug, Clone)]
pub struct Taking<'a> {
    pub reference: &'a str,
    /// Who is known here already, by their ids there.
    pub known: &'a BTreeMap<PersonId, PersonId>,
    /// From whom what is sealed there is not hidden here.
    pub names: &'a [LoginId],
}

/// The family, in the record of the authority that takes it: its people, those who are known by what somebody said; homes by their address.
///
/// # Errors
/// `Exists` where the reference is taken; `Conflict` where it was taken before; `Invalid` naming `people` or the seals' `names`.
pub async fn take(tx: &mut AuthorityTx, between: &Between, package: &Package, taking: &Taking<'_>) -> Result<FamilyId, StoreError> {
    let people = package.people();
    if let Some(stranger) = taking.known.keys().find(|id| !people.contains(id)) {
        return Err(Invalid::new("people", format!("person {stranger} is nobody who is handed over")).into());
    }
    if !package.sealed.is_empty() && taking.names.is_empty() {
        return Err(Invalid::new("", "something is sealed there: a person takes it in, who is then named in the seals").into());
    }
    let from = OrganisationId::of_council(&between.from);
    let here = Here {
        family: FamilyId::fresh(),
        people: people.iter().map(|id| (*id, taking.known.get(id).copied().unwrap_or_else(PersonId::fresh))).collect(),
        homes: homes(tx, package).await?,
    };
    let handed = here.facts(package, &from);
    let facts: Vec<NewFact> = handed.iter().map(|h| h.fact.clone()).collect();
    let named = |id: &PersonId| id.to_string();
    let new_people = here.people.iter().filter(|(there, _)| !taking.known.contains_key(there));
    let known_homes = tx.homes_known(&here.homes.values().copied().collect::<Vec<_>>()).await?;
    let family = NewFamily {
        id: here.family,
        reference: taking.reference.to_owned(),
        people: new_people.map(|(there, here)| (named(there), *here)).collect(),
        homes: here.homes.iter().filter(|(_, id)| !known_homes.contains(id)).map(|(there, id)| (there.to_string(), *id)).collect(),
        facts,
        coverage: here.coverage(package, &between.terms, &from),
    };
    tx.add_family(&family).await.map_err(|e| match e {
        StoreError::Fact { why, .. } => *why,
        e => e,
    })?;
    let taken = Taken {
        id: between.id,
        family: here.family,
        from: between.from.clone(),
        terms: between.terms.clone(),
        digest: between.digest,
        by: tx.principal().to_owned(),
        at: tx.now(),
    };
    tx.take_family(&taken, &handed).await?;
    for seal in &package.sealed {
        let of = match (seal.fact, seal.member.and_then(|there| here.people.get(&there))) {
            (Some(there), _) => handed.iter().find(|h| h.there == there).map(|h| Sealed::Fact(h.fact.id)),
            (None, Some(person)) => Some(Sealed::Member(here.family, *person)),
            (None, None) => None,
        };
        if let Some(of) = of {
            tx.seal(of, &seal.reason, seal.until, taking.names).await?;
        }
    }
    let days = tx.front_door_days().await?;
    for referral in &package.referrals {
        let named = referral.said.iter().flat_map(|said| &said.people).filter_map(|there| here.people.get(there).copied());
        tx.take_referral(here.family, &between.from, referral, &named.collect::<Vec<_>>(), days).await?;
    }
    Ok(here.family)
}

/// Homes by their address: those that are known here, if there is one, and new ones.
async fn homes(tx: &mut AuthorityTx, package: &Package) -> Result<BTreeMap<HomeId, HomeId>, StoreError> {
    let mut keys: BTreeMap<HomeId, String> = BTreeMap::new();
    for (home, address) in package.addresses() {
        keys.extend(address.key().map(|key| (home, key)));
    }
    let known = tx.look().homes_by_key(&keys.values().map(String::as_str).collect::<Vec<_>>()).await?;
    let here = |there: &HomeId| match keys.get(there).and_then(|key| known.get(key)).map(Vec::as_slice) {
        Some([one]) => *one,
        _ => HomeId::fresh(),
    };
    Ok(package.homes().iter().map(|there| (*there, here(there))).collect())
}

/// Notes that the family is in the record of the authority that takes it.
///
/// # Errors
/// The file cannot be written.
pub async fn tell(common: &Common, id: HandoverId) -> Result<(), StoreError> {
    let mut tx = common.write(HOST, "noted that a handover was taken").await?;
    tx.step_handover(id, BetweenState::Taking, BetweenState::Taken, None).await?;
    tx.commit().await
}

/// Closes the family at the authority that gave it.
///
/// # Errors
/// The file cannot be written.
pub async fn close(giver: &AuthorityStore, given: &Given, between: &Between) -> Result<(), StoreError> {
    let by = format!("authority {}", between.to);
    let mut tx = giver.write(HOST, "a family is another authority's: closed it").await?;
    tx.settle_given(given, GivenState::Moved, &by, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Both have it: what was given goes from where it lay between them, and why; each has that in its own record.
///
/// # Errors
/// The file cannot be written.
pub async fn finish(common: &Common, between: &Between) -> Result<(), StoreError> {
    let mut tx = common.write(HOST, "settled a handover").await?;
    if tx.step_handover(between.id, BetweenState::Taken, BetweenState::Settled, None).await? {
        tx.take_words_of_handover(between).await?;
    }
    tx.commit().await
}

/// The other authority does not take it, or whoever gives takes it back; whoever answered first is told at each end.
///
/// # Errors
/// `Conflict` where it was answered or taken back before.
pub async fn answer(common: &Common, between: &Between, state: BetweenState, by: &str, why: &str) -> Result<(), StoreError> {
    let mut tx = common.write(by, "answered a handover").await?;
    let now = tx.step_handover(between.id, BetweenState::Waiting, state, Some((by, Some(why)))).await?;
    tx.commit().await?;
    if now { Ok(()) } else { Err(StoreError::Conflict("it was answered before, or taken back: look at it as it is now".to_owned())) }
}

/// Carries on whatever an authority gives or takes from where it was left: what a host that was cut off had begun, and what the other
/// authority answered. Done again it does nothing more. What a person has to do again is `claim` without `take`: they take it in once more.
///
/// # Errors
/// The files cannot be read or written; then it is carried on the next time.
pub async fn settle(stores: &Stores, store: &AuthorityStore) -> Result<(), StoreError> {
    let common = stores.common();
    for given in store.handovers_of_erased().await? {
        take_back(common, store, &given).await?;
    }
    for given in store.handovers_given().await?.iter().filter(|g| g.state == GivenState::Making) {
        deliver(common, store, given).await?;
    }
    for between in common.handovers_of(store.id()).await? {
        carry_on(stores, &between).await?;
    }
    Ok(())
}

/// The same for every authority: what a host that was cut off had begun.
///
/// # Errors
/// What the first authority said whose families could not be carried on; those of the others are.
pub async fn settle_all(stores: &Stores) -> Result<(), StoreError> {
    let mut first_fault = None;
    for authority in stores.common().authorities().await? {
        let settled = match stores.authority(&authority.code).await {
            Ok(store) => settle(stores, &store).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = settled {
            first_fault.get_or_insert(fault);
        }
    }
    first_fault.map_or(Ok(()), Err)
}

/// What was erased at the authority that gives is not to be had from what it gave before: the handover is taken back, unless the other
/// authority is taking it in by now. Then it is theirs.
async fn take_back(common: &Common, store: &AuthorityStore, given: &Given) -> Result<(), StoreError> {
    match common.handover(store.id(), given.id).await? {
        // It never lay there.
        None => {
            let mut tx = store.write(HOST, "took a handover back").await?;
            tx.settle_given(given, GivenState::Withdrawn, HOST, Some(ERASED)).await?;
            tx.commit().await?;
        }
        Some(between) if between.state == BetweenState::Waiting => {
            let mut tx = common.write(HOST, "took a handover back").await?;
            tx.step_handover(between.id, BetweenState::Waiting, BetweenState::Withdrawn, Some((HOST, Some(ERASED)))).await?;
            tx.commit().await?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Something was erased at one authority: see [`settle`], of its own handovers alone.
///
/// # Errors
/// The files cannot be read or written; then it is taken back the next time.
pub async fn take_back_erased(stores: &Stores, store: &AuthorityStore) -> Result<(), StoreError> {
    if store.handovers_given().await?.is_empty() && store.handovers_taken().await?.is_empty() {
        return Ok(());
    }
    settle(stores, store).await?;
    // Nor is it left in the log.
    stores.common().overwrite().await
}

async fn carry_on(stores: &Stores, between: &Between) -> Result<(), StoreError> {
    let common = stores.common();
    let mut state = between.state;
    if state == BetweenState::Waiting {
        // Laid there by a host that had read it before it was taken back.
        let given = stores.authority(&between.from).await?.handover_given(between.id).await?;
        if given.is_some_and(|g| g.state == GivenState::Withdrawn) {
            let mut tx = common.write(HOST, "took a handover back").await?;
            tx.step_handover(between.id, BetweenState::Waiting, BetweenState::Withdrawn, Some((HOST, None))).await?;
            tx.commit().await?;
        }
        return Ok(());
    }
    if state == BetweenState::Settled {
        return Ok(());
    }
    if state == BetweenState::Taking {
        let taker = stores.authority(&between.to).await?;
        if taker.handover_taken(between.id).await?.is_none() {
            return Ok(());
        }
        tell(common, between.id).await?;
        state = BetweenState::Taken;
    }
    let giver = stores.authority(&between.from).await?;
    let given = giver.handover_given(between.id).await?.ok_or_else(|| StoreError::no_such("handover", between.id))?;
    let open = matches!(given.state, GivenState::Making | GivenState::Waiting);
    match state {
        BetweenState::Taken => {
            if open {
                close(&giver, &given, between).await?;
            }
            finish(common, between).await
        }
        BetweenState::Refused | BetweenState::Withdrawn => {
            // Erased since by who gave it, whose words they are.
            if given.terms.reason.is_empty() && !between.terms.reason.is_empty() {
                let mut tx = common.write(HOST, "took the words of a handover").await?;
                tx.take_words_of_handover(between).await?;
                tx.commit().await?;
            }
            if !open {
                return Ok(());
            }
            let ended = if state == BetweenState::Refused { GivenState::Refused } else { GivenState::Withdrawn };
            let (by, why) = between.answered.as_ref().map_or((HOST, None), |(_, by, why)| (by.as_str(), why.as_deref()));
            // Who it was at the other authority is theirs to know.
            let by = if ended == GivenState::Refused { format!("authority {}", between.to) } else { by.to_owned() };
            let mut tx = giver.write(HOST, "a handover was answered").await?;
            tx.settle_given(&given, ended, &by, why).await?;
            tx.commit().await?;
            Ok(())
        }
        _ => Ok(()),
    }
}
