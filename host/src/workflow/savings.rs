//! What outcomes cost, and what they save to which agency: every figure with the parts that it is the sum of. A part of fewer than five
//! families is left out of what is told, and of the sums.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::outcome_returns::decided_in;
use super::said;
use super::unit_costs::{CostOr, Per, UnitCost, in_force};
use crate::record::reckoning::{Figure, in_all};
use crate::record::{Day, DecisionId, Window};
use crate::sandbox::answer::Finding;
use crate::store::{AuthorityStore, StoreError};

/// What the outcomes of a period cost and save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Savings {
    pub first: Day,
    pub last: Day,
    /// Claims on which somebody was entitled within the period, by kind; what was withdrawn, refused or paid back is none of them.
    pub claims: Vec<ClaimSum>,
    pub claims_pence: u64,
    pub costs: Vec<CostPart>,
    pub costs_pence: u64,
    /// By outcome that was reached: what all costs come to for each family that reached one. Left out where nobody did, or few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_pence_per_outcome: Option<u64>,
    /// Families that reached significant and sustained progress, or continuous employment.
    pub outcomes: Figure,
    pub savings: Vec<CostPart>,
    /// By agency, most first.
    pub by_agency: Vec<AgencySum>,
    pub savings_pence: u64,
    /// Parts of fewer than five families, which are in no sum.
    pub left_out: u64,
}

/// Claims of one kind and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimSum {
    /// Code list claims.
    pub kind: String,
    pub each_pence: u64,
    pub claims: Figure,
    /// Left out where the count is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pence: Option<u64>,
}

/// One unit cost, and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostPart {
    #[serde(flatten)]
    pub unit: UnitCost,
    pub families: Figure,
    /// Of what it is for one, in tenths: families, or by how many fewer or more. Left out where the count is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenths: Option<u64>,
    /// Left out where the count is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pence: Option<u64>,
}

/// What one agency saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgencySum {
    pub agency: String,
    pub pence: u64,
}

/// Families and tenths that one unit cost counts.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    families: u64,
    tenths: u64,
}

/// # Errors
/// The record cannot be read.
pub async fn savings(store: &AuthorityStore, within: Window) -> Result<Savings, StoreError> {
    let units = in_force(store).await?;
    let helped = store.helped(within).await?;
    let decided = decided_in(store, within, &store.all_go_on_within().await?).await?;
    // What a family was found to be is read only for what is to be counted by it.
    let saves = |as_of: Day| units.iter().any(|u| u.what == CostOr::Saving && u.window().contains(as_of));
    let mut counted: HashMap<usize, Counted> = HashMap::new();
    let mut reached = 0;
    for last in decided.values() {
        reached += u64::from(matches!(last.result.as_str(), "significant-and-sustained" | "continuous-employment"));
        if saves(last.as_of) {
            count_findings(store, last.decision, last.as_of, &units, &mut counted).await?;
        }
    }
    for (i, unit) in units.iter().enumerate().filter(|(_, u)| u.what == CostOr::Cost && u.window().overlaps(&within)) {
        debug_assert_eq!(unit.per, Per::Family);
        let families = helped.families.len() as u64;
        counted.insert(i, Counted { families, tenths: families * 10 });
    }
    let claims = store.claims_entitled(within).await?;
    Ok(summed(within, &units, &counted, &claims, reached))
}

async fn count_findings(
    store: &AuthorityStore,
    decision: DecisionId,
    as_of: Day,
    units: &[UnitCost],
    counted: &mut HashMap<usize, Counted>,
) -> Result<(), StoreError> {
    let answer = said(&store.decision(decision).await?)?;
    for (i, unit) in units.iter().enumerate().filter(|(_, u)| u.what == CostOr::Saving && u.window().contains(as_of)) {
        let met = answer.findings.iter().filter(|f| f.criterion == unit.of && f.standing == "met");
        let tenths: u64 = match unit.per {
            Per::Family => met.take(1).map(|_| 10).sum(),
            per => met.map(|finding| moved(finding, per)).sum(),
        };
        if tenths > 0 {
            let sum = counted.entry(i).or_default();
            sum.families += 1;
            sum.tenths += tenths;
        }
    }
    Ok(())
}

/// By how many tenths of its unit a criterion moved the right way.
fn moved(finding: &Finding, per: Per) -> u64 {
    let (Some(before), Some(now)) = (finding.before, finding.now) else { return 0 };
    let fewer = i64::from(before) - i64::from(now);
    let moved = if per == Per::Fewer { fewer } else { -fewer };
    u64::try_from(moved).unwrap_or(0)
}

