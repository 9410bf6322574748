//! The store of one authority, and its transaction. Their tables are in files of their own.

use std::collections::HashMap;
use std::sync::Arc;

use super::announcements::Announcing;
use super::audit::{self, Entry, Readings};
use super::bell::Bells;
use super::happenings::News;
use super::pool::Database;
use super::sql::{Connection, Reading, Writing, query};
use super::touched::Touched;
use super::{Common, StoreError};
use crate::record::{AuthorityId, Clock, FamilyId, KnownAt, OrganisationId};

/// The record of one authority. Ids of another are not found here: they are in another file.
#[derive(Debug, Clone)]
pub struct AuthorityStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    authority: AuthorityId,
    database: Arc<Database>,
    readings: Readings,
    common: Common,
    clock: Clock,
    bells: Bells,
}

impl AuthorityStore {
    pub(super) fn new(authority: AuthorityId, database: Database, common: Common, clock: Clock, bells: Bells) -> Self {
        let database = Arc::new(database);
        let readings = Readings::new(database.clone());
        Self { shared: Arc::new(Shared { authority, database, readings, common, clock, bells }) }
    }

    /// Whose record it is.
    #[must_use]
    pub fn id(&self) -> &AuthorityId {
        &self.shared.authority
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Opens a transaction. `principal` is who does it, `what` is what is done, in words that the record keeps.
    ///
    /// # Errors
    /// `Busy` where another transaction holds the file for too long.
    pub async fn write(&self, principal: &str, what: &str) -> Result<AuthorityTx, StoreError> {
        Ok(AuthorityTx {
            inner: self.shared.database.begin().await?,
            authority: self.shared.authority.clone(),
            common: self.shared.common.clone(),
            principal: principal.to_owned(),
            what: what.to_owned(),
            now: self.shared.clock.now(),
            change: None,
            touched: Touched::default(),
            news: News::default(),
            announcing: Announcing::default(),
            bells: self.shared.bells.clone(),
            source_kinds: HashMap::new(),
        })
    }

    pub(super) async fn read(&self) -> Result<Reading, StoreError> {
        self.shared.database.read().await
    }

    pub(super) fn database(&self) -> &Database {
        &self.shared.database
    }

    pub(super) fn readings(&self) -> &Readings {
        &self.shared.readings
    }

    pub(super) async fn close(&self) {
        self.shared.database.close().await;
    }

    /// The last change that there is: for noting of which knowledge something was read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_change(&self) -> Result<ChangeId, StoreError> {
        last_change(&mut *self.read().await?).await
    }

    /// The changes of the record, latest first: who did what. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn changes(&self, before: Option<ChangeId>, limit: u32) -> Result<super::Page<Change, ChangeId>, StoreError> {
        let rows = query("SELECT id, at, principal, what FROM change WHERE id < $1 ORDER BY id DESC LIMIT $2")
            .bind(before.map_or(i64::MAX, |c| c.0))
            .bind(super::Page::<Change, ChangeId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let changes = rows.iter().map(|row| {
            Ok(Change { id: ChangeId(row.number("id")?), at: row.at("at")?, principal: row.text("principal")?, what: row.text("what")? })
        });
        Ok(super::Page::cut(changes.collect::<Result<_, StoreError>>()?, limit, |c| c.id))
    }
}

pub(super) async fn last_change(connection: &mut Connection) -> Result<ChangeId, StoreError> {
    let row = query("SELECT COALESCE(MAX(id), 0) AS last FROM change").fetch_one(connection).await?;
    Ok(ChangeId(row.number("last")?))
}

/// Position of a change among the authority's changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(pub i64);

/// One transaction that wrote something: who did what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub id: ChangeId,
    pub at: KnownAt,
    pub principal: String,
    pub what: String,
}

/// Of which day's knowledge the record is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AsKnown {
    #[default]
    Now,
    /// After this change.
    After(ChangeId),
    /// At this instant.
    At(KnownAt),
}

