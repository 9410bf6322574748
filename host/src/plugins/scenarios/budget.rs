//! What the scenarios of a plugin may use together. Counted is what they took, not how long it lasted: on a busy machine those who play
//! them have next to nothing of the processor, and a good plugin would be refused for what others do.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::bench::Bench;
use crate::sandbox::processor_time;

/// What all scenarios of a plugin may use together.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Fuel.
    pub instructions: u64,
    /// Processor time of the runs, and of putting families together and comparing answers.
    pub processor: Duration,
    /// From the first to the last, as the second net.
    pub wall: Duration,
}

impl Default for Budget {
    /// Twenty times the instructions of one run.
    fn default() -> Self {
        Self { instructions: 10_000_000_000, processor: Duration::from_secs(20), wall: Duration::from_secs(600) }
    }
}

/// Why scenarios were stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    #[error("need more than {most} instructions together")]
    Instructions { most: u64 },
    #[error("take more than {most_ms} ms of processor time together")]
    Processor { most_ms: u128 },
    /// Not the plugin's fault.
    #[error("cannot be played now: {0}")]
    Host(String),
}

/// A budget that is being used, by everything that is done within it and by the runs of some benches.
pub struct Spending<'a> {
    budget: Budget,
    began: Instant,
    /// Processor time of what was done beside the runs.
    beside: Duration,
    benches: Vec<&'a Bench>,
}

impl<'a> Spending<'a> {
    /// From here on; what the benches' runs took before does not count.
    #[must_use]
    pub fn of(budget: Budget, benches: &[&'a Bench]) -> Self {
        benches.iter().for_each(|bench| bench.forget_spent());
        Self { budget, began: Instant::now(), beside: Duration::ZERO, benches: benches.to_vec() }
    }

    /// Does work for as long as there is something left.
    ///
    /// # Errors
    /// [`Over`]: the work was stopped, or was done and took too much.
    pub async fn within<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Over> {
        let left = self.budget.wall.saturating_sub(self.began.elapsed());
        let late = Over::Host(format!("they did not come to an end within {} s", self.budget.wall.as_secs()));
        let mut work = pin!(work);
        let counted = poll_fn(|context| {
            let before = processor_time();
            let polled = work.as_mut().poll(context);
            self.beside += processor_time().saturating_sub(before);
            match self.over() {
                Some(over) => Poll::Ready(Err(over)),
                None => polled.map(Ok),
            }
        });
        // A timeout looks first whether it is done, so that one of nothing would let quick work by.
        if left.is_zero() { Err(late) } else { tokio::time::timeout(left, counted).await.unwrap_or(Err(late)) }
    }

    fn over(&self) -> Option<Over> {
        let (mut instructions, mut processor) = (0_u64, self.beside);
        for spent in self.benches.iter().map(|bench| bench.spent()) {
            if let Some(why) = spent.hindered {
                return Some(Over::Host(why));
            }
            instructions = instructions.saturating_add(spent.instructions);
            processor += spent.processor;
        }
        let Budget { instructions: most, processor: longest, .. } = self.budget;
        if instructions > most {
            Some(Over::Instructions { most })
        } else {
            (processor > longest).then_some(Over::Processor { most_ms: longest.as_millis() })
        }
    }
}
