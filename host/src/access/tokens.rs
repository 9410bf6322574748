//! New tokens. The text is shown once, to whoever asked for it; what is kept of it opens nothing.

use super::secrets::{NoRandomness, Secret};
use super::{Roles, Verbs};
use crate::record::{AuthorityId, Digest, Invalid, KnownAt, LoginId, fact};
use crate::store::{NewToken, StoreError, Stores};

/// What every token begins with, so that one that was left in a file or a repository is found by searching.
pub const PREFIX: &str = "hearth_";

/// Whose a token is to be.
#[derive(Debug, Clone)]
pub enum For {
    Operator,
    /// A program of one authority's, and what it does there.
    System {
        authority: AuthorityId,
        roles: Roles,
    },
    /// Somebody; at one authority alone where one is named.
    Person {
        login: LoginId,
        authority: Option<AuthorityId>,
    },
}

impl For {
    /// A council's own system, that may do all that a system may.
    #[must_use]
    pub fn council(authority: AuthorityId) -> Self {
        Self::System { authority, roles: std::iter::once(super::Role::System).collect() }
    }

    const fn authority(&self) -> Option<&AuthorityId> {
        match self {
            Self::Operator => None,
            Self::System { authority, .. } => Some(authority),
            Self::Person { authority, .. } => authority.as_ref(),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Of a system or an operator: stands in the record beside everything done with it. Of a person: what the token is for.
    pub name: &'a str,
    pub of: For,
    /// None: all that its holder may.
    pub verbs: Option<Verbs>,
    pub expires_at: Option<KnownAt>,
    pub made_by: &'a str,
}

impl<'a> Asked<'a> {
    /// One that opens all that its holder may, until it is revoked, made on the host itself.
    #[must_use]
    pub const fn on_the_host(name: &'a str, of: For) -> Self {
        Self { name, of, verbs: None, expires_at: None, made_by: "operator" }
    }
}

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
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Invalid> for NotIssued {
    fn from(invalid: Invalid) -> Self {
        Self::Store(invalid.into())
    }
}

/// Makes a token and keeps its hash.
///
/// # Errors
/// [`NotIssued`]: `NoSuch` where there is no such authority or login, `Invalid` naming `name`, `roles` or `verbs`.
pub async fn issue(stores: &Stores, asked: Asked<'_>) -> Result<Issued, NotIssued> {
    fact::text("name", asked.name, 100)?;
    let common = stores.common();
    if let Some(code) = asked.of.authority()
        && common.authority(code).await?.is_none()
    {
        return Err(StoreError::NoSuch { what: "authority", id: code.to_string() }.into());
    }
    let (login, roles) = match &asked.of {
        For::Operator => (None, None),
        For::System { roles, .. } if roles.is_empty() => return Err(Invalid::new("roles", "is empty: a system has one at least").into()),
        For::System { roles, .. } => (None, Some(roles.to_string())),
        For::Person { login, .. } => (Some(*login), None),
    };
    let verbs = asked.verbs.map(|v| v.to_string());
    if verbs.as_deref() == Some("") {
        return Err(Invalid::new("verbs", "is empty: leave it out for all that its holder may").into());
    }
    let Secret { text: token, hash } = Secret::fresh(PREFIX)?;
    let mut tx = common.write(asked.made_by, "made a token").await?;
    let authority = asked.of.authority().cloned();
    let (name, made_by, expires_at) = (asked.name.to_owned(), asked.made_by.to_owned(), asked.expires_at);
    tx.add_token(&NewToken { hash, name, authority, login, roles, verbs, made_by, expires_at }).await?;
    tx.commit().await?;
    Ok(Issued { token, hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Credential, Role, Who, sign_in};
    use crate::store::tests::{BRISTOL, House, code};

    #[tokio::test]
    async fn a_token_signs_its_holder_in_until_it_is_revoked() {
        let (house, _) = House::new().await;
        let common = house.stores.common();
        let now = house.stores.clock().now();
        let issued = issue(&house.stores, Asked::on_the_host("forms", For::council(code(BRISTOL)))).await.unwrap();
        assert_eq!(issued.token.len(), PREFIX.len() + 43);

        let found = sign_in(common, now, Credential::Token(&issued.token)).await.unwrap().unwrap();
        let roles: Roles = std::iter::once(Role::System).collect();
        assert_eq!((found.who, found.authority), (Who::System { name: "forms".into(), roles }, Some(code(BRISTOL))));
        assert_eq!(common.token(&issued.hash).await.unwrap().unwrap().used_on, Some(now.day()));
        assert_eq!(sign_in(common, now, Credential::Token("hearth_somethingelse")).await.unwrap(), None);

        let mut tx = common.write("tests", "revoked a token").await.unwrap();
        tx.revoke_token(&issued.hash).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sign_in(common, now, Credential::Token(&issued.token)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_token_is_for_an_authority_that_is_there() {
        let (house, _) = House::new().await;
        let refused = issue(&house.stores, Asked::on_the_host("forms", For::council(code("E08000035")))).await.unwrap_err();
        assert!(matches!(refused, NotIssued::Store(StoreError::NoSuch { what: "authority", .. })), "{refused}");
    }
}
