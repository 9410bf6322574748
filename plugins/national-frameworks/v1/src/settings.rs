//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use national_framework::dated::{Dated, Rate};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub criteria_needed: u32,
    pub local_needs: Vec<String>,
    pub indicator_months: u32,
    pub attendance_percent: u32,
    pub terms: u32,
    pub crime_months: u32,
    pub youth_crime_percent: u32,
    pub antisocial_percent: u32,
    pub work_months: u32,
    pub rates: Vec<Dated<Rate>>,
}
