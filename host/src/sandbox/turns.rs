//! In which row a run stands, and whose turn it is. A guest yields every 100,000 instructions; at each of these points it is
//! asked again where it belongs. So a run is stopped by nobody, and nobody waits for longer than between two of them.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Semaphore;

use super::guests::Queue;

/// A run in front, for as long as its authority takes little. It ends with an answer, or as one that stands behind from now on.
pub(super) struct InFront<T> {
    work: Option<Work<T>>,
    queue: Arc<Queue>,
}

pub(super) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) enum Stood<T> {
    Done(T),
    Behind(Work<T>),
}

impl<T> InFront<T> {
    pub(super) const fn new(work: Work<T>, queue: Arc<Queue>) -> Self {
        Self { work: Some(work), queue }
    }
}

impl<T> Future for InFront<T> {
    type Output = Stood<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Stood<T>> {
        let this = &mut *self;
        let Some(work) = &mut this.work else { return Poll::Pending };
        if let Poll::Ready(done) = charged(&this.queue, work, context) {
            return Poll::Ready(Stood::Done(done));
        }
        if this.queue.takes_much()
            && let Some(work) = this.work.take()
        {
            return Poll::Ready(Stood::Behind(work));
        }
        Poll::Pending
    }
}

/// A run behind.
pub(super) async fn behind<T>(work: Work<T>, queue: Arc<Queue>) -> T {
    in_turns(work, &queue, |work, context| charged(&queue, work, context)).await
}

/// Bulk work stands behind however little it is, and does not send its authority's questions there.
pub(super) async fn in_bulk<T>(work: Work<T>, queue: Arc<Queue>) -> T {
    in_turns(work, &queue, |work, context| work.as_mut().poll(context)).await
}

