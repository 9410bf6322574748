//! The scenarios of an older version, asked of a newer one: what an author promised before, and whether it still holds. Nothing of it refuses
//! anything: an author may think better of a rule, and whoever takes the newer version sees that they did.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::bench::{Bench, Played};
use super::budget::{Budget, Spending};
use super::story::{Story, packed};
use crate::record::Digest;

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ScenarioBecame)]
pub enum Became {
    /// The newer version answers as the older one promised.
    Passes,
    /// It answers otherwise, or fails.
    Fails,
    /// Only the newer version has it.
    New,
    /// What may be used for all of them was used up before.
    NotPlayed,
}

/// A scenario of either version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ScenarioBetween)]
pub struct Between {
    #[schema(example = "Police call-outs to the home fall by sixty per cent: just enough")]
    scenario: String,
    became: Became,
    /// The newer version has one of this name that says something else.
    rewritten: bool,
    /// The newer version has none of this name.
    dropped: bool,
    /// Of one that fails: what was expected, and what came.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Between {
    #[must_use]
    pub const fn became(&self) -> Became {
        self.became
    }

    /// As a line for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let own = match (self.rewritten, self.dropped) {
            (true, _) => " The newer version has written it anew.",
            (_, true) => " The newer version has it no more.",
            _ => "",
        };
        let why = self.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        let scenario = &self.scenario;
        match self.became {
            Became::Passes => format!("\u{201c}{scenario}\u{201d} passes as before.{own}"),
            Became::Fails => format!("\u{201c}{scenario}\u{201d} does not pass any more{why}.{own}"),
            Became::New => format!("\u{201c}{scenario}\u{201d} is new."),
            Became::NotPlayed => format!("\u{201c}{scenario}\u{201d} was not played: what all of them may use was used up.{own}"),
        }
    }

    /// Is there anything to look at?
    #[must_use]
    pub fn is_as_before(&self) -> bool {
        self.became == Became::Passes && !self.rewritten && !self.dropped
    }
}

/// Plays the older version's scenarios with the newer one, in the order of their files; then names those that are new.
///
/// # Errors
/// [`super::Wrong`]: they cannot be read, which was checked when they came.
pub async fn between(older: &[Value], newer: &Bench, budget: Budget) -> Result<Vec<Between>, super::Wrong> {
    let (before, now) = (packed(older)?, packed(&newer.inspected.manifest.scenarios)?);
    let own: BTreeMap<String, Digest> = now.iter().map(|s| (s.name(), content(s))).collect();
    let (mut spending, mut all) = (Spending::of(budget, &[newer]), Vec::new());
    for story in &before {
        let played = spending.within(newer.play(story)).await.ok();
        let why = played.as_ref().and_then(first_miss);
        let became = match (&played, &why) {
            (None, _) => Became::NotPlayed,
            (_, Some(_)) => Became::Fails,
            _ => Became::Passes,
        };
        let there = own.get(&story.name());
        let rewritten = there.is_some_and(|there| *there != content(story));
        all.push(Between { scenario: story.name(), became, rewritten, dropped: there.is_none(), why });
    }
    let known: Vec<String> = before.iter().map(Story::name).collect();
    let new = now.iter().map(Story::name).filter(|name| !known.contains(name));
    all.extend(new.map(|scenario| Between { scenario, became: Became::New, rewritten: false, dropped: false, why: None }));
    Ok(all)
}

fn first_miss(played: &Played) -> Option<String> {
    let miss = played.checked.iter().flat_map(|c| &c.misses).next();
    let missed = miss.map(|miss| format!("{}: expected {}, got {}", miss.field, miss.expected, miss.got));
    missed.or_else(|| played.wrong.as_ref().map(|wrong| format!("{}: {}", wrong.wrong.field, wrong.wrong.why)))
}

/// All that a story says, but for where it stands.
fn content(story: &Story) -> Digest {
    let change = story.change.as_ref().map(|(_, change)| change.to_json());
    let expect = story.expect.as_ref().map(super::Node::to_json);
    let then: Vec<Value> = story.then.iter().map(super::Node::to_json).collect();
    let mut base = story.base.to_json();
    if let Some(fields) = base.as_object_mut() {
        // Of the other cases, and what stands in this one.
        fields.retain(|name, _| !["cases", "expect", "then"].contains(&name.as_str()));
    }
    // Words, numbers and lists, which always become JSON.
    Digest::of(&serde_json::to_vec(&(base, change, expect, then)).unwrap_or_default())
}
