//! Dates and instants. A day is a number, so that windows compare and subtract; it is written as `2026-08-31` wherever
//! somebody reads it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, ToSpan, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;

/// Days since 1970-01-01, between 1600-01-01 and 2399-12-31.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "String")]
#[schema(value_type = String, format = Date, example = "2026-08-31")]
pub struct Day(i32);

impl Day {
    /// 1600-01-01.
    pub const FIRST: Self = Self(-135_140);
    /// 2399-12-31.
    pub const LAST: Self = Self(157_053);

    /// From days since 1970-01-01; `None` outside the range.
    #[must_use]
    pub const fn new(days: i32) -> Option<Self> {
        if days < Self::FIRST.0 || days > Self::LAST.0 { None } else { Some(Self(days)) }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// `days` later (earlier if negative); `None` outside the range.
    #[must_use]
    pub fn plus(self, days: i32) -> Option<Self> {
        self.0.checked_add(days).and_then(Self::new)
    }

    /// `months` later (earlier if negative); the month's last day where the day does not exist. `None` outside the range.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let span = Span::new().try_months(months).ok()?;
        self.date().checked_add(span).ok().and_then(Self::from_date)
    }

    /// The largest number of months that [`Self::plus_months`] can add without passing `until`, which is not earlier.
    #[must_use]
    pub fn months_until(self, until: Self) -> i32 {
        let (from, to) = (self.date(), until.date());
        let apart = (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month()) - i32::from(from.month());
        // Whole unless the last month's day would pass `until`.
        if self.plus_months(apart).is_some_and(|day| day <= until) { apart } else { apart - 1 }
    }

    /// Whole years from `self` to `on`: an age. `None` if `on` is earlier. From 29 February a year is full on 1 March.
    #[must_use]
    pub fn years_until(self, on: Self) -> Option<u8> {
        if on < self {
            return None;
        }
        let (born, then) = (self.date(), on.date());
        let before_birthday = (then.month(), then.day()) < (born.month(), born.day());
        u8::try_from(i32::from(then.year()) - i32::from(born.year()) - i32::from(before_birthday)).ok()
    }

    /// Of somebody born on `self`: the day on which they reach `years`. From 29 February that is 1 March of a common year.
    /// `None` outside the range.
    #[must_use]
    pub fn birthday(self, years: u8) -> Option<Self> {
        let day = self.plus_months(i32::from(years) * 12)?;
        if day.date().day() == self.date().day() { Some(day) } else { day.plus(1) }
    }

    /// The day of that date; `None` where there is none in the calendar, or it is outside the range.
    #[must_use]
    pub fn civil(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().and_then(Self::from_date)
    }

    #[must_use]
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday. Counted, not asked of the date: each working day counted asks it of every bank holiday.
        let since_monday = i8::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0);
        Weekday::from_monday_zero_offset(since_monday).unwrap_or(Weekday::Monday)
    }

    #[must_use]
    pub fn date(self) -> Date {
        // The range of `Day` lies inside jiff's, so the sum is always there.
        Date::constant(1970, 1, 1).checked_add(self.0.days()).unwrap_or(Date::constant(1970, 1, 1))
    }

    fn from_date(date: Date) -> Option<Self> {
        let span = Date::constant(1970, 1, 1).until((Unit::Day, date)).ok()?;
        Self::new(span.get_days())
    }

    /// As people read it: `31 August 2026`.
    #[must_use]
    pub fn in_words(self) -> String {
        self.date().strftime("%-d %B %Y").to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts = || -> Option<(i16, i8, i8)> {
            let bytes = text.as_bytes();
            let shape = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
            let digits = bytes.iter().enumerate().all(|(i, b)| i == 4 || i == 7 || b.is_ascii_digit());
            if !(shape && digits) {
                return None;
            }
            Some((text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?))
        };
        let Some((year, month, day)) = parts() else {
            return Err(Invalid::new("", "is not a date written as 2026-08-31"));
        };
        let date = Date::new(year, month, day).map_err(|_| Invalid::new("", "there is no such day in the calendar"))?;
        Self::from_date(date).ok_or_else(|| Invalid::new("", "is outside 1600-01-01 to 2399-12-31"))
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for Day {
    type Error = String;
    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, String> {
        text.parse::<Self>().map_err(|e| e.why)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// Both days included; no `last` means still going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Window {
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
}

impl Window {
    /// # Errors
    /// [`Invalid`] naming `last` where the window ends before it starts.
    pub fn new(first: Day, last: Option<Day>) -> Result<Self, Invalid> {
        match last {
            Some(last) if last < first => Err(Invalid::new("last", "is before the first day")),
            _ => Ok(Self { first, last }),
        }
    }

    #[must_use]
    pub const fn on(day: Day) -> Self {
        Self { first: day, last: Some(day) }
    }

    #[must_use]
    pub const fn since(first: Day) -> Self {
        Self { first, last: None }
    }

    /// Do the two share a day?
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.last.is_none_or(|last| other.first <= last) && other.last.is_none_or(|last| self.first <= last)
    }

    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) => write!(f, "{}..{last}", self.first),
            None => write!(f, "{}..", self.first),
        }
    }
}

impl FromStr for Window {
    type Err = Invalid;
    /// `2025-09-01..2026-03-31`, or `2025-09-01..` for one that is still going on.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (first, last) = text.split_once("..").ok_or_else(|| Invalid::new("", "is not a period written as 2025-09-01..2026-03-31"))?;
        let last = if last.is_empty() { None } else { Some(last.parse()?) };
        Self::new(first.parse()?, last)
    }
}

