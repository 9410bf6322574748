//! Sending a family to the front door, and hearing what became of it: for whoever sends, with nothing of the record.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::asking::in_body;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::{Verb, Who};
use crate::record::referral::Described;
use crate::record::{AuthorityId, Day, FamilyId, Kind, KnownAt, OrganisationId, PersonId, ReferralId, codes, fact};
use crate::store::{self, AsKnown, ReferralState, Seen};
use crate::workflow::about::each_once;

/// Bytes of what a sender writes.
const LONGEST: usize = 4_000;
/// People of the record who can be named.
const MOST_PEOPLE: usize = 100;

/// A family that is sent here: one of the record by its id, or people by description.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReferral {
    /// Today, if left out; not a day to come.
    #[serde(default)]
    came_on: Option<Day>,
    /// Code list referral-routes, without `data-match`: what is found is taken to the front door by the host.
    #[schema(example = "professional")]
    route: String,
    /// Who sends it, where that is not your own organisation: for the council's own people and programs. Nobody, if the route is `self`.
    #[serde(default)]
    organisation: Option<OrganisationId>,
    #[serde(default)]
    urgent: bool,
    /// Did the family agree to it? Left out: not known.
    #[serde(default)]
    agreed: Option<bool>,
    /// Code list problems, each once.
    #[serde(default)]
    problems: Vec<String>,
    /// In your own words, 1 to 4,000 bytes. Read at the front door alone.
    #[serde(default)]
    words: Option<String>,
    /// A family of the record that is yours to see.
    #[serde(default)]
    family: Option<FamilyId>,
    /// Members of it who are meant, at most 100; none: the whole family.
    #[serde(default)]
    people: Vec<PersonId>,
    /// Otherwise: whom it is about, as you know them.
    #[serde(default)]
    described: Option<Described>,
}

/// What somebody sent, as they see it: where it stands and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentReferral {
    id: ReferralId,
    came_on: Day,
    received_at: KnownAt,
    /// `looked-at`, `more-is-asked`, `answered`.
    #[schema(example = "looked-at")]
    state: &'static str,
    /// Code list triages, once it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "accept")]
    outcome: Option<String>,
    /// What is asked: answer with an addition.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    /// The day by which you are to hear.
    answer_by: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<KnownAt>,
}

impl From<store::Referral> for SentReferral {
    fn from(r: store::Referral) -> Self {
        let state = match r.state {
            ReferralState::Received | ReferralState::Settled | ReferralState::Triaged => "looked-at",
            ReferralState::Asked => "more-is-asked",
            ReferralState::Closed => "answered",
        };
        let outcome = r.outcome.filter(|_| r.state == ReferralState::Closed);
        let (answered_at, outcome) = outcome.map(|o| (o.at, o.answer)).unzip();
        let question = r.question.filter(|_| r.state == ReferralState::Asked);
        Self { id: r.id, came_on: r.came_on, received_at: r.received_at, state, outcome, question, answer_by: r.answer_by, answered_at }
    }
}

/// Send a family to the front door
///
/// Anybody who works here or with the council. Whoever sends hears what became of it: by a mail without content, and by their own view
/// (`…/sent-referrals`), which tells nothing of the record; nor does the answer to this. A person at the front door says whom a
/// description is about.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/referrals", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewReferral, example = json!({
        "route": "professional", "urgent": true, "agreed": true, "problems": ["school-attendance"],
        "words": "Mia has not been at school since half term.",
        "described": { "people": [{ "name": { "given": "Mia", "family": "Hale" }, "born": "2012-05-06" }],
                       "address": { "lines": ["3 Quay Street"], "postcode": "BS99 1CK" } },
    })),
    responses((status = 201, body = SentReferral, description = "Received"), Writes),
)]
pub async fn refer(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewReferral>,
) -> Result<Response, Problem> {
    council.may(Verb::Refer)?;
    check(&new)?;
    let organisation = sender(&app, &council, &new).await?;
    if let Some(family) = new.family {
        knows(&council, family, &new.people).await?;
    }
    let door = council.store.front_door().await?;
    let mut tx = match once.begin(&council, digest, "sent a family to the front door").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    let came_on = new.came_on.unwrap_or(today);
    if came_on > today {
        return Err(Problem::invalid("came_on", "is a day to come"));
    }
    let id = ReferralId::fresh();
    let (organisation, organisation_kind) = organisation.unzip();
    let referral = store::NewReferral {
        id,
        came_on,
        route: new.route,
        organisation,
        organisation_kind,
        sender: council.who.login(),
        urgent: new.urgent,
        agreed: new.agreed,
        problems: new.problems,
        told: new.described.unwrap_or_default(),
        words: new.words,
        family: new.family,
        people: new.people,
        found_by: None,
        answer_by: today.plus(door.answer_days).unwrap_or(today),
    };
    tx.add_referral(&referral).await?;
    let sent = SentReferral::from(tx.referral(id).await?);
    once.finish(tx, &council, digest, Answer::created(&sent)).await
}

