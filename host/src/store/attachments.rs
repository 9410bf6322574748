//! Files on a family: their bytes lie in the database, in pieces, so that one backup has all and one erasure reaches them.

use std::sync::LazyLock;

use super::sql::{Connection, Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, Said, StoreError};
use crate::record::{AttachmentId, DecisionId, Digest, FactId, FamilyId, KnownAt, PersonId, Section};

/// Bytes of a piece: a row that either database reads in one go.
const PIECE: usize = 256 << 10;

/// A file on a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub family: FamilyId,
    /// None of these three: on the whole family.
    pub person: Option<PersonId>,
    pub fact: Option<FactId>,
    pub decision: Option<DecisionId>,
    /// It is seen as a fact of this section is.
    pub section: Section,
    pub name: String,
    /// By its bytes.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    pub digest: Digest,
    pub by: String,
    pub at: KnownAt,
    /// Then its bytes are gone.
    pub removed: Option<Said>,
}

macro_rules! attachment {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.family, a.person, a.fact, a.decision, a.section, a.name, a.media_type, a.size, a.digest, a.principal, c.at, ",
            "a.removed_by, a.removed_why, r.at AS removed_at FROM attachment a JOIN change c ON c.id = a.change ",
            "LEFT JOIN change r ON r.id = a.removed ",
            $rest
        )
    };
}

static PIECES: LazyLock<Insert> = LazyLock::new(|| Insert::into("attachment_piece", &["attachment", "position", "bytes"]));

/// The end of a line of corrections that begins with a fact ($1): the last word about it, in force or not.
const LAST_WORD: &str = "WITH RECURSIVE line (fact) AS (SELECT id FROM fact WHERE id = $1 \
     UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
     SELECT fact FROM line l WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = l.fact AND s.successor IS NOT NULL)";

impl AuthorityStore {
    /// Those on a family and on families that go on within it, removed ones too, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn attachments(&self, family: FamilyId) -> Result<Vec<Attachment>, StoreError> {
        let mut connection = self.read().await?;
        let sql = attachment!(
            "WHERE a.family = $1 OR a.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY a.id DESC"
        );
        let mut all = Vec::new();
        for row in query(sql).key(&family).fetch_all(&mut connection).await? {
            all.push(read(&mut connection, &row).await?);
        }
        Ok(all)
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Attachment, StoreError> {
        let mut connection = self.read().await?;
        let row = query(attachment!("WHERE a.id = $1")).key(&id).fetch_optional(&mut connection).await?;
        read(&mut connection, &row.ok_or_else(|| StoreError::no_such("attachment", id))?).await
    }

    /// # Errors
    /// `NoSuch` where it was removed; `Damaged` where its bytes are not those that were kept.
    pub async fn attached_bytes(&self, attachment: &Attachment) -> Result<Vec<u8>, StoreError> {
        const SQL: &str = "SELECT bytes FROM attachment_piece WHERE attachment = $1 ORDER BY position";
        let rows = query(SQL).key(&attachment.id).fetch_all(&mut *self.read().await?).await?;
        if rows.is_empty() {
            return Err(StoreError::no_such("attachment", attachment.id));
        }
        let mut bytes = Vec::new();
        for row in rows {
            bytes.extend(row.bytes("bytes")?);
        }
        if Digest::of(&bytes) != attachment.digest {
            return Err(StoreError::damaged("attachment", format!("{} has other bytes than were kept", attachment.id)));
        }
        Ok(bytes)
    }
}

impl AuthorityTx {
    /// # Errors
    /// `Conflict` where the family is closed.
    pub async fn attach(&mut self, new: &Attachment, bytes: &[u8]) -> Result<(), StoreError> {
        super::closed::refuse(self.connection(), &[new.family].into(), &new.person.into_iter().collect()).await?;
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO attachment (id, family, person, fact, decision, section, name, media_type, size, digest, principal, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .key(&new.id)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .maybe_key(new.fact.as_ref())
        .maybe_key(new.decision.as_ref())
        .bind(new.section.code())
        .bind(new.name.as_str())
        .bind(new.media_type.as_str())
        .count(new.size)
        .key(&new.digest)
        .bind(new.by.as_str())
        .bind(change.0)
        .execute(self.connection())
        .await?;
        let pieces: Vec<(i64, &[u8])> = (0..).zip(bytes.chunks(PIECE)).collect();
        PIECES.rows(self.connection(), &pieces, |s, (position, piece)| s.key(&new.id).bind(*position).bind(*piece)).await?;
        Ok(())
    }

    /// Its bytes go; that there was a file, and why it went, stays.
    ///
    /// # Errors
    /// `Conflict` where it was removed before.
    pub async fn remove_attachment(&mut self, id: AttachmentId, why: &str) -> Result<Said, StoreError> {
        let (change, at) = self.change().await?;
        let by = self.principal().to_owned();
        let done = query("UPDATE attachment SET removed = $2, removed_by = $3, removed_why = $4 WHERE id = $1 AND removed IS NULL")
            .key(&id)
            .bind(change.0)
            .bind(by.as_str())
            .bind(why)
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("it was removed before".to_owned()));
        }
        query("DELETE FROM attachment_piece WHERE attachment = $1").key(&id).execute(self.connection()).await?;
        Ok(Said { at, by, words: why.to_owned() })
    }
}

/// As the record goes on: on whom its person was found to be, on the last word about its fact, with the family that it counts to.
async fn read(connection: &mut Connection, row: &Row) -> Result<Attachment, StoreError> {
    let removed = match row.maybe_at("removed_at")? {
        Some(at) => {
            let (by, words) = (row.maybe_text("removed_by")?.unwrap_or_default(), row.maybe_text("removed_why")?.unwrap_or_default());
            Some(Said { at, by, words })
        }
        None => None,
    };
    let (mut person, mut fact): (Option<PersonId>, Option<FactId>) = (row.maybe_key("person")?, row.maybe_key("fact")?);
    if let Some(id) = person {
        person = Some(super::closed::goes_on_as(connection, id).await?);
    }
    if let Some(id) = fact {
        let last = query(LAST_WORD).key(&id).fetch_optional(connection).await?;
        fact = Some(last.map_or(Ok(id), |row| row.key("fact"))?);
    }
    let section = row.text("section")?;
    Ok(Attachment {
        id: row.key("id")?,
        family: row.key("family")?,
        person,
        fact,
        decision: row.maybe_key("decision")?,
        section: Section::from_code(&section).ok_or_else(|| StoreError::damaged("section", "is not one"))?,
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        size: row.count("size")?,
        digest: row.key("digest")?,
        by: row.text("principal")?,
        at: row.at("at")?,
        removed,
    })
}
