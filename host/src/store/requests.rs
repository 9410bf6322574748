//! What is asked for and not there yet: assessments that are due, the next review among them, and consent.

use std::sync::LazyLock;

use super::reader::{Reader, Seen};
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::Announced;
use crate::record::{
    AssessmentId, AssessmentRequestId, ConsentRequestId, Day, FamilyId, KnownAt, LoginId, PersonId, ProposalId, Section, Sections, ShareId,
};

/// An assessment that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentRequest {
    pub id: AssessmentRequestId,
    pub family: FamilyId,
    /// None: about the family.
    pub person: Option<PersonId>,
    pub form: String,
    pub due: Day,
    /// Of somebody who asked; none: a plugin did.
    pub why: Option<String>,
    pub proposal: Option<ProposalId>,
    pub state: RequestState,
    pub by: String,
    /// That met it.
    pub assessment: Option<AssessmentId>,
    pub settled: Option<super::Said>,
}

/// Something that the family is to be asked to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRequest {
    pub id: ConsentRequestId,
    pub family: FamilyId,
    /// None: the family together.
    pub person: Option<PersonId>,
    pub sections: Sections,
    /// Code list organisation-kinds.
    pub to: String,
    pub due: Day,
    pub proposal: ProposalId,
    pub state: RequestState,
    pub by: String,
    /// What it ended in.
    pub share: Option<ShareId>,
    pub settled: Option<super::Said>,
}

/// Where something that was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    Open,
    /// Of an assessment: it was made.
    Met,
    /// Of an assessment: it is not asked for any more.
    Dropped,
    /// Of consent: it is shared.
    Agreed,
    /// Of consent: it is not.
    Refused,
}

impl RequestState {
    const ALL: [Self; 5] = [Self::Open, Self::Met, Self::Dropped, Self::Agreed, Self::Refused];

    const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Met => "met",
            Self::Dropped => "dropped",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
        }
    }
}

macro_rules! due {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.family, r.person, r.form, r.due, r.why, r.proposal, r.state, r.principal, r.assessment, r.settled_at, r.settled_by, ",
            "r.settled_why FROM assessment_request r ",
            $rest
        )
    };
}
macro_rules! consent {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.family, r.person, r.sections, r.to_kind, r.due, r.proposal, r.state, r.principal, r.share, r.settled_at, ",
            "r.settled_by, r.settled_why FROM consent_request r ",
            $rest
        )
    };
}

/// Nobody whom a seal hides from the reader in that family.
const OF_NOBODY_SEALED: &str = "NOT EXISTS (SELECT 1 FROM seal s WHERE s.family = r.family AND s.person = r.person AND s.lifted IS NULL \
     AND (s.until IS NULL OR s.until >= $4) AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $2))";
/// The family that goes on with the request's own ($1 of the caller's text).
const NOT_GONE: &str = "NOT EXISTS (SELECT 1 FROM family_closed k WHERE k.family = r.family AND k.reopened IS NULL AND k.how = 'moved')";
/// A worker's own ($15; empty: anybody's): whose part in the case is in force.
const OF_WORKER: &str = "(LENGTH($15) = 0 OR EXISTS (SELECT 1 FROM assignment w WHERE w.family = r.family AND w.login = $15 \
     AND w.first <= $4 AND (w.last IS NULL OR w.last >= $4)))";

