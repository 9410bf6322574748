//! SQLite's log of what was committed (its WAL), and how that comes into the file. SQLite's own way is that whoever's commit finds the log
//! full moves all of it while everybody who writes waits. Here it is moved beside those who write, so that nobody's answer waits for it; a
//! writer's turn is taken for what came meanwhile only, so that the log can begin anew.
//!
//! SQLite's way is left as the second net: a bulk load fills the log in one commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Row as _, SqlitePool};
use tokio::sync::Mutex;

use super::StoreError;

/// So many commits after the last time. A decision writes twenty pages: after as many of them some 10 MiB of log.
pub(super) const COMMITS: u32 = 64;

/// Of one file. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Wal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    writer: SqlitePool,
    /// One connection that does nothing else.
    beside: SqlitePool,
    commits: AtomicU32,
    /// Whoever moves it does so alone: SQLite turns a second one away at once, however patient it is.
    moving: Mutex<()>,
}

impl Wal {
    pub(super) fn new(writer: SqlitePool, beside: SqlitePool) -> Self {
        Self(Arc::new(Shared { writer, beside, commits: AtomicU32::new(0), moving: Mutex::new(()) }))
    }

    /// Something was committed.
    pub(super) fn grew(&self) {
        // Those that come while it is moved count beyond, and begin nothing.
        if self.0.commits.fetch_add(1, Ordering::Relaxed) + 1 != COMMITS {
            return;
        }
        let wal = self.0.clone();
        tokio::spawn(async move {
            let alone = wal.moving.lock().await;
            // Nothing is lost where it does not succeed: the log has it, and the next time is soon.
            if let Err(why) = wal.move_on().await {
                tracing::debug!("a log was not moved into its file: {why}");
            }
            drop(alone);
            wal.commits.store(0, Ordering::Relaxed);
        });
    }

    /// Moves all of it into the file, and leaves it empty.
    ///
    /// # Errors
    /// `Busy` where a reader holds on to an older state for long.
    pub(super) async fn empty(&self) -> Result<(), StoreError> {
        let _alone = self.0.moving.lock().await;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.0.writer).await?;
        let busy: i64 = row.try_get("busy")?;
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
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

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

    use super::*;

    #[tokio::test]
    async fn it_is_emptied_although_it_is_being_moved() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("file.sqlite")).create_if_missing(true);
        let pool = || SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone().journal_mode(SqliteJournalMode::Wal));
        let (writer, beside) = (pool(), pool());
        sqlx::query("CREATE TABLE much (it BLOB)").execute(&writer).await.unwrap();
        // Its connection is there before it is counted on.
        sqlx::query("SELECT it FROM much").fetch_all(&beside).await.unwrap();
        let wal = Wal::new(writer.clone(), beside);
        for round in 0..10 {
            // Less than SQLite itself would move at the commit, and more than is moved in a moment.
            sqlx::query("INSERT INTO much VALUES (randomblob(3000000))").execute(&writer).await.unwrap();
            (0..COMMITS).for_each(|_| wal.grew());
            while wal.0.moving.try_lock().is_ok() {
                tokio::task::yield_now().await;
            }
            wal.empty().await.unwrap_or_else(|e| panic!("round {round}: {e}"));
            let left = std::fs::metadata(folder.path().join("file.sqlite-wal")).unwrap().len();
            assert_eq!(left, 0, "round {round}");
            while wal.0.commits.load(Ordering::Relaxed) > 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}
