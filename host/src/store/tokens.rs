//! Tokens that programs and people call with, and the logins of people. The host keeps a token's hash: what is read here opens nothing.

use super::error::exists;
use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::{AuthorityId, Day, Digest, KnownAt, LoginId, OrganisationId};

/// Somebody who works with families, once for all councils that they work for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub id: LoginId,
    pub name: String,
    /// Who employs them.
    pub organisation: OrganisationId,
    pub created_at: KnownAt,
    /// From then on nothing of theirs opens anything.
    pub closed_at: Option<KnownAt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub hash: Digest,
    /// Of a system or an operator: the principal of what is done with it. Of a person: what it is for.
    pub name: String,
    /// The one authority it is for; none: the operator's, or all of a person's.
    pub authority: Option<AuthorityId>,
    /// Whose it is; none: a system's, or the operator's.
    pub login: Option<Login>,
    /// Of a system: codes with spaces between.
    pub roles: Option<String>,
    /// It opens these alone, codes with spaces between; none: all that its holder may.
    pub verbs: Option<String>,
    pub made_by: String,
    pub created_at: KnownAt,
    pub expires_at: Option<KnownAt>,
    pub revoked_at: Option<KnownAt>,
    /// The last day on which it opened anything.
    pub used_on: Option<Day>,
}

/// A token on its way in.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub hash: Digest,
    pub name: String,
    pub authority: Option<AuthorityId>,
    pub login: Option<LoginId>,
    pub roles: Option<String>,
    pub verbs: Option<String>,
    pub made_by: String,
    pub expires_at: Option<KnownAt>,
}

macro_rules! token {
    ($rest:literal) => {
        concat!(
            "SELECT t.hash, t.name, t.authority, t.login, t.roles, t.verbs, t.made_by, t.created_at, t.expires_at, t.revoked_at, ",
            "t.used_on, l.name AS login_name, l.organisation, l.created_at AS login_created_at, l.closed_at ",
            "FROM token t LEFT JOIN login l ON l.id = t.login ",
            $rest
        )
    };
}

const LOGIN: &str = "SELECT id AS login, name AS login_name, organisation, created_at AS login_created_at, closed_at \
     FROM login WHERE id = $1";

