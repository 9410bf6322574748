//! What somebody typed into a page of a form, as answers; and answers as they stand in a page's fields.

use serde_json::{Map, Value, json};

use super::form::{Asking, Question};
use super::question::{NOT_ASKED, NOT_KNOWN};
use crate::ui::form::Typed;

/// The answer that stands in the fields of a question; nothing where they are empty.
#[must_use]
pub fn answer(question: &Question, field: &str, typed: &Typed) -> Option<Value> {
    let part = |of: &str| format!("{field}-{of}");
    let kind = question.kind();
    let all = typed.all(field);
    for (unknown, name) in [(NOT_KNOWN, "not-known"), (NOT_ASKED, "not-asked")] {
        if all.contains(&unknown) || typed.all(&part("state")).contains(&unknown) {
            return Some(json!({ name: true }));
        }
    }
    let value = match kind {
        "yes-no" => Value::Bool(typed.text(field)? == "yes"),
        "multi-choice" => Value::from((!all.is_empty()).then_some(all)?),
        "date" => Value::from(date(field, typed)?),
        "money" => typed.pence(field)?,
        "name" => {
            let (given, family) = (typed.text(&part("given")), typed.text(&part("family")));
            given.or(family)?;
            json!({ "given": given.unwrap_or_default(), "family": family.unwrap_or_default() })
        }
        "address" => address(&part("lines"), &part("postcode"), typed)?,
        "declaration" => {
            let agreed = typed.text(field)? == "yes";
            let on = typed.day(&part("on")).unwrap_or_default();
            json!({ "agreed": agreed, "by": typed.text(&part("by")).unwrap_or_default(), "on": on, "how": typed.text(&part("how")).unwrap_or_default() })
        }
        _ => Value::from(typed.text(field)?),
    };
    Some(Value::Object(Map::from_iter([(kind.to_owned(), value)])))
}

/// `2026-08` where no day is typed.
fn date(field: &str, typed: &Typed) -> Option<String> {
    let day = typed.day(field)?;
    Some(day.strip_suffix('-').map_or(day.clone(), str::to_owned))
}

fn address(lines: &str, postcode: &str, typed: &Typed) -> Option<Value> {
    let all: Vec<&str> = typed.text(lines).map(|t| t.lines().map(str::trim).filter(|l| !l.is_empty()).collect()).unwrap_or_default();
    let postcode = typed.text(postcode);
    if all.is_empty() && postcode.is_none() {
        return None;
    }
    let mut address = json!({ "lines": all });
    if let Some(postcode) = postcode {
        address["postcode"] = Value::from(postcode);
    }
    Some(address)
}

/// An answer into its fields.
pub fn fill(typed: &mut Typed, question: &Question, field: &str, answer: &Value) {
    let Some((kind, of)) = answer.as_object().and_then(|o| o.iter().next()) else { return };
    let part = |of: &str| format!("{field}-{of}");
    let text =
        |value: &Value| value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned);
    match kind.as_str() {
        "not-known" | "not-asked" if question.chooses() => typed.set(field, format!("?{kind}")),
        "not-known" | "not-asked" => typed.set(&part("state"), format!("?{kind}")),
        "yes-no" => typed.set(field, if of == true { "yes" } else { "no" }),
        "multi-choice" => of.as_array().into_iter().flatten().for_each(|id| typed.add(field, text(id))),
        "date" => typed.set_day(field, &text(of)),
        "money" => typed.set(field, of.as_i64().map(pounds).unwrap_or_default()),
        "name" => {
            typed.set(&part("given"), text(&of["given"]));
            typed.set(&part("family"), text(&of["family"]));
        }
        "address" => {
            let lines = of["lines"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
            typed.set(&part("lines"), lines.join("\n"));
            typed.set(&part("postcode"), text(&of["postcode"]));
        }
        "declaration" => {
            typed.set(field, if of["agreed"] == true { "yes" } else { "no" });
            typed.set(&part("by"), text(&of["by"]));
            typed.set(&part("how"), text(&of["how"]));
            typed.set_day(&part("on"), &text(&of["on"]));
        }
        "file" => {}
        _ => typed.set(field, text(of)),
    }
}

fn pounds(pence: i64) -> String {
    if pence % 100 == 0 { (pence / 100).to_string() } else { format!("{}.{:02}", pence / 100, pence.abs() % 100) }
}

/// One of several answers that are sent together: the change, and the field that it came from.
#[derive(Debug, Clone)]
pub struct Change {
    pub field: String,
    /// The kind of its question.
    pub kind: String,
    pub body: Value,
}

