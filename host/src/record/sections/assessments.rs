//! Whole-family assessments that were completed, and the scores given in them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::fact::slug;
use crate::record::{Day, Invalid, codes};

/// An assessment on the day it was completed, the fact's first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentDetail)]
pub struct Assessment {
    /// The form's id in the manifest of the plugin that it was made with: 2 to 64 small letters, digits and hyphens.
    pub form: String,
    /// Code list assessment-states.
    pub state: String,
}

impl Assessment {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        slug("form", &self.form)?;
        codes::check("state", "assessment-states", &self.state)
    }
}

/// A score in one area of life, on the day it was given, the fact's first. The person named is whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScoreDetail)]
pub struct Score {
    /// As of an assessment.
    pub form: String,
    /// The area's id, as that form names it: 2 to 64 small letters, digits and hyphens.
    pub domain: String,
    /// In tenths, so that half points are whole numbers: 35 is 3½. So are the scale's ends.
    pub value_tenths: i32,
    pub least_tenths: i32,
    pub most_tenths: i32,
    pub higher_is_better: bool,
}

impl Score {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        slug("form", &self.form)?;
        slug("domain", &self.domain)?;
        let (value, least, most) = (self.value_tenths, self.least_tenths, self.most_tenths);
        if least >= most {
            return Err(Invalid::new("most_tenths", format!("{most} is not above the scale's other end, {least}")));
        }
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(Invalid::new("value_tenths", format!("{value} is not on the scale, which goes from {least} to {most}")))
        }
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessments {
    pub completed: Vec<AssessmentRow>,
    pub scores: Vec<ScoreRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentRow {
    pub fact: Handle,
    pub form: String,
    pub on: Day,
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreRow {
    pub fact: Handle,
    pub form: String,
    pub domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub on: Day,
    pub value_tenths: i32,
    pub least_tenths: i32,
    pub most_tenths: i32,
    pub higher_is_better: bool,
}
