//! Steps on a family's way that a person takes where the pathway did not propose them.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::Writes;
use super::once::{Answer, Begun, Once};
use super::overrides::Override;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, FamilyId, fact};
use crate::workflow::Step;

/// A step, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    to: Step,
    /// From which day on; today, if left out.
    #[serde(default)]
    on: Option<Day>,
    /// 1 to 500 bytes; kept.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Take a step with a family
///
/// Open an episode (a family that comes back has a new one), close it, move it to a stage, set its tier: where the pathway did not propose it, which
/// is an override of the pathway. The family has a new revision. What the pathway proposes is confirmed there (`…/proposals`); another proposal of
/// the kind that waits is declined with the reason.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/steps", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewStep, example = json!({
        "to": { "step": "close-episode", "why": "moved-away" }, "reason": "They moved to Cardiff in May.",
    })),
    responses((status = 201, body = Override, description = "Taken"), Writes),
)]
pub async fn take_step(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewStep>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Override, family).await?;
    fact::text("reason", &new.reason, 500)?;
    let mut tx = match once.begin(&council, digest, "took a step that the pathway did not propose").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let on = new.on.unwrap_or_else(|| tx.now().day());
    let step = (&new.to, on, new.reason.as_str());
    let taken = app.workflow.step(&council.store, &mut tx, opened.reader(), family, step).await;
    let taken = taken.map_err(Problem::from).map_err(|p| match p.field.as_deref() {
        Some("why" | "stage" | "tier") => p.within("to"),
        _ => p,
    })?;
    once.finish(tx, &council, digest, Answer::created(&Override::from(taken))).await
}
