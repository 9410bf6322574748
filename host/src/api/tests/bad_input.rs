//! What cannot be read or kept: 4xx, as a problem, with the field's name; and nothing half-written stays.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Host, attendance, family, is, json_request, request, within};
use crate::record::{FactId, HomeId, PersonId};

/// A body as it is, as JSON by name.
fn raw(host: &Host, path: &str, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, &host.bristol, path).header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

#[tokio::test]
async fn a_body_that_is_not_json() {
    let host = Host::new().await;
    for body in ["", "{", "not json", "{\"reference\": }"] {
        assert_eq!(host.send(raw(&host, &within("/families"), body)).await.problem(), is(400, "not-json", None), "{body}");
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_type_or_size() {
    let host = Host::new().await;
    let path = within("/families");
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let mut sent = request(Method::POST, &host.bristol, &path);
        if let Some(content_type) = content_type {
            sent = sent.header(header::CONTENT_TYPE, content_type);
        }
        let got = host.send(sent.body(Body::from(family("BR-1").to_string())).unwrap()).await;
        assert_eq!(got.problem(), is(415, "wrong-media-type", None), "{content_type:?}");
    }
    let spaces = " ".repeat(super::super::body::USUAL_BYTES + 1);
    assert_eq!(host.send(raw(&host, &path, spaces.clone())).await.problem(), is(413, "too-large", None));
    // Many facts may be larger than one family.
    assert_eq!(host.send(raw(&host, &within("/facts/bulk"), spaces)).await.problem(), is(400, "not-json", None));
    let huge = vec![0; super::super::body::LARGE_BYTES + 1];
    let upload = request(Method::POST, &host.bristol, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
    assert_eq!(host.send(upload.body(Body::from(huge)).unwrap()).await.problem(), is(413, "too-large", None));
}

#[tokio::test]
async fn a_family_with_a_fault_names_the_field() {
    let host = Host::new().await;
    let set = |pointer: &str, value: Value| {
        let mut sent = family("BR-1");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = sent.pointer_mut(parent).unwrap();
        match parent.as_array_mut() {
            Some(list) => list[name.parse::<usize>().unwrap()] = value,
            None => parent[name] = value,
        }
        sent
    };
    for (sent, field) in [
        (set("/facts/0/first", json!("2026-02-30")), "facts[0].first"),
        (set("/facts/0/last", json!("2025-08-31")), "facts[0].last"),
        (set("/facts/0/colour", json!("blue")), "facts[0].colour"),
        (set("/facts/0/kind", json!("horoscope")), "facts[0].kind"),
        (set("/facts/0/detail/attended", json!(141)), "facts[0].detail.attended"),
        (set("/facts/0/person", json!("nobody")), "facts[0].person"),
        (set("/facts/0/person", json!(PersonId::fresh())), "facts[0].person"),
        (set("/facts/0/source", json!("nowhere-school")), "facts[0].source"),
        (set("/people/ben/born", json!("2012-02-30")), "people.ben.born"),
        (set("/homes/mill-lane/until", json!("2019-01-01")), "homes.mill-lane.until"),
        (set("/colour", json!("blue")), "colour"),
        (set("/reference", json!(7)), "reference"),
        (json!({ "people": {} }), "reference"),
        (json!({ "reference": "BR-1", "people": {} }), "people"),
    ] {
        let got = host.post(&host.bristol, &within("/families"), &sent).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{}", got.text());
    }
    let none = host.get(&host.bristol, &within("/families")).await.ok();
    assert_eq!(none["items"], json!([]), "something half-written stayed");
    assert_eq!(host.post(&host.bristol, &within("/families"), &json!([])).await.problem(), is(422, "invalid", None));
}

#[tokio::test]
async fn many_facts_are_all_kept_or_none() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ben) = (taken["id"].as_str().unwrap(), taken["people"]["ben"].as_str().unwrap());
    let facts = |fault: Value| json!({ "facts": [attendance(ben, 100), fault, attendance(ben, 90)] });
    let with = |name: &str, value: Value| {
        let mut fact = attendance(ben, 100);
        fact[name] = value;
        fact
    };
    for (fault, status, field) in [
        (with("first", json!("2026-02-30")), 422, "facts[1].first"),
        (with("last", json!("2025-08-31")), 422, "facts[1].last"),
        (with("person", json!(PersonId::fresh())), 422, "facts[1].person"),
        (with("home", json!(HomeId::fresh())), 422, "facts[1].home"),
        (with("source", json!("nowhere-school")), 422, "facts[1].source"),
        (with("supersedes", json!(FactId::fresh())), 422, "facts[1].supersedes"),
        (with("detail", json!({})), 422, "facts[1].detail.possible"),
        (json!({ "person": ben }), 422, "facts[1].kind"),
        (json!("attendance"), 422, "facts[1]"),
    ] {
        let got = host.post(&host.bristol, &within("/facts/bulk"), &facts(fault)).await;
        assert_eq!(got.problem(), is(status, "invalid", Some(field)), "{}", got.text());
    }
    assert_eq!(
        host.post(&host.bristol, &within("/facts/bulk"), &json!({ "facts": [] })).await.problem(),
        is(422, "invalid", Some("facts"))
    );
    let kept = host.get(&host.bristol, &within(&format!("/families/{id}/facts?kind=attendance"))).await.ok();
    assert_eq!(kept["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_with_a_fault_names_the_parameter() {
    let host = Host::new().await;
    let family = host.family("BR-1").await["id"].as_str().unwrap().to_owned();
    for (path, field) in [
        ("/v1/authorities/bristol/families".to_owned(), "authority"),
        (within("/families/seven"), "family"),
        (within("/families/seven/facts"), "family"),
        (within("/facts/1"), "fact"),
        ("/v1/plugins/sha256:xyz".into(), "plugin"),
        ("/v1/organisations/UPPER".into(), "organisation"),
        (within("/families?limit=0"), "limit"),
        (within("/families?limit=201"), "limit"),
        (within("/families?limit=many"), "limit"),
        (within("/families?limit=1&limit=2"), "limit"),
        (within("/families?after=!"), "after"),
        (within("/families?after=AAAA"), "after"),
        (within("/families?colour=blue"), "colour"),
        (within(&format!("/families/{family}/facts?kind=horoscope")), "kind"),
        (within(&format!("/families/{family}/facts?known_at=yesterday")), "known_at"),
        (within("/decisions?family=seven"), "family"),
        (within("/coverage?after=AAAA"), "after"),
        (within("/tasks?after=AAAA"), "after"),
        (within("/tasks?language=fr"), "language"),
    ] {
        let got = host.get(&host.bristol, &path).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{path}");
    }
    assert_eq!(host.get(&host.bristol, &within("/families/%FF")).await.problem(), is(400, "unreadable", None));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let host = Host::new().await;
    for path in ["/", "/v2", "/v1/horoscopes", "/docs/nothing.css", "/v1/authorities/"] {
        assert_eq!(host.get(&host.bristol, path).await.problem(), is(404, "no-such-page", None), "{path}");
    }
    assert_eq!(host.get(&host.bristol, "/problems/nothing").await.problem(), is(404, "no-such", Some("problem")));
    let got = host.send(request(Method::DELETE, &host.bristol, &within("/families")).body(Body::empty()).unwrap()).await;
    assert_eq!(got.problem(), is(405, "wrong-method", None));
    assert_eq!(got.headers[header::ALLOW], "POST,GET,HEAD");
}

#[tokio::test]
async fn a_request_without_a_body_takes_none() {
    let host = Host::new().await;
    let path = within(&format!("/facts/{}/withdrawal", FactId::fresh()));
    let empty = request(Method::POST, &host.bristol, &path).body(Body::empty()).unwrap();
    assert_eq!(host.send(empty).await.problem(), is(404, "no-such", Some("fact")));
    assert_eq!(host.post(&host.bristol, &path, &json!({})).await.problem(), is(404, "no-such", Some("fact")));
    assert_eq!(host.post(&host.bristol, &path, &json!({ "why": "" })).await.problem(), is(422, "invalid", Some("why")));
    assert_eq!(host.send(raw(&host, &path, "{")).await.problem(), is(400, "not-json", None));
}

#[tokio::test]
async fn a_file_that_is_no_plugin() {
    let host = Host::new().await;
    let core = core_module();
    for (file, code) in [(b"MZ".to_vec(), "plugin-not-webassembly"), (core, "plugin-core-module"), (Vec::new(), "plugin-not-webassembly")] {
        let upload = request(Method::POST, &host.bristol, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
        assert_eq!(host.send(upload.body(Body::from(file)).unwrap()).await.problem(), is(422, code, None));
    }
    let as_json = json_request(Method::POST, &host.bristol, "/v1/plugins", &json!({}));
    assert_eq!(host.send(as_json).await.problem(), is(415, "wrong-media-type", None));
    assert_eq!(host.get(&host.bristol, "/v1/plugins").await.ok()["items"], json!([]));
}

/// The shortest one: magic number and version.
fn core_module() -> Vec<u8> {
    b"\0asm\x01\0\0\0".to_vec()
}
