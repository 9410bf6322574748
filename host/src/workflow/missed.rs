//! Dates that went by: a goal that was to be met, a task that was to be done; and dates that came: of an assessment, or the next review, that
//! is due. The pathway is asked about each, once, as about anything else that happened.

use super::{Workflow, WorkflowError};
use crate::record::{Detail, FactId};
use crate::store::{AuthorityStore, Missed, StoreError};

/// Days back: what was missed before is nobody's news, and a host that was off for a while catches up.
const LOOKS_BACK: i32 = 31;
/// Goals that are looked at together.
const AT_ONCE: u32 = 1_000;

impl Workflow {
    /// Notes the dates of all authorities that were missed by today, and reviews that are due, but for those noted before; how many there were,
    /// beside sittings.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said that could not be worked through.
    pub async fn note_missed_dates(&self) -> Result<u64, WorkflowError> {
        let (mut noted, mut first_fault) = (0, self.note_missed_sittings().await.err());
        for authority in self.shared.stores.common().authorities().await? {
            let store = self.shared.stores.authority(&authority.code).await?;
            match note(&store).await {
                Ok(n) => noted += n,
                Err(fault) => drop(first_fault.get_or_insert(WorkflowError::Store(fault))),
            }
        }
        first_fault.map_or(Ok(noted), Err)
    }
}

async fn note(store: &AuthorityStore) -> Result<u64, StoreError> {
    let today = store.clock().now().day();
    let Some(from) = today.plus(-LOOKS_BACK) else { return Ok(0) };
    let mut missed = store.missed_tasks(from, today).await?;
    missed.extend(store.reviews_due(from, today).await?);
    let mut after: Option<FactId> = None;
    loop {
        let goals = store.goals_that_stand(after, AT_ONCE).await?;
        let Some(last) = goals.last() else { break };
        after = Some(last.id);
        for fact in &goals {
            let Detail::Goal(goal) = &fact.detail else { continue };
            let Some(due) = goal.due.filter(|due| goal.state == "set" && (from..today).contains(due)) else { continue };
            if let Some(family) = fact.subject.family {
                missed.push(Missed::goal(family, due, fact.id, fact.subject.person));
            }
        }
    }
    if missed.is_empty() {
        return Ok(0);
    }
    let mut tx = store.write("hearth", "noted dates that were missed").await?;
    let noted = tx.note_missed(&missed).await?;
    tx.commit().await?;
    Ok(noted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Day;

    #[test]
    fn a_date_is_missed_when_its_day_is_over() {
        let today: Day = "2026-03-31".parse().unwrap();
        let from = today.plus(-LOOKS_BACK).unwrap();
        let missed = |day: &str| (from..today).contains(&day.parse::<Day>().unwrap());
        assert!(missed("2026-03-30") && missed("2026-02-28"));
        assert!(!missed("2026-03-31") && !missed("2026-02-27"));
    }
}
