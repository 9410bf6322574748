//! Another computer, as an authority names one that may be reached for it: a name, or an address, and a port.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// The port of https.
const HTTPS: u16 = 443;
/// Ports below this belong to a machine's own services, of which https alone is anybody's business.
const OWN: u16 = 1_024;
/// Characters of a name, and of one label of it (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Where something is sent: `login.example.org`, `hooks.example.org:8443`, `203.0.113.9`, `[2001:db8::9]:8443`. Names are of ASCII, as
/// they are looked up (a name with an accent begins with `xn--`), and in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Destination {
    host: Host,
    port: u16,
}

/// What a destination is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    Name(String),
    Address(IpAddr),
}

impl Destination {
    /// # Errors
    /// `host` is neither a name nor an address (an IPv6 address stands in brackets).
    pub fn new(host: &str, port: u16) -> Result<Self, Invalid> {
        if port == 0 {
            return Err(Invalid::new("", "port 0 is none"));
        }
        if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
            let address = inner.parse::<Ipv6Addr>().map_err(|_| Invalid::new("", "has brackets around what is no IPv6 address"))?;
            return Ok(Self { host: Host::Address(address.into()), port });
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Self { host: Host::Address(address), port });
        }
        Ok(Self { host: Host::Name(name(host)?), port })
    }

    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Is the port one that an authority may have opened: 443, or one from 1,024 on?
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        self.port == HTTPS || self.port >= OWN
    }
}

/// A name of letters, digits and hyphens whose last label is no number: old resolvers read `127.1` and `0x7f.1` as addresses.
fn name(host: &str) -> Result<String, Invalid> {
    let refused = |why: &str| Err(Invalid::new("", why));
    if host.is_empty() || host.len() > LONGEST {
        return refused("is no name of 1 to 253 characters");
    }
    let right = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !host.split('.').all(right) {
        return refused("is no name: labels of letters, digits and hyphens, with dots between them");
    }
    if host.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit())) {
        return refused("ends in a number, and is no whole address");
    }
    Ok(host.to_ascii_lowercase())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        if self.port == HTTPS { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl FromStr for Destination {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bracket = text.rfind(']').unwrap_or(0);
        let Some(colon) = text[bracket..].find(':').map(|i| i + bracket) else { return Self::new(text, HTTPS) };
        let port = text[colon + 1..].parse().map_err(|_| Invalid::new("", "has no number of a port after the colon"))?;
        Self::new(&text[..colon], port)
    }
}

impl TryFrom<String> for Destination {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Destination> for String {
    fn from(destination: Destination) -> Self {
        destination.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_written_in_one_way() {
        for (written, is) in [
            ("login.example.org", "login.example.org"),
            ("Login.Example.ORG:443", "login.example.org"),
            ("hooks.example.org:8443", "hooks.example.org:8443"),
            ("203.0.113.9", "203.0.113.9"),
            ("[2001:DB8::9]:8443", "[2001:db8::9]:8443"),
            ("[2001:db8::9]", "[2001:db8::9]"),
            ("localhost:8080", "localhost:8080"),
            ("xn--cymru-7sa.example", "xn--cymru-7sa.example"),
        ] {
            let read: Destination = written.parse().unwrap();
            assert_eq!(read.to_string(), is);
            assert_eq!(is.parse::<Destination>().unwrap(), read);
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in [
            "",
            ".",
            "a..b",
            "example.org.",
            "-a.org",
            "a-.org",
            "a b.org",
            "a_b.org",
            "ŵyr.example",
            "user@example.org",
            "example.org/x",
            "https://example.org",
            "127.1",
            "0x7f.1",
            "1.2.3",
            "1.2.3.4.5",
            "example.org:",
            "example.org:0",
            "example.org:65536",
            "2001:db8::9",
            "[203.0.113.9]",
            "[::1",
            "a.b:1:2",
            "example.0x7f",
            "%31.example",
        ] {
            assert!(text.parse::<Destination>().is_err(), "{text}");
        }
        assert!(format!("{}.org", "a".repeat(64)).parse::<Destination>().is_err());
        assert!(vec!["abcdefg"; 40].join(".").parse::<Destination>().is_err());
    }

    #[test]
    fn ports_of_a_machines_own_services_are_not_usual() {
        for (text, usual) in
            [("a.org", true), ("a.org:8443", true), ("a.org:1024", true), ("a.org:25", false), ("a.org:80", false), ("a.org:1023", false)]
        {
            assert_eq!(text.parse::<Destination>().unwrap().is_usual(), usual, "{text}");
        }
    }
}
