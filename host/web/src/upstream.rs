//! The API, asked as whoever looks at a page: their cookie goes along, so that what they may see and do is ruled on where it is for every
//! other program, and every reading is noted there. No page can do what the API does not.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

/// Whatever answers the API's requests: the host's own router, or one that is asked over HTTP.
pub type Service = BoxCloneSyncService<Request, Response, Infallible>;

/// The longest answer that a page is made of. Files go through as they come.
const LONGEST: usize = 16 << 20;

/// What the API says of a request that it refuses (RFC 9457).
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    pub title: String,
    pub status: u16,
    #[serde(default)]
    pub detail: String,
    /// The path of the value at fault.
    #[serde(default)]
    pub field: Option<String>,
}

impl Problem {
    /// The code, which never changes.
    #[must_use]
    pub fn code(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }

    /// Of the host's own making, where the API itself says nothing.
    #[must_use]
    pub fn of_pages(code: &str, title: &str, status: StatusCode, detail: impl Into<String>) -> Self {
        Self { kind: code.to_owned(), title: title.to_owned(), status: status.as_u16(), detail: detail.into(), field: None }
    }

    /// With the field where somebody has to look, if the API named none.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field.get_or_insert_with(|| field.to_owned());
        self
    }

    /// With the field as the form calls it, where that is not the API's name.
    #[must_use]
    pub fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        let words = self.words().to_owned();
        if let Some((_, ours)) = names.iter().find(|(theirs, _)| self.field.as_deref() == Some(*theirs)) {
            self.detail = words;
            self.field = Some((*ours).to_owned());
        }
        self
    }

    /// What is wrong, without the path that the API puts before it: the page shows it at the field.
    #[must_use]
    pub fn words(&self) -> &str {
        let bare = self.field.as_deref().and_then(|field| self.detail.strip_prefix(field)).and_then(|rest| rest.strip_prefix(": "));
        match bare.unwrap_or(&self.detail) {
            // What a program is told of its JSON is said for people.
            missing if missing.starts_with("missing field") => "this has to be answered",
            whole if whole.starts_with("invalid type") && whole.contains("expected u") => "this has to be a whole number",
            amount if amount.starts_with("invalid type") && amount.contains("expected i") => "this has to be a number",
            words => words,
        }
    }

    /// Something that whoever typed it can set right, on the page where they typed it.
    #[must_use]
    pub const fn is_of_input(&self) -> bool {
        matches!(self.status, 400 | 409 | 412 | 413 | 415 | 422)
    }
}

/// Why the API gave no answer that a page can be made of.
#[derive(Debug)]
pub enum Failed {
    /// Nobody is signed in.
    SignIn,
    Refused(Problem),
    /// The host and its pages do not agree on what an answer is.
    Fault(String),
}

/// An answer with the version that its state has.
#[derive(Debug)]
pub struct Answered<T> {
    pub value: T,
    /// For `If-Match`, where the API gives one.
    pub version: Option<String>,
    pub headers: HeaderMap,
}

/// The API, as one visitor.
#[derive(Clone)]
pub struct Api {
    service: Service,
    /// What the visitor's browser sent that says who they are and which page sent them.
    credentials: HeaderMap,
    /// What the host knows of the connection.
    connection: Extensions,
    asked: Asked,
}

/// What a page asked of the API so far: how often, and for how long it waited.
#[derive(Debug, Clone, Default)]
pub struct Asked(Arc<(AtomicU32, AtomicU64)>);

impl Asked {
    fn once_more(&self, took: Duration) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
        self.0.1.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How often, and the milliseconds in sum.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds for people to read")]
    pub fn so_far(&self) -> (u32, f64) {
        (self.0.0.load(Ordering::Relaxed), self.0.1.load(Ordering::Relaxed) as f64 / 1_000.0)
    }
}

/// Takes what the API has to know of a connection (from where it came) from a page's request. Not all of it: what one router notes of its
/// routes would mislead another.
pub type Carry = fn(&Extensions) -> Extensions;

/// What the API is told of a browser. Whose page a request comes from is for the API to judge, which knows the host's address.
const CREDENTIALS: [HeaderName; 6] = [
    header::COOKIE,
    header::ORIGIN,
    header::HOST,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("hearth-purpose"),
];

impl Api {
    #[must_use]
    pub fn of(service: Service, browser: &HeaderMap, connection: Extensions, asked: Asked) -> Self {
        let mut credentials = HeaderMap::new();
        for name in CREDENTIALS {
            for value in browser.get_all(&name) {
                credentials.append(&name, value.clone());
            }
        }
        Self { service, credentials, connection, asked }
    }

