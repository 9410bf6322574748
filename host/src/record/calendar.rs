//! Bank holidays of England and Wales, and working days. Counted here once, so that every plugin counts alike.
//!
//! Sources: Banking and Financial Dealings Act 1971 c. 80, section 1 and schedule 1 (Easter Monday, the last Mondays in May and
//! August, 26 December, 27 December where the 25th or 26th is a Sunday); Good Friday and Christmas Day by common law; New
//! Year's Day, the first Monday in May and what falls on a Saturday by royal proclamation each year; <https://www.gov.uk/bank-holidays>.

use jiff::civil::Weekday;

use super::{Day, Window};

/// A change by royal proclamation in one year: the day that was none instead (month, day), and the day that was one.
type Change = (i16, Option<(i8, i8)>, (i8, i8));

/// Every change from 1995 on, and none announced beyond 2027 (proclamations under section 1(2) and (3) of the Act).
const CHANGES: &[Change] = &[
    // Fifty years since the end of the war in Europe.
    (1995, Some((5, 1)), (5, 8)),
    // The millennium.
    (1999, None, (12, 31)),
    // Golden Jubilee.
    (2002, Some((5, 27)), (6, 4)),
    (2002, None, (6, 3)),
    // Wedding of Prince William and Catherine Middleton.
    (2011, None, (4, 29)),
    // Diamond Jubilee.
    (2012, Some((5, 28)), (6, 4)),
    (2012, None, (6, 5)),
    // Seventy-five years since the end of the war in Europe.
    (2020, Some((5, 4)), (5, 8)),
    // Platinum Jubilee.
    (2022, Some((5, 30)), (6, 2)),
    (2022, None, (6, 3)),
    // State funeral of Queen Elizabeth II.
    (2022, None, (9, 19)),
    // Coronation of King Charles III.
    (2023, None, (5, 8)),
];

/// The bank holidays of England and Wales in those years, both included, in order: the days that are kept, so a holiday
/// that falls on a weekend is its substitute day. The rules are those in force since 1978; one-off changes are known from
/// 1995 to 2027. Earlier ones are not here, and later ones may be proclaimed. Years outside the range of [`Day`] have none.
#[must_use]
pub fn bank_holidays(from_year: i16, to_year: i16) -> Vec<Day> {
    let (first, last) = (Day::FIRST.date().year(), Day::LAST.date().year());
    let mut days: Vec<Day> = (from_year.max(first)..=to_year.min(last)).flat_map(of_year).collect();
    days.sort_unstable();
    days
}

fn of_year(year: i16) -> Vec<Day> {
    let on = |month, day| Day::civil(year, month, day);
    let mut days: Vec<Day> = [
        on(1, 1).and_then(or_monday),
        easter(year).and_then(|sunday| sunday.plus(-2)),
        easter(year).and_then(|sunday| sunday.plus(1)),
        on(5, 7).and_then(last_monday),
        on(5, 31).and_then(last_monday),
        on(8, 31).and_then(last_monday),
    ]
    .into_iter()
    .chain(christmas(year))
    .flatten()
    .collect();
    for (_, instead_of, proclaimed) in CHANGES.iter().filter(|(changed, ..)| *changed == year) {
        if let Some((month, day)) = *instead_of {
            days.retain(|d| Some(*d) != on(month, day));
        }
        days.extend(on(proclaimed.0, proclaimed.1));
    }
    days
}

/// The day itself; the Monday after, if it is on a weekend.
fn or_monday(day: Day) -> Option<Day> {
    day.plus(match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    })
}

/// The last Monday up to a day.
fn last_monday(day: Day) -> Option<Day> {
    day.plus(-i32::from(day.weekday().to_monday_zero_offset()))
}

/// Christmas Day and Boxing Day. Where one of them is on a weekend, the next weekday that is neither takes its place.
fn christmas(year: i16) -> [Option<Day>; 2] {
    let Some(christmas) = Day::civil(year, 12, 25) else { return [None; 2] };
    let (first, second) = match christmas.weekday() {
        Weekday::Friday => (0, 3),
        Weekday::Saturday => (2, 3),
        Weekday::Sunday => (1, 2),
        _ => (0, 1),
    };
    [christmas.plus(first), christmas.plus(second)]
}

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Nature, 20 April 1876; Meeus, Astronomical
/// Algorithms, chapter 8). The letters are the source's.
#[expect(clippy::many_single_char_names, reason = "the source's names")]
fn easter(year: i16) -> Option<Day> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Day::civil(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?)
}

