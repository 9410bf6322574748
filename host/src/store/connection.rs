//! A way to the database, for as long as something is read or written. Every statement goes through here, so no way of writing can
//! forget to say that it wrote.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Arguments, AssertSqlSafe, Database, Encode, Postgres, Sqlite, SqliteConnection, Transaction, Type};

use super::StoreError;
use super::postgres::Session;
use super::row::Row;
use super::sql::{Statement, Value};
use super::wal::Wal;

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
    Transaction(Transaction<'static, Sqlite>),
    Postgres(Session),
}

impl From<To> for Connection {
    fn from(to: To) -> Self {
        Self { to, wrote: false, failed: false }
    }
}

impl Connection {
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<u64, sqlx::Error> {
        let writes = statement.writes();
        #[cfg(test)]
        super::cut::at_statement(statement.sql, writes).await?;
        let done = match self.to.open() {
            Open::Sqlite(connection) => bound(statement)?.execute(connection).await.map(|done| done.rows_affected()),
            Open::Postgres(session) => {
                for_postgres(statement, session)?.execute(&mut *session.transaction).await.map(|done| done.rows_affected())
            }
        };
        let rows = self.noted(done)?;
        self.wrote |= writes && rows > 0;
        Ok(rows)
    }

    pub(super) async fn fetch_all(&mut self, statement: Statement) -> Result<Vec<Row>, sqlx::Error> {
        let writes = statement.writes();
        #[cfg(test)]
        super::cut::at_statement(statement.sql, writes).await?;
        let rows = match self.to.open() {
            Open::Sqlite(connection) => bound(statement)?.fetch_all(connection).await.map(rows),
            Open::Postgres(session) => for_postgres(statement, session)?.fetch_all(&mut *session.transaction).await.map(rows),
        };
        let rows = self.noted(rows)?;
        self.wrote |= writes && !rows.is_empty();
        Ok(rows)
    }

    pub(super) async fn fetch_optional(&mut self, statement: Statement) -> Result<Option<Row>, sqlx::Error> {
        let writes = statement.writes();
        #[cfg(test)]
        super::cut::at_statement(statement.sql, writes).await?;
        let row = match self.to.open() {
            Open::Sqlite(connection) => bound(statement)?.fetch_optional(connection).await.map(|row| row.map(Row::from)),
            Open::Postgres(session) => {
                for_postgres(statement, session)?.fetch_optional(&mut *session.transaction).await.map(|row| row.map(Row::from))
            }
        };
        let row = self.noted(row)?;
        self.wrote |= writes && row.is_some();
        Ok(row)
    }

    fn noted<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.failed |= done.is_err();
        done
    }
}

/// Which database it is.
enum Open<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut Session),
}

impl To {
    fn open(&mut self) -> Open<'_> {
        match self {
            Self::Reader(connection) => Open::Sqlite(connection),
            Self::Transaction(transaction) => Open::Sqlite(transaction),
            Self::Postgres(session) => Open::Postgres(session),
        }
    }
}

fn rows<R: Into<Row>>(rows: Vec<R>) -> Vec<Row> {
    rows.into_iter().map(Into::into).collect()
}

type Query<Db> = sqlx::query::Query<'static, Db, <Db as Database>::Arguments>;

fn bound(statement: Statement) -> Result<Query<Sqlite>, sqlx::Error> {
    Ok(sqlx::query_with(statement.unnumbered.unwrap_or(statement.sql), arguments::<Sqlite>(statement.values)?))
}

/// Every unique index of an authority's tables begins with the authority there, and so does what a statement says about conflicts.
fn for_postgres(statement: Statement, session: &Session) -> Result<Query<Postgres>, sqlx::Error> {
    const CONFLICT: &str = "ON CONFLICT (";
    // Row security alone keeps authorities apart: no statement does it a second time, or the suite on PostgreSQL would prove less.
    debug_assert!(!session.apart || !statement.sql.contains("authority"), "{}", statement.sql);
    let arguments = arguments::<Postgres>(statement.values)?;
    if session.apart && statement.sql.contains(CONFLICT) {
        let sql = statement.sql.replace(CONFLICT, "ON CONFLICT (authority, ");
        return Ok(sqlx::query_with(AssertSqlSafe(sql), arguments));
    }
    Ok(sqlx::query_with(statement.sql, arguments))
}

/// Each value moves; none is copied where the database's own form of it is the same.
fn arguments<Db: Database>(values: Vec<Value>) -> Result<Db::Arguments, sqlx::Error>
where
    Option<i64>: Encode<'static, Db> + Type<Db>,
    Option<String>: Encode<'static, Db> + Type<Db>,
    Option<Vec<u8>>: Encode<'static, Db> + Type<Db>,
{
    let mut arguments = Db::Arguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Number(number) => arguments.add(number),
            // PostgreSQL cannot keep it, so neither does SQLite.
            Value::Text(Some(text)) if text.contains('\0') => Err("a text holds the character U+0000, which cannot be kept".into()),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Reading(Connection);

impl Reading {
    /// In a transaction, which ends with it.
    pub(super) fn at_once(transaction: Transaction<'static, Sqlite>) -> Self {
        Self(To::Transaction(transaction).into())
    }

    pub(super) fn sqlite(connection: PoolConnection<Sqlite>) -> Self {
        Self(To::Reader(connection).into())
    }

    pub(super) fn postgres(session: Session) -> Self {
        Self(To::Postgres(session).into())
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
pub(super) struct Writing {
    on: Connection,
    /// Of a file.
    wal: Option<Wal>,
}

impl Writing {
    pub(super) fn sqlite(transaction: Transaction<'static, Sqlite>, wal: Wal) -> Self {
        Self { on: To::Transaction(transaction).into(), wal: Some(wal) }
    }

    pub(super) fn postgres(session: Session) -> Self {
        Self { on: To::Postgres(session).into(), wal: None }
    }

    /// Has it written a row?
    pub(super) const fn wrote(&self) -> bool {
        self.on.wrote
    }

    /// # Errors
    /// Nothing was kept. A transaction in which a statement failed is not kept on either database, even where whoever asked went on.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        if self.on.failed {
            return Err(StoreError::Spoiled);
        }
        #[cfg(test)]
        super::cut::at("before a commit").await?;
        match self.on.to {
            To::Reader(_) => {}
            To::Transaction(transaction) => transaction.commit().await?,
            // Its turn ends after it.
            To::Postgres(session) => session.transaction.commit().await?,
        }
        if let Some(wal) = self.wal {
            wal.grew();
        }
        #[cfg(test)]
        super::cut::at("after a commit").await?;
        Ok(())
    }
}

impl Deref for Writing {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.on
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.on
    }
}
