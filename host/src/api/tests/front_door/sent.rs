//! What whoever sends is told, and what the front door sees.

use serde_json::{Value, json};

use super::super::access::world::World;
use super::super::{Host, is, within};
use super::{by, described, id};
use crate::store::ReferralsThat;
use crate::workflow::tell_referrers;

#[tokio::test]
async fn whoever_sends_hears_what_became_of_it_and_nothing_of_the_record() {
    let world = World::new().await;
    let (school, host) = (&world.tokens["consented"], &world.host);
    host.planner("").await;
    let got = host.post(school, &within("/referrals"), &described()).await;
    assert_eq!(got.status, 201, "{}", got.text());
    let sent = got.json();
    let told: Vec<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(told, ["answer_by", "came_on", "id", "received_at", "state"]);
    let mine = format!("/sent-referrals/{}", id(&sent));
    assert_eq!(by(&world, "consented", &mine).await.ok(), sent, "read as it was answered");
    // It is nobody else's, at the same school or not.
    for other in ["withdrawn", "provider", "own-case", "manager"] {
        assert_eq!(by(&world, other, &mine).await.problem(), is(404, "no-such", Some("referral")), "{other}");
        assert_eq!(by(&world, other, "/sent-referrals").await.ok()["items"], json!([]), "{other}");
    }
    // Those at the front door see at once who may be meant, and what there was before.
    let at_once = by(&world, "coordinator", &format!("/referrals/{}/involvement", id(&sent))).await.ok();
    let meant = &at_once["people"][0]["may_be"];
    let people: Vec<&str> = meant.as_array().unwrap().iter().map(|m| m["person"].as_str().unwrap()).collect();
    assert!(people.contains(&world.id("ben")), "{at_once}");
    assert!(at_once["families"].as_array().unwrap().iter().any(|f| f["family"] == world.id("family") && f["reference"] == "BR-1"));
    assert!(!at_once.to_string().contains(world.id("cal")), "who is sealed is not there to be found");
    let read = by(&world, "coordinator", &format!("/referrals/{}", id(&sent))).await.ok();
    assert_eq!(
        (&read["words"], &read["organisation"], &read["organisation_kind"]),
        (&json!("ZANZIBAR was mentioned"), &json!("hill-school"), &json!("school"))
    );
    assert_eq!((&read["state"], read["sent_by"].as_str().unwrap().starts_with("consented (")), (&json!("received"), true));
    for other in ["consented", "own-case", "data-manager", "auditor"] {
        let refused = by(&world, other, &format!("/referrals/{}", id(&sent))).await;
        assert_eq!(refused.problem(), is(403, "not-allowed", None), "{other}");
    }

    host.settle(&id(&sent), json!({ "family": world.id("family"), "people": [world.id("ben")] })).await.ok();
    let decision = host.door(&id(&sent), "triage", json!({})).await;
    assert_eq!(decision.status, 201, "{}", decision.text());
    assert_eq!(by(&world, "consented", &mine).await.ok()["state"], "looked-at", "until a person has confirmed it");
    let confirmed = host.door(&id(&sent), "confirmation", json!({ "decision": decision.json()["id"] })).await.ok();
    assert_eq!((&confirmed["state"], &confirmed["outcome"]["answer"]), (&json!("closed"), &json!("accept")));
    let heard = by(&world, "consented", &mine).await.ok();
    assert_eq!((&heard["state"], &heard["outcome"]), (&json!("answered"), &json!("accept")));
    let told: Vec<&str> = heard.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(told, ["answer_by", "answered_at", "came_on", "id", "outcome", "received_at", "state"]);
}

