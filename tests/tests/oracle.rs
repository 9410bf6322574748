//! The plugin in its sandbox, and its README calculated a second time: family by family the two agree.
//!
//! `N=10000` tries as many made-up families, `CASE=123` only that one.

use std::collections::{BTreeMap, BTreeSet};

use hearth::sandbox::Question;
use hearth_tests::{Lab, compare, generated, number};

/// One run in so many is asked a second time.
const REPLAYED: u64 = 20;

#[tokio::test]
async fn the_plugin_agrees_with_its_readme_family_by_family() {
    let lab = Lab::of("bristol-outcomes");
    let only = number("CASE");
    let cases = only.map_or_else(|| 0..number("N").unwrap_or(1_000), |case| case..case + 1);
    let many = cases.end - cases.start;
    let started = std::time::Instant::now();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut differ = Vec::new();
    for number in cases {
        let case = generated::case(number);
        for question in [Question::Eligibility, Question::Progress] {
            match compare(&lab, &case, question, number.is_multiple_of(REPLAYED)).await {
                Ok(said) => {
                    let standings = said.findings.iter().map(|f| format!("{}: {}", f.criterion, f.standing));
                    let claims = said.claims.iter().map(|c| format!("claim {}", c.kind));
                    let all: BTreeSet<String> = standings.chain(claims).chain([format!("{question:?}: {}", said.code)]).collect();
                    all.into_iter().for_each(|what| *seen.entry(what).or_default() += 1);
                }
                Err(why) => differ.push(format!("case {number}, {why}")),
            }
        }
    }
    println!("{many} families, both questions, {:.1} s\n{seen:#?}", started.elapsed().as_secs_f32());
    assert!(differ.is_empty(), "{} of {} answers differ; the first:\n{}", differ.len(), many * 2, differ[0]);
    if many >= 300 {
        for what in EXPECTED {
            assert!(seen.contains_key(*what), "no family of {many} was `{what}`: the dice no longer try everything");
        }
    }
}

/// What the made-up families must have been, or they prove little.
const EXPECTED: &[&str] = &[
    "Eligibility: eligible",
    "Eligibility: not-eligible",
    "Eligibility: not-enough-evidence",
    "Progress: significant-and-sustained",
    "Progress: progress",
    "Progress: none-yet",
    "Progress: no-episode",
    "Progress: engaged-after-as-of",
    "claim attachment",
    "claim progress-result",
    "need-crime: met",
    "need-crime: not-met",
    "need-crime: not-enough-evidence",
    "need-attendance: met",
    "need-attendance: not-met",
    "need-attendance: not-enough-evidence",
    "need-children: met",
    "need-children: not-met",
    "need-children: not-enough-evidence",
    "need-work: met",
    "need-work: not-met",
    "need-work: not-enough-evidence",
    "need-abuse: met",
    "need-abuse: not-met",
    "need-abuse: not-enough-evidence",
    "need-health: met",
    "need-health: not-enough-evidence",
    "crime-1: met",
    "crime-1: not-met",
    "crime-1: not-enough-evidence",
    "crime-2: met",
    "crime-2: not-met",
    "crime-2: not-enough-evidence",
    "crime-3: met",
    "crime-3: not-met",
    "crime-3: not-applicable",
    "crime-3: not-enough-evidence",
    "education-1: met",
    "education-1: not-met",
    "education-1: not-applicable",
    "education-1: not-enough-evidence",
    "other-children: not-enough-evidence",
    "other-work: not-enough-evidence",
    "other-abuse: not-enough-evidence",
    "other-health: not-enough-evidence",
    "keyworker-at-entry: met",
    "keyworker-at-entry: not-met",
    "keyworker-now: met",
    "keyworker-now: not-met",
    "claim-attachment: met",
    "claim-attachment: not-met",
    "claim-attachment: not-applicable",
    "claim-result: met",
    "claim-result: not-met",
    "claim-result: not-applicable",
];
