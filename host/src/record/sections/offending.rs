//! Crime and antisocial behaviour, and what the police were called to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, Window, codes};

/// An offence, dated by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OffenceDetail)]
pub struct Offence {
    /// Admitted or found guilty.
    pub proven: bool,
}

impl Offence {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// Antisocial behaviour, dated by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AntisocialIncidentDetail)]
pub struct AntisocialIncident {}

impl AntisocialIncident {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// The police were called to the home, whoever called; dated by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PoliceCalloutDetail)]
pub struct PoliceCallout {
    /// Domestic abuse was reported.
    pub domestic: bool,
    /// Left out if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_present: Option<bool>,
}

impl PoliceCallout {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// A course or programme to change behaviour. A completed one is dated by its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BehaviourInterventionDetail)]
pub struct BehaviourIntervention {
    /// Code list interventions.
    pub state: String,
}

impl BehaviourIntervention {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("state", "interventions", &self.state)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offending {
    pub offences: Vec<OffenceRow>,
    pub incidents: Vec<IncidentRow>,
    pub callouts: Vec<CalloutRow>,
    pub interventions: Vec<InterventionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffenceRow {
    pub fact: Handle,
    pub person: Handle,
    pub on: Day,
    pub proven: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    pub fact: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    pub on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalloutRow {
    pub fact: Handle,
    pub home: Handle,
    pub on: Day,
    pub domestic: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_present: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterventionRow {
    pub fact: Handle,
    pub person: Handle,
    pub window: Window,
    pub state: String,
}
