//! What is read of the record to work out a change to it: by the transaction that is to write, or beside one that writes something else.
//! What was read beside may be out of date by the time it is used: [`Beside::since`] is how whoever writes finds out.

use super::sql::{Connection, Reading, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, StoreError};

/// The record as it is read here. Its methods are in the files of what they read.
#[derive(Debug)]
pub struct Look<'a>(&'a mut Connection);

/// A reader beside whoever writes.
#[derive(Debug)]
pub struct Beside {
    reading: Reading,
    since: ChangeId,
}

impl Look<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.0
    }
}

impl Beside {
    pub fn look(&mut self) -> Look<'_> {
        Look(&mut self.reading)
    }

    /// The last change before anything was read: where none came after it, all that was read is as it is now.
    #[must_use]
    pub const fn since(&self) -> ChangeId {
        self.since
    }
}

impl AuthorityStore {
    /// # Errors
    /// The file cannot be read.
    pub async fn look_beside(&self) -> Result<Beside, StoreError> {
        let mut reading = self.read().await?;
        let since = super::authority::last_change(&mut reading).await?;
        Ok(Beside { reading, since })
    }
}

impl AuthorityTx {
    pub fn look(&mut self) -> Look<'_> {
        Look(self.connection())
    }

    /// Changes after that one. Whatever is written is part of one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn changes_since(&mut self, change: ChangeId) -> Result<Vec<ChangeId>, StoreError> {
        let rows = query("SELECT id FROM change WHERE id > $1 ORDER BY id").bind(change.0).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok(ChangeId(row.number("id")?))).collect()
    }
}
