//! Sessions that were offered and kept: told of one family, or of all in a file.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Referral;
use super::referral::found;
use crate::Pages;
use crate::pages::common::{csv, number, sorted, whole};
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::upload::{LARGEST, Uploaded};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/our-work/{referral}/sessions", get(sessions).post(tell))
        .route("/{authority}/our-work/sessions.csv", get(to_fill_in))
        .route("/{authority}/our-work/file", get(file).post(send).layer(DefaultBodyLimit::max(LARGEST)))
}

async fn sessions(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("last", &words::today());
    sessions_page(&visit, &id, &typed, None).await
}

async fn sessions_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let r = found(visit, id).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (r.name()) ", " (r.service_name) }
        h1 class="govuk-heading-l" { "Tell of sessions" }
        p class="govuk-body" { "Told again for the same first day, it is corrected." }
        form method="post" action=(visit.to(&["our-work", id, "sessions"])) novalidate {
            (once())
            (form.day(Ask { name: "first", label: "From", hint: "" }))
            (form.day(Ask { name: "last", label: "To", hint: "" }))
            (form.number(Ask { name: "offered", label: "How many sessions were offered?", hint: "" }, "", ""))
            (form.number(Ask { name: "kept", label: "To how many did they come?", hint: "" }, "", ""))
            (button("Tell"))
        }
    };
    let above = [visit.crumb(&["our-work"], "Our work"), visit.crumb(&["our-work", id], r.name())];
    Ok(visit.page("Tell of sessions", body).below(above).wrong(problem).private())
}

async fn tell(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut one = serde_json::Map::new();
    for day in ["first", "last"] {
        one.extend(typed.day(day).map(|d| (day.to_owned(), Value::from(d))));
    }
    for name in ["offered", "kept"] {
        one.extend(number(&typed, name).map(|n| (name.to_owned(), n)));
    }
    match sorted(visit.api.post(&visit.v1(&["service-referrals", &id, "sessions"]), &json!({ "sessions": [one] }), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["our-work", &id], "saved")),
        Err(problem) => Ok(sessions_page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn file(visit: Visit) -> Page {
    file_page(&visit, &html! {}, None)
}

fn file_page(visit: &Visit, came: &Markup, problem: Option<&Problem>) -> Page {
    let typed = Typed::default();
    let body = html! {
        h1 class="govuk-heading-l" { "Send sessions as a file" }
        (came)
        p class="govuk-body" {
            "A CSV file with the titles " code { "referral" } ", " code { "first" } ", " code { "last" } ", " code { "offered" } " and " code { "kept" }
            ": one line a referral and span of days, such as 2026-04-30. The same file again changes nothing."
        }
        p class="govuk-body" { (list::link(&visit.to(&["our-work", "sessions.csv"]), "A file to fill in, with a line for each family that you work with")) }
        form method="post" action=(visit.to(&["our-work", "file"])) enctype="multipart/form-data" novalidate {
            (Asked::new(&typed, problem).file(Ask { name: "file", label: "The file", hint: "" }, ".csv,text/csv"))
            (button("Send it"))
        }
    };
    visit.page("Send sessions as a file", body).below([visit.crumb(&["our-work"], "Our work")]).wrong(problem)
}

/// A line for each family that they work with: days and numbers are to be filled in.
async fn to_fill_in(visit: Visit) -> Result<Response, Failed> {
    let (all, _) = whole::<Referral>(&visit.api, &visit.v1(&["service-referrals"])).await?;
    Ok(csv("sessions.csv", &lines_of(&all)))
}

fn lines_of(all: &[Referral]) -> String {
    let lines = all.iter().filter(|r| r.state == "accepted").map(|r| format!("{},,,,\r\n", r.id));
    std::iter::once("referral,first,last,offered,kept\r\n".to_owned()).chain(lines).collect()
}

#[derive(Deserialize)]
struct Came {
    new: usize,
    corrected: usize,
    unchanged: usize,
    #[serde(default)]
    refused: Vec<RefusedLine>,
}

#[derive(Deserialize)]
struct RefusedLine {
    line: u64,
    column: String,
    reason: String,
}

async fn send(visit: Visit, uploaded: Uploaded) -> Result<Response, Failed> {
    let Some(bytes) = uploaded.file else {
        return Ok(file_page(&visit, &html! {}, Some(&no_file())).into_response());
    };
    match sorted(visit.api.upload(&visit.v1(&["service-sessions"]), "text/csv", bytes).await)? {
        Ok(came) => {
            let came: Came = serde_json::from_value(came).map_err(|e| Failed::Fault(e.to_string()))?;
            Ok(file_page(&visit, &came_to(&came), None).into_response())
        }
        Err(problem) => Ok(file_page(&visit, &html! {}, Some(&problem.at("file"))).into_response()),
    }
}

pub fn no_file() -> Problem {
    Problem::of_pages("no-file", "No file", axum::http::StatusCode::UNPROCESSABLE_ENTITY, "choose a file").at("file")
}

fn came_to(came: &Came) -> Markup {
    let rows: Vec<_> = came.refused.iter().map(|r| vec![html! { (r.line) }, html! { (r.column) }, html! { (r.reason) }]).collect();
    html! {
        (list::inset(&format!("{} new, {} corrected, {} as before, {} refused.", came.new, came.corrected, came.unchanged, rows.len())))
        @if !rows.is_empty() { (list::table("Lines that were refused", &["Line", "Column", "Why"], &rows)) }
    }
}
