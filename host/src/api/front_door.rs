//! The front door: what came, whom it may be about, and whom a person says that it is about.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::asking::in_body;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Edits, Reads};
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use super::referrals::knows;
use super::version::{IfMatch, Versioned};
use super::writing::Writing;
use crate::access::Verb;
use crate::record::family_file::NewFamily;
use crate::record::referral::Described;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, Invalid, KnownAt, OrganisationId, PersonId, ReferralId, Section, told_back};
use crate::store::{self, ReferralState, ReferralsThat, Seen};
use crate::workflow::MORE_FOUND;

/// A referral, as the front door sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Referral {
    pub(super) id: ReferralId,
    received_at: KnownAt,
    came_on: Day,
    /// Code list referral-routes.
    #[schema(example = "professional")]
    route: String,
    /// Who sent it. Left out: the family itself, or it was found by an evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    /// Code list organisation-kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_kind: Option<String>,
    sent_by: String,
    urgent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreed: Option<bool>,
    /// Code list problems.
    problems: Vec<String>,
    /// `received`: nobody has said whom it is about; `settled`: to be triaged; `triaged`: a person is to confirm what the pathway answered;
    /// `asked`: its sender is; `closed`.
    #[schema(example = "triaged")]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    /// The answer by which it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    found_by: Option<DecisionId>,
    /// The latest triage.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// The day by which its sender is to hear.
    answer_by: Day,
    /// That day is over, and they have not heard.
    overdue: bool,
    /// When they were told by mail. Left out: they see it in their own view alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_at: Option<KnownAt>,
}

/// What became of a referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReferralOutcome)]
pub struct Outcome {
    /// Code list triages.
    #[schema(example = "accept")]
    answer: String,
    /// Of the pathway's levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    /// Of the pathway's routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    goes_to: Option<String>,
    /// Code list priorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    /// Why a person set the pathway aside, or decided without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: KnownAt,
    by: String,
}

/// A referral with what its sender told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralRead {
    #[serde(flatten)]
    referral: Referral,
    /// Members of the family who are meant; none: all of it.
    people: Vec<PersonId>,
    /// Whom its sender describes.
    described: Described,
    /// What its sender wrote. Left out: nothing, or it is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    additions: Vec<Added>,
    /// Who said whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
}

/// What its sender added.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReferralAddition)]
pub struct Added {
    at: KnownAt,
    by: String,
    words: String,
}

impl Referral {
    pub(super) fn of(r: store::Referral, today: Day) -> Self {
        let open = matches!(r.state, ReferralState::Received | ReferralState::Settled | ReferralState::Triaged);
        Self {
            id: r.id,
            received_at: r.received_at,
            came_on: r.came_on,
            route: r.route,
            organisation: r.organisation,
            organisation_kind: r.organisation_kind,
            sent_by: r.sent_by,
            urgent: r.urgent,
            agreed: r.agreed,
            problems: r.problems,
            state: r.state.code(),
            family: r.family,
            found_by: r.found_by,
            decision: r.decision,
            outcome: r.outcome.map(Outcome::from),
            answer_by: r.answer_by,
            overdue: open && r.answer_by < today,
            told_at: r.told_at,
        }
    }
}

impl From<store::Outcome> for Outcome {
    fn from(o: store::Outcome) -> Self {
        let store::Outcome { answer, level, goes_to, priority, reason, at, by } = o;
        Self { answer, level, goes_to, priority, reason, at, by }
    }
}

/// Whose it is, for the trail.
pub(super) fn seen(referral: &store::Referral) -> Seen {
    Seen { family: referral.family, ..Seen::thing("referral", referral.id, &[]) }
}

/// A referral at the front door; and its family, where that is not theirs to see, is not theirs either.
///
/// # Errors
/// `not-allowed`; `no-such`.
pub(super) async fn at_the_door(council: &Council, verb: Verb, id: ReferralId) -> Result<store::Referral, Problem> {
    council.may(verb)?;
    let referral = council.store.referral(id).await?;
    if let Some(family) = referral.family {
        council.family_of(verb, family, "referral", id).await?;
    }
    Ok(referral)
}

