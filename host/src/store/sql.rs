//! How values go in and out: ids as their bytes, days as numbers, instants in milliseconds. One place, so that every
//! statement reads alike.

use sqlx::Row as _;
use sqlx::query::Query;

use super::StoreError;
use crate::record::{
    Day, DecisionId, DeliveryId, Digest, FactId, FamilyId, HomeId, InstallationId, KnownAt, MatchDecisionId, PersonId, ProposalId, RunId,
    TaskId, UndecidedId, WaitingRowId, Window,
};

pub(super) type Db = sqlx::Sqlite;
pub(super) type Connection = sqlx::SqliteConnection;
pub(super) type Row = sqlx::sqlite::SqliteRow;
type Statement = Query<'static, Db, <Db as sqlx::Database>::Arguments>;

/// Rows or ids that one statement names: many enough that the way to the database's thread is a small part, few enough
/// that a statement stays short.
pub(super) const BATCH: usize = 64;

/// What a row is found by: an id or a digest.
pub(super) trait Key: Copy + Eq + std::hash::Hash {
    fn bytes(&self) -> &[u8];
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! keys {
    ($($name:ident)*) => {$(
        impl Key for $name {
            fn bytes(&self) -> &[u8] {
                self.as_bytes()
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                Self::from_bytes(bytes)
            }
        }
    )*};
}
keys! {
    FamilyId PersonId HomeId FactId InstallationId RunId DecisionId TaskId ProposalId UndecidedId DeliveryId WaitingRowId MatchDecisionId
    Digest
}

/// Values into a statement.
pub(super) trait Bind: Sized {
    fn key(self, key: &impl Key) -> Self;
    fn maybe_key(self, key: Option<&impl Key>) -> Self;
    fn day(self, day: Day) -> Self;
    fn maybe_day(self, day: Option<Day>) -> Self;
    fn at(self, at: KnownAt) -> Self;
    fn maybe_at(self, at: Option<KnownAt>) -> Self;
    fn count(self, count: u64) -> Self;
    /// Exactly [`BATCH`] keys: a short list repeats its last.
    fn keys<K: Key>(self, keys: &[K]) -> Self;
    fn texts(self, texts: &[&str]) -> Self;
    fn numbers(self, numbers: &[i64]) -> Self;
}

impl Bind for Statement {
    fn key(self, key: &impl Key) -> Self {
        self.bind(key.bytes())
    }

    fn maybe_key(self, key: Option<&impl Key>) -> Self {
        self.bind(key.map(Key::bytes))
    }

    fn day(self, day: Day) -> Self {
        self.bind(i64::from(day.number()))
    }

    fn maybe_day(self, day: Option<Day>) -> Self {
        self.bind(day.map(|d| i64::from(d.number())))
    }

    fn at(self, at: KnownAt) -> Self {
        self.bind(at.millis())
    }

    fn maybe_at(self, at: Option<KnownAt>) -> Self {
        self.bind(at.map(KnownAt::millis))
    }

