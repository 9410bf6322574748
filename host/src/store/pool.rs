//! Where tables are: one file of SQLite's, or a schema of PostgreSQL's as one authority sees it.

use std::time::Duration;

use sqlx::migrate::Migrator;

use super::StoreError;
use super::files::File;
use super::postgres::Server;
use super::sql::{Reading, Writing};

/// How long a request waits for its turn to read or write before it is told to try again.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// A connection that nobody used for so long is closed: there are many authorities, and few work at night.
pub(super) const IDLE: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(super) enum Database {
    File(File),
    Server(Server),
}

impl Database {
    pub(super) async fn read(&self) -> Result<Reading, StoreError> {
        match self {
            Self::File(file) => file.read().await,
            Self::Server(server) => server.read().await,
        }
    }

    /// Those who write take turns: a transaction that is not the first waits here.
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        match self {
            Self::File(file) => file.begin().await,
            Self::Server(server) => server.begin().await,
        }
    }

    /// For several statements that are to see one state.
    pub(super) async fn read_at_once(&self) -> Result<Reading, StoreError> {
        match self {
            Self::File(file) => file.read_at_once().await,
            // Every reading there is a transaction.
            Self::Server(server) => server.read().await,
        }
    }

    /// # Errors
    /// `InPostgres` where it is no file, with what to do `instead`.
    pub(super) fn file(&self, instead: &'static str) -> Result<&File, StoreError> {
        match self {
            Self::File(file) => Ok(file),
            Self::Server(_) => Err(StoreError::InPostgres(instead)),
        }
    }

    /// Moves what a file's log holds into the file, and empties it. A server's pages are its own, and its owner's to clean.
    pub(super) async fn empty_log(&self) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.empty_log().await,
            Self::Server(_) => Ok(()),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::File(file) => file.close().await,
            Self::Server(server) => server.close().await,
        }
    }
}

/// A change to the tables that a database has not had yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// A file, or a schema.
    pub of: String,
    pub version: i64,
    pub says: String,
}

impl std::fmt::Display for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:04} {}", self.of, self.version, self.says)
    }
}

/// Those of the changes that are not done.
pub(super) fn waiting(of: &str, tables: &Migrator, done: &[i64]) -> Vec<Pending> {
    let waiting = tables.iter().filter(|m| !done.contains(&m.version));
    waiting.map(|m| Pending { of: of.to_owned(), version: m.version, says: m.description.to_string() }).collect()
}
