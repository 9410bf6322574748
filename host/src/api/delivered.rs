//! What providers tell of the help that they gave: sessions, one by one or as a file, and the report at the end.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::attachments::File;
use super::body::Body;
use super::caller::Council;
use super::documented::Writes;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::Problem;
use super::provisions::{ServiceReferralNamed, Sessions, theirs};
use super::services::whose;
use crate::access::Verb;
use crate::intake::sessions::{self, RefusedSessions};
use crate::record::{AuthorityId, Day, Invalid, ProvisionId, codes, fact};
use crate::store::{ProvisionState, SessionsTold, StoreError};
use crate::workflow::WorkflowError;
use crate::workflow::referring::Going;

/// Sessions of one referral.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSessions {
    /// 1 to 200; all are kept, or none.
    sessions: Vec<Sessions>,
}

/// What came of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsCameTo {
    came_to: Vec<SessionsTold>,
}

/// Tell of sessions
///
/// Offered and kept. Of the same days the latest word counts; what is known already changes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/service-referrals/{referral}/sessions", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ProvisionId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSessions),
    responses((status = 200, body = SessionsCameTo, description = "What came of each, in order"), Writes),
)]
pub async fn tell_sessions(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProvisionId>,
    once: Once,
    Body { value: new, digest }: Body<NewSessions>,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    if !(1..=200).contains(&new.sessions.len()) {
        return Err(Problem::invalid("sessions", "has 1 to 200 entries"));
    }
    let mut tx = match once.begin(&council, digest, "told of sessions").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let mut came_to = Vec::new();
    for (i, told) in new.sessions.iter().enumerate() {
        let provision = tx.provision(id).await?;
        let at = |e| match e {
            WorkflowError::Store(StoreError::Invalid(invalid)) => Problem::from(invalid.within(&format!("sessions[{i}]"))),
            other => Problem::from(other),
        };
        came_to.push(app.workflow.tell_sessions(&council.store, &mut tx, &provision, &told.into()).await.map_err(at)?);
    }
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &SessionsCameTo { came_to })).await
}

/// What came of a file of sessions.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SessionsRead {
    new: u64,
    corrected: u64,
    unchanged: u64,
    /// By line; the others were kept.
    refused: Vec<RefusedSessions>,
}

/// Send sessions as a file
///
/// CSV with the titles `referral`, `first`, `last`, `offered`, `kept`: one line a referral and window, days as 2026-04-30. Lines at fault are
/// named and the others kept; the same file again changes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/service-sessions", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = SessionsRead, description = "What came of each line"), Writes),
)]
pub async fn send_sessions(State(app): State<App>, council: Council, File(file): File) -> Result<Json<SessionsRead>, Problem> {
    let own = whose(&council, Verb::Provide)?;
    let rows = sessions::read(&file)?;
    let mut tx = council.write("told of sessions by a file").await?;
    let mut read = SessionsRead::default();
    for row in rows {
        let (line, row) = match row {
            Ok(row) => row,
            Err(refused) => {
                read.refused.push(refused);
                continue;
            }
        };
        let refused = |column: &str, reason: String| RefusedSessions { line, column: column.to_owned(), reason };
        let provision = match tx.provision(row.referral).await {
            Ok(found) if own.as_ref().is_none_or(|own| *own == found.provider) => found,
            Ok(_) | Err(StoreError::NoSuch { .. }) => {
                read.refused.push(refused("referral", "there is no such referral to you".to_owned()));
                continue;
            }
            Err(fault) => return Err(fault.into()),
        };
        match app.workflow.tell_sessions(&council.store, &mut tx, &provision, &row.sessions).await {
            Ok(SessionsTold::New) => read.new += 1,
            Ok(SessionsTold::Corrected) => read.corrected += 1,
            Ok(SessionsTold::Unchanged) => read.unchanged += 1,
            Err(WorkflowError::Store(StoreError::Invalid(Invalid { field, why }))) => read.refused.push(refused(&field, why)),
            Err(WorkflowError::Store(StoreError::Conflict(why))) => read.refused.push(refused("", why)),
            Err(fault) => return Err(fault.into()),
        }
    }
    tx.commit().await?;
    Ok(Json(read))
}

/// A report at the end of the service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndOfServiceReport)]
pub struct NewEndReport {
    /// The last day.
    on: Day,
    /// Given to its end; or the family left before.
    completed: bool,
    /// How far, for each problem (code list problems): `achieved`, `partly`, `not`.
    #[serde(default)]
    reached: BTreeMap<String, String>,
    /// Up to 4,000 bytes.
    #[serde(default)]
    #[schema(max_length = 4000)]
    words: String,
}

/// Report at the end of a service
///
/// The service is over from then on, in the record too. Its place is free again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/service-referrals/{referral}/report", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ProvisionId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewEndReport),
    responses((status = 200, body = ServiceReferralNamed, description = "It is over"), Writes),
)]
pub async fn report_end(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProvisionId>,
    once: Once,
    Body { value: new, digest }: Body<NewEndReport>,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    for (problem, how) in &new.reached {
        let field = format!("reached.{}", crate::record::told_back(problem));
        codes::check("reached", "problems", problem)?;
        if !["achieved", "partly", "not"].contains(&how.as_str()) {
            return Err(Problem::invalid(field, "is none of achieved, partly, not"));
        }
    }
    if !new.words.is_empty() {
        fact::text("words", &new.words, 4_000)?;
    }
    if new.on > council.store.clock().now().day() {
        return Err(Problem::invalid("on", "is to come"));
    }
    let mut tx = match once.begin(&council, digest, "reported at the end of a service").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let provision = tx.provision(id).await?;
    if provision.engaged.is_some_and(|engaged| new.on < engaged) {
        return Err(Problem::invalid("on", "is before the help began"));
    }
    let to = if new.completed { ProvisionState::Completed } else { ProvisionState::Left };
    let going = Going { to, day: new.on, engaged: None, why: None };
    app.workflow.take_provision(&council.store, &mut tx, &provision, going).await?;
    tx.report_end(id, &new.reached, &new.words).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ServiceReferralNamed { id, state: to })).await
}
