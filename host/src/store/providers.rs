//! By which identity provider an authority's people sign in, whom it knows, and who is on the way there.

use super::error::exists;
use super::sql::query;
use super::{AuthorityStore, AuthorityTx, ChangeId, CommonTx, StoreError};
use crate::record::{AuthorityId, Digest, KnownAt, LoginId};

/// An identity provider, as an authority named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub issuer: String,
    /// What the provider calls this host.
    pub client: String,
    /// Where the client's secret is, never what it is. None: it has none.
    pub secret: Option<String>,
    /// What its tokens are signed with: a code of [`Algorithm`](crate::access::provider::Algorithm).
    pub algorithm: String,
}

/// Somebody on the way to an authority's provider and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Hash of what goes there and comes back.
    pub state: Digest,
    /// Hash of what their browser was given.
    pub browser: Digest,
    pub authority: AuthorityId,
    /// A path of this host.
    pub return_to: String,
    pub expires_at: KnownAt,
}

impl AuthorityStore {
    /// The one in force, and the change that named it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn identity_provider(&self) -> Result<Option<(ChangeId, Provider)>, StoreError> {
        const SQL: &str = "SELECT change, issuer, client, secret, algorithm FROM identity_provider ORDER BY change DESC LIMIT 1";
        let Some(row) = query(SQL).fetch_optional(&mut *self.read().await?).await? else { return Ok(None) };
        let Some(issuer) = row.maybe_text("issuer")? else { return Ok(None) };
        let provider =
            Provider { issuer, client: row.text("client")?, secret: row.maybe_text("secret")?, algorithm: row.text("algorithm")? };
        Ok(Some((ChangeId(row.number("change")?), provider)))
    }

    /// Whom the provider calls so.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn login_called(&self, issuer: &str, subject: &str) -> Result<Option<LoginId>, StoreError> {
        let row = query("SELECT login FROM provider_subject WHERE issuer = $1 AND subject = $2")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.map(|row| row.key("login")).transpose()
    }
}

impl AuthorityTx {
    /// From now on this one, or none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_identity_provider(&mut self, provider: Option<&Provider>) -> Result<ChangeId, StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO identity_provider (change, issuer, client, secret, algorithm) VALUES ($1, $2, $3, $4, $5)")
            .bind(change.0)
            .bind(provider.map(|p| p.issuer.as_str()))
            .bind(provider.map(|p| p.client.as_str()))
            .bind(provider.and_then(|p| p.secret.as_deref()))
            .bind(provider.map(|p| p.algorithm.as_str()))
            .execute(self.connection())
            .await?;
        Ok(change)
    }

    /// From now on this is what the provider calls them.
    ///
    /// # Errors
    /// `Exists` where it calls somebody so already.
    pub async fn name_subject(&mut self, issuer: &str, subject: &str, login: LoginId) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO provider_subject (issuer, subject, login, change) VALUES ($1, $2, $3, $4)")
            .bind(issuer)
            .bind(subject)
            .key(&login)
            .bind(change.0)
            .execute(self.connection())
            .await
            .map_err(exists("person", "subject"))?;
        Ok(())
    }
}

impl CommonTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn begin_visit(&mut self, visit: &Visit) -> Result<(), StoreError> {
        query("INSERT INTO provider_visit (state, browser, authority, return_to, expires_at) VALUES ($1, $2, $3, $4, $5)")
            .key(&visit.state)
            .key(&visit.browser)
            .bind(visit.authority.as_str())
            .bind(visit.return_to.clone())
            .at(visit.expires_at)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whoever comes back: once. Expired ones too: the caller says so.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_visit(&mut self, state: &Digest) -> Result<Option<Visit>, StoreError> {
        const SQL: &str = "DELETE FROM provider_visit WHERE state = $1 RETURNING state, browser, authority, return_to, expires_at";
        let Some(row) = query(SQL).key(state).fetch_optional(self.connection()).await? else { return Ok(None) };
        Ok(Some(Visit {
            state: row.key("state")?,
            browser: row.key("browser")?,
            authority: row.parsed("authority")?,
            return_to: row.text("return_to")?,
            expires_at: row.at("expires_at")?,
        }))
    }
}
