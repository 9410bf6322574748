//! Questions about a contract: is it within the rules, what is due, does it go on? Asked of the commissioning plugin that the contract names,
//! about no family: a plugin learns of numbers, and what stays between this page and the contract is which family each is.
//!
//! What it computes is drafted as payment lines. Nothing is paid twice: a run is told of every line that stands, what it computed is kept
//! only while exactly those lines stand, and a share of a family's fee or result is one line by an index of the database.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::decide::Shared;
use super::replay::AnswerAgain;
use super::{Ready, Workflow, WorkflowError, observe};
use crate::plugins::Manifest;
use crate::record::{ContractId, Day, DecisionId, Digest, FamilyId, PaymentLineId, RunId, Snapshot};
use crate::sandbox::answer::Reported;
use crate::sandbox::matter::{Agreement, Appointments, Contract as ContractMatter, Helped, Matter, Paid, Reviewed};
use crate::sandbox::{Answer, Context, Fault, Given, Outcome, Question, Verdict};
use crate::store::{
    AuthorityStore, AuthorityTx, Claim, Contract, ContractDecision, ContractState, LineState, PaymentLine, Provision, Run, StoreError,
};

/// A question about a contract.
#[derive(Debug, Clone, Copy)]
pub struct ContractAsked {
    pub contract: ContractId,
    pub question: Question,
    pub as_of: Day,
}

/// How it went.
#[derive(Debug)]
pub enum ContractRan {
    Decided(Box<ContractMade>),
    Failed(Box<ContractFailed>),
}

/// A decision about a contract with all that has to be kept beside it.
#[derive(Debug)]
pub struct ContractMade {
    pub decision: ContractDecision,
    pub answer: Answer,
    pub context: Arc<Context>,
    pub manifest: Arc<Manifest>,
    context_bytes: Vec<u8>,
    matter_bytes: Vec<u8>,
    /// The lines that the run was told of.
    told: Vec<PaymentLineId>,
    /// Only if the plugin wrote log lines.
    run: Option<Run>,
}

/// A question that was not answered: kept for the plugin's author, and to be asked again.
#[derive(Debug)]
pub struct ContractFailed {
    pub run: Run,
    pub fault: Fault,
}

/// What came of a payment line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum LineCameTo {
    /// For a second person to approve.
    Drafted { line: PaymentLineId },
    /// The family has a line of the kind under this contract: nothing is paid twice.
    ThereAlready,
}

/// All that a run is told of a contract, and what it stands for.
struct Gathered {
    matter: ContractMatter,
    /// The contract's numbers of the families, in the matter's order.
    numbers: Vec<u32>,
    told: Vec<PaymentLineId>,
}

/// Those that count: a line that was declined never was.
fn standing(lines: Vec<PaymentLine>) -> Vec<PaymentLine> {
    lines.into_iter().filter(|l| l.state != LineState::Declined).collect()
}

