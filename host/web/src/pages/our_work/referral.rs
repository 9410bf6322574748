//! One referral: answered, and reported on at its end.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::Referral;
use crate::Pages;
use crate::codes;
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/our-work/{referral}", get(referral))
        .route("/{authority}/our-work/{referral}/answer", post(answer))
        .route("/{authority}/our-work/{referral}/report", get(report).post(send_report))
}

/// One of theirs.
pub async fn found(visit: &Visit, id: &str) -> Result<Referral, Failed> {
    visit.api.get(&visit.v1(&["service-referrals", id])).await
}

async fn referral(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    referral_page(&visit, &id, &Typed::default(), None).await
}

async fn referral_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let r = found(visit, id).await?;
    let title = format!("{}: {}", r.name(), r.service_name);
    let to = |step: &str| visit.to(&["our-work", id, step]);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { (r.tag()) }
        (list::pairs(&facts(visit, &r)))
        @if r.is_to_answer() { (answer_form(visit, id, &Asked::new(typed, problem))) }
        @if r.state == "accepted" {
            ul class="govuk-list" {
                li { (list::link(&to("sessions"), "Tell of sessions")) }
                li { (list::link(&to("report"), "Report that it is over")) }
            }
        }
        (sessions(&r))
        @if let Some(report) = &r.report {
            h2 class="govuk-heading-m" { "Report at the end" }
            p class="govuk-body" { (report.words) }
            ul class="govuk-list" { @for (of, how) in &report.reached { li { (codes::PROBLEMS.words(of)) ": " (reached_words(how)) } } }
            p class="govuk-hint" { (words::at(&report.at)) }
        }
    };
    Ok(visit.page(title, body).below([visit.crumb(&["our-work"], "Our work")]).wrong(problem).private())
}

fn facts(visit: &Visit, r: &Referral) -> Vec<(&'static str, Markup)> {
    let mut rows = vec![("Sent", html! { (words::at(&r.at)) })];
    if let Some(family) = &r.family {
        rows.push(("What is shared with you", list::link(&visit.to(&["families", family]), "The family's page")));
    }
    let mut put = |name, value: Option<String>| rows.extend(value.filter(|v| !v.is_empty()).map(|v| (name, html! { (v) })));
    put("To help with", Some(r.problems.iter().map(|p| codes::PROBLEMS.words(p)).collect::<Vec<_>>().join("; ")));
    put("Needed by", r.needed_by.as_deref().map(words::day));
    put("Answer by", r.is_to_answer().then(|| words::day(&r.answer_by)));
    put("Place in the queue", r.place.map(|p| p.to_string()));
    put("Began", r.began.as_deref().map(words::day));
    put("Ended", r.ended.as_deref().map(words::day));
    put("Why", r.why.clone());
    rows
}

fn answer_form(visit: &Visit, id: &str, form: &Asked<'_>) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Your answer" }
        form method="post" action=(visit.to(&["our-work", id, "answer"])) novalidate {
            (once())
            (form.radios(Ask { name: "accepted", label: "Do you take the family?", hint: "" }, &[("yes", "Yes"), ("no", "No")]))
            (form.day(Ask { name: "begins", label: "When does it begin?", hint: "If you take them, and know the day" }))
            (form.text(Ask { name: "why", label: "Why not?", hint: "If you do not take them" }, 2))
            (button("Answer"))
        }
    }
}

fn sessions(r: &Referral) -> Markup {
    let rows: Vec<_> = r
        .sessions
        .iter()
        .map(|s| vec![html! { (words::day(&s.first)) " to " (words::day(&s.last)) }, html! { (s.offered) }, html! { (s.kept) }])
        .collect();
    html! { @if !rows.is_empty() { (list::table("Sessions", &["When", "Offered", "Kept"], &rows)) } }
}

async fn answer(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["why"]);
    if let Some(accepted) = typed.text("accepted") {
        body.insert("accepted".to_owned(), json!(accepted == "yes"));
    }
    body.extend(typed.day("begins").map(|on| ("begins".to_owned(), Value::from(on))));
    match sorted(visit.api.post(&visit.v1(&["service-referrals", &id, "answer"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["our-work", &id], "sent")),
        Err(problem) => Ok(referral_page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

const REACHED: &[(&str, &str)] = &[("achieved", "Solved"), ("partly", "Partly solved"), ("not", "Not solved")];

fn reached_words(code: &str) -> &str {
    REACHED.iter().find(|(c, _)| *c == code).map_or(code, |(_, words)| words)
}

async fn report(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("on", &words::today());
    report_page(&visit, &id, &typed, None).await
}

async fn report_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let r = found(visit, id).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (r.name()) ", " (r.service_name) }
        h1 class="govuk-heading-l" { "Report that it is over" }
        form method="post" action=(visit.to(&["our-work", id, "report"])) novalidate {
            (once())
            (form.radios(Ask { name: "completed", label: "How did it end?", hint: "" }, &[("yes", "It was given to its end"), ("no", "The family left before")]))
            (form.day(Ask { name: "on", label: "The last day", hint: "" }))
            @for of in &r.problems { (form.radios(Ask { name: of, label: &codes::PROBLEMS.words(of), hint: "" }, REACHED)) }
            (form.text(Ask { name: "words", label: "In your own words", hint: "Whoever works with the family reads it" }, 6))
            (button("Report it"))
        }
    };
    let above = [visit.crumb(&["our-work"], "Our work"), visit.crumb(&["our-work", id], r.name())];
    Ok(visit.page("Report that it is over", body).below(above).wrong(problem).private())
}

async fn send_report(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let r = found(&visit, &id).await?;
    let reached: Map<String, Value> = typed.object(&r.problems.iter().map(String::as_str).collect::<Vec<_>>());
    let mut body = typed.object(&["words"]);
    if let Some(completed) = typed.text("completed") {
        body.insert("completed".to_owned(), json!(completed == "yes"));
    }
    body.extend(typed.day("on").map(|on| ("on".to_owned(), Value::from(on))));
    body.insert("reached".to_owned(), Value::Object(reached));
    match sorted(visit.api.post(&visit.v1(&["service-referrals", &id, "report"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["our-work", &id], "sent")),
        Err(problem) => Ok(report_page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}
