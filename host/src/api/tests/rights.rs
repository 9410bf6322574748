//! What people may ask of what is held about them: to see it, to have it erased; and what keeps it.

use serde_json::{Value, json};

use super::actions::referral;
use super::{Host, is, within};

impl Host {
    async fn rehearse(&self, body: Value) -> super::Got {
        self.post(&self.officer, &within("/erasures"), &body).await
    }
}

#[tokio::test]
async fn an_erasure_is_rehearsed_then_done_then_listed() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (family, ben) = (&taken["id"], &taken["people"]["ben"]);
    let would = host.rehearse(json!({ "person": ben, "why": "asked" })).await.ok();
    assert_eq!((&would["rehearsal"], would["went"]["facts"].as_u64() > Some(2)), (&json!(true), true), "{would}");
    let read = within(&format!("/families/{}", family.as_str().unwrap()));
    assert_eq!(host.get(&host.officer, &read).await.ok()["members"].as_array().unwrap().len(), 2);
    assert_eq!(host.get(&host.officer, &within("/erasures")).await.ok()["items"], json!([]));

    let did = host.rehearse(json!({ "person": ben, "why": "asked", "rehearsal": false })).await.ok();
    assert_eq!((&did["went"], &did["rehearsal"]), (&would["went"], &json!(false)));
    let after = host.get(&host.officer, &read).await.ok();
    assert_eq!((after["members"].as_array().unwrap().len(), &after["members"][0]["id"]), (1, &taken["people"]["ann"]));
    let listed = host.get(&host.officer, &within("/erasures")).await.ok();
    assert_eq!((&listed["items"][0]["person"], &listed["items"][0]["by"]), (ben, &json!("data manager")));

    for (body, field) in [
        (json!({ "why": "asked" }), "family"),
        (json!({ "why": "asked", "family": family, "person": ben }), "family"),
        (json!({ "why": "asked", "person": crate::record::PersonId::fresh() }), "person"),
        (json!({ "why": "bored", "person": ben }), "why"),
    ] {
        assert_eq!(host.rehearse(body.clone()).await.problem(), is(422, "invalid", Some(field)), "{body}");
    }
    let body = json!({ "why": "asked", "family": family });
    assert_eq!(host.post(&host.leeds, &within("/erasures"), &body).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn a_decision_whose_evidence_went_says_what_was_decided_and_nothing_else() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    host.planner("goal").await;
    let made = host.ask(&taken, "triage", referral(json!([taken["people"]["ben"]]))).await.ok();
    let at = within(&format!("/decisions/{}", made["id"].as_str().unwrap()));
    host.rehearse(json!({ "family": taken["id"], "why": "ordered", "rehearsal": false })).await.ok();
    let read = host.get(&host.officer, &at).await.ok();
    assert_eq!((&read["result"], &read["answer"]), (&made["result"], &made["answer"]), "what, and the hash of why");
    assert_eq!(
        (&read["evidence_erased"], &read["findings"], &read["reported"], &read["actions"]),
        (&json!(true), &json!([]), &json!([]), &json!([]))
    );
    let replayed = host.post(&host.officer, &format!("{at}/replay"), &json!({})).await.ok();
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("evidence-erased"), &json!("erased")));
    assert_eq!(replayed["answer"]["on"], json!(host.house.stores.clock().now().day()));
}

