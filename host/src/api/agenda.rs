//! A family on an agenda, as a reader sees it: why it is there, what was decided, what follows; of each what they see of the family.

use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::evidence::{Evidence, Language};
use super::problem::Problem;
use crate::record::meeting::ItemState;
use crate::record::{
    AgendaItemId, Day, Detail, FamilyId, KnownAt, LoginId, MeetingId, OrganisationId, PersonId, ProposalId, Section, SittingId, TaskId,
};
use crate::sandbox::answer::Action;
use crate::store::{self, AsKnown, Reader, Relation, StoreError, TaskState};

/// A family on an agenda.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgendaItem {
    id: AgendaItemId,
    sitting: SittingId,
    meeting: MeetingId,
    /// The sitting's day.
    on: Day,
    family: FamilyId,
    /// Whom it is about. Left out: the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    state: ItemState,
    /// Who put it there: somebody, or whoever asked the plugin that did.
    by: String,
    /// In the words of whoever put it there; left out too where you do not see the family's notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// What the plugin says that put it there; left out too where you do not see all that its decision was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<ProposalId>,
    /// Who should be there, as the plugin says: code list organisation-kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asked_for: Vec<String>,
    /// What was decided, as it stands in the record now; left out too where you do not see the family's notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<String>,
    /// What you see of them: all, or what your organisation is to do.
    next_steps: Vec<NextStep>,
    /// What of the family may be shown to the invited organisations; for whoever sees all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared_with: Vec<SharedWith>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_why: Option<String>,
}

/// What somebody is to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextStep {
    task: TaskId,
    what: String,
    /// Code list roles.
    role: String,
    due: Day,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<LoginId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
}

/// What may be shown to an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SharedInTheRoom)]
pub struct SharedWith {
    organisation: OrganisationId,
    /// Only about them. Left out: about the whole family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    sections: Vec<Section>,
}

impl AgendaItem {
    /// As the reader sees each.
    pub(super) async fn all(
        app: &App,
        council: &Council,
        reader: &Reader,
        items: Vec<store::AgendaItem>,
        language: Language,
    ) -> Result<Vec<Self>, Problem> {
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            all.push(Self::of(app, council, reader, item, language).await?);
        }
        Ok(all)
    }

    async fn of(app: &App, council: &Council, reader: &Reader, item: store::AgendaItem, language: Language) -> Result<Self, Problem> {
        let store = &council.store;
        let relation = store.relation(reader, item.family).await?.ok_or_else(|| Problem::no_such("agenda item", item.id))?;
        let sees_notes = relation.sections.has(Section::Notes);
        let proposal = item.proposal.filter(|_| relation.sections.covers(item.label));
        let (settled_at, settled_by, words) = match item.settled.clone() {
            Some(said) => (Some(said.at), Some(said.by), Some(said.words)),
            None => (None, None, None),
        };
        Ok(Self {
            sentence: said(app, council, &item, proposal, language).await?,
            decided: decided(council, reader, &relation, &item).await?,
            next_steps: next_steps(council, reader, sees_notes, item.id).await?,
            shared_with: shared_with(council, reader, &relation, &item).await?,
            id: item.id,
            sitting: item.sitting,
            meeting: item.meeting,
            on: item.on,
            family: item.family,
            person: item.person,
            state: item.state,
            by: item.by,
            why: item.why.filter(|_| sees_notes),
            proposal,
            asked_for: if proposal.is_some() { item.invited } else { Vec::new() },
            settled_at,
            settled_by,
            settled_why: words.filter(|w| sees_notes && !w.is_empty()),
        })
    }
}

/// The plugin's sentence. What was erased says nothing.
async fn said(
    app: &App,
    council: &Council,
    item: &store::AgendaItem,
    proposal: Option<ProposalId>,
    language: Language,
) -> Result<Option<String>, Problem> {
    let (Some(proposal), Some(decision)) = (proposal, item.decision) else { return Ok(None) };
    let proposal = match council.store.proposal(proposal).await {
        Ok(proposal) => proposal,
        Err(StoreError::NoSuch { .. }) => return Ok(None),
        Err(fault) => return Err(fault.into()),
    };
    let action = serde_json::from_value(proposal.body).map_err(|e| StoreError::Damaged(format!("proposal {}: {e}", proposal.id)))?;
    let Action::Meeting { about, .. } = action else { return Ok(None) };
    let decision = council.store.decision(decision).await?;
    let plugin = council.store.installation(proposal.installation).await?.digest;
    let evidence = Evidence::of(app, &council.store, &decision, plugin, language).await?;
    Ok(Some(evidence.sentence(&about)))
}

/// The note's words as they are in the record now: corrected since, or gone.
async fn decided(council: &Council, reader: &Reader, relation: &Relation, item: &store::AgendaItem) -> Result<Option<String>, Problem> {
    let Some(first) = item.fact else { return Ok(None) };
    let family = council.store.goes_on_within(item.family).await?.unwrap_or(item.family);
    let mut facts = council.store.facts_for(reader, family, AsKnown::Now).await?;
    facts.retain(|f| relation.shows(f) && f.window.first == item.on && matches!(f.detail, Detail::Note(_)));
    let lines = council.store.lines_of(&facts.iter().map(|f| f.id).collect::<Vec<_>>()).await?;
    let found = lines.into_iter().zip(facts).find(|(line, _)| *line == first);
    Ok(found.and_then(|(_, fact)| if let Detail::Note(note) = fact.detail { Some(note.text) } else { None }))
}

async fn next_steps(council: &Council, reader: &Reader, all: bool, item: AgendaItemId) -> Result<Vec<NextStep>, Problem> {
    let mut steps = council.store.agenda_steps(item).await?;
    steps.retain(|s| all || s.organisation.is_some() && s.organisation == reader.organisation);
    let told = |step: store::AgendaStep| NextStep {
        task: step.task.id,
        what: step.task.title["en"].as_str().unwrap_or_default().to_owned(),
        role: step.task.role,
        due: step.task.due,
        done: step.task.state != TaskState::Open,
        owner: step.owner,
        organisation: step.organisation,
    };
    Ok(steps.into_iter().map(told).collect())
}

async fn shared_with(
    council: &Council,
    reader: &Reader,
    relation: &Relation,
    item: &store::AgendaItem,
) -> Result<Vec<SharedWith>, Problem> {
    if !reader.of_the_council || relation.sections.missing().next().is_some() {
        return Ok(Vec::new());
    }
    let found = council.store.shared_with_invited(item.family, item.meeting, reader.now.day()).await?;
    let told = |shared: store::SharedWith| SharedWith {
        organisation: shared.organisation,
        person: shared.person,
        sections: Section::ALL.iter().copied().filter(|s| shared.sections.has(*s)).collect(),
    };
    Ok(found.into_iter().map(told).collect())
}
