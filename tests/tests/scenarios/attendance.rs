//! School attendance: the threshold, the window, who is a child.

use super::*;

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
