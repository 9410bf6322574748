//! The family's homes as tenancies, and whether it may lose one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, Window, codes};

/// The right by which the family lives somewhere for a time. The person named is the holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenancyDetail)]
pub struct Tenancy {
    /// Code list tenures.
    pub tenure: String,
}

impl Tenancy {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("tenure", "tenures", &self.tenure)
    }
}

/// A step towards losing a home, or away from it, dated by its first day. The person named is whom it was addressed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvictionStepDetail)]
pub struct EvictionStep {
    /// Code list eviction-stages.
    pub stage: String,
}

impl EvictionStep {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("stage", "eviction-stages", &self.stage)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Housing {
    pub tenancies: Vec<TenancyRow>,
    pub eviction_steps: Vec<EvictionStepRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenancyRow {
    pub fact: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Handle>,
    pub tenure: String,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvictionStepRow {
    pub fact: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub on: Day,
    pub stage: String,
}
