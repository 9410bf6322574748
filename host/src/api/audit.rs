//! The audit trail: who read what, who wrote what, who was refused.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Council;
use super::documented::Reads;
use super::page::{self, Limit, Page, Paging};
use super::params::Params;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, Digest, FamilyId, Invalid, KnownAt, PersonId};
use crate::store::{self, Act, Seen, Whose};

/// A line of the audit trail: ids and codes, and no value of the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the trail.
    id: i64,
    at: KnownAt,
    #[schema(example = "data manager")]
    principal: String,
    /// `read`, `wrote`, `refused`.
    #[schema(example = "read")]
    act: &'static str,
    /// The route with its gaps, or the change's words.
    #[schema(example = "GET /v1/authorities/{authority}/families/{family}")]
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// Of the family, as kind and id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "decision/0198c1f2-7d30-7a10-8000-5b0f4f8a1c10")]
    thing: Option<String>,
    /// Whose facts were shown.
    sections: Vec<String>,
    /// Of what was written, by its place among the authority's changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<i64>,
}

impl From<store::Entry> for AuditEntry {
    fn from(entry: store::Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            principal: entry.principal,
            act: entry.act.code(),
            what: entry.what,
            purpose: entry.purpose,
            family: entry.family,
            person: entry.person,
            thing: entry.thing,
            sections: entry.sections.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
            change: entry.change,
        }
    }
}

/// Which lines are asked for. All that is said must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WantedEntries {
    /// Of this family: its readings, and the changes of its record.
    family: Option<FamilyId>,
    /// Of this person, and of the families that they are or were a member of. Not with `family`.
    person: Option<PersonId>,
    /// By whom.
    principal: Option<String>,
    /// `read`, `wrote` or `refused`.
    act: Option<String>,
    /// Of this day in London.
    day: Option<Day>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// Search the audit trail
///
/// Who read what of which family, who wrote what, and who was refused. Searching it is itself a line of it.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/audit/entries", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), WantedEntries),
    responses((status = 200, body = Page<AuditEntry>, description = "The latest first"), Reads),
)]
pub async fn list_audit_entries(council: Council, Params(wanted): Params<WantedEntries>) -> Result<Json<Page<AuditEntry>>, Problem> {
    let before = page::after::<u64>(wanted.after.as_deref())?;
    let act = wanted.act.as_deref().map(|code| {
        Act::from_code(code)
            .ok_or_else(|| Invalid::new("act", format!("{} is not one of read, wrote, refused", crate::record::told_back(code))))
    });
    let (from, until) = wanted.day.map(|day| (KnownAt::begins(day), day.plus(1).map(KnownAt::begins))).unzip();
    let of = match (wanted.family, wanted.person) {
        (Some(family), None) => Whose::Family(family),
        (None, Some(person)) => Whose::Person(person),
        (None, None) => Whose::Anybodys,
        (Some(_), Some(_)) => return Err(Problem::invalid("person", "search by family or by person")),
    };
    let search = store::Wanted { of, principal: wanted.principal, act: act.transpose()?, from, until: until.flatten() };
    council.may(Verb::ReadAudit)?;
    council.showed(Seen { family: wanted.family, person: wanted.person, thing: Some("audit".to_owned()), ..Seen::default() });
    let entries = council.store.audit_search(&search, before, page::limit(wanted.limit)).await?;
    Ok(Json(Page::of(entries, AuditEntry::from)))
}

/// A seal of the audit trail: a batch of entries under one hash, which names the seal before. Kept elsewhere, it proves the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditSeal {
    number: u64,
    at: KnownAt,
    /// Places of its first and last entry.
    first: i64,
    last: i64,
    count: u64,
    /// Of the seal before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Digest>,
    digest: Digest,
}

impl From<store::AuditSeal> for AuditSeal {
    fn from(s: store::AuditSeal) -> Self {
        Self { number: s.number, at: s.at, first: s.first, last: s.last, count: s.count, before: s.before, digest: s.digest }
    }
}

/// List the seals of the audit trail
///
/// Whoever keeps the last one's number and digest elsewhere can have `hearth audit verify` compare them later.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/audit/seals", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<AuditSeal>, description = "The earliest first"), Reads),
)]
pub async fn list_audit_seals(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<AuditSeal>>, Problem> {
    council.may(Verb::ReadAudit)?;
    let seals = council.store.audit_seals(paging.after::<u64>()?.unwrap_or(0), paging.limit()).await?;
    Ok(Json(Page::of(seals, AuditSeal::from)))
}