/// What one authority has behind takes turns, so many at a time: however much that is, its share is no greater than any other's.
///
/// A turn is kept on the way back to the end of the threads' queue. Given up sooner it would go to the authority's next run, which
/// tokio would put first, and so on through all of them.
async fn in_turns<T>(mut work: Work<T>, queue: &Queue, mut go_on: impl FnMut(&mut Work<T>, &mut Context<'_>) -> Poll<T>) -> T {
    let wants = Arc::new(Wants::default());
    let waker = Waker::from(wants.clone());
    loop {
        let turn = queue.turns().acquire().await;
        wants.forget();
        if let Poll::Ready(done) = go_on(&mut work, &mut Context::from_waker(&waker)) {
            return done;
        }
        queue.pause();
        tokio::task::yield_now().await;
        drop(turn);
        poll_fn(|context| wants.poll(context)).await;
    }
}

/// Whether work wants to go on: at once where it only gave way, later where it waits for something.
#[derive(Default)]
struct Wants {
    to_go_on: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wants {
    fn forget(&self) {
        self.to_go_on.store(false, Ordering::Release);
    }

    fn to_go_on(&self) -> bool {
        self.to_go_on.load(Ordering::Acquire)
    }

    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        // First whom to wake, then the look: a wish in between is seen by one of the two.
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        if self.to_go_on() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Wake for Wants {
    fn wake(self: Arc<Self>) {
        self.to_go_on.store(true, Ordering::Release);
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.wake();
        }
    }
}

/// Goes on with the work until it next gives way, and charges its authority's pace.
fn charged<T>(queue: &Queue, work: &mut Work<T>, context: &mut Context<'_>) -> Poll<T> {
    let before = processor_time();
    let polled = work.as_mut().poll(context);
    queue.took(processor_time().saturating_sub(before), Instant::now());
    polled
}

/// Does work, and says what processor time it took: of whichever threads it was on, and nothing of what they did in between.
pub(super) async fn counted<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let (mut work, mut used) = (pin!(work), Duration::ZERO);
    poll_fn(|context| {
        let before = processor_time();
        let polled = work.as_mut().poll(context);
        used += processor_time().saturating_sub(before);
        polled.map(|done| (done, used))
    })
    .await
}

/// Of this thread. What others do meanwhile is not charged.
pub(crate) fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

/// As many of one authority at a time as there are threads: with fewer it could not use a machine that is otherwise idle.
pub(super) fn turns(threads: usize) -> Semaphore {
    Semaphore::new(threads)
}

#[cfg(test)]
mod tests {
    use super::super::guests::Guests;
    use super::super::priority;
    use super::super::share::Share;
    use super::*;

    fn guests() -> Guests {
        Guests::start(Share::default(), Arc::default()).unwrap()
    }

    /// What a guest does between two yields.
    async fn a_while() {
        let until = Instant::now() + Duration::from_micros(100);
        while Instant::now() < until {}
        tokio::task::yield_now().await;
    }

    #[tokio::test]
    async fn a_short_run_stays_in_front_and_a_long_one_ends_behind() {
        let guests = guests();
        let queue = guests.queue(&"E06000023".parse().unwrap());
        let short = guests.run(queue.clone(), async { priority::is_idle() }).unwrap().await.unwrap();
        assert!(!short, "it stood in front");
        let of_long = queue.clone();
        let long = async move {
            let begun = priority::is_idle();
            // As if it had gone on for long: on a busy machine that would take longer than it is remembered.
            of_long.took(Duration::from_secs(100), Instant::now());
            tokio::task::yield_now().await;
            (begun, priority::is_idle())
        };
        assert_eq!(guests.run(queue.clone(), long).unwrap().await.unwrap(), (false, true));
        let next = guests.run(queue, async { priority::is_idle() }).unwrap().await.unwrap();
        assert!(next, "so does what the authority asks next");
        let another = guests.queue(&"E08000035".parse().unwrap());
        assert!(!guests.run(another, async { priority::is_idle() }).unwrap().await.unwrap(), "another authority's does not");
    }

    #[tokio::test]
    async fn what_waits_for_something_has_no_turn() {
        let guests = guests();
        let queue = guests.queue(&"E06000023".parse().unwrap());
        queue.took(Duration::from_secs(100), Instant::now());
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let told = Arc::new(tokio::sync::Mutex::new(Some(told)));
        // More that wait than there are turns, and one behind them that ends the wait.
        let waiting: Vec<_> = (0..guests.threads() * 2)
            .map(|_| {
                let told = told.clone();
                let work = async move {
                    let mut told = told.lock().await;
                    if let Some(told) = told.take() {
                        told.await.unwrap();
                    }
                };
                guests.run(queue.clone(), work).unwrap()
            })
            .collect();
        guests.run(queue, async move { tell.send(()).unwrap() }).unwrap().await.unwrap();
        for one in waiting {
            one.await.unwrap();
        }
    }

    #[tokio::test]
    async fn behind_an_authority_with_many_runs_has_no_greater_share() {
        let guests = Arc::new(guests());
        let (many, few) = ("E06000023".parse().unwrap(), "E08000035".parse().unwrap());
        let steps: Arc<Mutex<[u32; 2]>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let mut running = Vec::new();
        for n in 0..18 {
            let which = usize::from(n >= 16);
            let queue = guests.queue(if which == 0 { &many } else { &few });
            queue.took(Duration::from_secs(100), Instant::now());
            let (steps, stop, again) = (steps.clone(), stop.clone(), queue.clone());
            let work = async move {
                while !stop.load(Ordering::Relaxed) {
                    a_while().await;
                    steps.lock().unwrap()[which] += 1;
                    again.took(Duration::from_millis(1), Instant::now());
                }
            };
            running.push(guests.run(queue, work).unwrap());
        }
        // Until there is something to compare, however busy the machine is.
        while steps.lock().unwrap().iter().sum::<u32>() < 2_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let [of_many, of_few] = *steps.lock().unwrap();
        stop.store(true, Ordering::Relaxed);
        for run in running {
            run.await.unwrap();
        }
        assert!(of_many < of_few * 2, "16 runs took {of_many} steps, 2 took {of_few}");
    }
}
