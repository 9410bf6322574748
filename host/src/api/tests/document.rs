//! The OpenAPI document says what the router does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;

use super::{Host, within};
use crate::api::{OPENAPI, openapi};

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path.clone(), method.to_uppercase(), operation.clone()))
    });
    all.collect()
}

#[test]
fn it_is_openapi_3_1() {
    assert_eq!(document()["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_route_is_documented() {
    let host = Host::new().await;
    // axum lists its routes only here.
    let debug = format!("{:?}", host.router);
    let paths = debug.split("paths: {").nth(1).unwrap().split('}').collect::<Vec<_>>().join("}");
    let served: BTreeSet<&str> = paths.split('"').filter(|part| part.starts_with('/')).collect();
    let document = document();
    let documented: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(served.is_superset(&documented), "{served:?}");
    let undocumented: Vec<_> = served.difference(&documented).copied().collect();
    assert!(undocumented.iter().all(|p| *p == OPENAPI || p.starts_with("/docs")), "{undocumented:?}");
}

#[tokio::test]
async fn every_operation_wants_a_token_and_says_so() {
    let host = Host::new().await;
    for (path, method, operation) in operations(&document()) {
        let address = path.replace("{authority}", "E06000023").replace(['{', '}'], "");
        let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(address);
        let status = host.send(request.body(Body::empty()).unwrap()).await.status.as_u16();
        let open = operation.get("security").is_none();
        assert_eq!(status == 401, !open, "{method} {path} answers {status} without a token");
        let for_all = path == "/v1/health"
            || path == "/v1/limits"
            || path.starts_with("/problems")
            || path.contains("/sign-in") && !path.ends_with("/sign-ins");
        // By a signature, each time.
        let for_all = for_all || path == "/v1/publishers/{publisher}/runs";
        assert_eq!(open, for_all, "{method} {path}");
        assert_eq!(operation["responses"].get("401").is_some(), !open, "{method} {path}");
    }
}

#[test]
fn every_problem_is_documented_as_one() {
    for (path, method, operation) in operations(&document()) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("500"), "{method} {path}");
        for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
            let content = &response["content"]["application/problem+json"];
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path} {status}");
            assert!(content["examples"].as_object().is_some_and(|e| !e.is_empty()), "{method} {path} {status}");
        }
        assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{method} {path}");
        if operation.get("requestBody").is_some() {
            assert!(responses.contains_key("413") && responses.contains_key("415") && responses.contains_key("422"), "{method} {path}");
        }
    }
}

/// A client that is made from the document has a function of each name.
#[test]
fn no_two_operations_share_a_name() {
    let mut seen = std::collections::BTreeMap::new();
    for (path, method, operation) in operations(&document()) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        if let Some(before) = seen.insert(name.clone(), format!("{method} {path}")) {
            panic!("{name}: {before} and {method} {path}");
        }
    }
}

/// utoipa keeps one schema of each name: of two types, the answers of one would be described as the other's.
#[test]
fn no_two_types_share_the_name_of_a_schema() {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.file_name().is_some_and(|n| n != "tests") => files(&path, found),
                false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                _ => {}
            }
        }
    }
    fn named(attributes: &[syn::Attribute], name: &syn::Ident) -> Option<String> {
        let says = |which: &str| {
            attributes
                .iter()
                .filter(|a| a.path().is_ident(which))
                .map(|a| a.meta.require_list().map(|l| l.tokens.to_string()))
                .collect::<Vec<_>>()
        };
        let derived = says("derive").into_iter().flatten().any(|list| list.split(", ").any(|d| d.trim() == "ToSchema"));
        let other = says("schema")
            .into_iter()
            .flatten()
            .find_map(|list| list.split("as = ").nth(1).map(|rest| rest.split(',').next().unwrap().trim().to_owned()));
        derived.then(|| other.unwrap_or_else(|| name.to_string()))
    }
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in all {
        let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let place = path.display().to_string();
        for item in file.items {
            match item {
                syn::Item::Struct(s) => named(&s.attrs, &s.ident).into_iter().for_each(|n| types.entry(n).or_default().push(place.clone())),
                syn::Item::Enum(e) => named(&e.attrs, &e.ident).into_iter().for_each(|n| types.entry(n).or_default().push(place.clone())),
                _ => {}
            }
        }
    }
    assert!(types.len() > 100, "{}", types.len());
    let shared: Vec<_> = types.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|v| references(v, found));
            }
            Value::Array(items) => items.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[test]
fn every_example_of_a_body_is_one_that_is_understood() {
    use crate::record::family_file::{FactEntry, FamilyFile};
    let document = document();
    let example = |path: &str| document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"].clone();
    let below = |path: &str| format!("/v1/authorities/{{authority}}{path}");
    let family: FamilyFile = crate::record::from_json(example(&below("/families"))).unwrap();
    family.resolve(&"E06000023".parse().unwrap()).unwrap();
    let names = crate::record::family_file::Names { family: None, people: &Default::default(), homes: &Default::default() };
    let council = "e06000023".parse().unwrap();
    let fact: FactEntry = crate::record::from_json(example(&below("/facts"))).unwrap();
    fact.resolve(&names, &council).unwrap();
    let bulk: FactEntry = crate::record::from_json(example(&below("/facts/bulk"))["facts"][0].clone()).unwrap();
    bulk.resolve(&names, &council).unwrap();
    let coverage: crate::record::Coverage = crate::record::from_json(example(&below("/coverage"))["statements"][0].clone()).unwrap();
    assert_eq!(coverage.person, None);
}

#[tokio::test]
async fn every_problem_leads_to_its_page() {
    let host = Host::new().await;
    let problem = host.get(&host.bristol, &within("/families/seven")).await.json();
    let page = host.get("", problem["type"].as_str().unwrap()).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(String::from_utf8(page.bytes).unwrap().contains("`field` is the path"));
}

#[tokio::test]
async fn the_reference_for_authors_is_open_to_everybody() {
    let host = Host::new().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let folder = host.send(get("/docs/plugins")).await;
    assert_eq!((folder.status.as_u16(), folder.headers["location"].to_str().unwrap()), (308, "/docs/plugins/"));
    for (page, media) in [("", "text/html"), ("family-education.html", "text/html"), ("style.css", "text/css")] {
        let got = host.send(get(&format!("/docs/plugins/{page}"))).await;
        assert_eq!(got.status, 200, "{page}");
        assert!(got.headers["content-type"].to_str().unwrap().starts_with(media), "{page}");
        assert!(got.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"), "{page}");
    }
    let nothing = host.send(get("/docs/plugins/elsewhere.html")).await;
    assert_eq!((nothing.status.as_u16(), &nothing.json()["type"]), (404, &"/problems/no-such-page".into()));
    let swagger = host.send(get("/docs/")).await;
    assert_eq!(swagger.status, 200, "the API's own page is where it was");
}
