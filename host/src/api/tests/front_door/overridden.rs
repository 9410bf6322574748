//! What people set aside stands beside the decision, with who and why.

use serde_json::{Value, json};

use super::super::access::world::World;
use super::super::{Host, is, within};
use super::{by, id};

#[tokio::test]
async fn an_override_is_kept_beside_the_decision_with_who_and_why() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("").await;
    let referral = host.referred(&family).await;
    let decision = host.door(&referral, "triage", json!({})).await.ok();
    for (instead, field) in [
        (json!({ "answer": "perhaps" }), "instead.answer"),
        (json!({ "answer": "accept", "level": "nine" }), "instead.level"),
        (json!({ "answer": "accept", "goes_to": "nowhere" }), "instead.goes_to"),
        (json!({ "answer": "accept", "priority": "whenever" }), "instead.priority"),
    ] {
        let body = json!({ "instead": instead, "reason": "we know them" });
        assert_eq!(host.door(&referral, "override", body).await.problem(), is(422, "invalid", Some(field)), "{instead}");
    }
    let unsaid = host.door(&referral, "override", json!({ "instead": { "answer": "decline" }, "reason": "" })).await;
    assert_eq!(unsaid.problem(), is(422, "invalid", Some("reason")));
    let open = within(&format!("/decisions/{}/overrides", id(&decision)));
    let beside = host.post(&host.bristol, &open, &json!({ "result": "decline", "reason": "x" })).await;
    assert_eq!(beside.problem(), is(409, "conflict", None), "the referral waits for it");
    assert_eq!(host.list("/overrides").await, Vec::<Value>::new(), "nothing of all that was kept");

    let body = json!({ "instead": { "answer": "signpost", "priority": "routine" }, "reason": "a lead worker is with them" });
    let done = host.door(&referral, "override", body).await.ok();
    assert_eq!((&done["outcome"]["answer"], &done["outcome"]["reason"]), (&json!("signpost"), &json!("a lead worker is with them")));
    assert_eq!(done["decision"], decision["id"], "it stays");
    let read = host.get(&host.bristol, &within(&format!("/decisions/{}", id(&decision)))).await.ok();
    assert_eq!(read["result"], "accept");
    let made = &read["overrides"][0];
    assert_eq!((&made["instead"], &made["by"]), (&json!({ "answer": "signpost", "priority": "routine" }), &json!("data manager")));
    assert_eq!(host.list("/overrides").await, std::slice::from_ref(made));
    assert!(host.of_kind(&family, "episode").await.is_empty());
}

#[tokio::test]
async fn any_decision_is_set_aside_by_another_result_of_its_question() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("").await;
    let decision = host.ask(&family, "on-event", json!({ "kind": "review-due", "on": "2026-08-31" })).await.ok();
    let path = within(&format!("/decisions/{}/overrides", id(&decision)));
    let over = async |result: &str, reason: &str| host.post(&host.bristol, &path, &json!({ "result": result, "reason": reason })).await;
    assert_eq!(over("accept", "x").await.problem(), is(422, "invalid", Some("result")), "of another question");
    assert_eq!(over("acted", "x").await.problem(), is(422, "invalid", Some("result")), "so it is already");
    assert_eq!(over("nothing-to-do", " ").await.problem(), is(422, "invalid", Some("reason")));
    let made = over("nothing-to-do", "it was held last week").await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["instead"], json!({ "result": "nothing-to-do" }));
}

#[tokio::test]
async fn what_was_decided_of_sealed_facts_is_not_told_by_its_override() {
    let mut world = World::new().await;
    world.programme().await;
    let triage = |who: &str| (world.tokens[who].clone(), format!("/referrals/{}", world.id("to-triage")));
    let (coordinator, path) = triage("coordinator");
    let decision = world.host.post(&coordinator, &within(&format!("{path}/triage")), &json!({})).await.ok();
    let body = json!({ "instead": { "answer": "decline" }, "reason": "they have help" });
    world.host.post(&coordinator, &within(&format!("{path}/override")), &body).await.ok();
    assert_eq!(by(&world, "manager", "/overrides").await.ok()["items"].as_array().unwrap().len(), 1);
    // The decision turns out to have been given what is sealed from everybody but the keyworker.
    let store = world.host.house.stores.authority(&"E06000023".parse().unwrap()).await.unwrap();
    let mut tx = store.write("tests", "sealed a decision").await.unwrap();
    tx.seal_decision(decision["id"].as_str().unwrap().parse().unwrap(), &[world.id("seal").parse().unwrap()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(by(&world, "manager", "/overrides").await.ok()["items"], json!([]));
    let read = by(&world, "manager", &path).await.ok();
    assert_eq!(read["decision"], Value::Null, "{read}");
    for other in ["data-manager", "own-case", "consented", "auditor"] {
        assert_eq!(by(&world, other, "/overrides").await.problem(), is(403, "not-allowed", None), "{other}");
    }
}
