//! Which facts a run sees: each row of the table, and the bytes of a kept snapshot.

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
    let order: Vec<_> = ours[&w.eldest].split(", ").map(|scheme| crate::record::codes::position("identifier-schemes", scheme)).collect();
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
    let bytes = include_str!("of_seven_sections.json").trim_end().as_bytes();
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
