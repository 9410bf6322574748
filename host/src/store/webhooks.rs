//! Programs elsewhere that are sent what is announced. Each is a place in the feed: what it has taken stands before it, and what comes next
//! is sent until it is taken, so that nothing is left out however long a program is down.

use super::announcements::InFeed;
use super::sql::{Row, Statement, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, StoreError};
use crate::record::{Announced, KnownAt, WebhookId};

/// A program that is sent what is announced.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    /// None: all.
    pub names: Vec<Announced>,
    /// What its requests are signed with.
    pub secret: Vec<u8>,
    /// What they were signed with before, until then still.
    pub former: Option<(Vec<u8>, KnownAt)>,
    pub state: WebhookState,
    /// It was stopped or removed.
    pub why: Option<String>,
    pub made_at: KnownAt,
    pub made_by: String,
    /// The last that it took.
    pub taken: InFeed,
    /// How often the next was not taken.
    pub tries: u64,
    /// The next is not sent before.
    pub try_at: KnownAt,
}

/// Without its secrets: nothing that is written into a log holds one.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("id", &self.id).field("state", &self.state).field("taken", &self.taken).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    On,
    /// By a person, or because nothing was taken for days. It can go on from where it was.
    Stopped,
    Removed,
}

impl WebhookState {
    const ALL: [Self; 3] = [Self::On, Self::Stopped, Self::Removed];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
        }
    }
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// All that there was, up to here.
    UpTo(InFeed),
    /// What comes after this was not taken: again at that instant, or never by itself.
    Not { taken: InFeed, again: Result<KnownAt, &'static str> },
}

macro_rules! webhook {
    ($rest:literal) => {
        concat!(
            "SELECT id, url, names, secret, former, former_ends, state, why, made, made_by, change, place, tries, try_at FROM webhook ",
            $rest
        )
    };
}

/// That have something to be sent now, and that nobody sends.
const DUE: &str = webhook!(
    "WHERE state = 'on' AND try_at <= $1 AND taken_until <= $1 AND EXISTS (SELECT 1 FROM announcement a \
     WHERE a.change > webhook.change OR a.change = webhook.change AND a.place > webhook.place) ORDER BY id"
);

