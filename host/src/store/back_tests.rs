//! Back-tests: what is asked of which families, how far it has come, and what it came to. The families that differ are in `back_test_rows`.

use super::back_test_rows::BackTestRow;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, Page, StoreError};
use crate::record::{BackTestId, Day, Digest, InstallationId, KnownAt, TrialGrantId};

/// A back-test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTest {
    pub id: BackTestId,
    /// In which it began: whoever was a family then is asked about.
    pub change: ChangeId,
    pub by: String,
    pub of: BackTestOf,
    pub state: BackTestState,
    /// Families, counted for each day.
    pub done: u64,
    pub total: u64,
    pub began: KnownAt,
    pub ended: Option<KnownAt>,
    /// What it came to until now, as whoever keeps it writes it.
    pub came: serde_json::Value,
    /// It could not go on.
    pub why: Option<String>,
    pub trial_grants: Vec<TrialGrantId>,
}

/// What is tried, on whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTestOf {
    /// The candidate: a plugin version, with what it is run with.
    pub plugin: Digest,
    pub installation: Option<InstallationId>,
    pub grants: serde_json::Value,
    pub settings: serde_json::Value,
    /// Interfaces that it would have and that nobody granted.
    pub left_out: Vec<String>,
    /// The installation that decides.
    pub live: InstallationId,
    pub question: String,
    pub days: Vec<Day>,
    /// As was known at the end of each day, instead of as is known now.
    pub known_then: bool,
    /// Of a sample; none: every family.
    pub size: Option<u64>,
    pub seed: i64,
    /// The last day.
    pub keep_until: Day,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackTestState {
    Running,
    Done,
    Cancelled,
    /// Its host is gone: nobody goes on with it.
    Stopped,
    Failed,
    /// Its rows are gone.
    Removed,
}

impl BackTestState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}

macro_rules! back_test {
    ($rest:literal) => {
        concat!(
            "SELECT id, change, principal, plugin, installation, grants, settings, left_out, live, question, days, known, size, seed, state, done, ",
            "total, began, ended, lease, keep_until, came, why FROM back_test ",
            $rest
        )
    };
}

/// While another runs nobody goes on with it.
const STOPPED: &str = "SELECT id FROM back_test WHERE state = 'running' AND lease < $1 AND NOT EXISTS (SELECT 1 FROM back_test o \
     WHERE o.state = 'running' AND o.lease >= $1) ORDER BY id LIMIT 1";

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn back_tests(&self, before: Option<BackTestId>, limit: u32) -> Result<Page<BackTest, BackTestId>, StoreError> {
        let rows = query(back_test!("WHERE $3 = 1 OR id < $1 ORDER BY id DESC LIMIT $2"))
            .bind(before.map_or_else(Vec::new, |id| id.as_bytes().to_vec()))
            .bind(Page::<BackTest, BackTestId>::rows(limit))
            .bind(i64::from(before.is_none()))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let now = self.clock().now();
        Ok(Page::cut(rows.iter().map(|row| read(row, now)).collect::<Result<_, _>>()?, limit, |b| b.id))
    }

    /// # Errors
    /// `NoSuch`.
    pub async fn back_test(&self, id: BackTestId) -> Result<BackTest, StoreError> {
        let mut connection = self.read().await?;
        let row = query(back_test!("WHERE id = $1")).key(&id).fetch_optional(&mut connection).await?;
        let mut found = read(&row.ok_or_else(|| StoreError::no_such("back-test", id))?, self.clock().now())?;
        let used = query("SELECT trial_grant FROM back_test_grant WHERE back_test = $1 ORDER BY trial_grant").key(&id);
        found.trial_grants = used.fetch_all(&mut connection).await?.iter().map(|r| r.key("trial_grant")).collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// One that is running and was not heard of any more: its host is gone. None where another goes on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn stopped_back_test(&self) -> Result<Option<BackTestId>, StoreError> {
        let now = self.clock().now();
        query(STOPPED).at(now).fetch_optional(&mut *self.read().await?).await?.map(|row| row.key("id")).transpose()
    }

    /// The last change that was made by an instant. None: there was none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_change_by(&self, at: KnownAt) -> Result<Option<ChangeId>, StoreError> {
        let row = query("SELECT MAX(id) AS id FROM change WHERE at <= $1").at(at).fetch_one(&mut *self.read().await?).await?;
        Ok(row.maybe_number("id")?.map(ChangeId))
    }

    /// How many erasures there were until now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_erasure(&self) -> Result<i64, StoreError> {
        let row = query("SELECT COALESCE(MAX(id), 0) AS id FROM erasure").fetch_one(&mut *self.read().await?).await?;
        row.number("id")
    }
}