/// As much of a referral as whoever asks may see: of an answer that was given what is sealed from them nothing, of words about a family that
/// they do not see in full none.
pub(super) async fn read(council: &Council, id: ReferralId) -> Result<ReferralRead, Problem> {
    let mut referral = at_the_door(council, Verb::Triage, id).await?;
    let (reader, store) = (council.reader(Verb::Triage)?, &council.store);
    let whole = match referral.family {
        Some(family) => store.relation(&reader, family).await?.is_some_and(|r| r.sections.missing().next().is_none()),
        None => true,
    };
    hide(council, &reader, &mut referral).await?;
    let people = store.people_of_referral(id).await?;
    let additions = if whole { store.additions(id).await? } else { Vec::new() };
    let today = store.clock().now().day();
    let (described, words) = if whole { (referral.told.clone(), referral.words.clone()) } else { (Described::default(), None) };
    Ok(ReferralRead {
        people: store.seen(&reader, &people).await?,
        described,
        words,
        additions: additions.into_iter().map(|a| Added { at: a.at, by: a.by, words: a.words }).collect(),
        settled_by: referral.settled.clone().map(|(_, by)| by),
        question: referral.question.clone(),
        referral: Referral::of(referral, today),
    })
}

/// What was decided from sealed facts is not told to whom no seal names.
pub(super) async fn hide(council: &Council, reader: &store::Reader, referral: &mut store::Referral) -> Result<(), Problem> {
    for decision in [&mut referral.decision, &mut referral.found_by] {
        if let Some(id) = *decision
            && !council.store.is_decision_unsealed(reader, id).await?
        {
            *decision = None;
        }
    }
    Ok(())
}

/// Which referrals are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those in this state: `received`, `settled`, `triaged`, `asked`, `closed`.
    #[param(example = "triaged")]
    state: Option<String>,
    /// `true`: only those whose sender was to hear, and has not.
    overdue: Option<String>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

impl Wanted {
    fn that(&self, today: Day) -> Result<ReferralsThat, Problem> {
        let known = |code: &str| {
            let states = ReferralState::ALL.map(ReferralState::code).join(", ");
            ReferralState::from_code(code).ok_or_else(|| Invalid::new("state", format!("{} is not one of {states}", told_back(code))))
        };
        match (self.overdue.as_deref(), self.state.as_deref()) {
            (None | Some("false"), None) => Ok(ReferralsThat::All),
            (None | Some("false"), Some(state)) => Ok(ReferralsThat::Are(known(state)?)),
            (Some("true"), None) => Ok(ReferralsThat::AreOverdue(today)),
            (Some("true"), Some(_)) => Err(Problem::invalid("overdue", "goes without a state")),
            (Some(_), _) => Err(Problem::invalid("overdue", "is neither `true` nor `false`")),
        }
    }
}

