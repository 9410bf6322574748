//! A family's way through the programme in order of time: who saw whom, which services it waited for and had, assessments, goals, stages and
//! decisions. And what of it is more than a fact: how long a contact took and who was there, when a service began.

use std::collections::HashSet;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::assessments::known;
use super::body::Body;
use super::caller::{Council, Opened};
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::{Verb, Who};
use crate::record::sections::notes::Contact as ContactDetail;
use crate::record::sections::support::ServiceUse;
use crate::record::{
    AuthorityId, Day, DecisionId, Detail, Fact, FactId, FamilyId, HomeId, Kind, LoginId, NewFact, PersonId, Section, Subject, Window, codes,
};
use crate::store::{AsKnown, Encounter, Seen};

/// One step of a family's way.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyStep {
    on: Day,
    /// A kind of fact (code list kinds), or `decision`; of notes, what meetings decided.
    #[schema(example = "contact")]
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<FactId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The day on which it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// What the fact says; of a decision its question and result.
    #[schema(value_type = Object)]
    detail: Value,
    /// Of a contact: who made it, how long it took, who of the family was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    encounter: Option<Met>,
    /// Of a service: how long the family waited, or has waited until today.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Waiting>,
}

/// What is known of a contact beside its fact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Encounter)]
pub struct Met {
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LoginId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<u64>,
    people: Vec<PersonId>,
}

/// How long a family waits for a service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceWaiting)]
pub struct Waiting {
    asked_on: Day,
    /// Left out: not yet, or nobody said when.
    #[serde(skip_serializing_if = "Option::is_none")]
    began_on: Option<Day>,
    /// Until it began; until today of one that is still waited for. Left out where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_days: Option<i32>,
}

/// What a journey is made of.
const KINDS: [Kind; 9] = [
    Kind::Contact,
    Kind::ServiceUse,
    Kind::Assessment,
    Kind::Goal,
    Kind::Worker,
    Kind::Episode,
    Kind::EpisodeStanding,
    Kind::BehaviourIntervention,
    Kind::SafeguardingStanding,
];
/// The latest decisions that stand in a journey.
const DECISIONS: u32 = 200;

/// Read a family's journey
///
/// What was done with and for the family, in order of time; of facts what you may see, of decisions the latest 200.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/journey", tag = "plan", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<JourneyStep>, description = "The first first; one page"), Reads),
)]
pub async fn read_journey(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<JourneyStep>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let mut facts = opened.facts(&council.store, AsKnown::Now).await?;
    let people: HashSet<PersonId> = facts.iter().filter(|f| f.kind() == Kind::Membership).filter_map(|f| f.subject.person).collect();
    facts.retain(|f| KINDS.contains(&f.kind()) || is_of_a_meeting(&f.detail));
    let sections: Vec<Section> = facts.iter().map(|f| f.kind().section()).collect();
    council.showed(Seen::family(family, &sections));
    let mut steps = Vec::with_capacity(facts.len());
    let lines = council.store.lines_of(&facts.iter().map(|f| f.id).collect::<Vec<_>>()).await?;
    for (line, fact) in lines.into_iter().zip(facts) {
        steps.push(step(&council, line, fact, &people).await?);
    }
    if let Ok(reader) = council.reader(Verb::SeeDecisions) {
        let decisions = council.store.decisions_for(&reader, Some(family), None, DECISIONS).await?;
        council.listed(&decisions.items, |d| Seen::of(family, "decision", d.id, &[]));
        steps.extend(decisions.items.into_iter().map(|d| JourneyStep {
            on: d.at.day(),
            what: "decision".to_owned(),
            fact: None,
            decision: Some(d.id),
            person: None,
            last: None,
            detail: serde_json::json!({ "question": d.question, "result": d.result, "as_of": d.as_of }),
            encounter: None,
            service: None,
        }));
    }
    steps.sort_by_key(|s| (s.on, s.fact, s.decision));
    Ok(Json(Page::whole(steps)))
}

fn is_of_a_meeting(detail: &Detail) -> bool {
    matches!(detail, Detail::Note(note) if codes::find("meetings", &note.topic).is_some())
}

async fn step(council: &Council, line: FactId, fact: Fact, people: &HashSet<PersonId>) -> Result<JourneyStep, Problem> {
    let encounter = match &fact.detail {
        Detail::Contact(_) => council.store.encounter(line).await?.map(|e| Met {
            login: e.login,
            minutes: e.minutes,
            people: e.people.into_iter().filter(|p| people.contains(p)).collect(),
        }),
        _ => None,
    };
    let service = match &fact.detail {
        Detail::ServiceUse(used) => Some(waiting(council, line, &fact, used).await?),
        _ => None,
    };
    Ok(JourneyStep {
        on: fact.window.first,
        what: fact.kind().code().to_owned(),
        fact: Some(fact.id),
        decision: None,
        person: fact.subject.person,
        last: fact.window.last,
        detail: fact.detail.to_json(),
        encounter,
        service,
    })
}

