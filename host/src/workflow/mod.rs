//! Record × sandbox → decision, actions. A plugin decides, the host acts: everything that follows from a run happens here,
//! in one transaction, after the run is over.

pub mod about;
mod acting;
pub mod allocation;
mod answered;
pub mod assessments;
pub mod authoring;
pub mod back_test;
mod between;
mod bulk;
pub mod buying;
mod came_to;
mod carried_answers;
mod carry_out;
mod carrying;
pub mod claim_batch;
pub mod claim_way;
pub mod corrected;
mod decide;
pub mod evidence_pack;
pub mod explain;
pub mod failing;
pub mod handover;
mod happenings;
mod held;
pub mod impact;
pub mod letters;
pub mod meetings;
mod missed;
mod observe;
pub mod outcome_returns;
mod parking;
mod ready;
pub mod referrals;
pub mod referring;
mod replay;
mod requested;
pub mod retention;
mod retry;
pub mod returns;
pub mod reviewing;
mod said;
pub mod savings;
pub mod scheduled;
pub mod settings_change;
pub mod shadowing;
pub mod signing;
pub mod steps;
pub mod subject;
pub mod supplied;
pub mod switching;
mod telling;
#[cfg(test)]
mod tests;
mod to_be_told;
mod trust;
pub mod unit_costs;

use std::sync::Arc;

pub use about::Asks;
pub use acting::{ActionCameTo, ActionState, DEFAULT_POLICIES, decline, directory_of};
pub use bulk::{Progress, Summary};
pub use came_to::kept;
pub use decide::{Asked, Asking, CameTo, ClaimCameTo, Failed, Made, Ran, TaskCameTo, keep, keep_one};
pub use failing::{KeptFailure, Means};
pub use held::READY_MEMORY;
pub use parking::{Parking, unpark};
pub use ready::Ready;
pub use referrals::{Instead, MORE_FOUND};
pub use replay::{AnswerAgain, InputsNow, Replayed};
pub use said::said;
pub use steps::Step;
pub use telling::tell_referrers;
pub use trust::KEPT_ON_DAYS;

use crate::record::KnownAt;
use crate::record::signing::Distrust;
use held::{Held, Manifests};
use tokio::sync::Semaphore;

use crate::sandbox::{Sandbox, Unfit};
use crate::store::{StoreError, Stores};

/// See [`Shared::loads`].
const LOADS_AT_ONCE: usize = 2;

/// Decides with installed plugins. Cheap to clone.
#[derive(Clone)]
pub struct Workflow {
    shared: Arc<Shared>,
}

struct Shared {
    stores: Stores,
    sandbox: Arc<Sandbox>,
    parking: Parking,
    held: Held,
    manifests: Manifests,
    trust: trust::Remembered,
    between: between::Remembered,
    /// Turns to take compiled code from the disk: many at once would all be in memory twice.
    loads: Semaphore,
}

/// Why nothing could be asked. A run that was begun and failed is a [`Failed`], not one of these.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error("no installation decides {0} for this authority: activate one")]
    NobodyDecides(&'static str),
    #[error("{plugin}: {why}")]
    Unfit { plugin: String, why: Unfit },
    /// Noticed by bulk work: one question is answered by a [`Failed`].
    #[error(
        "{plugin} is parked since {since}, and is not asked: {why}; activate another version, or bring it back with `hearth installations`"
    )]
    Parked { plugin: String, since: KnownAt, why: String },
    /// It is not adopted, activated or brought back.
    #[error("{plugin}: {why}")]
    Distrusted { plugin: String, why: Distrust },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workflow {
    #[must_use]
    pub fn new(stores: Stores, sandbox: Arc<Sandbox>) -> Self {
        Self::with(stores, sandbox, Parking::default(), READY_MEMORY)
    }

    /// With the rule by which plugins that fail again and again are parked, and with how many bytes of compiled plugins stay in memory.
    #[must_use]
    pub fn with(stores: Stores, sandbox: Arc<Sandbox>, parking: Parking, ready: u64) -> Self {
        let loads = Semaphore::new(LOADS_AT_ONCE);
        Self {
            shared: Arc::new(Shared {
                stores,
                sandbox,
                parking,
                held: Held::new(ready),
                manifests: Manifests::new(),
                trust: trust::Remembered::default(),
                between: between::Remembered::default(),
                loads,
            }),
        }
    }

    /// How many installations are in memory, and what they count for in bytes.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        self.shared.held.held()
    }
}
