//! How much of the processor an authority's runs took lately, which says in which row they stand: a little is served in front,
//! whoever takes more waits for what others leave.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A bucket that empties by itself: processor time goes in as it is used.
#[derive(Debug)]
pub(super) struct Pace {
    taken: Duration,
    at: Instant,
    /// Of the processor time that the guests' threads have, the part that an authority may use for long and stand in front.
    share: f64,
}

/// What may be taken at once. Forty questions to a plugin in Python, or a thousand to one in Rust.
const AT_ONCE: Duration = Duration::from_millis(100);
/// Of all guest threads together.
const SHARE: f64 = 0.125;

impl Pace {
    pub(super) fn new(threads: usize, now: Instant) -> Self {
        let threads = u32::try_from(threads).map_or(1.0, f64::from);
        Self { taken: Duration::ZERO, at: now, share: threads * SHARE }
    }

    fn empty(&mut self, now: Instant) {
        let gone = now.saturating_duration_since(self.at).mul_f64(self.share);
        self.taken = self.taken.saturating_sub(gone);
        self.at = now;
    }

    pub(super) fn charge(&mut self, used: Duration, now: Instant) {
        self.empty(now);
        // Who took very much is not kept behind for longer than ten times what may be taken at once is worth.
        self.taken = (self.taken + used).min(AT_ONCE * 10);
    }

    /// Was it more than its share lately?
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        self.empty(now);
        self.taken > AT_ONCE
    }
}

/// When somebody in front was last asked about, for those behind: they pause between two stretches while it is not long ago.
///
/// A processor on which a thread always runs, of whatever priority, is never idle, so Linux does not bring threads there that wait for
/// another one. Measured with two idle-priority loops beside a host at three fifths of what it can serve, on two processors: a 99th
/// percentile of 200 to 2,600 ms, and with a pause of 20 µs after each 200 µs, of 5 to 12 ms; alone 5 ms.
#[derive(Debug)]
pub(super) struct Lately {
    since: Instant,
    /// Microseconds after `since`; 0: never.
    last: AtomicU64,
}

/// So long after a question of somebody in front those behind go on pausing.
const LATELY: Duration = Duration::from_millis(20);
/// One pause. The kernel makes some 70 µs of it.
const PAUSE: Duration = Duration::from_micros(20);

impl Lately {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), last: AtomicU64::new(0) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Somebody in front is asked about.
    pub(super) fn note(&self) {
        self.last.store(self.now().max(1), Ordering::Relaxed);
    }

    fn is_lately(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && Duration::from_micros(self.now().saturating_sub(last)) < LATELY
    }

    /// Leaves this thread's processor for a moment, where somebody in front may want it.
    pub(super) fn pause(&self) {
        if self.is_lately() {
            std::thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_served_in_front_and_what_goes_on_is_not() {
        let start = Instant::now();
        let mut pace = Pace::new(2, start);
        pace.charge(AT_ONCE, start);
        assert!(!pace.is_over(start));
        pace.charge(Duration::from_millis(1), start);
        assert!(pace.is_over(start));
        // Two threads: a quarter of a second each second.
        assert!(!pace.is_over(start + Duration::from_millis(4)));
    }

    #[test]
    fn a_question_is_lately_for_a_moment() {
        let lately = Lately::new();
        assert!(!lately.is_lately(), "nobody asked yet");
        lately.note();
        let long_ago = Lately { since: lately.since.checked_sub(Duration::from_secs(1)).unwrap(), last: AtomicU64::new(1) };
        assert!(!long_ago.is_lately());
        long_ago.note();
        assert!(long_ago.last.load(Ordering::Relaxed) >= 1_000_000, "a second after it began");
    }

    #[test]
    fn who_took_very_much_is_in_front_again_after_a_few_seconds() {
        let start = Instant::now();
        let mut pace = Pace::new(2, start);
        for _ in 0..1_000 {
            pace.charge(Duration::from_secs(1), start);
        }
        assert!(pace.is_over(start + Duration::from_millis(3_500)));
        assert!(!pace.is_over(start + Duration::from_millis(3_600)));
    }
}
