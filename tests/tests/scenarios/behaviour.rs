//! Antisocial behaviour, or a programme completed.

use super::*;

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
