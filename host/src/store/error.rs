//! What can go wrong with the record, in the users' words.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

use crate::record::{AuthorityId, Digest, Invalid, told_back};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `what` is one of the design's words: family, person, home, fact, organisation, authority, decision, ….
    #[error("there is no {what} {}", as_asked(id))]
    NoSuch { what: &'static str, id: String },

    #[error("there is a {what} with this {field} already")]
    Exists { what: &'static str, field: &'static str },

    /// Somebody else was first: the record is no longer as the sender saw it.
    #[error("{0}")]
    Conflict(String),

    /// The values contradict each other or the record.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// One of several facts was at fault, and none was kept.
    #[error("fact {index}: {why}")]
    Fact { index: usize, why: Box<StoreError> },

    /// The database stayed locked for as long as a request waits. Try again.
    #[error("the record is busy: try again")]
    Busy,

    #[error("the record is damaged: {0}")]
    Damaged(String),

    /// The file was written by a later Hearth, or a change to its tables did not succeed.
    #[error("the tables of {file} could not be brought up to date: {why}")]
    Migrate { file: String, why: MigrateError },

    /// A statement of the transaction failed before, and whoever asked went on all the same.
    #[error("nothing was kept: a part of it had failed before")]
    Spoiled,

    #[error("the record could not be read or written: {0}")]
    Database(#[source] sqlx::Error),

    /// PostgreSQL, or the role that the host has there, is not as it must be.
    #[error("the database is not ready: {0}")]
    Unready(String),

    /// What is done with files and not with a server, and what to do instead.
    #[error("the records are in PostgreSQL: {0}")]
    InPostgres(&'static str),

    #[error("{file}: {why}")]
    File { file: String, why: std::io::Error },
}

/// What it was looked for by: an id, or a word as it may be told back.
fn as_asked(id: &str) -> String {
    let is_id = uuid::Uuid::try_parse(id).is_ok() || id.parse::<Digest>().is_ok() || id.parse::<AuthorityId>().is_ok();
    if is_id || told_back(id).contains(id) { id.to_owned() } else { "of that name".to_owned() }
}

impl StoreError {
    /// What was looked for, as it may be told.
    #[must_use]
    pub fn looked_for(id: &str) -> Option<&str> {
        (as_asked(id) == id).then_some(id)
    }

    pub(crate) fn no_such(what: &'static str, id: impl ToString) -> Self {
        Self::NoSuch { what, id: id.to_string() }
    }

    pub(super) fn in_fact(self, index: usize) -> Self {
        Self::Fact { index, why: Box::new(self) }
    }

    pub(super) fn damaged(where_: &str, why: impl std::fmt::Display) -> Self {
        Self::Damaged(format!("{where_}: {why}"))
    }
}

enum Meant {
    Busy,
    Damaged,
    Other,
}

fn meant(error: &dyn DatabaseError) -> Meant {
    if let Some(postgres) = error.try_downcast_ref::<PgDatabaseError>() {
        return match postgres.code() {
            POSTGRES_LOCKED | POSTGRES_DEADLOCK | POSTGRES_TOO_MANY => Meant::Busy,
            code if code.starts_with(POSTGRES_STOPPED) && code != POSTGRES_CANCELLED => Meant::Busy,
            POSTGRES_DATA_CORRUPT | POSTGRES_INDEX_CORRUPT => Meant::Damaged,
            _ => Meant::Other,
        };
    }
    match error.code().and_then(|c| c.parse::<i32>().ok()).map(|c| c & 0xff) {
        Some(SQLITE_BUSY | SQLITE_LOCKED) => Meant::Busy,
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Meant::Damaged,
        _ => Meant::Other,
    }
}

/// PostgreSQL's codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>), some by their class.
const POSTGRES_LOCKED: &str = "55P03";
const POSTGRES_DEADLOCK: &str = "40P01";
const POSTGRES_TOO_MANY: &str = "53300";
const POSTGRES_STOPPED: &str = "57";
const POSTGRES_CANCELLED: &str = "57014";
const POSTGRES_DATA_CORRUPT: &str = "XX001";
const POSTGRES_INDEX_CORRUPT: &str = "XX002";
/// SQLite's primary result codes (<https://sqlite.org/rescode.html>) lie in the low byte of the extended ones.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_NOTADB: i32 = 26;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) => Self::Damaged(error.to_string()),
            sqlx::Error::Encode(why) => Self::Invalid(Invalid::new("", why.to_string())),
            sqlx::Error::Database(database) => match meant(database.as_ref()) {
                Meant::Busy => Self::Busy,
                Meant::Damaged => Self::Damaged(database.message().to_owned()),
                Meant::Other => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

/// A row that is there already becomes `Exists`; every other fault stays what it is.
pub(super) fn exists(what: &'static str, field: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Exists { what, field },
        _ => error.into(),
    }
}
