//! No secrets in settings: they are given to runs, kept with each decision, and read by everybody who may see the authority's rules.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::record::Invalid;

/// Parts of a property's name that say what it would hold.
const NAMES: [&str; 9] = ["password", "passwd", "passphrase", "secret", "token", "api-key", "apikey", "private-key", "credential"];
/// How keys of well-known kinds begin.
const BEGINS: [&str; 9] = ["-----BEGIN ", "Bearer ", "Basic ", "sk-", "sk_live_", "ghp_", "github_pat_", "xoxb-", "AKIA"];
/// Characters of a run of letters and digits that no word, id or date has.
const LONG: usize = 32;

/// A schema that asks for one.
///
/// # Errors
/// [`Invalid`] with the path below the schema.
pub fn asked_for(schema: &Value) -> Result<(), Invalid> {
    let Value::Object(object) = schema else {
        return match schema {
            Value::Array(items) => items.iter().enumerate().try_for_each(|(i, s)| asked_for(s).map_err(|e| e.within(&format!("[{i}]")))),
            _ => Ok(()),
        };
    };
    if object.get("format").and_then(Value::as_str) == Some("password") || object.get("writeOnly") == Some(&Value::Bool(true)) {
        return Err(Invalid::new("", "asks for a secret: settings are kept with each decision, for many to read"));
    }
    for (word, inner) in object {
        if word == "properties"
            && let Value::Object(properties) = inner
        {
            for (name, property) in properties {
                named(name).and_then(|()| asked_for(property)).map_err(|e| e.within(&format!("properties.{name}")))?;
            }
        } else if !matches!(word.as_str(), "default" | "const" | "enum" | "examples" | "title" | "description") {
            asked_for(inner).map_err(|e| e.within(word))?;
        }
    }
    Ok(())
}

fn named(name: &str) -> Result<(), Invalid> {
    let plain = name.to_ascii_lowercase().replace('_', "-");
    match NAMES.iter().find(|n| plain.split('-').any(|part| part == **n) || n.contains('-') && plain.contains(**n)) {
        Some(n) => Err(Invalid::new("", format!("is named as a secret ({n}): settings are kept with each decision, for many to read"))),
        None => Ok(()),
    }
}

/// A value that looks like one.
///
/// # Errors
/// [`Invalid`] with the path of the value, which it does not repeat.
pub fn given(settings: &Value) -> Result<(), Invalid> {
    match settings {
        Value::Object(object) => object.iter().try_for_each(|(name, value)| given(value).map_err(|e| e.within(name))),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, value)| given(value).map_err(|e| e.within(&format!("[{i}]")))),
        Value::String(text) if looks_like_a_key(text) => {
            Err(Invalid::new("", "looks like a key or a password: settings hold none, since they are kept with each decision"))
        }
        _ => Ok(()),
    }
}

fn looks_like_a_key(text: &str) -> bool {
    let text = text.trim();
    if BEGINS.iter().any(|begins| text.starts_with(begins)) && text.len() >= 16 {
        return true;
    }
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() == 3 && parts.iter().take(2).all(|p| p.starts_with("eyJ")) {
        return true;
    }
    let key = |c: char| c.is_ascii_alphanumeric() || "+/_=".contains(c);
    text.split(|c: char| !key(c)).any(|run| {
        run.len() >= LONG
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_lowercase())
            && (run.bytes().any(|b| b.is_ascii_uppercase()) || run.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

/// Settings that move money: those that the schema marks with `"x-hearth-money": true`, and those within which a number is named in pence.
#[must_use]
pub fn money(schema: &Value, before: &Value, now: &Value) -> Vec<String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let moves = properties.iter().filter(|(name, property)| in_pence(name) || moves_money(property));
    moves.map(|(name, _)| name).filter(|name| before.get(name.as_str()) != now.get(name.as_str())).cloned().collect()
}

/// From one version of a plugin to another: what moves money by the names of either, each once.
#[must_use]
pub fn money_between(schemas: [&Value; 2], before: &Value, now: &Value) -> Vec<String> {
    let both: BTreeSet<String> = schemas.into_iter().flat_map(|schema| money(schema, before, now)).collect();
    both.into_iter().collect()
}

fn in_pence(name: &str) -> bool {
    name.split(['-', '_']).any(|part| part == "pence")
}

fn moves_money(schema: &Value) -> bool {
    match schema {
        Value::Object(object) => {
            object.get("x-hearth-money") == Some(&Value::Bool(true))
                || object.get("properties").and_then(Value::as_object).is_some_and(|p| p.keys().any(|name| in_pence(name)))
                || object.values().any(moves_money)
        }
        Value::Array(items) => items.iter().any(moves_money),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_that_asks_for_a_secret_is_refused_where_it_does() {
        for (schema, field) in [
            (json!({ "properties": { "a": { "format": "password" } } }), "properties.a"),
            (json!({ "properties": { "a": { "writeOnly": true } } }), "properties.a"),
            (json!({ "properties": { "api_key": { "type": "string" } } }), "properties.api_key"),
            (
                json!({ "properties": { "a": { "items": { "properties": { "access-token": {} } } } } }),
                "properties.a.items.properties.access-token",
            ),
        ] {
            assert_eq!(asked_for(&schema).unwrap_err().field, field, "{schema}");
        }
        for plain in ["secretary", "tokens-of-thanks", "days", "passwords-policy-page"] {
            let schema = json!({ "properties": { plain: { "type": "string", "default": "Bearer of good news" } } });
            assert!(asked_for(&schema).is_ok(), "{plain}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_key_is_refused_and_not_repeated() {
        for key in [
            "-----BEGIN PRIVATE KEY-----",
            "sk-0123456789abcdefXYZ",
            "eyJhbGciOi.eyJzdWIi.c2ln",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2Q=",
        ] {
            let refused = given(&json!({ "a": [{ "b": key }] })).unwrap_err();
            assert_eq!(refused.field, "a[0].b");
            assert!(!refused.to_string().contains(key), "{refused}");
        }
        for plain in ["2026-08-31", "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", "significant-and-sustained-progress", "Basic skills"] {
            assert!(given(&json!({ "a": plain })).is_ok(), "{plain}");
        }
    }

    #[test]
    fn what_moves_money_is_marked_or_named_in_pence() {
        let schema = json!({ "properties": {
            "rates": { "type": "array", "items": { "properties": { "result-pence": { "type": "integer" } } } },
            "share": { "type": "integer", "x-hearth-money": true },
            "days": { "type": "integer" } } });
        let before = json!({ "rates": [{ "result-pence": 1 }], "share": 1, "days": 1 });
        let now = json!({ "rates": [{ "result-pence": 2 }], "share": 1, "days": 2 });
        assert_eq!(money(&schema, &before, &now), ["rates"]);
        assert_eq!(money(&schema, &before, &json!({ "rates": [{ "result-pence": 1 }], "share": 2, "days": 1 })), ["share"]);
    }

    #[test]
    fn what_either_version_marks_moves_money_even_where_the_other_has_it_no_more() {
        let marked = json!({ "properties": { "share": { "x-hearth-money": true }, "days": {} } });
        let without = json!({ "properties": { "days": {} } });
        let (before, now) = (json!({ "share": 1, "days": 1 }), json!({ "days": 2 }));
        assert_eq!(money_between([&marked, &without], &before, &now), ["share"], "dropped");
        assert_eq!(money_between([&without, &marked], &now, &before), ["share"], "new");
        assert_eq!(money_between([&marked, &marked], &before, &now), ["share"], "once");
        assert_eq!(money_between([&without, &without], &before, &now), [] as [&str; 0]);
    }
}
