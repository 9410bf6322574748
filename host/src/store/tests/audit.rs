//! The audit trail: what is noted, and that no row of it can be touched without its being named.

use std::collections::BTreeSet;

use super::{BRISTOL, House, add, code, family};
use crate::record::{FamilyId, Section};
use crate::store::{Act, Anchor, AuthorityStore, Looked, Seen, Stores, Wanted, Whose};

fn looked(principal: &str) -> Looked {
    Looked { principal: principal.into(), what: "GET /families/{family}".into(), purpose: Some("review".into()) }
}

/// Two sealed batches (a family taken in and six readings; six more) and one entry that is not sealed.
async fn with_trail() -> (House, AuthorityStore, Vec<Anchor>) {
    let (house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let mut anchors = Vec::new();
    for batch in 0..2 {
        for n in 0..6 {
            let seen = Seen { sections: vec![Section::Education], ..Seen::thing("decision", batch * 6 + n, &[]) };
            store.saw(&looked("worker"), &[Seen { family: Some(bells.id), ..seen }]).await.unwrap();
        }
        anchors.push(Anchor::of(BRISTOL, &store.audit_seal().await.unwrap().unwrap()));
    }
    store.saw(&looked("worker"), &[Seen::family(bells.id, &[])]).await.unwrap();
    (house, store, anchors)
}

#[tokio::test]
async fn whatever_is_done_to_a_trail_is_named_by_its_row() {
    // Entries 1 to 7 are in seal 1 (the first is the change), 8 to 13 in seal 2, 14 is not sealed yet.
    for (what_is_done, named) in [
        ("", None),
        ("UPDATE audit_entry SET principal = 'somebody else' WHERE id = 5", Some("entry 5 was changed")),
        ("UPDATE audit_entry SET sections = '' WHERE id = 13", Some("entry 13 was changed")),
        ("UPDATE audit_entry SET at = at + 1 WHERE id = 1", Some("entry 1 was changed")),
        ("UPDATE audit_entry SET family = NULL WHERE id = 9", Some("entry 9 was changed")),
        ("UPDATE audit_entry SET family = substr(family, 1, 8) WHERE id = 9", Some("entry 9 was changed")),
        ("DELETE FROM audit_entry WHERE id = 5", Some("entry 5 is missing")),
        ("DELETE FROM audit_entry WHERE id = 7", Some("entry 7 is missing")),
        ("DELETE FROM audit_entry WHERE id > 10", Some("entry 11 is missing")),
        (
            "DELETE FROM audit_entry WHERE id = 5;
             INSERT INTO audit_entry (id, at, principal, act, what, sections) VALUES (-3, 0, 'x', 'read', 'x', '')",
            Some("entry -3 was inserted"),
        ),
        ("UPDATE audit_entry SET id = 0 WHERE id = 14", Some("entry 0 was inserted")),
        (
            "UPDATE audit_entry SET id = -1 WHERE id = 5; UPDATE audit_entry SET id = 5 WHERE id = 6;
             UPDATE audit_entry SET id = 6 WHERE id = -1",
            Some("entry 5 is out of its order"),
        ),
        (
            "UPDATE audit_entry SET id = id + 100 WHERE id > 7; UPDATE audit_entry SET id = id - 99 WHERE id > 100;
             INSERT INTO audit_entry (id, at, principal, act, what, sections) VALUES (8, 0, 'x', 'read', 'x', '')",
            Some("entry 8 was changed"),
        ),
        ("UPDATE audit_seal SET number = 20 WHERE number = 2", Some("seal 2 is missing")),
        ("UPDATE audit_seal SET entries = substr(entries, 1, 40) WHERE number = 1", Some("seal 1 was changed")),
        ("UPDATE audit_seal SET at = at + 1 WHERE number = 2", Some("seal 2 was changed")),
        ("UPDATE audit_seal SET before = NULL WHERE number = 2", Some("seal 2 was changed")),
        ("DELETE FROM audit_seal WHERE number = 1", Some("seal 1 is missing")),
        ("DELETE FROM audit_seal WHERE number = 2", Some("the trail was cut off before seal 2, which was kept elsewhere")),
        (
            "DELETE FROM audit_seal; DELETE FROM audit_entry WHERE id > 1",
            Some("the trail was cut off before seal 1, which was kept elsewhere"),
        ),
        ("UPDATE change SET principal = 'nobody' WHERE id = 1", Some("change 1 was changed")),
        (
            "INSERT INTO change (at, principal, what) VALUES (9000000000000, 'x', 'y')",
            Some("change 2 has no entry: it was inserted, or its entry taken away"),
        ),
        (
            "UPDATE family_revision SET snapshot = (SELECT digest FROM audit_seal WHERE number = 1)",
            Some("the revision of change 1 was changed"),
        ),
    ] {
        let (house, store, anchors) = with_trail().await;
        house.rooms.tamper(what_is_done).await;
        let verified = store.audit_verify(&anchors).await.unwrap();
        assert_eq!(verified.broken.map(|b| b.to_string()).as_deref(), named, "{what_is_done}");
    }
}

#[tokio::test]
async fn a_trail_that_is_written_anew_is_another_than_the_one_kept_elsewhere() {
    let (house, store, anchors) = with_trail().await;
    house.rooms.tamper("DELETE FROM audit_seal; UPDATE audit_entry SET principal = 'somebody else' WHERE id = 3").await;
    while store.audit_seal().await.unwrap().is_some() {}
    assert_eq!(store.audit_verify(&[]).await.unwrap().broken, None, "by itself it is whole");
    let found = store.audit_verify(&anchors).await.unwrap().broken.unwrap().to_string();
    assert_eq!(found, "seal 1 is not the one that was kept elsewhere: what it seals was written anew");
    // Seals of other trails are not looked at.
    let others: Vec<Anchor> = anchors.iter().map(|a| Anchor { trail: "E08000035".into(), ..a.clone() }).collect();
    assert_eq!(store.audit_verify(&others).await.unwrap().broken, None);
}

#[tokio::test]
async fn readings_of_one_moment_are_all_kept_before_they_are_answered() {
    let (house, store) = House::new().await;
    let readings = (0..200).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.saw(&looked(&format!("worker {n}")), &[Seen::family(FamilyId::fresh(), &[])]).await })
    });
    for reading in readings.collect::<Vec<_>>() {
        reading.await.unwrap().unwrap();
    }
    // Whatever was answered is there for whoever opens the file next, without this host's doing anything more.
    let again = house.rooms.open(crate::record::Clock::system()).await;
    let kept = again.authority(&code(BRISTOL)).await.unwrap().audit_after(0, 1000).await.unwrap();
    let who: BTreeSet<&str> = kept.iter().map(|e| e.principal.as_str()).collect();
    assert_eq!((kept.len(), who.len()), (200, 200));
}

