//! One-time codes: once, for ten minutes, for five tries; and nothing told of who is known.

use serde_json::{Value, json};

use super::super::surroundings::LOG;
use super::super::{Host, is, within};
use super::{Browser, accepted};

const ADDRESS: &str = "sam.lowe@example.org";

/// A code that is surely another one.
fn other_than(code: &str) -> String {
    let last = if code.ends_with('7') { '8' } else { '7' };
    format!("{}{last}", &code[..5])
}

#[tokio::test]
async fn a_code_opens_once_where_it_was_asked_for() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    browser.cookie = None;
    let (attempt, code) = browser.code("Sam.Lowe@example.org").await;
    let refused = is(403, "code-refused", Some("code"));
    let mut elsewhere = Browser::new(&host);
    assert_eq!(elsewhere.answer("another attempt", &code).await.problem(), refused, "the code alone opens nothing");
    assert_eq!(browser.answer(&attempt, &other_than(&code)).await.problem(), refused);
    // As mail programs copy it.
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    assert_eq!(browser.answer(&attempt, &spaced).await.status, 201);
    assert_eq!(elsewhere.answer(&attempt, &code).await.problem(), refused, "once");
}

#[tokio::test]
async fn a_code_is_over_after_five_tries_and_after_ten_minutes() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    let refused = is(403, "code-refused", Some("code"));
    let (attempt, code) = browser.code(ADDRESS).await;
    for _ in 0..5 {
        assert_eq!(browser.answer(&attempt, &other_than(&code)).await.problem(), refused);
    }
    assert_eq!(browser.answer(&attempt, &code).await.problem(), refused, "the right one, too late");
    let (attempt, code) = browser.code(ADDRESS).await;
    let (second, second_code) = browser.code(ADDRESS).await;
    host.wait(9);
    assert_eq!(browser.answer(&attempt, &code).await.status, 201);
    assert_eq!(browser.answer(&second, &second_code).await.problem(), refused, "whoever is in needs no other code that lies about");
    let (attempt, code) = browser.code(ADDRESS).await;
    host.wait(10);
    assert_eq!(browser.answer(&attempt, &code).await.problem(), refused);
}

#[tokio::test]
async fn nobody_learns_whose_address_is_known() {
    let host = Host::new().await;
    let mut browser = accepted(&host, ADDRESS, "manager").await;
    let unknown = "nobody.here@example.org";
    let ask = async |browser: &mut Browser<'_>, address: &str| {
        let got = browser.post("/v1/sign-in/codes", &json!({ "address": address })).await;
        let shape: Vec<String> = got.json().as_object().unwrap().keys().cloned().collect();
        (got.status, shape, got.json())
    };
    let (known, none) = (ask(&mut browser, ADDRESS).await, ask(&mut browser, unknown).await);
    assert_eq!((known.0, &known.1), (none.0, &none.1));
    let (to, _) = browser.letter().await;
    assert_eq!(to, ADDRESS);
    let attempt = |asked: &Value| asked["attempt"].as_str().unwrap().to_owned();
    let wrong = browser.answer(&attempt(&known.2), "000000").await;
    let nobody = browser.answer(&attempt(&none.2), "000000").await;
    assert!(wrong.bytes == nobody.bytes || wrong.status == 201, "one guess of a million is right");
    // As many for either, and no more.
    for address in [ADDRESS, unknown] {
        for _ in 0..4 {
            assert_eq!(ask(&mut browser, address).await.0, 202);
        }
        let sixth = browser.post("/v1/sign-in/codes", &json!({ "address": address })).await;
        assert_eq!(sixth.problem(), is(429, "too-many-codes", Some("address")));
        let after: u64 = sixth.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3_500..=3_601).contains(&after), "{after}");
    }
    host.wait(61);
    assert_eq!(ask(&mut browser, unknown).await.0, 202);
    for _ in 0..4 {
        browser.letter().await;
    }
    assert_eq!(browser.new_letter(), None, "nobody had any");
}

#[tokio::test]
async fn who_signed_in_is_kept_and_no_address_is_logged() {
    let host = Host::new().await;
    let address = "logged.nowhere@example.org";
    let mut browser = accepted(&host, address, "manager").await;
    let (attempt, code) = browser.code(address).await;
    browser.answer(&attempt, &other_than(&code)).await;
    browser.answer(&attempt, &code).await.ok();
    browser.post("/v1/session/end", &json!({})).await.ok();
    let seen = host.get(&host.bristol, &within("/sign-ins")).await.ok();
    let of = |s: &Value| (s["how"].as_str().unwrap().to_owned(), s["here"].as_bool().unwrap(), s["outcome"].as_str().unwrap().to_owned());
    let seen: Vec<_> = seen["items"].as_array().unwrap().iter().map(of).collect();
    let expected =
        [("code", false, "signed-out"), ("code", false, "signed-in"), ("code", false, "code-refused"), ("invitation", true, "signed-in")];
    assert_eq!(seen, expected.map(|(how, here, outcome)| (how.to_owned(), here, outcome.to_owned())));
    let leeds = host.get(&host.leeds, "/v1/authorities/E08000035/sign-ins").await.ok();
    assert_eq!(leeds["items"], json!([]), "she does not work there");
    let log = LOG.text();
    assert!(log.contains("outcome=\"code-refused\""), "failures are logged");
    assert!(!log.contains("logged.nowhere"), "addresses are not");
}
