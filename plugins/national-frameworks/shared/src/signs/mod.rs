//! What the record shows of a problem. Each sign is one kind of fact over one window: the same function says that a problem is
//! there (over the months before) and that it has gone (over the months since).

pub mod crime;
pub mod education;
pub mod health;
pub mod housing;
pub mod money;
pub mod safety;

use std::collections::BTreeSet;

use crate::coverage::{Coverage, Known};
use crate::hearth::decision::messages::Reason;
use crate::hearth::family::types::{Absence, Fact, Person, Window};

/// One sign of a problem.
pub struct Sign {
    pub present: bool,
    pub whose: Whose,
    /// What is recorded, for or against.
    pub recorded: Vec<Reason>,
    /// How well it is known. Where that is complete, what is not recorded did not happen.
    pub known: Known,
}

/// Whose problem a sign shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Nobody's in particular.
    Family,
    Persons(BTreeSet<Person>),
}

impl Sign {
    /// Present if there is any such fact; `recorded` says so. `section` and `kind`: where it was looked for.
    pub fn of_facts(
        (section, kind): (&'static str, &'static str),
        window: Window,
        found: impl IntoIterator<Item = (Fact, Option<Person>)>,
        says: impl FnOnce(&[Fact], &BTreeSet<Person>) -> Reason,
    ) -> Result<Self, Absence> {
        let found: Vec<(Fact, Option<Person>)> = found.into_iter().collect();
        let coverage = Coverage::read(section, window)?;
        let known = coverage.known(kind, coverage.of_family(kind), found.len());
        let facts: Vec<Fact> = found.iter().map(|(fact, _)| *fact).collect();
        let persons: BTreeSet<Person> = found.iter().filter_map(|(_, person)| *person).collect();
        let recorded = if facts.is_empty() { Vec::new() } else { vec![says(&facts, &persons)] };
        let whose = if found.iter().all(|(_, person)| person.is_some()) { Whose::Persons(persons) } else { Whose::Family };
        Ok(Self { present: !facts.is_empty(), whose, recorded, known })
    }
}
