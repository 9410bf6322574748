//! Where a client's secret is. An authority's administrator names a file or a variable of the authority's own: with any name they could
//! have the host send its own secrets to a provider of theirs.

use std::fmt;
use std::str::FromStr;

use crate::access::{NotLetIn, Reception};
use crate::record::{AuthorityId, Invalid, ids};

/// Where a secret is. Read each time that it is needed: a new one is used at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file in the authority's folder of secrets.
    File(String),
    /// A variable of the host's environment that begins as [`Place::lead`] says.
    Environment(String),
}

impl Place {
    /// What the variables of an authority begin with.
    #[must_use]
    pub fn lead(authority: &AuthorityId) -> String {
        format!("HEARTH_PROVIDER_{authority}_")
    }

    /// # Errors
    /// `Invalid`, naming `file` or `environment`: it is not the authority's own.
    pub fn check(&self, authority: &AuthorityId) -> Result<(), Invalid> {
        match self {
            Self::File(name) if ids::is_slug(name) => Ok(()),
            Self::File(_) => Err(Invalid::new(
                "file",
                "is the name of a file in the authority's folder of secrets: 2 to 64 small letters, digits and hyphens",
            )),
            Self::Environment(name) => {
                let lead = Self::lead(authority);
                let rest = name.strip_prefix(&lead).unwrap_or_default();
                if !rest.is_empty() && name.len() <= 100 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
                {
                    return Ok(());
                }
                Err(Invalid::new(
                    "environment",
                    format!("is the name of a variable that begins with {lead}, and goes on in capitals, digits and _"),
                ))
            }
        }
    }

    /// # Errors
    /// `ProviderFailed`: it is not there.
    pub async fn read(&self, reception: &Reception, authority: &AuthorityId) -> Result<String, NotLetIn> {
        let missing = || {
            NotLetIn::ProviderFailed(
                "cannot be spoken to: the client's secret is not where the authority said, or the host may not read it",
            )
        };
        self.check(authority)?;
        let text = match self {
            Self::Environment(name) => std::env::var(name).map_err(|_| missing())?,
            Self::File(name) => {
                let folder = reception.secrets_of(authority).ok_or_else(missing)?;
                tokio::fs::read_to_string(folder.join(name)).await.map_err(|_| missing())?
            }
        };
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl FromStr for Place {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.split_once(':') {
            Some(("file", name)) => Ok(Self::File(name.to_owned())),
            Some(("environment", name)) => Ok(Self::Environment(name.to_owned())),
            _ => Err(Invalid::new("", "is neither `file:` nor `environment:` and a name")),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "file:{name}"),
            Self::Environment(name) => write!(f, "environment:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_authority_names_a_secret_that_is_not_its_own() {
        let bristol: AuthorityId = "E06000023".parse().unwrap();
        for (place, good) in [
            ("file:oidc", true),
            ("environment:HEARTH_PROVIDER_E06000023_SECRET", true),
            ("file:../E08000035/oidc", false),
            ("file:/etc/shadow", false),
            ("file:", false),
            ("environment:HEARTH_DATABASE_PASSWORD_FILE", false),
            ("environment:HEARTH_PROVIDER_E08000035_SECRET", false),
            ("environment:HEARTH_PROVIDER_E06000023_", false),
            ("environment:PATH", false),
            ("a secret", false),
        ] {
            assert_eq!(place.parse::<Place>().and_then(|p| p.check(&bristol)).is_ok(), good, "{place}");
        }
    }
}
