//! What a browser carries, until when, and what may be done with it.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use super::super::{Host, is, within};
use super::{Browser, accepted};
use crate::record::Digest;

const ADDRESS: &str = "priya.nair@example.org";

#[tokio::test]
async fn a_session_is_a_cookie_that_no_script_reads_and_no_other_host_gets() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    let (attempt, code) = browser.code(ADDRESS).await;
    let signed_in = browser.answer(&attempt, &code).await;
    let set = signed_in.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-hearth=") && set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
    let body = signed_in.json();
    assert_eq!((&body["name"], &body["how"], &body["organisation"]), (&json!("Priya Nair"), &json!("code"), &json!("e06000023")));
    assert!(body.get("authority").is_none(), "it is hers, at all councils");
    let who = browser.get("/v1/session").await.ok();
    assert_eq!((&who["authorities"], &who["session"]["login"]), (&json!(["E06000023"]), &body["login"]));
    assert_eq!(browser.get(&within("/me")).await.ok()["roles"], json!(["manager"]));
    let created = browser.post(&within("/families"), &super::super::family("BR-9")).await;
    assert_eq!(created.status, 201, "{}", created.text());
}

#[tokio::test]
async fn it_ends_when_nothing_is_done_with_it_and_when_a_day_is_over() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    for _ in 0..3 {
        host.wait(29);
        assert!(browser.is_in().await, "what is used goes on");
    }
    host.wait(30);
    assert!(!browser.is_in().await, "half an hour without a request");
    let (attempt, code) = browser.code(ADDRESS).await;
    browser.answer(&attempt, &code).await.ok();
    for _ in 0..23 {
        host.wait(26);
        assert!(browser.is_in().await);
    }
    host.wait(2);
    assert!(!browser.is_in().await, "ten hours, whatever was done");
}

#[tokio::test]
async fn signing_in_anew_ends_what_the_browser_had() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    // Somebody else knows the cookie that is there before: they planted it, or read it.
    let mut other = browser.copied();
    assert!(other.is_in().await);
    let (attempt, code) = browser.code(ADDRESS).await;
    browser.answer(&attempt, &code).await.ok();
    assert_ne!(browser.cookie, other.cookie);
    assert!(browser.is_in().await && !other.is_in().await);
    // A cookie of somebody's own making becomes no session.
    let mut fixed = Browser { cookie: Some("__Host-hearth=chosen".into()), ..Browser::new(&host) };
    fixed.letter().await;
    fixed.letter().await;
    let (attempt, code) = fixed.code(ADDRESS).await;
    fixed.answer(&attempt, &code).await.ok();
    assert_ne!(fixed.cookie.as_deref(), Some("__Host-hearth=chosen"));
}

#[tokio::test]
async fn signing_out_ends_this_one_or_all() {
    let host = Host::new().await;
    let mut first = accepted(&host, ADDRESS, "manager").await;
    let mut second = first.copied();
    second.letter().await;
    second.cookie = None;
    let (attempt, code) = second.code(ADDRESS).await;
    second.answer(&attempt, &code).await.ok();
    let mut copy = first.copied();
    let out = first.post("/v1/session/end", &json!({})).await;
    assert_eq!((out.ok()["sessions"].as_u64(), &first.cookie), (Some(1), &None), "and the browser forgets it");
    assert!(!copy.is_in().await && second.is_in().await);
    first.letter().await;
    let (attempt, code) = first.code(ADDRESS).await;
    first.answer(&attempt, &code).await.ok();
    assert_eq!(first.post("/v1/sessions/end", &json!({})).await.ok()["sessions"], 2);
    assert!(!first.is_in().await && !second.is_in().await);
    assert_eq!(second.post("/v1/session/end", &json!({})).await.problem(), is(401, "not-signed-in", None));
}

#[tokio::test]
async fn another_sites_page_changes_nothing_with_it() {
    let host = Host::new().await;
    let browser = accepted(&host, ADDRESS, "manager").await;
    let cookie = browser.cookie.clone().unwrap();
    let send = async |said: &[(&str, &str)], method: Method, path: &str, token: Option<&str>| {
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, &cookie);
        let request = said.iter().fold(request, |r, (name, value)| r.header(*name, *value));
        let request = token.iter().fold(request, |r, token| r.header(header::AUTHORIZATION, format!("Bearer {token}")));
        let body = super::super::family("BR-1").to_string();
        host.send(request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap()).await
    };
    let families = within("/families");
    for said in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://hearth.example.org")],
        &[("origin", "https://evil.example.org")],
        &[("origin", "null")],
        &[("origin", "https://hearth.example.org.evil.example")],
    ] {
        assert_eq!(send(said, Method::POST, &families, None).await.problem(), is(403, "cross-site", None), "{said:?}");
    }
    assert_eq!(send(&[("sec-fetch-site", "cross-site")], Method::POST, "/v1/session/end", None).await.problem().1, "cross-site");
    assert_eq!(send(&[("sec-fetch-site", "cross-site")], Method::GET, &families, None).await.status, 200, "a link from elsewhere");
    assert_eq!(send(&[("sec-fetch-site", "cross-site")], Method::POST, "/v1/sign-in/codes", None).await.problem().1, "cross-site");
    // A token was put there by somebody, and is what counts.
    let by_token = send(&[("sec-fetch-site", "cross-site")], Method::POST, &families, Some(&host.bristol)).await;
    assert_eq!(by_token.status, 201, "{}", by_token.text());
    assert_eq!(send(&[], Method::POST, &families, Some("hearth_unknown")).await.problem().1, "not-signed-in");
    assert_eq!(send(&[("origin", "https://hearth.example.org")], Method::POST, &families, None).await.problem().1, "exists");
}

#[tokio::test]
async fn a_role_that_ends_ends_what_a_session_opens() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    let login = browser.get("/v1/session").await.ok()["session"]["login"].as_str().unwrap().to_owned();
    let people = host.get(&host.bristol, &within("/people")).await.ok();
    let person = people["items"].as_array().unwrap().iter().find(|p| p["login"] == login.as_str()).unwrap().clone();
    let role = person["roles"][0]["id"].as_str().unwrap();
    host.post(&host.bristol, &within(&format!("/roles/{role}/end")), &json!({})).await.ok();
    assert_eq!(browser.get(&within("/families")).await.problem(), is(404, "no-such", Some("authority")));
    let (attempt, code) = browser.code(ADDRESS).await;
    assert_eq!(browser.answer(&attempt, &code).await.problem(), is(403, "no-role", None), "she is told, and nothing else");
    let mut tx = host.house.stores.common().write("tests", "tried").await.unwrap();
    tx.close_login(login.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!browser.is_in().await, "a closed login's sessions are over");
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    let host = Host::new().await;
    let stores = &host.house.stores;
    let browser = accepted(&host, ADDRESS, "manager").await;
    let secret = browser.cookie.as_deref().and_then(|c| c.strip_prefix("__Host-hearth=")).unwrap();
    let kept = async || stores.common().session(&Digest::of(secret.as_bytes())).await.unwrap().is_some();
    let seen = async || host.get(&host.bristol, &within("/sign-ins")).await.ok()["items"].as_array().unwrap().len();
    stores.forget_old(90, 400).await.unwrap();
    assert_eq!((kept().await, seen().await), (true, 1));
    host.wait(11 * 60);
    stores.forget_old(90, 400).await.unwrap();
    assert_eq!((kept().await, seen().await), (false, 1));
    host.wait(400 * 24 * 60);
    stores.forget_old(90, 400).await.unwrap();
    assert_eq!(seen().await, 0);
}