/// Mondays to Fridays that are not holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDays {
    /// In order, each once, none on a weekend.
    holidays: Vec<Day>,
}

impl WorkingDays {
    /// Every weekday but `holidays`, which may come in any order and fall on weekends.
    #[must_use]
    pub fn but(holidays: impl IntoIterator<Item = Day>) -> Self {
        let is_weekday = |day: &Day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let mut holidays: Vec<Day> = holidays.into_iter().filter(is_weekday).collect();
        holidays.sort_unstable();
        holidays.dedup();
        Self { holidays }
    }

    /// How many there are in `window`, both days included; in one without a last day, up to the last [`Day`] there is.
    #[must_use]
    pub fn count(&self, window: Window) -> u32 {
        let last = window.last.unwrap_or(Day::LAST);
        u32::try_from(self.up_to(last.number()) - self.up_to(window.first.number() - 1)).unwrap_or(0)
    }

    /// The `n`-th working day after `day`; before it, if `n` is negative. `day` itself is not counted, working day or not: a
    /// Saturday and 1 is Monday, and so is a Friday and 1. For 0 it is `day` itself, or the next working day if it is none.
    /// `None` outside the range.
    #[must_use]
    pub fn add(&self, day: Day, n: i32) -> Option<Day> {
        let counted = if n > 0 { self.up_to(day.number()) } else { self.up_to(day.number() - 1) + 1 };
        let wanted = counted.checked_add(n)?;
        // The first day up to which there are as many as wanted, by halving: a guest may ask for thousands of them at once.
        let (mut before, mut at_most) = (Day::FIRST.number() - 1, Day::LAST.number());
        if self.up_to(before) >= wanted || self.up_to(at_most) < wanted {
            return None;
        }
        while at_most - before > 1 {
            let middle = before + (at_most - before) / 2;
            if self.up_to(middle) < wanted { before = middle } else { at_most = middle }
        }
        Day::new(at_most)
    }

