//! A family on its way from one authority to another: what is given of it, and what the other makes of that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fact::About;
use super::referral::Described;
use super::reshape::Move;
use super::sections::identity::{Address, Identifier, Name};
use super::{
    Basis, Coverage, CoverageState, Day, Detail, Digest, Fact, FactId, FamilyId, HomeId, Kind, KnownAt, NewFact, OrganisationId, PersonId,
    Section, Sections, Snapshot, Subject, Window, canonical,
};

/// How packages are written today.
pub const FORMAT: u16 = 1;

/// Everything that is given. Its ids are those of the authority that gives it, and mean nothing to anybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub format: u16,
    pub family: FamilyId,
    pub reference: String,
    pub facts: Vec<PackedFact>,
    /// What is hidden there from all but named people, and is given all the same: to be hidden there too.
    pub sealed: Vec<PackedSeal>,
    /// Who was sent to the front door there, the first first. Packages of before have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub referrals: Vec<PackedReferral>,
}

/// A fact as the authority that gives it holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFact {
    pub id: FactId,
    pub subject: Subject,
    pub window: Window,
    pub source: OrganisationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub known_at: KnownAt,
    pub detail: Detail,
}

/// A seal on a fact, or on a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedSeal {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<FactId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<PersonId>,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// A referral as the authority that gives it holds it. Levels and routes are the names of that authority's plugin and are not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedReferral {
    pub came_on: Day,
    /// Code list referral-routes.
    pub route: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// Code list organisation-kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_kind: Option<String>,
    pub urgent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<bool>,
    /// What became of it, and when: code list triages. None: nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<(String, KnownAt)>,
    /// What was said in it, where all sections are given and nothing of the family is sealed: its words may tell anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<SaidInReferral>,
}

/// What was said in a referral, and of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidInReferral {
    /// Code list problems.
    pub problems: Vec<String>,
    pub told: Described,
    pub people: Vec<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// What the sender added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Why a person decided so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl PackedSeal {
    /// Does it hide the fact?
    #[must_use]
    pub fn hides(&self, fact: FactId, subject: &Subject) -> bool {
        self.fact == Some(fact) || self.member.is_some() && (self.member == subject.person || self.member == subject.to)
    }
}

/// How much was given: what both authorities keep, beside its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandedOver)]
pub struct Told {
    pub people: usize,
    pub homes: usize,
    /// How many facts of each section.
    pub facts: BTreeMap<String, usize>,
    /// How many seals go with them.
    pub sealed: usize,
    /// How many referrals to the front door.
    #[serde(default)]
    pub referrals: usize,
}

/// On what terms a family is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub sections: Vec<Section>,
    pub basis: Basis,
    pub reason: String,
    /// The first day on which it is the other authority's.
    pub first: Day,
    pub given_by: String,
    pub given_at: KnownAt,
    pub told: Told,
}

impl Package {
    /// What is given of a family, of the facts that whoever gives it may know of: those of the sections that count to the family, as runs see
    /// them, and who its people are and where it lives. `sealed` is what a person decided to give of what is sealed; `kept` stays.
    #[must_use]
    pub fn of(family: FamilyId, reference: &str, facts: &[Fact], sections: Sections, sealed: Vec<PackedSeal>, kept: &[PackedSeal]) -> Self {
        let given = Snapshot::of_the_family(family, facts)
            .filter(|f| sections.has(f.kind().section()) && !kept.iter().any(|s| s.hides(f.id, &f.subject)));
        let facts = given.map(|f| PackedFact {
            id: f.id,
            subject: f.subject,
            window: f.window,
            source: f.source.clone(),
            reference: f.reference.clone(),
            known_at: f.known_at,
            detail: f.detail.clone(),
        });
        let facts: Vec<PackedFact> = facts.collect();
        let sealed = sealed.into_iter().filter(|s| facts.iter().any(|f| s.hides(f.id, &f.subject))).collect();
        Self { format: FORMAT, family, reference: reference.to_owned(), facts, sealed, referrals: Vec::new() }
    }

