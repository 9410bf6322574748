//! A contract's days, and what became of its families.

use crate::hearth::commissioning::contract::{Agreement, Helped};
use crate::hearth::family::types::Day;
use crate::hearth::platform::calendar;
use crate::{Asked, months_after};

/// Either of them is a result (001:L1373). Code list outcomes.
const RESULTS: [&str; 2] = ["significant-and-sustained", "continuous-employment"];

/// The contract's last day; of one without, that of its first year.
pub fn last_day(terms: &Agreement) -> Day {
    terms.window.last.unwrap_or_else(|| months_after(terms.window.first, 12) - 1)
}

/// Whole months of the contract that are over on the day.
pub fn months_over(terms: &Agreement, on: Day) -> i32 {
    calendar::months_between(terms.window.first, on.min(last_day(terms)) + 1).max(0)
}

/// The day on which the family was entitled to its result, if it was by now.
pub fn result_on(asked: &Asked, helped: &Helped) -> Option<Day> {
    helped.entitled_on.filter(|on| has_result(helped) && *on <= asked.on)
}

/// Has it a result of which nobody recorded the day?
pub fn is_undated(helped: &Helped) -> bool {
    has_result(helped) && helped.entitled_on.is_none()
}

fn has_result(helped: &Helped) -> bool {
    helped.outcome.as_deref().is_some_and(|outcome| RESULTS.contains(&outcome))
}
