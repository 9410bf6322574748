//! PostgreSQL: every authority in the same tables, kept apart by row security (`migrations/postgres`).
//!
//! Each transaction begins by saying for whom it works, and a connection that said nothing sees no row. Reads are transactions too, so
//! that several statements see one state. Writers of one authority take turns: those of this host here, where they hold no connection
//! while they wait, those of several hosts by a lock in the database.

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Postgres as Db, Row as _, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::StoreError;
use super::pool::{IDLE, PATIENCE, Pending, waiting};
use super::sql::{Reading, Writing};
use crate::record::AuthorityId;

pub(super) static COMMON: Migrator = sqlx::migrate!("../migrations/postgres/common");
pub(super) static RECORD: Migrator = sqlx::migrate!("../migrations/postgres/authority");

/// The schemas, each with what brings its tables up to date.
const SCHEMAS: [(&str, &Migrator); 2] = [("hearth_common", &COMMON), ("hearth_record", &RECORD)];

/// Statements that one connection keeps prepared: all that the store has.
const STATEMENTS: usize = 400;
/// Connections to what belongs to no authority: short reads, which everybody makes.
const COMMON_CONNECTIONS: u32 = 4;

/// A database of PostgreSQL, and how many connections one host makes to it.
#[derive(Clone)]
pub struct Postgres {
    options: PgConnectOptions,
    connections: Connections,
}

/// Where it is, without who comes or with which password.
impl std::fmt::Display for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgreSQL at {}, database {}", self.options.get_host(), self.options.get_database().unwrap_or("of the user's name"))
    }
}

/// The options have the password.
impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({self})")
    }
}

/// Connections of one host to PostgreSQL, beside a few for what belongs to no authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub readers: u32,
    /// An authority uses one of them at a time.
    pub writers: u32,
}

impl Default for Connections {
    fn default() -> Self {
        Self { readers: 8, writers: 8 }
    }
}

impl Postgres {
    /// `url` as PostgreSQL's own programs take it: `postgres://hearth@db.example.org/hearth?sslmode=verify-full`.
    ///
    /// # Errors
    /// `Unready` where it is not such an address. The message does not repeat it, since it may hold a password.
    pub fn at(url: &str, password: Option<&str>, connections: Connections) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Unready("the address of the database must be like postgres://user@host/database".to_owned()))?;
        let options = match password {
            Some(password) => options.password(password),
            None => options,
        };
        let options = options
            .application_name("hearth")
            .statement_cache_capacity(STATEMENTS)
            // What a notice says is for somebody at a terminal. A host that vanished in the middle of a transaction gives up its turn.
            .options([
                ("client_min_messages", "error"),
                ("idle_in_transaction_session_timeout", "300s"),
                ("tcp_keepalives_idle", "30"),
                ("tcp_keepalives_interval", "10"),
                ("tcp_keepalives_count", "3"),
            ])
            .disable_statement_logging();
        Ok(Self { options, connections })
    }

    fn within(&self, schema: &str) -> PgConnectOptions {
        self.options.clone().options([("search_path", schema)])
    }

    /// A connection of one's own, before there are pools.
    ///
    /// # Errors
    /// `Unready`, with where it is and what it or the way to it said; `Busy` where it takes no more.
    async fn reach(&self, options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
        options.connect().await.map_err(|error| match StoreError::from(error) {
            StoreError::Database(sqlx::Error::Io(why)) if why.kind() == std::io::ErrorKind::NotFound => {
                StoreError::Unready(format!("{self}: a file is missing, the server's socket or a certificate that the address names"))
            }
            StoreError::Database(why) => StoreError::Unready(format!("{self}: {why}")),
            other => other,
        })
    }

    /// Makes the schemas and brings their tables up to date, as their owner; `member`: the role that hosts work as from now on.
    ///
    /// # Errors
    /// `Unready` where it cannot be reached, `Database` where the role may not, `Migrate` where a change did not succeed.
    pub async fn migrate(&self, member: Option<&str>) -> Result<(), StoreError> {
        for (schema, tables) in SCHEMAS {
            let mut owner = self.reach(&self.within(schema)).await?;
            sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"))).execute(&mut owner).await?;
            tables.run(&mut owner).await.map_err(|why| failed(schema, why))?;
            owner.close().await?;
        }
        if let Some(member) = member {
            let mut owner = self.reach(&self.options).await?;
            let member: String = sqlx::query_scalar("SELECT quote_ident($1)").bind(member).fetch_one(&mut owner).await?;
            sqlx::query(AssertSqlSafe(format!("GRANT hearth_app TO {member}"))).execute(&mut owner).await?;
            owner.close().await?;
        }
        Ok(())
    }

    /// Changes to tables that this host knows and the database has not had.
    ///
    /// # Errors
    /// `Unready` where it cannot be reached; it cannot be read; `Migrate` where a later Hearth has changed its tables.
    pub async fn pending(&self) -> Result<Vec<Pending>, StoreError> {
        let mut connection = self.reach(&self.options).await?;
        let mut found = Vec::new();
        for (schema, tables) in SCHEMAS {
            let done = done(&mut connection, schema).await?;
            if let Some(later) = done.iter().find(|version| !tables.version_exists(**version)) {
                return Err(failed(schema, MigrateError::VersionMissing(*later)));
            }
            found.extend(waiting(&format!("schema {schema}"), tables, &done));
        }
        connection.close().await?;
        Ok(found)
    }

    /// Connects, as a role that row security binds, to tables that are up to date.
    pub(super) async fn connect(&self) -> Result<Pools, StoreError> {
        if let Some(pending) = self.pending().await?.first() {
            return Err(StoreError::Unready(format!("its tables are not up to date ({pending}): `hearth migrate` as their owner first")));
        }
        let mut connection = self.reach(&self.options).await?;
        must_be_bound(&mut connection).await?;
        connection.close().await?;
        let pool = |schema, most| {
            PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(PATIENCE)
                .idle_timeout(IDLE)
                // How a transaction begins finds out by itself.
                .test_before_acquire(false)
                .connect_lazy_with(self.within(schema))
        };
        Ok(Pools {
            common: pool("hearth_common", COMMON_CONNECTIONS),
            readers: pool("hearth_record", self.connections.readers),
            writers: pool("hearth_record", self.connections.writers),
        })
    }
}

