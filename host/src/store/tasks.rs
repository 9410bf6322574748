//! Tasks that a plugin proposed and the host gave out, and the host's own: to look at what could not be decided.

use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Decision, Page, StoreError};
use crate::record::{Announced, Day, DecisionId, FamilyId, InstallationId, KnownAt, TaskId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub installation: InstallationId,
    /// The plugin's own name for it.
    pub key: String,
    pub family: FamilyId,
    /// Code list roles.
    pub role: String,
    /// The plugin's message, not yet rendered for a reader; of the host's own tasks its words in each language.
    pub title: serde_json::Value,
    pub due: Day,
    pub state: TaskState,
    /// None: the host's own.
    pub decision: Option<DecisionId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    Open,
    Done { at: KnownAt, by: String },
}

macro_rules! task {
    ($rest:literal) => {
        concat!("SELECT id, installation, key, family, role, title, due, state, decision, done_at, done_by FROM task ", $rest)
    };
}

/// A title may say what any section holds that its decision was given: who does not see these is not given the task.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| for_reader(task!("WHERE state = 'open' AND (due > $10 OR due = $10 AND id > $11)")));
static OF_FAMILY_FOR_READER: LazyLock<Seen> =
    LazyLock::new(|| for_reader(task!("WHERE state = 'open' AND (due > $10 OR due = $10 AND id > $11) AND family = $13")));

fn for_reader(select: &str) -> Seen {
    Seen::new(|whose| {
        format!(
            "{select} AND {} AND (decision IS NULL OR EXISTS (SELECT 1 FROM decision d WHERE d.id = task.decision AND {} AND {})) \
         ORDER BY due, id LIMIT $12",
            whose.family("task.family"),
            whose.covers_all("d.label", "task.family"),
            unsealed("d.id"),
        )
    })
}

impl AuthorityStore {
    /// Those still to do that the reader sees, of one family where it is named, the first due first. `after`: go on from that day and task.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_tasks_for(
        &self,
        reader: &Reader,
        family: Option<FamilyId>,
        after: Option<(Day, TaskId)>,
        limit: u32,
    ) -> Result<Page<Task, (Day, TaskId)>, StoreError> {
        let statement = if family.is_some() { &OF_FAMILY_FOR_READER } else { &FOR_READER };
        let statement = reader
            .bind(query(statement.by(reader)))
            .day(after.map_or(Day::FIRST, |(due, _)| due))
            .bind(after.as_ref().map_or(&[][..], |(_, id)| id.as_bytes()).to_vec())
            .bind(Page::<Task, TaskId>::rows(limit));
        let statement = match &family {
            Some(family) => statement.key(family),
            None => statement,
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |t: &Task| (t.due, t.id)))
    }

    /// # Errors
    /// `NoSuch` where there is no such task.
    pub async fn task(&self, id: TaskId) -> Result<Task, StoreError> {
        let row = query(task!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("task", id))?)
    }

    /// What is still to do, the first due first; the first `limit` of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_tasks(&self, limit: u32) -> Result<Vec<Task>, StoreError> {
        let rows = query(task!("WHERE state = 'open' ORDER BY due, id LIMIT $1"))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Of one family, done ones too, the first due first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn tasks(&self, family: FamilyId) -> Result<Vec<Task>, StoreError> {
        let rows = query(task!("WHERE family = $1 ORDER BY due, id")).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityStore {
    /// Those that follow from a decision, whichever family goes on with them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn tasks_of_decision(&self, decision: &Decision) -> Result<Vec<Task>, StoreError> {
        let sql =
            task!("WHERE decision = $1 AND (family = $2 OR family IN (SELECT stays FROM merged_into WHERE family = $2)) ORDER BY due, id");
        let rows = query(sql).key(&decision.id).key(&decision.family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// Whether the task is new. While one of its installation, family and key is open, or waits for a person as a proposal, that
    /// one stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_task(&mut self, task: &Task) -> Result<bool, StoreError> {
        let done = query(
            "INSERT INTO task (id, installation, key, family, role, title, due, state, decision) \
             SELECT $1, $2, $3, $4, $5, $6, $7, 'open', $8 WHERE NOT EXISTS \
             (SELECT 1 FROM proposal WHERE installation = $2 AND family = $4 AND key = $3 AND state IN ('waiting', 'confirmed')) \
             ON CONFLICT DO NOTHING",
        )
        .key(&task.id)
        .key(&task.installation)
        .bind(task.key.as_str())
        .key(&task.family)
        .bind(task.role.as_str())
        .bind(task.title.to_string())
        .day(task.due)
        .maybe_key(task.decision.as_ref())
        .execute(self.connection())
        .await?;
        let new = done.rows_affected() == 1;
        if new {
            self.announce(Announced::TaskGivenOut, Some(task.family), task.id);
        }
        Ok(new)
    }

    /// The open task of that key, if there is one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_task(&mut self, installation: InstallationId, family: FamilyId, key: &str) -> Result<Option<TaskId>, StoreError> {
        let row = query("SELECT id FROM task WHERE installation = $1 AND family = $2 AND key = $3 AND state = 'open'")
            .key(&installation)
            .key(&family)
            .bind(key.to_owned())
            .fetch_optional(self.connection())
            .await?;
        row.map(|r| r.key("id")).transpose()
    }

    /// What the host gave out itself under that key, whichever installation failed, is no longer to do; how many there were.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn finish_own_tasks(&mut self, family: FamilyId, key: &str, by: &str) -> Result<u64, StoreError> {
        let now = self.now();
        let done = query(
            "UPDATE task SET state = 'done', done_at = $3, done_by = $4 \
             WHERE family = $1 AND key = $2 AND state = 'open' AND decision IS NULL RETURNING id",
        )
        .key(&family)
        .bind(key.to_owned())
        .at(now)
        .bind(by.to_owned())
        .fetch_all(self.connection())
        .await?;
        for row in &done {
            self.announce(Announced::TaskDone, Some(family), row.key::<TaskId>("id")?);
        }
        Ok(done.len() as u64)
    }

    /// # Errors
    /// `NoSuch` where there is no such task, `Conflict` where somebody did it first.
    pub async fn finish_task(&mut self, id: TaskId, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = query("UPDATE task SET state = 'done', done_at = $2, done_by = $3 WHERE id = $1 AND state = 'open' RETURNING family")
            .key(&id)
            .at(now)
            .bind(by)
            .fetch_optional(self.connection())
            .await?;
        if let Some(row) = done {
            self.announce(Announced::TaskDone, Some(row.key("family")?), id);
            return Ok(());
        }
        match query("SELECT 1 FROM task WHERE id = $1").key(&id).fetch_optional(self.connection()).await? {
            Some(_) => Err(StoreError::Conflict("somebody did this task first".to_owned())),
            None => Err(StoreError::no_such("task", id)),
        }
    }
}

pub(super) fn read(row: &Row) -> Result<Task, StoreError> {
    Ok(Task {
        id: row.key("id")?,
        installation: row.key("installation")?,
        key: row.text("key")?,
        family: row.key("family")?,
        role: row.text("role")?,
        title: row.json("title")?,
        due: row.day("due")?,
        state: match row.maybe_at("done_at")? {
            Some(at) => TaskState::Done { at, by: row.maybe_text("done_by")?.unwrap_or_default() },
            None => TaskState::Open,
        },
        decision: row.maybe_key("decision")?,
    })
}
