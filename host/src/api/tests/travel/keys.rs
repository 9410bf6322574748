//! Publishers, keys, names, and what a revocation means.

use serde_json::{Value, json};

use super::super::switching::{id, somebody, told};
use super::super::{Host, LEEDS, is, within};
use super::{address, module};
use crate::record::signing::tests::Pair;

#[tokio::test]
async fn a_publisher_has_keys_that_the_operator_enters_and_revokes() {
    let host = Host::new().await;
    let old = host.publisher("hill-charity").await;
    let new = host.key("hill-charity").await;
    let wrong = async |body: Value| host.post(&host.operator, "/v1/publishers/hill-charity/keys", &body).await.problem();
    assert_eq!(wrong(json!({ "key": "RWQ" })).await, is(422, "invalid", Some("key")));
    assert_eq!(wrong(json!({ "key": old.public() })).await, is(409, "exists", Some("key")), "a key is one publisher's");
    let nobodys = host.post(&host.operator, "/v1/publishers/nobody/keys", &json!({ "key": Pair::fresh().public() })).await;
    assert_eq!(nobodys.problem(), is(404, "no-such", Some("publisher")));
    let again = json!({ "id": "hill-charity", "name": "Others" });
    assert_eq!(host.post(&host.operator, "/v1/publishers", &again).await.problem(), is(409, "exists", Some("id")));
    // superseded, then found to be compromised; never the other way
    assert_eq!(host.revoke("hill-charity", &old, "superseded").await.status, 200);
    assert_eq!(host.revoke("hill-charity", &old, "superseded").await.problem(), is(409, "conflict", None));
    assert_eq!(host.revoke("hill-charity", &old, "compromised").await.status, 200);
    assert_eq!(host.revoke("hill-charity", &old, "superseded").await.problem(), is(409, "conflict", None));
    assert_eq!(host.revoke("hill-charity", &Pair::fresh(), "superseded").await.problem(), is(404, "no-such", Some("key")));
    let read = host.get(&host.leeds, "/v1/publishers/hill-charity").await.ok();
    let keys: Vec<_> = read["keys"].as_array().unwrap().iter().map(|k| (k["id"].clone(), k["revoked"]["revoked_as"].clone())).collect();
    assert!(keys.contains(&(json!(old.id()), json!("compromised"))) && keys.contains(&(json!(new.id()), Value::Null)), "{keys:?}");
    assert_eq!(host.get(&host.bristol, "/v1/publishers").await.ok()["items"][0]["id"], "hill-charity");
}

