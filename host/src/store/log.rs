//! The log of a file of SQLite's, and how what is in it comes into the file. SQLite's own way is that whoever's commit finds the log full
//! moves all of it while everybody who writes waits. Here it is moved beside those who write, so that nobody's answer waits for it; a
//! writer's turn is taken for what came meanwhile only, so that the log can begin anew.
//!
//! SQLite's way is left as the second net: a bulk load fills the log in one commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use sqlx::SqlitePool;

/// So many commits after the last time. A decision writes twenty pages: after as many of them some 10 MiB of log.
pub(super) const COMMITS: u32 = 64;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    writer: SqlitePool,
    /// One connection that does nothing else.
    beside: SqlitePool,
    commits: AtomicU32,
    moving: AtomicBool,
}

impl Log {
    pub(super) fn new(writer: SqlitePool, beside: SqlitePool) -> Self {
        Self(Arc::new(Shared { writer, beside, commits: AtomicU32::new(0), moving: AtomicBool::new(false) }))
    }

    /// Something was committed.
    pub(super) fn grew(&self) {
        let log = &self.0;
        if log.commits.fetch_add(1, Ordering::Relaxed) + 1 < COMMITS || log.moving.swap(true, Ordering::Acquire) {
            return;
        }
        log.commits.store(0, Ordering::Relaxed);
        let log = self.0.clone();
        tokio::spawn(async move {
            // Nothing is lost where it does not succeed: the log has it, and the next time is soon.
            if let Err(why) = log.move_on().await {
                tracing::debug!("a log was not moved into its file: {why}");
            }
            log.moving.store(false, Ordering::Release);
        });
    }

    pub(super) async fn close(&self) {
        self.0.beside.close().await;
    }
}

impl Shared {
    async fn move_on(&self) -> Result<(), sqlx::Error> {
        // Most of it while others write; then the rest in a writer's turn, after which the next to write begins at the log's beginning.
        for pool in [&self.beside, &self.writer] {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await?;
        }
        Ok(())
    }
}
