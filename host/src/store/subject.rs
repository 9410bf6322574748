//! Requests of people to see what is held about them: what a reviewer said of each part, and what was released.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Digest, Fact, FactId, FamilyId, KnownAt, PersonId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRequest {
    pub id: i64,
    pub person: PersonId,
    pub opened_at: KnownAt,
    pub opened_by: String,
    pub released: Option<Released>,
}

/// What left the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    pub at: KnownAt,
    pub by: String,
    pub digest: Digest,
    /// None: erased since.
    pub bytes: Option<Vec<u8>>,
}

/// What a reviewer said of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// As kind and id.
    pub part: String,
    pub shown: bool,
    pub reason: String,
    pub at: KnownAt,
    pub by: String,
}

/// A fact, in force or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub fact: Fact,
    /// Corrected or withdrawn: when, and by which fact.
    pub superseded: Option<(KnownAt, Option<FactId>)>,
}

/// Every fact that was ever about somebody ($1), about a family that they are or were a member of, or about a home of it.
const ABOUT: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, \
         f.supersedes, f.detail, c.at, s.successor, g.at AS gone \
     FROM (SELECT id FROM fact WHERE person = $1 UNION SELECT id FROM fact WHERE other = $1 \
           UNION SELECT w.id FROM fact m JOIN fact w ON w.family = m.family AND w.person IS NULL WHERE m.person = $1 AND m.kind = 'membership' \
           UNION SELECT h.id FROM fact m JOIN fact r ON r.family = m.family AND r.kind = 'residence' \
                 JOIN fact h ON h.home = r.home AND h.family IS NULL AND h.person IS NULL WHERE m.person = $1 AND m.kind = 'membership') ours \
     JOIN fact f ON f.id = ours.id JOIN change c ON c.id = f.change \
     LEFT JOIN superseded s ON s.fact = f.id LEFT JOIN change g ON g.id = s.change ORDER BY f.first, f.change, f.id";

macro_rules! request {
    ($rest:literal) => {
        concat!("SELECT id, person, opened_at, opened_by, released_at, released_by, digest, released FROM subject_request ", $rest)
    };
}

impl AuthorityStore {
    /// Every fact that was ever about somebody or a family or home of theirs, corrected and withdrawn ones too, by when it was true.
    ///
    /// # Errors
    /// `NoSuch` where there is no such person.
    pub async fn held_about(&self, person: PersonId) -> Result<Vec<Held>, StoreError> {
        let mut connection = self.read().await?;
        let there = query("SELECT 1 FROM person WHERE id = $1").key(&person).fetch_optional(&mut connection).await?;
        there.ok_or_else(|| StoreError::no_such("person", person))?;
        let rows = query(ABOUT).key(&person).fetch_all(&mut connection).await?;
        let held = |row: &Row| {
            let gone = row.maybe_at("gone")?;
            let successor = row.maybe_key("successor")?;
            Ok(Held { fact: super::facts::read(row)?, superseded: gone.map(|at| (at, successor)) })
        };
        rows.iter().map(held).collect()
    }

