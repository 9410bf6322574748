//! Two answers about one family side by side: where they differ, and what that adds up to. Counts and sums alone leave this file for the whole; what
//! tells of a family stays in its row.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::sections::Handle;
use crate::record::{FamilyId, Sections};
use crate::sandbox::{Answer, Verdict};

/// What a run came to: an answer, or the code of its failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CameOf {
    Answered(Box<Answer>),
    Failed(String),
}

impl CameOf {
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        if let Self::Answered(answer) = self { Some(answer) } else { None }
    }

    /// The answer's code, why the plugin cannot answer, or how it failed.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Answered(answer) => answer.code(),
            Self::Failed(code) => code,
        }
    }

    /// A refusal claims nothing, whatever was reported before it.
    fn claims(&self) -> BTreeMap<&str, i64> {
        let stands = |a: &&Answer| !matches!(a.result, Verdict::Refused(_));
        self.answer().filter(stands).into_iter().flat_map(|a| &a.claims).map(|c| (c.kind.as_str(), c.amount_pence)).collect()
    }

    /// Of each criterion and person, how it stands.
    fn standings(&self) -> BTreeMap<(&str, Option<Handle>), Vec<&str>> {
        let mut all: BTreeMap<(&str, Option<Handle>), Vec<&str>> = BTreeMap::new();
        for finding in self.answer().into_iter().flat_map(|a| &a.findings) {
            all.entry((finding.criterion.as_str(), finding.person)).or_default().push(finding.standing.as_str());
        }
        all
    }

    /// What people would have to do, and when to ask again.
    fn work(&self) -> BTreeMap<&str, u64> {
        let mut work: BTreeMap<&str, u64> = BTreeMap::new();
        if let Some(answer) = self.answer().filter(|a| !matches!(a.result, Verdict::Refused(_))) {
            *work.entry("task").or_default() += answer.tasks.len() as u64;
            for action in &answer.actions {
                *work.entry(action.kind()).or_default() += 1;
            }
            *work.entry("look-again").or_default() += u64::from(answer.findings.iter().any(|f| f.look_again.is_some()));
        }
        work.retain(|_, n| *n > 0);
        work
    }

    fn delivered(&self) -> Sections {
        self.answer().into_iter().flat_map(|a| a.delivered.iter().copied()).collect()
    }
}

/// Criteria that stand otherwise for anybody, by name.
#[must_use]
pub fn criteria<'a>(live: &'a CameOf, candidate: &'a CameOf) -> BTreeSet<&'a str> {
    let (live, candidate) = (live.standings(), candidate.standings());
    let keys: BTreeSet<_> = live.keys().chain(candidate.keys()).copied().collect();
    keys.into_iter().filter(|key| live.get(key) != candidate.get(key)).map(|(criterion, _)| criterion).collect()
}

/// How a family is decided differently: the first of these that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// One of the two failed, or both did in other ways.
    Failure,
    Result,
    /// The same answer, and a criterion stands otherwise.
    Criterion,
    /// And another sum is claimed.
    Claims,
    /// And people have other things to do.
    Work,
}

impl Differs {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Result => "result",
            Self::Criterion => "criterion",
            Self::Claims => "claims",
            Self::Work => "work",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Failure, Self::Result, Self::Criterion, Self::Claims, Self::Work].into_iter().find(|d| d.code() == code)
    }
}

/// One family on one day, decided by both.
#[derive(Debug)]
pub(super) struct Both {
    pub family: FamilyId,
    pub question: &'static str,
    pub live: CameOf,
    pub candidate: CameOf,
}

impl Both {
    /// None: they agree.
    pub fn differs(&self) -> Option<Differs> {
        let (live, candidate) = (&self.live, &self.candidate);
        let failed = live.answer().is_none() || candidate.answer().is_none();
        if failed {
            return (live.code() != candidate.code()).then_some(Differs::Failure);
        }
        if live.code() != candidate.code() {
            Some(Differs::Result)
        } else if self.first_criterion().is_some() {
            Some(Differs::Criterion)
        } else if live.claims() != candidate.claims() {
            Some(Differs::Claims)
        } else {
            (live.work() != candidate.work()).then_some(Differs::Work)
        }
    }

    pub fn first_criterion(&self) -> Option<&str> {
        criteria(&self.live, &self.candidate).into_iter().next()
    }

    /// The candidate's claims less the live ones.
    pub fn pence(&self) -> i64 {
        let sum = |of: &CameOf| of.claims().values().sum::<i64>();
        sum(&self.candidate) - sum(&self.live)
    }

    pub fn label(&self) -> Sections {
        self.live.delivered().and(self.candidate.delivered())
    }
}

