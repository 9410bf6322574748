//! Settled, triaged, confirmed: what follows is done with it, or nothing is.

use serde_json::{Value, json};

use super::super::{Host, is, within};
use super::{described, id};

#[tokio::test]
async fn a_confirmed_answer_opens_an_episode_and_a_return_another_on_the_same_record() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("open").await;
    let referral = host.referred(&family).await;
    let decision = host.door(&referral, "triage", json!({})).await.ok();
    let reported: Vec<_> = decision["reported"].as_array().unwrap().iter().map(|r| r["report"].as_str().unwrap()).collect();
    assert_eq!((&decision["result"], reported), (&json!("accept"), vec!["level", "route", "priority"]));
    let read = host.referral(&referral).await;
    assert_eq!((&read["state"], &read["decision"]), (&json!("triaged"), &decision["id"]));
    assert_eq!(read["people"], json!([family["people"]["ben"]]));
    assert!(host.of_kind(&family, "episode").await.is_empty(), "a person confirms it first");
    let another = json!({ "decision": crate::record::DecisionId::fresh() });
    assert_eq!(host.door(&referral, "confirmation", another).await.problem(), is(409, "conflict", None));
    let early = host.door(&referral, "confirmation", json!({ "decision": decision["id"], "on": "2020-01-01" })).await;
    assert_eq!(early.problem(), is(422, "invalid", Some("on")));
    let done = host.door(&referral, "confirmation", json!({ "decision": decision["id"] })).await.ok();
    let outcome = &done["outcome"];
    assert_eq!(
        (&outcome["answer"], &outcome["level"], &outcome["goes_to"], &outcome["priority"]),
        (&json!("accept"), &json!("early-help"), &json!("team"), &json!("today"))
    );
    let episodes = host.of_kind(&family, "episode").await;
    let today = host.house.stores.clock().now().day();
    assert_eq!((episodes.len(), &episodes[0]["first"]), (1, &json!(today)));
    // What the pathway proposed was carried out by it.
    assert_eq!(host.list("/proposals?state=carried-out").await.len(), 1);
    assert_eq!(host.door(&referral, "confirmation", json!({ "decision": decision["id"] })).await.problem(), is(409, "conflict", None));
    assert_eq!(host.door(&referral, "triage", json!({})).await.problem(), is(409, "conflict", None));

    // While it is open, another referral joins it; when it is over, the family comes back to a new one.
    let second = host.referred(&family).await;
    let decision = host.door(&second, "triage", json!({})).await.ok();
    host.door(&second, "confirmation", json!({ "decision": decision["id"] })).await.ok();
    assert_eq!(host.of_kind(&family, "episode").await.len(), 1);
    let close = json!({ "to": { "step": "close-episode", "why": "outcome-achieved" }, "reason": "all is well" });
    let taken = host.post(&host.bristol, &within(&format!("/families/{}/steps", id(&family))), &close).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    host.wait(3 * 24 * 60);
    let third = host.referred(&family).await;
    let decision = host.door(&third, "triage", json!({})).await.ok();
    host.door(&third, "confirmation", json!({ "decision": decision["id"] })).await.ok();
    let episodes = host.of_kind(&family, "episode").await;
    assert_eq!(episodes.len(), 2, "{episodes:?}");
    let involved = host.get(&host.bristol, &within(&format!("/referrals/{third}/involvement"))).await.ok();
    let seen = &involved["families"][0];
    assert_eq!((seen["episodes"].as_array().unwrap().len(), seen["referrals"].as_array().unwrap().len()), (2, 2));
}

#[tokio::test]
async fn a_new_family_is_taken_in_with_its_referral_or_neither_is() {
    let host = Host::new().await;
    host.family("BR-1").await;
    let referral = id(&host.post(&host.bristol, &within("/referrals"), &described()).await.ok());
    assert_eq!(host.door(&referral, "triage", json!({})).await.problem(), is(409, "conflict", None), "nobody said whom it is about");
    let taken = host.settle(&referral, json!({ "new_reference": "BR-1" })).await;
    assert_eq!(taken.problem(), is(409, "exists", Some("new_reference")));
    assert_eq!(host.referral(&referral).await["state"], "received");
    for (wrong, field) in [
        (json!({}), "family"),
        (json!({ "new_reference": "BR-2", "people": [crate::record::PersonId::fresh()] }), "people"),
        (json!({ "new_reference": "" }), "new_reference"),
        (json!({ "family": crate::record::FamilyId::fresh() }), "family"),
    ] {
        assert_eq!(host.settle(&referral, wrong.clone()).await.problem(), is(422, "invalid", Some(field)), "{wrong}");
    }
    let settled = host.settle(&referral, json!({ "new_reference": "BR-2" })).await.ok();
    assert_eq!((&settled["state"], &settled["settled_by"]), (&json!("settled"), &json!("data manager")));
    let family = host.get(&host.bristol, &within(&format!("/families/{}", settled["family"].as_str().unwrap()))).await.ok();
    assert_eq!((&family["reference"], &family["members"][0]["name"]["given"]), (&json!("BR-2"), &json!("Benn")));
    assert_eq!(family["members"][0]["memberships"][0]["first"], settled["came_on"]);
    // Whoever saw it as it was before is told so.
    let path = within(&format!("/referrals/{referral}/family"));
    let mut late = super::super::json_request(axum::http::Method::PUT, &host.bristol, &path, &json!({ "new_reference": "BR-3" }));
    late.headers_mut().insert("if-match", "\"0123\"".parse().unwrap());
    assert_eq!(host.send(late).await.problem().1, "changed-meanwhile");
    assert_eq!(host.list("/families").await.len(), 2);
}

