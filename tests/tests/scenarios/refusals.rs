//! When there is no answer.

use super::*;

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
