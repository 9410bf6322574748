//! Names, birth dates, identifiers and addresses. Stored and searched. Of all this a run is told only ages, how exactly
//! they are known, and which schemes of identifier are recorded.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::fact::text;
use crate::record::{Day, Invalid};

/// What a person is called, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NameDetail)]
pub struct Name {
    pub given: String,
    pub family: String,
}

impl Name {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        text("given", &self.given, 100)?;
        text("family", &self.family, 100)
    }
}

/// When a person was born, to the day or to the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BirthDetail)]
pub struct Birth {
    /// `2010-09-14`, or `2010-09` if only the month is known.
    #[schema(example = "2010-09-14")]
    pub on: String,
}

impl Birth {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        self.day().map(|_| ())
    }

    /// Only the month is known.
    #[must_use]
    pub const fn to_the_month(&self) -> bool {
        self.on.len() == 7
    }

    /// The day that ages count from: a month's first where only the month is known.
    ///
    /// # Errors
    /// [`Invalid`] naming `on`.
    pub fn day(&self) -> Result<Day, Invalid> {
        let whole = if self.to_the_month() { format!("{}-01", self.on) } else { self.on.clone() };
        Day::from_str(&whole).map_err(|_| Invalid::new("on", "is neither a date (2010-09-14) nor a month (2010-09)"))
    }
}

/// The schemes that are checked, in the order of code list identifier-schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Ten digits, the last a check digit (NHS Data Dictionary).
    NhsNumber,
    /// Unique pupil number: a check letter, eleven digits, and a digit or (temporary) a letter.
    Upn,
    /// National Insurance number.
    Nino,
}

impl Scheme {
    /// As in code list identifier-schemes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NhsNumber => "nhs-number",
            Self::Upn => "upn",
            Self::Nino => "nino",
        }
    }
}

/// A number by which an agency knows a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentifierDetail)]
pub struct Identifier {
    pub scheme: Scheme,
    /// As it was written; spaces and small letters are forgiven.
    pub value: String,
}

impl Identifier {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let value = squeezed(&self.value);
        let (good, says) = match self.scheme {
            Scheme::NhsNumber => (is_nhs_number(&value), "an NHS number (ten digits, the last a check digit)"),
            Scheme::Upn => (is_upn(&value), "a unique pupil number (a check letter, eleven digits, a digit or letter)"),
            Scheme::Nino => (is_nino(&value), "a National Insurance number (two letters, six digits, A to D)"),
        };
        if good { Ok(()) } else { Err(Invalid::new("value", format!("is not {says}"))) }
    }

    /// One spelling for all who write it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.scheme.code(), squeezed(&self.value))
    }
}

/// Where a home is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddressDetail)]
pub struct Address {
    /// As on an envelope, without the postcode.
    pub lines: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// Unique property reference number: up to twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uprn: Option<String>,
}

impl Address {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.lines.is_empty() || self.lines.len() > 6 {
            return Err(Invalid::new("lines", "an address has one to six lines"));
        }
        for (i, line) in self.lines.iter().enumerate() {
            text(&format!("lines[{i}]"), line, 100)?;
        }
        if self.postcode.as_ref().is_some_and(|postcode| !is_postcode(&squeezed(postcode))) {
            return Err(Invalid::new("postcode", "is not a postcode"));
        }
        if self.uprn.as_ref().is_some_and(|uprn| !is_uprn(uprn)) {
            return Err(Invalid::new("uprn", "is not a unique property reference number (up to twelve digits)"));
        }
        Ok(())
    }

    /// The property number if there is one; otherwise postcode and first line.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        if let Some(uprn) = &self.uprn {
            return Some(format!("uprn:{}", uprn.trim_start_matches('0')));
        }
        let postcode = self.postcode.as_ref()?;
        Some(format!("address:{}:{}", squeezed(postcode), squeezed(self.lines.first()?)))
    }
}

/// Without spaces and punctuation, in capitals.
#[must_use]
pub fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Weights 10 to 2, remainder of 11 taken from 11; 11 is 0, 10 is never issued. Ten equal digits pass the sum and are
/// nobody's (9999999999).
pub(crate) fn is_nhs_number(value: &str) -> bool {
    let digits: Option<Vec<u32>> = value.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|d| d.len() == 10) else {
        return false;
    };
    let sum: u32 = digits[..9].iter().zip((2..=10).rev()).map(|(d, weight)| d * weight).sum();
    let check = (11 - sum % 11) % 11;
    check == digits[9] && digits.iter().any(|d| *d != digits[0])
}

