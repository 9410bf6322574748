//! What people put in the place of what plugins decided: kept beside the decision, with who and why.

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::decision_seen::theirs;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, DecisionId, FamilyId, KnownAt, OverrideId, codes, fact};
use crate::sandbox::Question;
use crate::store::{self, OverrideAbout, ReferralState, Seen, StoreError};

/// What a person did instead of what a plugin decided, or where none decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct Override {
    id: OverrideId,
    family: FamilyId,
    /// That was set aside. Left out: nothing was decided of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    /// The question, the kind of action (code list actions), or `caseload`.
    #[schema(example = "triage")]
    about: String,
    /// What was done: codes, names of the pathway, ids.
    #[schema(value_type = Object)]
    instead: Value,
    reason: String,
    at: KnownAt,
    by: String,
}

impl From<store::Override> for Override {
    fn from(o: store::Override) -> Self {
        let store::Override { id, family, decision, about, instead, reason, at, by } = o;
        Self { id, family, decision, about, instead, reason, at, by }
    }
}

/// Another result.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOverride {
    /// Of the code list that the question is answered from.
    #[schema(example = "eligible")]
    result: String,
    /// 1 to 500 bytes; kept.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Override a decision
///
/// Another result instead of what the plugin answered, with the reason. The decision stays as it was and shows it; nothing else follows. What is
/// decided about an open referral is set aside there, where something follows.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions/{decision}/overrides", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("decision" = DecisionId, Path, description = "The decision"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewOverride, example = json!({
        "result": "eligible", "reason": "The school's register was wrong for the whole term, and is being corrected.",
    })),
    responses((status = 201, body = Override, description = "Kept beside the decision"), Writes),
)]
pub async fn override_decision(
    council: Council,
    Id(id): Id<DecisionId>,
    once: Once,
    Body { value: new, digest }: Body<NewOverride>,
) -> Result<Response, Problem> {
    council.may(Verb::Override)?;
    let (decision, _) = theirs(&council, id).await?;
    council.family_of(Verb::Override, decision.family, "decision", id).await?;
    fact::text("reason", &new.reason, 500)?;
    let damaged = || StoreError::Damaged(format!("decision {id}: `{}` is no question", decision.question));
    let question = Question::from_code(&decision.question).ok_or_else(damaged)?;
    codes::check("result", question.answers(), &new.result)?;
    if new.result == decision.result {
        return Err(Problem::invalid("result", "is what the plugin answered"));
    }
    let open = council.store.referrals_about(decision.family).await?;
    if let Some(referral) = open.iter().find(|r| r.decision == Some(id) && r.state != ReferralState::Closed) {
        return Err(StoreError::Conflict(format!("referral {} waits for it: set it aside there", referral.id)).into());
    }
    let mut tx = match once.begin(&council, digest, "set a decision aside").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let about = OverrideAbout { family: decision.family, decision: Some(id), about: question.code() };
    let made = tx.add_override(&about, json!({ "result": new.result }), &new.reason).await?;
    once.finish(tx, &council, digest, Answer::created(&Override::from(made))).await
}

/// List overrides
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/overrides", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Override>, description = "The latest first"), Reads),
)]
pub async fn list_overrides(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Override>>, Problem> {
    let reader = council.reader(Verb::Override)?;
    let found = council.store.overrides_for(&reader, paging.after()?, paging.limit()).await?;
    council.listed(&found.items, |o| Seen::of(o.family, "override", o.id, &[]));
    Ok(Json(Page::of(found, Override::from)))
}
