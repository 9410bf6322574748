//! A file is sent, or shown first as what it would become; and the mappings by which columns are understood.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Refusal;
use crate::Pages;
use crate::codes;
use crate::pages::common::{Organisations, sorted};
use crate::pages::family::record::said;
use crate::pages::our_work::no_file;
use crate::ui::form::{Ask, Asked, Typed, button, hidden};
use crate::ui::upload::{LARGEST, Uploaded};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/intake/send", get(send).post(sent).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/{authority}/intake/mappings", get(mappings))
        .route("/{authority}/intake/mappings/{mapping}", get(mapping).post(save_mapping))
}

#[derive(Deserialize)]
struct Mapping {
    name: String,
    says: String,
    agency: String,
    kind: String,
    version: u32,
    text: String,
}

async fn send(visit: Visit) -> Result<Page, Failed> {
    send_page(&visit, &Typed::default(), &html! {}, None).await
}

async fn send_page(visit: &Visit, typed: &Typed, above: &Markup, problem: Option<&Problem>) -> Result<Page, Failed> {
    let mappings: List<Mapping> = visit.api.get(&visit.v1(&["mappings"])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let names: Vec<(&str, String)> = mappings.items.iter().map(|m| (m.name.as_str(), words::code(&m.name))).collect();
    let names: Vec<(&str, &str)> = names.iter().map(|(name, words)| (*name, words.as_str())).collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Send a file" }
        (above)
        form method="post" action=(visit.to(&["intake", "send"])) enctype="multipart/form-data" novalidate {
            (form.select(Ask { name: "mapping", label: "What is in it?", hint: "The mapping by which its columns are understood" }, &names))
            (form.select(Ask { name: "source", label: "Whose statement is it?", hint: "" }, &organisations.choices()))
            (form.day(Ask { name: "first", label: "It covers from", hint: "The first day that it tells all about" }))
            (form.day(Ask { name: "last", label: "It covers to", hint: "" }))
            (form.file(Ask { name: "file", label: "The file", hint: "CSV, up to 64 MB. Larger files go through the API" }, ".csv,text/csv"))
            (form.radios(Ask { name: "do", label: "What shall be done with it?", hint: "" }, &[
                ("preview", "Show what its first 50 rows would become; nothing is kept"), ("send", "Take it in")]))
            (button("Go on"))
        }
    };
    Ok(visit.page("Send a file", body).below([visit.crumb(&["intake"], "Intake")]).wrong(problem).private())
}

#[derive(Deserialize)]
struct Previewed {
    line: u64,
    fate: String,
    #[serde(default)]
    refused: Option<Refusal>,
    #[serde(default)]
    row: Option<Row>,
    #[serde(default)]
    candidates: Vec<Value>,
}

#[derive(Deserialize)]
struct Row {
    first: String,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    whom: Value,
    #[serde(default)]
    detail: Value,
}

async fn sent(visit: Visit, uploaded: Uploaded) -> Result<Response, Failed> {
    let typed = uploaded.typed;
    let Some(bytes) = uploaded.file else {
        return Ok(send_page(&visit, &typed, &html! {}, Some(&no_file())).await?.into_response());
    };
    let mapping = typed.text("mapping").unwrap_or_default();
    let (first, last) = (typed.day("first").unwrap_or_default(), typed.day("last").unwrap_or_default());
    let mut asked = vec![("source", typed.text("source").unwrap_or_default()), ("first", first.as_str()), ("last", last.as_str())];
    let sends = typed.text("do") == Some("send");
    let path = if sends {
        asked.push(("mapping", mapping));
        visit.v1(&["deliveries"])
    } else if mapping.is_empty() {
        let words = Problem::of_pages("no-mapping", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, "choose what is in it");
        return Ok(send_page(&visit, &typed, &html! {}, Some(&words.at("mapping"))).await?.into_response());
    } else {
        visit.v1(&["mappings", mapping, "preview"])
    };
    match sorted(visit.api.upload(&format!("{path}{}", query(&asked)), "text/csv", bytes).await)? {
        Ok(made) if sends => Ok(visit.done(&["intake", "deliveries", made["id"].as_str().unwrap_or_default()], "sent")),
        Ok(rows) => {
            let rows: List<Previewed> = serde_json::from_value(rows).map_err(|e| Failed::Fault(e.to_string()))?;
            Ok(send_page(&visit, &typed, &preview(&rows.items), None).await?.into_response())
        }
        Err(problem) => Ok(send_page(&visit, &typed, &html! {}, Some(&problem)).await?.into_response()),
    }
}

