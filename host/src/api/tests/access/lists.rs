//! Lists with hidden rows among them: what is not theirs is neither counted nor skipped over.

use serde_json::{Value, json};

use super::super::{family, within};
use super::world::World;

async fn walked(world: &World, actor: &str, path: &str, limit: u32) -> (Vec<String>, usize) {
    let (mut seen, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.host.get(&world.tokens[actor], &within(&format!("{path}?limit={limit}{next}"))).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(page["next"].is_null() || items.len() == limit as usize, "a page that is not the last is full");
        seen.extend(items.iter().map(|i| i["id"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => return (seen, pages),
        }
    }
}

/// Eight families, of which every second is the keyworker's.
async fn eight(world: &World) -> Vec<String> {
    let mut theirs = vec![world.id("family").to_owned()];
    for number in 0..8 {
        let id = world.done(&within("/families"), &family(&format!("BR-9{number}"))).await["id"].as_str().unwrap().to_owned();
        if number % 2 == 1 {
            let assign = json!({ "login": world.id("own-case"), "role": "keyworker" });
            world.done(&within(&format!("/families/{id}/assignments")), &assign).await;
            theirs.push(id);
        }
    }
    theirs
}

#[tokio::test]
async fn families_are_listed_without_those_that_are_not_theirs() {
    let world = World::new().await;
    let theirs = eight(&world).await;
    assert_eq!(walked(&world, "own-case", "/families", 2).await, (theirs.clone(), 3));
    assert_eq!(walked(&world, "stand-in", "/families", 2).await, (theirs.clone(), 3), "whoever stands in sees the same");
    assert_eq!(walked(&world, "other-case", "/families", 2).await, (vec![], 1));
    assert_eq!(walked(&world, "consented", "/families", 1).await, (theirs[..1].to_vec(), 1));
    assert_eq!(walked(&world, "manager", "/families", 3).await.0.len(), 10);
    // A cursor into what is hidden is a place like any other.
    let all = walked(&world, "manager", "/families", 200).await.0;
    let hidden = all.iter().find(|id| !theirs.contains(id)).unwrap();
    let page = world.host.get(&world.host.bristol, &within("/families?limit=2")).await.ok();
    let after = page["next"].as_str().unwrap();
    let rest = world.host.get(&world.tokens["own-case"], &within(&format!("/families?after={after}"))).await.ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), theirs.len() - 1, "after {hidden}");
    // By what it is called, too.
    for (actor, count) in [("own-case", 1), ("other-case", 0), ("manager", 1)] {
        let found = world.host.get(&world.tokens[actor], &within("/families?reference=BR-1")).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{actor}");
    }
}

#[tokio::test]
async fn decisions_tasks_and_proposals_are_listed_without_those_that_are_not_theirs() {
    let mut world = World::new().await;
    world.programme().await;
    let other = json!({ "family": world.id("spare"), "question": "triage", "as_of": "2026-08-31", "about": world.triage()["about"] });
    for _ in 0..3 {
        world.done(&within("/decisions"), &other).await;
    }
    let of = |page: &Value| page["items"].as_array().unwrap().iter().all(|i| i["family"] == world.id("family"));
    for list in ["decisions", "proposals", "undecided"] {
        let get = async |actor: &str| world.host.get(&world.tokens[actor], &within(&format!("/{list}"))).await.ok();
        let (own, all, none) = (get("own-case").await, get("manager").await, get("other-case").await);
        assert!(of(&own) && !own["items"].as_array().unwrap().is_empty(), "{list}: {own}");
        assert_eq!(none, json!({ "items": [], "next": null }), "{list}");
        if list != "undecided" {
            assert!(all["items"].as_array().unwrap().len() > own["items"].as_array().unwrap().len(), "{list}");
        }
    }
    assert_eq!(walked(&world, "own-case", "/decisions", 1).await.0, [world.id("decision")]);
    // A family that is not theirs and one that is not there list alike.
    let filtered = async |id: &str| world.host.get(&world.tokens["other-case"], &within(&format!("/decisions?family={id}"))).await;
    let (hidden, missing) = (filtered(world.id("family")).await, filtered(&crate::record::FamilyId::fresh().to_string()).await);
    assert_eq!((hidden.status, hidden.bytes), (missing.status, missing.bytes));
}
