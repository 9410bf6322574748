//! A charity's module, adopted by two councils with settings of their own; its updates, and the catalogue.

use serde_json::{Value, json};

use super::super::{Host, LEEDS, is, within};
use super::{address, repacked};

/// The national framework, with its sections of that year, as a version.
fn framework(year: &str, version: &str) -> Vec<u8> {
    repacked(&format!("national-frameworks-{year}"), |m| m["version"] = json!(version))
}

#[tokio::test]
async fn an_update_is_offered_with_what_it_changes_and_taken_by_whoever_read_it() {
    let host = Host::new().await;
    let publisher = host.publisher("national-frameworks").await;
    let publish = async |bytes: Vec<u8>| {
        let got = host.publish(&bytes, Some(publisher.sign_plugin(&bytes))).await;
        assert_eq!(got.status, 201, "{}", got.text());
        got.json()
    };
    let first = publish(framework("v1", "1.0.0")).await;
    let settings = json!({ "attendance-percent": 92, "criteria-needed": 1 });
    let at = address(&host.propose(&first, json!({ "settings": settings })).await);
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
    let id = host.get(&host.bristol, &at).await.ok()["id"].clone();
    let leeds = format!("/v1/authorities/{LEEDS}/installations");
    let theirs = json!({ "plugin": first["digest"], "grants": [], "settings": { "attendance-percent": 85 } });
    let theirs = host.post(&host.leeds, &leeds, &theirs).await.ok();
    assert_eq!(
        (&theirs["settings"]["attendance-percent"], &theirs["plugin"]),
        (&json!(85), &first["digest"]),
        "the same file, set otherwise"
    );
    let offered = async || host.get(&host.bristol, &format!("{at}/updates")).await.ok()["offered"].clone();
    assert_eq!(offered().await, json!([]));
    // One that asks for no more, and one that does.
    let mended = publish(framework("v1", "1.0.1")).await;
    let wider = publish(framework("v2", "2.0.0")).await;
    let both = offered().await;
    assert_eq!((&both[0]["version"], &both[1]["version"], both.as_array().unwrap().len()), (&json!("2.0.0"), &json!("1.0.1"), 2));
    assert_eq!((&both[0]["difference"]["widens"], &both[1]["difference"]["widens"]), (&json!(true), &json!(false)));
    let sentences = both[0]["difference"]["sentences"].to_string();
    assert!(sentences.contains("It asks for hearth:family/health"), "{sentences}");
    // Not acknowledged, or another difference acknowledged.
    let take = async |plugin: &Value, acknowledged: &Value| {
        let body = json!({ "plugin": plugin["digest"], "updates": id, "acknowledged": acknowledged });
        host.post(&host.bristol, &within("/installations"), &body).await
    };
    let refused = take(&wider, &Value::Null).await;
    assert_eq!(refused.problem(), is(409, "update-widens", Some("acknowledged")));
    assert_eq!(refused.json()["difference"], both[0]["acknowledge"]);
    assert_eq!(take(&wider, &both[1]["acknowledge"]).await.problem(), is(409, "update-widens", Some("acknowledged")));
    // What asks for no more needs none, and carries everything over.
    let taken = take(&mended, &Value::Null).await.ok();
    assert_eq!(taken["settings"], host.get(&host.bristol, &at).await.ok()["settings"]);
    assert_eq!(taken["grants"], host.get(&host.bristol, &at).await.ok()["grants"]);
    assert_eq!(taken["status"], "proposed");
    // What widens brings no grant that nobody gave, and no setting that does not fit.
    let taken = take(&wider, &both[0]["acknowledge"]).await.ok();
    assert!(!taken["grants"].to_string().contains("hearth:family/health"), "{taken}");
    assert!(taken["settings"].get("criteria-needed").is_none(), "{taken}");
    let new = within(&format!("/installations/{}", taken["id"].as_str().unwrap()));
    let noted = host.get(&host.bristol, &format!("{new}/updates")).await.ok();
    assert_eq!((&noted["updates"], &noted["acknowledged"]), (&id, &both[0]["acknowledge"]));
    // Whoever has seen 2.0.0 is not offered 1.0.1; Leeds, who has not, is.
    assert_eq!(offered().await.as_array().unwrap().iter().map(|o| o["version"].clone()).collect::<Vec<_>>(), ["2.0.0"]);
    let leeds_updates = host.get(&host.leeds, &format!("{leeds}/{}/updates", theirs["id"].as_str().unwrap())).await.ok();
    assert_eq!(leeds_updates["offered"].as_array().unwrap().len(), 2);
    // Back to an older one is no update.
    let back = json!({ "plugin": first["digest"], "updates": taken["id"] });
    assert_eq!(host.post(&host.bristol, &within("/installations"), &back).await.problem(), is(422, "invalid", Some("updates")));
    let difference = format!("/v1/plugins/{}/difference?from={}", wider["digest"].as_str().unwrap(), first["digest"].as_str().unwrap());
    assert_eq!(host.get(&host.leeds, &difference).await.ok(), both[0]["difference"]);
    // A compromised version is offered to nobody.
    host.revoke("national-frameworks", &publisher, "compromised").await.ok();
    assert_eq!(offered().await, json!([]));
}

#[tokio::test]
async fn the_catalogue_says_what_a_module_is_and_names_only_who_agreed() {
    let host = Host::new().await;
    let publisher = host.publisher("national-frameworks").await;
    let catalogue = within("/catalogue");
    assert_eq!(host.get(&host.bristol, &catalogue).await.ok()["items"], json!([]));
    let whole = super::built("national-frameworks-v1");
    let first = host.publish(&whole, Some(publisher.sign_plugin(&whole))).await.ok();
    host.activated(&first).await;
    let second = framework("v2", "2.0.0");
    host.publish(&second, Some(publisher.sign_plugin(&second))).await.ok();
    let listed = host.get(&host.leeds, &format!("/v1/authorities/{LEEDS}/catalogue")).await.ok()["items"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["version"], &listed[0]["state"]), (&json!("2.0.0"), &json!("signed")));
    assert_eq!(listed[0]["used_by"], json!({ "authorities": 1, "named": [] }));
    let rules = json!({ "unsigned": true, "named": true, "why": "others may ask us" });
    host.put(&host.bristol, &within("/plugin-rules"), &rules).await.ok();
    let one = format!("{catalogue}/national-framework");
    let read = host.get(&host.bristol, &one).await.ok();
    assert_eq!(read["used_by"], json!({ "authorities": 1, "named": ["E06000023"] }));
    let health = read["asks"].as_array().unwrap().iter().find(|a| a["interface"] == "hearth:family/health").unwrap();
    assert!(health["marks"][0].as_str().unwrap().contains("article 9"), "{health}");
    assert!(read["says"].as_array().is_some_and(|s| s.len() > 10) && read["provenance"]["state"] == "signed", "{read}");
    assert_eq!((read["installations"].as_array().unwrap().len(), &read["scenarios"]["passed"]), (1, &json!(0)));
    let page = host.get(&host.bristol, read["description"].as_str().unwrap()).await;
    assert_eq!(page.status, 200);
    let versions = host.get(&host.bristol, &format!("{one}/versions")).await.ok();
    assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&json!("2.0.0"), &json!("1.0.0")));
    assert!(versions[0]["difference"]["widens"] == true && versions[1].get("difference").is_none(), "{versions}");
    assert_eq!(host.get(&host.bristol, &format!("{catalogue}/nothing-there")).await.problem(), is(404, "no-such", Some("module")));
}
