//! A file from before a change of its tables keeps what it held.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

const BEFORE: [&str; 3] = [
    include_str!("../../../../migrations/sqlite/authority/0001_record.sql"),
    include_str!("../../../../migrations/sqlite/authority/0002_decisions.sql"),
    include_str!("../../../../migrations/sqlite/authority/0003_actions.sql"),
];
const LIMITS: &str = include_str!("../../../../migrations/sqlite/authority/0004_limits.sql");
const ACCESS: &str = include_str!("../../../../migrations/sqlite/authority/0005_access.sql");
const COMMON: [&str; 2] = [
    include_str!("../../../../migrations/sqlite/common/0001_common.sql"),
    include_str!("../../../../migrations/sqlite/common/0002_logins.sql"),
];

#[tokio::test]
async fn tasks_and_runs_of_before_are_as_they_were() {
    let mut file = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
    for sql in BEFORE {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO change (at, principal, what) VALUES (0, 'worker', 'decided');
         INSERT INTO family VALUES (x'f1', 'B-1', 1);
         INSERT INTO installation (id, plugin, digest, grants, settings, status, created_at, created_by)
             VALUES (x'a1', 'rules', x'00', '[]', '{}', 'active', 0, 'manager');
         INSERT INTO decision (id, at, principal, family, revision, installation, question, as_of, known_after, snapshot, context, claims,
             answer_digest, answer, result, instructions, millis)
             VALUES (x'd1', 0, 'worker', x'f1', 1, x'a1', 'progress', 0, 1, x'00', x'00', '[]', x'00', x'00', 'none-yet', 5, 6);
         INSERT INTO task (id, installation, key, family, role, title, due, state, decision)
             VALUES (x'71', x'a1', 'call', x'f1', 'keyworker', '{}', 0, 'open', x'd1');
         INSERT INTO proposal (id, installation, family, decision, action, key, body, state, task)
             VALUES (x'b1', x'a1', x'f1', x'd1', 'task', 'call', '{}', 'carried-out', x'71');
         INSERT INTO run (id, at, installation, family, question, as_of, outcome, instructions, millis, peak_memory, log)
             VALUES (x'c1', 0, x'a1', x'f1', 'progress', 0, 'plugin-trapped', 1, 2, 3, '[]');",
    )
    .execute(&mut file)
    .await
    .unwrap();
    for sql in ["BEGIN", LIMITS, "COMMIT"] {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }

    let task = sqlx::query("SELECT decision, state, key FROM task").fetch_one(&mut file).await.unwrap();
    assert_eq!((task.get::<Vec<u8>, _>(0), task.get::<&str, _>(1), task.get::<&str, _>(2)), (vec![0xd1], "open", "call"));
    let run = sqlx::query("SELECT outcome, decision FROM run").fetch_one(&mut file).await.unwrap();
    assert_eq!((run.get::<&str, _>(0), run.get::<Option<Vec<u8>>, _>(1)), ("plugin-trapped", None));
    assert!(sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut file).await.unwrap().is_empty());
    let nowhere = "UPDATE task SET decision = x'ff'";
    assert!(sqlx::query(nowhere).execute(&mut file).await.is_err(), "a task's decision is still one that there is");
    sqlx::query("UPDATE task SET decision = NULL").execute(&mut file).await.unwrap();
}

#[tokio::test]
async fn decisions_of_before_carry_the_label_of_what_they_were_given() {
    let mut file = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
    for sql in BEFORE.into_iter().chain([LIMITS]) {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO change (at, principal, what) VALUES (0, 'worker', 'decided');
         INSERT INTO family VALUES (x'f1', 'B-1', 1);
         INSERT INTO installation (id, plugin, digest, grants, settings, status, created_at, created_by)
             VALUES (x'a1', 'rules', x'00', '[]', '{}', 'active', 0, 'manager');
         INSERT INTO decision (id, at, principal, family, revision, installation, question, as_of, known_after, snapshot, context, claims,
             answer_digest, answer, result, instructions, millis)
             VALUES (x'd1', 0, 'worker', x'f1', 1, x'a1', 'progress', 0, 1, x'00', x'00', '[]', x'00',
                 CAST('{\"delivered\":[\"education\",\"abuse\",\"notes\"]}' AS BLOB), 'none-yet', 5, 6),
                 (x'd2', 0, 'worker', x'f1', 1, x'a1', 'progress', 0, 1, x'00', x'00', '[]', x'00',
                 CAST('{\"delivered\":[]}' AS BLOB), 'none-yet', 5, 6);",
    )
    .execute(&mut file)
    .await
    .unwrap();
    for sql in ["BEGIN", ACCESS, "COMMIT"] {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    let labels = sqlx::query("SELECT label FROM decision ORDER BY id").fetch_all(&mut file).await.unwrap();
    let labels: Vec<i64> = labels.iter().map(|row| row.get(0)).collect();
    assert_eq!(labels, [2 + 16 + 4096, 0]);
}

#[tokio::test]
async fn a_councils_token_of_before_goes_on_doing_what_its_system_does() {
    let mut file = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
    sqlx::raw_sql(COMMON[0]).execute(&mut file).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO authority VALUES ('E06000023', 'Bristol', 0);
         INSERT INTO token VALUES (x'01', 'forms', 'E06000023', 0, NULL, NULL), (x'02', 'operator', NULL, 0, NULL, NULL);",
    )
    .execute(&mut file)
    .await
    .unwrap();
    sqlx::raw_sql(COMMON[1]).execute(&mut file).await.unwrap();
    let rows = sqlx::query("SELECT roles, login, verbs FROM token ORDER BY hash").fetch_all(&mut file).await.unwrap();
    let roles: Vec<Option<&str>> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(roles, [Some("system"), None], "the operator's has none");
}

