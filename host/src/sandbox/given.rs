//! What a run is given. Nothing else reaches a guest, so whoever has this has the whole question.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Question;
use super::grants::Grants;
use crate::record::{CoverageState, Day, Digest, Kind, Snapshot, Window, canonical};

/// The question with everything that may bear on the answer.
#[derive(Debug, Clone)]
pub struct Given {
    pub question: Question,
    pub context: Arc<Context>,
    pub snapshot: Arc<Snapshot>,
    /// Claims already drafted or paid for this family: kind and day entitled, in order of day and kind.
    pub claims: Vec<EarlierClaim>,
}

/// What the runs of one evaluation share: kept once under its hash, however many families were asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// How this document is written.
    pub format: u16,
    pub component: Digest,
    /// The release of `wit/` that the host spoke.
    pub interface: String,
    pub grants: Grants,
    pub as_of: Day,
    /// The authority's settings with the schema's defaults filled in, as the guest reads them.
    pub settings: String,
    /// What feeds say of the whole authority, in record order.
    pub coverage: Vec<FeedCoverage>,
}

/// How [`Context`]s are written today.
pub const FORMAT: u16 = 1;

impl Context {
    /// The canonical bytes, and their name.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCoverage {
    pub kind: Kind,
    pub window: Window,
    pub state: CoverageState,
    /// Its place among all that was said, of anybody.
    pub order: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EarlierClaim {
    pub entitled_on: Day,
    pub kind: String,
}
