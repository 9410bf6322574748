//! What became of a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refused;

/// Refused rows that are listed; all are counted.
pub const MOST_LISTED: usize = 1_000;

/// Rows of a file by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DeliveryReport)]
pub struct Report {
    /// Rows, without blank ones.
    pub read: u64,
    pub added: u64,
    /// Rows that supersede what the source said before.
    pub corrected: u64,
    /// Rows that the record holds already, or that somebody withdrew and the source repeats.
    pub unchanged: u64,
    /// Rows about nobody whom the record knows: they wait, in case a family joins.
    pub unmatched: u64,
    /// Rows about which a person is asked.
    pub asked: u64,
    /// Rows of which a person said before that they are about nobody of the authority's.
    pub not_ours: u64,
    pub refused: u64,
    /// The first of them, in the order of the file.
    pub refusals: Vec<Refused>,
    /// People of ours with a row that was refused or waits for an answer, their own or their home's: for its days this file leaves them
    /// `partial`.
    pub incomplete: u64,
    /// Why the file as a whole was refused, or its end was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Report {
    pub(super) fn refuse(&mut self, refused: Refused) {
        self.refused += 1;
        if self.refusals.len() < MOST_LISTED {
            self.refusals.push(refused);
        }
    }

    /// What became of more rows, but for those that are refused.
    pub(super) const fn count(&mut self, more: &Self) {
        self.added += more.added;
        self.corrected += more.corrected;
        self.unchanged += more.unchanged;
        self.unmatched += more.unmatched;
        self.asked += more.asked;
        self.not_ours += more.not_ours;
    }

    /// Words, numbers and lists always become JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
