//! What surrounds every request.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use axum::routing::get;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::{Host, is, request, send, within};
use crate::api::rates::{PerMinute, Rates};
use crate::api::surrounded;
use crate::api::watch::Watched;
use crate::sandbox::for_tests::sandbox;

#[tokio::test]
async fn a_panic_ends_its_request_and_says_nothing_of_what_it_held() {
    async fn panics() {
        panic!("Ann Bell of 12 Mill Lane");
    }
    async fn plain() -> (StatusCode, &'static str) {
        (StatusCode::INTERNAL_SERVER_ERROR, "Ann Bell of 12 Mill Lane")
    }
    let sandbox = sandbox();
    let watched = Watched { sandbox, rates: Rates::new(PerMinute::default()), behind_proxy: false };
    let router = surrounded(Router::new().route("/panics", get(panics)).route("/plain", get(plain)), watched);
    for path in ["/panics", "/plain"] {
        let got = send(&router, request(Method::GET, "", path).body(Body::empty()).unwrap()).await;
        assert_eq!(got.problem(), is(500, "host-fault", None));
        assert!(!got.text().contains("Ann"), "{}", got.text());
    }
}

#[tokio::test]
async fn no_cache_keeps_an_answer() {
    let host = Host::new().await;
    for path in ["/families", "/families/seven", "/nothing"] {
        assert_eq!(host.get(&host.bristol, &within(path)).await.headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
}

/// Everything that is logged, as text.
#[derive(Clone, Default)]
pub struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logged {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log of every test of the API: they run side by side, and none may tell.
pub static LOG: LazyLock<Logged> = LazyLock::new(|| {
    let logged = Logged::default();
    let log = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE).with_writer(logged.clone());
    tracing::subscriber::set_global_default(log.finish()).unwrap();
    logged
});

#[tokio::test]
async fn the_log_names_the_route_and_nobody() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let id = taken["id"].as_str().unwrap();
    host.get(&host.bristol, &within(&format!("/families/{id}"))).await.ok();
    host.get(&host.bristol, &within("/families?reference=BR-1")).await.ok();
    host.post(&host.bristol, &within("/families"), &super::family("BR-1")).await;
    host.post(&host.bristol, &within("/families"), &json!({ "reference": "Bell", "people": "Ann" })).await;

    let text = LOG.text();
    assert!(text.contains("/v1/authorities/{authority}/families/{family}"), "{text}");
    assert!(text.contains("status=201") && text.contains("millis="), "{text}");
    for secret in ["Ann", "Bell", "Mill Lane", "BS3", "1988-02-03", "BR-1", id, &host.bristol] {
        assert!(!text.contains(secret), "the log has {secret}:\n{text}");
    }
}
