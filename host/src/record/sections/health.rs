//! Health, as far as support goes: needs by their kind, and appointments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, Window, codes};

/// A need for a time: until it was met or passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HealthNeedDetail)]
pub struct Need {
    /// Code list health-needs.
    pub need: String,
    /// Found by somebody whose profession it is; otherwise it is the family's own word.
    pub professional_identified: bool,
}

impl Need {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("need", "health-needs", &self.need)
    }
}

/// An appointment, dated by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HealthAppointmentDetail)]
pub struct Appointment {
    /// What it was for: code list health-needs. Left out if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// The person came. Left out if it was not recorded, or the day is still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<bool>,
}

impl Appointment {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        self.need.as_ref().map_or(Ok(()), |need| codes::check("need", "health-needs", need))
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub needs: Vec<NeedRow>,
    pub appointments: Vec<AppointmentRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedRow {
    pub fact: Handle,
    pub person: Handle,
    pub need: String,
    pub professional_identified: bool,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentRow {
    pub fact: Handle,
    pub person: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    pub on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<bool>,
}