impl Workflow {
    /// Asks the commissioning plugin about a contract. Nothing is kept yet.
    ///
    /// # Errors
    /// `NoSuch` where there is no such contract; `Conflict` where it is not in a state in which that can be asked.
    pub async fn ask_about_contract(
        &self,
        store: &AuthorityStore,
        ready: &Ready,
        asked: ContractAsked,
        by: &str,
    ) -> Result<ContractRan, WorkflowError> {
        let contract = store.contract(asked.contract).await?;
        if asked.question != Question::CheckContract && contract.state == ContractState::Draft {
            return Err(StoreError::Conflict("the contract is not signed: nothing is due under it, or to be reviewed".to_owned()).into());
        }
        let shared = Shared::load(&self.shared.stores, store, ready, asked.as_of).await?;
        let Gathered { matter, numbers, told } = self.gather(store, &contract).await?;
        let matter = Matter::Contract(Box::new(matter));
        let (matter_digest, matter_bytes) = matter.encode();
        let (context_digest, context_bytes) = shared.context.encode();
        let given = Given {
            question: asked.question,
            context: shared.context.clone(),
            snapshot: Arc::new(of_no_family()),
            matter: Arc::new(matter),
            claims: Vec::new(),
        };
        let outcome = self.run_about_contract(store, ready, given).await?;
        let (at, millis) = (store.clock().now(), u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX));
        let run = Run {
            id: RunId::fresh(),
            at,
            installation: ready.installation.id,
            family: None,
            question: asked.question.code().to_owned(),
            as_of: asked.as_of,
            outcome: outcome.result.as_ref().map_or_else(Fault::code, |_| "answered").to_owned(),
            message: outcome.result.as_ref().err().map(ToString::to_string),
            place: outcome.result.as_ref().err().and_then(Fault::place),
            instructions: outcome.instructions,
            millis,
            peak_memory: outcome.peak_memory as u64,
            log: serde_json::to_value(&outcome.log).unwrap_or_default(),
            decision: None,
        };
        let answer = match outcome.result {
            Ok(answer) => answer,
            Err(fault) => return Ok(ContractRan::Failed(Box::new(ContractFailed { run, fault }))),
        };
        let (answer_digest, answer_bytes) = answer.encode();
        let decision = ContractDecision {
            id: DecisionId::fresh(),
            contract: contract.id,
            version: contract.version,
            at,
            by: by.to_owned(),
            installation: ready.installation.id,
            question: asked.question.code().to_owned(),
            as_of: asked.as_of,
            context: context_digest,
            matter: matter_digest,
            numbers,
            answer_digest,
            answer: answer_bytes,
            result: answer.code().to_owned(),
            instructions: run.instructions,
            millis,
        };
        Ok(ContractRan::Decided(Box::new(ContractMade {
            decision,
            answer,
            context: shared.context.clone(),
            manifest: ready.manifest.clone(),
            context_bytes,
            matter_bytes,
            told,
            run: (!outcome.log.lines.is_empty()).then_some(run),
        })))
    }

    async fn run_about_contract(&self, store: &AuthorityStore, ready: &Ready, given: Given) -> Result<Outcome, StoreError> {
        let question = given.question;
        let span = observe::span(store.id(), ready, question);
        let outcome = match store.parked(ready.installation.id).await? {
            Some(parked) => Outcome::never_begun(Fault::Parked { since: parked.since, why: parked.why }),
            None => self.shared.sandbox.ask(store.id(), ready.prepared.clone(), given).instrument(span.clone()).await,
        };
        observe::ended(&span, &self.shared.sandbox, ready, question, &outcome);
        Ok(outcome)
    }

    async fn gather(&self, store: &AuthorityStore, contract: &Contract) -> Result<Gathered, StoreError> {
        let (numbers, families) = self.helped(store, contract.id).await?;
        let handle = |number: u32| numbers.iter().position(|n| *n == number).and_then(|i| u32::try_from(i).ok());
        let mut lines = standing(store.payment_lines(contract.id).await?);
        let told = lines.iter().map(|l| l.id).collect();
        lines.sort_by_key(|l| (l.day, l.id));
        let paid = |l: &PaymentLine| Paid { kind: l.kind.clone(), family: l.number.and_then(handle), amount_pence: l.amount, on: l.day };
        let told_sessions = store.sessions_under(contract.id).await?;
        let mut sessions: Vec<Appointments> = told_sessions
            .into_iter()
            .filter(|(_, s)| s.offered > 0)
            .filter_map(|(number, s)| Some(Appointments { family: handle(number)?, window: s.window, offered: s.offered, kept: s.kept }))
            .collect();
        sessions.sort_by_key(|s| (s.family, s.window.first));
        let acts = store.contract_acts(contract.id).await?;
        let mut reviews: Vec<Reviewed> = acts
            .into_iter()
            .filter(|a| matches!(a.act.as_str(), "continue" | "improve" | "end"))
            .map(|a| {
                // What could not be reviewed for want of evidence went on, and counts as that.
                let unknown = a.act == "continue" && a.came_to.as_deref() == Some("not-enough-evidence");
                Reviewed { on: a.day, came_to: if unknown { "not-enough-evidence".to_owned() } else { a.act } }
            })
            .collect();
        reviews.sort_by_key(|r| r.on);
        let mut others = Vec::new();
        for other in store.contracts().await? {
            if other.id != contract.id && other.state != ContractState::Draft && other.terms.provider == contract.terms.provider {
                others.push(self.agreement(&other).await?);
            }
        }
        others.sort_by_key(|o| o.window.first);
        let matter = ContractMatter {
            terms: self.agreement(contract).await?,
            families,
            payments: lines.iter().map(paid).collect(),
            sessions,
            reviews,
            others,
            provider: Some(contract.terms.provider.clone()),
        };
        Ok(Gathered { matter, numbers, told })
    }

    async fn agreement(&self, contract: &Contract) -> Result<Agreement, StoreError> {
        let terms = &contract.terms;
        let provider = self.shared.stores.common().organisation(&terms.provider).await?;
        let provider = provider.ok_or_else(|| StoreError::no_such("organisation", &terms.provider))?;
        Ok(Agreement {
            organisation_kind: provider.kind,
            window: terms.window(),
            paid: terms.paid.clone(),
            value_pence: terms.value_pence,
            families: terms.families,
        })
    }

    /// Who is helped under it, by the day on which it began: the contract's numbers, and what a run is told.
    async fn helped(&self, store: &AuthorityStore, contract: ContractId) -> Result<(Vec<u32>, Vec<Helped>), StoreError> {
        let mut begun: HashMap<u32, Vec<Provision>> = HashMap::new();
        for provision in store.provisions_under(contract).await? {
            if let (Some(number), Some(_)) = (provision.number, provision.engaged) {
                begun.entry(number).or_default().push(provision);
            }
        }
        let mut helped = Vec::with_capacity(begun.len());
        for (number, provisions) in begun {
            let Some(engaged) = provisions.iter().filter_map(|p| p.engaged).min() else { continue };
            let over = provisions.iter().all(|p| p.ended.is_some());
            let ended = if over { provisions.iter().filter_map(|p| p.ended).max() } else { None };
            let family = provisions.first().map(|p| p.family);
            let result = match family {
                Some(family) => result_of(store, family, engaged).await?,
                None => None,
            };
            let (outcome, entitled_on) = result.unzip();
            helped.push((engaged, number, Helped { engaged, ended, outcome, entitled_on }));
        }
        helped.sort_by_key(|(engaged, number, _)| (*engaged, *number));
        Ok(helped.into_iter().map(|(_, number, helped)| (number, helped)).unzip())
    }

    /// Does the plugin give the same bytes again?
    ///
    /// # Errors
    /// `NoSuch` where there is no such decision.
    pub async fn replay_about_contract(&self, store: &AuthorityStore, id: DecisionId) -> Result<AnswerAgain, WorkflowError> {
        let decision = store.contract_decision(id).await?;
        let damaged = |what: &str, e: String| StoreError::Damaged(format!("decision {id}: {what}: {e}"));
        let (Some(context), Some(matter)) = (store.content(&decision.context).await?, store.content(&decision.matter).await?) else {
            return Ok(AnswerAgain::EvidenceMissing);
        };
        let context: Context = serde_json::from_slice(&context).map_err(|e| damaged("context", e.to_string()))?;
        let matter: Matter = serde_json::from_slice(&matter).map_err(|e| damaged("matter", e.to_string()))?;
        let question = Question::from_code(&decision.question).ok_or_else(|| damaged("question", decision.question.clone()))?;
        let (_, prepared) = self.prepare(context.component, &context.grants).await?;
        let given = Given {
            question,
            context: Arc::new(context),
            snapshot: Arc::new(of_no_family()),
            matter: Arc::new(matter),
            claims: Vec::new(),
        };
        Ok(match self.shared.sandbox.ask(store.id(), prepared, given).await.result {
            Ok(answer) => match answer.encode() {
                (now, bytes) if bytes == decision.answer => AnswerAgain::Same { digest: now },
                (now, _) => AnswerAgain::Differs { kept: Digest::of(&decision.answer), now },
            },
            Err(fault) => AnswerAgain::Failed { why: fault.to_string() },
        })
    }
}

