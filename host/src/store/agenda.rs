//! Families on the agendas of sittings: who sees them there, what became of them, and which next steps follow.

use std::sync::LazyLock;

use super::meetings::{INVITED, parsed};
use super::reader::{Reader, Seen, TELLING, Whose, unsealed};
use super::sittings::{Sitting, settled};
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Said, StoreError, Task};
use crate::record::meeting::ItemState;
use crate::record::{
    AgendaItemId, Announced, Day, DecisionId, FactId, FamilyId, InstallationId, LoginId, MeetingId, OrganisationId, PersonId, ProposalId,
    Sections, SittingId,
};

/// A family on the agenda of a sitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    pub id: AgendaItemId,
    pub sitting: SittingId,
    pub meeting: MeetingId,
    /// Of the sitting.
    pub on: Day,
    pub family: FamilyId,
    /// None: the family.
    pub person: Option<PersonId>,
    pub by: String,
    /// Of a plugin, with the decision that proposed it and what that was given.
    pub proposal: Option<ProposalId>,
    pub decision: Option<DecisionId>,
    pub label: Sections,
    /// Kinds of organisation that a plugin wants there.
    pub invited: Vec<String>,
    /// Of a person.
    pub why: Option<String>,
    pub state: ItemState,
    /// The note of what was decided, as it was first written: the last word about it is at the end of its line.
    pub fact: Option<FactId>,
    pub settled: Option<Said>,
}

/// A family to be put on an agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    pub id: AgendaItemId,
    pub sitting: SittingId,
    pub family: FamilyId,
    pub person: Option<PersonId>,
    pub proposal: Option<ProposalId>,
    pub decision: Option<DecisionId>,
    pub invited: Vec<String>,
    pub why: Option<String>,
}

/// What somebody is to do next: a task, and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaStep {
    pub task: Task,
    pub owner: Option<LoginId>,
    pub organisation: Option<OrganisationId>,
}

macro_rules! item {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.sitting, s.meeting, s.day, i.family, i.person, i.principal, i.proposal, i.decision, i.invited, i.why, i.state, ",
            "i.fact, i.settled_at, i.settled_by, i.settled_why, COALESCE(d.label, 0) AS label FROM agenda_item i ",
            "JOIN sitting s ON s.id = i.sitting JOIN meeting m ON m.id = s.meeting LEFT JOIN decision d ON d.id = i.decision ",
            $rest
        )
    };
}

/// Is a family on an agenda theirs to know of? They see the family, and all that its being there tells; no seal hides whom it is about or
/// what proposed it; and they work for the council, have the case, or are of an organisation that is invited.
pub(super) fn item_seen(whose: Whose) -> String {
    let person = "NOT EXISTS (SELECT 1 FROM seal l WHERE l.family = i.family AND l.person = i.person AND l.lifted IS NULL \
         AND (l.until IS NULL OR l.until >= $4) AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = l.id AND n.login = $2))";
    let way = match whose {
        Whose::All => "$1 = 1".to_owned(),
        Whose::Related => format!("($8 <> 0 OR i.family IN (SELECT family FROM mine) OR {INVITED})"),
    };
    format!(
        "({} AND {} AND {person} AND (i.decision IS NULL OR {}) AND {way})",
        whose.family("i.family"),
        whose.covers_all("i.tells", "i.family"),
        unsealed("i.decision"),
    )
}

static OF_SITTING: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| format!("{} AND {} ORDER BY i.id", item!("WHERE i.sitting = $10 AND i.state <> 'taken-off'"), item_seen(whose)))
});
static OF_FAMILY: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        let select = item!(
            "WHERE (i.family = $10 OR i.family IN (SELECT family FROM merged_into WHERE stays = $10 AND undone IS NULL)) AND i.state <> 'put-off'"
        );
        format!("{select} AND {} ORDER BY s.day DESC, i.id DESC", item_seen(whose))
    })
});
static ONE: LazyLock<Seen> = LazyLock::new(|| Seen::new(|whose| format!("{} AND {}", item!("WHERE i.id = $10"), item_seen(whose))));

