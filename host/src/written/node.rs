//! A text as a tree that remembers on which line each value stands: YAML in an author's folder, JSON in a
//! manifest. Merging keeps the lines, so a fault is shown where it was written.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

use crate::record::{Invalid, from_json};

/// A value, and where it stands; no line where it came from JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub line: Option<usize>,
    pub of: Of,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    Null,
    YesNo(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Lists and mappings inside each other.
const DEEPEST: usize = 32;

impl Node {
    /// Reads YAML 1.2: `yes` and `no` are words, dates are texts.
    ///
    /// # Errors
    /// The line and what is wrong there.
    pub fn from_yaml(text: &str) -> Result<Self, (usize, String)> {
        let mut events = Events { parser: Parser::new_from_str(text), line: 1 };
        loop {
            match events.next()? {
                Event::DocumentStart(_) => break,
                Event::StreamEnd => return Err((1, "the file is empty".into())),
                _ => {}
            }
        }
        let first = events.next()?;
        let node = events.node(first, 0)?;
        loop {
            match events.next()? {
                Event::StreamEnd => return Ok(node),
                Event::DocumentStart(_) => return Err((events.line, "a second document begins: one a file".into())),
                _ => {}
            }
        }
    }

    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        let of = match value {
            Value::Null => Of::Null,
            Value::Bool(b) => Of::YesNo(*b),
            Value::Number(n) => Of::Number(n.clone()),
            Value::String(s) => Of::Text(s.clone()),
            Value::Array(items) => Of::List(items.iter().map(Self::from_json).collect()),
            Value::Object(fields) => Of::Map(fields.iter().map(|(k, v)| (k.clone(), Self::from_json(v))).collect()),
        };
        Self { line: None, of }
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.of {
            Of::Null => Value::Null,
            Of::YesNo(b) => Value::Bool(*b),
            Of::Number(n) => Value::Number(n.clone()),
            Of::Text(s) => Value::String(s.clone()),
            Of::List(items) => items.iter().map(Self::to_json).collect(),
            Of::Map(fields) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), v.to_json())).collect()),
        }
    }

    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { line: None, of: Of::Text(text.into()) }
    }

    #[must_use]
    pub const fn empty() -> Self {
        Self { line: None, of: Of::Map(Vec::new()) }
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.fields().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// The fields of a mapping; none of anything else.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Self)> {
        let fields = if let Of::Map(fields) = &self.of { fields.as_slice() } else { &[] };
        fields.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// The entries of a list; of anything else, itself alone.
    #[must_use]
    pub fn each(&self) -> &[Self] {
        if let Of::List(items) = &self.of { items } else { std::slice::from_ref(self) }
    }

    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Of::Text(text) = &self.of { Some(text) } else { None }
    }

    /// Puts `value` in the place of the field, or adds it.
    pub fn set(&mut self, key: &str, value: Self) {
        let Of::Map(fields) = &mut self.of else { return };
        match fields.iter_mut().find(|(k, _)| k == key) {
            Some((_, place)) => *place = value,
            None => fields.push((key.to_owned(), value)),
        }
    }

    /// Takes the field out.
    pub fn take(&mut self, key: &str) -> Option<Self> {
        let Of::Map(fields) = &mut self.of else { return None };
        let at = fields.iter().position(|(k, _)| k == key)?;
        Some(fields.remove(at).1)
    }

    /// Lays `over` over this: mappings field by field, null takes a field away, anything else takes its place (RFC 7396).
    pub fn merge(&mut self, over: &Self) {
        let (Of::Map(_), Of::Map(fields)) = (&self.of, &over.of) else {
            *self = over.clone();
            return;
        };
        for (key, value) in fields {
            if value.of == Of::Null {
                self.take(key);
                continue;
            }
            match self.take(key) {
                Some(mut place) => {
                    place.merge(value);
                    self.set(key, place);
                }
                None => {
                    let mut place =
                        Self { line: value.line, of: if matches!(value.of, Of::Map(_)) { Of::Map(Vec::new()) } else { Of::Null } };
                    place.merge(value);
                    self.set(key, place);
                }
            }
        }
    }

    /// The mapping has no other fields than these.
    ///
    /// # Errors
    /// [`Invalid`] naming the field, and the ones that there are.
    pub fn only(&self, known: &[&str]) -> Result<(), Invalid> {
        if !matches!(self.of, Of::Map(_)) {
            let what = if matches!(self.of, Of::Null | Of::List(_)) { self.shown() } else { "one value".to_owned() };
            return Err(Invalid::new("", format!("is {what}, and has to be a mapping with fields of {}", known.join(", "))));
        }
        match self.fields().find(|(k, _)| !known.contains(k)) {
            Some((field, _)) => Err(Invalid::new(field, format!("there is no such field here; there are {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    /// # Errors
    /// [`Invalid`] with the path of the first field at fault.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Invalid> {
        from_json(self.to_json())
    }

    /// The line of whatever stands at `path`, or of the nearest thing around it.
    #[must_use]
    pub fn line_at(&self, path: &str) -> Option<usize> {
        let inner = match &self.of {
            // The longest key first: keys may hold full stops themselves.
            Of::Map(fields) => fields
                .iter()
                .filter_map(|(key, value)| {
                    let rest = path.strip_prefix(key.as_str())?;
                    (rest.is_empty() || rest.starts_with(['.', '['])).then_some((key.len(), value, rest))
                })
                .max_by_key(|(length, ..)| *length)
                .and_then(|(_, value, rest)| value.line_at(rest.trim_start_matches('.'))),
            Of::List(items) => path.strip_prefix('[').and_then(|rest| {
                let (index, rest) = rest.split_once(']')?;
                items.get(index.parse::<usize>().ok()?)?.line_at(rest.trim_start_matches('.'))
            }),
            _ => None,
        };
        inner.or(self.line)
    }

    /// For messages: a value in short.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.of {
            Of::Null => "nothing".into(),
            Of::Map(_) => "a mapping".into(),
            Of::List(_) => "a list".into(),
            Of::Text(text) => format!("`{text}`"),
            _ => self.to_json().to_string(),
        }
    }
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    line: usize,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Event<'a>, (usize, String)> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(e)) => Err((e.marker().line(), e.info().to_owned())),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'_>, depth: usize) -> Result<Node, (usize, String)> {
        let line = self.line;
        if depth > DEEPEST {
            return Err((line, format!("more than {DEEPEST} lists and mappings inside each other")));
        }
        let of = match event {
            Event::Scalar(.., Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return Err((line, "tags are not taken: texts, numbers, true and false, lists and mappings are all there is".into()));
            }
            Event::Alias(_) => return Err((line, "aliases are not taken: write it out, or, in scenarios, above their `cases`".into())),
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Of::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break Of::List(items),
                        event => items.push(self.node(event, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.mapping(depth)?,
            _ => Of::Null,
        };
        Ok(Node { line: Some(line), of })
    }

    fn mapping(&mut self, depth: usize) -> Result<Of, (usize, String)> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(Of::Map(fields)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err((self.line, "a field's name has to be one word or sentence".into())),
            };
            let at = self.line;
            if fields.iter().any(|(k, _)| *k == key) {
                return Err((at, format!("`{key}` stands here twice")));
            }
            let event = self.next()?;
            let mut value = self.node(event, depth + 1)?;
            value.line = Some(at);
            if value.of == Of::Null && key.bytes().all(|b| b.is_ascii_digit()) {
                return Err((
                    at,
                    format!("a comma inside braces divides fields: write £1000 without it, or in quotes (`{key}` was read as a field)"),
                ));
            }
            fields.push((key, value));
        }
    }
}

