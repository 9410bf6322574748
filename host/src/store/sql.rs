//! One text of SQL for both databases, and how values go into it: ids as their bytes, days as numbers, instants in milliseconds.
//! One place, so that every statement reads alike.

pub(super) use super::connection::{Connection, Reading, Writing};
pub(super) use super::row::Row;
use crate::record::{
    AgendaItemId, AgreementId, AssessmentId, AssessmentRequestId, AssignmentId, AttachmentId, BackTestId, ConsentRequestId, ContractId,
    CoverId, Day, DecisionId, DeliveryId, Digest, EmergencyId, FactId, FamilyId, FamilyMergeId, HandoverId, HappeningId, HelpRequestId,
    HomeId, InstallationId, InvitationId, KnownAt, LetterId, LoginId, MatchDecisionId, MeetingId, NoticeId, OverrideId, PaymentLineId,
    PersonId, PersonMergeId, ProposalId, ProvisionId, ReferralId, RoleId, RunId, SealId, ServiceId, ShareId, SignInId, SittingId, SplitId,
    TaskId, TrialGrantId, UndecidedId, WaitingRowId, WebhookId,
};

/// Rows or ids that one statement names: many enough that the way to the database is a small part, few enough that a statement
/// stays short.
pub(super) const BATCH: usize = 64;

/// What a row is found by: an id or a digest.
pub(super) trait Key: Copy + Eq + std::hash::Hash {
    fn bytes(&self) -> &[u8];
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! keys {
    ($($name:ident)*) => {$(
        impl Key for $name {
            fn bytes(&self) -> &[u8] {
                self.as_bytes()
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                Self::from_bytes(bytes)
            }
        }
    )*};
}
keys! {
    FamilyId PersonId HomeId FactId InstallationId RunId DecisionId TaskId ProposalId UndecidedId Digest
    LoginId RoleId AssignmentId CoverId AgreementId ShareId SealId EmergencyId
    DeliveryId WaitingRowId MatchDecisionId HappeningId
    InvitationId SignInId
    WebhookId NoticeId LetterId
    FamilyMergeId SplitId PersonMergeId HandoverId AttachmentId BackTestId TrialGrantId
    ReferralId OverrideId
    AssessmentId AssessmentRequestId ConsentRequestId
    ContractId HelpRequestId PaymentLineId ProvisionId ServiceId
    MeetingId SittingId AgendaItemId
}

/// What goes into a statement. An empty one has its kind too: PostgreSQL wants to know what it is that is not there.
#[derive(Debug)]
pub(super) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($kind:ident: $($from:ty as $how:expr),*;)*) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let how: fn($from) -> _ = $how;
                Self::$kind(Some(how(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map($how))
            }
        }
    )*)*};
}
values! {
    Number: i64 as |n| n;
    Text: String as |t| t, &String as Clone::clone, &str as str::to_owned;
    Bytes: Vec<u8> as |b| b, &[u8] as <[u8]>::to_vec;
}

/// A text of SQL and the values for its places, on their way to whichever database the record is kept in.
#[derive(Debug)]
#[must_use = "a statement does nothing before it is executed"]
pub(super) struct Statement {
    pub(super) sql: &'static str,
    /// The same text with its places in order and without their numbers, where there are hundreds: SQLite looks each numbered one up by
    /// name among all, for every value.
    pub(super) unnumbered: Option<&'static str>,
    pub(super) values: Vec<Value>,
}

/// The text is part of the program: nothing that came from outside can stand in it.
pub(super) fn query(sql: &'static str) -> Statement {
    Statement { sql, unnumbered: None, values: Vec::new() }
}

/// Values into a statement, in the order of its places.
impl Statement {
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    pub(super) fn key(self, key: &impl Key) -> Self {
        self.bind(key.bytes())
    }

    pub(super) fn maybe_key(self, key: Option<&impl Key>) -> Self {
        self.bind(key.map(Key::bytes))
    }

    pub(super) fn day(self, day: Day) -> Self {
        self.bind(i64::from(day.number()))
    }

    pub(super) fn maybe_day(self, day: Option<Day>) -> Self {
        self.bind(day.map(|d| i64::from(d.number())))
    }

    pub(super) fn at(self, at: KnownAt) -> Self {
        self.bind(at.millis())
    }

    pub(super) fn maybe_at(self, at: Option<KnownAt>) -> Self {
        self.bind(at.map(KnownAt::millis))
    }

