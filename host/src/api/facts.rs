//! Facts: added, corrected by a fact that supersedes, withdrawn; never changed.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::as_read::{self, Number};
use super::body::{Body, Nothing, Unread};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit};
use super::params::{Id, Params};
use super::problem::Problem;
use super::writing::Writing;
use crate::access::Verb;
use crate::record::family_file::{FactEntry, Names};
use crate::record::{AuthorityId, Day, FactId, FamilyId, HandoverId, HomeId, Kind, KnownAt, NewFact, OrganisationId, PersonId, Section};
use crate::record::{Fact as Recorded, Invalid};
use crate::store::{AddedFact, Seen, StoreError};

/// Facts of one request: more come in several, or from a file.
const MOST: usize = 10_000;

/// A fact that is in the record now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Added {
    id: FactId,
    /// From now on the record knows it.
    known_at: KnownAt,
}

impl From<AddedFact> for Added {
    fn from(added: AddedFact) -> Self {
        Self { id: added.id, known_at: added.known_at }
    }
}

/// Several facts, in the order in which they were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllAdded {
    facts: Vec<Added>,
}

/// Facts that go into the record together, or not at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// At most 10,000. One may supersede another that stands before it.
    facts: Vec<FactEntry>,
}

/// A fact as the record holds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fact {
    id: FactId,
    kind: Kind,
    section: Section,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The other person of a relationship.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<HomeId>,
    first: Day,
    /// Left out: still going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    source: OrganisationId,
    /// Code list organisation-kinds.
    source_kind: String,
    /// The source's own reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The fact that it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<FactId>,
    known_at: KnownAt,
    /// What a fact of this kind holds.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// Of one that came with a family from another authority: who had said it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over: Option<HandedOver>,
}

/// Who had said a fact at the authority that handed it over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactHandedOver)]
pub struct HandedOver {
    handover: HandoverId,
    by: AuthorityId,
    source: OrganisationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// When it was known there.
    known_at: KnownAt,
}

/// With who had said them elsewhere.
async fn shown(council: &Council, facts: Vec<Recorded>) -> Result<Vec<Fact>, StoreError> {
    let ids: Vec<FactId> = facts.iter().map(|f| f.id).collect();
    let mut there = council.store.said_there(&ids).await?;
    let with = |fact: Recorded| {
        let handed_over = there.remove(&fact.id).map(|said| HandedOver {
            handover: said.handover,
            by: said.from,
            source: said.source,
            reference: said.reference,
            known_at: said.known_at,
        });
        Fact { handed_over, ..Fact::from(fact) }
    };
    Ok(facts.into_iter().map(with).collect())
}

impl From<Recorded> for Fact {
    fn from(fact: Recorded) -> Self {
        Self {
            id: fact.id,
            kind: fact.kind(),
            section: fact.kind().section(),
            family: fact.subject.family,
            person: fact.subject.person,
            to: fact.subject.to,
            home: fact.subject.home,
            first: fact.window.first,
            last: fact.window.last,
            detail: fact.detail.to_json(),
            source: fact.source,
            source_kind: fact.source_kind,
            reference: fact.reference,
            supersedes: fact.supersedes,
            known_at: fact.known_at,
            handed_over: None,
        }
    }
}

/// A fault of the store with the field of the fact that it is about: what is not there was named by somebody.
pub fn named(error: StoreError, fact: &NewFact) -> Problem {
    let field = match &error {
        StoreError::NoSuch { what: "person", id } if fact.subject.to.is_some_and(|to| to.to_string() == *id) => "to",
        StoreError::NoSuch { what: "organisation", .. } => "source",
        StoreError::NoSuch { what: "fact", .. } | StoreError::Conflict(_) => "supersedes",
        StoreError::NoSuch { what, .. } => what,
        _ => return error.into(),
    };
    match error {
        StoreError::NoSuch { .. } => Problem::invalid(field, error.to_string()),
        error => Problem::from(error).at(field),
    }
}

fn resolve(entry: FactEntry, council: &Council) -> Result<NewFact, Invalid> {
    let nobody = Names { family: None, people: &BTreeMap::new(), homes: &BTreeMap::new() };
    entry.resolve(&nobody, &council.as_source())
}

/// Add a fact
///
/// About a family, person or home that is in the record, by its id. One that corrects another names it in `supersedes`,
/// and says the same kind of thing about the same subject.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/facts", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = FactEntry, example = json!({
        "kind": "attendance", "person": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "first": "2026-01-05", "last": "2026-04-01",
        "source": "severnhope-academy", "detail": { "possible": 120, "attended": 108, "unauthorised": 3 },
    })),
    responses((status = 201, body = Added, description = "Added", headers(("Location" = String))), Writes),
)]
pub async fn add_fact(council: Council, once: Once, Body { value: entry, digest }: Body<FactEntry>) -> Result<Response, Problem> {
    let fact = resolve(entry, &council)?;
    let fault = |e| match e {
        StoreError::Fact { why, .. } => named(*why, &fact),
        e => e.into(),
    };
    Writing::by(&council, Verb::WriteFacts).await?.check(std::slice::from_ref(&fact)).await.map_err(fault)?;
    let mut tx = match once.begin(&council, digest, "added a fact").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let added = tx.add_facts(std::slice::from_ref(&fact)).await.map_err(fault)?;
    let added = added.into_iter().next().map(Added::from);
    once.finish(tx, &council, digest, Answer::created(&added)).await
}