/// What a word without quotes is.
fn plain(text: &str) -> Of {
    match text {
        "" | "~" | "null" => return Of::Null,
        "true" => return Of::YesNo(true),
        "false" => return Of::YesNo(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    // 0117 is no number: telephones and references begin so.
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !(digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0."));
    match serde_json::from_str::<Number>(text) {
        Ok(number) if numeric => Of::Number(number),
        _ => Of::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Node {
        Node::from_yaml(text).unwrap()
    }

    #[test]
    fn words_are_words_and_numbers_are_numbers() {
        let read = yaml("a: no\nb: 2026-08-31\nc: 90.5\nd: -3\ne: 0117\nf: true\ng: '1'\nh: 004:L164-L167\ni:\n").to_json();
        let expected = serde_json::json!({ "a": "no", "b": "2026-08-31", "c": 90.5, "d": -3, "e": "0117", "f": true, "g": "1",
            "h": "004:L164-L167", "i": null });
        assert_eq!(read, expected);
    }

    #[test]
    fn a_fault_in_the_text_names_its_line() {
        for (text, line, says) in [
            ("a: 1\na: 2\n", 2, "twice"),
            ("a: &x 1\nb: *x\n", 2, "aliases"),
            ("a: 1\nb: !odd 2\n", 2, "tags"),
            ("a: 1\n---\nb: 2\n", 2, "second document"),
            ("a: { amount: £1,000 }\n", 1, "a comma inside braces"),
            ("a: [1, 2\n", 2, ""),
            ("", 1, "empty"),
        ] {
            let (at, why) = Node::from_yaml(text).expect_err(text);
            assert!(at.abs_diff(line) <= 1 && why.contains(says), "{text:?}: {at}: {why}");
        }
    }

    #[test]
    fn merging_lays_field_over_field_and_keeps_lines() {
        let mut base = yaml("a:\n  b: 1\n  c: 2\nd: [1, 2]\ne: 3\n");
        base.merge(&yaml("\n\n\n\n\n\na: { c: 5, x: 6 }\nd: [9]\ne: null\n"));
        assert_eq!(base.to_json(), serde_json::json!({ "a": { "b": 1, "c": 5, "x": 6 }, "d": [9] }));
        assert_eq!((base.line_at("a.b"), base.line_at("a.c"), base.line_at("d[0]")), (Some(2), Some(7), Some(8)));
    }

    #[test]
    fn a_path_leads_to_the_nearest_line() {
        let read = yaml("facts:\n  - offence:\n      person: sam\nexpect:\n  findings:\n    education-1 of sam: { now: 3 }\n");
        assert_eq!(read.line_at("facts[0].offence.person"), Some(3));
        assert_eq!(read.line_at("facts[0].offence.proven"), Some(2));
        assert_eq!(read.line_at("facts[7]"), Some(1));
        assert_eq!(read.line_at("expect.findings.education-1 of sam.now"), Some(6));
    }
}
