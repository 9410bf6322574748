//! Plugins whose runtimes look for a computer (plain Rust for wasm32-wasip2, StarlingMonkey, Python, none of them stubbed) find
//! none: no file, clock, environment, randomness or socket; and they give the same bytes twice.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hearth::plugins::describe::describe;
use hearth::plugins::pack::pack;
use hearth::record::Digest;
use hearth::sandbox::{Grants, Limits, Outcome, Sandbox, Words};
use hearth_tests::host::Host;
use hearth_tests::lab::{Asked, plugin};
use hearth_tests::program::compiler;
use hearth_tests::{Family, Lab};
use serde_json::json;

fn packed(language: &str) -> Vec<u8> {
    pack(&plugin(&format!("closed-world-{language}")), include_bytes!("../closed-world/manifest.json")).unwrap()
}

fn lab(language: &str) -> Lab {
    // On a busy machine a flood may take long; what must end it is its own bound.
    let limits = Limits { wall: Duration::from_secs(120), ..Limits::default() };
    Lab::of_bytes(&packed(language), &[], limits)
}

async fn ask(lab: &Lab, attempt: &str, as_of: &str) -> Outcome {
    lab.ask(&Family::new(), &Asked::progress(as_of).with(json!({ "attempt": attempt }))).await
}

/// Level and text of each log line.
fn logged(outcome: &Outcome) -> Vec<String> {
    outcome.log.lines.iter().map(|l| format!("{} {}", l.level, l.text)).collect()
}

/// The answer's bytes, or the fault's words.
fn said(outcome: &Outcome) -> Vec<u8> {
    match &outcome.result {
        Ok(answer) => answer.encode().1,
        Err(fault) => fault.to_string().into_bytes(),
    }
}

