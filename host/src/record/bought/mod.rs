//! Help that is bought: what organisations offer, the contracts under which they are paid, and what is published of both. No I/O.

pub mod contracts;
pub mod open_contracting;
pub mod open_referral;
pub mod services;
pub mod three_sixty;

pub use contracts::{Budget, Price, Settings, Terms};
pub use services::{Contact, Location, Offer, Places};

use super::{Invalid, codes};

/// Words of a code list, each once.
pub(crate) fn each_once(field: &str, list: &str, words: &[String]) -> Result<(), Invalid> {
    for (i, word) in words.iter().enumerate() {
        codes::check(&format!("{field}[{i}]"), list, word)?;
        if words[..i].contains(word) {
            return Err(Invalid::new(format!("{field}[{i}]"), "stands here twice"));
        }
    }
    Ok(())
}

pub(crate) fn at_most(field: &str, count: usize, most: usize) -> Result<(), Invalid> {
    if count > most { Err(Invalid::new(field, format!("has {count} entries, and may have {most}"))) } else { Ok(()) }
}

/// Pence of which there are none below nothing.
pub(crate) fn amount(field: &str, pence: i64) -> Result<(), Invalid> {
    if (0..=MOST_PENCE).contains(&pence) { Ok(()) } else { Err(Invalid::new(field, "is in pence, from 0 to £1,000,000,000")) }
}

const MOST_PENCE: i64 = 100_000_000_000;

/// Pounds as the open standards write them: a number with pence behind the point.
#[must_use]
pub fn pounds(pence: i64) -> serde_json::Number {
    // Written and read again, so that 0.1 does not become what a float makes of it.
    let text = format!("{}{}.{:02}", if pence < 0 { "-" } else { "" }, pence.abs() / 100, pence.abs() % 100);
    serde_json::from_str(&text).unwrap_or_else(|_| 0.into())
}

/// Pounds as the open standards write them, in pence.
#[must_use]
pub fn pence(pounds: &serde_json::Number) -> Option<i64> {
    let text = pounds.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    if part.len() > 2 || whole.starts_with('-') {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = if part.is_empty() { 0 } else { format!("{part:0<2}").parse().ok()? };
    whole.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pounds_are_written_and_read_as_pence() {
        for sum in [0, 5, 10, 99, 100, 2_450, 123_456_789] {
            assert_eq!(pence(&pounds(sum)), Some(sum), "{sum}");
        }
        for (text, read) in [("12", Some(1_200)), ("12.5", Some(1_250)), ("0.07", Some(7)), ("1.005", None), ("-3", None), ("1e3", None)] {
            let number: serde_json::Number = serde_json::from_str(text).unwrap();
            let expected = if text == "1e3" { Some(100_000) } else { read };
            assert_eq!(pence(&number), expected, "{text}");
        }
    }
}