impl AuthorityStore {
    /// Those of a sitting that the reader may know of, in the order in which they came. Whom they may not know of leaves no gap.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn agenda_for(&self, reader: &Reader, sitting: SittingId) -> Result<Vec<AgendaItem>, StoreError> {
        let statement = reader.bind(query(OF_SITTING.by(reader))).key(&sitting);
        statement.fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// Those of a family and of families that go on within it, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn agenda_of_family_for(&self, reader: &Reader, family: FamilyId) -> Result<Vec<AgendaItem>, StoreError> {
        let statement = reader.bind(query(OF_FAMILY.by(reader))).key(&family);
        statement.fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// All of a family, for whoever is answered what is held about them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn agenda_of_family(&self, family: FamilyId) -> Result<Vec<AgendaItem>, StoreError> {
        const SQL: &str = item!("WHERE i.family = $1 AND i.state <> 'put-off' ORDER BY s.day, i.id");
        query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none, or none that the reader may know of.
    pub async fn agenda_item_for(&self, reader: &Reader, id: AgendaItemId) -> Result<AgendaItem, StoreError> {
        let row = reader.bind(query(ONE.by(reader))).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("agenda item", id))?)
    }

    /// What follows from an item, the first due first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn agenda_steps(&self, item: AgendaItemId) -> Result<Vec<AgendaStep>, StoreError> {
        const SQL: &str = "SELECT p.owner, p.organisation, t.id, t.installation, t.key, t.family, t.role, t.title, t.due, t.state, t.decision, \
             t.done_at, t.done_by FROM agenda_step p JOIN task t ON t.id = p.task WHERE p.item = $1 ORDER BY t.due, t.id";
        let rows = query(SQL).key(&item).fetch_all(&mut *self.read().await?).await?;
        let read = |row: &Row| {
            let organisation = row.maybe_text("organisation")?.map(|_| parsed(row, "organisation")).transpose()?;
            Ok(AgendaStep { task: super::tasks::read(row)?, owner: row.maybe_key("owner")?, organisation })
        };
        rows.iter().map(read).collect()
    }
}

/// What of a family may be shown to an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedWith {
    pub organisation: OrganisationId,
    /// Only about them; none: about the whole family.
    pub person: Option<PersonId>,
    pub sections: Sections,
}

impl AuthorityStore {
    /// What is shared of a family by now, with the organisations that a meeting invites.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shared_with_invited(&self, family: FamilyId, meeting: MeetingId, today: Day) -> Result<Vec<SharedWith>, StoreError> {
        const SQL: &str = "SELECT g.organisation, s.person, s.sections & g.sections AS sections FROM agreement g \
             JOIN share s ON s.agreement = g.id JOIN meeting_invited v ON v.organisation = g.organisation AND v.meeting = $2 \
             WHERE s.family = $1 AND g.first <= $3 AND (g.last IS NULL OR g.last >= $3) AND s.withdrawn_at IS NULL \
             ORDER BY g.organisation, s.id";
        let rows = query(SQL).key(&family).key(&meeting).day(today).fetch_all(&mut *self.read().await?).await?;
        let read = |row: &Row| {
            let (organisation, sections) = (parsed(row, "organisation")?, sections(row, "sections")?);
            Ok(SharedWith { organisation, person: row.maybe_key("person")?, sections })
        };
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// Puts a family on an agenda. Being there tells what its meeting tells, and of a decision that proposed it what its bare result would.
    ///
    /// # Errors
    /// `Conflict` where the family is closed, is on that agenda already, or the sitting is over.
    pub async fn put_on_agenda(&mut self, new: &NewItem) -> Result<(), StoreError> {
        let sitting = self.open_agenda(new.sitting).await?;
        super::closed::refuse(self.connection(), &[new.family].into(), &new.person.into_iter().collect()).await?;
        if self.is_on_agenda(sitting.id, new.family, new.person).await? {
            return Err(StoreError::Conflict("the family is on that agenda already".to_owned()));
        }
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query(
            "INSERT INTO agenda_item (id, sitting, family, person, change, principal, proposal, decision, tells, invited, why, state) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, m.tells | (COALESCE((SELECT label FROM decision WHERE id = $8), 0) & $9), $10, $11, \
             'on-agenda' FROM sitting s JOIN meeting m ON m.id = s.meeting WHERE s.id = $2",
        )
        .key(&new.id)
        .key(&new.sitting)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .bind(change.0)
        .bind(by)
        .maybe_key(new.proposal.as_ref())
        .maybe_key(new.decision.as_ref())
        .bind(Sections::from_iter(TELLING).number())
        .bind(serde_json::json!(new.invited).to_string())
        .bind(new.why.as_deref())
        .execute(self.connection())
        .await?;
        self.announce(Announced::FamilyOnAgenda, Some(new.family), new.id);
        Ok(())
    }

