//! What was done to a claim, as its evidence tells it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::record::{Day, KnownAt};
use crate::store::ClaimStep;

/// Something that was done to the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackStep {
    pub at: KnownAt,
    pub by: String,
    pub act: String,
    pub says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_pence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

pub(super) fn trail(steps: &[ClaimStep]) -> Vec<PackStep> {
    let step = |s: &ClaimStep| PackStep {
        at: s.at,
        by: s.by.clone(),
        act: s.act.to_string(),
        says: s.act.says().to_owned(),
        stage: s.stage.clone(),
        reason: s.reason.clone(),
        amount_pence: s.amount,
        on: s.day,
        reference: s.reference.clone(),
    };
    steps.iter().map(step).collect()
}
