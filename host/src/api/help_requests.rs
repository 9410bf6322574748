//! Help that is wanted for a family: asked for, shortlisted, and referred to a provider.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::App;
use super::asking::Asking;
use super::body::{Body, Nothing};
use super::caller::{Council, Opened};
use super::documented::{Acts, Asks as AsksOf, Reads, Writes};
use super::evidence::Language;
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::{Code, Problem};
use super::provisions::ServiceReferral;
use crate::access::Verb;
use crate::record::bought::each_once;
use crate::record::{
    AuthorityId, ContractId, Day, DecisionId, FamilyId, HelpRequestId, InstallationId, KnownAt, PersonId, ProposalId, Section, ServiceId,
    codes,
};
use crate::sandbox::ExtensionPoint;
use crate::sandbox::answer::Action;
use crate::store::{self, AsKnown, ProposalState, Seen, StoreError};
use crate::workflow::referring::Picked;
use crate::workflow::{Asked, Asks};

/// Help that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHelpRequest {
    /// Code list service-kinds.
    #[schema(example = "parenting")]
    kind: String,
    /// For whom; left out: the family.
    #[serde(default)]
    person: Option<PersonId>,
    /// When it is needed.
    #[serde(default)]
    by: Option<Day>,
    /// That it is to help with: code list problems, each once.
    #[serde(default)]
    problems: Vec<String>,
    /// A plugin's proposal (`service-request`) that somebody confirmed.
    #[serde(default)]
    proposal: Option<ProposalId>,
}

/// Help that is wanted for a family, and where it was referred.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpRequest {
    id: HelpRequestId,
    at: KnownAt,
    /// Who asked.
    asked_by: String,
    family: FamilyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Day>,
    problems: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<ProposalId>,
    withdrawn: bool,
    referrals: Vec<ServiceReferral>,
}

impl HelpRequest {
    fn of(r: store::HelpRequest, referrals: Vec<ServiceReferral>) -> Self {
        Self {
            id: r.id,
            at: r.at,
            asked_by: r.by,
            family: r.family,
            person: r.person,
            kind: r.kind,
            by: r.needed_by,
            problems: r.problems,
            proposal: r.proposal,
            withdrawn: r.withdrawn,
            referrals,
        }
    }
}

/// Help is of the section support: whoever does not see that of the whole family neither asks for it nor reads of it.
fn sees_support(opened: &Opened) -> Result<(), Problem> {
    if opened.relation.sections.has(Section::Support) {
        return Ok(());
    }
    Err(Problem::new(Code::NotAllowed, "what help a family gets is withheld from you"))
}

/// May they know of somebody in the family?
async fn knows(council: &Council, opened: &Opened, person: Option<PersonId>) -> Result<bool, Problem> {
    let Some(person) = person else { return Ok(true) };
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    Ok(facts.iter().any(|f| f.subject.person == Some(person)))
}

/// Ask for help for a family
///
/// By a person, or from a plugin's proposal that somebody confirmed.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/help-requests", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewHelpRequest),
    responses((status = 201, body = HelpRequest, description = "It is to be shortlisted and referred"), Writes),
)]
pub async fn ask_for_help(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewHelpRequest>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Decide, family).await?;
    sees_support(&opened)?;
    codes::check("kind", "service-kinds", &new.kind)?;
    each_once("problems", "problems", &new.problems)?;
    if !knows(&council, &opened, new.person).await? {
        return Err(Problem::invalid(
            "person",
            StoreError::no_such("person", new.person.map_or_else(String::new, |p| p.to_string())).to_string(),
        ));
    }
    if let Some(proposal) = new.proposal {
        confirmed(&council, family, proposal, &new.kind).await?;
    }
    let mut tx = match once.begin(&council, digest, "asked for help for a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let request = store::HelpRequest {
        id: HelpRequestId::fresh(),
        at: tx.now(),
        by: council.by.clone(),
        family,
        person: new.person,
        kind: new.kind,
        needed_by: new.by,
        problems: new.problems,
        proposal: new.proposal,
        withdrawn: false,
    };
    tx.ask_for_help(&request).await?;
    once.finish(tx, &council, digest, Answer::created(&HelpRequest::of(request, Vec::new()))).await
}

/// Is that a request for a service of this kind, for this family, that somebody confirmed?
async fn confirmed(council: &Council, family: FamilyId, id: ProposalId, kind: &str) -> Result<(), Problem> {
    let missing = || Problem::invalid("proposal", StoreError::no_such("proposal", id).to_string());
    let proposal = council.store.proposal(id).await.map_err(|_| missing())?;
    if proposal.family != family {
        return Err(missing());
    }
    let action = serde_json::from_value::<Action>(proposal.body.clone()).ok();
    match action {
        Some(Action::ServiceRequest { kind: wanted, .. }) if proposal.state == ProposalState::Confirmed => {
            if wanted == kind {
                Ok(())
            } else {
                Err(Problem::invalid("kind", "is another than was proposed"))
            }
        }
        _ => Err(Problem::invalid("proposal", "is no request for a service that somebody confirmed")),
    }
}

