//! Families, and who belongs to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::as_read::{self, Number};
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::facts::named;
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use super::writing::Writing;
use crate::access::Verb;
use crate::record::family_file::FamilyFile;
use crate::record::sections::household::inverse;
use crate::record::sections::identity::Name;
use crate::record::{AuthorityId, Day, Detail, Fact, FamilyId, HomeId, Kind, KnownAt, PersonId, Section};
use crate::store::{self, Seen, StoreError};

/// A family that was just taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedFamily {
    id: FamilyId,
    reference: String,
    revision: u64,
    /// The ids of people, by their short names in the document.
    people: BTreeMap<String, PersonId>,
    homes: BTreeMap<String, HomeId>,
}

/// A family of the authority.
#[derive(Debug, Serialize, ToSchema)]
pub struct Family {
    id: FamilyId,
    /// What the authority calls it.
    #[schema(example = "BR-0001")]
    reference: String,
    /// How often its record has changed: what a run is given is the record at one revision.
    revision: u64,
    /// When its record last changed.
    changed_at: KnownAt,
}

/// A family in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedFamily {
    #[serde(flatten)]
    family: Family,
    /// The family names of its members today, of whom you may know who they are: the most frequent first.
    #[schema(example = json!(["Stanbury"]))]
    names: Vec<String>,
}

impl ListedFamily {
    pub(super) fn of(family: store::Family, names: &mut HashMap<FamilyId, Vec<String>>) -> Self {
        Self { names: names.remove(&family.id).unwrap_or_default(), family: family.into() }
    }
}

/// A family with everybody who is or was a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyWithMembers {
    #[serde(flatten)]
    family: Family,
    members: Vec<Member>,
    /// Left out: it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Closed>,
    /// Families that go on within this one. What was decided about them is found with their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merged: Vec<FamilyId>,
    /// Sections of which there may be something that is not shown to whoever asks. Without `household` nobody is listed, without
    /// `identity` nobody is named.
    withheld: Vec<Section>,
}

/// Why nothing is added to a family any more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FamilyClosed)]
pub struct Closed {
    /// `merged`: it goes on within another family. `moved`: it was handed over to another authority.
    #[schema(example = "merged")]
    how: &'static str,
    at: KnownAt,
    /// The family within which it goes on, where whoever asks may know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    goes_on_as: Option<FamilyId>,
}

/// What somebody is to another member: told once, read from both sides.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberRelation {
    /// Code list relations, or the other side of one: `child`, `step-child`, `foster-child`, `grandchild`, `niece-or-nephew`, `cared-for`.
    #[schema(example = "child")]
    is: String,
    of: PersonId,
    first: Day,
    /// Left out: still.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
}

/// Somebody who is or was a member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FamilyMember)]
pub struct Member {
    id: PersonId,
    name: Option<Name>,
    /// `2010-09-14`, or `2010-09`.
    #[schema(example = "2010-09-14")]
    born: Option<String>,
    memberships: Vec<Membership>,
    relations: Vec<MemberRelation>,
}

/// When somebody was a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    first: Day,
    /// Left out: still a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// Lived in the family's home.
    resident: bool,
}

impl From<store::Family> for Family {
    fn from(family: store::Family) -> Self {
        Self { id: family.id, reference: family.reference, revision: family.revision, changed_at: family.changed_at }
    }
}

impl From<store::Member> for Member {
    fn from(member: store::Member) -> Self {
        let membership =
            |(window, resident): (crate::record::Window, bool)| Membership { first: window.first, last: window.last, resident };
        let memberships = member.memberships.into_iter().map(membership).collect();
        Self { id: member.id, name: member.name, born: member.born, memberships, relations: Vec::new() }
    }
}

/// What members are to each other, from both sides.
fn relate(members: &mut [Member], facts: &[Fact]) {
    let ids: BTreeSet<PersonId> = members.iter().map(|m| m.id).collect();
    for fact in facts {
        let (Detail::Relationship(d), Some(one), Some(other)) = (&fact.detail, fact.subject.person, fact.subject.to) else { continue };
        if !ids.contains(&one) || !ids.contains(&other) {
            continue;
        }
        for (member, of, is) in [(one, other, d.relation.as_str()), (other, one, inverse(&d.relation))] {
            let Some(member) = members.iter_mut().find(|m| m.id == member) else { continue };
            // Both may have been told, once from each side.
            if !member.relations.iter().any(|r| r.of == of && r.is == is && r.first == fact.window.first) {
                let relation = MemberRelation { is: is.to_owned(), of, first: fact.window.first, last: fact.window.last };
                member.relations.push(relation);
            }
        }
    }
}

