//! What a signature says of itself, in its trusted comment: `hearth name:family-goals version:1.0.0 digest:sha256:…`.

use std::fmt;

use super::Distrust;
use crate::record::Digest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub name: String,
    pub version: String,
    pub digest: Digest,
}

impl fmt::Display for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hearth name:{} version:{} digest:{}", self.name, self.version, self.digest)
    }
}

impl Stated {
    #[must_use]
    pub fn of(name: &str, version: &str, digest: Digest) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), digest }
    }

    /// # Errors
    /// [`Distrust::Unreadable`]: it is not exactly what `hearth plugin sign` writes, and could be read in two ways.
    pub fn read(comment: &str) -> Result<Self, Distrust> {
        let unreadable = || Distrust::Unreadable("its trusted comment does not say which plugin, version and digest it is for");
        let mut words = comment.split(' ');
        let mut next = |prefix: &str| words.next().and_then(|w| w.strip_prefix(prefix)).map(str::to_owned).ok_or_else(unreadable);
        next("hearth")?;
        let (name, version) = (next("name:")?, next("version:")?);
        let digest = next("digest:")?.parse().map_err(|_| unreadable())?;
        let stated = Self { name, version, digest };
        if stated.to_string() == comment { Ok(stated) } else { Err(unreadable()) }
    }

    /// Is it about this plugin? A signature of an older version that lies beside a newer one is not.
    ///
    /// # Errors
    /// [`Distrust::OfAnother`].
    pub fn must_be(&self, name: &str, version: &str, digest: &Digest) -> Result<(), Distrust> {
        let of_another = |field, signed: &dyn fmt::Display, says: &dyn fmt::Display| {
            Err(Distrust::OfAnother { field, signed: signed.to_string(), says: says.to_string() })
        };
        if self.name != name {
            return of_another("name", &self.name, &name);
        }
        if self.version != version {
            return of_another("version", &self.version, &version);
        }
        if self.digest != *digest {
            return of_another("digest", &self.digest, digest);
        }
        Ok(())
    }
}