async fn waiting(council: &Council, line: FactId, fact: &Fact, used: &ServiceUse) -> Result<Waiting, Problem> {
    let began_on = council.store.service_began(line).await?;
    let still = matches!(used.state.as_str(), "requested" | "waiting");
    let until = began_on.or_else(|| still.then(|| council.store.clock().now().day()));
    let waited_days = until.map(|day| day.number() - fact.window.first.number());
    Ok(Waiting { asked_on: fact.window.first, began_on, waited_days })
}

/// A contact with the family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Code list contacts.
    #[schema(example = "visit")]
    how: String,
    /// Who made it: code list roles.
    #[schema(example = "keyworker")]
    role: String,
    /// It took place. A visit where nobody opened is one not kept.
    kept: bool,
    /// Not to come. Today, if left out.
    #[serde(default)]
    on: Option<Day>,
    /// Who of the family was there, each once; at most 50.
    #[serde(default)]
    people: Vec<PersonId>,
    #[serde(default)]
    home: Option<HomeId>,
    /// How long it took, at most 1,440.
    #[serde(default)]
    minutes: Option<u64>,
}

/// A contact that is in the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactId {
    id: FactId,
}

/// Note a contact
///
/// Who saw whom, how, and how long. The contact is a fact, of whoever was there if it was one; who else was, and for how long, stands beside it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/contacts", tag = "plan", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewContact, example = json!({ "how": "visit", "role": "keyworker", "kept": true, "minutes": 75 })),
    responses((status = 201, body = ContactId, description = "Noted"), Writes),
)]
pub async fn note_contact(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewContact>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::WriteFacts, family).await?;
    notes(&opened)?;
    let known = known(&council, &opened).await?;
    if new.people.len() > 50 {
        return Err(Problem::invalid("people", "has at most 50 entries"));
    }
    if let Some(i) = (0..new.people.len()).find(|i| !known.contains(&new.people[*i]) || new.people[..*i].contains(&new.people[*i])) {
        return Err(Problem::invalid(format!("people[{i}]"), "is nobody of this family, or stands here twice"));
    }
    if new.minutes.is_some_and(|m| m > 1_440) {
        return Err(Problem::invalid("minutes", "is more than a day"));
    }
    let detail = ContactDetail { how: new.how, role: new.role, kept: new.kept };
    detail.check()?;
    let mut tx = match once.begin(&council, digest, "noted a contact").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    let on = new.on.unwrap_or(today);
    if on > today {
        return Err(Problem::invalid("on", "is still to come"));
    }
    let id = FactId::fresh();
    let whom = if let [one] = new.people[..] { Some(one) } else { None };
    let fact = NewFact {
        id,
        subject: Subject { family: Some(family), person: whom, home: new.home, ..Subject::default() },
        window: Window { first: on, last: Some(on) },
        source: council.as_source(),
        reference: None,
        supersedes: None,
        detail: Detail::Contact(detail),
    };
    tx.add_facts(&[fact]).await.map_err(|e| match e {
        crate::store::StoreError::Fact { why, .. } => super::holds::named(*why),
        e => e.into(),
    })?;
    let login = if let Who::Person(login) = &council.who.who { Some(login.id) } else { None };
    tx.keep_encounter(&Encounter { contact: id, login, minutes: new.minutes, people: new.people }).await?;
    once.finish(tx, &council, digest, Answer::created(&ContactId { id })).await
}

fn notes(opened: &Opened) -> Result<(), Problem> {
    if opened.relation.sections.has(Section::Notes) {
        return Ok(());
    }
    Err(Problem::new(Code::NotAllowed, "contacts with this family are withheld from you"))
}

/// When a service began.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// Not before it was asked for, and not to come.
    on: Day,
}

/// Say when a service began
///
/// Of one that was asked for: from then on the family waits for it no more.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/services-used/{fact}/beginning", tag = "plan", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("fact" = FactId, Path, description = "The fact of kind `service-use` that is in force"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Beginning, example = json!({ "on": "2026-09-14" })),
    responses((status = 200, body = ContactId, description = "The fact as it is now"), Writes),
)]
pub async fn begin_service(
    council: Council,
    Id(id): Id<FactId>,
    once: Once,
    Body { value: Beginning { on }, digest }: Body<Beginning>,
) -> Result<Response, Problem> {
    let fact = council.fact(Verb::WriteFacts, id).await?;
    let Detail::ServiceUse(used) = fact.detail else { return Err(Problem::new(Code::Conflict, "the fact is of no service")) };
    if !matches!(used.state.as_str(), "requested" | "waiting") {
        return Err(Problem::new(Code::Conflict, format!("the service is {} already", used.state)));
    }
    let line = council.store.lines_of(&[id]).await?.pop().unwrap_or(id);
    let mut tx = match once.begin(&council, digest, "noted that a service began").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if on > tx.now().day() || on < fact.window.first {
        return Err(Problem::invalid("on", "is still to come, or before it was asked for"));
    }
    let detail = Detail::ServiceUse(ServiceUse { state: "started".to_owned(), ..used });
    let (new, source) = (FactId::fresh(), council.as_source());
    let began = NewFact { id: new, subject: fact.subject, window: fact.window, source, reference: None, supersedes: Some(id), detail };
    tx.add_facts(&[began]).await?;
    tx.keep_service_began(line, on).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ContactId { id: new })).await
}
