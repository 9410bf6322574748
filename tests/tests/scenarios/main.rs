//! Bristol's plan over families in which one thing at a time is just below, at and above what the rule says. The numbers
//! are from the source (`004:L…`, quoted in the plugin's README), worked out by hand.

mod attendance;
mod behaviour;
mod callouts;
mod claims;
mod coverage;
mod eligibility;
mod refusals;
mod windows;

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
