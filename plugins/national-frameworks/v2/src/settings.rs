//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use national_framework::Day;
use national_framework::dated::{Dated, Rate, in_force};
use national_framework::hearth::family::types::Pence;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub problems_needed: u32,
    pub indicator_months: u32,
    pub callout_months: u32,
    pub domestic_callouts: u32,
    pub debt_pence: Pence,
    attendance: Vec<Dated<Attendance>>,
    pub terms: u32,
    pub sustained_months: u32,
    pub employment: Vec<EmploymentRule>,
    pub rates: Vec<Dated<Rate>>,
}

#[derive(Deserialize)]
struct Attendance {
    percent: u32,
}

/// What continuous employment means after a benefit (systems:L219).
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EmploymentRule {
    pub benefit: String,
    pub min_weeks: u32,
    pub within_weeks: u32,
    pub gap_days: u32,
}

impl Settings {
    /// The attendance that is asked for on the day; before the first threshold began, the first.
    pub fn attendance_percent(&self, on: Day) -> u32 {
        in_force(&self.attendance, on).or(self.attendance.first().map(|first| &first.value)).map_or(0, |threshold| threshold.percent)
    }
}
