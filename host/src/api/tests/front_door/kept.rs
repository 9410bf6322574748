//! Found by an evaluation, answered in time, and what becomes of referrals when families merge and people are erased.

use serde_json::{Value, json};

use super::super::access::world::World;
use super::super::{Host, is, within};
use super::{described, id};
use crate::store::tests::{BRISTOL, code};
use crate::workflow::letters;

#[tokio::test]
async fn whom_an_evaluation_found_comes_to_the_front_door_once_for_each_answer() {
    let host = Host::new().await;
    let family = host.demo_family("br-0001-debt").await;
    host.adopt("bristol-outcomes", json!({})).await;
    let found = async || host.post(&host.bristol, &within("/referrals/found"), &json!({})).await.ok()["items"].clone();
    assert_eq!(found().await, json!([]), "nothing was asked");
    let asked = json!({ "family": family, "question": "eligibility", "as_of": "2026-08-31" });
    let decide = async || host.post(&host.bristol, &within("/decisions"), &asked).await.ok();
    let decision = decide().await;
    assert_eq!(decision["result"], "eligible", "{decision}");
    let open = host.get(&host.bristol, &within(&format!("/families/{}/facts?kind=episode", family.as_str().unwrap()))).await.ok();
    let helped = open["items"].as_array().unwrap().iter().any(|e| e["last"].is_null());
    let step = async |to: Value| {
        let path = within(&format!("/families/{}/steps", family.as_str().unwrap()));
        host.post(&host.bristol, &path, &json!({ "to": to, "reason": "tests" })).await.ok()
    };
    if helped {
        assert_eq!(found().await, json!([]), "somebody helps them");
        step(json!({ "step": "close-episode", "why": "other" })).await;
        host.wait(2 * 24 * 60);
        decide().await;
    }
    let taken = found().await;
    assert_eq!((taken.as_array().unwrap().len(), &taken[0]["family"]), (1, &family));
    let referral = taken[0]["referral"].as_str().unwrap();
    let read = host.referral(referral).await;
    assert_eq!((&read["route"], &read["state"], &read["organisation"]), (&json!("data-match"), &json!("settled"), &Value::Null));
    assert!(read["found_by"].is_string());
    assert_eq!(found().await, json!([]), "it is there");
    host.door(referral, "override", json!({ "instead": { "answer": "decline" }, "reason": "they want no help" })).await.ok();
    assert_eq!(found().await, json!([]), "somebody looked at that answer");
    decide().await;
    assert_eq!(found().await.as_array().unwrap().len(), 1, "another answer says so again");
    // It was nobody's to send: nobody is told.
    assert_eq!(host.list("/sent-referrals").await, Vec::<Value>::new());
}

#[tokio::test]
async fn somebody_is_reminded_before_the_time_is_over_and_the_list_says_what_is_late() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("").await;
    for (body, field) in
        [(json!({ "answer_days": 0, "near_days": 1 }), "answer_days"), (json!({ "answer_days": 5, "near_days": 31 }), "near_days")]
    {
        assert_eq!(host.put(&host.bristol, &within("/front-door"), &body).await.problem(), is(422, "invalid", Some(field)));
    }
    let said = host.put(&host.bristol, &within("/front-door"), &json!({ "answer_days": 5, "near_days": 2 })).await.ok();
    assert_eq!((&said["answer_days"], &said["by"]), (&json!(5), &json!("data manager")));
    let referral = host.referred(&family).await;
    let unsettled = id(&host.post(&host.bristol, &within("/referrals"), &described()).await.ok());
    let today = host.house.stores.clock().now().day();
    assert_eq!(host.sent(&referral).await["answer_by"], json!(today.plus(5)));
    let remind = async || host.workflow().remind_of_referrals(&code(BRISTOL)).await.unwrap();
    assert_eq!(remind().await, 0);
    host.wait(3 * 24 * 60);
    assert_eq!((remind().await, remind().await), (2, 0), "once, and of the other too");
    let task = host.list("/tasks").await[0].clone();
    assert_eq!((&task["key"], &task["role"], &task["family"]), (&json!("hearth:referral"), &json!("duty-worker"), &family["id"]));
    assert_eq!(task["due"], json!(today.plus(5)));
    assert!(host.list("/referrals?overdue=true").await.is_empty());
    host.wait(3 * 24 * 60);
    let late: Vec<String> = host.list("/referrals?overdue=true").await.iter().map(id).collect();
    assert_eq!(late, [referral.clone(), unsettled], "whoever it is about");
    host.door(&referral, "override", json!({ "instead": { "answer": "signpost" }, "reason": "a charity helps" })).await.ok();
    assert_eq!((host.list("/tasks").await.len(), host.list("/referrals?overdue=true").await.len()), (0, 1));
    assert_eq!(host.list("/referrals?state=closed").await.len(), 1);
    for wrong in ["state=lost", "overdue=maybe", "overdue=true&state=closed"] {
        let got = host.get(&host.bristol, &within(&format!("/referrals?{wrong}"))).await;
        assert_eq!(got.problem().1, "invalid", "{wrong}");
    }
}

