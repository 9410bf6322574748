//! Where mail reaches somebody. Personal: it is never logged and never repeated in an error.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::{Digest, Invalid};

/// An e-mail address in small letters, as plain as nearly all are: `priya.nair@example.org`. Two that differ in capitals alone are one:
/// what the standard allows a mailbox to tell apart, no provider does.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Email, example = "priya.nair@example.org", max_length = 254)]
pub struct Address(String);

/// Characters of an address (RFC 5321, section 4.5.3.1.3), of what is before its @ (4.5.3.1.1), and of a label (RFC 1035, 2.3.4).
const LONGEST: usize = 254;
const LONGEST_MAILBOX: usize = 64;
const LONGEST_LABEL: usize = 63;

impl Address {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for it where it must not stand itself.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl FromStr for Address {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        // It repeats nothing of what was sent: that may be an address with a slip in it.
        let refused = |why| Err(Invalid::new("", why));
        let text = text.trim().to_ascii_lowercase();
        if text.len() > LONGEST {
            return refused("is longer than an e-mail address can be");
        }
        let Some((mailbox, domain)) = text.split_once('@') else {
            return refused("has no @: an e-mail address is written name@example.org");
        };
        let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&b);
        if mailbox.is_empty() || mailbox.len() > LONGEST_MAILBOX || !mailbox.bytes().all(atom) {
            return refused("has before its @ what no e-mail address has: letters, digits and the likes of . _ - + are taken");
        }
        if mailbox.starts_with('.') || mailbox.ends_with('.') || mailbox.contains("..") {
            return refused("has a dot before its @ where none can be");
        }
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= LONGEST_LABEL
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !domain.contains('.') || !domain.split('.').all(label) {
            return refused("has after its @ no name of a mail server, such as example.org");
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Address {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse::<Self>().map_err(|e| e.why)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_whatever_its_capitals() {
        let address: Address = "  Priya.Nair+work@Example.ORG ".parse().unwrap();
        assert_eq!(address.as_str(), "priya.nair+work@example.org");
        assert_eq!(format!("{address:?}"), "Address(…)", "it does not get into logs");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "priya",
            "@example.org",
            "priya@",
            "priya@localhost",
            "priya@-example.org",
            "priya@example..org",
            ".priya@example.org",
            "pri..ya@example.org",
            "pri ya@example.org",
            "priya@example.org\r\nBcc: x@example.org",
            "\"priya\"@example.org",
            "priya@exa@mple.org",
            "priya <priya@example.org>",
            "prïya@example.org",
        ] {
            let refused = text.parse::<Address>().expect_err(text);
            assert!(text.is_empty() || !refused.why.contains(text), "{refused}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        assert!(long.parse::<Address>().is_err());
    }
}
