//! What a request may be, and how many.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, Request, header};
use hyper::body::Frame;
use serde_json::json;
use tower::ServiceExt;

use super::access::world::World;
use super::{Host, is, json_request, request, within};
use crate::access::tokens::{self, Asked, For};
use crate::api::listen::Peer;
use crate::api::{App, PerMinute, router};

/// A body that tells whether anybody read it.
struct Told(Arc<AtomicBool>);

impl HttpBody for Told {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let before = self.0.swap(true, Ordering::SeqCst);
        Poll::Ready((!before).then(|| Ok(Frame::data(Bytes::from_static(b"{}")))))
    }
}

#[tokio::test]
async fn a_large_body_is_not_read_before_it_is_ruled_that_it_may_come() {
    let world = World::new().await;
    let covers = "source=hill-school&first=2025-09-01&last=2026-03-31";
    for (path, content_type) in [
        ("/v1/plugins".to_owned(), "application/wasm"),
        (within(&format!("/deliveries?mapping=attendance&{covers}")), "text/csv"),
        (within(&format!("/mappings/attendance/preview?{covers}")), "text/csv"),
        (within("/facts/bulk"), "application/json"),
    ] {
        for (token, is_read) in [("commissioner", false), ("former", false), ("system", true)] {
            let read = Arc::new(AtomicBool::new(false));
            let sent = request(Method::POST, &world.tokens[token], &path).header(header::CONTENT_TYPE, content_type);
            let got = world.host.send(sent.body(Body::new(Told(read.clone()))).unwrap()).await;
            assert_eq!(read.load(Ordering::SeqCst), is_read, "{path} of {token}: {}", got.text());
            assert!(is_read || [403, 404].contains(&got.status.as_u16()), "{path} of {token}: {}", got.text());
        }
    }
}

#[tokio::test]
async fn an_address_headers_and_nesting_have_an_end() {
    let host = Host::new().await;
    let long = |n: usize| within(&format!("/families?after={}", "A".repeat(n)));
    assert_eq!(host.get(&host.bristol, &long(8_000)).await.problem(), is(422, "invalid", Some("after")));
    assert_eq!(host.get(&host.bristol, &long(8_200)).await.problem(), is(414, "address-too-long", None));
    let with =
        |n: usize| request(Method::GET, &host.bristol, &within("/families")).header("Cookie", "a".repeat(n)).body(Body::empty()).unwrap();
    assert_eq!(host.send(with(30_000)).await.status, 200);
    assert_eq!(host.send(with(33_000)).await.problem(), is(431, "head-too-large", None));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (depth, problem) in [(100, is(422, "invalid", Some("[0]"))), (200, is(400, "not-json", None)), (500_000, is(400, "not-json", None))]
    {
        let sent = request(Method::POST, &host.bristol, &within("/families")).header(header::CONTENT_TYPE, "application/json");
        assert_eq!(host.send(sent.body(Body::from(nested(depth))).unwrap()).await.problem(), problem, "{depth}");
    }
}

/// A host that takes few requests, and how it answers.
struct Few {
    host: Host,
    router: axum::Router,
}

impl Few {
    async fn new(most: PerMinute, behind_proxy: bool) -> Self {
        let host = Host::new().await;
        let app = App::new(host.house.stores.clone(), host.sandbox.clone()).asked_at_most(most, behind_proxy);
        Self { host, router: router(app) }
    }

    async fn status(&self, request: Request<Body>) -> u16 {
        super::send(&self.router, request).await.status.as_u16()
    }

    async fn get(&self, token: &str, path: &str) -> u16 {
        self.status(request(Method::GET, token, path).body(Body::empty()).unwrap()).await
    }

