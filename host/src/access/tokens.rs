//! New tokens. The text is shown once, to whoever asked for it; what is kept of it opens nothing.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::record::{AuthorityId, Digest, Invalid, KnownAt, fact};
use crate::store::{StoreError, Stores, Token};

/// What every token begins with, so that one that was left in a file or a repository is found by searching.
pub const PREFIX: &str = "hearth_";
/// Bytes of randomness: guessing one is as hopeless as guessing a key.
const RANDOM_BYTES: usize = 32;

/// A token that was just made.
#[derive(Debug)]
pub struct Issued {
    /// What the caller sends. It is nowhere else.
    pub token: String,
    /// What it is revoked by.
    pub hash: Digest,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    #[error("this machine gave no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a token for one authority, or for the operator where none is named, and keeps its hash.
///
/// # Errors
/// [`NotIssued`]: `NoSuch` where there is no such authority, `Invalid` naming `name`.
pub async fn issue(stores: &Stores, name: &str, authority: Option<&AuthorityId>, expires_at: Option<KnownAt>) -> Result<Issued, NotIssued> {
    fact::text("name", name, 100)?;
    let common = stores.common();
    if let Some(code) = authority
        && common.authority(code).await?.is_none()
    {
        return Err(StoreError::NoSuch { what: "authority", id: code.to_string() }.into());
    }
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(NotIssued::Randomness)?;
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let hash = Digest::of(token.as_bytes());
    let mut tx = common.write("hearth token", "made a token").await?;
    let created_at = tx.now();
    tx.add_token(&Token { hash, name: name.to_owned(), authority: authority.cloned(), created_at, expires_at, revoked_at: None }).await?;
    tx.commit().await?;
    Ok(Issued { token, hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Principal, sign_in};
    use crate::store::tests::{BRISTOL, House, code};

    #[tokio::test]
    async fn a_token_signs_its_holder_in_until_it_is_revoked() {
        let (house, _) = House::new().await;
        let common = house.stores.common();
        let now = house.stores.clock().now();
        let issued = issue(&house.stores, "data manager", Some(&code(BRISTOL)), None).await.unwrap();
        assert_eq!(issued.token.len(), PREFIX.len() + 43);

        let holder = Principal { name: "data manager".into(), authority: Some(code(BRISTOL)) };
        assert_eq!(sign_in(common, now, &issued.token).await.unwrap(), Some(holder));
        assert_eq!(sign_in(common, now, "hearth_somethingelse").await.unwrap(), None);

        let mut tx = common.write("tests", "revoked a token").await.unwrap();
        tx.revoke_token(&issued.hash).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sign_in(common, now, &issued.token).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_token_is_for_an_authority_that_is_there() {
        let (house, _) = House::new().await;
        let refused = issue(&house.stores, "data manager", Some(&code("E08000035")), None).await.unwrap_err();
        assert!(matches!(refused, NotIssued::Store(StoreError::NoSuch { what: "authority", .. })), "{refused}");
    }
}
