//! Tokens that programs and people call with. The host keeps their hash: what is read here opens nothing.

use super::error::exists;
use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::{AuthorityId, Digest, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub hash: Digest,
    /// Whose it is: the principal of what is done with it.
    pub name: String,
    /// The one authority it is for; none for a publisher or operator.
    pub authority: Option<AuthorityId>,
    pub created_at: KnownAt,
    pub expires_at: Option<KnownAt>,
    pub revoked_at: Option<KnownAt>,
}

impl Common {
    /// Expired and revoked ones too: the caller says what is wrong with it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn token(&self, hash: &Digest) -> Result<Option<Token>, StoreError> {
        const SQL: &str = "SELECT hash, name, authority, created_at, expires_at, revoked_at FROM token WHERE hash = $1";
        let row = query(SQL).key(hash).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        const SQL: &str = "SELECT hash, name, authority, created_at, expires_at, revoked_at FROM token ORDER BY name, created_at";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl CommonTx {
    /// # Errors
    /// `Exists` where the same token was kept before.
    pub async fn add_token(&mut self, token: &Token) -> Result<(), StoreError> {
        query("INSERT INTO token (hash, name, authority, created_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&token.hash)
            .bind(&token.name)
            .bind(token.authority.as_ref().map(AuthorityId::as_str))
            .at(token.created_at)
            .maybe_at(token.expires_at)
            .maybe_at(token.revoked_at)
            .execute(self.connection())
            .await
            .map_err(exists("token", "hash"))?;
        Ok(())
    }

    /// From now on it opens nothing. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `NoSuch` where there is no such token.
    pub async fn revoke_token(&mut self, hash: &Digest) -> Result<(), StoreError> {
        let at = self.at;
        let done = query("UPDATE token SET revoked_at = COALESCE(revoked_at, $2) WHERE hash = $1")
            .key(hash)
            .at(at)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::no_such("token", hash)) } else { Ok(()) }
    }
}

fn read(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        hash: row.key("hash")?,
        name: row.text("name")?,
        authority: match row.maybe_text("authority")? {
            Some(code) => Some(code.parse()?),
            None => None,
        },
        created_at: row.at("created_at")?,
        expires_at: row.maybe_at("expires_at")?,
        revoked_at: row.maybe_at("revoked_at")?,
    })
}
