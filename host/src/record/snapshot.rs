//! What a run is given of a family: its record at one revision, with handles instead of ids.
//!
//! Built from facts by one rule ([`Snapshot::build`]), kept as JSON under the hash of its bytes, read by every run and
//! every replay. The format number says how to read it for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::canonical;
use super::sections::Handle;
use super::sections::abuse::{Abuse, AbuseIncidentRow, ProgrammeRow};
use super::sections::assessments::{AssessmentRow, Assessments, ScoreRow};
use super::sections::education::{AttendanceRow, Education, ExclusionRow};
use super::sections::employment::{BenefitSpellRow, Employment, JobRow};
use super::sections::finance::{ArrearsRow, Finance, RepaymentPlanRow};
use super::sections::health::{AppointmentRow, Health, NeedRow};
use super::sections::household::{Household, Member, Relationship};
use super::sections::housing::{EvictionStepRow, Housing, TenancyRow};
use super::sections::identity::Scheme;
use super::sections::notes::{ContactRow, NoteRow, Notes};
use super::sections::offending::{CalloutRow, IncidentRow, InterventionRow, OffenceRow, Offending};
use super::sections::safeguarding::{Safeguarding, StandingRow};
use super::sections::support::{EpisodeRow, EpisodeStandingRow, GoalRow, ServiceUseRow, Support, WorkerRow};
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
    /// Sections that came after the first seven are left out where nothing is in them, so that a family without such
    /// facts has the bytes, and the hash, that it had before.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub abuse: Abuse,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub health: Health,
    pub employment: Employment,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub housing: Housing,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub finance: Finance,
    pub support: Support,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub assessments: Assessments,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub notes: Notes,
    /// What is known of single people; what feeds say of the whole authority is given beside the snapshot.
    pub coverage: Vec<PersonCoverage>,
}

