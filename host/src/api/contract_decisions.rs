//! Questions about a contract, what the plugin answered, and what a person does about a review.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::contracts::theirs;
use super::documented::{Asks as AsksOf, Links, Reads, Writes};
use super::evidence::{Evidence, InLanguage, Language};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::{Id, Params};
use super::problem::Problem;
use super::reports::Report;
use crate::access::Verb;
use crate::record::{AuthorityId, ContractId, Day, DecisionId, Digest, InstallationId, Invalid, KnownAt, fact};
use crate::sandbox::answer::Reported;
use crate::sandbox::{Context, ExtensionPoint, Question, Verdict, answer};
use crate::store::{self, ContractState, LineState, NewContractAct, StoreError};
use crate::workflow::AnswerAgain;
use crate::workflow::buying::{ContractAsked, ContractRan, LineCameTo, keep_about_contract, keep_failed_contract};

/// A question about a contract.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContractQuestion {
    /// `check-contract`, `payment`, `review`.
    #[schema(example = "payment")]
    question: String,
    /// The day that the question is about.
    as_of: Day,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// A decision about a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractDecision {
    id: DecisionId,
    at: KnownAt,
    /// Who asked.
    by: String,
    contract: ContractId,
    /// Of the contract.
    version: u64,
    installation: InstallationId,
    #[schema(example = "payment")]
    question: String,
    as_of: Day,
    /// The code answered (code lists contract-checks, payments, reviews), or why there is no answer (failures).
    result: String,
    /// The result in words.
    says: String,
    /// Why the plugin did not answer, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// What was reported: rules, payment lines, the next review. From 0, as reasons count them.
    reported: Vec<ContractReport>,
    /// Of the answer's canonical bytes: a replay gives the same.
    answer: Digest,
    instructions: u64,
    millis: u64,
}

/// One thing that was reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractReport {
    #[serde(flatten)]
    report: Report,
    /// Of a payment line: the contract's number of the family. Left out: for the contract as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_number: Option<u32>,
    /// What came of a payment line. Left out where the plugin refused to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_to: Option<LineCameTo>,
}

impl ContractDecision {
    fn of(decision: store::ContractDecision, said: &answer::Answer, lines: &[LineCameTo], evidence: &Evidence) -> Self {
        let meaning = |list: &str, code: &str| evidence.reader.meaning(list, code);
        let (says, refused) = match &said.result {
            Verdict::Answered(code) => (meaning(said.question.answers(), code), None),
            Verdict::Refused(failure) => {
                let says = meaning("failures", &failure.why);
                (says.clone(), Some(failure.message.as_ref().map_or(says, |m| evidence.sentence(m))))
            }
        };
        let mut lines = lines.iter();
        let report = |r: &Reported| {
            let (family_number, came_to) = match r {
                Reported::Line { family, .. } => {
                    (family.and_then(|handle| decision.numbers.get(handle as usize).copied()), lines.next().copied())
                }
                _ => (None, None),
            };
            ContractReport { report: Report::of(r, evidence), family_number, came_to }
        };
        let reported = said.reported.iter().map(report).collect();
        Self {
            id: decision.id,
            at: decision.at,
            by: decision.by,
            contract: decision.contract,
            version: decision.version,
            installation: decision.installation,
            question: decision.question,
            as_of: decision.as_of,
            result: decision.result,
            says,
            refused,
            reported,
            answer: decision.answer_digest,
            instructions: decision.instructions,
            millis: decision.millis,
        }
    }
}

/// Ask about a contract
///
/// The plugin that the contract names is told of the contract and of what happened under it, its families being numbers. What it finds due
/// is drafted as payment lines, for a second person to approve.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contracts/{contract}/decisions", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewContractQuestion),
    responses((status = 201, body = ContractDecision, description = "Decided, and kept"), AsksOf),
)]
pub async fn ask_about_contract(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ContractId>,
    once: Once,
    Body { value: new, digest }: Body<NewContractQuestion>,
) -> Result<Response, Problem> {
    let contract = theirs(&council, Verb::KeepContracts, id).await?;
    let question = Question::from_code(&new.question).filter(|q| !q.about_a_family());
    let question = question.ok_or_else(|| Problem::invalid("question", "is none of check-contract, payment, review"))?;
    let Some(installation) = contract.terms.installation else {
        return Err(StoreError::Conflict("the contract names no commissioning plugin: name one in its terms".to_owned()).into());
    };
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let ready = app.workflow.asked(&council.store, ExtensionPoint::Commissioning, Some(installation)).await?;
    let asked = ContractAsked { contract: id, question, as_of: new.as_of };
    let made = match app.workflow.ask_about_contract(&council.store, &ready, asked, &council.by).await? {
        ContractRan::Decided(made) => made,
        ContractRan::Failed(failed) => {
            let mut tx = council.write("kept a failed run").await?;
            keep_failed_contract(&mut tx, &failed).await?;
            tx.commit().await?;
            let problem = Problem::of_run(&failed.fault, &ready.installation.plugin, failed.run.id);
            return Err(problem.with("installation", ready.installation.id.to_string()));
        }
    };
    let mut tx = match once.begin(&council, digest, "decided about a contract").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let lines = keep_about_contract(&mut tx, &made).await?;
    let directory = made.context.directory.clone();
    let evidence = Evidence::given(&council.store, made.manifest.clone(), None, directory, new.language).await?;
    let shown = ContractDecision::of(made.decision.clone(), &made.answer, &lines, &evidence);
    once.finish(tx, &council, digest, Answer::created(&shown)).await
}