    async fn open_agenda(&mut self, id: SittingId) -> Result<Sitting, StoreError> {
        let sitting = self.sitting(id).await?;
        if sitting.state.is_to_come() {
            return Ok(sitting);
        }
        Err(StoreError::Conflict("this sitting was held, missed or cancelled: nobody is put on its agenda any more".to_owned()))
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn is_on_agenda(&mut self, sitting: SittingId, family: FamilyId, person: Option<PersonId>) -> Result<bool, StoreError> {
        const SQL: &str =
            "SELECT 1 FROM agenda_item WHERE sitting = $1 AND family = $2 AND COALESCE(person, $4) = $3 AND state <> 'taken-off'";
        let whom = person.as_ref().map_or(&[][..], PersonId::as_bytes).to_vec();
        let found = query(SQL).key(&sitting).key(&family).bind(whom).bind(&[][..]).fetch_optional(self.connection()).await?;
        Ok(found.is_some())
    }

    /// What was decided about an item is in the record.
    ///
    /// # Errors
    /// `Conflict` where it was decided, put off or taken off before.
    pub async fn decide_item(&mut self, id: AgendaItemId, note: FactId) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query(
            "UPDATE agenda_item SET state = 'decided', fact = $2, settled_at = $3, settled_by = $4 \
             WHERE id = $1 AND state IN ('on-agenda', 'not-reached')",
        )
        .key(&id)
        .key(&note)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(settled_first()) }
    }

    /// # Errors
    /// `Conflict` where it was decided, put off or taken off before.
    pub async fn take_off_agenda(&mut self, id: AgendaItemId, why: &str) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query(
            "UPDATE agenda_item SET state = 'taken-off', settled_at = $2, settled_by = $3, settled_why = $4 \
             WHERE id = $1 AND state IN ('on-agenda', 'not-reached')",
        )
        .key(&id)
        .at(now)
        .bind(by)
        .bind(why)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(settled_first()) }
    }

    /// A task that follows from an item, in the words of whoever wrote it.
    ///
    /// # Errors
    /// `Conflict` where no plugin is adopted here: a task stands beside one.
    pub async fn add_agenda_step(&mut self, item: AgendaItemId, new: &AgendaStep) -> Result<(), StoreError> {
        self.add_task(&new.task).await?;
        query("INSERT INTO agenda_step (task, item, owner, organisation) VALUES ($1, $2, $3, $4)")
            .key(&new.task.id)
            .key(&item)
            .maybe_key(new.owner.as_ref())
            .bind(new.organisation.as_ref().map(OrganisationId::as_str))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Beside which installation people's own tasks stand: the one that decides pathways, or else the last that was adopted.
    ///
    /// # Errors
    /// `Conflict` where there is none.
    pub async fn installation_for_tasks(&mut self) -> Result<InstallationId, StoreError> {
        const SQL: &str = "SELECT i.id FROM installation i LEFT JOIN installation_offer o ON o.installation = i.id \
             AND o.extension_point = 'pathway' AND o.decides = 1 ORDER BY COALESCE(o.decides, 0) DESC, i.id DESC LIMIT 1";
        let row = query(SQL).fetch_optional(self.connection()).await?;
        let row = row.ok_or_else(|| StoreError::Conflict("tasks are given out once a plugin is adopted, and none is yet".to_owned()))?;
        row.key("id")
    }

    /// A sitting is over: what nobody came to is not reached.
    pub(super) async fn leave_unreached(&mut self, sitting: SittingId) -> Result<(), StoreError> {
        query("UPDATE agenda_item SET state = 'not-reached' WHERE sitting = $1 AND state = 'on-agenda'")
            .key(&sitting)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whom earlier sittings of its meeting did not reach, this one takes over, with why they were on the agenda; whoever goes on within another
    /// family as that one, and nobody who moved away.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_over(&mut self, sitting: &Sitting) -> Result<(), StoreError> {
        const LEFT: &str = "SELECT i.id, i.family, i.person, i.proposal, i.decision, i.invited, i.why FROM agenda_item i \
             JOIN sitting s ON s.id = i.sitting WHERE s.meeting = $1 AND s.id <> $2 AND i.state = 'not-reached' ORDER BY i.id";
        let left = query(LEFT).key(&sitting.meeting).key(&sitting.id).fetch_all(self.connection()).await?;
        for row in left {
            let family: FamilyId = row.key("family")?;
            let family = self.go_on_as(&[family]).await?.remove(&family).unwrap_or(family);
            let person = match row.maybe_key("person")? {
                Some(person) => Some(self.goes_on_as(person).await?),
                None => None,
            };
            if !super::closed::among(self.connection(), &[family]).await?.is_empty() {
                continue;
            }
            if !self.is_on_agenda(sitting.id, family, person).await? {
                self.put_on_agenda(&NewItem {
                    id: AgendaItemId::fresh(),
                    sitting: sitting.id,
                    family,
                    person,
                    proposal: row.maybe_key("proposal")?,
                    decision: row.maybe_key("decision")?,
                    invited: row.json("invited")?,
                    why: row.maybe_text("why")?,
                })
                .await?;
            }
            query("UPDATE agenda_item SET state = 'put-off' WHERE id = $1")
                .key(&row.key::<AgendaItemId>("id")?)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Families that a sitting was to talk about and did not, with what being on its agenda tells.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn not_reached(&mut self, sitting: SittingId) -> Result<Vec<(FamilyId, Sections)>, StoreError> {
        const SQL: &str = "SELECT family, tells FROM agenda_item WHERE sitting = $1 AND state IN ('on-agenda', 'not-reached') ORDER BY id";
        let rows = query(SQL).key(&sitting).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((row.key("family")?, sections(row, "tells")?))).collect()
    }
}

fn settled_first() -> StoreError {
    StoreError::Conflict("this was decided, put off or taken off the agenda before".to_owned())
}

fn sections(row: &Row, column: &'static str) -> Result<Sections, StoreError> {
    Sections::from_number(row.number(column)?).ok_or_else(|| StoreError::damaged("agenda_item", "its sections are not known"))
}

fn read(row: &Row) -> Result<AgendaItem, StoreError> {
    let settled = settled(row)?;
    Ok(AgendaItem {
        id: row.key("id")?,
        sitting: row.key("sitting")?,
        meeting: row.key("meeting")?,
        on: row.day("day")?,
        family: row.key("family")?,
        person: row.maybe_key("person")?,
        by: row.text("principal")?,
        proposal: row.maybe_key("proposal")?,
        decision: row.maybe_key("decision")?,
        label: sections(row, "label")?,
        invited: row.json("invited")?,
        why: row.maybe_text("why")?,
        state: parsed(row, "state")?,
        fact: row.maybe_key("fact")?,
        settled,
    })
}
