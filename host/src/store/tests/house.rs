//! Files: who is kept where, and what is not found elsewhere.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{BRISTOL, House, Rooms, add, attended, code, family};
use crate::record::{Clock, Digest, OrganisationId, Subject};
use crate::store::files::{LOG_PAGES, PAGE_BYTES};
use crate::store::sql::query;
use crate::store::wal::COMMITS;
use crate::store::{Answered, AsKnown, NewToken, Place, PluginVersion, StoreError, Stores};

#[tokio::test]
async fn an_authority_that_was_never_created_has_no_store() {
    let (house, _) = House::new().await;
    let error = house.stores.authority(&code("E09000001")).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuch { what: "authority", .. }), "{error}");
    let error = house.stores.create_authority(&code(BRISTOL), "Bristol again").await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { what: "authority", .. }), "{error}");
}

#[tokio::test]
async fn another_authoritys_ids_are_not_found() {
    let (house, bristol) = House::new().await;
    let leeds = house.stores.create_authority(&code("E08000035"), "Leeds").await.unwrap();
    let bells = family("B-1");
    add(&bristol, &bells).await;

    assert!(matches!(leeds.family(bells.id).await, Err(StoreError::NoSuch { what: "family", .. })));
    assert!(matches!(leeds.snapshot(bells.id).await, Err(StoreError::NoSuch { what: "family", .. })));
    assert!(matches!(leeds.facts(bells.id, AsKnown::Now).await, Err(StoreError::NoSuch { what: "family", .. })));
    assert!(matches!(leeds.fact(bells.facts[0].id).await, Err(StoreError::NoSuch { what: "fact", .. })));
    assert!(matches!(leeds.members(bells.id).await, Err(StoreError::NoSuch { what: "family", .. })));
    assert!(leeds.people_by_key(&["upn:B801200005001"]).await.unwrap().is_empty());
    assert!(leeds.families(None, 10).await.unwrap().items.is_empty());

    let mut tx = leeds.write("tests", "reach over").await.unwrap();
    let error = tx.add_facts(&[attended(bells.people["ben"], 90)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Fact { index: 0, why } if matches!(**why, StoreError::NoSuch { what: "person", .. })), "{error}");
}

#[tokio::test]
async fn what_was_kept_is_there_when_the_files_are_opened_again() {
    let (house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let before = store.snapshot(bells.id).await.unwrap();
    house.stores.close().await;

    let again = house.rooms.open(Clock::system()).await;
    let store = again.authority(&code(BRISTOL)).await.unwrap();
    assert_eq!(store.snapshot(bells.id).await.unwrap(), before);
    let council = again.common().organisation(&OrganisationId::of_council(&code(BRISTOL))).await.unwrap().unwrap();
    assert_eq!(council.kind, "council");
}

#[tokio::test]
async fn an_operator_sees_which_tables_wait_before_anything_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let waiting = Place::from(folder.path()).pending().await.unwrap();
    assert!(!waiting.is_empty() && waiting.iter().all(|w| w.of.ends_with("common.sqlite")), "the common file alone: {waiting:?}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "looking made a file");

    let stores = Stores::open(folder.path(), Clock::system()).await.unwrap();
    stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
    stores.migrate().await.unwrap();
    assert_eq!(Place::from(folder.path()).pending().await.unwrap(), []);
}

#[tokio::test]
async fn an_authority_whose_file_is_slow_to_open_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::open(folder.path(), Clock::system()).await.unwrap();
    let leeds = code("E08000035");
    for (authority, name) in [(&code(BRISTOL), "Bristol"), (&leeds, "Leeds")] {
        stores.create_authority(authority, name).await.unwrap();
    }
    stores.close().await;
    let file = folder.path().join(format!("authorities/{BRISTOL}.sqlite"));
    let alone = SqliteConnectOptions::new().filename(file).locking_mode(SqliteLockingMode::Exclusive);
    let mut holder = alone.connect().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut holder).await.unwrap();

    let stores = Stores::open(folder.path(), Clock::system()).await.unwrap();
    let bristol = code(BRISTOL);
    let slow = stores.authority(&bristol);
    let others = async { tokio::time::timeout(Duration::from_secs(10), stores.authority(&leeds)).await.expect("Leeds waits for Bristol") };
    tokio::select! {
        biased;
        opened = slow => panic!("the file is held: {opened:?}"),
        opened = others => drop(opened.unwrap()),
    }
    sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
    stores.authority(&bristol).await.unwrap();
}

