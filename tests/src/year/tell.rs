//! What is told at the end: per authority and month what happened, and of each case that was given to both what differed and why, in the
//! sentences of the API.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result};
use hearth::record::Day;
use serde_json::Value;

use super::council::{Council, Year};
use super::play::Played;
use super::read::Book;

/// Sentences of a decision that are told at most.
const SENTENCES: usize = 3;

/// Per authority and month how often what happened, as its feed and the driver have it.
#[derive(Debug, Default)]
pub struct Counted {
    months: BTreeMap<(String, String), BTreeMap<String, u64>>,
    notes: Vec<(String, Day, String)>,
    places: BTreeMap<String, String>,
}

fn month(day: Day) -> String {
    day.to_string()[..7].to_owned()
}

impl Counted {
    pub(super) fn did(&mut self, council: &str, day: Day, act: &str) {
        let what = if act == "fact" { "facts sent" } else { "acts of people" };
        *self.months.entry((council.to_owned(), month(day))).or_default().entry(what.to_owned()).or_default() += 1;
    }

    pub(super) fn note(&mut self, council: &str, day: Day, what: &str) {
        self.notes.push((council.to_owned(), day, what.to_owned()));
    }

    /// What the authority's feed tells of the month that ends.
    pub(super) async fn month(&mut self, council: &Council, day: Day) -> Result<()> {
        let name = council.file.name.clone();
        let counts = self.months.entry((name.clone(), month(day))).or_default();
        loop {
            let after = self.places.get(&name).map(|place| format!("&after={place}")).unwrap_or_default();
            let page = council.get(&format!("/feed?limit=200{after}")).await?;
            for item in page["items"].as_array().into_iter().flatten() {
                *counts.entry(item["name"].as_str().unwrap_or("?").to_owned()).or_default() += 1;
            }
            self.places.insert(name.clone(), page["next"].as_str().context("a feed says where it goes on")?.to_owned());
            if page["more"] != true {
                return Ok(());
            }
        }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let councils: BTreeSet<&String> = self.months.keys().map(|(council, _)| council).collect();
        for council in councils {
            writeln!(f, "{council}")?;
            let rows: Vec<_> = self.months.iter().filter(|((c, _), _)| c == council).collect();
            let names: BTreeSet<&String> = rows.iter().flat_map(|(_, counts)| counts.keys()).collect();
            let months: Vec<&str> = rows.iter().map(|((_, month), _)| month.as_str()).collect();
            writeln!(f, "  {:<26}{}", "", months.iter().map(|m| format!("{m:>9}")).collect::<String>())?;
            for name in names {
                let cells = rows.iter().map(|(_, counts)| format!("{:>9}", counts.get(name).copied().unwrap_or_default()));
                writeln!(f, "  {:<26}{}", name.replace('-', " "), cells.collect::<String>())?;
            }
            for (_, day, what) in self.notes.iter().filter(|(c, ..)| c == council) {
                writeln!(f, "  {day}: {what}")?;
            }
        }
        Ok(())
    }
}

/// A decision, in short.
struct Told {
    /// As of when, the question, and which of that day.
    when: (String, String, usize),
    /// The answer, with level, route and priority where there are.
    what: String,
    because: Vec<String>,
}

