//! A database of PostgreSQL's for one test, on the server that `with-postgres.sh` started for the run, made as an operator makes one:
//! roles, an empty database, `hearth migrate` as its owner.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr as _;

use anyhow::{Context, Result, ensure};
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

    /// Empty, on a server of its own, where nothing is but the roles: what a dump is brought back into.
    ///
    /// # Errors
    /// The server does not do what it is asked.
    pub async fn on(server: &Server) -> Result<Self> {
        let made = Self { name: "restored".to_owned(), folder: server.folder.clone() };
        let mut operator = made.operator().await?;
        for sql in [
            format!("CREATE ROLE {OWNER} LOGIN CREATEROLE; CREATE ROLE hearth_app; CREATE ROLE {HOST} LOGIN; GRANT hearth_app TO {HOST}"),
            format!("CREATE DATABASE {} OWNER {OWNER}", made.name),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut operator).await?;
        }
        Ok(made)
    }

    /// For `HEARTH_DATABASE`.
    #[must_use]
    pub fn url(&self) -> String {
        self.of(HOST)
    }

    /// For whoever may do everything there: an operator's own tools.
    #[must_use]
    pub fn operators_url(&self) -> String {
        self.of("postgres")
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

/// A server beside the run's own, with nothing in it. It ends when it is dropped.
pub struct Server {
    process: Child,
    folder: String,
}

impl Server {
    /// Starts one as the run's was: it lasts as long as it is listened to.
    ///
    /// # Errors
    /// There is no PostgreSQL here.
    pub fn start() -> Result<Self> {
        Self::begin(&[])
    }

    /// The same at a port of this machine, where it talks to nobody without encryption.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_encrypted(port: u16) -> Result<Self> {
        Self::begin(&[("HEARTH_TEST_TLS_PORT", port.to_string())])
    }

    /// Of whoever vouches for its name.
    #[must_use]
    pub fn certificate(&self) -> String {
        format!("{}/ca.crt", self.folder)
    }

    fn begin(variables: &[(&str, String)]) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("with-postgres.sh");
        let waits = ["sh", "-c", "echo \"$HEARTH_TEST_POSTGRES\"; cat >/dev/null"];
        let mut process = Command::new(script)
            .args(waits)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut folder = String::new();
        BufReader::new(process.stdout.take().context("it is piped")?).read_line(&mut folder)?;
        ensure!(!folder.is_empty(), "the server did not start");
        Ok(Self { process, folder: folder.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody listens any more: it ends, and its folder goes.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
