//! A way to the database, for as long as something is read or written. Every statement goes through here, so no way of writing can
//! forget to say that it wrote.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Sqlite, SqliteConnection, Transaction};

use super::StoreError;
use super::row::Row;
use super::sql::{Statement, Value};

/// Where statements go.
#[derive(Debug)]
pub(super) struct Connection {
    to: To,
    /// Did a statement write a row?
    wrote: bool,
    /// Did a statement fail? PostgreSQL then takes back all of the transaction, whatever is said at its end.
    failed: bool,
}

#[derive(Debug)]
enum To {
    Reader(PoolConnection<Sqlite>),
    Writer(Transaction<'static, Sqlite>),
}

impl From<To> for Connection {
    fn from(to: To) -> Self {
        Self { to, wrote: false, failed: false }
    }
}

impl Connection {
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<u64, sqlx::Error> {
        let writes = statement.writes();
        let done = bound(statement)?.execute(self.to.sqlite()).await.map(|done| done.rows_affected());
        let rows = self.noted(done)?;
        self.wrote |= writes && rows > 0;
        Ok(rows)
    }

    pub(super) async fn fetch_all(&mut self, statement: Statement) -> Result<Vec<Row>, sqlx::Error> {
        let writes = statement.writes();
        let rows = bound(statement)?.fetch_all(self.to.sqlite()).await;
        let rows: Vec<Row> = self.noted(rows)?.into_iter().map(Row::from).collect();
        self.wrote |= writes && !rows.is_empty();
        Ok(rows)
    }

    pub(super) async fn fetch_optional(&mut self, statement: Statement) -> Result<Option<Row>, sqlx::Error> {
        let writes = statement.writes();
        let row = bound(statement)?.fetch_optional(self.to.sqlite()).await;
        let row = self.noted(row)?.map(Row::from);
        self.wrote |= writes && row.is_some();
        Ok(row)
    }

    fn noted<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.failed |= done.is_err();
        done
    }
}

impl To {
    fn sqlite(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Reader(connection) => connection,
            Self::Writer(transaction) => transaction,
        }
    }
}

type SqliteQuery = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Each value moves; none is copied.
fn bound(statement: Statement) -> Result<SqliteQuery, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(statement.values.len(), 0);
    for value in statement.values {
        match value {
            Value::Number(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(sqlx::query_with(statement.sql, arguments))
}

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Reading(Connection);

impl Reading {
    pub(super) fn sqlite(connection: PoolConnection<Sqlite>) -> Self {
        Self(To::Reader(connection).into())
    }
}

impl Deref for Reading {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// A transaction that writes. Dropped without `commit`, it never was.
#[derive(Debug)]
pub(super) struct Writing(Connection);

impl Writing {
    pub(super) fn sqlite(transaction: Transaction<'static, Sqlite>) -> Self {
        Self(To::Writer(transaction).into())
    }

    /// Has it written a row?
    pub(super) const fn wrote(&self) -> bool {
        self.0.wrote
    }

    /// # Errors
    /// Nothing was kept. A transaction in which a statement failed is not kept on either database, even where whoever asked went on.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        if self.0.failed {
            return Err(StoreError::Spoiled);
        }
        match self.0.to {
            To::Reader(_) => Ok(()),
            To::Writer(transaction) => Ok(transaction.commit().await?),
        }
    }
}

impl Deref for Writing {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}
