//! Readings on their way to the disk. A reading is answered when it is kept, and a disk takes milliseconds for each commit: so all that
//! came while one commit was under way go into the next one together.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{Entry, insert};
use crate::record::KnownAt;
use crate::store::StoreError;
use crate::store::pool::Database;

type Told = oneshot::Sender<Result<(), StoreError>>;

#[derive(Debug, Clone)]
pub(in crate::store) struct Readings {
    database: Arc<Database>,
    waiting: Arc<Mutex<Waiting>>,
    /// The minute that refusals were last counted in, and how many there were.
    refusals: Arc<Mutex<(i64, u64)>>,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<(Vec<Entry>, Told)>,
    /// Somebody writes, and will take what waits.
    writing: bool,
}

impl Readings {
    pub(in crate::store) fn new(database: Arc<Database>) -> Self {
        Self { database, waiting: Arc::default(), refusals: Arc::default() }
    }

    /// How many refusals came before this one in its minute.
    pub(super) fn refusals_in(&self, at: KnownAt) -> u64 {
        const MINUTE_MILLIS: i64 = 60_000;
        let minute = at.millis() / MINUTE_MILLIS;
        let mut counted = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 += 1;
        counted.1 - 1
    }

    /// Back when the disk has them. Who asked may go away meanwhile: what was noted is kept all the same.
    pub(super) async fn keep(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let (told, kept) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.entries.push((entries, told));
            !std::mem::replace(&mut waiting.writing, true)
        };
        if first {
            tokio::spawn(self.clone().write_all());
        }
        // The writer's end goes only with the host.
        kept.await.unwrap_or(Err(StoreError::Busy))
    }

    async fn write_all(self) {
        loop {
            let batch = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if waiting.entries.is_empty() {
                    waiting.writing = false;
                    return;
                }
                std::mem::take(&mut waiting.entries)
            };
            let (entries, told): (Vec<Vec<Entry>>, Vec<Told>) = batch.into_iter().unzip();
            let mut kept = self.write(&entries.concat()).await;
            for told in told {
                // The first is told what happened, the others to try again. Who asked may be gone.
                let others = if kept.is_ok() { Ok(()) } else { Err(StoreError::Busy) };
                drop(told.send(std::mem::replace(&mut kept, others)));
            }
        }
    }

    async fn write(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        insert(&mut tx, entries).await?;
        tx.commit().await
    }
}