#[tokio::test]
async fn a_hold_keeps_what_it_is_on_until_it_is_lifted() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let holds = within("/holds");
    let new = json!({ "family": taken["id"], "why": "a claim in the county court" });
    let placed = host.post(&host.officer, &holds, &new).await;
    let id = placed.ok()["id"].clone();
    let erase = json!({ "person": taken["people"]["ben"], "why": "asked" });
    assert_eq!(host.rehearse(erase.clone()).await.problem(), is(409, "conflict", None));
    assert_eq!(host.get(&host.officer, &holds).await.ok()["items"][0]["placed_by"], "data manager");
    let lift = within(&format!("/holds/{id}/lift"));
    host.post(&host.officer, &lift, &json!({})).await.ok();
    assert_eq!(host.post(&host.officer, &lift, &json!({})).await.problem(), is(409, "conflict", None));
    assert_eq!(host.post(&host.officer, &within("/holds/99/lift"), &json!({})).await.problem(), is(404, "no-such", Some("hold")));
    assert_eq!(host.post(&host.officer, &within("/holds/x/lift"), &json!({})).await.problem(), is(422, "invalid", Some("hold")));
    host.rehearse(erase).await.ok();
    for (body, field) in [
        (json!({ "why": "x" }), "family"),
        (json!({ "family": taken["id"], "why": "" }), "why"),
        (json!({ "family": crate::record::FamilyId::fresh(), "why": "x" }), "family"),
        (json!({ "family": taken["id"], "why": "x", "until": "soon" }), "until"),
    ] {
        assert_eq!(host.post(&host.officer, &holds, &body).await.problem(), is(422, "invalid", Some(field)), "{body}");
    }
    assert_eq!(host.get(&host.leeds, &holds).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn how_long_sections_are_kept_is_the_authoritys_to_say() {
    let host = Host::new().await;
    let path = within("/retention");
    let of = |read: &Value, section: &str| read["periods"].as_array().unwrap().iter().find(|p| p["section"] == section).unwrap().clone();
    let read = host.get(&host.officer, &path).await.ok();
    assert_eq!(read["periods"].as_array().unwrap().len(), crate::record::Section::ALL.len());
    let education = of(&read, "education");
    assert_eq!((&education["years"], &education["until_age"], education["default_from"].is_string()), (&json!(6), &json!(25), true));
    let set = json!({ "periods": [{ "section": "education", "years": 3 }] });
    let now = host.put(&host.officer, &path, &set).await.ok();
    let education = of(&now, "education");
    assert_eq!((&education["years"], education.get("until_age"), &education["by"]), (&json!(3), None, &json!("data manager")));
    assert_eq!(of(&now, "abuse"), of(&read, "abuse"));
    assert_eq!(host.get(&host.officer, &path).await.ok(), now);
    for (period, field) in [
        (json!({ "section": "education", "years": 121 }), "periods[0].years"),
        (json!({ "section": "education", "years": 1, "until_age": 0 }), "periods[0].until_age"),
        (json!({ "section": "weather", "years": 1 }), "periods[0].section"),
    ] {
        assert_eq!(host.put(&host.officer, &path, &json!({ "periods": [period] })).await.problem(), is(422, "invalid", Some(field)));
    }
    assert_eq!(host.get(&host.leeds, &path).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn what_is_held_about_somebody_is_drafted_reviewed_and_released() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ben) = (taken["id"].as_str().unwrap(), &taken["people"]["ben"]);
    host.planner("goal").await;
    host.ask(&taken, "triage", referral(json!([ben]))).await.ok();
    let note = json!({ "kind": "note", "family": id, "first": "2026-01-05", "detail": { "topic": "home", "role": "keyworker", "text": "=Ann's own words" } });
    host.post(&host.officer, &within("/facts"), &note).await.ok();
    host.get(&host.officer, &within(&format!("/families/{id}"))).await.ok();

    let opened = host.post(&host.officer, &within("/subject-requests"), &json!({ "person": ben })).await.ok();
    let at = within(&format!("/subject-requests/{}", opened["id"]));
    let draft = host.get(&host.officer, &at).await.ok();
    let parts = draft["draft"]["parts"].as_array().unwrap().clone();
    let kind = |kind: &str| parts.iter().filter(|p| p["part"].as_str().unwrap().starts_with(kind)).cloned().collect::<Vec<_>>();
    let text = |part: &Value| part["lines"].to_string();
    assert!(kind("fact/").iter().any(|p| text(p).contains("\"attended\",\"value\":\"120\"") || text(p).contains("120")));
    assert!(kind("fact/").iter().all(|p| !text(p).contains("1988-02-03")), "his mother's birth date is not about him");
    let note = kind("fact/").into_iter().find(|p| text(p).contains("own words")).unwrap();
    assert_eq!(note["marks"], json!(["third-party", "free-text"]));
    let decision = kind("decision/").pop().unwrap();
    assert!(text(&decision).contains("Said 1."), "its reasons, in words: {decision}");
    assert!(kind("audit/").iter().any(|p| text(p).contains("GET /v1/authorities/{authority}/families/{family}")), "who looked");
    let unread = draft["unread"].as_u64().unwrap();
    assert!(unread >= 2, "{draft}");

    let release = format!("{at}/release");
    assert_eq!(host.post(&host.officer, &release, &json!({})).await.problem(), is(409, "conflict", None));
    let reviews = format!("{at}/reviews");
    for part in parts.iter().filter(|p| p.get("marks").is_some()) {
        let shown = part["part"] != note["part"];
        let said = json!({ "part": part["part"], "shown": shown, "reason": "It tells of somebody who has not agreed." });
        host.post(&host.officer, &reviews, &said).await.ok();
    }
    let wrong = json!({ "part": "fact/nothing", "shown": true, "reason": "x" });
    assert_eq!(host.post(&host.officer, &reviews, &wrong).await.problem(), is(422, "invalid", Some("part")));
    assert_eq!(host.get(&host.officer, &format!("{at}/released")).await.problem(), is(404, "no-such", Some("release")));
    let released = host.post(&host.officer, &release, &json!({})).await.ok();
    assert_eq!(host.post(&host.officer, &release, &json!({})).await.problem(), is(409, "conflict", None));

    let json = host.get(&host.officer, &format!("{at}/released")).await;
    assert_eq!(released["digest"], crate::record::Digest::of(&json.bytes).to_string(), "what left is what was hashed");
    let html = host.get(&host.officer, &format!("{at}/released?form=html")).await;
    let csv = host.get(&host.officer, &format!("{at}/released?form=csv")).await;
    for left in [&json, &html, &csv] {
        let text = left.text();
        assert!(!text.contains("own words") && !text.contains(note["part"].as_str().unwrap()), "{text}");
        assert!(text.contains("It tells of somebody who has not agreed."), "{text}");
        assert!(text.contains("Said 1."));
    }
    assert!(html.text().contains("<h1>"), "{}", html.text());
    assert_eq!(host.get(&host.officer, &format!("{at}/released?form=pdf")).await.problem(), is(422, "invalid", Some("form")));
    assert_eq!(host.get(&host.leeds, &at).await.problem(), is(404, "no-such", Some("authority")));

    // Erased, the copy that was kept goes too; its hash stays.
    host.rehearse(json!({ "person": ben, "why": "asked", "rehearsal": false })).await.ok();
    assert_eq!(host.get(&host.officer, &format!("{at}/released")).await.problem(), is(404, "no-such", Some("release")));
    let listed = host.get(&host.officer, &within("/subject-requests")).await.ok();
    assert_eq!((&listed["items"][0]["released"]["erased"], &listed["items"][0]["released"]["digest"]), (&json!(true), &released["digest"]));
}

#[tokio::test]
async fn a_corrected_fact_flags_the_decisions_that_were_given_it() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    host.planner("goal").await;
    let made = host.ask(&taken, "triage", referral(json!([]))).await.ok();
    let path = within("/corrected-decisions");
    assert_eq!(host.get(&host.officer, &path).await.ok(), json!({ "items": [], "next": null }));
    let facts = within(&format!("/families/{}/facts?kind=attendance", taken["id"].as_str().unwrap()));
    let before = host.get(&host.officer, &facts).await.ok()["items"][0]["id"].clone();
    let mut correction = super::attendance(taken["people"]["ben"].as_str().unwrap(), 100);
    correction["supersedes"] = before.clone();
    let successor = host.post(&host.officer, &within("/facts"), &correction).await.ok()["id"].clone();
    let flagged = host.get(&host.officer, &path).await.ok();
    let found = &flagged["items"][0];
    assert_eq!((&found["decision"], &found["fact"], &found["successor"]), (&made["id"], &before, &successor));
    assert_eq!((&found["kind"], &found["by"], &found["cited"]), (&json!("attendance"), &json!("data manager"), &json!(false)));
    assert_eq!(host.get(&host.officer, &format!("{path}?after=x")).await.problem(), is(422, "invalid", Some("after")));
    assert_eq!(host.get(&host.leeds, &path).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn the_page_for_the_impact_assessment_is_made_of_what_is_installed_and_set() {
    let host = Host::new().await;
    let path = within("/impact");
    assert_eq!(host.get(&host.officer, &path).await.ok()["plugins"], json!([]));
    host.planner("goal").await;
    host.put(&host.officer, &within("/policies"), &json!({ "policies": [{ "action": "goal", "policy": "automatic" }] })).await.ok();
    let page = host.get(&host.officer, &path).await.ok();
    let goal = page["actions"].as_array().unwrap().iter().find(|a| a["action"] == "goal").unwrap().clone();
    assert_eq!(goal, json!({ "action": "goal", "automatic": true, "said_by": "data manager" }));
    let meeting = page["actions"].as_array().unwrap().iter().find(|a| a["action"] == "meeting").unwrap().clone();
    assert_eq!(meeting, json!({ "action": "meeting", "automatic": false }));
    let plugin = &page["plugins"][0];
    assert_eq!((&plugin["name"], &plugin["status"]), (&json!("planner"), &json!("active")));
    assert!(plugin["proposes"].as_array().unwrap().contains(&json!("propose goals for the family's plan")), "{plugin}");
    assert_eq!(page["kept"].as_array().unwrap().len(), crate::record::Section::ALL.len());
    assert_eq!(host.get(&host.leeds, &path).await.problem(), is(404, "no-such", Some("authority")));
}
