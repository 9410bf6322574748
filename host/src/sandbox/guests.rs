//! The threads that guests run on: apart from the API's, at the lowest priority, and no more of one authority than its share.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::engine::MOST_RUNS;
use crate::record::AuthorityId;

/// Runs of one authority at once; a further one waits in the authority's own queue.
const RUNS_OF_ONE: usize = 16;
/// How long a run may wait for its turn before the host says that it is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The lowest priority that Linux knows: guests take what the API leaves.
const LOWEST: i32 = 19;

pub(super) struct Guests {
    runtime: Option<Runtime>,
    all: Arc<Semaphore>,
    of_one: Mutex<HashMap<AuthorityId, Arc<Semaphore>>>,
}

/// A place among the runs; given back when dropped.
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2]);

impl Guests {
    pub(super) fn start() -> std::io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("guest")
            .enable_time()
            .on_thread_start(|| {
                // On Linux this is the calling thread's own priority.
                if let Err(e) = rustix::process::setpriority_process(None, LOWEST) {
                    tracing::warn!("a guest thread keeps its priority: {e}");
                }
            })
            .build()?;
        // Fewer places than the pool has: bulk work (one run a thread) and an upload's trial start take none.
        let places = (MOST_RUNS as usize).saturating_sub(threads + 2).max(1);
        Ok(Self { runtime: Some(runtime), all: Arc::new(Semaphore::new(places)), of_one: Mutex::default() })
    }

    /// Waits for a place, in the authority's own queue first.
    pub(super) async fn place(&self, authority: &AuthorityId) -> Option<Place> {
        let own = {
            let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
            of_one.entry(authority.clone()).or_insert_with(|| Arc::new(Semaphore::new(RUNS_OF_ONE))).clone()
        };
        let both = async { Some([own.acquire_owned().await.ok()?, self.all.clone().acquire_owned().await.ok()?]) };
        tokio::time::timeout(LONGEST_WAIT, both).await.ok().flatten().map(Place)
    }

    /// Runs `work` on the guests' threads.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<JoinHandle<T>> {
        self.runtime.as_ref().map(|runtime| runtime.spawn(work))
    }

    /// Does slow work (compiling) beside them, at the same low priority.
    pub(super) fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<JoinHandle<T>> {
        self.runtime.as_ref().map(|runtime| runtime.spawn_blocking(work))
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // A runtime must not be waited for inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
