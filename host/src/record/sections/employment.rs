//! Work and out-of-work benefits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Invalid, Window, codes};

/// A benefit was paid for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BenefitSpellDetail)]
pub struct BenefitSpell {
    /// Code list benefits.
    pub benefit: String,
    /// Paid because the person is not in work.
    pub out_of_work: bool,
}

impl BenefitSpell {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("benefit", "benefits", &self.benefit)
    }
}

/// Paid work for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JobDetail)]
pub struct Job {
    /// Contracted; left out if it was not recorded. At most a whole week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_per_week: Option<u16>,
}

impl Job {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        match self.minutes_per_week {
            Some(minutes) if minutes > 7 * 24 * 60 => {
                Err(Invalid::new("minutes_per_week", format!("{minutes} minutes are more than a week has")))
            }
            _ => Ok(()),
        }
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employment {
    pub benefit_spells: Vec<BenefitSpellRow>,
    pub jobs: Vec<JobRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitSpellRow {
    pub fact: Handle,
    pub person: Handle,
    pub benefit: String,
    pub out_of_work: bool,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    pub fact: Handle,
    pub person: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_per_week: Option<u16>,
    pub window: Window,
}
