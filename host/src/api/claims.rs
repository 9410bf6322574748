//! Results that are claimed for a family, and where each stands on its way to the money.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Body;
use super::caller::{Council, Opened};
use super::documented::{Reads, Writes};
use super::holds::Number;
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::{Role, Verb};
use crate::record::claim_way::{ClaimAct, ClaimState, SaidOfClaim};
use crate::record::{AuthorityId, Day, DecisionId, FactId, FamilyId, KnownAt, Section, Sections};
use crate::store::{self, Seen, StoreError};
use crate::workflow::claim_way::{Doubt, Hand, StepError, doubt};

/// A result that is claimed for a family: each kind once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Claim {
    /// Its number.
    claim: i64,
    family: FamilyId,
    /// What the authority calls the family: in lists of all families, for whoever sees them.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    /// Code list claims.
    kind: String,
    amount_pence: u64,
    entitled_on: Day,
    #[schema(example = "draft")]
    state: ClaimState,
    /// What it rests on.
    decision: DecisionId,
}

impl From<store::Claim> for Claim {
    fn from(c: store::Claim) -> Self {
        Self {
            claim: c.id,
            family: c.family,
            family_reference: None,
            kind: c.kind,
            amount_pence: c.amount,
            entitled_on: c.entitled_on,
            state: c.state,
            decision: c.decision,
        }
    }
}

/// A claim with its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimWhole {
    #[serde(flatten)]
    claim: Claim,
    /// The stages of the audit that it was last put before, in their order.
    stages: Vec<ClaimStage>,
    /// What was done to it, in order.
    way: Vec<ClaimStep>,
    /// Facts of its decision that were corrected or withdrawn, and that nobody has looked at since: until then it goes no further.
    corrected: Vec<FactId>,
    /// What it rests on was erased by law: it can only be withdrawn, or paid back.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_erased_on: Option<Day>,
    /// What can be done to it now, by whoever may.
    next: Vec<ClaimAct>,
    /// Sections that its decision was given and that are withheld from you. Reasons are for whoever sees all of the family.
    withheld: Vec<Section>,
}

/// A stage of the audit, as it stood before this claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimStage {
    name: String,
    roles: Vec<String>,
    another_person: bool,
    /// Of a hundred claims so many are looked at.
    share: u8,
    /// What this claim drew, of ten thousand: below a hundred times the share it is looked at. It draws the same each time.
    drawn: u16,
    looked_at: bool,
    passed: bool,
}

/// Something that was done to a claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimStep {
    at: KnownAt,
    by: String,
    act: ClaimAct,
    /// Where it left the claim.
    state: ClaimState,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_pence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Day>,
    /// The payer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<i64>,
}

impl From<store::ClaimStage> for ClaimStage {
    fn from(of: store::ClaimStage) -> Self {
        let (looked_at, passed, drawn) = (of.is_looked_at(), of.passed.is_some(), of.drawn);
        let crate::record::claim_way::AuditStage { name, roles, share, another_person } = of.stage;
        Self { name, roles, another_person, share, drawn, looked_at, passed }
    }
}

impl ClaimStep {
    fn of(step: store::ClaimStep, with_reason: bool) -> Self {
        Self {
            at: step.at,
            by: step.by,
            act: step.act,
            state: step.state,
            stage: step.stage,
            reason: step.reason.filter(|_| with_reason),
            amount_pence: step.amount,
            on: step.day,
            reference: step.reference,
            batch: step.batch,
        }
    }
}

/// A claim that somebody opened.
pub(super) struct OpenedClaim {
    pub claim: store::Claim,
    /// Sections that its decision was given and they do not see.
    pub withheld: Vec<Section>,
    /// They see every section of the family: what people wrote may tell of any.
    pub whole: bool,
}

/// As whoever sees decisions sees it, or whoever checks claims.
pub(super) fn reading(council: &Council) -> Verb {
    if council.who.reach(council.roles, Verb::SeeDecisions).is_none() { Verb::CheckClaims } else { Verb::SeeDecisions }
}

