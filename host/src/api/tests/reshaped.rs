//! Families and people that are found to be one, or part, over the API: from what is found to what each side reads afterwards.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Host, LEEDS, attendance, is, within};
use crate::record::{FactId, FamilyId, PersonId};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

impl Host {
    async fn read(&self, path: &str) -> Value {
        self.get(&self.bristol, &within(path)).await.ok()
    }

    async fn done(&self, path: &str, body: &Value) -> Value {
        self.post(&self.bristol, &within(path), body).await.ok()
    }

    /// The kinds of a family's facts, in order.
    async fn kinds(&self, path: &str) -> Vec<String> {
        let facts = self.read(path).await;
        let mut kinds: Vec<String> = facts["items"].as_array().unwrap().iter().map(|f| text(&f["kind"]).to_owned()).collect();
        kinds.sort();
        kinds
    }
}

fn members(family: &Value) -> Vec<&str> {
    family["members"].as_array().unwrap().iter().map(|m| text(&m["id"])).collect()
}

#[tokio::test]
async fn two_families_become_one_and_two_again() {
    let host = Host::new().await;
    let (stays, gone) = (host.family("BR-1").await, host.family("BR-2").await);
    let (stays_id, gone_id) = (text(&stays["id"]), text(&gone["id"]));
    let episode = json!({ "kind": "episode", "family": gone_id, "first": "2026-01-10", "detail": { "needs": ["health"] } });
    host.done("/facts", &episode).await;
    let before = host.read(&format!("/families/{gone_id}")).await;
    let merges = format!("/families/{stays_id}/merges");
    let merge = host.done(&merges, &json!({ "other": gone_id, "reason": "one family at two addresses" })).await;
    assert_eq!((text(&merge["family"]), text(&merge["stays"])), (gone_id, stays_id));

    let now = host.read(&format!("/families/{stays_id}")).await;
    assert_eq!(now["merged"], json!([gone_id]));
    assert_eq!(members(&now).len(), 4, "{now}");
    assert!(host.kinds(&format!("/families/{stays_id}/facts")).await.contains(&"episode".to_owned()));
    let closed = host.read(&format!("/families/{gone_id}")).await;
    assert_eq!((&closed["closed"]["how"], &closed["closed"]["goes_on_as"]), (&json!("merged"), &json!(stays_id)));
    assert!(members(&closed).is_empty());
    // As it was known before, it is read as before.
    let revision = before["revision"].as_u64().unwrap();
    let then = host.read(&format!("/families/{gone_id}?revision={revision}")).await;
    assert_eq!(then["members"], before["members"]);
    let listed = host.read("/families").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "closed families are not listed");

    // Nothing is written to it, and nothing is asked about it.
    let more = json!({ "kind": "episode", "family": gone_id, "first": "2026-02-01", "detail": { "needs": [] } });
    assert_eq!(host.post(&host.bristol, &within("/facts"), &more).await.problem().1, "conflict");
    let again = host.post(&host.bristol, &within(&merges), &json!({ "other": gone_id, "reason": "again" })).await;
    assert_eq!(again.problem().1, "conflict");

    let undo = within(&format!("/family-merges/{}/undo", text(&merge["id"])));
    let undone = host.post(&host.bristol, &undo, &json!({ "reason": "two families of one name" })).await.ok();
    assert_eq!(undone["undone"]["reason"], "two families of one name");
    let back = host.read(&format!("/families/{gone_id}")).await;
    assert!(back.get("closed").is_none(), "{back}");
    assert_eq!(members(&back), members(&before));
    assert_eq!(members(&host.read(&format!("/families/{stays_id}")).await).len(), 2);
    assert!(!host.kinds(&format!("/families/{stays_id}/facts")).await.contains(&"episode".to_owned()));
    assert_eq!(host.post(&host.bristol, &undo, &json!({ "reason": "again" })).await.problem().1, "conflict");
    let told = host.read(&format!("/families/{gone_id}/merges")).await;
    assert_eq!(told["items"][0]["undone"]["reason"], "two families of one name");
}

