//! Attacks by a file that is uploaded: each is refused at once, in words that name what is wrong. What compiling can be made to cost
//! is tried elsewhere.

use std::time::Instant;

use hearth::plugins::publish::check;
use serde_json::{Value, json};
use wasm_encoder::{Component, ComponentSectionId, RawSection};

use super::guests::limits;
use super::{REFUSED, Row};
use crate::lab::{pack_unchecked, plugin, sandbox, under_manifest};

/// Where in the manifest of the hostile plugin, what stands there instead, and what is said of it.
type Change = (&'static str, &'static str, Value, &'static str);

fn manifest() -> Value {
    serde_json::from_str(include_str!("../../hostile/manifest.json")).unwrap()
}

fn changes() -> Vec<Change> {
    let both = json!({ "en": "Rates", "cy": "Cyfraddau" });
    let table = |name: &str, column: &str, rows: Value| json!([{ "table": name, "heading": both, "columns": [{ "column": column, "type": "text" }], "rows": rows }]);
    let schema = |properties: Value| json!({ "type": "object", "properties": properties });
    let branches = (0..30).fold(json!(true), |inner, _| json!({ "if": inner, "unevaluatedProperties": false }));
    let deep = (0..60).fold(json!(true), |inner, _| json!({ "not": inner }));
    let patterns: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("p{n}"), json!({ "pattern": "\\w{99}" }))).collect();
    let story = json!({ "case": "One", "family": { "people": {} } });
    vec![
        ("a name that leads out of the folder", "/name", json!("../../etc/passwd"), "name: has 2 to 64 small letters"),
        ("a publisher that leads out of the folder", "/publisher", json!("..\\..\\windows"), "publisher: has 2 to 64"),
        ("a version that leads out of the folder", "/version", json!("1.0.0/../../2"), "version: "),
        ("a template that leads out of the folder", "/templates/0/id", json!("../../said"), "templates[0].id"),
        ("a criterion that is a sentence", "/framework/0/criterion", json!("Mrs Jones drinks"), "framework[0].criterion"),
        ("a table that leads out of the folder", "/tables", table("../../rates", "amount", json!([])), "tables[0].table"),
        ("a table that is a path", "/tables", table("/etc/passwd", "amount", json!([])), "tables[0].table"),
        ("a column that leads out of the folder", "/tables", table("rates", "../amount", json!([])), "tables[0].columns[0].column"),
        ("a table whose rows lie in a file", "/tables", table("rates", "amount", json!("file:///etc/passwd")), "tables[0].rows"),
        ("a table whose rows are a link", "/tables", table("rates", "amount", json!({ "$ref": "https://example.org" })), "tables[0].rows"),
        ("a cell with a control character", "/tables", table("rates", "amount", json!([{ "amount": "\u{1b}[2J" }])), "rows[0].amount"),
        ("a table of ten thousand rows", "/tables", table("rates", "amount", json!(vec![json!({ "amount": "1" }); 10_000])), "rows"),
        ("an optional import that leads out", "/optional", json!(["hearth:family/../../etc"]), "optional"),
        ("a title with a control character", "/title/en", json!("Rules\u{1b}]0;pwned\u{7}"), "title.en"),
        ("a title that turns round", "/title/en", json!("Rules \u{202e}live"), "title.en"),
        ("ten thousand templates", "/templates", json!(vec![manifest()["templates"][0].clone(); 5_000]), "templates"),
        ("ten thousand criteria", "/framework", json!(vec![manifest()["framework"][0].clone(); 3_000]), "framework"),
        ("settings that refer to a file", "/settings", schema(json!({ "a": { "$ref": "file:///etc/passwd" } })), "`$ref` is not taken"),
        (
            "settings that refer to an address",
            "/settings",
            schema(json!({ "a": { "$ref": "https://example.org" } })),
            "`$ref` is not taken",
        ),
        ("settings that refer to themselves", "/settings", schema(json!({ "a": { "$ref": "#" } })), "`$ref` is not taken"),
        ("settings that refer to what runs", "/settings", schema(json!({ "a": { "$dynamicRef": "#a" } })), "`$dynamicRef` is not taken"),
        ("settings that double", "/settings", schema(json!({ "a": { "$defs": {} } })), "`$defs` is not taken"),
        ("settings that double with each branch", "/settings", schema(json!({ "a": branches })), "is not taken"),
        ("settings that are too deep", "/settings", schema(json!({ "a": deep })), "more than 24 deep"),
        ("a pattern that explodes", "/settings", schema(json!({ "a": { "pattern": "(a{1000}){1000}" } })), "not a JSON Schema"),
        ("a pattern that looks back", "/settings", schema(json!({ "a": { "pattern": "(a+)\\1" } })), "not a JSON Schema"),
        ("a pattern without end", "/settings", schema(json!({ "a": { "pattern": "\\w".repeat(50_000) } })), "200 bytes"),
        ("five thousand patterns", "/settings", schema(Value::Object(patterns)), "100 patterns"),
        ("settings of 300 kB", "/settings", json!({ "type": "object", "description": "x".repeat(300_000) }), "larger than 262144 bytes"),
        ("settings that are none", "/settings", json!({ "type": "sometimes" }), "not one of an object"),
        ("scenarios without end", "/scenarios", json!(vec![story; 1_001]), "scenarios"),
        ("a number beyond all", "/framework/0/unit", json!(1e300), "framework[0].unit"),
    ]
}