/// The one way to a claim.
///
/// # Errors
/// `not-allowed`; `no-such` where it is not there, or not theirs to know of.
pub(super) async fn open(council: &Council, verb: Option<Verb>, id: i64) -> Result<OpenedClaim, Problem> {
    let verb = verb.unwrap_or_else(|| reading(council));
    council.may(verb)?;
    let claim = council.store.claim(id).await?;
    let decision = council.store.decision(claim.decision).await?;
    let opened: Opened = council.family_of(verb, claim.family, "claim", id).await?;
    let sees = opened.relation.sections;
    let unsealed = council.store.is_decision_unsealed(opened.reader(), decision.id).await?;
    if !unsealed || store::tells(decision.label, sees) {
        return Err(Problem::no_such("claim", id));
    }
    let withheld = decision.label.iter().filter(|s| !sees.has(*s)).collect();
    Ok(OpenedClaim { claim, withheld, whole: sees.covers(Sections::ALL) })
}

/// List a family's claims
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/claims", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Claim>, description = "In the order in which they were drafted; one page"), Reads),
)]
pub async fn list_claims(council: Council, Id(id): Id<FamilyId>) -> Result<Json<Page<Claim>>, Problem> {
    let opened = council.family(Verb::SeeDecisions, id).await?;
    let claims = council.store.claims_for(opened.reader(), id).await?;
    Ok(Json(Page::whole(claims.into_iter().map(Claim::from).collect())))
}

/// Which claims are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClaimsWanted {
    /// Only in this state.
    state: Option<ClaimState>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List claims
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claims", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ClaimsWanted),
    responses((status = 200, body = Page<Claim>, description = "In the order in which they were drafted"), Reads),
)]
pub async fn list_all_claims(council: Council, Params(wanted): Params<ClaimsWanted>) -> Result<Json<Page<Claim>>, Problem> {
    let reader = council.reader(reading(&council))?;
    let after = page::after(wanted.after.as_deref())?;
    let found = council.store.claims_in_state(&reader, wanted.state, after, page::limit(wanted.limit)).await?;
    council.listed(&found.items, |c| Seen::of(c.family, "claim", c.id, &[]));
    let called = council.called(&found.items.iter().map(|c| c.family).collect::<Vec<_>>()).await?;
    Ok(Json(Page::of(found, |c| Claim { family_reference: called.get(&c.family).cloned(), ..Claim::from(c) })))
}

/// Read a claim
///
/// Where it stands, what was done to it by whom, the stages of the audit that it was drawn for, and whether its facts were corrected since.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claims/{claim}", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("claim" = i64, Path, description = "Its number")),
    responses((status = 200, body = ClaimWhole, description = "The claim"), Reads),
)]
pub async fn read_claim(council: Council, Id(Number(id)): Id<Number>) -> Result<Json<ClaimWhole>, Problem> {
    Ok(Json(whole(&council, open(&council, None, id).await?).await?))
}

async fn whole(council: &Council, opened: OpenedClaim) -> Result<ClaimWhole, StoreError> {
    let OpenedClaim { claim, withheld, whole } = opened;
    let steps = council.store.claim_steps(claim.id).await?;
    let (corrected, evidence_erased_on) = match doubt(&council.store, &claim, &steps).await? {
        Some(Doubt::Corrected(facts)) => (facts, None),
        Some(Doubt::Erased(on)) => (Vec::new(), Some(on)),
        None => (Vec::new(), None),
    };
    let next = ClaimAct::ALL.iter().copied().filter(|act| claim.state.after(*act).is_some()).collect();
    let stages = council.store.claim_stages(claim.id).await?;
    Ok(ClaimWhole {
        claim: claim.into(),
        stages: stages.into_iter().map(ClaimStage::from).collect(),
        way: steps.into_iter().map(|s| ClaimStep::of(s, whole)).collect(),
        corrected,
        evidence_erased_on,
        next,
        withheld,
    })
}

/// What somebody does to a claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaimStep {
    /// `pass`, `send-back` and `refuse` are done under `checks`; what stands in a file goes with its batch.
    act: ClaimAct,
    /// 1 to 500 bytes; needed to turn down, withdraw, repay and look. It goes when the family is erased.
    #[serde(default)]
    reason: Option<String>,
    /// Needed to pay and to repay; so are the next two.
    #[serde(default)]
    amount_pence: Option<u64>,
    #[serde(default)]
    on: Option<Day>,
    /// The payer's: letters, digits and `-/._`, with a digit among them. It stays when the family is erased.
    #[serde(default)]
    reference: Option<String>,
}

/// What somebody finds who checks a claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaimCheck {
    /// `pass`, `send-back` or `refuse`.
    act: ClaimAct,
    /// The stage that the claim waits for; of one that passed them all, `approval`.
    stage: String,
    /// 1 to 500 bytes; needed to send back and to refuse. It goes when the family is erased.
    #[serde(default)]
    reason: Option<String>,
}

