//! Decisions: the kept answers of plugins, with what they were given.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{BATCH, Insert, Row, places, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, Page, StoreError};
use crate::record::{Day, DecisionId, Digest, FamilyId, InstallationId, KnownAt, SealId, Sections};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub id: DecisionId,
    pub at: KnownAt,
    /// Who asked.
    pub principal: String,
    pub family: FamilyId,
    pub revision: u64,
    pub installation: InstallationId,
    /// `eligibility`, `triage`, ….
    pub question: String,
    pub as_of: Day,
    /// The last change of the record when its coverage was read: what was said later, the run was not told.
    pub known_after: ChangeId,
    /// Content: the family's record as the run was given it.
    pub snapshot: Digest,
    /// Content: what else it was given (settings, grants, component, interface version).
    pub context: Digest,
    /// Content: what the question was about beside the record; none: the record alone.
    pub matter: Option<Digest>,
    /// What had been claimed for the family before, as JSON, exactly as the run was given it.
    pub claims: String,
    pub answer_digest: Digest,
    /// Canonical bytes.
    pub answer: Vec<u8>,
    /// The code answered.
    pub result: String,
    /// The sections that were delivered to its run: who may not see them sees the bare result, or nothing.
    pub label: Sections,
    pub instructions: u64,
    pub millis: u64,
    /// In bytes.
    pub peak_memory: u64,
}

/// What a decision rested on, without the decision: enough to tell whether the same was asked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub question: String,
    pub snapshot: Digest,
    pub context: Digest,
    pub claims: String,
    /// The code answered.
    pub result: String,
}

static BASES: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT family, question, snapshot, context, claims, result FROM decision WHERE family IN ({}) ORDER BY id", places(1, BATCH))
});

static DECISION: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "decision",
        &[
            "id",
            "at",
            "principal",
            "family",
            "revision",
            "installation",
            "question",
            "as_of",
            "known_after",
            "snapshot",
            "context",
            "matter",
            "claims",
            "answer_digest",
            "answer",
            "result",
            "label",
            "instructions",
            "millis",
            "peak_memory",
        ],
    )
});

macro_rules! decision {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, principal, family, revision, installation, question, as_of, known_after, snapshot, context, matter, claims, ",
            "answer_digest, answer, result, label, instructions, millis, peak_memory FROM decision ",
            $rest
        )
    };
}

/// Of a family ($1), those whose record was read after one change ($2) and before another ($3).
pub(super) const KNOWN_BETWEEN: &str = decision!("WHERE family = $1 AND known_after >= $2 AND known_after < $3 ORDER BY id");
/// Of what tells by its bare result the reader sees nothing, and of what was given sealed facts.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| for_reader(decision!("WHERE id < $10")));
static OF_FAMILY_FOR_READER: LazyLock<Seen> = LazyLock::new(|| for_reader(decision!("WHERE id < $10 AND family = $12")));

fn for_reader(select: &str) -> Seen {
    Seen::new(|whose| {
        format!(
            "{select} AND {} AND {} AND {} ORDER BY id DESC LIMIT $11",
            whose.family("decision.family"),
            whose.covers_telling("decision.label", "decision.family"),
            unsealed("decision.id"),
        )
    })
}
static UNSEALED: LazyLock<String> = LazyLock::new(|| format!("SELECT 1 FROM decision d WHERE d.id = $10 AND {}", unsealed("d.id")));

/// Above every id.
const LAST: &[u8] = &[0xff; 17];

