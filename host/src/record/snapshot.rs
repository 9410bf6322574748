//! What a run is given of a family: its record at one revision, with handles instead of ids.
//!
//! Built from facts by one rule ([`Snapshot::build`]), kept as JSON under the hash of its bytes, read by every run and
//! every replay. The format number says how to read it for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::sections::Handle;
use super::sections::education::{AttendanceRow, Education, ExclusionRow};
use super::sections::employment::{BenefitSpellRow, Employment, JobRow};
use super::sections::household::{Household, Member, Relationship};
use super::sections::offending::{CalloutRow, IncidentRow, InterventionRow, OffenceRow, Offending};
use super::sections::safeguarding::{Safeguarding, StandingRow};
use super::sections::support::{EpisodeRow, Support, WorkerRow};
use super::{Coverage, CoverageState, Day, Detail, Digest, Fact, FactId, FamilyId, HomeId, Kind, PersonId, Window};

/// How [`Snapshot`]s are written today.
pub const FORMAT: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub format: u16,
    pub family: FamilyId,
    pub revision: u64,
    /// A person's handle is their position here; so with homes and facts.
    pub people: Vec<PersonEntry>,
    pub homes: Vec<HomeId>,
    pub facts: Vec<FactEntry>,
    pub household: Household,
    pub education: Education,
    pub offending: Offending,
    pub safeguarding: Safeguarding,
    pub employment: Employment,
    pub support: Support,
    /// What is known of single people; what feeds say of the whole authority is given beside the snapshot.
    pub coverage: Vec<PersonCoverage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonEntry {
    pub id: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactEntry {
    pub id: FactId,
    pub kind: Kind,
    /// Code list organisation-kinds.
    pub source: String,
    pub known_on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCoverage {
    pub kind: Kind,
    pub person: Handle,
    pub window: Window,
    pub state: CoverageState,
}

/// A stored snapshot that cannot be read: damaged, or written by a later host.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the snapshot has format {0}, and this host reads up to {FORMAT}")]
    Later(u16),
    #[error("the snapshot is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

impl Snapshot {
    /// Which facts a run about `family` sees, of all that may touch it. `facts` are those in force as known at the
    /// revision: facts of the family, of its present and former members, and of its present and former homes.
    ///
    /// | fact about | is seen if |
    /// |---|---|
    /// | the family: membership, residence, worker, episode | always |
    /// | a person | it shares a day with one of the person's memberships of this family |
    /// | one person to another | both are members, and it shares a day with a membership of each |
    /// | a home | it shares a day with the home's being this family's |
    /// | the household (antisocial behaviour, nobody named) | as a home's |
    /// | identity | never; of a birth date, the whole years |
    ///
    /// So a person in two families brings to each only what overlaps there, and what was counted to a house before the
    /// family moved in stays out.
    #[must_use]
    pub fn build(family: FamilyId, revision: u64, facts: &[Fact], coverage: &[Coverage]) -> Self {
        let periods = Periods::of(family, facts);
        let mut seen: Vec<&Fact> = facts.iter().filter(|f| periods.show(f)).collect();
        seen.sort_by_key(|f| (f.kind(), f.window.first, f.id));

        let people = periods.people(facts);
        let homes: Vec<HomeId> = periods.homes.keys().copied().collect();
        let handles = Handles {
            people: people.iter().zip(0..).map(|(p, h)| (p.id, h)).collect(),
            homes: homes.iter().zip(0..).map(|(id, h)| (*id, h)).collect(),
        };
        let mut snapshot = Self {
            format: FORMAT,
            family,
            revision,
            people,
            homes,
            facts: Vec::with_capacity(seen.len()),
            household: Household::default(),
            education: Education::default(),
            offending: Offending::default(),
            safeguarding: Safeguarding::default(),
            employment: Employment::default(),
            support: Support::default(),
            coverage: Vec::new(),
        };
        for fact in seen {
            snapshot.push(fact, &handles);
        }
        snapshot.order();
        for statement in coverage {
            if let Some(person) = statement.person.and_then(|p| handles.people.get(&p)) {
                snapshot.coverage.push(PersonCoverage {
                    kind: statement.kind,
                    person: *person,
                    window: statement.window(),
                    state: statement.state,
                });
            }
        }
        snapshot
    }

    /// The bytes that are kept, and their name.
    ///
    /// # Panics
    /// Never: a snapshot holds only words, numbers and dates.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        #[expect(clippy::expect_used, reason = "no map has a key that is not a string")]
        let bytes = serde_json::to_vec(self).expect("a snapshot always becomes JSON");
        (Digest::of(&bytes), bytes)
    }

    /// # Errors
    /// [`Unreadable`] where the bytes are damaged or later than this host.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let snapshot: Self = serde_json::from_slice(bytes)?;
        if snapshot.format > FORMAT { Err(Unreadable::Later(snapshot.format)) } else { Ok(snapshot) }
    }

    fn push(&mut self, fact: &Fact, handles: &Handles) {
        let number = Handle::try_from(self.facts.len()).unwrap_or(Handle::MAX);
        let person = fact.subject.person.and_then(|p| handles.people.get(&p).copied());
        let to = fact.subject.to.and_then(|p| handles.people.get(&p).copied());
        let home = fact.subject.home.and_then(|h| handles.homes.get(&h).copied());
        let (window, on) = (fact.window, fact.window.first);
        match (&fact.detail, person, to, home) {
            (Detail::Membership(d), Some(person), ..) => {
                self.household.members.push(Member { fact: number, person, resident: d.resident, window })
            }
            (Detail::Relationship(d), Some(person), Some(to), _) => {
                self.household.relationships.push(Relationship { fact: number, person, to, relation: d.relation.clone(), window })
            }
            (Detail::Attendance(d), Some(person), ..) => self.education.attendances.push(AttendanceRow {
                fact: number,
                person,
                window,
                possible: d.possible,
                attended: d.attended,
                unauthorised: d.unauthorised,
            }),
            (Detail::Exclusion(d), Some(person), ..) => {
                self.education.exclusions.push(ExclusionRow { fact: number, person, window, kind: d.how.clone() })
            }
            (Detail::Offence(d), Some(person), ..) => {
                self.offending.offences.push(OffenceRow { fact: number, person, on, proven: d.proven })
            }
            (Detail::AntisocialIncident(_), person, _, home) => {
                self.offending.incidents.push(IncidentRow { fact: number, person, home, on })
            }
            (Detail::PoliceCallout(d), _, _, Some(home)) => {
                self.offending.callouts.push(CalloutRow { fact: number, home, on, domestic: d.domestic, child_present: d.child_present })
            }
            (Detail::BehaviourIntervention(d), Some(person), ..) => {
                self.offending.interventions.push(InterventionRow { fact: number, person, window, state: d.state.clone() })
            }
            (Detail::SafeguardingStanding(d), Some(person), ..) => {
                self.safeguarding.standings.push(StandingRow { fact: number, person, status: d.status.clone(), window })
            }
            (Detail::BenefitSpell(d), Some(person), ..) => self.employment.benefit_spells.push(BenefitSpellRow {
                fact: number,
                person,
                benefit: d.benefit.clone(),
                out_of_work: d.out_of_work,
                window,
            }),
            (Detail::Job(d), Some(person), ..) => {
                self.employment.jobs.push(JobRow { fact: number, person, minutes_per_week: d.minutes_per_week, window })
            }
            (Detail::Worker(d), ..) => {
                self.support.workers.push(WorkerRow { fact: number, role: d.role.clone(), organisation_kind: d.employer.clone(), window })
            }
            (Detail::Episode(d), ..) => self.support.episodes.push(EpisodeRow { fact: number, needs: d.needs.clone(), window }),
            // A residence is seen as the home that it gives; nothing else is ever shown.
            (Detail::Residence(_), ..) => {}
            _ => return,
        }
        self.facts.push(FactEntry { id: fact.id, kind: fact.kind(), source: fact.source_kind.clone(), known_on: fact.known_at.day() });
    }

    /// Facts come in by first day; where the interface promises "person, first day, fact", persons come first.
    fn order(&mut self) {
        self.education.attendances.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.education.exclusions.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.safeguarding.standings.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.employment.benefit_spells.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.employment.jobs.sort_by_key(|r| (r.person, r.window.first, r.fact));
    }
}

