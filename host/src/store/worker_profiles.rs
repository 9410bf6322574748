//! How many families a worker may have and what they know well; how many they have; who stood where when an allocation was asked about.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, DecisionId, FamilyId, KnownAt, LoginId};

/// The latest that was said of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProfile {
    pub login: LoginId,
    /// None: no limit is set.
    pub most: Option<u32>,
    /// Code list problems.
    pub strengths: Vec<String>,
    pub at: KnownAt,
    pub by: String,
}

/// The families that somebody has on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caseload {
    /// Whose keyworker or lead worker they are.
    pub own: u32,
    /// That they have while somebody is away, and are not their own.
    pub covered: u32,
}

impl Caseload {
    #[must_use]
    pub const fn all(self) -> u32 {
        self.own + self.covered
    }
}

macro_rules! profile {
    ($rest:literal) => {
        concat!(
            "SELECT p.login, p.most, p.strengths, c.at, c.principal FROM worker_profile p JOIN change c ON c.id = p.change ",
            "WHERE p.change = (SELECT MAX(change) FROM worker_profile WHERE login = p.login) ",
            $rest
        )
    };
}

/// In these roles a family counts: others help beside whoever has it.
macro_rules! has_it {
    () => {
        "a.role IN ('keyworker', 'lead-worker') AND a.first <= $2 AND (a.last IS NULL OR a.last >= $2)"
    };
}
const OWN: &str = concat!("SELECT COUNT(DISTINCT a.family) AS families FROM assignment a WHERE a.login = $1 AND ", has_it!());
const COVERED: &str = concat!(
    "SELECT COUNT(DISTINCT a.family) AS families FROM cover v JOIN assignment a ON a.login = v.absent \
     WHERE v.stand_in = $1 AND v.first <= $2 AND v.last >= $2 AND ",
    has_it!(),
    " AND NOT EXISTS (SELECT 1 FROM assignment o WHERE o.login = $1 AND o.family = a.family AND o.role IN ('keyworker', 'lead-worker') \
     AND o.first <= $2 AND (o.last IS NULL OR o.last >= $2))"
);

impl AuthorityStore {
    /// None: nothing was ever said of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn worker_profile(&self, login: LoginId) -> Result<Option<WorkerProfile>, StoreError> {
        let row = query(profile!("AND p.login = $1")).key(&login).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// How many families somebody has on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn caseload(&self, login: LoginId, on: Day) -> Result<Caseload, StoreError> {
        caseload(&mut *self.read().await?, login, on).await
    }

    /// Did somebody ever have a part in the case?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn worked_with(&self, login: LoginId, family: FamilyId) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM assignment WHERE login = $1 AND family = $2 LIMIT 1";
        Ok(query(SQL).key(&login).key(&family).fetch_optional(&mut *self.read().await?).await?.is_some())
    }

    /// Who stood where in the list that the decision was asked about, from the first place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn candidates_of(&self, decision: DecisionId) -> Result<Vec<LoginId>, StoreError> {
        const SQL: &str = "SELECT login FROM allocation_candidate WHERE decision = $1 ORDER BY place";
        let rows = query(SQL).key(&decision).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("login")).collect()
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn worker_profile(&mut self, login: LoginId) -> Result<Option<WorkerProfile>, StoreError> {
        let row = query(profile!("AND p.login = $1")).key(&login).fetch_optional(self.connection()).await?;
        row.as_ref().map(read).transpose()
    }

    /// As in the store: of two families that are given at once the second is counted with the first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn caseload(&mut self, login: LoginId, on: Day) -> Result<Caseload, StoreError> {
        caseload(self.connection(), login, on).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_worker_profile(&mut self, login: LoginId, most: Option<u32>, strengths: &[String]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO worker_profile (login, change, most, strengths) VALUES ($1, $2, $3, $4)")
            .key(&login)
            .bind(change.0)
            .bind(most.map(i64::from))
            .bind(serde_json::to_string(strengths).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn keep_candidates(&mut self, decision: DecisionId, logins: &[LoginId]) -> Result<(), StoreError> {
        for (place, login) in (1_i64..).zip(logins) {
            query("INSERT INTO allocation_candidate (decision, place, login) VALUES ($1, $2, $3)")
                .key(&decision)
                .bind(place)
                .key(login)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

async fn caseload(connection: &mut Connection, login: LoginId, on: Day) -> Result<Caseload, StoreError> {
    let mut counts = [0; 2];
    for (sql, count) in [OWN, COVERED].into_iter().zip(&mut counts) {
        let families = query(sql).key(&login).day(on).fetch_one(connection).await?.count("families")?;
        *count = u32::try_from(families).unwrap_or(u32::MAX);
    }
    Ok(Caseload { own: counts[0], covered: counts[1] })
}

fn read(row: &Row) -> Result<WorkerProfile, StoreError> {
    let most = row.maybe_number("most")?.map(|n| u32::try_from(n).map_err(|e| StoreError::damaged("most", e)));
    Ok(WorkerProfile {
        login: row.key("login")?,
        most: most.transpose()?,
        strengths: row.json("strengths")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