impl AuthorityStore {
    /// Those that the reader sees, or whose bare result they see, the latest first; of one family, or of all. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn decisions_for(
        &self,
        reader: &Reader,
        family: Option<FamilyId>,
        before: Option<DecisionId>,
        limit: u32,
    ) -> Result<Page<Decision, DecisionId>, StoreError> {
        let statement = if family.is_some() { &OF_FAMILY_FOR_READER } else { &FOR_READER };
        let statement = reader
            .bind(query(statement.by(reader)))
            .bind(before.as_ref().map_or(LAST, DecisionId::as_bytes).to_vec())
            .bind(Page::<Decision, DecisionId>::rows(limit));
        let statement = match &family {
            Some(family) => statement.key(family),
            None => statement,
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |d| d.id))
    }

    /// Does no seal that it was given hide it from the reader?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_decision_unsealed(&self, reader: &Reader, id: DecisionId) -> Result<bool, StoreError> {
        let statement = reader.bind(query(UNSEALED.as_str())).key(&id);
        Ok(statement.fetch_optional(&mut *self.read().await?).await?.is_some())
    }

    /// The seals whose facts its run was given.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn seals_of_decision(&self, id: DecisionId) -> Result<Vec<SealId>, StoreError> {
        let rows =
            query("SELECT seal FROM decision_seal WHERE decision = $1 ORDER BY seal").key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("seal")).collect()
    }

    /// # Errors
    /// `NoSuch` where there is no such decision.
    pub async fn decision(&self, id: DecisionId) -> Result<Decision, StoreError> {
        let row = query(decision!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("decision", id))?)
    }

    /// What was answered last to a question about a family.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn latest_decision(&self, family: FamilyId, question: &str) -> Result<Option<Decision>, StoreError> {
        let statement = query(decision!("WHERE family = $1 AND question = $2 ORDER BY id DESC LIMIT 1")).key(&family).bind(question);
        statement.fetch_optional(&mut *self.read().await?).await?.as_ref().map(read).transpose()
    }

    /// The latest first; of one family, or of all. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn decisions(
        &self,
        family: Option<FamilyId>,
        before: Option<DecisionId>,
        limit: u32,
    ) -> Result<Page<Decision, DecisionId>, StoreError> {
        let before = before.as_ref().map_or(LAST, DecisionId::as_bytes).to_vec();
        let statement = match &family {
            Some(family) => query(decision!("WHERE id < $1 AND family = $3 ORDER BY id DESC LIMIT $2"))
                .bind(before)
                .bind(Page::<Decision, DecisionId>::rows(limit))
                .key(family),
            None => {
                query(decision!("WHERE id < $1 ORDER BY id DESC LIMIT $2")).bind(before).bind(Page::<Decision, DecisionId>::rows(limit))
            }
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |d| d.id))
    }

    /// What the decisions about these families rested on, the earliest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn bases(&self, families: &[FamilyId]) -> Result<HashMap<FamilyId, Vec<Basis>>, StoreError> {
        let mut found: HashMap<FamilyId, Vec<Basis>> = HashMap::new();
        let mut connection = self.read().await?;
        for chunk in families.chunks(BATCH) {
            for row in query(BASES.as_str()).keys(chunk).fetch_all(&mut connection).await? {
                let basis = Basis {
                    question: row.text("question")?,
                    snapshot: row.key("snapshot")?,
                    context: row.key("context")?,
                    claims: row.text("claims")?,
                    result: row.text("result")?,
                };
                found.entry(row.key("family")?).or_default().push(basis);
            }
        }
        Ok(found)
    }

    /// How many the authority has.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn count_decisions(&self) -> Result<u64, StoreError> {
        query("SELECT COUNT(*) AS decisions FROM decision").fetch_one(&mut *self.read().await?).await?.count("decisions")
    }
}

impl AuthorityTx {
    /// Keeps decisions whose snapshot, context and matter were kept with [`keep_content`](AuthorityTx::keep_content) in this
    /// transaction.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_decisions(&mut self, decisions: &[Decision]) -> Result<(), StoreError> {
        DECISION
            .rows(self.connection(), decisions, |s, d| {
                s.key(&d.id)
                    .at(d.at)
                    .bind(d.principal.as_str())
                    .key(&d.family)
                    .count(d.revision)
                    .key(&d.installation)
                    .bind(d.question.as_str())
                    .day(d.as_of)
                    .bind(d.known_after.0)
                    .key(&d.snapshot)
                    .key(&d.context)
                    .maybe_key(d.matter.as_ref())
                    .bind(d.claims.as_str())
                    .key(&d.answer_digest)
                    .bind(d.answer.as_slice())
                    .bind(d.result.as_str())
                    .bind(d.label.number())
                    .count(d.instructions)
                    .count(d.millis)
                    .count(d.peak_memory)
            })
            .await?;
        Ok(())
    }

    /// Notes which seals' facts its run was given.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn seal_decision(&mut self, decision: DecisionId, seals: &[SealId]) -> Result<(), StoreError> {
        for seal in seals {
            query("INSERT INTO decision_seal (decision, seal) VALUES ($1, $2)").key(&decision).key(seal).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// # Errors
    /// As [`AuthorityTx::add_decisions`].
    pub async fn add_decision(&mut self, decision: &Decision) -> Result<(), StoreError> {
        self.add_decisions(std::slice::from_ref(decision)).await
    }
}

pub(super) fn read(row: &Row) -> Result<Decision, StoreError> {
    Ok(Decision {
        id: row.key("id")?,
        at: row.at("at")?,
        principal: row.text("principal")?,
        family: row.key("family")?,
        revision: row.count("revision")?,
        installation: row.key("installation")?,
        question: row.text("question")?,
        as_of: row.day("as_of")?,
        known_after: ChangeId(row.number("known_after")?),
        snapshot: row.key("snapshot")?,
        context: row.key("context")?,
        matter: row.maybe_key("matter")?,
        claims: row.text("claims")?,
        answer_digest: row.key("answer_digest")?,
        answer: row.bytes("answer")?,
        result: row.text("result")?,
        label: Sections::from_number(row.number("label")?).ok_or_else(|| StoreError::damaged("label", "is of no sections"))?,
        instructions: row.count("instructions")?,
        millis: row.count("millis")?,
        peak_memory: row.count("peak_memory")?,
    })
}