impl AuthorityTx {
    /// Begins one, of as many families as [`AuthorityTx::asks_of`] says; `lease`: until when it is heard of again. The change in which it begins.
    ///
    /// # Errors
    /// `Conflict` where another runs.
    pub async fn begin_back_test(
        &mut self,
        id: BackTestId,
        of: &BackTestOf,
        came: &str,
        lease: KnownAt,
        uses: &[TrialGrantId],
    ) -> Result<ChangeId, StoreError> {
        let (change, now) = self.change().await?;
        let other = query("SELECT id FROM back_test WHERE state = 'running' AND lease >= $1 LIMIT 1").at(now);
        if let Some(row) = other.fetch_optional(self.connection()).await? {
            let other: BackTestId = row.key("id")?;
            return Err(StoreError::Conflict(format!("back-test {other} is running: wait for it, or cancel it")));
        }
        let by = self.principal().to_owned();
        query(
            "INSERT INTO back_test (id, change, principal, plugin, installation, grants, settings, left_out, live, question, days, known, \
             size, seed, state, done, total, began, lease, keep_until, came) VALUES \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'running', 0, 0, $15, $16, $17, $18)",
        )
        .key(&id)
        .bind(change.0)
        .bind(by)
        .key(&of.plugin)
        .maybe_key(of.installation.as_ref())
        .bind(of.grants.to_string())
        .bind(of.settings.to_string())
        .bind(serde_json::to_string(&of.left_out).unwrap_or_default())
        .key(&of.live)
        .bind(of.question.as_str())
        .bind(serde_json::to_string(&of.days).unwrap_or_default())
        .bind(if of.known_then { "then" } else { "now" })
        .bind(of.size.and_then(|n| i64::try_from(n).ok()))
        .bind(of.seed)
        .at(now)
        .at(lease)
        .day(of.keep_until)
        .bind(came)
        .execute(self.connection())
        .await?;
        for used in uses {
            query("INSERT INTO back_test_grant (back_test, trial_grant) VALUES ($1, $2)")
                .key(&id)
                .key(used)
                .execute(self.connection())
                .await?;
        }
        Ok(change)
    }

