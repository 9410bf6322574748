//! A family, on pages of its own beside each other: who they are, what happened, the plan, assessments, help, files, what may be shared.

mod assessments;
mod contacts;
mod facts;
pub mod files;
mod help;
mod plan;
pub mod record;
mod sharing;
mod work;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use crate::Pages;
use crate::pages::tasks::Task;
use crate::ui::chart::{Drawn, genogram};
use crate::ui::form::Ask;
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;
use record::{Family, said};

pub fn routes() -> Router<Pages> {
    let of = |rest: &str| format!("/{{authority}}/families/{{family}}{rest}");
    Router::new()
        .route(&of(""), get(family))
        .route(&of("/facts"), get(facts::facts))
        .route(&of("/contacts"), get(contacts::contact).post(contacts::note_contact))
        .route(&of("/plan"), get(plan::plan))
        .route(&of("/plan/goals"), get(plan::goal).post(plan::set_goal))
        .route(&of("/plan/goals/{goal}"), get(plan::end).post(plan::end_goal))
        .route(&of("/assessments"), get(assessments::all).post(assessments::begin))
        .route(&of("/help"), get(help::help).post(help::ask))
        .route(&of("/files"), get(files::files).post(files::attach).layer(DefaultBodyLimit::max(17 << 20)))
        .route(&of("/files/{file}"), get(files::file))
        .route(&of("/files/{file}/removal"), get(files::removal).post(files::remove))
        .route(&of("/sharing"), get(sharing::sharing))
        .route(&of("/workers"), get(work::workers))
        .route(&of("/workers/allocation"), post(work::ask))
        .route(&of("/workers/assignments"), post(work::assign))
        .route(&of("/workers/{assignment}/end"), get(work::end).post(work::end_part))
}

/// A family whose pages somebody looks at.
pub struct Of {
    pub id: String,
    pub family: Family,
}

/// # Errors
/// [`Failed`].
pub async fn open(visit: &Visit, id: &str) -> Result<Of, Failed> {
    Ok(Of { id: id.to_owned(), family: visit.api.get(&visit.v1(&["families", id])).await? })
}

impl Of {
    pub fn to(&self, visit: &Visit, steps: &[&str]) -> String {
        let all: Vec<&str> = ["families", self.id.as_str()].into_iter().chain(steps.iter().copied()).filter(|s| !s.is_empty()).collect();
        visit.to(&all)
    }

    /// What stands at the top of each of its pages; `here` is the page's step.
    pub fn top(&self, visit: &Visit, here: &str) -> Markup {
        let sections = [
            ("", "The family"),
            ("plan", "Plan"),
            ("assessments", "Assessments"),
            ("help", "Help"),
            ("meetings", "Meetings"),
            ("files", "Files"),
            ("workers", "Workers"),
            ("sharing", "Sharing"),
            ("facts", "Record"),
        ];
        // Who helps them belongs to a section that may be withheld.
        let shown = |step: &str| step != "workers" || !self.family.withheld.iter().any(|s| s == "support");
        let ways: Vec<(String, &str)> =
            sections.iter().filter(|(step, _)| shown(step)).map(|(step, name)| (self.to(visit, &[step]), *name)).collect();
        html! {
            span class="govuk-caption-l" { "Family" @if let Some(name) = self.family.called() { " " (name) } }
            h1 class="govuk-heading-l" { (self.family.reference) }
            (list::sections("This family", &ways, &self.to(visit, &[here])))
        }
    }

    pub fn page(&self, visit: &Visit, title: &str, body: Markup) -> Page {
        let title =
            if title.is_empty() { format!("Family {}", self.family.reference) } else { format!("{title}: {}", self.family.reference) };
        visit.page(title, body).below([visit.crumb(&["families"], "Families")]).private()
    }

