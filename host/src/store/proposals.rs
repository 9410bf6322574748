//! What plugins proposed, and what came of it.

use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Announced, DecisionId, Detail, FactId, FamilyId, InstallationId, KnownAt, PersonId, ProposalId, TaskId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub id: ProposalId,
    pub installation: InstallationId,
    pub family: FamilyId,
    pub decision: DecisionId,
    /// Code list actions.
    pub action: String,
    /// The plugin's own name for it.
    pub key: String,
    /// As it stands in the decision's answer, not yet rendered for a reader.
    pub body: serde_json::Value,
    /// Whom it is about, of the family.
    pub person: Option<PersonId>,
    pub state: ProposalState,
    pub settled: Option<Settled>,
    /// What it became.
    pub task: Option<TaskId>,
    pub fact: Option<FactId>,
}

/// Where a proposal stands. The first two are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProposalState {
    /// For a person to confirm.
    Waiting,
    /// To be carried out, and not carried out yet.
    Confirmed,
    CarriedOut,
    Declined,
}

/// Who confirmed, carried out or declined it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub at: KnownAt,
    pub by: String,
    /// Why it was declined.
    pub reason: Option<String>,
}

/// What a proposal became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Became {
    pub task: Option<TaskId>,
    pub fact: Option<FactId>,
}

impl ProposalState {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Confirmed, Self::CarriedOut, Self::Declined];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Confirmed => "confirmed",
            Self::CarriedOut => "carried-out",
            Self::Declined => "declined",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// What is told of a proposal that is new in this state.
    const fn announced(self) -> Announced {
        match self {
            Self::Waiting => Announced::ActionProposed,
            Self::Declined => Announced::ActionDeclined,
            Self::Confirmed | Self::CarriedOut => Announced::ActionCarriedOut,
        }
    }
}

macro_rules! proposal {
    ($rest:literal) => {
        concat!(
            "SELECT id, installation, family, decision, action, key, body, person, state, settled_at, settled_by, reason, task, fact ",
            "FROM proposal ",
            $rest
        )
    };
}

/// As of tasks: its sentences may say what any section holds that its decision was given.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| for_reader(proposal!("WHERE state = $10 AND id > $11")));
static OF_FAMILY_FOR_READER: LazyLock<Seen> = LazyLock::new(|| for_reader(proposal!("WHERE state = $10 AND id > $11 AND family = $13")));

fn for_reader(select: &str) -> Seen {
    Seen::new(|whose| {
        format!(
            "{select} AND {} AND EXISTS (SELECT 1 FROM decision d WHERE d.id = proposal.decision AND {} AND {}) ORDER BY id LIMIT $12",
            whose.family("proposal.family"),
            whose.covers_all("d.label", "proposal.family"),
            unsealed("d.id"),
        )
    })
}

