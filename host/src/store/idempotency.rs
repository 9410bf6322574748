//! What was answered to a request that carried a key, so that the same request sent again is answered and not done again.
//! Kept in the transaction that did the work: both are there, or neither.

use super::sql::{Connection, query};
use super::{AuthorityStore, AuthorityTx, Common, CommonTx, StoreError};
use crate::record::{Digest, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub principal: String,
    /// The sender's.
    pub key: String,
    /// Method and path.
    pub route: String,
    /// Of the request's body: the same key with another body is a mistake of the sender.
    pub body: Digest,
    /// The HTTP status that was answered.
    pub status: u16,
    pub response: Vec<u8>,
    pub at: KnownAt,
}

macro_rules! remembering {
    ($store:ident, $tx:ident) => {
        impl $store {
            /// # Errors
            /// The file cannot be read.
            pub async fn answered(&self, principal: &str, key: &str) -> Result<Option<Answered>, StoreError> {
                get(&mut *self.read().await?, principal, key).await
            }
        }

        impl $tx {
            /// As in the store, and sure to stay so until the transaction ends.
            ///
            /// # Errors
            /// The file cannot be read.
            pub async fn answered(&mut self, principal: &str, key: &str) -> Result<Option<Answered>, StoreError> {
                get(self.connection(), principal, key).await
            }

            /// # Errors
            /// `Conflict` where the key was answered meanwhile.
            pub async fn keep_answer(&mut self, answered: &Answered) -> Result<(), StoreError> {
                put(self.connection(), answered).await
            }

            /// Forgets the answers given before `at`; how many.
            ///
            /// # Errors
            /// The file cannot be written.
            pub async fn forget_answers(&mut self, before: KnownAt) -> Result<u64, StoreError> {
                let done = query("DELETE FROM idempotency WHERE at < $1").at(before).execute(self.connection()).await?;
                Ok(done.rows_affected())
            }
        }
    };
}
remembering!(AuthorityStore, AuthorityTx);
remembering!(Common, CommonTx);

async fn get(connection: &mut Connection, principal: &str, key: &str) -> Result<Option<Answered>, StoreError> {
    let row = query("SELECT principal, key, route, body, status, response, at FROM idempotency WHERE principal = $1 AND key = $2")
        .bind(principal)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Answered {
        principal: row.text("principal")?,
        key: row.text("key")?,
        route: row.text("route")?,
        body: row.key("body")?,
        status: u16::try_from(row.number("status")?).map_err(|e| StoreError::damaged("status", e))?,
        response: row.bytes("response")?,
        at: row.at("at")?,
    }))
}

async fn put(connection: &mut Connection, answered: &Answered) -> Result<(), StoreError> {
    let done = query(
        "INSERT INTO idempotency (principal, key, route, body, status, response, at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&answered.principal)
    .bind(&answered.key)
    .bind(&answered.route)
    .key(&answered.body)
    .bind(i64::from(answered.status))
    .bind(answered.response.as_slice())
    .at(answered.at)
    .execute(connection)
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Conflict("a request with this key is being answered: ask again for its answer".to_owned()));
    }
    Ok(())
}
