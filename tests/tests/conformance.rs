//! One rule in Rust, JavaScript and Python, and calculated natively from its README: the same bytes, family by family.
//!
//! `N=10000` tries as many made-up families, `CASE=123` only that one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hearth::sandbox::{Answer, EarlierClaim, Question, Term, Verdict};
use hearth_tests::conformance::families::{self, Case};
use hearth_tests::conformance::{Asking, answer};
use hearth_tests::lab::Asked;
use hearth_tests::{Lab, number};

const LANGUAGES: [&str; 3] = ["rust", "javascript", "python"];

/// At least so many of five hundred families lie on each edge, and are answered about progress.
const ON_EACH_EDGE: usize = 30;

#[tokio::test]
async fn one_rule_in_three_languages_gives_the_bytes_that_its_readme_gives() {
    let labs = LANGUAGES.map(|language| (language, Lab::of(&format!("conformance-{language}"))));
    let only = number("CASE");
    let cases = only.map_or_else(|| 0..number("N").unwrap_or(500), |case| case..case + 1);
    let many = cases.end - cases.start;
    let started = std::time::Instant::now();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut differ: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for number in cases {
        let case = families::case(number);
        for question in [Question::Eligibility, Question::Progress] {
            let asking =
                Asking { question, as_of: case.as_of, settings: &case.settings, claims: &case.claims, terms: case.terms.as_deref() };
            let expected = answer(case.family.json(), &asking);
            for (language, lab) in &labs {
                if let Err(why) = compare(lab, &case, question, &expected).await {
                    differ
                        .entry(language)
                        .or_default()
                        .push(format!("case {number}, {question:?} as of {} in {language}: {why}", case.as_of));
                }
            }
            let is_answered = matches!((&expected.result, question), (Verdict::Answered(_), Question::Progress));
            let edges = case.edges.iter().filter(|_| is_answered).map(|edge| (*edge).to_owned());
            for what in said(&expected).into_iter().chain(edges) {
                *seen.entry(what).or_default() += 1;
            }
        }
    }
    println!("{many} families, both questions, three languages, {:.1} s\n{seen:#?}", started.elapsed().as_secs_f32());
    let counts: Vec<_> = differ.iter().map(|(language, cases)| format!("{} in {language}", cases.len())).collect();
    assert!(differ.is_empty(), "of {} answers {} differ; the first:\n{}", many * 2, counts.join(", "), differ.values().next().unwrap()[0]);
    if only.is_none() && many >= 500 {
        for edge in EDGES {
            let families = seen.get(*edge).copied().unwrap_or_default();
            assert!(families >= ON_EACH_EDGE, "{edge}: only {families} families");
        }
        for what in SAID {
            assert!(seen.contains_key(*what), "no answer said `{what}`: the dice no longer try everything");
        }
    }
}

async fn compare(lab: &Lab, case: &Case, question: Question, expected: &Answer) -> Result<(), String> {
    let mut claims: Vec<EarlierClaim> = (case.claims.iter())
        .map(|(kind, on)| EarlierClaim { entitled_on: on.to_string().parse().unwrap(), kind: (*kind).to_owned() })
        .collect();
    claims.sort();
    let as_of = case.as_of.to_string().parse().unwrap();
    let (mut given, _) = lab.given(&case.family, &Asked { question, as_of, settings: case.settings.clone(), claims });
    Arc::make_mut(&mut given.context).calendar.terms = case.terms.as_ref().map(|terms| {
        let term =
            |(name, first, last): &(&str, _, _)| Term { name: (*name).to_owned(), window: format!("{first}..{last}").parse().unwrap() };
        terms.iter().map(term).collect()
    });
    let about = format!("settings {}\nterms {:?}\nclaims {:?}\n{:#}", case.settings, case.terms, case.claims, case.family.json());
    let outcome = lab.ask_given(given).await;
    let answer = outcome.result.map_err(|fault| format!("a fault: {fault}\n{about}"))?;
    let ((_, told), (_, expected)) = (answer.encode(), expected.encode());
    if told == expected {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("the bytes differ\n{about}\n--- the plugin\n{}\n--- the README\n{}", text(&told), text(&expected)))
}

/// What an answer says, each once.
fn said(answer: &Answer) -> BTreeSet<String> {
    let mut said = BTreeSet::from([format!("{:?}: {}", answer.question, answer.code())]);
    for finding in &answer.findings {
        said.insert(format!("{}: {}", finding.criterion, finding.standing));
        said.extend(finding.reasons.iter().map(|reason| format!("says {}", reason.message.template)));
        said.extend(finding.before.filter(|before| *before > 0).map(|_| format!("{}: a value before", finding.criterion)));
    }
    said.extend(answer.claims.iter().map(|claim| format!("claim {}", claim.kind)));
    said.extend(answer.tasks.iter().map(|task| format!("task for {}", task.role)));
    if answer.findings.iter().filter(|finding| finding.criterion == "school").count() > 1 {
        said.insert("several children".to_owned());
    }
    said
}

/// Where the languages are apt to go apart.
const EDGES: &[&str] = &[
    "29 February asked about or engaged on",
    "born on 29 February",
    "asked about on a month's last day",
    "engaged on the 29th, 30th or 31st",
    "a term ends the day before",
    "a term ends that day",
    "a term ends the day after",
    "a term ends just before the look back",
    "a term ends as the look back begins",
    "a rate since yesterday",
    "a rate from that day on",
    "a rate from tomorrow on",
    "a birthday that day",
    "attendance that ends on 29 February",
    "several children",
];

/// What some answer must have been, or they prove little.
const SAID: &[&str] = &[
    "Eligibility: eligible",
    "Eligibility: not-eligible",
    "Eligibility: not-enough-evidence",
    "Progress: significant-and-sustained",
    "Progress: progress",
    "Progress: none-yet",
    "Progress: no-episode",
    "Progress: engaged-after-as-of",
    "Progress: not-enough-evidence",
    "age: met",
    "age: not-met",
    "age: not-enough-evidence",
    "age: not-applicable",
    "age: a value before",
    "school: met",
    "school: not-met",
    "school: not-enough-evidence",
    "school: not-applicable",
    "school: a value before",
    "settled: met",
    "settled: not-met",
    "result: met",
    "result: not-met",
    "result: not-applicable",
    "says no-rate",
    "says claimed",
    "says no-sessions",
    "says not-known",
    "says age-unknown",
    "claim progress-result",
    "task for data-manager",
];
