//! Seals: batches of entries under one hash, each naming the one before.

use serde::Serialize;

use super::{Anchor, AuthorityStore, COMMON_TRAIL, Common, StoreError, after_place};
use crate::record::{Digest, KnownAt, canonical};
use crate::store::sql::{Connection, Row, query};
use crate::store::{Page, Stores};

/// Entries of one seal: 400 KiB of hashes.
const MOST: u32 = 10_000;
/// Bytes that a seal lists of an entry: its id and its hash.
pub(super) const LISTED: usize = 8 + 32;

/// A batch of entries. Kept elsewhere, its digest says that nothing before it was changed, left out or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// From 1, without a gap.
    pub number: u64,
    pub at: KnownAt,
    /// Places of its first and last entry.
    pub first: i64,
    pub last: i64,
    pub count: u64,
    /// Of the seal before; none: it is the first.
    pub before: Option<Digest>,
    pub digest: Digest,
    /// Place and hash of each entry.
    pub(super) entries: Vec<u8>,
}

/// What is hashed of a seal, in this order.
#[derive(Serialize)]
struct Said<'a> {
    trail: &'a str,
    number: u64,
    at: KnownAt,
    first: i64,
    last: i64,
    entries: Digest,
    before: Option<Digest>,
}

impl Seal {
    /// What its digest has to be, in the trail of that name.
    pub(super) fn reckoned(&self, trail: &str) -> Digest {
        let Self { number, at, first, last, before, .. } = *self;
        canonical(&Said { trail, number, at, first, last, entries: Digest::of(&self.entries), before }).0
    }

    /// Place and hash of each entry. None: the list is cut short.
    pub(super) fn listed(&self) -> Option<Vec<(i64, Digest)>> {
        let chunks = self.entries.chunks_exact(LISTED);
        if !chunks.remainder().is_empty() {
            return None;
        }
        chunks.map(|c| Some((i64::from_be_bytes(c.get(..8)?.try_into().ok()?), Digest::from_bytes(c.get(8..)?)?))).collect()
    }
}

impl AuthorityStore {
    /// Seals what is not sealed yet; the seal, if there was anything. More than ten thousand entries take several calls.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn audit_seal(&self) -> Result<Option<Seal>, StoreError> {
        let mut tx = self.database().begin().await?;
        let sealed = next(&mut tx, self.id().as_str(), self.clock().now()).await?;
        tx.commit().await?;
        Ok(sealed)
    }
}

impl Common {
    /// As an authority's.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn audit_seal(&self) -> Result<Option<Seal>, StoreError> {
        let mut tx = self.database().begin().await?;
        let sealed = next(&mut tx, COMMON_TRAIL, self.clock().now()).await?;
        tx.commit().await?;
        Ok(sealed)
    }
}

impl Stores {
    /// Seals every trail up to its end; the last seal of each that had something to seal, to be kept elsewhere. One that cannot be
    /// written now does not keep the others from it.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first file said that could not be written.
    pub async fn seal_all(&self) -> Result<Vec<Anchor>, StoreError> {
        let (mut anchors, mut first_fault) = (Vec::new(), None);
        for authority in self.common().authorities().await? {
            let sealed = async {
                let store = self.authority(&authority.code).await?;
                let mut last = None;
                while let Some(seal) = store.audit_seal().await? {
                    last = Some(seal);
                }
                Ok(last)
            };
            match sealed.await {
                Ok(seal) => anchors.extend(seal.map(|s| Anchor::of(authority.code.as_str(), &s))),
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        while let Some(seal) = self.common().audit_seal().await? {
            anchors.push(Anchor::of(COMMON_TRAIL, &seal));
        }
        first_fault.map_or(Ok(anchors), Err)
    }
}

/// In a transaction that holds the file: no entry comes between.
async fn next(connection: &mut Connection, trail: &str, at: KnownAt) -> Result<Option<Seal>, StoreError> {
    let before = latest(connection).await?;
    let entries = after_place(connection, before.as_ref().map_or(0, |b| b.last), MOST).await?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
    let mut seal = Seal {
        number: before.as_ref().map_or(0, |b| b.number) + 1,
        at,
        first: first.id,
        last: last.id,
        count: entries.len() as u64,
        before: before.map(|b| b.digest),
        digest: Digest([0; 32]),
        entries: entries.iter().flat_map(|e| e.id.to_be_bytes().into_iter().chain(e.digest().0)).collect(),
    };
    seal.digest = seal.reckoned(trail);
    query("INSERT INTO audit_seal (number, at, first, last, entries, before, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .count(seal.number)
        .at(seal.at)
        .bind(seal.first)
        .bind(seal.last)
        .bind(seal.entries.clone())
        .maybe_key(seal.before.as_ref())
        .key(&seal.digest)
        .execute(connection)
        .await?;
    Ok(Some(seal))
}

pub(super) async fn latest(connection: &mut Connection) -> Result<Option<Seal>, StoreError> {
    const SQL: &str = "SELECT number, at, first, last, entries, before, digest FROM audit_seal ORDER BY number DESC LIMIT 1";
    query(SQL).fetch_optional(connection).await?.as_ref().map(read).transpose()
}

pub(super) async fn page(connection: &mut Connection, after: u64, limit: u32) -> Result<Page<Seal, u64>, StoreError> {
    const SQL: &str = "SELECT number, at, first, last, entries, before, digest FROM audit_seal WHERE number > $1 ORDER BY number LIMIT $2";
    let rows = query(SQL).count(after).bind(Page::<Seal, u64>::rows(limit)).fetch_all(connection).await?;
    Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |s| s.number))
}

fn read(row: &Row) -> Result<Seal, StoreError> {
    let entries = row.bytes("entries")?;
    Ok(Seal {
        number: row.count("number")?,
        at: row.at("at")?,
        first: row.number("first")?,
        last: row.number("last")?,
        count: (entries.len() / LISTED) as u64,
        before: row.maybe_key("before")?,
        digest: row.key("digest")?,
        entries,
    })
}
