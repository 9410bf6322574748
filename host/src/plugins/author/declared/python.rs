//! `kit/manifest.py`.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::names::{declared_in_python, pascal, snake};
use super::{ROOT, enumerated, is_there, properties, says, sentence, tag, words};
use crate::plugins::Manifest;

pub(super) fn python(manifest: &Manifest) -> String {
    let mut text = String::from(
        "\"\"\"What manifest.json declares: its sentences and its settings.\"\"\"\n\nimport json\nfrom dataclasses import dataclass\n\
         from typing import Any, Literal, Optional\n\nfrom wit_world.imports import messages as _messages\n\
         from wit_world.imports import settings as _settings\n\n\nclass say:\n    \"\"\"Every sentence of manifest.json.\"\"\"\n",
    );
    for template in &manifest.templates {
        let given: Vec<_> = template
            .args
            .iter()
            .map(|arg| {
                let of = words(manifest, arg).map_or_else(|| "int".to_owned(), |words| format!("Literal[{}]", words.join(", ")));
                format!("{}: {of}", declared_in_python(&arg.name))
            })
            .collect();
        let given = if given.is_empty() { String::new() } else { format!("*, {}", given.join(", ")) };
        let args: Vec<_> = template
            .args
            .iter()
            .map(|arg| format!("('{}', _messages.Arg_{}({}))", arg.name, pascal(tag(arg.of)), declared_in_python(&arg.name)))
            .collect();
        let _ = write!(
            text,
            "\n    @staticmethod\n    def {}({given}) -> _messages.Message:\n        {}\n        return _messages.Message('{}', [{}])\n",
            declared_in_python(&template.id),
            docstring(&sentence(template)),
            template.id,
            args.join(", ")
        );
    }
    let mut classes = String::new();
    class(&mut classes, &manifest.settings, ROOT);
    let read = read(&manifest.settings, ROOT, "given");
    let _ = write!(
        text,
        "\n\n{}def settings() -> Settings:\n    \"\"\"The authority's settings, with the defaults of manifest.json filled in.\"\"\"\n    \
         given = json.loads(_settings.json())\n    return {read}\n",
        classes
    );
    text
}

/// Text in three quotes, whatever stands in it.
fn docstring(text: &str) -> String {
    // A quote at the end would make four.
    let end = if text.ends_with('"') { " " } else { "" };
    format!("\"\"\"{}{end}\"\"\"", text.replace('\\', "\\\\").replace("\"\"\"", "'''"))
}

/// Declares what the schema needs, and gives the name of its type.
fn class(classes: &mut String, schema: &Value, name: &str) -> String {
    if let Some(fields) = properties(schema) {
        let mut body = String::new();
        for (field, of) in fields {
            let ty = class(classes, of, &format!("{name}{}", pascal(field)));
            let ty = if is_there(schema, field, of, name == ROOT) { ty } else { format!("Optional[{ty}]") };
            let _ = writeln!(body, "    {}: {ty}", declared_in_python(field));
            if let Some(says) = says(of) {
                let _ = writeln!(body, "    {}", docstring(&says));
            }
        }
        let body = if body.is_empty() { "    pass\n".to_owned() } else { body };
        let _ = write!(classes, "@dataclass(frozen=True)\nclass {name}:\n{body}\n\n");
        return name.to_owned();
    }
    if let Some(words) = enumerated(schema) {
        return format!("Literal[{}]", words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", "));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => "int".into(),
        Some("number") => "float".into(),
        Some("string") => "str".into(),
        Some("boolean") => "bool".into(),
        Some("array") => {
            let item = schema.get("items").map_or_else(|| "Any".into(), |items| class(classes, items, &format!("{name}Item")));
            format!("list[{item}]")
        }
        _ => "Any".into(),
    }
}

fn read(schema: &Value, name: &str, given: &str) -> String {
    if let Some(fields) = properties(schema) {
        let fields: Vec<_> = fields
            .iter()
            .map(|(field, of)| {
                let inner = format!("{name}{}", pascal(field));
                let there = is_there(schema, field, of, name == ROOT);
                let read = read(of, &inner, &format!("{given}[{field:?}]"));
                let read = if there { read } else { format!("{read} if {field:?} in {given} else None") };
                format!("{}={read}", declared_in_python(field))
            })
            .collect();
        return format!("{name}({})", fields.join(", "));
    }
    if let Some(items) = schema.get("items").filter(|items| properties(items).is_some()) {
        let item = snake(&format!("item_{}", name.to_lowercase()));
        return format!("[{} for {item} in {given}]", read(items, &format!("{name}Item"), &item));
    }
    given.to_owned()
}
