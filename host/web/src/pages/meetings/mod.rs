//! Meetings: what is today and to come, setting one up, planning a sitting, and a sitting's agenda.

mod acts;
mod of_family;
mod sitting;
mod terms;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::common::{After, Organisations, sorted};
use crate::Pages;
use crate::codes::{MEETINGS, named};
use crate::ui::form::{Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/meetings", get(coming))
        .route("/{authority}/meetings/new", get(terms::new).post(terms::set_up))
        .route("/{authority}/meetings/{meeting}/terms", get(terms::terms).post(terms::change))
        .route("/{authority}/meetings/{meeting}", get(plan).post(planned))
        .route("/{authority}/sittings/{sitting}", get(sitting::sitting).post(acts::decide))
        .route("/{authority}/sittings/{sitting}/times", get(acts::times).post(acts::change))
        .route("/{authority}/sittings/{sitting}/attendance", post(acts::attendance))
        .route("/{authority}/sittings/{sitting}/end", get(acts::end).post(acts::ended))
        .route("/{authority}/sittings/{sitting}/items/{item}/removal", get(acts::off).post(acts::taken_off))
        .route("/{authority}/families/{family}/meetings", get(of_family::meetings).post(of_family::put_on))
        .route("/{authority}/families/{family}/meetings/new", get(terms::new_of_family).post(terms::set_up_of_family))
}

/// One sitting, as the API lists it.
#[derive(Deserialize)]
pub struct Sitting {
    pub id: String,
    pub name: String,
    pub state: String,
    pub on: String,
    #[serde(default)]
    pub starts: Option<String>,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub family: Option<String>,
}

impl Sitting {
    /// "5 March 2026, 09:30".
    pub fn when(&self) -> String {
        let day = words::day(&self.on);
        self.starts.as_deref().map_or_else(|| day.clone(), |at| format!("{day}, {at}"))
    }

    pub fn tag(&self) -> Markup {
        match self.state.as_str() {
            "proposed" => list::tag("To be planned", "yellow"),
            "planned" => list::tag("Planned", "blue"),
            "held" => list::tag("Held", "green"),
            "missed" => list::tag("Not held", "red"),
            _ => list::tag("Cancelled", "grey"),
        }
    }

    pub fn is_to_come(&self) -> bool {
        matches!(self.state.as_str(), "proposed" | "planned")
    }
}

/// Somebody who plans for every family, as the API has it.
pub fn plans_all(visit: &Visit) -> bool {
    visit.me.may.get("plan-meetings").is_some_and(|reach| reach.iter().any(|r| r == "all"))
}

async fn coming(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let today = words::today();
    let asked = query(&[("first", &today), ("after", &after.after), ("limit", "50")]);
    let sittings: List<Sitting> = visit.api.get(&format!("{}{asked}", visit.v1(&["sittings"]))).await?;
    let (now, later): (Vec<_>, Vec<_>) = sittings.items.iter().partition(|s| s.on == today);
    let body = html! {
        h1 class="govuk-heading-l" { "Meetings" }
        (table(&visit, "Today", &now, "No meeting is today."))
        (table(&visit, "To come", &later, "No meeting is planned."))
        (list::rest(&visit.to(&["meetings"]), sittings.next.as_deref()))
        @if plans_all(&visit) { (standing(&visit).await?) }
    };
    Ok(visit.page("Meetings", body).private())
}

fn table(visit: &Visit, caption: &str, sittings: &[&Sitting], nothing: &str) -> Markup {
    let row = |s: &&Sitting| {
        vec![
            list::link(&visit.to(&["sittings", &s.id]), &s.name),
            html! { (s.when()) },
            html! { (s.place.as_deref().unwrap_or_default()) },
            s.tag(),
        ]
    };
    let rows: Vec<_> = sittings.iter().map(row).collect();
    html! { @if rows.is_empty() { h2 class="govuk-heading-m" { (caption) } (list::nothing(nothing)) } @else { (list::table(caption, &["Meeting", "When", "Where", "State"], &rows)) } }
}

#[derive(Deserialize)]
struct Meeting {
    id: String,
    name: String,
    kind: String,
    #[serde(default)]
    invited: Vec<String>,
    #[serde(default)]
    ended: Option<String>,
    #[serde(default)]
    family: Option<String>,
}

/// The authority's meetings, for whoever plans them.
async fn standing(visit: &Visit) -> Result<Markup, Failed> {
    let meetings: List<Meeting> = visit.api.get(&format!("{}?limit=200", visit.v1(&["meetings"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let row = |m: &Meeting| {
        let invited: Vec<_> = m.invited.iter().map(|o| organisations.name(o)).collect();
        vec![
            html! { (m.name) },
            html! { (named(&MEETINGS, &m.kind)) },
            html! { (invited.join(", ")) },
            list::link(&visit.to(&["meetings", &m.id]), "Plan a sitting"),
        ]
    };
    let rows: Vec<_> = meetings.items.iter().filter(|m| m.ended.is_none() && m.family.is_none()).map(row).collect();
    Ok(html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Standing meetings" } (list::nothing("No hub or panel is set up yet.")) }
        @else { (list::table("Standing meetings", &["Meeting", "Kind", "Invited", "Next"], &rows)) }
        p class="govuk-body" { a class="govuk-button govuk-button--secondary" href=(visit.to(&["meetings", "new"])) role="button" draggable="false" data-module="govuk-button" { "Set up a meeting" } }
    })
}

async fn plan(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("on", &words::today());
    plan_asked(&visit, &id, &typed, None).await
}

async fn plan_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let meeting: Meeting = visit.api.get(&visit.v1(&["meetings", id])).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (meeting.name) }
        h1 class="govuk-heading-l" { "Plan a sitting" }
        form method="post" action=(visit.to(&["meetings", id])) novalidate {
            (once())
            (acts::times_of(&form))
            (button("Plan it"))
        }
        p class="govuk-body" { (list::link(&visit.to(&["meetings", id, "terms"]), "Change the meeting: who is invited, when and where it is held, or that it is held no more")) }
    };
    let page = visit.page(format!("Plan a sitting: {}", meeting.name), body).below([visit.crumb(&["meetings"], "Meetings")]);
    Ok(page.wrong(problem).private())
}

async fn planned(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["meetings", &id, "sittings"]), &acts::said_of_times(&typed), typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["sittings", made["id"].as_str().unwrap_or_default()], "sitting-planned")),
        Err(problem) => Ok(plan_asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}
