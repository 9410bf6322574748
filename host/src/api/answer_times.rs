//! Within how many days whoever sends a referral hears what became of it. No pathway's manifest declares a limit: it is the authority's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, KnownAt};
use crate::store::{self, StoreError};

/// Within how many days, from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswerTime {
    /// 1 to 90.
    #[schema(minimum = 1, maximum = 90)]
    answer_days: u8,
    /// So many days before, somebody at the front door is reminded; 0 to 30.
    #[schema(minimum = 0, maximum = 30)]
    near_days: u8,
}

/// Within how many days senders hear.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerTime {
    answer_days: i32,
    near_days: i32,
    /// Left out where the authority has never said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

async fn read(council: &Council) -> Result<AnswerTime, StoreError> {
    let door = council.store.front_door().await?;
    let (at, by) = door.said.unzip();
    Ok(AnswerTime { answer_days: door.answer_days, near_days: door.near_days, at, by })
}

/// Read within how many days senders hear
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/front-door", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = AnswerTime, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_answer_time(council: Council) -> Result<Versioned<AnswerTime>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(read(&council).await?))
}

/// Say within how many days senders hear
///
/// Of what comes from now on.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/front-door", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewAnswerTime, example = json!({ "answer_days": 5, "near_days": 1 })),
    responses((status = 200, body = AnswerTime, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_answer_time(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewAnswerTime>,
) -> Result<Versioned<AnswerTime>, Problem> {
    council.may(Verb::SetRules)?;
    if !(1..=90).contains(&new.answer_days) {
        return Err(Problem::invalid("answer_days", "is not from 1 to 90"));
    }
    if new.near_days > 30 {
        return Err(Problem::invalid("near_days", "is not from 0 to 30"));
    }
    let mut tx = council.write("said within how many days senders of referrals hear").await?;
    seen.holds(&read(&council).await?)?;
    let door = store::FrontDoor { answer_days: new.answer_days.into(), near_days: new.near_days.into(), said: None };
    tx.set_front_door(&door).await?;
    tx.commit().await?;
    Ok(Versioned(read(&council).await?))
}
