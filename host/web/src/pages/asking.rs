//! Asking the authority's rules about a family, now or as of another day.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;
use serde_json::{Value, json};

use super::family::record::Family;
use crate::Pages;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/families/{family}/ask", get(ask).post(asked))
}

const QUESTIONS: &[(&str, &str)] =
    &[("eligibility", "Is the family eligible?"), ("progress", "How far has it come, and what can be claimed?")];

async fn ask(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("question", "progress");
    typed.set_day("as_of", &words::today());
    page(&visit, &id, &typed, None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let family: Family = visit.api.get(&visit.v1(&["families", id])).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { "Family " (family.reference) }
        h1 class="govuk-heading-l" { "Ask the rules" }
        form method="post" action=(visit.to(&["families", id, "ask"])) novalidate {
            (once())
            (form.radios(Ask { name: "question", label: "What", hint: "" }, QUESTIONS))
            (form.day(Ask { name: "as_of", label: "As of", hint: "What was true on that day, as far as is known now" }))
            (button("Ask"))
        }
    };
    let above = [visit.crumb(&["families"], "Families"), visit.crumb(&["families", id], family.reference.clone())];
    Ok(visit.page("Ask the rules", body).below(above).wrong(problem).private())
}

async fn asked(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = json!({ "family": id, "question": typed.text("question").unwrap_or_default() });
    if let Some(day) = typed.day("as_of") {
        body["as_of"] = Value::from(day);
    }
    match visit.api.post(&visit.v1(&["decisions"]), &body, typed.once()).await {
        Ok(decision) => Ok(visit.done(&["decisions", decision["id"].as_str().unwrap_or_default()], "asked")),
        Err(Failed::Refused(problem)) if problem.is_of_input() || problem.status >= 500 => {
            Ok(page(&visit, &id, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