/// What differs between what a page showed (`seen`, by field) and what stands in it now. A file is changed on a page of its own.
#[must_use]
pub fn changes(asked: &[Asking<'_>], seen: &Map<String, Value>, typed: &Typed) -> Vec<Change> {
    let differs = |asking: &Asking<'_>| {
        let field = asking.slot.name();
        let (before, now) = (seen.get(&field), answer(asking.question, &field, typed));
        if matches!(asking.question.kind(), "file" | "computed") || is_same(before, now.as_ref()) {
            return None;
        }
        Some(Change { body: change(asking, before, now), kind: asking.question.kind().to_owned(), field })
    };
    asked.iter().filter_map(differs).collect()
}

#[must_use]
pub fn change(asking: &Asking<'_>, before: Option<&Value>, now: Option<Value>) -> Value {
    let mut body = json!({ "question": asking.slot.id });
    if let Some(group) = asking.group {
        body["group"] = Value::from(group.group.as_str());
        if let Some(person) = &asking.slot.person {
            body["person"] = Value::from(person.as_str());
        }
        if let Some(item) = asking.slot.item {
            body["item"] = Value::from(item);
        }
    }
    if let Some(before) = before {
        body["before"] = before.clone();
    }
    if let Some(now) = now {
        body["answer"] = now;
    }
    body
}

/// `3.5` and `"3.5"` are one answer; ids of options stand in any order.
fn is_same(before: Option<&Value>, now: Option<&Value>) -> bool {
    let plain = |value: &Value| {
        let (kind, of) = value.as_object().and_then(|o| o.iter().next()).map(|(k, v)| (k.as_str(), v))?;
        Some(match (kind, of) {
            ("number" | "scale", of) => format!("{kind} {:?}", of.as_f64().or_else(|| of.as_str()?.parse().ok())?),
            ("multi-choice", Value::Array(all)) => {
                let mut all: Vec<String> = all.iter().map(ToString::to_string).collect();
                all.sort();
                format!("{kind} {}", all.join(" "))
            }
            _ => return None,
        })
    };
    match (before, now) {
        (None, None) => true,
        (Some(before), Some(now)) => before == now || plain(before).is_some_and(|b| plain(now) == Some(b)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(asks: &Value) -> Question {
        serde_json::from_value(json!({ "question": "q", "asks": asks, "label": { "en": "Q" }, "not-known": true })).unwrap()
    }

    #[test]
    fn every_answer_comes_back_from_its_fields_as_it_was() {
        let asks = [
            (json!("text"), json!({ "text": "as typed" })),
            (json!("yes-no"), json!({ "yes-no": false })),
            (json!({ "single-choice": {} }), json!({ "single-choice": "first" })),
            (json!({ "multi-choice": {} }), json!({ "multi-choice": ["a", "b"] })),
            (json!({ "date": { "precision": "month" } }), json!({ "date": "2026-08" })),
            (json!({ "date": { "precision": "day" } }), json!({ "date": "2026-08-31" })),
            (json!("money"), json!({ "money": 125_050 })),
            (json!("name"), json!({ "name": { "given": "Owen", "family": "Prosser" } })),
            (json!("address"), json!({ "address": { "lines": ["4 Mill Lane", "Bristol"], "postcode": "BS3 1AA" } })),
            (json!({ "declaration": {} }), json!({ "declaration": { "agreed": true, "by": "Joanne", "on": "2026-11-02", "how": "said" } })),
            (json!({ "scale": {} }), json!({ "scale": 3.5 })),
            (json!("phone"), json!({ "not-known": true })),
            (json!("yes-no"), json!({ "not-asked": true })),
        ];
        for (asks, given) in asks {
            let question = question(&asks);
            let mut typed = Typed::default();
            fill(&mut typed, &question, "q_", &given);
            let back = answer(&question, "q_", &typed);
            assert!(is_same(Some(&given), back.as_ref()), "{asks}: {given} came back as {back:?}");
        }
    }

    #[test]
    fn only_what_changed_is_sent_with_what_stood_there() {
        let (one, other) = (question(&json!("text")), question(&json!({ "scale": {} })));
        let asked = [&one, &other].map(|question| Asking { question, group: None, slot: super::super::form::Slot::of(question.kind()) });
        let seen: Map<String, Value> = serde_json::from_value(json!({ "text_": { "text": "before" }, "scale_": { "scale": 3 } })).unwrap();
        let mut typed = Typed::default();
        typed.set("text_", "after");
        typed.set("scale_", "3");
        let all = changes(&asked, &seen, &typed);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].body, json!({ "question": "text", "before": { "text": "before" }, "answer": { "text": "after" } }));
    }
}