fn of_no_family() -> Snapshot {
    Snapshot::build(FamilyId(uuid::Uuid::nil()), 0, &[], &[])
}

/// The first result that was claimed for the family since the help began.
async fn result_of(store: &AuthorityStore, family: FamilyId, engaged: Day) -> Result<Option<(String, Day)>, StoreError> {
    let family = store.goes_on_within(family).await?.unwrap_or(family);
    let result = |c: &Claim| {
        let outcome = match c.kind.as_str() {
            "progress-result" => "significant-and-sustained",
            "employment-result" => "continuous-employment",
            _ => return None,
        };
        (c.state.claims() && c.entitled_on >= engaged).then(|| (c.entitled_on, outcome.to_owned()))
    };
    let first = store.claims(family).await?.iter().filter_map(result).min();
    Ok(first.map(|(on, outcome)| (outcome, on)))
}

/// Keeps a decision about a contract, and drafts the lines that it computed. Says what came of each, in order.
///
/// # Errors
/// `Conflict` where the contract, or what is paid under it, is another than the run was told of: nothing is kept then.
pub async fn keep_about_contract(tx: &mut AuthorityTx, made: &ContractMade) -> Result<Vec<LineCameTo>, StoreError> {
    let ContractMade { decision, answer, .. } = made;
    tx.must_decide(decision.installation, "commissioning").await?;
    let meanwhile = |what: &str| StoreError::Conflict(format!("{what} changed while it was asked: ask again"));
    if tx.contract(decision.contract).await?.version != decision.version {
        return Err(meanwhile("the contract"));
    }
    let lines = standing(tx.payment_lines(decision.contract).await?);
    let computes = answer.question == Question::Payment;
    if computes && lines.iter().map(|l| l.id).ne(made.told.iter().copied()) {
        return Err(meanwhile("what is paid under the contract"));
    }
    let contents = [(decision.context, made.context_bytes.as_slice()), (decision.matter, made.matter_bytes.as_slice())];
    tx.keep_content(&contents).await?;
    tx.add_contract_decision(decision).await?;
    tx.add_runs(made.run.as_slice()).await?;
    if !computes || matches!(answer.result, Verdict::Refused(_)) {
        return Ok(Vec::new());
    }
    let mut came_to = Vec::new();
    for reported in &answer.reported {
        let Reported::Line { kind, family, amount_pence, .. } = reported else { continue };
        let number = family.and_then(|handle| decision.numbers.get(handle as usize).copied());
        let line = PaymentLine {
            id: PaymentLineId::fresh(),
            contract: decision.contract,
            at: decision.at,
            by: decision.by.clone(),
            decision: Some(decision.id),
            kind: kind.clone(),
            number,
            amount: *amount_pence,
            day: decision.as_of,
            state: LineState::Drafted,
            settle_by: None,
            credits: None,
        };
        let new = tx.add_payment_line(&line).await?;
        came_to.push(if new { LineCameTo::Drafted { line: line.id } } else { LineCameTo::ThereAlready });
    }
    Ok(came_to)
}

/// Keeps how a question about a contract failed.
///
/// # Errors
/// The file cannot be written.
pub async fn keep_failed_contract(tx: &mut AuthorityTx, failed: &ContractFailed) -> Result<(), StoreError> {
    if failed.fault.was_run() {
        tx.add_runs(std::slice::from_ref(&failed.run)).await?;
    }
    Ok(())
}
