//! How several families stand, in one go: when each was last met, and what was answered last about its outcomes. Only of what the reader
//! sees of each, by the one predicate.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::decisions::{self, Decision};
use super::reader::{Reader, Seen, unsealed};
use super::sql::{BATCH, Row, places, query};
use super::{AuthorityStore, StoreError};
use crate::record::{Day, DecisionId, FamilyId, Section, Window};

/// A seal that is in force and does not name the reader.
const HIDES: &str = "s.lifted IS NULL AND (s.until IS NULL OR s.until >= $4) \
    AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $2)";

static LAST_MET: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT f.family, MAX(f.first) AS met FROM fact f WHERE f.family IN ({ids}) AND f.kind = 'contact' AND {} AND {} \
             AND NOT EXISTS (SELECT 1 FROM superseded x WHERE x.fact = f.id) \
             AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.fact = f.id AND {HIDES}) \
             AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.family = f.family AND s.person IN (f.person, f.other) AND {HIDES}) \
             GROUP BY f.family",
            whose.family("f.family"),
            whose.sees(Section::Notes, "f.person", "f.family"),
            ids = places(10, BATCH),
        )
    })
});

/// Of each family and question the latest, unless that tells by its bare result what the reader does not see, or was given what is sealed
/// from them: then an older one is not shown in its stead.
static LATEST: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        let covered = whose.covers_all("decision.label", "decision.family");
        let columns = "decision.id, at, principal, decision.family, revision, installation, decision.question, as_of, known_after, snapshot, \
             context, matter, claims, answer_digest, answer, result, label, instructions, millis, peak_memory";
        format!(
            "SELECT {columns}, CAST(CASE WHEN {covered} THEN 1 ELSE 0 END AS BIGINT) AS covered \
             FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY family, question ORDER BY id DESC) AS place FROM decision \
                   WHERE family IN ({ids}) AND question IN ('eligibility', 'progress')) latest \
             JOIN decision ON decision.id = latest.id WHERE latest.place = 1 AND {} AND {} AND {} \
             ORDER BY decision.family, decision.question",
            whose.family("decision.family"),
            whose.covers_telling("decision.label", "decision.family"),
            unsealed("decision.id"),
            ids = places(10, BATCH),
        )
    })
});

/// Families with an episode on a day of a window ($1 to $2).
const HELPED: &str = "SELECT DISTINCT f.family FROM fact f WHERE f.kind = 'episode' AND f.first <= $2 \
    AND (f.last IS NULL OR f.last >= $1) AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id)";
/// Their members on a day of it.
static MEMBERS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT COUNT(DISTINCT m.person) AS people FROM fact m WHERE m.kind = 'membership' AND m.first <= $2 \
         AND (m.last IS NULL OR m.last >= $1) AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = m.id) AND m.family IN ({HELPED})"
    )
});

/// Who was helped on a day of a window.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Helped {
    pub families: BTreeSet<FamilyId>,
    /// How many were members of them meanwhile.
    pub people: u64,
}

/// A bare answer to a question, without what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BareAnswer {
    pub family: FamilyId,
    pub decision: DecisionId,
    pub as_of: Day,
    pub result: String,
}

/// The latest answer to a question about a family's outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestAnswer {
    pub decision: Decision,
    /// The reader sees every section that was delivered to its run, and so what it found.
    pub whole: bool,
}

impl AuthorityStore {
    /// Who was helped on a day of a window, of all families.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn helped(&self, within: Window) -> Result<Helped, StoreError> {
        let (first, last) = (within.first, within.last.unwrap_or(Day::LAST));
        let mut connection = self.read().await?;
        let rows = query(HELPED).day(first).day(last).fetch_all(&mut connection).await?;
        let families = rows.iter().filter_map(|row| row.maybe_key("family").transpose()).collect::<Result<_, _>>()?;
        let people = query(MEMBERS.as_str()).day(first).day(last).fetch_one(&mut connection).await?.count("people")?;
        Ok(Helped { families, people })
    }

    /// Every answer to a question as of a day of a window.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn bare_answers(&self, question: &str, within: Window) -> Result<Vec<BareAnswer>, StoreError> {
        const SQL: &str = "SELECT family, id, as_of, result FROM decision WHERE question = $1 AND as_of >= $2 AND as_of <= $3";
        let asked = query(SQL).bind(question).day(within.first).day(within.last.unwrap_or(Day::LAST));
        let rows = asked.fetch_all(&mut *self.read().await?).await?;
        let one = |row: &Row| {
            let (family, decision) = (row.key("family")?, row.key("id")?);
            Ok(BareAnswer { family, decision, as_of: row.day("as_of")?, result: row.text("result")? })
        };
        rows.iter().map(one).collect()
    }

    /// When each family was last met, or was to be: the last contact that is noted. Of those of which the reader sees none, nothing.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_met_for(&self, reader: &Reader, families: &[FamilyId]) -> Result<HashMap<FamilyId, Day>, StoreError> {
        let mut met = HashMap::with_capacity(families.len());
        for some in families.chunks(BATCH) {
            let rows = reader.bind(query(LAST_MET.by(reader))).keys(some).fetch_all(&mut *self.read().await?).await?;
            for row in &rows {
                met.insert(row.key("family")?, row.day("met")?);
            }
        }
        Ok(met)
    }

    /// The latest answers about the outcomes of each family, by family and question.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn latest_answers_for(&self, reader: &Reader, families: &[FamilyId]) -> Result<Vec<LatestAnswer>, StoreError> {
        let mut latest = Vec::with_capacity(2 * families.len());
        for some in families.chunks(BATCH) {
            let rows = reader.bind(query(LATEST.by(reader))).keys(some).fetch_all(&mut *self.read().await?).await?;
            for row in &rows {
                latest.push(LatestAnswer { decision: decisions::read(row)?, whole: row.number("covered")? == 1 });
            }
        }
        Ok(latest)
    }
}
