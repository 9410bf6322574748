//! Each attack ends in its documented error, and everything else is as if nothing had been. What is tried, and how it must end, stands
//! in `hearth_tests::attacks`.

use std::time::Duration;

use hearth::sandbox::{Fault, Limits};
use hearth_tests::Lab;
use hearth_tests::attacks::guests::{family, in_javascript, in_python, in_rust};
use hearth_tests::attacks::{Row, composed, files, grants, resident, served, table};
use hearth_tests::lab::Asked;
use serde_json::json;

fn each_is_as_documented(rows: &[Row]) {
    assert!(!rows.is_empty());
    assert!(rows.iter().all(Row::as_documented), "{}", table(rows));
}

#[tokio::test]
async fn those_of_a_plugin_in_rust() {
    each_is_as_documented(&in_rust().await);
    // Once more, when everything that is kept for ever is there: what is kept of the second round would be a leak.
    let before = resident();
    each_is_as_documented(&in_rust().await);
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn those_of_a_plugin_in_javascript() {
    each_is_as_documented(&in_javascript().await);
}

#[tokio::test]
async fn those_of_a_plugin_in_python() {
    each_is_as_documented(&in_python().await);
}

#[tokio::test]
async fn those_of_a_plugin_in_many_parts() {
    each_is_as_documented(&composed::attacked().await);
}

#[test]
fn imports_that_are_not_granted() {
    each_is_as_documented(&grants::attacked());
}

#[tokio::test]
async fn files_that_are_uploaded() {
    each_is_as_documented(&files::attacked().await);
}

#[tokio::test]
async fn those_that_take_a_host() {
    each_is_as_documented(&served::attacked().await.unwrap());
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
