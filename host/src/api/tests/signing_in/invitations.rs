//! Invitations: one login, whoever invites.

use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

use super::super::{Host, LEEDS, is, within};
use super::{Browser, accepted};
use crate::access::tokens::{self, Asked, For};
use crate::store::tests::{BRISTOL, code};

const ADDRESS: &str = "mo.khan@harbour.example.org";

async fn invite(host: &Host, council: &str, body: &Value) -> Value {
    let token = if council == LEEDS { &host.leeds } else { &host.bristol };
    let invited = host.post(token, &format!("/v1/authorities/{council}/invitations"), body).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    invited.json()
}

fn mo(organisation: &str) -> Value {
    json!({ "name": "Mo Khan", "address": ADDRESS, "organisation": organisation, "roles": ["lead-worker"], "last": "2399-03-31" })
}

async fn accept(browser: &mut Browser<'_>, token: &str) -> super::Got {
    browser.post("/v1/sign-in/invitations/acceptance", &json!({ "token": token })).await
}

#[tokio::test]
async fn two_councils_invite_one_address_and_there_is_one_login() {
    let host = Host::new().await;
    let invited = invite(&host, BRISTOL, &mo("hill-school")).await;
    assert_eq!((&invited["state"], &invited["roles"]), (&json!("open"), &json!(["lead-worker"])));
    let mut browser = Browser::new(&host);
    let (to, text) = browser.letter().await;
    assert_eq!(to, ADDRESS);
    assert!(text.contains("Bristol") && !text.contains("Mo Khan"), "{text}");
    let token = text.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let seen = browser.post("/v1/sign-in/invitations/look", &json!({ "token": token })).await.ok();
    assert_eq!((&seen["council"], &seen["name"], &seen["last"]), (&json!("Bristol"), &json!("Mo Khan"), &json!("2399-03-31")));
    let first = accept(&mut browser, token).await.ok();
    assert_eq!(browser.get(&within("/me")).await.ok()["roles"], json!(["lead-worker"]));
    assert_eq!(accept(&mut Browser::new(&host), token).await.problem(), is(403, "invitation-refused", Some("token")), "once");

    invite(
        &host,
        LEEDS,
        &json!({ "name": "M. Khan", "address": "MO.KHAN@harbour.example.org", "organisation": "hill-school", "roles": ["partner"] }),
    )
    .await;
    let token = browser.invitation().await;
    let second = accept(&mut browser, &token).await.ok();
    assert_eq!((&first["login"], &second["name"]), (&second["login"], &json!("Mo Khan")));
    assert_eq!(browser.get("/v1/session").await.ok()["authorities"], json!(["E06000023", LEEDS]));
    let listed = host.get(&host.bristol, &within("/invitations")).await.ok();
    assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["accepted_by"]), (&json!("accepted"), &first["login"]));
}

#[tokio::test]
async fn what_is_over_withdrawn_or_made_up_opens_nothing() {
    let host = Host::new().await;
    let mut browser = Browser::new(&host);
    invite(&host, BRISTOL, &mo("hill-school")).await;
    let over = browser.invitation().await;
    host.wait(7 * 24 * 60);
    let invited = invite(&host, BRISTOL, &mo("hill-school")).await;
    let withdrawn = browser.invitation().await;
    let withdrawal = within(&format!("/invitations/{}/withdrawal", invited["id"].as_str().unwrap()));
    assert_eq!(host.post(&host.bristol, &withdrawal, &json!({})).await.ok()["state"], "withdrawn");
    assert_eq!(host.post(&host.bristol, &withdrawal, &json!({})).await.problem(), is(409, "conflict", None));
    let elsewhere = withdrawal.replace(BRISTOL, LEEDS);
    assert_eq!(host.post(&host.leeds, &elsewhere, &json!({})).await.problem(), is(404, "no-such", Some("invitation")));
    invite(&host, BRISTOL, &mo("hill-school")).await;
    let good = browser.invitation().await;
    let refused = is(403, "invitation-refused", Some("token"));
    let secret = good.split_once('.').unwrap().1;
    for token in [&over, &withdrawn, secret, &format!("{LEEDS}.{secret}"), &format!("E09000001.{secret}"), &format!("{good}x"), ""] {
        assert_eq!(accept(&mut browser, token).await.problem(), refused, "{token}");
        let looked = browser.post("/v1/sign-in/invitations/look", &json!({ "token": token })).await;
        assert_eq!(looked.problem(), refused, "{token}");
    }
    assert_eq!(accept(&mut browser, &good).await.status, 201);
}

