//! Installations that offer several extension points: who is asked about which.

use super::House;
use super::decisions::proposed;
use crate::record::InstallationId;
use crate::store::{AuthorityStore, InstallationStatus, Offer, StoreError};

async fn offering(store: &AuthorityStore, points: &[&str]) -> InstallationId {
    let mut installation = proposed(store, "outcomes");
    installation.offers = points.iter().map(|p| Offer::of(p)).collect();
    let mut tx = store.write("manager", "propose").await.unwrap();
    tx.add_installation(&installation).await.unwrap();
    tx.commit().await.unwrap();
    installation.id
}

async fn activate(store: &AuthorityStore, id: InstallationId) -> Vec<InstallationId> {
    let mut tx = store.write("manager", "activate").await.unwrap();
    let replaced = tx.activate_installation(id, "manager").await.unwrap();
    tx.commit().await.unwrap();
    replaced
}

async fn asked(store: &AuthorityStore, point: &str) -> Vec<InstallationId> {
    store.active_installations(point).await.unwrap().iter().map(|i| i.id).collect()
}

#[tokio::test]
async fn whoever_loses_one_of_several_goes_on_with_the_rest() {
    let (_house, store) = House::new().await;
    let both = offering(&store, &["outcomes", "pathway"]).await;
    let (outcomes, pathway) = (offering(&store, &["outcomes"]).await, offering(&store, &["pathway"]).await);
    assert_eq!(activate(&store, both).await, []);
    assert_eq!(activate(&store, outcomes).await, [both]);
    assert_eq!((asked(&store, "outcomes").await, asked(&store, "pathway").await), (vec![outcomes], vec![both]));
    assert_eq!(store.installation(both).await.unwrap().status, InstallationStatus::Active);
    let mut tx = store.write("worker", "decide").await.unwrap();
    assert!(matches!(tx.must_decide(both, "outcomes").await, Err(StoreError::Conflict(_))));
    tx.must_decide(both, "pathway").await.unwrap();
    drop(tx);

    assert_eq!(activate(&store, pathway).await, [both]);
    assert_eq!(store.installation(both).await.unwrap().status, InstallationStatus::Retired, "nothing is left to it");
    let mut back = activate(&store, both).await;
    back.sort_unstable();
    let mut gone = vec![outcomes, pathway];
    gone.sort_unstable();
    assert_eq!(back, gone);
    assert_eq!((asked(&store, "outcomes").await, asked(&store, "pathway").await), (vec![both], vec![both]));
}

#[tokio::test]
async fn one_that_lost_something_can_take_it_back_while_it_is_active() {
    let (_house, store) = House::new().await;
    let both = offering(&store, &["assessment", "pathway"]).await;
    let pathway = offering(&store, &["pathway"]).await;
    activate(&store, both).await;
    assert_eq!(activate(&store, pathway).await, [both]);
    assert_eq!(asked(&store, "assessment").await, [both], "assessments add up");
    assert_eq!(activate(&store, both).await, [pathway]);
    let mut tx = store.write("manager", "activate").await.unwrap();
    assert!(matches!(tx.activate_installation(both, "manager").await, Err(StoreError::Conflict(_))));
    tx.retire_installation(both, "manager").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((asked(&store, "assessment").await, asked(&store, "pathway").await), (vec![], vec![]));
}
