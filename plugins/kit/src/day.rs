//! Days as the interface counts them: since 1970-01-01.

/// Reads `2015-04-01`, from 1600 to 2399. None for anything else, 31 February included.
#[must_use]
pub fn from_iso(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10 && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    let (year, month, day): (i32, i32, i32) = (text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?);
    let there_is = (1600..2400).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    there_is.then(|| number(year, month, day))
}

/// A day of the interface as `2015-04-01`.
#[must_use]
pub fn to_iso(day: i32) -> String {
    // Counted in eras of 400 years that begin on 1 March.
    let z = i64::from(day) + i64::from(FROM_MARCH_OF_YEAR_0);
    let (era, in_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let years = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * years + years / 4 - years / 100);
    let months = (5 * in_year + 2) / 153;
    let date = in_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = years + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const FROM_MARCH_OF_YEAR_0: i32 = 719_468;

/// Counts in years that begin on 1 March, so that the leap day is a year's last.
fn number(year: i32, month: i32, day: i32) -> i32 {
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - FROM_MARCH_OF_YEAR_0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_interface_counts_them() {
        for (text, day) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2015-04-01", 16_526),
            ("2024-02-29", 19_782),
            ("1600-01-01", -135_140),
            ("2399-12-31", 157_053),
        ] {
            assert_eq!(from_iso(text), Some(day), "{text}");
        }
    }

    #[test]
    fn every_day_is_one_after_the_day_before() {
        let mut next = from_iso("1600-01-01").unwrap();
        for year in 1600..2400 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let iso = format!("{year}-{month:02}-{day:02}");
                    assert_eq!(from_iso(&iso), Some(next));
                    assert_eq!(to_iso(next), iso);
                    next += 1;
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for text in
            ["2015-02-29", "2015-13-01", "2015-00-10", "2015-04-00", "2015-4-1", "1599-12-31", "2400-01-01", "+015-04-01", "", "20150401"]
        {
            assert_eq!(from_iso(text), None, "{text}");
        }
    }
}
