//! The threads that guests run on: apart from the API's, at the lowest priority, and no more of one authority than its share.
//!
//! There are two rows of them. In front stand runs of authorities that take little; behind, where the kernel gives a thread only what
//! nobody else wants, those of authorities that take much, bulk work, and whatever is done for an upload ([`super::turns`]). So a run
//! that goes on and on holds up its own authority and no other.
//!
//! An authority's questions wait in its own queue: for one of its own places, then for its budget, and only then for one of the
//! host's. So there are never more of one authority before the host's places than its own places are.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::engine::MOST_RUNS;
use super::pace::{Lately, Pace};
use super::priority;
use super::share::{Budget, Share};
use super::turns::{self, InFront, Stood, Work};
use crate::metrics::Metrics;
use crate::record::AuthorityId;

/// Places of the host that only authorities which take little may have: those that take much cannot fill it.
const KEPT_FREE: usize = 16;

pub(super) struct Guests {
    rows: Option<Rows>,
    all: Arc<Semaphore>,
    /// Beside `all`, for those that take little.
    kept_free: Arc<Semaphore>,
    threads: usize,
    lately: Arc<Lately>,
    share: Share,
    of_one: Mutex<HashMap<AuthorityId, Arc<Queue>>>,
    metrics: Arc<Metrics>,
}

struct Rows {
    front: Runtime,
    back: Runtime,
}

/// What one authority has of the host.
pub(super) struct Queue {
    authority: AuthorityId,
    pace: Mutex<Pace>,
    turns: Semaphore,
    lately: Arc<Lately>,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    budget: Mutex<Budget>,
    metrics: Arc<Metrics>,
}

/// A place among the runs; given back when dropped.
pub(super) struct Place {
    _permits: [OwnedSemaphorePermit; 2],
    queue: Arc<Queue>,
}

/// Why there is no place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// As many of the authority's wait as may.
    QueueFull,
    /// The authority owes instructions, and will for so long.
    OverBudget { again: Duration },
    /// The host has no place, or is stopping.
    Host,
}

impl NoPlace {
    const fn code(&self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::OverBudget { .. } => "over-budget",
            Self::Host => "no-place",
        }
    }
}

impl Guests {
    pub(super) fn start(share: Share, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let rows = Rows { front: row("guest", threads, priority::lowest)?, back: row("guest-behind", threads, priority::idle)? };
        // Fewer places than the pool has: bulk work (one run a thread) and an upload's trial start take none.
        let places = (MOST_RUNS as usize).saturating_sub(threads + 2).max(2);
        let kept_free = KEPT_FREE.min(places / 2);
        metrics.places(places);
        Ok(Self {
            rows: Some(rows),
            all: Arc::new(Semaphore::new(places - kept_free)),
            kept_free: Arc::new(Semaphore::new(kept_free)),
            threads,
            lately: Arc::new(Lately::new()),
            share,
            of_one: Mutex::default(),
            metrics,
        })
    }

