//! Who is let in, and where to.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::{Host, LEEDS, attendance, is, within};
use crate::access::tokens::{self, Asked, For};
use crate::record::{FactId, FamilyId};
use crate::store::tests::{BRISTOL, code};

#[tokio::test]
async fn what_opens_nothing_is_answered_alike() {
    let host = Host::new().await;
    let stores = &host.house.stores;
    let usual = |name| Asked::on_the_host(name, For::council(code(BRISTOL)));
    let expired = Asked { expires_at: Some(stores.clock().now()), ..usual("expired") };
    let expired = tokens::issue(stores, expired).await.unwrap().token;
    let revoked = tokens::issue(stores, usual("revoked")).await.unwrap();
    let mut tx = stores.common().write("tests", "tried").await.unwrap();
    tx.revoke_token(&revoked.hash).await.unwrap();
    tx.commit().await.unwrap();

    let mut answers = Vec::new();
    for value in [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer hearth_unknown".to_owned()),
        Some(format!("Basic {}", host.bristol)),
        Some(format!("Bearer {expired}")),
        Some(format!("Bearer {}", revoked.token)),
    ] {
        let mut request = Request::builder().uri(within("/families"));
        if let Some(value) = &value {
            request = request.header(header::AUTHORIZATION, value);
        }
        let got = host.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.problem(), is(401, "not-signed-in", None), "{value:?}");
        assert_eq!(got.headers[header::WWW_AUTHENTICATE], "Bearer");
        answers.push(got.bytes);
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "the answers tell what was wrong");
    assert_eq!(host.get(&host.bristol, &within("/families")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_may_do_what() {
    let host = Host::new().await;
    let (op, br, le) = (&host.operator, &host.bristol, &host.leeds);
    let new = json!({ "code": "E06000001", "name": "Hartlepool" });
    let bristol = format!("/v1/authorities/{BRISTOL}");
    //  who | what | status
    for (who, path, status) in [
        (op, bristol.clone(), 200),
        (br, bristol.clone(), 200),
        (le, bristol.clone(), 404),
        (op, within("/families"), 403),
        (br, within("/families"), 200),
        (le, within("/families"), 404),
        (op, within("/installations"), 403),
        (op, "/v1/organisations".into(), 200),
        (le, "/v1/organisations".into(), 200),
        (le, "/v1/plugins".into(), 200),
    ] {
        assert_eq!(host.get(who, &path).await.status.as_u16(), status, "{path}");
    }
    assert_eq!(host.post(br, "/v1/authorities", &new).await.problem(), is(403, "not-allowed", None));
    let created = host.post(op, "/v1/authorities", &new).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    assert_eq!(created.headers[header::LOCATION], "/v1/authorities/E06000001");
    assert_eq!(host.post(op, "/v1/authorities", &new).await.problem(), is(409, "exists", Some("code")));
    // Each sees itself; the operator all.
    let codes = async |who| host.get(who, "/v1/authorities").await.ok()["items"].as_array().unwrap().len();
    assert_eq!((codes(op).await, codes(br).await, codes(le).await), (3, 1, 1));
}

#[tokio::test]
async fn another_authority_is_as_if_it_did_not_exist() {
    let host = Host::new().await;
    let other = host.get(&host.bristol, &format!("/v1/authorities/{LEEDS}/families")).await;
    let none = host.get(&host.bristol, "/v1/authorities/E09000001/families").await;
    assert_eq!(other.problem(), is(404, "no-such", Some("authority")));
    let as_text = |got: &super::Got| String::from_utf8(got.bytes.clone()).unwrap();
    assert_eq!(as_text(&other).replace(LEEDS, "E09000001"), as_text(&none));
}

#[tokio::test]
async fn another_authoritys_family_is_as_if_it_did_not_exist() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let (id, ben) = (family["id"].as_str().unwrap(), family["people"]["ben"].as_str().unwrap());
    let leeds = |path: &str| format!("/v1/authorities/{LEEDS}{path}");

    let real = host.get(&host.leeds, &leeds(&format!("/families/{id}"))).await;
    assert_eq!(real.problem(), is(404, "no-such", Some("family")));
    let made_up = FamilyId::fresh().to_string();
    let none = host.get(&host.leeds, &leeds(&format!("/families/{made_up}"))).await;
    assert_eq!(String::from_utf8(real.bytes).unwrap().replace(id, &made_up), String::from_utf8(none.bytes).unwrap());

    for path in ["facts", "claims"] {
        assert_eq!(host.get(&host.leeds, &leeds(&format!("/families/{id}/{path}"))).await.problem(), is(404, "no-such", Some("family")));
    }
    let mut fact = attendance(ben, 10);
    fact["source"] = json!(LEEDS.to_lowercase());
    assert_eq!(host.post(&host.leeds, &leeds("/facts"), &fact).await.problem(), is(422, "invalid", Some("person")));
    assert_eq!(host.get(&host.leeds, &leeds(&format!("/facts/{}", FactId::fresh()))).await.problem(), is(404, "no-such", Some("fact")));
}

#[tokio::test]
async fn the_documentation_and_health_are_public() {
    let host = Host::new().await;
    for path in ["/v1/health", "/v1/openapi.json", "/docs/", "/docs/swagger-ui.css", "/problems/invalid"] {
        let got = host.send(Request::builder().method(Method::GET).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
    }
}