#[tokio::test]
async fn the_trail_is_searched_by_family_person_principal_act_and_time() {
    let (_house, store) = House::new().await;
    let (bells, others) = (family("B-1"), family("B-2"));
    add(&store, &bells).await;
    add(&store, &others).await;
    store.saw(&looked("worker"), &[Seen::family(bells.id, &[Section::Notes, Section::Education, Section::Notes])]).await.unwrap();
    store.saw(&looked("manager"), &[Seen::family(others.id, &[])]).await.unwrap();
    store.refused(&looked("E08000035/stranger"), &Seen::default()).await.unwrap();

    let search = async |wanted: Wanted| {
        let found = store.audit_search(&wanted, None, 10).await.unwrap().items;
        found.into_iter().map(|e| format!("{} {} {}", e.principal, e.act.code(), e.sections)).collect::<Vec<_>>()
    };
    let of_family = search(Wanted { of: Whose::Family(bells.id), ..Wanted::default() }).await;
    assert_eq!(of_family, ["worker read education,notes", "tests wrote "], "read by its id, and written by a change");
    assert_eq!(search(Wanted { of: Whose::Person(bells.people["ben"]), ..Wanted::default() }).await, of_family);
    assert_eq!(search(Wanted { principal: Some("manager".into()), ..Wanted::default() }).await, ["manager read "]);
    assert_eq!(search(Wanted { act: Some(Act::Refused), ..Wanted::default() }).await, ["E08000035/stranger refused "]);
    let now = store.clock().now();
    assert_eq!(
        search(Wanted { from: Some(crate::record::KnownAt::from_millis(now.millis() + 60_000)), ..Wanted::default() }).await.len(),
        0
    );
    assert_eq!(
        search(Wanted { until: Some(crate::record::KnownAt::from_millis(now.millis() + 60_000)), ..Wanted::default() }).await.len(),
        5
    );
}

#[tokio::test]
async fn what_belongs_to_no_authority_has_a_trail_too() {
    let (house, _) = House::new().await;
    let common = house.stores.common();
    let mut tx = common.write("operator/ann", "added an organisation").await.unwrap();
    let organisation = crate::store::Organisation { id: "harbour".parse().unwrap(), name: "Harbour".into(), kind: "charity".into() };
    tx.add_organisation(&organisation).await.unwrap();
    tx.commit().await.unwrap();
    common.write("operator/ann", "looked, and wrote nothing").await.unwrap().commit().await.unwrap();
    let trail = common.audit_after(0, 100).await.unwrap();
    assert_eq!(trail.last().map(|e| (e.principal.as_str(), e.what.as_str())), Some(("operator/ann", "added an organisation")));

    let sealed = house.stores.seal_all().await.unwrap();
    assert_eq!(sealed.len(), 1, "the authority has nothing to seal: {sealed:?}");
    let verified = common.audit_verify(&sealed).await.unwrap();
    assert_eq!((verified.broken, verified.unsealed, verified.entries), (None, 0, trail.len() as u64));
    let line = sealed[0].to_string();
    assert_eq!(line.parse::<Anchor>().unwrap(), sealed[0]);
    assert!("E06000023 x sha256:00".parse::<Anchor>().is_err());
}

#[tokio::test]
async fn who_is_refused_again_and_again_fills_no_trail() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::open(folder.path(), crate::record::Clock::fixed(super::noon(0))).await.unwrap();
    let store = stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
    for _ in 0..250 {
        store.refused(&looked("E08000035/stranger"), &Seen::default()).await.unwrap();
    }
    let kept = store.audit_after(0, 1000).await.unwrap();
    assert_eq!((kept.len(), kept.last().unwrap().thing.as_deref()), (101, Some("and more")));
}
