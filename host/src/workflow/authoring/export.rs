//! A decision's evidence as a scenario: of an invented family as it is, of a real one pseudonymised.
//!
//! Pseudonymised is told again with new names and no ids, every date moved by the same number of weeks, births on the first of their month,
//! sums and hours rounded, without identifiers; then without whatever the answer does not need, kind by kind and person by person; and then
//! what is left may be nothing that fewer than five families of the authority have. It is asked after each step: where the answer is
//! another, the step is taken back, and where it has to be taken and cannot be, nothing is exported.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::{Evidence, Left, NotTold};
use crate::access::random;
use crate::plugins::scenarios::{How, Node, Tried, essence, expected, list_of, nobody_real, retold_facts, stories, written};
use crate::record::sections::Handle;
use crate::record::{Invalid, Kind};
use crate::sandbox::answer::Basis;
use crate::store::{AuthorityStore, Decision};
use crate::workflow::Workflow;

/// Weeks by which dates are moved, at least and at most, to either side.
const WEEKS: std::ops::RangeInclusive<i32> = 4..=52;
/// Moves that are tried: a rule may count months, bank holidays or terms.
const MOVES: usize = 16;
/// Runs of one export.
const RUNS: u32 = 120;
const WALL: Duration = Duration::from_secs(15);

/// A scenario file.
#[derive(Debug, Clone)]
pub struct Exported {
    pub text: String,
    pub pseudonymised: bool,
    /// Kinds of which facts were left out, since the answer does not need them or they are rare.
    pub left_out: BTreeSet<Kind>,
    /// People who were.
    pub people_left_out: usize,
}

impl Workflow {
    /// A decision's evidence as a scenario file that the same plugin passes.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn export_scenario(&self, store: &AuthorityStore, decision: &Decision) -> Result<Exported, NotTold> {
        let authority = self.shared.stores.common().authority(store.id()).await?;
        let invented = authority.is_some_and(|a| a.invented);
        let evidence = self.evidence_of(store, decision).await?;
        let (evidence, told) = self.behind_questions(exporting(evidence, invented)).await?;
        let mut told = told?;
        if !invented {
            let rare = rare(store, &evidence, &told.how).await?;
            told = self.behind_questions(async move { without(evidence, told, rare).await }).await??;
        }
        Ok(told.exported)
    }
}

/// A scenario on its way out.
#[derive(Debug)]
struct Told {
    how: How,
    left: Left,
    exported: Exported,
}

async fn exporting(evidence: Evidence, invented: bool) -> (Evidence, Result<Told, NotTold>) {
    let told = begun(&evidence, invented).await;
    (evidence, told)
}

async fn begun(evidence: &Evidence, invented: bool) -> Result<Told, NotTold> {
    let mut left = Left::new(RUNS, WALL);
    let (how, tried) = if invented {
        let how = How { sections: evidence.sections, ..How::default() };
        let tried = same(evidence, &how, true, &mut left).await?.ok_or(NotTold::AnotherAnswer)?;
        (how, tried)
    } else {
        let (how, _) = moved(evidence, &mut left).await?;
        smaller(evidence, how, &mut left).await?
    };
    let exported = file(evidence, &how, &tried, invented).await?;
    Ok(Told { how, left, exported })
}

/// Told so, it is answered as the decision was.
async fn same(evidence: &Evidence, how: &How, exactly: bool, left: &mut Left) -> Result<Option<Tried>, NotTold> {
    let scenario = Node::from_json(&evidence.told(how)?);
    let Some(Ok(tried)) = evidence.tried(&scenario, None, left).await else { return Ok(None) };
    let as_it_was = evidence.is_within(&tried) && essence(&tried.result, &tried.items, exactly) == evidence.essence(exactly);
    Ok(as_it_was.then_some(tried))
}

/// The first move in time with which the answer stays.
async fn moved(evidence: &Evidence, left: &mut Left) -> Result<(How, Tried), NotTold> {
    let mut moves: Vec<i32> = WEEKS.flat_map(|weeks| [7 * weeks, -7 * weeks]).collect();
    for _ in 0..MOVES {
        let drawn: [u8; 8] = random().map_err(|e| Invalid::new("", e.to_string()))?;
        let at = usize::try_from(u64::from_le_bytes(drawn) % moves.len() as u64).unwrap_or_default();
        let how = How { moved: moves.swap_remove(at), coarse: true, sections: evidence.sections, ..How::default() };
        if let Some(tried) = same(evidence, &how, false, left).await? {
            return Ok((how, tried));
        }
    }
    Err(NotTold::AnotherAnswer)
}

