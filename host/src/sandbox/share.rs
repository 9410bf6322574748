//! What one authority may use of the host, so that none waits for another's: so many runs at once, so many that wait, so many
//! instructions a minute.

use std::time::{Duration, Instant};

/// Bounds of one authority.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// At once; a further one waits in the authority's own queue.
    pub runs: usize,
    /// That may wait; a further one is turned away at once.
    pub waiting: usize,
    /// How long a question may wait for its turn.
    pub wait: Duration,
    /// Fuel. Charged when a run is over, bulk work included; an authority in debt waits until it is paid.
    pub instructions_a_minute: u64,
}

impl Default for Share {
    fn default() -> Self {
        Self { runs: 16, waiting: 200, wait: Duration::from_secs(20), instructions_a_minute: 60_000_000_000 }
    }
}

/// A bucket that one minute fills. Charged after the fact, so it may be in debt: by what the runs that go on at once use.
#[derive(Debug)]
pub(super) struct Budget {
    most: i64,
    left: i64,
    at: Instant,
}

const MINUTE_NANOS: i128 = 60_000_000_000;

impl Budget {
    pub(super) fn new(a_minute: u64, now: Instant) -> Self {
        let most = i64::try_from(a_minute).unwrap_or(i64::MAX).max(1);
        Self { most, left: most, at: now }
    }

    fn fill(&mut self, now: Instant) {
        let nanos = i128::try_from(now.saturating_duration_since(self.at).as_nanos()).unwrap_or(i128::MAX).min(MINUTE_NANOS * 1_000_000);
        let gained = i128::from(self.most) * nanos / MINUTE_NANOS;
        self.left = i64::try_from(i128::from(self.left) + gained).unwrap_or(i64::MAX).min(self.most);
        self.at = now;
    }

    pub(super) fn charge(&mut self, used: u64, now: Instant) {
        self.fill(now);
        self.left = self.left.saturating_sub(i64::try_from(used).unwrap_or(i64::MAX));
    }

    /// How long until a question may be asked: until nothing is owed. Zero: now.
    pub(super) fn until_question(&mut self, now: Instant) -> Duration {
        self.until(0, now)
    }

    /// How long until bulk work may go on: it leaves half of a minute's to questions, so that nobody waits at a screen because of it.
    pub(super) fn until_bulk(&mut self, now: Instant) -> Duration {
        self.until(self.most / 2, now)
    }

    /// How long until more than `floor` is left.
    fn until(&mut self, floor: i64, now: Instant) -> Duration {
        self.fill(now);
        let missing = i128::from(floor) + 1 - i128::from(self.left);
        if missing <= 0 {
            return Duration::ZERO;
        }
        let most = i128::from(self.most);
        let nanos = (missing * MINUTE_NANOS + most - 1) / most;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_debt_is_paid_at_the_rate_of_the_budget() {
        let start = Instant::now();
        let mut budget = Budget::new(60_000, start);
        budget.charge(59_999, start);
        assert_eq!(budget.until_question(start), Duration::ZERO, "one is left");
        budget.charge(10_001, start);
        assert_eq!(budget.until_question(start).as_millis(), 10_001, "10,000 are owed, at 1,000 a second, and one must be there");
        assert!(budget.until_question(after(start, 10)) > Duration::ZERO);
        assert_eq!(budget.until_question(after(start, 11)), Duration::ZERO);
    }

    #[test]
    fn what_is_not_used_is_kept_for_a_minute_and_no_longer() {
        let start = Instant::now();
        let mut budget = Budget::new(60_000, start);
        budget.charge(60_000, start + 10 * MINUTE);
        assert_eq!(budget.until_question(start + 10 * MINUTE).as_millis(), 1, "ten idle minutes are worth one");
    }

    #[test]
    fn bulk_work_leaves_half_to_questions() {
        let start = Instant::now();
        let mut budget = Budget::new(60_000, start);
        budget.charge(30_000, start);
        assert_eq!(budget.until_bulk(start).as_millis(), 1);
        assert_eq!(budget.until_question(start), Duration::ZERO);
        budget.charge(29_000, start);
        assert_eq!(budget.until_question(start), Duration::ZERO, "questions go on where bulk work waits");
        assert_eq!(budget.until_bulk(start).as_millis(), 29_001);
    }
}
