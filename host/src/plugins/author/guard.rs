//! The modules between an author's functions and the engine, written anew by each build: what is asked of the plugin and
//! what it asks of the host are checked there, so that a mistake is told with its file and line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use wit_parser::{Function, TypeDefKind, TypeId};

use super::Language;
use super::names::{camel, pascal, snake};
use super::shape::{Shapes, Written};
use super::world::{Known, World};

/// The files of `kit/` that depend on the world.
pub(in crate::plugins) fn files(language: Language, world: &World) -> BTreeMap<String, String> {
    match language {
        Language::Rust => BTreeMap::new(),
        Language::JavaScript => javascript(world),
        Language::Python => BTreeMap::from([("hearth_entry.py".into(), python(world))]),
    }
}

fn javascript(world: &World) -> BTreeMap<String, String> {
    let shapes = Shapes { resolve: &world.resolve, written: Written::JavaScript };
    let mut files = BTreeMap::new();
    for lent in world.imports().filter(|known| known.functions().next().is_some()) {
        let mut module = format!("import * as host from '{}';\nimport {{ lent }} from '../guard.js';\n", lent.whole_name());
        for function in lent.functions() {
            let name = camel(&function.name);
            // Writing to a string cannot fail.
            let _ = writeln!(module, "export const {name} = lent('{}.{name}', host.{name}, {});", lent.name(), params(&shapes, function));
        }
        files.insert(format!("{}/{}.js", lent.package(), lent.name()), module);
    }
    let mut entry = String::from("import * as plugin from '../plugin.js';\nimport { asked } from './guard.js';\n");
    for offered in world.exports() {
        let questions: serde_json::Map<_, _> = offered.functions().map(|f| (camel(&f.name), question(&shapes, f))).collect();
        let name = camel(offered.name());
        let _ = writeln!(entry, "export const {name} = asked(plugin, '{name}', {});", Value::Object(questions));
    }
    files.insert("entry.js".into(), entry);
    files
}

fn python(world: &World) -> String {
    let shapes = Shapes { resolve: &world.resolve, written: Written::Python };
    let mut entry = String::from("import json\n\nimport hearth_guard\nimport wit_world.imports\nfrom wit_world import exports\n");
    for lent in world.imports().filter(|known| known.functions().next().is_some()) {
        let functions: serde_json::Map<_, _> = lent.functions().map(|f| (snake(&f.name), params(&shapes, f))).collect();
        let module = snake(lent.name());
        let _ = writeln!(entry, "from wit_world.imports import {module}");
        let _ = writeln!(entry, "hearth_guard.lend({module}, {}, {})", text(lent.name()), literal(&Value::Object(functions)));
    }
    // The author's own module reads what was lent above, not the bare functions.
    entry.push_str("\nimport plugin\n");
    for offered in world.exports() {
        let module = snake(offered.name());
        let _ = write!(entry, "\n\nclass {0}(exports.{0}):\n", pascal(offered.name()));
        for function in offered.functions() {
            let name = snake(&function.name);
            let params: String = function.params.iter().map(|p| format!(", {}", snake(&p.name))).collect();
            let refusal = shapes.answer(function.result.as_ref()).1.and_then(|id| refusal_class(world, id));
            let refusal = refusal.unwrap_or_else(|| "None".into());
            let answers = literal(&question(&shapes, function)["answers"]);
            let _ = writeln!(entry, "    def {name}(self{params}):");
            let _ = writeln!(entry, "        return hearth_guard.asked(plugin, '{module}', '{name}', {answers}, {refusal}{params})");
        }
        entry.push_str("\n\n");
        for function in offered.functions() {
            let _ = writeln!(entry, "hearth_guard.expect(plugin, '{module}', '{}')", snake(&function.name));
        }
    }
    entry
}

/// Python's class of a refusal: `messages.Failure`.
fn refusal_class(world: &World, id: TypeId) -> Option<String> {
    let def = &world.resolve.types[id];
    let wit_parser::TypeOwner::Interface(owner) = def.owner else { return None };
    let known = Known { resolve: &world.resolve, id: owner };
    let class = format!("wit_world.imports.{}.{}", snake(known.name()), pascal(def.name.as_deref().unwrap_or_default()));
    is_refusal(&def.kind).then_some(class)
}

/// `record failure { why, message }`: what `refuse` makes.
fn is_refusal(kind: &TypeDefKind) -> bool {
    matches!(kind, TypeDefKind::Record(record) if record.fields.iter().map(|f| f.name.as_str()).eq(["why", "message"]))
}

/// What a function is given: `[["window", shape]]`.
fn params(shapes: &Shapes<'_>, function: &Function) -> Value {
    function.params.iter().map(|param| json!([shapes.written.field(&param.name), shapes.of(&param.ty)])).collect()
}

fn question(shapes: &Shapes<'_>, function: &Function) -> Value {
    let (answers, refusal) = shapes.answer(function.result.as_ref());
    let refuses = refusal.filter(|id| is_refusal(&shapes.resolve.types[*id].kind));
    json!({ "answers": answers, "refuses": refuses.map(|id| shapes.of(&wit_parser::Type::Id(id))) })
}

/// JSON as an expression of Python.
fn literal(value: &Value) -> String {
    format!("json.loads({})", text(&value.to_string()))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}