#[tokio::test]
async fn an_invitation_is_read_from_whatever_page_its_link_stood_on_and_accepted_on_ours() {
    let host = Host::new().await;
    invite(&host, BRISTOL, &mo("hill-school")).await;
    let token = Browser::new(&host).invitation().await;
    let asked = async |path: &str, from: &str| {
        let asked = axum::http::Request::post(format!("/v1/sign-in/invitations/{path}")).header("sec-fetch-site", from);
        let asked = asked.header(header::CONTENT_TYPE, "application/json");
        host.send(asked.body(Body::from(json!({ "token": token }).to_string())).unwrap()).await
    };
    for from in ["none", "cross-site"] {
        assert_eq!(asked("look", from).await.ok()["name"], "Mo Khan", "{from}");
        assert_eq!(asked("acceptance", from).await.problem(), is(403, "cross-site", None), "{from}");
    }
    assert_eq!(asked("acceptance", "same-origin").await.status, 201);
}

#[tokio::test]
async fn an_invitation_does_not_change_who_employs_somebody() {
    let host = Host::new().await;
    let mut browser = Browser::new(&host);
    invite(&host, BRISTOL, &mo("hill-school")).await;
    let token = browser.invitation().await;
    accept(&mut browser, &token).await.ok();
    invite(&host, LEEDS, &mo("jobcentre")).await;
    let token = browser.invitation().await;
    let refused = accept(&mut browser, &token).await;
    assert_eq!(refused.problem(), is(403, "invitation-refused", None));
    assert!(refused.text().contains("another organisation"), "{}", refused.text());
    assert_eq!(browser.get("/v1/session").await.ok()["authorities"], json!([BRISTOL]));
}

#[tokio::test]
async fn nobody_gets_into_a_login_that_another_council_works_with() {
    let host = Host::new().await;
    // Ann works for Bristol, with a token and no address.
    let ann = host.post(&host.bristol, &within("/people"), &json!({ "name": "Ann Ash", "role": "manager" })).await.ok()["login"].clone();
    let people = format!("/v1/authorities/{LEEDS}/people");
    host.post(&host.leeds, &people, &json!({ "login": ann, "role": "keyworker" })).await.ok();
    let mailbox = json!({ "name": "Ann", "address": "attacker@leeds.example.org", "roles": ["keyworker"], "login": ann, "organisation": "e06000023" });
    let refused = host.post(&host.leeds, &format!("/v1/authorities/{LEEDS}/invitations"), &mailbox).await;
    assert_eq!(refused.problem(), is(422, "invalid", Some("login")));
    // Bea works for Bristol alone: Bristol may say where mail reaches her, once.
    let bea = host.post(&host.bristol, &within("/people"), &json!({ "name": "Bea Birch", "role": "manager" })).await.ok()["login"].clone();
    let named = json!({ "name": "Bea Birch", "address": "bea@example.org", "login": bea });
    invite(&host, BRISTOL, &named).await;
    let mut browser = Browser::new(&host);
    let token = browser.invitation().await;
    assert_eq!(accept(&mut browser, &token).await.ok()["login"], bea);
    let (attempt, code) = browser.code("bea@example.org").await;
    assert_eq!(browser.answer(&attempt, &code).await.ok()["login"], bea);
    let again =
        host.post(&host.bristol, &within("/invitations"), &json!({ "name": "Bea", "address": "other@example.org", "login": bea })).await;
    assert_eq!(again.problem(), is(422, "invalid", Some("login")));
}

#[tokio::test]
async fn a_coordinator_invites_whoever_works_with_families_and_nobody_themselves() {
    let host = Host::new().await;
    let mut coordinator = accepted(&host, "co@example.org", "coordinator").await;
    let invitation = |address: &str, role: &str| json!({ "name": "Somebody", "address": address, "roles": [role] });
    let invitations = within("/invitations");
    for (address, role, expected) in [
        ("x@example.org", "keyworker", None),
        ("x@example.org", "partner", None),
        ("x@example.org", "administrator", Some("roles")),
        ("x@example.org", "manager", Some("roles")),
        ("x@example.org", "system", Some("roles")),
        ("co@example.org", "keyworker", Some("address")),
    ] {
        let got = coordinator.post(&invitations, &invitation(address, role)).await;
        match expected {
            None => assert_eq!(got.status, 201, "{}", got.text()),
            Some(field) => assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{address} {role}"),
        }
    }
    let mut manager = accepted(&host, "manager@example.org", "manager").await;
    assert_eq!(manager.post(&invitations, &invitation("x@example.org", "keyworker")).await.problem(), is(403, "not-allowed", None));
}

#[tokio::test]
async fn a_token_for_one_thing_invites_nobody() {
    let host = Host::new().await;
    let verbs = Some(std::iter::once(crate::access::Verb::SeeFamilies).collect());
    let asked = Asked { verbs, ..Asked::on_the_host("narrow", For::council(code(BRISTOL))) };
    let token = tokens::issue(&host.house.stores, asked).await.unwrap().token;
    let got = host.post(&token, &within("/invitations"), &mo("hill-school")).await;
    assert_eq!(got.problem(), is(403, "not-allowed", None));
}
