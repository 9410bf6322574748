//! How long the authority keeps each section: every statement of it; the latest counts.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::KnownAt;
use crate::record::retention::Keep;

/// What the authority says of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Code of the section.
    pub section: String,
    pub keep: Keep,
    pub at: KnownAt,
    pub by: String,
}

impl AuthorityStore {
    /// The latest that was said of each section. One of which nothing was said is left out: its default counts.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn retention(&self) -> Result<Vec<Retention>, StoreError> {
        get(&mut *self.read().await?).await
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn retention(&mut self) -> Result<Vec<Retention>, StoreError> {
        get(self.connection()).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_retention(&mut self, section: &str, keep: Keep) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO retention (section, change, years, until_age) VALUES ($1, $2, $3, $4)")
            .bind(section.to_owned())
            .bind(change.0)
            .bind(i64::from(keep.years))
            .bind(keep.until_age.map(i64::from))
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn get(connection: &mut Connection) -> Result<Vec<Retention>, StoreError> {
    const SQL: &str = "SELECT r.section, r.years, r.until_age, c.at, c.principal FROM retention r JOIN change c ON c.id = r.change \
         WHERE r.change = (SELECT MAX(l.change) FROM retention l WHERE l.section = r.section) ORDER BY r.section";
    query(SQL).fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Retention, StoreError> {
    let small = |what: &str, number: i64| u16::try_from(number).map_err(|e| StoreError::damaged(what, e));
    let age: Option<i64> = row.maybe_number("until_age")?;
    let until_age = age.map(|a| u8::try_from(a).map_err(|e| StoreError::damaged("until_age", e))).transpose()?;
    Ok(Retention {
        section: row.text("section")?,
        keep: Keep { years: small("years", row.number("years")?)?, until_age },
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
