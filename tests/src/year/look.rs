//! Does what is there hold what must be? A pattern is part of an item: fields that it does not name may be anything, and a star in a text
//! stands for any letters.

use serde_json::{Map, Value, json};

/// How often an item like this must be there; without it, once at least.
const TIMES: &str = "times";

/// Does the item hold all that the pattern names? Lists hold each entry of the pattern's, in any order.
#[must_use]
pub fn like(pattern: &Value, item: &Value) -> bool {
    match (pattern, item) {
        (Value::Object(wanted), _) => wanted.iter().all(|(field, wanted)| match item.get(field) {
            Some(there) => like(wanted, there),
            None => wanted.is_null(),
        }),
        (Value::Array(wanted), Value::Array(there)) if wanted.is_empty() => there.is_empty(),
        (Value::Array(wanted), Value::Array(there)) => wanted.iter().all(|wanted| there.iter().any(|item| like(wanted, item))),
        (Value::String(wanted), Value::String(there)) => text_like(wanted, there),
        (Value::Number(wanted), Value::Number(there)) => wanted.as_f64() == there.as_f64(),
        _ => pattern == item,
    }
}

fn text_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(first) else { return false };
    (0..=text.len()).any(|at| text.is_char_boundary(at) && text_like(rest, &text[at..]))
}

/// What of the patterns is not there as they say; none: all holds. No pattern at all: nothing may be there.
#[must_use]
pub fn unmet(patterns: &[Value], items: &[Value]) -> Vec<Value> {
    if patterns.is_empty() {
        return if items.is_empty() { Vec::new() } else { vec![json!("nothing")] };
    }
    let holds = |pattern: &&Value| {
        let (times, bare) = split(pattern);
        let there = items.iter().filter(|item| like(&bare, item)).count() as u64;
        times.map_or(there > 0, |times| times == there)
    };
    patterns.iter().filter(|pattern| !holds(pattern)).cloned().collect()
}

/// How often, and the pattern without that.
fn split(pattern: &Value) -> (Option<u64>, Value) {
    let mut bare = pattern.clone();
    let times = bare.as_object_mut().and_then(|fields| fields.remove(TIMES)).and_then(|times| times.as_u64());
    (times, bare)
}

/// Of what is there, what comes nearest to the patterns, with the fields that they name: what a person compares.
#[must_use]
pub fn held(patterns: &[Value], items: &[Value]) -> Vec<Value> {
    let names = |field: &str| patterns.iter().any(|p| p.get(field).is_some());
    let shares = |item: &&Value| {
        let fields = item.as_object().into_iter().flatten();
        fields.into_iter().any(|(field, there)| patterns.iter().any(|p| p.get(field).is_some_and(|wanted| like(wanted, there))))
    };
    let named = |item: &Value| {
        let fields = item.as_object().into_iter().flatten().filter(|(field, _)| names(field));
        Value::Object(fields.map(|(f, v)| (f.clone(), v.clone())).collect::<Map<_, _>>())
    };
    let near: Vec<&Value> = items.iter().filter(shares).collect();
    let mut shown: Vec<Value> = if near.is_empty() { items.iter().map(named).collect() } else { near.into_iter().map(named).collect() };
    shown.retain(|item| item.as_object().is_none_or(|fields| !fields.is_empty()));
    shown.dedup();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_part_of_what_is_there() {
        let item = json!({ "role": "keyworker", "key": "flag-offence-2026-02-07", "invited": ["police", "school"], "now": 4 });
        assert!(like(&json!({ "key": "flag-*-02-07", "invited": ["school"], "now": 4.0 }), &item));
        assert!(like(&json!({ "person": null }), &item), "nothing of the kind is there");
        assert!(!like(&json!({ "key": "flag" }), &item) && !like(&json!({ "invited": ["health"] }), &item));
    }

    #[test]
    fn what_must_be_there_so_often_is_counted() {
        let items = [json!({ "kind": "school" }), json!({ "kind": "police" }), json!({ "kind": "school" })];
        assert_eq!(unmet(&[json!({ "kind": "school", "times": 2 }), json!({ "kind": "health", "times": 0 })], &items), [] as [Value; 0]);
        assert_eq!(unmet(&[json!({ "kind": "school", "times": 1 })], &items).len(), 1);
        assert_eq!((unmet(&[], &items).len(), unmet(&[], &[]).len()), (1, 0));
    }
}
