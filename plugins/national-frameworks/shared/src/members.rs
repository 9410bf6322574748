//! Who is in the family on a day, and how old.

use std::collections::{BTreeMap, BTreeSet};

use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::hearth::family::household::{Member, ages, members};
use crate::hearth::family::types::{Absence, Day, Person};
use crate::say;
use crate::window::one_day;

/// Compulsory school age in England, in the whole years that the record gives (Education Act 1996, section 8).
const SCHOOL_AGE: std::ops::RangeInclusive<u8> = 5..=16;
pub const ADULT: u8 = 18;

pub struct Members {
    pub on: Day,
    rows: Vec<Member>,
    ages: BTreeMap<Person, Option<u8>>,
}

impl Members {
    pub fn on(day: Day) -> Result<Self, Absence> {
        let rows = members(one_day(day))?;
        let persons: Vec<Person> = rows.iter().map(|row| row.person).collect::<BTreeSet<_>>().into_iter().collect();
        let years = ages(&persons, day)?;
        Ok(Self { on: day, rows, ages: persons.into_iter().zip(years).collect() })
    }

    /// Members who live in the home, in order of their handles, with their ages.
    pub fn residents(&self) -> impl Iterator<Item = (Person, Option<u8>)> {
        let residents: BTreeSet<Person> = self.rows.iter().filter(|row| row.resident).map(|row| row.person).collect();
        residents.into_iter().map(|person| (person, self.ages[&person]))
    }

    #[must_use]
    pub fn children_of_school_age(&self) -> Vec<Person> {
        self.residents().filter(|(_, age)| age.is_some_and(|years| SCHOOL_AGE.contains(&years))).map(|(person, _)| person).collect()
    }

    /// Residents who may be of school age, for all that is known.
    #[must_use]
    pub fn without_age(&self) -> Vec<Person> {
        self.residents().filter(|(_, age)| age.is_none()).map(|(person, _)| person).collect()
    }

    /// Is the member an adult? None where the age is not known; somebody who is no member is not.
    #[must_use]
    pub fn is_adult(&self, person: Person) -> Option<bool> {
        self.ages.get(&person).map_or(Some(false), |age| age.map(|years| years >= ADULT))
    }

    /// An adult member who does not live in the family's home.
    #[must_use]
    pub fn is_adult_elsewhere(&self, person: Person) -> bool {
        self.is_adult(person) == Some(true) && !self.rows.iter().any(|row| row.person == person && row.resident)
    }

    #[must_use]
    pub fn says_no_child_of_school_age(&self) -> Reason {
        say::reason("no-school-age-child", &[], self.basis_of_residents())
    }

    /// A reason about one member that rests on the membership.
    #[must_use]
    pub fn says(&self, template: &str, person: Person) -> Reason {
        let memberships = self.rows.iter().filter(|row| row.person == person).map(|row| row.fact);
        say::reason(template, &[("person", Arg::Person(person))], say::facts(memberships))
    }

    #[must_use]
    pub fn basis_of_residents(&self) -> Vec<Basis> {
        let residents = self.rows.iter().filter(|row| row.resident).map(|row| row.fact);
        say::facts_or_none(residents, "household", "membership", one_day(self.on))
    }
}
