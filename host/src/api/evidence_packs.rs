//! The evidence of a claim, and what is missing of one.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::caller::Council;
use super::claims::{OpenedClaim, open};
use super::documented::Reads;
use super::evidence::{Evidence, InLanguage};
use super::findings::Finding;
use super::holds::Number;
use super::page::{self, Cursor, Limit, Page};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, Section};
use crate::store::{self, Seen, tells};
use crate::workflow::evidence_pack::{Approved, EvidencePack, html, pack};
use crate::workflow::said;

/// The evidence of a claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimEvidence {
    #[serde(flatten)]
    pack: EvidencePack,
    /// Left out: it is not approved yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<Approved>,
}

/// Everything in it, and what people wrote: so only for whoever sees every section of the family.
async fn theirs(app: &App, council: &Council, id: i64) -> Result<ClaimEvidence, Problem> {
    let OpenedClaim { claim, whole, .. } = open(council, None, id).await?;
    if !whole {
        return Err(Problem::new(Code::NotAllowed, "the evidence of claims is for whoever sees every section of the family"));
    }
    let decision = council.store.decision(claim.decision).await?;
    council.showed(Seen::of(claim.family, "claim", id, &decision.label.iter().collect::<Vec<_>>()));
    let (pack, approved) = pack(&app.workflow, &council.store, &claim).await?;
    Ok(ClaimEvidence { pack, approved })
}

/// Read the evidence of a claim
///
/// The decision, its reasons in sentences, every fact that a reason rests on with its source and as it was known on the day, searches that
/// found nothing, coverage, the plugin's version, all hashes, and what was done to the claim. It names nobody.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claims/{claim}/evidence", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("claim" = i64, Path, description = "Its number")),
    responses((status = 200, body = ClaimEvidence, description = "All of it"), Reads),
)]
pub async fn read_claim_evidence(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
) -> Result<Json<ClaimEvidence>, Problem> {
    Ok(Json(theirs(&app, &council, id).await?))
}

/// Read the evidence of a claim as a page
///
/// The same as one page that stands alone: no script, nothing from elsewhere.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claims/{claim}/evidence-page", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("claim" = i64, Path, description = "Its number")),
    responses((status = 200, body = String, content_type = "text/html", description = "All of it"), Reads),
)]
pub async fn read_claim_evidence_page(State(app): State<App>, council: Council, Id(Number(id)): Id<Number>) -> Result<Response, Problem> {
    let ClaimEvidence { pack, approved } = theirs(&app, &council, id).await?;
    let name = format!("inline; filename=\"claim-{id}.html\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("inline"))),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((StatusCode::OK, headers, html(&pack, approved.as_ref())).into_response())
}

/// What a family's outcomes still need.
#[derive(Debug, Serialize, ToSchema)]
pub struct Missing {
    /// By question: the latest answer to each.
    questions: Vec<MissingOf>,
}

/// What the latest answer to a question found missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingOf {
    #[schema(example = "progress")]
    question: String,
    decision: DecisionId,
    as_of: Day,
    result: String,
    /// Criteria that are not met, or of which not enough is known, with the reasons in sentences.
    missing: Vec<Finding>,
    /// The earliest day on which one may come out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    look_again: Option<Day>,
    /// Sections that the decision was given and that are withheld from you: then nothing of what is missing is told.
    withheld: Vec<Section>,
}

/// Read what is missing
///
/// What the family's outcomes still need, in sentences, by the latest answers of whoever decides: what is not met, what is not known well
/// enough, and when to look again.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/missing", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family"), InLanguage),
    responses((status = 200, body = Missing, description = "Of eligibility and of progress, as far as each was ever asked"), Reads),
)]
pub async fn read_missing(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    Params(InLanguage { language }): Params<InLanguage>,
) -> Result<Json<Missing>, Problem> {
    let opened = council.family(Verb::SeeDecisions, family).await?;
    let sees = opened.relation.sections;
    let mut questions = Vec::new();
    for question in ["progress", "eligibility"] {
        let Some(decision) = council.store.latest_decision(family, question).await? else { continue };
        if tells(decision.label, sees) || !council.store.is_decision_unsealed(opened.reader(), decision.id).await? {
            continue;
        }
        let withheld: Vec<Section> = decision.label.iter().filter(|s| !sees.has(*s)).collect();
        let mut of = MissingOf {
            question: question.to_owned(),
            decision: decision.id,
            as_of: decision.as_of,
            result: decision.result.clone(),
            missing: Vec::new(),
            look_again: None,
            withheld,
        };
        if of.withheld.is_empty() {
            let answer = said(&decision)?;
            let installation = council.store.installation(decision.installation).await?;
            let evidence = Evidence::of(&app, &council.store, &decision, installation.digest, language).await?;
            let missing = answer.findings.iter().filter(|f| matches!(f.standing.as_str(), "not-met" | "not-enough-evidence"));
            of.look_again = answer.findings.iter().filter_map(|f| f.look_again).min();
            of.missing = missing.map(|f| Finding::of(f, &evidence)).collect();
            council.showed(Seen::of(family, "decision", decision.id, &answer.delivered));
        }
        questions.push(of);
    }
    Ok(Json(Missing { questions }))
}

/// A family to look at again.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookAgain {
    on: Day,
    family: FamilyId,
    #[schema(example = "progress")]
    question: String,
    /// The latest answer to the question, which says so.
    decision: DecisionId,
}

impl From<store::LookAgain> for LookAgain {
    fn from(l: store::LookAgain) -> Self {
        Self { on: l.day, family: l.family, question: l.question, decision: l.decision }
    }
}

impl Cursor for (Day, DecisionId) {
    fn write(&self) -> Vec<u8> {
        [&self.0.number().to_be_bytes(), self.1.as_bytes()].concat()
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (day, decision) = bytes.split_at_checked(4)?;
        Some((Day::new(i32::from_be_bytes(day.try_into().ok()?))?, DecisionId::from_bytes(decision)?))
    }
}

/// Which are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookAgainWanted {
    /// By this day; today, if left out.
    until: Option<Day>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List families to look at again
///
/// By the latest answer to each question about outcomes: the earliest day on which one of its findings may come out otherwise.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/look-again", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), LookAgainWanted),
    responses((status = 200, body = Page<LookAgain>, description = "The earliest first"), Reads),
)]
pub async fn list_look_again(council: Council, Params(wanted): Params<LookAgainWanted>) -> Result<Json<Page<LookAgain>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let after = page::after::<(Day, DecisionId)>(wanted.after.as_deref())?;
    let until = wanted.until.unwrap_or_else(|| council.store.clock().now().day());
    let found = council.store.look_again_for(&reader, until, after, page::limit(wanted.limit)).await?;
    council.listed(&found.items, |l| Seen::of(l.family, "decision", l.decision, &[]));
    Ok(Json(Page::of(found, LookAgain::from)))
}
