//! Police call-outs to the home.

use super::*;

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
