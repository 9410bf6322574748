//! Codes, days and sums as people read them.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

/// `2026-03-05` → 5 March 2026. What is no day stays as it is.
#[must_use]
pub fn day(day: &str) -> String {
    day.parse::<Date>().map_or_else(|_| day.to_owned(), |d| d.strftime("%-d %B %Y").to_string())
}

const MISOEDD: [&str; 12] =
    ["Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"];

/// The same, in the language that is read: 5 Mawrth 2026.
#[must_use]
pub fn day_in(language: &str, day: &str) -> String {
    let welsh = day.parse::<Date>().ok().filter(|_| language == "cy");
    let month = |d: &Date| usize::try_from(d.month()).ok().and_then(|month| MISOEDD.get(month - 1).copied()).unwrap_or_default();
    welsh.map_or_else(|| self::day(day), |d| format!("{} {} {}", d.day(), month(&d), d.year()))
}

/// `2026-03-05T14:04:00Z` → 5 March 2026, 14:04, as it was in London.
#[must_use]
pub fn at(instant: &str) -> String {
    let Ok(instant) = instant.parse::<Timestamp>() else { return instant.to_owned() };
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    instant.to_zoned(london).strftime("%-d %B %Y, %H:%M").to_string()
}

/// Today in London.
#[must_use]
pub fn today() -> String {
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    Timestamp::now().to_zoned(london).date().to_string()
}

/// The instant at which a day begins in London, as the API takes it; what is no day stays as it is, so that the API says so.
#[must_use]
pub fn begins(day: &str) -> String {
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let begins = day.parse::<Date>().ok().and_then(|d| d.to_zoned(london).ok());
    begins.map_or_else(|| day.to_owned(), |z| z.timestamp().to_string())
}

/// Whole years from birth to a day.
#[must_use]
pub fn age(born: &str, on: &str) -> Option<i32> {
    let (born, on) = (born.parse::<Date>().ok()?, on.parse::<Date>().ok()?);
    let had = (on.month(), on.day()) >= (born.month(), born.day());
    Some(i32::from(on.year()) - i32::from(born.year()) - i32::from(!had)).filter(|years| *years >= 0)
}

/// `125050` → £1,250.50; whole pounds without pence.
#[must_use]
pub fn pounds(pence: i64) -> String {
    let (whole, rest) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if pence < 0 { "−" } else { "" };
    if rest == 0 { format!("{sign}£{grouped}") } else { format!("{sign}£{grouped}.{rest:02}") }
}

/// A code of ours as words: `child-protection-plan` → Child protection plan.
#[must_use]
pub fn code(code: &str) -> String {
    crate::ui::form::sentence(&code.replace('-', " "))
}

/// Whoever did something, without the login that the API puts after a name.
#[must_use]
pub fn who(by: &str) -> &str {
    by.rsplit_once(" (").filter(|(_, login)| login.len() == 37 && login.ends_with(')')).map_or(by, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_without_its_login() {
        assert_eq!(who("Priya Nair (01a20532-1d98-71b5-9622-3558392ac789)"), "Priya Nair");
        assert_eq!(who("Harbour Steps (Bristol)"), "Harbour Steps (Bristol)");
        assert_eq!(who("demonstration"), "demonstration");
    }

    #[test]
    fn as_people_read_them() {
        assert_eq!(day("2026-03-05"), "5 March 2026");
        assert_eq!(day("soon"), "soon");
        assert_eq!((day_in("cy", "2026-03-05"), day_in("en", "2026-12-31")), ("5 Mawrth 2026".into(), "31 December 2026".into()));
        assert_eq!((day_in("cy", "2026-12-31"), day_in("cy", "soon")), ("31 Rhagfyr 2026".into(), "soon".into()));
        assert_eq!(at("2026-07-05T14:04:00Z"), "5 July 2026, 15:04");
        assert_eq!(begins("2027-07-01"), "2027-06-30T23:00:00Z");
        assert_eq!(begins("2027--1"), "2027--1");
        for (pence, words) in [(0, "£0"), (80_000, "£800"), (125_050, "£1,250.50"), (-100_000_005, "−£1,000,000.05")] {
            assert_eq!(pounds(pence), words);
        }
        for (born, on, years) in
            [("2010-05-20", "2026-05-19", Some(15)), ("2010-05-20", "2026-05-20", Some(16)), ("2027-01-01", "2026-01-01", None)]
        {
            assert_eq!(age(born, on), years, "{born} {on}");
        }
        assert_eq!(code("child-protection-plan"), "Child protection plan");
    }
}
