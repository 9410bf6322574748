//! Two schemas: does what fitted the earlier one still fit, in the direction that matters?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{list, object, word};

/// Who has to understand whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Earlier programs send it, the later host reads it.
    Sent,
    /// The later host answers it, earlier programs read it.
    Answered,
}

/// Bounds of a value, and whether more of it is more.
const BOUNDS: [(&str, bool); 6] =
    [("minimum", false), ("minLength", false), ("minItems", false), ("maximum", true), ("maxLength", true), ("maxItems", true)];
/// What a value has to be like, of which two cannot be compared.
const LIKE: [&str; 2] = ["pattern", "format"];

/// Two documents, whose references lead into each.
#[derive(Clone, Copy)]
pub struct Schemas<'a> {
    pub before: &'a Value,
    pub now: &'a Value,
}

/// References that are being compared: a schema may hold itself.
type Under = BTreeSet<(String, String)>;

/// A schema without references and without parts.
#[derive(Default)]
struct Flat<'a> {
    types: BTreeSet<&'a str>,
    fields: BTreeMap<&'a str, &'a Value>,
    required: BTreeSet<&'a str>,
    words: Option<BTreeSet<String>>,
    items: Option<&'a Value>,
    /// Of fields that are not named.
    others: Option<&'a Value>,
    /// Any of these.
    variants: Vec<&'a Value>,
    said: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Schemas<'a> {
    /// Where it would no longer fit, below where the schema stands, and why.
    pub fn compare(self, before: &'a Value, now: &'a Value, direction: Direction) -> Vec<String> {
        self.under(before, now, direction, &Under::new())
    }

    fn under(self, before: &'a Value, now: &'a Value, direction: Direction, under: &Under) -> Vec<String> {
        let mut under = under.clone();
        if let (Some(a), Some(b)) = (before["$ref"].as_str(), now["$ref"].as_str())
            && !under.insert((a.to_owned(), b.to_owned()))
        {
            return Vec::new();
        }
        let whole = (before, now);
        let (before, now) = (flat(self.before, before), flat(self.now, now));
        if !before.variants.is_empty() || !now.variants.is_empty() {
            return self.variants(whole, (&before.variants, &now.variants), direction, &under);
        }
        let mut found = Vec::new();
        found.extend(types(&before, &now, direction));
        found.extend(words(&before, &now, direction));
        found.extend(bounds(&before, &now, direction));
        found.extend(self.fields(&before, &now, direction, &under));
        let mut below = |a: Option<&'a Value>, b: Option<&'a Value>, place: &str| {
            if let (Some(a), Some(b)) = (a, b) {
                found.extend(self.under(a, b, direction, &under).into_iter().map(|c| format!("{place}{c}")));
            }
        };
        below(before.items, now.items, "[]");
        below(before.others.filter(|o| o.is_object()), now.others.filter(|o| o.is_object()), ".*");
        found
    }

    fn fields(self, before: &Flat<'a>, now: &Flat<'a>, direction: Direction, under: &Under) -> Vec<String> {
        let mut found = Vec::new();
        for (name, earlier) in &before.fields {
            match (now.fields.get(name), direction) {
                (Some(later), _) => found.extend(self.under(earlier, later, direction, under).into_iter().map(|c| format!(".{name}{c}"))),
                (None, Direction::Sent) => found.push(format!(".{name}: is no longer understood")),
                (None, Direction::Answered) => found.push(format!(".{name}: is no longer answered")),
            }
        }
        match direction {
            Direction::Sent => {
                found.extend(now.required.difference(&before.required).map(|name| format!(".{name}: has to be sent now")));
            }
            Direction::Answered => {
                let fewer = before.required.difference(&now.required).filter(|name| now.fields.contains_key(*name));
                found.extend(fewer.map(|name| format!(".{name}: can be left out now")));
            }
        }
        found
    }

    /// One of several: each that may come must fit one of those that are understood. What is no choice is the one that there is.
    fn variants(
        self,
        whole: (&'a Value, &'a Value),
        (before, now): (&[&'a Value], &[&'a Value]),
        direction: Direction,
        under: &Under,
    ) -> Vec<String> {
        let before = if before.is_empty() { &[whole.0] } else { before };
        let now = if now.is_empty() { &[whole.1] } else { now };
        let fits = |a: &'a Value, b: &'a Value| self.under(a, b, direction, under).is_empty();
        match direction {
            Direction::Sent => {
                let gone = before.iter().filter(|a| !now.iter().any(|b| fits(a, b)));
                gone.map(|v| format!(": {} can no longer be sent", named(v))).collect()
            }
            Direction::Answered => {
                let new = now.iter().filter(|b| !before.iter().any(|a| fits(a, b)));
                new.map(|v| format!(": {} was never answered before", named(v))).collect()
            }
        }
    }
}