    /// Working days up to and with the day of that number, counted from Monday 29 December 1969; fewer than none before.
    fn up_to(&self, number: i32) -> i32 {
        let days = number + 3;
        let weekdays = days.div_euclid(7) * 5 + (days.rem_euclid(7) + 1).min(5);
        let holidays = self.holidays.partition_point(|h| h.number() <= number);
        weekdays - i32::try_from(holidays).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn written(days: &[Day]) -> Vec<String> {
        days.iter().map(Day::to_string).collect()
    }

    /// As the government published them (gov.uk/bank-holidays).
    #[test]
    fn bank_holidays_are_the_published_ones() {
        for (year, days) in [
            (1995, "01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26"),
            (1999, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28 12-31"),
            (2000, "01-03 04-21 04-24 05-01 05-29 08-28 12-25 12-26"),
            (2002, "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26"),
            (2009, "01-01 04-10 04-13 05-04 05-25 08-31 12-25 12-28"),
            (2011, "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27"),
            (2012, "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26"),
            (2016, "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27"),
            (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
            (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
            (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
            (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
            (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
            (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
            (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
            (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        ] {
            let published: Vec<String> = days.split(' ').map(|d| format!("{year}-{d}")).collect();
            assert_eq!(written(&bank_holidays(year, year)), published);
        }
    }

    #[test]
    fn easter_is_where_the_tables_have_it_its_earliest_and_latest_days_included() {
        for sunday in ["1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23", "2008-03-23", "2038-04-25", "2049-04-18"] {
            let year = day(sunday).date().year();
            assert_eq!(easter(year), Some(day(sunday)));
        }
        for year in 1600..=2399 {
            let sunday = easter(year).unwrap();
            assert_eq!(sunday.weekday(), Weekday::Sunday, "{sunday}");
            let (first, last) = (Day::civil(year, 3, 22).unwrap(), Day::civil(year, 4, 25).unwrap());
            assert!((first..=last).contains(&sunday), "{sunday}");
        }
    }

    #[test]
    fn there_are_eight_a_year_on_weekdays_in_order_but_for_the_years_with_more() {
        let all = bank_holidays(1978, 2399);
        assert!(all.windows(2).all(|two| two[0] < two[1]));
        assert!(all.iter().all(|d| !matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday)));
        for year in 1978..=2399 {
            let more = match year {
                1999 | 2002 | 2011 | 2012 | 2023 => 1,
                2022 => 2,
                _ => 0,
            };
            assert_eq!(bank_holidays(year, year).len(), 8 + more, "{year}");
        }
    }

    #[test]
    fn years_with_no_days_have_no_holidays() {
        assert_eq!(bank_holidays(2027, 2026), []);
        assert_eq!(bank_holidays(i16::MIN, 1599), []);
        assert_eq!(bank_holidays(2400, i16::MAX), []);
        assert_eq!(bank_holidays(2026, 2027).len(), 16);
    }

    /// England and Wales, 2021 to 2027.
    fn working() -> WorkingDays {
        WorkingDays::but(bank_holidays(2021, 2027))
    }

    #[test]
    fn working_days_are_counted_with_both_ends() {
        for (window, days) in [
            ("2026-08-31..2026-08-31", 0),
            ("2026-09-01..2026-09-01", 1),
            ("2026-08-28..2026-09-01", 2),
            ("2026-08-29..2026-08-30", 0),
            ("2026-04-01..2026-04-30", 20),
            ("2022-06-01..2022-06-30", 20),
            ("2026-12-24..2027-01-04", 5),
            ("2026-01-01..2026-12-31", 253),
        ] {
            assert_eq!(working().count(window.parse().unwrap()), days, "{window}");
        }
        assert_eq!(working().count(Window::since(day("2399-12-27"))), 5, "Monday to Friday at the end of days");
        assert_eq!(WorkingDays::but([]).count("1969-12-22..1970-01-04".parse().unwrap()), 10);
    }

    #[test]
    fn a_working_day_later_or_earlier_skips_weekends_and_holidays() {
        for (from, n, to) in [
            ("2026-09-01", 1, "2026-09-02"),
            ("2026-08-28", 1, "2026-09-01"),
            ("2026-08-29", 1, "2026-09-01"),
            ("2026-08-31", 1, "2026-09-01"),
            ("2026-09-01", 5, "2026-09-08"),
            ("2026-12-24", 2, "2026-12-30"),
            ("2026-09-01", -1, "2026-08-28"),
            ("2026-08-31", -1, "2026-08-28"),
            ("2026-08-30", -1, "2026-08-28"),
            ("2026-04-07", -1, "2026-04-02"),
            ("2026-09-08", -5, "2026-09-01"),
            ("2026-09-01", 0, "2026-09-01"),
            ("2026-08-29", 0, "2026-09-01"),
            ("2026-08-31", 0, "2026-09-01"),
            ("2026-04-03", 0, "2026-04-07"),
        ] {
            assert_eq!(working().add(day(from), n), Some(day(to)), "{from} and {n}");
        }
    }

    #[test]
    fn beyond_the_range_there_is_no_day() {
        let working = working();
        assert_eq!(working.add(Day::LAST, 0), Some(Day::LAST), "a Friday");
        assert_eq!(working.add(Day::LAST, 1), None);
        assert_eq!(working.add(Day::FIRST, 0), Some(day("1600-01-03")), "a Saturday");
        assert_eq!(working.add(day("1600-01-03"), -1), None);
        assert_eq!(working.add(day("2026-01-01"), i32::MAX), None);
        assert_eq!(working.add(day("2026-01-01"), i32::MIN), None);
    }

    /// Against walking from day to day.
    #[test]
    fn counting_by_halves_is_counting_by_days() {
        let holidays = bank_holidays(2025, 2026);
        let working = WorkingDays::but(holidays.iter().copied().chain(["2026-05-09", "2026-05-05", "2026-05-05"].map(day)));
        let is_working = |d: Day| working.count(Window::on(d)) == 1;
        let walk = |from: Day, n: i32| {
            let (mut at, mut left) = (from, n);
            while left != 0 {
                at = at.plus(n.signum()).unwrap();
                left -= if is_working(at) { n.signum() } else { 0 };
            }
            at
        };
        let days: Vec<Day> = (0..500).map(|n| day("2025-06-01").plus(n).unwrap()).collect();
        for (i, d) in days.iter().enumerate() {
            let free = matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday) || holidays.contains(d) || *d == day("2026-05-05");
            assert_eq!(is_working(*d), !free, "{d}");
            for n in [-30, -1, 1, 2, 30] {
                assert_eq!(working.add(*d, n), Some(walk(*d, n)), "{d} and {n}");
            }
            let window = Window::new(days[0], Some(*d)).unwrap();
            let counted = days[..=i].iter().filter(|d| is_working(**d)).count();
            assert_eq!(working.count(window) as usize, counted, "{window}");
        }
    }
}
