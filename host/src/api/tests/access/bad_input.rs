//! What cannot be kept about people, cases and sharing is refused with its field; what is over is over at once.

use serde_json::{Value, json};

use super::super::{is, within};
use super::world::World;
use crate::record::{AgreementId, FactId, LoginId, PersonId};

#[tokio::test]
async fn the_field_at_fault_is_named() {
    let world = World::new().await;
    let family = format!("/families/{}", world.id("family"));
    let (login, second) = (world.id("own-case"), world.id("other-case"));
    let agreement = |changes: Value| {
        let mut new = json!({
            "organisation": "harbour", "sections": ["health"], "purposes": ["casework"], "basis": "consent", "first": "2026-01-01",
        });
        for (field, value) in changes.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    };
    let given = world.done(&within("/agreements"), &agreement(json!({}))).await["id"].clone();
    let share = |changes: Value| {
        let mut new = json!({ "agreement": given, "why": "a plan", "how": "a form", "given_by": "Ann" });
        for (field, value) in changes.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    };
    for (path, body, field) in [
        ("/agreements", agreement(json!({ "organisation": "nobody" })), "organisation"),
        ("/agreements", agreement(json!({ "sections": [] })), "sections"),
        ("/agreements", agreement(json!({ "sections": ["gossip"] })), "sections[0]"),
        ("/agreements", agreement(json!({ "purposes": [] })), "purposes"),
        ("/agreements", agreement(json!({ "basis": "curiosity" })), "basis"),
        ("/agreements", agreement(json!({ "last": "2025-12-31" })), "last"),
        ("/shares", share(json!({ "agreement": AgreementId::fresh() })), "agreement"),
        ("/shares", share(json!({ "person": PersonId::fresh() })), "person"),
        ("/shares", share(json!({ "person": world.id("cal") })), "person"),
        ("/shares", share(json!({ "sections": ["education"] })), "sections"),
        ("/shares", share(json!({ "given_on": "2399-01-01" })), "given_on"),
        ("/shares", share(json!({ "how": "" })), "how"),
        ("/assignments", json!({ "login": LoginId::fresh(), "role": "keyworker" }), "login"),
        ("/assignments", json!({ "login": login, "role": "wizard" }), "role"),
        ("/assignments", json!({ "login": login, "role": "keyworker", "first": "2026-02-02", "last": "2026-02-01" }), "last"),
        ("/covers", json!({ "absent": login, "stand_in": login, "first": "2026-02-01", "last": "2026-02-02" }), "stand_in"),
        ("/covers", json!({ "absent": login, "stand_in": LoginId::fresh(), "first": "2026-02-01", "last": "2026-02-02" }), "stand_in"),
        ("/covers", json!({ "absent": login, "stand_in": second, "first": "2026-02-03", "last": "2026-02-02" }), "last"),
        ("/tokens", json!({ "name": "x", "roles": [] }), "roles"),
        ("/tokens", json!({ "name": "x", "roles": ["pilot"] }), "roles[0]"),
        ("/tokens", json!({ "name": "x", "login": login, "roles": ["manager"] }), "roles"),
        ("/tokens", json!({ "name": "x", "login": LoginId::fresh() }), "login"),
        ("/tokens", json!({ "name": "x", "roles": ["system"], "verbs": [] }), "verbs"),
        ("/tokens", json!({ "name": "", "roles": ["system"] }), "name"),
        ("/seals", json!({ "fact": FactId::fresh(), "names": [login], "reason": "no reason" }), "fact"),
    ] {
        let within_family = ["/shares", "/assignments", "/seals"].contains(&path);
        let path = within(&if within_family { format!("{family}{path}") } else { path.to_owned() });
        let refused = world.host.post(&world.host.bristol, &path, &body).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(field)), "{path} {body}: {}", refused.text());
    }
    for (destination, body, field) in [
        ("login.example.org", json!({ "open": true, "why": "" }), "why"),
        ("login.example.org", json!({ "why": "our provider" }), "open"),
        ("login.example.org:25", json!({ "open": true, "why": "our provider" }), "destination"),
        ("no%20name", json!({ "open": true, "why": "our provider" }), "destination"),
    ] {
        let refused = world.host.put(&world.host.bristol, &within(&format!("/destinations/{destination}")), &body).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(field)), "{destination} {body}: {}", refused.text());
    }
    let nobody = world.host.get(&world.host.bristol, &within(&format!("{family}/sharing?organisation=nobody"))).await;
    assert_eq!(nobody.problem(), is(422, "invalid", Some("organisation")));
}

#[tokio::test]
async fn a_case_that_is_over_is_nobodys_at_once_nor_its_stand_ins() {
    let world = World::new().await;
    let family = within(&format!("/families/{}", world.id("family")));
    for actor in ["own-case", "stand-in"] {
        world.host.get(&world.tokens[actor], &family).await.ok();
    }
    let end = within(&format!("/assignments/{}/end", world.id("assignment")));
    world.done(&end, &json!({})).await;
    for actor in ["own-case", "stand-in"] {
        assert_eq!(world.host.get(&world.tokens[actor], &family).await.problem(), is(404, "no-such", Some("family")), "{actor}");
    }
    let again = world.host.post(&world.host.bristol, &end, &json!({})).await;
    assert_eq!(again.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn a_seal_ends_on_its_day() {
    let world = World::new().await;
    let seals = within(&format!("/families/{}/seals", world.id("family")));
    let today = world.host.house.stores.clock().now().day();
    let sees = async |fact: &str| world.host.get(&world.tokens["manager"], &within(&format!("/facts/{fact}"))).await.status.as_u16();
    let (over, lasting) = (world.fact(2015).await, world.fact(2016).await);
    for (fact, until) in [(&over, today.plus(-1)), (&lasting, Some(today))] {
        let seal = json!({ "fact": fact, "names": [], "reason": "he does not know", "until": until });
        world.host.post(&world.tokens["own-case"], &seals, &seal).await.ok();
    }
    assert_eq!((sees(&over).await, sees(&lasting).await), (200, 404));
}