impl Year {
    /// What differed between the authorities for each named case, and why.
    ///
    /// # Errors
    /// The API failed.
    pub async fn differences(&self, book: &Book, played: &Played) -> Result<String> {
        let mut text = String::new();
        for case in &book.cases {
            let lives: Vec<_> = played.named.iter().filter(|(name, ..)| *name == case.name).collect();
            let [one, other] = lives[..] else { continue };
            let _ = writeln!(text, "{}: {} ({})", case.name, case.says, case.source);
            let (left, right) = (self.told(one.1, &one.2).await?, self.told(other.1, &other.2).await?);
            let mut when: BTreeSet<_> = left.iter().map(|t| &t.when).collect();
            when.extend(right.iter().map(|t| &t.when));
            let mut differed = false;
            for when in when {
                let find = |side: &'_ [Told]| side.iter().position(|t| t.when == *when);
                let (left, right) = (find(&left).map(|i| &left[i]), find(&right).map(|i| &right[i]));
                if left.map(|t| &t.what) == right.map(|t| &t.what) {
                    continue;
                }
                differed = true;
                let _ = writeln!(text, "  {} {}", when.0, when.1);
                for (council, side) in [(one.1, left), (other.1, right)] {
                    let name = &self.councils[council].file.name;
                    let what = side.map_or("was not asked", |t| &t.what);
                    let because = side.map(|t| t.because.join(" ")).filter(|b| !b.is_empty());
                    let _ = writeln!(text, "    {name}: {what}{}", because.map(|b| format!(". {b}")).unwrap_or_default());
                }
            }
            if !differed {
                let _ = writeln!(text, "  nothing differed");
            }
        }
        Ok(text)
    }

    async fn told(&self, council: usize, family: &str) -> Result<Vec<Told>> {
        let council = &self.councils[council];
        let page = council.get(&format!("/decisions?family={family}&limit=200")).await?;
        let mut told: Vec<Told> = Vec::new();
        for summary in page["items"].as_array().into_iter().flatten().rev() {
            let text = |field: &str| summary[field].as_str().unwrap_or_default().to_owned();
            let (as_of, question) = (text("as_of"), text("question"));
            let before = told.iter().filter(|t| t.when.0 == as_of && t.when.1 == question).count();
            let decision = council.get(&format!("/decisions/{}", text("id"))).await?;
            told.push(Told { when: (as_of, question, before), what: what(&decision), because: because(&decision) });
        }
        Ok(told)
    }
}

/// The answer, and what was proposed, without anybody's ids.
fn what(decision: &Value) -> String {
    let mut parts = vec![decision["result"].as_str().unwrap_or_default().to_owned()];
    for report in decision["reported"].as_array().into_iter().flatten() {
        parts.extend(["level", "route", "priority", "tier"].iter().filter_map(|of| report[of].as_str()).map(str::to_owned));
    }
    for finding in decision["findings"].as_array().into_iter().flatten() {
        parts.push(format!("{} {}", finding["criterion"].as_str().unwrap_or_default(), finding["standing"].as_str().unwrap_or_default()));
    }
    let mut proposed: Vec<String> = Vec::new();
    for task in decision["tasks"].as_array().into_iter().flatten() {
        proposed.push(format!("task {}", task["key"].as_str().unwrap_or_default()));
    }
    for action in decision["actions"].as_array().into_iter().flatten() {
        proposed.push(format!("{} {}", action["action"].as_str().unwrap_or_default(), action["key"].as_str().unwrap_or_default()));
    }
    for claim in decision["claims"].as_array().into_iter().flatten() {
        proposed.push(format!("claim {}", claim["kind"].as_str().unwrap_or_default()));
    }
    let proposed = if proposed.is_empty() { String::new() } else { format!(" → {}", proposed.join(", ")) };
    format!("{}{proposed}", parts.join(", "))
}

/// The first sentences, each once.
fn because(decision: &Value) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let reasons = ["reported", "findings", "actions"].iter().flat_map(|of| decision[*of].as_array().into_iter().flatten());
    let sentences = reasons.flat_map(|thing| {
        let own = thing["sentence"].as_str();
        thing["reasons"].as_array().into_iter().flatten().filter_map(|r| r["sentence"].as_str()).chain(own).collect::<Vec<_>>()
    });
    let refused = decision.pointer("/refused/sentence").and_then(Value::as_str);
    for sentence in refused.into_iter().chain(sentences) {
        if said.len() < SENTENCES && !said.iter().any(|s| s == sentence) {
            said.push(sentence.to_owned());
        }
    }
    said
}
