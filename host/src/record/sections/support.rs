//! The help the family gets in the programme: who helps, and its stays in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Invalid, Window, codes};

/// A worker's role with the family for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkerDetail)]
pub struct Worker {
    /// Code list roles.
    pub role: String,
    /// Who employs them: code list organisation-kinds.
    pub employer: String,
}

impl Worker {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("role", "roles", &self.role)?;
        codes::check("employer", "organisation-kinds", &self.employer)
    }
}

/// One stay in the programme: the window opens on the day the family was engaged and ends at closure. A return is a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EpisodeDetail)]
pub struct Episode {
    /// The problems found at entry: code list problems, each once.
    pub needs: Vec<String>,
}

impl Episode {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        for (i, need) in self.needs.iter().enumerate() {
            codes::check(&format!("needs[{i}]"), "problems", need)?;
            if self.needs[..i].contains(need) {
                return Err(Invalid::new(format!("needs[{i}]"), format!("`{need}` stands here twice")));
            }
        }
        Ok(())
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub workers: Vec<WorkerRow>,
    /// Read through `hearth:decision/episode`, not as a section.
    pub episodes: Vec<EpisodeRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerRow {
    pub fact: Handle,
    pub role: String,
    pub organisation_kind: String,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeRow {
    pub fact: Handle,
    pub needs: Vec<String>,
    pub window: Window,
}
