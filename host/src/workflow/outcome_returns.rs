//! What an authority reports of its outcomes, quarter by quarter: families and people that were helped, and what they had achieved. It is all
//! that an authority reports that is paid up front and claims nothing (2019:L1373-L1377, L1444-L1446). Nobody is named, and a count below
//! five is not told.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use serde::Serialize;
use utoipa::ToSchema;

use super::returns::ReturnError;
use crate::record::reckoning::{Figure, per_thousand, quarters};
use crate::record::{Day, DecisionId, FamilyId, Window, codes};
use crate::sheet;
use crate::store::{AuthorityStore, BareAnswer, Helped, StoreError};

/// Answers to `progress` that are a success (004:L906-L912).
const SUCCESS: [&str; 2] = ["significant-and-sustained", "continuous-employment"];

/// A quarter, or as much of it as was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeQuarter {
    pub first: Day,
    pub last: Day,
    /// With an episode on a day of it.
    pub families_helped: Figure,
    /// Members of those families meanwhile.
    pub people_helped: Figure,
    /// By code list outcomes: what the last decision as of a day of the quarter says of each family that was helped.
    pub outcomes: Vec<OutcomeCount>,
    /// Helped, and not decided about.
    pub not_decided: Figure,
    /// Of the families helped, in tenths of a percent: significant and sustained progress, or continuous employment. Left out where either
    /// count is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_per_thousand: Option<u64>,
}

/// How many families had achieved that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeCount {
    /// Code list outcomes.
    pub outcome: String,
    pub says: String,
    pub families: Figure,
}

/// The quarters of a window, until today.
///
/// # Errors
/// The record cannot be read.
pub async fn by_quarter(store: &AuthorityStore, within: Window) -> Result<Vec<OutcomeQuarter>, StoreError> {
    let quarters = quarters(within, store.clock().now().day());
    let gone_on = store.all_go_on_within().await?;
    let mut told = Vec::with_capacity(quarters.len());
    for window in quarters {
        let decided = decided_in(store, window, &gone_on).await?;
        told.push(counted(window, &store.helped(window).await?, &decided));
    }
    Ok(told)
}

fn counted(window: Window, helped: &Helped, decided: &HashMap<FamilyId, Last>) -> OutcomeQuarter {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut undecided = 0;
    for family in &helped.families {
        match decided.get(family) {
            Some(last) => *counts.entry(last.result.as_str()).or_default() += 1,
            None => undecided += 1,
        }
    }
    let list = codes::all().find(|l| l.list == "outcomes");
    let one = |code: &codes::Code| OutcomeCount {
        outcome: code.code.clone(),
        says: code.en.clone(),
        families: Figure::of(counts.get(code.code.as_str()).copied().unwrap_or(0)),
    };
    let success = SUCCESS.iter().filter_map(|code| counts.get(code)).sum();
    let all = helped.families.len() as u64;
    let told = Figure::of(success).count.zip(Figure::of(all).count);
    let told = told.filter(|_| SUCCESS.iter().all(|code| !Figure::of(counts.get(code).copied().unwrap_or(0)).few));
    OutcomeQuarter {
        first: window.first,
        last: window.last.unwrap_or(Day::LAST),
        families_helped: Figure::of(all),
        people_helped: Figure::of(helped.people),
        outcomes: list.iter().flat_map(|l| &l.codes).map(one).collect(),
        not_decided: Figure::of(undecided),
        success_per_thousand: told.and_then(|(part, whole)| per_thousand(part, whole)),
    }
}

/// The last answer to `progress` as of a day of a window.
#[derive(Debug, Clone)]
pub(super) struct Last {
    pub as_of: Day,
    pub decision: DecisionId,
    pub result: String,
}

/// By the family that is meant today: one that goes on within another (`gone_on`) counts as that.
pub(super) async fn decided_in(
    store: &AuthorityStore,
    within: Window,
    gone_on: &HashMap<FamilyId, FamilyId>,
) -> Result<HashMap<FamilyId, Last>, StoreError> {
    let mut decided: HashMap<FamilyId, Last> = HashMap::new();
    for BareAnswer { family, decision, as_of, result } in store.bare_answers("progress", within).await? {
        let last = Last { as_of, decision, result };
        match decided.entry(gone_on.get(&family).copied().unwrap_or(family)) {
            Entry::Occupied(mut known) if (known.get().as_of, known.get().decision) < (last.as_of, last.decision) => {
                known.insert(last);
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(first) => {
                first.insert(last);
            }
        }
    }
    Ok(decided)
}

/// The same as a sheet: a row a figure.
///
/// # Errors
/// The record cannot be read, or the return not written.
pub async fn outcomes(store: &AuthorityStore, within: Window, to: impl Write) -> Result<u64, ReturnError> {
    let mut sheet = sheet::Writer::new(to);
    sheet.row(["authority", "first", "last", "what", "count"])?;
    let mut rows = 0;
    for quarter in by_quarter(store, within).await? {
        let (first, last) = (quarter.first.to_string(), quarter.last.to_string());
        let fixed = [("families helped", quarter.families_helped), ("people helped", quarter.people_helped)];
        let outcomes = quarter.outcomes.iter().map(|o| (o.outcome.as_str(), o.families));
        for (what, figure) in fixed.into_iter().chain(outcomes).chain([("not decided", quarter.not_decided)]) {
            sheet.row([store.id().as_str(), &first, &last, what, &figure.cell()])?;
            rows += 1;
        }
    }
    sheet.end()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(results: &[(&str, usize)], undecided: usize) -> OutcomeQuarter {
        let mut helped = Helped::default();
        let mut decided = HashMap::new();
        for (result, families) in results {
            for _ in 0..*families {
                let family = FamilyId::fresh();
                helped.families.insert(family);
                decided.insert(family, Last { as_of: Day::FIRST, decision: DecisionId::fresh(), result: (*result).to_owned() });
            }
        }
        helped.families.extend((0..undecided).map(|_| FamilyId::fresh()));
        counted("2026-04-01..2026-06-30".parse().unwrap(), &helped, &decided)
    }

    #[test]
    fn a_share_is_told_to_a_tenth_of_a_percent_and_not_where_it_would_tell_of_few() {
        let all = quarter(&[("significant-and-sustained", 280), ("continuous-employment", 10), ("none-yet", 3_000)], 690);
        assert_eq!((all.families_helped.count, all.success_per_thousand), (Some(3_980), Some(73)), "290 of 3,980 is 7.3%");
        let few = quarter(&[("significant-and-sustained", 20), ("continuous-employment", 3), ("none-yet", 7)], 0);
        let count = |outcome: &str| few.outcomes.iter().find(|o| o.outcome == outcome).unwrap().families;
        assert_eq!((count("continuous-employment").count, count("continuous-employment").few), (None, true));
        assert_eq!((count("significant-and-sustained").count, count("progress").count), (Some(20), Some(0)));
        assert_eq!(few.success_per_thousand, None, "20 told and 23 reckoned would tell 3");
    }
}
