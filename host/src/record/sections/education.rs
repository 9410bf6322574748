//! School: attendance and exclusions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Invalid, Window, codes};

/// Half-day sessions in the fact's window: a term, a half-term or a week, as the school sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AttendanceDetail)]
pub struct Attendance {
    /// Sessions that the school was open to the child.
    pub possible: u16,
    pub attended: u16,
    /// Missed without leave. The rest is authorised absence.
    pub unauthorised: u16,
}

impl Attendance {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.attended > self.possible {
            return Err(Invalid::new("attended", format!("{} sessions were attended of {} possible", self.attended, self.possible)));
        }
        if u32::from(self.attended) + u32::from(self.unauthorised) > u32::from(self.possible) {
            return Err(Invalid::new(
                "unauthorised",
                format!(
                    "{} attended and {} missed without leave are more than {} possible",
                    self.attended, self.unauthorised, self.possible
                ),
            ));
        }
        Ok(())
    }
}

/// Kept out of lessons for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExclusionDetail)]
pub struct Exclusion {
    /// Code list exclusions.
    pub how: String,
}

impl Exclusion {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("how", "exclusions", &self.how)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Education {
    pub attendances: Vec<AttendanceRow>,
    pub exclusions: Vec<ExclusionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttendanceRow {
    pub fact: Handle,
    pub person: Handle,
    pub window: Window,
    pub possible: u16,
    pub attended: u16,
    pub unauthorised: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionRow {
    pub fact: Handle,
    pub person: Handle,
    pub window: Window,
    pub kind: String,
}
