//! The common file: what belongs to no authority. Its tables are in files of their own: organisations, plugins, tokens.

use std::sync::Arc;

use sqlx::Transaction;
use sqlx::pool::PoolConnection;

use super::StoreError;
use super::audit::{self, Entry};
use super::authority::written;
use super::pool::File;
use super::sql::{Connection, Db};
use crate::record::{Clock, KnownAt};

#[derive(Debug, Clone)]
pub struct Common {
    file: Arc<File>,
    clock: Clock,
}

impl Common {
    pub(super) fn new(file: File, clock: Clock) -> Self {
        Self { file: Arc::new(file), clock }
    }

    pub(super) async fn read(&self) -> Result<PoolConnection<Db>, StoreError> {
        self.file.read().await
    }

    /// Opens a transaction. `principal` is who does it, `what` is what is done, in words that the audit trail keeps.
    ///
    /// # Errors
    /// `Busy` where another transaction holds the file for too long.
    pub async fn write(&self, principal: &str, what: &str) -> Result<CommonTx, StoreError> {
        let mut inner = self.file.begin().await?;
        let written_before = written(&mut inner).await?;
        let (principal, what) = (principal.to_owned(), what.to_owned());
        Ok(CommonTx { inner, at: self.clock.now(), principal, what, written_before })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) async fn close(&self) {
        self.file.close().await;
    }
}

/// A transaction on the common file. Dropped without `commit`, it never was.
#[derive(Debug)]
pub struct CommonTx {
    inner: Transaction<'static, Db>,
    pub(super) at: KnownAt,
    principal: String,
    what: String,
    written_before: i64,
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
        if written(self.connection()).await? > self.written_before {
            let entry = Entry::wrote(self.at, &self.principal, &self.what, None, None);
            audit::insert(self.connection(), &[entry]).await?;
        }
        Ok(self.inner.commit().await?)
    }
}