    pub(super) fn queue(&self, authority: &AuthorityId) -> Arc<Queue> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Queue::new(authority.clone(), self));
        of_one.entry(authority.clone()).or_insert_with(new).clone()
    }

    /// In each row.
    #[cfg(test)]
    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Waits for a place, in the authority's own queue first.
    pub(super) async fn place(&self, authority: &AuthorityId) -> Result<Place, NoPlace> {
        let queue = self.queue(authority);
        let place = self.wait(&queue).await;
        if let Err(why) = &place {
            self.metrics.turned_away(authority, why.code());
        }
        place
    }

    async fn wait(&self, queue: &Arc<Queue>) -> Result<Place, NoPlace> {
        let waiting = queue.enter(self.share.waiting)?;
        let since = Instant::now();
        let turn = async {
            let own = queue.places.clone().acquire_owned().await.ok()?;
            queue.until(Budget::until_question).await;
            Some([own, self.of_host(queue).await?])
        };
        let permits = tokio::time::timeout(self.share.wait, turn).await;
        drop(waiting);
        self.metrics.waited(since.elapsed());
        match permits {
            Ok(Some(permits)) => Ok(Place::new(permits, queue.clone())),
            Ok(None) => Err(NoPlace::Host),
            Err(_) => match queue.budget().until_question(Instant::now()) {
                Duration::ZERO => Err(NoPlace::Host),
                again => Err(NoPlace::OverBudget { again }),
            },
        }
    }

    /// One of the host's places.
    async fn of_host(&self, queue: &Queue) -> Option<OwnedSemaphorePermit> {
        let any = self.all.clone().acquire_owned();
        if queue.takes_much() {
            return any.await.ok();
        }
        tokio::select! {
            place = any => place.ok(),
            place = self.kept_free.clone().acquire_owned() => place.ok(),
        }
    }

    /// Runs an authority's question to its end, whether or not anybody still waits for it: in front while the authority takes little.
    pub(super) fn run<T: Send + 'static>(
        &self,
        queue: Arc<Queue>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<oneshot::Receiver<T>> {
        let rows = self.rows.as_ref()?;
        let (done, answer) = oneshot::channel();
        let back = rows.back.handle().clone();
        let work: Work<T> = Box::pin(work);
        if queue.takes_much() {
            back.spawn(done_behind(work, queue, done));
        } else {
            self.lately.note();
            rows.front.spawn(async move {
                match InFront::new(work, queue.clone()).await {
                    Stood::Done(answer) => drop(done.send(answer)),
                    Stood::Behind(work) => drop(back.spawn(done_behind(work, queue, done))),
                }
            });
        }
        Some(answer)
    }

    /// Does work that is no question behind: putting an upload's families together, bulk work.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<JoinHandle<T>> {
        self.rows.as_ref().map(|rows| rows.back.spawn(work))
    }

    /// The same for slow work that never waits: reading what was uploaded, and waiting for the compiler.
    pub(super) fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<JoinHandle<T>> {
        self.rows.as_ref().map(|rows| rows.back.spawn_blocking(work))
    }
}

/// Nobody hears the answer where whoever asked is gone.
async fn done_behind<T>(work: Work<T>, queue: Arc<Queue>, done: oneshot::Sender<T>) {
    drop(done.send(turns::behind(work, queue).await));
}

fn row(name: &str, threads: usize, stand: fn() -> io::Result<()>) -> io::Result<Runtime> {
    let stand = move || {
        if let Err(e) = stand() {
            tracing::warn!("a guest thread keeps its priority: {e}");
        }
    };
    Builder::new_multi_thread().worker_threads(threads).thread_name(name).enable_time().on_thread_start(stand).build()
}

impl Drop for Guests {
    fn drop(&mut self) {
        // A runtime must not be waited for inside another one.
        if let Some(Rows { front, back }) = self.rows.take() {
            front.shutdown_background();
            back.shutdown_background();
        }
    }
}