fn failed(schema: &str, why: MigrateError) -> StoreError {
    StoreError::Migrate { file: format!("schema {schema}"), why }
}

/// The changes that a schema has had; none where it is not there.
async fn done(connection: &mut PgConnection, schema: &str) -> Result<Vec<i64>, StoreError> {
    const THERE: &str = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = $1 AND c.relname = '_sqlx_migrations'";
    if sqlx::query(THERE).bind(schema).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = AssertSqlSafe(format!("SELECT version FROM {schema}._sqlx_migrations WHERE success"));
    Ok(sqlx::query_scalar(sql).fetch_all(connection).await?)
}

/// Row security binds no superuser, and an owner can end it.
async fn must_be_bound(connection: &mut PgConnection) -> Result<(), StoreError> {
    const UNBOUND: &str = "SELECT current_user::text, \
        EXISTS (SELECT 1 FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(r.oid, 'MEMBER')), \
        EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE n.nspname IN ('hearth_common', 'hearth_record') AND pg_has_role(c.relowner, 'MEMBER'))";
    let row = sqlx::query(UNBOUND).fetch_one(connection).await?;
    let (who, above, owns): (String, bool, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if above || owns {
        let why = if above { "is above row security" } else { "owns the tables" };
        return Err(StoreError::Unready(format!(
            "the role {who} {why}: hosts work as a role that does not (`hearth migrate --member ROLE`)"
        )));
    }
    Ok(())
}

/// One host's connections.
#[derive(Debug)]
pub(super) struct Pools {
    common: PgPool,
    readers: PgPool,
    writers: PgPool,
}

impl Pools {
    /// For connections from now on; those that there are stay.
    pub(super) fn use_password(&self, password: &str) {
        for pool in [&self.common, &self.readers, &self.writers] {
            pool.set_connect_options(PgConnectOptions::clone(&pool.connect_options()).password(password));
        }
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
        self.common.close().await;
    }
}

/// The database as one authority sees it, or whoever asks for what belongs to none.
#[derive(Debug)]
pub(super) struct Server {
    pools: Arc<Pools>,
    authority: Option<AuthorityId>,
    turn: Arc<Mutex<()>>,
}

/// A transaction of one connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) transaction: Transaction<'static, Db>,
    /// Every key of an authority's tables begins with the authority.
    pub(super) apart: bool,
    /// Of those who write.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Server {
    pub(super) fn new(pools: Arc<Pools>, authority: Option<AuthorityId>) -> Self {
        Self { pools, authority, turn: Arc::default() }
    }

    pub(super) async fn read(&self) -> Result<Reading, StoreError> {
        let pool = if self.authority.is_some() { &self.pools.readers } else { &self.pools.common };
        let transaction = self.transaction(pool, "ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(Reading::postgres(Session { transaction, apart: self.authority.is_some(), _turn: None }))
    }

    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        let turn = tokio::time::timeout(PATIENCE, self.turn.clone().lock_owned()).await.map_err(|_| StoreError::Busy)?;
        let pool = if self.authority.is_some() { &self.pools.writers } else { &self.pools.common };
        // Each statement sees what was committed before it: what was written while this one waited for its turn.
        let mut transaction = self.transaction(pool, "ISOLATION LEVEL READ COMMITTED READ WRITE").await?;
        sqlx::query("SELECT set_config('lock_timeout', $2, true), pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(self.authority.as_ref().map_or("", AuthorityId::as_str))
            .bind(format!("{}ms", PATIENCE.as_millis()))
            .execute(&mut *transaction)
            .await?;
        Ok(Writing::postgres(Session { transaction, apart: self.authority.is_some(), _turn: Some(turn) }))
    }

    /// One message: it ends what a cancelled request may have left on the connection, begins, and says for whom. A connection that the
    /// server closed while nobody used it is found here, and another is taken.
    async fn transaction(&self, pool: &PgPool, how: &str) -> Result<Transaction<'static, Db>, StoreError> {
        // Letters and digits: an ONS code is nothing else.
        let authority = self.authority.as_ref().map_or("", AuthorityId::as_str);
        let begin = format!("ROLLBACK; BEGIN {how}; SET LOCAL hearth.authority = '{authority}'");
        let mut left = pool.size();
        loop {
            match pool.begin_with(AssertSqlSafe(begin.clone())).await {
                Err(error) if left > 0 && was_closed(&error) => left -= 1,
                begun => return Ok(begun?),
            }
        }
    }

    /// The connections are every authority's: they are closed with the stores.
    pub(super) async fn close(&self) {
        if self.authority.is_none() {
            self.pools.close().await;
        }
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>: class 57, the operator's interventions.
fn was_closed(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => {
            database.try_downcast_ref::<PgDatabaseError>().is_some_and(|e| matches!(e.code(), "57P01" | "57P02" | "57P05"))
        }
        _ => false,
    }
}
