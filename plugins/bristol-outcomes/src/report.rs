//! What has been found so far, and what it comes to.

use std::collections::BTreeSet;

use crate::Asked;
use crate::hearth::actions::tasks;
use crate::hearth::decision::messages::{Message, Reason};
use crate::hearth::family::types::{Day, Person, Window};
use crate::hearth::outcomes::findings;

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
}

/// One finding before it is reported.
pub struct Found {
    pub criterion: &'static str,
    pub person: Option<Person>,
    pub standing: Standing,
    pub window: Window,
    pub values: Values,
    pub reasons: Vec<Reason>,
    /// When to ask again, if it is not met.
    pub ask_again: Option<Day>,
}

/// In tenths of the criterion's unit.
#[derive(Default)]
pub struct Values {
    pub before: Option<i32>,
    pub now: Option<i32>,
    pub threshold: Option<i32>,
}

/// What a reported finding leaves behind.
struct Noted {
    number: u32,
    criterion: &'static str,
    standing: Standing,
    /// Does it decide the outcome? Then with the title of the task that looks for missing evidence.
    counts: Option<Message>,
}

pub struct Report {
    noted: Vec<Noted>,
    evidence_due: Day,
}

impl Report {
    pub fn new(asked: &Asked) -> Self {
        Self { noted: Vec::new(), evidence_due: asked.months_on(1) }
    }

    /// Reports a finding that decides nothing by itself.
    pub fn add(&mut self, found: Found) -> u32 {
        self.note(found, None)
    }

    /// Reports a finding that decides the outcome if `counts`; `task` is the title under which missing evidence is looked for.
    pub fn add_for_outcome(&mut self, found: Found, counts: bool, task: Message) -> u32 {
        self.note(found, counts.then_some(task))
    }

    pub fn standings(&self) -> impl Iterator<Item = Standing> {
        self.noted.iter().map(|noted| noted.standing)
    }

    /// Significant and sustained where everything that counts is met, progress where something is.
    pub fn outcome(&self) -> &'static str {
        outcome(self.counted().map(|noted| noted.standing))
    }

    /// Numbers of the findings that the outcome rests on.
    pub fn met_for_outcome(&self) -> Vec<u32> {
        self.counted().filter(|noted| noted.standing == Standing::Met).map(|noted| noted.number).collect()
    }

    /// One task for each criterion that counts and cannot be told, however many children it is about.
    pub fn ask_for_evidence(&self) {
        let mut asked = BTreeSet::new();
        for noted in self.counted().filter(|noted| noted.standing == Standing::NotEnoughEvidence) {
            if let Some(title) = noted.counts.as_ref().filter(|_| asked.insert(noted.criterion)) {
                tasks::propose(&format!("evidence-{}", noted.criterion), "data-manager", title, self.evidence_due);
            }
        }
    }

    fn counted(&self) -> impl Iterator<Item = &Noted> {
        self.noted.iter().filter(|noted| noted.counts.is_some())
    }

    fn note(&mut self, found: Found, counts: Option<Message>) -> u32 {
        let Found { criterion, person, standing, window, values, mut reasons, ask_again } = found;
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
            look_again: ask_again.filter(|_| open),
        });
        self.noted.push(Noted { number, criterion, standing, counts });
        number
    }
}

fn outcome(counted: impl Iterator<Item = Standing>) -> &'static str {
    let counted: Vec<_> = counted.filter(|standing| *standing != Standing::NotApplicable).collect();
    let met = counted.iter().filter(|standing| **standing == Standing::Met).count();
    match met {
        0 => "none-yet",
        all if all == counted.len() => "significant-and-sustained",
        _ => "progress",
    }
}

#[cfg(test)]
mod tests {
    use super::Standing::{Met, NotApplicable, NotEnoughEvidence, NotMet};
    use super::*;

    #[test]
    fn the_outcome_is_as_good_as_the_worst_that_counts() {
        for (counted, expected) in [
            (&[][..], "none-yet"),
            (&[NotApplicable], "none-yet"),
            (&[NotMet, NotEnoughEvidence], "none-yet"),
            (&[Met, NotMet], "progress"),
            (&[Met, NotEnoughEvidence], "progress"),
            (&[Met, NotApplicable], "significant-and-sustained"),
            (&[Met, Met], "significant-and-sustained"),
        ] {
            assert_eq!(outcome(counted.iter().copied()), expected, "{counted:?}");
        }
    }
}
