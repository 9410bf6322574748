use anyhow::{Result, bail};
use clap::Args;

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, DecisionId};
use crate::store::{AuthorityStore, StoreError};
use crate::workflow::{AnswerAgain, InputsNow, Replayed, Workflow, WorkflowError};

#[derive(Debug, Args)]
pub(super) struct Replay {
    #[command(flatten)]
    home: HomeArgs,
    /// The decision's id.
    #[arg(required_unless_present = "all")]
    decision: Option<DecisionId>,
    /// Every decision.
    #[arg(long, conflicts_with = "decision")]
    all: bool,
    /// Only of this authority.
    #[arg(long, value_name = "CODE")]
    authority: Option<AuthorityId>,
}

impl Replay {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let mut stores = Vec::new();
        for authority in home.stores.common().authorities().await? {
            if self.authority.as_ref().is_none_or(|a| *a == authority.code) {
                stores.push(home.stores.authority(&authority.code).await?);
            }
        }
        match self.decision {
            Some(decision) => one(&home.workflow, &stores, decision).await,
            None => all(&home.workflow, &stores).await,
        }
    }
}

async fn one(workflow: &Workflow, stores: &[AuthorityStore], id: DecisionId) -> Result<Done> {
    for store in stores {
        match workflow.replay(store, id).await {
            Err(e) if is_not_here(&e) => {}
            Err(e) => return Err(e.into()),
            Ok(replayed) => {
                print!("{}", in_words(&replayed));
                return Ok(if sound(&replayed) { Done::Whole } else { Done::InPart });
            }
        }
        match workflow.replay_about_contract(store, id).await {
            Err(e) if is_not_here(&e) => {}
            Err(e) => return Err(e.into()),
            Ok(answer) => {
                println!("answer: {}", answer_in_words(&answer));
                return Ok(if matches!(answer, AnswerAgain::Same { .. }) { Done::Whole } else { Done::InPart });
            }
        }
    }
    bail!("there is no decision {id} here")
}

fn is_not_here(error: &WorkflowError) -> bool {
    matches!(error, WorkflowError::Store(StoreError::NoSuch { what: "decision", .. }))
}

#[derive(Default)]
struct Sum {
    same: u64,
    /// About contracts: of their inputs nothing is checked.
    same_about_contracts: u64,
    erased: u64,
    other: u64,
}

async fn all(workflow: &Workflow, stores: &[AuthorityStore]) -> Result<Done> {
    let mut sum = Sum::default();
    for store in stores {
        about_families(workflow, store, &mut sum).await?;
        about_contracts(workflow, store, &mut sum).await?;
    }
    let Sum { same, same_about_contracts, erased, other } = sum;
    if same_about_contracts > 0 {
        println!("{same_about_contracts} decisions about contracts repeat byte for byte");
    }
    println!("{same} decisions repeat byte for byte from inputs that still follow from the record; {erased} erased; {other} not");
    Ok(if other == 0 { Done::Whole } else { Done::InPart })
}

async fn about_families(workflow: &Workflow, store: &AuthorityStore, sum: &mut Sum) -> Result<()> {
    let mut before = None;
    loop {
        let page = store.decisions(None, before, 500).await?;
        for decision in &page.items {
            match workflow.replay(store, decision.id).await {
                Ok(Replayed { answer: AnswerAgain::EvidenceErased { .. }, .. }) => sum.erased += 1,
                Ok(replayed) if sound(&replayed) => sum.same += 1,
                Ok(replayed) => sum.not(decision.id, &in_words(&replayed)),
                // One whose evidence is damaged does not repeat; of the others it says nothing.
                Err(e) => sum.not(decision.id, &format!("answer: none: {e}\n")),
            }
        }
        before = page.next;
        if before.is_none() {
            return Ok(());
        }
    }
}

async fn about_contracts(workflow: &Workflow, store: &AuthorityStore, sum: &mut Sum) -> Result<()> {
    for contract in store.contracts().await? {
        for decision in store.contract_decisions(contract.id).await? {
            match workflow.replay_about_contract(store, decision.id).await {
                Ok(AnswerAgain::Same { .. }) => sum.same_about_contracts += 1,
                Ok(answer) => sum.not(decision.id, &format!("answer: {}\n", answer_in_words(&answer))),
                Err(e) => sum.not(decision.id, &format!("answer: none: {e}\n")),
            }
        }
    }
    Ok(())
}

impl Sum {
    fn not(&mut self, decision: DecisionId, why: &str) {
        self.other += 1;
        println!("decision {decision}\n{why}");
    }
}

fn sound(replayed: &Replayed) -> bool {
    matches!(replayed.answer, AnswerAgain::Same { .. }) && replayed.inputs == InputsNow::StillFollow
}

fn answer_in_words(answer: &AnswerAgain) -> String {
    match answer {
        AnswerAgain::Same { digest } => format!("the same, byte for byte ({digest})"),
        AnswerAgain::Differs { kept, now } => format!("another: kept {kept}, now {now}"),
        AnswerAgain::Failed { why } => format!("none: {why}"),
        AnswerAgain::EvidenceErased { on } => format!("cannot be asked for: evidence erased on {}", on.in_words()),
        AnswerAgain::EvidenceMissing => "cannot be asked for: the evidence is missing, and no erasure took it".to_owned(),
    }
}

fn in_words(replayed: &Replayed) -> String {
    let answer = answer_in_words(&replayed.answer);
    let inputs = match &replayed.inputs {
        InputsNow::StillFollow => "still follow from the record".to_owned(),
        InputsNow::Erased { on } => format!("erased on {}", on.in_words()),
        InputsNow::NoLongerFollow { what } => format!("no longer follow from the record: {what}"),
    };
    let since = match replayed.revisions_since {
        0 => "the family's record has not changed since".to_owned(),
        n => format!("the family's record has changed {n} times since: a new question may have another answer"),
    };
    format!("answer: {answer}\ninputs: {inputs}\nnote:   {since}\n")
}
