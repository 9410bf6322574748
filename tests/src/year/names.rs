//! Names for what earlier answers gave, and for what a case calls its people: `$son`, `$given.problems`, `$given.on?`.

use std::collections::BTreeMap;

use hearth::record::Day;
use serde_json::{Map, Value};

/// What is known by a name.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, Value>);

/// In an object: the fields of what it names are laid beside the others.
const BESIDE: &str = "+";

impl Names {
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// All that the others know, too; theirs goes before.
    pub fn learn(&mut self, others: &Self) {
        self.0.extend(others.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut value = self.0.get(name)?;
        for field in rest.split('.').filter(|f| !f.is_empty()) {
            value = value.get(field)?;
        }
        Some(value)
    }

    /// The value with every name replaced. A name that ends in `?` may be missing: the field that holds it is then left out.
    ///
    /// # Errors
    /// The name that means nothing.
    pub fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(self.filled(value)?.unwrap_or(Value::Null))
    }

    /// The value with those names replaced that are known; the others stay.
    #[must_use]
    pub fn known(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.text(text) {
                Ok(Some(value)) => value,
                Ok(None) | Err(_) => value.clone(),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.known(item)).collect()),
            Value::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), self.known(v))).collect()),
            other => other.clone(),
        }
    }

    fn filled(&self, value: &Value) -> Result<Option<Value>, String> {
        Ok(Some(match value {
            Value::String(text) => return self.text(text),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.filled(item)).filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let mut filled = Map::new();
                for (key, value) in fields {
                    match (key.as_str(), self.filled(value)?) {
                        (_, None) => {}
                        (BESIDE, Some(Value::Object(more))) => filled.extend(more),
                        (BESIDE, Some(other)) => return Err(format!("`{BESIDE}` lays fields beside others, and {other} has none")),
                        (key, Some(value)) => drop(filled.insert(self.within(key)?, value)),
                    }
                }
                Value::Object(filled)
            }
            other => other.clone(),
        }))
    }

    fn text(&self, text: &str) -> Result<Option<Value>, String> {
        if let Some(name) = text.strip_prefix('$')
            && length(name) == name.len()
            && !name.is_empty()
        {
            return match (self.get(name.trim_end_matches('?')), name.ends_with('?')) {
                (Some(value), _) => Ok(Some(value.clone())),
                (None, true) => Ok(None),
                (None, false) => Err(format!("nothing is called `${name}` here")),
            };
        }
        self.within(text).map(|text| Some(Value::String(text)))
    }

    /// Names within a longer text, as in a path.
    ///
    /// # Errors
    /// The name that means nothing.
    pub fn within(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_at(length(part));
            let value = self.get(name.trim_end_matches('?')).ok_or_else(|| format!("nothing is called `${name}` here"))?;
            match value {
                Value::String(text) => filled.push_str(text),
                other => filled.push_str(&other.to_string()),
            }
            filled.push_str(rest);
        }
        Ok(filled)
    }
}

/// Of the name that a text begins with: small letters, digits, `_`, `-` and full stops between them; a `?` may end it.
fn length(text: &str) -> usize {
    let end = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c))).unwrap_or(text.len());
    if text[end..] == *"?" { end + 1 } else { end }
}

/// The value with every date in every text so many days later.
#[must_use]
pub fn later(value: &Value, days: i32) -> Value {
    match value {
        Value::String(text) => Value::String(later_text(text, days)),
        Value::Array(items) => Value::Array(items.iter().map(|item| later(item, days)).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (later_text(k, days), later(v, days))).collect()),
        other => other.clone(),
    }
}

fn later_text(text: &str, days: i32) -> String {
    const LENGTH: usize = "2026-08-31".len();
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let day = rest.get(..LENGTH).and_then(|date| date.parse::<Day>().ok()).and_then(|day| day.plus(days));
        match day {
            Some(day) => {
                moved.push_str(&day.to_string());
                rest = &rest[LENGTH..];
            }
            None => {
                moved.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_replaced_where_they_stand() {
        let mut names = Names::default();
        names.set("son", json!("id-1"));
        names.set("given", json!({ "detail": { "possible": 10 }, "on": "2026-01-05" }));
        let filled = names.fill(&json!({ "person": "$son", "+": "$given", "path": "/people/$son/x", "urgent": "$given.urgent?" }));
        assert_eq!(filled, Ok(json!({ "person": "id-1", "detail": { "possible": 10 }, "on": "2026-01-05", "path": "/people/id-1/x" })));
        assert_eq!(names.fill(&json!(["$daughter"])), Err("nothing is called `$daughter` here".into()));
    }

    #[test]
    fn dates_move_wherever_they_stand() {
        let moved = later(&json!({ "on": "2026-02-28", "key": "flag-offence-2026-12-31", "n": 3, "born": "2010-09" }), 1);
        assert_eq!(moved, json!({ "on": "2026-03-01", "key": "flag-offence-2027-01-01", "n": 3, "born": "2010-09" }));
    }
}
