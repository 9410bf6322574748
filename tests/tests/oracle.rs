//! The plugin in its sandbox, and its README calculated a second time: family by family the two agree.
//!
//! `N=10000` tries as many made-up families, `CASE=123` only that one.

use std::collections::{BTreeMap, BTreeSet};

use hearth::record::Day;
use hearth::sandbox::{EarlierClaim, Question};
use hearth_tests::generated::{self, Case};
use hearth_tests::lab::Asked;
use hearth_tests::oracle::{self, Asking, Said};
use hearth_tests::{Lab, oracle::check_reasons};

/// One run in so many is asked a second time.
const REPLAYED: u64 = 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

/// What both say about a made-up family; where they differ, everything that a person needs to see why.
async fn compare(lab: &Lab, number: u64, case: &Case, question: Question) -> Result<Said, String> {
    let as_of: Day = case.as_of.to_string().parse().unwrap();
    let mut claims: Vec<EarlierClaim> = (case.claims.iter())
        .map(|(kind, on)| EarlierClaim { entitled_on: on.to_string().parse().unwrap(), kind: (*kind).to_owned() })
        .collect();
    claims.sort();
    let asked = Asked { question, as_of, settings: case.settings.clone(), claims };
    let (given, family) = lab.given(&case.family, &asked);
    let snapshot = given.snapshot.clone();
    let handles: BTreeMap<String, u32> = (family.people.iter())
        .map(|(name, id)| (name.clone(), snapshot.people.iter().zip(0..).find(|(p, _)| p.id == *id).unwrap().1))
        .collect();
    let asking = Asking { question, as_of: case.as_of, settings: &asked.settings, claims: &asked.claims, handles: &handles };
    let expected = oracle::answer(case.family.json(), &asking);

    let about = |what: &str, plugin: &str| {
        format!(
            "case {number}, {question:?} as of {as_of}: {what}\nsettings {}\nclaims {:?}\nhandles {handles:?}\n{}\n--- the plugin\n{plugin}\n--- the README\n{expected}",
            asked.settings,
            asked.claims,
            compact(case.family.json()),
        )
    };
    let outcome = lab.ask_given(given.clone()).await;
    let answer = outcome.result.map_err(|fault| about("a fault", &fault.to_string()))?;
    let said = Said::of(&answer);
    if said != expected {
        return Err(about("they differ", &said.to_string()));
    }
    check_reasons(&answer, &snapshot).map_err(|why| about(&why, &said.to_string()))?;
    if number.is_multiple_of(REPLAYED) {
        let again = lab.ask_given(given).await;
        let same = again.result.as_ref().is_ok_and(|a| a.encode() == answer.encode()) && again.instructions == outcome.instructions;
        if !same {
            return Err(about("asked again, it said something else or took another number of instructions", &said.to_string()));
        }
    }
    Ok(said)
}

/// One fact a line.
fn compact(document: &serde_json::Value) -> String {
    let mut lines = vec![format!("people {}", document["people"]), format!("homes {}", document["homes"])];
    for list in ["facts", "coverage"] {
        lines.extend(document[list].as_array().unwrap().iter().map(|entry| format!("{list} {entry}")));
    }
    lines.join("\n")
}

#[tokio::test]
async fn the_plugin_agrees_with_its_readme_family_by_family() {
    let lab = Lab::of("bristol-outcomes");
    let only = number("CASE");
    let cases = only.map_or_else(|| 0..number("N").unwrap_or(300), |case| case..case + 1);
    let many = cases.end - cases.start;
    let started = std::time::Instant::now();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut differ = Vec::new();
    for number in cases {
        let case = generated::case(number);
        for question in [Question::Eligibility, Question::Progress] {
            match compare(&lab, number, &case, question).await {
                Ok(said) => {
                    let standings = said.findings.iter().map(|f| format!("{}: {}", f.criterion, f.standing));
                    let claims = said.claims.iter().map(|c| format!("claim {}", c.kind));
                    let all: BTreeSet<String> = standings.chain(claims).chain([format!("{question:?}: {}", said.code)]).collect();
                    all.into_iter().for_each(|what| *seen.entry(what).or_default() += 1);
                }
                Err(why) => differ.push(why),
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