    fn count(self, count: u64) -> Self {
        self.bind(i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn keys<K: Key>(mut self, keys: &[K]) -> Self {
        for i in 0..BATCH {
            if let Some(key) = keys.get(i).or_else(|| keys.last()) {
                self = self.key(key);
            }
        }
        self
    }

    fn numbers(mut self, numbers: &[i64]) -> Self {
        for i in 0..BATCH {
            if let Some(number) = numbers.get(i).or_else(|| numbers.last()) {
                self = self.bind(*number);
            }
        }
        self
    }

    fn texts(mut self, texts: &[&str]) -> Self {
        for i in 0..BATCH {
            if let Some(text) = texts.get(i).or_else(|| texts.last()) {
                self = self.bind(*text);
            }
        }
        self
    }
}

/// Values out of a row. What cannot be read is damage, named by its column.
pub(super) trait Columns {
    fn key<K: Key>(&self, column: &str) -> Result<K, StoreError>;
    fn maybe_key<K: Key>(&self, column: &str) -> Result<Option<K>, StoreError>;
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn number(&self, column: &str) -> Result<i64, StoreError>;
    fn count(&self, column: &str) -> Result<u64, StoreError>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;
    fn day(&self, column: &str) -> Result<Day, StoreError>;
    fn maybe_day(&self, column: &str) -> Result<Option<Day>, StoreError>;
    fn at(&self, column: &str) -> Result<KnownAt, StoreError>;
    fn maybe_at(&self, column: &str) -> Result<Option<KnownAt>, StoreError>;
    /// A word or a short name that has a reading of its own.
    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, column: &str) -> Result<T, StoreError>;
    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StoreError>;
    /// The columns `first` and `last`.
    fn window(&self) -> Result<Window, StoreError>;
}

impl Columns for Row {
    fn key<K: Key>(&self, column: &str) -> Result<K, StoreError> {
        K::read(self.try_get::<&[u8], _>(column)?).ok_or_else(|| StoreError::damaged(column, "is not an id"))
    }

    fn maybe_key<K: Key>(&self, column: &str) -> Result<Option<K>, StoreError> {
        let bytes = self.try_get::<Option<&[u8]>, _>(column)?;
        bytes.map(|b| K::read(b).ok_or_else(|| StoreError::damaged(column, "is not an id"))).transpose()
    }

    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn count(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.number(column)?).map_err(|e| StoreError::damaged(column, e))
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn day(&self, column: &str) -> Result<Day, StoreError> {
        self.maybe_day(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    fn maybe_day(&self, column: &str) -> Result<Option<Day>, StoreError> {
        let number = self.try_get::<Option<i64>, _>(column)?;
        let day = |n: i64| i32::try_from(n).ok().and_then(Day::new).ok_or_else(|| StoreError::damaged(column, format!("{n} is not a day")));
        number.map(day).transpose()
    }

    fn at(&self, column: &str) -> Result<KnownAt, StoreError> {
        Ok(KnownAt::from_millis(self.number(column)?))
    }

    fn maybe_at(&self, column: &str) -> Result<Option<KnownAt>, StoreError> {
        Ok(self.try_get::<Option<i64>, _>(column)?.map(KnownAt::from_millis))
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, column: &str) -> Result<T, StoreError> {
        self.try_get::<&str, _>(column)?.parse().map_err(|e| StoreError::damaged(column, e))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.try_get(column)?).map_err(|e| StoreError::damaged(column, e))
    }

    fn window(&self) -> Result<Window, StoreError> {
        Ok(Window { first: self.day("first")?, last: self.maybe_day("last")? })
    }
}

/// `$1, $2, …`, from `from` on.
pub(super) fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// An insert into one table: a statement for [`BATCH`] rows and one for the rest, so that two are prepared and no more.
pub(super) struct Insert {
    many: String,
    one: String,
}

impl Insert {
    pub(super) fn into(table: &str, columns: &[&str]) -> Self {
        let lead = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let rows = |n: usize| (0..n).map(|r| format!("({})", places(1 + r * columns.len(), columns.len()))).collect::<Vec<_>>().join(", ");
        Self { many: lead.clone() + &rows(BATCH), one: lead + &rows(1) }
    }

    /// `bind` gives the columns of one row, in order.
    pub(super) async fn rows<T>(
        &'static self,
        connection: &mut Connection,
        rows: &[T],
        bind: impl Fn(Statement, &T) -> Statement,
    ) -> Result<(), sqlx::Error> {
        let chunks = rows.chunks_exact(BATCH);
        let rest = chunks.remainder();
        for chunk in chunks {
            let statement = chunk.iter().fold(sqlx::query(self.many.as_str()), &bind);
            statement.execute(&mut *connection).await?;
        }
        for row in rest {
            bind(sqlx::query(self.one.as_str()), row).execute(&mut *connection).await?;
        }
        Ok(())
    }
}
