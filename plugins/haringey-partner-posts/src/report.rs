//! How a contract stands to its rules, and what they come to.

use crate::hearth::commissioning::buying_results;
use crate::hearth::decision::messages::Reason;

/// What was reported so far: for each rule whether it is met; none where that cannot be said.
#[derive(Default)]
pub struct Rules(Vec<Option<bool>>);

impl Rules {
    /// Reports a rule. `criterion`: of the manifest's framework.
    pub fn tell(&mut self, criterion: &str, met: bool, reason: Reason) {
        buying_results::rule(criterion, if met { "met" } else { "not-met" }, &[reason]);
        self.0.push(Some(met));
    }

    /// Reports a rule that cannot be judged.
    pub fn cannot_tell(&mut self, criterion: &str, reason: Reason) {
        buying_results::rule(criterion, "not-enough-evidence", &[reason]);
        self.0.push(None);
    }

    pub fn is_any_broken(&self) -> bool {
        self.0.contains(&Some(false))
    }

    pub fn is_any_open(&self) -> bool {
        self.0.contains(&None)
    }
}
