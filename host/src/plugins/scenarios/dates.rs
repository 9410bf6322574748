//! Dates as people say them: `3 months ago`, `the day before 6 months ago`, `first day of next term`. Months are counted as
//! `hearth:platform/calendar` counts them.

use crate::record::calendar::WorkingDays;
use crate::record::{Day, Invalid};
use crate::sandbox::{Calendar, Term};

/// What dates are said from.
#[derive(Debug, Clone, Copy)]
pub struct Dates<'a> {
    pub today: Day,
    pub calendar: &'a Calendar,
}

/// What may be said, for messages.
const SAYS: &str = "as 2026-08-31, today, yesterday, tomorrow, 3 months ago, in 6 weeks, 2 days before yesterday, the day after 1 year ago, \
    first day of last term, next working day";

#[derive(Debug, Clone, Copy)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
    WorkingDays,
}

impl Dates<'_> {
    /// # Errors
    /// [`Invalid`] where it is no date, or outside the calendar.
    pub fn day(&self, text: &str) -> Result<Day, Invalid> {
        let text = text.trim();
        if text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('-') {
            return text.parse();
        }
        let words: Vec<&str> = text.split_whitespace().filter(|w| *w != "the").collect();
        self.said(&words)?.ok_or_else(|| Invalid::new("", format!("`{text}` is not a date ({SAYS})")))
    }

    /// The day that lies `amount` after today: `6 weeks`, `1 month and 1 day`.
    ///
    /// # Errors
    /// [`Invalid`] where it is no span of time.
    pub fn after(&self, amount: &str) -> Result<Day, Invalid> {
        let words: Vec<&str> = amount.split_whitespace().collect();
        self.shifted(self.today, &words, 1)?.ok_or_else(|| Invalid::new("", format!("`{amount}` is not a span of time as 6 weeks")))
    }

    fn said(&self, words: &[&str]) -> Result<Option<Day>, Invalid> {
        let next = |days| self.today.plus(days).map_or_else(|| Err(outside()), |d| Ok(Some(d)));
        // First of all, since what stands behind it is a date of its own: the day before 6 months ago.
        if let Some(at) = words.iter().position(|w| ["before", "after"].contains(w)) {
            let amount = if words[..at] == ["day"] { &["1", "day"] } else { &words[..at] };
            return self.beside(amount, &words[at + 1..], if words[at] == "before" { -1 } else { 1 });
        }
        match words {
            ["today"] => Ok(Some(self.today)),
            ["yesterday"] => next(-1),
            ["tomorrow"] => next(1),
            ["next", "working", "day"] => self.shifted(self.today, &["1", "working", "day"], 1),
            ["in", amount @ ..] => self.shifted(self.today, amount, 1),
            [amount @ .., "ago"] => self.shifted(self.today, amount, -1),
            [which @ ("first" | "last"), "day", "of", term, "term"] => {
                let window = self.term(term)?.window;
                Ok(Some(if *which == "first" { window.first } else { window.last.unwrap_or(window.first) }))
            }
            [term, "term"] => Ok(Some(self.term(term)?.window.first)),
            _ => Ok(None),
        }
    }

    /// `amount` before or after whatever day `rest` says.
    fn beside(&self, amount: &[&str], rest: &[&str], sign: i32) -> Result<Option<Day>, Invalid> {
        let from = match rest {
            [date] if date.len() == 10 && date.contains('-') => Some(date.parse()?),
            _ => self.said(rest)?,
        };
        from.map_or(Ok(None), |from| self.shifted(from, amount, sign))
    }

    fn term(&self, which: &str) -> Result<&Term, Invalid> {
        let terms = self.calendar.terms.as_deref().ok_or_else(|| Invalid::new("", "a term is named, and the scenario gives no `terms`"))?;
        let found = match which {
            "last" => terms.iter().rfind(|t| t.window.last.is_some_and(|last| last < self.today)),
            "this" => terms.iter().find(|t| t.window.contains(self.today)),
            "next" => terms.iter().find(|t| t.window.first > self.today),
            _ => return Err(Invalid::new("", format!("`{which} term`: say last, this or next term"))),
        };
        found.ok_or_else(|| Invalid::new("", format!("none of the scenario's `terms` is the {which} one as seen from {}", self.today)))
    }

    /// `["1", "month", "and", "3", "days"]` later; earlier with a negative sign. None where the words are no amount.
    fn shifted(&self, from: Day, words: &[&str], sign: i32) -> Result<Option<Day>, Invalid> {
        let mut day = from;
        for part in words.split(|w| *w == "and") {
            let Some((count, unit)) = amount(part) else { return Ok(None) };
            let count = count.checked_mul(sign).ok_or_else(outside)?;
            let moved = match unit {
                Unit::Days => day.plus(count),
                Unit::Weeks => count.checked_mul(7).and_then(|n| day.plus(n)),
                Unit::Months => day.plus_months(count),
                Unit::Years => count.checked_mul(12).and_then(|n| day.plus_months(n)),
                Unit::WorkingDays => WorkingDays::but(self.calendar.bank_holidays.iter().copied()).add(day, count),
            };
            day = moved.ok_or_else(outside)?;
        }
        Ok(Some(day))
    }
}

