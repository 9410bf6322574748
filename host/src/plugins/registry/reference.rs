//! Where a plugin lies: `oci://registry.example.org/charity/family-goals:1.0.0`, with or without `@sha256:…`.

use std::fmt;
use std::str::FromStr;

use super::RegistryError;
use crate::record::Digest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// With its port, if it says one.
    pub host: String,
    pub repository: String,
    /// What is asked for where no digest is.
    pub tag: String,
    pub digest: Option<Digest>,
    /// `tag`, or the digest as text.
    wanted: String,
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
}

impl FromStr for Reference {
    type Err = RegistryError;
    fn from_str(text: &str) -> Result<Self, RegistryError> {
        let refused = |why| Err(RegistryError::Reference(why));
        let Some(rest) = text.strip_prefix("oci://").filter(|_| text.len() <= 500) else { return refused("does not begin with oci://") };
        let Some((host, path)) = rest.split_once('/') else { return refused("names no repository after its registry") };
        if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']')) {
            return refused("names no registry as names are looked up");
        }
        let (path, digest) = match path.split_once('@') {
            None => (path, None),
            Some((path, digest)) => match digest.parse::<Digest>() {
                Ok(digest) => (path, Some(digest)),
                Err(_) => return refused("has no sha256 digest after its @"),
            },
        };
        let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
        if !repository.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_name)) {
            return refused("has a repository with other than small letters, digits and -_. in it");
        }
        let tagged = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if tag.is_empty() || tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.bytes().all(tagged) {
            return refused("has a tag with other than letters, digits and -_. in it");
        }
        let wanted = digest.map_or_else(|| tag.to_owned(), |d| d.to_string());
        Ok(Self { host: host.to_owned(), repository: repository.to_owned(), tag: tag.to_owned(), digest, wanted })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oci://{}/{}:{}", self.host, self.repository, self.tag)?;
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl Reference {
    /// What is asked for: the digest where there is one.
    #[must_use]
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// The version that the tag names, if it is one: `1.0.0` or `v1.0.0`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let bare = self.tag.strip_prefix('v').unwrap_or(&self.tag);
        let parts: Vec<&str> = bare.split('.').collect();
        let version = parts.len() == 3 && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        version.then_some(bare)
    }
}
