//! Who is calling, and what they may do. A caller shows a bearer token (RFC 6750); the host keeps the token's hash.

pub mod policy;
pub mod tokens;

use std::fmt;

use crate::record::{AuthorityId, Digest, KnownAt};
use crate::store::{Common, StoreError};

/// Whoever does what is done: the holder of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub name: String,
    /// The one authority that it acts for; none: the operator of this host.
    pub authority: Option<AuthorityId>,
}

/// Unique where authorities meet: two councils may both have a "data manager".
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.authority {
            Some(authority) => write!(f, "{authority}/{}", self.name),
            None => write!(f, "operator/{}", self.name),
        }
    }
}

/// Finds the holder of a token. None where it is unknown, revoked or expired: a caller is not told which.
///
/// # Errors
/// The common file cannot be read.
pub async fn sign_in(common: &Common, now: KnownAt, token: &str) -> Result<Option<Principal>, StoreError> {
    let found = common.token(&Digest::of(token.as_bytes())).await?;
    Ok(found.filter(|t| policy::is_in_force(t, now)).map(|t| Principal { name: t.name, authority: t.authority }))
}
