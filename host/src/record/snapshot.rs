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

    /// Facts that count to a family: those that its runs see, and who its members are and where its homes lie.
    pub fn of_the_family(family: FamilyId, facts: &[Fact]) -> impl Iterator<Item = &Fact> {
        let periods = Periods::of(family, facts);
        facts.iter().filter(move |fact| match fact.kind() {
            Kind::Name | Kind::Birth | Kind::Identifier => fact.subject.person.is_some_and(|p| periods.members.contains_key(&p)),
            Kind::Address => fact.subject.home.is_some_and(|h| periods.homes.contains_key(&h)),
            _ => periods.show(fact),
        })
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
mod tests;