impl AsKnown {
    /// The last change that counts.
    pub(super) async fn last_change(self, connection: &mut Connection) -> Result<i64, StoreError> {
        match self {
            Self::Now => Ok(i64::MAX),
            Self::After(change) => Ok(change.0),
            Self::At(at) => {
                let row = query("SELECT COALESCE(MAX(id), 0) AS last FROM change WHERE at <= $1").at(at).fetch_one(connection).await?;
                row.number("last")
            }
        }
    }
}

/// A transaction on one authority's file. Dropped without `commit`, it never was.
#[derive(Debug)]
pub struct AuthorityTx {
    inner: Writing,
    authority: AuthorityId,
    common: Common,
    principal: String,
    what: String,
    now: KnownAt,
    change: Option<(ChangeId, KnownAt)>,
    pub(super) touched: Touched,
    pub(super) news: News,
    pub(super) announcing: Announcing,
    bells: Bells,
    source_kinds: HashMap<OrganisationId, String>,
}

/// What a transaction came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// None where nothing was written.
    pub change: Option<ChangeId>,
    /// The new revision of every family that was touched, by family.
    pub revisions: Vec<(FamilyId, u64)>,
}

impl Committed {
    #[must_use]
    pub fn revision_of(&self, family: FamilyId) -> Option<u64> {
        self.revisions.binary_search_by_key(&family, |(id, _)| *id).ok().map(|i| self.revisions[i].1)
    }
}

impl AuthorityTx {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.inner
    }

    pub(super) const fn common(&self) -> &Common {
        &self.common
    }

    /// Who does it.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// The council itself, as the source of what the host writes into the record for it.
    #[must_use]
    pub fn council(&self) -> OrganisationId {
        OrganisationId::of_council(&self.authority)
    }

    /// When the transaction began, by the host's clock.
    #[must_use]
    pub const fn now(&self) -> KnownAt {
        self.now
    }

    /// The row that says who did what, made at the first touch of the record, or else at the end. Its instant is never before an earlier change's,
    /// whatever the clock did: what was known at an instant stays one question with one answer.
    pub(super) async fn change(&mut self) -> Result<(ChangeId, KnownAt), StoreError> {
        if let Some(change) = self.change {
            return Ok(change);
        }
        let row = query("SELECT MAX(at) AS latest FROM change").fetch_one(self.connection()).await?;
        let at = row.maybe_at("latest")?.map_or(self.now, |latest| latest.max(self.now));
        let row = query("INSERT INTO change (at, principal, what) VALUES ($1, $2, $3) RETURNING id")
            .at(at)
            .bind(&self.principal)
            .bind(&self.what)
            .fetch_one(&mut self.inner)
            .await?;
        let change = (ChangeId(row.number("id")?), at);
        self.change = Some(change);
        Ok(change)
    }

    /// What kind of organisation a fact's source is (code list organisation-kinds).
    ///
    /// # Errors
    /// `NoSuch` where there is no such organisation.
    pub async fn source_kind(&mut self, source: &OrganisationId) -> Result<&str, StoreError> {
        if !self.source_kinds.contains_key(source) {
            let found = self.common.organisation(source).await?.ok_or_else(|| StoreError::no_such("organisation", source))?;
            self.source_kinds.insert(source.clone(), found.kind);
        }
        Ok(self.source_kinds.get(source).map_or("", String::as_str))
    }

    /// Makes the new revision of every family that was touched, once each, and keeps everything. Whatever was written, the
    /// audit trail says by whom.
    ///
    /// # Errors
    /// Nothing of the transaction was kept.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        self.keep_findable().await?;
        let revisions = self.revise_touched().await?;
        let heard = self.keep_news().await?;
        let announced = self.keep_announcements().await?;
        if self.change.is_none() && self.inner.wrote() {
            self.change().await?;
        }
        let change = self.change.map(|(id, _)| id);
        if let Some((id, at)) = self.change {
            let entry = Entry::wrote(at, &self.principal, &self.what, Some(id.0), audit::digest_of(&revisions));
            audit::insert(self.connection(), &[entry]).await?;
        }
        let revisions = revisions.into_iter().map(|(family, revision, _)| (family, revision)).collect();
        self.inner.commit().await?;
        if heard {
            self.bells.happenings.ring(&self.authority);
        }
        if announced {
            self.bells.feed.ring(&self.authority);
        }
        Ok(Committed { change, revisions })
    }
}
