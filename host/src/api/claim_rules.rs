//! What an authority says of its claims, and when every family is asked about.

use serde::Serialize;
use utoipa::ToSchema;

use axum::Json;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::page::{Page, Paging};
use super::params::Params;
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::{Role, Roles, Verb, policy};
use crate::record::claim_way::ClaimRules;
use crate::record::schedule::Schedule;
use crate::record::{AuthorityId, Day, Invalid, KnownAt};
use crate::store::{self, SaidLast, StoreError};
use crate::workflow::scheduled::Came;

/// The rules, and since when.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimRulesSaid {
    #[serde(flatten)]
    rules: ClaimRules,
    /// Left out where the authority has never said anything: then it is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

async fn rules(council: &Council) -> Result<ClaimRulesSaid, StoreError> {
    Ok(match council.store.claim_rules().await? {
        Some(SaidLast { says, at, by }) => ClaimRulesSaid { rules: says, at: Some(at), by: Some(by) },
        None => ClaimRulesSaid { rules: ClaimRules::default(), at: None, by: None },
    })
}

/// Read the rules for claims
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claim-rules", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = ClaimRulesSaid, description = "As they count", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_claim_rules(council: Council) -> Result<Versioned<ClaimRulesSaid>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(rules(&council).await?))
}

/// Set the rules for claims
///
/// Whether results are claimed at all; the stages of the audit, who may pass each, and what share of claims is drawn for it; who approves.
/// Stages count for claims that are put forward from now on.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/claim-rules", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = ClaimRules, example = json!({
        "claims": true,
        "stages": [
            { "name": "team check", "roles": ["manager", "data-manager"], "share": 100, "another_person": true },
            { "name": "internal audit", "roles": ["auditor"], "share": 10, "another_person": true },
        ],
        "approval": { "roles": ["manager"], "another_person": true },
    })),
    responses((status = 200, body = ClaimRulesSaid, description = "As they are now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_claim_rules(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<ClaimRules>,
) -> Result<Versioned<ClaimRulesSaid>, Problem> {
    council.may(Verb::SetRules)?;
    new.check(may_do)?;
    let mut tx = council.write("set the rules for claims").await?;
    seen.holds(&rules(&council).await?)?;
    tx.set_claim_rules(&new).await?;
    tx.commit().await?;
    Ok(Versioned(rules(&council).await?))
}

/// Is there such a role, and may it check claims at all, or approve them?
fn may_do(role: &str, approves: bool) -> Result<(), Invalid> {
    let role: Role = role.parse()?;
    let verb = if approves { Verb::ClaimResults } else { Verb::CheckClaims };
    if policy::reach(Roles::from_iter([role]), verb).is_none() {
        return Err(Invalid::new("", format!("may not do that in any authority: {verb}")));
    }
    Ok(())
}

/// The schedule, and since when.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleSaid {
    /// Left out: nobody ever said when, and nothing is asked by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

async fn schedule(council: &Council) -> Result<ScheduleSaid, StoreError> {
    Ok(match council.store.evaluation_schedule().await? {
        Some(SaidLast { says, at, by }) => ScheduleSaid { schedule: Some(says), at: Some(at), by: Some(by) },
        None => ScheduleSaid { schedule: None, at: None, by: None },
    })
}

/// Read when every family is asked about
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/evaluation-schedule", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = ScheduleSaid, description = "As it counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_evaluation_schedule(council: Council) -> Result<Versioned<ScheduleSaid>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(schedule(&council).await?))
}

/// Set when every family is asked about
///
/// The installation that decides outcomes is asked about each family, as of the day on which it is due, from the next time on that comes.
/// What was missed while no host ran is not made up for, but for the last time.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/evaluation-schedule", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = Schedule, example = json!({ "question": "suited", "every": "month", "day": 1, "hour": 2 })),
    responses((status = 200, body = ScheduleSaid, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_evaluation_schedule(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<Schedule>,
) -> Result<Versioned<ScheduleSaid>, Problem> {
    council.may(Verb::SetRules)?;
    new.check()?;
    let mut tx = council.write("set when every family is asked about").await?;
    seen.holds(&schedule(&council).await?)?;
    tx.set_evaluation_schedule(&new).await?;
    tx.commit().await?;
    Ok(Versioned(schedule(&council).await?))
}

/// One time at which every family was asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evaluation {
    /// From 1.
    evaluation: i64,
    due: KnownAt,
    #[schema(example = "suited")]
    question: String,
    as_of: Day,
    /// `running`, `done`, `failed`.
    #[schema(example = "done")]
    state: &'static str,
    begun: KnownAt,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<KnownAt>,
    came: Came,
    /// How often it could not go on.
    failures: u64,
    /// Why it could not, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl TryFrom<store::Evaluation> for Evaluation {
    type Error = StoreError;
    fn try_from(e: store::Evaluation) -> Result<Self, StoreError> {
        let came = serde_json::from_value(e.came).map_err(|why| StoreError::Damaged(format!("evaluation {}: {why}", e.number)))?;
        let (state, question) = (e.state.code(), e.question);
        Ok(Self {
            evaluation: e.number,
            due: e.due,
            question,
            as_of: e.as_of,
            state,
            begun: e.begun,
            ended: e.ended,
            came,
            failures: e.failures,
            why: e.why,
        })
    }
}

/// List evaluations of every family
///
/// With what each came to: decided, met, changed against the answer before, what is missing, when to look again.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/evaluations", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Evaluation>, description = "The latest first"), Reads),
)]
pub async fn list_evaluations(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Evaluation>>, Problem> {
    council.may(Verb::SeeRuns)?;
    let found = council.store.evaluations(paging.after()?, paging.limit()).await?;
    let next = found.next.as_ref().map(super::page::Cursor::opaque);
    let items = found.items.into_iter().map(Evaluation::try_from).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next }))
}