static DUE_FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    let assessments = Sections::from_iter([Section::Assessments]).number().to_string();
    Seen::new(|whose| {
        format!(
            "{} AND (r.due > $12 OR r.due = $12 AND r.id > $13) AND {} AND {} AND {OF_NOBODY_SEALED} AND {NOT_GONE} AND {OF_WORKER} \
             ORDER BY r.due, r.id LIMIT $14",
            due!("WHERE r.state = 'open' AND r.due >= $10 AND r.due <= $11"),
            whose.family("r.family"),
            whose.covers_all(&assessments, "r.family"),
        )
    })
});
impl AuthorityStore {
    /// Open ones due in a window that the reader sees, the first due first. `worker`: only of their cases.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessments_due_for(
        &self,
        reader: &Reader,
        (first, last): (Day, Day),
        worker: Option<LoginId>,
        after: Option<(Day, AssessmentRequestId)>,
        limit: u32,
    ) -> Result<Page<AssessmentRequest, (Day, AssessmentRequestId)>, StoreError> {
        let rows = reader
            .bind(query(DUE_FOR_READER.by(reader)))
            .day(first)
            .day(last)
            .day(after.map_or(Day::FIRST, |(due, _)| due))
            .bind(after.as_ref().map_or(&[][..], |(_, id)| id.as_bytes()).to_vec())
            .bind(Page::<AssessmentRequest, AssessmentRequestId>::rows(limit))
            .bind(worker.as_ref().map_or(&[][..], LoginId::as_bytes).to_vec())
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read_due).collect::<Result<_, _>>()?, limit, |r: &AssessmentRequest| (r.due, r.id)))
    }

    /// A family's, settled ones too, and those of families that go on within it; the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessment_requests(&self, family: FamilyId) -> Result<Vec<AssessmentRequest>, StoreError> {
        const SQL: &str = due!(
            "WHERE r.family = $1 OR r.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY r.id DESC"
        );
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_due).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn assessment_request(&self, id: AssessmentRequestId) -> Result<AssessmentRequest, StoreError> {
        let row = query(due!("WHERE r.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read_due(&row.ok_or_else(|| StoreError::no_such("assessment request", id))?)
    }

    /// As of assessments.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn consent_requests(&self, family: FamilyId) -> Result<Vec<ConsentRequest>, StoreError> {
        const SQL: &str = consent!(
            "WHERE r.family = $1 OR r.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY r.id DESC"
        );
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_consent).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn consent_request(&self, id: ConsentRequestId) -> Result<ConsentRequest, StoreError> {
        get_consent(&mut *self.read().await?, id).await
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` naming the family.
    pub async fn ask_for_assessment(&mut self, new: &AssessmentRequest) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO assessment_request (id, family, person, form, due, why, proposal, state, principal, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)",
        )
        .key(&new.id)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .bind(new.form.as_str())
        .day(new.due)
        .bind(new.why.as_deref())
        .maybe_key(new.proposal.as_ref())
        .bind(new.by.as_str())
        .bind(change.0)
        .execute(self.connection())
        .await?;
        self.announce(Announced::AssessmentAskedFor, Some(new.family), new.id);
        Ok(())
    }

    /// A completed assessment settles what was asked for: of its form, about the same.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn meet_requests(
        &mut self,
        family: FamilyId,
        form: &str,
        person: Option<PersonId>,
        assessment: AssessmentId,
    ) -> Result<u64, StoreError> {
        const OPEN: &str = "SELECT id, proposal FROM assessment_request WHERE state = 'open' AND form = $2 AND COALESCE(person, $4) = $3 \
             AND (family = $1 OR family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL))";
        let (now, by) = (self.now(), self.principal().to_owned());
        let whom = person.as_ref().map_or(&[][..], PersonId::as_bytes).to_vec();
        let open = query(OPEN).key(&family).bind(form.to_owned()).bind(whom).bind(Vec::new()).fetch_all(self.connection()).await?;
        for row in &open {
            query("UPDATE assessment_request SET state = 'met', assessment = $2, settled_at = $3, settled_by = $4 WHERE id = $1")
                .key(&row.key::<AssessmentRequestId>("id")?)
                .key(&assessment)
                .at(now)
                .bind(by.clone())
                .execute(self.connection())
                .await?;
            if let Some(proposal) = row.maybe_key("proposal")? {
                self.carried_out(proposal).await?;
            }
        }
        Ok(open.len() as u64)
    }

    /// It is not asked for any more. What a plugin proposed is carried out with that: it may propose it again.
    ///
    /// # Errors
    /// `Conflict` where it was settled before.
    pub async fn drop_assessment_request(&mut self, request: &AssessmentRequest, why: &str) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query(
            "UPDATE assessment_request SET state = 'dropped', settled_at = $2, settled_by = $3, settled_why = $4 WHERE id = $1 AND state = 'open'",
        )
        .key(&request.id)
        .at(now)
        .bind(by)
        .bind(why.to_owned())
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(settled_first());
        }
        match request.proposal {
            Some(proposal) => self.carried_out(proposal).await,
            None => Ok(()),
        }
    }

    /// # Errors
    /// `NoSuch` naming the family.
    pub async fn ask_for_consent(&mut self, new: &ConsentRequest) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO consent_request (id, family, person, sections, to_kind, due, proposal, state, principal, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)",
        )
        .key(&new.id)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .bind(new.sections.number())
        .bind(new.to.as_str())
        .day(new.due)
        .key(&new.proposal)
        .bind(new.by.as_str())
        .bind(change.0)
        .execute(self.connection())
        .await?;
        self.announce(Announced::ConsentAskedFor, Some(new.family), new.id);
        Ok(())
    }

    /// Agreed, and shared so; or a no, with what was said.
    ///
    /// # Errors
    /// `Conflict` where it was settled before.
    pub async fn settle_consent_request(
        &mut self,
        id: ConsentRequestId,
        share: Option<ShareId>,
        words: Option<&str>,
    ) -> Result<ConsentRequest, StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let state = if share.is_some() { RequestState::Agreed } else { RequestState::Refused };
        let done = query(
            "UPDATE consent_request SET state = $2, share = $3, settled_at = $4, settled_by = $5, settled_why = $6 WHERE id = $1 AND state = 'open'",
        )
        .key(&id)
        .bind(state.code())
        .maybe_key(share.as_ref())
        .at(now)
        .bind(by)
        .bind(words)
        .execute(self.connection())
        .await?;
        let request = get_consent(self.connection(), id).await?;
        if done.rows_affected() != 1 {
            return Err(settled_first());
        }
        self.carried_out(request.proposal).await?;
        self.announce(Announced::ConsentAnswered, Some(request.family), id);
        Ok(request)
    }

    /// What is being made or asked for about somebody is about whom they were found to be.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn carry_requests(&mut self, person: PersonId, stays: PersonId) -> Result<(), StoreError> {
        for sql in [
            "UPDATE assessment SET person = $2 WHERE person = $1",
            "UPDATE assessment_request SET person = $2 WHERE person = $1 AND state = 'open'",
            "UPDATE consent_request SET person = $2 WHERE person = $1 AND state = 'open'",
        ] {
            query(sql).key(&person).key(&stays).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// What was confirmed is done: its key is free again.
    async fn carried_out(&mut self, proposal: ProposalId) -> Result<(), StoreError> {
        let done = query("UPDATE proposal SET state = 'carried-out' WHERE id = $1 AND state = 'confirmed'").key(&proposal);
        done.execute(self.connection()).await?;
        Ok(())
    }
}

fn settled_first() -> StoreError {
    StoreError::Conflict("it was settled before".to_owned())
}

async fn get_consent(connection: &mut Connection, id: ConsentRequestId) -> Result<ConsentRequest, StoreError> {
    let row = query(consent!("WHERE r.id = $1")).key(&id).fetch_optional(connection).await?;
    read_consent(&row.ok_or_else(|| StoreError::no_such("consent request", id))?)
}

fn state(row: &Row) -> Result<RequestState, StoreError> {
    let state = row.text("state")?;
    RequestState::ALL.into_iter().find(|s| s.code() == state).ok_or_else(|| StoreError::damaged("state", format!("`{state}` is not one")))
}

fn settled(row: &Row) -> Result<Option<super::Said>, StoreError> {
    let Some(at): Option<KnownAt> = row.maybe_at("settled_at")? else { return Ok(None) };
    let by = row.maybe_text("settled_by")?.unwrap_or_default();
    Ok(Some(super::Said { at, by, words: row.maybe_text("settled_why")?.unwrap_or_default() }))
}

fn read_due(row: &Row) -> Result<AssessmentRequest, StoreError> {
    Ok(AssessmentRequest {
        id: row.key("id")?,
        family: row.key("family")?,
        person: row.maybe_key("person")?,
        form: row.text("form")?,
        due: row.day("due")?,
        why: row.maybe_text("why")?,
        proposal: row.maybe_key("proposal")?,
        state: state(row)?,
        by: row.text("principal")?,
        assessment: row.maybe_key("assessment")?,
        settled: settled(row)?,
    })
}

fn read_consent(row: &Row) -> Result<ConsentRequest, StoreError> {
    Ok(ConsentRequest {
        id: row.key("id")?,
        family: row.key("family")?,
        person: row.maybe_key("person")?,
        sections: Sections::from_number(row.number("sections")?).ok_or_else(|| StoreError::damaged("sections", "are not known"))?,
        to: row.text("to_kind")?,
        due: row.day("due")?,
        proposal: row.key("proposal")?,
        state: state(row)?,
        by: row.text("principal")?,
        share: row.maybe_key("share")?,
        settled: settled(row)?,
    })
}
