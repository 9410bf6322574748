//! Every family is asked about when its time has come: once, though several hosts look at the same schedule. A host holds what it is at for
//! some minutes, and with each batch of families it keeps how far it has come, in the transaction that keeps what was decided. So whoever
//! goes on after it was killed asks about nobody twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bulk::Batch;
use super::came_to::looks_again;
use super::{Asking, Workflow, WorkflowError};
use crate::record::schedule::ScheduledQuestion;
use crate::record::{Day, FamilyId, KnownAt};
use crate::sandbox::ExtensionPoint;
use crate::store::{AuthorityStore, AuthorityTx, Evaluation, StoreError};

/// Who asks, where nobody did.
const BY: &str = "hearth schedule";
const MINUTE: i64 = 60_000;
/// How long a host is given for a batch before another goes on: five hundred runs take seconds.
const LEASE: i64 = 10 * MINUTE;
/// After so many failures it is left, until the schedule's next time.
const TRIES: u64 = 5;

/// What an evaluation of every family came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvaluationCame)]
pub struct Came {
    /// Families that were asked about, or whose answer stood already.
    pub families: u64,
    pub decided: u64,
    /// Asked about before, on the same record and day.
    pub unchanged: u64,
    pub failed: u64,
    /// Whose answer is another than to the same question before.
    pub changed: u64,
    /// Who were never asked that question before.
    pub first_time: u64,
    pub results: Vec<ResultCount>,
    /// Criteria that are met now, with how many families.
    pub met: Vec<CriterionCount>,
    /// Criteria of which not enough is known, with how many families.
    pub missing: Vec<CriterionCount>,
    /// The earliest day on which a finding may come out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<Day>,
}

/// How many families had an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultCount {
    pub question: String,
    pub result: String,
    pub families: u64,
}

/// How many families a criterion holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriterionCount {
    pub criterion: String,
    pub families: u64,
}

impl Came {
    pub(super) fn add(&mut self, batch: &Batch) {
        self.families += (batch.unchanged.len() + batch.decided.len() + batch.failed.len()) as u64;
        self.decided += batch.decided.len() as u64;
        self.unchanged += batch.unchanged.len() as u64;
        self.failed += batch.failed.len() as u64;
        let mut results: BTreeMap<(String, String), u64> = BTreeMap::new();
        for result in &batch.unchanged {
            *results.entry(result.clone()).or_default() += 1;
        }
        for made in &batch.decided {
            let (question, result) = (made.answer.question.code().to_owned(), made.answer.code().to_owned());
            match batch.before.get(&(made.decision.family, question.clone())) {
                None => self.first_time += 1,
                Some(before) => self.changed += u64::from(*before != result),
            }
            *results.entry((question, result)).or_default() += 1;
            let standing = |which: &str| -> BTreeSet<&str> {
                made.answer.findings.iter().filter(|f| f.standing == which).map(|f| f.criterion.as_str()).collect()
            };
            count(&mut self.met, &standing("met"));
            count(&mut self.missing, &standing("not-enough-evidence"));
            self.look_again = self.look_again.into_iter().chain(looks_again(&made.answer)).min();
        }
        for ((question, result), families) in results {
            match self.results.iter_mut().find(|r| r.question == question && r.result == result) {
                Some(row) => row.families += families,
                None => self.results.push(ResultCount { question, result, families }),
            }
        }
    }
}

fn count(rows: &mut Vec<CriterionCount>, criteria: &BTreeSet<&str>) {
    for criterion in criteria {
        match rows.iter_mut().find(|r| r.criterion == *criterion) {
            Some(row) => row.families += 1,
            None => rows.push(CriterionCount { criterion: (*criterion).to_owned(), families: 1 }),
        }
    }
}

/// An evaluation that this host is at.
pub(super) struct Holding {
    number: i64,
    holder: String,
    pub(super) reached: Option<FamilyId>,
    pub(super) came: Came,
}

impl Holding {
    /// Keeps what was decided of a batch, and that it is done with.
    pub(super) async fn keep(&mut self, mut tx: AuthorityTx, batch: &Batch) -> Result<(), StoreError> {
        let mut came = self.came.clone();
        came.add(batch);
        let until = later(tx.now(), LEASE);
        tx.evaluation_reached(self.number, &self.holder, batch.last, &written(&came), until).await?;
        tx.commit().await?;
        self.came = came;
        self.reached = batch.last.or(self.reached);
        Ok(())
    }
}

fn written(came: &Came) -> String {
    serde_json::to_string(came).unwrap_or_default()
}

pub(super) const fn later(at: KnownAt, millis: i64) -> KnownAt {
    KnownAt::from_millis(at.millis() + millis)
}

