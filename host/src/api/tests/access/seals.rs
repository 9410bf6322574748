//! What is sealed is not there for whoever is not named: in the record, in what runs are given, in decisions, in revisions.

use serde_json::{Value, json};

use super::super::{LEEDS, attendance, within};
use super::world::World;

async fn get(world: &World, actor: &str, path: &str) -> Value {
    world.host.get(&world.tokens[actor], &within(path)).await.ok()
}

fn names(family: &Value) -> Vec<&str> {
    family["members"].as_array().unwrap().iter().map(|m| m["name"]["given"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_sealed_member_is_a_member_for_those_who_are_named_alone() {
    let world = World::new().await;
    let family = format!("/families/{}", world.id("family"));
    assert_eq!(names(&get(&world, "own-case", &family).await).len(), 3);
    for actor in ["manager", "system", "stand-in", "emergency"] {
        assert_eq!(names(&get(&world, actor, &family).await).len(), 2, "{actor}");
    }
    let (mine, theirs) = (
        get(&world, "own-case", &format!("{family}/facts?limit=200")).await,
        get(&world, "manager", &format!("{family}/facts?limit=200")).await,
    );
    let about_cal = |facts: &Value| facts.to_string().contains(world.id("cal"));
    assert!(about_cal(&mine) && !about_cal(&theirs));
    assert_eq!(theirs["withheld"], json!([]), "nothing says that something is sealed");
    // Nor does the list of seals.
    assert_eq!(get(&world, "manager", &format!("{family}/seals")).await["items"], json!([]));
    assert_eq!(get(&world, "own-case", &format!("{family}/seals")).await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_known_before_is_sealed_too() {
    let world = World::new().await;
    let path = format!("/families/{}/facts?limit=200&known_at=", world.id("family"));
    let now = world.host.house.stores.clock().now().to_string();
    let facts = get(&world, "manager", &format!("{path}{now}")).await;
    assert!(!facts.to_string().contains(world.id("sealed-fact")));
}

#[tokio::test]
async fn a_run_is_given_what_is_sealed_only_where_that_was_granted() {
    let world = World::new().await;
    let store = world.host.house.stores.authority(&World::authority().parse().unwrap()).await.unwrap();
    let id = world.id("family").parse().unwrap();
    let usual = store.snapshot(id).await.unwrap();
    let text = String::from_utf8(usual.bytes.clone()).unwrap();
    assert!(!text.contains(world.id("cal")) && !text.contains(world.id("sealed-fact")));
    assert_eq!(
        store.rebuild_snapshot(id, usual.revision).await.unwrap(),
        (usual.digest, usual.bytes.clone()),
        "and it follows from the record"
    );
    let granted = store.with_sealed(usual.clone(), store.last_change().await.unwrap()).await.unwrap();
    let text = String::from_utf8(granted.bytes).unwrap();
    assert!(text.contains(world.id("cal")) && text.contains(world.id("sealed-fact")));
    assert_eq!(granted.seals.len(), 2);

    let lifted = json!({ "reason": "she wants it known" });
    let seal = within(&format!("/seals/{}/lifting", world.id("member-seal")));
    world.host.post(&world.tokens["own-case"], &seal, &lifted).await.ok();
    let after = store.snapshot(id).await.unwrap();
    assert!(after.revision > usual.revision && String::from_utf8(after.bytes).unwrap().contains(world.id("cal")));
    assert_eq!(store.rebuild_snapshot(id, usual.revision).await.unwrap().0, usual.digest, "of then it is still left out");
}

#[tokio::test]
async fn a_decision_that_was_given_what_is_sealed_is_seen_by_those_alone_who_are_named() {
    let world = World::new().await;
    let proposed = world.host.upload("bristol-outcomes").await.ok();
    let grants: Vec<&Value> = proposed["asks"].as_array().unwrap().iter().map(|a| &a["interface"]).collect();
    let installations = within("/installations");
    let new = json!({ "plugin": proposed["digest"], "grants": grants, "settings": {} });
    let installed = world.done(&installations, &new).await["id"].as_str().unwrap().to_owned();
    let set = json!({ "grants": grants, "sealed": true });
    let set = world.host.put(&world.host.bristol, &format!("{installations}/{installed}/grants"), &set).await.ok();
    assert_eq!(set["sealed"], true);
    world.host.one_person_approves().await;
    world.done(&format!("{installations}/{installed}/activation"), &json!({})).await;

    let asked = json!({ "family": world.id("family"), "question": "progress", "as_of": "2026-08-31" });
    let by_manager = world.host.post(&world.tokens["manager"], &within("/decisions"), &asked).await.ok();
    assert_eq!((&by_manager["result"], &by_manager["withheld"]), (&json!("withheld"), &json!([])), "{by_manager}");
    assert!(by_manager.get("findings").is_none());
    let decision = format!("/decisions/{}", by_manager["id"].as_str().unwrap());
    let manager = world.host.get(&world.tokens["manager"], &within(&decision)).await;
    assert_eq!(manager.status.as_u16(), 404);
    assert_eq!(get(&world, "manager", "/decisions").await["items"], json!([]));
    let keyworker = get(&world, "own-case", &decision).await;
    assert!(keyworker["findings"].is_array() && keyworker["result"] != "withheld");
    let replayed = world.host.post(&world.tokens["own-case"], &within(&format!("{decision}/replay")), &json!({})).await.ok();
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")));
}

#[tokio::test]
async fn an_earlier_decision_is_hidden_with_the_fact_that_it_was_given() {
    let world = World::new().await;
    world.host.adopt("bristol-outcomes", json!({})).await;
    let asked = json!({ "family": world.id("family"), "question": "eligibility", "as_of": "2026-08-31" });
    let made = world.done(&within("/decisions"), &asked).await;
    let decision = format!("/decisions/{}", made["id"].as_str().unwrap());
    get(&world, "manager", &decision).await;
    let seals = within(&format!("/families/{}/seals", world.id("family")));
    let seal = json!({ "fact": world.id("fact"), "names": [], "reason": "he does not know" });
    let seal = world.host.post(&world.tokens["own-case"], &seals, &seal).await.ok();
    assert_eq!(world.host.get(&world.tokens["manager"], &within(&decision)).await.status.as_u16(), 404);
    get(&world, "own-case", &decision).await;
    let replay = within(&format!("{decision}/replay"));
    let replayed = world.host.post(&world.tokens["own-case"], &replay, &json!({})).await.ok();
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")));
    let lifting = within(&format!("/seals/{}/lifting", seal["id"].as_str().unwrap()));
    world.host.post(&world.tokens["own-case"], &lifting, &json!({ "reason": "it was a mistake" })).await.ok();
    get(&world, "manager", &decision).await;
}

async fn found(world: &World, actor: &str, name: &str) -> String {
    get(world, actor, &format!("/search?name={name}%20Bell")).await["items"].to_string()
}

#[tokio::test]
async fn a_search_finds_nobody_who_is_sealed_and_nobody_of_other_cases() {
    let world = World::new().await;
    let (ben, cal) = (world.id("ben").to_owned(), world.id("cal").to_owned());
    for actor in ["own-case", "manager", "system", "stand-in"] {
        let found_ben = found(&world, actor, "Ben").await;
        assert!(found_ben.contains(&ben), "{actor} does not find Ben, of whom an attendance is sealed: {found_ben}");
        assert_eq!(found(&world, actor, "Cal").await.contains(&cal), actor == "own-case", "Cal, for {actor}");
    }
    for actor in ["other-case", "withdrawn", "expired", "two-councils"] {
        assert_eq!(found(&world, actor, "Ben").await, "[]", "{actor}");
    }
    // What tells who he is, sealed: of it nothing may be shown, and what is found is shown whole.
    let facts = get(&world, "own-case", &format!("/families/{}/facts?limit=200", world.id("family"))).await;
    let is_his_name = |f: &&Value| f["kind"] == "name" && f["person"] == json!(ben);
    let name = facts["items"].as_array().unwrap().iter().find(is_his_name).unwrap()["id"].clone();
    let seals = within(&format!("/families/{}/seals", world.id("family")));
    let new = json!({ "fact": name, "names": [], "reason": "a new name that he hides behind" });
    world.host.post(&world.tokens["own-case"], &seals, &new).await;
    assert!(!found(&world, "manager", "Ben").await.contains(&ben) && found(&world, "own-case", "Ben").await.contains(&ben));
}

/// An alleged perpetrator's other family must not learn by a new revision that something was recorded elsewhere.
#[tokio::test]
async fn what_is_recorded_elsewhere_does_not_show_by_a_new_revision() {
    let world = World::new().await;
    let ben = world.id("ben");
    // Ben was of the spare family too, until 2021.
    let membership = json!({
        "kind": "membership", "family": world.id("spare"), "person": ben, "first": "2018-01-01", "last": "2021-06-30", "detail": { "resident": true },
    });
    world.done(&within("/facts"), &membership).await;
    let spare = format!("/families/{}", world.id("spare"));
    let before = get(&world, "manager", &spare).await;
    let alleged = json!({
        "kind": "abuse-incident", "person": world.id("ann"), "to": ben, "first": "2026-03-01", "source": "avon-police",
        "detail": { "child_present": true },
    });
    for fact in [alleged, attendance(ben, 20)] {
        world.done(&within("/facts"), &fact).await;
    }
    let after = get(&world, "manager", &spare).await;
    assert_eq!((&after["revision"], &after["changed_at"]), (&before["revision"], &before["changed_at"]));
    let own = get(&world, "manager", &format!("/families/{}", world.id("family"))).await;
    assert!(own["revision"].as_u64() > Some(3), "the family that it is about has one");
    // What it shares with that family shows there as ever.
    let mut then = attendance(ben, 50);
    (then["first"], then["last"]) = (json!("2021-01-05"), json!("2021-03-31"));
    world.done(&within("/facts"), &then).await;
    assert!(get(&world, "manager", &spare).await["revision"].as_u64() > before["revision"].as_u64());
}

#[tokio::test]
async fn a_seal_names_people_who_work_here_and_says_why() {
    let world = World::new().await;
    let seals = within(&format!("/families/{}/seals", world.id("family")));
    let fact = world.id("fact");
    let stranger = crate::record::LoginId::fresh();
    for (new, field) in [
        (json!({ "fact": fact, "names": [], "reason": "no reason" }), Some("names")),
        (json!({ "fact": fact, "names": [stranger], "reason": "no reason" }), Some("names")),
        (json!({ "fact": fact, "names": [world.id("manager")], "reason": " " }), Some("reason")),
        (json!({ "fact": fact, "member": world.id("ben"), "names": [world.id("manager")], "reason": "no reason" }), Some("fact")),
        (json!({ "member": world.id("cal"), "names": [world.id("manager")], "reason": "no reason" }), Some("member")),
    ] {
        let refused = world.host.post(&world.host.bristol, &seals, &new).await;
        assert_eq!(refused.problem(), super::super::is(422, "invalid", field), "{new}");
    }
    let elsewhere = format!("/v1/authorities/{LEEDS}/families/{}/seals", world.id("family"));
    let refused = world.host.post(&world.host.leeds, &elsewhere, &json!({ "fact": fact, "names": [], "reason": "no reason" })).await;
    assert_eq!(refused.problem(), super::super::is(404, "no-such", Some("family")));
}

#[tokio::test]
async fn a_list_calls_families_by_the_names_of_those_who_are_known_to_the_reader() {
    let world = World::new().await;
    let new = json!({
        "kind": "name", "person": world.id("cal"), "first": "2026-01-05", "source": "hill-school", "detail": { "given": "Cal", "family": "Marsh" },
    });
    let recorded = world.host.post(&world.tokens["own-case"], &within("/facts"), &new).await;
    assert!(recorded.status.is_success(), "{}", recorded.text());
    let called = async |actor: &str| {
        let listed = get(&world, actor, "/families").await;
        let all = listed["items"].as_array().unwrap();
        all.iter().find(|f| f["id"] == world.id("family")).unwrap()["names"].clone()
    };
    assert_eq!(called("own-case").await, json!(["Bell", "Marsh"]));
    assert_eq!(called("manager").await, json!(["Bell"]), "Cal's membership is sealed");
    assert_eq!(called("consented").await, json!([]), "the school sees nobody's name");
}