    /// # Errors
    /// [`Failed`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        Ok(self.send(Method::GET, path, None, &[]).await?.value)
    }

    /// With its version.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<Answered<T>, Failed> {
        self.send(Method::GET, path, None, &[]).await
    }

    /// What somebody may not see, or what is not there, is no fault of a page that shows other things too.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn maybe<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Failed> {
        match self.get(path).await {
            Ok(value) => Ok(Some(value)),
            Err(Failed::Refused(p)) if matches!(p.status, 403 | 404) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// `once`: the form's own key, by which a form that is sent twice is done once.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn post(&self, path: &str, body: &(impl Serialize + Sync), once: &str) -> Result<Value, Failed> {
        let once = (HeaderName::from_static("idempotency-key"), once);
        let told: &[(HeaderName, &str)] = if once.1.is_empty() { &[] } else { std::slice::from_ref(&once) };
        Ok(self.send(Method::POST, path, Some(json(body)?), told).await?.value)
    }

    /// As [`Api::post`], with the answer's headers: signing in answers a cookie.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn post_whole(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<Answered<Value>, Failed> {
        self.send(Method::POST, path, Some(json(body)?), &[]).await
    }

    /// `version`: of what was read, so that nobody overwrites what somebody else wrote meanwhile.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn put(&self, path: &str, body: &(impl Serialize + Sync), version: Option<&str>) -> Result<Value, Failed> {
        let told: Vec<(HeaderName, &str)> = version.map(|v| (header::IF_MATCH, v)).into_iter().collect();
        Ok(self.send(Method::PUT, path, Some(json(body)?), &told).await?.value)
    }

    /// A file: its bytes, as they are.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn upload(&self, path: &str, kind: &str, bytes: Vec<u8>) -> Result<Value, Failed> {
        let answer = self.ask(Method::POST, path, Some((kind, bytes)), &[]).await?;
        Ok(read(answer).await?.value)
    }

    /// An answer that goes to the browser as it is: a file, a page that the API makes.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn through(&self, path: &str) -> Result<Response, Failed> {
        let answer = self.ask(Method::GET, path, None, &[]).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(answer).await) }
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        told: &[(HeaderName, &str)],
    ) -> Result<Answered<T>, Failed> {
        read(self.ask(method, path, body.map(|bytes| ("application/json", bytes)), told).await?).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        told: &[(HeaderName, &str)],
    ) -> Result<Response, Failed> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.credentials.clone());
            for (name, value) in told {
                headers.insert(name, HeaderValue::from_str(value).map_err(|e| Failed::Fault(e.to_string()))?);
            }
            if let Some((kind, _)) = &body {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).map_err(|e| Failed::Fault(e.to_string()))?);
            }
        }
        let body = body.map_or_else(Body::empty, |(_, bytes)| Body::from(bytes));
        let mut request = request.body(body).map_err(|e| Failed::Fault(format!("{path}: {e}")))?;
        request.extensions_mut().extend(self.connection.clone());
        let began = Instant::now();
        let answer = self.service.clone().oneshot(request).await;
        self.asked.once_more(began.elapsed());
        match answer {
            Ok(answer) => Ok(answer),
            Err(never) => match never {},
        }
    }
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, Failed> {
    serde_json::to_vec(body).map_err(|e| Failed::Fault(e.to_string()))
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<Answered<T>, Failed> {
    if !answer.status().is_success() {
        return Err(refused(answer).await);
    }
    let (parts, body) = answer.into_parts();
    let bytes = Limited::new(body, LONGEST).collect().await.map_err(|e| Failed::Fault(e.to_string()))?.to_bytes();
    // An answer of nothing is null.
    let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
    let value = serde_json::from_slice(bytes).map_err(|e| Failed::Fault(format!("an answer of the API is not as expected: {e}")))?;
    let version = parts.headers.get(header::ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
    Ok(Answered { value, version, headers: parts.headers })
}

async fn refused(answer: Response) -> Failed {
    let status = answer.status();
    if status == StatusCode::UNAUTHORIZED {
        return Failed::SignIn;
    }
    let read = Limited::new(answer.into_body(), LONGEST).collect().await.ok();
    match read.and_then(|b| serde_json::from_slice::<Problem>(&b.to_bytes()).ok()) {
        Some(problem) => Failed::Refused(problem),
        None => Failed::Fault(format!("the API answered {status} and did not say why")),
    }
}

/// A path with its gaps filled: what stood in an address of a page is never more than one step of one of the API's.
#[must_use]
pub fn path(pattern: &[&str]) -> String {
    let mut out = String::new();
    for step in pattern {
        out.push('/');
        out.push_str(&escaped(step));
    }
    out
}

/// A query, without those that are empty.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "{}{name}={}", if out.is_empty() { '?' } else { '&' }, escaped(value));
    }
    out
}

/// Percent-encoded, but for what RFC 3986 leaves unreserved.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A page of a list of the API's.
#[derive(Debug, serde::Deserialize)]
pub struct List<T> {
    pub items: Vec<T>,
    #[serde(default)]
    pub next: Option<String>,
}

/// What somebody may do, by verb: `all`, their `own`, what is `shared`.
pub type May = HashMap<String, Vec<String>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_visitor_typed_stays_one_step() {
        assert_eq!(path(&["v1", "families", "../../x?y#z", "é"]), "/v1/families/..%2F..%2Fx%3Fy%23z/%C3%A9");
        assert_eq!(query(&[("a", ""), ("b", "1&c=2"), ("d", "x y")]), "?b=1%26c%3D2&d=x%20y");
    }

    #[test]
    fn the_words_of_a_problem_stand_at_its_field() {
        let problem: Problem = serde_json::from_str(
            r#"{"type":"/problems/invalid","title":"A value cannot be kept","status":422,"detail":"goals[0].due: is no day","field":"goals[0].due"}"#,
        )
        .unwrap();
        assert_eq!((problem.code(), problem.words(), problem.is_of_input()), ("invalid", "is no day", true));
        let told = |detail: &str| Problem::of_pages("", "", StatusCode::UNPROCESSABLE_ENTITY, detail).words().to_owned();
        assert_eq!(told("missing field `act`"), "this has to be answered");
        assert_eq!(told("invalid type: string \"lots\", expected u32"), "this has to be a whole number");
    }
}
