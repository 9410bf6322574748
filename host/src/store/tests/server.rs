//! A database of PostgreSQL's for each test, on the server that `tests/with-postgres.sh` started for the run.
//!
//! Each is a copy of one that was made once by its owner with `Postgres::migrate`, and goes when the test is over.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::store::{Connections, Postgres};

/// Owns the tables.
const OWNER: &str = "test_owner";
/// What hosts work as.
const HOST: &str = "test_host";
const TEMPLATE: &str = "hearth_template";

pub(crate) struct Server {
    /// The folder with its socket.
    folder: String,
    name: String,
}

impl Server {
    /// None: there is no server, and the records of the tests are in files.
    pub(crate) async fn of_this_run() -> Option<Self> {
        let folder = std::env::var("HEARTH_TEST_POSTGRES").ok()?;
        let mut operator = connect(&folder, "postgres", "postgres").await;
        once(&folder, &mut operator).await;
        let name = format!("hearth_{}", uuid::Uuid::now_v7().simple());
        run(&mut operator, format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        Some(Self { folder, name })
    }

    /// As a host has it.
    pub(crate) fn host(&self) -> Postgres {
        at(&self.folder, HOST, &self.name)
    }

    pub(crate) fn owner(&self) -> Postgres {
        at(&self.folder, OWNER, &self.name)
    }

    /// As a program has it that is the host, and does not use its code.
    pub(crate) async fn as_host(&self) -> PgConnection {
        connect(&self.folder, HOST, &self.name).await
    }

    pub(crate) async fn as_owner(&self) -> PgConnection {
        connect(&self.folder, OWNER, &self.name).await
    }

    /// As whoever may do everything.
    pub(crate) async fn as_superuser(&self) -> PgConnection {
        connect(&self.folder, "postgres", &self.name).await
    }

    /// As a host has it whose role has to have a password, which is this one from now on. For one test: the role is the server's.
    pub(crate) async fn with_password(&self, password: &str) -> Postgres {
        const ROLE: &str = "test_rotates";
        let mut superuser = self.as_superuser().await;
        let there = sqlx::query("SELECT 1 FROM pg_roles WHERE rolname = $1").bind(ROLE).fetch_optional(&mut superuser).await.unwrap();
        if there.is_none() {
            run(&mut superuser, format!("CREATE ROLE {ROLE} LOGIN; GRANT hearth_app TO {ROLE}")).await;
        }
        run(&mut superuser, format!("ALTER ROLE {ROLE} PASSWORD '{password}'")).await;
        Postgres::at(&url(&self.folder, ROLE, &self.name), Some(password), Connections { readers: 2, writers: 2 }).unwrap()
    }

    /// Ends every connection of that role, as a server that was started again does.
    pub(crate) async fn cut_off(&self) {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'test_rotates'";
        run(&mut self.as_superuser().await, cut.to_owned()).await;
    }

    /// Changes what a host would not.
    pub(crate) async fn tamper(&self, authority: &str, sql: &str) {
        let sql = format!("SET search_path = hearth_record; SET hearth.authority = '{authority}'; {sql}");
        run(&mut self.as_superuser().await, sql).await;
    }

    /// Every value of every table.
    pub(crate) async fn values(&self) -> Vec<u8> {
        const COLUMNS: &str = "SELECT format('SELECT %s FROM %I.%I WHERE %I IS NOT NULL', CASE udt_name WHEN 'bytea' THEN quote_ident(column_name) \
             ELSE format('convert_to(%I::text, ''UTF8'')', column_name) END, table_schema, table_name, column_name) \
             FROM information_schema.columns WHERE table_schema IN ('hearth_common', 'hearth_record') AND table_name <> '_sqlx_migrations'";
        let mut superuser = self.as_superuser().await;
        let columns: Vec<String> = sqlx::query_scalar(COLUMNS).fetch_all(&mut superuser).await.unwrap();
        let mut found = Vec::new();
        for column in columns {
            let values: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(column)).fetch_all(&mut superuser).await.unwrap();
            // Between two values is something that is in no word.
            found.extend(values.into_iter().flat_map(|value| value.into_iter().chain([0])));
        }
        found
    }

    pub(crate) fn superuser(&self) -> Postgres {
        at(&self.folder, "postgres", &self.name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let (folder, drop) = (self.folder.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // The test's own runtime is busy with ending.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { run(&mut connect(&folder, "postgres", "postgres").await, drop).await });
        });
        assert!(gone.join().is_ok() || std::thread::panicking(), "the test's database is still there");
    }
}

fn url(folder: &str, who: &str, database: &str) -> String {
    format!("postgres://{who}@localhost/{database}?host={folder}")
}

fn at(folder: &str, who: &str, database: &str) -> Postgres {
    Postgres::at(&url(folder, who, database), None, Connections { readers: 4, writers: 4 }).unwrap()
}

async fn connect(folder: &str, who: &str, database: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(&url(folder, who, database)).unwrap().disable_statement_logging();
    options.connect().await.unwrap_or_else(|e| panic!("{who} cannot connect to {database}: {e}"))
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(connection).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// The template, made by whichever test comes first while the others wait.
async fn once(folder: &str, operator: &mut PgConnection) {
    run(operator, "SELECT pg_advisory_lock(1)".to_owned()).await;
    let there = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(TEMPLATE).fetch_optional(&mut *operator).await.unwrap();
    if there.is_none() {
        run(operator, format!("CREATE ROLE {OWNER} LOGIN CREATEROLE")).await;
        run(operator, format!("CREATE ROLE {HOST} LOGIN")).await;
        run(operator, format!("CREATE DATABASE hearth_making OWNER {OWNER}")).await;
        at(folder, OWNER, "hearth_making").migrate(Some(HOST)).await.unwrap();
        run(operator, format!("ALTER DATABASE hearth_making RENAME TO {TEMPLATE}")).await;
    }
    run(operator, "SELECT pg_advisory_unlock(1)".to_owned()).await;
}
