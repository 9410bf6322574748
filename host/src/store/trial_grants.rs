//! What a candidate may read in back-tests before anybody adopts it: asked for by one person, given by another, until a day.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{BackTestId, Day, Digest, KnownAt, LoginId, TrialGrantId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialGrant {
    pub id: TrialGrantId,
    pub plugin: Digest,
    pub interface: String,
    pub asked_by: String,
    pub asked_at: KnownAt,
    pub why: String,
    /// The last day.
    pub until: Day,
    /// Who may look at rows that rest on it.
    pub readers: Vec<LoginId>,
    pub given: Option<Given>,
    /// Back-tests that read by it, those that are gone too.
    pub used: Vec<BackTestId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub by: String,
    pub at: KnownAt,
    /// The lawful basis, in their words.
    pub basis: String,
}

/// A trial grant that is asked for.
#[derive(Debug, Clone)]
pub struct NewTrialGrant {
    pub id: TrialGrantId,
    pub plugin: Digest,
    pub interface: String,
    pub why: String,
    pub until: Day,
    pub readers: Vec<LoginId>,
}

macro_rules! trial_grant {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.plugin, t.interface, t.asked_by, t.why, t.until, t.given_by, t.given_at, t.basis, c.at FROM trial_grant t ",
            "JOIN change c ON c.id = t.change ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn trial_grants(&self, before: Option<TrialGrantId>, limit: u32) -> Result<Page<TrialGrant, TrialGrantId>, StoreError> {
        let mut connection = self.read().await?;
        let rows = query(trial_grant!("WHERE $3 = 1 OR t.id < $1 ORDER BY t.id DESC LIMIT $2"))
            .bind(before.map_or_else(Vec::new, |id| id.as_bytes().to_vec()))
            .bind(Page::<TrialGrant, TrialGrantId>::rows(limit))
            .bind(i64::from(before.is_none()))
            .fetch_all(&mut connection)
            .await?;
        let mut grants = Vec::with_capacity(rows.len());
        for row in &rows {
            grants.push(read(&mut connection, row).await?);
        }
        Ok(Page::cut(grants, limit, |g| g.id))
    }

    /// # Errors
    /// `NoSuch`.
    pub async fn trial_grant(&self, id: TrialGrantId) -> Result<TrialGrant, StoreError> {
        one(&mut *self.read().await?, id).await
    }

    /// Those of a plugin version that were given and are not over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn trial_grants_of(&self, plugin: &Digest, today: Day) -> Result<Vec<TrialGrant>, StoreError> {
        let mut connection = self.read().await?;
        let sql = trial_grant!("WHERE t.plugin = $1 AND t.until >= $2 AND t.given_by IS NOT NULL ORDER BY t.id");
        let rows = query(sql).key(plugin).day(today).fetch_all(&mut connection).await?;
        let mut grants = Vec::with_capacity(rows.len());
        for row in &rows {
            grants.push(read(&mut connection, row).await?);
        }
        Ok(grants)
    }

    /// May somebody look at the rows of a back-test? Of one that read by trial grants, whoever each of them names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn may_look_at_rows(&self, back_test: BackTestId, login: Option<LoginId>) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM back_test_grant g WHERE g.back_test = $1 AND NOT EXISTS ( \
             SELECT 1 FROM trial_grant_reader r WHERE r.trial_grant = g.trial_grant AND r.login = $2) LIMIT 1";
        let login = login.map_or_else(Vec::new, |l| l.as_bytes().to_vec());
        Ok(query(SQL).key(&back_test).bind(login).fetch_optional(&mut *self.read().await?).await?.is_none())
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn ask_for_trial_grant(&mut self, new: &NewTrialGrant) -> Result<TrialGrant, StoreError> {
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query("INSERT INTO trial_grant (id, change, plugin, interface, asked_by, why, until) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .key(&new.id)
            .bind(change.0)
            .key(&new.plugin)
            .bind(new.interface.as_str())
            .bind(by)
            .bind(new.why.as_str())
            .day(new.until)
            .execute(self.connection())
            .await?;
        for login in &new.readers {
            query("INSERT INTO trial_grant_reader (trial_grant, login) VALUES ($1, $2)")
                .key(&new.id)
                .key(login)
                .execute(self.connection())
                .await?;
        }
        one(self.connection(), new.id).await
    }

    /// # Errors
    /// `NoSuch`; `Conflict` where it was given before.
    pub async fn give_trial_grant(&mut self, id: TrialGrantId, basis: &str) -> Result<TrialGrant, StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let given = query("UPDATE trial_grant SET given_by = $2, given_at = $3, basis = $4 WHERE id = $1 AND given_by IS NULL")
            .key(&id)
            .bind(by)
            .at(now)
            .bind(basis)
            .execute(self.connection())
            .await?;
        let grant = one(self.connection(), id).await?;
        if given.rows_affected() == 1 { Ok(grant) } else { Err(StoreError::Conflict("it was given before".to_owned())) }
    }
}

async fn one(connection: &mut Connection, id: TrialGrantId) -> Result<TrialGrant, StoreError> {
    let row = query(trial_grant!("WHERE t.id = $1")).key(&id).fetch_optional(&mut *connection).await?;
    read(connection, &row.ok_or_else(|| StoreError::no_such("trial grant", id))?).await
}

async fn read(connection: &mut Connection, row: &Row) -> Result<TrialGrant, StoreError> {
    let id: TrialGrantId = row.key("id")?;
    let readers = query("SELECT login FROM trial_grant_reader WHERE trial_grant = $1 ORDER BY login").key(&id);
    let readers = readers.fetch_all(&mut *connection).await?.iter().map(|r| r.key("login")).collect::<Result<_, _>>()?;
    let used = query("SELECT back_test FROM back_test_grant WHERE trial_grant = $1 ORDER BY back_test").key(&id);
    let used = used.fetch_all(&mut *connection).await?.iter().map(|r| r.key("back_test")).collect::<Result<_, _>>()?;
    let given = match (row.maybe_text("given_by")?, row.maybe_at("given_at")?) {
        (Some(by), Some(at)) => Some(Given { by, at, basis: row.maybe_text("basis")?.unwrap_or_default() }),
        _ => None,
    };
    Ok(TrialGrant {
        id,
        plugin: row.key("plugin")?,
        interface: row.text("interface")?,
        asked_by: row.text("asked_by")?,
        asked_at: row.at("at")?,
        why: row.text("why")?,
        until: row.day("until")?,
        readers,
        given,
        used,
    })
}