/// List referrals
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/referrals", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Referral>, description = "In the order in which they came"), Reads),
)]
pub async fn list_referrals(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Referral>>, Problem> {
    let reader = council.reader(Verb::Triage)?;
    let today = council.store.clock().now().day();
    let after = page::after(wanted.after.as_deref())?;
    let mut found = council.store.referrals(wanted.that(today)?, after, page::limit(wanted.limit)).await?;
    for referral in &mut found.items {
        hide(&council, &reader, referral).await?;
    }
    council.listed(&found.items, seen);
    Ok(Json(Page::of(found, |r| Referral::of(r, today))))
}

/// Read a referral
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/referrals/{referral}", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("referral" = ReferralId, Path, description = "The referral")),
    responses((status = 200, body = ReferralRead, description = "With what its sender told", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_referral(council: Council, Id(id): Id<ReferralId>) -> Result<Versioned<ReferralRead>, Problem> {
    let read = read(&council, id).await?;
    council.showed(Seen { family: read.referral.family, ..Seen::thing("referral", id, &[Section::Identity]) });
    Ok(Versioned(read))
}

/// Whom a referral is about: a family of the record, or a new one made of what its sender describes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReferralAbout)]
pub struct About {
    #[serde(default)]
    family: Option<FamilyId>,
    /// Members of it who are meant; none: the whole family.
    #[serde(default)]
    people: Vec<PersonId>,
    /// What the authority calls the new family.
    #[serde(default)]
    #[schema(example = "BR-0101")]
    new_reference: Option<String>,
}

/// Say whom a referral is about
///
/// A new family is taken in and the referral settled in one transaction. It may be said again until the referral is closed: what the pathway
/// answered about another family before then counts no more.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/referrals/{referral}/family", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ReferralId, Path, description = "The referral"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read"),
    ),
    request_body(content = About, example = json!({ "new_reference": "BR-0101" })),
    responses((status = 200, body = ReferralRead, description = "Settled", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn settle_referral(
    council: Council,
    Id(id): Id<ReferralId>,
    seen: IfMatch,
    Body { value: about, .. }: Body<About>,
) -> Result<Versioned<ReferralRead>, Problem> {
    let referral = at_the_door(&council, Verb::Triage, id).await?;
    let meant = meant(&council, &referral, &about).await?;
    let mut tx = council.write("said whom a referral is about").await?;
    seen.holds(&read(&council, id).await?)?;
    let family = match meant {
        Meant::Family(family) => family,
        Meant::New(new) => {
            tx.add_family(&new).await.map_err(|e| Problem::from(e).at("new_reference"))?;
            new.id
        }
    };
    tx.settle_referral(id, family, &about.people).await?;
    tx.commit().await?;
    let read = read(&council, id).await.map_err(in_body)?;
    council.showed(Seen { family: read.referral.family, ..Seen::thing("referral", id, &[Section::Identity]) });
    Ok(Versioned(read))
}

enum Meant {
    Family(FamilyId),
    /// Of what the sender describes.
    New(Box<NewFamily>),
}

async fn meant(council: &Council, referral: &store::Referral, about: &About) -> Result<Meant, Problem> {
    match (about.family, &about.new_reference) {
        (Some(family), None) => {
            knows(council, family, &about.people).await?;
            Ok(Meant::Family(family))
        }
        (None, Some(_)) if !about.people.is_empty() => {
            Err(Problem::invalid("people", "of a new family are those whom the sender describes"))
        }
        (None, Some(reference)) => {
            let named = |e: Invalid| if e.field == "reference" { Invalid::new("new_reference", e.why) } else { e.within("described") };
            let described = referral.told.clone().family(reference.clone(), referral.came_on);
            let family = described.resolve(council.store.id()).map_err(named)?;
            Writing::by(council, Verb::TakeInFamilies).await?.check(&family.facts).await?;
            Ok(Meant::New(Box::new(family)))
        }
        _ => Err(Problem::invalid("family", "name a family of the record, or the reference of a new one: one of the two")),
    }
}

/// Families that an evaluation found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundReferrals {
    items: Vec<Found>,
    /// There may be more: ask again.
    more: bool,
}

/// A family that an evaluation found, and its referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundReferral)]
pub struct Found {
    referral: ReferralId,
    family: FamilyId,
}

/// Take in whoever was found
///
/// A referral for each family that the latest answer about it calls eligible and that has no open episode and no open referral; at most 200 at
/// once. One that was looked at comes again only when another answer says so.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/referrals/found", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = FoundReferrals, description = "Taken to the front door"), Acts),
)]
pub async fn refer_found(State(app): State<App>, council: Council, once: Once, Nothing { digest }: Nothing) -> Result<Response, Problem> {
    council.may(Verb::Triage)?;
    let mut tx = match once.begin(&council, digest, "took families to the front door that were found").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let taken = app.workflow.refer_found(&council.store, &mut tx, MORE_FOUND).await?;
    council.listed(&taken, |(referral, family)| Seen::of(*family, "referral", referral, &[]));
    let more = taken.len() >= MORE_FOUND as usize;
    let items = taken.into_iter().map(|(referral, family)| Found { referral, family }).collect();
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &FoundReferrals { items, more })).await
}
