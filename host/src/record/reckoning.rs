//! Sums and shares as councils report them: exact, in pence and tenths of a percent, and nothing that would tell of one family.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Day, Window};

/// A count below this, and none, may tell who is meant.
const FEW: u64 = 5;

/// How many, as it may leave the council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figure {
    /// Left out: 1 to 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// There are some, and fewer than five.
    pub few: bool,
}

impl Figure {
    #[must_use]
    pub const fn of(count: u64) -> Self {
        let few = count > 0 && count < FEW;
        Self { count: if few { None } else { Some(count) }, few }
    }

    /// As a cell of a sheet.
    #[must_use]
    pub fn cell(self) -> String {
        self.count.map_or_else(|| "fewer than 5".to_owned(), |n| n.to_string())
    }
}

/// A part of a whole in tenths of a percent, half up: 290 of 3,980 are 73, which is 7.3%. None of nothing.
#[must_use]
pub fn per_thousand(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    (whole > 0).then(|| u64::try_from((part * 2_000 + whole) / (2 * whole)).unwrap_or(u64::MAX))
}

/// So many times a price, and so with each: in pence.
#[must_use]
pub fn in_all(parts: &[(u64, u64)]) -> u64 {
    parts.iter().map(|(count, pence)| count.saturating_mul(*pence)).fold(0, u64::saturating_add)
}

/// Quarters of a year, from the first days of January, April, July and October, that share a day with the window; each cut to it.
#[must_use]
pub fn quarters(within: Window, until: Day) -> Vec<Window> {
    let last = within.last.unwrap_or(until);
    let date = within.first.date();
    let month = (date.month() - 1) / 3 * 3 + 1;
    let mut first = Day::civil(date.year(), month, 1);
    let mut quarters = Vec::new();
    while let Some(begins) = first.filter(|day| *day <= last) {
        let next = begins.plus_months(3);
        let ends = next.and_then(|day| day.plus(-1)).unwrap_or(Day::LAST);
        quarters.push(Window { first: begins.max(within.first), last: Some(ends.min(last)) });
        first = next;
    }
    quarters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arithmetic_of_the_documents() {
        // 004:L174-L179: £1,000 up front for each family, £800 for each that succeeds.
        assert_eq!(in_all(&[(100, 100_000), (60, 80_000)]), 14_800_000, "£148,000");
        // 7.5% stands there, and is a slip.
        assert_eq!(per_thousand(290, 3_980), Some(73));
        assert_eq!([per_thousand(60, 100), per_thousand(1, 3), per_thousand(2, 3), per_thousand(0, 9)], [600, 333, 667, 0].map(Some));
        assert_eq!(per_thousand(1, 2_000), Some(1), "half up");
        assert_eq!(per_thousand(0, 0), None);
    }

    #[test]
    fn few_are_not_told_how_many() {
        for few in 1..5 {
            assert_eq!(Figure::of(few), Figure { count: None, few: true });
        }
        assert_eq!((Figure::of(0).cell(), Figure::of(4).cell(), Figure::of(5).cell()), ("0".into(), "fewer than 5".into(), "5".into()));
    }

    #[test]
    fn a_period_is_cut_at_the_quarters_of_the_financial_year() {
        let of = |text: &str| quarters(text.parse().unwrap(), Day::LAST).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            of("2025-02-15..2025-10-01"),
            ["2025-02-15..2025-03-31", "2025-04-01..2025-06-30", "2025-07-01..2025-09-30", "2025-10-01..2025-10-01"]
        );
        assert_eq!(of("2025-12-31..2025-12-31"), ["2025-12-31..2025-12-31"]);
    }
}
