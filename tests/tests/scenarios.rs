//! Bristol's plan over families in which one thing at a time is just below, at and above what the rule says. The numbers
//! are from the source (`004:L…`, quoted in the plugin's README), worked out by hand.

use hearth::record::Day;
use hearth::sandbox::answer::Finding;
use hearth::sandbox::{Answer, Verdict};
use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};
use serde_json::{Value, json};

const CRIME: &str = "crime-and-antisocial-behaviour";
const SCHOOL: &str = "school-attendance";

/// Six months to it are 1 March to 31 August; the six before are 1 September to 28 February.
const AS_OF: &str = "2026-08-31";
const ENGAGED: &str = "2026-01-05";

const ATTACHMENT: (&str, i64) = ("attachment", 100_000);
const RESULT: (&str, i64) = ("progress-result", 80_000);

fn lab() -> Lab {
    Lab::of("bristol-outcomes")
}

fn engaged(needs: &[&str]) -> Family {
    Family::engaged(ENGAGED, needs)
}

fn progress() -> Asked {
    Asked::progress(AS_OF)
}

fn findings<'a>(answer: &'a Answer, criterion: &str) -> Vec<&'a Finding> {
    answer.findings.iter().filter(|f| f.criterion == criterion).collect()
}

/// The only finding for that criterion.
fn finding<'a>(answer: &'a Answer, criterion: &str) -> &'a Finding {
    let found = findings(answer, criterion);
    assert_eq!(found.len(), 1, "{criterion}: {found:#?}");
    found[0]
}

fn standing<'a>(answer: &'a Answer, criterion: &str) -> &'a str {
    &finding(answer, criterion).standing
}

fn claims(answer: &Answer) -> Vec<(&str, i64)> {
    answer.claims.iter().map(|c| (c.kind.as_str(), c.amount_pence)).collect()
}

fn tasks(answer: &Answer) -> Vec<&str> {
    answer.tasks.iter().map(|t| t.key.as_str()).collect()
}