impl Queue {
    fn new(authority: AuthorityId, guests: &Guests) -> Self {
        let (now, share) = (Instant::now(), &guests.share);
        Self {
            authority,
            pace: Mutex::new(Pace::new(guests.threads, now)),
            turns: turns::turns(guests.threads),
            lately: guests.lately.clone(),
            places: Arc::new(Semaphore::new(share.runs)),
            waiting: AtomicUsize::new(0),
            budget: Mutex::new(Budget::new(share.instructions_a_minute, now)),
            metrics: guests.metrics.clone(),
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes processor time that the authority's runs used.
    pub(super) fn took(&self, used: Duration, now: Instant) {
        self.pace().charge(used, now);
    }

    /// Do its runs stand behind?
    pub(super) fn takes_much(&self) -> bool {
        self.pace().is_over(Instant::now())
    }

    pub(super) const fn turns(&self) -> &Semaphore {
        &self.turns
    }

    /// Between two stretches of work behind.
    pub(super) fn pause(&self) {
        self.lately.pause();
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins those that wait, unless they are `most` already.
    fn enter(&self, most: usize) -> Result<Waiting<'_>, NoPlace> {
        // Whoever finds a place at once was one of them for an instant: so many may wait beside those that have one.
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= most {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(NoPlace::QueueFull);
        }
        self.metrics.waiting(&self.authority, 1);
        Ok(Waiting(self))
    }

    /// Waits until the budget says zero: others of the authority may use up meanwhile what was waited for.
    async fn until(&self, says: impl Fn(&mut Budget, Instant) -> Duration) {
        loop {
            let pause = says(&mut self.budget(), Instant::now());
            if pause.is_zero() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits until the authority's bulk work may go on.
    pub(super) async fn until_bulk(&self) {
        self.until(Budget::until_bulk).await;
    }

    /// Takes from the budget what a run used.
    pub(super) fn charge(&self, instructions: u64) {
        self.metrics.charged(&self.authority, instructions);
        self.budget().charge(instructions, Instant::now());
    }
}

/// One that waits; no longer when dropped, which is also what becomes of one whose caller went away.
struct Waiting<'a>(&'a Queue);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.waiting(&self.0.authority, -1);
    }
}

impl Place {
    fn new(permits: [OwnedSemaphorePermit; 2], queue: Arc<Queue>) -> Self {
        queue.metrics.taken(1);
        Self { _permits: permits, queue }
    }

    /// Gives the place back, and takes from the authority's budget what the run used.
    pub(super) fn leave(self, instructions: u64) {
        self.queue.charge(instructions);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.metrics.taken(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests(share: Share) -> Guests {
        Guests::start(share, Arc::default()).unwrap()
    }

    fn council(code: &str) -> AuthorityId {
        code.parse().unwrap()
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_turned_away_at_once_and_another_authority_is_served() {
        let guests = Arc::new(guests(Share { runs: 1, waiting: 2, ..Share::default() }));
        let (bristol, leeds) = (council("E06000023"), council("E08000035"));
        let held = guests.place(&bristol).await.unwrap();
        let wait = |_| {
            let (guests, bristol) = (guests.clone(), bristol.clone());
            tokio::spawn(async move { guests.place(&bristol).await.is_ok() })
        };
        let waiting: Vec<_> = (0..2).map(wait).collect();
        // On this test's one thread each comes as far as it can.
        tokio::task::yield_now().await;
        assert_eq!(guests.queue(&bristol).waiting.load(Ordering::Relaxed), 2);
        assert_eq!(guests.place(&bristol).await.err(), Some(NoPlace::QueueFull));
        assert!(guests.place(&leeds).await.is_ok());
        held.leave(0);
        for each in waiting {
            assert!(each.await.unwrap(), "those that waited are served in turn");
        }
    }

    #[tokio::test]
    async fn whoever_went_away_no_longer_waits() {
        let guests = guests(Share { runs: 1, waiting: 1, ..Share::default() });
        let bristol = council("E06000023");
        let held = guests.place(&bristol).await.unwrap();
        let gone = tokio::time::timeout(Duration::from_millis(20), guests.place(&bristol)).await;
        assert!(gone.is_err(), "it waited");
        held.leave(0);
        assert!(guests.place(&bristol).await.is_ok());
        assert_eq!(guests.queue(&bristol).waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn an_authority_in_debt_waits_and_is_told_how_long_while_another_is_served() {
        // A debt of half an hour, of which next to nothing is paid while it waits.
        let guests = guests(Share { wait: Duration::from_millis(20), instructions_a_minute: 1_000_000_000, ..Share::default() });
        let (bristol, leeds) = (council("E06000023"), council("E08000035"));
        guests.place(&bristol).await.unwrap().leave(31_000_000_000);
        match guests.place(&bristol).await.err() {
            Some(NoPlace::OverBudget { again }) => assert!((1_000..=1_800).contains(&again.as_secs()), "{again:?}"),
            other => panic!("{other:?}"),
        }
        assert!(guests.place(&leeds).await.is_ok());
    }
}
