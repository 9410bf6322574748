//! Agreements, consent and its withdrawal, roles and cover over time, emergencies, purposes and tokens.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use super::super::{is, request, within};
use super::world::World;

async fn family(world: &World, actor: &str) -> super::Got {
    world.host.get(&world.tokens[actor], &within(&format!("/families/{}", world.id("family")))).await
}

#[tokio::test]
async fn a_school_sees_the_sections_that_were_agreed_and_that_the_others_are_withheld() {
    let world = World::new().await;
    let seen = family(&world, "consented").await.ok();
    let withheld: Vec<&str> = seen["withheld"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    assert!(withheld.contains(&"notes") && withheld.contains(&"identity") && !withheld.contains(&"education"), "{withheld:?}");
    let members = seen["members"].as_array().unwrap();
    assert!(members.len() == 2 && members.iter().all(|m| m["name"].is_null()), "who they are called is of another section");
    let facts =
        world.host.get(&world.tokens["consented"], &within(&format!("/families/{}/facts?limit=200", world.id("family")))).await.ok();
    let sections: std::collections::BTreeSet<&str> =
        facts["items"].as_array().unwrap().iter().map(|f| f["section"].as_str().unwrap()).collect();
    assert_eq!(sections.into_iter().collect::<Vec<_>>(), ["education", "household"]);
    assert_eq!(facts["withheld"], seen["withheld"]);
    assert_eq!(family(&world, "own-case").await.ok()["withheld"], json!([]));
}

#[tokio::test]
async fn withdrawal_acts_at_once() {
    let world = World::new().await;
    family(&world, "consented").await.ok();
    let withdrawal = within(&format!("/shares/{}/withdrawal", world.id("consent")));
    world.done(&withdrawal, &json!({ "words": "she rang to say so" })).await;
    assert_eq!(family(&world, "consented").await.problem(), is(404, "no-such", Some("family")));
    let again = world.host.post(&world.host.bristol, &withdrawal, &json!({ "words": "again" })).await;
    assert_eq!(again.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn what_one_person_agreed_to_shows_that_person_alone() {
    let world = World::new().await;
    let agreement = json!({
        "organisation": "jobcentre", "sections": ["education", "household"], "purposes": ["casework"], "basis": "consent", "first": "2020-01-01",
    });
    let agreement = world.done(&within("/agreements"), &agreement).await["id"].clone();
    let shares = within(&format!("/families/{}/shares", world.id("family")));
    let share = json!({ "agreement": agreement, "person": world.id("ann"), "why": "work", "how": "a form", "given_by": "Ann" });
    world.done(&shares, &share).await;
    let seen = family(&world, "two-councils").await.ok();
    let members = seen["members"].as_array().unwrap();
    assert!(members.len() == 1 && members[0]["id"] == world.id("ann"), "{members:?}");
    let facts = world.host.get(&world.tokens["two-councils"], &within(&format!("/families/{}/facts", world.id("family")))).await.ok();
    assert!(!facts.to_string().contains(world.id("ben")));
    assert_eq!(seen["withheld"].as_array().unwrap().len(), 13, "of the family as a whole nothing is shown");
}

#[tokio::test]
async fn what_may_be_shared_with_the_school_is_said_section_by_section() {
    let world = World::new().await;
    let ask = async |organisation: &str| {
        let path = within(&format!("/families/{}/sharing?organisation={organisation}", world.id("family")));
        world.host.get(&world.tokens["own-case"], &path).await.ok()
    };
    let sentence = |answer: &Value, section: &str| {
        let all = answer["sections"].as_array().unwrap();
        all.iter()
            .find(|s| s["section"] == section)
            .map(|s| (s["may"].as_bool().unwrap(), s["sentence"].as_str().unwrap().to_owned()))
            .unwrap()
    };
    let school = ask("hill-school").await;
    assert_eq!(school["sections"].as_array().unwrap().len(), 13);
    let (may, education) = sentence(&school, "education");
    assert!(may && education.starts_with("Education may be shared with hill-school: Ann agreed on "), "{education}");
    let (may, health) = sentence(&school, "health");
    assert!(!may && health == "Health may not be shared with hill-school: no agreement with it covers this.", "{health}");
    assert!(sentence(&ask("other-school").await, "education").1.contains("consent was withdrawn on "));
    assert!(sentence(&ask("past-school").await, "education").1.contains("ended on 31 December 2024"));
}

#[tokio::test]
async fn an_objection_is_kept_where_the_law_needs_no_consent_and_stops_nothing() {
    let world = World::new().await;
    let objection = |share: &str| within(&format!("/shares/{share}/objection"));
    let words = json!({ "words": "he does not want it" });
    let by_consent = world.host.post(&world.host.bristol, &objection(world.id("consent")), &words).await;
    assert_eq!(by_consent.problem(), is(409, "conflict", None));
    let kept = world.done(&objection(world.id("to-object")), &words).await;
    assert_eq!((&kept["objected"]["words"], kept.get("withdrawn")), (&words["words"], None));
}

#[tokio::test]
async fn a_purpose_is_one_of_the_roles_and_agreements_hold_for_theirs_alone() {
    let world = World::new().await;
    let path = within(&format!("/families/{}", world.id("family")));
    let read = async |actor: &str, purpose: &str| {
        let request = request(Method::GET, &world.tokens[actor], &path).header("Hearth-Purpose", purpose);
        world.host.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(read("own-case", "claims").await.status.as_u16(), 200);
    assert_eq!(read("own-case", "audit").await.problem(), is(403, "not-allowed", None));
    assert_eq!(read("own-case", "curiosity").await.problem(), is(422, "invalid", Some("Hearth-Purpose")));
    assert_eq!(read("consented", "casework").await.status.as_u16(), 200);
    assert_eq!(read("consented", "referral").await.status.as_u16(), 404, "the agreement is for casework");
}

#[tokio::test]
async fn an_emergency_ends_is_looked_at_and_opens_nothing_that_is_sealed() {
    let world = World::new().await;
    let opened = world.host.get(&world.tokens["manager"], &within("/emergencies?unseen=yes")).await.ok();
    let emergency = &opened["items"][0];
    assert_eq!((&emergency["id"], &emergency["login"]), (&json!(world.id("emergency-opened")), &json!(world.id("emergency"))));
    assert_eq!(emergency["reason"], "somebody rang at night");
    let seen = within(&format!("/emergencies/{}/seen", world.id("emergency-opened")));
    world.host.post(&world.tokens["manager"], &seen, &json!({})).await.ok();
    assert_eq!(world.host.get(&world.tokens["manager"], &within("/emergencies?unseen=yes")).await.ok()["items"], json!([]));
    for (new, field) in [
        (json!({ "family": world.id("family"), "reason": "x" }), "reason"),
        (json!({ "family": world.id("family"), "reason": "somebody rang", "hours": 25 }), "hours"),
        (json!({ "reference": "BR-NONE", "reason": "somebody rang" }), "reference"),
        (json!({ "reason": "somebody rang" }), "family"),
    ] {
        let refused = world.host.post(&world.tokens["other-case"], &within("/emergencies"), &new).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(field)), "{new}");
    }
    let own = json!({ "reference": "BR-1", "reason": "somebody rang", "hours": 1 });
    world.host.post(&world.tokens["other-case"], &within("/emergencies"), &own).await.ok();
    assert_eq!(family(&world, "other-case").await.ok()["members"].as_array().unwrap().len(), 2, "Cal is sealed");
}

#[tokio::test]
async fn a_token_opens_what_it_was_given_for_and_its_roles_end_with_their_holder() {
    let world = World::new().await;
    let narrow = json!({ "name": "a portal", "login": world.id("manager"), "verbs": ["see-families"] });
    let made = world.done(&within("/tokens"), &narrow).await;
    let token = made["token"].as_str().unwrap();
    world.host.get(token, &within("/families")).await.ok();
    assert_eq!(world.host.get(token, &within("/decisions")).await.problem(), is(403, "not-allowed", None));
    assert_eq!(world.host.get(token, &within("/me")).await.ok()["may"], json!({ "see-families": ["all"] }));
    let listed = world.host.get(&world.tokens["administrator"], &within("/tokens?limit=200")).await.ok();
    assert!(!listed.to_string().contains(token), "no list holds a token");
    let of = listed["items"].as_array().unwrap().iter().find(|t| t["hash"] == made["hash"]).unwrap();
    assert!(of["used_on"].is_string() && of["made_by"] == "data manager", "{of}");
    let revocation = within(&format!("/tokens/{}/revocation", made["hash"].as_str().unwrap()));
    world.host.post(&world.tokens["administrator"], &revocation, &json!({})).await.ok();
    assert_eq!(world.host.get(token, &within("/families")).await.problem(), is(401, "not-signed-in", None));
    // A token of another authority is not ours to revoke, or to know of.
    let leeds = format!("/v1/authorities/{}/tokens/{}/revocation", super::super::LEEDS, made["hash"].as_str().unwrap());
    assert_eq!(world.host.post(&world.host.leeds, &leeds, &json!({})).await.problem(), is(404, "no-such", Some("token")));
}

#[tokio::test]
async fn nobody_gives_a_role_to_themselves() {
    let world = World::new().await;
    let people = within("/people");
    let own = json!({ "login": world.id("administrator"), "role": "manager" });
    let refused = world.host.post(&world.tokens["administrator"], &people, &own).await;
    assert_eq!(refused.problem(), is(422, "invalid", Some("login")));
    for (new, field) in [
        (json!({ "name": "New", "role": "system" }), "role"),
        (json!({ "role": "keyworker" }), "login"),
        (json!({ "login": crate::record::LoginId::fresh(), "role": "keyworker" }), "login"),
        (json!({ "name": "New", "organisation": "nobody", "role": "keyworker" }), "organisation"),
        (json!({ "name": "New", "role": "keyworker", "first": "2026-02-02", "last": "2026-02-01" }), "last"),
    ] {
        let refused = world.host.post(&world.host.bristol, &people, &new).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(field)), "{new}");
    }
}

