//! Values out of a row of either database. What cannot be read is damage, named by its column.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::StoreError;
use super::sql::Key;
use crate::record::{Day, KnownAt, Window};

pub(super) struct Row(SqliteRow);

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(row)
    }
}

impl Row {
    pub(super) fn key<K: Key>(&self, column: &str) -> Result<K, StoreError> {
        self.maybe_key(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    pub(super) fn maybe_key<K: Key>(&self, column: &str) -> Result<Option<K>, StoreError> {
        let bytes = self.0.try_get::<Option<&[u8]>, _>(column)?;
        bytes.map(|b| K::read(b).ok_or_else(|| StoreError::damaged(column, "is not an id"))).transpose()
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.word(column).map(str::to_owned)
    }

    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn number(&self, column: &str) -> Result<i64, StoreError> {
        self.maybe_number(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    pub(super) fn count(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.number(column)?).map_err(|e| StoreError::damaged(column, e))
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.maybe_bytes(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    pub(super) fn maybe_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn day(&self, column: &str) -> Result<Day, StoreError> {
        self.maybe_day(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    pub(super) fn maybe_day(&self, column: &str) -> Result<Option<Day>, StoreError> {
        let day = |n: i64| i32::try_from(n).ok().and_then(Day::new).ok_or_else(|| StoreError::damaged(column, format!("{n} is not a day")));
        self.maybe_number(column)?.map(day).transpose()
    }

    pub(super) fn at(&self, column: &str) -> Result<KnownAt, StoreError> {
        Ok(KnownAt::from_millis(self.number(column)?))
    }

    pub(super) fn maybe_at(&self, column: &str) -> Result<Option<KnownAt>, StoreError> {
        Ok(self.maybe_number(column)?.map(KnownAt::from_millis))
    }

    /// A word or a short name that has a reading of its own.
    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, column: &str) -> Result<T, StoreError> {
        self.word(column)?.parse().map_err(|e| StoreError::damaged(column, e))
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.word(column)?).map_err(|e| StoreError::damaged(column, e))
    }

    /// The columns `first` and `last`.
    pub(super) fn window(&self) -> Result<Window, StoreError> {
        Ok(Window { first: self.day("first")?, last: self.maybe_day("last")? })
    }

    fn maybe_number(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    fn word(&self, column: &str) -> Result<&str, StoreError> {
        Ok(self.0.try_get(column)?)
    }
}
