//! Where mail reaches people, and the one-time codes that go there.

use super::error::exists;
use super::sql::query;
use super::tokens::read_login;
use super::{Common, CommonTx, Login, StoreError};
use crate::record::{Digest, KnownAt, LoginId};

/// A code on its way in.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Hash of what whoever asked was given.
    pub attempt: Digest,
    /// Hash of the address.
    pub about: Digest,
    /// None: nobody of ours.
    pub login: Option<LoginId>,
    /// The code, keyed with what whoever asked was given.
    pub code: Digest,
    pub expires_at: KnownAt,
}

impl Common {
    /// Where mail reaches somebody, in small letters. None: nowhere that they have shown to be theirs.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn address_of(&self, login: LoginId) -> Result<Option<String>, StoreError> {
        let row = query("SELECT address FROM login_address WHERE login = $1").key(&login).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| row.text("address")).transpose()
    }
}

impl CommonTx {
    /// Whom mail to an address in small letters reaches, closed logins too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn login_at(&mut self, address: &str) -> Result<Option<Login>, StoreError> {
        const SQL: &str = "SELECT a.login, l.name AS login_name, l.organisation, l.created_at AS login_created_at, l.closed_at \
             FROM login_address a JOIN login l ON l.id = a.login WHERE a.address = $1";
        let row = query(SQL).bind(address).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_login).transpose()
    }

    /// # Errors
    /// `Exists` where the address is another's, or the login has another.
    pub async fn add_address(&mut self, address: &str, login: LoginId) -> Result<(), StoreError> {
        let at = self.at;
        query("INSERT INTO login_address (address, login, at) VALUES ($1, $2, $3)")
            .bind(address)
            .key(&login)
            .at(at)
            .execute(self.connection())
            .await
            .map_err(exists("login", "address"))?;
        Ok(())
    }

    /// When the codes for an address were asked for since then, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn codes_since(&mut self, about: &Digest, since: KnownAt) -> Result<Vec<KnownAt>, StoreError> {
        const SQL: &str = "SELECT at FROM sign_in_code WHERE about = $1 AND at > $2 ORDER BY at";
        let rows = query(SQL).key(about).at(since).fetch_all(self.connection()).await?;
        rows.iter().map(|row| row.at("at")).collect()
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_code(&mut self, new: &NewCode) -> Result<(), StoreError> {
        let at = self.at;
        query("INSERT INTO sign_in_code (attempt, about, login, code, tries, at, expires_at) VALUES ($1, $2, $3, $4, 0, $5, $6)")
            .key(&new.attempt)
            .key(&new.about)
            .maybe_key(new.login.as_ref())
            .key(&new.code)
            .at(at)
            .at(new.expires_at)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes one of the tries of a code that is in force: whose it is, and the code as it is kept. None: there is no such code, it has
    /// expired, or its tries are used up.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn try_code(&mut self, attempt: &Digest, most: i64) -> Result<Option<(Option<LoginId>, Digest)>, StoreError> {
        const SQL: &str = "UPDATE sign_in_code SET tries = tries + 1 WHERE attempt = $1 AND tries < $2 AND expires_at > $3 \
             RETURNING login, code";
        let at = self.at;
        let row = query(SQL).key(attempt).bind(most).at(at).fetch_optional(self.connection()).await?;
        row.map(|row| Ok((row.maybe_key("login")?, row.key("code")?))).transpose()
    }

    /// None of somebody's codes opens anything any more. They stay, to be counted.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn use_codes(&mut self, login: LoginId, most: i64) -> Result<(), StoreError> {
        query("UPDATE sign_in_code SET tries = $2 WHERE login = $1").key(&login).bind(most).execute(self.connection()).await?;
        Ok(())
    }
}
