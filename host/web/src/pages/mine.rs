//! My families, each with what is due, how it stands, and what is not known yet.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::pages::decisions::colour;
use crate::pages::tasks::Task;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/mine", get(mine))
}

/// A family, and how it stands.
#[derive(Deserialize)]
struct Listed {
    id: String,
    reference: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    last_contact: Option<String>,
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    question: String,
    result: String,
    as_of: String,
    /// Not told of what was decided by more than they see.
    #[serde(default)]
    not_met: Option<usize>,
    #[serde(default)]
    not_known: Option<usize>,
}

#[derive(Deserialize)]
struct Due {
    family: String,
    form: String,
    due: String,
    overdue_days: i64,
}

#[derive(Deserialize)]
struct Missing {
    questions: Vec<Question>,
}

/// A question that was asked about a family, and what its answer was short of.
#[derive(Deserialize)]
struct Question {
    question: String,
    result: String,
    as_of: String,
    decision: String,
    #[serde(default)]
    missing: Vec<Short>,
}

#[derive(Deserialize)]
struct Short {
    heading: String,
    standing: String,
    says: String,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    sentence: String,
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

/// What is due of all of somebody's families.
struct Work {
    tasks: Vec<Task>,
    reviews: Vec<Due>,
    today: String,
}

async fn mine(visit: Visit, Query(asked): Query<After>) -> Result<Page, Failed> {
    let families: List<Listed> =
        visit.api.get(&format!("{}{}", visit.v1(&["family-standings"]), query(&[("after", &asked.after), ("limit", "20")]))).await?;
    let tasks: Option<List<Task>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["tasks"]))).await?;
    let reviews: Option<List<Due>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["reviews"]))).await?;
    let work = Work {
        tasks: tasks.map(|t| t.items).unwrap_or_default(),
        reviews: reviews.map(|r| r.items).unwrap_or_default(),
        today: words::today(),
    };
    let shown: Vec<Markup> = families.items.iter().map(|family| one(&visit, family, &work)).collect();
    let late = work.tasks.iter().filter(|t| t.is_late(&work.today)).count();
    let body = html! {
        h1 class="govuk-heading-l" { "My families" }
        (list::figures(&[
            ("Open tasks", work.tasks.len().to_string()),
            ("Of them overdue", late.to_string()),
            ("Assessments due", work.reviews.len().to_string()),
        ]))
        @if shown.is_empty() { (list::nothing("No family is yours yet. Whoever allocates cases gives them to you.")) }
        @for one in &shown { (one) }
        (list::rest(&visit.to(&["mine"]), families.next.as_deref()))
    };
    Ok(visit.page("My families", body).private())
}

fn one(visit: &Visit, family: &Listed, work: &Work) -> Markup {
    let tasks: Vec<&Task> = work.tasks.iter().filter(|t| t.family.as_deref() == Some(&family.id)).collect();
    let reviews: Vec<&Due> = work.reviews.iter().filter(|r| r.family == family.id).collect();
    let to = visit.to(&["families", &family.id]);
    let progress = family.outcomes.iter().find(|o| o.question == "progress");
    html! {
        div class="govuk-summary-card" {
            div class="govuk-summary-card__title-wrapper" {
                h2 class="govuk-summary-card__title" { (list::link(&to, &family.reference)) " " (family.names.join(", ")) }
            }
            div class="govuk-summary-card__content" {
                (list::pairs(&[
                    ("To do", tasks_of(&tasks, &work.today)),
                    ("Assessments", reviews_of(&reviews)),
                    ("Last contact", html! { @match &family.last_contact { Some(on) => { (words::day(on)) } None => { "None is noted. " (list::link(&format!("{to}/contacts"), "Note one")) } } }),
                    ("Outcomes", html! { @match progress { Some(o) => { (standing(&o.result, &o.as_of, o.not_met, o.not_known)) } None => { "Nobody has asked the rules yet." } } }),
                ]))
            }
        }
    }
}

fn tasks_of(tasks: &[&Task], today: &str) -> Markup {
    html! {
        @if tasks.is_empty() { "Nothing is open." }
        @for task in tasks {
            div { (task.title) @if let Some(due) = &task.due { " " span class="hearth-when" { "By " (words::day(due)) } } @if task.is_late(today) { " " (list::tag("Overdue", "red")) } }
        }
    }
}

fn reviews_of(reviews: &[&Due]) -> Markup {
    html! {
        @if reviews.is_empty() { "None is due." }
        @for r in reviews {
            div { (words::code(&r.form)) ", by " (words::day(&r.due)) @if r.overdue_days > 0 { " " (list::tag(&format!("{} days overdue", r.overdue_days), "red")) } }
        }
    }
}

/// How a family stands, in a line: the result, and how much is short of it or not known.
fn standing(result: &str, as_of: &str, not_met: Option<usize>, not_known: Option<usize>) -> Markup {
    html! {
        strong { (words::code(result)) } ", as of " (words::day(as_of)) "."
        @if let Some(n) = not_met.filter(|n| *n > 0) { " Not met: " (n) "." }
        @if let Some(n) = not_known.filter(|n| *n > 0) { " Not enough known: " (n) "." }
    }
}

impl Question {
    fn stands(&self) -> Markup {
        let count = |standing: &str| Some(self.missing.iter().filter(|s| s.standing == standing).count());
        standing(&self.result, &self.as_of, count("not-met"), count("not-enough-evidence"))
    }
}

/// Where a family stands against its outcomes, and what is missing, on its own page.
///
/// # Errors
/// [`Failed`].
pub async fn stands(visit: &Visit, family: &str) -> Result<Markup, Failed> {
    let missing: Option<Missing> = visit.api.maybe(&visit.v1(&["families", family, "missing"])).await?;
    let questions = missing.map(|m| m.questions).unwrap_or_default();
    Ok(html! {
        h2 class="govuk-heading-m" { "Where they stand" }
        @if questions.is_empty() { (list::nothing("The rules were not asked about this family yet, or you may not see what they said.")) }
        @for q in &questions {
            p class="govuk-body" { (words::code(&q.question)) ": " (q.stands()) " " a class="govuk-link" href=(visit.to(&["decisions", &q.decision])) { "Why" span class="govuk-visually-hidden" { ": " (words::code(&q.question)) } } }
            @if !q.missing.is_empty() { (list::details(&format!("What is missing for {}", words::code(&q.question).to_lowercase()), &short_of(&q.missing))) }
        }
    })
}

fn short_of(missing: &[Short]) -> Markup {
    html! {
        ul class="govuk-list govuk-list--spaced" {
            @for short in missing {
                li {
                    strong { (short.heading) } " " (list::tag(&short.says, colour(&short.standing)))
                    @for reason in &short.reasons { br; (reason.sentence) }
                }
            }
        }
    }
}