#[tokio::test]
async fn what_the_two_do_not_say_themselves_a_person_decides() {
    let host = Host::new().await;
    let (stays, gone) = (host.family("BR-1").await, host.family("BR-2").await);
    let (stays_id, gone_id) = (text(&stays["id"]), text(&gone["id"]));
    for (family, first) in [(stays_id, "2025-05-01"), (gone_id, "2026-01-10")] {
        let episode = json!({ "kind": "episode", "family": family, "first": first, "detail": { "needs": ["health"] } });
        host.done("/facts", &episode).await;
    }
    let merges = within(&format!("/families/{stays_id}/merges"));
    let merge = |more: Value| {
        let mut body = json!({ "other": gone_id, "reason": "one family" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, field) in [
        (json!({}), "episode"),
        (json!({ "episode": FamilyId::fresh() }), "episode"),
        (json!({ "episode": stays_id, "claims": { "significant-progress": gone_id } }), "claims.significant-progress"),
        (json!({ "other": FamilyId::fresh() }), "other"),
        (json!({ "other": stays_id }), "other"),
        (json!({ "reason": " " }), "reason"),
    ] {
        let refused = host.post(&host.bristol, &merges, &merge(more)).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(field)));
    }
    host.post(&host.bristol, &merges, &merge(json!({ "episode": stays_id }))).await.ok();
    let episodes = host.read(&format!("/families/{stays_id}/facts?kind=episode")).await;
    let open = episodes["items"].as_array().unwrap().iter().filter(|e| e.get("last").is_none()).count();
    assert_eq!((episodes["items"].as_array().unwrap().len(), open), (2, 1), "{episodes}");

    // Leeds knows of neither.
    let theirs = format!("/v1/authorities/{LEEDS}/families/{stays_id}/merges");
    assert_eq!(host.get(&host.leeds, &theirs).await.problem().1, "no-such");
    assert_eq!(host.post(&host.leeds, &theirs, &merge(json!({}))).await.problem().1, "no-such");
}

#[tokio::test]
async fn members_leave_and_each_family_keeps_what_was_theirs() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ann, ben) = (text(&taken["id"]), text(&taken["people"]["ann"]), text(&taken["people"]["ben"]));
    host.done(
        "/facts",
        &json!({ "kind": "relationship", "person": ann, "to": ben, "first": "2012-05-06", "detail": { "relation": "parent" } }),
    )
    .await;
    let mut spring = attendance(ben, 90);
    (spring["first"], spring["last"]) = (json!("2026-03-02"), json!("2026-03-31"));
    host.done("/facts", &spring).await;
    let splits = within(&format!("/families/{id}/splits"));
    let address = json!({ "lines": ["3 Quay Street"], "postcode": "BS1 4QR" });
    let split = json!({
        "people": [ben], "reference": "BR-9", "first": "2026-03-01", "since": "2025-12-01", "reason": "lives with his aunt", "address": address,
    });
    for (change, field) in [
        (json!({ "people": [] }), "people"),
        (json!({ "people": [ann, ben] }), "people"),
        (json!({ "people": [PersonId::fresh()] }), "people"),
        (json!({ "since": "2026-03-02" }), "since"),
        (json!({ "reason": "" }), "reason"),
        (json!({ "home": crate::record::HomeId::fresh(), "address": null }), "home"),
    ] {
        let mut body = split.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(host.post(&host.bristol, &splits, &body).await.problem(), is(422, "invalid", Some(field)));
    }
    let made = host.post(&host.bristol, &splits, &split).await.ok();
    let new = text(&made["new_family"]);
    let left = host.read(&format!("/families/{id}?as_of=2026-03-01")).await;
    assert_eq!(members(&left), [ann]);
    assert_eq!(members(&host.read(&format!("/families/{id}?as_of=2026-02-28")).await), [ann, ben]);
    let there = host.read(&format!("/families/{new}")).await;
    assert_eq!(there["members"][0]["memberships"], json!([{ "first": "2025-12-01", "resident": true }]));
    assert_eq!(
        host.kinds(&format!("/families/{new}/facts")).await,
        ["address", "attendance", "attendance", "birth", "membership", "name", "residence"]
    );

    // What a run is given of each is what falls into the days of its membership.
    let snapshot = async |family: &str| {
        let store = host.house.stores.authority(&crate::store::tests::code(crate::store::tests::BRISTOL)).await.unwrap();
        let bytes = store.snapshot(family.parse().unwrap()).await.unwrap().bytes;
        let read: Value = serde_json::from_slice(&bytes).unwrap();
        let rows = read["education"]["attendances"].as_array().unwrap();
        rows.iter().map(|r| r["window"].to_string()).collect::<Vec<_>>()
    };
    let (old, young) = (snapshot(id).await, snapshot(new).await);
    assert_eq!((old.len(), young.len()), (1, 2), "{old:?} {young:?}");
    let told = host.read(&format!("/families/{new}/splits")).await;
    assert_eq!((&told["items"][0]["family"], &told["items"][0]["new_family"]), (&json!(id), &json!(new)));

    // The way back is a merge.
    host.done(&format!("/families/{id}/merges"), &json!({ "other": new, "reason": "he is back" })).await;
    assert_eq!(members(&host.read(&format!("/families/{id}?as_of=2026-03-01")).await), [ann, ben]);
}

