//! The same request sent again.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, LEEDS, attendance, family, is, json_request, within};

async fn keyed(host: &Host, token: &str, path: &str, key: &str, body: &Value) -> Got {
    let mut request = json_request(Method::POST, token, path, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    host.send(request).await
}

#[tokio::test]
async fn a_request_sent_again_is_answered_again_and_done_once() {
    let host = Host::new().await;
    let path = within("/families");
    let first = keyed(&host, &host.bristol, &path, "monday-1", &family("BR-1")).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert!(first.headers.get("idempotency-replayed").is_none());
    let again = keyed(&host, &host.bristol, &path, "monday-1", &family("BR-1")).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers[header::LOCATION], first.headers[header::LOCATION]);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.headers[header::LOCATION].to_str().unwrap(), format!("{path}/{id}"));
    assert_eq!(host.get(&host.bristol, &path).await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_address_and_body() {
    let host = Host::new().await;
    let ben = host.family("BR-1").await["people"]["ben"].as_str().unwrap().to_owned();
    let (facts, bulk) = (within("/facts"), within("/facts/bulk"));
    let added = keyed(&host, &host.bristol, &facts, "k", &attendance(&ben, 100)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let reused = is(422, "idempotency-key-reused", Some("Idempotency-Key"));
    assert_eq!(keyed(&host, &host.bristol, &facts, "k", &attendance(&ben, 90)).await.problem(), reused);
    assert_eq!(keyed(&host, &host.bristol, &bulk, "k", &json!({ "facts": [attendance(&ben, 90)] })).await.problem(), reused);
    // Another key is another piece of work.
    assert_eq!(keyed(&host, &host.bristol, &facts, "l", &attendance(&ben, 100)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_belongs_to_its_principal() {
    let host = Host::new().await;
    let sent = |id: &str| json!({ "id": id, "name": "A school", "kind": "school" });
    // Both are called "data manager", each of its own council.
    let bristol = keyed(&host, &host.bristol, "/v1/organisations", "k", &sent("one-school")).await;
    let leeds = keyed(&host, &host.leeds, "/v1/organisations", "k", &sent("two-school")).await;
    assert_eq!((bristol.status, leeds.status), (StatusCode::CREATED, StatusCode::CREATED));
    let leeds_families = format!("/v1/authorities/{LEEDS}/families");
    let mut new = family("LE-1");
    new["facts"] = json!([]);
    assert_eq!(keyed(&host, &host.leeds, &leeds_families, "k2", &new).await.status, StatusCode::CREATED);
    assert_eq!(keyed(&host, &host.bristol, &within("/families"), "k2", &new).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again() {
    let host = Host::new().await;
    let mut wrong = family("BR-1");
    wrong["facts"][0]["source"] = json!("nowhere-school");
    assert_eq!(keyed(&host, &host.bristol, &within("/families"), "k", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(keyed(&host, &host.bristol, &within("/families"), "k", &family("BR-1")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_has_a_form() {
    let host = Host::new().await;
    for key in ["".to_owned(), "a b".to_owned(), "x".repeat(201)] {
        let got = keyed(&host, &host.bristol, &within("/families"), &key, &family("BR-1")).await;
        assert_eq!(got.problem(), is(422, "invalid", Some("Idempotency-Key")), "{key}");
    }
}

#[tokio::test]
async fn an_authority_is_created_once_for_one_key() {
    let host = Host::new().await;
    let new = json!({ "code": "E06000001", "name": "Hartlepool" });
    let first = keyed(&host, &host.operator, "/v1/authorities", "k", &new).await;
    let again = keyed(&host, &host.operator, "/v1/authorities", "k", &new).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.bytes, again.bytes);
}
