//! What happened, as other systems are told of it: a feed that is read on from a place. Written at the end of the transaction in which it
//! happened, so that nothing is told that never was and nothing that was is left out. Writers of an authority take turns, so whoever read
//! up to a place will find nothing before it later.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::sql::{Connection, Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, StoreError};
use crate::record::{Announced, FamilyId, Invalid, KnownAt};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub place: InFeed,
    pub at: KnownAt,
    pub what: Announced,
    /// Whom it is about; none: no family.
    pub family: Option<FamilyId>,
    /// The id of what it happened to.
    pub thing: String,
}

/// Where in the feed something stands: `12.1` is the first of change 12.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFeed {
    pub change: ChangeId,
    pub number: i64,
}

impl fmt::Display for InFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.change.0, self.number)
    }
}

impl FromStr for InFeed {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = |part: &str| part.parse().ok().filter(|n: &i64| *n >= 0 && n.to_string() == part);
        let read = text.split_once('.').and_then(|(change, place)| Some((number(change)?, number(place)?)));
        let (change, number) = read.ok_or_else(|| Invalid::new("", "is not a place in the feed: take it from an earlier answer"))?;
        Ok(Self { change: ChangeId(change), number })
    }
}

/// What a transaction announces, until its end.
#[derive(Debug, Default)]
pub(super) struct Announcing(Vec<(Announced, Option<FamilyId>, String)>);

static ANNOUNCEMENT: LazyLock<Insert> = LazyLock::new(|| Insert::into("announcement", &["change", "place", "name", "family", "thing"]));

impl AuthorityStore {
    /// What happened after a place, in order, at most `limit`; without a place, from the first that is kept. None: not all that came after the
    /// place is kept any more.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn announcements(&self, after: Option<InFeed>, limit: u32) -> Result<Option<Vec<Announcement>>, StoreError> {
        const SQL: &str = "SELECT a.change, a.place, a.name, a.family, a.thing, c.at FROM announcement a JOIN change c ON c.id = a.change \
             WHERE a.change > $1 OR a.change = $1 AND a.place > $2 ORDER BY a.change, a.place LIMIT $3";
        let mut connection = self.read().await?;
        let kept = cut(&mut connection).await?;
        let after = after.unwrap_or(kept);
        if after < kept {
            return Ok(None);
        }
        let statement = query(SQL).bind(after.change.0).bind(after.number).bind(i64::from(limit));
        statement.fetch_all(&mut connection).await?.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Where the feed ends now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn end_of_feed(&self) -> Result<InFeed, StoreError> {
        const SQL: &str = "SELECT change, place FROM announcement ORDER BY change DESC, place DESC LIMIT 1";
        let mut connection = self.read().await?;
        match query(SQL).fetch_optional(&mut connection).await? {
            Some(row) => place(&row),
            None => cut(&mut connection).await,
        }
    }
}

impl AuthorityTx {
    /// Tells whoever follows that this happened, once the transaction is committed. `thing`: the id of what it happened to.
    pub fn announce(&mut self, what: Announced, family: Option<FamilyId>, thing: impl fmt::Display) {
        self.announcing.0.push((what, family, thing.to_string()));
    }

    /// Nothing is kept that was announced before an instant, but for what a program still is to be sent.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn cut_feed(&mut self, before: KnownAt) -> Result<(), StoreError> {
        const LAST: &str = "SELECT a.change, a.place FROM announcement a \
             WHERE a.change <= (SELECT COALESCE(MAX(id), 0) FROM change WHERE at < $1) AND NOT EXISTS (SELECT 1 FROM webhook w \
             WHERE w.state = 'on' AND (w.change < a.change OR w.change = a.change AND w.place < a.place)) \
             ORDER BY a.change DESC, a.place DESC LIMIT 1";
        let Some(row) = query(LAST).at(before).fetch_optional(self.connection()).await? else { return Ok(()) };
        let last = place(&row)?;
        let (change, _) = self.change().await?;
        for sql in [
            "INSERT INTO feed_cut (change, cut_change, cut_place) VALUES ($3, $1, $2)",
            "DELETE FROM announcement WHERE $3 = $3 AND (change < $1 OR change = $1 AND place <= $2)",
        ] {
            query(sql).bind(last.change.0).bind(last.number).bind(change.0).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Whether there was anything.
    pub(super) async fn keep_announcements(&mut self) -> Result<bool, StoreError> {
        let announced = std::mem::take(&mut self.announcing.0);
        if announced.is_empty() {
            return Ok(false);
        }
        let (change, _) = self.change().await?;
        let rows: Vec<_> = (1_i64..).zip(&announced).collect();
        ANNOUNCEMENT
            .rows(self.connection(), &rows, |statement, (place, (what, family, thing))| {
                statement.bind(change.0).bind(*place).bind(what.code()).maybe_key(family.as_ref()).bind(thing)
            })
            .await?;
        Ok(true)
    }
}

/// Up to where nothing is kept.
async fn cut(connection: &mut Connection) -> Result<InFeed, StoreError> {
    const SQL: &str = "SELECT cut_change AS change, cut_place AS place FROM feed_cut ORDER BY feed_cut.change DESC LIMIT 1";
    let row = query(SQL).fetch_optional(connection).await?;
    row.as_ref().map_or(Ok(InFeed::default()), place)
}

fn place(row: &Row) -> Result<InFeed, StoreError> {
    Ok(InFeed { change: ChangeId(row.number("change")?), number: row.number("place")? })
}

fn read(row: &Row) -> Result<Announcement, StoreError> {
    Ok(Announcement {
        place: place(row)?,
        at: row.at("at")?,
        what: row.parsed("name")?,
        family: row.maybe_key("family")?,
        thing: row.text("thing")?,
    })
}
