//! A database of PostgreSQL's for one test, on the server that `with-postgres.sh` started for the run, made as an operator makes one:
//! roles, an empty database, `hearth migrate` as its owner.

use std::str::FromStr as _;

use anyhow::{Result, ensure};
use hearth::store::{Connections, Postgres};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::program::run;

/// Owns the tables.
const OWNER: &str = "test_owner";
/// What hosts work as.
const HOST: &str = "test_host";

/// Goes when it is dropped.
pub struct Database {
    /// The folder with the server's socket.
    folder: String,
    name: String,
}

impl Database {
    /// None: there is no server, and the records of the test are in files.
    ///
    /// # Errors
    /// The server does not do what it is asked.
    pub async fn of_this_run() -> Result<Option<Self>> {
        let Ok(folder) = std::env::var("HEARTH_TEST_POSTGRES") else { return Ok(None) };
        let made = Self { name: format!("hearth_tests_{}", hearth::record::RunId::fresh().0.simple()), folder };
        let mut operator = made.operator().await?;
        // Roles are the server's: whichever test comes first makes them.
        let role = |name: &str, may: &str| {
            format!("DO $$ BEGIN CREATE ROLE {name} LOGIN {may}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$")
        };
        for sql in [role(OWNER, "CREATEROLE"), role(HOST, ""), format!("CREATE DATABASE {} OWNER {OWNER}", made.name)] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut operator).await?;
        }
        let migrated = run(std::path::Path::new(&made.folder), &["migrate", "--database", &made.of(OWNER), "--member", HOST]);
        ensure!(migrated.code == 0, "{}", migrated.err);
        Ok(Some(made))
    }

    /// For `HEARTH_DATABASE`.
    #[must_use]
    pub fn url(&self) -> String {
        self.of(HOST)
    }

    /// For a host within this process.
    ///
    /// # Errors
    /// None, unless this file is wrong.
    pub fn place(&self) -> Result<Postgres> {
        Ok(Postgres::at(&self.url(), None, Connections { readers: 4, writers: 4 })?)
    }

    fn of(&self, role: &str) -> String {
        format!("postgres://{role}@localhost/{}?host={}", self.name, self.folder)
    }

    async fn operator(&self) -> Result<PgConnection> {
        let url = format!("postgres://postgres@localhost/postgres?host={}", self.folder);
        Ok(PgConnectOptions::from_str(&url)?.disable_statement_logging().connect().await?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        std::thread::scope(|scope| {
            // The test's own runtime is busy with ending; what is left over goes with the server.
            let dropped = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async { anyhow::Ok(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.operator().await?).await?) })
            });
            drop(dropped.join());
        });
    }
}
