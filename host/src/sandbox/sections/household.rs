use super::{rows, shows, wit};
use crate::record::{Section, sections::household as record};
use crate::sandbox::bindings::hearth::family::household::{Host, Member, Relationship};
use crate::sandbox::run::{Run, day, short_list, wit_window};

const NAME: &str = "hearth:family/household";

shows! {
    Member: fact, person;
    Relationship: fact, person, to;
}

impl Host for Run {
    fn members(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Member>, wit::Absence>> {
        rows(self, NAME, Section::Household, window, |s| &s.household.members, |r| r.window, member)
    }

    fn relationships(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Relationship>, wit::Absence>> {
        rows(self, NAME, Section::Household, window, |s| &s.household.relationships, |r| r.window, relationship)
    }

    fn ages(&mut self, persons: Vec<u32>, on: i32) -> anyhow::Result<Result<Vec<Option<u8>>, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        short_list("persons", &persons)?;
        self.count_rows(persons.len())?;
        self.delivered.insert(Section::Household);
        let on = day(on)?;
        let age = |handle| self.person(handle).map(|person| person.born.and_then(|born| born.years_until(on)));
        persons.into_iter().map(age).collect::<anyhow::Result<Vec<_>>>().map(Ok)
    }
}

const fn member(r: &record::Member) -> Member {
    Member { fact: r.fact, person: r.person, resident: r.resident, window: wit_window(r.window) }
}

fn relationship(r: &record::Relationship) -> Relationship {
    Relationship { fact: r.fact, person: r.person, to: r.to, relation: r.relation.clone(), window: wit_window(r.window) }
}