    /// The bytes that are given, and what both authorities keep of them.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
    }

    /// Everybody whom its facts name.
    #[must_use]
    pub fn people(&self) -> BTreeSet<PersonId> {
        self.facts.iter().flat_map(|f| [f.subject.person, f.subject.to]).flatten().collect()
    }

    #[must_use]
    pub fn homes(&self) -> BTreeSet<HomeId> {
        self.facts.iter().filter_map(|f| f.subject.home).collect()
    }

    #[must_use]
    pub fn told(&self) -> Told {
        let mut facts = BTreeMap::new();
        for fact in &self.facts {
            *facts.entry(fact.detail.kind().section().code().to_owned()).or_default() += 1;
        }
        Told { people: self.people().len(), homes: self.homes().len(), facts, sealed: self.sealed.len(), referrals: self.referrals.len() }
    }

    /// What tells who somebody is, as far as it was given: names, birth dates, numbers.
    #[must_use]
    pub fn identity(&self, person: PersonId) -> (Vec<Name>, Vec<String>, Vec<Identifier>) {
        let (mut names, mut born, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for fact in self.facts.iter().filter(|f| f.subject.person == Some(person)) {
            match &fact.detail {
                Detail::Name(name) => names.push(name.clone()),
                Detail::Birth(birth) => born.push(birth.on.clone()),
                Detail::Identifier(identifier) => numbers.push(identifier.clone()),
                _ => {}
            }
        }
        (names, born, numbers)
    }

    /// Where a home lies, by the key of its address.
    pub fn addresses(&self) -> impl Iterator<Item = (HomeId, &Address)> {
        self.facts.iter().filter_map(|f| match &f.detail {
            Detail::Address(address) => Some((f.subject.home?, address)),
            _ => None,
        })
    }
}

/// Who and what its people and homes are in the record that takes a family in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub family: FamilyId,
    pub people: BTreeMap<PersonId, PersonId>,
    pub homes: BTreeMap<HomeId, HomeId>,
}

/// A fact as it is said here, and who had said it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub fact: NewFact,
    /// Its id there.
    pub there: FactId,
    pub source: OrganisationId,
    pub reference: Option<String>,
    pub known_at: KnownAt,
}

impl Here {
    /// Every fact of a package, said by the authority that gave it.
    #[must_use]
    pub fn facts(&self, package: &Package, from: &OrganisationId) -> Vec<Handed> {
        let person = |id: Option<PersonId>| id.and_then(|id| self.people.get(&id).copied());
        let handed = |packed: &PackedFact| Handed {
            fact: NewFact {
                id: FactId::fresh(),
                subject: Subject {
                    family: packed.subject.family.map(|_| self.family),
                    person: person(packed.subject.person),
                    to: person(packed.subject.to),
                    home: packed.subject.home.and_then(|id| self.homes.get(&id).copied()),
                },
                window: packed.window,
                source: from.clone(),
                reference: None,
                supersedes: None,
                detail: packed.detail.clone(),
            },
            there: packed.id,
            source: packed.source.clone(),
            reference: packed.reference.clone(),
            known_at: packed.known_at,
        };
        // Nobody is somebody else to themselves: two rows there may be one person here.
        let said = package.facts.iter().map(handed);
        said.filter(|h| h.fact.subject.person.is_none() || h.fact.subject.person != h.fact.subject.to).collect()
    }

    /// How well its people are known for the days before it was this authority's: no feed of this one speaks for them. In part, where it was
    /// given; not at all, where the section was not.
    #[must_use]
    pub fn coverage(&self, package: &Package, terms: &Terms, from: &OrganisationId) -> Vec<Coverage> {
        let given: Sections = terms.sections.iter().copied().collect();
        let Some(last) = terms.first.plus(-1) else { return Vec::new() };
        let mut all = Vec::new();
        for (there, here) in &self.people {
            let of_them = package.facts.iter().filter(|f| f.subject.person == Some(*there) && f.detail.kind() == Kind::Membership);
            let Some(first) = of_them.map(|f| f.window.first).min().filter(|first| *first <= last) else { continue };
            for kind in Kind::ALL.iter().filter(|k| is_of_people(**k)) {
                let state = if given.has(kind.section()) { CoverageState::Partial } else { CoverageState::None };
                all.push(Coverage { kind: *kind, person: Some(*here), first, last, state, source: from.clone(), order: 0 });
            }
        }
        all
    }
}

/// What feeds speak of: facts of people, wherever they live.
fn is_of_people(kind: Kind) -> bool {
    kind.section() != Section::Identity && matches!(kind.about(), About::Person | About::PersonOrHome | About::PersonOrHomeBy | About::Home)
}

/// What ends where a family has gone: whatever still goes on of its own, the day before it is another authority's.
#[must_use]
pub fn leave(own: &[Fact], first: Day) -> Vec<Move> {
    let ends = [Kind::Membership, Kind::Residence, Kind::Episode, Kind::EpisodeStanding, Kind::Worker];
    own.iter()
        .filter(|f| ends.contains(&f.kind()) && f.window.last.is_none_or(|last| last >= first))
        .map(|f| Move::ended(f, first))
        .collect()
}
