//! Who signed in or out, and who was not let in.

use super::sql::{Row, query};
use super::{Common, CommonTx, Page, StoreError};
use crate::record::{AuthorityId, KnownAt, LoginId, SignInId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    pub id: SignInId,
    pub at: KnownAt,
    /// None: nobody of ours.
    pub login: Option<LoginId>,
    /// By whose provider or invitation.
    pub authority: Option<AuthorityId>,
    /// A code of [`How`](crate::access::How).
    pub how: String,
    /// `signed-in`, `signed-out`, or the code of the problem that was answered.
    pub outcome: String,
}

impl Common {
    /// What concerns an authority, the latest first: by its own provider or invitations; and of those who were ever given a role there, what
    /// they did by no authority's. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sign_ins(
        &self,
        authority: &AuthorityId,
        before: Option<SignInId>,
        limit: u32,
    ) -> Result<Page<SignIn, SignInId>, StoreError> {
        const SQL: &str = "SELECT id, at, login, authority, how, outcome FROM sign_in WHERE id < $2 AND (authority = $1 \
             OR (authority IS NULL AND login IN (SELECT login FROM login_authority WHERE authority = $1))) ORDER BY id DESC LIMIT $3";
        let rows = query(SQL)
            .bind(authority.as_str())
            .bind(before.as_ref().map_or(&[0xff; 17][..], SignInId::as_bytes).to_vec())
            .bind(Page::<SignIn, SignInId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |s| s.id))
    }
}

impl CommonTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn note_sign_in(&mut self, sign_in: &SignIn) -> Result<(), StoreError> {
        query("INSERT INTO sign_in (id, at, login, authority, how, outcome) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&sign_in.id)
            .at(sign_in.at)
            .maybe_key(sign_in.login.as_ref())
            .bind(sign_in.authority.as_ref().map(|a| a.as_str().to_owned()))
            .bind(sign_in.how.clone())
            .bind(sign_in.outcome.clone())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<SignIn, StoreError> {
    Ok(SignIn {
        id: row.key("id")?,
        at: row.at("at")?,
        login: row.maybe_key("login")?,
        authority: row.maybe_text("authority")?.map(|code| code.parse()).transpose()?,
        how: row.text("how")?,
        outcome: row.text("outcome")?,
    })
}
