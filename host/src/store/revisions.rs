//! A family's record after its n-th change, as runs are given it: built once, where the record changes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::facts::Seals;
use super::sql::{BATCH, Connection, Insert, places, query};
use super::touched::Through;
use super::{AuthorityStore, AuthorityTx, ChangeId, Page, StoreError, content, coverage, facts};
use crate::record::{Digest, FamilyId, KnownAt, SealId, Snapshot};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub family: FamilyId,
    pub revision: u64,
    pub change: ChangeId,
    pub at: KnownAt,
    /// Its bytes are kept while the revision is the current one, or a decision rests on it.
    pub snapshot: Digest,
}

/// What a run about a family is given now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentSnapshot {
    pub family: FamilyId,
    pub revision: u64,
    pub digest: Digest,
    pub bytes: Vec<u8>,
    /// Whose facts it holds, where it is for an installation that is granted what is sealed.
    pub seals: Vec<SealId>,
}

macro_rules! current {
    ($rest:literal) => {
        concat!(
            "SELECT r.family, r.revision, r.snapshot, k.bytes FROM family f JOIN family_revision r ON r.family = f.id ",
            "AND r.revision = (SELECT MAX(revision) FROM family_revision WHERE family = f.id) ",
            "LEFT JOIN content k ON k.digest = r.snapshot ",
            $rest
        )
    };
}

static REVISION: LazyLock<Insert> = LazyLock::new(|| Insert::into("family_revision", &["family", "revision", "change", "snapshot"]));

fn latest_text(families: usize) -> String {
    format!(
        "SELECT family, revision, snapshot FROM family_revision r WHERE family IN ({}) \
         AND revision = (SELECT MAX(revision) FROM family_revision WHERE family = r.family)",
        places(1, families)
    )
}
static LATEST_ONE: LazyLock<String> = LazyLock::new(|| latest_text(1));
static LATEST: LazyLock<String> = LazyLock::new(|| latest_text(BATCH));

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn snapshot(&self, family: FamilyId) -> Result<CurrentSnapshot, StoreError> {
        let row = query(current!("WHERE f.id = $1")).key(&family).fetch_optional(&mut *self.read().await?).await?;
        read_current(&row.ok_or_else(|| StoreError::no_such("family", family))?)
    }

    /// Of every family, by family: what bulk evaluation reads, some hundred at a time.
    ///
    /// # Errors
    /// `Damaged` where the bytes of a current snapshot are missing.
    pub async fn snapshots(&self, after: Option<FamilyId>, limit: u32) -> Result<Page<CurrentSnapshot, FamilyId>, StoreError> {
        let rows = query(current!("WHERE f.id > $1 ORDER BY f.id LIMIT $2"))
            .bind(after.as_ref().map_or(&[][..], FamilyId::as_bytes))
            .bind(Page::<CurrentSnapshot, FamilyId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read_current).collect::<Result<_, _>>()?, limit, |s| s.family))
    }

    /// # Errors
    /// `NoSuch` where the family, or the revision of it, does not exist.
    pub async fn revision(&self, family: FamilyId, revision: u64) -> Result<Revision, StoreError> {
        revision_of(&mut *self.read().await?, family, revision).await
    }

    /// What the record says today about that revision: the facts that were known then, with what was corrected since still
    /// in force. The same bytes as were kept, unless something was erased.
    ///
    /// # Errors
    /// `NoSuch` where the family, or the revision of it, does not exist.
    pub async fn rebuild_snapshot(&self, family: FamilyId, revision: u64) -> Result<(Digest, Vec<u8>), StoreError> {
        let mut connection = self.read().await?;
        let Revision { change, at, .. } = revision_of(&mut connection, family, revision).await?;
        let seals = Seals::LeftOut { change: change.0, on: at.day() };
        Ok(build(&mut connection, family, revision, change, seals).await?.encode())
    }

    /// The same as known after a change, with what is sealed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn rebuild_with_sealed(&self, family: FamilyId, revision: u64, known: ChangeId) -> Result<(Digest, Vec<u8>), StoreError> {
        let mut connection = self.read().await?;
        Ok(build(&mut connection, family, revision, known, Seals::Seen).await?.encode())
    }

    /// What an installation is given that is granted what is sealed: the same, unless something of the family is.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn with_sealed(&self, current: CurrentSnapshot, known: ChangeId) -> Result<CurrentSnapshot, StoreError> {
        let seals = super::seals::of_family(&mut *self.read().await?, current.family, self.clock().now().day()).await?;
        if seals.is_empty() {
            return Ok(current);
        }
        let (digest, bytes) = self.rebuild_with_sealed(current.family, current.revision, known).await?;
        Ok(CurrentSnapshot { digest, bytes, seals, ..current })
    }
}

