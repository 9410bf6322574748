//! Children who need help: a child's standing with children's social care.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Invalid, Window, codes};

/// A child's standing for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingStandingDetail)]
pub struct Standing {
    /// Code list safeguarding-statuses.
    pub status: String,
}

impl Standing {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("status", "safeguarding-statuses", &self.status)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safeguarding {
    pub standings: Vec<StandingRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRow {
    pub fact: Handle,
    pub person: Handle,
    pub status: String,
    pub window: Window,
}