fn outside() -> Invalid {
    Invalid::new("", format!("lies outside {} to {}", Day::FIRST, Day::LAST))
}

fn amount(words: &[&str]) -> Option<(i32, Unit)> {
    let (count, unit) = words.split_first()?;
    let count = match *count {
        "a" | "an" | "one" => 1,
        digits => digits.parse().ok().filter(|n: &i32| *n >= 0)?,
    };
    let unit = match unit {
        ["day" | "days"] => Unit::Days,
        ["week" | "weeks"] => Unit::Weeks,
        ["month" | "months"] => Unit::Months,
        ["year" | "years"] => Unit::Years,
        ["working", "day" | "days"] => Unit::WorkingDays,
        _ => return None,
    };
    Some((count, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        let term = |name: &str, window: &str| Term { name: name.into(), window: window.parse().unwrap() };
        let terms = vec![
            term("spring", "2026-01-05..2026-03-27"),
            term("summer", "2026-04-13..2026-07-21"),
            term("autumn", "2026-09-02..2026-12-18"),
            term("spring", "2027-01-04..2027-03-26"),
        ];
        Calendar { bank_holidays: Vec::new(), terms: Some(terms) }
    }

    #[test]
    fn dates_are_read_as_people_say_them() {
        let calendar = calendar();
        for (today, said, day) in [
            ("2026-08-31", "2024-02-29", "2024-02-29"),
            ("2026-08-31", "today", "2026-08-31"),
            ("2026-08-31", "yesterday", "2026-08-30"),
            ("2026-08-31", "tomorrow", "2026-09-01"),
            ("2026-08-31", "6 months ago", "2026-02-28"),
            ("2024-08-31", "6 months ago", "2024-02-29"),
            ("2026-08-31", "6 months before tomorrow", "2026-03-01"),
            ("2026-08-31", "the day before 6 months ago", "2026-02-27"),
            ("2026-08-31", "the day after 6 months ago", "2026-03-01"),
            ("2026-08-31", "in 6 weeks", "2026-10-12"),
            ("2026-01-31", "in a month", "2026-02-28"),
            ("2026-08-31", "12 years ago", "2014-08-31"),
            ("2028-02-29", "1 year ago", "2027-02-28"),
            ("2026-08-31", "16 years and 1 day ago", "2010-08-30"),
            ("2026-08-31", "2 days after 3 weeks ago", "2026-08-12"),
            ("2026-08-31", "2 days before 2026-03-01", "2026-02-27"),
            ("2026-08-31", "the day after 2026-02-28", "2026-03-01"),
            ("2026-08-31", "first day of last term", "2026-04-13"),
            ("2026-08-31", "the last day of last term", "2026-07-21"),
            ("2026-08-31", "next term", "2026-09-02"),
            ("2026-09-02", "first day of this term", "2026-09-02"),
            ("2026-09-02", "next term", "2027-01-04"),
            ("2026-07-21", "last day of this term", "2026-07-21"),
            ("2026-08-31", "the day before first day of next term", "2026-09-01"),
        ] {
            let read = Dates { today: today.parse().unwrap(), calendar: &calendar }.day(said);
            assert_eq!(read.map(|d| d.to_string()).as_deref(), Ok(day), "{said}, on {today}");
        }
    }

    #[test]
    fn what_is_no_date_says_so() {
        let (with, without) = (calendar(), Calendar::default());
        for (calendar, said, why) in [
            (&with, "soon", "is not a date"),
            (&with, "3 fortnights ago", "is not a date"),
            (&with, "-3 days ago", "is not a date"),
            (&with, "before yesterday", "is not a date"),
            (&with, "2026-02-30", "there is no such day"),
            (&with, "in 9000 years", "lies outside"),
            (&with, "first day of this term", "none of the scenario's `terms`"),
            (&with, "first day of that term", "say last, this or next"),
            (&without, "next term", "gives no `terms`"),
        ] {
            let refused = Dates { today: "2026-08-31".parse().unwrap(), calendar }.day(said).expect_err(said);
            assert!(refused.why.contains(why), "{said}: {}", refused.why);
        }
    }
}
