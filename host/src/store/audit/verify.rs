//! Is the trail as it was kept? The first row that is not, and what is wrong with it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::seal::Seal;
use super::{Entry, after_place, entry, seal};
use crate::record::{Digest, FamilyId, Invalid};
use crate::store::StoreError;
use crate::store::sql::{Connection, query};

/// Rows that are read at once.
const ROWS: u32 = 5_000;

/// A seal as it was kept elsewhere: `E06000023 12 sha256:…`, a line of an anchor file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The authority, or `common`.
    pub trail: String,
    pub number: u64,
    pub digest: Digest,
}

impl Anchor {
    #[must_use]
    pub fn of(trail: &str, seal: &Seal) -> Self {
        Self { trail: trail.to_owned(), number: seal.number, digest: seal.digest }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.trail, self.number, self.digest)
    }
}

impl std::str::FromStr for Anchor {
    type Err = Invalid;
    fn from_str(line: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("anchor", "a line is an authority's code, the number of a seal and its digest");
        let mut parts = line.split_whitespace();
        let (Some(trail), Some(number), Some(digest), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(refused());
        };
        Ok(Self { trail: trail.to_owned(), number: number.parse().map_err(|_| refused())?, digest: digest.parse()? })
    }
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Entries that were looked at.
    pub entries: u64,
    pub seals: u64,
    /// Entries after the last seal: not protected yet.
    pub unsealed: u64,
    /// The last seal that is as it was kept.
    pub head: Option<Digest>,
    /// The first row that is not as it was kept. None: all are.
    pub broken: Option<Broken>,
}

/// A row that is not as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// `entry`, `seal`, `change`, `the revision of change`.
    pub row: &'static str,
    pub id: i64,
    pub wrong: Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Changed,
    Missing,
    Inserted,
    /// It says what another entry of its seal said.
    Reordered,
    /// It has no entry in the trail: it was inserted, or its entry taken away before it was sealed.
    Unnoted,
    /// The trail ends before it.
    Truncated,
    /// The seal that was kept elsewhere is another one: everything from some row on was written anew.
    Rewritten,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, id, .. } = self;
        match self.wrong {
            Wrong::Changed => write!(f, "{row} {id} was changed"),
            Wrong::Missing => write!(f, "{row} {id} is missing"),
            Wrong::Inserted => write!(f, "{row} {id} was inserted"),
            Wrong::Reordered => write!(f, "{row} {id} is out of its order"),
            Wrong::Unnoted => write!(f, "{row} {id} has no entry: it was inserted, or its entry taken away"),
            Wrong::Truncated => write!(f, "the trail was cut off before {row} {id}, which was kept elsewhere"),
            Wrong::Rewritten => write!(f, "{row} {id} is not the one that was kept elsewhere: what it seals was written anew"),
        }
    }
}

type Found = Result<(), Broken>;

const fn broken(row: &'static str, id: i64, wrong: Wrong) -> Broken {
    Broken { row, id, wrong }
}

pub(super) async fn verify(connection: &mut Connection, trail: &str, anchors: &[Anchor]) -> Result<Verified, StoreError> {
    let mut walk = Walk { connection, trail, verified: Verified { entries: 0, seals: 0, unsealed: 0, head: None, broken: None } };
    let anchored: BTreeMap<u64, Digest> = anchors.iter().filter(|a| a.trail == trail).map(|a| (a.number, a.digest)).collect();
    let found = match walk.seals(&anchored).await? {
        Ok(()) if trail == super::COMMON_TRAIL => Ok(()),
        Ok(()) => walk.changes().await?,
        broken => broken,
    };
    walk.verified.broken = found.err();
    Ok(walk.verified)
}

struct Walk<'a> {
    connection: &'a mut Connection,
    trail: &'a str,
    verified: Verified,
}

