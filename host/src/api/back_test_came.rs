//! What a back-test came to, as much of it as whoever asks may know: who may look at its rows reads every number; everybody else no number of 1 to 4
//! families, nor one that could be worked out from the others.

use serde::Serialize;
use utoipa::ToSchema;

use crate::record::reckoning::Figure;
use crate::workflow::back_test::{CameOut, Claimed};

/// What a back-test came to until now. A family counts once for each day.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestCame {
    /// Who were decided by both.
    compared: Figure,
    /// Who were not known yet at the end of the day.
    not_known: Figure,
    /// Who are decided differently.
    different: Figure,
    /// By the first that differs: `failure`, `result`, `criterion`, `claims`, `work`.
    kinds: Vec<CountOf>,
    /// By question, from which answer to which; those that are the same too.
    results: Vec<CountMoved>,
    /// By criterion, from which standing to which.
    criteria: Vec<CountMoved>,
    claims: Vec<ClaimsTo>,
    /// Tasks and proposals by kind, and `look-again`.
    work: Vec<WorkTo>,
    failures: Vec<FailuresOf>,
}

/// How many families differ so.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountOf {
    of: String,
    families: Figure,
}

/// How many families went from one to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountMoved {
    of: String,
    live: String,
    candidate: String,
    families: Figure,
}

/// What would be claimed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsTo {
    /// Code list claims.
    kind: String,
    live: Sum,
    candidate: Sum,
    /// By the candidate alone.
    gained: Sum,
    /// By the live one alone.
    lost: Sum,
}

/// So many families, and pence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BackTestClaimSum)]
pub struct Sum {
    families: Figure,
    /// Left out where the number of families is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pence: Option<i64>,
}

/// What people would have to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkTo {
    of: String,
    live: Figure,
    candidate: Figure,
}

/// How often a run failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailuresOf {
    /// `live` or `candidate`.
    of: String,
    /// Code of the failure.
    #[schema(example = "plugin-trapped")]
    code: String,
    families: Figure,
}

const fn hidden() -> Figure {
    Figure { count: None, few: true }
}

/// Who may look at rows reads every number.
struct Shows {
    all: bool,
}

impl Shows {
    const fn one(&self, count: u64) -> Figure {
        if self.all { Figure { count: Some(count), few: false } } else { Figure::of(count) }
    }

    /// Parts of one whole. A single one that is hidden would be what is left: then the next larger one is hidden too.
    fn parts(&self, counts: &[u64]) -> Vec<Figure> {
        let mut shown: Vec<Figure> = counts.iter().map(|n| self.one(*n)).collect();
        if shown.iter().filter(|f| f.few).count() == 1 {
            let next = (0..counts.len()).filter(|i| !shown[*i].few && counts[*i] > 0).min_by_key(|i| counts[*i]);
            if let Some(next) = next {
                shown[next] = hidden();
            }
        }
        shown
    }
}

impl BackTestCame {
    pub(super) fn of(came: &CameOut, sees_rows: bool) -> Self {
        let shows = Shows { all: sees_rows };
        let whole = |parts: &[u64]| shows.parts(parts);
        // Who differ, and who do not, are parts of those that were compared.
        let different = whole(&[came.different, came.compared.saturating_sub(came.different)])[0];
        let kinds = whole(&came.kinds.iter().map(|k| k.families).collect::<Vec<_>>());
        let moved = |rows: &[crate::workflow::back_test::Moved]| {
            let figures = whole(&rows.iter().map(|m| m.families).collect::<Vec<_>>());
            let one = |(m, families): (&crate::workflow::back_test::Moved, Figure)| CountMoved {
                of: m.of.clone(),
                live: m.live.clone(),
                candidate: m.candidate.clone(),
                families,
            };
            rows.iter().zip(figures).map(one).collect::<Vec<_>>()
        };
        let both = |live, candidate| (shows.one(live), shows.one(candidate));
        let work = |w: &crate::workflow::back_test::Worked| {
            let (live, candidate) = both(w.live, w.candidate);
            WorkTo { of: w.of.clone(), live, candidate }
        };
        let failed = |f: &crate::workflow::back_test::FailedSo| FailuresOf {
            of: f.of.clone(),
            code: f.code.clone(),
            families: shows.one(f.families),
        };
        Self {
            compared: shows.one(came.compared),
            not_known: shows.one(came.not_known),
            different,
            kinds: came.kinds.iter().zip(kinds).map(|(k, families)| CountOf { of: k.of.clone(), families }).collect(),
            results: moved(&came.results),
            criteria: moved(&came.criteria),
            claims: came.claims.iter().map(|c| claims(c, &shows)).collect(),
            work: came.work.iter().map(work).collect(),
            failures: came.failures.iter().map(failed).collect(),
        }
    }
}

/// Live and lost, candidate and gained differ by those whom both claim for: where one of the four is hidden, all sums are.
fn claims(of: &Claimed, shows: &Shows) -> ClaimsTo {
    let counts = [of.live, of.candidate, of.gained, of.lost, of.live.saturating_sub(of.lost)];
    let hides = counts.iter().any(|n| shows.one(*n).few);
    let sum = |count: u64, pence: i64| {
        if hides { Sum { families: hidden(), pence: None } } else { Sum { families: shows.one(count), pence: Some(pence) } }
    };
    ClaimsTo {
        kind: of.kind.clone(),
        live: sum(of.live, of.live_pence),
        candidate: sum(of.candidate, of.candidate_pence),
        gained: sum(of.gained, of.gained_pence),
        lost: sum(of.lost, of.lost_pence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_hidden_cannot_be_worked_out_from_the_others() {
        let shows = Shows { all: false };
        let told = |counts: &[u64]| shows.parts(counts).iter().map(|f| f.count).collect::<Vec<_>>();
        assert_eq!(told(&[90, 7, 3]), [Some(90), None, None]);
        assert_eq!(told(&[90, 2, 3]), [Some(90), None, None]);
        assert_eq!(told(&[90, 7, 0]), [Some(90), Some(7), Some(0)]);
        assert_eq!(told(&[3]), [None]);
        let all = Shows { all: true };
        assert_eq!(all.parts(&[90, 3]).iter().map(|f| f.count).collect::<Vec<_>>(), [Some(90), Some(3)]);
    }
}
