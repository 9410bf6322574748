//! A file from before there was an audit trail: what was written until then is its beginning.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

const BEFORE: [&str; 4] = [
    include_str!("../../../../migrations/sqlite/authority/0001_record.sql"),
    include_str!("../../../../migrations/sqlite/authority/0002_decisions.sql"),
    include_str!("../../../../migrations/sqlite/authority/0003_actions.sql"),
    include_str!("../../../../migrations/sqlite/authority/0004_limits.sql"),
];
const AUDIT: &str = include_str!("../../../../migrations/sqlite/authority/0007_audit.sql");

#[tokio::test]
async fn what_was_written_before_there_was_a_trail_is_its_beginning() {
    let mut file = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
    for sql in BEFORE {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    sqlx::raw_sql("INSERT INTO change (at, principal, what) VALUES (5, 'worker', 'took in a family'), (7, 'manager', 'decided')")
        .execute(&mut file)
        .await
        .unwrap();
    for sql in ["BEGIN", AUDIT, "COMMIT"] {
        sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    }
    let rows = sqlx::query("SELECT at, principal, act, what, change FROM audit_entry ORDER BY id").fetch_all(&mut file).await.unwrap();
    let brief: Vec<(i64, &str, &str, &str, i64)> = rows.iter().map(|r| (r.get(0), r.get(1), r.get(2), r.get(3), r.get(4))).collect();
    assert_eq!(brief, [(5, "worker", "wrote", "took in a family", 1), (7, "manager", "wrote", "decided", 2)]);
}