impl Walk<'_> {
    /// Every seal, the entries that it lists, those between and after, and what was kept elsewhere.
    async fn seals(&mut self, anchored: &BTreeMap<u64, Digest>) -> Result<Found, StoreError> {
        // From the lowest place there is: below the first entry is none.
        let (mut number, mut last) = (0_u64, i64::MIN);
        loop {
            let page = seal::page(self.connection, number, 1).await?;
            let Some(seal) = page.items.into_iter().next() else { break };
            number += 1;
            let place = i64::try_from(number).unwrap_or(i64::MAX);
            if seal.number != number {
                return Ok(Err(broken("seal", place, Wrong::Missing)));
            }
            let listed = seal.listed().filter(|l| l.first().map(|e| e.0) == Some(seal.first) && l.last().map(|e| e.0) == Some(seal.last));
            let Some(listed) = listed.filter(|_| seal.before == self.verified.head && seal.reckoned(self.trail) == seal.digest) else {
                return Ok(Err(broken("seal", place, Wrong::Changed)));
            };
            if let Err(broken) = self.entries(last, &listed).await? {
                return Ok(Err(broken));
            }
            if anchored.get(&number).is_some_and(|kept| *kept != seal.digest) {
                return Ok(Err(broken("seal", place, Wrong::Rewritten)));
            }
            last = seal.last;
            self.verified.seals = number;
            self.verified.head = Some(seal.digest);
        }
        if let Some((missing, _)) = anchored.range(number + 1..).next() {
            return Ok(Err(broken("seal", i64::try_from(*missing).unwrap_or(i64::MAX), Wrong::Truncated)));
        }
        loop {
            let unsealed = after_place(self.connection, last, ROWS).await?;
            self.verified.unsealed += unsealed.len() as u64;
            let Some(end) = unsealed.last() else { return Ok(Ok(())) };
            last = end.id;
        }
    }

    /// The entries of one seal, and none between the seal before and its last.
    async fn entries(&mut self, after: i64, listed: &[(i64, Digest)]) -> Result<Found, StoreError> {
        let Some((end, _)) = listed.last() else { return Ok(Ok(())) };
        let rows = between(self.connection, after, *end, listed.len() + 1).await?;
        for (i, (id, digest)) in listed.iter().enumerate() {
            let wrong = match rows.get(i) {
                None => Wrong::Missing,
                Some((place, _)) if place > id => Wrong::Missing,
                Some((place, _)) if place < id => return Ok(Err(broken("entry", *place, Wrong::Inserted))),
                Some((_, Some(now))) if now == digest => continue,
                Some((_, Some(now))) if listed.iter().any(|(_, other)| other == now) => Wrong::Reordered,
                Some(_) => Wrong::Changed,
            };
            return Ok(Err(broken("entry", *id, wrong)));
        }
        self.verified.entries += listed.len() as u64;
        Ok(rows.get(listed.len()).map_or(Ok(()), |(place, _)| Err(broken("entry", *place, Wrong::Inserted))))
    }

    /// Every change has its entry, which says the same, and made the revisions that the entry knows.
    async fn changes(&mut self) -> Result<Found, StoreError> {
        let effects = self.effects().await?;
        let (mut after, mut place) = (0_i64, 0_i64);
        let mut said: HashMap<i64, Entry> = HashMap::new();
        loop {
            let entries = after_place(self.connection, place, ROWS).await?;
            place = entries.last().map_or(place, |e| e.id);
            let ended = entries.is_empty();
            said.extend(entries.into_iter().filter_map(|e| Some((e.change?, e))));
            // A change is older than its entry: all that have an entry by now are there.
            let rows = query("SELECT id, at, principal, what FROM change WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(i64::from(ROWS))
                .fetch_all(&mut *self.connection)
                .await?;
            for row in &rows {
                let id = row.number("id")?;
                let Some(entry) = said.remove(&id) else {
                    if ended {
                        return Ok(Err(broken("change", id, Wrong::Unnoted)));
                    }
                    break;
                };
                let same = entry.at == row.at("at")? && entry.principal == row.text("principal")? && entry.what == row.text("what")?;
                if !same {
                    return Ok(Err(broken("change", id, Wrong::Changed)));
                }
                if entry.effects.is_some() && entry.effects != effects.get(&id).copied() {
                    return Ok(Err(broken("the revision of change", id, Wrong::Changed)));
                }
                after = id;
            }
            if ended && rows.is_empty() {
                let missing = said.into_keys().min();
                return Ok(missing.map_or(Ok(()), |id| Err(broken("change", id, Wrong::Missing))));
            }
        }
    }

    /// What each change's revisions come to.
    async fn effects(&mut self) -> Result<HashMap<i64, Digest>, StoreError> {
        let mut found = HashMap::new();
        let (mut change, mut of_change): (i64, Vec<(FamilyId, u64, Digest)>) = (0, Vec::new());
        let mut from: (i64, Vec<u8>) = (0, Vec::new());
        loop {
            let rows = query(
                "SELECT change, family, revision, snapshot FROM family_revision WHERE (change, family) > ($1, $2) \
                 ORDER BY change, family LIMIT $3",
            )
            .bind(from.0)
            .bind(from.1.clone())
            .bind(i64::from(ROWS))
            .fetch_all(&mut *self.connection)
            .await?;
            for row in &rows {
                let of = row.number("change")?;
                if of != change {
                    found.extend(digest_of(&of_change).map(|d| (change, d)));
                    (change, of_change) = (of, Vec::new());
                }
                let family: FamilyId = row.key("family")?;
                from = (of, family.as_bytes().to_vec());
                of_change.push((family, row.count("revision")?, row.key("snapshot")?));
            }
            if rows.is_empty() {
                found.extend(digest_of(&of_change).map(|d| (change, d)));
                return Ok(found);
            }
        }
    }
}

/// Of the revisions that one change made, by family; none: it made none.
pub(in crate::store) fn digest_of(revisions: &[(FamilyId, u64, Digest)]) -> Option<Digest> {
    (!revisions.is_empty()).then(|| crate::record::canonical(&revisions).0)
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, seals, unsealed, head, broken } = self;
        match broken {
            Some(broken) => write!(f, "broken: {broken} ({entries} entries in {seals} seals before it are as they were kept)"),
            None => {
                write!(f, "whole: {entries} entries in {seals} seals, {unsealed} not sealed yet")?;
                head.map_or(Ok(()), |head| write!(f, "; the last seal is {head}"))
            }
        }
    }
}

/// Place of each entry, and the hash of what it says; none where it cannot be read.
async fn between(connection: &mut Connection, after: i64, last: i64, limit: usize) -> Result<Vec<(i64, Option<Digest>)>, StoreError> {
    let rows = query(entry!("WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3")).bind(after).bind(last).count(limit as u64);
    let rows = rows.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.number("id")?, super::read(row).ok().map(|e| e.digest())))).collect()
}
