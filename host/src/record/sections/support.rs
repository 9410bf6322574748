//! The help the family gets in the programme: who helps, what the plan aims at, which services are used, and its stays in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::fact::{slug, text};
use crate::record::{Day, Invalid, Window, codes, told_back};

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
                return Err(Invalid::new(format!("needs[{i}]"), format!("{} stands here twice", told_back(need))));
            }
        }
        Ok(())
    }
}

/// Where an episode stood for a time, in the words of the authority's own pathway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EpisodeStandingDetail)]
pub struct EpisodeStanding {
    /// The stage's id in the pathway plugin's manifest.
    pub stage: String,
    /// The tier's, once one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
}

impl EpisodeStanding {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        slug("stage", &self.stage)?;
        self.tier.as_ref().map_or(Ok(()), |tier| slug("tier", tier))
    }
}

/// A goal of the family's plan. The person named is whose it is. One met or dropped ended on its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoalDetail)]
pub struct Goal {
    /// The area of life, as the plan names it: 2 to 64 small letters, digits and hyphens.
    pub domain: String,
    /// Code list goal-states.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// In the family's words, 1 to 200 bytes. Stays in the record: no plugin is told it.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
}

impl Goal {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        slug("domain", &self.domain)?;
        codes::check("state", "goal-states", &self.state)?;
        text("title", &self.title, 200)
    }
}

/// A service that the family, or the person named, was referred to. The window runs from the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceUseDetail)]
pub struct ServiceUse {
    /// Code list service-kinds.
    pub service: String,
    /// Code list service-states.
    pub state: String,
    /// Whose service it is: code list organisation-kinds.
    pub employer: String,
}

impl ServiceUse {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("service", "service-kinds", &self.service)?;
        codes::check("state", "service-states", &self.state)?;
        codes::check("employer", "organisation-kinds", &self.employer)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub workers: Vec<WorkerRow>,
    /// Read through `hearth:decision/episode`, not as a section.
    pub episodes: Vec<EpisodeRow>,
    /// These came later: left out where empty, as the later sections are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<EpisodeStandingRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<GoalRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services_used: Vec<ServiceUseRow>,
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeStandingRow {
    pub fact: Handle,
    pub stage: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalRow {
    pub fact: Handle,
    pub domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUseRow {
    pub fact: Handle,
    pub service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub organisation_kind: String,
    pub state: String,
    pub window: Window,
}