#[tokio::test]
async fn a_pathway_that_fails_loses_nothing_and_a_person_decides_without_it() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let referral = host.referred(&family).await;
    assert_eq!(host.door(&referral, "triage", json!({})).await.problem(), is(409, "nobody-decides", None));
    host.planner("what-nothing-is-called").await;
    let failed = host.door(&referral, "triage", json!({})).await;
    assert_eq!(failed.problem(), is(422, "plugin-trapped", None));
    assert_eq!((&failed.json()["policy"], host.list("/undecided").await.len()), (&json!("to-a-person"), 1));
    assert_eq!(host.referral(&referral).await["state"], "settled");
    assert_eq!(host.list("/tasks").await.len(), 1, "a person is to look");
    let by_hand = json!({ "instead": { "answer": "accept", "level": "early-help", "priority": "today" }, "reason": "the rules failed" });
    let done = host.door(&referral, "override", by_hand).await.ok();
    assert_eq!((&done["state"], &done["outcome"]["by"], &done["decision"]), (&json!("closed"), &json!("data manager"), &Value::Null));
    assert_eq!(host.of_kind(&family, "episode").await.len(), 1);
    assert_eq!((host.list("/undecided").await.len(), host.list("/tasks").await.len()), (0, 0), "it is decided");
    let kept = host.list("/overrides").await;
    assert_eq!((&kept[0]["about"], &kept[0]["decision"], &kept[0]["reason"]), (&json!("triage"), &Value::Null, &json!("the rules failed")));
}

#[tokio::test]
async fn what_failed_and_is_asked_again_comes_to_the_same_referral() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("what-nothing-is-called").await;
    let referral = host.referred(&family).await;
    assert_eq!(host.door(&referral, "triage", json!({})).await.problem(), is(422, "plugin-trapped", None));
    host.planner("open").await;
    let undecided = id(&host.list("/undecided").await[0]);
    let decision = host.post(&host.bristol, &within(&format!("/undecided/{undecided}/retry")), &json!({})).await.ok();
    let read = host.referral(&referral).await;
    assert_eq!((&read["state"], &read["decision"]), (&json!("triaged"), &decision["id"]));
    // Asked in other words, it is another question: not the referral's answer.
    let other = super::super::actions::referral(json!([]));
    host.ask(&family, "triage", other).await.ok();
    assert_eq!(host.referral(&referral).await["decision"], decision["id"]);
}

#[tokio::test]
async fn a_referral_that_more_is_asked_about_waits_for_its_sender() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("").await;
    let referral = host.referred(&family).await;
    let asking = |question: Value| json!({ "instead": { "answer": "ask-more" }, "reason": "too little is known", "question": question });
    assert_eq!(host.door(&referral, "override", asking(Value::Null)).await.problem(), is(422, "invalid", Some("question")));
    host.door(&referral, "override", asking(json!("Since when?"))).await.ok();
    let sent = host.sent(&referral).await;
    assert_eq!((&sent["state"], &sent["question"], &sent["outcome"]), (&json!("more-is-asked"), &json!("Since when?"), &Value::Null));
    assert_eq!(host.door(&referral, "triage", json!({})).await.problem(), is(409, "conflict", None));
    host.wait(60 * 24 * 60);
    assert!(host.list("/referrals?overdue=true").await.is_empty(), "it is the sender's turn");
    let wrong = host.add(&referral, json!({ "words": "", "agreed": true })).await;
    assert_eq!(wrong.problem(), is(422, "invalid", Some("words")));
    let added = json!({ "words": "Since Easter.", "agreed": true, "problems": ["housing"], "urgent": false });
    assert_eq!(host.add(&referral, added).await.ok()["state"], "looked-at");
    let read = host.referral(&referral).await;
    assert_eq!((&read["state"], &read["agreed"], &read["problems"]), (&json!("settled"), &json!(true), &json!(["housing"])));
    assert_eq!((&read["additions"][0]["words"], &read["overdue"]), (&json!("Since Easter."), &json!(false)));
    let decision = host.door(&referral, "triage", json!({})).await.ok();
    assert_eq!(decision["reported"][2]["priority"], "routine", "asked about what is known now");
    host.door(&referral, "confirmation", json!({ "decision": decision["id"] })).await.ok();
    assert_eq!(host.add(&referral, json!({ "words": "Late." })).await.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn an_episode_is_about_what_its_referral_names_and_what_was_found_on_the_way_in() {
    for mode in ["", "open"] {
        let host = Host::new().await;
        let family = host.family("BR-1").await;
        host.planner(mode).await;
        let sent =
            json!({ "route": "professional", "urgent": true, "family": family["id"], "problems": ["school-attendance", "work-and-money"] });
        let referral = id(&host.post(&host.bristol, &within("/referrals"), &sent).await.ok());
        let decision = host.door(&referral, "triage", json!({})).await.ok();
        let confirm = |needs: Value| json!({ "decision": decision["id"], "needs": needs });
        let wrong = host.door(&referral, "confirmation", confirm(json!(["debts"]))).await;
        assert_eq!(wrong.problem(), is(422, "invalid", Some("needs[0]")), "{mode}");
        host.door(&referral, "confirmation", confirm(json!(["domestic-abuse", "work-and-money"]))).await.ok();
        let episodes = host.of_kind(&family, "episode").await;
        assert_eq!(
            (episodes.len(), &episodes[0]["detail"]["needs"]),
            (1, &json!(["school-attendance", "work-and-money", "domestic-abuse"])),
            "{mode}"
        );
    }
}
