//! A feed that stopped is no improvement.

use super::*;

/// A feed that stopped must never read as a family that improved.
#[tokio::test]
async fn a_feed_that_stopped_in_march_is_no_improvement() {
    let lab = lab();
    for (kind, criterion) in [("offence", "crime-1"), ("antisocial-incident", "crime-2"), ("police-callout", "crime-3")] {
        for state in ["none", "partial", "withheld"] {
            let family = engaged(&[CRIME]).callouts("2025-09-01", 10).coverage(kind, None, "2026-04-01..2030-12-31", state);
            let answer = lab.answer(&family, &progress()).await;
            let found = finding(&answer, criterion);
            assert_eq!((found.standing.as_str(), found.now), ("not-enough-evidence", None), "{kind} {state}");
            assert_eq!(tasks(&answer), [format!("evidence-{criterion}")], "{kind} {state}");
            assert_eq!((answer.code(), claims(&answer)), ("progress", vec![]), "{kind} {state}");
            assert_eq!(answer.tasks[0].due, day("2026-09-30"));
        }
    }
}

#[tokio::test]
async fn what_is_recorded_counts_though_the_feed_stopped() {
    let lab = lab();
    let stopped = |kind| engaged(&[CRIME]).coverage(kind, None, "2026-04-01..2030-12-31", "none");
    let answer = lab.answer(&stopped("offence").offence("mother", "2026-03-07"), &progress()).await;
    assert_eq!(standing(&answer, "crime-1"), "not-met");
    let answer = lab.answer(&stopped("antisocial-incident").incident("mother", "2026-03-07"), &progress()).await;
    assert_eq!(standing(&answer, "crime-2"), "not-met");
    // Of call-outs it is the number that is compared, so an unknown rest leaves everything open.
    let answer = lab.answer(&stopped("police-callout").callouts("2025-09-01", 1).callouts("2026-03-01", 9), &progress()).await;
    assert_eq!(standing(&answer, "crime-3"), "not-enough-evidence");
}

#[tokio::test]
async fn a_feed_covers_a_window_from_its_first_day_to_its_last() {
    let lab = lab();
    for (kind, criterion, covered, known) in [
        ("offence", "crime-1", "2026-03-01..2026-08-31", true),
        ("offence", "crime-1", "2026-03-02..2026-08-31", false),
        ("offence", "crime-1", "2026-03-01..2026-08-30", false),
        ("antisocial-incident", "crime-2", "2026-03-01..2026-08-31", true),
        ("antisocial-incident", "crime-2", "2026-03-02..2026-08-31", false),
        ("antisocial-incident", "crime-2", "2026-03-01..2026-08-30", false),
        ("police-callout", "crime-3", "2025-09-01..2026-08-31", true),
        ("police-callout", "crime-3", "2025-09-02..2026-08-31", false),
        ("police-callout", "crime-3", "2025-09-01..2026-08-30", false),
    ] {
        let family = engaged(&[CRIME]).callouts("2025-09-01", 1).coverage(kind, None, "2015-01-01..2030-12-31", "none");
        let answer = lab.answer(&family.coverage(kind, None, covered, "complete"), &progress()).await;
        assert_eq!(standing(&answer, criterion) != "not-enough-evidence", known, "{kind} covered {covered}");
    }
}

#[tokio::test]
async fn one_day_that_is_missing_in_the_middle_is_missing() {
    let lab = lab();
    for (kind, criterion, on, known) in [
        ("offence", "crime-1", "2026-02-28", true),
        ("offence", "crime-1", "2026-06-15", false),
        ("offence", "crime-1", "2026-09-01", true),
        ("police-callout", "crime-3", "2025-08-31", true),
        ("police-callout", "crime-3", "2026-02-28", false),
        ("police-callout", "crime-3", "2026-03-01", false),
        ("police-callout", "crime-3", "2026-09-01", true),
    ] {
        let family = engaged(&[CRIME]).callouts("2025-09-01", 1).coverage(kind, None, &format!("{on}..{on}"), "partial");
        assert_eq!(standing(&lab.answer(&family, &progress()).await, criterion) != "not-enough-evidence", known, "{kind} on {on}");
    }
}

/// A refused row of an extract leaves its days partial for the people of the home. A call-out is to the home, so what is
/// said of one member is said of the family.
#[tokio::test]
async fn a_refused_row_about_one_member_leaves_the_callouts_of_the_family_open() {
    let lab = lab();
    let family = || engaged(&[CRIME]).child("son", "2013-05-01").callouts("2025-09-01", 10).callouts("2026-03-01", 4);
    assert_eq!(standing(&lab.answer(&family(), &progress()).await, "crime-3"), "met");
    for (on, standing_then) in
        [("2025-08-31", "met"), ("2025-09-01", "not-enough-evidence"), (AS_OF, "not-enough-evidence"), ("2026-09-01", "met")]
    {
        let family = family().coverage("police-callout", Some("son"), &format!("{on}..{on}"), "partial");
        let answer = lab.answer(&family, &progress()).await;
        assert_eq!(standing(&answer, "crime-3"), standing_then, "partial on {on}");
    }
}

#[tokio::test]
async fn what_is_missing_of_one_childs_attendance_leaves_only_that_child_open() {
    let lab = lab();
    let family = engaged(&[SCHOOL]).child("younger", "2014-05-01").child("elder", "2012-05-01");
    let family = family.attendance("younger", "2026-04-13..2026-07-21", 100, 95).attendance("elder", "2026-04-13..2026-07-21", 100, 95);
    let partial = family.clone().coverage("attendance", Some("elder"), "2026-03-01..2026-03-01", "partial");
    let answer = lab.answer(&partial, &progress()).await;
    let mut standings: Vec<&str> = findings(&answer, "education-1").iter().map(|f| f.standing.as_str()).collect();
    standings.sort_unstable();
    assert_eq!((standings, answer.code()), (vec!["met", "not-enough-evidence"], "progress"));
    // What is known of one child though no feed covers it is enough for that child.
    let uncovered = family.coverage("attendance", None, "2015-01-01..2030-12-31", "none");
    let uncovered = uncovered.coverage("attendance", Some("elder"), "2026-03-01..2026-08-31", "complete");
    let answer = lab.answer(&uncovered, &progress()).await;
    let mut standings: Vec<&str> = findings(&answer, "education-1").iter().map(|f| f.standing.as_str()).collect();
    standings.sort_unstable();
    assert_eq!(standings, ["met", "not-enough-evidence"]);
}
