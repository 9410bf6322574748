//! Dates that came or went by, among the happenings.

use super::closed::open;
use super::happenings::HappeningState;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Announced, Day, Fact, FactId, FamilyId, HappeningId, Kind, PersonId, Section, Sections};

const DATE_MISSED: &str = "date-missed";
const REVIEW_DUE: &str = "review-due";

/// A date that came, or went by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    pub family: FamilyId,
    /// Code list events.
    pub kind: &'static str,
    /// The date.
    pub on: Day,
    /// That told of it; none: a task's, or a review's.
    pub fact: Option<FactId>,
    pub person: Option<PersonId>,
    /// Whoever does not see these does not know of it.
    pub sections: Sections,
}

impl AuthorityStore {
    /// Tasks that were to be done from a day on and before another, and were not: once for each family and day. A task that was given out because
    /// a date was missed is none of them: whoever hears of the first would otherwise hear of it again and again, each time of the last reminder.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn missed_tasks(&self, from: Day, before: Day) -> Result<Vec<Missed>, StoreError> {
        const SQL: &str = "SELECT t.family, t.due, d.label FROM task t LEFT JOIN decision d ON d.id = t.decision \
             WHERE t.state = 'open' AND t.due >= $1 AND t.due < $2 \
             AND NOT EXISTS (SELECT 1 FROM happening h WHERE h.family = t.family AND h.kind = 'date-missed' AND h.decision = t.decision) \
             ORDER BY t.family, t.due";
        let mut missed: Vec<Missed> = Vec::new();
        for row in query(SQL).day(from).day(before).fetch_all(&mut *self.read().await?).await? {
            let (family, on) = (row.key("family")?, row.day("due")?);
            let label = row.maybe_number("label")?.and_then(Sections::from_number).unwrap_or(Sections::NONE);
            match missed.last_mut().filter(|m| m.family == family && m.on == on) {
                Some(same) => same.sections = same.sections.and(label),
                None => missed.push(Missed::of(family, on, label)),
            }
        }
        Ok(missed)
    }

    /// Assessments, and next reviews, that were asked for and not made yet, due from a day on and until another, both included: of the families
    /// that go on with them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn reviews_due(&self, from: Day, until: Day) -> Result<Vec<Missed>, StoreError> {
        let sql = query(concat!(
            "SELECT DISTINCT f.id, r.due, r.person FROM assessment_request r JOIN family f ON (f.id = r.family ",
            "OR f.id IN (SELECT m.stays FROM merged_into m WHERE m.family = r.family AND m.undone IS NULL)) ",
            "WHERE r.state = 'open' AND r.due >= $1 AND r.due <= $2 AND ",
            open!(),
            " ORDER BY r.due, f.id, r.person"
        ));
        let rows = sql.day(from).day(until).fetch_all(&mut *self.read().await?).await?;
        let sections = Sections::from_iter([Section::Assessments]);
        let due = |row: &Row| {
            Ok(Missed {
                family: row.key("id")?,
                kind: REVIEW_DUE,
                on: row.day("due")?,
                fact: None,
                person: row.maybe_key("person")?,
                sections,
            })
        };
        rows.iter().map(due).collect()
    }

    /// Facts of a kind that stand now, by their ids, at most `limit`. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn goals_that_stand(&self, after: Option<FactId>, limit: u32) -> Result<Vec<Fact>, StoreError> {
        const SQL: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, \
             f.supersedes, f.detail, c.at FROM fact f JOIN change c ON c.id = f.change WHERE f.kind = 'goal' AND f.id > $1 \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id) ORDER BY f.id LIMIT $2";
        let after = after.as_ref().map_or(&[][..], FactId::as_bytes).to_vec();
        let rows = query(SQL).bind(after).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(super::facts::read).collect()
    }
}

impl Missed {
    /// Of a task, or a sitting.
    #[must_use]
    pub const fn of(family: FamilyId, on: Day, sections: Sections) -> Self {
        Self { family, kind: DATE_MISSED, on, fact: None, person: None, sections }
    }

    /// Of a goal.
    #[must_use]
    pub fn goal(family: FamilyId, on: Day, fact: FactId, person: Option<PersonId>) -> Self {
        let section: Section = Kind::Goal.section();
        Self { family, kind: DATE_MISSED, on, fact: Some(fact), person, sections: Sections::from_iter([section]) }
    }
}

impl AuthorityTx {
    /// Their pathway is to be asked about these, but for those that were noted before; how many there were. Nothing where nobody decides
    /// pathways.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_missed(&mut self, missed: &[Missed]) -> Result<u64, StoreError> {
        const KNOWN: &str = "SELECT 1 FROM happening WHERE family = $1 AND kind = $5 AND happened = $2 AND COALESCE(fact, $4) = $3 \
             AND COALESCE(person, $4) = $6";
        const NOTE: &str = "INSERT INTO happening (id, change, family, kind, happened, learnt, fact, person, sections, state, try_at) \
             VALUES ($1, $2, $3, $11, $4, $5, $6, $7, $8, $9, $10)";
        if !self.anybody_decides("pathway").await? {
            return Ok(0);
        }
        let mut noted = 0;
        for one in missed {
            let fact = one.fact.as_ref().map_or(&[][..], FactId::as_bytes).to_vec();
            let person = one.person.as_ref().map_or(&[][..], PersonId::as_bytes).to_vec();
            let known = query(KNOWN).key(&one.family).day(one.on).bind(fact).bind(&[][..]).bind(one.kind).bind(person);
            if known.fetch_optional(self.connection()).await?.is_some() {
                continue;
            }
            let (change, at) = self.change().await?;
            let id = HappeningId::fresh();
            let statement = query(NOTE).key(&id).bind(change.0).key(&one.family).day(one.on).day(at.day());
            let statement = statement.maybe_key(one.fact.as_ref()).maybe_key(one.person.as_ref()).bind(one.sections.number());
            statement.bind(HappeningState::Waiting.code()).at(at).bind(one.kind).execute(self.connection()).await?;
            self.announce(Announced::EventNoted, Some(one.family), id);
            noted += 1;
        }
        Ok(noted)
    }
}