/// List what was decided about a contract
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts/{contract}/decisions", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        InLanguage,
    ),
    responses((status = 200, body = Page<ContractDecision>, description = "The latest first, at most 50"), Reads),
)]
pub async fn list_contract_decisions(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ContractId>,
    Params(InLanguage { language }): Params<InLanguage>,
) -> Result<Json<Page<ContractDecision>>, Problem> {
    theirs(&council, Verb::SeeContracts, id).await?;
    let lines = council.store.payment_lines(id).await?;
    let mut shown = Vec::new();
    for decision in council.store.contract_decisions(id).await?.into_iter().take(MOST_SHOWN) {
        let damaged = |e: serde_json::Error| StoreError::Damaged(format!("decision {}: {e}", decision.id));
        let said: answer::Answer = serde_json::from_slice(&decision.answer).map_err(damaged)?;
        let context = council.store.content(&decision.context).await?;
        let context: Option<Context> = context.map(|bytes| serde_json::from_slice(&bytes).map_err(damaged)).transpose()?;
        let plugin = council.store.installation(decision.installation).await?.digest;
        let manifest = app.workflow.manifest(plugin).await?;
        let directory = context.map(|c| c.directory).unwrap_or_default();
        let evidence = Evidence::given(&council.store, manifest, None, directory, language).await?;
        let came_to = came_to(&decision, &said, &lines);
        shown.push(ContractDecision::of(decision, &said, &came_to, &evidence));
    }
    Ok(Json(Page::whole(shown)))
}

const MOST_SHOWN: usize = 50;

/// What came of a decision's lines, read from what was kept.
fn came_to(decision: &store::ContractDecision, said: &answer::Answer, lines: &[store::PaymentLine]) -> Vec<LineCameTo> {
    let of = |r: &Reported| match r {
        Reported::Line { kind, family, .. } => {
            let number = family.and_then(|handle| decision.numbers.get(handle as usize).copied());
            let kept = lines.iter().find(|l| l.decision == Some(decision.id) && l.kind == *kind && l.number == number);
            Some(kept.map_or(LineCameTo::ThereAlready, |l| LineCameTo::Drafted { line: l.id }))
        }
        _ => None,
    };
    said.reported.iter().filter_map(of).collect()
}

/// What a replay found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractReplayed {
    decision: DecisionId,
    answer: AnswerAgain,
}

/// Replay a decision about a contract
///
/// Does the plugin give the same bytes again, from what was kept? Writes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contract-decisions/{decision}/replay", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("decision" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = ContractReplayed, description = "What was found"), Links),
)]
pub async fn replay_contract_decision(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    Nothing { .. }: Nothing,
) -> Result<Json<ContractReplayed>, Problem> {
    council.may(Verb::KeepContracts)?;
    app.rates.again(&council.who)?;
    Ok(Json(ContractReplayed { decision: id, answer: app.workflow.replay_about_contract(&council.store, id).await? }))
}

/// What a person does about a contract's review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractReview)]
pub struct Review {
    /// `continue`, `improve`, `end`.
    #[schema(example = "continue")]
    act: String,
    /// The decision to `review` that they read. Left out where the contract names no plugin.
    #[serde(default)]
    decision: Option<DecisionId>,
    /// The day of the review.
    on: Day,
    /// Needed where they do otherwise than the plugin answered: 1 to 500 bytes; it names no family.
    #[serde(default)]
    why: Option<String>,
}

/// What somebody did about a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractAct {
    at: KnownAt,
    by: String,
    /// `signed`, `ended`; of a review `continue`, `improve`, `end`.
    act: String,
    on: Day,
    /// What the plugin had answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl From<store::ContractAct> for ContractAct {
    fn from(a: store::ContractAct) -> Self {
        let store::ContractAct { at, by, act, day, came_to, decision, why, .. } = a;
        Self { at, by, act, on: day, came_to, decision, why }
    }
}

