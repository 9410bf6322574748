//! What was found of a criterion, as a reader sees it.

use serde::Serialize;
use utoipa::ToSchema;

use super::evidence::Evidence;
use super::said::{PersonNamed, Reason, one_decimal};
use crate::record::{Day, Window};
use crate::sandbox::{Unit, answer};

/// What was found of one criterion.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// From the plugin's framework.
    criterion: String,
    heading: String,
    /// Whom it is about; left out: the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonNamed>,
    /// Code list standings.
    #[schema(example = "met")]
    standing: String,
    says: String,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// In the criterion's unit, to one decimal; so are the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    unit: Unit,
    reasons: Vec<Reason>,
    /// When another answer may be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    look_again: Option<Day>,
}

impl Finding {
    pub(super) fn of(finding: &answer::Finding, evidence: &Evidence) -> Self {
        let criterion = evidence.manifest.framework.iter().find(|c| c.criterion == finding.criterion);
        let Window { first, last } = finding.window;
        Self {
            criterion: finding.criterion.clone(),
            heading: criterion.map_or(&finding.criterion[..], |c| c.heading.in_language(evidence.reader.welsh)).to_owned(),
            person: finding.person.map(|p| evidence.person(p)),
            standing: finding.standing.clone(),
            says: evidence.reader.meaning("standings", &finding.standing),
            first,
            last,
            before: finding.before.map(one_decimal),
            now: finding.now.map(one_decimal),
            threshold: finding.threshold.map(one_decimal),
            unit: criterion.map_or(Unit::None, |c| c.unit),
            reasons: Reason::all(&finding.reasons, evidence),
            look_again: finding.look_again,
        }
    }
}
