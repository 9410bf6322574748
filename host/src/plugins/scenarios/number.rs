//! Numbers as people write them: 89.5, £1,000, £12.50. The record and the interface count in tenths and pence.

use super::node::{Node, Of};
use crate::record::Invalid;

/// Tenths of what is written: 89.5 is 895.
///
/// # Errors
/// [`Invalid`] where it is no number with one decimal at most.
pub fn tenths(node: &Node) -> Result<i32, Invalid> {
    read(node, 1).and_then(|n| i32::try_from(n).ok()).ok_or_else(|| not(node, "a number with one decimal at most, as 89.5"))
}

/// # Errors
/// [`Invalid`] where it is no number with three decimals at most.
pub fn thousandths(node: &Node) -> Result<i64, Invalid> {
    read(node, 3).ok_or_else(|| not(node, "a number with three decimals at most, as 2.5"))
}

/// Pence of pounds: £12.50 is 1250, and so is 12.5.
///
/// # Errors
/// [`Invalid`] where it is no amount.
pub fn pence(node: &Node) -> Result<i64, Invalid> {
    read(node, 2).ok_or_else(|| not(node, "an amount in pounds, as £1,000 or 12.50"))
}

/// # Errors
/// [`Invalid`] where it is no whole number that is not negative.
pub fn count(node: &Node) -> Result<u32, Invalid> {
    read(node, 0).and_then(|n| u32::try_from(n).ok()).ok_or_else(|| not(node, "a whole number, not negative"))
}

/// Thousandths as people write them: 2500 is 2.5.
#[must_use]
pub fn shown_thousandths(n: i64) -> String {
    let (sign, n) = (if n < 0 { "-" } else { "" }, n.unsigned_abs());
    let fraction = format!("{:03}", n % 1000);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{}", n / 1000) } else { format!("{sign}{}.{fraction}", n / 1000) }
}

fn not(node: &Node, what: &str) -> Invalid {
    Invalid::new("", format!("is {}, and has to be {what}", node.shown()))
}

fn read(node: &Node, places: u32) -> Option<i64> {
    match &node.of {
        Of::Number(number) => decimal(&number.to_string(), places),
        Of::Text(text) => {
            let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
            let rest = rest.strip_prefix('£')?;
            decimal(&format!("{sign}{}", rest.replace(',', "")), places)
        }
        _ => None,
    }
}

/// `digits` times ten to the power of `places`, exactly; none where it has more decimals.
fn decimal(digits: &str, places: u32) -> Option<i64> {
    let (sign, digits) = digits.strip_prefix('-').map_or((1, digits), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) || fraction.len() > places as usize {
        return None;
    }
    let padded = format!("{whole}{fraction:0<width$}", width = places as usize);
    padded.parse::<i64>().ok().map(|n| n * sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        let node = |text: &str| Node::from_yaml(&format!("a: {text}\n")).unwrap().get("a").unwrap().clone();
        for (text, expected) in [
            ("89.5", Some(895)),
            ("90", Some(900)),
            ("90.0", Some(900)),
            ("-0.5", Some(-5)),
            ("0.1", Some(1)),
            ("89.55", None),
            ("ninety", None),
        ] {
            assert_eq!(tenths(&node(text)).ok(), expected, "{text}");
        }
        for (text, expected) in [
            ("£1,000", Some(100_000)),
            ("£12.50", Some(1250)),
            ("12.5", Some(1250)),
            ("-£3", Some(-300)),
            ("'12'", None),
            ("£", None),
            ("0.001", None),
        ] {
            assert_eq!(pence(&node(text)).ok(), expected, "{text}");
        }
        assert_eq!((count(&node("3")).ok(), count(&node("-3")).ok(), count(&node("3.5")).ok()), (Some(3), None, None));
        assert_eq!(thousandths(&node("2.125")).ok(), Some(2125));
        assert_eq!([2500, 2000, -125, 2125].map(shown_thousandths), ["2.5", "2", "-0.125", "2.125"]);
    }
}
