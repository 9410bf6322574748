//! Referrals to services, as providers and those who referred see them: answered, withdrawn, delivered, reported on.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use super::services::whose;
use crate::access::Verb;
use crate::record::{
    AuthorityId, ContractId, Day, DecisionId, Digest, FamilyId, HelpRequestId, KnownAt, PersonId, ProvisionId, Section, ServiceId, Window,
    fact,
};
use crate::store::{self, AsKnown, Provision, ProvisionState, Seen};
use crate::workflow::referring::Going;

/// A family referred to a service. Of the family, what is shared with whoever reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceReferral {
    id: ProvisionId,
    at: KnownAt,
    request: HelpRequestId,
    service: ServiceId,
    service_name: String,
    provider: String,
    state: ProvisionState,
    /// The day by which the provider is to answer, and whether it is over.
    answer_by: Day,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
    /// Under which it is paid, and the contract's number of the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<ContractId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// When it is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed_by: Option<Day>,
    /// What it is to help with: of whom the section support is shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    /// The shortlist that it was picked from, its place there, and why another was picked: for the council.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Day>,
    sessions: Vec<Sessions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<EndReport>,
    /// Each state that it came to, in order.
    steps: Vec<Step>,
}

/// A state that it came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceReferralStep)]
pub struct Step {
    at: KnownAt,
    by: String,
    state: ProvisionState,
    on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Sessions of one family in a window, both days included.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceSessions)]
pub struct Sessions {
    first: Day,
    last: Day,
    offered: u32,
    /// Not more than were offered.
    kept: u32,
}

/// What was reported at the end of the service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndOfServiceReport)]
pub struct EndReport {
    at: KnownAt,
    by: String,
    reached: BTreeMap<String, String>,
    words: String,
}

impl ServiceReferral {
    /// As whoever sees the family's support sees it.
    pub(super) async fn whole(council: &Council, p: Provision, request: &store::HelpRequest) -> Result<Self, Problem> {
        let store = &council.store;
        let today = store.clock().now().day();
        // Within the transaction that made it, it is not there to be read yet.
        let steps = store.provision_steps(p.id).await?;
        let service_name = store.service(p.service).await?.offer.name;
        let report = store.end_report(p.id).await?;
        let sessions = store.sessions_of(p.id).await?.into_iter().map(Sessions::from).collect();
        Ok(Self {
            id: p.id,
            at: p.at,
            request: p.request,
            service: p.service,
            service_name,
            provider: p.provider.to_string(),
            state: p.state,
            answer_by: p.answer_by,
            overdue: p.state == ProvisionState::Sent && p.answer_by < today,
            contract: p.contract,
            number: p.number,
            family: Some(p.family),
            person: p.person,
            needed_by: request.needed_by,
            problems: request.problems.clone(),
            decision: p.decision,
            place: p.place,
            why: p.why,
            began: p.engaged,
            ended: p.ended,
            sessions,
            report: report.map(|store::EndReport { at, by, reached, words }| EndReport { at, by, reached, words }),
            steps: steps.into_iter().map(|s| Step { at: s.at, by: s.by, state: s.state, on: s.day, why: s.why }).collect(),
        })
    }

    /// As a provider, or somebody who works for all families, sees it.
    async fn seen(council: &Council, p: Provision) -> Result<Self, Problem> {
        let request = council.store.help_request(p.request).await?;
        let (family, person) = (p.family, p.person);
        let mut shown = Self::whole(council, p, &request).await?;
        let reader = council.reader(Verb::SeeFamilies)?;
        let relation = council.store.relation(&reader, family).await?;
        let sees = |relation: &store::Relation, section| {
            relation.sections.has(section) || person.and_then(|p| relation.people.get(&p)).is_some_and(|s| s.has(section))
        };
        let known = match (&relation, person) {
            (None, _) => false,
            (Some(_), None) => true,
            // Of somebody whom a seal hides there is no fact that they see.
            (Some(relation), Some(person)) => {
                let facts = council.store.facts_for(&reader, family, AsKnown::Now).await?;
                facts.iter().any(|f| f.subject.person == Some(person) && relation.shows(f))
            }
        };
        if !known {
            (shown.person, shown.family) = (None, relation.as_ref().filter(|_| person.is_none()).map(|_| family));
        }
        if !relation.as_ref().is_some_and(|r| known && sees(r, Section::Support)) {
            shown.problems.clear();
        }
        if !reader.all {
            (shown.decision, shown.place, shown.why) = (None, None, None);
        }
        if shown.family.is_some() {
            council.listed(&[shown.id], |id| Seen::of(family, "service referral", *id, &[Section::Support]));
        }
        Ok(shown)
    }
}

impl From<store::Sessions> for Sessions {
    fn from(s: store::Sessions) -> Self {
        Self { first: s.window.first, last: s.window.last.unwrap_or(s.window.first), offered: s.offered, kept: s.kept }
    }
}

impl From<&Sessions> for store::Sessions {
    fn from(s: &Sessions) -> Self {
        Self { window: Window { first: s.first, last: Some(s.last) }, offered: s.offered, kept: s.kept }
    }
}

