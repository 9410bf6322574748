//! What cannot be read is refused with its field.

use axum::http::Method;
use serde_json::json;

use super::super::{Host, is, json_request, send, within};
use super::Browser;
use crate::api::{App, router};
use crate::record::LoginId;
use crate::sandbox::for_tests::sandbox;

#[tokio::test]
async fn the_field_at_fault_is_named() {
    let host = Host::new().await;
    let invitation = |changes: serde_json::Value| {
        let mut new = json!({ "name": "Mo Khan", "address": "mo@example.org", "roles": ["keyworker"] });
        for (field, value) in changes.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    };
    for (changes, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "Mo\nKhan" }), "name"),
        (json!({ "address": "mo" }), "address"),
        (json!({ "address": "mo@example.org\r\nBcc: eve@example.org" }), "address"),
        (json!({ "roles": [] }), "roles"),
        (json!({ "roles": ["wizard"] }), "roles[0]"),
        (json!({ "roles": ["system"] }), "roles"),
        (json!({ "organisation": "nobody" }), "organisation"),
        (json!({ "last": "2020-01-01" }), "last"),
        (json!({ "last": "soon" }), "last"),
        (json!({ "login": LoginId::fresh() }), "login"),
        (json!({ "until": "2030-01-01" }), "until"),
    ] {
        let got = host.post(&host.bristol, &within("/invitations"), &invitation(changes.clone())).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{changes}: {}", got.text());
        assert!(!got.text().contains("Bcc"), "an address is not repeated");
    }
    let mut browser = Browser::new(&host);
    assert_eq!(browser.new_letter(), None, "nobody was written to");
    for (path, body, field) in [
        ("/v1/sign-in/codes", json!({ "address": "me" }), "address"),
        ("/v1/sign-in/codes", json!({}), "address"),
        ("/v1/sign-in/codes/answer", json!({ "code": "123456" }), "attempt"),
        ("/v1/sign-in/codes/answer", json!({ "attempt": "x", "code": 123456 }), "code"),
        ("/v1/sign-in/invitations/acceptance", json!({ "token": null }), "token"),
    ] {
        assert_eq!(browser.post(path, &body).await.problem(), is(422, "invalid", Some(field)), "{path} {body}");
    }
    for code in ["", "12345", "1234567", "abcdef", "000000"] {
        assert_eq!(browser.answer("none", code).await.problem(), is(403, "code-refused", Some("code")));
    }
}

#[tokio::test]
async fn a_host_that_sends_no_mail_says_so_to_everybody_alike() {
    let host = Host::new().await;
    let sandbox = sandbox();
    let router = router(App::new(host.house.stores.clone(), sandbox));
    let invitation = json!({ "name": "Mo Khan", "address": "mo@example.org", "roles": ["keyworker"] });
    for (path, body) in [(within("/invitations"), invitation), ("/v1/sign-in/codes".into(), json!({ "address": "mo@example.org" }))] {
        let got = send(&router, json_request(Method::POST, &host.bristol, &path, &body)).await;
        assert_eq!(got.problem(), is(503, "not-set-up", None), "{path}");
        assert!(got.text().contains("HEARTH_"), "{}", got.text());
    }
    let invited = host.get(&host.bristol, &within("/invitations")).await.ok();
    assert_eq!(invited["items"], json!([]), "nothing is kept of what was not sent");
}

#[tokio::test]
async fn a_provider_is_named_as_it_can_be_used() {
    let host = Host::new().await;
    let path = within("/identity-provider");
    let provider = |changes: serde_json::Value| {
        let mut new = json!({ "issuer": "https://login.example.org/bristol", "client": "hearth" });
        for (field, value) in changes.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    };
    for (changes, field) in [
        (json!({ "issuer": "login.example.org" }), "issuer"),
        (json!({ "issuer": "http://login.example.org" }), "issuer"),
        (json!({ "issuer": "http://127.0.0.1:3000" }), "issuer"),
        (json!({ "issuer": "https://login.example.org/?a=b" }), "issuer"),
        (json!({ "issuer": "https://me:pw@login.example.org" }), "issuer"),
        (json!({ "client": "" }), "client"),
        (json!({ "secret": "swordfish" }), "secret"),
        (json!({ "secret": {} }), "secret"),
        (json!({ "secret": { "file": "a", "environment": "b" } }), "secret"),
        (json!({ "secret": { "file": "../../tokens" } }), "secret.file"),
        (json!({ "secret": { "environment": "HEARTH_DATABASE" } }), "secret.environment"),
        (json!({ "algorithm": "none" }), "algorithm"),
        (json!({ "algorithm": "HS256" }), "algorithm"),
    ] {
        let got = host.put(&host.bristol, &path, &provider(changes.clone())).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{changes}: {}", got.text());
    }
    assert_eq!(host.get(&host.bristol, &path).await.problem(), is(404, "no-provider", None));
    let named = host.put(&host.bristol, &path, &provider(json!({ "secret": { "file": "oidc" } }))).await.ok();
    assert_eq!(named["redirect_uri"], "https://hearth.example.org/v1/authorities/E06000023/sign-in/callback");
    assert_eq!(host.get(&host.bristol, &path).await.ok(), named);
    assert_eq!((&named["algorithm"], &named["secret"]), (&json!("RS256"), &json!({ "file": "oidc" })));
    let leeds = "/v1/authorities/E08000035/identity-provider";
    assert_eq!(host.get(&host.leeds, leeds).await.problem(), is(404, "no-provider", None), "Bristol's is Bristol's");
    host.post(&host.bristol, &format!("{path}/removal"), &json!({})).await.ok();
    assert_eq!(host.get(&host.bristol, &path).await.problem(), is(404, "no-provider", None));
}
