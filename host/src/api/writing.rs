//! May somebody write about whom they name? Who is not theirs to know of is answered as who is not there.

use std::collections::HashMap;

use super::caller::Council;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{FactId, FamilyId, HomeId, NewFact, PersonId};
use crate::store::{Hidden, Reader, Seen, StoreError};

/// Looks at facts that somebody wants to write; remembers what it looked at.
pub struct Writing<'a> {
    council: &'a Council,
    reader: Reader,
    hidden: Hidden,
    known: HashMap<Named, bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Family(FamilyId),
    Person(PersonId),
    Home(HomeId),
    Fact(FactId),
}

impl<'a> Writing<'a> {
    /// # Errors
    /// `not-allowed` where writing so is not theirs at all.
    pub async fn by(council: &'a Council, verb: Verb) -> Result<Self, Problem> {
        let reader = council.reader(verb)?;
        let hidden = council.store.hidden_from(&reader).await?;
        Ok(Self { council, reader, hidden, known: HashMap::new() })
    }

    /// The first fact that is about somebody or something that they do not know of.
    ///
    /// # Errors
    /// [`StoreError::Fact`] with its position, and in it `NoSuch`: the words of the store for what is not there.
    pub async fn check(&mut self, facts: &[NewFact]) -> Result<(), StoreError> {
        for (index, fact) in facts.iter().enumerate() {
            self.check_one(fact).await.map_err(|why| StoreError::Fact { index, why: Box::new(why) })?;
        }
        Ok(())
    }

    async fn check_one(&mut self, fact: &NewFact) -> Result<(), StoreError> {
        let subject = fact.subject;
        for person in [subject.person, subject.to].into_iter().flatten() {
            self.knows(Named::Person(person), "person", &person).await?;
        }
        if let Some(home) = subject.home {
            self.knows(Named::Home(home), "home", &home).await?;
        }
        if let Some(family) = subject.family {
            self.knows(Named::Family(family), "family", &family).await?;
        }
        if let Some(old) = fact.supersedes {
            self.knows(Named::Fact(old), "fact", &old).await?;
        }
        Ok(())
    }

    /// # Errors
    /// `NoSuch` where they do not know of the person.
    pub async fn person(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.knows(Named::Person(person), "person", &person).await
    }

    async fn knows(&mut self, named: Named, what: &'static str, id: &impl ToString) -> Result<(), StoreError> {
        let known = match self.known.get(&named) {
            Some(known) => *known,
            None => {
                let known = self.find(named).await?;
                self.known.insert(named, known);
                known
            }
        };
        if known {
            return Ok(());
        }
        self.council.tried(Seen::thing(what, id.to_string(), &[]));
        Err(StoreError::NoSuch { what, id: id.to_string() })
    }

    async fn find(&self, named: Named) -> Result<bool, StoreError> {
        let store = &self.council.store;
        let hidden = match named {
            Named::Person(person) => self.hidden.people.contains(&person),
            Named::Fact(fact) => self.hidden.facts.contains(&fact),
            Named::Family(_) | Named::Home(_) => false,
        };
        if hidden || self.reader.all {
            return Ok(!hidden);
        }
        let families = match named {
            Named::Family(family) => vec![family],
            Named::Person(person) => store.families_of(person).await?,
            Named::Home(home) => store.families_at(home).await?,
            Named::Fact(fact) => store.families_of_fact(fact).await?,
        };
        for family in families {
            // Only a case of their own: what is shared, or was opened in an emergency, is theirs to read.
            if store.relation(&self.reader, family).await?.is_some_and(|r| r.own) && self.shows(family, named).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A fact may be sealed within a family that is theirs.
    async fn shows(&self, family: FamilyId, named: Named) -> Result<bool, StoreError> {
        match named {
            Named::Fact(fact) => self.council.store.is_unsealed(&self.reader, family, fact).await,
            Named::Family(_) | Named::Person(_) | Named::Home(_) => Ok(true),
        }
    }
}
