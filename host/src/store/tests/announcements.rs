use crate::record::{Announced, FamilyId};
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

    let told = store.announcements(before, 10).await.unwrap();
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
    let rest = store.announcements(at(first, 2), 10).await.unwrap();
    assert_eq!(rest.iter().map(|a| a.what).collect::<Vec<_>>(), [Announced::DecisionMade], "on from there");
    assert_eq!(store.announcements(before, 1).await.unwrap().len(), 1, "at most so many");
}

#[test]
fn a_place_is_read_as_it_was_told() {
    let place: InFeed = "12.3".parse().unwrap();
    assert_eq!((place.to_string(), place.number), ("12.3".to_owned(), 3));
    for wrong in ["", "12", "12.", ".3", "12.03", "-1.2", "12.3.4", "twelve.3"] {
        assert!(wrong.parse::<InFeed>().is_err(), "{wrong}");
    }
}