/// List referrals to services
///
/// For a provider, its own: of each family as much as is shared with it, and its reference here in any case.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/service-referrals", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<ServiceReferral>, description = "The latest first"), Reads),
)]
pub async fn list_service_referrals(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<ServiceReferral>>, Problem> {
    let own = whose(&council, Verb::Provide)?;
    let found = council.store.provisions(own.as_ref(), paging.after()?, paging.limit()).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for provision in found.items {
        items.push(ServiceReferral::seen(&council, provision).await?);
    }
    let next = found.next.as_ref().map(super::page::opaque);
    Ok(Json(Page { items, next }))
}

/// Read a referral to a service
///
/// As it stands in the list: for a provider, one of its own.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/service-referrals/{referral}", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("referral" = ProvisionId, Path, description = "The referral")),
    responses((status = 200, body = ServiceReferral, description = "The referral"), Reads),
)]
pub async fn read_service_referral(council: Council, Id(id): Id<ProvisionId>) -> Result<Json<ServiceReferral>, Problem> {
    let provision = theirs(&council, id).await?;
    Ok(Json(ServiceReferral::seen(&council, provision).await?))
}

/// A referral to them, or of any provider for whoever acts for all.
pub(super) async fn theirs(council: &Council, id: ProvisionId) -> Result<Provision, Problem> {
    let own = whose(council, Verb::Provide)?;
    let provision = council.store.provision(id).await?;
    match own {
        Some(own) if own != provision.provider => Err(Problem::no_such("referral", id)),
        _ => Ok(provision),
    }
}

/// What a provider answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderAnswer {
    accepted: bool,
    /// When the help begins, if that is known. The first session that is kept says so too.
    #[serde(default)]
    begins: Option<Day>,
    /// Needed to refuse: 1 to 500 bytes.
    #[serde(default)]
    why: Option<String>,
}

/// Answer a referral
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/service-referrals/{referral}/answer", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ProvisionId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = ProviderAnswer),
    responses((status = 200, body = ServiceReferralNamed, description = "Accepted, or refused"), Writes),
)]
pub async fn answer_service_referral(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProvisionId>,
    once: Once,
    Body { value: answer, digest }: Body<ProviderAnswer>,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    let (to, begins) = match (answer.accepted, answer.begins, &answer.why) {
        (true, begins, _) => (ProvisionState::Accepted, begins),
        (false, Some(_), _) => return Err(Problem::invalid("begins", "is said of what is accepted")),
        (false, None, None) => return Err(Problem::invalid("why", "is missing: say why it is refused")),
        (false, None, Some(_)) => (ProvisionState::Refused, None),
    };
    let step = Move { to, on: None, engaged: begins, why: answer.why };
    moved(&app, &council, id, once, digest, "answered a referral", step).await
}

/// Where a referral goes.
struct Move {
    to: ProvisionState,
    on: Option<Day>,
    engaged: Option<Day>,
    why: Option<String>,
}

/// A referral by its id, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceReferralNamed {
    pub(super) id: ProvisionId,
    pub(super) state: ProvisionState,
}

async fn moved(
    app: &App,
    council: &Council,
    id: ProvisionId,
    once: Once,
    digest: Digest,
    what: &str,
    step: Move,
) -> Result<Response, Problem> {
    if let Some(why) = &step.why {
        fact::text("why", why, 500)?;
    }
    let mut tx = match once.begin(council, digest, what).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let provision = tx.provision(id).await?;
    let day = step.on.unwrap_or_else(|| tx.now().day());
    let going = Going { to: step.to, day, engaged: step.engaged, why: step.why.as_deref() };
    let moved = app.workflow.take_provision(&council.store, &mut tx, &provision, going).await?;
    once.finish(tx, council, digest, Answer::new(StatusCode::OK, &ServiceReferralNamed { id, state: moved.state })).await
}

/// Why a referral is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceReferralWithdrawal)]
pub struct Withdrawal {
    /// 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
}

/// Withdraw a referral
///
/// By whoever may refer the family. Its place is free again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/service-referrals/{referral}/withdrawal", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ProvisionId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Withdrawal),
    responses((status = 200, body = ServiceReferralNamed, description = "Withdrawn"), Writes),
)]
pub async fn withdraw_service_referral(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProvisionId>,
    once: Once,
    Body { value: Withdrawal { why }, digest }: Body<Withdrawal>,
) -> Result<Response, Problem> {
    council.may(Verb::Decide)?;
    let provision = council.store.provision(id).await?;
    let family = council.store.goes_on_within(provision.family).await?.unwrap_or(provision.family);
    let opened = council.family_of(Verb::Decide, family, "referral", id).await?;
    if !opened.relation.sections.has(Section::Support) {
        return Err(Problem::new(Code::NotAllowed, "what help a family gets is withheld from you"));
    }
    let step = Move { to: ProvisionState::Withdrawn, on: None, engaged: None, why: Some(why) };
    moved(&app, &council, id, once, digest, "withdrew a referral", step).await
}