impl AuthorityStore {
    /// Those that the reader sees, as [`AuthorityStore::proposals`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn proposals_for(
        &self,
        reader: &Reader,
        state: ProposalState,
        family: Option<FamilyId>,
        after: Option<ProposalId>,
        limit: u32,
    ) -> Result<Page<Proposal, ProposalId>, StoreError> {
        let statement = if family.is_some() { &OF_FAMILY_FOR_READER } else { &FOR_READER };
        let statement = reader
            .bind(query(statement.by(reader)))
            .bind(state.code())
            .bind(after.as_ref().map_or(&[][..], ProposalId::as_bytes).to_vec())
            .bind(Page::<Proposal, ProposalId>::rows(limit));
        let statement = match &family {
            Some(family) => statement.key(family),
            None => statement,
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |p| p.id))
    }

    /// # Errors
    /// `NoSuch` where there is no such proposal.
    pub async fn proposal(&self, id: ProposalId) -> Result<Proposal, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// In one state, of one family or of all, in the order in which they were made. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn proposals(
        &self,
        state: ProposalState,
        family: Option<FamilyId>,
        after: Option<ProposalId>,
        limit: u32,
    ) -> Result<Page<Proposal, ProposalId>, StoreError> {
        let after = after.as_ref().map_or(&[][..], ProposalId::as_bytes).to_vec();
        let rows = Page::<Proposal, ProposalId>::rows(limit);
        let statement = match &family {
            Some(family) => {
                let sql = proposal!("WHERE state = $1 AND id > $2 AND family = $4 ORDER BY id LIMIT $3");
                query(sql).bind(state.code()).bind(after).bind(rows).key(family)
            }
            None => {
                let sql = proposal!("WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3");
                query(sql).bind(state.code()).bind(after).bind(rows)
            }
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |p| p.id))
    }

    /// What one decision proposed and was kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn proposals_of(&self, decision: DecisionId) -> Result<Vec<Proposal>, StoreError> {
        let rows = query(proposal!("WHERE decision = $1 ORDER BY id")).key(&decision).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// `NoSuch` where there is no such proposal.
    pub async fn proposal(&mut self, id: ProposalId) -> Result<Proposal, StoreError> {
        get(self.connection(), id).await
    }

    /// Is what was proposed under a key still open: waiting, confirmed, a task to do, a goal that is set?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_open(&mut self, installation: InstallationId, family: FamilyId, key: &str) -> Result<bool, StoreError> {
        const OPEN: &str = "SELECT 1 FROM proposal WHERE installation = $1 AND family = $2 AND key = $3 AND state IN ('waiting', 'confirmed') \
             UNION ALL SELECT 1 FROM task WHERE installation = $1 AND family = $2 AND key = $3 AND state = 'open'";
        let open = query(OPEN).key(&installation).key(&family).bind(key.to_owned()).fetch_optional(self.connection()).await?;
        if open.is_some() {
            return Ok(true);
        }
        // The goal as it stands today: the end of the chain of what superseded it.
        const GOAL: &str = "WITH RECURSIVE line (fact) AS ( \
                 SELECT fact FROM proposal WHERE installation = $1 AND family = $2 AND key = $3 AND fact IS NOT NULL AND action = 'goal' \
                 UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
             SELECT f.detail FROM line l JOIN fact f ON f.id = l.fact \
             WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id)";
        let goals = query(GOAL).key(&installation).key(&family).bind(key.to_owned()).fetch_all(self.connection()).await?;
        for goal in goals {
            let detail: serde_json::Value = goal.json("detail")?;
            if matches!(Detail::read(crate::record::Kind::Goal, detail), Ok(Detail::Goal(goal)) if goal.state == "set") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps a proposal, in whichever state it is.
    ///
    /// # Errors
    /// `Conflict` where one under its key is open: ask [`AuthorityTx::is_open`] first.
    pub async fn add_proposal(&mut self, proposal: &Proposal) -> Result<(), StoreError> {
        let settled = proposal.settled.as_ref();
        let done = query(
            "INSERT INTO proposal (id, installation, family, decision, action, key, body, person, state, settled_at, settled_by, reason, task, fact) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING",
        )
        .key(&proposal.id)
        .key(&proposal.installation)
        .key(&proposal.family)
        .key(&proposal.decision)
        .bind(proposal.action.as_str())
        .bind(proposal.key.as_str())
        .bind(proposal.body.to_string())
        .maybe_key(proposal.person.as_ref())
        .bind(proposal.state.code())
        .maybe_at(settled.map(|s| s.at))
        .bind(settled.map(|s| s.by.as_str()))
        .bind(settled.and_then(|s| s.reason.as_deref()))
        .maybe_key(proposal.task.as_ref())
        .maybe_key(proposal.fact.as_ref())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 {
            self.announce(proposal.state.announced(), Some(proposal.family), proposal.id);
            return Ok(());
        }
        Err(StoreError::Conflict(format!("something proposed as `{}` is open already", proposal.key)))
    }

    /// Settles a proposal that waits: confirmed, carried out or declined. What it became follows with
    /// [`AuthorityTx::set_became`], in this transaction.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where somebody settled it first.
    pub async fn settle_proposal(
        &mut self,
        id: ProposalId,
        state: ProposalState,
        by: &str,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE proposal SET state = $2, settled_at = $3, settled_by = $4, reason = $5 \
             WHERE id = $1 AND state = 'waiting' RETURNING family";
        let statement = query(SQL).key(&id).bind(state.code()).at(now).bind(by).bind(reason);
        if let Some(row) = statement.fetch_optional(self.connection()).await? {
            let declined = state == ProposalState::Declined;
            let what = if declined { Announced::ActionDeclined } else { Announced::ActionConfirmed };
            self.announce(what, Some(row.key("family")?), id);
            return Ok(());
        }
        let state = self.proposal(id).await?.state;
        Err(StoreError::Conflict(format!("somebody was first: the proposal is {}", state.code())))
    }

    /// Notes what a proposal became.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_became(&mut self, id: ProposalId, became: Became) -> Result<(), StoreError> {
        query("UPDATE proposal SET task = $2, fact = $3 WHERE id = $1")
            .key(&id)
            .maybe_key(became.task.as_ref())
            .maybe_key(became.fact.as_ref())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn get(connection: &mut Connection, id: ProposalId) -> Result<Proposal, StoreError> {
    let row = query(proposal!("WHERE id = $1")).key(&id).fetch_optional(connection).await?;
    read(&row.ok_or_else(|| StoreError::no_such("proposal", id))?)
}

fn read(row: &Row) -> Result<Proposal, StoreError> {
    let state = row.text("state")?;
    let settled = match row.maybe_at("settled_at")? {
        Some(at) => Some(Settled { at, by: row.maybe_text("settled_by")?.unwrap_or_default(), reason: row.maybe_text("reason")? }),
        None => None,
    };
    Ok(Proposal {
        id: row.key("id")?,
        installation: row.key("installation")?,
        family: row.key("family")?,
        decision: row.key("decision")?,
        action: row.text("action")?,
        key: row.text("key")?,
        body: row.json("body")?,
        person: row.maybe_key("person")?,
        state: ProposalState::from_code(&state).ok_or_else(|| StoreError::damaged("proposal", format!("`{state}` is not a state")))?,
        settled,
        task: row.maybe_key("task")?,
        fact: row.maybe_key("fact")?,
    })
}
