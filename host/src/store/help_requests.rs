//! Help that is wanted for families: asked for by a person, or proposed by a plugin and confirmed.

use super::error::exists;
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Announced, Day, FamilyId, HelpRequestId, KnownAt, PersonId, ProposalId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRequest {
    pub id: HelpRequestId,
    pub at: KnownAt,
    pub by: String,
    pub family: FamilyId,
    /// For whom; none: the family.
    pub person: Option<PersonId>,
    /// Code list service-kinds; empty: erased.
    pub kind: String,
    pub needed_by: Option<Day>,
    /// Code list problems.
    pub problems: Vec<String>,
    /// That it came of.
    pub proposal: Option<ProposalId>,
    pub withdrawn: bool,
}

macro_rules! request {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, c.at, c.principal, r.family, r.person, r.kind, r.needed_by, r.problems, r.proposal, r.state FROM help_request r \
             JOIN change c ON c.id = r.change ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// Those of a family and of families that go on within it, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn help_requests(&self, family: FamilyId) -> Result<Vec<HelpRequest>, StoreError> {
        let mut connection = self.read().await?;
        let sql = request!(
            "WHERE r.family = $1 OR r.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY r.id DESC"
        );
        let mut all = Vec::new();
        for row in query(sql).key(&family).fetch_all(&mut connection).await? {
            all.push(read(&mut connection, &row).await?);
        }
        Ok(all)
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn help_request(&self, id: HelpRequestId) -> Result<HelpRequest, StoreError> {
        get(&mut *self.read().await?, id).await
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn help_request(&mut self, id: HelpRequestId) -> Result<HelpRequest, StoreError> {
        get(self.connection(), id).await
    }

    /// # Errors
    /// `Conflict` where the family is closed; `Exists` where the proposal was taken up before.
    pub async fn ask_for_help(&mut self, new: &HelpRequest) -> Result<(), StoreError> {
        super::closed::refuse(self.connection(), &[new.family].into(), &new.person.into_iter().collect()).await?;
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO help_request (id, change, family, person, kind, needed_by, problems, proposal, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')",
        )
        .key(&new.id)
        .bind(change.0)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .bind(new.kind.as_str())
        .maybe_day(new.needed_by)
        .bind(serde_json::to_string(&new.problems).unwrap_or_default())
        .maybe_key(new.proposal.as_ref())
        .execute(self.connection())
        .await
        .map_err(exists("help request", "proposal"))?;
        self.announce(Announced::HelpAskedFor, Some(new.family), new.id);
        Ok(())
    }

    /// # Errors
    /// `Conflict` where it was withdrawn before.
    pub async fn withdraw_help_request(&mut self, id: HelpRequestId) -> Result<(), StoreError> {
        let done = query("UPDATE help_request SET state = 'withdrawn' WHERE id = $1 AND state = 'open'").key(&id);
        match done.execute(self.connection()).await?.rows_affected() {
            1 => Ok(()),
            _ => Err(StoreError::Conflict("it was withdrawn before".to_owned())),
        }
    }
}

async fn get(connection: &mut Connection, id: HelpRequestId) -> Result<HelpRequest, StoreError> {
    let row = query(request!("WHERE r.id = $1")).key(&id).fetch_optional(connection).await?;
    read(connection, &row.ok_or_else(|| StoreError::no_such("help request", id))?).await
}

/// As the record goes on: for whom its person was found to be.
async fn read(connection: &mut Connection, row: &Row) -> Result<HelpRequest, StoreError> {
    let mut person: Option<PersonId> = row.maybe_key("person")?;
    if let Some(id) = person {
        person = Some(super::closed::goes_on_as(connection, id).await?);
    }
    Ok(HelpRequest {
        id: row.key("id")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        family: row.key("family")?,
        person,
        kind: row.text("kind")?,
        needed_by: row.maybe_day("needed_by")?,
        problems: row.json("problems")?,
        proposal: row.maybe_key("proposal")?,
        withdrawn: row.text("state")? == "withdrawn",
    })
}