fn preview(rows: &[Previewed]) -> Markup {
    let rows: Vec<_> = rows
        .iter()
        .map(|r| {
            let (words, colour) = fate(&r.fate);
            vec![
                html! { (r.line) },
                list::tag(words, colour),
                html! { @if let Some(row) = &r.row { (told(&row.whom)) } },
                html! {
                    @if let Some(row) = &r.row { (words::day(&row.first)) @if let Some(last) = &row.last { " to " (words::day(last)) } ": " (said(&row.detail)) }
                    @if let Some(refused) = &r.refused { (refused.column) ": " (refused.reason) }
                    @if !r.candidates.is_empty() { " (" (r.candidates.len()) " may be meant)" }
                },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { (list::inset("There is no row in the file.")) } @else {
            (list::table("What its first rows would become", &["Line", "Would be", "Whom it is about", "What it says"], &rows))
            (list::inset("Nothing is kept yet. To take it in, choose the file again below."))
        }
    }
}

fn fate(fate: &str) -> (&'static str, &'static str) {
    match fate {
        "kept" => ("Kept", "green"),
        "asked" => ("A person is asked", "yellow"),
        "unmatched" => ("Nobody known here", "grey"),
        "not-ours" => ("Not this council's", "grey"),
        _ => ("Refused", "red"),
    }
}

/// Everything that tells who somebody is, in one line.
pub fn told(value: &Value) -> String {
    parts(value).join(", ")
}

/// The same a line each: a name, a birth date, an address, a number. Ids of our own are no help to anybody.
pub fn parts(value: &Value) -> Vec<String> {
    let text = |name: &str| value[name].as_str();
    let all = match value {
        Value::Object(_) if text("scheme").is_some() => {
            vec![format!("{} {}", codes::IDENTIFIER_SCHEMES.words(text("scheme").unwrap_or_default()), text("value").unwrap_or_default())]
        }
        Value::Object(_) if text("given").is_some() || text("family").is_some() => {
            vec![["given", "family"].into_iter().filter_map(text).collect::<Vec<_>>().join(" ")]
        }
        Value::Object(_) if ["line", "postcode", "uprn"].into_iter().any(|name| text(name).is_some()) => {
            let address = ["line", "postcode"].into_iter().filter_map(text).collect::<Vec<_>>().join(", ");
            vec![address, text("uprn").map(|n| format!("Property number {n}")).unwrap_or_default()]
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            let first = ["names", "name", "born"];
            fields.sort_by_key(|(name, _)| first.iter().position(|f| f == name).unwrap_or(first.len()));
            fields.into_iter().flat_map(|(_, value)| parts(value)).collect()
        }
        Value::Array(all) => all.iter().flat_map(parts).collect(),
        Value::String(id) if id.len() == 36 && id.matches('-').count() == 4 => Vec::new(),
        Value::String(text) => vec![words::day(text)],
        Value::Number(n) => vec![n.to_string()],
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    all.into_iter().filter(|part| !part.is_empty()).collect()
}

async fn mappings(visit: Visit) -> Result<Page, Failed> {
    let mappings: List<Mapping> = visit.api.get(&visit.v1(&["mappings"])).await?;
    let rows: Vec<_> = mappings
        .items
        .iter()
        .map(|m| {
            vec![
                list::link(&visit.to(&["intake", "mappings", &m.name]), &words::code(&m.name)),
                html! { (m.says) },
                html! { (words::code(&m.agency)) },
                html! { @if m.version == 0 { "As delivered" } @else { "Version " (m.version) } },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Mappings" }
        @if rows.is_empty() { (list::nothing("There is no mapping.")) }
        @else { (list::table("How columns are understood", &["Mapping", "What it is", "From", "Written"], &rows)) }
    };
    Ok(visit.page("Mappings", body).below([visit.crumb(&["intake"], "Intake")]))
}

async fn mapping(visit: Visit, Path((_, name)): Path<(String, String)>) -> Result<Page, Failed> {
    let read = visit.api.read::<Mapping>(&visit.v1(&["mappings", &name])).await?;
    let mut typed = Typed::default();
    typed.set("version", read.version.unwrap_or_default());
    typed.set("says", format!("{} ({})", read.value.says, words::code(&read.value.kind).to_lowercase()));
    typed.set("text", read.value.text);
    Ok(mapping_page(&visit, &name, &typed, None))
}

fn mapping_page(visit: &Visit, name: &str, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let says = typed.text("says").unwrap_or_default();
    let body = html! {
        h1 class="govuk-heading-l" { (words::code(name)) }
        p class="govuk-body" { (says) }
        form method="post" action=(visit.to(&["intake", "mappings", name])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default())) (hidden("says", says))
            (form.text(Ask { name: "text", label: "The mapping", hint: "After each name, the titles that a column may have. What is written here is this council's own" }, 24))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["intake"], "Intake"), visit.crumb(&["intake", "mappings"], "Mappings")];
    visit.page(words::code(name), body).below(above).wrong(problem)
}

async fn save_mapping(visit: Visit, Path((_, name)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let version = typed.text("version");
    match sorted(visit.api.put(&visit.v1(&["mappings", &name]), &json!({ "text": typed.text("text").unwrap_or_default() }), version).await)?
    {
        Ok(_) => Ok(visit.done(&["intake", "mappings", &name], "saved")),
        Err(problem) => {
            let problem = problem.at("text");
            Ok(mapping_page(&visit, &name, &typed, Some(&problem)).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_somebody_is_reads_as_lines_without_ids() {
        let known = json!({
            "homes": ["01a2051c-0fce-724a-a71f-49cf7122a7bd", { "line": "Flat 2, 64 Sailcloth Road", "postcode": "BS99 1VK", "uprn": "999001000006" }],
            "names": [{ "given": "Mason", "family": "Osgood" }], "born": ["2010-11-02"],
            "identifiers": [{ "scheme": "upn", "value": "R801999924011" }],
        });
        let lines = [
            "Mason Osgood",
            "2 November 2010",
            "Flat 2, 64 Sailcloth Road, BS99 1VK",
            "Property number 999001000006",
            "Unique pupil number R801999924011",
        ];
        assert_eq!(parts(&known), lines);
        assert_eq!(told(&known), lines.join(", "));
    }
}