#[tokio::test]
async fn a_relationship_is_told_once_and_read_from_both_sides() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ann, ben) = (text(&taken["id"]), text(&taken["people"]["ann"]), text(&taken["people"]["ben"]));
    let told = json!({ "kind": "relationship", "person": ann, "to": ben, "first": "2012-05-06", "detail": { "relation": "parent" } });
    host.done("/facts", &told).await;
    let read = host.read(&format!("/families/{id}")).await;
    let of = |n: usize| (read["members"][n]["relations"][0]["is"].clone(), read["members"][n]["relations"][0]["of"].clone());
    assert_eq!((of(0), of(1)), ((json!("parent"), json!(ben)), (json!("child"), json!(ann))));
    let before = host.read(&format!("/families/{id}?as_of=2012-05-05")).await;
    assert!(before["members"].as_array().unwrap().is_empty(), "nobody was a member yet: {before}");
}

#[tokio::test]
async fn two_rows_become_one_person_and_two_again() {
    let host = Host::new().await;
    let (one, other) = (host.family("BR-1").await, host.family("BR-2").await);
    let (ben, also_ben) = (text(&one["people"]["ben"]), text(&other["people"]["ben"]));
    let merges = within("/person-merges");
    for (body, field) in [
        (json!({ "person": ben, "other": ben, "reason": "one" }), "other"),
        (json!({ "person": ben, "other": PersonId::fresh(), "reason": "one" }), "other"),
        (json!({ "person": PersonId::fresh(), "other": ben, "reason": "one" }), "person"),
        (json!({ "person": ben, "other": also_ben, "reason": "one", "wrong": [FactId::fresh()] }), "wrong"),
        (json!({ "person": ben, "other": also_ben, "reason": "" }), "reason"),
    ] {
        assert_eq!(host.post(&host.bristol, &merges, &body).await.problem(), is(422, "invalid", Some(field)));
    }
    let body = json!({ "person": ben, "other": also_ben, "reason": "two schools sent him" });
    let merge = host.post(&host.bristol, &merges, &body).await.ok();
    let both = host.read(&format!("/families/{}", text(&other["id"]))).await;
    assert!(members(&both).contains(&ben) && !members(&both).contains(&also_ben), "{both}");
    // He is found once, with both families.
    let found = host.read("/search?name=Ben%20Bell").await;
    let hits = found["items"].as_array().unwrap();
    assert_eq!((hits.len(), hits[0]["families"].as_array().unwrap().len()), (1, 2), "{found}");
    let written = host.post(&host.bristol, &within("/facts"), &attendance(also_ben, 1)).await;
    assert_eq!(written.problem().1, "conflict");
    assert_eq!(host.post(&host.bristol, &merges, &body).await.problem().1, "conflict");

    let undo = within(&format!("/person-merges/{}/undo", text(&merge["id"])));
    host.post(&host.bristol, &undo, &json!({ "reason": "cousins" })).await.ok();
    let both = host.read(&format!("/families/{}", text(&other["id"]))).await;
    assert!(!members(&both).contains(&ben) && members(&both).contains(&also_ben), "{both}");
    let listed = host.read("/person-merges").await;
    assert_eq!(listed["items"][0]["undone"]["reason"], "cousins");
    assert_eq!(host.get(&host.leeds, &merges).await.problem().1, "no-such");
}