impl AuthorityStore {
    /// But for those that were removed, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let rows = query(webhook!("WHERE state <> 'removed' ORDER BY id")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// # Errors
    /// `NoSuch`.
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, StoreError> {
        let row = query(webhook!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("webhook", id))?)
    }

    /// Those that something is to be sent to by now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn due_webhooks(&self, now: KnownAt) -> Result<Vec<Webhook>, StoreError> {
        query(DUE).at(now).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn add_webhook(&mut self, new: &Webhook) -> Result<(), StoreError> {
        let names: Vec<&str> = new.names.iter().map(|n| n.code()).collect();
        query(
            "INSERT INTO webhook (id, url, names, secret, state, made, made_by, change, place, try_at) \
             VALUES ($1, $2, $3, $4, 'on', $5, $6, $7, $8, $5)",
        )
        .key(&new.id)
        .bind(&new.url)
        .bind(serde_json::to_string(&names).unwrap_or_default())
        .bind(new.secret.clone())
        .at(new.made_at)
        .bind(&new.made_by)
        .bind(new.taken.change.0)
        .bind(new.taken.number)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// From now on it is signed with this; until that instant also with what was before.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was removed.
    pub async fn renew_webhook(&mut self, id: WebhookId, secret: &[u8], until: KnownAt) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE webhook SET former = secret, former_ends = $3, secret = $2 WHERE id = $1 AND state <> 'removed'";
        self.of_one(id, query(SQL).key(&id).bind(secret.to_vec()).at(until)).await
    }

    /// It is sent nothing from now on.
    ///
    /// # Errors
    /// As above.
    pub async fn stop_webhook(&mut self, id: WebhookId, state: WebhookState, why: &str) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE webhook SET state = $2, why = $3, taken_until = 0 WHERE id = $1 AND state <> 'removed'";
        self.of_one(id, query(SQL).key(&id).bind(state.code()).bind(why)).await
    }

    /// It is sent what comes after what it took last, at once.
    ///
    /// # Errors
    /// As above.
    pub async fn resume_webhook(&mut self, id: WebhookId) -> Result<(), StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE webhook SET state = 'on', why = NULL, tries = 0, try_at = $2 WHERE id = $1 AND state <> 'removed'";
        self.of_one(id, query(SQL).key(&id).at(now)).await
    }

    async fn of_one(&mut self, id: WebhookId, statement: Statement) -> Result<(), StoreError> {
        if statement.execute(self.connection()).await?.rows_affected() == 1 {
            return Ok(());
        }
        match query("SELECT 1 FROM webhook WHERE id = $1").key(&id).fetch_optional(self.connection()).await? {
            Some(_) => Err(StoreError::Conflict("this webhook was removed".to_owned())),
            None => Err(StoreError::no_such("webhook", id)),
        }
    }

    /// Whether it is this host's to send to, until that instant: another that would, waits so long.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_webhook(&mut self, webhook: &Webhook, until: KnownAt) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE webhook SET taken_until = $3 WHERE id = $1 AND state = 'on' AND taken_until <= $2 \
             AND change = $4 AND place = $5 AND tries = $6";
        let now = self.now();
        let statement = query(SQL).key(&webhook.id).at(now).at(until).bind(webhook.taken.change.0).bind(webhook.taken.number);
        Ok(statement.count(webhook.tries).execute(self.connection()).await?.rows_affected() == 1)
    }

    /// Keeps what came of sending. One that was stopped meanwhile stays so, with what it took.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn sent_to_webhook(&mut self, id: WebhookId, sent: &Sent) -> Result<(), StoreError> {
        const TOOK: &str = "UPDATE webhook SET change = $2, place = $3, tries = 0, taken_until = 0 WHERE id = $1";
        const AGAIN: &str = "UPDATE webhook SET tries = CASE WHEN change = $2 AND place = $3 THEN tries + 1 ELSE 1 END, \
             change = $2, place = $3, try_at = $4, taken_until = 0 WHERE id = $1";
        let (Sent::UpTo(taken) | Sent::Not { taken, .. }) = sent;
        let bound = |sql| query(sql).key(&id).bind(taken.change.0).bind(taken.number);
        match sent {
            Sent::UpTo(_) => bound(TOOK).execute(self.connection()).await?,
            Sent::Not { again: Ok(at), .. } => bound(AGAIN).at(*at).execute(self.connection()).await?,
            Sent::Not { again: Err(why), .. } => {
                bound(TOOK).execute(self.connection()).await?;
                const STOP: &str = "UPDATE webhook SET state = 'stopped', why = $2 WHERE id = $1 AND state = 'on'";
                query(STOP).key(&id).bind(*why).execute(self.connection()).await?
            }
        };
        Ok(())
    }
}

fn read(row: &Row) -> Result<Webhook, StoreError> {
    let names: Vec<String> = serde_json::from_value(row.json("names")?).unwrap_or_default();
    let state = row.text("state")?;
    let former = row.maybe_bytes("former")?;
    Ok(Webhook {
        id: row.key("id")?,
        url: row.text("url")?,
        names: names.iter().map(|n| n.parse()).collect::<Result<_, _>>()?,
        secret: row.bytes("secret")?,
        former: former.zip(row.maybe_at("former_ends")?),
        state: WebhookState::ALL
            .into_iter()
            .find(|s| s.code() == state)
            .ok_or_else(|| StoreError::damaged("webhook", format!("`{state}` is not a state")))?,
        why: row.maybe_text("why")?,
        made_at: row.at("made")?,
        made_by: row.text("made_by")?,
        taken: InFeed { change: ChangeId(row.number("change")?), number: row.number("place")? },
        tries: row.count("tries")?,
        try_at: row.at("try_at")?,
    })
}