/// The manifest as it stands in the file, and what is said of it.
fn unreadable() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    vec![
        ("a manifest nested without end", "[".repeat(500_000).into_bytes(), "recursion limit"),
        ("a manifest of objects nested without end", "{\"a\":".repeat(150_000).into_bytes(), "recursion limit"),
        ("a manifest of two megabytes", vec![b' '; 2 << 20], "larger than 1048576 bytes"),
        ("a manifest that is no text", vec![0xff; 100], "not JSON"),
        ("a number with a million digits", "9".repeat(1_000_000).into_bytes(), "not JSON"),
    ]
}

/// Components in text, and what is said of them.
fn components() -> Vec<(&'static str, String, &'static str)> {
    let instance = |types: String, result: &str| {
        format!(
            r#"(component (import "hearth:platform/run@0.9.0" (instance {types} (export "as-of" (func (result {result})))))
                (instance $rules) (export "hearth:outcomes/rules@0.9.0" (instance $rules)))"#
        )
    };
    let chain = |links: usize, link: &dyn Fn(usize) -> String| {
        let types = (1..=links).map(|n| format!("(type $t{n} {})", link(n - 1)));
        instance(std::iter::once("(type $t0 (list u8))".to_owned()).chain(types).collect(), &format!("$t{links}"))
    };
    vec![
        ("types that double", chain(40, &|n| format!("(tuple $t{n} $t{n})")), "effective type size exceeds the limit"),
        (
            "types that double, not too often",
            chain(16, &|n| format!("(tuple $t{n} $t{n})")),
            "`as-of` of hearth:platform/run@0.9.0 has other",
        ),
        ("types within types", chain(2_000, &|n| format!("(list $t{n})")), "type nesting is too deep"),
        (
            "a name of ninety kilobytes",
            format!(r#"(component (import "a:b/{}" (instance)))"#, "c".repeat(90_000)),
            "which this host does not have",
        ),
        ("a thousand memories", format!("(component {})", "(core module (memory 1))".repeat(900)), ""),
        (
            "the type of a function, by a name",
            r#"(component (import "hearth:platform/run@0.9.0" (instance (type $f (func)) (export "f" (type (eq $f)))))
                (instance $r) (export "hearth:outcomes/rules@0.9.0" (instance $r)))"#
                .into(),
            "its types cannot be read",
        ),
        ("a module to be brought along", r#"(component (import "a:b/c" (core module)))"#.into(), "which this host does not have"),
    ]
}

/// Empty components, one within the other.
fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Component::new().finish(), |inner, _| {
        let mut outer = Component::new();
        outer.section(&RawSection { id: ComponentSectionId::Component.into(), data: &inner });
        outer.finish()
    })
}

/// # Panics
/// Where the hostile plugin was not built.
pub async fn attacked() -> Vec<Row> {
    let hostile = plugin("hostile");
    let mut files: Vec<(&str, Vec<u8>, &'static str)> = Vec::new();
    for (attack, pointer, value, says) in changes() {
        let mut manifest = manifest();
        match manifest.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => manifest[&pointer[1..]] = value,
        }
        files.push((attack, under_manifest(&hostile, &manifest), says));
    }
    let empty = wat::parse_str("(component)").unwrap();
    for (attack, manifest, says) in unreadable() {
        files.push((attack, crate::lab::pack_bytes(&empty, manifest), says));
    }
    let mut plain = manifest();
    plain["optional"] = json!([]);
    for (attack, text, says) in components() {
        files.push((attack, pack_unchecked(&wat::parse_str(&text).unwrap(), &plain), says));
    }
    files.push(("components within components", pack_unchecked(&nested(20_000), &plain), ""));
    let sandbox = sandbox(limits());
    let mut rows = Vec::new();
    for (attack, bytes, says) in files {
        let began = Instant::now();
        let refused = check(&sandbox, bytes).await.err().map(|e| e.to_string());
        let end = if refused.is_some() { REFUSED } else { "taken" };
        rows.push(Row::of(attack, "file", (REFUSED, says), end, refused.unwrap_or_default(), began.elapsed()));
    }
    let began = Instant::now();
    let end = if check(&sandbox, hostile).await.is_ok() { "taken" } else { REFUSED };
    rows.push(Row::of("a sound file after all these", "file", ("taken", ""), end, String::new(), began.elapsed()));
    rows
}
