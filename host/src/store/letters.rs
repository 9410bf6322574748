//! Letters on their way to people: written in the transaction of what they say waits, and sent until a server took them. So none is lost
//! where a host is killed; one that goes twice has the same Message-ID, by which whoever receives it knows it.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{KnownAt, LetterId, LoginId};

/// A letter on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    pub id: LetterId,
    pub login: LoginId,
    pub kind: LetterKind,
    /// How often it was begun to be sent.
    pub tries: u64,
}

/// What a letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// Something waits for them.
    Waits,
    /// A referral is to be answered soon.
    FrontDoor,
}

impl LetterKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::FrontDoor => "front-door",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Waits, Self::FrontDoor].into_iter().find(|k| k.code() == code)
    }
}

impl AuthorityStore {
    /// Those that are to be sent by now, the first due first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn letters_due(&self, now: KnownAt, limit: u32) -> Result<Vec<Letter>, StoreError> {
        const SQL: &str = "SELECT id, login, kind, tries FROM letter WHERE try_at <= $1 ORDER BY try_at, id LIMIT $2";
        query(SQL).at(now).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// Somebody is to be written to, unless a letter that says the same is on its way to them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn write_letter(&mut self, login: LoginId, kind: LetterKind) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO letter (id, change, login, kind, try_at) SELECT $1, $2, $3, $4, $5 \
             WHERE NOT EXISTS (SELECT 1 FROM letter WHERE login = $3 AND kind = $4 AND try_at IS NOT NULL)";
        let (change, at) = self.change().await?;
        let statement = query(SQL).key(&LetterId::fresh()).bind(change.0).key(&login).bind(kind.code()).at(at);
        statement.execute(self.connection()).await?;
        Ok(())
    }

    /// Whether a letter is this host's to send now: another host, or this one after it was killed, sends it at `again`; none: this is the last
    /// try.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_letter(&mut self, letter: &Letter, again: Option<KnownAt>) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE letter SET tries = tries + 1, try_at = $3 WHERE id = $1 AND tries = $2 AND try_at IS NOT NULL";
        let done = query(SQL).key(&letter.id).count(letter.tries).maybe_at(again).execute(self.connection()).await?;
        Ok(done.rows_affected() == 1)
    }

    /// It was taken; or there is nobody any more to send it to.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn settle_letter(&mut self, id: LetterId, sent: bool) -> Result<(), StoreError> {
        let now = sent.then(|| self.now());
        query("UPDATE letter SET try_at = NULL, sent = $2 WHERE id = $1").key(&id).maybe_at(now).execute(self.connection()).await?;
        Ok(())
    }

    /// Letters that were written before an instant, sent or not: what they said is old.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_letters(&mut self, before: KnownAt) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM letter WHERE change <= (SELECT COALESCE(MAX(id), 0) FROM change WHERE at < $1)";
        query(SQL).at(before).execute(self.connection()).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Letter, StoreError> {
    let kind = row.text("kind")?;
    Ok(Letter {
        id: row.key("id")?,
        login: row.key("login")?,
        kind: LetterKind::from_code(&kind).ok_or_else(|| StoreError::damaged("letter", format!("`{kind}` is no kind")))?,
        tries: row.count("tries")?,
    })
}
