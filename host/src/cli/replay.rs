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
            Err(WorkflowError::Store(StoreError::NoSuch { what: "decision", .. })) => {}
            Err(e) => return Err(e.into()),
            Ok(replayed) => {
                print!("{}", in_words(&replayed));
                return Ok(if sound(&replayed) { Done::Whole } else { Done::InPart });
            }
        }
    }
    bail!("there is no decision {id} here")
}

async fn all(workflow: &Workflow, stores: &[AuthorityStore]) -> Result<Done> {
    let (mut same, mut erased, mut other) = (0_u64, 0_u64, 0_u64);
    for store in stores {
        let mut before = None;
        loop {
            let page = store.decisions(None, before, 500).await?;
            for decision in &page.items {
                let replayed = workflow.replay(store, decision.id).await?;
                match replayed.answer {
                    AnswerAgain::EvidenceErased { .. } => erased += 1,
                    _ if sound(&replayed) => same += 1,
                    _ => {
                        other += 1;
                        println!("decision {}\n{}", decision.id, in_words(&replayed));
                    }
                }
            }
            before = page.next;
            if before.is_none() {
                break;
            }
        }
    }
    println!("{same} decisions repeat byte for byte from inputs that still follow from the record; {erased} erased; {other} not");
    Ok(if other == 0 { Done::Whole } else { Done::InPart })
}

fn sound(replayed: &Replayed) -> bool {
    matches!(replayed.answer, AnswerAgain::Same { .. }) && replayed.inputs == InputsNow::StillFollow
}

fn in_words(replayed: &Replayed) -> String {
    let answer = match &replayed.answer {
        AnswerAgain::Same { digest } => format!("the same, byte for byte ({digest})"),
        AnswerAgain::Differs { kept, now } => format!("another: kept {kept}, now {now}"),
        AnswerAgain::Failed { why } => format!("none: {why}"),
        AnswerAgain::EvidenceErased { on } => format!("cannot be asked for: evidence erased on {}", on.in_words()),
        AnswerAgain::EvidenceMissing => "cannot be asked for: the evidence is missing, and no erasure took it".to_owned(),
    };
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