impl AuthorityTx {
    /// One new revision for every family that was touched.
    pub(super) async fn revise_touched(&mut self) -> Result<Vec<(FamilyId, u64)>, StoreError> {
        let families = self.touched_families().await?;
        if families.is_empty() {
            return Ok(Vec::new());
        }
        let (change, at) = self.change().await?;
        let news = self.news.facts();
        let mut revisions = Vec::with_capacity(families.len());
        for some in families.chunks(BATCH) {
            for Revised { snapshot, is_first } in revise(self.connection(), some, change, at).await? {
                revisions.push((snapshot.family, snapshot.revision));
                // With what comes with a family that is new, its referral is what a pathway is asked about.
                if !news.is_empty() && !is_first {
                    self.news.see(snapshot.family, snapshot.facts.iter().map(|f| f.id).filter(|id| news.contains(id)));
                }
            }
        }
        Ok(revisions)
    }
}

/// A family's new revision.
struct Revised {
    snapshot: Snapshot,
    is_first: bool,
}

/// At most [`BATCH`] families; their revisions in the same order, without those that saw nothing new.
async fn revise(
    connection: &mut Connection,
    families: &[(FamilyId, Through)],
    change: ChangeId,
    at: KnownAt,
) -> Result<Vec<Revised>, StoreError> {
    let ids: Vec<FamilyId> = families.iter().map(|(family, _)| *family).collect();
    let before = latest(connection, &ids).await?;
    let mut facts = facts::of_families(connection, &ids, change.0, &Seals::LeftOut { change: change.0, on: at.day() }).await?;
    let mut coverage = coverage::of_families(connection, &ids, change.0).await?;
    let (mut revised, mut kept) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
    for (family, through) in families {
        let (facts, coverage) = (facts.remove(family).unwrap_or_default(), coverage.remove(family).unwrap_or_default());
        let before = before.get(family);
        let revision = before.map_or(0, |(revision, _)| *revision);
        let mut snapshot = Snapshot::build(*family, revision, &facts, &coverage);
        if *through == Through::Others && before.is_some_and(|(_, digest)| snapshot.encode().0 == *digest) {
            continue;
        }
        snapshot.revision = revision + 1;
        kept.push(snapshot.encode());
        revised.push(Revised { snapshot, is_first: before.is_none() });
    }
    let contents: Vec<(Digest, &[u8])> = kept.iter().map(|(digest, bytes)| (*digest, bytes.as_slice())).collect();
    content::keep(connection, &contents).await?;
    let rows: Vec<(&Snapshot, &Digest)> = revised.iter().map(|r| &r.snapshot).zip(kept.iter().map(|(digest, _)| digest)).collect();
    REVISION
        .rows(connection, &rows, |s, (snapshot, digest)| s.key(&snapshot.family).count(snapshot.revision).bind(change.0).key(*digest))
        .await?;
    let replaced: Vec<Digest> = revised.iter().filter_map(|r| before.get(&r.snapshot.family)).map(|(_, digest)| *digest).collect();
    content::drop_unless_decided(connection, &replaced).await?;
    Ok(revised)
}

/// The number and snapshot of each family's latest revision; none of one that is new.
async fn latest(connection: &mut Connection, families: &[FamilyId]) -> Result<HashMap<FamilyId, (u64, Digest)>, StoreError> {
    let statement = match families {
        [family] => query(LATEST_ONE.as_str()).key(family),
        _ => query(LATEST.as_str()).keys(families),
    };
    let rows = statement.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.key("family")?, (row.count("revision")?, row.key("snapshot")?)))).collect()
}

async fn build(
    connection: &mut Connection,
    family: FamilyId,
    revision: u64,
    change: ChangeId,
    seals: Seals,
) -> Result<Snapshot, StoreError> {
    let facts = facts::of_family(connection, family, change.0, &seals).await?;
    let coverage = coverage::of_families(connection, &[family], change.0).await?.remove(&family).unwrap_or_default();
    Ok(Snapshot::build(family, revision, &facts, &coverage))
}

async fn revision_of(connection: &mut Connection, family: FamilyId, revision: u64) -> Result<Revision, StoreError> {
    let row = query(
        "SELECT r.family, r.revision, r.change, r.snapshot, c.at FROM family_revision r JOIN change c ON c.id = r.change \
         WHERE r.family = $1 AND r.revision = $2",
    )
    .key(&family)
    .count(revision)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        super::families::must_exist(connection, family).await?;
        return Err(StoreError::no_such("revision", revision));
    };
    Ok(Revision {
        family: row.key("family")?,
        revision: row.count("revision")?,
        change: ChangeId(row.number("change")?),
        at: row.at("at")?,
        snapshot: row.key("snapshot")?,
    })
}

fn read_current(row: &super::sql::Row) -> Result<CurrentSnapshot, StoreError> {
    let family: FamilyId = row.key("family")?;
    let bytes = row.maybe_bytes("bytes")?;
    let bytes = bytes.ok_or_else(|| StoreError::damaged("family", format!("the current snapshot of {family} is missing")))?;
    Ok(CurrentSnapshot { family, revision: row.count("revision")?, digest: row.key("snapshot")?, bytes, seals: Vec::new() })
}
