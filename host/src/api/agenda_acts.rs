//! What is done with families on agendas: put on, decided about, taken off.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::assessments::known;
use super::body::Body;
use super::caller::{Council, Opened};
use super::documented::Writes;
use super::meetings::works_here;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::{Role, Verb};
use crate::record::meeting::{ItemState, SittingState};
use crate::record::sections::notes::{Contact, Note};
use crate::record::{
    AgendaItemId, AuthorityId, Day, Detail, FactId, FamilyId, LoginId, NewFact, OrganisationId, PersonId, Section, SittingId, Subject,
    TaskId, Window, codes, fact,
};
use crate::store::{self, AgendaStep, NewItem, Seen, Task, TaskState};

/// Bytes of why a family is on an agenda, why it is taken off, and of a next step.
const LONGEST: usize = 500;
/// Next steps of one item.
const MOST_STEPS: usize = 20;

/// A family to be put on an agenda.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAgendaItem)]
pub struct OnAgenda {
    family: FamilyId,
    /// Whom it is about: then whoever may not know of them does not know of it. Left out: the family.
    #[serde(default)]
    person: Option<PersonId>,
    /// 1 to 500 bytes; seen as the family's notes are.
    why: String,
}

/// A family on an agenda, by its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgendaItemState)]
pub struct ItemIs {
    id: AgendaItemId,
    state: ItemState,
}

/// Put a family on an agenda
///
/// By whoever works with the family, beside what plugins propose.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/sittings/{sitting}/agenda", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("sitting" = SittingId, Path, description = "The sitting"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = OnAgenda, example = json!({ "family": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", "why": "two exclusions in a month" })),
    responses((status = 201, body = ItemIs, description = "On the agenda"), Writes),
)]
pub async fn put_on_agenda(
    council: Council,
    Id(id): Id<SittingId>,
    once: Once,
    Body { value: new, digest }: Body<OnAgenda>,
) -> Result<Response, Problem> {
    let reader = council.reader(Verb::PlanMeetings)?;
    let sitting = council.store.sitting_for(&reader, id).await?;
    let opened = council.family(Verb::PlanMeetings, new.family).await?;
    if council.store.meeting(sitting.meeting).await?.family.is_some_and(|f| f != new.family) {
        return Err(Problem::invalid("family", "is not the one whose meeting it is"));
    }
    if let Some(person) = new.person
        && !known(&council, &opened).await?.contains(&person)
    {
        return Err(Problem::invalid("person", "is nobody of this family"));
    }
    fact::text("why", &new.why, LONGEST)?;
    let mut tx = match once.begin(&council, digest, "put a family on an agenda").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let (item, why) = (AgendaItemId::fresh(), Some(new.why));
    let (family, person, invited) = (new.family, new.person, Vec::new());
    tx.put_on_agenda(&NewItem { id: item, sitting: id, family, person, proposal: None, decision: None, invited, why }).await?;
    once.finish(tx, &council, digest, Answer::created(&ItemIs { id: item, state: ItemState::OnAgenda })).await
}

/// An item about a family of theirs, of which they see what is written about meetings. The family is the one that goes on with it.
async fn theirs(council: &Council, id: AgendaItemId) -> Result<(store::AgendaItem, Opened), Problem> {
    let reader = council.reader(Verb::PlanMeetings)?;
    let item = council.store.agenda_item_for(&reader, id).await?;
    let family = council.store.goes_on_within(item.family).await?.unwrap_or(item.family);
    let opened = council.family_of(Verb::PlanMeetings, family, "agenda item", id).await?;
    council.showed(Seen::of(family, "agenda-item", id, &[]));
    if opened.relation.sections.has(Section::Notes) {
        return Ok((item, opened));
    }
    Err(Problem::new(Code::NotAllowed, "notes about this family are withheld from you"))
}

/// What was decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeetingDecision)]
pub struct Decided {
    /// 1 to 10,000 bytes; a note in the family's record.
    #[schema(min_length = 1, max_length = 10_000)]
    words: String,
    /// Whether somebody of the family took part, where they were asked to: it is a contact in their record, kept or not.
    #[serde(default)]
    family_took_part: Option<bool>,
    /// At most 20.
    #[serde(default)]
    next_steps: Vec<NewStep>,
}

/// What somebody is to do: a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNextStep)]
pub struct NewStep {
    /// 1 to 500 bytes.
    what: String,
    /// Not before today.
    due: Day,
    /// Whose task it is, code list roles; a keyworker's, if left out.
    #[serde(default = "keyworker")]
    #[schema(default = "keyworker")]
    role: String,
    /// Who of those who work here.
    #[serde(default)]
    owner: Option<LoginId>,
    /// Whose people know of it beside those who see the family's notes.
    #[serde(default)]
    organisation: Option<OrganisationId>,
}

fn keyworker() -> String {
    "keyworker".to_owned()
}

