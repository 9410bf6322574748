//! A backup taken while others write, and the way back.

use super::{BRISTOL, House, Rooms, add, code, family};
use crate::record::{Clock, Digest};
use crate::store::{Looked, PluginVersion, Seen, StoreError, Stores};

async fn publish(house: &House) -> Digest {
    let bytes = b"a component".to_vec();
    let digest = Digest::of(&bytes);
    let common = house.stores.common();
    let mut tx = common.write("tests", "published").await.unwrap();
    let version = PluginVersion {
        digest,
        name: "rules".into(),
        version: "1.0.0".into(),
        publisher: "bristol".into(),
        size: 11,
        uploaded_by: "tests".into(),
        at: tx.now(),
        manifest: "{}".into(),
    };
    tx.add_plugin_version(&version, bytes).await.unwrap();
    tx.commit().await.unwrap();
    digest
}

#[tokio::test]
async fn what_was_acknowledged_before_a_backup_is_in_it_and_its_trail_is_whole() {
    let (house, store) = House::in_files().await;
    let plugin = publish(&house).await;
    let before = family("B-0");
    add(&store, &before).await;
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 1..40 {
                let family = family(&format!("B-{n}"));
                add(&store, &family).await;
                let looked = Looked { principal: "worker".into(), what: "read".into(), purpose: None };
                store.saw(&looked, &[Seen::family(family.id, &[])]).await.unwrap();
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let manifest = house.stores.back_up(&backup).await.unwrap();
    writing.await.unwrap();
    assert!(matches!(house.stores.back_up(&backup).await, Err(StoreError::File { .. })), "a backup is never written over");

    let restored = folder.path().join("restored");
    Stores::restore(&backup, &restored).unwrap();
    let stores = Stores::open(restored.as_path(), Clock::system()).await.unwrap();
    let again = stores.authority(&code(BRISTOL)).await.unwrap();
    assert_eq!(again.snapshot(before.id).await.unwrap(), store.snapshot(before.id).await.unwrap());
    assert_eq!(stores.common().plugin_bytes(&plugin).await.unwrap(), Some(b"a component".to_vec()));
    let verified = again.audit_verify(&manifest.anchors()).await.unwrap();
    assert_eq!(verified.broken, None);
    assert!(verified.entries >= 1, "{verified}");
    assert_eq!(stores.common().audit_verify(&manifest.anchors()).await.unwrap().broken, None);
    // Whatever of the later families is there, is there whole.
    for family in again.families(None, 100).await.unwrap().items {
        assert_eq!(again.members(family.id).await.unwrap().len(), 2, "{}", family.reference);
        again.snapshot(family.id).await.unwrap();
    }
    let files: Vec<String> = manifest.files.iter().map(|f| f.path.display().to_string()).collect();
    assert_eq!(files, [format!("authorities/{BRISTOL}.sqlite"), "common.sqlite".into()], "the databases, and no key or cache");
    assert!(matches!(Stores::restore(&backup, &restored), Err(StoreError::File { .. })), "a database is never written over");
}

#[tokio::test]
async fn a_backup_that_was_touched_is_not_restored() {
    let (house, store) = House::in_files().await;
    add(&store, &family("B-1")).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    house.stores.back_up(&backup).await.unwrap();
    let file = backup.join(format!("authorities/{BRISTOL}.sqlite"));
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let restored = folder.path().join("restored");
    let refused = Stores::restore(&backup, &restored).unwrap_err();
    assert!(refused.to_string().contains(&format!("{BRISTOL}.sqlite")), "{refused}");
    assert!(!restored.exists());

    // A manifest that points out of its folder is not followed.
    let manifest = std::fs::read_to_string(backup.join("backup.json")).unwrap();
    std::fs::write(backup.join("backup.json"), manifest.replace("common.sqlite", "../common.sqlite")).unwrap();
    assert!(matches!(Stores::restore(&backup, &restored), Err(StoreError::Damaged(_))));
    std::fs::remove_file(backup.join("backup.json")).unwrap();
    assert!(matches!(Stores::restore(&backup, &restored), Err(StoreError::File { .. })), "cut short: no manifest");
}

#[tokio::test]
async fn a_server_is_copied_with_its_own_tool() {
    let (house, _) = House::new().await;
    let Rooms::Server(_) = house.rooms else { return };
    let folder = tempfile::tempdir().unwrap();
    let refused = house.stores.back_up(&folder.path().join("backup")).await.unwrap_err();
    assert!(matches!(refused, StoreError::InPostgres(instead) if instead.contains("pg_dump")), "{refused}");
    assert!(!folder.path().join("backup").exists());
}
