//! Browsers in which somebody is signed in, by the hash of what each carries.

use super::error::exists;
use super::sql::query;
use super::tokens::read_login;
use super::{Common, CommonTx, Login, StoreError};
use crate::record::{AuthorityId, Digest, KnownAt, LoginId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub hash: Digest,
    pub login: Login,
    /// Whose provider signed them in: it opens nothing elsewhere. None: all that is theirs.
    pub authority: Option<AuthorityId>,
    /// How they signed in: a code of [`How`](crate::access::How).
    pub how: String,
    pub created_at: KnownAt,
    /// To the minute.
    pub seen_at: KnownAt,
    /// Whatever is done with it.
    pub expires_at: KnownAt,
}

impl Common {
    /// Expired ones too, until they are forgotten: the caller says whether it opens anything.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn session(&self, hash: &Digest) -> Result<Option<Session>, StoreError> {
        const SQL: &str = "SELECT s.hash, s.login, s.authority, s.how, s.created_at, s.seen_at, s.expires_at, \
             l.name AS login_name, l.organisation, l.created_at AS login_created_at, l.closed_at \
             FROM session s JOIN login l ON l.id = s.login WHERE s.hash = $1";
        let row = query(SQL).key(hash).fetch_optional(&mut *self.read().await?).await?;
        let session = row.map(|row| {
            Ok::<_, StoreError>(Session {
                hash: row.key("hash")?,
                login: read_login(&row)?,
                authority: row.maybe_text("authority")?.map(|code| code.parse()).transpose()?,
                how: row.text("how")?,
                created_at: row.at("created_at")?,
                seen_at: row.at("seen_at")?,
                expires_at: row.at("expires_at")?,
            })
        });
        session.transpose()
    }

    /// Notes that it opened something.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_session(&self, hash: &Digest, at: KnownAt) -> Result<(), StoreError> {
        // Once a minute for everybody who works: no line of the audit trail.
        let mut writing = self.database().begin().await?;
        query("UPDATE session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2").key(hash).at(at).execute(&mut writing).await?;
        writing.commit().await
    }
}

impl CommonTx {
    /// # Errors
    /// `NoSuch` where there is no such login.
    pub async fn add_session(&mut self, session: &Session) -> Result<(), StoreError> {
        self.must_have_login(session.login.id).await?;
        query("INSERT INTO session (hash, login, authority, how, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .key(&session.hash)
            .key(&session.login.id)
            .bind(session.authority.as_ref().map(|a| a.as_str().to_owned()))
            .bind(session.how.clone())
            .at(session.created_at)
            .at(session.seen_at)
            .at(session.expires_at)
            .execute(self.connection())
            .await
            .map_err(exists("session", "hash"))?;
        Ok(())
    }

    /// From now on it opens nothing. One that is not there changes nothing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_session(&mut self, hash: &Digest) -> Result<(), StoreError> {
        query("DELETE FROM session WHERE hash = $1").key(hash).execute(self.connection()).await?;
        Ok(())
    }

    /// Ends all of somebody's, or those alone that an authority's provider began; answers how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_sessions(&mut self, login: LoginId, authority: Option<&AuthorityId>) -> Result<u64, StoreError> {
        let statement = match authority {
            None => query("DELETE FROM session WHERE login = $1").key(&login),
            Some(code) => query("DELETE FROM session WHERE login = $1 AND authority = $2").key(&login).bind(code.as_str()),
        };
        Ok(statement.execute(self.connection()).await?.rows_affected())
    }

    /// Ends all that an authority's provider began; answers how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_sessions_at(&mut self, authority: &AuthorityId) -> Result<u64, StoreError> {
        let done = query("DELETE FROM session WHERE authority = $1").bind(authority.as_str()).execute(self.connection()).await?;
        Ok(done.rows_affected())
    }

    /// Forgets what is over: sessions, codes, ways to providers; and who signed in before `before`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_signing_in(&mut self, before: KnownAt) -> Result<(), StoreError> {
        let now = self.at;
        for sql in ["DELETE FROM session WHERE expires_at <= $1", "DELETE FROM provider_visit WHERE expires_at <= $1"] {
            query(sql).at(now).execute(self.connection()).await?;
        }
        // Codes are counted for an hour after they were asked for.
        query("DELETE FROM sign_in_code WHERE at <= $1")
            .at(KnownAt::from_millis(now.millis() - 86_400_000))
            .execute(self.connection())
            .await?;
        query("DELETE FROM sign_in WHERE at < $1").at(before).execute(self.connection()).await?;
        Ok(())
    }
}