/// Without what the answer does not need.
async fn smaller(evidence: &Evidence, mut how: How, left: &mut Left) -> Result<(How, Tried), NotTold> {
    let mut kept = same(evidence, &how, false, left).await?.ok_or(NotTold::AnotherAnswer)?;
    let cited: BTreeSet<Handle> = evidence.answer.reasons().flat_map(|r| &r.rests_on).filter_map(fact).collect();
    let mut groups: BTreeMap<(Kind, bool), BTreeSet<Handle>> = BTreeMap::new();
    for (handle, kind, _) in retold_facts(&evidence.told(&how)?) {
        groups.entry((kind, cited.contains(&handle))).or_default().insert(handle);
    }
    // What is cited may have been said without being needed; but a file without it would show another reason.
    for (_, facts) in groups.into_iter().filter(|((_, cited), _)| !cited) {
        let fewer = How { without: how.without.union(&facts).copied().collect(), ..how.clone() };
        if let Some(tried) = same(evidence, &fewer, false, left).await? {
            (how, kept) = (fewer, tried);
        }
    }
    for person in (0..).take(evidence.given.snapshot.people.len()) {
        let mut fewer = how.clone();
        fewer.without_people.insert(person);
        // Somebody is left.
        if fewer.without_people.len() < evidence.given.snapshot.people.len()
            && let Some(tried) = same(evidence, &fewer, false, left).await?
        {
            (how, kept) = (fewer, tried);
        }
    }
    Ok((how, kept))
}

fn fact(basis: &Basis) -> Option<Handle> {
    if let Basis::Fact(fact) = basis { Some(*fact) } else { None }
}

/// What is left and few families have: of each kind, or of each code, the facts.
struct Rare {
    kind: Kind,
    field: Option<String>,
    facts: BTreeSet<Handle>,
}

/// A kind, and a field of it with its code.
type Said = (Kind, Option<(String, String)>);

async fn rare(store: &AuthorityStore, evidence: &Evidence, how: &How) -> Result<(Vec<Rare>, bool), NotTold> {
    let mut said: BTreeMap<Said, BTreeSet<Handle>> = BTreeMap::new();
    for (handle, kind, body) in retold_facts(&evidence.told(how)?) {
        said.entry((kind, None)).or_default().insert(handle);
        for (field, value) in body.iter().filter(|(field, _)| list_of(kind, field).is_some()) {
            let codes = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for code in codes.iter().filter_map(Value::as_str) {
                said.entry((kind, Some((field.clone(), code.to_owned())))).or_default().insert(handle);
            }
        }
    }
    let mut rare = Vec::new();
    for ((kind, code), facts) in said {
        let named = code.as_ref().map(|(field, code)| (field.as_str(), code.as_str()));
        if store.is_rare(kind, named).await? {
            rare.push(Rare { kind, field: code.map(|(field, _)| field), facts });
        }
    }
    let people = evidence.given.snapshot.people.len() - how.without_people.len();
    Ok((rare, store.is_rarely_so_large(people).await?))
}

/// The file without what is rare.
async fn without(evidence: Evidence, told: Told, (rare, large): (Vec<Rare>, bool)) -> Result<Told, NotTold> {
    if large {
        return Err(NotTold::TooLarge);
    }
    let Told { mut how, mut left, mut exported } = told;
    let mut last = None;
    for Rare { kind, field, facts } in rare {
        let fewer = How { without: how.without.union(&facts).copied().collect(), ..how.clone() };
        let tried = same(&evidence, &fewer, false, &mut left).await?;
        last = Some(tried.ok_or(NotTold::Rare { kind, field })?);
        how = fewer;
    }
    if let Some(tried) = last {
        exported = file(&evidence, &how, &tried, false).await?;
    }
    Ok(Told { how, left, exported })
}

/// The file, which is read and played once more as everybody will.
async fn file(evidence: &Evidence, how: &How, tried: &Tried, invented: bool) -> Result<Exported, NotTold> {
    let Value::Object(mut fields) = evidence.told(how)? else { return Err(NotTold::AnotherAnswer) };
    let of = if invented { "of an invented family" } else { "pseudonymised" };
    fields.insert("scenario".into(), format!("{} as it was decided, {of}", evidence.given.question.code()).into());
    fields.insert("source".into(), format!("a decision, {of}").into());
    fields.insert("expect".into(), expected(tried).map_err(|e| e.wrong)?);
    // An authority's own settings may hold an address.
    nobody_real(&Value::Object(fields.clone()))?;
    let text = written(&fields);
    if !passes(evidence, &text).await {
        return Err(NotTold::AnotherAnswer);
    }
    let left_out = how.without.iter().filter_map(|f| Some(evidence.given.snapshot.facts.get(*f as usize)?.kind)).collect();
    Ok(Exported { text, pseudonymised: !invented, left_out, people_left_out: how.without_people.len() })
}

async fn passes(evidence: &Evidence, text: &str) -> bool {
    let Ok(stories) = Node::from_yaml(text).map_err(drop).and_then(|node| stories(node).map_err(drop)) else { return false };
    for story in &stories {
        if !evidence.bench.play(story).await.passed() {
            return false;
        }
    }
    !stories.is_empty()
}
