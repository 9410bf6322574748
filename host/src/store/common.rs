//! The common file or schema: what belongs to no authority. Its tables are in files of their own: organisations, plugins, tokens.

use std::sync::Arc;

use super::StoreError;
use super::audit::{self, Entry};
use super::pool::Database;
use super::sql::{Connection, Reading, Writing};
use crate::record::{Clock, KnownAt};

#[derive(Debug, Clone)]
pub struct Common {
    database: Arc<Database>,
    clock: Clock,
}

impl Common {
    pub(super) fn new(database: Database, clock: Clock) -> Self {
        Self { database: Arc::new(database), clock }
    }

    pub(super) async fn read(&self) -> Result<Reading, StoreError> {
        self.database.read().await
    }

    /// Opens a transaction. `principal` is who does it, `what` is what is done, in words that the audit trail keeps.
    ///
    /// # Errors
    /// `Busy` where another transaction holds the file for too long.
    pub async fn write(&self, principal: &str, what: &str) -> Result<CommonTx, StoreError> {
        let (principal, what) = (principal.to_owned(), what.to_owned());
        Ok(CommonTx { inner: self.database.begin().await?, at: self.clock.now(), principal, what })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// As [`AuthorityStore::overwrite`](super::AuthorityStore::overwrite).
    ///
    /// # Errors
    /// As there.
    pub async fn overwrite(&self) -> Result<(), StoreError> {
        self.database.empty_log().await
    }

    pub(super) async fn close(&self) {
        self.database.close().await;
    }
}

/// A transaction on the common file. Dropped without `commit`, it never was.
#[derive(Debug)]
pub struct CommonTx {
    inner: Writing,
    pub(super) at: KnownAt,
    principal: String,
    what: String,
}

impl CommonTx {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.inner
    }

    /// When the transaction began, by the host's clock.
    #[must_use]
    pub const fn now(&self) -> KnownAt {
        self.at
    }

    /// Keeps everything. Whatever was written, the audit trail says by whom.
    ///
    /// # Errors
    /// Nothing of the transaction was kept.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.inner.wrote() {
            let entry = Entry::wrote(self.at, &self.principal, &self.what, None, None);
            audit::insert(self.connection(), &[entry]).await?;
        }
        self.inner.commit().await
    }
}
