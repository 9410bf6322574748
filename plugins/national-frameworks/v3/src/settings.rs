//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use national_framework::dated::{Dated, Rate};
use national_framework::hearth::family::types::Pence;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub needs_needed: u32,
    pub count_by: CountBy,
    pub indicator_months: u32,
    pub callout_months: u32,
    pub domestic_callouts: u32,
    pub attendance_percent: u32,
    pub debt_pence: Pence,
    pub months_after_closure: u32,
    pub unmeasured_needs: UnmeasuredNeeds,
    pub rates: Vec<Dated<Rate>>,
}

/// Two councils, two readings of "three needs" (systems:L221).
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountBy {
    /// Any needs, also several under one headline.
    Needs,
    /// Headlines under which there is a need.
    Headlines,
}

/// What a need that the record cannot show means for the outcome.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnmeasuredNeeds {
    HoldBack,
    LeaveOut,
}
