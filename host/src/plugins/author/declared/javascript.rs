//! `kit/manifest.js` and `kit/manifest.d.ts`.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::names::camel;
use super::{enumerated, is_there, properties, says, sentence, tag, words};
use crate::plugins::Manifest;

pub(super) fn javascript(manifest: &Manifest) -> String {
    let mut text = String::from("import { json } from 'hearth:platform/settings';\n\nexport const say = {\n");
    for template in &manifest.templates {
        let args =
            template.args.iter().map(|arg| format!("['{}', {{ tag: '{}', val: args['{}'] }}]", arg.name, tag(arg.of), camel(&arg.name)));
        let args = args.collect::<Vec<_>>().join(", ");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}: (args) => ({{ template: '{}', args: [{args}] }}),", quoted(&template.id), template.id);
    }
    let _ = write!(text, "}};\n\nexport function settings() {{\n  const given = JSON.parse(json());\n  return {};\n}}\n", {
        let mut depth = 0;
        read(&manifest.settings, "given", &mut depth)
    });
    text
}

/// The expression that reads a value of the schema: names of fields as the language writes them, all else as it is.
fn read(schema: &Value, given: &str, depth: &mut usize) -> String {
    if let Some(fields) = properties(schema) {
        let fields: Vec<_> =
            fields.iter().map(|(name, of)| format!("{}: {}", quoted(name), read(of, &format!("{given}?.['{name}']"), depth))).collect();
        return format!("{{ {} }}", fields.join(", "));
    }
    if let Some(items) = schema.get("items").filter(|items| properties(items).is_some()) {
        *depth += 1;
        let item = format!("item{depth}");
        let read = read(items, &item, depth);
        return format!("{given}?.map(({item}) => ({read}))");
    }
    given.to_owned()
}

pub(super) fn typescript(manifest: &Manifest) -> String {
    let mut text = String::from("import type { Message } from './decision/messages.js';\n\n/** Every sentence of manifest.json. */\n");
    text.push_str("export const say: {\n");
    for template in &manifest.templates {
        let args: Vec<_> = template
            .args
            .iter()
            .map(|arg| {
                let of = words(manifest, arg).map_or_else(|| "number".to_owned(), |words| words.join(" | "));
                format!("{}: {of}", quoted(&arg.name))
            })
            .collect();
        let given = if args.is_empty() { String::new() } else { format!("args: {{ {} }}", args.join("; ")) };
        let _ = writeln!(text, "  /** {} */\n  {}({given}): Message;", sentence(template), quoted(&template.id));
    }
    let _ = write!(
        text,
        "}};\n\n/** The authority's settings, with the defaults of manifest.json filled in. */\nexport function settings(): Settings;\n\n\
         export interface Settings {}\n",
        type_of(&manifest.settings, 0)
    );
    text
}

fn type_of(schema: &Value, depth: usize) -> String {
    if let Some(fields) = properties(schema) {
        let indent = "  ".repeat(depth + 1);
        let mut text = String::from("{\n");
        for (name, of) in fields {
            if let Some(says) = says(of) {
                let _ = writeln!(text, "{indent}/** {says} */");
            }
            let mark = if is_there(schema, name, of, depth == 0) { "" } else { "?" };
            let _ = writeln!(text, "{indent}{}{mark}: {};", quoted(name), type_of(of, depth + 1));
        }
        return text + &"  ".repeat(depth) + "}";
    }
    if let Some(words) = enumerated(schema) {
        return words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => "number".into(),
        Some("string") => "string".into(),
        Some("boolean") => "boolean".into(),
        Some("array") => {
            format!("Array<{}>", schema.get("items").map_or_else(|| "unknown".into(), |items| type_of(items, depth)))
        }
        _ => "unknown".into(),
    }
}

/// The name of a field, in quotes where it could not stand alone.
fn quoted(word: &str) -> String {
    let name = camel(word);
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { name } else { format!("'{name}'") }
}
