//! Texts that would act where a page showed them as they came, put wherever a schema allows a text.

use serde_json::{Map, Value};

/// Leaves an attribute by its quotation mark and a text by its tag; short, since names are.
pub fn text(number: usize) -> String {
    format!("{} '><script>m{number}</script>", begin(number))
}

/// The part of it by which it is found again where it is cut.
pub fn begin(number: usize) -> String {
    format!("m{number}\" onfocus=m{number}")
}

/// Something that was put where it may not belong.
struct Put {
    /// As problems name it: `people[0].name`.
    field: String,
    /// None: something that had to be there for what is in it.
    number: Option<usize>,
    before: Option<Value>,
}

/// A body with a text of its own in every field that may hold one; what is refused is put back.
pub struct Marked<'a> {
    document: &'a Value,
    /// The last number that was given out.
    last: usize,
    put: Vec<Put>,
    pub body: Value,
}

impl<'a> Marked<'a> {
    /// `document`: OpenAPI's. `last`: numbers up to it are others'.
    pub fn of(document: &'a Value, schema: &Value, base: &Value, last: usize) -> Self {
        let mut marked = Self { document, last, put: Vec::new(), body: Value::Null };
        marked.body = marked.filled(schema, Some(base), "").unwrap_or_default();
        marked
    }

    /// Every text of a document of which no schema is known.
    pub fn every_text(base: &Value, last: usize) -> Self {
        let mut marked = Self { document: &Value::Null, last, put: Vec::new(), body: Value::Null };
        marked.body = marked.walked(base, "");
        marked
    }

    pub const fn last(&self) -> usize {
        self.last
    }

    /// What stands in the body now: number and field.
    pub fn numbers(&self) -> impl Iterator<Item = (usize, &str)> {
        self.put.iter().filter_map(|put| Some((put.number?, put.field.as_str())))
    }

    /// Puts back what a problem names; what came last, where it names nothing of this. False: there is nothing left to put back.
    pub fn give_way(&mut self, field: Option<&str>) -> bool {
        let field = field.unwrap_or_default();
        let under = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']));
        let exact = |put: &Put| put.field == field;
        let below = |put: &Put| under(&put.field, field);
        let chosen = self.put.iter().position(exact).or_else(|| self.put.iter().position(below));
        let chosen = chosen.or_else(|| self.put.iter().rposition(|put| under(field, &put.field)));
        let Some(at) = chosen.or_else(|| self.put.len().checked_sub(1)) else { return false };
        let gone = self.put.remove(at);
        // What was put within something that goes, goes with it.
        self.put.retain(|put| !under(&put.field, &gone.field));
        restore(&mut self.body, &gone.field, gone.before);
        true
    }

    fn mark(&mut self, at: &str, before: Option<&Value>) -> Value {
        self.last += 1;
        self.put.push(Put { field: at.to_owned(), number: Some(self.last), before: before.cloned() });
        text(self.last).into()
    }

    /// `base` with every text that the schema allows in it. None: neither is there anything, nor a text.
    fn filled(&mut self, schema: &Value, base: Option<&Value>, at: &str) -> Option<Value> {
        let schema = self.resolved(schema);
        let several = ["oneOf", "anyOf"].iter().find_map(|name| schema[*name].as_array());
        if let Some(several) = several {
            let some: Vec<_> = several.iter().filter(|s| s["type"] != "null").collect();
            return match (some.as_slice(), base) {
                ([one], _) => self.filled(one, base, at),
                // Which of them is meant, what is there knows.
                (_, Some(base)) => Some(self.walked(base, at)),
                _ => None,
            };
        }
        let is = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.iter().any(|k| k == kind));
        let never_free = schema.get("enum").is_some() || schema.get("const").is_some() || schema.get("format").is_some();
        if is("string") {
            return if never_free { base.cloned() } else { Some(self.mark(at, base)) };
        }
        if is("array") {
            return self.listed(schema, base, at);
        }
        let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |all| all.iter().map(|s| self.resolved(s)).collect());
        if parts.iter().any(|part| part["properties"].is_object()) {
            return self.object(&parts, base, at);
        }
        base.map(|base| self.walked(base, at))
    }

    fn listed(&mut self, schema: &Value, base: Option<&Value>, at: &str) -> Option<Value> {
        let there = base.and_then(Value::as_array).filter(|items| !items.is_empty());
        let Some(there) = there else {
            self.put.push(Put { field: at.to_owned(), number: None, before: base.cloned() });
            let Some(first) = self.filled(&schema["items"], None, &format!("{at}[0]")) else {
                self.put.pop();
                return base.cloned();
            };
            return Some(vec![first].into());
        };
        let items =
            there.iter().enumerate().map(|(i, item)| self.filled(&schema["items"], Some(item), &format!("{at}[{i}]")).unwrap_or_default());
        Some(items.collect())
    }

    fn object(&mut self, parts: &[&Value], base: Option<&Value>, at: &str) -> Option<Value> {
        let mut whole: Map<String, Value> = base.and_then(Value::as_object).cloned().unwrap_or_default();
        let mine = self.put.len();
        if base.is_none() {
            self.put.push(Put { field: at.to_owned(), number: None, before: None });
        }
        for (name, of) in parts.iter().filter_map(|part| part["properties"].as_object()).flatten() {
            let within = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            // Deep within what is not there are only things of things.
            if whole.contains_key(name) || within.matches(['.', '[']).count() <= 4 {
                let there = whole.get(name).cloned();
                whole.extend(self.filled(of, there.as_ref(), &within).map(|value| (name.clone(), value)));
            }
        }
        if base.is_none() && whole.is_empty() {
            self.put.truncate(mine);
            return None;
        }
        Some(whole.into())
    }

    fn walked(&mut self, base: &Value, at: &str) -> Value {
        match base {
            Value::String(_) => self.mark(at, Some(base)),
            Value::Array(items) => items.iter().enumerate().map(|(i, item)| self.walked(item, &format!("{at}[{i}]"))).collect(),
            Value::Object(fields) => {
                let within = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                fields.iter().map(|(name, value)| (name.clone(), self.walked(value, &within(name)))).collect()
            }
            other => other.clone(),
        }
    }

    fn resolved<'b>(&self, schema: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        let named = schema["$ref"].as_str().and_then(|r| self.document.pointer(r.trim_start_matches('#')));
        named.map_or(schema, |named| self.resolved(named))
    }
}

/// Sets what a field held before, or takes it away.
fn restore(body: &mut Value, field: &str, before: Option<Value>) {
    let pointer = field.replace('[', "/").replace(']', "").replace('.', "/");
    if field.is_empty() {
        *body = before.unwrap_or_default();
        return;
    }
    let pointer = format!("/{pointer}");
    if let Some(before) = before {
        if let Some(place) = body.pointer_mut(&pointer) {
            *place = before;
        }
        return;
    }
    let Some((outer, name)) = pointer.rsplit_once('/') else { return };
    match body.pointer_mut(outer) {
        Some(Value::Object(fields)) => drop(fields.remove(name)),
        Some(Value::Array(items)) => drop(name.parse().ok().filter(|i: &usize| *i < items.len()).map(|i| items.remove(i))),
        _ => {}
    }
}
