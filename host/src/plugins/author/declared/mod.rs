//! What `manifest.json` declares, as code in the author's language: a function for each sentence with named, typed
//! arguments, and the settings as an object. A sentence or a setting that is not declared is found by the editor.

mod javascript;
mod python;
mod rust;

use serde_json::{Map, Value};

use super::Language;
use super::world::World;
use crate::plugins::Manifest;
use crate::record::codes;
use crate::sandbox::{ArgDeclared, ArgType, Template};

/// What the type of the settings is called.
const ROOT: &str = "Settings";

/// The files of `kit/` that depend on the manifest.
pub(in crate::plugins::author) fn files(language: Language, manifest: &Manifest, world: &World) -> Vec<(String, String)> {
    match language {
        Language::JavaScript => {
            vec![("manifest.js".into(), javascript::javascript(manifest)), ("manifest.d.ts".into(), javascript::typescript(manifest))]
        }
        Language::Python => vec![("manifest.py".into(), python::python(manifest))],
        Language::Rust => vec![("manifest.rs".into(), rust::rust(manifest, world))],
    }
}

/// As the interface's variant `arg` has it.
const fn tag(of: ArgType) -> &'static str {
    match of {
        ArgType::Person => "person",
        ArgType::Fact => "fact",
        ArgType::Day => "day",
        ArgType::Count => "count",
        ArgType::Pence => "pence",
        ArgType::Tenths => "tenths",
        ArgType::Code => "code",
        ArgType::Service => "service",
        ArgType::Organisation => "organisation",
        ArgType::Worker => "worker",
        ArgType::Criterion
        | ArgType::Form
        | ArgType::Question
        | ArgType::Domain
        | ArgType::Stage
        | ArgType::Tier
        | ArgType::Level
        | ArgType::Route
        | ArgType::Meeting => "named",
    }
}

/// The words that may stand in a gap, if it takes words: those of a code list, or the ids that the manifest declares.
fn words(manifest: &Manifest, arg: &ArgDeclared) -> Option<Vec<String>> {
    if tag(arg.of) == "named" {
        let known: Vec<String> = manifest.ids(arg.of).into_iter().map(|id| format!("'{id}'")).collect();
        return (!known.is_empty()).then_some(known);
    }
    let list = codes::all().find(|list| Some(&list.list) == arg.list.as_ref())?;
    Some(list.codes.iter().map(|code| format!("'{}'", code.code)).collect())
}

/// A sentence as a comment of one line.
fn sentence(template: &Template) -> String {
    template.en.replace("*/", "* /").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

/// Does every run have it? It is required, or has a default, which the host fills in on the outermost level.
fn is_there(schema: &Value, name: &str, property: &Value, outermost: bool) -> bool {
    let required = schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name));
    required || outermost && property.get("default").is_some()
}

/// The words of a property that takes only some.
fn enumerated(schema: &Value) -> Option<Vec<&str>> {
    let words = schema.get("enum")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    words.iter().all(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')).then_some(words)
}

/// What the schema says of a property, in one line.
fn says(property: &Value) -> Option<String> {
    let says = property.get("title").or_else(|| property.get("description"))?.as_str()?;
    Some(says.replace("*/", "* /").split_whitespace().collect::<Vec<_>>().join(" "))
}
