//! Families that go from one authority to another: what each of the two keeps of it in its own record.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::closed::How;
use super::sql::{BATCH, Insert, Row, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::handover::{Handed, Terms, leave};
use crate::record::{AuthorityId, Digest, FactId, FamilyId, HandoverId, KnownAt, OrganisationId, Sections};

/// A family that was given, as the authority keeps it that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub id: HandoverId,
    pub family: FamilyId,
    pub to: AuthorityId,
    pub terms: Terms,
    /// Of what was given.
    pub digest: Digest,
    pub state: GivenState,
    /// When, by whom, and why where it was refused or taken back.
    pub settled: Option<(KnownAt, String, Option<String>)>,
}

/// How far it is, seen from the authority that gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenState {
    /// Kept here, and not yet where the other authority finds it.
    Making,
    Waiting,
    Withdrawn,
    Refused,
    /// The family is the other authority's, and closed here.
    Moved,
}

impl GivenState {
    const ALL: [Self; 5] = [Self::Making, Self::Waiting, Self::Withdrawn, Self::Refused, Self::Moved];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Waiting => "waiting",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::Moved => "moved",
        }
    }
}

/// A family that was taken in, as the authority keeps it that took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub id: HandoverId,
    pub family: FamilyId,
    pub from: AuthorityId,
    pub terms: Terms,
    pub digest: Digest,
    pub by: String,
    pub at: KnownAt,
}

/// Who had said a fact at the authority that gave it, and when it was known there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidThere {
    pub handover: HandoverId,
    pub from: AuthorityId,
    pub source: OrganisationId,
    pub reference: Option<String>,
    pub known_at: KnownAt,
}

macro_rules! given {
    ($rest:literal) => {
        concat!(
            "SELECT h.id, h.family, h.to_whom, h.sections, h.basis, h.reason, h.first, h.principal, h.digest, h.told, h.state, ",
            "h.settled_at, h.settled_by, h.answer, c.at FROM handover_given h JOIN change c ON c.id = h.change ",
            $rest
        )
    };
}
macro_rules! taken {
    ($rest:literal) => {
        concat!(
            "SELECT h.id, h.family, h.from_whom, h.sections, h.basis, h.reason, h.first, h.given_by, h.given_at, h.principal, h.digest, ",
            "h.told, c.at FROM handover_taken h JOIN change c ON c.id = h.change ",
            $rest
        )
    };
}

static HANDED: LazyLock<Insert> = LazyLock::new(|| Insert::into("handed_fact", &["fact", "handover", "source", "reference", "known_at"]));
static SAID_THERE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT f.fact, f.handover, f.source, f.reference, f.known_at, h.from_whom FROM handed_fact f \
         JOIN handover_taken h ON h.id = f.handover WHERE f.fact IN ({})",
        places(1, BATCH)
    )
});

impl AuthorityStore {
    /// All of them, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handovers_given(&self) -> Result<Vec<Given>, StoreError> {
        let rows = query(given!("ORDER BY h.id DESC")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_given).collect()
    }

    /// None: not one of this authority's.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handover_given(&self, id: HandoverId) -> Result<Option<Given>, StoreError> {
        let row = query(given!("WHERE h.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read_given).transpose()
    }

    /// What is given, while it is not yet where the other authority finds it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn package_given(&self, id: HandoverId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = query("SELECT package FROM handover_given WHERE id = $1").key(&id).fetch_optional(&mut *self.read().await?).await?;
        row.map_or(Ok(None), |row| row.maybe_bytes("package"))
    }

    /// Those on their way of which something was erased since they were given.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handovers_of_erased(&self) -> Result<Vec<Given>, StoreError> {
        let rows =
            query(given!("WHERE h.state IN ('making', 'waiting') AND h.answer = 'erased'")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_given).collect()
    }

    /// All of them, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handovers_taken(&self) -> Result<Vec<Taken>, StoreError> {
        let rows = query(taken!("ORDER BY h.id DESC")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_taken).collect()
    }

    /// None: it was not taken in here.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn handover_taken(&self, id: HandoverId) -> Result<Option<Taken>, StoreError> {
        let row = query(taken!("WHERE h.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read_taken).transpose()
    }

    /// Of facts that came with a family from another authority: who had said them there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn said_there(&self, facts: &[FactId]) -> Result<HashMap<FactId, SaidThere>, StoreError> {
        let mut connection = self.read().await?;
        let mut found = HashMap::new();
        for chunk in facts.chunks(BATCH) {
            for row in query(SAID_THERE.as_str()).keys(chunk).fetch_all(&mut connection).await? {
                let said = SaidThere {
                    handover: row.key("handover")?,
                    from: row.parsed("from_whom")?,
                    source: row.parsed("source")?,
                    reference: row.maybe_text("reference")?,
                    known_at: row.at("known_at")?,
                };
                found.insert(row.key("fact")?, said);
            }
        }
        Ok(found)
    }
}

