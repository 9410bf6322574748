//! The comparer itself, change by change; then this host's document against each that was frozen.

use serde_json::{Value, json};

use super::{bare, broken};

/// A document with one operation, whose body and answer are these.
fn document(body: Value, answer: Value) -> Value {
    json!({
        "paths": { "/v1/things/{thing}": { "put": {
            "operationId": "put_thing",
            "parameters": [
                { "in": "path", "name": "thing", "required": true, "schema": { "type": "string" } },
                { "in": "query", "name": "limit", "required": false, "schema": { "type": "integer", "minimum": 1, "maximum": 200 } },
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
            "responses": {
                "200": { "content": { "application/json": { "schema": answer } } },
                "404": { "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
            },
        } } },
        "components": { "schemas": {
            "Problem": { "type": "object" },
            "Word": { "type": "string", "enum": ["a", "b"] },
            "Fewer": { "type": "string", "enum": ["a"] },
            "More": { "type": "string", "enum": ["a", "b", "c"] },
            "Tree": { "type": "object", "required": ["name"], "properties": {
                "name": { "type": "string" }, "below": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
            } },
            "Bare": { "type": "object", "properties": {
                "below": { "type": "array", "items": { "$ref": "#/components/schemas/Bare" } },
            } },
        } },
    })
}

fn thing() -> Value {
    json!({ "type": "object", "required": ["name"], "properties": {
        "name": { "type": "string", "maxLength": 100 },
        "day": { "type": "string", "format": "date" },
        "word": { "$ref": "#/components/schemas/Word" },
        "many": { "type": "array", "items": { "type": "integer" }, "maxItems": 10 },
        "maybe": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Tree" }] },
    } })
}

fn plain() -> Value {
    document(thing(), thing())
}

/// The plain document with one value changed; null: taken away.
fn changed(pointer: &str, value: Value) -> Value {
    let mut document = plain();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    let name = name.replace("~1", "/");
    match (parent, value) {
        (Value::Object(fields), Value::Null) => drop(fields.remove(&name).unwrap_or_else(|| panic!("{pointer}"))),
        (Value::Object(fields), value) => drop(fields.insert(name, value)),
        (Value::Array(items), Value::Null) => drop(items.remove(name.parse().unwrap())),
        (Value::Array(items), value) => items.push(value),
        _ => panic!("{pointer}"),
    }
    document
}

const OPERATION: &str = "/paths/~1v1~1things~1{thing}/put";

fn at(place: &str) -> String {
    let body = format!("{OPERATION}/requestBody/content/application~1json/schema");
    let answer = format!("{OPERATION}/responses/200/content/application~1json/schema");
    place.replace("BODY", &body).replace("ANSWER", &answer).replace("OP", OPERATION)
}

#[test]
fn what_breaks_nobodys_program_is_let_pass() {
    assert_eq!(broken(&plain(), &plain()), Vec::<String>::new());
    for (place, value) in [
        ("/paths/~1v1~1others", json!({ "get": {} })),
        ("/paths/~1v1~1things~1{thing}/get", json!({ "operationId": "get_thing", "responses": {} })),
        ("OP/parameters/2", json!({ "in": "query", "name": "new", "required": false, "schema": {} })),
        ("OP/parameters/1/schema/maximum", json!(500)),
        ("OP/parameters/1/schema/minimum", Value::Null),
        ("OP/summary", json!("said otherwise")),
        ("OP/responses/429", json!({})),
        ("OP/responses/404", Value::Null),
        ("BODY/properties/new", json!({ "type": "string" })),
        ("BODY/required", json!([])),
        ("BODY/properties/name/maxLength", Value::Null),
        ("BODY/properties/day/format", Value::Null),
        ("BODY/properties/word/$ref", json!("#/components/schemas/More")),
        ("BODY/properties/many/items/type", json!(["integer", "null"])),
        ("BODY/properties/many/items/type", json!("number")),
        ("BODY/properties/maybe/oneOf/2", json!({ "type": "string" })),
        ("ANSWER/properties/new", json!({ "type": "string" })),
        ("ANSWER/required", json!(["name", "day"])),
        ("ANSWER/properties/word/$ref", json!("#/components/schemas/More")),
        ("ANSWER/properties/word/$ref", json!("#/components/schemas/Fewer")),
        ("ANSWER/properties/maybe/oneOf/0", Value::Null),
        ("ANSWER/properties/name/maxLength", json!(50)),
    ] {
        assert_eq!(broken(&plain(), &changed(&at(place), value.clone())), Vec::<String>::new(), "{place} {value}");
    }
}

#[test]
fn what_breaks_somebodys_program_is_named_with_its_place() {
    for (place, value, said) in [
        ("/paths/~1v1~1things~1{thing}", Value::Null, "PUT /v1/things/{thing}: is gone"),
        ("OP", Value::Null, "PUT /v1/things/{thing}: is gone"),
        ("OP/operationId", json!("set_thing"), "has another operationId"),
        ("OP/security", json!([]), "needs a token now"),
        ("OP/parameters/1", Value::Null, "limit: is no longer understood"),
        ("OP/parameters/1/required", json!(true), "limit: can no longer be left out"),
        ("OP/parameters/2", json!({ "in": "header", "name": "If-Match", "required": true, "schema": {} }), "If-Match: has to be sent now"),
        ("OP/parameters/1/schema/maximum", json!(100), "limit: maximum is 100 now"),
        ("OP/parameters/0/schema/pattern", json!("^a"), "thing: pattern was not said and is ^a"),
        ("OP/responses/200", Value::Null, "200: is no longer answered"),
        ("OP/responses/202", json!({}), "202: was never answered before"),
        ("OP/responses/200/content/application~1json", Value::Null, "200: is no longer application/json"),
        ("OP/requestBody/content/application~1json", Value::Null, "body: is no longer application/json"),
        ("BODY/properties/day", Value::Null, "body.day: is no longer understood"),
        ("BODY/required", json!(["name", "day"]), "body.day: has to be sent now"),
        ("BODY/properties/name/type", json!("integer"), "body.name: was string and is integer"),
        ("BODY/properties/name/minLength", json!(3), "body.name: minLength is 3 now"),
        ("BODY/properties/word/$ref", json!("#/components/schemas/Fewer"), "body.word: no longer understands b"),
        ("BODY/properties/name/enum", json!(["Ann"]), "body.name: takes only some words now"),
        ("BODY/properties/many/maxItems", json!(5), "body.many: maxItems is 5 now"),
        ("BODY/properties/many/items/type", json!("string"), "body.many[]: was integer and is string"),
        ("BODY/properties/maybe/oneOf/0", Value::Null, "body.maybe: {\"type\":\"null\"} can no longer be sent"),
        ("ANSWER/properties/day", Value::Null, "200.day: is no longer answered"),
        ("ANSWER/required", json!([]), "200.name: can be left out now"),
        ("ANSWER/properties/name/type", json!(["string", "null"]), "200.name: was string and is null or string"),
        ("ANSWER/properties/name/type", Value::Null, "200.name: was string and is anything"),
        ("ANSWER/properties/day/format", json!("date-time"), "200.day: format was date and is date-time"),
        ("ANSWER/properties/word/$ref", json!("#/components/schemas/Tree"), "200.word: was string and is object"),
        ("ANSWER/properties/many/items/type", json!("number"), "200.many[]: was integer and is number"),
        ("ANSWER/properties/maybe/oneOf/2", json!({ "type": "string" }), "200.maybe: {\"type\":\"string\"} was never answered before"),
    ] {
        let found = broken(&plain(), &changed(&at(place), value.clone()));
        assert!(found.iter().any(|f| f.contains(said)), "{place} {value}: {found:?}");
        assert!(found.iter().all(|f| f.starts_with("PUT /v1/things/{thing}")), "{found:?}");
    }
    let mut added = plain();
    added.pointer_mut(OPERATION).unwrap().as_object_mut().unwrap().remove("requestBody");
    assert_eq!(broken(&added, &plain()), ["PUT /v1/things/{thing} body: has to be sent now"]);
}

#[test]
fn a_schema_that_holds_itself_is_compared_once() {
    let of = |name: &str| document(json!({}), json!({ "$ref": format!("#/components/schemas/{name}") }));
    assert_eq!(broken(&of("Tree"), &of("Tree")), Vec::<String>::new());
    assert_eq!(broken(&of("Tree"), &of("Bare")), ["PUT /v1/things/{thing} 200.name: is no longer answered"]);
}

#[test]
fn parts_are_put_together() {
    let whole = json!({ "allOf": [
        { "$ref": "#/components/schemas/Tree" }, { "type": "object", "required": ["more"], "properties": { "more": { "type": "string" } } },
    ] });
    let half = json!({ "allOf": [{ "$ref": "#/components/schemas/Tree" }] });
    assert_eq!(broken(&document(json!({}), whole), &document(json!({}), half)), ["PUT /v1/things/{thing} 200.more: is no longer answered"]);
}

#[test]
fn what_is_kept_of_a_release_holds_everything_that_a_program_leans_on() {
    let whole = serde_json::to_value(crate::api::openapi()).unwrap();
    let kept = bare(whole.clone());
    assert_eq!((broken(&whole, &kept), broken(&kept, &whole)), (Vec::new(), Vec::new()));
    let said = document(
        json!({ "type": "object", "description": "words", "properties": { "description": { "type": "string", "example": "a" } } }),
        json!({}),
    );
    let body = at("BODY");
    assert_eq!(bare(said).pointer(&body), Some(&json!({ "type": "object", "properties": { "description": { "type": "string" } } })));
}

/// Each release's document (`hearth openapi --bare`), as it was served that day.
const RELEASES: &[(&str, &str)] = &[("0.9.0", include_str!("../../../openapi/0.9.0.json"))];

#[test]
fn whoever_wrote_a_program_against_a_release_can_go_on_using_it() {
    let now = serde_json::to_value(crate::api::openapi()).unwrap();
    for (release, document) in RELEASES {
        let before: Value = serde_json::from_str(document).unwrap();
        assert_eq!(before["info"]["version"], *release);
        let broken = broken(&before, &now);
        assert!(broken.is_empty(), "since {release} (`hearth openapi --since host/openapi/{release}.json`):\n{}", broken.join("\n"));
    }
}
