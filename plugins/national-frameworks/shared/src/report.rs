//! What has been found so far, and what it comes to.

use std::collections::BTreeSet;

use crate::hearth::actions::tasks;
use crate::hearth::decision::messages::{Arg, Reason};
use crate::hearth::family::types::{Day, Person, Window};
use crate::hearth::outcomes::findings;
use crate::{months_after, say};

/// The most reasons that one finding may have.
const MOST_REASONS: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Met,
    NotMet,
    NotEnoughEvidence,
    NotApplicable,
}

impl Standing {
    const fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NotEnoughEvidence => "not-enough-evidence",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// What is asked of all parts together: one that fails decides, then one that is not known.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::NotApplicable;
        for part in parts {
            all = match (all, part) {
                (Self::NotMet, _) | (_, Self::NotMet) => Self::NotMet,
                (Self::NotEnoughEvidence, _) | (_, Self::NotEnoughEvidence) => Self::NotEnoughEvidence,
                (Self::Met, _) | (_, Self::Met) => Self::Met,
                (Self::NotApplicable, Self::NotApplicable) => Self::NotApplicable,
            };
        }
        all
    }
}

/// One finding before it is reported.
pub struct Found {
    pub criterion: &'static str,
    pub person: Option<Person>,
    pub standing: Standing,
    pub window: Window,
    pub values: Values,
    pub reasons: Vec<Reason>,
    /// When to ask again if it is not met; none for a month on.
    pub look_again: Option<Day>,
}

/// In tenths of the criterion's unit.
#[derive(Default)]
pub struct Values {
    pub before: Option<i32>,
    pub now: Option<i32>,
    pub threshold: Option<i32>,
}

impl Found {
    #[must_use]
    pub fn new(criterion: &'static str, standing: Standing, window: Window, reasons: Vec<Reason>) -> Self {
        Self { criterion, person: None, standing, window, values: Values::default(), reasons, look_again: None }
    }
}

/// What a reported finding leaves behind.
pub struct Noted {
    pub number: u32,
    pub criterion: &'static str,
    pub standing: Standing,
    counts: bool,
}

pub struct Report {
    noted: Vec<Noted>,
    in_a_month: Day,
}

impl Report {
    #[must_use]
    pub fn new(on: Day) -> Self {
        Self { noted: Vec::new(), in_a_month: months_after(on, 1) }
    }

    /// Reports a finding that does not decide the outcome.
    pub fn add(&mut self, found: Found) -> u32 {
        self.note(found, false)
    }

    /// Reports a finding that the outcome rests on.
    pub fn add_for_outcome(&mut self, found: Found) -> u32 {
        self.note(found, true)
    }

    #[must_use]
    pub fn noted(&self) -> &[Noted] {
        &self.noted
    }

    /// How everything stands that was found of a criterion.
    #[must_use]
    pub fn standing(&self, criterion: &str) -> Standing {
        Standing::of_all(self.noted.iter().filter(|noted| noted.criterion == criterion).map(|noted| noted.standing))
    }

    /// Significant and sustained where everything that counts is met, progress where something is.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        let counted = self.noted.iter().filter(|noted| noted.counts);
        match Standing::of_all(counted.clone().map(|noted| noted.standing)) {
            Standing::Met => "significant-and-sustained",
            _ if counted.into_iter().any(|noted| noted.standing == Standing::Met) => "progress",
            _ => "none-yet",
        }
    }

    /// Numbers of the met findings that the outcome rests on.
    #[must_use]
    pub fn met_for_outcome(&self) -> Vec<u32> {
        self.noted.iter().filter(|noted| noted.counts && noted.standing == Standing::Met).map(|noted| noted.number).collect()
    }

    /// Numbers of the met findings of a criterion.
    #[must_use]
    pub fn met(&self, criterion: &str) -> Vec<u32> {
        self.noted
            .iter()
            .filter(|noted| noted.criterion == criterion && noted.standing == Standing::Met)
            .map(|noted| noted.number)
            .collect()
    }

    /// One task for each criterion that counts and cannot be told, however many people it is about.
    pub fn ask_for_evidence(&self) {
        let unknown = self.noted.iter().filter(|noted| noted.counts && noted.standing == Standing::NotEnoughEvidence);
        for criterion in unknown.map(|noted| noted.criterion).collect::<BTreeSet<_>>() {
            let title = say::message("find-evidence", &[("criterion", Arg::Named(criterion.into()))]);
            tasks::propose(&format!("evidence-{criterion}"), "data-manager", &title, self.in_a_month);
        }
    }

    fn note(&mut self, found: Found, counts: bool) -> u32 {
        let Found { criterion, person, standing, window, values, mut reasons, look_again } = found;
        reasons.truncate(MOST_REASONS);
        let open = matches!(standing, Standing::NotMet | Standing::NotEnoughEvidence);
        let number = findings::add(&findings::Finding {
            criterion: criterion.into(),
            person,
            standing: standing.code().into(),
            window,
            before: values.before,
            now: values.now,
            threshold: values.threshold,
            reasons,
            look_again: open.then(|| look_again.unwrap_or(self.in_a_month)),
        });
        self.noted.push(Noted { number, criterion, standing, counts });
        number
    }
}

#[cfg(test)]
mod tests {
    use super::Standing::{Met, NotApplicable, NotEnoughEvidence, NotMet};
    use super::*;

    #[test]
    fn all_together_stand_as_the_worst_that_applies() {
        for (parts, all) in [
            (vec![], NotApplicable),
            (vec![NotApplicable, Met], Met),
            (vec![Met, NotApplicable], Met),
            (vec![Met, NotEnoughEvidence], NotEnoughEvidence),
            (vec![NotEnoughEvidence, NotMet, Met], NotMet),
        ] {
            assert_eq!(Standing::of_all(parts.clone()), all, "{parts:?}");
        }
    }
}
