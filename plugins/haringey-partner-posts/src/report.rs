//! Rules that a contract keeps or breaks, and what they come to.

use crate::hearth::commissioning::buying_results;
use crate::hearth::decision::messages::Reason;

/// What was reported so far: for each rule whether it is kept; none where that cannot be said.
#[derive(Default)]
pub struct Rules(Vec<Option<bool>>);

impl Rules {
    /// Reports a rule. `criterion`: of the manifest's framework.
    pub fn tell(&mut self, criterion: &str, kept: bool, reason: Reason) {
        buying_results::rule(criterion, kept, &[reason]);
        self.0.push(Some(kept));
    }

    /// Reports a rule that cannot be judged. It is not kept as far as is known: the question's answer says that evidence is missing.
    pub fn cannot_tell(&mut self, criterion: &str, reason: Reason) {
        buying_results::rule(criterion, false, &[reason]);
        self.0.push(None);
    }

    pub fn is_any_broken(&self) -> bool {
        self.0.contains(&Some(false))
    }

    pub fn is_any_open(&self) -> bool {
        self.0.contains(&None)
    }
}