#[tokio::test]
async fn a_decision_is_told_as_its_label_allows() {
    let world = World::new().await;
    world.host.adopt("bristol-outcomes", json!({})).await;
    let decide = async |question: &str| {
        let asked = json!({ "family": world.id("family"), "question": question, "as_of": "2026-08-31" });
        world.done(&within("/decisions"), &asked).await
    };
    let path = |made: &Value| within(&format!("/decisions/{}", made["id"].as_str().unwrap()));
    // What was given the family's support alone, which is withheld from the charity: the bare result.
    let slight = decide("progress").await;
    assert_eq!(slight["delivered"], json!(["support"]));
    let bare = world.host.get(&world.tokens["charity-lead"], &path(&slight)).await.ok();
    assert_eq!((&bare["result"], &bare["withheld"]), (&slight["result"], &json!(["support"])));
    assert!(bare.get("findings").is_none() && bare.get("says").is_none(), "{bare}");
    let replay = world.host.post(&world.tokens["charity-lead"], &format!("{}/replay", path(&slight)), &json!({})).await;
    assert_eq!(replay.problem(), is(403, "not-allowed", None));
    let turn = world.host.post(&world.tokens["charity-lead"], &format!("{}/what-would-change", path(&slight)), &json!({})).await;
    assert_eq!(turn.problem(), is(403, "not-allowed", None));
    // What was given the safeguarding section would tell of it by its result.
    let telling = decide("eligibility").await;
    assert!(telling["delivered"].as_array().unwrap().contains(&json!("safeguarding")), "{}", telling["delivered"]);
    let hidden = world.host.get(&world.tokens["charity-lead"], &path(&telling)).await;
    assert_eq!(hidden.problem(), is(404, "no-such", Some("decision")));
    let listed = world.host.get(&world.tokens["charity-lead"], &within("/decisions")).await.ok();
    let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|d| &d["id"]).collect();
    assert_eq!(ids, [&slight["id"]]);
    for made in [slight, telling] {
        assert_eq!(world.host.get(&world.tokens["own-case"], &path(&made)).await.ok(), made);
    }
}
