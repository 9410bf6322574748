//! The common file or schema: what belongs to no authority. Its tables are in files of their own: organisations, plugins, tokens.

use std::sync::Arc;

use super::StoreError;
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

    /// # Errors
    /// `Busy` where another transaction holds the file for too long.
    pub async fn write(&self) -> Result<CommonTx, StoreError> {
        Ok(CommonTx { inner: self.database.begin().await?, at: self.clock.now() })
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

    /// # Errors
    /// Nothing of the transaction was kept.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await
    }
}
