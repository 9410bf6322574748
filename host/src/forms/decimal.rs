//! Numbers as forms hold them: exact, in thousandths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A whole number of thousandths, up to a million million either way. Written in JSON as `3`, `3.5` or `"3.5"`; kept as `3`
/// or `"3.5"`, so that what is kept under its hash holds no floats.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i64);

impl Decimal {
    /// A million million, in thousandths. Fifteen digits: as many as every reader of JSON keeps exactly.
    const MOST: i64 = 1_000_000_000_000_000;

    pub const ZERO: Self = Self(0);

    /// `None` outside the range.
    #[must_use]
    pub const fn from_thousandths(thousandths: i64) -> Option<Self> {
        if thousandths < -Self::MOST || thousandths > Self::MOST { None } else { Some(Self(thousandths)) }
    }

    /// `None` outside the range.
    #[must_use]
    pub fn whole(number: i64) -> Option<Self> {
        number.checked_mul(1_000).and_then(Self::from_thousandths)
    }

    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// `None` outside the range.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::from_thousandths)
    }

    /// `None` outside the range.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::from_thousandths)
    }

    /// To the nearest thousandth, halves away from nought; `None` outside the range.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        self.scale(other.0).and_then(Self::from_thousandths)
    }

    /// `number` times this, to the nearest whole, halves away from nought: what an amount in pence becomes.
    #[must_use]
    pub fn scale(self, number: i64) -> Option<i64> {
        let product = i128::from(self.0) * i128::from(number);
        i64::try_from((product + 500 * product.signum()) / 1_000).ok()
    }

    /// How many places after the point it needs: 0 to 3.
    #[must_use]
    pub const fn places(self) -> u8 {
        match self.0.unsigned_abs() {
            n if n.is_multiple_of(1_000) => 0,
            n if n.is_multiple_of(100) => 1,
            n if n.is_multiple_of(10) => 2,
            _ => 3,
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}", size / 1_000)?;
        match self.places() {
            0 => Ok(()),
            places => write!(f, ".{}", &format!("{:03}", size % 1_000)[..usize::from(places)]),
        }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Decimal {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "is not a number with up to three decimals, within a million million".to_owned();
        let (negative, size) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = size.split_once('.').unwrap_or((size, "0"));
        let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 13) || !digits(decimals, 3) {
            return Err(refused());
        }
        let thousandths: i64 = format!("{whole}{decimals:0<3}").parse().map_err(|_| refused())?;
        Self::from_thousandths(if negative { -thousandths } else { thousandths }).ok_or_else(refused)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.places() == 0 { serializer.serialize_i64(self.0 / 1_000) } else { serializer.collect_str(self) }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Decimal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number with up to three decimals")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Decimal, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
                self.visit_str(&number.to_string())
            }
            // JSON's reader hands over 3.5 as a float. Its shortest decimals are what the sender wrote: fifteen digits survive.
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Decimal, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn every_thousandth_is_read_and_written_exactly() {
        for thousandths in (-20_000..20_000).chain([Decimal::MOST, -Decimal::MOST, Decimal::MOST - 1, 123_456_789_012_345]) {
            let number = Decimal::from_thousandths(thousandths).unwrap();
            assert_eq!(decimal(&number.to_string()), number);
            // As a bare number of JSON, and as this host writes it.
            assert_eq!(serde_json::from_str::<Decimal>(&number.to_string()).unwrap(), number);
            assert_eq!(serde_json::from_value::<Decimal>(serde_json::to_value(number).unwrap()).unwrap(), number);
        }
        assert_eq!(serde_json::to_string(&[decimal("3.5"), decimal("3.0"), decimal("-0.05")]).unwrap(), r#"["3.5",3,"-0.05"]"#);
    }

    #[test]
    fn what_is_no_such_number_says_so() {
        for text in ["3.4567", "1000000000000.001", "1e3", "", "-", ".5", "5.", "+1", "1 000"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Decimal>("1e300").is_err());
        assert!(serde_json::from_str::<Decimal>("0.0001").is_err());
    }

    #[test]
    fn a_product_goes_to_the_nearest_thousandth_halves_away_from_nought() {
        for (a, b, product) in [("1.5", "1.5", "2.25"), ("0.001", "0.5", "0.001"), ("-0.001", "0.5", "-0.001"), ("0.001", "0.4", "0")] {
            assert_eq!(decimal(a).times(decimal(b)), Some(decimal(product)), "{a} × {b}");
        }
        assert_eq!(decimal("1000000000000").times(decimal("2")), None);
        assert_eq!(decimal("0.75").scale(199), Some(149));
    }
}
