//! Consent that a plugin asked for.

use serde_json::{Value, json};

use super::{Host, is, within};

#[tokio::test]
async fn a_request_for_consent_ends_in_what_is_shared_or_in_a_no() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("consent").await;
    let id = family["id"].as_str().unwrap();
    let event = json!({ "kind": "review-due", "on": "2026-08-31" });
    let requests = async || host.get(&host.bristol, &within(&format!("/families/{id}/consent-requests"))).await.ok()["items"].clone();
    let ask = async || {
        let made = host.ask(&family, "on-event", event.clone()).await.ok();
        let proposal = made["actions"][0]["came_to"]["proposal"].as_str().unwrap().to_owned();
        host.post(&host.bristol, &within(&format!("/proposals/{proposal}/confirm")), &json!({})).await.ok();
        (proposal, requests().await[0].clone())
    };
    let state = async |proposal: &str| host.get(&host.bristol, &within(&format!("/proposals/{proposal}"))).await.ok()["state"].clone();
    let (proposal, asked) = ask().await;
    assert_eq!((&asked["state"], &asked["to"], &asked["sections"]), (&json!("open"), &json!("school"), &json!(["education", "health"])));
    assert_eq!(state(&proposal).await, "confirmed");
    let answer = async |request: &Value, body: Value| {
        host.post(&host.bristol, &within(&format!("/consent-requests/{}/answer", request["id"].as_str().unwrap())), &body).await
    };
    assert_eq!(answer(&asked, json!({})).await.problem(), is(422, "invalid", Some("share")));
    let no = answer(&asked, json!({ "refused": "not the school" })).await.ok();
    assert_eq!((&no["state"], &no["words"], &no["share"]), (&json!("refused"), &json!("not the school"), &Value::Null));
    assert_eq!(answer(&asked, json!({ "refused": "no" })).await.problem(), is(409, "conflict", None));
    assert_eq!(state(&proposal).await, "carried-out");

    let (_, asked) = ask().await;
    let agreement = |sections: Value| json!({ "organisation": "hill-school", "sections": sections, "purposes": ["casework"], "basis": "consent", "first": "2020-01-01" });
    let wide = host.post(&host.bristol, &within("/agreements"), &agreement(json!(["education", "finance"]))).await.ok();
    let share = |sections: Value| json!({ "share": { "agreement": wide["id"], "sections": sections, "why": "a plan", "how": "a signed form", "given_by": "Ann" } });
    let more = answer(&asked, share(json!(["education", "finance"]))).await;
    assert_eq!(more.problem(), is(422, "invalid", Some("share.sections")), "more than was asked for");
    let yes = answer(&asked, share(json!(["education"]))).await.ok();
    assert_eq!(yes["state"], "agreed");
    let shares = host.get(&host.bristol, &within(&format!("/families/{id}/shares"))).await.ok();
    assert_eq!((&shares["items"][0]["id"], &shares["items"][0]["sections"]), (&yes["share"], &json!(["education"])));
}
