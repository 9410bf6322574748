//! What signing in needs of the host: its own address, its post, the door out, where secrets of identity providers are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use super::NotLetIn;
use super::provider::Known;
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::record::{AuthorityId, Invalid};

/// Where people reach this host: what stands before the paths of links and of the way back from a provider. Never taken from a request,
/// whose sender could then choose where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress(String);

impl OwnAddress {
    /// A path of this host, in full.
    #[must_use]
    pub fn with(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OwnAddress {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused =
            || Invalid::new("", "is not an address such as https://hearth.example.org (http:// only for 127.0.0.1 and localhost)");
        let url = url::Url::parse(text).map_err(|_| refused())?;
        let own = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
        let bare =
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        if !bare || !(url.scheme() == "https" || url.scheme() == "http" && own) {
            return Err(refused());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for OwnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What signing in needs of the host. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reception(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Option<OwnAddress>,
    mail: Mail,
    door: Door,
    secrets: Option<PathBuf>,
    known: Known,
}

impl Reception {
    /// `secrets`: the folder in which each authority's has one of its own.
    #[must_use]
    pub fn new(address: Option<OwnAddress>, mail: Mail, door: Door, secrets: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { address, mail, door, secrets, known: Known::default() }))
    }

    /// One that sends no mail and has no address: tokens alone open anything.
    #[must_use]
    pub fn of_tokens_alone() -> Self {
        Self::new(None, Mail::nowhere(), Door::new(Openings::default()), None)
    }

    /// # Errors
    /// `NoAddress`.
    pub fn address(&self) -> Result<&OwnAddress, NotLetIn> {
        self.0.address.as_ref().ok_or(NotLetIn::NoAddress)
    }

    #[must_use]
    pub fn mail(&self) -> &Mail {
        &self.0.mail
    }

    #[must_use]
    pub fn door(&self) -> &Door {
        &self.0.door
    }

    /// What identity providers said of themselves.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.0.known
    }

    /// The folder of an authority's own secrets.
    #[must_use]
    pub fn secrets_of(&self, authority: &AuthorityId) -> Option<PathBuf> {
        self.0.secrets.as_deref().map(|folder: &Path| folder.join(authority.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_address_is_https_or_this_machine_and_nothing_behind_it() {
        for (text, kept) in [
            ("https://hearth.example.org", Some("https://hearth.example.org")),
            ("https://Hearth.Example.org:8443/", Some("https://hearth.example.org:8443")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://hearth.example.org", None),
            ("https://hearth.example.org/path", None),
            ("https://hearth.example.org/?a=b", None),
            ("https://user@hearth.example.org", None),
            ("hearth.example.org", None),
            ("file:///etc", None),
        ] {
            assert_eq!(text.parse::<OwnAddress>().ok().as_ref().map(OwnAddress::as_str), kept, "{text}");
        }
    }
}