/// What a back-test came to until now. Families are counted once for each day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameOut {
    /// Who were decided by both.
    pub compared: u64,
    /// Who were not known yet at the end of the day.
    pub not_known: u64,
    pub different: u64,
    pub kinds: Vec<Counted>,
    pub results: Vec<Moved>,
    pub criteria: Vec<Moved>,
    pub claims: Vec<Claimed>,
    pub work: Vec<Worked>,
    pub failures: Vec<FailedSo>,
}

/// How many families differ so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub of: String,
    pub families: u64,
}

/// How many families went from one to another. `of`: the question, or the criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub of: String,
    pub live: String,
    pub candidate: String,
    pub families: u64,
}

/// Claims of a kind: families, and pence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    pub kind: String,
    pub live: u64,
    pub live_pence: i64,
    pub candidate: u64,
    pub candidate_pence: i64,
    /// By the candidate alone.
    pub gained: u64,
    pub gained_pence: i64,
    /// By the live one alone.
    pub lost: u64,
    pub lost_pence: i64,
}

/// What people have to do: tasks and proposals by kind, and `look-again`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    pub of: String,
    pub live: u64,
    pub candidate: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedSo {
    /// `live` or `candidate`.
    pub of: String,
    pub code: String,
    pub families: u64,
}

/// The one of the rows that is meant, made if it is not there.
fn row<T>(rows: &mut Vec<T>, is: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let at = rows.iter().position(is).unwrap_or_else(|| {
        rows.push(new());
        rows.len() - 1
    });
    &mut rows[at]
}

impl CameOut {
    pub(super) fn add(&mut self, both: &Both) {
        self.compared += 1;
        if let Some(kind) = both.differs() {
            self.different += 1;
            row(&mut self.kinds, |k| k.of == kind.code(), || Counted { of: kind.code().to_owned(), families: 0 }).families += 1;
        }
        moved(&mut self.results, both.question, both.live.code(), both.candidate.code());
        self.add_criteria(both);
        self.add_claims(both);
        for (of, came) in [("live", &both.live), ("candidate", &both.candidate)] {
            if let CameOf::Failed(code) = came {
                let new = || FailedSo { of: of.to_owned(), code: code.clone(), families: 0 };
                row(&mut self.failures, |f| f.of == of && f.code == *code, new).families += 1;
            }
            for (what, count) in came.work() {
                let work = row(&mut self.work, |w| w.of == what, || Worked { of: what.to_owned(), live: 0, candidate: 0 });
                *(if of == "live" { &mut work.live } else { &mut work.candidate }) += count;
            }
        }
    }

    /// Of each criterion that differs, by its worst and best standing of anybody: once a family for each way in which it moved.
    fn add_criteria(&mut self, both: &Both) {
        let (live, candidate) = (both.live.standings(), both.candidate.standings());
        let keys: BTreeSet<_> = live.keys().chain(candidate.keys()).copied().collect();
        let mut ways: BTreeSet<(&str, String, String)> = BTreeSet::new();
        for key in keys {
            let said = |of: &BTreeMap<_, Vec<&str>>| of.get(&key).map_or_else(|| "not-reported".to_owned(), |s| s.join(" "));
            let (was, is) = (said(&live), said(&candidate));
            if was != is {
                ways.insert((key.0, was, is));
            }
        }
        for (criterion, was, is) in ways {
            moved(&mut self.criteria, criterion, &was, &is);
        }
    }

    fn add_claims(&mut self, both: &Both) {
        let (live, candidate) = (both.live.claims(), both.candidate.claims());
        let kinds: BTreeSet<&str> = live.keys().chain(candidate.keys()).copied().collect();
        for kind in kinds {
            let new = || Claimed {
                kind: kind.to_owned(),
                live: 0,
                live_pence: 0,
                candidate: 0,
                candidate_pence: 0,
                gained: 0,
                gained_pence: 0,
                lost: 0,
                lost_pence: 0,
            };
            let sums = row(&mut self.claims, |c| c.kind == kind, new);
            let (was, is) = (live.get(kind).copied(), candidate.get(kind).copied());
            sums.live += u64::from(was.is_some());
            sums.live_pence += was.unwrap_or(0);
            sums.candidate += u64::from(is.is_some());
            sums.candidate_pence += is.unwrap_or(0);
            if was.is_none() {
                sums.gained += 1;
                sums.gained_pence += is.unwrap_or(0);
            }
            if is.is_none() {
                sums.lost += 1;
                sums.lost_pence += was.unwrap_or(0);
            }
        }
    }
}

fn moved(rows: &mut Vec<Moved>, of: &str, live: &str, candidate: &str) {
    let new = || Moved { of: of.to_owned(), live: live.to_owned(), candidate: candidate.to_owned(), families: 0 };
    row(rows, |m| m.of == of && m.live == live && m.candidate == candidate, new).families += 1;
}
