//! The families of those whom rows are about, for kinds of fact that are about a family.

use std::collections::{BTreeSet, HashMap};

use super::IntakeError;
use super::mapping::Mapping;
use super::meet::{Found, Met};
use super::row::Whom;
use super::sheet::Refusal;
use crate::record::fact::About;
use crate::record::{FamilyId, HomeId, PersonId, Subject, Window};
use crate::store::{Belongings, Look};

/// Somebody of ours, where which family is meant cannot be told.
pub(super) fn whole(found: Found) -> Subject {
    match found {
        Found::Person(id) => Subject { person: Some(id), ..Subject::default() },
        Found::Home(id) => Subject { home: Some(id), ..Subject::default() },
        Found::Family(id) => Subject { family: Some(id), ..Subject::default() },
    }
}

/// Found once for many rows.
pub(super) struct Families {
    people: Belongings<PersonId>,
    homes: Belongings<HomeId>,
    by_reference: HashMap<String, FamilyId>,
}

impl Families {
    pub(super) async fn of(look: &mut Look<'_>, mapping: &Mapping, whom: &[&Whom], met: &[Met]) -> Result<Self, IntakeError> {
        let mut families = Self { people: HashMap::new(), homes: HashMap::new(), by_reference: HashMap::new() };
        match mapping.kind.about() {
            About::Family | About::WithinFamily | About::FamilyOrMember => {
                let found = || met.iter().filter_map(|m| if let Met::Same(found, _) = m { Some(*found) } else { None });
                let people: BTreeSet<PersonId> = found().filter_map(|f| if let Found::Person(id) = f { Some(id) } else { None }).collect();
                let homes: BTreeSet<HomeId> = found().filter_map(|f| if let Found::Home(id) = f { Some(id) } else { None }).collect();
                families.people = look.families_of_people(&people.into_iter().collect::<Vec<_>>()).await?;
                families.homes = look.families_of_homes(&homes.into_iter().collect::<Vec<_>>()).await?;
            }
            About::PersonInFamily | About::HomeOfFamily => {
                let references: BTreeSet<&str> = whom.iter().filter_map(|w| w.family.as_deref()).collect();
                families.by_reference = look.families_by_reference(&references.into_iter().collect::<Vec<_>>()).await?;
            }
            _ => {}
        }
        Ok(families)
    }

    /// What a fact of such a kind is about. A row of which no day could be read is refused for that, before this matters.
    pub(super) fn subject(&self, about: About, found: Found, whom: &Whom, window: Option<Window>) -> Result<Subject, Refusal> {
        let subject = whole(found);
        match about {
            About::Family | About::WithinFamily | About::FamilyOrMember => {
                let family = match found {
                    Found::Family(id) => id,
                    Found::Person(id) => one_family(self.people.get(&id), window, "the person")?,
                    Found::Home(id) => one_family(self.homes.get(&id), window, "the home")?,
                };
                let within = about == About::WithinFamily;
                let person = subject.person.filter(|_| within || about == About::FamilyOrMember);
                Ok(Subject { family: Some(family), person, to: None, home: subject.home.filter(|_| within) })
            }
            About::PersonInFamily | About::HomeOfFamily => {
                let family = whom.family.as_ref().and_then(|r| self.by_reference.get(r));
                let family = family.ok_or_else(|| Refusal::whole("no family of the record has this reference"))?;
                Ok(Subject { family: Some(*family), ..subject })
            }
            _ => Ok(subject),
        }
    }
}

fn one_family(of: Option<&Vec<(FamilyId, Window)>>, window: Option<Window>, whose: &str) -> Result<FamilyId, Refusal> {
    let then = |(_, belongs): &&(FamilyId, Window)| window.is_none_or(|w| w.overlaps(belongs));
    let families: BTreeSet<FamilyId> = of.into_iter().flatten().filter(then).map(|(family, _)| *family).collect();
    match families.len() {
        0 => Err(Refusal::whole(format!("{whose} belongs to no family on these days"))),
        1 => families.into_iter().next().ok_or_else(|| Refusal::whole("belongs to no family")),
        _ => Err(Refusal::whole(format!("{whose} belongs to more than one family on these days: enter it by hand"))),
    }
}
