//! Days since 1970-01-01, as `hearth:platform/calendar` reckons them.

/// Year, month from 1, day from 1. Counted in eras of 400 years that begin on 1 March.
pub fn civil(day: i32) -> (i32, i32, i32) {
    let z = day + 719_468;
    let (era, in_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let years = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * years + years / 4 - years / 100);
    let months = (5 * in_year + 2) / 153;
    let month = if months < 10 { months + 3 } else { months - 9 };
    (years + era * 400 + i32::from(month <= 2), month, in_year - (153 * months + 2) / 5 + 1)
}

fn number(year: i32, month: i32, day: i32) -> i32 {
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    before + (153 * months + 2) / 5 + day - 1 - 719_468
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The month's last day where the day does not exist.
pub fn add_months(day: i32, months: i32) -> i32 {
    let (year, month, date) = civil(day);
    let month = year * 12 + month - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    number(year, month, date.min(days_in(year, month)))
}

pub fn months_between(first: i32, until: i32) -> i32 {
    if until < first {
        return -months_between(until, first);
    }
    let ((y1, m1, _), (y2, m2, _)) = (civil(first), civil(until));
    let months = (y2 - y1) * 12 + m2 - m1;
    months - i32::from(add_months(first, months) > until)
}

/// Full on the birthday; of somebody born on 29 February, on 1 March of a common year.
pub fn age(born: i32, on: i32) -> Option<u8> {
    let ((y1, m1, d1), (y2, m2, d2)) = (civil(born), civil(on));
    let years = y2 - y1 - i32::from((m2, d2) < (m1, d1));
    (born <= on).then(|| u8::try_from(years).unwrap_or(u8::MAX))
}

/// Mondays to Fridays up to a day that are no holidays, counted from a Monday long ago.
fn working_up_to(day: i32, holidays: &[i32]) -> i32 {
    // 1970-01-01 was a Thursday.
    let since_monday = day + 3;
    let weekdays = since_monday.div_euclid(7) * 5 + (since_monday.rem_euclid(7) + 1).min(5);
    weekdays - i32::try_from(holidays.partition_point(|holiday| *holiday <= day)).expect("a few hundred")
}

/// Both days included.
pub fn working_days(first: i32, last: i32, holidays: &[i32]) -> u32 {
    u32::try_from(working_up_to(last, holidays) - working_up_to(first - 1, holidays)).unwrap_or(0)
}

/// The `count`-th after a day, or before it; for 0 the day itself, or the next if it is none.
pub fn add_working_days(start: i32, count: i32, holidays: &[i32]) -> i32 {
    let is_working = |day: i32| working_up_to(day, holidays) > working_up_to(day - 1, holidays);
    let step = if count < 0 { -1 } else { 1 };
    let mut left = if count == 0 && !is_working(start) { 1 } else { count.abs() };
    let mut day = start;
    while left > 0 {
        day += step;
        left -= i32::from(is_working(day));
    }
    day
}
