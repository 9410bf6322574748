use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::record::{Announced, Clock, FamilyId};
use crate::store::InFeed;
use crate::store::tests::House;

#[tokio::test]
async fn what_a_transaction_announces_is_told_in_order_or_not_at_all() {
    let (_house, store) = House::new().await;
    let before = store.end_of_feed().await.unwrap();
    let mut tx = store.write("ann", "took a family in").await.unwrap();
    let family = super::family("0001");
    tx.add_family(&family).await.unwrap();
    tx.announce(Announced::TaskDone, Some(family.id), "one");
    tx.announce(Announced::DecisionMade, None, "two");
    drop(tx);
    assert_eq!(store.end_of_feed().await.unwrap(), before, "it never was");

    let mut tx = store.write("ann", "took a family in").await.unwrap();
    tx.add_family(&family).await.unwrap();
    tx.announce(Announced::TaskDone, Some(family.id), "one");
    let first = tx.commit().await.unwrap().change.unwrap();
    let mut tx = store.write("ann", "decided").await.unwrap();
    tx.announce(Announced::DecisionMade, None, "two");
    let second = tx.commit().await.unwrap().change.unwrap();

    let told = store.announcements(Some(before), 10).await.unwrap().unwrap();
    let told: Vec<(InFeed, Announced, Option<FamilyId>, &str)> =
        told.iter().map(|a| (a.place, a.what, a.family, a.thing.as_str())).collect();
    let at = |change, number| InFeed { change, number };
    let id = family.id.to_string();
    assert_eq!(
        told,
        [
            (at(first, 1), Announced::FamilyTakenIn, Some(family.id), id.as_str()),
            (at(first, 2), Announced::TaskDone, Some(family.id), "one"),
            (at(second, 1), Announced::DecisionMade, None, "two"),
        ]
    );
    assert_eq!(store.end_of_feed().await.unwrap(), at(second, 1));
    let rest = store.announcements(Some(at(first, 2)), 10).await.unwrap().unwrap();
    assert_eq!(rest.iter().map(|a| a.what).collect::<Vec<_>>(), [Announced::DecisionMade], "on from there");
    assert_eq!(store.announcements(Some(before), 1).await.unwrap().unwrap().len(), 1, "at most so many");
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_said_and_never_passed_over() {
    let ahead = Arc::new(AtomicI64::new(0));
    let (house, store) = House::at(Clock::ahead(ahead.clone())).await;
    let days = |n: i64| {
        ahead.fetch_add(n * 86_400_000, Ordering::Relaxed);
    };
    let announce = async |thing: &str| {
        let mut tx = store.write("ann", "decided").await.unwrap();
        tx.announce(Announced::DecisionMade, None, thing);
        let change = tx.commit().await.unwrap().change.unwrap();
        InFeed { change, number: 1 }
    };
    let told = async |after| {
        let found = store.announcements(after, 10).await.unwrap()?;
        Some(found.into_iter().map(|a| a.thing).collect::<Vec<_>>())
    };
    let nothing = || Some(Vec::<String>::new());
    let forget = async || house.stores.forget_old(90, 400).await.unwrap();
    let beginning = InFeed::default();
    let (first, second) = (announce("one").await, announce("two").await);
    days(200);
    let third = announce("three").await;
    days(199);
    forget().await;
    assert_eq!(told(Some(beginning)).await.map(|t| t.len()), Some(3), "kept for its last day");
    days(2);
    forget().await;
    assert_eq!((told(Some(beginning)).await, told(Some(first)).await), (None, None), "`two` came after the first, and is gone");
    for after in [None, Some(second)] {
        assert_eq!(told(after).await, Some(vec!["three".to_owned()]), "nothing that came after is gone");
    }
    // Where all of it is gone, the end is where it was.
    days(400);
    forget().await;
    assert_eq!(store.end_of_feed().await.unwrap(), third);
    assert_eq!((told(Some(third)).await, told(None).await, told(Some(second)).await), (nothing(), nothing(), None));
    assert_eq!(told(Some(announce("four").await)).await, nothing());
    assert_eq!(told(Some(third)).await, Some(vec!["four".to_owned()]));
}

#[test]
fn a_place_is_read_as_it_was_told() {
    let place: InFeed = "12.3".parse().unwrap();
    assert_eq!((place.to_string(), place.number), ("12.3".to_owned(), 3));
    for wrong in ["", "12", "12.", ".3", "12.03", "-1.2", "12.3.4", "twelve.3"] {
        assert!(wrong.parse::<InFeed>().is_err(), "{wrong}");
    }
}
