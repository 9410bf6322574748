//! Values out of a row of either database. What cannot be read is damage, named by its column.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, TypeInfo as _, ValueRef as _};

use super::StoreError;
use super::sql::Key;
use crate::record::{Day, KnownAt, Window};

pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl Row {
    pub(super) fn key<K: Key>(&self, column: &str) -> Result<K, StoreError> {
        self.maybe_key(column)?.ok_or_else(|| StoreError::damaged(column, "is empty"))
    }

    pub(super) fn maybe_key<K: Key>(&self, column: &str) -> Result<Option<K>, StoreError> {
        let bytes: Option<&[u8]> = self.get(column)?;
        bytes.map(|b| K::read(b).ok_or_else(|| StoreError::damaged(column, "is not an id"))).transpose()
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.word(column).map(str::to_owned)
    }

    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.get(column)
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
        self.get(column)
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

    /// In PostgreSQL whether something exists is a truth, and a number that stands in a statement is a short one.
    pub(super) fn maybe_number(&self, column: &str) -> Result<Option<i64>, StoreError> {
        let Self::Postgres(row) = self else { return self.get(column) };
        let kind = row.try_get_raw(column)?.type_info().into_owned();
        Ok(match kind.name() {
            "BOOL" => row.try_get::<Option<bool>, _>(column)?.map(i64::from),
            "INT4" => row.try_get::<Option<i32>, _>(column)?.map(i64::from),
            _ => row.try_get(column)?,
        })
    }

    fn word(&self, column: &str) -> Result<&str, StoreError> {
        self.get(column)
    }

    fn get<'r, T>(&'r self, column: &str) -> Result<T, StoreError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}
