//! Check your answers, and submit them.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::json;

use super::form::{At, Item};
use super::page::{judged, missing};
use super::question::{Names, answered};
use super::{InLanguage, Opened, names};
use crate::ui::form::{Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

pub async fn check(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<InLanguage>) -> Result<Page, Failed> {
    check_page(&visit, &id, &asked, None).await
}

async fn check_page(visit: &Visit, id: &str, asked: &InLanguage, problem: Option<&Problem>) -> Result<Page, Failed> {
    let opened = Opened::of(visit, id, asked).await?;
    let names = names(visit, &opened).await?;
    let judged = judged(&opened)?;
    let title = if opened.is_draft() { opened.word("Check the answers") } else { opened.word("The answers") };
    let body = html! {
        (opened.other_language(&visit.to(&["assessments", id, "check"])))
        span class="govuk-caption-l" { (opened.title()) ", " (opened.family.reference) }
        h1 class="govuk-heading-l" { (title) }
        @if opened.is_draft() && !judged.complete {
            (list::inset(opened.word("Something is missing or wrong. It can be submitted once that is set right; until then your answers are kept.")))
        }
        @for page in opened.form.pages.iter().filter(|p| judged.pages.contains(&p.page)) {
            (answers_of(visit, &opened, &names, page))
        }
        @if opened.is_draft() && judged.complete && visit.me.may("assess") {
            form method="post" action=(opened.to(visit, &["check"])) { (once()) (button(opened.word("Submit it"))) }
        }
    };
    let above = opened.above(visit).into_iter().chain([crate::ui::Crumb(opened.to(visit, &[]), opened.title().to_owned())]);
    Ok(visit.page(format!("{title}: {}", opened.title()), body).below(above).wrong(problem).language(&opened.language).private())
}

fn answers_of(visit: &Visit, opened: &Opened, names: &Names, page: &super::form::FormPage) -> Markup {
    let answers = opened.answers();
    let Some(judged) = &opened.assessment.judged else { return html! {} };
    let asked = page.asked(judged, &answers);
    let of_item = |at: &super::form::Slot| -> Option<String> {
        at.person.as_deref().map(|p| names.person(p).to_owned()).or_else(|| at.item.map(|i| (i + 1).to_string()))
    };
    let to = opened.to(visit, &["pages", &page.page]);
    let title = page.title.in_language(&opened.language);
    html! {
        h2 class="govuk-heading-m" { (title) }
        @if asked.is_empty() && !page.items.iter().any(|i| matches!(i, Item::Group(_))) { p class="govuk-body" { (opened.word("Nothing is asked here.")) } }
        dl class="govuk-summary-list" {
            @for asking in asked.iter().filter(|a| a.question.kind() != "computed") {
                @let wrong = missing(&opened.assessment, &asking.slot);
                @let label = asking.question.label.in_language(&opened.language);
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { @if let Some(of) = of_item(&asking.slot) { (of) ": " } (label) }
                    dd class="govuk-summary-list__value" {
                        @if let Some(answer) = answers.at(asking) { (answered(asking, answer, names, &opened.language)) " " }
                        @if let Some(wrong) = wrong { strong { (wrong.says.in_language(&opened.language)) } }
                    }
                    @if opened.is_draft() {
                        dd class="govuk-summary-list__actions" {
                            a class="govuk-link" href={ (to) "#" (asking.slot.name()) } {
                                (opened.word("Change")) span class="govuk-visually-hidden" { ": " @if let Some(of) = of_item(&asking.slot) { (of) ", " } (label) }
                            }
                        }
                    }
                }
            }
        }
        @if opened.is_draft() {
            @for group in page.items.iter().filter_map(|i| if let Item::Group(g) = i { Some(g) } else { None }) {
                @let of_group = super::form::Slot::of(&group.group);
                @if let Some(wrong) = missing(&opened.assessment, &of_group) {
                    p class="govuk-body" { strong { (group.title.in_language(&opened.language)) ": " (wrong.says.in_language(&opened.language)) } " " (list::link(&to, opened.word("Change"))) }
                }
                @if group.items(judged, &answers).iter().all(|at| matches!(at, At::Item(_))) && group.repeat.is_some() && missing(&opened.assessment, &of_group).is_none() && answers.groups.get(&group.group).is_none_or(Vec::is_empty) {
                    p class="govuk-body" { (group.title.in_language(&opened.language)) ": " (opened.word("none.")) }
                }
            }
        }
    }
}

pub async fn submit(
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<InLanguage>,
    typed: Typed,
) -> Result<Response, Failed> {
    match visit.api.post(&visit.v1(&["assessments", &id, "submission"]), &json!({}), typed.once()).await {
        Ok(_) => Ok(asked.done(&visit, &id, "submitted")),
        Err(Failed::Refused(mut problem)) if problem.is_of_input() => {
            // What is missing stands at its question below.
            problem.field = None;
            Ok(check_page(&visit, &id, &asked, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
