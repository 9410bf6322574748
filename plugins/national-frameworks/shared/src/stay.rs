//! The family's stay in the programme that the question is about.

use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Basis, Failure};
use crate::hearth::family::types::{Code, Day, Fact};
use crate::say;

pub struct Stay {
    pub engaged: Day,
    /// The last day, if it is over.
    pub closed: Option<Day>,
    /// The problems found at entry, in the order of the code list.
    pub needs: Vec<Code>,
    fact: Fact,
}

impl Stay {
    /// The stay, or why progress cannot be asked for: the family was never engaged, or only later.
    pub fn read(on: Day) -> Result<Self, Failure> {
        let episode::Stay { fact, window } = episode::current()?;
        if window.first > on {
            return Err(Failure { why: "engaged-after-as-of".into(), message: None });
        }
        let closed = window.last.filter(|last| *last < on);
        Ok(Self { engaged: window.first, closed, needs: episode::needs_at_entry()?, fact })
    }

    /// The stay if it had begun by `on`. A family need not be in the programme to be eligible for it.
    pub fn begun(on: Day) -> Result<Option<Self>, Failure> {
        match Self::read(on) {
            Ok(stay) => Ok(Some(stay)),
            Err(failure) if matches!(failure.why.as_str(), "no-episode" | "engaged-after-as-of") => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    #[must_use]
    pub fn has_need(&self, need: &str) -> bool {
        self.needs.iter().any(|n| n == need)
    }

    /// What everything that was said at entry rests on: the episode.
    #[must_use]
    pub fn basis(&self) -> Vec<Basis> {
        say::facts([self.fact])
    }
}