    pub(super) fn count(self, count: u64) -> Self {
        self.bind(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Exactly [`BATCH`] keys: a short list repeats its last.
    pub(super) fn keys<K: Key>(mut self, keys: &[K]) -> Self {
        self.values.reserve(BATCH);
        for i in 0..BATCH {
            if let Some(key) = keys.get(i).or_else(|| keys.last()) {
                self = self.key(key);
            }
        }
        self
    }

    /// Exactly [`BATCH`] numbers, likewise.
    pub(super) fn numbers(mut self, numbers: &[i64]) -> Self {
        self.values.reserve(BATCH);
        for i in 0..BATCH {
            if let Some(number) = numbers.get(i).or_else(|| numbers.last()) {
                self = self.bind(*number);
            }
        }
        self
    }

    /// Exactly [`BATCH`] texts, likewise.
    pub(super) fn texts(mut self, texts: &[&str]) -> Self {
        self.values.reserve(BATCH);
        for i in 0..BATCH {
            if let Some(text) = texts.get(i).or_else(|| texts.last()) {
                self = self.bind(*text);
            }
        }
        self
    }
}

/// Ways to the database. What went wrong there is told as sqlx tells it: who knows what it means turns it into a `StoreError`.
impl Statement {
    /// How many rows were written.
    pub(super) async fn execute(self, connection: &mut Connection) -> Result<Written, sqlx::Error> {
        connection.execute(self).await.map(Written)
    }

    pub(super) async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<Row>, sqlx::Error> {
        connection.fetch_all(self).await
    }

    pub(super) async fn fetch_optional(self, connection: &mut Connection) -> Result<Option<Row>, sqlx::Error> {
        connection.fetch_optional(self).await
    }

    pub(super) async fn fetch_one(self, connection: &mut Connection) -> Result<Row, sqlx::Error> {
        connection.fetch_optional(self).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// May it write? A statement that only reads begins with `SELECT`, or has its `SELECT` behind a `WITH`.
    pub(super) fn writes(&self) -> bool {
        let names = |word| self.sql.contains(word);
        match self.sql.split_whitespace().next() {
            Some("SELECT") => false,
            Some("WITH") => names("INSERT INTO ") || names("UPDATE ") || names("DELETE FROM "),
            _ => true,
        }
    }
}

/// What a statement did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written(u64);

impl Written {
    pub(super) const fn rows_affected(self) -> u64 {
        self.0
    }
}

/// `$1, $2, …`, from `from` on.
pub(super) fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// An insert into one table: a statement for [`BATCH`] rows and one for the rest, so that two are prepared and no more.
pub(super) struct Insert {
    many: String,
    many_unnumbered: String,
    one: String,
    columns: usize,
}

impl Insert {
    pub(super) fn into(table: &str, columns: &[&str]) -> Self {
        let lead = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let rows = |n: usize| (0..n).map(|r| format!("({})", places(1 + r * columns.len(), columns.len()))).collect::<Vec<_>>().join(", ");
        let unnumbered = vec![format!("({})", vec!["?"; columns.len()].join(", ")); BATCH].join(", ");
        Self {
            many: lead.clone() + &rows(BATCH),
            many_unnumbered: lead.clone() + &unnumbered,
            one: lead + &rows(1),
            columns: columns.len(),
        }
    }

    /// What is there already, by any unique index, stays as it is.
    pub(super) fn unless_there(mut self) -> Self {
        for text in [&mut self.many, &mut self.many_unnumbered, &mut self.one] {
            text.push_str(" ON CONFLICT DO NOTHING");
        }
        self
    }

    /// `bind` gives the columns of one row, in order.
    pub(super) async fn rows<T>(
        &'static self,
        connection: &mut Connection,
        rows: &[T],
        bind: impl Fn(Statement, &T) -> Statement,
    ) -> Result<(), sqlx::Error> {
        let statement = |sql, unnumbered, rows| Statement { sql, unnumbered, values: Vec::with_capacity(rows * self.columns) };
        let chunks = rows.chunks_exact(BATCH);
        let rest = chunks.remainder();
        for chunk in chunks {
            chunk.iter().fold(statement(&self.many, Some(&self.many_unnumbered), BATCH), &bind).execute(connection).await?;
        }
        for row in rest {
            bind(statement(&self.one, None, 1), row).execute(connection).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_write_is_told_by_its_text() {
        for reads in ["SELECT 1", "  SELECT update FROM task", "WITH RECURSIVE line (fact) AS (SELECT 1) SELECT fact FROM line"] {
            assert!(!query(reads).writes(), "{reads}");
        }
        for writes in ["INSERT INTO a VALUES (1)", "UPDATE a SET b = 1 RETURNING b", "DELETE FROM a", "WITH b AS (SELECT 1) DELETE FROM a"]
        {
            assert!(query(writes).writes(), "{writes}");
        }
    }
}
