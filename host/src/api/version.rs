//! What people edit has a version, so that nobody overwrites what they have not seen: `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and
//! 13.1.1). The version is the hash of what is read.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::{Code, Problem};
use crate::record::Digest;

/// Hexadecimal digits of a version: enough that two states of one thing never share one.
const DIGITS: usize = 32;

/// An answer with its version.
pub struct Versioned<T>(pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        // What is answered holds words, numbers and lists, which always become JSON.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = ([(header::CONTENT_TYPE, "application/json")], Vec::new()).into_response();
        if let Ok(tag) = HeaderValue::from_str(&tag(&body)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        *response.body_mut() = body.into();
        response
    }
}

fn tag(body: &[u8]) -> String {
    let digest = Digest::of(body).to_string();
    let hex = digest.rsplit(':').next().unwrap_or_default();
    format!("\"{}\"", &hex[..DIGITS.min(hex.len())])
}

/// What the sender saw.
pub struct IfMatch(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let all: Vec<&str> = parts.headers.get_all(header::IF_MATCH).iter().map(|v| v.to_str().unwrap_or_default()).collect();
        Ok(Self((!all.is_empty()).then(|| all.join(","))))
    }
}

impl IfMatch {
    /// Is it still as the sender saw it? To be asked within the transaction that changes it, when nobody else can.
    ///
    /// # Errors
    /// `version-needed` where the sender does not say what they saw, `changed-meanwhile` where it is another.
    pub fn holds(&self, now: &impl Serialize) -> Result<(), Problem> {
        let said = self
            .0
            .as_deref()
            .ok_or_else(|| Problem::new(Code::VersionNeeded, "send If-Match with the ETag of what you read").at("If-Match"))?;
        let now = tag(&serde_json::to_vec(now).unwrap_or_default());
        if said.split(',').map(str::trim).any(|seen| seen == "*" || seen == now) { Ok(()) } else { Err(changed()) }
    }

    /// There is nothing yet, so nothing that could have been seen.
    ///
    /// # Errors
    /// `changed-meanwhile` where the sender saw something.
    pub fn holds_of_nothing(&self) -> Result<(), Problem> {
        if self.0.is_none() { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> Problem {
    Problem::new(Code::ChangedMeanwhile, "it is no longer as you saw it: read it again").at("If-Match")
}

/// An answer with the version of what of it is edited: what else it tells may change without anybody's doing.
pub struct VersionedBy<T, V>(pub T, pub V);

impl<T: Serialize, V: Serialize> IntoResponse for VersionedBy<T, V> {
    fn into_response(self) -> Response {
        let mut response = Versioned(self.0).into_response();
        let version = serde_json::to_vec(&self.1).unwrap_or_default();
        if let Ok(tag) = HeaderValue::from_str(&tag(&version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
