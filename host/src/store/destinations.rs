//! Other computers that the host may reach for the authority. Every statement is kept; the latest of a destination counts.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Destination, KnownAt};

/// What the authority said last of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub destination: Destination,
    /// May it be reached?
    pub open: bool,
    pub why: String,
    pub at: KnownAt,
    pub by: String,
}

impl AuthorityStore {
    /// All of which anything was ever said, closed ones too, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn destinations(&self) -> Result<Vec<Opened>, StoreError> {
        const SQL: &str = "SELECT d.destination, d.open, d.why, c.at, c.principal FROM destination d JOIN change c ON c.id = d.change \
            WHERE d.change = (SELECT MAX(change) FROM destination WHERE destination = d.destination) ORDER BY d.destination";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// May it be reached for this authority, now?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_open_to(&self, destination: &Destination) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT open FROM destination WHERE destination = $1 ORDER BY change DESC LIMIT 1";
        let row = query(SQL).bind(destination.to_string()).fetch_optional(&mut *self.read().await?).await?;
        Ok(row.map(|row| row.number("open")).transpose()?.is_some_and(|open| open != 0))
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn open_destination(&mut self, destination: &Destination, open: bool, why: &str) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO destination (destination, change, open, why) VALUES ($1, $2, $3, $4)")
            .bind(destination.to_string())
            .bind(change.0)
            .bind(i64::from(open))
            .bind(why.to_owned())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Opened, StoreError> {
    Ok(Opened {
        destination: row.parsed("destination")?,
        open: row.number("open")? != 0,
        why: row.text("why")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
