//! The API, asked as a program asks it, over real stores in a folder of its own.

mod access;
mod actions;
mod assessments;
mod attachments;
mod audit;
mod authoring;
mod back_tests;
mod bad_input;
mod bought;
mod callers;
mod carrying;
mod claims;
mod consent;
mod document;
mod elsewhere;
mod following;
mod for_front_ends;
mod front_door;
mod handovers;
mod intake;
mod limits;
mod meetings;
mod once;
mod outcomes;
mod plan;
mod programme;
mod record;
mod reshaped;
mod reviewing;
mod rights;
mod signing_in;
mod surroundings;
mod switching;
mod travel;
mod versions;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{App, router};
use crate::access::tokens::{self, Asked, For};
use crate::access::{Reception, Role};
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::plugins::registry::Registries;
use crate::record::Clock;
use crate::sandbox::Sandbox;
use crate::sandbox::for_tests::sandbox;
use crate::store::tests::{BRISTOL, House, code};
use crate::workflow::Workflow;

pub const LEEDS: &str = "E08000035";
/// The councils as organisations.
pub const LEEDS_COUNCIL: &str = "e08000035";
pub const BRISTOL_COUNCIL: &str = "e06000023";

/// A host with Bristol and Leeds, and a token for each.
pub struct Host {
    pub house: House,
    router: Router,
    workflow: Workflow,
    pub sandbox: Arc<Sandbox>,
    pub operator: String,
    pub bristol: String,
    /// Of Bristol's data manager, whose it is to erase.
    pub officer: String,
    pub leeds: String,
    /// Milliseconds by which its clock is ahead.
    ahead: Arc<AtomicI64>,
    /// Where its letters go.
    pub letters: tempfile::TempDir,
}

/// What came back.
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Host {
    pub async fn new() -> Self {
        Self::with(Openings::default()).await
    }

    /// Which may send to such places.
    pub async fn with(openings: Openings) -> Self {
        // On the heap: what a test waits for lies on its stack otherwise, all of it.
        Box::pin(Self::taking_from(openings, &[])).await
    }

    /// Which takes plugins from such registries.
    pub async fn taking_from(openings: Openings, registries: &[&str]) -> Self {
        LazyLock::force(&surroundings::LOG);
        let ahead = Arc::new(AtomicI64::new(0));
        let (house, _) = House::at(Clock::ahead(ahead.clone())).await;
        let stores = &house.stores;
        stores.create_authority(&code(LEEDS), "Leeds").await.unwrap();
        let issue = async |name, of: Option<&str>| {
            let of = of.map_or(For::Operator, |of| For::council(code(of)));
            tokens::issue(stores, Asked::on_the_host(name, of)).await.unwrap().token
        };
        let operator = issue("operator", None).await;
        let bristol = issue("data manager", Some(BRISTOL)).await;
        let leeds = issue("data manager", Some(LEEDS)).await;
        let of = For::System { authority: code(BRISTOL), roles: std::iter::once(Role::DataManager).collect() };
        let officer = tokens::issue(stores, Asked::on_the_host("data manager", of)).await.unwrap().token;
        let sandbox = sandbox();
        let letters = tempfile::tempdir().unwrap();
        let mail = Mail::through(&format!("folder:{}", letters.path().display()), None, None).unwrap();
        let own = "https://hearth.example.org".parse().unwrap();
        let door = Door::new(openings);
        let reception = Reception::new(Some(own), mail.clone(), door.clone(), None);
        let named = registries.iter().map(|r| r.parse().unwrap()).collect();
        let app = App::new(stores.clone(), sandbox.clone()).reaching(door, mail).receiving(reception);
        let app = app.taking_from(Registries { named, credentials: None });
        let workflow = app.workflow.clone();
        Self { router: router(app), workflow, sandbox, house, operator, bristol, officer, leeds, ahead, letters }
    }

    /// What the host does by itself.
    pub fn workflow(&self) -> &Workflow {
        &self.workflow
    }

    /// From now on it is so much later.
    pub fn wait(&self, minutes: i64) {
        self.ahead.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    pub async fn send(&self, request: Request<Body>) -> Got {
        send(&self.router, request).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Got {
        self.send(request(Method::GET, token, path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Got {
        self.send(json_request(Method::POST, token, path, body)).await
    }

    /// As somebody does it who has just read what is there.
    pub async fn put(&self, token: &str, path: &str, body: &Value) -> Got {
        let read = path.strip_suffix("/grants").or_else(|| path.strip_suffix("/settings")).unwrap_or(path);
        let seen = self.get(token, read).await.headers.get(header::ETAG).cloned();
        let mut request = json_request(Method::PUT, token, path, body);
        if let Some(seen) = seen {
            request.headers_mut().insert(header::IF_MATCH, seen);
        }
        self.send(request).await
    }

    /// A family of Bristol: what was answered to taking it in.
    pub async fn family(&self, reference: &str) -> Value {
        let got = self.post(&self.bristol, &within("/families"), &family(reference)).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.text());
        got.json()
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Got {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
    Got { status, headers, bytes }
}

pub fn request(method: Method, token: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

pub fn json_request(method: Method, token: &str, path: &str, body: &Value) -> Request<Body> {
    let request = request(method, token, path).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// Below Bristol.
pub fn within(path: &str) -> String {
    format!("/v1/authorities/{BRISTOL}{path}")
}

/// A mother and a son at one address.
pub fn family(reference: &str) -> Value {
    json!({
        "reference": reference,
        "people": {
            "ann": { "name": { "given": "Ann", "family": "Bell" }, "born": "1988-02-03", "member_from": "2020-01-01" },
            "ben": { "name": { "given": "Ben", "family": "Bell" }, "born": "2012-05-06", "member_from": "2020-01-01" },
        },
        "homes": { "mill-lane": { "from": "2020-01-01", "address": { "lines": ["12 Mill Lane"], "postcode": "BS3 4QR" } } },
        "facts": [attendance("ben", 120)],
    })
}

/// So many sessions attended in the autumn of 2025, of 140.
pub fn attendance(person: &str, attended: u32) -> Value {
    json!({
        "kind": "attendance", "person": person, "first": "2025-09-01", "last": "2025-12-19", "source": "hill-school",
        "detail": { "possible": 140, "attended": attended, "unauthorised": 0 },
    })
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.bytes))
    }

    /// Status, code and field of the problem that this has to be.
    pub fn problem(&self) -> (u16, String, Option<String>) {
        assert_eq!(self.headers.get(header::CONTENT_TYPE).map(|t| t.as_bytes()), Some(&b"application/problem+json"[..]), "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16(), "{}", self.text());
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{}", self.text());
        let code = problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned();
        (self.status.as_u16(), code, problem.get("field").map(|f| f.as_str().unwrap().to_owned()))
    }

    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}", self.text());
        self.json()
    }
}

/// A problem as tests write it.
pub fn is(status: u16, code: &str, field: Option<&str>) -> (u16, String, Option<String>) {
    (status, code.to_owned(), field.map(str::to_owned))
}