#[tokio::test]
async fn of_a_referral_that_nobody_settled_those_at_the_front_door_hear_in_time_and_its_sender_what_became_of_it() {
    let world = World::new().await;
    let (host, stores) = (&world.host, &world.host.house.stores);
    // A pathway decides: its tasks are about families, and this referral is about none yet.
    host.planner("").await;
    host.put(&host.bristol, &within("/front-door"), &json!({ "answer_days": 5, "near_days": 2 })).await.ok();
    let mut tx = stores.common().write("tests", "gave addresses").await.unwrap();
    for who in ["coordinator", "manager", "own-case", "consented"] {
        tx.add_address(&format!("{who}@example.org"), world.id(who).parse().unwrap()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let reception = |folder: &str| {
        let mail = crate::egress::mail::Mail::through(&format!("folder:{folder}"), None, None).unwrap();
        let address = Some("https://hearth.example.org".parse().unwrap());
        crate::access::Reception::new(address, mail, crate::egress::Door::new(crate::egress::Openings::default()), None)
    };
    let there = reception(&host.letters.path().display().to_string());
    let letters = || -> Vec<String> {
        std::fs::read_dir(host.letters.path()).unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect()
    };
    let sent = host.post(&world.tokens["consented"], &within("/referrals"), &described()).await.ok();
    let remind = async || host.workflow().remind_of_referrals(&code(BRISTOL)).await.unwrap();
    assert_eq!((remind().await, letters::send_all(stores, &there).await.unwrap()), (0, 0));
    host.wait(3 * 24 * 60);
    assert_eq!((remind().await, remind().await), (1, 0), "once");
    let feed = host.get(&host.bristol, &within("/feed?limit=200")).await.ok();
    assert!(feed["items"].as_array().unwrap().iter().any(|a| a["name"] == "referral-near" && a["thing"] == sent["id"]), "{feed}");
    // A server that takes no letter now takes it later, under the same name.
    assert_eq!(letters::send_all(stores, &reception("/nowhere/at/all")).await.unwrap(), 0);
    assert_eq!(letters::send_all(stores, &there).await.unwrap(), 0, "not before its time");
    host.wait(6);
    assert_eq!(letters::send_all(stores, &there).await.unwrap(), 2);
    let written = letters();
    for (who, is_told) in [("coordinator", true), ("manager", true), ("own-case", false), ("consented", false)] {
        let theirs = written.iter().filter(|l| l.contains(&format!("{who}@example.org"))).count();
        assert_eq!(theirs, usize::from(is_told), "{who}");
    }
    for word in ["Bell", "Benn", "ZANZIBAR", "Mill", &id(&sent)] {
        assert!(written.iter().all(|l| !l.contains(word)), "{word}: {written:?}");
    }
    host.wait(10 * 24 * 60);
    assert_eq!((remind().await, letters::send_all(stores, &there).await.unwrap()), (0, 0), "and no more");

    host.door(&id(&sent), "override", json!({ "instead": { "answer": "signpost" }, "reason": "they live in Leeds" })).await.ok();
    let told = crate::workflow::tell_referrers(stores, there.mail(), Some("https://hearth.example.org")).await.unwrap();
    assert_eq!((told, letters().iter().filter(|l| l.contains("consented@example.org")).count()), (1, 1));
}

#[tokio::test]
async fn an_open_referral_goes_with_its_family_and_comes_back() {
    let host = Host::new().await;
    let (one, other) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("").await;
    let (open, closed) = (host.referred(&one).await, host.referred(&one).await);
    host.door(&closed, "override", json!({ "instead": { "answer": "decline" }, "reason": "no" })).await.ok();
    let merges = within(&format!("/families/{}/merges", id(&other)));
    let merged = host.post(&host.bristol, &merges, &json!({ "other": one["id"], "reason": "one family" })).await.ok();
    assert_eq!(
        (host.referral(&open).await["family"].clone(), host.referral(&closed).await["family"].clone()),
        (other["id"].clone(), one["id"].clone())
    );
    assert_eq!(host.door(&open, "triage", json!({})).await.status, 201, "asked about the family within which it goes on");
    let undo = within(&format!("/family-merges/{}/undo", id(&merged)));
    host.post(&host.bristol, &undo, &json!({ "reason": "two families" })).await.ok();
    assert_eq!(host.referral(&open).await["family"], one["id"]);
}

#[tokio::test]
async fn an_erasure_takes_what_was_written_and_leaves_what_was_done() {
    let host = Host::new().await;
    host.planner("").await;
    let referral = id(&host.post(&host.bristol, &within("/referrals"), &described()).await.ok());
    host.add(&referral, json!({ "words": "QUIXOTIC was added" })).await.ok();
    let family = host.settle(&referral, json!({ "new_reference": "BR-1" })).await.ok()["family"].clone();
    let body = json!({ "instead": { "answer": "signpost" }, "reason": "MARZIPAN is with them" });
    host.door(&referral, "override", body).await.ok();
    let member =
        host.get(&host.bristol, &within(&format!("/families/{}", family.as_str().unwrap()))).await.ok()["members"][0]["id"].clone();
    let request = host.post(&host.officer, &within("/subject-requests"), &json!({ "person": member })).await.ok()["id"].to_string();
    let draft = host.get(&host.officer, &within(&format!("/subject-requests/{request}"))).await.text();
    for word in ["ZANZIBAR", "QUIXOTIC", "MARZIPAN", "Benn"] {
        assert!(draft.contains(word), "whoever asks what is held of them is told of {word}");
    }
    host.post(&host.officer, &within("/erasures"), &json!({ "family": family, "why": "asked", "rehearsal": false })).await.ok();
    let read = host.referral(&referral).await;
    assert_eq!((&read["words"], &read["described"], &read["outcome"]["answer"]), (&Value::Null, &json!({}), &json!("signpost")));
    let all = format!("{read}{:?}", host.list("/overrides").await);
    for word in ["ZANZIBAR", "QUIXOTIC", "MARZIPAN", "Benn", "Mill"] {
        assert!(!all.contains(word), "{word}: {all}");
    }
}

#[tokio::test]
async fn whom_a_referral_named_that_came_to_no_family_is_forgotten_in_a_year() {
    let host = Host::new().await;
    let referral = id(&host.post(&host.bristol, &within("/referrals"), &described()).await.ok());
    let accept = host.door(&referral, "override", json!({ "instead": { "answer": "accept" }, "reason": "yes" })).await;
    assert_eq!(accept.problem(), is(422, "invalid", Some("instead.answer")), "nobody said whom it is about");
    host.door(&referral, "override", json!({ "instead": { "answer": "decline" }, "reason": "they live in Leeds" })).await.ok();
    host.wait(364 * 24 * 60);
    host.house.stores.forget_old(90, 400).await.unwrap();
    assert_eq!(host.referral(&referral).await["words"], "ZANZIBAR was mentioned");
    host.wait(2 * 24 * 60);
    host.house.stores.forget_old(90, 400).await.unwrap();
    let read = host.referral(&referral).await;
    assert_eq!((&read["words"], &read["described"], &read["outcome"]["answer"]), (&Value::Null, &json!({}), &json!("decline")));
}