    /// Without a good token, from an address, with what a proxy or anybody wrote.
    async fn strange(&self, from: &str, forwarded: Option<&str>) -> u16 {
        let mut sent = request(Method::GET, "hearth_guess", "/v1/authorities");
        if let Some(forwarded) = forwarded {
            sent = sent.header("X-Forwarded-For", forwarded);
        }
        self.status(sent.extension(Peer(from.parse::<IpAddr>().unwrap())).body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_caller_who_sends_too_many_is_told_when_to_come_back_and_nobody_else_is() {
    let few = Few::new(PerMinute { caller: 60, authority: 1_000, refused: 60, again: 1_000 }, false).await;
    let path = within("/families");
    for _ in 0..60 {
        assert_eq!(few.get(&few.host.bristol, &path).await, 200);
    }
    // A bucket fills by one a second meanwhile: some may pass, most may not.
    let mut turned_away = 0;
    for _ in 0..60 {
        let sent = request(Method::GET, &few.host.bristol, &path).body(Body::empty()).unwrap();
        let got = super::send(&few.router, sent).await;
        if got.status == 429 {
            turned_away += 1;
            assert_eq!((got.problem(), got.headers[header::RETRY_AFTER].to_str().unwrap()), (is(429, "too-many-requests", None), "1"));
        }
    }
    assert!(turned_away > 30, "{turned_away}");
    assert_eq!(few.get(&few.host.leeds, "/v1/authorities/E08000035/families").await, 200, "another's requests are not held up");
}

#[tokio::test]
async fn decisions_are_repeated_so_often_in_a_minute_and_no_more() {
    let few = Few::new(PerMinute { again: 2, ..PerMinute::default() }, false).await;
    let at = |what: &str| within(&format!("/decisions/{}/{what}", crate::record::DecisionId::fresh()));
    let mut came = Vec::new();
    for what in ["replay", "what-would-change", "replay", "what-would-change"] {
        let sent = super::json_request(Method::POST, &few.host.bristol, &at(what), &serde_json::json!({}));
        came.push(super::send(&few.router, sent).await);
    }
    let status: Vec<u16> = came.iter().map(|got| got.status.as_u16()).collect();
    assert_eq!(status, [404, 404, 429, 429], "what is tried counts");
    assert!(came[3].headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() > 20);
    assert_eq!(few.get(&few.host.bristol, &within("/families")).await, 200, "whatever else they ask");
    let another = Asked::on_the_host("another", For::council(crate::store::tests::code(crate::store::tests::BRISTOL)));
    let another = tokens::issue(&few.host.house.stores, another).await.unwrap().token;
    let sent = super::json_request(Method::POST, &another, &at("replay"), &serde_json::json!({}));
    assert_eq!(super::send(&few.router, sent).await.status, 404, "another has a bucket of their own");
}

#[tokio::test]
async fn an_authority_has_a_bucket_that_only_its_own_people_empty() {
    let few = Few::new(PerMinute { caller: 1_000, authority: 60, refused: 60, again: 1_000 }, false).await;
    for _ in 0..200 {
        assert_eq!(few.get(&few.host.leeds, &within("/families")).await, 404);
    }
    assert_eq!(few.get(&few.host.bristol, &within("/families")).await, 200);
    let mut last = 0;
    for _ in 0..200 {
        last = few.get(&few.host.bristol, &within("/families")).await;
    }
    assert_eq!(last, 429);
    assert_eq!(few.get(&few.host.bristol, "/v1/plugins").await, 200, "what is no authority's is not counted there");
}

#[tokio::test]
async fn whoever_guesses_tokens_is_held_up_and_whoever_has_one_is_not() {
    let few = Few::new(PerMinute { caller: 1_000, authority: 1_000, refused: 20, again: 1_000 }, false).await;
    let mut said = Vec::new();
    for i in 0..60 {
        // What anybody can write about themselves is not believed.
        said.push(few.strange("192.0.2.7", Some(&format!("198.51.100.{i}"))).await);
    }
    assert!(said[..20].iter().all(|s| *s == 401) && said[59] == 429, "{said:?}");
    assert_eq!(few.strange("192.0.2.8", None).await, 401, "another address");
    let good = request(Method::GET, &few.host.bristol, "/v1/plugins").extension(Peer("192.0.2.7".parse().unwrap()));
    assert_eq!(few.status(good.body(Body::empty()).unwrap()).await, 200);

    let behind = Few::new(PerMinute { caller: 1_000, authority: 1_000, refused: 20, again: 1_000 }, true).await;
    let mut last = 0;
    for i in 0..60 {
        last = behind.strange("127.0.0.1", Some(&format!("198.51.100.{i}, 192.0.2.7"))).await;
    }
    assert_eq!(last, 429, "what the server in front wrote is the last");
    assert_eq!(behind.strange("127.0.0.1", Some("192.0.2.7, 192.0.2.8")).await, 401);
}

#[tokio::test]
async fn whoever_asks_for_codes_of_many_addresses_is_held_up_before_any_is_made() {
    let few = Few::new(PerMinute { caller: 1_000, authority: 1_000, refused: 20, again: 1_000 }, false).await;
    let ask = async |from: &str, i: usize| {
        let sent = json_request(Method::POST, "", "/v1/sign-in/codes", &json!({ "address": format!("a{i}@example.org") }));
        let (mut parts, body) = sent.into_parts();
        parts.extensions.insert(Peer(from.parse::<IpAddr>().unwrap()));
        few.status(axum::http::Request::from_parts(parts, body)).await
    };
    let mut said = Vec::new();
    for i in 0..60 {
        said.push(ask("192.0.2.7", i).await);
    }
    // Nothing sends mail here: those who are let through are told so.
    assert!(said[..20].iter().all(|s| *s == 503) && said[59] == 429, "{said:?}");
    assert_eq!(ask("192.0.2.8", 0).await, 503, "another address");
}

#[tokio::test]
async fn what_is_turned_away_was_not_done() {
    let few = Few::new(PerMinute { caller: 60, authority: 1_000, refused: 60, again: 1_000 }, false).await;
    for _ in 0..400 {
        few.get(&few.host.bristol, "/v1/plugins").await;
    }
    let made = json_request(Method::POST, &few.host.bristol, &within("/families"), &super::family("BR-9"));
    let created = few.status(made).await == 201;
    let all = few.host.get(&few.host.bristol, &within("/families")).await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(usize::from(created)), "{}", json!(all));
}

/// A browser asks before it lets another address's page ask; what it is told is who may.
#[tokio::test]
async fn a_front_end_of_its_own_is_let_in_by_its_address_and_no_other() {
    let host = Host::new().await;
    let ours = "https://families.example.org";
    let app = App::new(host.house.stores.clone(), host.sandbox.clone()).answering(std::iter::once(ours.parse().unwrap()).collect());
    let router = router(app);
    let asked = |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/v1/authorities").header("Origin", origin);
        request
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "authorization")
            .body(Body::empty())
            .unwrap()
    };
    for (origin, let_in) in
        [(ours, Some(ours)), ("https://elsewhere.example", None), ("https://families.example.org.elsewhere.example", None)]
    {
        let answer = router.clone().oneshot(asked(origin)).await.unwrap();
        let told = answer.headers().get("access-control-allow-origin").map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), let_in, "{origin}");
        assert!(answer.headers().get("access-control-allow-credentials").is_none(), "a session is never for another's page");
    }
    // Without the setting nobody is let in.
    let answer = host.router.clone().oneshot(asked(ours)).await.unwrap();
    assert!(answer.headers().get("access-control-allow-origin").is_none());
}
