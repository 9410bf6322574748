//! Families, and who belongs to them.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
use crate::record::sections::identity::Name;
use crate::record::{AuthorityId, Day, FamilyId, HomeId, KnownAt, PersonId, Section};
use crate::store::{self, AsKnown, Seen, StoreError};

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

/// A family with everybody who is or was a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyWithMembers {
    #[serde(flatten)]
    family: Family,
    members: Vec<Member>,
    /// Sections of which there may be something that is not shown to whoever asks. Without `household` nobody is listed, without
    /// `identity` nobody is named.
    withheld: Vec<Section>,
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
        Self { id: member.id, name: member.name, born: member.born, memberships: member.memberships.into_iter().map(membership).collect() }
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
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Family>, description = "In the order in which they came"), Reads),
)]
pub async fn list_families(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Family>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let after = page::after(wanted.after.as_deref())?;
    if let Some(reference) = wanted.reference {
        let found = council.store.family_by_reference_for(&reader, &reference).await?;
        council.listed(found.as_slice(), |f| Seen::family(f.id, &[]));
        return Ok(Json(Page::whole(found.into_iter().map(Family::from).collect())));
    }
    let families = council.store.families_for(&reader, after, page::limit(wanted.limit)).await?;
    council.listed(&families.items, |f| Seen::family(f.id, &[]));
    Ok(Json(Page::of(families, Family::from)))
}

/// Read a family
///
/// With everybody who is or was a member, in the order in which they joined.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = FamilyWithMembers, description = "The family"), Reads),
)]
pub async fn read_family(council: Council, Id(id): Id<FamilyId>) -> Result<Json<FamilyWithMembers>, Problem> {
    let opened = council.family(Verb::SeeFamilies, id).await?;
    let family = council.store.family(id).await?;
    let members = store::Member::among(opened.facts(&council.store, AsKnown::Now).await?);
    council.showed(Seen::family(id, &[Section::Identity, Section::Household]));
    Ok(Json(FamilyWithMembers {
        family: family.into(),
        members: members.into_iter().map(Member::from).collect(),
        withheld: opened.withheld(),
    }))
}
