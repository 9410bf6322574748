//! `kit/manifest.rs`, which the author's crate has as a module.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::names::{declared_in_rust, pascal};
use super::super::world::World;
use super::{ROOT, enumerated, is_there, properties, says, sentence, tag};
use crate::plugins::Manifest;
use crate::sandbox::{ArgType, Template};

pub(super) fn rust(manifest: &Manifest, world: &World) -> String {
    let mut text = String::from(
        "// What manifest.json declares: its sentences and its settings.\n#![allow(dead_code, reason = \"a rule may need only some\")]\n\n",
    );
    let has = |name: &str| world.imports().any(|known| known.whole_name().split('@').next() == Some(name));
    if has("hearth:family/types") {
        text.push_str(RUST_WINDOWS);
    }
    if has("hearth:family/coverage") {
        text.push_str(RUST_COVERAGE);
    }
    if has("hearth:decision/messages") {
        text.push_str(RUST_REASONS);
        // A source of an earlier release builds as it did then.
        let of_0_9 = world.imports().any(|known| known.whole_name().starts_with("hearth:decision/messages@0."));
        text.push_str(if of_0_9 { RUST_ANSWERED_OF_0_9 } else { RUST_ANSWERED });
        sentences(&mut text, &manifest.templates);
    }
    declare(&mut text, &manifest.settings, ROOT);
    if has("hearth:platform/settings") {
        text.push_str(RUST_READ);
    }
    text
}

fn sentences(text: &mut String, templates: &[Template]) {
    text.push_str("/// Every sentence of manifest.json.\npub mod say {\n    use crate::hearth::decision::messages::{Arg, Message};\n");
    for template in templates {
        let given: Vec<_> = template
            .args
            .iter()
            .map(|arg| {
                let of = match arg.of {
                    ArgType::Count => "impl TryInto<i64>",
                    ArgType::Pence => "i64",
                    ArgType::Day | ArgType::Tenths => "i32",
                    ArgType::Person | ArgType::Fact | ArgType::Service | ArgType::Organisation | ArgType::Worker => "u32",
                    // A word of a list, or the id of what the manifest declares.
                    _ => "&str",
                };
                format!("{}: {of}", declared_in_rust(&arg.name))
            })
            .collect();
        let args: Vec<_> = template
            .args
            .iter()
            .map(|arg| {
                let name = declared_in_rust(&arg.name);
                let value = match arg.of {
                    of if matches!(tag(of), "code" | "named") => format!("{name}.into()"),
                    ArgType::Count => format!("{name}.try_into().unwrap_or(i64::MAX)"),
                    _ => name,
                };
                format!("({:?}.into(), Arg::{}({value}))", arg.name, pascal(tag(arg.of)))
            })
            .collect();
        let _ = write!(
            text,
            "\n    /// {}\n    pub fn {}({}) -> Message {{\n        Message {{ template: {:?}.into(), args: vec![{}] }}\n    }}\n",
            sentence(template),
            declared_in_rust(&template.id),
            given.join(", "),
            template.id,
            args.join(", ")
        );
    }
    text.push_str("}\n\n");
}

/// Declares what the schema needs, and gives the name of its type.
fn declare(declared: &mut String, schema: &Value, name: &str) -> String {
    if let Some(fields) = properties(schema) {
        let mut body = String::new();
        for (field, of) in fields {
            let ty = declare(declared, of, &format!("{name}{}", pascal(field)));
            let (ty, default) = if is_there(schema, field, of, name == ROOT) { (ty, "") } else { (format!("Option<{ty}>"), ", default") };
            if let Some(says) = says(of) {
                let _ = writeln!(body, "    /// {says}");
            }
            let _ = writeln!(body, "    #[serde(rename = {field:?}{default})]\n    pub {}: {ty},", declared_in_rust(field));
        }
        let _ = write!(declared, "#[derive(Debug, Clone, serde::Deserialize)]\npub struct {name} {{\n{body}}}\n\n");
        return name.to_owned();
    }
    if let Some(words) = enumerated(schema) {
        let cases: String = words.iter().map(|word| format!("    #[serde(rename = {word:?})]\n    {},\n", case_of_rust(word))).collect();
        let _ = write!(declared, "#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]\npub enum {name} {{\n{cases}}}\n\n");
        return name.to_owned();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") if schema.get("minimum").and_then(Value::as_i64).is_some_and(|least| least >= 0) => "u32".into(),
        Some("integer") => "i64".into(),
        Some("number") => "f64".into(),
        Some("string") => "String".into(),
        Some("boolean") => "bool".into(),
        Some("array") => {
            let item = schema.get("items").map_or_else(|| JSON_OF_RUST.into(), |items| declare(declared, items, &format!("{name}Item")));
            format!("Vec<{item}>")
        }
        _ => JSON_OF_RUST.into(),
    }
}