impl From<ScheduledQuestion> for Asking {
    fn from(question: ScheduledQuestion) -> Self {
        match question {
            ScheduledQuestion::Eligibility => Self::Eligibility,
            ScheduledQuestion::Progress => Self::Progress,
            ScheduledQuestion::Suited => Self::Suited,
        }
    }
}

impl Workflow {
    /// Asks about every family of each authority whose time has come, or that another host left; how many were gone through.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said that could not be worked through.
    pub async fn evaluate_all_due(&self) -> Result<u64, WorkflowError> {
        let (mut done, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            let evaluated = async {
                let store = self.shared.stores.authority(&authority.code).await?;
                self.evaluate_due(&store).await
            };
            match evaluated.await {
                Ok(n) => done += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(done), Err)
    }

    /// The same of one authority.
    ///
    /// # Errors
    /// The file cannot be read or written. What a plugin or its installation is to blame for is kept with the evaluation.
    pub async fn evaluate_due(&self, store: &AuthorityStore) -> Result<u64, WorkflowError> {
        begin_due(store).await?;
        let mut done = 0;
        while store.is_evaluation_free(store.clock().now()).await? {
            let holder = crate::record::RunId::fresh().to_string();
            let mut tx = store.write(BY, "took up an evaluation of every family").await?;
            let until = later(tx.now(), LEASE);
            let Some(taken) = tx.take_evaluation(&holder, until).await? else { break };
            tx.commit().await?;
            done += u64::from(self.go_on_with(store, taken, holder).await?);
        }
        Ok(done)
    }

    /// Is it over?
    async fn go_on_with(&self, store: &AuthorityStore, taken: Evaluation, holder: String) -> Result<bool, WorkflowError> {
        let came = serde_json::from_value(taken.came).map_err(|e| StoreError::Damaged(format!("evaluation {}: {e}", taken.number)))?;
        let mut held = Holding { number: taken.number, holder, reached: taken.reached, came };
        let ended = match self.ask_everybody(store, &taken.question, taken.as_of, &mut held).await {
            Ok(()) => {
                let mut tx = store.write(BY, "evaluated every family").await?;
                tx.end_evaluation(held.number, &held.holder, &written(&held.came)).await?;
                tx.commit().await?;
                true
            }
            // Another host goes on with it, or the installation was replaced meanwhile: whichever, it is looked at again.
            Err(fault) => {
                put_off(store, &held, taken.failures, &fault).await?;
                false
            }
        };
        Ok(ended)
    }

    async fn ask_everybody(&self, store: &AuthorityStore, question: &str, as_of: Day, held: &mut Holding) -> Result<(), WorkflowError> {
        let question: ScheduledQuestion =
            serde_json::from_value(question.into()).map_err(|e| StoreError::Damaged(format!("evaluation {}: {e}", held.number)))?;
        let ready = self.deciding(store, ExtensionPoint::Outcomes).await?;
        self.evaluate_from(store, &ready, question.into(), as_of, BY, Some(held), |_| ()).await?;
        Ok(())
    }
}

async fn begin_due(store: &AuthorityStore) -> Result<(), StoreError> {
    let Some(said) = store.evaluation_schedule().await? else { return Ok(()) };
    let Some(due) = said.says.due(store.clock().now()).filter(|due| *due >= said.at) else { return Ok(()) };
    if said.says.paused || store.is_evaluation_begun(due).await? {
        return Ok(());
    }
    let question = serde_json::to_value(said.says.question).unwrap_or_default();
    let mut tx = store.write(BY, "began to evaluate every family").await?;
    tx.begin_evaluation(due, question.as_str().unwrap_or_default(), due.day(), &written(&Came::default())).await?;
    tx.commit().await?;
    Ok(())
}

/// Tried again after a while that doubles; in the end it is left, with why.
async fn put_off(store: &AuthorityStore, held: &Holding, failures: u64, fault: &WorkflowError) -> Result<(), WorkflowError> {
    let mut tx = store.write(BY, "could not go on with an evaluation").await?;
    let wait = MINUTE << failures.min(6);
    let again = (failures + 1 < TRIES).then(|| later(tx.now(), wait));
    match tx.put_off_evaluation(held.number, &held.holder, &fault.to_string(), again).await {
        // It is another host's now.
        Err(StoreError::Conflict(_)) => Ok(()),
        put_off => {
            put_off?;
            tx.commit().await?;
            tracing::warn!(authority = %store.id(), evaluation = held.number, "an evaluation of every family cannot go on: {fault}");
            Ok(())
        }
    }
}
