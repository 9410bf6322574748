//! The requests of the OCI distribution specification that are needed, through the door. What is asked for is checked against its digest.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use url::Url;

use super::layout::{Descriptor, MANIFEST, Manifest};
use super::{LARGEST_MANIFEST, LARGEST_SIGNATURE, Reference, Registries, RegistryError};
use crate::egress::{Bounds, Door};
use crate::record::Digest;

/// For one request: a plugin in Python has 18 MB.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Client<'a> {
    door: &'a Door,
    registries: &'a Registries,
    /// `https://host/v2/repository`.
    base: String,
    host: &'a str,
    /// What the registry let in last.
    authorization: Option<HeaderValue>,
}

impl<'a> Client<'a> {
    pub(super) fn new(door: &'a Door, registries: &'a Registries, reference: &'a Reference) -> Result<Self, RegistryError> {
        let here =
            ["127.0.0.1", "localhost", "[::1]"].iter().any(|h| reference.host.split_once(':').map_or(&*reference.host, |(n, _)| n) == *h);
        let scheme = if here && door.openings().this_machine { "http" } else { "https" };
        let base = format!("{scheme}://{}/v2/{}", reference.host, reference.repository);
        Ok(Self { door, registries, base, host: &reference.host, authorization: None })
    }

    /// A manifest's bytes. None: there is none of that name.
    pub(super) async fn manifest(&mut self, wanted: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        let request = || Request::get(format!("{}/manifests/{wanted}", self.base)).header(header::ACCEPT, MANIFEST).body(Bytes::new());
        let answer = self.send(built(request())?, LARGEST_MANIFEST).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = must(answer, "the question for a manifest", StatusCode::OK)?;
        let said = answer.headers().get("docker-content-digest").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let bytes = answer.into_body();
        let digest = Digest::of(&bytes).to_string();
        let asked = wanted.starts_with("sha256:").then(|| wanted.to_owned());
        if [said, asked].into_iter().flatten().any(|d| d != digest) {
            return Err(RegistryError::Lies { what: "manifest", why: "its digest is another" });
        }
        Ok(Some(bytes.to_vec()))
    }

    /// What a descriptor describes, and nothing else.
    pub(super) async fn blob(&mut self, of: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let digest: Digest = of.digest.parse().map_err(|_| RegistryError::NoPlugin("has no sha256 digest"))?;
        let request = Request::get(format!("{}/blobs/{digest}", self.base)).body(Bytes::new());
        let answer = self.send(built(request)?, of.size).await?;
        let answer = if answer.status().is_redirection() { self.followed(&answer, of.size).await? } else { answer };
        let bytes = must(answer, "the question for a blob", StatusCode::OK)?.into_body();
        let lies = |why| Err(RegistryError::Lies { what: "file", why });
        if bytes.len() as u64 != of.size {
            return lies("its size is another");
        }
        if Digest::of(&bytes) != digest {
            return lies("its digest is another");
        }
        Ok(bytes.to_vec())
    }

    /// Registries keep blobs elsewhere: once, without credentials, to a place that the operator named too.
    async fn followed(&self, answer: &Response<Bytes>, most: u64) -> Result<Response<Bytes>, RegistryError> {
        let to = self.location(answer)?;
        self.through(built(Request::get(to).body(Bytes::new()))?, most).await
    }

    /// The text of a signature that belongs to a manifest.
    pub(super) async fn signature(&mut self, beside: &Manifest, of: &Digest) -> Result<String, RegistryError> {
        let layer = beside.signature_of(of)?;
        if layer.size > LARGEST_SIGNATURE {
            return Err(RegistryError::NoPlugin("as its signature is larger than one is"));
        }
        String::from_utf8(self.blob(layer).await?).map_err(|_| RegistryError::NoPlugin("as its signature is no text"))
    }

    pub(super) async fn put_blob(&mut self, bytes: Vec<u8>) -> Result<(), RegistryError> {
        let digest = Digest::of(&bytes);
        let begun = self.send(built(Request::post(format!("{}/blobs/uploads/", self.base)).body(Bytes::new()))?, LARGEST_MANIFEST).await?;
        let begun = must(begun, "the beginning of an upload", StatusCode::ACCEPTED)?;
        let mut to = Url::parse(&self.location(&begun)?).map_err(|_| no_place())?;
        to.query_pairs_mut().append_pair("digest", &digest.to_string());
        let request = Request::put(to.as_str()).header(header::CONTENT_TYPE, "application/octet-stream").body(Bytes::from(bytes));
        must(self.send(built(request)?, LARGEST_MANIFEST).await?, "an upload", StatusCode::CREATED).map(drop)
    }

