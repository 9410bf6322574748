//! An authority's settings for a plugin: an object that the plugin's own JSON Schema allows, with the schema's defaults
//! filled in, so that the plugin reads everything that decides and the decision keeps it.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

use super::{Manifest, secrets};
use crate::record::Invalid;

/// Bytes of the settings that a run is given.
const LARGEST: usize = 64 << 10;
/// Bytes of the schema itself: it is compiled at upload.
const LARGEST_SCHEMA: usize = 256 << 10;

/// Objects and lists within each other: some words cost twice as much with each, so that thirty would take days.
const DEEPEST: usize = 24;
/// Patterns, and bytes of one: each is compiled, and read in more than linear time before.
const MOST_PATTERNS: usize = 100;
const LONGEST_PATTERN: usize = 200;
/// Bytes of one compiled pattern.
const LARGEST_PATTERN: usize = 256 << 10;

/// A plugin's settings schema, compiled.
pub struct Schema {
    defaults: Map<String, Value>,
    validator: Validator,
}

impl Schema {
    /// # Errors
    /// [`Invalid`] below `settings`: not a schema of an object, refers to somewhere else, or its own defaults break it.
    pub fn of(manifest: &Manifest) -> Result<Self, Invalid> {
        let schema = &manifest.settings;
        let refused = |why: String| Invalid::new("settings", why);
        if schema.to_string().len() > LARGEST_SCHEMA {
            return Err(refused(format!("the schema is larger than {LARGEST_SCHEMA} bytes")));
        }
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(refused("the schema is not one of an object (\"type\": \"object\")".into()));
        }
        secrets::asked_for(schema).map_err(|e| e.within("settings"))?;
        // A reference may lead outside, round in circles, or twice into the same twice forty times over. What is left over from
        // branches is worked out anew within each: 22 of `if` took three minutes.
        if let Some(word) = reference(schema) {
            return Err(refused(format!("`{word}` is not taken in a settings schema: write each property out")));
        }
        let mut patterns = 0;
        affordable(schema, DEEPEST, &mut patterns).map_err(refused)?;
        let properties = schema.get("properties").and_then(Value::as_object);
        let defaults: Map<String, Value> =
            properties.into_iter().flatten().filter_map(|(name, p)| Some((name.clone(), p.get("default")?.clone()))).collect();
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            // Backtracking expressions can take for ever; these cannot.
            .with_pattern_options(PatternOptions::regex().size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN))
            .build(schema)
            .map_err(|e| refused(format!("is not a JSON Schema: {e}")))?;
        let this = Self { defaults, validator };
        // What the schema itself requires may have no default; what has one must fit.
        this.check_defaults().map_err(|e| e.within("settings"))?;
        Ok(this)
    }

    fn check_defaults(&self) -> Result<(), Invalid> {
        let all = Value::Object(self.defaults.clone());
        let fault = self.validator.iter_errors(&all).find(|e| !e.instance_path().to_string().is_empty());
        fault.map_or(Ok(()), |e| Err(Invalid::new(format!("properties{}.default", path(&e.instance_path().to_string())), e.to_string())))
    }

    /// The settings as a run reads them: what was given, the defaults for what was not, keys in order.
    ///
    /// # Errors
    /// [`Invalid`] with the path below `settings`.
    pub fn fill(&self, given: &Value) -> Result<String, Invalid> {
        let given = given.as_object().ok_or_else(|| Invalid::new("settings", "is not an object"))?;
        given.iter().try_for_each(|(name, value)| secrets::given(value).map_err(|e| e.within(name))).map_err(|e| e.within("settings"))?;
        let mut filled = self.defaults.clone();
        filled.extend(given.clone());
        let filled = Value::Object(filled);
        if let Some(e) = self.validator.iter_errors(&filled).next() {
            let at = path(&e.instance_path().to_string());
            return Err(Invalid::new(format!("settings{at}"), e.masked().to_string()));
        }
        let text = filled.to_string();
        if text.len() > LARGEST { Err(Invalid::new("settings", format!("are larger than {LARGEST} bytes"))) } else { Ok(text) }
    }
}

/// `/rates/0/from` as `.rates[0].from`.
fn path(pointer: &str) -> String {
    pointer
        .split('/')
        .skip(1)
        .map(|part| if part.bytes().all(|b| b.is_ascii_digit()) { format!("[{part}]") } else { format!(".{part}") })
        .collect()
}

