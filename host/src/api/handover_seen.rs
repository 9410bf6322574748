//! Families that are handed over, as each of the two authorities sees them.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::intake::{IntakeError, find};
use crate::record::handover::{Package, Terms, Told};
use crate::record::sections::identity::Name;
use crate::record::{AuthorityId, Basis, Day, Digest, FamilyId, HandoverId, KnownAt, PersonId, Section};
use crate::store::{Between, Given, GivenState, Taken};

/// A family that is handed over: the account that each of the two authorities keeps.
#[derive(Debug, Serialize, ToSchema)]
pub struct Handover {
    pub id: HandoverId,
    from: AuthorityId,
    to: AuthorityId,
    /// `making`, `waiting` for the other authority, `taking` (begun, to be done again), `withdrawn`, `refused`, or `moved`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// In the record of whoever asks. Left out: it is not there yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) family: Option<FamilyId>,
    sections: Vec<Section>,
    basis: Basis,
    reason: String,
    /// The first day on which it is the other authority's.
    first: Day,
    given_by: String,
    given_at: KnownAt,
    /// How much was given.
    told: Told,
    /// Of what was given: the same at both.
    digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<Answered>,
}

/// How a handover ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandoverAnswered)]
pub struct Answered {
    at: KnownAt,
    by: String,
    /// Why it was refused or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Handover {
    fn of(id: HandoverId, from: AuthorityId, to: AuthorityId, state: &'static str, terms: Terms, digest: Digest) -> Self {
        let Terms { sections, basis, reason, first, given_by, given_at, told } = terms;
        Self { id, from, to, state, family: None, sections, basis, reason, first, given_by, given_at, told, digest, answered: None }
    }

    pub fn given(council: &Council, given: Given) -> Self {
        let state = given.state.code();
        let answered = given.settled.map(|(at, by, reason)| Answered { at, by, reason });
        let this = Self::of(given.id, council.store.id().clone(), given.to, state, given.terms, given.digest);
        Self { family: Some(given.family), answered, ..this }
    }

    pub fn taken(council: &Council, taken: Taken) -> Self {
        let this = Self::of(taken.id, taken.from, council.store.id().clone(), GivenState::Moved.code(), taken.terms, taken.digest);
        Self { family: Some(taken.family), answered: Some(Answered { at: taken.at, by: taken.by, reason: None }), ..this }
    }

    /// What comes and is not in the record of whoever asks.
    pub fn coming(between: Between) -> Self {
        let answered = between.answered.map(|(at, by, reason)| Answered { at, by, reason });
        let this = Self::of(between.id, between.from, between.to, between.state.code(), between.terms, between.digest);
        Self { answered, ..this }
    }
}

/// A family that waits to be taken in: who would come with it, and who of them may be known here.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandoverSeen {
    #[serde(flatten)]
    pub handover: Handover,
    /// Of one that waits to be taken in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Coming>,
}

/// Somebody who would come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonComing)]
pub struct Coming {
    /// Their id at the other authority.
    id: PersonId,
    name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    born: Option<String>,
    /// Who may be the same here, the likeliest first.
    known: Vec<PersonId>,
}

/// Likely matches that are shown of each.
const SHOWN: usize = 3;

/// Who would come, and who of them may be known here: as whoever asks would find them.
///
/// # Errors
/// The store failed.
pub async fn people(council: &Council, package: &Package) -> Result<Vec<Coming>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let mut coming = Vec::new();
    for id in package.people() {
        let (mut names, mut born, numbers) = package.identity(id);
        let (name, born) = (names.pop(), born.pop());
        let mut known: Vec<PersonId> = Vec::new();
        let mut wanted: Vec<find::Wanted> =
            numbers.iter().map(|n| find::Wanted { identifier: Some(n.value.clone()), ..find::Wanted::default() }).collect();
        if let Some(name) = &name {
            let name = Some(format!("{}, {}", name.family, name.given));
            wanted.push(find::Wanted { name, born: born.clone(), ..find::Wanted::default() });
        }
        for wanted in wanted {
            let hits = find::find(&council.store, &reader, &wanted, 0, SHOWN).await.map_err(|e| match e {
                IntakeError::Store(e) => Problem::from(e),
                e => Problem::new(Code::Conflict, e.to_string()),
            })?;
            known.extend(hits.hits.into_iter().map(|h| h.person));
        }
        let mut seen = BTreeSet::new();
        known.retain(|p| seen.insert(*p));
        known.truncate(SHOWN);
        coming.push(Coming { id, name, born, known });
    }
    Ok(coming)
}