/// `claims`: kind, pence each, how many.
fn summed(within: Window, units: &[UnitCost], counted: &HashMap<usize, Counted>, claims: &[(String, u64, u64)], reached: u64) -> Savings {
    let parts = |what: CostOr| -> Vec<CostPart> {
        let of = units.iter().enumerate().filter(|(_, u)| u.what == what);
        of.filter_map(|(i, unit)| counted.get(&i).map(|c| part(unit, *c))).collect()
    };
    let (costs, savings) = (parts(CostOr::Cost), parts(CostOr::Saving));
    let sum = |parts: &[CostPart]| parts.iter().filter_map(|p| p.total_pence).fold(0, u64::saturating_add);
    let costs_pence = sum(&costs);
    let mut by_agency: BTreeMap<&str, u64> = BTreeMap::new();
    for part in &savings {
        *by_agency.entry(&part.unit.agency).or_default() += part.total_pence.unwrap_or(0);
    }
    let mut agencies: Vec<AgencySum> =
        by_agency.into_iter().filter(|(_, p)| *p > 0).map(|(a, pence)| AgencySum { agency: a.to_owned(), pence }).collect();
    agencies.sort_by_key(|agency| std::cmp::Reverse(agency.pence));
    let claims: Vec<ClaimSum> = claims.iter().map(|(kind, each, claims)| claimed(kind, *each, *claims)).collect();
    let outcomes = Figure::of(reached);
    Savings {
        first: within.first,
        last: within.last.unwrap_or(Day::LAST),
        claims_pence: claims.iter().filter_map(|c| c.pence).fold(0, u64::saturating_add),
        cost_pence_per_outcome: outcomes.count.filter(|n| *n > 0 && costs_pence > 0).map(|n| (costs_pence + n / 2) / n),
        costs_pence,
        outcomes,
        savings_pence: sum(&savings),
        left_out: (costs.iter().chain(&savings).filter(|p| p.families.few).count() + claims.iter().filter(|c| c.claims.few).count()) as u64,
        claims,
        costs,
        savings,
        by_agency: agencies,
    }
}

fn claimed(kind: &str, each: u64, claims: u64) -> ClaimSum {
    let figure = Figure::of(claims);
    ClaimSum { kind: kind.to_owned(), each_pence: each, claims: figure, pence: figure.count.map(|n| in_all(&[(n, each)])) }
}

/// Half up, once, at the end.
fn part(unit: &UnitCost, counted: Counted) -> CostPart {
    let families = Figure::of(counted.families);
    let pence = u128::from(counted.tenths) * u128::from(unit.pence);
    let pence = u64::try_from((pence + 5) / 10).unwrap_or(u64::MAX);
    CostPart { unit: unit.clone(), families, tenths: families.count.map(|_| counted.tenths), total_pence: families.count.map(|_| pence) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(what: CostOr, of: &str, per: Per, pence: u64, agency: &str) -> UnitCost {
        let (first, source) = ("2026-04-01".parse().unwrap(), "own".to_owned());
        UnitCost { what, of: of.into(), per, first, last: None, pence, agency: agency.into(), source }
    }

    #[test]
    fn a_hundred_families_of_whom_sixty_succeed_bring_148_000_pounds() {
        let claims = [("attachment".to_owned(), 100_000, 100), ("progress-result".to_owned(), 80_000, 60)];
        let sum = summed("2026-04-01..2027-03-31".parse().unwrap(), &[], &HashMap::new(), &claims, 60);
        assert_eq!(sum.claims_pence, 14_800_000, "£148,000 (004:L174-L179)");
        assert_eq!(sum.claims.iter().map(|c| c.pence).collect::<Vec<_>>(), [Some(10_000_000), Some(4_800_000)]);
    }

    #[test]
    fn every_sum_is_that_of_its_parts_and_few_are_in_none() {
        let units = [
            unit(CostOr::Cost, "helped", Per::Family, 210_000, "Bristol"),
            unit(CostOr::Saving, "callouts", Per::Fewer, 18_350, "Avon police"),
            unit(CostOr::Saving, "offending", Per::Family, 99_900, "Avon police"),
            unit(CostOr::Saving, "school", Per::Family, 7_777, "Hill school"),
        ];
        let counted = [(0, 100, 1_000), (1, 12, 635), (2, 5, 50), (3, 4, 40)];
        let counted = counted.into_iter().map(|(i, families, tenths)| (i, Counted { families, tenths })).collect();
        let sum = summed("2026-04-01..2027-03-31".parse().unwrap(), &units, &counted, &[], 60);
        assert_eq!((sum.costs_pence, sum.cost_pence_per_outcome), (21_000_000, Some(350_000)));
        // 63.5 call-outs fewer, to the penny; half of one is rounded once.
        assert_eq!(sum.savings.iter().map(|p| p.total_pence).collect::<Vec<_>>(), [Some(1_165_225), Some(499_500), None]);
        assert_eq!(sum.by_agency, [AgencySum { agency: "Avon police".into(), pence: 1_664_725 }]);
        assert_eq!((sum.savings_pence, sum.left_out), (1_664_725, 1));
        assert_eq!((sum.savings[2].families.few, sum.savings[2].tenths), (true, None));
    }

    #[test]
    fn what_got_worse_saves_nothing() {
        let finding = |before, now| Finding {
            criterion: "callouts".into(),
            person: None,
            standing: "met".into(),
            window: Window::on(Day::FIRST),
            before,
            now,
            threshold: None,
            reasons: Vec::new(),
            look_again: None,
        };
        assert_eq!(moved(&finding(Some(110), Some(40)), Per::Fewer), 70);
        assert_eq!(moved(&finding(Some(40), Some(110)), Per::Fewer), 0);
        assert_eq!(moved(&finding(Some(600), Some(900)), Per::More), 300);
        assert_eq!(moved(&finding(None, Some(0)), Per::Fewer), 0);
    }
}
