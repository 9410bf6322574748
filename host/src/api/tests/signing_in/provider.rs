//! What does not come from a provider at all. With a real one: `tests/tests/sign_in.rs`.

use axum::http::StatusCode;
use serde_json::json;

use super::super::{Host, is, within};
use super::Browser;

#[tokio::test]
async fn whoever_was_not_sent_there_does_not_come_back() {
    let host = Host::new().await;
    let mut browser = Browser::new(&host);
    let sign_in = within("/sign-in");
    for path in [sign_in.clone(), "/v1/authorities/E09000001/sign-in".to_owned()] {
        assert_eq!(browser.get(&path).await.problem(), is(404, "no-provider", None), "{path}");
    }
    let named = json!({ "issuer": "https://login.example.org", "client": "hearth" });
    host.put(&host.bristol, &within("/identity-provider"), &named).await.ok();
    for query in ["", "?code=x", "?state=made-up&code=x", "?error=access_denied"] {
        let got = browser.get(&format!("{sign_in}/callback{query}")).await;
        assert_eq!(got.problem(), is(403, "provider-refused", Some("state")), "{query}");
    }
    assert_eq!(browser.get(&format!("{sign_in}/callback?state=a&state=b")).await.problem(), is(422, "invalid", Some("state")));
    // Leeds did not say that this host may be reached.
    let closed = browser.get(&sign_in).await;
    assert_eq!((closed.status, closed.problem().1), (StatusCode::BAD_GATEWAY, "provider-failed".to_owned()));
    assert!(closed.text().contains("login.example.org is not one of the authority's destinations"), "{}", closed.text());
    for return_to in ["//evil.example.org", "https://evil.example.org", "evil", "/\\evil.example.org", "/a%0d%0aSet-Cookie:x"] {
        let got = browser.get(&format!("{sign_in}?return_to={return_to}")).await;
        assert_eq!(got.problem(), is(422, "invalid", Some("return_to")), "{return_to}");
    }
    assert_eq!(browser.get(&format!("{sign_in}?next=/")).await.problem(), is(422, "invalid", Some("next")));
    let seen = host.get(&host.bristol, &within("/sign-ins")).await.ok();
    assert_eq!(seen["items"][0]["outcome"], "provider-refused");
}