/// Is it shallow enough, and has it few enough patterns, that compiling it is done in a moment?
fn affordable(schema: &Value, deeper: usize, patterns: &mut usize) -> Result<(), String> {
    if deeper == 0 {
        return Err(format!("the schema is nested more than {DEEPEST} deep"));
    }
    let mut pattern = |text: &str| {
        *patterns += 1;
        if text.len() > LONGEST_PATTERN || *patterns > MOST_PATTERNS {
            return Err(format!("the schema may have {MOST_PATTERNS} patterns of {LONGEST_PATTERN} bytes"));
        }
        Ok(())
    };
    match schema {
        Value::Object(object) => {
            for (word, inner) in object {
                match (word.as_str(), inner) {
                    ("pattern", Value::String(text)) => pattern(text)?,
                    ("patternProperties", Value::Object(properties)) => properties.keys().try_for_each(|text| pattern(text))?,
                    _ => {}
                }
            }
            object.values().try_for_each(|inner| affordable(inner, deeper - 1, patterns))
        }
        Value::Array(items) => items.iter().try_for_each(|inner| affordable(inner, deeper - 1, patterns)),
        _ => Ok(()),
    }
}

/// A keyword that refers to another schema, or one whose cost doubles with each nesting, wherever it stands.
fn reference(value: &Value) -> Option<&str> {
    const WORDS: [&str; 7] = ["$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions", "unevaluatedProperties", "unevaluatedItems"];
    match value {
        Value::Object(object) => {
            object.iter().find_map(|(key, inner)| WORDS.iter().find(|w| *w == key).copied().or_else(|| reference(inner)))
        }
        Value::Array(items) => items.iter().find_map(reference),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::manifest::tests::smallest;
    use serde_json::json;

    fn schema(settings: Value) -> Result<Schema, Invalid> {
        let mut manifest = smallest();
        manifest["settings"] = settings;
        Schema::of(&serde_json::from_value(manifest).unwrap())
    }

    fn percent() -> Value {
        json!({ "type": "object", "additionalProperties": false, "properties": {
            "percent": { "type": "integer", "minimum": 0, "maximum": 100, "default": 60 },
            "days": { "type": "array", "items": { "type": "integer" }, "default": [1, 2] } } })
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let schema = schema(percent()).unwrap();
        assert_eq!(schema.fill(&json!({})).unwrap(), r#"{"days":[1,2],"percent":60}"#);
        assert_eq!(schema.fill(&json!({ "percent": 90 })).unwrap(), r#"{"days":[1,2],"percent":90}"#);
    }

    #[test]
    fn what_the_schema_refuses_is_named() {
        let schema = schema(percent()).unwrap();
        assert_eq!(schema.fill(&json!({ "percent": 101 })).unwrap_err().field, "settings.percent");
        assert_eq!(schema.fill(&json!({ "days": [1, "two"] })).unwrap_err().field, "settings.days[1]");
        assert_eq!(schema.fill(&json!({ "colour": "blue" })).unwrap_err().field, "settings");
        assert_eq!(schema.fill(&json!([])).unwrap_err().field, "settings");
    }

    /// Branches within branches, with that word in each.
    fn nested(depth: usize, word: &str) -> Value {
        let inner = (0..depth).fold(json!({ "required": ["a"] }), |inner, _| json!({ "if": inner, word: ["a"] }));
        json!({ "type": "object", "properties": { "a": inner } })
    }

    fn patterns(patterns: Vec<String>) -> Value {
        let properties: Map<String, Value> =
            patterns.into_iter().enumerate().map(|(n, pattern)| (format!("p{n}"), json!({ "pattern": pattern }))).collect();
        json!({ "type": "object", "properties": properties })
    }

    #[test]
    fn what_is_affordable_is_taken() {
        let schema = schema(patterns(vec!["^[a-z]{2,10}$".into(); 100])).unwrap();
        assert!(schema.fill(&json!({ "p0": "abc" })).is_ok());
        assert_eq!(schema.fill(&json!({ "p0": "ABC" })).unwrap_err().field, "settings.p0");
    }

    #[test]
    fn a_schema_that_cannot_serve_is_refused_at_upload() {
        for (settings, says) in [
            (json!({ "type": "string" }), "object"),
            (json!({ "type": "object", "properties": { "a": { "$ref": "file:///etc/passwd" } } }), "`$ref` is not taken"),
            (json!({ "type": "object", "properties": { "a": { "$ref": "https://example.org/schema" } } }), "`$ref` is not taken"),
            (
                json!({ "type": "object", "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/$defs/a" }] } } }),
                "is not taken",
            ),
            (json!({ "type": "object", "properties": { "a": { "type": "integer", "default": "six" } } }), "six"),
            (json!({ "type": "object", "properties": { "a": { "type": "sometimes" } } }), "not a JSON Schema"),
            (nested(30, "unevaluatedProperties"), "`unevaluatedProperties` is not taken"),
            (nested(30, "required"), "more than 24 deep"),
            (patterns(vec!["[a-z]+".into(); 101]), "100 patterns"),
            (patterns(vec!["\\w".repeat(101)]), "200 bytes"),
            (patterns(vec!["(a{1000}){1000}".into()]), "not a JSON Schema"),
            (json!({ "type": "object", "patternProperties": { "a".repeat(201): true } }), "200 bytes"),
        ] {
            let refused = schema(settings).err().expect(says);
            assert!(refused.why.contains(says), "{refused}");
            assert!(refused.field.starts_with("settings"), "{refused}");
        }
    }
}
