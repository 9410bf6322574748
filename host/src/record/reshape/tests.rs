use super::*;
use crate::record::KnownAt;
use crate::record::sections::household::Membership;
use crate::record::sections::identity::Birth;
use crate::record::sections::support::{Episode, Goal};

fn fact(subject: Subject, window: &str, detail: Detail) -> Fact {
    Fact {
        id: FactId::fresh(),
        subject,
        window: window.parse().unwrap(),
        source: "hill-school".parse().unwrap(),
        source_kind: "school".into(),
        reference: Some("r-1".into()),
        supersedes: None,
        known_at: KnownAt::from_millis(0),
        detail,
    }
}

fn member(family: FamilyId, person: PersonId, window: &str, resident: bool) -> Fact {
    let subject = Subject { family: Some(family), person: Some(person), ..Subject::default() };
    fact(subject, window, Detail::Membership(Membership { resident }))
}

fn of_family(family: FamilyId, window: &str, detail: Detail) -> Fact {
    fact(Subject { family: Some(family), ..Subject::default() }, window, detail)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn ids(facts: &[&[Fact]]) -> HashSet<FactId> {
    facts.iter().flat_map(|f| f.iter()).map(|f| f.id).collect()
}

/// What each move says: of whom, and for which days.
fn says(moves: &[Move]) -> Vec<Option<(Option<FamilyId>, String)>> {
    moves.iter().map(|m| m.new.as_ref().map(|n| (n.subject.family, n.window.to_string()))).collect()
}

#[test]
fn what_is_said_already_is_not_said_twice_and_everything_else_is() {
    let (gone, stays, ann, ben) = (FamilyId::fresh(), FamilyId::fresh(), PersonId::fresh(), PersonId::fresh());
    let facts = [
        member(gone, ann, "2024-01-01..2024-06-30", true),
        member(gone, ben, "2024-01-01..", true),
        member(gone, ann, "2024-01-01..2024-06-30", false),
    ];
    let there = [member(stays, ann, "2023-01-01..", true)];
    let moves = merge_families((gone, &facts), (stays, &there), None, &ids(&[&facts, &there]), day("2026-01-01")).unwrap();
    let said = |window: &str| Some((Some(stays), window.to_owned()));
    assert_eq!(says(&moves), [None, said("2024-01-01.."), said("2024-01-01..2024-06-30")]);
    let new = moves[1].new.as_ref().unwrap();
    assert_eq!((new.supersedes, new.reference.as_deref()), (Some(facts[1].id), Some("r-1")), "its source may send it again");

    // What is sealed from whoever asks does not take the place of what is seen.
    let moves = merge_families((gone, &facts), (stays, &there), None, &ids(&[&facts]), day("2026-01-01")).unwrap();
    assert_eq!(says(&moves)[0], said("2024-01-01..2024-06-30"));
}

#[test]
fn of_two_open_episodes_a_person_says_which_goes_on() {
    let (gone, stays) = (FamilyId::fresh(), FamilyId::fresh());
    let episode = |family, window: &str| of_family(family, window, Detail::Episode(Episode { needs: Vec::new() }));
    let (facts, there) = ([episode(gone, "2025-01-01..")], [episode(stays, "2025-05-01.."), episode(stays, "2020-01-01..2020-12-31")]);
    let merge = |choice| {
        let seen = ids(&[&facts, &there]);
        merge_families((gone, &facts), (stays, &there), choice, &seen, day("2026-01-01"))
    };
    assert_eq!(merge(None).unwrap_err().field, "episode");
    assert_eq!(merge(Some(FamilyId::fresh())).unwrap_err().field, "episode");
    let said = |window: &str| Some((Some(stays), window.to_owned()));
    assert_eq!(says(&merge(Some(stays)).unwrap()), [said("2025-01-01..2025-12-31")]);
    assert_eq!(says(&merge(Some(gone)).unwrap()), [said("2025-01-01.."), said("2025-05-01..2025-12-31")]);
    // One that begins on the day of the merge never was.
    let seen = ids(&[&facts, &there]);
    let moves = merge_families((gone, &facts), (stays, &there), Some(stays), &seen, day("2025-01-01")).unwrap();
    assert_eq!(says(&moves), [None]);
    // Nobody is asked about what a seal hides from them.
    let hidden = merge_families((gone, &facts), (stays, &there), None, &ids(&[&facts]), day("2026-01-01"));
    assert_eq!(says(&hidden.unwrap()), [said("2025-01-01..")]);
}

#[test]
fn who_leaves_is_a_member_here_until_then_and_there_from_then_on() {
    let (family, new, council) = (FamilyId::fresh(), FamilyId::fresh(), "e06000023".parse().unwrap());
    let [ann, ben, cal] = [(); 3].map(|()| PersonId::fresh());
    let goal = |person, state: &str, window: &str| {
        let goal = Goal { domain: "school".into(), state: state.into(), due: None, title: "go to school".into() };
        fact(Subject { family: Some(family), person, ..Subject::default() }, window, Detail::Goal(goal))
    };
    let facts = [
        member(family, ann, "2020-01-01..", true),
        member(family, ben, "2020-01-01..", true),
        member(family, ben, "2026-05-01..", false),
        member(family, ben, "2019-01-01..2019-12-31", true),
        member(family, cal, "2020-01-01..2021-01-01", true),
        goal(Some(ben), "set", "2026-01-01.."),
        goal(Some(ben), "met", "2025-01-01..2026-06-01"),
        goal(None, "set", "2026-01-01.."),
    ];
    let people = BTreeSet::from([ben]);
    let leaving = |people: &BTreeSet<PersonId>, first: &str, since: &str| {
        split(&facts, &Leaving { people, family: new, first: day(first), since: day(since), source: &council })
    };
    let (moves, beside) = leaving(&people, "2026-03-01", "2025-09-01").unwrap();
    let said = |family, window: &str| Some((Some(family), window.to_owned()));
    assert_eq!(says(&moves), [said(family, "2020-01-01..2026-02-28"), said(new, "2026-05-01.."), said(family, "2026-01-01..2026-02-28")]);
    let beside: Vec<_> = beside.iter().map(|(_, f)| (f.subject.family, f.window.to_string(), f.reference.clone())).collect();
    assert_eq!(beside, [(Some(new), "2025-09-01..".to_owned(), None), (Some(new), "2026-03-01..".to_owned(), None)]);

    for (people, first, since, field) in [
        (BTreeSet::from([cal]), "2026-03-01", "2026-03-01", "people"),
        (BTreeSet::from([ann, ben]), "2026-03-01", "2026-03-01", "people"),
        (BTreeSet::new(), "2026-03-01", "2026-03-01", "people"),
        (BTreeSet::from([ben]), "2026-03-01", "2026-03-02", "since"),
    ] {
        assert_eq!(leaving(&people, first, since).unwrap_err().field, field, "{people:?} {since}");
    }
}

#[test]
fn one_person_has_one_birth_date_and_nothing_is_between_them_and_themselves() {
    let (gone, stays, child) = (PersonId::fresh(), PersonId::fresh(), PersonId::fresh());
    let born = |person, on: &str| {
        fact(Subject { person: Some(person), ..Subject::default() }, "2012-05-06..", Detail::Birth(Birth { on: on.into() }))
    };
    let is = |person, to| {
        let relation = crate::record::sections::household::Relation { relation: "sibling".into() };
        fact(Subject { person: Some(person), to: Some(to), ..Subject::default() }, "2012-05-06..", Detail::Relationship(relation))
    };
    let facts = [born(gone, "2012-05-07"), is(gone, stays), is(child, gone)];
    let there = [born(stays, "2012-05-06"), is(gone, stays)];
    let merge = |wrong: &[FactId]| {
        let seen = ids(&[&facts, &there]);
        merge_people((gone, &facts), (stays, &there), &wrong.iter().copied().collect(), &seen)
    };
    assert_eq!(merge(&[]).unwrap_err().field, "wrong");
    assert_eq!(merge(&[FactId::fresh()]).unwrap_err().field, "wrong");
    let moves = merge(&[facts[0].id]).unwrap();
    let about: Vec<_> = moves.iter().map(|m| m.new.as_ref().map(|n| (n.subject.person, n.subject.to))).collect();
    assert_eq!(about, [None, None, Some((Some(child), Some(stays)))]);
    let moves = merge(&[there[0].id]).unwrap();
    assert_eq!((moves[0].old.id, moves[0].new.is_none()), (there[0].id, true), "the one who stays had the wrong one");

    let (month, day) = ([born(gone, "2012-05")], [born(stays, "2012-05-06")]);
    assert!(merge_people((gone, &month), (stays, &day), &BTreeSet::new(), &ids(&[&month, &day])).is_ok(), "a month agrees with its days");
}