/// An attempt, and the lines that it may log.
type Finds<'a> = (&'a str, &'a [&'a str]);
/// An attempt, the code of the fault that it ends in, and a part of its words.
type Ends = (&'static str, &'static str, &'static str);

/// Each attempt twice, in sandboxes that share nothing but the compiled component.
async fn looks_for_the_world(language: &str, finds: &[Finds<'_>], ends: &[Ends]) {
    let (one, other) = (lab(language), lab(language));
    let twice = async |attempt: &str| {
        let (first, second) = (ask(&one, attempt, "2026-08-31").await, ask(&other, attempt, "2026-08-31").await);
        assert_eq!(said(&first), said(&second), "{attempt}");
        assert_eq!(first.log, second.log, "{attempt}");
        assert_eq!(first.instructions, second.instructions, "{attempt}");
        first
    };
    for (attempt, lines) in finds {
        let outcome = twice(attempt).await;
        assert_eq!(outcome.result.as_ref().expect(attempt).code(), "none-yet", "{attempt}");
        assert_eq!(logged(&outcome), *lines, "{attempt}");
    }
    for (attempt, code, says) in ends {
        let outcome = twice(attempt).await;
        let fault = outcome.result.expect_err(attempt);
        assert_eq!(fault.code(), *code, "{attempt}: {fault}");
        assert!(fault.to_string().contains(says), "{attempt}: {fault}");
        assert!(outcome.log.lines.len() <= 200, "{attempt}");
        assert!(ask(&one, "none", "2026-08-31").await.result.is_ok(), "after {attempt}");
    }
    clocks_follow_the_date_alone(&one).await;
    numbers_follow_from_the_question_alone(&one, &other).await;
}

async fn clocks_follow_the_date_alone(lab: &Lab) {
    let (then, later) = (logged(&ask(lab, "clock", "2026-08-31").await), logged(&ask(lab, "clock", "2027-01-05").await));
    assert!(then[0].contains("1788134400"), "{then:?}");
    assert_eq!(later[0], then[0].replace("1788134400", "1799107200"), "2027-01-05 at 00:00 UTC");
    let without_dates =
        |lines: &[String]| lines.iter().filter(|l| !l.contains("seconds") && !l.contains("date")).cloned().collect::<Vec<_>>();
    assert_eq!(without_dates(&then), without_dates(&later));
}

async fn numbers_follow_from_the_question_alone(one: &Lab, other: &Lab) {
    let drawn = logged(&ask(one, "random", "2026-08-31").await);
    assert!(drawn.len() >= 3, "{drawn:?}");
    assert_eq!(drawn, logged(&ask(other, "random", "2026-08-31").await), "in another sandbox");
    assert_ne!(drawn, logged(&ask(one, "random", "2026-09-01").await), "on another date");
    // Drawn from the record, they would tell of sections that were not granted.
    let asked = Asked::progress("2026-08-31").with(json!({ "attempt": "random" }));
    assert_eq!(drawn, logged(&one.ask(&Family::new().offence("mother", "2026-07-01"), &asked).await), "of another family");
}

/// Two thousand pound signs, of which a log line keeps a thousand bytes.
fn cut_pounds() -> String {
    format!("info {}…", "£".repeat(500))
}

const STOPPED: &str = "plugin-trapped";
const OVER: &str = "plugin-over-a-bound";

#[tokio::test]
async fn rust_finds_no_world() {
    let pounds = cut_pounds();
    let finds: &[Finds<'_>] = &[
        (
            "files",
            &[
                "info /etc/passwd: Err(NotFound)",
                "info Cargo.toml: Err(NotFound)",
                "info /dev/urandom: Err(NotFound)",
                "info ../../etc/passwd: Err(NotFound)",
                "info folder: Err(NotFound)",
                "info new file: Err(NotFound)",
                "info new folder: Err(NotFound)",
            ],
        ),
        (
            "clock",
            &[
                "info seconds: Ok(1788134400s)",
                "info later: Ok(0ns)",
                "info worked for: 499999500000",
                "info took: 0ns",
                "info monotonic: 0",
            ],
        ),
        (
            "environment",
            &[
                "info variables: []",
                "info arguments: []",
                "info path: Err(NotPresent)",
                "info program: Err(Unsupported)",
                "info terminals: (false, false, false)",
            ],
        ),
        (
            "sockets",
            &[
                "info connect: Err(PermissionDenied)",
                "info listen: Err(PermissionDenied)",
                "info datagram: Err(PermissionDenied)",
                "info name: Err(PermissionDenied)",
            ],
        ),
        (
            "output",
            &[
                "info to standard output",
                "warn to standard error",
                &pounds,
                "info after a long line",
                "info \u{fffd}x",
                "info without an end",
            ],
        ),
        ("input", &["info read: Ok(0)", "info splice: Err(\"StreamError::Closed\")"]),
        ("sleep", &["info ready: (true, [0, 1])", "info slept for: 0ns"]),
        ("processes", &["info thread: Err(Unsupported)", "info process: Err(Unsupported)"]),
    ];
    let ends: &[Ends] = &[
        ("random bytes, a gigabyte at once", OVER, "random bytes in one call (at most 65536)"),
        ("random bytes without end", OVER, "random bytes (at most 1048576)"),
        ("output without end", OVER, "bytes of text"),
        ("short lines without end", OVER, "calls of the host"),
        ("zeroes without end", OVER, "bytes of text"),
        ("zeroes, all at once", OVER, "bytes written to a stream at once (at most 65536)"),
        ("sleep without end", OVER, "calls of the host"),
        ("pollables without end", OVER, "resource handles (at most 1000)"),
        ("streams without end", OVER, "resource handles (at most 1000)"),
        ("wait for nothing", "plugin-answer-refused", "waits for nothing"),
        ("a folder guessed", STOPPED, "unknown handle index"),
        ("a socket guessed", STOPPED, "unknown handle index"),
        ("a stream taken for a folder", STOPPED, "handle index"),
        ("exit", STOPPED, "it called exit instead of answering: leaving: criterion crime-1 has no rule"),
        ("panic", STOPPED, "deliberate: criterion crime-1 has no rule"),
        ("panic after many lines", STOPPED, "deliberate: criterion crime-1 has no rule"),
    ];
    looks_for_the_world("rust", finds, ends).await;
}

#[tokio::test]
async fn javascript_finds_no_world() {
    let pounds = cut_pounds();
    let finds: &[Finds<'_>] = &[
        (
            "clock",
            &[
                "info milliseconds: 1788134400000",
                "info later: 0",
                "info date: \"2026-08-31T00:00:00.000Z\"",
                "info worked for: 4999950000",
                "info took: 0",
                "info time zone: 0",
            ],
        ),
        ("environment", &["info names: []", "info address: \"\""]),
        ("output", &["info to standard output", "warn to standard error", &pounds]),
        ("sleep", &["info slept for: 0"]),
    ];
    let ends: &[Ends] = &[
        ("random bytes without end", OVER, "random bytes (at most 1048576)"),
        ("output without end", "plugin-out-of-instructions", ""),
        // The tool stubs it: there is not even an import.
        ("sockets", STOPPED, ""),
        ("throw", STOPPED, "deliberate: criterion crime-1 has no rule"),
    ];
    looks_for_the_world("javascript", finds, ends).await;
}

#[tokio::test]
async fn python_finds_no_world() {
    let pounds = cut_pounds();
    let finds: &[Finds<'_>] = &[
        (
            "files",
            &[
                "info /etc/passwd: 'FileNotFoundError'",
                "info plugin.py: 'FileNotFoundError'",
                "info /dev/urandom: 'FileNotFoundError'",
                "info ../../etc/passwd: 'FileNotFoundError'",
                "info folder: 'FileNotFoundError'",
                "info new file: 'FileNotFoundError'",
                "info new folder: 'FileNotFoundError'",
            ],
        ),
        (
            "clock",
            &[
                "info seconds: 1788134400.0",
                "info later: 0",
                "info date: '2026-08-31T00:00:00+00:00'",
                "info worked for: 4999950000",
                "info took: 0",
            ],
        ),
        (
            "environment",
            &["info variables: {}", "info arguments: []", "info user: 'AttributeError'", "info terminals: [False, False, False]"],
        ),
        (
            "sockets",
            &[
                "info connect: 'PermissionError'",
                "info listen: 'PermissionError'",
                "info datagram: 'PermissionError'",
                "info name: 'PermissionError'",
            ],
        ),
        ("output", &["info to standard output", "warn to standard error", &pounds, "info without an end"]),
        ("input", &["info read: ''"]),
        ("sleep", &["info slept for: 0.0"]),
        ("processes", &["info process: 'AttributeError'", "info fork: 'AttributeError'"]),
    ];
    let ends: &[Ends] = &[
        ("random bytes without end", OVER, "random bytes (at most 1048576)"),
        ("output without end", OVER, "bytes of text"),
        ("exit", STOPPED, "it called exit instead of answering: leaving: criterion crime-1 has no rule"),
        ("throw", STOPPED, "RuntimeError: deliberate: criterion crime-1 has no rule"),
    ];
    looks_for_the_world("python", finds, ends).await;
}

/// Bytes of memory that this process holds.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[tokio::test]
async fn floods_leave_the_memory_of_the_host_as_it_was() {
    let lab = lab("rust");
    let floods = async || {
        for flood in ["output without end", "short lines without end", "random bytes without end", "pollables without end"] {
            let fault = ask(&lab, flood, "2026-08-31").await.result.expect_err(flood);
            assert_eq!(fault.code(), OVER, "{flood}: {fault}");
        }
    };
    floods().await;
    let before = resident();
    for _ in 0..3 {
        floods().await;
    }
    // About 50 MiB went through; one flood kept would be seen.
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more");
}

#[test]
fn who_signs_is_told_that_a_computer_is_looked_for() {
    let page = describe(&lab("rust").inspected, false).text();
    assert!(page.contains("is answered with nothing") && page.contains("wasi:clocks/wall-clock"), "{page}");
    let page = describe(&Lab::of("bristol-outcomes").inspected, false).text();
    assert!(!page.contains("wasi"), "{page}");
}

#[test]
fn a_function_of_wasi_without_an_answer_is_refused_by_its_name() {
    let sandbox: Arc<Sandbox> = Sandbox::start(None, compiler(), Limits::default()).unwrap();
    for (what, text) in [
        ("tomorrow of wasi:clocks/wall-clock@0.2.99", r#"(export "tomorrow" (func (result u64)))"#),
        ("time-machine of wasi:clocks/wall-clock@0.2.99", r#"(export "time-machine" (type (sub resource)))"#),
        ("type mismatch", r#"(export "now" (func (result string)))"#),
    ] {
        let bytes = wat::parse_str(format!(r#"(component (import "wasi:clocks/wall-clock@0.2.99" (instance {text})))"#)).unwrap();
        let compiled = sandbox.compile(Digest::of(&bytes), &bytes).unwrap();
        let refused = sandbox.prepare(&compiled, &Words::default(), &Grants::default()).err().expect(what).to_string();
        assert!(refused.contains(what), "{refused}");
    }
}

#[tokio::test]
async fn a_decision_of_a_plugin_that_uses_wasi_is_made_and_replayed() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol City Council").await?;
    let uploaded = council.upload(packed("rust")).await?;
    assert_eq!(uploaded.status, 201, "{}", uploaded.body);
    // Its log lines are the plugin's own; what it was given of chance and time is in them.
    let proposal = json!({ "plugin": uploaded.body["digest"], "grants": [], "settings": { "attempt": "random" } });
    let installation = council.post("/installations", proposal).await?;
    council.post(&format!("/installations/{}/activation", installation["id"].as_str().unwrap()), json!({})).await?;
    let family = council.post("/families", Family::new().json_without_feeds()).await?;
    let question = json!({ "family": family["id"], "question": "progress", "as_of": "2026-08-31" });
    let decision = council.post("/decisions", question).await?;
    let replay = council.post(&format!("/decisions/{}/replay", decision["id"].as_str().unwrap()), json!({})).await?;
    assert_eq!((&replay["answer"]["is"], &replay["inputs"]["are"]), (&json!("same"), &json!("still-follow")), "{replay}");
    host.stop().await;
    Ok(())
}
