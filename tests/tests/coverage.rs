//! What is known, as a plugin is told it: the latest word counts, whoever it was about, and silence is never taken for "did not
//! happen".

use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};

/// Whom a statement is about (nobody: the feed), which days, in what state they are.
type Statement = (Option<&'static str>, &'static str, &'static str);

/// Statements about offences in the order in which they were made, and how `crime-1` stands then.
const CASES: &[(&[Statement], &str)] = &[
    (&[], "not-enough-evidence"),
    (&[(None, "2025-01-01..2026-12-31", "complete")], "met"),
    (&[(None, "2025-01-01..2026-03-31", "complete")], "not-enough-evidence"),
    (&[(None, "2025-01-01..2026-12-31", "complete"), (Some("mother"), "2026-05-01..2026-05-01", "partial")], "not-enough-evidence"),
    // The file is sent again, whole.
    (
        &[
            (None, "2025-01-01..2026-12-31", "complete"),
            (Some("mother"), "2026-05-01..2026-05-01", "partial"),
            (None, "2025-01-01..2026-12-31", "complete"),
        ],
        "met",
    ),
    // What was complete turns out not to have been.
    (
        &[
            (None, "2025-01-01..2026-12-31", "complete"),
            (Some("mother"), "2025-01-01..2026-12-31", "complete"),
            (None, "2026-04-01..2026-04-30", "none"),
        ],
        "not-enough-evidence",
    ),
    // Known of one member is not known of the family.
    (&[(Some("mother"), "2025-01-01..2026-12-31", "complete")], "not-enough-evidence"),
];

#[tokio::test]
async fn the_latest_word_counts() {
    let lab = Lab::of("bristol-outcomes");
    for (statements, standing) in CASES {
        let mut family = Family::new().episode("2026-01-05", &["crime-and-antisocial-behaviour"]).keyworker("2026-01-05..");
        for (person, window, state) in *statements {
            family = family.coverage("offence", *person, window, state);
        }
        let answer = lab.ask(&family, &Asked::progress("2026-08-31")).await.result.unwrap();
        let finding = answer.findings.iter().find(|f| f.criterion == "crime-1").unwrap();
        assert_eq!(finding.standing, *standing, "{statements:?}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_member_about_the_home_is_said_of_the_family_and_the_worst_counts() {
    let lab = Lab::of("bristol-outcomes");
    for (son, standing) in [("complete", "met"), ("partial", "not-enough-evidence")] {
        let family = Family::new()
            .child("son", "2014-01-01")
            .episode("2026-01-05", &["crime-and-antisocial-behaviour"])
            .callouts("2025-10-01", 5)
            .coverage("police-callout", None, "2025-01-01..2026-12-31", "complete")
            .coverage("police-callout", Some("son"), "2026-05-01..2026-05-31", son)
            .coverage("police-callout", Some("mother"), "2026-05-01..2026-05-31", "complete");
        let answer = lab.ask(&family, &Asked::progress("2026-08-31")).await.result.unwrap();
        let finding = answer.findings.iter().find(|f| f.criterion == "crime-3").unwrap();
        assert_eq!(finding.standing, standing, "the son's month is {son}");
    }
}
