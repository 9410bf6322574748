//! One database file: a writer and a few readers.
//!
//! SQLite takes one writer at a time, so there is one connection that writes and the next waits for it here instead of
//! in the database. Readers see the last commit (WAL) and cannot write at all.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlitePool};

use super::StoreError;
use super::pool::{IDLE, PATIENCE, Pending, waiting};
use super::sql::{Reading, Writing};
use super::wal::Wal;

pub(super) static COMMON: Migrator = sqlx::migrate!("../migrations/sqlite/common");
pub(super) static AUTHORITY: Migrator = sqlx::migrate!("../migrations/sqlite/authority");

/// Readers of one file. Each is a thread; reading is bounded by the processor.
const READERS: u32 = 4;
/// A snapshot of 100 facts takes two pages of 8 KiB, and five of SQLite's usual 4 KiB.
pub(super) const PAGE_BYTES: u32 = 8192;
/// At most 192 MiB, given back when the file was idle for a while. What twenty thousand rows of an agency's file change in the indexes of a
/// million has to fit: what does not is written and read again within the same transaction.
const WRITERS_CACHE: &str = "-196608";

/// Pages in the log before a commit moves them into the file: 64 MiB, which [`Wal`] lets come to be in a bulk load only. A file of an agency's
/// writes the same pages of an index again with each twenty thousand rows, and with SQLite's usual thousand pages each is moved each time.
pub(super) const LOG_PAGES: u64 = 8192;

#[derive(Debug)]
pub(super) struct File {
    writer: SqlitePool,
    readers: SqlitePool,
    wal: Wal,
}

impl File {
    /// Opens the file and brings its tables up to date.
    pub(super) async fn open(path: &Path, create: bool, tables: &Migrator) -> Result<Self, StoreError> {
        let writing = options(path)
            .create_if_missing(create)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", WRITERS_CACHE)
            .pragma("wal_autocheckpoint", LOG_PAGES.to_string())
            // A statement's own journal, too, by which a refused insert of many rows is taken back: on disk it was a twelfth of a bulk load.
            .pragma("temp_store", "MEMORY")
            // What is deleted is overwritten: a snapshot that was replaced, and whatever is erased.
            .pragma("secure_delete", "ON")
            .foreign_keys(true);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(IDLE)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(writing)
            .await?;
        tables.run(&writer).await.map_err(|why| StoreError::Migrate { file: path.display().to_string(), why })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .idle_timeout(IDLE)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options(path).read_only(true));
        let beside = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).idle_timeout(IDLE).max_lifetime(None);
        let wal = Wal::new(writer.clone(), beside.connect_lazy_with(options(path).synchronous(SqliteSynchronous::Full)));
        Ok(Self { writer, readers, wal })
    }

    pub(super) async fn read(&self) -> Result<Reading, StoreError> {
        Ok(Reading::sqlite(self.readers.acquire().await?))
    }

    /// For several statements that are to see one state.
    pub(super) async fn read_at_once(&self) -> Result<Reading, StoreError> {
        Ok(Reading::at_once(self.readers.begin().await?))
    }

    /// Moves what the log holds into the file, and empties it.
    pub(super) async fn empty_log(&self) -> Result<(), StoreError> {
        self.wal.empty().await
    }

    /// The whole database as one transaction sees it, into a file that is not there yet.
    pub(super) async fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let mut reader = self.readers.acquire().await?;
        sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut *reader).await?;
        drop(reader);
        std::fs::File::open(to).and_then(|f| f.sync_all()).map_err(|why| StoreError::File { file: to.display().to_string(), why })
    }

    /// Takes the write lock at once: a transaction that reads first and writes later could find that it may not.
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        Ok(Writing::sqlite(self.writer.begin_with("BEGIN IMMEDIATE").await?, self.wal.clone()))
    }

    pub(super) async fn close(&self) {
        self.wal.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Statements are not logged: an error of the database is, and neither holds a value.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).disable_statement_logging()
}

/// Reads only. A file that is not there yet has everything before it.
pub(super) async fn pending(path: &Path, tables: &Migrator) -> Result<Vec<Pending>, StoreError> {
    let mut done: Vec<i64> = Vec::new();
    if path.exists() {
        let mut connection = options(path).read_only(true).connect().await?;
        let there: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'").fetch_optional(&mut connection).await?;
        if there.is_some() {
            done = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(&mut connection).await?;
        }
    }
    Ok(waiting(&path.display().to_string(), tables, &done))
}
