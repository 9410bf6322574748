//! Does a later OpenAPI document still serve whoever wrote a program against an earlier one? Of what utoipa writes, the parts that a program
//! can lean on.
//!
//! What may come later: operations, parameters and fields that can be left out, fields of answers, kinds of errors, and words of a list
//! in answers (programs pass over words that they do not know). Everything else that an earlier program could send is still taken, and
//! everything that it could read is still there.

mod schema;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use schema::{Direction, Schemas};

/// What would no longer work: where, and what.
#[must_use]
pub fn broken(before: &Value, now: &Value) -> Vec<String> {
    let mut found = Found { schemas: Schemas { before, now }, all: Vec::new() };
    for (path, item) in object(&before["paths"]) {
        for (method, operation) in object(item) {
            let place = format!("{} {path}", method.to_uppercase());
            match now["paths"].get(path).and_then(|item| item.get(method)) {
                Some(later) => found.operation(&place, operation, later),
                None => found.say(&place, "is gone"),
            }
        }
    }
    found.all
}

/// A document without its words and examples, which no program leans on: what is kept of a release.
#[must_use]
pub fn bare(mut document: Value) -> Value {
    strip(&mut document, false);
    document
}

/// `names`: the keys of this object are names that somebody chose, not words of OpenAPI's.
fn strip(value: &mut Value, names: bool) {
    match value {
        Value::Object(fields) => {
            if !names {
                fields.retain(|key, _| !["description", "summary", "example", "examples", "tags"].contains(&key.as_str()));
            }
            for (key, field) in fields {
                strip(field, !names && ["properties", "schemas", "paths", "responses", "content"].contains(&key.as_str()));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, false)),
        _ => {}
    }
}

struct Found<'a> {
    schemas: Schemas<'a>,
    all: Vec<String>,
}

impl<'a> Found<'a> {
    fn say(&mut self, place: &str, what: impl AsRef<str>) {
        self.all.push(format!("{place}: {}", what.as_ref()));
    }

    fn operation(&mut self, place: &str, before: &'a Value, now: &'a Value) {
        if before["operationId"] != now["operationId"] {
            self.say(place, "has another operationId, by which clients are made");
        }
        if before.get("security").is_none() && now.get("security").is_some() {
            self.say(place, "needs a token now");
        }
        self.parameters(place, before, now);
        self.body(place, &before["requestBody"], &now["requestBody"]);
        self.answers(place, &before["responses"], &now["responses"]);
    }

    fn parameters(&mut self, place: &str, before: &'a Value, now: &'a Value) {
        let (before, now) = (list(&before["parameters"]), list(&now["parameters"]));
        let same = |a: &Value, b: &Value| a["in"] == b["in"] && a["name"] == b["name"];
        let required = |p: &Value| p["required"] == true;
        for earlier in before {
            let name = format!("{place} {}", word(&earlier["name"]));
            match now.iter().find(|p| same(p, earlier)) {
                // Its place in the path says what it is; what it is called there is nobody's business.
                None => self.say(&name, "is no longer understood"),
                Some(later) => {
                    if required(later) && !required(earlier) {
                        self.say(&name, "can no longer be left out");
                    }
                    let changed = self.schemas.compare(&earlier["schema"], &later["schema"], Direction::Sent);
                    self.all.extend(changed.into_iter().map(|c| format!("{name}{c}")));
                }
            }
        }
        for later in now.iter().filter(|p| required(p) && !before.iter().any(|b| same(b, p))) {
            self.say(&format!("{place} {}", word(&later["name"])), "has to be sent now");
        }
    }

    fn body(&mut self, place: &str, before: &'a Value, now: &'a Value) {
        let place = format!("{place} body");
        if before.is_null() && now["required"] == true {
            self.say(&place, "has to be sent now");
        }
        if before["required"] != true && !before.is_null() && now["required"] == true {
            self.say(&place, "can no longer be left out");
        }
        self.contents(&place, &before["content"], &now["content"], Direction::Sent);
    }

    fn answers(&mut self, place: &str, before: &'a Value, now: &'a Value) {
        let good = |status: &str| status.starts_with('2') || status.starts_with('3');
        for (status, answer) in object(before).filter(|(status, _)| good(status)) {
            let place = format!("{place} {status}");
            match now.get(status) {
                None => self.say(&place, "is no longer answered"),
                Some(later) => self.contents(&place, &answer["content"], &later["content"], Direction::Answered),
            }
        }
        for (status, _) in object(now).filter(|(status, _)| good(status) && before.get(status.as_str()).is_none()) {
            self.say(&format!("{place} {status}"), "was never answered before");
        }
    }

    fn contents(&mut self, place: &str, before: &'a Value, now: &'a Value, direction: Direction) {
        for (media, content) in object(before) {
            match now.get(media) {
                None => self.say(place, format!("is no longer {media}")),
                Some(later) => {
                    let changed = self.schemas.compare(&content["schema"], &later["schema"], direction);
                    self.all.extend(changed.into_iter().map(|c| format!("{place}{c}")));
                }
            }
        }
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
