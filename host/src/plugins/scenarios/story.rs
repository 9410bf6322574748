//! A scenario file as stories: one for each of its cases, or one for the file where it has none.

use std::sync::Arc;

use serde_json::Value;

use super::node::{Node, Of};
use super::world::{SAYS, text_of};
use super::wrong::{At, Read, Wrong};
use crate::record::Invalid;

/// One family, what is asked about it, what must come back, and how it goes on.
#[derive(Debug, Clone)]
pub struct Story {
    pub scenario: Arc<str>,
    pub case: Option<String>,
    /// The document and line that its rule is from.
    pub source: Arc<str>,
    /// What all cases of the file share.
    pub base: Arc<Node>,
    /// What this one changes, and its place in the file's list.
    pub change: Option<(usize, Node)>,
    /// What must come back on the first day; none where that is only the beginning.
    pub expect: Option<Node>,
    /// What happens later.
    pub then: Vec<Node>,
    /// Where the steps stand in the file.
    pub then_at: String,
}

/// Most cases of one file, and steps of one story.
const MOST_CASES: usize = 200;
const MOST_STEPS: usize = 50;

impl Story {
    /// `scenario`, or `scenario: case`.
    #[must_use]
    pub fn name(&self) -> String {
        self.case.as_ref().map_or_else(|| self.scenario.to_string(), |case| format!("{}: {case}", self.scenario))
    }
}

/// The stories of a file.
///
/// # Errors
/// [`Wrong`] naming the field.
pub fn stories(file: Node) -> Read<Vec<Story>> {
    let own = ["scenario", "source", "today", "terms", "expect", "cases", "then"];
    file.only(&own.into_iter().chain(SAYS).collect::<Vec<_>>()).at(&file)?;
    let said = |field: &str, why: &str| -> Read<Arc<str>> {
        let text =
            file.get(field).ok_or_else(|| Invalid::new(field, why)).and_then(|n| text_of(n).map_err(|e| e.within(field))).at(&file)?;
        Ok(text.into())
    };
    let scenario = said("scenario", "is needed: what the scenario shows, in a sentence")?;
    let source = said("source", "is needed: the document and line that the rule is from")?;
    let cases = file.get("cases").map(Node::each).unwrap_or_default().to_vec();
    if cases.len() > MOST_CASES {
        return Err(Invalid::new("cases", format!("has {} entries, and may have {MOST_CASES}", cases.len()))).at(&file);
    }
    let then = steps(&file).map_err(|e| e.within("then"))?;
    let expect = file.get("expect").cloned();
    let base = Arc::new(file);
    let story = |case, change, expect, then, then_at| Story {
        scenario: scenario.clone(),
        case,
        source: source.clone(),
        base: base.clone(),
        change,
        expect,
        then,
        then_at,
    };
    let mut stories = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let at = format!("cases[{i}]");
        let read = || -> Read<Story> {
            case.only(&["case", "change", "expect", "then"]).at(case)?;
            let name = case.get("case").ok_or_else(|| Invalid::new("case", "is needed: its name")).and_then(text_of).at(case)?;
            let change = case.get("change").cloned().unwrap_or_else(Node::empty);
            change.only(&["today", "terms"].into_iter().chain(SAYS).collect::<Vec<_>>()).at(&change).map_err(|e| e.within("change"))?;
            let merged = match (&expect, case.get("expect")) {
                (Some(shared), Some(own)) => {
                    let mut merged = shared.clone();
                    merged.merge(own);
                    merged.line = own.line;
                    Some(merged)
                }
                (shared, own) => own.or(shared.as_ref()).cloned(),
            };
            let own = steps(case).map_err(|e| e.within("then"))?;
            let (then, then_at) = if own.is_empty() { (then.clone(), "then".to_owned()) } else { (own, format!("{at}.then")) };
            Ok(story(Some(name), Some((i, change)), merged, then, then_at))
        };
        stories.push(read().map_err(|e| e.within(&at))?);
    }
    if cases.is_empty() {
        stories.push(story(None, None, expect, then, "then".into()));
    }
    for story in &stories {
        if story.expect.is_none() && story.then.iter().all(|step| step.get("expect").is_none()) {
            let at = story.change.as_ref().map_or_else(String::new, |(i, _)| format!("cases[{i}]"));
            return Err(Wrong { line: story.base.line_at(&at), ..Wrong::new(at, "expects nothing") });
        }
    }
    Ok(stories)
}

fn steps(node: &Node) -> Read<Vec<Node>> {
    let steps = node.get("then").map(Node::each).unwrap_or_default();
    if steps.len() > MOST_STEPS {
        return Err(Wrong {
            line: node.line_at("then"),
            ..Wrong::new("", format!("has {} steps, and may have {MOST_STEPS}", steps.len()))
        });
    }
    for (i, step) in steps.iter().enumerate() {
        let known: Vec<&str> = ["after", "on", "expect"].into_iter().chain(SAYS).collect();
        let read = step.only(&known).and_then(|()| match (step.get("after"), step.get("on")) {
            (Some(_), Some(_)) | (None, None) => Err(Invalid::new("", "says when: `after: 6 weeks` or `on: next term`, one of them")),
            _ => Ok(()),
        });
        read.at(step).map_err(|e| e.within(&format!("[{i}]")))?;
    }
    Ok(steps.to_vec())
}

/// Every story of a manifest's scenarios.
///
/// # Errors
/// [`Wrong`] naming `scenarios[i]` and the field in it.
pub fn packed(scenarios: &[Value]) -> Read<Vec<Story>> {
    let mut all = Vec::new();
    for (i, scenario) in scenarios.iter().enumerate() {
        all.extend(stories(Node::from_json(scenario)).map_err(|e| e.within(&format!("scenarios[{i}]")))?);
    }
    Ok(all)
}

/// The file as a manifest carries it.
#[must_use]
pub fn as_json(file: &Node) -> Value {
    let mut value = file.to_json();
    if let (Value::Object(fields), Of::Map(_)) = (&mut value, &file.of) {
        fields.retain(|_, v| !v.is_null());
    }
    value
}
