//! Who takes a family: ranked by the pathway, given by a person, within what each may have.

use serde_json::{Value, json};

use super::super::access::world::World;
use super::super::{Got, is, within};
use super::{by, id};

impl World {
    async fn say(&self, login: &str, most: Value, strengths: Value) -> Got {
        let body = json!({ "most": most, "strengths": strengths });
        self.host.put(&self.tokens["manager"], &within(&format!("/workers/{}", self.id(login))), &body).await
    }

    async fn give(&self, family: &str, body: Value) -> Got {
        self.host.post(&self.tokens["manager"], &within(&format!("/families/{family}/assignments")), &body).await
    }

    async fn another(&self, reference: &str) -> String {
        id(&self.done(&within("/families"), &super::super::family(reference)).await)
    }
}

#[tokio::test]
async fn the_pathway_ranks_those_who_could_and_a_person_gives_the_case() {
    let world = World::new().await;
    world.host.planner("").await;
    world.say("other-case", json!(3), json!(["housing"])).await.ok();
    let spare = world.id("spare").to_owned();
    let ask =
        async |body: Value| world.host.post(&world.tokens["manager"], &within(&format!("/families/{spare}/allocations")), &body).await;
    assert_eq!(ask(json!({ "role": "wizard" })).await.problem(), is(422, "invalid", Some("role")));
    let ranked = ask(json!({ "role": "keyworker" })).await;
    assert_eq!(ranked.status, 201, "{}", ranked.text());
    let ranked = ranked.json();
    // Whoever is away is not asked about; each has as many as the host counts.
    let logins: Vec<&str> = ranked["candidates"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert!(!logins.contains(&world.id("own-case")), "she is away");
    assert_eq!(logins, [world.id("other-case"), world.id("stand-in"), world.id("emergency")]);
    assert_eq!(ranked["result"], "ranked");
    let best = ranked["reported"].as_array().unwrap().iter().find(|r| r["place"] == 1).unwrap()["candidate"].as_u64().unwrap();
    let best = logins[usize::try_from(best).unwrap() - 1];
    assert_ne!(best, world.id("stand-in"), "she has a case while its worker is away");
    let read = by(&world, "manager", &format!("/decisions/{}", id(&ranked))).await.ok();
    assert_eq!(read["candidates"], ranked["candidates"]);

    let other = json!({ "login": world.id("stand-in"), "role": "keyworker", "decision": ranked["id"] });
    assert_eq!(world.give(&spare, other.clone()).await.problem(), is(422, "invalid", Some("reason")));
    let elsewhere = world.another("BR-7").await;
    let mut wrong = other.clone();
    wrong["reason"] = json!("she knows them");
    assert_eq!(world.give(&elsewhere, wrong.clone()).await.problem(), is(422, "invalid", Some("decision")));
    world.give(&spare, wrong).await.ok();
    let made = by(&world, "manager", "/overrides").await.ok()["items"][0].clone();
    assert_eq!(
        (&made["about"], &made["decision"], &made["instead"]["login"]),
        (&json!("allocate"), &ranked["id"], &json!(world.id("stand-in")))
    );
    // The first of the list needs none.
    let again = ask(json!({ "role": "keyworker" })).await.ok();
    assert!(!again["candidates"].as_array().unwrap().contains(&json!(world.id("stand-in"))), "she has it");
    let first = again["reported"].as_array().unwrap().iter().find(|r| r["place"] == 1).unwrap()["candidate"].as_u64().unwrap();
    let first = &again["candidates"][usize::try_from(first).unwrap() - 1];
    world.give(&spare, json!({ "login": first, "role": "keyworker", "decision": again["id"] })).await.ok();
    assert_eq!(by(&world, "manager", "/overrides").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn beyond_the_limit_a_case_is_given_with_a_reason_alone() {
    let world = World::new().await;
    for (most, strengths, field) in [(json!(5000), json!([]), "most"), (json!(3), json!(["magic"]), "strengths[0]")] {
        assert_eq!(world.say("other-case", most, strengths).await.problem(), is(422, "invalid", Some(field)));
    }
    world.say("other-case", json!(2), json!([])).await.ok();
    let login = world.id("other-case").to_owned();
    let given = |role: &str, reason: Value| json!({ "login": login, "role": role, "reason": reason });
    for reference in ["BR-7", "BR-8"] {
        let family = world.another(reference).await;
        world.give(&family, given("keyworker", Value::Null)).await.ok();
    }
    let third = world.another("BR-9").await;
    let refused = world.give(&third, given("keyworker", Value::Null)).await;
    assert_eq!(refused.problem(), is(422, "invalid", Some("reason")));
    assert!(refused.text().contains("have 2 families and may have 2"), "{}", refused.text());
    assert_eq!(by(&world, "manager", &format!("/families/{third}/assignments")).await.ok()["items"], json!([]));
    world.give(&third, given("translator", Value::Null)).await.ok();
    world.give(&third, given("keyworker", json!("she speaks their language"))).await.ok();
    let made = by(&world, "manager", "/overrides").await.ok()["items"][0].clone();
    assert_eq!((&made["about"], &made["instead"]["families"], &made["family"]), (&json!("caseload"), &json!(2), &json!(third)));
    let worker = by(&world, "manager", &format!("/workers/{login}")).await.ok();
    assert_eq!((&worker["families"], &worker["covered"], &worker["most"]), (&json!(3), &json!(0), &json!(2)));
    let stand_in = by(&world, "manager", &format!("/workers/{}", world.id("stand-in"))).await.ok();
    assert_eq!((&stand_in["families"], &stand_in["covered"]), (&json!(0), &json!(1)), "cover counts");
    let all = by(&world, "manager", "/workers").await.ok();
    assert!(all["items"].as_array().unwrap().iter().any(|w| w["login"] == *login && w["families"] == 3));
    assert!(!all["items"].as_array().unwrap().iter().any(|w| w["login"] == world.id("former")), "whose role has ended");
}

#[tokio::test]
async fn whoever_backs_out_may_stay_in_another_role() {
    let world = World::new().await;
    let family = world.id("spare").to_owned();
    let first = world.give(&family, json!({ "login": world.id("own-case"), "role": "keyworker", "first": "2026-01-05" })).await.ok();
    let change = |more: Value| {
        let mut body = json!({ "login": world.id("other-case"), "role": "keyworker", "first": "2026-03-02", "instead_of": first["id"] });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    };
    let reason = "the family asked for somebody else";
    assert_eq!(world.give(&family, change(json!({}))).await.problem(), is(422, "invalid", Some("reason")));
    let same = world.give(&family, change(json!({ "reason": reason, "stays_as": "keyworker" }))).await;
    assert_eq!(same.problem(), is(422, "invalid", Some("stays_as")));
    let odd = world.give(&family, change(json!({ "reason": reason, "stays_as": "wizard" }))).await;
    assert_eq!(odd.problem(), is(422, "invalid", Some("stays_as")));
    world.give(&family, change(json!({ "reason": reason, "stays_as": "translator" }))).await.ok();
    let parts = by(&world, "manager", &format!("/families/{family}/assignments")).await.ok();
    let brief: Vec<_> = parts["items"].as_array().unwrap().iter().map(|a| (a["role"].as_str().unwrap(), &a["first"], &a["last"])).collect();
    let day = |d: &str| json!(d);
    assert_eq!(brief[0], ("keyworker", &day("2026-01-05"), &day("2026-03-01")));
    let after: Vec<&str> = brief[1..].iter().map(|b| b.0).collect();
    assert!(after.len() == 2 && after.contains(&"translator") && after.contains(&"keyworker"), "{brief:?}");
    // By itself, without anybody in their place.
    let second = parts["items"].as_array().unwrap().iter().find(|a| a["login"] == world.id("other-case")).unwrap();
    let end = json!({ "last": "2026-05-31", "stays_as": "coordinator", "reason": "she goes back to school nursing" });
    world.host.post(&world.tokens["manager"], &within(&format!("/assignments/{}/end", id(second))), &end).await.ok();
    let parts = by(&world, "manager", &format!("/families/{family}/assignments")).await.ok();
    assert!(parts["items"].as_array().unwrap().iter().any(|a| a["role"] == "coordinator" && a["first"] == "2026-06-01"), "{parts}");
}

#[tokio::test]
async fn the_record_says_who_helps_from_when_a_case_is_given_until_it_ends() {
    let world = World::new().await;
    let family = world.id("spare").to_owned();
    let said = async || {
        let facts = by(&world, "manager", &format!("/families/{family}/facts?kind=worker")).await.ok();
        let said = |f: &Value| (f["detail"]["role"].clone(), f["detail"]["employer"].clone(), f["first"].clone(), f["last"].clone());
        facts["items"].as_array().unwrap().iter().map(said).collect::<Vec<_>>()
    };
    let fact = |role: &str, first: &str, last: Value| (json!(role), json!("council"), json!(first), last);
    let first = world.give(&family, json!({ "login": world.id("own-case"), "role": "keyworker", "first": "2026-01-05" })).await.ok();
    assert_eq!(said().await, [fact("keyworker", "2026-01-05", Value::Null)]);
    // A change of worker, one of whom stays as somebody else.
    let change = json!({
        "login": world.id("other-case"), "role": "keyworker", "first": "2026-03-02", "instead_of": first["id"],
        "reason": "the family asked for somebody else", "stays_as": "translator",
    });
    let second = world.give(&family, change).await.ok();
    let now = said().await;
    for is in [
        fact("keyworker", "2026-01-05", json!("2026-03-01")),
        fact("translator", "2026-03-02", Value::Null),
        fact("keyworker", "2026-03-02", Value::Null),
    ] {
        assert!(now.contains(&is), "{is:?}: {now:?}");
    }
    assert_eq!(now.len(), 3);
    // One that never was is taken out of force.
    let end = json!({ "last": "2026-03-01" });
    world.host.post(&world.tokens["manager"], &within(&format!("/assignments/{}/end", id(&second))), &end).await.ok();
    assert_eq!(said().await.len(), 2);
}