    /// How many families it asks about, each counted for each day.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn asks_of(&mut self, id: BackTestId, total: u64) -> Result<(), StoreError> {
        query("UPDATE back_test SET total = $2 WHERE id = $1").key(&id).count(total).execute(self.connection()).await?;
        Ok(())
    }

    /// Takes it from a host that is gone. False: another was first.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_back_test(&mut self, id: BackTestId, lease: KnownAt) -> Result<bool, StoreError> {
        let now = self.now();
        let stopped = query(STOPPED).at(now).fetch_optional(self.connection()).await?;
        if stopped.map(|row| row.key::<BackTestId>("id")).transpose()? != Some(id) {
            return Ok(false);
        }
        query("UPDATE back_test SET lease = $2 WHERE id = $1").key(&id).at(lease).execute(self.connection()).await?;
        Ok(true)
    }

    /// It has come from one number to another, with these families that differ. False: it was cancelled or removed meanwhile, or another host goes on
    /// with it, and nothing is kept. `erased`: the last erasure when the families were read.
    ///
    /// # Errors
    /// `Conflict` where something was erased since: what was read may be of what went.
    pub async fn back_test_reached(
        &mut self,
        id: BackTestId,
        (was, done): (u64, u64),
        (came, lease): (&str, KnownAt),
        rows: &[BackTestRow],
        erased: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE back_test SET done = $2, came = $3, lease = $4 WHERE id = $1 AND state = 'running' AND done = $5";
        let on = query(SQL).key(&id).count(done).bind(came).at(lease).count(was).execute(self.connection()).await?;
        if on.rows_affected() == 0 {
            return Ok(false);
        }
        let since = query("SELECT 1 FROM erasure WHERE id > $1 LIMIT 1").bind(erased).fetch_optional(self.connection()).await?;
        if since.is_some() {
            return Err(StoreError::Conflict("something was erased meanwhile".to_owned()));
        }
        self.add_back_test_rows(id, rows).await?;
        Ok(true)
    }

    /// It is over, unless it was cancelled.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_back_test(&mut self, id: BackTestId, state: BackTestState, why: Option<&str>) -> Result<bool, StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE back_test SET state = $2, ended = $3, why = $4 WHERE id = $1 AND state = 'running'";
        let ended = query(SQL).key(&id).bind(state.code()).at(now).bind(why).execute(self.connection()).await?;
        Ok(ended.rows_affected() == 1)
    }

    /// Its rows and counts go, and it goes on no more. That it was stays until its day.
    ///
    /// # Errors
    /// `Conflict` where it was removed before.
    pub async fn remove_back_test(&mut self, id: BackTestId, came: &str) -> Result<(), StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE back_test SET state = 'removed', came = $2, ended = COALESCE(ended, $3), why = NULL WHERE id = $1 AND state <> 'removed'";
        let removed = query(SQL).key(&id).bind(came).at(now).execute(self.connection()).await?;
        if removed.rows_affected() == 0 {
            return Err(StoreError::Conflict("it was removed before".to_owned()));
        }
        query("DELETE FROM back_test_row WHERE back_test = $1").key(&id).execute(self.connection()).await?;
        Ok(())
    }

    /// Those that were to be kept until a day before this one. How many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn remove_back_tests_kept_until_before(&mut self, today: Day) -> Result<u64, StoreError> {
        const ROWS: &str = "DELETE FROM back_test_row WHERE back_test IN (SELECT id FROM back_test WHERE keep_until < $1)";
        query(ROWS).day(today).execute(self.connection()).await?;
        let gone = query("DELETE FROM back_test WHERE keep_until < $1").day(today).execute(self.connection()).await?;
        Ok(gone.rows_affected())
    }
}

fn read(row: &Row, now: KnownAt) -> Result<BackTest, StoreError> {
    let state = match row.text("state")?.as_str() {
        "running" if row.at("lease")? < now => BackTestState::Stopped,
        "running" => BackTestState::Running,
        "done" => BackTestState::Done,
        "cancelled" => BackTestState::Cancelled,
        "removed" => BackTestState::Removed,
        _ => BackTestState::Failed,
    };
    Ok(BackTest {
        id: row.key("id")?,
        change: ChangeId(row.number("change")?),
        by: row.text("principal")?,
        of: BackTestOf {
            plugin: row.key("plugin")?,
            installation: row.maybe_key("installation")?,
            grants: row.json("grants")?,
            settings: row.json("settings")?,
            left_out: row.json("left_out")?,
            live: row.key("live")?,
            question: row.text("question")?,
            days: row.json("days")?,
            known_then: row.text("known")? == "then",
            size: row.maybe_number("size")?.map(i64::unsigned_abs),
            seed: row.number("seed")?,
            keep_until: row.day("keep_until")?,
        },
        state,
        done: row.count("done")?,
        total: row.count("total")?,
        began: row.at("began")?,
        ended: row.maybe_at("ended")?,
        came: row.json("came")?,
        why: row.maybe_text("why")?,
        trial_grants: Vec::new(),
    })
}