impl Common {
    /// With its holder. Expired and revoked ones too: the caller says what is wrong with it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn token(&self, hash: &Digest) -> Result<Option<Token>, StoreError> {
        let row = query(token!("WHERE t.hash = $1")).key(hash).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let rows = query(token!("ORDER BY t.name, t.created_at")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those that are for one authority alone, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn tokens_of(&self, authority: &AuthorityId) -> Result<Vec<Token>, StoreError> {
        let rows = query(token!("WHERE t.authority = $1 ORDER BY t.name, t.created_at"))
            .bind(authority.as_str().to_owned())
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Notes that a token opened something on that day.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_use(&self, hash: &Digest, on: Day) -> Result<(), StoreError> {
        let mut tx = self.write("hearth", "noted that a token was used").await?;
        query("UPDATE token SET used_on = $2 WHERE hash = $1 AND (used_on IS NULL OR used_on < $2)")
            .key(hash)
            .day(on)
            .execute(tx.connection())
            .await?;
        tx.commit().await
    }

    /// # Errors
    /// `NoSuch` where there is no such login.
    pub async fn login(&self, id: LoginId) -> Result<Login, StoreError> {
        let row = query(LOGIN).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read_login(&row.ok_or_else(|| StoreError::no_such("login", id))?)
    }

    /// Where somebody was ever given a role, by code.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn authorities_of(&self, login: LoginId) -> Result<Vec<AuthorityId>, StoreError> {
        let rows = query("SELECT authority FROM login_authority WHERE login = $1 ORDER BY authority")
            .key(&login)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(|row| row.parsed("authority")).collect()
    }
}

impl CommonTx {
    /// # Errors
    /// `Exists` where the same token was kept before; `NoSuch` where there is no such login.
    pub async fn add_token(&mut self, token: &NewToken) -> Result<(), StoreError> {
        if let Some(login) = token.login {
            self.must_have_login(login).await?;
        }
        let at = self.at;
        query(
            "INSERT INTO token (hash, name, authority, login, roles, verbs, made_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .key(&token.hash)
        .bind(token.name.clone())
        .bind(token.authority.as_ref().map(|a| a.as_str().to_owned()))
        .maybe_key(token.login.as_ref())
        .bind(token.roles.clone())
        .bind(token.verbs.clone())
        .bind(token.made_by.clone())
        .at(at)
        .maybe_at(token.expires_at)
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

    /// Somebody new. What they do where is each authority's to say.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_login(&mut self, name: &str, organisation: &OrganisationId) -> Result<Login, StoreError> {
        let login =
            Login { id: LoginId::fresh(), name: name.to_owned(), organisation: organisation.clone(), created_at: self.at, closed_at: None };
        query("INSERT INTO login (id, name, organisation, created_at) VALUES ($1, $2, $3, $4)")
            .key(&login.id)
            .bind(login.name.clone())
            .bind(login.organisation.as_str().to_owned())
            .at(login.created_at)
            .execute(self.connection())
            .await?;
        Ok(login)
    }

    /// As in the store.
    ///
    /// # Errors
    /// `NoSuch` where there is no such login.
    pub async fn login_of(&mut self, id: LoginId) -> Result<Login, StoreError> {
        let row = query(LOGIN).key(&id).fetch_optional(self.connection()).await?;
        read_login(&row.ok_or_else(|| StoreError::no_such("login", id))?)
    }

    /// Notes that somebody has a role at an authority, or had one.
    ///
    /// # Errors
    /// `NoSuch` where there is no such login.
    pub async fn note_authority(&mut self, login: LoginId, authority: &AuthorityId) -> Result<(), StoreError> {
        self.must_have_login(login).await?;
        query("INSERT INTO login_authority (login, authority) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .key(&login)
            .bind(authority.as_str().to_owned())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// From now on nothing of theirs opens anything. Closing it again changes nothing.
    ///
    /// # Errors
    /// `NoSuch` where there is no such login.
    pub async fn close_login(&mut self, id: LoginId) -> Result<(), StoreError> {
        let at = self.at;
        let done =
            query("UPDATE login SET closed_at = COALESCE(closed_at, $2) WHERE id = $1").key(&id).at(at).execute(self.connection()).await?;
        if done.rows_affected() == 0 { Err(StoreError::no_such("login", id)) } else { Ok(()) }
    }

    pub(super) async fn must_have_login(&mut self, id: LoginId) -> Result<(), StoreError> {
        let found = query("SELECT 1 FROM login WHERE id = $1").key(&id).fetch_optional(self.connection()).await?;
        if found.is_some() { Ok(()) } else { Err(StoreError::no_such("login", id)) }
    }
}

fn read(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        hash: row.key("hash")?,
        name: row.text("name")?,
        authority: row.maybe_text("authority")?.map(|code| code.parse()).transpose()?,
        login: match row.maybe_key::<LoginId>("login")? {
            Some(_) => Some(read_login(row)?),
            None => None,
        },
        roles: row.maybe_text("roles")?,
        verbs: row.maybe_text("verbs")?,
        made_by: row.text("made_by")?,
        created_at: row.at("created_at")?,
        expires_at: row.maybe_at("expires_at")?,
        revoked_at: row.maybe_at("revoked_at")?,
        used_on: row.maybe_day("used_on")?,
    })
}

pub(super) fn read_login(row: &Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: row.key("login")?,
        name: row.text("login_name")?,
        organisation: row.parsed("organisation")?,
        created_at: row.at("login_created_at")?,
        closed_at: row.maybe_at("closed_at")?,
    })
}
