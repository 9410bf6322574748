//! Each attack ends in its documented error, and the sandbox serves on.

use std::time::Duration;

use hearth::sandbox::{Fault, Limits};
use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};
use serde_json::json;

/// The attack, the fault it must end in, and a piece of what the author is told.
const ATTACKS: &[(&str, &str, &str)] = &[
    ("loop", "plugin-out-of-instructions", "100000000 instructions"),
    ("recursion", "plugin-trapped", "call stack exhausted"),
    ("panic", "plugin-trapped", "deliberate: criterion crime-1 has no rule"),
    ("panic in silence", "plugin-trapped", "the plugin stopped itself"),
    ("memory", "plugin-out-of-memory", "67108864 bytes"),
    ("memory, and answer all the same", "plugin-out-of-memory", "67108864 bytes"),
    ("host calls", "plugin-over-a-bound", "calls of the host"),
    ("rows", "plugin-over-a-bound", "rows read"),
    ("findings", "plugin-answer-refused", "two findings for the criterion `harmless`"),
    ("a huge list", "plugin-over-a-bound", "bytes in one call"),
    ("many reasons", "plugin-over-a-bound", "reasons of one report"),
    ("no reason", "plugin-answer-refused", "has no reason"),
    ("a reason that rests on nothing", "plugin-answer-refused", "rests on nothing"),
    ("a huge string", "plugin-over-a-bound", "bytes in one call"),
    ("proposals", "plugin-over-a-bound", "proposed actions"),
    ("a fact never given", "plugin-answer-refused", "fact 0 was never given"),
    ("a fact beyond the end", "plugin-answer-refused", "fact 4294967295 was never given"),
    ("a person never given", "plugin-answer-refused", "person 0 was never given"),
    ("ages of strangers", "plugin-answer-refused", "person 0 was never given"),
    ("identifiers of strangers", "plugin-answer-refused", "person 0 was never given"),
    ("births of strangers", "plugin-answer-refused", "person 0 was never given"),
    ("birthdays of strangers", "plugin-answer-refused", "person 0 was never given"),
    ("birthdays of too many", "plugin-over-a-bound", "persons (at most 10000)"),
    ("the source of a fact never given", "plugin-answer-refused", "fact 0 was never given"),
    ("an unknown template", "plugin-answer-refused", "template `free-text` is not in the manifest"),
    ("a wrong argument", "plugin-answer-refused", "argument `n` is declared as Count"),
    ("a missing argument", "plugin-answer-refused", "needs the argument `n`"),
    ("an argument too many", "plugin-answer-refused", "no argument `note`"),
    ("an unknown criterion", "plugin-answer-refused", "is not in the manifest"),
    ("an unknown standing", "plugin-answer-refused", "is not in the code list standings"),
    ("a finding twice", "plugin-answer-refused", "two findings"),
    ("a claim of minus one pound", "plugin-answer-refused", "a claim of -£1.00"),
    ("a claim of all there is", "plugin-answer-refused", "at most £1000000"),
    ("a claim on nothing", "plugin-answer-refused", "rests on no finding"),
    ("a claim on a finding never added", "plugin-answer-refused", "finding 7"),
    ("a claim twice", "plugin-answer-refused", "two claims"),
    ("a claim from tomorrow", "plugin-answer-refused", "after the as-of date"),
    ("a day that is none", "plugin-answer-refused", "is not a day"),
    ("months beyond the end", "plugin-answer-refused", "out of range"),
    ("a window that ends before it starts", "plugin-answer-refused", "before the first day"),
    ("coverage of an unknown section", "plugin-answer-refused", "is not a section"),
    ("a key with text in it", "plugin-answer-refused", "small letters, digits and hyphens"),
    ("a task for an unknown role", "plugin-answer-refused", "is not in the code list roles"),
    ("a search where nothing was granted", "plugin-answer-refused", "which this run has not read"),
    ("long log lines without end", "plugin-over-a-bound", "bytes of text"),
    ("settings without end", "plugin-over-a-bound", "calls of the host"),
    ("answer with an unknown word", "plugin-answer-refused", "is not in the code list outcomes"),
    ("answer with text", "plugin-answer-refused", "is not in the code list outcomes"),
    ("refuse with an unknown word", "plugin-answer-refused", "is not in the code list failures"),
];

/// What does no harm, and is only bounded.
const HARMLESS: &[&str] = &["none", "many log lines", "a long log line", "read what is not granted", "refuse"];

fn family() -> Family {
    Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").attendance("son", "2026-04-13..2026-07-21", 120, 100)
}

fn limits() -> Limits {
    // Enough for every decent run; little enough that the loop ends in the blink of an eye.
    Limits { instructions: 100_000_000, wall: Duration::from_secs(20), ..Limits::default() }
}

#[tokio::test]
async fn each_attack_ends_in_its_documented_error() {
    let lab = Lab::without("hostile", &["hearth:family/offending"], limits());
    for (attack, fault, says) in ATTACKS {
        let asked = Asked::progress("2026-08-31").with(json!({ "attack": attack }));
        let outcome = lab.ask(&family(), &asked).await;
        let refused = outcome.result.expect_err(attack);
        assert_eq!(refused.code(), *fault, "{attack}: {refused}");
        assert!(refused.to_string().contains(says), "{attack}: {refused}");
        // Whatever happened, the next run is as if nothing had.
        let after = lab.ask(&family(), &Asked::progress("2026-08-31")).await;
        assert_eq!(after.result.expect(attack).code(), "none-yet", "after {attack}");
    }
}

#[tokio::test]
async fn what_does_no_harm_is_only_bounded() {
    let lab = Lab::without("hostile", &["hearth:family/offending"], limits());
    for attack in HARMLESS {
        let asked = Asked::progress("2026-08-31").with(json!({ "attack": attack }));
        let outcome = lab.ask(&family(), &asked).await;
        assert!(outcome.result.is_ok(), "{attack}: {:?}", outcome.result);
        assert!(outcome.log.lines.len() <= 200, "{attack}");
        assert!(outcome.log.lines.iter().all(|l| l.text.len() <= 1_003), "{attack}");
    }
}

#[tokio::test]
async fn an_endless_plugin_is_stopped_by_the_clock_too() {
    let limits = Limits { instructions: u64::MAX / 2, wall: Duration::from_millis(200), ..Limits::default() };
    let lab = Lab::without("hostile", &[], limits);
    let outcome = lab.ask(&family(), &Asked::progress("2026-08-31").with(json!({ "attack": "loop" }))).await;
    assert_eq!(outcome.result, Err(Fault::OutOfTime { millis: 200 }));
}

#[tokio::test]
async fn the_same_question_has_the_same_bytes_and_costs_the_same() {
    let lab = Lab::of("hostile");
    let asked = Asked::progress("2026-08-31");
    let (first, second) = (lab.ask(&family(), &asked).await, lab.ask(&family(), &asked).await);
    assert_eq!(first.result.unwrap().encode(), second.result.unwrap().encode());
    assert_eq!(first.instructions, second.instructions);
}
