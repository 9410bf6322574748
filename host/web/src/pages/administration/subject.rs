//! What somebody asked to see of themselves: a draft, looked at part by part, and released.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::above;
use crate::Pages;
use crate::pages::common::{After, sorted};
use crate::pages::families::Name;
use crate::ui::form::{Ask, Asked, Typed, hidden, once, second_button, warning_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration/subject-requests", get(requests).post(open))
        .route("/{authority}/administration/subject-requests/{request}", get(draft))
        .route("/{authority}/administration/subject-requests/{request}/reviews", post(review))
        .route("/{authority}/administration/subject-requests/{request}/release", post(release))
        .route("/{authority}/administration/subject-requests/{request}/released", get(released))
}

#[derive(Deserialize)]
struct Asking {
    id: i64,
    opened_at: String,
    opened_by: String,
    #[serde(default)]
    released: Option<Released>,
}

#[derive(Deserialize)]
struct Released {
    at: String,
    by: String,
    erased: bool,
}

#[derive(Deserialize)]
struct Found {
    person: String,
    #[serde(default)]
    known: Known,
}

#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    names: Vec<Name>,
    #[serde(default)]
    born: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    name: String,
    #[serde(default)]
    after: String,
}

async fn requests(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    requests_page(&visit, &looked, None).await
}

async fn requests_page(visit: &Visit, looked: &Looked, problem: Option<&Problem>) -> Result<Page, Failed> {
    let after = After { after: looked.after.clone() };
    let all: List<Asking> = visit.api.get(&after.of(&visit.v1(&["subject-requests"]))).await?;
    let rows: Vec<_> = all
        .items
        .iter()
        .map(|r| {
            let number = r.id.to_string();
            vec![
                list::link(&visit.to(&["administration", "subject-requests", &number]), &format!("Request {number}")),
                html! { (words::at(&r.opened_at)) " by " (words::who(&r.opened_by)) },
                html! {
                    @match &r.released {
                        Some(of) if of.erased => { (list::tag("Released, erased since", "grey")) }
                        Some(of) => { (list::tag("Released", "green")) " " (words::at(&of.at)) " by " (words::who(&of.by)) }
                        None => { (list::tag("Being looked at", "yellow")) }
                    }
                },
            ]
        })
        .collect();
    let mut typed = Typed::default();
    typed.set("name", &looked.name);
    let body = html! {
        h1 class="govuk-heading-l" { "Subject access requests" }
        @if rows.is_empty() { (list::nothing("Nobody asked to see what is kept of them.")) }
        @else { (list::table("Requests", &["Request", "Opened", "Stands at"], &rows)) }
        (list::rest(&visit.to(&["administration", "subject-requests"]), all.next.as_deref()))
        h2 class="govuk-heading-m" { "Open a request" }
        form method="get" action=(visit.to(&["administration", "subject-requests"])) {
            (Asked::new(&typed, problem).line(Ask { name: "name", label: "Who asks?", hint: "Their name, as much of it as you know" }, "search"))
            (second_button("Find them"))
        }
        (found(visit, &looked.name).await?)
    };
    Ok(visit.page("Subject access requests", body).below(above(visit)).wrong(problem).private())
}

async fn found(visit: &Visit, name: &str) -> Result<Markup, Failed> {
    if name.trim().is_empty() {
        return Ok(html! {});
    }
    let found: List<Found> = visit.api.get(&format!("{}{}", visit.v1(&["search"]), query(&[("name", name)]))).await?;
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|f| {
            vec![
                html! { (f.known.names.iter().map(Name::whole).collect::<Vec<_>>().join(", also ")) },
                html! { (f.known.born.iter().map(|b| words::day(b)).collect::<Vec<_>>().join(" or ")) },
                html! {
                    form method="post" action=(visit.to(&["administration", "subject-requests"])) {
                        (once()) (hidden("person", &f.person)) (second_button("Open a request of theirs"))
                    }
                },
            ]
        })
        .collect();
    Ok(html! {
        @if rows.is_empty() { (list::nothing("Nobody of that name is known here.")) }
        @else { (list::table("Who may be meant", &["Name", "Born", "Act"], &rows)) }
    })
}

async fn open(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["subject-requests"]), &typed.object(&["person"]), typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["administration", "subject-requests", &made["id"].to_string()], "saved")),
        Err(problem) => Ok(requests_page(&visit, &Looked::default(), Some(&problem)).await?.into_response()),
    }
}

#[derive(Deserialize)]
struct Whole {
    draft: Draft,
    request: Asking,
    #[serde(default)]
    reviews: Vec<Review>,
    unread: usize,
}