#[tokio::test]
async fn a_change_of_worker_is_one_step_with_its_reason_and_one_may_have_several_parts() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let at = format!("/families/{}/assignments", text(&taken["id"]));
    let login = async |name: &str| host.done("/people", &json!({ "name": name, "role": "keyworker" })).await["login"].clone();
    let (joy, priya) = (login("Joy").await, login("Priya").await);
    let first = host.done(&at, &json!({ "login": joy, "role": "keyworker", "first": "2026-01-01" })).await;
    host.done(&at, &json!({ "login": joy, "role": "translator", "first": "2026-01-01" })).await;
    let change = json!({ "login": priya, "role": "keyworker", "first": "2026-02-01", "instead_of": first["id"] });
    assert_eq!(host.post(&host.bristol, &within(&at), &change).await.problem(), is(422, "invalid", Some("reason")));
    let mut stranger = change.clone();
    (stranger["instead_of"], stranger["reason"]) = (json!(crate::record::AssignmentId::fresh()), json!("a move"));
    assert_eq!(host.post(&host.bristol, &within(&at), &stranger).await.problem(), is(422, "invalid", Some("instead_of")));
    let mut change = change;
    change["reason"] = json!("Joy goes back to school nursing");
    assert_eq!(host.post(&host.bristol, &within(&at), &change).await.status, StatusCode::CREATED);
    let all = host.read(&at).await;
    let of: Vec<(Value, Value)> = all["items"].as_array().unwrap().iter().map(|a| (a["role"].clone(), a["last"].clone())).collect();
    assert_eq!(of, [(json!("keyworker"), json!("2026-01-31")), (json!("translator"), Value::Null), (json!("keyworker"), Value::Null)]);
    assert_eq!(all["items"][0]["ended_why"], "Joy goes back to school nursing");
}

#[tokio::test]
async fn a_family_is_read_as_it_was_known_on_any_day_or_at_any_revision() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ben) = (text(&taken["id"]), text(&taken["people"]["ben"]));
    host.done(
        "/facts",
        &json!({ "kind": "exclusion", "person": ben, "first": "2025-10-01", "last": "2025-10-03", "detail": { "how": "fixed-term" } }),
    )
    .await;
    let facts = format!("/families/{id}/facts?kind=exclusion");
    assert_eq!(host.kinds(&facts).await.len(), 1);
    assert!(host.kinds(&format!("{facts}&revision=1")).await.is_empty());
    assert_eq!(host.kinds(&format!("{facts}&as_of=2025-10-03")).await.len(), 1);
    assert!(host.kinds(&format!("{facts}&as_of=2025-10-04")).await.is_empty());
    for (query, field) in [
        ("revision=99", "revision"),
        ("revision=x", "revision"),
        ("as_of=soon", "as_of"),
        ("known_at=2026-01-01T00:00:00Z&revision=1", "revision"),
    ] {
        for path in [format!("/families/{id}?{query}"), format!("/families/{id}/facts?{query}")] {
            assert_eq!(host.get(&host.bristol, &within(&path)).await.problem(), is(422, "invalid", Some(field)), "{path}");
        }
    }
    let never = host.read(&format!("/families/{id}?known_at=2001-01-01T00:00:00Z")).await;
    assert!(members(&never).is_empty(), "{never}");
}
