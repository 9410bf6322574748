//! A file that answers a question: kept with the family's files, and named in the answer.

use axum::extract::{Multipart, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::{Value, json};

use super::page::{find, judged};
use super::typed::change;
use super::{InLanguage, Opened};
use crate::pages::family::files::Sent;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button};
use crate::upstream::{Failed, Problem, query};
use crate::visit::{Visit, see_other};

type At = Path<(String, String, String, String)>;

pub async fn ask(visit: Visit, Path((_, id, page, field)): At, Query(asked): Query<InLanguage>) -> Result<Page, Failed> {
    let opened = Opened::of(&visit, &id, &asked).await?;
    asked_page(&visit, &opened, &page, &field, None)
}

fn asked_page(visit: &Visit, opened: &Opened, page: &str, field: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let answers = opened.answers();
    let shown = find(opened, page)?;
    let asked = shown.asked(judged(opened)?, &answers);
    let asking = asked.iter().find(|a| a.slot.name() == field && a.question.kind() == "file").ok_or_else(none)?;
    let label = asking.question.label.in_language(&opened.language);
    let types: Vec<&str> = asking.question.says()["types"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let typed = Typed::default();
    let body = html! {
        span class="govuk-caption-l" { (opened.title()) ", " (opened.family.reference) }
        h1 class="govuk-heading-l" { (label) }
        form method="post" enctype="multipart/form-data" action=(opened.to(visit, &["pages", page, "files", field])) novalidate {
            (Asked::new(&typed, problem).language(&opened.language).file(Ask { name: "file", label: opened.word("Choose a file"), hint: "" }, &types.join(",")))
            (button(opened.word("Attach it")))
        }
    };
    let above = opened
        .above(visit)
        .into_iter()
        .chain([crate::ui::Crumb(opened.to(visit, &["pages", page]), shown.title.in_language(&opened.language).to_owned())]);
    Ok(visit.page(label, body).below(above).wrong(problem).language(&opened.language).private())
}

fn none() -> Failed {
    Failed::Refused(Problem::of_pages("no-such-page", "Page not found", StatusCode::NOT_FOUND, "no file is asked for here"))
}

pub async fn attach(
    visit: Visit,
    Path((_, id, page, field)): At,
    Query(asked): Query<InLanguage>,
    parts: Multipart,
) -> Result<Response, Failed> {
    let opened = Opened::of(&visit, &id, &asked).await?;
    match sent(&visit, &opened, &page, &field, Sent::of(parts).await?).await {
        Ok(()) => Ok(see_other(&opened.to(&visit, &["pages", &page]))),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(asked_page(&visit, &opened, &page, &field, Some(&at_file(problem)))?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

/// Whatever is wrong is wrong with the file.
fn at_file(mut problem: Problem) -> Problem {
    problem.field = Some("file".to_owned());
    problem
}

async fn sent(visit: &Visit, opened: &Opened, page: &str, field: &str, sent: Sent) -> Result<(), Failed> {
    let answers = opened.answers();
    let asked = find(opened, page)?.asked(judged(opened)?, &answers);
    let asking = asked.iter().find(|a| a.slot.name() == field && a.question.kind() == "file").ok_or_else(none)?;
    let file = sent.file()?;
    let about = query(&[("name", &file.name), ("section", "assessments"), ("person", asking.slot.person.as_deref().unwrap_or_default())]);
    let kept = visit
        .api
        .upload(&format!("{}{about}", visit.v1(&["families", &opened.assessment.family, "attachments"])), &file.kind, file.bytes)
        .await?;
    let answer = json!({ "file": { "name": kept["name"], "media-type": kept["media_type"], "digest": kept["digest"] } });
    let changed = change(asking, answers.at(asking), Some(answer));
    visit.api.post(&visit.v1(&["assessments", &opened.assessment.id, "answers"]), &json!({ "changes": [changed] }), "").await?;
    Ok(())
}