    pub(super) async fn put_manifest(&mut self, wanted: &str, bytes: Vec<u8>) -> Result<(), RegistryError> {
        let request = Request::put(format!("{}/manifests/{wanted}", self.base)).header(header::CONTENT_TYPE, MANIFEST);
        let answer = self.send(built(request.body(Bytes::from(bytes)))?, LARGEST_MANIFEST).await?;
        must(answer, "a manifest", StatusCode::CREATED).map(drop)
    }

    /// Where an answer sends: in full, or a path of the registry's.
    fn location(&self, answer: &Response<Bytes>) -> Result<String, RegistryError> {
        let said = answer.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).ok_or_else(no_place)?;
        let base = Url::parse(&self.base).map_err(|_| no_place())?;
        base.join(said).map(String::from).map_err(|_| no_place())
    }

    /// Asks; where the registry wants to know who asks, once more with what the operator's file says.
    async fn send(&mut self, request: Request<Bytes>, most: u64) -> Result<Response<Bytes>, RegistryError> {
        let (parts, body) = request.into_parts();
        let again = |authorization: Option<&HeaderValue>| {
            let mut request = Request::from_parts(parts.clone(), body.clone());
            authorization.map(|a| request.headers_mut().insert(header::AUTHORIZATION, a.clone()));
            request
        };
        let answer = self.through(again(self.authorization.as_ref()), most).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let challenge = answer.headers().get(header::WWW_AUTHENTICATE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        self.authorization = Some(self.authorized(&challenge, &parts.method).await?);
        let answer = self.through(again(self.authorization.as_ref()), most).await?;
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.not_let_in()?),
            _ => Ok(answer),
        }
    }

    /// Nobody was named, or whoever was may not.
    fn not_let_in(&self) -> Result<RegistryError, RegistryError> {
        let host = self.host.to_owned();
        Ok(if self.credentials()?.is_some() { RegistryError::NotLetIn { host } } else { RegistryError::Unknown { host } })
    }

    /// What the challenge asks for: the password itself, or a token that is given for it.
    async fn authorized(&self, challenge: &str, method: &Method) -> Result<HeaderValue, RegistryError> {
        let basic = self.credentials()?;
        let Some(asked) = challenge.strip_prefix("Bearer ") else {
            return basic.ok_or_else(|| RegistryError::Unknown { host: self.host.to_owned() });
        };
        let said = |name: &str| {
            let begins = format!("{name}=\"");
            asked.split_once(&begins).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value.to_owned())
        };
        let mut realm = Url::parse(&said("realm").ok_or_else(no_place)?).map_err(|_| no_place())?;
        for name in ["service", "scope"] {
            if let Some(value) = said(name) {
                realm.query_pairs_mut().append_pair(name, &value);
            }
        }
        tracing::debug!(%method, "a registry wants a token");
        let mut request = built(Request::get(realm.as_str()).body(Bytes::new()))?;
        basic.map(|b| request.headers_mut().insert(header::AUTHORIZATION, b));
        let answer = self.through(request, LARGEST_MANIFEST).await?;
        if matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(self.not_let_in()?);
        }
        let answer = must(answer, "the question for a token", StatusCode::OK)?;
        let token: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let token = token["token"].as_str().or_else(|| token["access_token"].as_str()).ok_or(RegistryError::Missing("token"))?;
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| RegistryError::Missing("token"))
    }

    fn credentials(&self) -> Result<Option<HeaderValue>, RegistryError> {
        let Some(file) = &self.registries.credentials else { return Ok(None) };
        let lines = std::fs::read_to_string(file).map_err(|_| RegistryError::Credentials)?;
        let line = lines.lines().map(|l| l.split_whitespace().collect::<Vec<_>>()).find(|l| l.first() == Some(&self.host));
        let Some(line) = line else { return Ok(None) };
        let [_, user, password] = line[..] else { return Err(RegistryError::NoPassword { host: self.host.to_owned() }) };
        let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            .map_err(|_| RegistryError::Credentials)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn through(&self, request: Request<Bytes>, most: u64) -> Result<Response<Bytes>, RegistryError> {
        // One byte more than is expected is enough to see that there is more; and problems have to fit too.
        let most = usize::try_from(most.saturating_add(1).max(64 << 10)).unwrap_or(usize::MAX);
        Ok(self.door.send_to_named(&self.registries.named, request, Bounds { most, patience: PATIENCE }).await?)
    }
}

const fn no_place() -> RegistryError {
    RegistryError::NoPlugin("is said to lie at an address that is none")
}

fn built(request: Result<Request<Bytes>, axum::http::Error>) -> Result<Request<Bytes>, RegistryError> {
    let request = request.map_err(|_| no_place())?;
    if request.uri().scheme().is_some() && request.uri().authority().is_some() { Ok(request) } else { Err(no_place()) }
}

fn must(answer: Response<Bytes>, what: &'static str, status: StatusCode) -> Result<Response<Bytes>, RegistryError> {
    if answer.status() == status { Ok(answer) } else { Err(RegistryError::Status { what, status: answer.status().as_u16() }) }
}
