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
/// As many where there are thousands: the way there and back costs more than looking one up.
pub(super) const MANY: usize = 512;

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
    /// Places of its list, if it has one.
    listed: usize,
}

/// The text is part of the program: nothing that came from outside can stand in it.
pub(super) fn query(sql: &'static str) -> Statement {
    Statement { sql, unnumbered: None, values: Vec::new(), listed: BATCH }
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

    /// Exactly as many keys as the statement lists, [`BATCH`] if it does not say otherwise: a short list repeats its last.
    pub(super) fn keys<K: Key>(mut self, keys: &[K]) -> Self {
        self.values.reserve(self.listed + 2);
        for i in 0..self.listed {
            if let Some(key) = keys.get(i).or_else(|| keys.last()) {
                self = self.key(key);
            }
        }
        self
    }

    /// Numbers, likewise.
    pub(super) fn numbers(mut self, numbers: &[i64]) -> Self {
        self.values.reserve(self.listed + 2);
        for i in 0..self.listed {
            if let Some(number) = numbers.get(i).or_else(|| numbers.last()) {
                self = self.bind(*number);
            }
        }
        self
    }

    /// Texts, likewise.
    pub(super) fn texts(mut self, texts: &[&str]) -> Self {
        self.values.reserve(self.listed + 2);
        for i in 0..self.listed {
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

/// A statement about some of many: a text for [`BATCH`] of them and one for [`MANY`], so that two are prepared and no more.
pub(super) struct Among {
    few: String,
    many: String,
    many_unnumbered: String,
}

impl Among {
    /// `text` has the places of those that it is about, then the numbers of others from there on, each once and in order.
    pub(super) fn new(text: impl Fn(&str, usize) -> String) -> Self {
        let of = |count| text(&places(1, count), count + 1);
        let (few, many) = (of(BATCH), of(MANY));
        let mut pieces = many.split('$');
        let mut many_unnumbered = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            many_unnumbered.push('?');
            many_unnumbered.push_str(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
        Self { few, many, many_unnumbered }
    }

    /// A statement for each part of the list, which is to be bound to it.
    pub(super) fn each<'t, T>(&'static self, all: &'t [T]) -> impl Iterator<Item = (Statement, &'t [T])> + Send
    where
        T: Sync,
    {
        let (whole, rest) = all.split_at(all.len() - all.len() % MANY);
        let many = || Statement { unnumbered: Some(&self.many_unnumbered), listed: MANY, ..query(&self.many) };
        let few = || query(&self.few);
        whole.chunks(MANY).map(move |chunk| (many(), chunk)).chain(rest.chunks(BATCH).map(move |chunk| (few(), chunk)))
    }
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
        let statement = |sql, unnumbered, rows| Statement { sql, unnumbered, values: Vec::with_capacity(rows * self.columns), listed: 0 };
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
    fn of_a_long_list_each_is_named_once() {
        static AMONG: std::sync::LazyLock<Among> =
            std::sync::LazyLock::new(|| Among::new(|list, next| format!("SELECT a WHERE b IN ({list}) AND c = ${next}")));
        let all: Vec<i64> = (0..MANY as i64 + BATCH as i64 + 1).collect();
        let parts: Vec<(Statement, &[i64])> = AMONG.each(&all).collect();
        assert_eq!(parts.iter().map(|(_, part)| part.len()).collect::<Vec<_>>(), [MANY, BATCH, 1]);
        assert_eq!(parts.iter().flat_map(|(_, part)| part.to_vec()).collect::<Vec<_>>(), all);
        for (statement, part) in parts {
            let (sql, unnumbered) = (statement.sql, statement.unnumbered);
            let bound = statement.numbers(part).bind(0_i64).values.len();
            assert!(sql.ends_with(&format!("AND c = ${bound}")), "{sql}");
            assert!(unnumbered.is_none_or(|text| text.matches('?').count() == bound && !text.contains('$')), "{unnumbered:?}");
        }
    }

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
