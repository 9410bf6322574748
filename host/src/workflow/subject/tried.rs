//! What candidates said about a family while they were tried: beside decisions, and in back-tests. Nothing of it decided anything, and whoever asks what
//! is held is told so.

use super::{Gathering, Mark, Part};
use crate::record::{FamilyId, Section, Sections};
use crate::store::StoreError;
use crate::workflow::back_test::CameOf;
use crate::workflow::explain::pounds;

const DECIDED_NOTHING: &str = "It decided nothing: rules that the council only tried were asked, and nothing followed from what they said.";

impl Gathering<'_> {
    pub(super) async fn tried(&self, family: FamilyId) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for answer in self.store.shadowed(family).await? {
            let id = format!("{}-{}", answer.shadow, answer.decision);
            let sealed = !self.store.seals_of_decision(answer.decision).await?.is_empty();
            let part = Part::new("shadow-answer", id, "What rules that were tried said beside a decision")
                .says("what it means", DECIDED_NOTHING)
                .says("beside", format!("decision/{}", answer.decision))
                .says("when", answer.at)
                .says("how it went", &answer.outcome)
                .says("said", &answer.said)
                .says("the same as the decision", if answer.same { "yes" } else { "no" });
            parts.push(marked(part, answer.sections).marked(Mark::Sealed, sealed));
        }
        for (test, row) in self.store.back_tested(family).await? {
            let damaged = |e: serde_json::Error| StoreError::Damaged(format!("row {} of back-test {test}: {e}", row.number));
            let live: CameOf = serde_json::from_str(&row.live).map_err(damaged)?;
            let candidate: CameOf = serde_json::from_str(&row.candidate).map_err(damaged)?;
            let part = Part::new("back-test-row", format!("{test}-{}", row.number), "What rules that were tried would have decided")
                .says("what it means", DECIDED_NOTHING)
                .says("about the day", row.day)
                .says("the rules in force said", live.code())
                .says("those that were tried said", candidate.code())
                .says("claims would differ by", pounds(row.pence));
            parts.push(marked(part, row.label));
        }
        Ok(parts)
    }
}

/// An answer about the family tells of all of it.
fn marked(part: Part, read: Sections) -> Part {
    let harm = read.has(Section::Abuse) || read.has(Section::Safeguarding);
    part.marked(Mark::ThirdParty, true).marked(Mark::SeriousHarm, harm)
}