#[tokio::test]
async fn what_is_signed_wrongly_is_refused_by_its_own_name() {
    let host = Host::new().await;
    let (old, hill) = (host.publisher("hill-charity").await, host.key("hill-charity").await);
    let other = host.publisher("other-charity").await;
    let plugin = module("hill-goals", "hill-charity", "1.0.0");
    let tampered = [plugin.as_slice(), &[0, 2, 1, b'x']].concat();
    let signed = host.publish(&plugin, Some(hill.sign_plugin(&plugin))).await;
    assert_eq!(signed.status, 201, "{}", signed.text());
    let digest = signed.json()["digest"].clone();
    host.revoke("hill-charity", &old, "superseded").await.ok();
    let next = module("hill-goals", "hill-charity", "1.1.0");
    let squats = |name: &str| module(name, "other-charity", "2.0.0");
    let of_next = crate::plugins::inspect(&next).unwrap().digest;
    let as_older = hill.sign(&next, &format!("hearth name:hill-goals version:1.0.0 digest:{of_next}"));
    for (what, bytes, signature, problem) in [
        ("tampered", tampered.clone(), Some(hill.sign_plugin(&plugin)), is(422, "plugin-signature-wrong", None)),
        ("another file's", next.clone(), Some(hill.sign_plugin(&plugin)), is(422, "plugin-signature-wrong", None)),
        ("no signature at all", next.clone(), Some("RWQ".into()), is(422, "plugin-signature-wrong", None)),
        ("for an older version", next.clone(), Some(as_older), is(422, "plugin-signature-wrong", None)),
        ("nobody's key", next.clone(), Some(Pair::fresh().sign_plugin(&next)), is(422, "plugin-key-unknown", None)),
        ("a superseded key", next.clone(), Some(old.sign_plugin(&next)), is(422, "plugin-key-revoked", None)),
        ("another publisher's key", next.clone(), Some(other.sign_plugin(&next)), is(422, "plugin-signature-wrong", None)),
        ("unsigned, of a name that is signed", next.clone(), None, is(422, "plugin-signature-missing", None)),
        ("a squatter, unsigned", squats("hill-goals"), None, is(409, "plugin-name-taken", None)),
        ("a squatter, signed", squats("hill-goals"), Some(other.sign_plugin(&squats("hill-goals"))), is(409, "plugin-name-taken", None)),
        (
            "a name that looks alike",
            squats("hi11-g0als"),
            Some(other.sign_plugin(&squats("hi11-g0als"))),
            is(409, "plugin-name-taken", None),
        ),
        ("a name that looks alike, unsigned", squats("hillgoals"), None, is(409, "plugin-name-taken", None)),
    ] {
        assert_eq!(host.publish(&bytes, signature).await.problem(), problem, "{what}");
    }
    // Nothing of it was kept; what is signed well is.
    assert_eq!(host.get(&host.bristol, "/v1/plugins").await.ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(host.publish(&next, Some(hill.sign_plugin(&next))).await.status, 201);
    let said = host.get(&host.bristol, &format!("/v1/plugins/{}/signatures", digest.as_str().unwrap())).await.ok();
    assert_eq!(
        (&said["state"], &said["publisher"], &said["signatures"][0]["key"]),
        (&json!("signed"), &json!("hill-charity"), &json!(hill.id()))
    );
    let not_base64 = axum::http::Request::post("/v1/plugins")
        .header("authorization", format!("Bearer {}", host.bristol))
        .header("content-type", "application/wasm")
        .header("Hearth-Signature", "?")
        .body(axum::body::Body::from(next))
        .unwrap();
    assert_eq!(host.send(not_base64).await.problem(), is(422, "invalid", Some("Hearth-Signature")));
}

#[tokio::test]
async fn a_compromised_key_stops_what_it_signed_and_nothing_that_was_typed_is_lost() {
    let host = Host::new().await;
    let (hill, family) = (host.publisher("hill-charity").await, host.family("BR-1").await);
    let bytes = module("hill-goals", "hill-charity", "1.0.0");
    let plugin = host.publish(&bytes, Some(hill.sign_plugin(&bytes))).await.ok();
    let at = host.activated(&plugin).await;
    let reviewer = somebody(&host, "plugin-reviewer").await.1;
    assert_eq!(host.decide(&family["id"], "progress").await.status, 201);
    // Superseded: it goes on.
    host.revoke("hill-charity", &hill, "superseded").await.ok();
    assert_eq!(host.decide(&family["id"], "progress").await.status, 201);
    let before = host.get(&host.bristol, &within("/feed")).await.ok()["items"].as_array().map_or(0, Vec::len);
    host.revoke("hill-charity", &hill, "compromised").await.ok();
    // Its authority is told, and whoever approves plugins there; and the next question is kept.
    let parked = (id(&at).to_owned(), "hill-goals is parked".to_owned());
    assert_eq!(told(&host, &reviewer, "en").await, std::slice::from_ref(&parked));
    let feed = host.get(&host.bristol, &within("/feed")).await.ok();
    assert_eq!(feed["items"][before]["what"].as_str().or(feed["items"][before]["name"].as_str()), Some("plugin-stopped"), "{feed}");
    let stopped = host.decide(&family["id"], "progress").await;
    assert_eq!(stopped.problem(), is(409, "plugin-parked", None));
    assert!(stopped.json()["why"].as_str().unwrap().contains("compromised"), "{}", stopped.text());
    assert!(stopped.json()["undecided"].is_string(), "{}", stopped.text());
    // No way round.
    let back = json!({ "reason": "we would like it back" });
    assert_eq!(host.post(&host.bristol, &format!("{at}/unpark"), &back).await.problem(), is(409, "plugin-key-compromised", None));
    assert_eq!(host.propose(&plugin, json!({})).await.problem(), is(409, "plugin-key-compromised", None));
    assert_eq!(host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.problem(), is(409, "plugin-key-compromised", None));
    let former = host.post(&host.bristol, &format!("{at}/return"), &back).await;
    assert_eq!(former.problem(), is(409, "plugin-key-compromised", None), "nor is it brought back");
    let next = module("hill-goals", "hill-charity", "1.1.0");
    assert_eq!(host.publish(&next, Some(hill.sign_plugin(&next))).await.problem(), is(409, "plugin-key-compromised", None));
    // Kept on, with a reason, until a day.
    let keep = |until: String, reason: &str| {
        let (body, to) = (json!({ "until": until, "reason": reason }), format!("{at}/keeping-on"));
        let host = &host;
        async move { host.post(&host.bristol, &to, &body).await }
    };
    let day = |ahead: i32| crate::record::Day::new(host.house.stores.clock().now().day().number() + ahead).unwrap().to_string();
    assert_eq!(keep(day(-1), "late").await.problem(), is(422, "invalid", Some("until")));
    assert_eq!(keep(day(91), "long").await.problem(), is(422, "invalid", Some("until")));
    assert_eq!(keep(day(1), "").await.problem(), is(422, "invalid", Some("reason")));
    assert_eq!(keep(day(1), "we compared the file").await.status, 200);
    assert_eq!(host.decide(&family["id"], "progress").await.status, 201);
    host.wait(3 * 24 * 60);
    assert_eq!(host.decide(&family["id"], "progress").await.problem(), is(409, "plugin-parked", None), "the day is over");
    assert_eq!(told(&host, &reviewer, "en").await, [parked.clone(), parked]);
    // Signed again by the publisher's new key, it is believed again.
    let new = host.key("hill-charity").await;
    let signatures = format!("/v1/plugins/{}/signatures", plugin["digest"].as_str().unwrap());
    let by_the_old = json!({ "signature": hill.sign_plugin(&bytes) });
    assert_eq!(host.post(&host.bristol, &signatures, &by_the_old).await.problem(), is(409, "plugin-key-compromised", None));
    assert_eq!(host.post(&host.bristol, &signatures, &json!({ "signature": new.sign_plugin(&bytes) })).await.ok()["state"], "signed");
    assert_eq!(host.post(&host.bristol, &format!("{at}/unpark"), &back).await.status, 200);
    assert_eq!(host.decide(&family["id"], "progress").await.status, 201);
    assert_eq!(keep(day(1), "nothing to keep").await.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn an_authority_may_adopt_only_what_is_signed() {
    let host = Host::new().await;
    let hill = host.publisher("hill-charity").await;
    let bytes = module("hill-goals", "hill-charity", "1.0.0");
    let plugin = host.publish(&bytes, None).await.ok();
    let at = address(&host.propose(&plugin, json!({})).await);
    let rules = within("/plugin-rules");
    assert_eq!(host.get(&host.bristol, &rules).await.ok(), json!({ "unsigned": true, "named": false }));
    let strict = json!({ "unsigned": false, "named": false, "why": "what decides about families is signed" });
    let unseen = host.send(super::super::json_request(axum::http::Method::PUT, &host.bristol, &rules, &strict)).await;
    assert_eq!(unseen.problem(), is(428, "version-needed", Some("If-Match")));
    assert_eq!(host.put(&host.bristol, &rules, &strict).await.ok()["why"], strict["why"]);
    assert_eq!(host.propose(&plugin, json!({})).await.problem(), is(422, "plugin-signature-missing", None));
    assert_eq!(
        host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.problem(),
        is(422, "plugin-signature-missing", None)
    );
    // Leeds has said nothing.
    let proposal = json!({ "plugin": plugin["digest"] });
    assert_eq!(host.post(&host.leeds, &format!("/v1/authorities/{LEEDS}/installations"), &proposal).await.status, 201);
    // Signed afterwards, it may be.
    let signatures = format!("/v1/plugins/{}/signatures", plugin["digest"].as_str().unwrap());
    host.post(&host.bristol, &signatures, &json!({ "signature": hill.sign_plugin(&bytes) })).await.ok();
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
}

#[tokio::test]
async fn where_only_what_is_signed_is_adopted_an_unsigned_version_that_decided_before_may_come_back() {
    let host = Host::new().await;
    let hill = host.publisher("hill-charity").await;
    let family = host.family("BR-1").await["id"].clone();
    let unsigned = host.publish(&module("hill-goals", "hill-charity", "1.0.0"), None).await.ok();
    let former = host.activated(&unsigned).await;
    let newer = module("hill-goals", "hill-charity", "1.1.0");
    let newer = host.publish(&newer, Some(hill.sign_plugin(&newer))).await.ok();
    let decides = async || host.decide(&family, "progress").await.ok()["installation"].clone();
    let strict = json!({ "unsigned": false, "named": false, "why": "what decides about families is signed" });
    host.put(&host.bristol, &within("/plugin-rules"), &strict).await.ok();
    assert_eq!(decides().await, id(&former), "what decides, goes on");
    host.activated(&newer).await;
    let anew = host.post(&host.bristol, &format!("{former}/activation"), &json!({})).await;
    assert_eq!(anew.problem(), is(422, "plugin-signature-missing", None));
    host.post(&host.bristol, &format!("{former}/return"), &json!({ "reason": "the newer one counts half days" })).await.ok();
    assert_eq!(decides().await, id(&former));
}

#[tokio::test]
async fn what_a_compromised_key_alone_signed_is_not_activated_when_its_instant_comes() {
    let host = Host::new().await;
    let (hill, family) = (host.publisher("hill-charity").await, host.family("BR-1").await);
    let decides = host.adopt("bristol-outcomes", json!({})).await;
    let bytes = module("hill-goals", "hill-charity", "1.0.0");
    let plugin = host.publish(&bytes, Some(hill.sign_plugin(&bytes))).await.ok();
    let at = address(&host.propose(&plugin, json!({})).await);
    let soon = crate::record::KnownAt::from_millis(host.house.stores.clock().now().millis() + 3_600_000);
    host.post(&host.bristol, &format!("{at}/activation"), &json!({ "at": soon })).await.ok();
    let reviewer = somebody(&host, "plugin-reviewer").await.1;
    host.revoke("hill-charity", &hill, "compromised").await.ok();
    host.wait(61);
    let decided = host.decide(&family["id"], "progress").await.ok();
    assert!(decides.ends_with(decided["installation"].as_str().unwrap()), "what decided decides on: {decided}");
    assert_eq!(host.get(&host.bristol, &at).await.ok()["status"], "proposed");
    let planned = host.get(&host.bristol, &format!("{at}/activations")).await.ok()["planned"].clone();
    assert_eq!(planned["state"], "failed", "{planned}");
    assert!(planned["why"].as_str().unwrap().contains("compromised"), "{planned}");
    let told = told(&host, &reviewer, "en").await;
    assert_eq!(told, [(id(&at).to_owned(), "hill-goals was planned to decide from now on".to_owned())]);
}
