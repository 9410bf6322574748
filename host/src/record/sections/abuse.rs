//! Domestic abuse: incidents and programmes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, Window, codes};

/// An incident, dated by its first day: of the person who suffered it, or of a home where nobody is named; `to` is who is
/// said to have done it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AbuseIncidentDetail)]
pub struct Incident {
    /// Left out if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_present: Option<bool>,
    /// Assessed as high risk. Left out if nobody assessed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_risk: Option<bool>,
}

impl Incident {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// A programme for whoever suffered abuse or whoever did it. A completed one is dated by its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AbuseProgrammeDetail)]
pub struct Programme {
    /// Code list interventions.
    pub state: String,
}

impl Programme {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("state", "interventions", &self.state)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abuse {
    pub incidents: Vec<AbuseIncidentRow>,
    pub programmes: Vec<ProgrammeRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbuseIncidentRow {
    pub fact: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alleged_by: Option<Handle>,
    pub on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_present: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_risk: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    pub fact: Handle,
    pub person: Handle,
    pub window: Window,
    pub state: String,
}