fn check(new: &NewReferral) -> Result<(), Problem> {
    codes::check("route", "referral-routes", &new.route)?;
    if new.route == "data-match" {
        return Err(Problem::invalid("route", "`data-match` is the host's: `…/referrals/found` takes in whoever was found"));
    }
    each_once("problems", "problems", &new.problems)?;
    if let Some(words) = &new.words {
        fact::text("words", words, LONGEST)?;
    }
    let described = new.described.as_ref();
    if let Some(described) = described {
        described.check().map_err(|e| e.within("described"))?;
    }
    match (new.family, described) {
        (Some(_), None) if new.people.len() <= MOST_PEOPLE => Ok(()),
        (Some(_), None) => Err(Problem::invalid("people", format!("has more than {MOST_PEOPLE} entries"))),
        (None, _) if !new.people.is_empty() => Err(Problem::invalid("people", "are members of a family: name it as `family`")),
        (None, Some(described)) if !described.people.is_empty() => Ok(()),
        (None, _) => Err(Problem::invalid("described", "names nobody: say whom it is about, or name a `family`")),
        (Some(_), Some(_)) => Err(Problem::invalid("described", "stands beside a family of the record: one of the two")),
    }
}

/// Whose it is, with its kind. None: the family's own.
async fn sender(app: &App, council: &Council, new: &NewReferral) -> Result<Option<(OrganisationId, String)>, Problem> {
    let own = council.as_source();
    if new.route == "self" {
        return match &new.organisation {
            None => Ok(None),
            Some(_) => Err(Problem::invalid("organisation", "is nobody, where the family asks for itself")),
        };
    }
    let is_the_councils = match &council.who.who {
        Who::Person(login) => login.organisation == OrganisationId::of_council(council.store.id()),
        Who::Operator(_) | Who::System { .. } => true,
    };
    let named = new.organisation.clone().unwrap_or_else(|| own.clone());
    if named != own && !is_the_councils {
        return Err(Problem::invalid("organisation", "is not yours"));
    }
    let found = app.stores.common().organisation(&named).await?;
    let found = found.ok_or_else(|| Problem::invalid("organisation", format!("there is no organisation {named}")))?;
    Ok(Some((named, found.kind)))
}

/// A family that is theirs to see, and members of it whom they see.
pub(super) async fn knows(council: &Council, family: FamilyId, people: &[PersonId]) -> Result<(), Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await.map_err(in_body)?;
    council.store.must_be_open(family).await.map_err(|e| Problem::from(e).at("family"))?;
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    let members: Vec<PersonId> = facts.iter().filter(|f| f.kind() == Kind::Membership).filter_map(|f| f.subject.person).collect();
    for (i, person) in people.iter().enumerate() {
        if !members.contains(person) {
            return Err(Problem::invalid(format!("people[{i}]"), format!("person {person} is not of this family")));
        }
    }
    council.showed(Seen::family(family, &[]));
    Ok(())
}

/// A referral of their own.
async fn theirs(council: &Council, id: ReferralId) -> Result<store::Referral, Problem> {
    council.may(Verb::Refer)?;
    let referral = council.store.referral(id).await?;
    let own = match council.who.login() {
        Some(login) => referral.sender == Some(login),
        None => referral.sender.is_none() && referral.sent_by == council.by,
    };
    if own && referral.found_by.is_none() { Ok(referral) } else { Err(Problem::no_such("referral", id)) }
}

/// List what you sent
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sent-referrals", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<SentReferral>, description = "In the order in which it came"), Reads),
)]
pub async fn list_sent_referrals(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<SentReferral>>, Problem> {
    council.may(Verb::Refer)?;
    let (login, after) = (council.who.login(), paging.after()?);
    let sent = council.store.referrals_sent(login, &council.by, after, paging.limit()).await?;
    Ok(Json(Page::of(sent, SentReferral::from)))
}

/// Read what became of a referral that you sent
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sent-referrals/{referral}", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("referral" = ReferralId, Path, description = "Your referral")),
    responses((status = 200, body = SentReferral, description = "Where it stands"), Reads),
)]
pub async fn read_sent_referral(council: Council, Id(id): Id<ReferralId>) -> Result<Json<SentReferral>, Problem> {
    Ok(Json(theirs(&council, id).await?.into()))
}

/// What somebody adds to a referral that they sent. What is left out stays as it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddition {
    /// 1 to 4,000 bytes.
    words: String,
    #[serde(default)]
    urgent: Option<bool>,
    #[serde(default)]
    agreed: Option<bool>,
    /// All of them now: code list problems, each once.
    #[serde(default)]
    problems: Option<Vec<String>>,
}

/// Add to a referral that you sent
///
/// Until it is answered. Where more was asked, it goes back to the front door with this.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/sent-referrals/{referral}/additions", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ReferralId, Path, description = "Your referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAddition, example = json!({ "words": "Her father has agreed now.", "agreed": true })),
    responses((status = 200, body = SentReferral, description = "Added"), Writes),
)]
pub async fn add_to_referral(
    council: Council,
    Id(id): Id<ReferralId>,
    once: Once,
    Body { value: new, digest }: Body<NewAddition>,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    fact::text("words", &new.words, LONGEST)?;
    each_once("problems", "problems", new.problems.as_deref().unwrap_or_default())?;
    let door = council.store.front_door().await?;
    let mut tx = match once.begin(&council, digest, "added to a referral").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let referral = tx.referral(id).await?;
    let problems = new.problems.as_ref().unwrap_or(&referral.problems);
    let now = (new.urgent.unwrap_or(referral.urgent), new.agreed.or(referral.agreed), problems.as_slice());
    let today = tx.now().day();
    tx.add_to_referral(&referral, &new.words, now, today.plus(door.answer_days).unwrap_or(today)).await?;
    let sent = SentReferral::from(tx.referral(id).await?);
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &sent)).await
}