    /// A page below one of the family's.
    pub fn below(&self, visit: &Visit, step: &str, name: &str, title: &str, body: Markup) -> Page {
        let above = [visit.crumb(&["families"], "Families"), visit.crumb(&["families", &self.id], self.family.reference.clone())];
        let last = crate::ui::Crumb(self.to(visit, &[step]), name.to_owned());
        visit.page(format!("{title}: {}", self.family.reference), body).below(above.into_iter().chain([last])).private()
    }

    /// Members to choose from.
    pub fn people(&self) -> Vec<(String, String)> {
        self.family.people()
    }
}

/// A question without a hint.
pub const fn ask<'a>(name: &'a str, label: &'a str) -> Ask<'a> {
    Ask { name, label, hint: "" }
}

#[derive(Deserialize)]
struct Step {
    on: String,
    what: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    detail: Value,
}

async fn family(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let of = open(&visit, &id).await?;
    let journey: List<Step> = visit.api.get(&format!("{}?limit=200", visit.v1(&["families", &id, "journey"]))).await?;
    let tasks: Option<List<Task>> =
        visit.api.maybe(&format!("{}{}", visit.v1(&["tasks"]), query(&[("family", &id), ("limit", "50")]))).await?;
    let (family, today) = (&of.family, words::today());
    let drawn: Vec<Drawn> = family.members.iter().map(|m| m.drawn(&today)).collect();
    let withheld = family.withheld.iter().map(|s| words::code(s).to_lowercase()).collect::<Vec<_>>().join(", ");
    let body = html! {
        (of.top(&visit, ""))
        @if !withheld.is_empty() { (list::inset(&format!("Not shown to you: {withheld}."))) }
        @if visit.me.may("write-facts") {
            p class="govuk-body" { a class="govuk-button" href=(of.to(&visit, &["contacts"])) role="button" draggable="false" data-module="govuk-button" { "Note a contact" } }
        }
        (members(family, &today))
        (genogram(&drawn))
        (crate::pages::mine::stands(&visit, &id).await?)
        (crate::pages::tasks::of_family(&visit, tasks.map(|t| t.items).unwrap_or_default(), &today))
        @if visit.me.may("decide") { p class="govuk-body" { (list::link(&of.to(&visit, &["ask"]), "Ask the rules")) } }
        @if visit.me.may("see-decisions") { p class="govuk-body" { (list::link(&format!("{}{}", visit.to(&["decisions"]), query(&[("family", &id)])), "What was decided")) } }
        (journey_of(family, &journey.items))
    };
    Ok(of.page(&visit, "", body))
}

fn members(family: &Family, today: &str) -> Markup {
    let row = |m: &record::Member| {
        vec![
            html! { (m.name()) },
            html! { (m.born.as_deref().map(words::day).unwrap_or_default()) },
            html! { (m.born.as_deref().and_then(|b| words::age(b, today)).map(|a| a.to_string()).unwrap_or_default()) },
            html! { @if m.is_resident() { "Yes" } @else { "No" } },
        ]
    };
    let rows: Vec<_> = family.members.iter().map(row).collect();
    html! {
        @if rows.is_empty() { (list::nothing("Nobody of this family is shown to you.")) }
        @else { (list::table("Members", &["Name", "Born", "Age", "Lives at home"], &rows)) }
    }
}

fn journey_of(family: &Family, steps: &[Step]) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Journey" }
        @if steps.is_empty() { (list::nothing("Nothing that happened is known yet.")) } @else {
            ol class="hearth-timeline" {
                @for step in steps.iter().rev() {
                    li {
                        time datetime=(step.on) { (words::day(&step.on)) @if let Some(last) = &step.last { " to " (words::day(last)) } }
                        (words::code(&step.what))
                        @if let Some(name) = step.person.as_deref().and_then(|p| family.name_of(p)) { ", " (name) }
                        @let said = said(&step.detail);
                        @if !said.is_empty() { " (" (said) ")" }
                    }
                }
            }
        }
    }
}
