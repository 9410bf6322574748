//! Who is in the family on a day, and how old.

use std::collections::{BTreeMap, BTreeSet};

use crate::hearth::decision::messages::{Arg, Reason};
use crate::hearth::family::household::{Member, ages, members};
use crate::hearth::family::types::{Absence, Day, Person};
use crate::{one_day, say};

/// Compulsory school age in England, in the whole years that the record gives (Education Act 1996, section 8).
const SCHOOL_AGE: std::ops::RangeInclusive<u8> = 5..=16;
const ADULT: u8 = 18;

pub struct Members {
    on: Day,
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
    fn residents(&self) -> impl Iterator<Item = (Person, Option<u8>)> {
        let residents: BTreeSet<Person> = self.rows.iter().filter(|row| row.resident).map(|row| row.person).collect();
        residents.into_iter().map(|person| (person, self.ages[&person]))
    }

    pub fn children_of_school_age(&self) -> Vec<Person> {
        self.residents().filter(|(_, age)| age.is_some_and(|years| SCHOOL_AGE.contains(&years))).map(|(person, _)| person).collect()
    }

    /// Residents who may be of school age, for all that is known.
    pub fn without_age(&self) -> Vec<Person> {
        self.residents().filter(|(_, age)| age.is_none()).map(|(person, _)| person).collect()
    }

    /// Is the member an adult? None where the age is not known; somebody who is no member is not.
    pub fn is_adult(&self, person: Person) -> Option<bool> {
        self.ages.get(&person).map_or(Some(false), |age| age.map(|years| years >= ADULT))
    }

    pub fn says_no_child_of_school_age(&self) -> Reason {
        let residents = self.rows.iter().filter(|row| row.resident).map(|row| row.fact);
        say::reason("no-school-age-child", &[], say::facts_or_none(residents, "household", "membership", one_day(self.on)))
    }

    pub fn says_age_unknown(&self, person: Person) -> Reason {
        let memberships = self.rows.iter().filter(|row| row.person == person).map(|row| row.fact);
        say::reason("age-unknown", &[("person", Arg::Person(person))], say::facts(memberships))
    }
}