#[tokio::test]
async fn notices_of_before_are_as_they_were_and_go_with_their_proposal() {
    let mut file = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
    let tables = |version: i64| crate::store::files::AUTHORITY.iter().find(move |m| m.version == version).unwrap();
    for version in crate::store::files::AUTHORITY.iter().map(|m| m.version).filter(|v| *v < 24) {
        sqlx::raw_sql(tables(version).sql.as_str()).execute(&mut file).await.unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO change (at, principal, what) VALUES (0, 'worker', 'decided');
         INSERT INTO family (id, reference, change) VALUES (x'f1', 'B-1', 1);
         INSERT INTO installation (id, plugin, digest, grants, settings, status, created_at, created_by)
             VALUES (x'a1', 'rules', x'00', '[]', '{}', 'active', 0, 'manager');
         INSERT INTO activation (installation, change, at, replaced, principal) VALUES (x'a1', 1, 0, '', 'manager');
         INSERT INTO decision (id, at, principal, family, revision, installation, question, as_of, known_after, snapshot, context, claims,
             answer_digest, answer, result, instructions, millis)
             VALUES (x'd1', 0, 'worker', x'f1', 1, x'a1', 'triage', 0, 1, x'00', x'00', '[]', x'00', x'00', 'accept', 5, 6);
         INSERT INTO proposal (id, installation, family, decision, action, key, body, state)
             VALUES (x'b1', x'a1', x'f1', x'd1', 'notice', 'tell', '{}', 'carried-out');
         INSERT INTO notice (id, change, proposal, login, made, due, mailed, seen) VALUES (x'e1', 1, x'b1', x'99', 3, 4, 5, NULL);",
    )
    .execute(&mut file)
    .await
    .unwrap();
    for sql in ["BEGIN", tables(24).sql.as_str(), "COMMIT"] {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    let row = sqlx::query("SELECT proposal, activation, login, made, due, mailed, seen FROM notice").fetch_one(&mut file).await.unwrap();
    assert_eq!((row.get::<Vec<u8>, _>(0), row.get::<Option<i64>, _>(1), row.get::<Vec<u8>, _>(2)), (vec![0xb1], None, vec![0x99]));
    let times: Vec<Option<i64>> = (3..7).map(|at| row.get(at)).collect();
    assert_eq!(times, [Some(3), Some(4), Some(5), None]);
    let tell = async |file: &mut sqlx::SqliteConnection, id: &str, of: &str| {
        let sql = format!("INSERT INTO notice (id, change, proposal, activation, login, made, due) VALUES ({id}, 1, {of}, x'99', 3, 4)");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(file).await.is_ok()
    };
    assert!(tell(&mut file, "x'e2'", "NULL, 1").await);
    assert!(!tell(&mut file, "x'e3'", "NULL, 1").await, "once");
    assert!(!tell(&mut file, "x'e4'", "NULL, NULL").await, "of nothing");
    assert!(!tell(&mut file, "x'e5'", "x'b1', 1").await, "of both");
    assert!(!tell(&mut file, "x'e6'", "NULL, 9").await, "of an activation that there is");

    // Then of parkings and planned switches too.
    for sql in [
        tables(25).sql.as_str(),
        "INSERT INTO parking (installation, since, why, failures, runs) VALUES (x'a1', 0, 'it failed', 5, 5);
         INSERT INTO planned_switch (installation, change, at, principal, state) VALUES (x'a1', 1, 0, 'manager', 'failed');
         BEGIN",
        tables(26).sql.as_str(),
        "COMMIT",
    ] {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    let row = sqlx::query("SELECT proposal, activation, login, made, due, mailed FROM notice WHERE activation IS NULL");
    let row = row.fetch_one(&mut file).await.unwrap();
    assert_eq!((row.get::<Vec<u8>, _>(0), row.get::<Vec<u8>, _>(2)), (vec![0xb1], vec![0x99]));
    assert_eq!((3..6).map(|at| row.get(at)).collect::<Vec<Option<i64>>>(), [Some(3), Some(4), Some(5)]);
    for (id, of, kept) in
        [("e7", "1, NULL", true), ("e8", "1, NULL", false), ("e9", "NULL, 1", true), ("ea", "1, 1", false), ("eb", "NULL, 9", false)]
    {
        let sql =
            format!("INSERT INTO notice (id, change, parking, planned_switch, login, made, due) VALUES (x'{id}', 1, {of}, x'99', 3, 4)");
        assert_eq!(sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut file).await.is_ok(), kept, "{id}");
    }
    sqlx::query("DELETE FROM proposal").execute(&mut file).await.unwrap();
    let left = sqlx::query("SELECT id FROM notice").fetch_all(&mut file).await.unwrap();
    assert_eq!(left.iter().map(|r| r.get::<Vec<u8>, _>(0)).collect::<Vec<_>>(), [vec![0xe2], vec![0xe7], vec![0xe9]]);
}
