//! When every family of an authority is asked about by itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Day, Invalid, KnownAt};

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    Day,
    Week,
    Month,
}

/// What is asked: of `suited`, progress where an episode has begun and eligibility otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduledQuestion {
    Eligibility,
    Progress,
    Suited,
}

/// When every family is asked about, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub question: ScheduledQuestion,
    pub every: Every,
    /// Of a week, 1 (Monday) to 7; of a month, 1 to 28; left out where it is every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 28)]
    pub day: Option<u8>,
    /// A full hour in London, 0 to 23.
    #[schema(maximum = 23)]
    pub hour: u8,
    /// True: nothing is begun until this is set again.
    #[serde(default)]
    pub paused: bool,
}

impl Schedule {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        let most = match self.every {
            Every::Day => 0,
            Every::Week => 7,
            Every::Month => 28,
        };
        match self.day {
            None if most == 0 => {}
            Some(day) if (1..=most).contains(&day) => {}
            _ if most == 0 => return Err(Invalid::new("day", "is left out where it is every day")),
            _ => return Err(Invalid::new("day", format!("is 1 to {most}"))),
        }
        if self.hour > 23 { Err(Invalid::new("hour", "is 0 to 23")) } else { Ok(()) }
    }

    /// The latest time of it that has come. What was missed while no host ran is not made up for, but for the last.
    #[must_use]
    pub fn due(&self, now: KnownAt) -> Option<KnownAt> {
        // A month has at most 31 days: of those until today one is right, or two, of which the hour of the later is still to come.
        (0..=31)
            .filter_map(|back| now.day().plus(-back))
            .filter(|day| self.is_on(*day))
            .map(|day| KnownAt::at_hour(day, self.hour))
            .find(|at| *at <= now)
    }

    fn is_on(&self, day: Day) -> bool {
        let wanted = self.day.unwrap_or(0);
        match self.every {
            Every::Day => true,
            Every::Week => day.weekday().to_monday_one_offset().unsigned_abs() == wanted,
            Every::Month => day.date().day().unsigned_abs() == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> KnownAt {
        text.to_owned().try_into().unwrap()
    }

    fn schedule(every: Every, day: Option<u8>, hour: u8) -> Schedule {
        Schedule { question: ScheduledQuestion::Suited, every, day, hour, paused: false }
    }

    #[test]
    fn the_latest_time_that_has_come_is_due_by_the_clocks_of_london() {
        for (every, day, hour, now, due) in [
            (Every::Day, None, 2, "2026-01-15T02:00:00Z", "2026-01-15T02:00:00Z"),
            (Every::Day, None, 2, "2026-01-15T01:59:59Z", "2026-01-14T02:00:00Z"),
            (Every::Day, None, 2, "2026-07-15T01:00:00Z", "2026-07-15T01:00:00Z"),
            (Every::Day, None, 1, "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z"),
            (Every::Week, Some(1), 3, "2026-11-22T12:00:00Z", "2026-11-16T03:00:00Z"),
            (Every::Week, Some(7), 3, "2026-11-22T12:00:00Z", "2026-11-22T03:00:00Z"),
            (Every::Week, Some(7), 13, "2026-11-22T12:00:00Z", "2026-11-15T13:00:00Z"),
            (Every::Month, Some(1), 0, "2026-03-31T22:59:59Z", "2026-03-01T00:00:00Z"),
            (Every::Month, Some(1), 0, "2026-03-31T23:00:00Z", "2026-03-31T23:00:00Z"),
            (Every::Month, Some(28), 5, "2026-03-28T04:00:00Z", "2026-02-28T05:00:00Z"),
        ] {
            assert_eq!(schedule(every, day, hour).due(at(now)), Some(at(due)), "{every:?} {day:?} {hour} at {now}");
        }
    }

    #[test]
    fn a_day_that_not_every_month_has_is_refused() {
        for (schedule, field) in [
            (schedule(Every::Day, Some(1), 0), "day"),
            (schedule(Every::Week, None, 0), "day"),
            (schedule(Every::Week, Some(8), 0), "day"),
            (schedule(Every::Month, Some(29), 0), "day"),
            (schedule(Every::Month, Some(0), 0), "day"),
            (schedule(Every::Day, None, 24), "hour"),
        ] {
            assert_eq!(schedule.check().unwrap_err().field, field);
        }
        schedule(Every::Month, Some(28), 23).check().unwrap();
    }
}