#[derive(Deserialize)]
struct Draft {
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    part: String,
    heading: String,
    #[serde(default)]
    kept_back: Option<String>,
    lines: Vec<Line>,
    #[serde(default)]
    marks: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Review {
    part: String,
    by: String,
    at: String,
    reason: String,
    shown: bool,
}

async fn draft(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    draft_page(&visit, &id, &Typed::default(), None).await
}

async fn draft_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let whole: Whole = visit.api.get(&visit.v1(&["subject-requests", id])).await?;
    let title = format!("Request {id}");
    let to = |step: &str| visit.to(&["administration", "subject-requests", id, step]);
    let open = whole.request.released.is_none();
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        @match &whole.request.released {
            Some(of) if of.erased => { (list::inset("What was released has been erased since, as the law asks.")) }
            Some(of) => {
                p class="govuk-body" { (list::tag("Released", "green")) " " (words::at(&of.at)) " by " (words::who(&of.by)) ". "
                    (list::link(&to("released"), "What was released, as a page to keep and print")) }
            }
            None if whole.unread > 0 => { (list::inset(&format!("{} parts wait for somebody to look at them before it can be released.", whole.unread))) }
            None => {
                form method="post" action=(to("release")) { (once()) (warning_button("Release it")) }
            }
        }
        @for p in &whole.draft.parts { (part(visit, id, p, &whole.reviews, open, typed, problem)) }
    };
    let crumbs = above(visit).into_iter().chain([visit.crumb(&["administration", "subject-requests"], "Subject access requests")]);
    Ok(visit.page(title, body).below(crumbs).wrong(problem).private())
}

fn mark(code: &str) -> &'static str {
    match code {
        "third-party" => "About somebody else too",
        "serious-harm" => "May do serious harm",
        "free-text" => "Words that somebody wrote",
        _ => "Sealed",
    }
}

fn part(visit: &Visit, id: &str, p: &Part, reviews: &[Review], open: bool, typed: &Typed, problem: Option<&Problem>) -> Markup {
    let of_this = reviews.iter().rfind(|r| r.part == p.part);
    let sent = typed.text("part") == Some(&p.part);
    let blank = Typed::default();
    let reason = format!("reason-{}", p.part);
    let mut back = if sent { typed.clone() } else { blank };
    if let Some(why) = typed.text("reason").filter(|_| sent) {
        back.set(&reason, why);
    }
    let problem = problem.filter(|_| sent).map(|p| p.clone().renamed(&[("reason", reason.as_str())]));
    let form = Asked::new(&back, problem.as_ref());
    html! {
        h2 class="govuk-heading-m" { (p.heading) @for m in &p.marks { " " (list::tag(mark(m), "yellow")) } }
        @if let Some(why) = &p.kept_back { (list::inset(&format!("Kept back: {why}"))) }
        dl class="govuk-summary-list" {
            @for line in &p.lines {
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { (words::code(&line.name)) }
                    dd class="govuk-summary-list__value" { (words::at(&words::day(&line.value))) }
                }
            }
        }
        @if let Some(r) = of_this {
            p class="govuk-body" { @if r.shown { (list::tag("To be shown", "green")) } @else { (list::tag("Kept back", "red")) } " " (words::who(&r.by)) ", " (words::at(&r.at)) ": " (r.reason) }
        }
        @if open && !p.marks.is_empty() {
            form method="post" action=(visit.to(&["administration", "subject-requests", id, "reviews"])) novalidate {
                (once()) (hidden("part", &p.part))
                (form.text(Ask { name: &reason, label: &format!("Why, about: {}", p.heading.to_lowercase()), hint: "Why it is shown, or kept back" }, 2))
                div class="govuk-button-group" {
                    button type="submit" class="govuk-button govuk-button--secondary" name="shown" value="yes" { "Show it" }
                    button type="submit" class="govuk-button govuk-button--secondary" name="shown" value="no" { "Keep it back" }
                }
            }
        }
    }
}

async fn review(visit: Visit, Path((_, id)): Path<(String, String)>, mut typed: Typed) -> Result<Response, Failed> {
    let part = typed.text("part").unwrap_or_default().to_owned();
    let reason = typed.text(&format!("reason-{part}")).unwrap_or_default().to_owned();
    let body = json!({ "part": part, "reason": reason, "shown": typed.text("shown") == Some("yes") });
    match sorted(visit.api.post(&visit.v1(&["subject-requests", &id, "reviews"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "subject-requests", &id], "saved")),
        Err(problem) => {
            typed.set("reason", reason);
            Ok(draft_page(&visit, &id, &typed, Some(&problem)).await?.into_response())
        }
    }
}

async fn release(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["subject-requests", &id, "release"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "subject-requests", &id], "done")),
        Err(problem) => Ok(draft_page(&visit, &id, &Typed::default(), Some(&problem)).await?.into_response()),
    }
}

/// As the API makes it for print.
async fn released(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Response, Failed> {
    visit.api.through(&format!("{}?form=html", visit.v1(&["subject-requests", &id, "released"]))).await
}
