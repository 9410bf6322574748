//! Two rows that were found to be one person, and what is taken back of it.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::merges::{REASON, Undoing, Undone};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use super::writing::Writing;
use crate::access::Verb;
use crate::record::{AuthorityId, FactId, KnownAt, PersonId, PersonMergeId, Section, fact};
use crate::store::{self, Seen};

/// Two rows that were found to be one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonMerge {
    id: PersonMergeId,
    /// Goes on as the other.
    person: PersonId,
    stays: PersonId,
    reason: String,
    by: String,
    at: KnownAt,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone: Option<Undone>,
}

impl From<store::PersonMerge> for PersonMerge {
    fn from(merge: store::PersonMerge) -> Self {
        let store::PersonMerge { id, person, stays, reason, by, at, undone, .. } = merge;
        Self { id, person, stays, reason, by, at, undone: undone.map(Undone::from) }
    }
}

/// Who is one person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPersonMerge {
    /// Whose row stays.
    person: PersonId,
    /// Goes on as that one.
    other: PersonId,
    /// How it was found; 1 to 500 bytes.
    reason: String,
    /// Facts of either that were never so: where the two have two birth dates, or two numbers of one kind, the one that is wrong.
    #[serde(default)]
    wrong: BTreeSet<FactId>,
}

/// Merge two rows of one person
///
/// What was said of the other is said of the one who stays: facts with their seals, memberships of families, how well it is known, what is
/// shared. What agencies send about either is about that one from now on. As known before, both are read as before.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/person-merges", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewPersonMerge, example = json!({
        "person": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "other": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c13",
        "reason": "the surgery knows her by the name that she had before she married",
    })),
    responses((status = 201, body = PersonMerge, description = "Merged"), Writes),
)]
pub async fn merge_people(council: Council, once: Once, Body { value: new, digest }: Body<NewPersonMerge>) -> Result<Response, Problem> {
    let reader = council.reader(Verb::Reshape)?;
    let mut writing = Writing::by(&council, Verb::Reshape).await?;
    for (field, person) in [("person", new.person), ("other", new.other)] {
        writing.person(person).await.map_err(|e| Problem::invalid(field, e.to_string()))?;
    }
    fact::text("reason", &new.reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "merged two rows of one person").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let merge = tx.merge_people(&reader, new.other, new.person, &new.reason, &new.wrong).await.map_err(|e| match e {
        store::StoreError::NoSuch { what: "person", ref id } => {
            Problem::invalid(if *id == new.other.to_string() { "other" } else { "person" }, e.to_string())
        }
        e => e.into(),
    })?;
    once.finish(tx, &council, digest, Answer::created(&PersonMerge::from(merge))).await
}

/// List who was found to be one person
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/person-merges", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<PersonMerge>, description = "The latest first, without people whom a seal hides"), Reads),
)]
pub async fn list_person_merges(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<PersonMerge>>, Problem> {
    let reader = council.reader(Verb::Reshape)?;
    let hidden = council.store.hidden_from(&reader).await?;
    let mut page = council.store.person_merges(paging.after()?, paging.limit()).await?;
    page.items.retain(|m| !hidden.people.contains(&m.person) && !hidden.people.contains(&m.stays));
    council.listed(&page.items, |m| Seen { person: Some(m.stays), ..Seen::thing("person-merge", m.id, &[Section::Identity]) });
    Ok(Json(Page::of(page, PersonMerge::from)))
}

/// Take back a merge of people
///
/// They are two after all. What was said of the other goes back to them, as far as nobody corrected or withdrew it since; what was said since
/// stays. For the days for which something was said of how well the other is known, the one who stayed is known in part, until a source
/// says it anew.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/person-merges/{merge}/undo", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("merge" = PersonMergeId, Path, description = "The merge"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Undoing, example = json!({ "reason": "twins" })),
    responses((status = 200, body = PersonMerge, description = "Taken back"), Writes),
)]
pub async fn undo_person_merge(
    council: Council,
    Id(id): Id<PersonMergeId>,
    once: Once,
    Body { value: why, digest }: Body<Undoing>,
) -> Result<Response, Problem> {
    let reader = council.reader(Verb::Reshape)?;
    let merge = council.store.person_merge(id).await?;
    if council.store.hidden_from(&reader).await?.people.contains(&merge.stays) {
        return Err(Problem::no_such("merge", id));
    }
    fact::text("reason", &why.reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "took back a merge of people").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let undone = tx.undo_person_merge(&merge, &why.reason).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &PersonMerge { undone: Some(undone.into()), ..merge.into() })).await
}