/// Take in a family
///
/// With its people, homes and all that is known of them, or not at all.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = FamilyFile, example = json!({
        "reference": "BR-0100",
        "people": {
            "mother": { "name": { "given": "Joanne", "family": "Pellow" }, "born": "1987-06-11" },
            "son": { "name": { "given": "Jamie", "family": "Pellow" }, "born": "2012-01-23" },
        },
        "homes": { "house": { "address": { "lines": ["27 Ropewheel Lane", "Bristol"], "postcode": "BS99 1CK" }, "from": "2019-04-01" } },
        "facts": [
            { "kind": "relationship", "person": "mother", "to": "son", "first": "2012-01-23", "detail": { "relation": "parent" } },
            { "kind": "attendance", "person": "son", "first": "2025-09-01", "last": "2025-12-19",
              "detail": { "possible": 140, "attended": 126, "unauthorised": 4 } },
        ],
    })),
    responses((status = 201, body = CreatedFamily, description = "Taken in", headers(("Location" = String))), Writes),
)]
pub async fn create_family(council: Council, once: Once, Body { value: file, digest }: Body<FamilyFile>) -> Result<Response, Problem> {
    let sent = file.facts.len();
    let family = file.resolve(council.store.id())?;
    // The facts of the document stand behind those that its people and homes became.
    let made = family.facts.len().saturating_sub(sent);
    let at_fault = |e| match e {
        StoreError::Fact { index, why } if index >= made => named(*why, &family.facts[index]).within(&format!("facts[{}]", index - made)),
        StoreError::NoSuch { .. } => Problem::invalid("coverage", StoreError::to_string(&e)),
        e => e.into(),
    };
    Writing::by(&council, Verb::TakeInFamilies).await?.check(&family.facts).await.map_err(at_fault)?;
    let mut tx = match once.begin(&council, digest, "took in a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.add_family(&family).await.map_err(at_fault)?;
    let created = CreatedFamily {
        id: family.id,
        reference: family.reference,
        // The first, made when the transaction is committed.
        revision: 1,
        people: family.people,
        homes: family.homes,
    };
    once.finish(tx, &council, digest, Answer::created(&created)).await
}

/// Which families are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only the one that the authority calls so.
    reference: Option<String>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List families
///
/// Those that are open: one that was merged into another or handed over is read by its id.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<ListedFamily>, description = "In the order in which they came"), Reads),
)]
pub async fn list_families(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<ListedFamily>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let after = page::after(wanted.after.as_deref())?;
    let families = match wanted.reference {
        Some(reference) => {
            let found = council.store.family_by_reference_for(&reader, &reference).await?;
            store::Page { items: found.into_iter().collect(), next: None }
        }
        None => council.store.families_for(&reader, after, page::limit(wanted.limit)).await?,
    };
    let ids: Vec<FamilyId> = families.items.iter().map(|f| f.id).collect();
    let mut names = council.store.family_names_for(&reader, &ids).await?;
    council.listed(&families.items, |f| Seen::family(f.id, if names.contains_key(&f.id) { &[Section::Identity] } else { &[] }));
    Ok(Json(Page::of(families, |f| ListedFamily::of(f, &mut names))))
}

/// As of which day, and as known when, a family is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsRead {
    /// Only who was a member on this day, and what they were to each other.
    as_of: Option<Day>,
    /// As the record was known at this instant; now, if left out.
    known_at: Option<KnownAt>,
    /// Or as it was known at this revision of the family.
    #[param(value_type = Option<u64>, minimum = 1)]
    revision: Option<Number>,
}

/// Read a family
///
/// With everybody who is or was a member, in the order in which they joined. A family that was merged into another answers with where it
/// went; as it was known before, it is read as before.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family"), AsRead),
    responses((status = 200, body = FamilyWithMembers, description = "The family"), Reads),
)]
pub async fn read_family(council: Council, Id(id): Id<FamilyId>, Params(read): Params<AsRead>) -> Result<Json<FamilyWithMembers>, Problem> {
    let opened = council.family(Verb::SeeFamilies, id).await?;
    let family = council.store.family(id).await?;
    let known = as_read::known(&council, id, read.known_at, read.revision.map(|n| n.0)).await?;
    let mut facts = opened.facts(&council.store, known).await?;
    facts.retain(|f| !matches!(f.kind(), Kind::Membership | Kind::Relationship) || read.as_of.is_none_or(|day| f.window.contains(day)));
    let mut members: Vec<Member> = store::Member::among(facts.clone()).into_iter().map(Member::from).collect();
    relate(&mut members, &facts);
    let closed = match council.store.closed(id).await? {
        Some(closed) => {
            let goes_on_as = council.store.goes_on_within(id).await?;
            let seen = match goes_on_as {
                Some(other) => council.store.relation(opened.reader(), other).await?.is_some(),
                None => false,
            };
            Some(Closed { how: closed.how.code(), at: closed.at, goes_on_as: goes_on_as.filter(|_| seen) })
        }
        None => None,
    };
    council.showed(Seen::family(id, &[Section::Identity, Section::Household]));
    Ok(Json(FamilyWithMembers {
        family: family.into(),
        members,
        closed,
        merged: council.store.merged_into(id).await?,
        withheld: opened.withheld(),
    }))
}
