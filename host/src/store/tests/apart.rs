//! In PostgreSQL authorities are kept apart by the database and not by the store's statements: attacked here as the host's own role, past
//! the store. Without a server (`tests/with-postgres.sh`) there is nothing to attack: in SQLite they are in files of their own.

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use super::server::Server;
use super::{BRISTOL, add, code, family};
use crate::record::Clock;
use crate::record::family_file::NewFamily;
use crate::store::{AuthorityStore, StoreError, Stores};

const LEEDS: &str = "E08000035";

/// A family of Bristol's, and Leeds, who should never know.
struct Two {
    server: Server,
    stores: Stores,
    bristol: AuthorityStore,
    bells: NewFamily,
}

impl Two {
    async fn new() -> Option<Self> {
        let server = Server::of_this_run().await?;
        let stores = Stores::open(&server.host(), Clock::system()).await.unwrap();
        let bristol = stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
        stores.create_authority(&code(LEEDS), "Leeds").await.unwrap();
        let mut tx = stores.common().write("tests", "tried").await.unwrap();
        let school = crate::store::Organisation { id: "hill-school".parse().unwrap(), name: "Hill".into(), kind: "school".into() };
        tx.add_organisation(&school).await.unwrap();
        tx.commit().await.unwrap();
        let bells = family("B-1");
        add(&bristol, &bells).await;
        Some(Self { server, stores, bristol, bells })
    }

    /// The host's role, working for one authority, without the store.
    async fn as_host(&self, authority: Option<&str>) -> PgConnection {
        let mut host = self.server.as_host().await;
        run(&mut host, "SET search_path = hearth_record").await.unwrap();
        if let Some(authority) = authority {
            run(&mut host, &format!("SET hearth.authority = '{authority}'")).await.unwrap();
        }
        host
    }
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<u64, String> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(|done| done.rows_affected()).map_err(|e| e.to_string())
}