    /// Families that somebody ever was said to be a member of, withdrawn memberships too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_ever_of(&self, person: PersonId) -> Result<Vec<FamilyId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT family FROM fact WHERE person = $1 AND kind = 'membership' ORDER BY family";
        let rows = query(SQL).key(&person).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| r.key("family")).collect()
    }

    /// # Errors
    /// `NoSuch` where there is no such request.
    pub async fn subject_request(&self, id: i64) -> Result<SubjectRequest, StoreError> {
        let row = query(request!("WHERE id = $1")).bind(id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("subject request", id))?)
    }

    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn subject_requests(&self, before: Option<u64>, limit: u32) -> Result<Page<SubjectRequest, u64>, StoreError> {
        let rows = query(request!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .count(before.unwrap_or(u64::MAX))
            .bind(Page::<SubjectRequest, u64>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.id.unsigned_abs()))
    }

    /// What a reviewer said, of each part the latest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn subject_reviews(&self, request: i64) -> Result<Vec<Review>, StoreError> {
        let rows = query("SELECT part, shown, reason, at, by FROM subject_review WHERE request = $1 ORDER BY part")
            .bind(request)
            .fetch_all(&mut *self.read().await?)
            .await?;
        let review = |row: &Row| {
            let shown = row.number("shown")? == 1;
            Ok(Review { part: row.text("part")?, shown, reason: row.text("reason")?, at: row.at("at")?, by: row.text("by")? })
        };
        rows.iter().map(review).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is no such person.
    pub async fn open_subject_request(&mut self, person: PersonId, by: &str) -> Result<i64, StoreError> {
        let there = query("SELECT 1 FROM person WHERE id = $1").key(&person).fetch_optional(self.connection()).await?;
        there.ok_or_else(|| StoreError::no_such("person", person))?;
        let now = self.now();
        let row = query("INSERT INTO subject_request (person, opened_at, opened_by) VALUES ($1, $2, $3) RETURNING id")
            .key(&person)
            .at(now)
            .bind(by.to_owned())
            .fetch_one(self.connection())
            .await?;
        row.number("id")
    }

    /// What a reviewer says of a part, in the place of what was said of it before.
    ///
    /// # Errors
    /// `NoSuch` where there is no such request; `Conflict` where it was released.
    pub async fn review_subject_part(&mut self, request: i64, part: &str, shown: bool, reason: &str, by: &str) -> Result<(), StoreError> {
        self.must_be_open(request).await?;
        let now = self.now();
        query(
            "INSERT INTO subject_review (request, part, shown, reason, at, by) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (request, part) DO UPDATE SET shown = excluded.shown, reason = excluded.reason, at = excluded.at, by = excluded.by",
        )
        .bind(request)
        .bind(part.to_owned())
        .bind(i64::from(shown))
        .bind(reason.to_owned())
        .at(now)
        .bind(by.to_owned())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps what leaves the house.
    ///
    /// # Errors
    /// `NoSuch` where there is no such request; `Conflict` where it was released.
    pub async fn release_subject_request(&mut self, request: i64, bytes: &[u8], by: &str) -> Result<Digest, StoreError> {
        self.must_be_open(request).await?;
        let (now, digest) = (self.now(), Digest::of(bytes));
        query("UPDATE subject_request SET released_at = $2, released_by = $3, digest = $4, released = $5 WHERE id = $1")
            .bind(request)
            .at(now)
            .bind(by.to_owned())
            .key(&digest)
            .bind(bytes.to_vec())
            .execute(self.connection())
            .await?;
        Ok(digest)
    }

    async fn must_be_open(&mut self, request: i64) -> Result<(), StoreError> {
        let row = query(request!("WHERE id = $1")).bind(request).fetch_optional(self.connection()).await?;
        match read(&row.ok_or_else(|| StoreError::no_such("subject request", request))?)?.released {
            None => Ok(()),
            Some(_) => Err(StoreError::Conflict("this request was released: open another".to_owned())),
        }
    }
}

fn read(row: &Row) -> Result<SubjectRequest, StoreError> {
    let released = match (row.maybe_at("released_at")?, row.maybe_key("digest")?) {
        (Some(at), Some(digest)) => {
            let bytes: Option<Vec<u8>> = row.maybe_bytes("released")?;
            if bytes.as_ref().is_some_and(|b| Digest::of(b) != digest) {
                return Err(StoreError::damaged("subject request", "what is kept is not what was released"));
            }
            Some(Released { at, by: row.maybe_text("released_by")?.unwrap_or_default(), digest, bytes })
        }
        _ => None,
    };
    Ok(SubjectRequest {
        id: row.number("id")?,
        person: row.key("person")?,
        opened_at: row.at("opened_at")?,
        opened_by: row.text("opened_by")?,
        released,
    })
}
