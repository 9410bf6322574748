//! Members who leave a family for a new one.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::merges::{REASON, sees};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use super::writing::Writing;
use crate::access::Verb;
use crate::record::sections::identity::Address;
use crate::record::{AuthorityId, Day, FamilyId, HomeId, KnownAt, PersonId, SplitId, fact};
use crate::store::{self, NewHome};

/// Some members left a family for a new one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Split {
    id: SplitId,
    family: FamilyId,
    new_family: FamilyId,
    /// Their first day there.
    first: Day,
    /// From this day on what is known of them counts there too.
    since: Day,
    reason: String,
    by: String,
    at: KnownAt,
}

impl From<store::Split> for Split {
    fn from(split: store::Split) -> Self {
        let store::Split { id, family, new_family, first, since, reason, by, at } = split;
        Self { id, family, new_family, first, since, reason, by, at }
    }
}

/// Who leaves, from when, and for where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSplit {
    /// Who leaves: some of the members, and not all.
    people: BTreeSet<PersonId>,
    /// What the authority calls the new family.
    #[schema(example = "BR-0002")]
    reference: String,
    /// Their first day there. Today, if left out.
    #[serde(default)]
    first: Option<Day>,
    /// From this day on what is known of them counts there too; both keep it. Their first day there, if left out.
    #[serde(default)]
    since: Option<Day>,
    /// 1 to 500 bytes.
    reason: String,
    /// Where they live from then on: a home of the family's, or
    #[serde(default)]
    home: Option<HomeId>,
    /// an address.
    #[serde(default)]
    address: Option<Address>,
}

/// Split a family
///
/// Some of its members leave for a new one, from a day on. Their memberships here end the day before; what is known of them shows in each
/// family for the days of their membership of it. Goals and services of theirs that go on, go on there. Seals on them hold there too, and
/// whoever works with this family works with the new one; nothing is shared of it before somebody is asked. What was claimed of this family
/// counts for both. The way back is a merge.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/splits", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family that they leave"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSplit, example = json!({
        "people": ["0198c1f2-7d30-7a10-8000-5b0f4f8a1c11"], "reference": "BR-0002", "first": "2026-03-01", "since": "2025-09-01",
        "reason": "she moved out with her son", "address": { "lines": ["3 Quay Street"], "postcode": "BS99 2AB" },
    })),
    responses((status = 201, body = Split, description = "Split"), Writes),
)]
pub async fn split_family(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewSplit>,
) -> Result<Response, Problem> {
    council.family(Verb::Reshape, family).await?;
    fact::text("reason", &new.reason, REASON)?;
    fact::text("reference", &new.reference, 200)?;
    let mut writing = Writing::by(&council, Verb::Reshape).await?;
    for person in &new.people {
        writing.person(*person).await.map_err(|e| Problem::invalid("people", e.to_string()))?;
    }
    let home = match (new.home, new.address) {
        (None, None) => None,
        (Some(id), None) => Some(NewHome::Known(id)),
        (None, Some(address)) => {
            address.check().map_err(|e| e.within("address"))?;
            Some(NewHome::At(address))
        }
        (Some(_), Some(_)) => return Err(Problem::invalid("home", "name a home, or an address: one of the two")),
    };
    let mut tx = match once.begin(&council, digest, "split a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let first = new.first.unwrap_or_else(|| tx.now().day());
    let since = new.since.unwrap_or(first);
    let (people, reference, reason) = (&new.people, new.reference.as_str(), new.reason.as_str());
    let split = tx.split_family(&store::NewSplit { family, people, reference, first, since, reason, home }).await?;
    once.finish(tx, &council, digest, Answer::created(&Split::from(split))).await
}

/// List what a family was split into, and from
///
/// Of a family that whoever asks may not know of, nothing is told.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/splits", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Split>, description = "The latest first; one page"), Reads),
)]
pub async fn list_splits(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Split>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let mut seen = Vec::new();
    for split in council.store.splits(family).await? {
        let other = if split.family == family { split.new_family } else { split.family };
        if sees(&council, opened.reader(), other).await? {
            seen.push(split.into());
        }
    }
    Ok(Json(Page::whole(seen)))
}
