//! The scenarios that a plugin brings along, at upload: they are about nobody real, they can be read, and the plugin passes them
//! within a budget.

use serde_json::Value;

use super::bench::{Bench, Played};
use super::budget::{Budget, Over, Spending};
use super::real::nobody_real;
use super::story::{Story, packed};
use crate::record::Invalid;

/// Files, and stories in all of them: an upload plays each.
const MOST_FILES: usize = 200;
const MOST_STORIES: usize = 1_000;
/// Bytes of all of them together, of the manifest's 1 MiB.
const LARGEST: usize = 512 << 10;

/// Why an upload's scenarios refuse it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("its scenario \u{201c}{scenario}\u{201d} does not pass: {field}: {why}")]
    Scenario { scenario: String, field: String, why: String },
    #[error("its scenarios {why}; \u{201c}{scenario}\u{201d} is where they were stopped")]
    Over { scenario: String, why: Over },
}

/// What can be checked without running anything.
///
/// # Errors
/// [`Invalid`] below `scenarios`: too many, too large, unreadable, or what looks like a real person's number or address.
pub fn check(scenarios: &[Value]) -> Result<(), Invalid> {
    if scenarios.len() > MOST_FILES {
        return Err(Invalid::new("scenarios", format!("has {} entries, and may have {MOST_FILES}", scenarios.len())));
    }
    let bytes: usize = scenarios.iter().map(|s| s.to_string().len()).sum();
    if bytes > LARGEST {
        return Err(Invalid::new("scenarios", format!("has {bytes} bytes, and may have {LARGEST}")));
    }
    for (i, scenario) in scenarios.iter().enumerate() {
        nobody_real(scenario).map_err(|e| e.within(&format!("scenarios[{i}]")))?;
    }
    let stories = packed(scenarios).map_err(|e| e.wrong)?;
    if stories.len() > MOST_STORIES {
        return Err(Invalid::new("scenarios", format!("has {} cases, and may have {MOST_STORIES}", stories.len())));
    }
    Ok(())
}

/// Plays them all.
///
/// # Errors
/// [`Failed`]: the first that does not pass, or where the budget ran out.
pub async fn play(bench: &Bench, stories: &[Story], budget: Budget) -> Result<(), Failed> {
    let mut spending = Spending::of(budget, &[bench]);
    for story in stories {
        let played = spending.within(bench.play(story)).await;
        passed(story, &played.map_err(|why| Failed::Over { scenario: story.name(), why })?)?;
    }
    Ok(())
}

fn passed(story: &Story, played: &Played) -> Result<(), Failed> {
    let failed = |field: &str, why: String| Err(Failed::Scenario { scenario: story.name(), field: field.to_owned(), why });
    if let Some(miss) = played.checked.iter().flat_map(|c| &c.misses).next() {
        return failed(&format!("expect.{}", miss.field), format!("expected {}, got {}", miss.expected, miss.got));
    }
    match &played.wrong {
        Some(wrong) => failed(&wrong.wrong.field, wrong.wrong.why.clone()),
        None => Ok(()),
    }
}
