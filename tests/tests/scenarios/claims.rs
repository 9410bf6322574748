//! Keyworkers, rates, and what may be claimed.

use super::*;

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
