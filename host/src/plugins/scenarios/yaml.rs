//! A scenario as a file that people read: blocks outside, short lists and mappings in one line.

use std::fmt::Write;

use serde_json::{Map, Value};

/// In which order fields stand, those that people look for first.
const ORDER: [&str; 16] = [
    "scenario",
    "source",
    "today",
    "terms",
    "family",
    "facts",
    "coverage",
    "settings",
    "tables",
    "directory",
    "claims",
    "ungranted",
    "ask",
    "about",
    "expect",
    "cases",
];

/// The text of a file.
#[must_use]
pub fn written(scenario: &Map<String, Value>) -> String {
    let mut text = String::new();
    let known = ORDER.iter().filter_map(|field| Some((*field, scenario.get(*field)?)));
    let others = scenario.iter().filter(|(field, _)| !ORDER.contains(&field.as_str())).map(|(field, value)| (field.as_str(), value));
    for (field, value) in known.chain(others) {
        block(&mut text, &word(field), value, 0);
    }
    text
}

/// A mapping of mappings, and a list, take a line for each of theirs.
fn block(text: &mut String, name: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if !fields.is_empty() && (depth == 0 || fields.values().any(Value::is_object)) => {
            let _ = writeln!(text, "{indent}{name}:");
            for (field, inner) in fields {
                block(text, &word(field), inner, depth + 1);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let _ = writeln!(text, "{indent}{name}:");
            for item in items {
                let _ = match item {
                    // `- police-callout: { … }`
                    Value::Object(one) if one.len() == 1 => {
                        one.iter().try_for_each(|(field, inner)| writeln!(text, "{indent}  - {}: {}", word(field), flow(inner)))
                    }
                    other => writeln!(text, "{indent}  - {}", flow(other)),
                };
            }
        }
        other => {
            let _ = writeln!(text, "{indent}{name}: {}", flow(other));
        }
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let inner: Vec<String> = fields.iter().map(|(field, value)| format!("{}: {}", word(field), flow(value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => word(text),
        other => other.to_string(),
    }
}

/// A word as it is where nothing else could be read from it; in quotes otherwise.
fn word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " -/".contains(c))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no"].contains(&text.to_ascii_lowercase().as_str());
    let date = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    // A JSON string is a string of YAML in double quotes.
    if plain || date { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::node::Node;
    use super::*;

    #[test]
    fn what_is_written_reads_as_it_was() {
        let scenario = json!({
            "scenario": "A family: pseudonymised", "today": "2026-08-31", "ask": "progress",
            "family": { "people": { "person-1": { "born": "2010-09", "resident": true } }, "homes": { "home-1": { "from": "1996-08-31" } } },
            "facts": [{ "arrears": { "label": "fact-1", "amount": "£1,200", "on": "2026-01-31" } }, { "score": { "value": 3.5, "least": 0 } }],
            "coverage": { "offence": ["complete until 2026-01-01", "none from 2026-01-02"], "person-1": { "job": "partial" } },
            "settings": { "text": "true", "odd": "a # b: {c}, [d] \"e\" \\ \u{1}\n", "none": [], "empty": {}, "n": -3, "digits": "007" },
            "expect": { "answer": "no", "findings": { "education-1 of person-1": { "now": 90.5, "look-again": "none" } }, "nothing-else": true },
        });
        let Value::Object(fields) = &scenario else { panic!("an object") };
        let text = written(fields);
        assert_eq!(Node::from_yaml(&text).expect(&text).to_json(), scenario, "{text}");
        assert!(text.contains("  - arrears: { amount: \"£1,200\", label: fact-1, on: 2026-01-31 }\n"), "{text}");
        assert!(text.starts_with("scenario: \"A family: pseudonymised\"\ntoday: 2026-08-31\nfamily:\n"), "{text}");
    }
}