/// When the authority came to know something: milliseconds since 1970, by the host's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime)]
pub struct KnownAt(i64);

impl KnownAt {
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// When the day begins in London.
    #[must_use]
    pub fn begins(day: Day) -> Self {
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
        Self(day.date().to_zoned(zone).map_or(0, |z| z.timestamp().as_millisecond()))
    }

    /// A full hour of the day in London, 0 to 23. One that the clocks leave out in spring is the hour after it.
    #[must_use]
    pub fn at_hour(day: Day, hour: u8) -> Self {
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
        let at = day.date().at(i8::try_from(hour).unwrap_or(0).clamp(0, 23), 0, 0, 0);
        Self(at.to_zoned(zone).map_or(0, |z| z.timestamp().as_millisecond()))
    }

    /// The day it was in London.
    #[must_use]
    pub fn day(self) -> Day {
        let instant = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
        Day::from_date(instant.to_zoned(zone).date()).unwrap_or(Day::LAST)
    }
}

impl fmt::Display for KnownAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).fmt(f)
    }
}

impl TryFrom<String> for KnownAt {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse::<Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|e| e.to_string())
    }
}

impl From<KnownAt> for String {
    fn from(at: KnownAt) -> Self {
        at.to_string()
    }
}

/// The host's one clock, passed in so that tests can say what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> KnownAt + Send + Sync>);

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|| KnownAt(Timestamp::now().as_millisecond())))
    }

    /// Always the same instant.
    #[must_use]
    pub fn fixed(at: KnownAt) -> Self {
        Self(Arc::new(move || at))
    }

    /// Ahead of the system's by so many milliseconds, which a test changes as it goes, or whoever plays a year in a minute.
    #[must_use]
    pub fn ahead(by: Arc<std::sync::atomic::AtomicI64>) -> Self {
        let system = Self::system();
        Self(Arc::new(move || KnownAt(system.now().0 + by.load(std::sync::atomic::Ordering::Relaxed))))
    }

    #[must_use]
    pub fn now(&self) -> KnownAt {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_counted_weekday_is_that_of_the_date() {
        for number in Day::FIRST.number()..=Day::LAST.number() {
            let day = Day::new(number).unwrap();
            assert_eq!(day.weekday(), day.date().weekday(), "{day}");
        }
    }

    #[test]
    fn the_range_is_what_the_interface_documents() {
        assert_eq!(Day::FIRST, day("1600-01-01"));
        assert_eq!(Day::LAST, day("2399-12-31"));
        assert_eq!(day("1970-01-01").number(), 0);
        assert_eq!(day("2399-12-31").plus(1), None);
    }

    #[test]
    fn a_month_later_is_the_last_day_where_the_day_does_not_exist() {
        for (from, months, to) in [
            ("2026-08-31", -6, "2026-02-28"),
            ("2024-08-31", -6, "2024-02-29"),
            ("2026-08-31", 1, "2026-09-30"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2026-01-15", 0, "2026-01-15"),
        ] {
            assert_eq!(day(from).plus_months(months), Some(day(to)), "{from} and {months} months");
        }
    }

    #[test]
    fn an_age_is_full_on_the_birthday() {
        for (born, on, age) in [
            ("2010-09-01", "2026-08-31", Some(15)),
            ("2010-09-01", "2026-09-01", Some(16)),
            ("2012-02-29", "2026-02-28", Some(13)),
            ("2012-02-29", "2026-03-01", Some(14)),
            ("2026-09-01", "2026-08-31", None),
        ] {
            assert_eq!(day(born).years_until(day(on)), age, "born {born}, on {on}");
        }
    }

    #[test]
    fn a_birthday_is_the_day_on_which_the_age_is_full() {
        for (born, years, on) in [
            ("2010-09-01", 16, Some("2026-09-01")),
            ("2012-02-29", 14, Some("2026-03-01")),
            ("2012-02-29", 12, Some("2024-02-29")),
            ("2000-02-29", 100, Some("2100-03-01")),
            ("2012-02-28", 14, Some("2026-02-28")),
            ("2010-09-01", 0, Some("2010-09-01")),
            ("2144-12-31", 255, Some("2399-12-31")),
            ("2145-01-01", 255, None),
        ] {
            assert_eq!(day(born).birthday(years), on.map(day), "born {born}, {years} years");
        }
        for born in ["2012-02-28", "2012-02-29", "2012-03-01", "2011-12-31"].map(day) {
            for years in 1..=120 {
                let birthday = born.birthday(years).unwrap();
                assert_eq!(born.years_until(birthday), Some(years), "{born}");
                assert_eq!(born.years_until(birthday.plus(-1).unwrap()), Some(years - 1), "{born}");
            }
        }
    }

    #[test]
    fn what_is_not_a_date_says_so() {
        for text in ["2026-02-30", "31/08/2026", "2026-8-31", "+026-08-31", "", "2026-13-01", "1066-10-14"] {
            assert!(text.parse::<Day>().is_err(), "{text} was taken for a date");
        }
    }

    #[test]
    fn windows_share_a_day_with_both_ends_included() {
        let window = |text: &str| text.parse::<Window>().unwrap();
        let march = window("2026-03-01..2026-03-31");
        for (other, shares) in [
            ("2026-03-31..2026-04-30", true),
            ("2026-04-01..2026-04-30", false),
            ("2026-02-01..2026-03-01", true),
            ("2026-02-01..2026-02-28", false),
            ("2026-02-01..", true),
            ("2026-04-01..", false),
        ] {
            assert_eq!(march.overlaps(&window(other)), shares, "{other}");
            assert_eq!(window(other).overlaps(&march), shares, "{other}, the other way round");
        }
    }
}
