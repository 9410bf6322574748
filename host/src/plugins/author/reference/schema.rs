//! The manifest's JSON Schema as a page.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::Page;
use super::page::page;
use super::text::prose;

const FILE: &str = "manifest.schema.json";
const TEXT: &str = include_str!("../../../../../wit/manifest.schema.json");

/// The schemas themselves, for editors.
pub(super) fn files() -> [Page; 2] {
    let scenario = ("scenario.schema.json", include_str!("../../../../../wit/scenario.schema.json"));
    [(FILE, TEXT), scenario].map(|(name, text)| Page { name: name.into(), media_type: "application/schema+json", text: text.into() })
}

pub(super) fn manifest() -> Page {
    let schema: Value = serde_json::from_str(TEXT).unwrap_or_else(|e| panic!("wit/manifest.schema.json: {e}"));
    let parts = schema.get("$defs").and_then(Value::as_object);
    let main = html! {
        h1 { "The manifest" }
        (described(&schema))
        p {
            "It is written as " code { "manifest.json" } " in the plugin’s folder, every text in English and in Welsh. Editors complete it from "
            a href=(FILE) { (FILE) } "."
        }
        (fields(&schema))
        @for (name, part) in parts.into_iter().flatten() {
            section id=(name) {
                h2 { a href={ "#" (name) } { (name) } }
                (described(part))
                @if part.get("properties").is_some() { (fields(part)) } @else { p { (kind(part)) } }
            }
        }
    };
    Page::html("manifest.html", page("The manifest", None, &main))
}

fn described(schema: &Value) -> Markup {
    html! { @if let Some(text) = schema.get("description").and_then(Value::as_str) { (prose(text)) } }
}

fn fields(schema: &Value) -> Markup {
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    html! {
        div class="wide" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Field" } th scope="col" { "Is" } th scope="col" { "Means" } } }
                tbody {
                    @for (name, property) in properties {
                        tr {
                            th scope="row" { code { (name) } @if required.contains(&name.as_str()) { " " span class="tag" { "required" } } }
                            td { (kind(property)) }
                            td { (described(property)) (within(property)) }
                        }
                    }
                }
            }
        }
    }
}

/// Of a list of objects, or an object of them, that has no part of its own in the schema: their fields.
fn within(property: &Value) -> Markup {
    let item = property.get("items").or_else(|| property.get("additionalProperties")).unwrap_or(property);
    let fields =
        item.get("properties").and_then(Value::as_object).filter(|fields| fields.values().any(|of| of.get("description").is_some()));
    html! {
        @if let Some(fields) = fields {
            ul {
                @for (name, field) in fields {
                    li {
                        code { (name) } ": "
                        @match field.get("description").and_then(Value::as_str) { Some(text) => (text), None => (kind(field)) }
                    }
                }
            }
        }
    }
}

/// What a value of the schema is, in a few words.
fn kind(schema: &Value) -> Markup {
    let of = |word: &str| schema.get(word);
    let number = |word: &str| of(word).and_then(Value::as_i64);
    if let Some(part) = of("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        return html! { a href={ "#" (part) } { (part) } };
    }
    if let Some(value) = of("const") {
        return html! { code { (value) } };
    }
    if let Some(words) = of("enum").and_then(Value::as_array) {
        return html! {
            "one of "
            @for (i, word) in words.iter().enumerate() {
                @if i > 0 { ", " }
                code { (word.as_str().map_or_else(|| word.to_string(), str::to_owned)) }
            }
        };
    }
    if let Some(several) = of("oneOf").or_else(|| of("anyOf")).and_then(Value::as_array).filter(|_| of("properties").is_none()) {
        return html! {
            @for (i, one) in several.iter().enumerate() {
                @if i > 0 { "; or " }
                (kind(one))
            }
        };
    }
    match of("type").and_then(Value::as_str) {
        Some("array") => html! {
            "a list" @if let Some(most) = number("maxItems") { " of at most " (most) }
            @if let Some(item) = of("items") { ", each " (kind(item)) }
        },
        Some("object") => match of("additionalProperties").filter(|more| more.is_object()) {
            Some(value) => html! { "an object of named values, each " (kind(value)) },
            None => {
                let names: Vec<&String> = of("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name).collect();
                html! {
                    "an object"
                    @for (i, name) in names.iter().enumerate() {
                        @if i == 0 { " with " } @else { ", " }
                        code { (name) }
                    }
                }
            }
        },
        Some("string") => html! {
            "a text" @if let Some(most) = number("maxLength") { " of at most " (most) " characters" }
            @if let Some(pattern) = of("pattern").and_then(Value::as_str) { " like " code { (pattern) } }
        },
        Some("integer") => html! { "a whole number" },
        Some("number") => html! { "a number" },
        Some("boolean") => html! { "true or false" },
        Some(other) => html! { (other) },
        None => html! { "any value" },
    }
}