impl AuthorityTx {
    /// Keeps that a family is to be given, with what is given until it lies where the other authority finds it.
    ///
    /// # Errors
    /// `Conflict` where the family is closed, or on its way already.
    pub async fn give_family(&mut self, given: &Given, package: &[u8]) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), given.family).await?;
        super::closed::refuse(self.connection(), &[given.family].into(), &[].into()).await?;
        self.must_not_be_leaving(given.family).await?;
        let (change, _) = self.change().await?;
        let Terms { sections, basis, reason, first, given_by, told, .. } = &given.terms;
        query(
            "INSERT INTO handover_given (id, family, to_whom, sections, basis, reason, first, principal, change, digest, told, package, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .key(&given.id)
        .key(&given.family)
        .bind(given.to.as_str())
        .bind(sections.iter().copied().collect::<Sections>().number())
        .bind(basis.code())
        .bind(reason)
        .day(*first)
        .bind(given_by)
        .bind(change.0)
        .key(&given.digest)
        .bind(as_json(told))
        .bind(package)
        .bind(given.state.code())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// It lies where the other authority finds it: whether it did not before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn given_is_waiting(&mut self, id: HandoverId) -> Result<bool, StoreError> {
        let done = query("UPDATE handover_given SET state = 'waiting', package = NULL WHERE id = $1 AND state = 'making'").key(&id);
        Ok(done.execute(self.connection()).await?.rows_affected() == 1)
    }

    /// How it ended; where the family has moved, it is closed here. Whether it had not ended before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn settle_given(&mut self, given: &Given, state: GivenState, by: &str, answer: Option<&str>) -> Result<bool, StoreError> {
        let now = self.now();
        let done = query(
            "UPDATE handover_given SET state = $2, settled_at = $3, settled_by = $4, answer = $5, package = NULL \
             WHERE id = $1 AND state IN ('making', 'waiting')",
        )
        .key(&given.id)
        .bind(state.code())
        .at(now)
        .bind(by)
        .bind(answer)
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if state == GivenState::Moved {
            let own = self.own_facts(given.family).await?;
            self.carry(&leave(&own, given.terms.first), &[]).await?;
            self.close_family(given.family, How::Moved).await?;
        }
        Ok(true)
    }

    /// Keeps that a family was taken in, and who had said what there.
    ///
    /// # Errors
    /// `Conflict` where it was taken in before.
    pub async fn take_family(&mut self, taken: &Taken, facts: &[Handed]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let Terms { sections, basis, reason, first, given_by, given_at, told } = &taken.terms;
        let done = query(
            "INSERT INTO handover_taken (id, family, from_whom, sections, basis, reason, first, given_by, given_at, principal, change, \
             digest, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .key(&taken.id)
        .key(&taken.family)
        .bind(taken.from.as_str())
        .bind(sections.iter().copied().collect::<Sections>().number())
        .bind(basis.code())
        .bind(reason)
        .day(*first)
        .bind(given_by)
        .at(*given_at)
        .bind(&taken.by)
        .bind(change.0)
        .key(&taken.digest)
        .bind(as_json(told))
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("this family was taken in before".to_owned()));
        }
        HANDED
            .rows(self.connection(), facts, |s, handed| {
                let s = s.key(&handed.fact.id).key(&taken.id).bind(handed.source.as_str());
                s.bind(handed.reference.as_deref()).at(handed.known_at)
            })
            .await?;
        Ok(())
    }

    /// # Errors
    /// `Conflict` where the family is on its way to another authority.
    pub(super) async fn must_not_be_leaving(&mut self, family: FamilyId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT 1 FROM handover_given WHERE family = $1 AND state IN ('making', 'waiting')";
        match query(SQL).key(&family).fetch_optional(self.connection()).await? {
            Some(_) => Err(StoreError::Conflict("the family is on its way to another authority: take that back first".to_owned())),
            None => Ok(()),
        }
    }
}

fn as_json(told: &crate::record::handover::Told) -> String {
    // Numbers by words: they always become JSON.
    serde_json::to_string(told).unwrap_or_default()
}

fn terms(row: &Row, given_by: &str, given_at: &str) -> Result<Terms, StoreError> {
    let sections = Sections::from_number(row.number("sections")?).ok_or_else(|| StoreError::damaged("sections", "are not known"))?;
    Ok(Terms {
        sections: sections.iter().collect(),
        basis: row.parsed("basis")?,
        reason: row.text("reason")?,
        first: row.day("first")?,
        given_by: row.text(given_by)?,
        given_at: row.at(given_at)?,
        told: row.json("told")?,
    })
}

fn read_given(row: &Row) -> Result<Given, StoreError> {
    let state = row.text("state")?;
    let settled = match row.maybe_at("settled_at")? {
        Some(at) => Some((at, row.maybe_text("settled_by")?.unwrap_or_default(), row.maybe_text("answer")?)),
        None => None,
    };
    Ok(Given {
        id: row.key("id")?,
        family: row.key("family")?,
        to: row.parsed("to_whom")?,
        terms: terms(row, "principal", "at")?,
        digest: row.key("digest")?,
        state: GivenState::ALL
            .into_iter()
            .find(|s| s.code() == state)
            .ok_or_else(|| StoreError::damaged("handover_given", format!("`{state}` is not a state")))?,
        settled,
    })
}

fn read_taken(row: &Row) -> Result<Taken, StoreError> {
    Ok(Taken {
        id: row.key("id")?,
        family: row.key("family")?,
        from: row.parsed("from_whom")?,
        terms: terms(row, "given_by", "given_at")?,
        digest: row.key("digest")?,
        by: row.text("principal")?,
        at: row.at("at")?,
    })
}