/// The letter is the weighted sum of the other twelve (weights 2 to 13) modulo 23, among the letters without I, O and S
/// (DfE, unique pupil numbers). A temporary number ends in a letter, counted by the same table.
pub(crate) fn is_upn(value: &str) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
    let bytes = value.as_bytes();
    if bytes.len() != 13 || !bytes[1..12].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |b: u8| {
        if b.is_ascii_digit() { Some(usize::from(b - b'0')) } else { LETTERS.iter().position(|l| *l == b) }
    };
    let sum: Option<usize> = bytes[1..].iter().zip(2..).map(|(b, weight)| number(*b).map(|n| n * weight)).sum();
    sum.is_some_and(|sum| LETTERS[sum % 23] == bytes[0])
}

/// First letter not D, F, I, Q, U, V; second not those nor O; seven prefixes never issued; suffix A to D.
pub(crate) fn is_nino(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() != 9 || !bytes[..2].iter().all(u8::is_ascii_uppercase) || !bytes[2..8].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let prefix = &value[..2];
    !b"DFIQUV".contains(&bytes[0])
        && !b"DFIOQUV".contains(&bytes[1])
        && !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(&prefix)
        && (b'A'..=b'D').contains(&bytes[8])
}

/// Outward part of two to four characters, inward part of one digit and two letters.
pub(crate) fn is_postcode(value: &str) -> bool {
    let bytes = value.as_bytes();
    if !(5..=7).contains(&bytes.len()) {
        return false;
    }
    let (outward, inward) = bytes.split_at(bytes.len() - 3);
    let letters = outward.iter().take_while(|b| b.is_ascii_uppercase()).count();
    inward[0].is_ascii_digit()
        && inward[1..].iter().all(u8::is_ascii_uppercase)
        && (1..=2).contains(&letters)
        && outward.get(letters).is_some_and(u8::is_ascii_digit)
        && !b"QVX".contains(&outward[0])
        && !(letters == 2 && b"IJZ".contains(&outward[1]))
        && outward[letters + 1..].iter().all(u8::is_ascii_alphanumeric)
}

/// Up to twelve digits.
pub(crate) fn is_uprn(value: &str) -> bool {
    (1..=12).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

/// A school's number in the register of schools: six digits. Not unique against Ofsted's numbers of the same name.
pub(crate) fn is_urn(value: &str) -> bool {
    value.len() == 6 && value.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_checked() {
        let check = |scheme, value: &str| Identifier { scheme, value: value.into() }.check().is_ok();
        for (scheme, value, good) in [
            (Scheme::NhsNumber, "943 476 5919", true),
            (Scheme::NhsNumber, "9434765870", true),
            (Scheme::NhsNumber, "4582701086", true),
            (Scheme::NhsNumber, "9434765918", false),
            (Scheme::NhsNumber, "9999999999", false),
            (Scheme::NhsNumber, "943476591", false),
            (Scheme::Upn, "B801200005001", true),
            (Scheme::Upn, "b801 2000 05001", true),
            (Scheme::Upn, "A801200005001", false),
            (Scheme::Upn, "I801200005001", false),
            (Scheme::Nino, "AB 12 34 56 C", true),
            (Scheme::Nino, "AB123456E", false),
            (Scheme::Nino, "QQ123456C", false),
            (Scheme::Nino, "GB123456A", false),
        ] {
            assert_eq!(check(scheme, value), good, "{scheme:?} {value}");
        }
    }

    #[test]
    fn an_address_has_one_spelling() {
        let address = |line: &str, postcode: &str| Address { lines: vec![line.into()], postcode: Some(postcode.into()), uprn: None };
        assert_eq!(address("12 Mill Lane", "BS3 4QR").key(), address("12, mill lane", "bs34qr").key());
        assert!(address("12 Mill Lane", "BS3 4QR").check().is_ok());
        for none in ["BS3", "BS4QR", "B4QR"] {
            assert_eq!(address("12 Mill Lane", none).check().unwrap_err().field, "postcode");
        }
        assert_eq!(address(" ", "BS3 4QR").check().unwrap_err().field, "lines[0]");
    }
    #[test]
    fn schemes_are_the_published_ones_in_their_order() {
        let schemes = [Scheme::NhsNumber, Scheme::Upn, Scheme::Nino];
        assert!(schemes.is_sorted());
        for (place, scheme) in schemes.iter().enumerate() {
            assert_eq!(crate::record::codes::position("identifier-schemes", scheme.code()), place);
            assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.code());
        }
    }
}
