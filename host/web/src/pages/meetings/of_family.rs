//! A family's meetings: on which agendas it is and was, what was decided, and putting it on another.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::sitting::{Item, steps};
use super::{Meeting, Sitting};
use crate::pages::common::{Organisations, sorted, whole};
use crate::pages::family::{Of, open};
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Row {
    sitting: String,
    on: String,
    #[serde(flatten)]
    item: Item,
}

pub async fn meetings(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    asked(&visit, &id, &Typed::default(), None).await
}

async fn asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let found: List<Row> = visit.api.get(&visit.v1(&["families", id, "meetings"])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let row = |r: &Row| {
        vec![
            list::link(&visit.to(&["sittings", &r.sitting]), &words::day(&r.on)),
            r.item.tag(),
            html! { (r.item.decided.as_deref().unwrap_or_default()) (steps(&r.item.next_steps, &organisations)) },
        ]
    };
    let rows: Vec<_> = found.items.iter().map(row).collect();
    let plans = visit.me.may("plan-meetings");
    let own = if plans { own(visit, id).await? } else { Vec::new() };
    let body = html! {
        (of.top(visit, "meetings"))
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Meetings" } (list::nothing("The family is on no agenda, or on none that you may know of.")) }
        @else { (list::table("Meetings about this family", &["When", "State", "Decided"], &rows)) }
        @if plans {
            (form(visit, &of, typed, problem).await?)
            h2 class="govuk-heading-m" { "The family's own meeting" }
            ul class="govuk-list" {
                @for m in &own { li { (m.name) ": " (list::link(&visit.to(&["meetings", &m.id]), "plan a sitting, or change it")) } }
                li { (list::link(&of.to(visit, &["meetings", "new"]), "Set up a team around the family")) }
            }
        }
    };
    Ok(of.page(visit, "Meetings", body).wrong(problem))
}

/// The family's own meetings that are still held.
async fn own(visit: &Visit, id: &str) -> Result<Vec<Meeting>, Failed> {
    let (all, _) = whole::<Meeting>(&visit.api, &visit.v1(&["meetings"])).await?;
    Ok(all.into_iter().filter(|m| m.family.as_deref() == Some(id) && m.ended.is_none()).collect())
}

async fn form(visit: &Visit, of: &Of, typed: &Typed, problem: Option<&Problem>) -> Result<Markup, Failed> {
    let first = query(&[("first", words::today().as_str()), ("limit", "200")]);
    let sittings: List<Sitting> = visit.api.get(&format!("{}{first}", visit.v1(&["sittings"]))).await?;
    let theirs = |s: &&Sitting| s.is_to_come() && s.family.as_ref().is_none_or(|f| *f == of.id);
    let coming: Vec<(&str, String)> =
        sittings.items.iter().filter(theirs).map(|s| (s.id.as_str(), format!("{}, {}", s.name, s.when()))).collect();
    let choices: Vec<(&str, &str)> = coming.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let people = of.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let form = Asked::new(typed, problem);
    Ok(html! {
        h2 class="govuk-heading-m" { "Put this family on an agenda" }
        @if choices.is_empty() { (list::nothing("No sitting is planned. A manager or coordinator plans one.")) } @else {
            form method="post" action=(of.to(visit, &["meetings"])) novalidate {
                (once())
                (form.select(Ask { name: "sitting", label: "Which", hint: "" }, &choices))
                (form.text(Ask { name: "why", label: "Why", hint: "Seen by whoever sees the family's notes" }, 3))
                (form.select(Ask { name: "person", label: "Whom it is about", hint: "Leave it if it is the whole family" }, &people))
                (button("Put on the agenda"))
            }
        }
    })
}

pub async fn put_on(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("sitting", "say which meeting"), ("why", "say why")]) {
        return Ok(asked(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    let mut body = Value::Object(typed.object(&["why", "person"]));
    body["family"] = Value::from(id.as_str());
    match sorted(visit.api.post(&visit.v1(&["sittings", typed.first("sitting"), "agenda"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["families", &id, "meetings"], "on-agenda")),
        Err(problem) => Ok(asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}
