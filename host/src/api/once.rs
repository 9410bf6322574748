//! The same request sent again is answered again, and not done again: `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header). A key is bound to its principal, authority, address and body; the answer
//! is kept in the transaction that did the work.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::caller::Council;
use super::problem::{Code, Problem};
use crate::access::Principal;
use crate::record::Digest;
use crate::store::{Answered, AuthorityTx, Common, CommonTx, StoreError};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters of a key.
const LONGEST: usize = 200;

/// What a request says about being sent again.
pub struct Once {
    key: Option<String>,
    /// Method and path.
    route: String,
    path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let refused = || Problem::invalid("Idempotency-Key", format!("has 1 to {LONGEST} visible ASCII characters"));
        let mut keys = parts.headers.get_all(KEY).iter();
        let key = match (keys.next(), keys.next()) {
            (None, _) => None,
            (Some(key), None) => Some(key.to_str().map_err(|_| refused())?.to_owned()),
            (Some(_), Some(_)) => return Err(Problem::invalid("Idempotency-Key", "is sent twice")),
        };
        if key.as_ref().is_some_and(|k| k.is_empty() || k.len() > LONGEST || !k.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(refused());
        }
        let path = parts.uri.path().to_owned();
        Ok(Self { key, route: format!("{} {path}", parts.method), path })
    }
}

/// What there is to do.
pub enum Begun<Tx> {
    /// It was done before: this was answered.
    Before(Response),
    Now(Tx),
}

/// An answer on its way to the store and to whoever asked.
pub struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    pub fn created(body: &impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    pub fn new(status: StatusCode, body: &impl Serialize) -> Self {
        // What is answered holds words, numbers and lists, which always become JSON.
        Self { status, body: serde_json::to_vec(body).unwrap_or_default() }
    }
}

impl Once {
    /// Opens the transaction, unless the request was answered before.
    ///
    /// # Errors
    /// `idempotency-key-reused`, `busy`.
    pub async fn begin(&self, council: &Council, body: Digest, what: &str) -> Result<Begun<AuthorityTx>, Problem> {
        let mut tx = council.write(what).await?;
        let Some(key) = &self.key else { return Ok(Begun::Now(tx)) };
        let before = tx.answered(&council.by, key).await?;
        Ok(self.before(before, body)?.map_or(Begun::Now(tx), Begun::Before))
    }

    /// For work that takes long: looks before it is begun, without holding up others.
    ///
    /// # Errors
    /// `idempotency-key-reused`.
    pub async fn look(&self, council: &Council, body: Digest) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        self.before(council.store.answered(&council.by, key).await?, body)
    }

    /// As [`Once::begin`], where the work belongs to no authority.
    ///
    /// # Errors
    /// `idempotency-key-reused`, `busy`.
    pub async fn begin_common(&self, common: &Common, who: &Principal, body: Digest) -> Result<Begun<CommonTx>, Problem> {
        let mut tx = common.write(&who.to_string(), &self.route).await?;
        let Some(key) = &self.key else { return Ok(Begun::Now(tx)) };
        let before = tx.answered(&who.to_string(), key).await?;
        Ok(self.before(before, body)?.map_or(Begun::Now(tx), Begun::Before))
    }

    /// As [`Once::look`], where the work belongs to no authority.
    ///
    /// # Errors
    /// `idempotency-key-reused`.
    pub async fn look_common(&self, common: &Common, who: &Principal, body: Digest) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        self.before(common.answered(&who.to_string(), key).await?, body)
    }

    /// Keeps the answer with the work, and both for good.
    ///
    /// # Errors
    /// Nothing of the transaction was kept.
    pub async fn finish(&self, mut tx: AuthorityTx, council: &Council, body: Digest, answer: Answer) -> Result<Response, Problem> {
        council.noted.keep_in(&mut tx).await?;
        if let Some(answered) = self.answered(council.by.clone(), body, &answer, tx.now()) {
            tx.keep_answer(&answered).await?;
        }
        tx.commit().await?;
        Ok(self.respond(answer.status, answer.body))
    }

    /// As [`Once::finish`], where the work belongs to no authority.
    ///
    /// # Errors
    /// Nothing of the transaction was kept.
    pub async fn finish_common(&self, mut tx: CommonTx, who: &Principal, body: Digest, answer: Answer) -> Result<Response, Problem> {
        if let Some(answered) = self.answered(who.to_string(), body, &answer, tx.now()) {
            tx.keep_answer(&answered).await?;
        }
        tx.commit().await?;
        Ok(self.respond(answer.status, answer.body))
    }

    /// Keeps the answer to work that has a transaction of its own. Killed between the two, the work is there and its
    /// answer is not: such work says by itself that it was done before.
    ///
    /// # Errors
    /// `busy`: the work is done, its answer is not kept.
    pub async fn keep_after(&self, common: &Common, who: &Principal, body: Digest, answer: Answer) -> Result<Response, Problem> {
        if self.key.is_none() {
            return Ok(self.respond(answer.status, answer.body));
        }
        match self.begin_common(common, who, body).await? {
            Begun::Before(response) => Ok(response),
            Begun::Now(tx) => self.finish_common(tx, who, body, answer).await,
        }
    }

    fn answered(&self, principal: String, body: Digest, answer: &Answer, at: crate::record::KnownAt) -> Option<Answered> {
        let key = self.key.clone()?;
        let (status, response) = (answer.status.as_u16(), answer.body.clone());
        Some(Answered { principal, key, route: self.route.clone(), body, status, response, at })
    }

    fn before(&self, before: Option<Answered>, body: Digest) -> Result<Option<Response>, Problem> {
        let Some(before) = before else { return Ok(None) };
        if before.route != self.route || before.body != body {
            let said = if before.route == self.route { "another body" } else { "another address" };
            return Err(Problem::new(Code::KeyReused, format!("this key was sent before, with {said}")).at("Idempotency-Key"));
        }
        let status = StatusCode::from_u16(before.status).map_err(|e| StoreError::Damaged(format!("status: {e}")))?;
        let mut response = self.respond(status, before.response);
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(Some(response))
    }

    /// What was created is found below the address that it was sent to.
    fn respond(&self, status: StatusCode, body: Vec<u8>) -> Response {
        let location = (status == StatusCode::CREATED).then(|| location(&self.path, &body)).flatten();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(location) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

fn location(path: &str, body: &[u8]) -> Option<HeaderValue> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let id = ["id", "code", "digest"].into_iter().find_map(|name| body.get(name)?.as_str())?;
    HeaderValue::from_str(&format!("{}/{id}", path.trim_end_matches('/'))).ok()
}
