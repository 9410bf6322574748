//! What would have to change: of a decision's facts one at a time, and whether its result, or one criterion, would come out otherwise.

use std::time::Duration;

use serde_json::Value;

use super::{Evidence, Left, NotTold};
use crate::plugins::scenarios::{How, Node, Turn, Variation, came_to, essence, items_of, person, variations};
use crate::record::sections::Handle;
use crate::record::{FactId, Invalid, Kind, PersonId};
use crate::sandbox::answer::{Answer, Basis};
use crate::store::{AuthorityStore, Decision};
use crate::workflow::Workflow;

/// What is to come out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Result,
    Criterion { criterion: String, person: Option<PersonId> },
}

/// How much may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub runs: u32,
    pub wall: Duration,
}

/// A change that turns it.
#[derive(Debug, Clone)]
pub struct Turned {
    pub fact: FactId,
    pub kind: Kind,
    pub person: Option<PersonId>,
    pub turn: Turn,
    pub field: Option<String>,
    pub from: Option<Value>,
    pub to: Option<Value>,
    /// The code that would be answered, or why it would be refused.
    pub result: String,
    /// What the criterion would be; `none`: it would not be reported.
    pub standing: Option<String>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Turns {
    pub result: String,
    pub standing: Option<String>,
    pub turned: Vec<Turned>,
    /// Changes that were tried.
    pub tried: u32,
    /// That were not, since the bounds were reached.
    pub untried: u32,
    /// After which the plugin would have read other sections than it was given then: what it would answer is not known.
    pub beyond: u32,
    /// After which it failed.
    pub failed: u32,
}

impl Workflow {
    /// Searches the single changes that would turn a decision's result, or one of its criteria.
    ///
    /// # Errors
    /// [`NotTold`]; `Invalid` naming `criterion` where the decision says nothing of it.
    pub async fn what_would_change(
        &self,
        store: &AuthorityStore,
        decision: &Decision,
        target: Target,
        bounds: Bounds,
    ) -> Result<Turns, NotTold> {
        let evidence = self.evidence_of(store, decision).await?;
        let key = key_of(&evidence, &target)?;
        self.behind_questions(async move { search(&evidence, key.as_deref(), bounds).await }).await?
    }
}

/// What the criterion is called in the retold scenario; none for the result.
fn key_of(evidence: &Evidence, target: &Target) -> Result<Option<String>, NotTold> {
    let Target::Criterion { criterion, person: whose } = target else { return Ok(None) };
    let people = &evidence.given.snapshot.people;
    let nobody = || Invalid::new("person", "is nobody whom the decision was about");
    let handle = whose.map(|id| people.iter().position(|p| p.id == id).ok_or_else(nobody)).transpose()?;
    let handle = handle.and_then(|h| Handle::try_from(h).ok());
    if !evidence.answer.findings.iter().any(|f| f.criterion == *criterion && f.person == handle) {
        let why = if handle.is_none() {
            "is nothing that the decision found of the family: name the person too"
        } else {
            "is nothing that the decision found"
        };
        return Err(Invalid::new("criterion", why).into());
    }
    Ok(Some(handle.map_or_else(|| criterion.clone(), |h| format!("{criterion} of {}", person(h)))))
}

async fn search(evidence: &Evidence, key: Option<&str>, bounds: Bounds) -> Result<Turns, NotTold> {
    let how = How { sections: evidence.sections, ..How::default() };
    let scenario = evidence.told(&how)?;
    let base = Node::from_json(&scenario);
    let mut left = Left::new(bounds.runs.max(1), bounds.wall);
    let first = evidence.tried(&base, None, &mut left).await;
    // What is searched from has to be what was decided.
    let faithful = matches!(&first, Some(Ok(tried)) if essence(&tried.result, &tried.items, true) == evidence.essence(true));
    if !faithful {
        return Err(NotTold::AnotherAnswer);
    }
    let manifest = &evidence.bench.inspected.manifest;
    let standing_in = |items: &[crate::plugins::scenarios::Item]| {
        key.map(|key| {
            let found = items.iter().find(|i| i.list == "findings" && i.key == key);
            found.and_then(|i| i.fields.first()).map_or_else(|| "none".to_owned(), |(_, got)| got.to_string())
        })
    };
    let items = items_of(manifest, &evidence.given, &evidence.answer);
    let mut turns = Turns {
        result: came_to(&Ok(evidence.answer.clone())),
        standing: standing_in(&items),
        turned: Vec::new(),
        tried: 0,
        untried: 0,
        beyond: 0,
        failed: 0,
    };
    for variation in variations(&scenario, evidence.given.context.as_of, &cited(&evidence.answer)) {
        let change = Node::from_json(&variation.change);
        let tried = match evidence.tried(&base, Some(&change), &mut left).await {
            None => {
                turns.untried += 1;
                continue;
            }
            // What cannot be recorded is no change.
            Some(Err(_)) => continue,
            Some(Ok(tried)) => tried,
        };
        turns.tried += 1;
        if tried.result.is_err() {
            turns.failed += 1;
            continue;
        }
        if !evidence.is_within(&tried) {
            turns.beyond += 1;
            continue;
        }
        let (result, standing) = (tried.came_to(), standing_in(&tried.items));
        let differs = if key.is_some() { standing != turns.standing } else { result != turns.result };
        if differs && let Some(turned) = turned(evidence, variation, result, standing) {
            turns.turned.push(turned);
        }
    }
    Ok(turns)
}

/// The facts that the answer cites.
fn cited(answer: &Answer) -> Vec<Handle> {
    let fact = |basis: &Basis| if let Basis::Fact(fact) = basis { Some(*fact) } else { None };
    answer.reasons().flat_map(|r| &r.rests_on).filter_map(fact).collect()
}

fn turned(evidence: &Evidence, variation: Variation, result: String, standing: Option<String>) -> Option<Turned> {
    let Variation { fact, turn, field, from, to, change: _ } = variation;
    let entry = evidence.given.snapshot.facts.get(fact as usize)?;
    let rows = crate::plugins::scenarios::rows(&evidence.given);
    let row = rows.iter().find(|(handle, _)| *handle == fact).map(|(_, row)| row);
    let whose = row.and_then(|row| row.get("person").or_else(|| row.get("holder"))).and_then(Value::as_u64);
    let person = whose.and_then(|h| evidence.given.snapshot.people.get(usize::try_from(h).ok()?)).map(|p| p.id);
    Some(Turned { fact: entry.id, kind: entry.kind, person, turn, field, from, to, result, standing })
}
