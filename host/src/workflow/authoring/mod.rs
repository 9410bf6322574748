//! For authors: a decision's evidence as a scenario, and what would have to be otherwise for another answer. Nothing of it is written to the
//! record, and no run that is made for it is anybody's decision.
//!
//! Both tell again what the decision's run was given, as a scenario ([`retold`]), and only the sections that were delivered to it: whoever
//! asks sees those, and no run made here is handed another.

mod export;
mod turning;

use std::sync::Arc;
use std::time::Duration;

pub use export::Exported;
pub use turning::{Bounds, Target, Turned, Turns};

use super::{Workflow, WorkflowError, said};
use crate::plugins::install::asked;
use crate::plugins::scenarios::{Bench, How, Node, Tried, Wrong, essence, items_of, retold};
use crate::record::sharing::Sections;
use crate::record::{Day, Invalid, Kind, KnownAt};
use crate::sandbox::answer::Answer;
use crate::sandbox::{Given, Unfit};
use crate::store::{AuthorityStore, Decision, StoreError};

/// Why a decision's evidence is not told again.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    #[error("what the decision rests on was erased by law on {0}")]
    Erased(Day),
    #[error("what the decision was given is not there any more")]
    Missing,
    #[error(transparent)]
    Untold(#[from] Invalid),
    /// Of the scenario as it would have been, the answer is another than the decision's.
    #[error(
        "told again as a scenario, with what has to be replaced replaced, it is not answered as the decision was: it cannot be told faithfully"
    )]
    AnotherAnswer,
    #[error("the answer rests on something that fewer than five families of this authority have: a fact of kind {kind}{}", in_field(.field))]
    Rare { kind: Kind, field: Option<String> },
    #[error("fewer than five families of this authority are so large, and the answer needs all of its members")]
    TooLarge,
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
}

fn in_field(field: &Option<String>) -> String {
    field.as_ref().map(|field| format!(", its {field}")).unwrap_or_default()
}

impl From<StoreError> for NotTold {
    fn from(error: StoreError) -> Self {
        Self::Workflow(error.into())
    }
}

/// A decision with what its run was given, and the plugin that decided.
struct Evidence {
    bench: Arc<Bench>,
    given: Given,
    answer: Answer,
    /// The sections that were delivered to its run.
    sections: Sections,
    asked: Vec<String>,
}

/// How often, and how long, a request may ask.
#[derive(Debug)]
struct Left {
    runs: u32,
    instructions: u64,
    until: std::time::Instant,
}

impl Left {
    fn new(runs: u32, wall: Duration) -> Self {
        // As the scenarios of an upload, together.
        Self { runs, instructions: 10_000_000_000, until: std::time::Instant::now() + wall }
    }

    fn is_some(&self) -> bool {
        self.runs > 0 && self.instructions > 0 && std::time::Instant::now() < self.until
    }
}

impl Evidence {
    fn told(&self, how: &How) -> Result<serde_json::Value, Invalid> {
        retold(&self.given, &self.bench.inspected.manifest, &self.asked, how)
    }

    /// Asks the plugin; none where nothing is left to ask with.
    async fn tried(&self, scenario: &Node, change: Option<&Node>, left: &mut Left) -> Option<Result<Tried, Wrong>> {
        if !left.is_some() {
            return None;
        }
        left.runs -= 1;
        let tried = self.bench.try_out(scenario, change).await;
        if let Ok(tried) = &tried {
            left.instructions = left.instructions.saturating_sub(tried.instructions);
        }
        Some(tried)
    }

    /// What makes the decision's answer.
    fn essence(&self, exactly: bool) -> Vec<String> {
        let items = items_of(&self.bench.inspected.manifest, &self.given, &self.answer);
        essence(&Ok(self.answer.clone()), &items, exactly)
    }

    /// Only what this run was handed is what the decision's was.
    fn is_within(&self, tried: &Tried) -> bool {
        let Ok(answer) = &tried.result else { return true };
        self.sections.covers(answer.delivered.iter().copied().collect())
    }
}

impl Workflow {
    async fn evidence_of(&self, store: &AuthorityStore, decision: &Decision) -> Result<Evidence, NotTold> {
        if let Some(at) = store.evidence_erased(decision.id).await? {
            return Err(NotTold::Erased(KnownAt::day(at)));
        }
        let given = self.evidence(store, decision).await?.ok_or(NotTold::Missing)?;
        let bench = self.bench(store.id(), given.context.component).await?;
        let asked = asked(&bench.inspected);
        let answer = said(decision)?;
        Ok(Evidence { bench: Arc::new(bench), given, answer, sections: decision.label, asked })
    }

    /// On the guests' threads, behind all questions: to put families together is work too.
    ///
    /// # Errors
    /// The host is stopping.
    pub async fn behind_questions<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, WorkflowError> {
        let stopping = || WorkflowError::Unfit { plugin: "a scenario".to_owned(), why: Unfit::Host("it is stopping".into()) };
        let running = self.shared.sandbox.for_an_upload(work).ok_or_else(stopping)?;
        running.await.map_err(|_| stopping())
    }
}
