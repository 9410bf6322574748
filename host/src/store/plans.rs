//! What is known beside the facts of a plan: how a goal is measured and where it stands in the sequence, who made a contact and how long it
//! took, when a service began. Kept by the first fact of a line of corrections, so that it goes wherever the line goes.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, Fact, FactId, LoginId, PersonId};

/// What the plan says of a goal beside its fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGoal {
    /// The first fact of its line.
    pub goal: FactId,
    /// In the sequence.
    pub place: u64,
    /// How it is measured, where it begins, and what is to be reached.
    pub measured: Option<String>,
    pub begins_at: Option<String>,
    pub target: Option<String>,
    /// The goal that was met before it.
    pub raised_from: Option<FactId>,
    /// Why it was dropped.
    pub ended_why: Option<String>,
}

/// What is known of a contact beside its fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    pub contact: FactId,
    /// Who made it, if somebody who signs in.
    pub login: Option<LoginId>,
    pub minutes: Option<u64>,
    /// Who was there of the family.
    pub people: Vec<PersonId>,
}

/// Where a line of corrections begins that leads to a fact ($1).
const BEGINS: &str = "WITH RECURSIVE line (fact, before) AS (SELECT id, supersedes FROM fact WHERE id = $1 \
     UNION ALL SELECT f.id, f.supersedes FROM fact f JOIN line l ON f.id = l.before) \
     SELECT fact FROM line l WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.id = l.before) LIMIT 1";
/// Where a line that begins with a fact ($1) has led: the fact in force, if there is one.
const NOW: &str = "WITH RECURSIVE line (fact) AS (SELECT id FROM fact WHERE id = $1 \
     UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
     SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, f.supersedes, \
     f.detail, c.at FROM line l JOIN fact f ON f.id = l.fact JOIN change c ON c.id = f.change \
     WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id)";

impl AuthorityStore {
    /// The first fact of the line that leads to each of these, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn lines_of(&self, facts: &[FactId]) -> Result<Vec<FactId>, StoreError> {
        let mut connection = self.read().await?;
        let mut lines = Vec::with_capacity(facts.len());
        for fact in facts {
            let row = query(BEGINS).key(fact).fetch_optional(&mut connection).await?;
            lines.push(row.map_or(Ok(*fact), |row| row.key("fact"))?);
        }
        Ok(lines)
    }

    /// The fact in force of the line that begins with this one.
    ///
    /// # Errors
    /// `NoSuch` where there is none, naming `what`.
    pub async fn fact_of_line(&self, what: &'static str, first: FactId) -> Result<Fact, StoreError> {
        let row = query(NOW).key(&first).fetch_optional(&mut *self.read().await?).await?;
        super::facts::read(&row.ok_or_else(|| StoreError::no_such(what, first))?)
    }

    /// What the plan says of a goal, by the first fact of its line; none: nothing.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn plan_goal(&self, goal: FactId) -> Result<Option<PlanGoal>, StoreError> {
        plan_goal(&mut *self.read().await?, goal).await
    }

    /// What is known of a contact beside its fact, by the first of its line.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn encounter(&self, contact: FactId) -> Result<Option<Encounter>, StoreError> {
        let mut connection = self.read().await?;
        let row = query("SELECT login, minutes FROM encounter WHERE contact = $1").key(&contact).fetch_optional(&mut connection).await?;
        let Some(row) = row else { return Ok(None) };
        let people = query("SELECT person FROM encounter_person WHERE contact = $1 ORDER BY person").key(&contact);
        let people = people.fetch_all(&mut connection).await?.iter().map(|row| row.key("person")).collect::<Result<_, _>>()?;
        let minutes = row.maybe_number("minutes")?.map(i64::unsigned_abs);
        Ok(Some(Encounter { contact, login: row.maybe_key("login")?, minutes, people }))
    }

    /// When a service began, by the first fact of its line.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn service_began(&self, service: FactId) -> Result<Option<Day>, StoreError> {
        let row =
            query("SELECT began FROM service_began WHERE service = $1").key(&service).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| row.day("began")).transpose()
    }
}

impl AuthorityTx {
    /// In the place of what the plan said of the goal before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_plan_goal(&mut self, goal: &PlanGoal) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query(
            "INSERT INTO plan_goal (goal, place, measured, begins_at, target, raised_from, ended_why, principal, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (goal) DO UPDATE SET place = excluded.place, \
             measured = excluded.measured, begins_at = excluded.begins_at, target = excluded.target, ended_why = excluded.ended_why",
        )
        .key(&goal.goal)
        .count(goal.place)
        .bind(goal.measured.as_deref())
        .bind(goal.begins_at.as_deref())
        .bind(goal.target.as_deref())
        .maybe_key(goal.raised_from.as_ref())
        .bind(goal.ended_why.as_deref())
        .bind(by)
        .bind(change.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn keep_encounter(&mut self, new: &Encounter) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query("INSERT INTO encounter (contact, login, minutes, principal, change) VALUES ($1, $2, $3, $4, $5)")
            .key(&new.contact)
            .maybe_key(new.login.as_ref())
            .bind(new.minutes.and_then(|m| i64::try_from(m).ok()))
            .bind(by)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        for person in &new.people {
            let statement = query("INSERT INTO encounter_person (contact, person) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            statement.key(&new.contact).key(person).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn keep_service_began(&mut self, service: FactId, began: Day) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query(
            "INSERT INTO service_began (service, began, principal, change) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (service) DO UPDATE SET began = excluded.began",
        )
        .key(&service)
        .day(began)
        .bind(by)
        .bind(change.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn plan_goal(connection: &mut Connection, goal: FactId) -> Result<Option<PlanGoal>, StoreError> {
    const SQL: &str = "SELECT goal, place, measured, begins_at, target, raised_from, ended_why FROM plan_goal WHERE goal = $1";
    query(SQL).key(&goal).fetch_optional(connection).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<PlanGoal, StoreError> {
    Ok(PlanGoal {
        goal: row.key("goal")?,
        place: row.count("place")?,
        measured: row.maybe_text("measured")?,
        begins_at: row.maybe_text("begins_at")?,
        target: row.maybe_text("target")?,
        raised_from: row.maybe_key("raised_from")?,
        ended_why: row.maybe_text("ended_why")?,
    })
}
