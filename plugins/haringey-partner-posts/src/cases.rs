//! Business cases: what a partner has said it would do, and what that costs (002:L1697-L1701). The authority supplies them.

use serde::Deserialize;

use crate::hearth::decision::messages::{Arg, Message};
use crate::hearth::family::types::{Absence, Code, Day, Pence};
use crate::hearth::platform::reference;
use crate::say;

/// The name of the table.
pub const TABLE: &str = "business-cases";

/// One row of the table.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// Code list organisation-kinds.
    partner: Code,
    pub posts: u32,
    /// Of one post, for a year.
    post_cost: Pence,
    /// Does the partner pay for the posts itself (002:L1669)?
    pub partner_pays: bool,
    /// Does it say how mainstream staff become lead professionals (002:L1699-L1700)?
    pub lead_professional: bool,
    /// Does it say how help is co-ordinated around the whole family (002:L1700-L1701)?
    pub whole_family: bool,
}

impl Case {
    pub fn is_of(&self, partner: &str) -> bool {
        self.partner == partner
    }

    /// What all posts cost over so many months, rounded down to whole pence.
    pub fn cost(&self, months: i32) -> Pence {
        Pence::from(self.posts) * self.post_cost * Pence::from(months.max(0)) / 12
    }
}

/// All business cases in force on a day. Absence `not-supplied` where the authority has supplied none.
pub fn in_force(on: Day) -> Result<Vec<Case>, Absence> {
    let rows = reference::rows(TABLE, on)?;
    Ok(serde_json::from_str(&rows).unwrap_or_else(|e| panic!("the table {TABLE} is not as the manifest says: {e}")))
}

/// That of one kind of partner: the last where there are several.
pub fn of(partner: &str, cases: Vec<Case>) -> Option<Case> {
    cases.into_iter().rfind(|case| case.is_of(partner))
}

pub fn says_none(partner: &str, on: Day) -> Message {
    say::message("no-case", &[("partner", say::code(partner)), ("on", Arg::Day(on))])
}
