//! What a request carries: JSON that becomes a type or names the field that does not, a component, or nothing.

use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::{Code, Problem};
use super::watch::PATIENCE;
use crate::record::{Digest, from_json};

/// Bytes of an ordinary body.
pub const USUAL_BYTES: usize = 1 << 20;
/// Bytes of a plugin, or of ten thousand facts: the largest component, and a little, so that it is the plugin's own bound
/// that answers.
pub const LARGE_BYTES: usize = crate::plugins::inspect::LARGEST_COMPONENT + (64 << 10);

/// A body of JSON.
pub struct Body<T> {
    pub value: T,
    /// Of the bytes as they were sent: what an Idempotency-Key is bound to.
    pub digest: Digest,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        media_type(request.headers(), "application/json")?;
        let bytes = read(request, state).await?;
        let json: Value = serde_json::from_slice(&bytes).map_err(|e| Problem::new(Code::NotJson, format!("the body is not JSON: {e}")))?;
        Ok(Self { value: from_json(json)?, digest: Digest::of(&bytes) })
    }
}

/// A body of WebAssembly.
pub struct Wasm(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Wasm {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        media_type(request.headers(), "application/wasm")?;
        read(request, state).await.map(Self)
    }
}

/// A body of comma-separated values.
pub struct Csv(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        media_type(request.headers(), "text/csv")?;
        read(request, state).await.map(Self)
    }
}

/// A large body that is still to come: read once it was ruled that its sender may.
pub struct Unread<T>(Request, PhantomData<T>);

impl<T, S: Send + Sync> FromRequest<S> for Unread<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Ok(Self(request, PhantomData))
    }
}

impl<T: FromRequest<(), Rejection = Problem>> Unread<T> {
    /// # Errors
    /// As `T` is read.
    pub async fn read(self) -> Result<T, Problem> {
        T::from_request(self.0, &()).await
    }
}

/// No body; `{}` is taken for none.
pub struct Nothing {
    pub digest: Digest,
}

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read(request, state).await?;
        if !bytes.is_empty() {
            let json: Value =
                serde_json::from_slice(&bytes).map_err(|e| Problem::new(Code::NotJson, format!("the body is not JSON: {e}")))?;
            match json.as_object().map(|o| o.keys().next()) {
                Some(None) => {}
                Some(Some(field)) => return Err(Problem::invalid(field, "is not a field of this request, which has none")),
                None => return Err(Problem::invalid("", "this request has no body")),
            }
        }
        Ok(Self { digest: Digest::of(b"") })
    }
}

/// A body that may be left out; then, and for `{}`, it is the default.
pub struct Perhaps<T> {
    pub value: T,
    /// Of nothing, where it was left out.
    pub digest: Digest,
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for Perhaps<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self { value: T::default(), digest: Digest::of(b"") });
        }
        let json: Value = serde_json::from_slice(&bytes).map_err(|e| Problem::new(Code::NotJson, format!("the body is not JSON: {e}")))?;
        let nothing = json.as_object().is_some_and(serde_json::Map::is_empty);
        Ok(Self { digest: Digest::of(if nothing { b"" } else { &bytes }), value: from_json(json)? })
    }
}

fn media_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(Code::WrongMediaType, format!("send it as Content-Type: {wanted}")))
}

/// Within the time of a usual request, however long its answer may take: a slow sender holds no place.
async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let late = |_| Problem::new(Code::TookTooLong, format!("the body had not come within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await.map_err(late)?.map_err(|e| match e {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(Code::TooLarge, "the body is larger than this request may have")
        }
        _ => Problem::new(Code::Unreadable, "the body ended early"),
    })
}