/// Review a contract
///
/// The plugin's answer is read first; a person settles it, and says why where they do otherwise. Later runs are told of it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contracts/{contract}/reviews", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Review),
    responses((status = 201, body = Performance, description = "How the contract did, with the review"), Writes),
)]
pub async fn review_contract(
    council: Council,
    Id(id): Id<ContractId>,
    once: Once,
    Body { value: review, digest }: Body<Review>,
) -> Result<Response, Problem> {
    let contract = theirs(&council, Verb::KeepContracts, id).await?;
    let act = ["continue", "improve", "end"].into_iter().find(|a| *a == review.act);
    let act = act.ok_or_else(|| Problem::invalid("act", "is none of continue, improve, end"))?;
    if let Some(why) = &review.why {
        fact::text("why", why, 500)?;
    }
    if contract.state == ContractState::Draft {
        return Err(StoreError::Conflict("the contract is not signed".to_owned()).into());
    }
    let came_to = match review.decision {
        None if contract.terms.installation.is_some() => {
            return Err(Problem::invalid("decision", "is missing: ask `review`, and name the decision that you read"));
        }
        None => None,
        Some(decision) => {
            let other = || Invalid::new("decision", "is no review of this contract");
            let found = council.store.contract_decision(decision).await.map_err(|_| other())?;
            if found.contract != id || found.question != "review" {
                return Err(other().into());
            }
            Some(found.result)
        }
    };
    if review.why.is_none() && came_to.as_deref() != Some(act) {
        return Err(Problem::invalid("why", "is missing: the plugin did not answer so"));
    }
    let mut tx = match once.begin(&council, digest, "reviewed a contract").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let new = NewContractAct { act, day: review.on, came_to: came_to.clone(), decision: review.decision, why: review.why.clone() };
    tx.act_on_contract(id, &new).await?;
    let mut shown = Performance::of(&council, &contract).await?;
    let (at, by) = (tx.now(), council.by.clone());
    shown.acts.push(ContractAct { at, by, act: act.to_owned(), on: review.on, came_to, decision: review.decision, why: review.why });
    once.finish(tx, &council, digest, Answer::new(StatusCode::CREATED, &shown)).await
}

/// How a contract did. Nothing in it tells of a single family.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContractPerformance)]
pub struct Performance {
    contract: ContractId,
    /// Families that were referred under it; that the help began for; for whom it was over, and completed.
    referred: u64,
    started: u64,
    ended: u64,
    completed: u64,
    refused: u64,
    sessions_offered: u64,
    sessions_kept: u64,
    /// Of the sessions offered, in tenths of a per cent. Left out: none was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_permille: Option<u64>,
    /// What the end-of-service reports say was reached, by how far.
    achieved: u64,
    partly: u64,
    not_achieved: u64,
    /// In pence.
    value_pence: i64,
    drafted_pence: i64,
    approved_pence: i64,
    /// What people did about it, in order.
    acts: Vec<ContractAct>,
}

impl Performance {
    async fn of(council: &Council, contract: &store::Contract) -> Result<Self, Problem> {
        let store = &council.store;
        let provisions = store.provisions_under(contract.id).await?;
        let (mut achieved, mut partly, mut not_achieved) = (0, 0, 0);
        for provision in provisions.iter().filter(|p| p.ended.is_some()) {
            let report = store.end_report(provision.id).await?;
            for how in report.iter().flat_map(|r| r.reached.values()) {
                match how.as_str() {
                    "achieved" => achieved += 1,
                    "partly" => partly += 1,
                    _ => not_achieved += 1,
                }
            }
        }
        let sessions = store.sessions_under(contract.id).await?;
        let (offered, kept) = sessions.iter().fold((0, 0), |(o, k), (_, s)| (o + u64::from(s.offered), k + u64::from(s.kept)));
        let lines = store.payment_lines(contract.id).await?;
        let pence = |of: &[LineState]| lines.iter().filter(|l| of.contains(&l.state)).map(|l| l.amount).sum();
        let count = |of: &dyn Fn(&store::Provision) -> bool| provisions.iter().filter(|p| of(p)).count() as u64;
        Ok(Self {
            contract: contract.id,
            referred: provisions.len() as u64,
            started: count(&|p| p.engaged.is_some()),
            ended: count(&|p| p.ended.is_some()),
            completed: count(&|p| p.state == store::ProvisionState::Completed),
            refused: count(&|p| p.state == store::ProvisionState::Refused),
            sessions_offered: offered,
            sessions_kept: kept,
            kept_permille: (kept * 1_000).checked_div(offered),
            achieved,
            partly,
            not_achieved,
            value_pence: contract.terms.value_pence,
            drafted_pence: pence(&[LineState::Drafted, LineState::Queried, LineState::Disputed]),
            approved_pence: pence(&[LineState::Approved]),
            acts: store.contract_acts(contract.id).await?.into_iter().map(ContractAct::from).collect(),
        })
    }
}

/// Read how a contract did
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts/{contract}/performance", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("contract" = ContractId, Path, description = "The contract")),
    responses((status = 200, body = Performance, description = "Counts and sums, and what people did about it"), Reads),
)]
pub async fn read_performance(council: Council, Id(id): Id<ContractId>) -> Result<Json<Performance>, Problem> {
    let contract = theirs(&council, Verb::SeeContracts, id).await?;
    Ok(Json(Performance::of(&council, &contract).await?))
}