/// Carry a claim on
///
/// | act | of a claim that is | which then is |
/// |---|---|---|
/// | `put-forward` | draft, sent back | in audit; checked, if it is drawn for no stage |
/// | `approve` | checked | approved, with the hash of its evidence |
/// | `pay` | submitted | paid |
/// | `turn-down` | submitted | refused |
/// | `withdraw` | not in a file, not paid | withdrawn |
/// | `repay` | paid | repaid |
/// | `look` | any that claims something | as it was: its corrected facts were looked at |
///
/// A claim whose facts were corrected since goes no further before somebody looked. What was refused, withdrawn or repaid stays so, and the
/// family's result of that kind is not claimed again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/claims/{claim}/steps", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("claim" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewClaimStep, example = json!({ "act": "put-forward" })),
    responses((status = 200, body = Claim, description = "Where it stands now"), Writes),
)]
pub async fn step_claim(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
    once: Once,
    Body { value: new, digest }: Body<NewClaimStep>,
) -> Result<Response, Problem> {
    open(&council, Some(Verb::ClaimResults), id).await?;
    let by_hand = !new.act.is_check() && !matches!(new.act, ClaimAct::PutInBatch | ClaimAct::TakeOutOfBatch | ClaimAct::Submit);
    if !by_hand {
        return Err(Problem::invalid("act", "is done in a stage of the audit (`checks`), or to a whole file (`claim-batches`)"));
    }
    let NewClaimStep { act, reason, amount_pence, on, reference } = new;
    let said = SaidOfClaim { stage: None, reason, amount: amount_pence, on, reference };
    take(&app, &council, once, digest, (id, act), &said).await
}

/// Check a claim
///
/// In the stage of the audit that it waits for: passed, sent back, or refused. By whom the authority's rules name for the stage, and by
/// another person where they say so. The stage is named, so that of two people who check at once the second does not pass what comes next.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/claims/{claim}/checks", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("claim" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewClaimCheck, example = json!({ "act": "send-back", "stage": "team check", "reason": "the spring term is missing" })),
    responses((status = 200, body = Claim, description = "Where it stands now"), Writes),
)]
pub async fn check_claim(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
    once: Once,
    Body { value: new, digest }: Body<NewClaimCheck>,
) -> Result<Response, Problem> {
    open(&council, Some(Verb::CheckClaims), id).await?;
    if !new.act.is_check() {
        return Err(Problem::invalid("act", "is `pass`, `send-back` or `refuse`"));
    }
    let said = SaidOfClaim { stage: Some(new.stage), reason: new.reason, ..SaidOfClaim::default() };
    take(&app, &council, once, digest, (id, new.act), &said).await
}

async fn take(
    app: &App,
    council: &Council,
    once: Once,
    digest: crate::record::Digest,
    (id, act): (i64, ClaimAct),
    said: &SaidOfClaim,
) -> Result<Response, Problem> {
    let mut tx = match once.begin(council, digest, what(act)).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let roles: Vec<&str> = council.roles.iter().map(Role::code).collect();
    let hand = Hand { by: &council.by, roles: &roles };
    let claim = app.workflow.step_claim(&council.store, &mut tx, id, act, said, hand).await.map_err(named)?;
    once.finish(tx, council, digest, Answer::new(axum::http::StatusCode::OK, &Claim::from(claim))).await
}

/// As the record keeps it.
const fn what(act: ClaimAct) -> &'static str {
    match act {
        ClaimAct::PutForward => "put a claim forward",
        ClaimAct::Pass => "passed a claim",
        ClaimAct::SendBack => "sent a claim back",
        ClaimAct::Refuse => "refused a claim",
        ClaimAct::Approve => "approved a claim",
        ClaimAct::Pay => "noted that a claim was paid",
        ClaimAct::TurnDown => "noted that a claim was turned down",
        ClaimAct::Withdraw => "withdrew a claim",
        ClaimAct::Repay => "noted that a claim was paid back",
        ClaimAct::Look => "looked at a claim whose facts were corrected",
        ClaimAct::PutInBatch | ClaimAct::TakeOutOfBatch | ClaimAct::Submit => "sent claims",
    }
}

fn named(error: StepError) -> Problem {
    match error {
        StepError::NotTheirs(why) => Problem::new(Code::NotAllowed, why),
        StepError::Workflow(error) => error.into(),
    }
}
