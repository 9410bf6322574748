//! Tables that the authority supplies, and its policies: every version kept, the latest counts.

use serde_json::{Value, json};

use super::House;
use super::decisions::installed;
use crate::record::InstallationId;
use crate::store::{AsKnown, AuthorityStore, StoreError};

async fn supply(store: &AuthorityStore, of: Option<InstallationId>, name: &str, rows: &Value) -> u64 {
    let mut tx = store.write("manager", "supply").await.unwrap();
    let version = tx.supply_table(of, name, rows).await.unwrap().version;
    tx.commit().await.unwrap();
    version
}

#[tokio::test]
async fn a_table_is_read_as_it_was_known_and_by_those_alone_whom_it_is_for() {
    let (_house, store) = House::new().await;
    let (one, other) = (installed(&store).await, installed(&store).await);
    assert_eq!(supply(&store, None, "terms", &json!([1])).await, 1);
    assert_eq!(supply(&store, Some(one), "rates", &json!(["a"])).await, 1);
    let then = store.last_change().await.unwrap();
    assert_eq!(supply(&store, Some(one), "rates", &json!(["a"])).await, 1, "the same rows are no new version");
    assert_eq!(store.last_change().await.unwrap(), then, "and no change");
    assert_eq!(supply(&store, Some(one), "rates", &json!(["b"])).await, 2);
    assert_eq!(supply(&store, None, "terms", &json!([1, 2])).await, 2);

    let rows = async |of, known| {
        let tables = store.supplied_to(of, known).await.unwrap();
        tables.into_iter().map(|t| (t.name, t.rows)).collect::<Vec<_>>()
    };
    let table = |name: &str, rows: Value| (name.to_owned(), rows);
    assert_eq!(rows(one, AsKnown::Now).await, [table("rates", json!(["b"])), table("terms", json!([1, 2]))]);
    assert_eq!(rows(one, AsKnown::After(then)).await, [table("rates", json!(["a"])), table("terms", json!([1]))]);
    assert_eq!(rows(other, AsKnown::Now).await, [table("terms", json!([1, 2]))]);
    assert_eq!(store.supplied(Some(one), "rates", Some(1)).await.unwrap().rows, json!(["a"]));
    assert!(matches!(store.supplied(Some(one), "rates", Some(3)).await, Err(StoreError::NoSuch { .. })));
    assert!(matches!(store.supplied(None, "rates", None).await, Err(StoreError::NoSuch { .. })));
}

#[tokio::test]
async fn the_latest_policy_counts_and_each_statement_is_a_change() {
    let (_house, store) = House::new().await;
    let set = async |by: &str, policies: &[(&str, &str)]| {
        let mut tx = store.write(by, "set policies").await.unwrap();
        let new = tx.set_policies(policies).await.unwrap();
        (new, tx.commit().await.unwrap().change.is_some())
    };
    assert_eq!(set("ann", &[("goal", "automatic"), ("task", "automatic")]).await, (2, true));
    assert_eq!(set("bob", &[("goal", "automatic"), ("task", "person-confirms")]).await, (1, true));
    assert_eq!(set("bob", &[("goal", "automatic")]).await, (0, false));
    let said = store.policies().await.unwrap();
    let said: Vec<_> = said.iter().map(|p| (p.action.as_str(), p.policy.as_str(), p.by.as_str())).collect();
    assert_eq!(said, [("goal", "automatic", "ann"), ("task", "person-confirms", "bob")]);
}