struct Handles {
    people: HashMap<PersonId, Handle>,
    homes: HashMap<HomeId, Handle>,
}

/// When who was a member of this family, and when which home was its.
struct Periods {
    family: FamilyId,
    members: BTreeMap<PersonId, Vec<Window>>,
    homes: BTreeMap<HomeId, Vec<Window>>,
}

impl Periods {
    fn of(family: FamilyId, facts: &[Fact]) -> Self {
        let mut periods = Self { family, members: BTreeMap::new(), homes: BTreeMap::new() };
        for fact in facts.iter().filter(|f| f.subject.family == Some(family)) {
            match (&fact.detail, fact.subject.person, fact.subject.home) {
                (Detail::Membership(_), Some(person), _) => periods.members.entry(person).or_default().push(fact.window),
                (Detail::Residence(_), _, Some(home)) => periods.homes.entry(home).or_default().push(fact.window),
                _ => {}
            }
        }
        periods
    }

    fn show(&self, fact: &Fact) -> bool {
        let shared = |windows: Option<&Vec<Window>>| windows.is_some_and(|w| w.iter().any(|w| w.overlaps(&fact.window)));
        let member = |person: Option<PersonId>| person.is_some_and(|p| shared(self.members.get(&p)));
        let home = || fact.subject.home.is_some_and(|h| shared(self.homes.get(&h)));
        match fact.kind() {
            Kind::Name | Kind::Birth | Kind::Identifier | Kind::Address => false,
            Kind::Membership | Kind::Residence | Kind::Worker | Kind::Episode => fact.subject.family == Some(self.family),
            Kind::Relationship => member(fact.subject.person) && member(fact.subject.to),
            Kind::PoliceCallout => home(),
            Kind::AntisocialIncident if fact.subject.person.is_none() => home(),
            _ => member(fact.subject.person),
        }
    }

    /// In the order in which they joined; those of one day by id.
    fn people(&self, facts: &[Fact]) -> Vec<PersonEntry> {
        let born: HashMap<PersonId, Day> = facts
            .iter()
            .filter_map(|f| match &f.detail {
                Detail::Birth(birth) => Some((f.subject.person?, birth.day().ok()?)),
                _ => None,
            })
            .collect();
        let joined: BTreeSet<(Day, PersonId)> = self
            .members
            .iter()
            .filter_map(|(person, windows)| windows.iter().map(|w| w.first).min().map(|first| (first, *person)))
            .collect();
        joined.into_iter().map(|(_, id)| PersonEntry { id, born: born.get(&id).copied() }).collect()
    }
}