/// List what help a family was to get
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/help-requests", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<HelpRequest>, description = "With where it was referred; the latest first"), Reads),
)]
pub async fn list_help_requests(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<HelpRequest>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    sees_support(&opened)?;
    let mut shown = Vec::new();
    for request in council.store.help_requests(family).await? {
        if !knows(&council, &opened, request.person).await? {
            continue;
        }
        let mut referrals = Vec::new();
        for provision in council.store.provisions_of_request(request.id).await? {
            referrals.push(ServiceReferral::whole(&council, provision, &request).await?);
        }
        shown.push(HelpRequest::of(request, referrals));
    }
    council.showed(Seen::family(family, &[Section::Support]));
    Ok(Json(Page::whole(shown)))
}

/// A request of a family that is theirs to act on, and that family.
async fn theirs(council: &Council, id: HelpRequestId) -> Result<(store::HelpRequest, Opened), Problem> {
    council.may(Verb::Decide)?;
    let request = council.store.help_request(id).await?;
    let family = council.store.goes_on_within(request.family).await?.unwrap_or(request.family);
    let opened = council.family_of(Verb::Decide, family, "help request", id).await?;
    sees_support(&opened)?;
    if !knows(council, &opened, request.person).await? {
        return Err(Problem::no_such("help request", id));
    }
    Ok((request, opened))
}

/// Whom to ask, and as of when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortlistWanted {
    /// The commissioning installation that is asked.
    installation: InstallationId,
    /// Left out: today.
    #[serde(default)]
    as_of: Option<Day>,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// Shortlist services for a request
///
/// Asks a commissioning plugin `shortlist`, about the request. The decision is kept among the family's; whoever picks names it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/help-requests/{help}/shortlist", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("help" = HelpRequestId, Path, description = "The request"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = ShortlistWanted),
    responses((status = 201, body = super::decisions::Decision, description = "Decided, and kept"), AsksOf),
)]
pub async fn shortlist(
    State(app): State<App>,
    council: Council,
    Id(id): Id<HelpRequestId>,
    once: Once,
    Body { value: wanted, digest }: Body<ShortlistWanted>,
) -> Result<Response, Problem> {
    let (request, opened) = theirs(&council, id).await?;
    let about = json!({ "kind": request.kind, "person": request.person, "by": request.needed_by, "problems": request.problems });
    let asks = Asks::read("shortlist", Some(about)).map_err(|e| StoreError::Damaged(format!("help request {id}: {e}")))?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let ready = app.workflow.asked(&council.store, ExtensionPoint::Commissioning, Some(wanted.installation)).await?;
    let as_of = wanted.as_of.unwrap_or_else(|| council.store.clock().now().day());
    let asked = Asked { family: opened.family, asks, as_of };
    Asking { council, opened, once, digest, language: wanted.language, candidates: Vec::new(), named: true }
        .about(&app, &ready, asked)
        .await
}

/// A service that somebody picked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServiceReferral {
    service: ServiceId,
    /// Left out: the one contract in force that buys the service, if there is one.
    #[serde(default)]
    contract: Option<ContractId>,
    /// The shortlist that it was picked from.
    #[serde(default)]
    decision: Option<DecisionId>,
    /// Needed where it is on no shortlist: 1 to 500 bytes.
    #[serde(default)]
    why: Option<String>,
}

/// Refer a family to a service
///
/// It takes a place at once. The provider sees that somebody is referred; of the family it sees what is shared with it, so something must be:
/// without a share for referral or casework nothing is sent.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/help-requests/{help}/referrals", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("help" = HelpRequestId, Path, description = "The request"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewServiceReferral),
    responses((status = 201, body = ServiceReferral, description = "It was sent"), Writes),
)]
pub async fn refer_to_service(
    State(app): State<App>,
    council: Council,
    Id(id): Id<HelpRequestId>,
    once: Once,
    Body { value: new, digest }: Body<NewServiceReferral>,
) -> Result<Response, Problem> {
    let (request, _) = theirs(&council, id).await?;
    let mut tx = match once.begin(&council, digest, "referred a family to a service").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let picked = Picked { service: new.service, contract: new.contract, decision: new.decision, why: new.why };
    let provision = app.workflow.refer(&council.store, &mut tx, &request, &picked).await?;
    let shown = ServiceReferral::whole(&council, provision, &request).await?;
    once.finish(tx, &council, digest, Answer::created(&shown)).await
}

/// A request by its id.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpRequestNamed {
    id: HelpRequestId,
}

/// Withdraw a request for help
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/help-requests/{help}/withdrawal", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("help" = HelpRequestId, Path, description = "The request"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = HelpRequestNamed, description = "Nobody is referred by it any more; those that were go on"), Acts),
)]
pub async fn withdraw_help_request(
    council: Council,
    Id(id): Id<HelpRequestId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    theirs(&council, id).await?;
    let mut tx = match once.begin(&council, digest, "withdrew a request for help").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.withdraw_help_request(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &HelpRequestNamed { id })).await
}