#[tokio::test]
async fn a_dropped_transaction_never_was() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    let mut tx = store.write("tests", "begin and give up").await.unwrap();
    tx.add_family(&bells).await.unwrap();
    drop(tx);
    assert!(matches!(store.family(bells.id).await, Err(StoreError::NoSuch { .. })));
    assert!(store.changes(None, 10).await.unwrap().items.is_empty());
    add(&store, &bells).await;
}

#[tokio::test]
async fn a_reader_cannot_write_and_a_fact_cannot_be_changed() {
    let (_house, store) = House::new().await;
    add(&store, &family("B-1")).await;
    let mut reader = store.read().await.unwrap();
    assert!(query("DELETE FROM family_revision").execute(&mut reader).await.is_err());
    let mut tx = store.write("tests", "change a fact").await.unwrap();
    assert!(query("UPDATE fact SET source = 'us'").execute(tx.connection()).await.is_err());
    assert!(matches!(tx.commit().await, Err(StoreError::Spoiled)), "what failed in part is not kept");
}

#[tokio::test]
async fn a_request_with_a_key_is_answered_once_for_its_principal() {
    let (_house, store) = House::new().await;
    let answered = Answered {
        principal: "case-system".into(),
        key: "k-1".into(),
        route: "POST /families".into(),
        body: Digest::of(b"{}"),
        status: 201,
        response: b"{\"id\":1}".to_vec(),
        at: store.clock().now(),
    };
    let mut tx = store.write("case-system", "answer").await.unwrap();
    assert_eq!(tx.answered("case-system", "k-1").await.unwrap(), None);
    tx.keep_answer(&answered).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.answered("case-system", "k-1").await.unwrap(), Some(answered.clone()));
    assert_eq!(store.answered("somebody-else", "k-1").await.unwrap(), None);
    let mut tx = store.write("case-system", "answer again").await.unwrap();
    assert!(matches!(tx.keep_answer(&answered).await, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn tokens_are_found_by_hash_and_revoked_for_good() {
    let (house, _) = House::new().await;
    let token = NewToken {
        hash: Digest::of(b"secret"),
        name: "case-system".into(),
        authority: Some(code(BRISTOL)),
        login: None,
        roles: Some("system".into()),
        verbs: None,
        made_by: "operator".into(),
        expires_at: None,
    };
    let common = house.stores.common();
    let mut tx = common.write("tests", "tried").await.unwrap();
    tx.add_token(&token).await.unwrap();
    tx.commit().await.unwrap();
    let kept = common.token(&token.hash).await.unwrap().unwrap();
    assert_eq!((kept.name, kept.authority, kept.roles, kept.used_on), (token.name, token.authority, token.roles, None));
    assert_eq!(common.token(&Digest::of(b"guess")).await.unwrap(), None);

    let mut tx = house.stores.common().write("tests", "tried").await.unwrap();
    tx.revoke_token(&token.hash).await.unwrap();
    assert!(matches!(tx.revoke_token(&Digest::of(b"guess")).await, Err(StoreError::NoSuch { what: "token", .. })));
    tx.commit().await.unwrap();
    assert!(house.stores.common().tokens().await.unwrap()[0].revoked_at.is_some());
}

#[tokio::test]
async fn plugin_versions_are_published_once_and_listed_by_name() {
    let (house, _) = House::new().await;
    let version = |name: &str, version: &str| {
        let bytes = format!("{name} {version}").into_bytes();
        let described = PluginVersion {
            digest: Digest::of(&bytes),
            name: name.into(),
            version: version.into(),
            publisher: "bristol".into(),
            size: bytes.len() as u64,
            uploaded_by: "tests".into(),
            at: house.stores.clock().now(),
            manifest: "{}".into(),
        };
        (described, bytes)
    };
    let common = house.stores.common();
    let mut tx = common.write("tests", "tried").await.unwrap();
    for (name, number) in [("supporting-families", "1.0.0"), ("family-star", "2.0.0"), ("family-star", "1.0.0")] {
        let (described, bytes) = version(name, number);
        tx.add_plugin_version(&described, bytes).await.unwrap();
    }
    let (described, bytes) = version("family-star", "1.0.0");
    assert!(matches!(tx.add_plugin_version(&described, bytes.clone()).await, Err(StoreError::Exists { field: "digest", .. })));
    let other = PluginVersion { digest: Digest::of(b"other"), ..described.clone() };
    assert!(matches!(tx.add_plugin_version(&other, b"other".to_vec()).await, Err(StoreError::Exists { field: "name and version", .. })));
    tx.commit().await.unwrap();

    let first = common.plugin_versions(None, 2).await.unwrap();
    let names: Vec<_> = first.items.iter().map(|v| format!("{} {}", v.name, v.version)).collect();
    assert_eq!(names, ["family-star 1.0.0", "family-star 2.0.0"]);
    let second = common.plugin_versions(first.next.as_ref(), 2).await.unwrap();
    assert_eq!(second.items[0].name, "supporting-families");
    assert_eq!(second.next, None);
    assert_eq!(common.plugin_bytes(&described.digest).await.unwrap(), Some(bytes));
    assert_eq!(common.plugin_version(&Digest::of(b"none")).await.unwrap(), None);
}

#[tokio::test]
async fn a_fact_names_what_it_misses() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let mut tx = store.write("tests", "add facts").await.unwrap();
    let good = attended(bells.people["ben"], 90);
    let mut unknown = attended(bells.people["ben"], 91);
    unknown.source = "nobody-knows".parse().unwrap();
    let error = tx.add_facts(&[good.clone(), unknown]).await.unwrap_err();
    assert_eq!(error.to_string(), "fact 1: there is no organisation nobody-knows");
    let mut odd = good;
    odd.subject = Subject { home: Some(bells.homes["mill-lane"]), ..odd.subject };
    let error = tx.add_facts(&[odd]).await.unwrap_err();
    assert_eq!(error.to_string(), "fact 0: home: a fact of kind attendance is not about a home");
    let error = tx.add_family(&family("B-1")).await.unwrap_err();
    assert_eq!(error.to_string(), "there is a family with this reference already");
}

/// How often a file's log has begun anew: <https://www.sqlite.org/fileformat2.html#walformat>, the header's fourth number.
fn begun_anew(log: &std::path::Path) -> u32 {
    let header = std::fs::read(log).unwrap();
    u32::from_be_bytes(header[12..16].try_into().unwrap())
}

#[tokio::test]
async fn a_log_begins_anew_long_before_a_commit_would_have_to_wait_for_it() {
    let (house, store) = House::in_files().await;
    let Rooms::Folder(folder) = &house.rooms else { panic!("it is in files") };
    let log = folder.path().join(format!("authorities/{BRISTOL}.sqlite-wal"));
    add(&store, &family("B-0")).await;
    let before = begun_anew(&log);
    // The first time is after COMMITS; on a busy machine it may take as long as some more.
    let mut commits = 1;
    while begun_anew(&log) == before {
        assert!(commits < 4 * COMMITS, "{commits} commits, and the log goes on");
        add(&store, &family(&format!("B-{commits}"))).await;
        commits += 1;
    }
    let pages = std::fs::metadata(&log).unwrap().len() / u64::from(PAGE_BYTES);
    assert!(pages < LOG_PAGES / 2, "{pages} pages: a commit moved them");
    assert_eq!(store.families(None, 10).await.unwrap().items.len(), 10);
}