async fn names(connection: &mut PgConnection, sql: &'static str) -> Vec<String> {
    sqlx::query(sql).fetch_all(connection).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Every table of the record, except what notes which changes it has had.
const TABLES: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = 'hearth_record' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> '_sqlx_migrations' ORDER BY 1";

#[tokio::test]
async fn every_table_of_the_record_is_under_forced_row_security() {
    let Some(server) = Server::of_this_run().await else { return };
    let mut superuser = server.as_superuser().await;
    let tables = names(&mut superuser, TABLES).await;
    assert!(tables.len() > 20, "{tables:?}");
    let forced = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'hearth_record' AND c.relrowsecurity AND c.relforcerowsecurity ORDER BY 1";
    assert_eq!(names(&mut superuser, forced).await, tables, "without forced row security: the difference");
    // One policy each, for everybody and everything, with both halves the same: no second one widens it.
    let bound = "SELECT tablename::text FROM pg_policies WHERE schemaname = 'hearth_record' AND permissive = 'PERMISSIVE' \
        AND roles = '{public}' AND cmd = 'ALL' AND qual = with_check \
        AND qual = '((authority)::text = hearth_record.this_authority())' ORDER BY 1";
    assert_eq!(names(&mut superuser, bound).await, tables, "without the policy: the difference");
    let all = "SELECT tablename::text FROM pg_policies WHERE schemaname = 'hearth_record' ORDER BY 1";
    assert_eq!(names(&mut superuser, all).await, tables, "with a second policy: the difference");
    // A collision tells nothing, and a reference leads to no other authority's row.
    let shared = "SELECT c.conrelid::regclass::text || ' ' || c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace \
        WHERE n.nspname = 'hearth_record' AND c.contype IN ('p', 'u', 'f') AND NOT EXISTS (SELECT 1 FROM pg_attribute a \
            WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[1] AND a.attname = 'authority') AND c.conrelid::regclass::text NOT LIKE '%migrations'";
    assert_eq!(names(&mut superuser, shared).await, Vec::<String>::new(), "keys that do not begin with the authority");
    let unique = "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'hearth_record' AND i.indisunique AND c.relname <> '_sqlx_migrations' \
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = 'authority')";
    assert_eq!(names(&mut superuser, unique).await, Vec::<String>::new(), "unique indexes that do not begin with the authority");
}

#[tokio::test]
async fn the_hosts_role_owns_nothing_and_may_change_only_what_changes() {
    let Some(server) = Server::of_this_run().await else { return };
    let mut superuser = server.as_superuser().await;
    let owned = "SELECT relname::text FROM pg_class WHERE pg_get_userbyid(relowner) IN ('test_host', 'hearth_app')";
    assert_eq!(names(&mut superuser, owned).await, Vec::<String>::new());
    let changed = "SELECT DISTINCT table_schema || '.' || table_name || ' ' || privilege_type FROM information_schema.column_privileges \
        WHERE grantee = 'hearth_app' AND privilege_type NOT IN ('SELECT', 'INSERT') ORDER BY 1";
    let updates = [
        "hearth_common.handover",
        "hearth_common.login",
        "hearth_common.plugin_trust",
        "hearth_common.publisher_key",
        "hearth_common.session",
        "hearth_common.sign_in_code",
        "hearth_common.token",
        "hearth_record.activation",
        "hearth_record.agenda_item",
        "hearth_record.agreement",
        "hearth_record.assessment",
        "hearth_record.assessment_act",
        "hearth_record.assessment_carried",
        "hearth_record.assessment_request",
        "hearth_record.assignment",
        "hearth_record.attachment",
        "hearth_record.back_test",
        "hearth_record.claim",
        "hearth_record.claim_batch",
        "hearth_record.claim_step",
        "hearth_record.consent_request",
        "hearth_record.contract",
        "hearth_record.decision",
        "hearth_record.delivery",
        "hearth_record.emergency",
        "hearth_record.erasure",
        "hearth_record.evaluation",
        "hearth_record.family",
        "hearth_record.family_closed",
        "hearth_record.family_merge",
        "hearth_record.family_split",
        "hearth_record.handover_given",
        "hearth_record.handover_taken",
        "hearth_record.happening",
        "hearth_record.help_request",
        "hearth_record.installation",
        "hearth_record.installation_offer",
        "hearth_record.intake_setting",
        "hearth_record.invitation",
        "hearth_record.legal_hold",
        "hearth_record.letter",
        "hearth_record.match_decision",
        "hearth_record.meeting",
        "hearth_record.merged_into",
        "hearth_record.notice",
        "hearth_record.override",
        "hearth_record.parking",
        "hearth_record.payment_act",
        "hearth_record.payment_line",
        "hearth_record.person_merge",
        "hearth_record.plan_goal",
        "hearth_record.planned_switch",
        "hearth_record.proposal",
        "hearth_record.provision",
        "hearth_record.provision_report",
        "hearth_record.provision_step",
        "hearth_record.referral",
        "hearth_record.referral_added",
        "hearth_record.role_held",
        "hearth_record.seal",
        "hearth_record.service",
        "hearth_record.service_began",
        "hearth_record.settings_change",
        "hearth_record.shadow",
        "hearth_record.share",
        "hearth_record.sitting",
        "hearth_record.sitting_attendance",
        "hearth_record.subject_request",
        "hearth_record.subject_review",
        "hearth_record.task",
        "hearth_record.trial_grant",
        "hearth_record.undecided",
        "hearth_record.webhook",
    ];
    let expected = updates.map(|table| format!("{table} UPDATE"));
    assert_eq!(names(&mut superuser, changed).await, expected, "columns that may be updated");
    let more = "SELECT table_schema || '.' || table_name || ' ' || privilege_type FROM information_schema.table_privileges \
        WHERE grantee = 'hearth_app' AND privilege_type NOT IN ('SELECT', 'INSERT') ORDER BY 1";
    let deletes = [
        "hearth_common.idempotency",
        "hearth_common.provider_visit",
        "hearth_common.session",
        "hearth_common.sign_in",
        "hearth_common.sign_in_code",
        "hearth_record.announcement",
        "hearth_record.assessment_fact",
        "hearth_record.attachment_piece",
        "hearth_record.back_test",
        "hearth_record.back_test_row",
        "hearth_record.content",
        "hearth_record.coverage",
        "hearth_record.encounter",
        "hearth_record.encounter_person",
        "hearth_record.fact",
        "hearth_record.handed_fact",
        "hearth_record.happening",
        "hearth_record.home_key",
        "hearth_record.idempotency",
        "hearth_record.letter",
        "hearth_record.matched_fact",
        "hearth_record.meeting_invited",
        "hearth_record.person_key",
        "hearth_record.person_profile",
        "hearth_record.plan_goal",
        "hearth_record.proposal",
        "hearth_record.referral_person",
        "hearth_record.run",
        "hearth_record.service_began",
        "hearth_record.shadow_answer",
        "hearth_record.superseded",
        "hearth_record.task",
        "hearth_record.undecided",
        "hearth_record.waiting_row",
    ];
    // Columns that an erasure changes, of rows whose others never do.
    let narrow = "SELECT table_name || '.' || column_name FROM information_schema.column_privileges WHERE grantee = 'hearth_app' \
        AND privilege_type = 'UPDATE' AND table_schema = 'hearth_record' AND table_name IN ('decision', 'erasure', 'family') ORDER BY 1";
    assert_eq!(names(&mut superuser, narrow).await, ["decision.answer", "erasure.went", "family.reference"]);
    assert_eq!(names(&mut superuser, more).await, deletes.map(|table| format!("{table} DELETE")), "tables that may be deleted from");
}

#[tokio::test]
async fn whoever_did_not_say_for_whom_sees_no_row_and_writes_none() {
    let Some(two) = Two::new().await else { return };
    let mut superuser = two.server.as_superuser().await;
    let tables = names(&mut superuser, TABLES).await;
    let filled = sqlx::query("SELECT COUNT(*) FROM hearth_record.fact").fetch_one(&mut superuser).await.unwrap();
    assert!(filled.get::<i64, _>(0) > 0, "there is something to see");
    for setting in [None, Some(""), Some(LEEDS), Some("E06000023' OR authority > '")].map(|s| s.map(|s: &str| s.replace('\'', "''"))) {
        let mut host = two.as_host(setting.as_deref()).await;
        for table in &tables {
            let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let count = sqlx::query(sql).fetch_one(&mut host).await.unwrap().get::<i64, _>(0);
            assert_eq!(count, 0, "{table} with {setting:?}");
        }
    }
    let mut host = two.as_host(None).await;
    for column in ["", ", authority"] {
        let value = if column.is_empty() { "" } else { ", 'E06000023'" };
        let refused = run(&mut host, &format!("INSERT INTO change (at, principal, what{column}) VALUES (1, 'a', 'b'{value})")).await;
        assert!(refused.as_ref().is_err_and(|e| e.contains("row-level security")), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_another_authoritys_cannot_be_named_changed_or_collided_with() {
    let Some(two) = Two::new().await else { return };
    let mut host = two.as_host(Some(LEEDS)).await;
    let family = hex::encode(two.bells.id.as_bytes());
    let person = hex::encode(two.bells.people["ben"].as_bytes());
    let fact = hex::encode(two.bells.facts[0].id.as_bytes());

    for sql in [
        format!("SELECT 1 FROM fact WHERE family = '\\x{family}'"),
        format!("SELECT 1 FROM fact WHERE authority = '{BRISTOL}'"),
        "SELECT 1 FROM fact WHERE authority <> this_authority() OR true".to_owned(),
        format!("DELETE FROM content WHERE authority = '{BRISTOL}'"),
        format!("UPDATE undecided SET failures = 0 WHERE authority = '{BRISTOL}'"),
    ] {
        assert_eq!(run(&mut host, &sql).await, Ok(0), "{sql}");
    }
    run(&mut host, "INSERT INTO change (at, principal, what) VALUES (1, 'a', 'b')").await.unwrap();
    let change = sqlx::query("SELECT id FROM change").fetch_one(&mut host).await.unwrap();
    assert_eq!(change.get::<i64, _>(0), 1, "the numbers of others are not to be seen in one's own");
    for (sql, said) in [
        (format!("INSERT INTO change (authority, at, principal, what) VALUES ('{BRISTOL}', 1, 'a', 'b')"), "row-level security"),
        (format!("INSERT INTO family_revision VALUES ('{LEEDS}', '\\x{family}', 2, 1, '\\x00')"), "foreign key"),
        (format!("INSERT INTO superseded (fact, change) VALUES ('\\x{fact}', 1)"), "foreign key"),
        (format!("INSERT INTO person (authority, id, change) VALUES ('{BRISTOL}', '\\x{person}', 1)"), "row-level security"),
    ] {
        let refused = run(&mut host, &sql).await;
        assert!(refused.as_ref().is_err_and(|e| e.contains(said)), "{sql}: {refused:?}");
    }
    // The same id, reference and digest once more, each of its own.
    run(&mut host, &format!("INSERT INTO person (id, change) VALUES ('\\x{person}', 1)")).await.unwrap();
    run(&mut host, &format!("INSERT INTO family (id, reference, change) VALUES ('\\x{family}', 'B-1', 1)")).await.unwrap();
    host.close().await.unwrap();
    assert_eq!(two.bristol.family(two.bells.id).await.unwrap().revision, 1);
    let leeds = two.stores.authority(&code(LEEDS)).await.unwrap();
    assert!(matches!(leeds.snapshot(two.bells.id).await, Err(StoreError::NoSuch { .. })), "Bristol's revisions are none of that family");
}

#[tokio::test]
async fn the_hosts_role_cannot_end_what_binds_it() {
    let Some(two) = Two::new().await else { return };
    let mut host = two.as_host(Some(LEEDS)).await;
    for sql in [
        "SET ROLE test_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION test_owner",
        "ALTER TABLE fact DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE fact NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own ON fact",
        "CREATE POLICY wide ON fact USING (true)",
        "CREATE OR REPLACE FUNCTION this_authority() RETURNS text LANGUAGE sql AS 'SELECT ''E06000023'''",
        "CALL keep_apart('fact')",
        "CREATE TABLE mine (a int)",
        "CREATE VIEW mine AS SELECT * FROM fact",
        "TRUNCATE fact",
        "UPDATE fact SET source = 'us'",
        "DELETE FROM decision",
        "UPDATE decision SET result = 'met'",
        "UPDATE family SET id = '\\x00'",
        "DELETE FROM change",
        "UPDATE audit_entry SET principal = 'somebody else'",
        "DELETE FROM audit_entry",
        "UPDATE audit_seal SET before = NULL",
        "DELETE FROM audit_seal",
        "DELETE FROM erasure",
        "UPDATE legal_hold SET until = 0",
        "UPDATE seal SET until = 0",
        "DELETE FROM seal_name",
        "ALTER TABLE fact DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "ALTER ROLE test_host BYPASSRLS",
        "COPY fact TO PROGRAM 'cat'",
    ] {
        let refused = run(&mut host, sql).await;
        assert!(refused.is_err(), "{sql} was done");
    }
    // To ask for no row security is to be refused what it hides.
    run(&mut host, "SET row_security = off").await.unwrap();
    let refused = run(&mut host, "SELECT 1 FROM fact").await;
    assert!(refused.as_ref().is_err_and(|e| e.contains("row-level security")), "{refused:?}");
}

#[tokio::test]
async fn a_password_that_changes_is_used_without_a_restart() {
    let Some(server) = Server::of_this_run().await else { return };
    let stores = Stores::open(&server.with_password("first").await, Clock::system()).await.unwrap();
    stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
    let reads = async || stores.common().authorities().await;
    assert_eq!(reads().await.unwrap().len(), 1);
    server.with_password("second").await;
    server.cut_off().await;
    assert!(reads().await.is_err(), "the old password opens nothing");
    stores.use_password("second");
    assert_eq!(reads().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_owner_is_bound_too_and_facts_never_change() {
    let Some(two) = Two::new().await else { return };
    let mut owner = two.server.as_owner().await;
    run(&mut owner, "SET search_path = hearth_record").await.unwrap();
    assert_eq!(run(&mut owner, "SELECT 1 FROM fact").await, Ok(0));
    run(&mut owner, &format!("SET hearth.authority = '{BRISTOL}'")).await.unwrap();
    assert!(run(&mut owner, "SELECT 1 FROM fact").await.unwrap() > 0);
    let refused = run(&mut owner, "UPDATE fact SET source = 'us'").await;
    assert!(refused.as_ref().is_err_and(|e| e.contains("only superseded")), "{refused:?}");
}

#[tokio::test]
async fn a_host_does_not_work_as_a_role_that_is_not_bound_or_on_old_tables() {
    let Some(server) = Server::of_this_run().await else { return };
    for (postgres, said) in [(server.superuser(), "above row security"), (server.owner(), "owns the tables")] {
        let refused = Stores::open(&postgres, Clock::system()).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Unready(why) if why.contains(said)), "{refused}");
    }
    let mut superuser = server.as_superuser().await;
    run(&mut superuser, "DELETE FROM hearth_record._sqlx_migrations").await.unwrap();
    let refused = Stores::open(&server.host(), Clock::system()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Unready(why) if why.contains("hearth migrate")), "{refused}");
    run(&mut superuser, "UPDATE hearth_common._sqlx_migrations SET version = version + 9999").await.unwrap();
    let refused = Stores::open(&server.host(), Clock::system()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Migrate { .. }), "a later Hearth's tables: {refused}");
}
