//! Files of claims: approved claims put together, and sent to whoever pays.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Claim;
use crate::Pages;
use crate::codes;
use crate::pages::common::{After, sorted};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/claim-files", get(files).post(make))
        .route("/{authority}/claim-files/{batch}/file", get(file))
        .route("/{authority}/claim-files/{batch}/submission", post(submit))
        .route("/{authority}/claim-files/{batch}/discard", post(discard))
}

#[derive(Deserialize)]
struct File {
    batch: i64,
    claims: i64,
    amount_pence: i64,
    state: String,
    made_at: String,
    made_by: String,
}

async fn files(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    files_page(&visit, &after, &Typed::default(), None).await
}

async fn files_page(visit: &Visit, after: &After, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let files: List<File> = visit.api.get(&after.of(&visit.v1(&["claim-batches"]))).await?;
    let approved: List<Claim> = visit.api.get(&format!("{}?state=approved&limit=200", visit.v1(&["claims"]))).await?;
    let rows: Vec<_> = files.items.iter().map(|f| row(visit, f)).collect();
    let choices: Vec<(String, String)> = approved
        .items
        .iter()
        .map(|c| (c.claim.to_string(), format!("Claim {}: {}, {}", c.claim, codes::CLAIMS.words(&c.kind), words::pounds(c.amount_pence))))
        .collect();
    let choices: Vec<(&str, &str)> = choices.iter().map(|(n, words)| (n.as_str(), words.as_str())).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Files of claims" }
        p class="govuk-body" { "Approved claims go to whoever pays in a file. Its hash is kept: the file stays the same for ever." }
        h2 class="govuk-heading-m" { "A new file" }
        @if choices.is_empty() { (list::nothing("No claim is approved and waits for a file.")) } @else {
            form method="post" action=(visit.to(&["claim-files"])) novalidate {
                (once())
                (Asked::new(typed, problem).boxes(Ask { name: "claims", label: "Which claims?", hint: "None ticked: all that are approved" }, &choices))
                (button("Put them in a file"))
            }
        }
        @if rows.is_empty() { (list::nothing("There is no file yet.")) }
        @else { (list::table("Files", &["File", "Claims", "Pounds", "Stands at", "Made", "Act"], &rows)) }
        (list::rest(&visit.to(&["claim-files"]), files.next.as_deref()))
    };
    Ok(visit.page("Files of claims", body).below([visit.crumb(&["claims"], "Claims")]).wrong(problem))
}

fn row(visit: &Visit, f: &File) -> Vec<maud::Markup> {
    let number = f.batch.to_string();
    let open = !matches!(f.state.as_str(), "submitted" | "discarded");
    vec![
        list::link(&visit.to(&["claim-files", &number, "file"]), &format!("File {number} (CSV)")),
        html! { (f.claims) },
        html! { (words::pounds(f.amount_pence)) },
        list::tag(&words::code(&f.state), if open { "yellow" } else { "grey" }),
        html! { (words::at(&f.made_at)) " by " (words::who(&f.made_by)) },
        html! {
            @if open {
                (act(&visit.to(&["claim-files", &number, "submission"]), "It was submitted"))
                (act(&visit.to(&["claim-files", &number, "discard"]), "Discard"))
            }
        },
    ]
}

async fn make(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let claims: Vec<Value> = typed.all("claims").iter().filter_map(|n| n.parse::<i64>().ok()).map(Value::from).collect();
    let body = if claims.is_empty() { json!({}) } else { json!({ "claims": claims }) };
    match sorted(visit.api.post(&visit.v1(&["claim-batches"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["claim-files"], "saved")),
        Err(problem) => Ok(files_page(&visit, &After::default(), &typed, Some(&problem)).await?.into_response()),
    }
}

async fn file(visit: Visit, Path((_, batch)): Path<(String, String)>) -> Result<Response, Failed> {
    visit.api.through(&visit.v1(&["claim-batches", &batch, "file"])).await
}

async fn submit(visit: Visit, Path((_, batch)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    of_file(&visit, &batch, "submission", "sent", &typed).await
}

async fn discard(visit: Visit, Path((_, batch)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    of_file(&visit, &batch, "discard", "done", &typed).await
}

async fn of_file(visit: &Visit, batch: &str, what: &str, told: &str, typed: &Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["claim-batches", batch, what]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["claim-files"], told)),
        Err(problem) => Ok(files_page(visit, &After::default(), &Typed::default(), Some(&problem)).await?.into_response()),
    }
}