fn said(finding: &Finding) -> Vec<&str> {
    finding.reasons.iter().map(|r| r.message.template.as_str()).collect()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

// ---------------------------------------------------------------------------------------------------- school attendance

/// 004:L930-L934: 90% school attendance.
#[tokio::test]
async fn a_son_meets_the_plan_from_90_per_cent_of_sessions_on() {
    let lab = lab();
    for (possible, attended, now, met) in [
        (100, 88, 880, "not-met"),
        (100, 89, 890, "not-met"),
        (1_000, 899, 899, "not-met"),
        (10_000, 8_999, 899, "not-met"),
        (100, 90, 900, "met"),
        (190, 171, 900, "met"),
        (190, 170, 894, "not-met"),
        (1_000, 901, 901, "met"),
        (100, 91, 910, "met"),
        (100, 100, 1_000, "met"),
        (100, 0, 0, "not-met"),
    ] {
        let family = engaged(&[SCHOOL]).child("son", "2013-05-01").attendance("son", "2026-03-01..2026-07-21", possible, attended);
        let answer = lab.answer(&family, &progress()).await;
        let found = finding(&answer, "education-1");
        assert_eq!((found.standing.as_str(), found.now, found.threshold), (met, Some(now), Some(900)), "{attended} of {possible}");
        let expected = if met == "met" { ("significant-and-sustained", vec![RESULT]) } else { ("none-yet", vec![]) };
        assert_eq!((answer.code(), claims(&answer)), expected, "{attended} of {possible}");
    }
}

/// 004:L930-L934; sessions are summed before anything is divided, so two terms can do what neither does alone.
#[tokio::test]
async fn terms_are_added_up_by_sessions_and_not_by_their_percentages() {
    let lab = lab();
    // 100% of 10 and 80% of 190 are 90% on average, and 162 sessions of 200.
    let family = engaged(&[SCHOOL]).child("son", "2013-05-01");
    let family = family.attendance("son", "2026-03-01..2026-03-31", 10, 10).attendance("son", "2026-04-13..2026-07-21", 190, 152);
    let answer = lab.answer(&family, &progress()).await;
    assert_eq!((standing(&answer, "education-1"), finding(&answer, "education-1").now), ("not-met", Some(810)));
    // 89% of 100 and 91% of 100.
    let family = engaged(&[SCHOOL]).child("son", "2013-05-01");
    let family = family.attendance("son", "2026-03-01..2026-03-31", 100, 89).attendance("son", "2026-04-13..2026-07-21", 100, 91);
    assert_eq!(standing(&lab.answer(&family, &progress()).await, "education-1"), "met");
}

/// 004:L168-L170: a family that meets the required outcomes; one child of two is not the family.
#[tokio::test]
async fn sons_at_89_and_at_90_per_cent_are_progress_and_two_at_90_are_the_outcome() {
    let lab = lab();
    for (younger, elder, outcome, claimed) in [
        (89, 89, "none-yet", vec![]),
        (89, 90, "progress", vec![]),
        (89, 91, "progress", vec![]),
        (90, 90, "significant-and-sustained", vec![RESULT]),
        (90, 91, "significant-and-sustained", vec![RESULT]),
    ] {
        let family = engaged(&[SCHOOL]).child("younger", "2014-05-01").child("elder", "2012-05-01");
        let family = family.attendance("younger", "2026-04-13..2026-07-21", 100, younger);
        let family = family.attendance("elder", "2026-04-13..2026-07-21", 100, elder);
        let answer = lab.answer(&family, &progress()).await;
        assert_eq!(findings(&answer, "education-1").len(), 2);
        assert_eq!((answer.code(), claims(&answer)), (outcome, claimed), "{younger}% and {elder}%");
    }
}

/// 004:L934-L938: from 0% all the way to 60%, which would not be considered a success.
#[tokio::test]
async fn from_nought_to_60_per_cent_is_reported_and_nothing_is_claimed_for_it() {
    let family = engaged(&[SCHOOL]).child("son", "2013-05-01");
    let family = family.attendance("son", "2025-09-01..2025-12-19", 130, 0).attendance("son", "2026-04-13..2026-07-21", 120, 72);
    let answer = lab().answer(&family, &progress()).await;
    let found = finding(&answer, "education-1");
    assert_eq!((found.before, found.now, found.threshold), (Some(0), Some(600), Some(900)));
    assert_eq!(found.standing, "not-met");
    assert!(said(found).contains(&"attendance-travelled"), "{found:#?}");
    assert_eq!((answer.code(), claims(&answer)), ("none-yet", vec![]));
}

#[tokio::test]
async fn the_attendance_threshold_is_the_authoritys() {
    let lab = lab();
    for (asked, attended, met) in
        [(60, 59, "not-met"), (60, 60, "met"), (60, 61, "met"), (100, 99, "not-met"), (100, 100, "met"), (1, 1, "met")]
    {
        let family = engaged(&[SCHOOL]).child("son", "2013-05-01").attendance("son", "2026-04-13..2026-07-21", 100, attended);
        let answer = lab.answer(&family, &progress().with(json!({ "attendance-percent": asked }))).await;
        let found = finding(&answer, "education-1");
        assert_eq!((found.standing.as_str(), found.threshold), (met, Some(asked * 10)), "{attended}% where {asked}% are asked");
    }
}

#[tokio::test]
async fn a_term_counts_where_its_last_day_lies() {
    let lab = lab();
    for (term, before, now) in [
        ("2025-12-01..2026-01-04", Some(500), None),
        ("2025-12-01..2026-01-05", None, None),
        ("2026-01-05..2026-02-28", None, None),
        ("2026-01-05..2026-03-01", None, Some(500)),
        ("2026-08-31..2026-08-31", None, Some(500)),
        ("2026-08-01..2026-09-01", None, None),
        ("2026-08-01..", None, None),
        ("2025-05-01..2025-07-04", None, None),
        ("2025-05-01..2025-07-05", Some(500), None),
    ] {
        let family = engaged(&[SCHOOL]).child("son", "2013-05-01").attendance("son", term, 100, 50);
        let answer = lab.answer(&family, &progress()).await;
        let found = finding(&answer, "education-1");
        assert_eq!((found.before, found.now), (before, now), "a term of {term}");
        assert_eq!(found.standing, if now.is_some() { "not-met" } else { "not-enough-evidence" }, "a term of {term}");
    }
}

#[tokio::test]
async fn a_child_is_of_school_age_from_its_fifth_birthday_to_the_day_before_its_seventeenth() {
    let lab = lab();
    for (as_of, born, standing, person) in [
        (AS_OF, "2021-09-01", "not-applicable", false),
        (AS_OF, "2021-08-31", "met", true),
        (AS_OF, "2021-08-30", "met", true),
        (AS_OF, "2010-09-01", "met", true),
        (AS_OF, "2010-08-31", "met", true),
        (AS_OF, "2009-09-01", "met", true),
        (AS_OF, "2009-08-31", "not-applicable", false),
        (AS_OF, "2009-08-30", "not-applicable", false),
        // Known to the month: from its first day.
        (AS_OF, "2021-09", "not-applicable", false),
        (AS_OF, "2021-08", "met", true),
        // Born on 29 February: five on 1 March of a common year, on 29 February of a leap year.
        ("2025-02-28", "2020-02-29", "not-applicable", false),
        ("2025-03-01", "2020-02-29", "met", true),
        ("2024-02-28", "2019-02-28", "met", true),
        ("2024-02-29", "2019-03-01", "not-applicable", false),
        ("2024-02-29", "2008-02-29", "met", true),
        ("2024-02-29", "2007-02-28", "not-applicable", false),
        ("2024-02-29", "2007-03-01", "met", true),
    ] {
        let family = Family::engaged("2023-01-09", &[SCHOOL]).child("child", born);
        let family = family.attendance("child", &format!("{as_of}..{as_of}"), 2, 2);
        let answer = lab.answer(&family, &Asked::progress(as_of)).await;
        let found = finding(&answer, "education-1");
        assert_eq!((found.standing.as_str(), found.person.is_some()), (standing, person), "born {born}, asked about {as_of}");
    }
}

#[tokio::test]
async fn a_resident_without_a_birth_date_may_be_a_child() {
    let lab = lab();
    for (resident, until, outcome, key) in [
        (true, None, "none-yet", Some("evidence-education-1")),
        (false, None, "none-yet", None),
        (true, Some(AS_OF), "none-yet", Some("evidence-education-1")),
        (true, Some("2026-08-30"), "none-yet", None),
    ] {
        let someone = json!({ "member_from": "2020-01-01", "member_until": until, "resident": resident });
        let family = engaged(&[SCHOOL]).person("someone", someone);
        let answer = lab.answer(&family, &progress()).await;
        let found = finding(&answer, "education-1");
        assert_eq!(
            found.standing,
            if key.is_some() { "not-enough-evidence" } else { "not-applicable" },
            "resident {resident} until {until:?}"
        );
        assert_eq!((found.before, found.now, found.threshold), (None, None, None));
        assert_eq!((answer.code(), tasks(&answer)), (outcome, key.into_iter().collect::<Vec<_>>()));
    }
}

// ------------------------------------------------------------------------------------------------------ police call-outs

/// 004:L164-L167: a fall by 60%.
#[tokio::test]
async fn callouts_fall_by_60_per_cent_or_the_plan_is_not_met() {
    let lab = lab();
    for (before, now, met, most) in [
        (11, 5, "not-met", 4),
        (11, 4, "met", 4),
        (11, 3, "met", 4),
        (10, 5, "not-met", 4),
        (10, 4, "met", 4),
        (10, 3, "met", 4),
        (5, 3, "not-met", 2),
        (5, 2, "met", 2),
        (5, 1, "met", 2),
        (4, 2, "not-met", 1),
        (4, 1, "met", 1),
        (3, 2, "not-met", 1),
        (3, 1, "met", 1),
        (3, 0, "met", 1),
        (2, 1, "not-met", 0),
        (2, 0, "met", 0),
        (1, 1, "not-met", 0),
        (1, 0, "met", 0),
        (10, 11, "not-met", 4),
    ] {
        let family = engaged(&[CRIME]).callouts("2025-09-01", before).callouts("2026-03-01", now);
        let answer = lab.answer(&family, &progress()).await;
        let found = finding(&answer, "crime-3");
        let values = (found.before, found.now, found.threshold);
        assert_eq!((found.standing.as_str(), values), (met, (Some(before * 10), Some(now * 10), Some(most * 10))), "{before} to {now}");
        let expected = if met == "met" { ("significant-and-sustained", vec![RESULT]) } else { ("progress", vec![]) };
        assert_eq!((answer.code(), claims(&answer)), expected, "{before} to {now}");
    }
}

/// 004:L164-L167, by the inequality itself instead of by the rounded threshold.
#[tokio::test]
async fn each_fall_in_callouts_is_met_exactly_from_its_percentage_on() {
    let lab = lab();
    for percent in [1, 33, 50, 60, 99, 100] {
        for before in 1..=12_i32 {
            let just = (0..=before).rev().find(|now| (before - now) * 100 >= percent * before).unwrap();
            for now in [just - 1, just, just + 1].into_iter().filter(|now| *now >= 0) {
                let family = engaged(&[CRIME]).callouts("2025-09-01", before).callouts("2026-03-01", now);
                let answer = lab.answer(&family, &progress().with(json!({ "reduction-percent": percent }))).await;
                let expected = if now <= just { "met" } else { "not-met" };
                assert_eq!(standing(&answer, "crime-3"), expected, "{before} to {now} where {percent}% are asked");
            }
        }
    }
}

/// The source is silent: a setting decides.
#[tokio::test]
async fn no_callouts_before_or_now_is_what_the_authority_says_it_is() {
    let lab = lab();
    for (setting, now, standing, outcome) in [
        ("not-applicable", 0, "not-applicable", "significant-and-sustained"),
        ("met", 0, "met", "significant-and-sustained"),
        ("not-applicable", 1, "not-met", "progress"),
        ("met", 1, "not-met", "progress"),
    ] {
        let family = engaged(&[CRIME]).callouts("2026-03-01", now);
        let answer = lab.answer(&family, &progress().with(json!({ "none-before": setting }))).await;
        let found = finding(&answer, "crime-3");
        assert_eq!((found.standing.as_str(), answer.code()), (standing, outcome), "none before, {now} now, {setting}");
        assert_eq!((found.before, found.now, found.threshold), (Some(0), Some(now * 10), Some(0)));
    }
}

#[tokio::test]
async fn callouts_are_counted_to_a_home_only_while_it_is_the_familys() {
    let lab = lab();
    for (until, since, before, now) in [
        ("2026-02-28", "2026-03-01", 1, 1),
        ("2026-02-27", "2026-03-01", 0, 1),
        ("2026-02-28", "2026-03-02", 1, 0),
        ("2026-02-27", "2026-03-02", 0, 0),
    ] {
        let family = engaged(&[CRIME]).home("old", &format!("2020-01-01..{until}")).home("new", &format!("{since}.."));
        let called = |family: Family, home: &str, on: &str| {
            family.fact("police-callout", json!({ "home": home }), &format!("{on}..{on}"), json!({ "domestic": true }))
        };
        let family = called(called(family, "old", "2026-02-28"), "new", "2026-03-01");
        let answer = lab.answer(&family, &progress()).await;
        let found = finding(&answer, "crime-3");
        assert_eq!((found.before, found.now), (Some(before * 10), Some(now * 10)), "until {until}, since {since}");
    }
}

// ------------------------------------------------------------------------------------------------- a feed that stopped

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

// ----------------------------------------------------------------------------------------------- antisocial behaviour

/// 004:L161-L164: none in six months, OR a programme successfully completed.
#[tokio::test]
async fn antisocial_behaviour_is_met_by_a_programme_completed_since_engagement() {
    let lab = lab();
    for (incident, programme, state, met) in [
        (false, None, "", "met"),
        (true, None, "", "not-met"),
        (true, Some("2025-10-01..2026-01-04"), "completed", "not-met"),
        (true, Some("2025-10-01..2026-01-05"), "completed", "met"),
        (true, Some("2025-10-01..2026-01-06"), "completed", "met"),
        (true, Some("2026-02-01..2026-08-30"), "completed", "met"),
        (true, Some("2026-02-01..2026-08-31"), "completed", "met"),
        (true, Some("2026-02-01..2026-09-01"), "completed", "not-met"),
        (true, Some("2026-02-01.."), "completed", "not-met"),
        (true, Some("2026-02-01..2026-06-01"), "started", "not-met"),
        (true, Some("2026-02-01..2026-06-01"), "offered", "not-met"),
        (true, Some("2026-02-01..2026-06-01"), "left", "not-met"),
        (false, Some("2026-02-01..2026-06-01"), "completed", "met"),
        (false, Some("2026-02-01..2026-06-01"), "started", "met"),
    ] {
        let mut family = engaged(&[CRIME]).child("son", "2011-05-01");
        if incident {
            family = family.incident("son", "2026-05-01");
        }
        if let Some(window) = programme {
            family = family.intervention("son", window, state);
        }
        let answer = lab.answer(&family, &progress()).await;
        assert_eq!(standing(&answer, "crime-2"), met, "incident {incident}, {programme:?} {state}");
        let outcome = if met == "met" { "significant-and-sustained" } else { "progress" };
        assert_eq!(answer.code(), outcome, "incident {incident}, {programme:?} {state}");
    }
}

#[tokio::test]
async fn a_completed_programme_meets_the_plan_though_the_feed_stopped() {
    let family = engaged(&[CRIME]).intervention("mother", "2026-02-01..2026-06-01", "completed");
    let family = family.coverage("antisocial-incident", None, "2026-04-01..2030-12-31", "none");
    let answer = lab().answer(&family, &progress()).await;
    let found = finding(&answer, "crime-2");
    assert_eq!((found.standing.as_str(), found.now), ("met", None));
    assert_eq!(said(found), ["intervention-completed", "record-incomplete"]);
    assert_eq!(claims(&answer), [RESULT]);
}

// ---------------------------------------------------------------------------------------------------------- keyworkers

/// 004:L982-L985: to make a claim a family needs to be served via a dedicated key worker.
#[tokio::test]
async fn a_claim_needs_a_keyworker_on_its_day() {
    let lab = lab();
    let both = vec![ATTACHMENT, RESULT];
    for (keyworker, required, claimed) in [
        (None, true, vec![]),
        (None, false, both.clone()),
        (Some("2026-01-05.."), true, both.clone()),
        (Some("2026-01-05..2026-08-31"), true, both.clone()),
        (Some("2026-01-05..2026-08-30"), true, vec![ATTACHMENT]),
        (Some("2026-01-05..2026-08-30"), false, both.clone()),
        (Some("2026-01-06.."), true, vec![RESULT]),
        (Some("2026-01-06.."), false, both.clone()),
        (Some("2026-08-31.."), true, vec![RESULT]),
        (Some("2026-09-01.."), true, vec![]),
        (Some("2025-01-01..2026-01-04"), true, vec![]),
        (Some("2025-01-01..2026-01-05"), true, vec![ATTACHMENT]),
    ] {
        let mut family = Family::new().episode(ENGAGED, &[CRIME, SCHOOL]).covered("2020-01-01..2030-12-31");
        family = family.child("son", "2013-05-01").attendance("son", "2026-04-13..2026-07-21", 100, 95);
        if let Some(window) = keyworker {
            family = family.keyworker(window);
        }
        let answer = lab.answer(&family, &progress().with(json!({ "keyworker-required": required }))).await;
        assert_eq!(answer.code(), "significant-and-sustained");
        assert_eq!(claims(&answer), claimed, "keyworker {keyworker:?}, required {required}");
    }
}

#[tokio::test]
async fn another_worker_is_no_keyworker() {
    let family = Family::new().episode(ENGAGED, &[CRIME, SCHOOL]).covered("2020-01-01..2030-12-31");
    let family = family.fact("worker", json!({}), "2026-01-05..", json!({ "role": "lead-worker", "employer": "council" }));
    let answer = lab().answer(&family, &progress()).await;
    assert_eq!((standing(&answer, "keyworker-at-entry"), standing(&answer, "keyworker-now")), ("not-met", "not-met"));
    assert_eq!((answer.code(), claims(&answer)), ("significant-and-sustained", vec![]));
}

// ------------------------------------------------------------------------------------------- windows and their edges

/// 004:L159-L164: in the last six months.
#[tokio::test]
async fn what_happened_counts_from_the_first_day_of_the_window_to_the_last() {
    let lab = lab();
    for (on, inside) in
        [("2026-02-28", false), ("2026-03-01", true), ("2026-03-02", true), ("2026-08-30", true), (AS_OF, true), ("2026-09-01", false)]
    {
        let expected = if inside { ("not-met", Some(10)) } else { ("met", Some(0)) };
        let answer = lab.answer(&engaged(&[CRIME]).offence("mother", on), &progress()).await;
        let found = finding(&answer, "crime-1");
        assert_eq!((found.standing.as_str(), found.now), expected, "an offence on {on}");
        let answer = lab.answer(&engaged(&[CRIME]).incident("mother", on), &progress()).await;
        let found = finding(&answer, "crime-2");
        assert_eq!((found.standing.as_str(), found.now), expected, "an incident on {on}");
    }
    for (on, before, now) in
        [("2025-08-31", 0, 0), ("2025-09-01", 1, 0), ("2026-02-28", 1, 0), ("2026-03-01", 0, 1), (AS_OF, 0, 1), ("2026-09-01", 0, 0)]
    {
        let answer = lab.answer(&engaged(&[CRIME]).callout(on), &progress()).await;
        let found = finding(&answer, "crime-3");
        assert_eq!((found.before, found.now), (Some(before * 10), Some(now * 10)), "a call-out on {on}");
    }
}

/// 004:L159-L167, in months that have no such day.
#[tokio::test]
async fn six_months_to_the_end_of_february_and_of_august_begin_where_they_should() {
    let lab = lab();
    // As-of date; first day of the six months; first day of the six before; looked at again; attendance looked at again.
    for (as_of, first, first_before, again, school_again) in [
        ("2024-02-29", "2023-09-01", "2023-03-01", "2024-03-29", "2024-05-29"),
        ("2024-02-28", "2023-08-29", "2023-02-28", "2024-03-28", "2024-05-28"),
        ("2024-08-31", "2024-03-01", "2023-09-01", "2024-09-30", "2024-11-30"),
        ("2024-08-30", "2024-02-29", "2023-08-29", "2024-09-30", "2024-11-30"),
        ("2024-08-29", "2024-02-29", "2023-08-29", "2024-09-29", "2024-11-29"),
        ("2024-08-28", "2024-02-29", "2023-08-29", "2024-09-28", "2024-11-28"),
        ("2026-02-28", "2025-09-01", "2025-03-01", "2026-03-28", "2026-05-28"),
        ("2026-08-31", "2026-03-01", "2025-09-01", "2026-09-30", "2026-11-30"),
        ("2026-08-30", "2026-02-28", "2025-08-28", "2026-09-30", "2026-11-30"),
        ("2023-11-30", "2023-06-01", "2022-12-01", "2023-12-30", "2024-02-29"),
        ("2024-01-31", "2023-08-01", "2023-02-01", "2024-02-29", "2024-04-30"),
    ] {
        let [first, first_before, last] = [day(first), day(first_before), day(as_of)];
        let family = || Family::engaged("2022-01-10", &[CRIME, SCHOOL]).child("son", "2013-05-01");
        let near = |day: Day, by: i32| day.plus(by).unwrap().to_string();
        for (on, before, now) in [
            (near(first_before, -1), 0, 0),
            (near(first_before, 0), 1, 0),
            (near(first, -1), 1, 0),
            (near(first, 0), 0, 1),
            (near(last, 0), 0, 1),
            (near(last, 1), 0, 0),
        ] {
            let answer = lab.answer(&family().callout(&on).offence("mother", &on).incident("son", &on), &Asked::progress(as_of)).await;
            let found = finding(&answer, "crime-3");
            assert_eq!((found.before, found.now), (Some(before * 10), Some(now * 10)), "{on}, asked about {as_of}");
            for criterion in ["crime-1", "crime-2", "crime-3"] {
                assert_eq!(finding(&answer, criterion).window.to_string(), format!("{first}..{as_of}"), "{criterion}");
            }
            for criterion in ["crime-1", "crime-2"] {
                let found = finding(&answer, criterion);
                assert_eq!(found.standing, if now > 0 { "not-met" } else { "met" }, "{criterion}: {on}, asked about {as_of}");
                assert_eq!(found.look_again, (now > 0).then(|| day(again)), "{criterion}: {on}, asked about {as_of}");
            }
            assert_eq!(finding(&answer, "education-1").look_again, Some(day(school_again)), "asked about {as_of}");
        }
    }
}

// ------------------------------------------------------------------------------------------------------------ payments

/// 004:L175-L179: £1000 and £800; the dates are the authority's.
#[tokio::test]
async fn the_rate_is_that_of_the_day_of_entitlement() {
    let lab = lab();
    let rate = |from: &str, attachment: i64, result: i64| json!({ "from": from, "attachment-pence": attachment, "result-pence": result });
    let old = rate("2015-04-01", 100_000, 80_000);
    for (rates, attachment, result) in [
        // From the day before, on the day, from the day after: of engagement, then of the as-of date.
        (json!([old, rate("2026-01-04", 1_100, 900)]), Some(1_100), Some(900)),
        (json!([old, rate("2026-01-05", 1_100, 900)]), Some(1_100), Some(900)),
        (json!([old, rate("2026-01-06", 1_100, 900)]), Some(100_000), Some(900)),
        (json!([old, rate("2026-08-30", 1_100, 900)]), Some(100_000), Some(900)),
        (json!([old, rate("2026-08-31", 1_100, 900)]), Some(100_000), Some(900)),
        (json!([old, rate("2026-09-01", 1_100, 900)]), Some(100_000), Some(80_000)),
        // In whatever order; of two that begin on one day, the later in the list.
        (json!([rate("2026-08-31", 1_100, 900), old]), Some(100_000), Some(900)),
        (json!([rate("2026-01-05", 1, 2), rate("2026-01-05", 3, 4)]), Some(3), Some(4)),
        (json!([rate("2026-01-05", 3, 4), rate("2026-01-05", 1, 2)]), Some(1), Some(2)),
        // No rate yet, none at all, or nothing.
        (json!([rate("2026-01-06", 1_100, 900)]), None, Some(900)),
        (json!([rate("2026-08-31", 1_100, 900)]), None, Some(900)),
        (json!([rate("2026-09-01", 1_100, 900)]), None, None),
        (json!([]), None, None),
        (json!([rate("2015-04-01", 0, 900)]), None, Some(900)),
        (json!([rate("2015-04-01", 1_100, 0)]), Some(1_100), None),
        (json!([old, rate("2026-08-31", 0, 0)]), Some(100_000), None),
        (json!([rate("2015-04-01", 1, 1)]), Some(1), Some(1)),
    ] {
        let family = engaged(&[CRIME, SCHOOL]);
        let answer = lab.answer(&family, &progress().with(json!({ "rates": rates }))).await;
        let amount = |kind: &str| answer.claims.iter().find(|c| c.kind == kind).map(|c| c.amount_pence);
        assert_eq!((amount("attachment"), amount("progress-result")), (attachment, result), "{rates}");
        for (criterion, amount) in [("claim-attachment", attachment), ("claim-result", result)] {
            let found = finding(&answer, criterion);
            let expected = if amount.is_some() { ("met", "claim-drafted") } else { ("not-met", "no-rate") };
            assert_eq!((found.standing.as_str(), said(found)), (expected.0, vec![expected.1]), "{rates}");
        }
    }
}

/// 004:L175-L179, and the days on which each is due.
#[tokio::test]
async fn a_thousand_pounds_are_due_on_engagement_and_eight_hundred_on_the_day_of_the_outcome() {
    let answer = lab().answer(&engaged(&[CRIME, SCHOOL]), &progress()).await;
    let due: Vec<(&str, i64, String)> =
        answer.claims.iter().map(|c| (c.kind.as_str(), c.amount_pence, c.entitled_on.to_string())).collect();
    assert_eq!(due, [("attachment", 100_000, ENGAGED.to_owned()), ("progress-result", 80_000, AS_OF.to_owned())]);
    let rests: Vec<Vec<&str>> =
        answer.claims.iter().map(|c| c.rests_on.iter().map(|f| answer.findings[*f as usize].criterion.as_str()).collect()).collect();
    assert_eq!(rests, [vec!["keyworker-at-entry", "claim-attachment"], vec!["crime-1", "crime-2", "keyworker-now", "claim-result"]]);
}

#[tokio::test]
async fn nothing_is_claimed_twice() {
    let lab = lab();
    for (earlier, claimed) in [
        (vec![], vec![ATTACHMENT, RESULT]),
        (vec!["attachment"], vec![RESULT]),
        (vec!["progress-result"], vec![ATTACHMENT]),
        (vec!["employment-result"], vec![ATTACHMENT]),
        (vec!["attachment", "progress-result"], vec![]),
        (vec!["attachment", "employment-result"], vec![]),
    ] {
        for on in ["2026-01-05", AS_OF, "2019-01-01"] {
            let asked = earlier.iter().fold(progress(), |asked, kind| asked.after(kind, on));
            let answer = lab.answer(&engaged(&[CRIME, SCHOOL]), &asked).await;
            assert_eq!(claims(&answer), claimed, "after {earlier:?} on {on}");
            let gone = if earlier.contains(&"attachment") { "not-applicable" } else { "met" };
            assert_eq!(standing(&answer, "claim-attachment"), gone, "after {earlier:?} on {on}");
        }
    }
}

/// 004:L116-L118: at least two of the six.
#[tokio::test]
async fn the_attachment_fee_needs_as_many_problems_at_entry_as_the_authority_asks() {
    let lab = lab();
    for (needs, needed, claimed) in [
        (&[CRIME][..], 2, false),
        (&[CRIME, SCHOOL], 2, true),
        (&[CRIME, SCHOOL, "health"], 2, true),
        (&[CRIME], 1, true),
        (&[CRIME, SCHOOL], 3, false),
        (&[CRIME, SCHOOL, "health"], 3, true),
        (&[], 1, false),
    ] {
        let answer = lab.answer(&engaged(needs), &progress().with(json!({ "problems-needed": needed }))).await;
        assert_eq!(claims(&answer).contains(&ATTACHMENT), claimed, "{needs:?} where {needed} are needed");
    }
}

/// 004:L156-L159: the plan gives measures as examples. The source is silent on the others: a setting decides.
#[tokio::test]
async fn a_need_without_a_measure_holds_the_outcome_back_or_is_left_out() {
    let lab = lab();
    for (needs, setting, outcome, open) in [
        (&[CRIME, "health"][..], "hold-back", "progress", vec!["evidence-other-health"]),
        (&[CRIME, "health"], "leave-out", "significant-and-sustained", vec![]),
        (&["domestic-abuse", "work-and-money"], "hold-back", "none-yet", vec!["evidence-other-work", "evidence-other-abuse"]),
        (&["domestic-abuse", "children-who-need-help"], "leave-out", "none-yet", vec![]),
        (&[], "hold-back", "none-yet", vec![]),
    ] {
        let answer = lab.answer(&engaged(needs), &progress().with(json!({ "unmeasured-needs": setting }))).await;
        assert_eq!((answer.code(), tasks(&answer)), (outcome, open), "{needs:?} {setting}");
    }
}

/// 004:L175-L179: £1000 for every family targeted, £800 for every family that meets its outcomes.
#[tokio::test]
async fn a_hundred_families_attached_of_whom_sixty_succeed_are_148_000_pounds() {
    let lab = lab();
    let mut pence = 0;
    for number in 0..100 {
        let attended = if number < 60 { 90 } else { 89 };
        let family = engaged(&[CRIME, SCHOOL]).called(&format!("BR-{number}")).child("son", "2013-05-01");
        let family = family.attendance("son", "2026-04-13..2026-07-21", 100, attended);
        let answer = lab.answer(&family, &progress()).await;
        pence += answer.claims.iter().map(|c| c.amount_pence).sum::<i64>();
    }
    assert_eq!(pence, 148_000 * 100);
}

// --------------------------------------------------------------------------------------------------------- no answer

#[tokio::test]
async fn a_family_that_was_never_engaged_has_no_progress_to_ask_about() {
    let answer = lab().answer(&Family::new().covered("2020-01-01..2030-12-31"), &progress()).await;
    assert!(matches!(&answer.result, Verdict::Refused(failure) if failure.why == "no-episode"), "{:?}", answer.result);
    assert_eq!((claims(&answer), tasks(&answer)), (vec![], vec![]));
}

#[tokio::test]
async fn progress_before_the_day_of_engagement_is_refused() {
    let lab = lab();
    for (engaged, code) in
        [("2026-08-30", "significant-and-sustained"), (AS_OF, "significant-and-sustained"), ("2026-09-01", "engaged-after-as-of")]
    {
        let answer = lab.answer(&Family::engaged(engaged, &[CRIME]), &progress()).await;
        assert_eq!(answer.code(), code, "engaged on {engaged}");
    }
}

#[tokio::test]
async fn a_family_that_came_back_is_asked_about_its_latest_stay() {
    let lab = lab();
    let family = Family::new().covered("2020-01-01..2030-12-31").keyworker("2020-01-01..");
    let family = family.fact("episode", json!({}), "2023-01-09..2024-01-31", json!({ "needs": [CRIME, SCHOOL] }));
    let family = family.fact("episode", json!({}), "2026-08-31..", json!({ "needs": [SCHOOL] }));
    for (as_of, engaged) in [("2023-06-01", "2023-01-09"), ("2025-06-01", "2023-01-09"), ("2026-08-30", "2023-01-09"), (AS_OF, AS_OF)] {
        let answer = lab.answer(&family, &Asked::progress(as_of)).await;
        assert_eq!(finding(&answer, "keyworker-at-entry").window.first, day(engaged), "asked about {as_of}");
    }
    assert_eq!(lab.answer(&family, &Asked::progress("2022-06-01")).await.code(), "engaged-after-as-of");
}

// --------------------------------------------------------------------------------------------------------- eligibility

/// 004:L116-L118: at least two of six indicators.
#[tokio::test]
async fn two_of_six_problems_make_a_family_eligible() {
    let lab = lab();
    let known = || {
        let feeds = Family::new().covered("2020-01-01..2030-12-31").child("son", "2013-05-01");
        feeds.attendance("son", "2026-04-13..2026-07-21", 100, 95)
    };
    let spell = |family: Family| {
        let detail = json!({ "benefit": "universal-credit", "out_of_work": true });
        family.fact("benefit-spell", json!({ "person": "mother" }), "2026-01-01..", detail)
    };
    let dark = |family: Family, kind| family.coverage(kind, None, "2015-01-01..2030-12-31", "none");
    // Health is never known, so there is always one unknown.
    for (says, family, needed, code) in [
        ("no problem", known(), 2, "not-eligible"),
        ("no problem, and one would do", known(), 1, "not-enough-evidence"),
        ("one problem, and health unknown", known().offence("mother", "2026-05-01"), 2, "not-enough-evidence"),
        ("one problem, where three are needed", known().offence("mother", "2026-05-01"), 3, "not-eligible"),
        ("two problems", spell(known().offence("mother", "2026-05-01")), 2, "eligible"),
        ("two problems, where three are needed", spell(known().offence("mother", "2026-05-01")), 3, "not-enough-evidence"),
        ("two problems, where four are needed", spell(known().offence("mother", "2026-05-01")), 4, "not-eligible"),
        ("no problem and one more unknown", dark(known(), "benefit-spell"), 2, "not-enough-evidence"),
        ("no problem and one more unknown, where three are needed", dark(known(), "benefit-spell"), 3, "not-eligible"),
        ("two found at entry", known().episode(ENGAGED, &[CRIME, "health"]), 2, "eligible"),
        ("two found at entry, tomorrow", known().episode("2026-09-01", &[CRIME, "health"]), 2, "not-eligible"),
        ("two found at entry, today", known().episode(AS_OF, &[CRIME, "health"]), 2, "eligible"),
        ("one found at entry and its sign", known().episode(ENGAGED, &[CRIME]).offence("mother", "2026-05-01"), 2, "not-enough-evidence"),
    ] {
        let answer = lab.answer(&family, &Asked::eligibility(AS_OF).with(json!({ "problems-needed": needed }))).await;
        assert_eq!(answer.code(), code, "{says}: {:#?}", answer.findings);
        assert_eq!(answer.findings.len(), 6);
        assert_eq!((claims(&answer), tasks(&answer)), (vec![], vec![]));
    }
}

/// 004:L126-L139, each sign on the first and the last day that it can be seen, and beside them.
#[tokio::test]
async fn each_problem_shows_from_the_first_day_of_its_window_to_the_last() {
    let lab = lab();
    type Signed = fn(Family, &str) -> Family;
    let signs: [(&str, Signed, &str); 6] = [
        ("need-crime", |f, on| f.offence("mother", on), "2025-09-01"),
        ("need-crime", |f, on| f.incident("mother", on), "2025-09-01"),
        (
            "need-attendance",
            |f, on| f.fact("exclusion", json!({ "person": "son" }), &only(on), json!({ "how": "fixed-term" })),
            "2025-09-01",
        ),
        ("need-attendance", |f, on| f.attendance("son", &only(on), 100, 89), "2025-09-01"),
        (
            "need-children",
            |f, on| f.fact("safeguarding-standing", json!({ "person": "son" }), &only(on), json!({ "status": "child-in-need" })),
            "2025-09-01",
        ),
        (
            "need-abuse",
            |f, on| {
                let detail = json!({ "domestic": true, "child_present": true });
                f.fact("police-callout", json!({ "home": "home" }), &only(on), detail)
            },
            "2026-03-01",
        ),
    ];
    for (criterion, sign, first) in signs {
        let first = day(first);
        for (on, shows) in [(first.plus(-1).unwrap(), false), (first, true), (day(AS_OF), true), (day(AS_OF).plus(1).unwrap(), false)] {
            let family = Family::new().covered("2020-01-01..2030-12-31").child("son", "2013-05-01");
            let family = sign(family.attendance("son", "2026-04-13..2026-07-21", 1, 1), &on.to_string());
            let answer = lab.answer(&family, &Asked::eligibility(AS_OF)).await;
            assert_eq!(standing(&answer, criterion), if shows { "met" } else { "not-met" }, "{criterion} on {on}");
        }
    }
}

fn only(on: &str) -> String {
    format!("{on}..{on}")
}

#[tokio::test]
async fn domestic_callouts_show_a_problem_from_the_second_on_or_with_a_child_there() {
    let lab = lab();
    let called = |present: &[Value]| {
        let family = Family::new().covered("2020-01-01..2030-12-31");
        present.iter().fold(family, |family, present| {
            let mut detail = json!({ "domestic": true });
            if !present.is_null() {
                detail["child_present"] = present.clone();
            }
            family.fact("police-callout", json!({ "home": "home" }), "2026-05-01..2026-05-01", detail)
        })
    };
    for (present, needed, standing_then) in [
        (vec![], 2, "not-met"),
        (vec![json!(false)], 2, "not-met"),
        (vec![json!(null)], 2, "not-enough-evidence"),
        (vec![json!(true)], 2, "met"),
        (vec![json!(false), json!(false)], 2, "met"),
        (vec![json!(false), json!(null)], 2, "met"),
        (vec![json!(false), json!(false)], 3, "not-met"),
        (vec![json!(false), json!(null)], 3, "not-enough-evidence"),
        (vec![json!(false), json!(false), json!(false)], 3, "met"),
        (vec![json!(false)], 1, "met"),
    ] {
        let answer = lab.answer(&called(&present), &Asked::eligibility(AS_OF).with(json!({ "domestic-callouts": needed }))).await;
        assert_eq!(standing(&answer, "need-abuse"), standing_then, "{present:?} where {needed} are needed");
    }
}

/// 004:L133-L135: adults out of work.
#[tokio::test]
async fn an_adult_out_of_work_shows_from_the_eighteenth_birthday_while_the_benefit_is_paid() {
    let lab = lab();
    for (born, window, out_of_work, standing_then) in [
        ("2008-09-01", "2026-01-01..", true, "not-met"),
        ("2008-08-31", "2026-01-01..", true, "met"),
        ("2008-08-30", "2026-01-01..", true, "met"),
        ("1986-05-04", "2026-01-01..2026-08-30", true, "not-met"),
        ("1986-05-04", "2026-01-01..2026-08-31", true, "met"),
        ("1986-05-04", "2026-08-31..", true, "met"),
        ("1986-05-04", "2026-09-01..", true, "not-met"),
        ("1986-05-04", "2026-01-01..", false, "not-met"),
        ("", "2026-01-01..", true, "not-enough-evidence"),
        ("", "2026-01-01..", false, "not-met"),
    ] {
        let mut entry = json!({ "member_from": "2020-01-01" });
        if !born.is_empty() {
            entry["born"] = json!(born);
        }
        let detail = json!({ "benefit": "universal-credit", "out_of_work": out_of_work });
        let family = Family::new().covered("2020-01-01..2030-12-31").person("grown", entry);
        let family = family.fact("benefit-spell", json!({ "person": "grown" }), window, detail);
        let answer = lab.answer(&family, &Asked::eligibility(AS_OF)).await;
        assert_eq!(standing(&answer, "need-work"), standing_then, "born `{born}`, paid {window}, out of work {out_of_work}");
    }
}
