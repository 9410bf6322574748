use super::wit;
use crate::record::Section;
use crate::record::snapshot::PersonEntry;
use crate::sandbox::bindings::hearth::family::identity::Host;
use crate::sandbox::run::{Run, short_list};

const NAME: &str = "hearth:family/identity";

impl Host for Run {
    fn identifiers_held(&mut self, persons: Vec<u32>) -> anyhow::Result<Result<Vec<Vec<String>>, wit::Absence>> {
        of_each(self, &persons, |person| person.held.clone())
    }

    fn births_known(&mut self, persons: Vec<u32>) -> anyhow::Result<Result<Vec<String>, wit::Absence>> {
        of_each(self, &persons, |person| person.birth_known().to_owned())
    }

    fn reaches(&mut self, persons: Vec<u32>, years: u8) -> anyhow::Result<Result<Vec<Option<i32>>, wit::Absence>> {
        of_each(self, &persons, |person| person.born.and_then(|born| born.birthday(years)).map(|day| day.number()))
    }
}

/// One answer a person, in the order given.
fn of_each<T>(run: &mut Run, persons: &[u32], answer: impl Fn(&PersonEntry) -> T) -> anyhow::Result<Result<Vec<T>, wit::Absence>> {
    if let Err(absence) = run.read(NAME)? {
        return Ok(Err(absence));
    }
    short_list("persons", persons)?;
    run.count_rows(persons.len())?;
    run.delivered.insert(Section::Identity);
    persons.iter().map(|handle| run.person(*handle).map(&answer)).collect::<anyhow::Result<Vec<_>>>().map(Ok)
}