const JSON_OF_RUST: &str = "serde_json::Value";

fn case_of_rust(word: &str) -> String {
    let name: String = pascal(word).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("N{name}") } else { name }
}

const RUST_WINDOWS: &str = r"use crate::hearth::family::types::{Day, Fact, Person, Window};

/// One day as a window.
pub const fn one_day(day: Day) -> Window {
    Window { first: day, last: Some(day) }
}

/// Does the window hold the day?
pub fn holds(window: Window, day: Day) -> bool {
    window.first <= day && window.last.is_none_or(|last| day <= last)
}

";

const RUST_REASONS: &str = r"use crate::hearth::decision::messages::{Basis, Message, Reason, Search};

/// What is said, and what it rests on.
pub fn reason(message: Message, rests_on: Vec<Basis>) -> Reason {
    Reason { message, rests_on }
}

/// Facts to rest on; of very many, the first thousand.
pub fn facts(facts: impl IntoIterator<Item = Fact>) -> Vec<Basis> {
    facts.into_iter().take(1000).map(Basis::Fact).collect()
}

/// A search of the whole family to rest on: how many there were. Absence is evidence too.
pub fn searched(section: &str, kind: &str, window: Window, found: usize) -> Vec<Basis> {
    search(None, section, kind, window, found)
}

/// The same, of one person.
pub fn searched_of(person: Person, section: &str, kind: &str, window: Window, found: usize) -> Vec<Basis> {
    search(Some(person), section, kind, window, found)
}

fn search(person: Option<Person>, section: &str, kind: &str, window: Window, found: usize) -> Vec<Basis> {
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    vec![Basis::Searched(Search { section: section.into(), kind: kind.into(), person, window, found })]
}

/// A setting to rest on, by its name in manifest.json.
pub fn setting(name: &str) -> Vec<Basis> {
    vec![Basis::Setting(name.into())]
}

/// To rest on what the question itself is about: the referral, the candidates, the contract.
pub fn asked() -> Vec<Basis> {
    vec![Basis::Asked]
}

";

const RUST_ANSWERED: &str = r"/// An answer of the form to rest on, by its question's id: all that was answered to it.
pub fn answered(question: &str) -> Vec<Basis> {
    cited(question, None, None, false)
}

/// The same, of one person.
pub fn answered_by(question: &str, person: Person) -> Vec<Basis> {
    cited(question, Some(person), None, false)
}

/// The same, of one person or one item, or all that was answered to it. `before`: of the time before.
pub fn cited(question: &str, person: Option<Person>, item: Option<u32>, before: bool) -> Vec<Basis> {
    vec![Basis::Answered(crate::hearth::decision::messages::Cited { question: question.into(), person, item, before })]
}

/// A section of the record to rest on that gave no answer: not granted, withheld, or of no family.
pub fn not_told(section: &str) -> Vec<Basis> {
    vec![Basis::NotTold(section.into())]
}

/// To rest on something else that was read: `source`, code list sources.
pub fn read(source: &str) -> Vec<Basis> {
    vec![Basis::Read(source.into())]
}

";

const RUST_ANSWERED_OF_0_9: &str = r"/// An answer of the form to rest on, by its question's id.
pub fn answered(question: &str) -> Vec<Basis> {
    vec![Basis::Answered(question.into())]
}

";

const RUST_COVERAGE: &str = r#"impl<'a> From<&'a crate::hearth::family::coverage::Span> for hearth_kit::coverage::Piece<'a> {
    fn from(span: &'a crate::hearth::family::coverage::Span) -> Self {
        Self { person: span.person, kind: &span.kind, first: span.window.first, last: span.window.last, complete: span.state == "complete" }
    }
}

"#;

const RUST_READ: &str = r#"impl Settings {
    /// The authority's settings, with the defaults of manifest.json filled in.
    pub fn read() -> Self {
        let json = crate::hearth::platform::settings::json();
        serde_json::from_str(&json).unwrap_or_else(|e| panic!("the settings are not as manifest.json says: {e}"))
    }
}
"#;
