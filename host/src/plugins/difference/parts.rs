//! A manifest taken apart: everything that a version may differ in, each under a name of its own.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Part, Parts};
use crate::plugins::Manifest;
use crate::plugins::sensitive::marks;
use crate::record::Digest;
use crate::sandbox::interface;

pub(super) fn parts(manifest: &Manifest) -> Parts {
    let mut parts = Parts::new();
    for point in &manifest.offers {
        parts.insert((Part::ExtensionPoint, point.code().to_owned()), json!(true));
    }
    permissions(manifest, &mut parts);
    for template in &manifest.templates {
        parts.insert((Part::Template, template.id.clone()), value(template));
    }
    settings(manifest, &mut parts);
    forms(manifest, &mut parts);
    for criterion in &manifest.framework {
        parts.insert((Part::Criterion, criterion.criterion.clone()), value(criterion));
    }
    for table in &manifest.tables {
        parts.insert((Part::Table, table.table.clone()), short(value(table)));
    }
    for name in &manifest.names {
        parts.insert((Part::Name, format!("{} {}", name.sort.code(), name.id)), value(name));
    }
    for (i, scenario) in manifest.scenarios.iter().enumerate() {
        let name = scenario.get("scenario").and_then(Value::as_str).map_or_else(|| format!("{}", i + 1), str::to_owned);
        parts.insert((Part::Scenario, name), hash(scenario));
    }
    for (what, said) in [("title", value(&manifest.title)), ("purpose", value(&manifest.purpose)), ("licence", json!(manifest.licence))] {
        parts.insert((Part::About, what.to_owned()), said);
    }
    parts
}

/// Each import that an authority has to grant has its reason in the manifest: inspection has made sure of it.
fn permissions(manifest: &Manifest, parts: &mut Parts) {
    for (name, why) in &manifest.why {
        let required = !manifest.optional.contains(name);
        let says = interface(name).map(|i| i.says);
        let marks: Vec<&str> = marks(name).iter().map(|(mark, _)| mark.says()).collect();
        parts.insert((Part::Permission, name.clone()), json!({ "required": required, "says": says, "why": why, "marks": marks }));
    }
}

fn settings(manifest: &Manifest, parts: &mut Parts) {
    let needed = manifest.settings.get("required").and_then(Value::as_array);
    for (name, schema) in manifest.settings.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let required = needed.is_some_and(|all| all.iter().any(|n| n == name));
        parts.insert((Part::Setting, name.clone()), json!({ "schema": schema, "required": required }));
    }
    let mut rest = manifest.settings.clone();
    if let Some(rest) = rest.as_object_mut() {
        rest.remove("properties");
        rest.remove("required");
    }
    parts.insert((Part::Setting, "(all of them)".to_owned()), rest);
    if !manifest.settings_from.is_empty() {
        parts.insert((Part::Setting, "(carried over from older versions)".to_owned()), value(&manifest.settings_from));
    }
}

/// A form's questions one by one; whatever else of it changes, as its hash.
fn forms(manifest: &Manifest, parts: &mut Parts) {
    for form in &manifest.forms {
        let document = value(form);
        parts.insert((Part::Form, form.form.clone()), json!({ "title": form.title, "document": hash(&document) }));
        questions(&form.form, &document, parts);
    }
}

/// As they are written: what has a name as a question, and what it asks. Conditions name questions, and ask nothing.
fn questions(form: &str, document: &Value, parts: &mut Parts) {
    match document {
        Value::Object(fields) => {
            if let (Some(Value::String(name)), true) = (fields.get("question"), fields.contains_key("label")) {
                parts.insert((Part::Question, format!("{form}/{name}")), document.clone());
            }
            fields.values().for_each(|inner| questions(form, inner, parts));
        }
        Value::Array(items) => items.iter().for_each(|inner| questions(form, inner, parts)),
        _ => {}
    }
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

fn hash(of: &Value) -> Value {
    json!(Digest::of(of.to_string().as_bytes()))
}

/// Rows that a plugin brings may be a thousand: their hash stands for them.
fn short(mut table: Value) -> Value {
    if let Some(rows) = table.get_mut("rows").filter(|rows| !rows.is_null()) {
        *rows = hash(rows);
    }
    table
}
