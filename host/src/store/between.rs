//! Families on their way between two authorities of this host, in the common file: found by these two alone, and what is given lies here no
//! longer than until they have settled it.

use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::handover::Terms;
use crate::record::{AuthorityId, Digest, HandoverId, KnownAt};

/// A family on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    pub id: HandoverId,
    pub from: AuthorityId,
    pub to: AuthorityId,
    pub terms: Terms,
    pub digest: Digest,
    pub state: BetweenState,
    /// By whom it was answered, when, and why where it was refused or taken back.
    pub answered: Option<(KnownAt, String, Option<String>)>,
}

/// How far it is. Each leads on to those that may follow and never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BetweenState {
    /// To be looked at: from here on to `Taking`, `Refused` or `Withdrawn`, whichever is first.
    Waiting,
    /// The other authority takes it in: nobody can take it back now.
    Taking,
    /// It is in the other authority's record, and is to be closed in the first one's.
    Taken,
    Withdrawn,
    Refused,
    /// Both have it.
    Settled,
}

impl BetweenState {
    const ALL: [Self; 6] = [Self::Waiting, Self::Taking, Self::Taken, Self::Withdrawn, Self::Refused, Self::Settled];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taking => "taking",
            Self::Taken => "taken",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::Settled => "settled",
        }
    }

    /// What is given is needed no more.
    const fn is_over(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Refused | Self::Settled)
    }
}

macro_rules! between {
    ($rest:literal) => {
        concat!("SELECT id, from_whom, to_whom, terms, digest, state, answered_by, answer, answered_at FROM handover ", $rest)
    };
}

impl Common {
    /// What comes to an authority or goes from it, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handovers_of(&self, authority: &AuthorityId) -> Result<Vec<Between>, StoreError> {
        let sql = between!("WHERE from_whom = $1 OR to_whom = $1 ORDER BY id DESC");
        let rows = query(sql).bind(authority.as_str()).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// None where there is none, or it is between others.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handover(&self, authority: &AuthorityId, id: HandoverId) -> Result<Option<Between>, StoreError> {
        let sql = between!("WHERE id = $1 AND (from_whom = $2 OR to_whom = $2)");
        let row = query(sql).key(&id).bind(authority.as_str()).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// What is given to an authority, while it is not settled.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn package_for(&self, authority: &AuthorityId, id: HandoverId) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = query("SELECT package FROM handover WHERE id = $1 AND to_whom = $2").key(&id).bind(authority.as_str());
        statement.fetch_optional(&mut *self.read().await?).await?.map_or(Ok(None), |row| row.maybe_bytes("package"))
    }
}

impl CommonTx {
    /// Where the other authority finds it. Once: what lies there already stays as it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn put_handover(&mut self, new: &Between, package: &[u8]) -> Result<(), StoreError> {
        let at = self.now();
        query(
            "INSERT INTO handover (id, from_whom, to_whom, terms, digest, package, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT DO NOTHING",
        )
        .key(&new.id)
        .bind(new.from.as_str())
        .bind(new.to.as_str())
        // Words, numbers and days: they always become JSON.
        .bind(serde_json::to_string(&new.terms).unwrap_or_default())
        .key(&new.digest)
        .bind(package)
        .bind(new.state.code())
        .at(at)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// One step on: whether it was where the step begins.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn step_handover(
        &mut self,
        id: HandoverId,
        from: BetweenState,
        to: BetweenState,
        answered: Option<(&str, Option<&str>)>,
    ) -> Result<bool, StoreError> {
        let at = self.now();
        let done = query("UPDATE handover SET state = $3 WHERE id = $1 AND state = $2").key(&id).bind(from.code()).bind(to.code());
        if done.execute(self.connection()).await?.rows_affected() != 1 {
            return Ok(false);
        }
        if let Some((by, why)) = answered {
            query("UPDATE handover SET answered_by = $2, answer = $3, answered_at = $4 WHERE id = $1")
                .key(&id)
                .bind(by)
                .bind(why)
                .at(at)
                .execute(self.connection())
                .await?;
        }
        if to.is_over() {
            query("UPDATE handover SET package = NULL WHERE id = $1").key(&id).execute(self.connection()).await?;
        }
        Ok(true)
    }

    /// Takes from between the two what was written in words: why it was given, and why somebody answered as they did. The host's own words
    /// stay.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_words_of_handover(&mut self, between: &Between) -> Result<(), StoreError> {
        let terms = Terms { reason: String::new(), ..between.terms.clone() };
        query("UPDATE handover SET terms = $2, answer = CASE WHEN answered_by = 'hearth' THEN answer END WHERE id = $1")
            .key(&between.id)
            .bind(serde_json::to_string(&terms).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Between, StoreError> {
    let state = row.text("state")?;
    let answered = match row.maybe_at("answered_at")? {
        Some(at) => Some((at, row.maybe_text("answered_by")?.unwrap_or_default(), row.maybe_text("answer")?)),
        None => None,
    };
    Ok(Between {
        id: row.key("id")?,
        from: row.parsed("from_whom")?,
        to: row.parsed("to_whom")?,
        terms: row.json("terms")?,
        digest: row.key("digest")?,
        state: BetweenState::ALL
            .into_iter()
            .find(|s| s.code() == state)
            .ok_or_else(|| StoreError::damaged("handover", format!("`{state}` is not a state")))?,
        answered,
    })
}
