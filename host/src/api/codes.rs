//! Signing in by a one-time code that goes to an e-mail address.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::documented::SignsIn;
use super::problem::Problem;
use super::sessions::{Before, SignedIn, signed_in};
use crate::access::{Address, one_time};
use crate::record::KnownAt;

/// Whoever wants to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCode {
    address: Address,
}

/// A code may be on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeAsked {
    /// To be sent with the code: it opens nothing without.
    attempt: String,
    expires_at: KnownAt,
}

/// Ask for a code
///
/// If the address is that of somebody who accepted an invitation, a code of six digits goes there. The answer is the same if it is not.
/// A code is good for ten minutes and five tries, once; five an hour may be asked for.
#[utoipa::path(
    post, path = "/v1/sign-in/codes", tag = "signing-in",
    request_body(content = NewCode, example = json!({ "address": "priya.nair@example.org" })),
    responses((status = 202, body = CodeAsked, description = "A code is on its way, if the address is known"), SignsIn),
)]
pub async fn ask_for_code(State(app): State<App>, _: Before, Body { value: new, .. }: Body<NewCode>) -> Result<Response, Problem> {
    let asked = one_time::ask(&app.stores, &app.reception, &new.address).await?;
    Ok((StatusCode::ACCEPTED, Json(CodeAsked { attempt: asked.attempt, expires_at: asked.expires_at })).into_response())
}

/// A code, as it came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeAnswer {
    /// As it was answered when the code was asked for.
    attempt: String,
    #[schema(example = "482915")]
    code: String,
}

/// Sign in by a code
///
/// Answers with the cookie `__Host-hearth`, which is a session: half an hour without a request ends it, and ten hours do.
#[utoipa::path(
    post, path = "/v1/sign-in/codes/answer", tag = "signing-in",
    request_body(content = CodeAnswer, example = json!({ "attempt": "…", "code": "482915" })),
    responses((status = 201, body = SignedIn, description = "Signed in", headers(("Set-Cookie" = String))), SignsIn),
)]
pub async fn answer_code(
    State(app): State<App>,
    Before(before): Before,
    Body { value: answer, .. }: Body<CodeAnswer>,
) -> Result<Response, Problem> {
    // As people type it, and as mail programs copy it.
    let code: String = answer.code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    signed_in(one_time::answer(&app.stores, &answer.attempt, &code, before.as_ref()).await?)
}