/// Nothing of the section is recorded.
fn is_empty<T: Default + PartialEq>(section: &T) -> bool {
    *section == T::default()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonEntry {
    pub id: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Day>,
    /// Of the birth date only the month is known; `born` is its first day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub born_to_the_month: bool,
    /// Schemes of the identifiers that are recorded, each once, in the order of code list identifier-schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
}

impl PersonEntry {
    /// How exactly the birth date is known: code list birth-dates.
    #[must_use]
    pub const fn birth_known(&self) -> &'static str {
        match (self.born, self.born_to_the_month) {
            (None, _) => "not-known",
            (Some(_), true) => "month",
            (Some(_), false) => "day",
        }
    }
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
    /// Its place among all that was said, of anybody.
    pub order: u64,
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
    /// | the family: membership, residence, support, housing, finance, assessments, notes | always; people and homes that never were its are not named |
    /// | a person | it shares a day with one of the person's memberships of this family |
    /// | one person to another | both are members, and it shares a day with a membership of each |
    /// | a home | it shares a day with the home's being this family's |
    /// | the household (antisocial behaviour or abuse, nobody named) | as a home's |
    /// | abuse of a person | as that person's; never as the facts of who is said to have done it |
    /// | the text of a note, the title of a goal | never |
    /// | identity | never; of a birth date, the day that ages count from and whether it is the month's; of an identifier that shares a day with one of the person's memberships, its scheme |
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
            abuse: Abuse::default(),
            health: Health::default(),
            employment: Employment::default(),
            housing: Housing::default(),
            finance: Finance::default(),
            support: Support::default(),
            assessments: Assessments::default(),
            notes: Notes::default(),
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
                    order: statement.order,
                });
            }
        }
        snapshot
    }

    /// The bytes that are kept, and their name.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
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
            (Detail::AbuseIncident(d), person, alleged_by, home) => self.abuse.incidents.push(AbuseIncidentRow {
                fact: number,
                person,
                home,
                alleged_by,
                on,
                child_present: d.child_present,
                high_risk: d.high_risk,
            }),
            (Detail::AbuseProgramme(d), Some(person), ..) => {
                self.abuse.programmes.push(ProgrammeRow { fact: number, person, window, state: d.state.clone() })
            }
            (Detail::HealthNeed(d), Some(person), ..) => self.health.needs.push(NeedRow {
                fact: number,
                person,
                need: d.need.clone(),
                professional_identified: d.professional_identified,
                window,
            }),
            (Detail::HealthAppointment(d), Some(person), ..) => {
                self.health.appointments.push(AppointmentRow { fact: number, person, need: d.need.clone(), on, kept: d.kept })
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
            (Detail::Tenancy(d), holder, _, home) => {
                self.housing.tenancies.push(TenancyRow { fact: number, home, holder, tenure: d.tenure.clone(), window })
            }
            (Detail::EvictionStep(d), person, _, home) => {
                self.housing.eviction_steps.push(EvictionStepRow { fact: number, home, person, on, stage: d.stage.clone() })
            }
            (Detail::Arrears(d), person, _, home) => {
                self.finance.arrears.push(ArrearsRow { fact: number, debt: d.debt.clone(), amount_pence: d.amount_pence, person, home, on })
            }
            (Detail::RepaymentPlan(d), ..) => {
                self.finance.repayment_plans.push(RepaymentPlanRow { fact: number, window, state: d.state.clone() })
            }
            (Detail::Worker(d), ..) => {
                self.support.workers.push(WorkerRow { fact: number, role: d.role.clone(), organisation_kind: d.employer.clone(), window })
            }
            (Detail::EpisodeStanding(d), ..) => {
                let row = EpisodeStandingRow { fact: number, stage: d.stage.clone(), tier: d.tier.clone(), window };
                self.support.standings.push(row);
            }
            (Detail::Episode(d), ..) => self.support.episodes.push(EpisodeRow { fact: number, needs: d.needs.clone(), window }),
            (Detail::Goal(d), person, ..) => self.support.goals.push(GoalRow {
                fact: number,
                domain: d.domain.clone(),
                person,
                state: d.state.clone(),
                due: d.due,
                window,
            }),
            (Detail::ServiceUse(d), person, ..) => self.support.services_used.push(ServiceUseRow {
                fact: number,
                service: d.service.clone(),
                person,
                organisation_kind: d.employer.clone(),
                state: d.state.clone(),
                window,
            }),
            (Detail::Assessment(d), ..) => {
                self.assessments.completed.push(AssessmentRow { fact: number, form: d.form.clone(), on, state: d.state.clone() })
            }
            (Detail::Score(d), person, ..) => self.assessments.scores.push(ScoreRow {
                fact: number,
                form: d.form.clone(),
                domain: d.domain.clone(),
                person,
                on,
                value_tenths: d.value_tenths,
                least_tenths: d.least_tenths,
                most_tenths: d.most_tenths,
                higher_is_better: d.higher_is_better,
            }),
            (Detail::Contact(d), person, _, home) => self.notes.contacts.push(ContactRow {
                fact: number,
                how: d.how.clone(),
                role: d.role.clone(),
                person,
                home,
                on,
                kept: d.kept,
            }),
            (Detail::Note(d), person, ..) => {
                self.notes.written.push(NoteRow { fact: number, topic: d.topic.clone(), role: d.role.clone(), person, on })
            }
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
        self.abuse.programmes.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.health.needs.sort_by_key(|r| (r.person, r.window.first, r.fact));
        self.health.appointments.sort_by_key(|r| (r.person, r.on, r.fact));
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

    /// Was the person a member on a day of the fact's?
    fn member(&self, person: Option<PersonId>, fact: &Fact) -> bool {
        let memberships = person.and_then(|p| self.members.get(&p));
        memberships.is_some_and(|w| w.iter().any(|w| w.overlaps(&fact.window)))
    }

    fn show(&self, fact: &Fact) -> bool {
        let member = |person| self.member(person, fact);
        let home = || {
            let residences = fact.subject.home.and_then(|h| self.homes.get(&h));
            residences.is_some_and(|w| w.iter().any(|w| w.overlaps(&fact.window)))
        };
        match fact.kind() {
            Kind::Name | Kind::Birth | Kind::Identifier | Kind::Address => false,
            Kind::Membership
            | Kind::Residence
            | Kind::Worker
            | Kind::Episode
            | Kind::EpisodeStanding
            | Kind::Tenancy
            | Kind::EvictionStep
            | Kind::Arrears
            | Kind::RepaymentPlan
            | Kind::Assessment
            | Kind::Score
            | Kind::Contact
            | Kind::Note
            | Kind::Goal
            | Kind::ServiceUse => fact.subject.family == Some(self.family),
            Kind::Relationship => member(fact.subject.person) && member(fact.subject.to),
            Kind::PoliceCallout => home(),
            Kind::AntisocialIncident | Kind::AbuseIncident if fact.subject.person.is_none() => home(),
            _ => member(fact.subject.person),
        }
    }

    /// In the order in which they joined; those of one day by id.
    fn people(&self, facts: &[Fact]) -> Vec<PersonEntry> {
        // Two birth dates in force (two agencies, say): the one that was learnt last counts, whatever order they come in.
        let mut births: Vec<_> = facts
            .iter()
            .filter_map(|f| match &f.detail {
                Detail::Birth(birth) => Some((f.known_at, f.id, f.subject.person?, birth.day().ok()?, birth.to_the_month())),
                _ => None,
            })
            .collect();
        births.sort_unstable();
        let born: HashMap<PersonId, (Day, bool)> =
            births.into_iter().map(|(_, _, person, day, to_the_month)| (person, (day, to_the_month))).collect();
        let mut held: HashMap<PersonId, BTreeSet<Scheme>> = HashMap::new();
        for fact in facts {
            if let (Detail::Identifier(identifier), Some(person)) = (&fact.detail, fact.subject.person)
                && self.member(Some(person), fact)
            {
                held.entry(person).or_default().insert(identifier.scheme);
            }
        }
        let joined: BTreeSet<(Day, PersonId)> = self
            .members
            .iter()
            .filter_map(|(person, windows)| windows.iter().map(|w| w.first).min().map(|first| (first, *person)))
            .collect();
        let entry = |(_, id)| {
            let (born, to_the_month) = born.get(&id).copied().unzip();
            let held = held.get(&id).into_iter().flatten().map(|s| s.code().to_owned()).collect();
            PersonEntry { id, born, born_to_the_month: to_the_month.unwrap_or(false), held }
        };
        joined.into_iter().map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::*;
    use crate::record::family_file::FamilyFile;
    use crate::record::{AuthorityId, Clock, KnownAt, Subject};

    const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo");

    /// 31 August 2026 at noon: the demonstration's as-of date.
    fn clock() -> Clock {
        Clock::fixed(KnownAt::try_from("2026-08-31T11:00:00Z".to_owned()).unwrap())
    }

    fn fact(subject: Subject, kind: Kind, window: &str, detail: Value) -> Fact {
        subject.check(kind).unwrap();
        Fact {
            id: FactId::fresh(),
            subject,
            window: window.parse().unwrap(),
            source: "e06000023".parse().unwrap(),
            source_kind: "council".into(),
            reference: None,
            supersedes: None,
            known_at: clock().now(),
            detail: Detail::read(kind, detail).unwrap(),
        }
    }

    fn of_person(person: PersonId) -> Subject {
        Subject { person: Some(person), ..Subject::default() }
    }

    fn between(person: PersonId, to: PersonId) -> Subject {
        Subject { person: Some(person), to: Some(to), ..Subject::default() }
    }

    fn of_home(home: HomeId) -> Subject {
        Subject { home: Some(home), ..Subject::default() }
    }

    fn of_family(family: FamilyId) -> Subject {
        Subject { family: Some(family), ..Subject::default() }
    }

    fn member(family: FamilyId, person: PersonId, window: &str) -> Fact {
        let subject = Subject { person: Some(person), ..of_family(family) };
        fact(subject, Kind::Membership, window, json!({ "resident": true }))
    }

    fn residence(family: FamilyId, home: HomeId, window: &str) -> Fact {
        fact(Subject { home: Some(home), ..of_family(family) }, Kind::Residence, window, json!({}))
    }

    /// Two families, the second of which the father lives in since he left the first; and the first family's two homes.
    struct World {
        ours: FamilyId,
        theirs: FamilyId,
        mother: PersonId,
        /// Ours from 2020-03-01 to 2025-11-30, theirs since 2025-12-01.
        father: PersonId,
        /// Ours until 2024-06-30, and again since 2025-07-21.
        eldest: PersonId,
        /// Ours since 2026-01-10, after the father left.
        baby: PersonId,
        /// Of the second family alone.
        stranger: PersonId,
        /// Ours until 2025-11-14.
        old_home: HomeId,
        /// Ours since 2025-11-15.
        new_home: HomeId,
        /// Never ours.
        their_home: HomeId,
        facts: Vec<Fact>,
    }

    impl World {
        fn new() -> Self {
            let [ours, theirs] = [FamilyId::fresh(), FamilyId::fresh()];
            let [mother, father, eldest, baby, stranger] = std::array::from_fn(|_| PersonId::fresh());
            let [old_home, new_home, their_home] = std::array::from_fn(|_| HomeId::fresh());
            let facts = vec![
                member(ours, mother, "2005-01-01.."),
                member(ours, father, "2020-03-01..2025-11-30"),
                member(theirs, father, "2025-12-01.."),
                member(ours, eldest, "2006-04-24..2024-06-30"),
                member(ours, eldest, "2025-07-21.."),
                member(ours, baby, "2026-01-10.."),
                member(theirs, stranger, "2010-01-01.."),
                residence(ours, old_home, "2015-01-01..2025-11-14"),
                residence(ours, new_home, "2025-11-15.."),
                residence(theirs, their_home, "2010-01-01.."),
            ];
            Self { ours, theirs, mother, father, eldest, baby, stranger, old_home, new_home, their_home, facts }
        }

        fn snapshot(&self, with: &[Fact]) -> Snapshot {
            let facts: Vec<Fact> = self.facts.iter().chain(with).cloned().collect();
            Snapshot::build(self.ours, 1, &facts, &[])
        }
    }

    const SEEN: bool = true;
    const HIDDEN: bool = false;

    fn check(world: &World, cases: &[(&str, Fact, bool)]) {
        for (says, fact, seen) in cases {
            let snapshot = world.snapshot(std::slice::from_ref(fact));
            assert_eq!(snapshot.facts.iter().any(|f| f.id == fact.id), *seen, "{says}: {} {}", fact.kind(), fact.window);
        }
    }

    #[test]
    fn facts_of_the_family_are_seen_whenever_they_were_and_another_familys_never() {
        let w = World::new();
        let (ours, theirs) = (of_family(w.ours), of_family(w.theirs));
        let worker = json!({ "role": "keyworker", "employer": "council" });
        let episode = json!({ "needs": ["health"] });
        check(
            &w,
            &[
                ("our worker", fact(ours, Kind::Worker, "2025-10-01..", worker.clone()), SEEN),
                ("our worker of long ago", fact(ours, Kind::Worker, "1999-01-01..1999-02-01", worker.clone()), SEEN),
                ("their worker", fact(theirs, Kind::Worker, "2025-10-01..", worker), HIDDEN),
                ("our episode", fact(ours, Kind::Episode, "2025-10-01..", episode.clone()), SEEN),
                ("their episode", fact(theirs, Kind::Episode, "2025-10-01..", episode), HIDDEN),
                ("a membership that is over", member(w.ours, w.father, "2010-01-01..2010-12-31"), SEEN),
                ("his membership of the other family", member(w.theirs, w.father, "2010-01-01..2010-12-31"), HIDDEN),
                ("a home of long ago", residence(w.ours, w.their_home, "2001-01-01..2001-12-31"), SEEN),
                ("their second home", residence(w.theirs, w.old_home, "2026-01-01.."), HIDDEN),
            ],
        );
    }

    #[test]
    fn facts_of_a_person_are_seen_if_they_share_a_day_with_a_membership() {
        let w = World::new();
        let (mother, father, eldest, stranger) = (of_person(w.mother), of_person(w.father), of_person(w.eldest), of_person(w.stranger));
        let offence = |who, on: &str| fact(who, Kind::Offence, &format!("{on}..{on}"), json!({ "proven": true }));
        let benefit = json!({ "benefit": "universal-credit", "out_of_work": true });
        let spell = |who, window| fact(who, Kind::BenefitSpell, window, benefit.clone());
        let attendance = json!({ "possible": 100, "attended": 90, "unauthorised": 4 });
        let intervention = json!({ "state": "completed" });
        let need = json!({ "need": "alcohol", "professional_identified": true });
        let standing = json!({ "status": "child-in-need" });
        check(
            &w,
            &[
                ("of a member", offence(mother, "2026-05-19"), SEEN),
                ("on the last day of a membership", offence(father, "2025-11-30"), SEEN),
                ("the day after", offence(father, "2025-12-01"), HIDDEN),
                ("on the first day of a membership", offence(father, "2020-03-01"), SEEN),
                ("the day before", offence(father, "2020-02-29"), HIDDEN),
                ("ends on the first day of a membership", spell(father, "2018-01-01..2020-03-01"), SEEN),
                ("ends the day before", spell(father, "2018-01-01..2020-02-29"), HIDDEN),
                ("starts on the last day of a membership", spell(father, "2025-11-30.."), SEEN),
                ("starts the day after", spell(father, "2025-12-01.."), HIDDEN),
                ("around a whole membership", spell(father, "2000-01-01.."), SEEN),
                ("in the gap between two memberships", spell(eldest, "2024-07-01..2025-07-20"), HIDDEN),
                ("from the gap into the second", spell(eldest, "2024-07-01..2025-07-21"), SEEN),
                ("of somebody of another family", offence(stranger, "2026-05-19"), HIDDEN),
                ("attendance", fact(eldest, Kind::Attendance, "2025-04-22..2025-07-21", attendance.clone()), SEEN),
                ("attendance that ended a day too soon", fact(eldest, Kind::Attendance, "2025-04-22..2025-07-20", attendance), HIDDEN),
                ("exclusion", fact(eldest, Kind::Exclusion, "2024-09-02..2024-09-06", json!({ "how": "fixed-term" })), HIDDEN),
                ("intervention", fact(father, Kind::BehaviourIntervention, "2025-11-01..2026-03-01", intervention.clone()), SEEN),
                ("intervention, later", fact(father, Kind::BehaviourIntervention, "2025-12-01..2026-03-01", intervention), HIDDEN),
                ("standing", fact(eldest, Kind::SafeguardingStanding, "2024-07-01..2025-07-20", standing), HIDDEN),
                ("health need", fact(father, Kind::HealthNeed, "2025-11-30..", need.clone()), SEEN),
                ("health need, later", fact(father, Kind::HealthNeed, "2025-12-01..", need), HIDDEN),
                ("appointment", fact(father, Kind::HealthAppointment, "2025-11-30..2025-11-30", json!({ "kept": false })), SEEN),
                ("appointment, later", fact(father, Kind::HealthAppointment, "2025-12-01..2025-12-01", json!({})), HIDDEN),
                ("job", fact(father, Kind::Job, "2025-12-08..", json!({})), HIDDEN),
            ],
        );
    }

    #[test]
    fn a_person_in_two_families_brings_to_each_what_overlaps_there() {
        let w = World::new();
        let before = fact(of_person(w.father), Kind::Offence, "2025-11-30..2025-11-30", json!({ "proven": true }));
        let after = fact(of_person(w.father), Kind::Offence, "2025-12-01..2025-12-01", json!({ "proven": true }));
        let facts: Vec<Fact> = w.facts.iter().chain([&before, &after]).cloned().collect();
        let days = |family| Snapshot::build(family, 1, &facts, &[]).offending.offences.iter().map(|o| o.on.to_string()).collect::<Vec<_>>();
        assert_eq!(days(w.ours), ["2025-11-30"]);
        assert_eq!(days(w.theirs), ["2025-12-01"]);
    }

    #[test]
    fn a_relationship_is_seen_if_it_shares_a_day_with_a_membership_of_each() {
        let w = World::new();
        let relation = |who, window, what: &str| fact(who, Kind::Relationship, window, json!({ "relation": what }));
        let couple = between(w.father, w.mother);
        check(
            &w,
            &[
                ("partners while he lived here", relation(couple, "2020-03-01..2025-11-30", "partner"), SEEN),
                ("a former partner since his last day", relation(couple, "2025-11-30..", "ex-partner"), SEEN),
                ("a former partner since the day after", relation(couple, "2025-12-01..", "ex-partner"), HIDDEN),
                ("partners until the day before he came", relation(couple, "2019-01-01..2020-02-29", "partner"), HIDDEN),
                ("written the other way round", relation(between(w.mother, w.father), "2025-12-01..", "ex-partner"), HIDDEN),
                ("his new partner, whom we do not know", relation(between(w.father, w.stranger), "2024-01-01..", "partner"), HIDDEN),
                ("the same, written the other way round", relation(between(w.stranger, w.father), "2024-01-01..", "partner"), HIDDEN),
                ("with each, though not on one day", relation(between(w.father, w.baby), "2025-11-30..2026-01-10", "parent"), SEEN),
                ("with him alone", relation(between(w.father, w.baby), "2025-11-30..2026-01-09", "parent"), HIDDEN),
                ("with the baby alone", relation(between(w.father, w.baby), "2026-01-10..", "parent"), HIDDEN),
            ],
        );
    }

    #[test]
    fn what_happens_at_a_home_is_the_familys_while_the_home_is() {
        let w = World::new();
        let callout = |home, on: &str| fact(of_home(home), Kind::PoliceCallout, &format!("{on}..{on}"), json!({ "domestic": false }));
        let incident = |who, on: &str| fact(who, Kind::AntisocialIncident, &format!("{on}..{on}"), json!({}));
        let at_home = |home, person| Subject { home: Some(home), ..of_person(person) };
        check(
            &w,
            &[
                ("on the last day in the old home", callout(w.old_home, "2025-11-14"), SEEN),
                ("at the old home the day after", callout(w.old_home, "2025-11-15"), HIDDEN),
                ("on the first day in the new home", callout(w.new_home, "2025-11-15"), SEEN),
                ("at the new home the day before", callout(w.new_home, "2025-11-14"), HIDDEN),
                ("at a home that never was ours", callout(w.their_home, "2025-11-14"), HIDDEN),
                ("the household, on the last day", incident(of_home(w.old_home), "2025-11-14"), SEEN),
                ("the household, the day after", incident(of_home(w.old_home), "2025-11-15"), HIDDEN),
                ("a member, on his last day", incident(of_person(w.father), "2025-11-30"), SEEN),
                ("a member, the day after", incident(of_person(w.father), "2025-12-01"), HIDDEN),
                ("a member at a home that never was ours", incident(at_home(w.their_home, w.mother), "2026-02-01"), SEEN),
                ("a stranger at our home", incident(at_home(w.new_home, w.stranger), "2026-02-01"), HIDDEN),
            ],
        );
        let elsewhere = w.snapshot(&[incident(at_home(w.their_home, w.mother), "2026-02-01")]);
        assert_eq!(elsewhere.offending.incidents[0].home, None, "a home that never was ours is not named");
    }

    #[test]
    fn abuse_is_seen_with_the_family_of_whoever_suffered_it() {
        let w = World::new();
        let incident = |subject, on: &str| fact(subject, Kind::AbuseIncident, &format!("{on}..{on}"), json!({ "high_risk": true }));
        let by = |subject: Subject, to| Subject { to: Some(to), ..subject };
        let (mother, stranger) = (of_person(w.mother), of_person(w.stranger));
        let programme = |who, window| fact(of_person(who), Kind::AbuseProgramme, window, json!({ "state": "completed" }));
        check(
            &w,
            &[
                ("while both lived here", incident(by(mother, w.father), "2025-11-30"), SEEN),
                ("after he left", incident(by(mother, w.father), "2025-12-01"), SEEN),
                ("his new partner, by him", incident(by(stranger, w.father), "2025-06-01"), HIDDEN),
                ("him, after he left", incident(of_person(w.father), "2025-12-01"), HIDDEN),
                ("nobody named, on the last day in the old home", incident(by(of_home(w.old_home), w.father), "2025-11-14"), SEEN),
                ("nobody named, the day after", incident(by(of_home(w.old_home), w.father), "2025-11-15"), HIDDEN),
                ("his programme, begun while he was here", programme(w.father, "2025-11-30..2026-02-20"), SEEN),
                ("his programme, begun later", programme(w.father, "2025-12-01..2026-02-20"), HIDDEN),
            ],
        );
        let alleged = |to| {
            let snapshot = w.snapshot(&[incident(by(mother, to), "2026-02-01")]);
            snapshot.abuse.incidents[0].alleged_by.map(|h| snapshot.people[h as usize].id)
        };
        assert_eq!(alleged(w.father), Some(w.father), "a former member is named");
        assert_eq!(alleged(w.stranger), None, "somebody of another family is not");
    }

    #[test]
    fn what_is_said_of_the_family_names_its_own_people_and_homes_alone() {
        let w = World::new();
        let tenancy = |person, home| {
            let subject = Subject { person, home, ..of_family(w.ours) };
            let snapshot = w.snapshot(&[fact(subject, Kind::Tenancy, "2001-01-01..", json!({ "tenure": "council" }))]);
            let row = snapshot.housing.tenancies[0].clone();
            (row.holder.map(|h| snapshot.people[h as usize].id), row.home.map(|h| snapshot.homes[h as usize]))
        };
        assert_eq!(tenancy(None, None), (None, None));
        assert_eq!(tenancy(Some(w.father), Some(w.old_home)), (Some(w.father), Some(w.old_home)), "of before");
        assert_eq!(tenancy(Some(w.stranger), Some(w.their_home)), (None, None), "another family's");
        let owed =
            |family| fact(of_family(family), Kind::Arrears, "2026-05-05..2026-05-05", json!({ "debt": "rent", "amount_pence": 120_050 }));
        let plan = |family| fact(of_family(family), Kind::RepaymentPlan, "2026-05-05..", json!({ "state": "started" }));
        let step = |family, on: &str| fact(of_family(family), Kind::EvictionStep, &format!("{on}..{on}"), json!({ "stage": "notice" }));
        check(
            &w,
            &[
                ("our notice, before anybody joined", step(w.ours, "1999-05-05"), SEEN),
                ("their notice", step(w.theirs, "2026-05-05"), HIDDEN),
                ("our rent arrears", owed(w.ours), SEEN),
                ("theirs", owed(w.theirs), HIDDEN),
                ("our plan", plan(w.ours), SEEN),
                ("their plan", plan(w.theirs), HIDDEN),
            ],
        );
    }

    /// One fact of each kind that is said of the family with somebody named, on or since `on`.
    fn said_of(family: FamilyId, person: Option<PersonId>, home: Option<HomeId>, on: &str) -> Vec<Fact> {
        let subject = Subject { person, ..of_family(family) };
        let (day, since) = (format!("{on}..{on}"), format!("{on}.."));
        let score = json!({
            "form": "whole-family", "domain": "school", "value_tenths": 35, "least_tenths": 10, "most_tenths": 100, "higher_is_better": true,
        });
        vec![
            fact(subject, Kind::Score, &day, score),
            fact(Subject { home, ..subject }, Kind::Contact, &day, json!({ "how": "visit", "role": "keyworker", "kept": true })),
            fact(subject, Kind::Note, &day, json!({ "topic": "school", "role": "keyworker", "text": "QUILLON likes\nWednesdays" })),
            fact(subject, Kind::Goal, &since, json!({ "domain": "school", "state": "set", "title": "VEXLEY by nine" })),
            fact(subject, Kind::ServiceUse, &since, json!({ "service": "parenting", "state": "waiting", "employer": "charity" })),
        ]
    }

    #[test]
    fn assessments_notes_goals_and_services_are_the_familys_and_name_its_own_people_and_homes_alone() {
        let w = World::new();
        let completed = json!({ "form": "whole-family", "state": "completed" });
        let assessment = |family| fact(of_family(family), Kind::Assessment, "1999-05-05..1999-05-05", completed.clone());
        let said = |family, person| said_of(family, person, None, "1999-05-05").into_iter();
        let mut cases = vec![("our assessment", assessment(w.ours), SEEN), ("their assessment", assessment(w.theirs), HIDDEN)];
        cases.extend(said(w.ours, None).map(|f| ("ours, before anybody joined", f, SEEN)));
        cases.extend(said(w.ours, Some(w.father)).map(|f| ("ours about him, before he joined", f, SEEN)));
        cases.extend(said(w.theirs, Some(w.father)).map(|f| ("theirs about him", f, HIDDEN)));
        check(&w, &cases);

        let named = |person, home| {
            let snapshot = w.snapshot(&said_of(w.ours, person, home, "2026-02-01"));
            let people = [
                snapshot.assessments.scores[0].person,
                snapshot.notes.contacts[0].person,
                snapshot.notes.written[0].person,
                snapshot.support.goals[0].person,
                snapshot.support.services_used[0].person,
            ];
            let people: BTreeSet<_> = people.into_iter().map(|p| p.map(|h| snapshot.people[h as usize].id)).collect();
            (Vec::from_iter(people), snapshot.notes.contacts[0].home.map(|h| snapshot.homes[h as usize]))
        };
        assert_eq!(named(Some(w.father), Some(w.old_home)), (vec![Some(w.father)], Some(w.old_home)), "of before");
        assert_eq!(named(Some(w.stranger), Some(w.their_home)), (vec![None], None), "another family's");
        assert_eq!(named(None, None), (vec![None], None));
    }

    #[test]
    fn the_words_of_a_note_and_of_a_goal_stay_in_the_record() {
        let w = World::new();
        let (_, bytes) = w.snapshot(&said_of(w.ours, Some(w.mother), None, "2026-02-01")).encode();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("whole-family"), "{text}");
        assert!(!text.contains("QUILLON") && !text.contains("VEXLEY"), "{text}");
    }

    #[test]
    fn of_identifiers_the_schemes_are_told_that_share_a_day_with_a_membership() {
        let w = World::new();
        let identifier = |who, window, scheme: &str, value: &str| {
            fact(of_person(who), Kind::Identifier, window, json!({ "scheme": scheme, "value": value }))
        };
        let facts = [
            identifier(w.father, "1990-01-01..2020-03-01", "nino", "AB123456C"),
            identifier(w.father, "1990-01-01..2020-02-29", "upn", "B801200005001"),
            identifier(w.father, "2025-12-01..", "nhs-number", "9434765919"),
            identifier(w.eldest, "2006-04-24..", "upn", "B801200005001"),
            identifier(w.eldest, "2010-04-24..", "upn", "H801200001001"),
            identifier(w.eldest, "2007-04-24..", "nhs-number", "9434765870"),
            identifier(w.stranger, "2010-01-01..", "nino", "AB123456C"),
        ];
        let held = |family| {
            let facts: Vec<Fact> = w.facts.iter().chain(&facts).cloned().collect();
            let snapshot = Snapshot::build(family, 1, &facts, &[]);
            snapshot.people.into_iter().map(|p| (p.id, p.held.join(", "))).collect::<HashMap<_, _>>()
        };
        let (ours, theirs) = (held(w.ours), held(w.theirs));
        assert_eq!(ours[&w.father], "nino", "what was his while he was here");
        assert_eq!(theirs[&w.father], "nhs-number", "and what is, there");
        assert_eq!(ours[&w.eldest], "nhs-number, upn", "each once, in the list's order");
        assert_eq!(ours[&w.mother], "");
        let order: Vec<_> =
            ours[&w.eldest].split(", ").map(|scheme| crate::record::codes::position("identifier-schemes", scheme)).collect();
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn a_birth_date_is_known_as_exactly_as_who_learnt_it_last_says() {
        let w = World::new();
        let known = |births: &[&str]| {
            let said = |(on, millis): (&&str, i64)| {
                let birth = fact(of_person(w.mother), Kind::Birth, "1985-06-01..", json!({ "on": on }));
                Fact { known_at: KnownAt::from_millis(millis), ..birth }
            };
            let mut births: Vec<Fact> = births.iter().zip(0..).map(said).collect();
            births.reverse();
            let mother = w.snapshot(&births).people.into_iter().find(|p| p.id == w.mother).unwrap();
            (mother.birth_known(), mother.born.map(|b| b.to_string()).unwrap_or_default())
        };
        assert_eq!(known(&[]), ("not-known", String::new()));
        assert_eq!(known(&["1985-06"]), ("month", "1985-06-01".into()));
        assert_eq!(known(&["1985-06-01"]), ("day", "1985-06-01".into()));
        assert_eq!(known(&["1985-06", "1985-06-11"]), ("day", "1985-06-11".into()));
        assert_eq!(known(&["1985-06-11", "1985-06"]), ("month", "1985-06-01".into()));
        for known in ["day", "month", "not-known"] {
            assert!(crate::record::codes::find("birth-dates", known).is_some(), "{known}");
        }
    }

    #[test]
    fn a_family_without_what_came_later_has_the_bytes_it_had_before() {
        let (_, bytes) = World::new().snapshot(&[]).encode();
        let text = String::from_utf8(bytes).unwrap();
        for field in ["assessments", "notes", "goals", "services_used", "held", "born_to_the_month"] {
            assert!(!text.contains(field), "{field} is in {text}");
        }
    }

    #[test]
    fn a_snapshot_of_before_the_later_sections_reads_and_keeps_its_hash() {
        let bytes = include_str!("snapshot_of_seven_sections.json").trim_end().as_bytes();
        let snapshot = Snapshot::decode(bytes).unwrap();
        assert_eq!(snapshot.support.episodes.len(), 1);
        assert_eq!(snapshot.abuse, Abuse::default());
        assert_eq!(snapshot.finance, Finance::default());
        assert_eq!(snapshot.housing, Housing::default());
        assert_eq!(snapshot.health, Health::default());
        assert_eq!(snapshot.assessments, Assessments::default());
        assert_eq!(snapshot.notes, Notes::default());
        assert!(snapshot.people.iter().all(|p| p.held.is_empty() && !p.born_to_the_month));
        assert_eq!(snapshot.encode().0, Digest::of(bytes));
    }

    #[test]
    fn identity_is_never_seen_but_for_the_day_that_ages_count_from() {
        let w = World::new();
        let mother = of_person(w.mother);
        let identity = [
            ("name", fact(mother, Kind::Name, "2005-01-01..", json!({ "given": "Quillon", "family": "Vexley" })), HIDDEN),
            ("birth", fact(mother, Kind::Birth, "1985-06-11..", json!({ "on": "1985-06-11" })), HIDDEN),
            ("identifier", fact(mother, Kind::Identifier, "2005-01-01..", json!({ "scheme": "nino", "value": "AB123456C" })), HIDDEN),
            (
                "address",
                fact(of_home(w.new_home), Kind::Address, "2025-11-15..", json!({ "lines": ["1 Ormolu Row"], "postcode": "BS99 1CK" })),
                HIDDEN,
            ),
        ];
        check(&w, &identity);
        let (_, bytes) = w.snapshot(&identity.map(|(_, fact, _)| fact)).encode();
        let text = String::from_utf8(bytes).unwrap();
        for word in ["Quillon", "Vexley", "AB123456C", "Ormolu", "BS99"] {
            assert!(!text.contains(word), "{word} is in the snapshot");
        }
        assert_eq!(text.matches("1985-06-11").count(), 1, "the birth date is there once, as `born`: {text}");
    }

    #[test]
    fn people_who_were_never_members_and_homes_that_never_were_ours_have_no_handle() {
        let w = World::new();
        let snapshot = w.snapshot(&[]);
        let people: Vec<PersonId> = snapshot.people.iter().map(|p| p.id).collect();
        assert_eq!(people, [w.mother, w.eldest, w.father, w.baby], "in the order in which they joined");
        assert_eq!(snapshot.homes.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([w.old_home, w.new_home]));
    }

    #[test]
    fn a_snapshot_of_a_later_format_is_refused_and_so_is_a_damaged_one() {
        let mut snapshot = World::new().snapshot(&[]);
        snapshot.format = FORMAT + 1;
        assert!(matches!(Snapshot::decode(&snapshot.encode().1), Err(Unreadable::Later(format)) if format == FORMAT + 1));
        let (_, bytes) = World::new().snapshot(&[]).encode();
        assert!(matches!(Snapshot::decode(&bytes[..bytes.len() - 1]), Err(Unreadable::Damaged(_))));
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// Every family document of the demonstration, with the authority whose folder it lies in.
    fn documents() -> Vec<(String, AuthorityId, FamilyFile)> {
        let mut documents = Vec::new();
        for folder in files(&Path::new(DEMO).join("families")) {
            let authority: AuthorityId = folder.file_name().unwrap().to_str().unwrap().parse().unwrap();
            for path in files(&folder) {
                let value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                let name = path.display().to_string();
                let document = crate::record::from_json(value).unwrap_or_else(|e| panic!("{name}: {e}"));
                documents.push((name, authority.clone(), document));
            }
        }
        assert!(documents.len() >= 13, "only {} family documents under {DEMO}", documents.len());
        documents
    }

    #[test]
    fn every_demonstration_family_resolves_and_comes_back_from_its_bytes() {
        for (name, authority, document) in documents() {
            let stated = document.facts.len();
            let (snapshot, family) = document.snapshot(&authority, &clock()).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(family.facts.len() > stated, "{name}: people and homes bring facts of their own");
            assert!(!snapshot.support.episodes.is_empty(), "{name}: has no episode");
            let (digest, bytes) = snapshot.encode();
            let read = Snapshot::decode(&bytes).unwrap();
            assert_eq!(read, snapshot, "{name}");
            assert_eq!(read.encode().0, digest, "{name}");
        }
    }

    #[test]
    fn the_same_facts_in_any_order_give_the_same_bytes() {
        for (name, authority, document) in documents() {
            let family = document.resolve(&authority).unwrap();
            let mut facts: Vec<Fact> = family.facts.iter().map(|f| f.clone().known("council", &clock())).collect();
            let (digest, _) = Snapshot::build(family.id, 1, &facts, &family.coverage).encode();
            for by in [1, facts.len() / 3, facts.len() / 2, facts.len() - 1] {
                facts.rotate_left(by);
                assert_eq!(Snapshot::build(family.id, 1, &facts, &family.coverage).encode().0, digest, "{name}, turned by {by}");
                facts.reverse();
                assert_eq!(Snapshot::build(family.id, 1, &facts, &family.coverage).encode().0, digest, "{name}, turned round");
            }
        }
    }

    #[test]
    fn the_demonstration_names_only_organisations_that_it_defines() {
        let read = |file: &str| -> Value { serde_json::from_slice(&std::fs::read(Path::new(DEMO).join(file)).unwrap()).unwrap() };
        let kinds: BTreeMap<String, String> = (read("organisations.json").as_array().unwrap().iter())
            .map(|o| (o["id"].as_str().unwrap().to_owned(), o["kind"].as_str().unwrap().to_owned()))
            .collect();
        let mut references = BTreeSet::new();
        let mut identifiers = BTreeSet::new();
        for (name, authority, document) in documents() {
            assert!(references.insert((authority.clone(), document.reference.clone())), "{name}: its reference is another's");
            for (organisation, kind) in &document.organisations {
                assert_eq!(kinds.get(organisation), Some(kind), "{name}: {organisation}");
            }
            let council = authority.as_str().to_ascii_lowercase();
            let listed = document.organisations.clone();
            let family = document.resolve(&authority).unwrap();
            for source in family.facts.iter().map(|f| &f.source).chain(family.coverage.iter().map(|c| &c.source)) {
                assert!(listed.contains_key(source.as_str()) || source.as_str() == council, "{name}: {source} is not listed");
            }
            for key in family.facts.iter().filter_map(crate::record::NewFact::key) {
                assert!(identifiers.insert(key.clone()), "{name}: {key} is another's");
            }
        }
        for row in [read("feeds.json"), read("coverage.json")].iter().flat_map(|rows| rows.as_array().unwrap()) {
            let (authority, source) = (row["authority"].as_str().unwrap(), row["source"].as_str().unwrap());
            assert!(kinds.contains_key(source) || source == authority.to_ascii_lowercase(), "{source}");
            match row.get("file") {
                Some(file) => {
                    row["covers"].as_str().unwrap().parse::<Window>().unwrap();
                    assert!(Path::new(DEMO).join("extracts").join(authority).join(file.as_str().unwrap()).is_file(), "{row}");
                }
                None => {
                    row["kind"].as_str().unwrap().parse::<Kind>().unwrap();
                    Window::new(row["first"].as_str().unwrap().parse().unwrap(), row["last"].as_str().unwrap().parse().ok()).unwrap();
                }
            }
        }
    }
}
