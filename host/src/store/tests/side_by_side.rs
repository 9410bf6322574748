//! What SQLite and PostgreSQL have to have in common, and what only a database with several hosts has to stand.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::task::Poll;

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Row as _};

use super::server::Server;
use super::{BRISTOL, House, Rooms, add, code, family};
use crate::record::{Clock, Digest, PersonId};
use crate::store::{AuthorityStore, StoreError, Stores, files, postgres};

#[test]
fn neither_database_is_a_change_of_tables_behind_the_other() {
    let last = |tables: &Migrator| tables.iter().map(|m| m.version).max();
    assert_eq!(last(&files::AUTHORITY), last(&postgres::RECORD), "migrations/*/authority");
    assert_eq!(last(&files::COMMON), last(&postgres::COMMON), "migrations/*/common");
}

/// Column: its kind, and whether it may be empty.
type Columns = BTreeMap<String, (&'static str, bool)>;

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(server) = Server::of_this_run().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::open(folder.path(), Clock::system()).await.unwrap();
    stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
    stores.close().await;
    let mut superuser = server.as_superuser().await;
    for (schema, file) in [("hearth_common", "common.sqlite".to_owned()), ("hearth_record", format!("authorities/{BRISTOL}.sqlite"))] {
        let mut theirs: BTreeMap<String, Columns> = BTreeMap::new();
        let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns \
            WHERE table_schema = $1 AND table_name <> '_sqlx_migrations'";
        for row in sqlx::query(sql).bind(schema).fetch_all(&mut superuser).await.unwrap() {
            let (table, column): (String, String) = (row.get(0), row.get(1));
            if schema == "hearth_record" && column == "authority" {
                continue;
            }
            let kind = match row.get::<&str, _>(2) {
                "bigint" => "INTEGER",
                "text" => "TEXT",
                "bytea" => "BLOB",
                other => panic!("{schema}.{table}.{column} is {other}"),
            };
            theirs.entry(table).or_default().insert(column, (kind, row.get(3)));
        }
        assert_eq!(tables_of(&folder.path().join(file)).await, theirs, "SQLite's at the left");
    }
}

async fn tables_of(file: &std::path::Path) -> BTreeMap<String, Columns> {
    use sqlx::ConnectOptions as _;
    let mut file = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'";
    let mut tables = BTreeMap::new();
    for name in sqlx::query(names).fetch_all(&mut file).await.unwrap() {
        let name: String = name.get(0);
        let sql = AssertSqlSafe(format!("SELECT name, type, \"notnull\" = 0 AND pk = 0 FROM pragma_table_info('{name}')"));
        let columns = sqlx::query(sql).fetch_all(&mut file).await.unwrap();
        let kind = |row: &sqlx::sqlite::SqliteRow| match row.get::<&str, _>(1) {
            "INTEGER" => "INTEGER",
            "TEXT" => "TEXT",
            "BLOB" => "BLOB",
            other => panic!("{name} has a column of {other}"),
        };
        tables.insert(name.clone(), columns.iter().map(|row| (row.get(0), (kind(row), row.get(2)))).collect());
    }
    tables
}

#[tokio::test]
async fn changes_of_two_hosts_are_known_in_the_order_of_their_numbers() {
    const EACH: i64 = 15;
    let rooms = Rooms::new().await;
    let hosts = [rooms.open(Clock::system()).await, rooms.open(Clock::system()).await];
    hosts[0].create_authority(&code(BRISTOL), "Bristol").await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for (number, host) in hosts.iter().enumerate().cycle().take(4) {
        let store = host.authority(&code(BRISTOL)).await.unwrap();
        writers.spawn(async move {
            for n in 0..EACH {
                let mut tx = store.write(&format!("host {number}"), "says something").await.unwrap();
                tx.set_policies(&[("task", if n % 2 == 0 { "automatic" } else { "person-confirms" })]).await.unwrap();
                tx.commit().await.unwrap();
                let mut given_up = store.write("nobody", "gives up").await.unwrap();
                given_up.add_people(&[PersonId::fresh()]).await.unwrap();
            }
        });
    }
    let reader = hosts[1].authority(&code(BRISTOL)).await.unwrap();
    let mut seen = 0;
    while !writers.is_empty() {
        tokio::select! {
            done = writers.join_next() => done.unwrap().unwrap(),
            () = tokio::task::yield_now() => {}
        }
        let known: BTreeSet<i64> = reader.changes(None, 1000).await.unwrap().items.iter().map(|c| c.id.0).collect();
        let last = known.last().copied().unwrap_or(0);
        assert_eq!(known, (1..=last).collect(), "a change is known before an earlier one");
        assert!(last >= seen, "what was known is known no more");
        seen = last;
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn what_one_database_cannot_keep_neither_does() {
    let (_house, store) = House::new().await;
    let mut tx = store.write("tests", "say what cannot be kept").await.unwrap();
    let refused = tx.set_policies(&[("task\0", "automatic")]).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Invalid(why) if why.to_string().contains("U+0000")), "{refused}");
}

/// As when whoever asked goes away in the middle: the future is polled so often and then dropped.
async fn cut_off(asked: impl Future, polls: usize) {
    let (mut asked, mut polled) = (pin!(asked), 0);
    std::future::poll_fn(|cx| {
        polled += 1;
        if polled > polls || asked.as_mut().poll(cx).is_ready() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[tokio::test]
async fn who_goes_away_in_the_middle_leaves_nothing_on_the_connection() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let write = async |store: &AuthorityStore| {
        let mut tx = store.write("tests", "goes away").await.unwrap();
        tx.add_people(&[PersonId::fresh()]).await.unwrap();
        tx.put_content(b"left behind").await.unwrap();
    };
    for polls in 1..30 {
        cut_off(store.snapshot(bells.id), polls).await;
        cut_off(write(&store), polls).await;
    }
    assert_eq!(store.snapshot(bells.id).await.unwrap().revision, 1);
    assert_eq!(store.content(&Digest::of(b"left behind")).await.unwrap(), None);
    let mut tx = store.write("tests", "add another").await.unwrap();
    tx.add_family(&family("B-2")).await.unwrap();
    assert_eq!(tx.commit().await.unwrap().change.map(|c| c.0), Some(2), "no change was left out");
}

#[tokio::test]
async fn connections_that_the_server_closed_are_replaced_unnoticed() {
    let (house, store) = House::new().await;
    let Rooms::Server(server) = &house.rooms else { return };
    let bells = family("B-1");
    add(&store, &bells).await;
    let together = [store.snapshot(bells.id), store.snapshot(bells.id), store.snapshot(bells.id)];
    for read in together {
        read.await.unwrap();
    }
    let mut superuser = server.as_superuser().await;
    let closed =
        "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = 'test_host' AND datname = current_database()";
    let closed: i64 = sqlx::query(closed).fetch_one(&mut superuser).await.unwrap().get(0);
    assert!(closed >= 2, "a reader and a writer at least");
    assert_eq!(store.snapshot(bells.id).await.unwrap().revision, 1);
    add(&store, &family("B-2")).await;
    assert_eq!(house.stores.common().authorities().await.unwrap().len(), 1);
}
