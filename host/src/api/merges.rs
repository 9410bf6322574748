//! Two families that were found to be one, and what is taken back of it.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, FamilyId, FamilyMergeId, KnownAt, fact};
use crate::store::{self, MergeChoices, Reader, StoreError};

/// Bytes of a reason.
pub(super) const REASON: usize = 500;

/// That something was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Undone {
    pub by: String,
    pub at: KnownAt,
    pub reason: String,
}

impl From<store::Said> for Undone {
    fn from(said: store::Said) -> Self {
        Self { by: said.by, at: said.at, reason: said.words }
    }
}

/// Two families that were found to be one.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyMerge {
    id: FamilyMergeId,
    /// Goes on within the other: as it was known on any day before, it is read as before.
    family: FamilyId,
    stays: FamilyId,
    reason: String,
    by: String,
    at: KnownAt,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone: Option<Undone>,
}

impl From<store::FamilyMerge> for FamilyMerge {
    fn from(merge: store::FamilyMerge) -> Self {
        let store::FamilyMerge { id, family, stays, reason, by, at, undone, .. } = merge;
        Self { id, family, stays, reason, by, at, undone: undone.map(Undone::from) }
    }
}

/// Which family goes on within this one, and what a person decides about it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFamilyMerge {
    /// Goes on within this one.
    other: FamilyId,
    /// How it was found; 1 to 500 bytes.
    reason: String,
    /// Where both have an open episode: the family whose episode goes on. The other's ends the day before.
    #[serde(default)]
    episode: Option<FamilyId>,
    /// Where both have a claim of a kind: by kind, the family whose claim stands. The other's is withdrawn, if it is still a draft.
    #[serde(default)]
    claims: BTreeMap<String, FamilyId>,
}

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undoing {
    /// 1 to 500 bytes.
    pub reason: String,
}

/// Merge a family into this one
///
/// They were found to be one. What the other held of its own is said of this family, with its seals; the other is closed and goes on being
/// read as it was known. Decisions stay where they were made; claims, open tasks and proposals go on here. Whoever works with either works
/// with both. What was shared goes on being shared of those people for whom it was given, and of nobody else.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/merges", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family that stays"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewFamilyMerge, example = json!({
        "other": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c02", "reason": "the school and the landlord had sent them under two addresses",
    })),
    responses((status = 201, body = FamilyMerge, description = "Merged"), Writes),
)]
pub async fn merge_families(
    council: Council,
    Id(stays): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewFamilyMerge>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Reshape, stays).await?;
    council.family(Verb::Reshape, new.other).await.map_err(|e| not_there("other", "family", new.other, e))?;
    fact::text("reason", &new.reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "merged two families").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let choices = MergeChoices { episode: new.episode, claims: new.claims };
    let merge = tx.merge_families(opened.reader(), new.other, stays, &new.reason, &choices).await?;
    once.finish(tx, &council, digest, Answer::created(&FamilyMerge::from(merge))).await
}

/// What is named in a body and not there, or not theirs to know of, is told as the fault of its field.
pub(super) fn not_there(field: &str, what: &'static str, id: impl ToString, problem: Problem) -> Problem {
    match problem.code {
        super::problem::Code::NoSuch => Problem::invalid(field, StoreError::NoSuch { what, id: id.to_string() }.to_string()),
        _ => problem,
    }
}

/// List what a family was merged with
///
/// And which of it was taken back. Of a family that whoever asks may not know of, nothing is told.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/merges", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<FamilyMerge>, description = "The latest first; one page"), Reads),
)]
pub async fn list_family_merges(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<FamilyMerge>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let mut seen = Vec::new();
    for merge in council.store.family_merges(family).await? {
        let other = if merge.family == family { merge.stays } else { merge.family };
        if sees(&council, opened.reader(), other).await? {
            seen.push(merge.into());
        }
    }
    Ok(Json(Page::whole(seen)))
}

pub(super) async fn sees(council: &Council, reader: &Reader, family: FamilyId) -> Result<bool, StoreError> {
    Ok(council.store.relation(reader, family).await?.is_some())
}

/// Take back a merge of families
///
/// They are two after all. The other is open again with what it held, as far as nobody corrected or withdrew it since; what was said of the
/// family that stayed since then stays with it. Not where something was claimed for the two as one since.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/family-merges/{merge}/undo", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("merge" = FamilyMergeId, Path, description = "The merge"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Undoing, example = json!({ "reason": "two families of one name in one street" })),
    responses((status = 200, body = FamilyMerge, description = "Taken back"), Writes),
)]
pub async fn undo_family_merge(
    council: Council,
    Id(id): Id<FamilyMergeId>,
    once: Once,
    Body { value: why, digest }: Body<Undoing>,
) -> Result<Response, Problem> {
    council.may(Verb::Reshape)?;
    let merge = council.store.family_merge(id).await?;
    council.family_of(Verb::Reshape, merge.stays, "merge", id).await?;
    fact::text("reason", &why.reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "took back a merge of families").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let undone = tx.undo_family_merge(&merge, &why.reason).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &FamilyMerge { undone: Some(undone.into()), ..merge.into() })).await
}
