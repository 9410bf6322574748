//! The check of an installation before people review it: the plugin's own scenarios, as it wrote them and as this authority has it, in the
//! real sandbox.
//!
//! As it wrote them they have to pass. With the authority's own settings other answers are what the settings are for: they are kept as
//! differences, for whoever reviews. What fails there, or answers twice differently, blocks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::install::{asked, grants_of};
use super::publish::{PublishError, fits};
use super::scenarios::{self, Bench, Budget, Over, Played, Spending, Story};
use crate::sandbox::{Sandbox, Unfit};
use crate::store::Installation;

/// Differences that are kept: whoever reviews reads them.
const MOST_DIFFERENCES: usize = 100;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckFound)]
pub struct Found {
    /// Scenarios that were played, each as it was written and as the authority has it.
    pub scenarios: u64,
    /// Why it does not pass. Left out: it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What this authority's settings and grants change.
    pub differences: Vec<Difference>,
    /// There are more than are kept.
    #[serde(default)]
    pub more: bool,
    pub instructions: u64,
}

/// A scenario that comes out otherwise here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckDifference)]
pub struct Difference {
    pub scenario: String,
    /// Path below `expect`.
    pub field: String,
    pub expected: String,
    pub got: String,
}

/// Checks an installation of these bytes.
///
/// # Errors
/// This host could not look at it. What is wrong with the plugin is in what is found.
pub async fn check(sandbox: &Arc<Sandbox>, installation: &Installation, bytes: Vec<u8>) -> Result<Found, PublishError> {
    let (checked, compiled) = match fits(sandbox, bytes).await {
        Ok(fits) => fits,
        Err(PublishError::Host(why)) => return Err(PublishError::Host(why)),
        Err(why) => return Ok(Found { failed: Some(why.to_string()), ..Found::default() }),
    };
    let inspected = checked.inspected;
    let stories = scenarios::packed(&inspected.manifest.scenarios).unwrap_or_default();
    let granted = grants_of(installation)?;
    let ungranted = asked(&inspected).into_iter().filter(|name| !granted.has(name)).collect();
    let unfit = |why| PublishError::Unfit { plugin: installation.plugin.clone(), why };
    let written = Bench::new(sandbox.clone(), compiled.clone(), inspected.clone()).map_err(unfit)?;
    let here = Bench::new(sandbox.clone(), compiled, inspected).map_err(unfit)?.as_installed(&installation.settings, ungranted);
    let playing = sandbox.for_an_upload(async move { play(&written, &here, &stories, Budget::default()).await });
    let stopping = || PublishError::Host(Unfit::Host("it is stopping".into()));
    Ok(playing.ok_or_else(stopping)?.await.map_err(|e| Unfit::Host(e.to_string()))??)
}

async fn play(written: &Bench, here: &Bench, stories: &[Story], budget: Budget) -> Result<Found, Unfit> {
    let (mut spending, mut found) = (Spending::of(budget, &[written, here]), Found::default());
    for story in stories {
        let came = match spending.within(one(written, here, story, &mut found)).await {
            Ok(came) => came.map_err(|why| format!("\u{201c}{}\u{201d}: {why}", story.name())),
            Err(Over::Host(why)) => return Err(Unfit::Host(format!("its scenarios cannot be played now: {why}"))),
            Err(over) => Err(format!("its scenarios {over}")),
        };
        if let Err(why) = came {
            found.failed = Some(why);
            break;
        }
    }
    found.more = found.differences.len() > MOST_DIFFERENCES;
    found.differences.truncate(MOST_DIFFERENCES);
    Ok(found)
}

async fn one(written: &Bench, here: &Bench, story: &Story, found: &mut Found) -> Result<(), String> {
    let as_written = written.play(story).await;
    found.instructions += as_written.instructions();
    found.scenarios += 1;
    if let Some(wrong) = first_fault(&as_written) {
        return Err(wrong);
    }
    let (first, again) = (here.play(story).await, here.play(story).await);
    found.instructions += first.instructions() + again.instructions();
    let answers = |played: &Played| played.checked.iter().map(|c| c.answer).collect::<Vec<_>>();
    if answers(&first) != answers(&again) {
        return Err("it answers the same question differently the second time".into());
    }
    if let Some(wrong) = &first.wrong {
        return Err(format!("as it is set here: {}: {}", wrong.wrong.field, wrong.wrong.why));
    }
    for (there, own) in as_written.checked.iter().zip(&first.checked) {
        if there.answer.is_some() && own.answer.is_none() {
            return Err("as it is set here, it fails".into());
        }
        found.differences.extend(own.misses.iter().map(|miss| Difference {
            scenario: story.name(),
            field: miss.field.clone(),
            expected: miss.expected.clone(),
            got: miss.got.clone(),
        }));
    }
    Ok(())
}

fn first_fault(played: &Played) -> Option<String> {
    if let Some(miss) = played.checked.iter().flat_map(|c| &c.misses).next() {
        return Some(format!("{}: expected {}, got {}", miss.field, miss.expected, miss.got));
    }
    played.wrong.as_ref().map(|wrong| format!("{}: {}", wrong.wrong.field, wrong.wrong.why))
}