#[tokio::test]
async fn the_letter_says_nothing_of_anybody_and_goes_once() {
    let world = World::new().await;
    let (host, stores) = (&world.host, &world.host.house.stores);
    let login = world.id("consented").parse().unwrap();
    let mut tx = stores.common().write("tests", "gave an address").await.unwrap();
    tx.add_address("office@hill.example.org", login).await.unwrap();
    tx.commit().await.unwrap();
    let sent = host.post(&world.tokens["consented"], &within("/referrals"), &described()).await.ok();
    let mail = crate::egress::mail::Mail::through(&format!("folder:{}", host.letters.path().display()), None, None).unwrap();
    let tell = async || tell_referrers(stores, &mail, Some("https://hearth.example.org")).await.unwrap();
    assert_eq!(tell().await, 0, "nothing has become of it");
    host.door(&id(&sent), "override", json!({ "instead": { "answer": "signpost" }, "reason": "they live in Leeds" })).await.ok();
    assert_eq!((tell().await, tell().await), (1, 0));
    let letters = std::fs::read_dir(host.letters.path()).unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap());
    let letters: Vec<String> = letters.filter(|l| l.contains("office@hill.example.org")).collect();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("https://hearth.example.org") && letters[0].contains("Mewngofnodwch"), "{}", letters[0]);
    for word in ["Bell", "Leeds", "ZANZIBAR", "signpost", "Mill", &id(&sent)] {
        assert!(!letters[0].contains(word), "{word}: {}", letters[0]);
    }
    assert!(host.referral(&id(&sent)).await["told_at"].is_string());
    // Whoever has no address is not written to, and sees it all the same.
    let other = host.post(&world.tokens["provider"], &within("/referrals"), &described()).await.ok();
    host.door(&id(&other), "override", json!({ "instead": { "answer": "decline" }, "reason": "twice" })).await.ok();
    assert_eq!(tell().await, 0);
    assert_eq!(by(&world, "provider", &format!("/sent-referrals/{}", id(&other))).await.ok()["outcome"], "decline");
    // A letter that cannot be sent now is sent later.
    let third = host.post(&world.tokens["consented"], &within("/referrals"), &described()).await.ok();
    host.door(&id(&third), "override", json!({ "instead": { "answer": "decline" }, "reason": "twice" })).await.ok();
    let broken = crate::egress::mail::Mail::through("folder:/nowhere/at/all", None, None).unwrap();
    assert_eq!(tell_referrers(stores, &broken, Some("https://hearth.example.org")).await.unwrap(), 0);
    assert_eq!(tell().await, 0, "not before its time");
    host.wait(6);
    assert_eq!(tell().await, 1);
}

#[tokio::test]
async fn what_is_sent_is_in_the_right_words_and_about_whom_the_sender_may_know() {
    let world = World::new().await;
    let host = &world.host;
    let send = async |who: &str, changes: Value| {
        let mut sent = described();
        for (field, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(sent.as_object_mut().unwrap().remove(field)),
                value => sent[field] = value.clone(),
            }
        }
        host.post(&world.tokens[who], &within("/referrals"), &sent).await
    };
    let (family, cal, ben) = (world.id("family"), world.id("cal"), world.id("ben"));
    for (who, changes, field) in [
        ("manager", json!({ "route": "pigeon" }), "route"),
        ("manager", json!({ "route": "data-match" }), "route"),
        ("manager", json!({ "came_on": "2999-01-01" }), "came_on"),
        ("manager", json!({ "problems": ["housing", "housing"] }), "problems[1]"),
        ("manager", json!({ "words": " " }), "words"),
        ("manager", json!({ "described": null }), "described"),
        ("manager", json!({ "described": { "people": [] } }), "described"),
        ("manager", json!({ "described": { "people": [{}] } }), "described.people[0].name"),
        ("manager", json!({ "family": family }), "described"),
        ("manager", json!({ "people": [ben] }), "people"),
        ("manager", json!({ "described": null, "family": family, "people": [cal] }), "people[0]"),
        ("manager", json!({ "described": null, "family": crate::record::FamilyId::fresh() }), "family"),
        ("own-case", json!({ "described": null, "family": world.id("spare") }), "family"),
        ("expired", json!({ "described": null, "family": family }), "family"),
        ("consented", json!({ "organisation": "harbour" }), "organisation"),
        ("manager", json!({ "organisation": "nobody-here" }), "organisation"),
        ("manager", json!({ "route": "self", "organisation": "harbour" }), "organisation"),
    ] {
        let got = send(who, changes.clone()).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{who} {changes}: {}", got.text());
    }
    let count = host.house.stores.authority(&"E06000023".parse().unwrap()).await.unwrap();
    assert!(count.referrals(ReferralsThat::All, None, 10).await.unwrap().items.is_empty(), "nothing of it was kept");
    // A family that is shared with the sender, the family itself, and another organisation's that somebody takes down.
    let shared = send("consented", json!({ "described": null, "family": family, "people": [ben] })).await.ok();
    assert_eq!(host.referral(&id(&shared)).await["state"], "settled");
    let itself = send("own-case", json!({ "route": "self" })).await.ok();
    assert_eq!(host.referral(&id(&itself)).await["organisation"], Value::Null);
    let taken_down = send("manager", json!({ "organisation": "harbour" })).await.ok();
    assert_eq!(host.referral(&id(&taken_down)).await["organisation_kind"], "charity");
}

#[tokio::test]
async fn a_referral_sent_again_with_its_key_is_one() {
    let host = Host::new().await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = super::super::json_request(axum::http::Method::POST, &host.bristol, &within("/referrals"), &described());
        request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
        answers.push(host.send(request).await.bytes);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(host.list("/referrals").await.len(), 1);
}