impl NewStep {
    async fn check(&self, app: &App, council: &Council, at: &str) -> Result<(), Problem> {
        fact::text(&format!("{at}.what"), &self.what, LONGEST)?;
        codes::check(&format!("{at}.role"), "roles", &self.role)?;
        if let Some(owner) = self.owner {
            works_here(council, &format!("{at}.owner"), owner).await?;
        }
        match &self.organisation {
            Some(organisation) if app.stores.common().organisation(organisation).await?.is_none() => {
                Err(Problem::invalid(format!("{at}.organisation"), "is no organisation"))
            }
            _ => Ok(()),
        }
    }

    fn task(self, family: FamilyId, installation: crate::record::InstallationId) -> AgendaStep {
        let id = TaskId::fresh();
        let task = Task {
            id,
            installation,
            key: format!("hearth:next-step:{id}"),
            family,
            role: self.role,
            title: serde_json::json!({ "en": self.what, "cy": self.what }),
            due: self.due,
            state: TaskState::Open,
            decision: None,
        };
        AgendaStep { task, owner: self.owner, organisation: self.organisation }
    }
}

/// Write down what was decided
///
/// A note in the family's record, of which the pathway hears that a meeting was held; its words are corrected as facts are. Next steps are tasks.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/agenda-items/{item}/decision", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("item" = AgendaItemId, Path, description = "The family on the agenda"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Decided, example = json!({
        "words": "The school leads; the keyworker sees Ben at home this week.", "family_took_part": true,
        "next_steps": [{ "what": "See Ben at home", "due": "2026-09-18", "role": "keyworker" }],
    })),
    responses((status = 200, body = ItemIs, description = "Decided"), Writes),
)]
pub async fn decide_item(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AgendaItemId>,
    once: Once,
    Body { value: decided, digest }: Body<Decided>,
) -> Result<Response, Problem> {
    let (item, opened) = theirs(&council, id).await?;
    let topic = council.store.meeting(item.meeting).await?.kind;
    let role = role(&council);
    let note = Note { topic, role: role.clone(), text: decided.words };
    note.check().map_err(|e| Problem::invalid("words", e.why))?;
    if decided.next_steps.len() > MOST_STEPS {
        return Err(Problem::invalid("next_steps", format!("has at most {MOST_STEPS} entries")));
    }
    for (i, step) in decided.next_steps.iter().enumerate() {
        step.check(&app, &council, &format!("next_steps[{i}]")).await?;
    }
    let mut tx = match once.begin(&council, digest, "wrote down what a meeting decided").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    if item.on > today || tx.sitting(item.sitting).await?.state == SittingState::Cancelled {
        return Err(Problem::new(Code::Conflict, "the sitting is still to come, or is cancelled"));
    }
    if let Some(i) = decided.next_steps.iter().position(|s| s.due < today) {
        return Err(Problem::invalid(format!("next_steps[{i}].due"), "is over"));
    }
    let person = match item.person {
        Some(person) => Some(tx.goes_on_as(person).await?),
        None => None,
    };
    let new = |detail: Detail| NewFact {
        id: FactId::fresh(),
        subject: Subject { family: Some(opened.family), person, ..Subject::default() },
        window: Window::on(item.on),
        source: council.as_source(),
        reference: None,
        supersedes: None,
        detail,
    };
    let mut facts = vec![new(Detail::Note(note))];
    if let Some(kept) = decided.family_took_part {
        facts.push(new(Detail::Contact(Contact { how: "meeting".to_owned(), role, kept })));
    }
    tx.add_facts(&facts).await?;
    tx.decide_item(id, facts[0].id).await?;
    if !decided.next_steps.is_empty() {
        let installation = tx.installation_for_tasks().await?;
        for step in decided.next_steps {
            tx.add_agenda_step(id, &step.task(opened.family, installation)).await?;
        }
    }
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ItemIs { id, state: ItemState::Decided })).await
}

/// As whom they write, code list roles: programs write for the coordinator.
fn role(council: &Council) -> String {
    let theirs = council.roles.iter().map(Role::code).find(|code| codes::find("roles", code).is_some());
    theirs.unwrap_or("coordinator").to_owned()
}

/// Why a family is taken off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TakingOff)]
pub struct TakenOff {
    /// 1 to 500 bytes; kept.
    reason: String,
}

/// Take a family off an agenda
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/agenda-items/{item}/removal", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("item" = AgendaItemId, Path, description = "The family on the agenda"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = TakenOff, example = json!({ "reason": "the family asked for it to wait" })),
    responses((status = 200, body = ItemIs, description = "Not on the agenda any more"), Writes),
)]
pub async fn take_off_agenda(
    council: Council,
    Id(id): Id<AgendaItemId>,
    once: Once,
    Body { value: TakenOff { reason }, digest }: Body<TakenOff>,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    fact::text("reason", &reason, LONGEST)?;
    let mut tx = match once.begin(&council, digest, "took a family off an agenda").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.take_off_agenda(id, &reason).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ItemIs { id, state: ItemState::TakenOff })).await
}