fn named(variant: &Value) -> String {
    variant["$ref"].as_str().and_then(|r| r.rsplit('/').next()).map_or_else(|| variant.to_string(), str::to_owned)
}

fn types(before: &Flat<'_>, now: &Flat<'_>, direction: Direction) -> Option<String> {
    // Without a type a value may be anything.
    let (come, understood) = match direction {
        Direction::Sent => (&before.types, &now.types),
        Direction::Answered => (&now.types, &before.types),
    };
    let knows = |t: &&str| understood.contains(t) || *t == "integer" && understood.contains("number");
    let fits = understood.is_empty() || (!come.is_empty() && come.iter().all(knows));
    let show = |types: &BTreeSet<&str>| {
        if types.is_empty() { "anything".to_owned() } else { types.iter().copied().collect::<Vec<_>>().join(" or ") }
    };
    (!fits).then(|| format!(": was {} and is {}", show(&before.types), show(&now.types)))
}

fn words(before: &Flat<'_>, now: &Flat<'_>, direction: Direction) -> Option<String> {
    match (&before.words, &now.words, direction) {
        (Some(before), Some(now), Direction::Sent) => {
            let gone: Vec<&str> = before.difference(now).map(String::as_str).collect();
            (!gone.is_empty()).then(|| format!(": no longer understands {}", gone.join(", ")))
        }
        (None, Some(_), Direction::Sent) => Some(": takes only some words now".to_owned()),
        (Some(_), None, Direction::Answered) => Some(": answers any word now".to_owned()),
        _ => None,
    }
}

fn bounds(before: &Flat<'_>, now: &Flat<'_>, direction: Direction) -> Vec<String> {
    let mut found = Vec::new();
    let said = |of: &Flat<'_>, name: &str| of.said.get(name).map(|v| (*v).clone());
    if direction == Direction::Sent {
        for (name, more) in BOUNDS {
            let Some(later) = said(now, name).and_then(|v| v.as_f64()) else { continue };
            let earlier = said(before, name).and_then(|v| v.as_f64());
            if earlier.is_none_or(|earlier| if more { later < earlier } else { later > earlier }) {
                found.push(format!(": {name} is {later} now"));
            }
        }
    }
    for name in LIKE {
        let (earlier, later) = (said(before, name), said(now, name));
        let looser = match direction {
            Direction::Sent => later.is_none(),
            Direction::Answered => earlier.is_none(),
        };
        if earlier != later && !looser {
            found.push(format!(": {name} was {} and is {}", show(earlier.as_ref()), show(later.as_ref())));
        }
    }
    found
}

fn show(value: Option<&Value>) -> String {
    value.map_or_else(|| "not said".to_owned(), |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
}

/// Follows references and puts the parts of `allOf` together.
fn flat<'a>(document: &'a Value, schema: &'a Value) -> Flat<'a> {
    let mut flat = Flat::default();
    lay(document, schema, &mut flat, 0);
    flat
}

fn lay<'a>(document: &'a Value, schema: &'a Value, flat: &mut Flat<'a>, depth: usize) {
    // Deeper than any that is no circle.
    if depth > 50 {
        return;
    }
    if let Some(target) = schema["$ref"].as_str().and_then(|r| document.pointer(r.trim_start_matches('#'))) {
        lay(document, target, flat, depth + 1);
    }
    for part in list(&schema["allOf"]) {
        lay(document, part, flat, depth + 1);
    }
    flat.variants.extend(list(&schema["oneOf"]).iter().chain(list(&schema["anyOf"])));
    match &schema["type"] {
        Value::Array(types) => flat.types.extend(types.iter().map(word)),
        Value::String(one) => drop(flat.types.insert(one)),
        _ => {}
    }
    flat.fields.extend(object(&schema["properties"]).map(|(name, field)| (name.as_str(), field)));
    flat.required.extend(list(&schema["required"]).iter().map(word));
    let one = schema.get("const").map(std::slice::from_ref);
    if let Some(words) = schema["enum"].as_array().map(Vec::as_slice).or(one) {
        flat.words.get_or_insert_default().extend(words.iter().map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned)));
    }
    flat.items = schema.get("items").or(flat.items);
    flat.others = schema.get("additionalProperties").or(flat.others);
    flat.said.extend(
        object(schema)
            .filter(|(name, _)| BOUNDS.iter().any(|(b, _)| b == name) || LIKE.contains(&name.as_str()))
            .map(|(n, v)| (n.as_str(), v)),
    );
}