/// Add many facts
///
/// All or none: the problem names the first at fault as `facts[i].field`.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/facts/bulk", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Bulk, example = json!({ "facts": [
        { "kind": "police-callout", "home": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c12", "first": "2026-02-14",
          "source": "avon-and-somerset-police", "reference": "CAD-4711", "detail": { "domestic": false } },
    ] })),
    responses((status = 201, body = AllAdded, description = "Added, all of them"), Writes),
)]
pub async fn add_facts(council: Council, once: Once, body: Unread<Body<Bulk>>) -> Result<Response, Problem> {
    council.may(Verb::WriteFacts)?;
    let Body { value: bulk, digest } = body.read().await?;
    if bulk.facts.is_empty() || bulk.facts.len() > MOST {
        return Err(Problem::invalid("facts", format!("has {} facts, and may have 1 to {MOST}", bulk.facts.len())));
    }
    let resolved = bulk.facts.into_iter().enumerate();
    let resolved = resolved.map(|(i, entry)| resolve(entry, &council).map_err(|e| e.within(&format!("facts[{i}]"))));
    let facts: Vec<NewFact> = resolved.collect::<Result<_, _>>()?;
    let fault = |e| match e {
        StoreError::Fact { index, why } => match facts.get(index) {
            Some(fact) => named(*why, fact).within(&format!("facts[{index}]")),
            None => Problem::from(*why),
        },
        e => e.into(),
    };
    Writing::by(&council, Verb::WriteFacts).await?.check(&facts).await.map_err(fault)?;
    let mut tx = match once.begin(&council, digest, "added facts").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let added = tx.add_facts(&facts).await.map_err(fault)?;
    let added = AllAdded { facts: added.into_iter().map(Added::from).collect() };
    once.finish(tx, &council, digest, Answer::created(&added)).await
}

/// Which of a family's facts are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only facts of this kind.
    kind: Option<Kind>,
    /// Only facts that hold on this day.
    as_of: Option<Day>,
    /// As the record was known at this instant; now, if left out.
    known_at: Option<KnownAt>,
    /// Or as it was known at this revision of the family.
    #[param(value_type = Option<u64>, minimum = 1)]
    revision: Option<Number>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List a family's facts
///
/// Those in force: its own, and those of its members and homes at any time. Which of them a run sees is a rule of its own.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/facts", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family"), Wanted),
    responses((status = 200, body = SomeFacts, description = "In the order in which they came"), Reads),
)]
pub async fn list_facts(council: Council, Id(family): Id<FamilyId>, Params(wanted): Params<Wanted>) -> Result<Json<SomeFacts>, Problem> {
    let after = page::after::<FactId>(wanted.after.as_deref())?;
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let known = as_read::known(&council, family, wanted.known_at, wanted.revision.map(|n| n.0)).await?;
    let mut facts = opened.facts(&council.store, known).await?;
    facts.retain(|f| wanted.kind.is_none_or(|kind| f.kind() == kind) && wanted.as_of.is_none_or(|day| f.window.contains(day)));
    facts.sort_by_key(|f| f.id);
    page::cut_after(&mut facts, after, |f| f.id);
    let page = page::cut(facts, page::limit(wanted.limit), |f| f.id);
    let sections: Vec<Section> = page.items.iter().map(|f| f.kind().section()).collect();
    council.showed(Seen::family(family, &sections));
    Ok(Json(SomeFacts { items: shown(&council, page.items).await?, next: page.next, withheld: opened.withheld() }))
}

/// Read a fact
///
/// Whether or not it is still in force.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/facts/{fact}", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("fact" = FactId, Path, description = "The fact")),
    responses((status = 200, body = Fact, description = "The fact"), Reads),
)]
pub async fn read_fact(council: Council, Id(id): Id<FactId>) -> Result<Json<Fact>, Problem> {
    let fact = council.fact(Verb::SeeFamilies, id).await?;
    let shown = shown(&council, vec![fact]).await?.pop();
    shown.map(Json).ok_or_else(|| Problem::no_such("fact", id))
}

/// Some of a family's facts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SomeFacts {
    items: Vec<Fact>,
    /// Send it as `after` for what comes next; null: this was the last page.
    next: Option<String>,
    /// Sections of which there may be something that is not shown to whoever asks.
    withheld: Vec<Section>,
}

/// A fact that is no longer in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct Withdrawn {
    fact: FactId,
}

/// Withdraw a fact
///
/// It was never so, or was about somebody else. It stays readable; nothing takes its place.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/facts/{fact}/withdrawal", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("fact" = FactId, Path, description = "The fact"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Withdrawn, description = "No longer in force"), Acts),
)]
pub async fn withdraw_fact(council: Council, Id(id): Id<FactId>, once: Once, Nothing { digest }: Nothing) -> Result<Response, Problem> {
    council.fact(Verb::WriteFacts, id).await?;
    let mut tx = match once.begin(&council, digest, "withdrew a fact").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.withdraw_fact(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Withdrawn { fact: id })).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Code;

    #[test]
    fn a_conflict_stays_a_conflict_and_names_its_field() {
        let fact = crate::store::tests::attended(PersonId::fresh(), 10);
        let problem = named(StoreError::Conflict("somebody was first".into()), &fact);
        assert_eq!((problem.code, problem.field.as_deref()), (Code::Conflict, Some("supersedes")));
        let problem = named(StoreError::NoSuch { what: "organisation", id: "x".into() }, &fact);
        assert_eq!((problem.code, problem.field.as_deref()), (Code::Invalid, Some("source")));
    }
}
