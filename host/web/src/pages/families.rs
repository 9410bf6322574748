//! Families: found, listed, and each on a page of its own.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Pages;
use crate::ui::chart::{Drawn, genogram};
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/families", get(families))
        .route("/{authority}/families/{family}", get(family))
        .route("/{authority}/families/{family}/facts", get(facts))
        .route("/{authority}/families/{family}/contacts", get(contact).post(note_contact))
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    reference: String,
    changed_at: String,
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    name: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
struct Found {
    families: Vec<InFamily>,
    #[serde(default)]
    known: Known,
}

#[derive(Deserialize)]
struct InFamily {
    id: String,
    reference: String,
}

/// What tells who somebody is.
#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    names: Vec<Name>,
    #[serde(default)]
    born: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Name {
    #[serde(default)]
    given: String,
    #[serde(default)]
    family: String,
}

impl Name {
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }
}

async fn families(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("name", &looked.name);
    typed.set("reference", &looked.reference);
    let mut problem = None;
    let shown = match shown(&visit, &looked).await {
        Ok(shown) => shown,
        Err(Failed::Refused(refused)) if refused.is_of_input() => {
            problem = Some(refused);
            html! {}
        }
        Err(failed) => return Err(failed),
    };
    let form = Asked::new(&typed, problem.as_ref());
    let body = html! {
        h1 class="govuk-heading-l" { "Families" }
        form method="get" action=(visit.to(&["families"])) role="search" {
            (form.line(Ask { name: "name", label: "Name of a member", hint: "As much of it as you know; how it is spelt matters little" }, "search"))
            (form.line(Ask { name: "reference", label: "Or the family's reference", hint: "" }, "search"))
            (button("Find"))
        }
        (shown)
    };
    Ok(visit.page("Families", body).wrong(problem.as_ref()).private())
}

async fn shown(visit: &Visit, looked: &Looked) -> Result<Markup, Failed> {
    if !looked.name.trim().is_empty() {
        let found: List<Found> = visit.api.get(&format!("{}{}", visit.v1(&["search"]), query(&[("name", &looked.name)]))).await?;
        let rows: Vec<_> = found
            .items
            .iter()
            .map(|f| {
                let names = f.known.names.iter().map(Name::whole).collect::<Vec<_>>().join(", also ");
                let born = f.known.born.iter().map(|b| words::day(b)).collect::<Vec<_>>().join(" or ");
                vec![
                    html! { (names) },
                    html! { (born) },
                    html! { @for of in &f.families { (list::link(&visit.to(&["families", &of.id]), &of.reference)) " " } },
                ]
            })
            .collect();
        return Ok(html! {
            @if rows.is_empty() { (list::nothing("Nobody of that name is in a family that you may see.")) }
            @else { (list::table("Found", &["Name", "Born", "Family"], &rows)) }
        });
    }
    let asked = query(&[("reference", looked.reference.trim()), ("after", &looked.after), ("limit", "50")]);
    let families: List<Listed> = visit.api.get(&format!("{}{asked}", visit.v1(&["families"]))).await?;
    let rows: Vec<_> = families
        .items
        .iter()
        .map(|f| vec![list::link(&visit.to(&["families", &f.id]), &f.reference), html! { (words::at(&f.changed_at)) }])
        .collect();
    Ok(html! {
        @if rows.is_empty() { (list::nothing("There is no family here that you may see.")) }
        @else { (list::table("Families that you may see", &["Reference", "Last changed"], &rows)) }
        (list::rest(&visit.to(&["families"]), families.next.as_deref()))
    })
}

/// A family as `GET …/families/{family}` answers.
#[derive(Deserialize)]
pub struct Family {
    pub reference: String,
    #[serde(default)]
    members: Vec<Member>,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
    born: Option<String>,
    #[serde(default)]
    sex: Option<String>,
    #[serde(default)]
    memberships: Vec<Membership>,
    #[serde(default)]
    relations: Vec<Relation>,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    resident: bool,
}

#[derive(Deserialize)]
struct Relation {
    is: String,
    of: String,
    #[serde(default)]
    last: Option<String>,
}

impl Member {
    fn name(&self) -> String {
        self.name.as_ref().map(Name::whole).filter(|n| !n.is_empty()).unwrap_or_else(|| "No name".to_owned())
    }

    fn is_resident(&self) -> bool {
        self.memberships.iter().any(|m| m.resident && m.last.is_none())
    }

    fn drawn(&self, today: &str) -> Drawn {
        let of = |kinds: &[&str]| self.relations.iter().filter(|r| kinds.contains(&r.is.as_str())).collect::<Vec<_>>();
        Drawn {
            id: self.id.clone(),
            name: self.name(),
            age: self.born.as_deref().and_then(|b| words::age(b, today)),
            sex: self.sex.clone().unwrap_or_default(),
            resident: self.is_resident(),
            parent_of: of(&["parent", "step-parent", "adoptive-parent"]).iter().map(|r| r.of.clone()).collect(),
            partner_of: of(&["partner", "former-partner"])
                .iter()
                .map(|r| (r.of.clone(), r.last.is_some() || r.is == "former-partner"))
                .collect(),
        }
    }
}

impl Family {
    /// The name of a member, or nothing.
    #[must_use]
    pub fn name_of(&self, person: &str) -> Option<String> {
        self.members.iter().find(|m| m.id == person).map(Member::name)
    }

    #[must_use]
    pub fn people(&self) -> Vec<(String, String)> {
        self.members.iter().map(|m| (m.id.clone(), m.name())).collect()
    }
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

#[derive(Deserialize)]
struct Assignment {
    login: String,
    role: String,
    #[serde(default)]
    last: Option<String>,
}

/// Somebody who works here.
#[derive(Deserialize)]
struct Worker {
    login: String,
    name: String,
}

/// Who works with a family now, and as what.
async fn workers(visit: &Visit, family: &str, today: &str) -> Result<Vec<String>, Failed> {
    let assigned: Option<List<Assignment>> = visit.api.maybe(&visit.v1(&["families", family, "assignments"])).await?;
    let named: Option<List<Worker>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["workers"]))).await?;
    let named = named.map(|n| n.items).unwrap_or_default();
    let name = |login: &str| named.iter().find(|w| w.login == login).map_or("somebody", |w| w.name.as_str());
    let assigned = assigned.map(|a| a.items).unwrap_or_default();
    let now = assigned.iter().filter(|a| a.last.as_deref().is_none_or(|last| last >= today));
    Ok(now.map(|a| format!("{} ({})", name(&a.login), words::code(&a.role).to_lowercase())).collect())
}

async fn family(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let family: Family = visit.api.get(&visit.v1(&["families", &id])).await?;
    let journey: List<Step> = visit.api.get(&format!("{}?limit=200", visit.v1(&["families", &id, "journey"]))).await?;
    let today = words::today();
    let workers = workers(&visit, &id, &today).await?;
    let to = |step: &str| visit.to(&["families", &id, step]);
    let drawn: Vec<Drawn> = family.members.iter().map(|m| m.drawn(&today)).collect();
    let rows: Vec<_> = family
        .members
        .iter()
        .map(|m| {
            vec![
                html! { (m.name()) },
                html! { (m.born.as_deref().map(words::day).unwrap_or_default()) },
                html! { (m.born.as_deref().and_then(|b| words::age(b, &today)).map(|a| a.to_string()).unwrap_or_default()) },
                html! { @if m.is_resident() { "Yes" } @else { "No" } },
            ]
        })
        .collect();
    let body = html! {
        span class="govuk-caption-l" { "Family" }
        h1 class="govuk-heading-l" { (family.reference) }
        @if !family.withheld.is_empty() {
            (list::inset(&format!("Not shown to you: {}.", family.withheld.iter().map(|s| words::code(s).to_lowercase()).collect::<Vec<_>>().join(", "))))
        }
        @if !workers.is_empty() { p class="govuk-body" { "Working with them: " (workers.join(", ")) "." } }
        ul class="govuk-list" {
            @if visit.me.may("write-facts") { li { (list::link(&to("contacts"), "Note a contact")) } }
            li { (list::link(&to("facts"), "All that is known")) }
            li { (list::link(&to("help"), "Help that they are to get")) }
            @if visit.me.may("see-decisions") { li { (list::link(&format!("{}?family={id}", visit.to(&["decisions"])), "What was decided")) } }
        }
        (list::table("Members", &["Name", "Born", "Age", "Lives at home"], &rows))
        (genogram(&drawn))
        h2 class="govuk-heading-m" { "Journey" }
        @if journey.items.is_empty() { (list::nothing("Nothing that happened is known yet.")) }
        ol class="hearth-timeline" {
            @for step in journey.items.iter().rev() {
                li {
                    time datetime=(step.on) { (words::day(&step.on)) @if let Some(last) = &step.last { " to " (words::day(last)) } }
                    (words::code(&step.what))
                    @if let Some(name) = step.person.as_deref().and_then(|p| family.name_of(p)) { ", " (name) }
                    @let said = said(&step.detail);
                    @if !said.is_empty() { ": " (said) }
                }
            }
        }
    };
    Ok(visit.page(format!("Family {}", family.reference), body).below([visit.crumb(&["families"], "Families")]).private())
}

/// A fact's detail in a line: codes as words, and nothing that is an id.
#[must_use]
pub fn said(detail: &Value) -> String {
    let Some(fields) = detail.as_object() else { return String::new() };
    let one = |value: &Value| match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => None,
        Value::String(text) => Some(if text.parse::<jiff::civil::Date>().is_ok() { words::day(text) } else { text.replace('-', " ") }),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(all) if !all.is_empty() => {
            Some(all.iter().filter_map(Value::as_str).map(|c| c.replace('-', " ")).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    };
    let told = |(name, value): (&String, &Value)| {
        let value = one(value)?;
        Some(if fields.len() == 1 { value } else { format!("{} {value}", name.replace(['-', '_'], " ")) })
    };
    fields.iter().filter_map(told).collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize)]
struct Fact {
    kind: String,
    section: String,
    #[serde(default)]
    person: Option<String>,
    first: String,
    #[serde(default)]
    last: Option<String>,
    source: String,
    #[serde(default)]
    detail: Value,
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn facts(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<After>) -> Result<Page, Failed> {
    let family: Family = visit.api.get(&visit.v1(&["families", &id])).await?;
    let asked = query(&[("after", &asked.after), ("limit", "100")]);
    let facts: List<Fact> = visit.api.get(&format!("{}{asked}", visit.v1(&["families", &id, "facts"]))).await?;
    let rows: Vec<_> = facts
        .items
        .iter()
        .map(|f| {
            vec![
                html! { (words::code(&f.section)) },
                html! { (words::code(&f.kind)) },
                html! { (f.person.as_deref().and_then(|p| family.name_of(p)).unwrap_or_default()) },
                html! { (words::day(&f.first)) @if let Some(last) = &f.last { @if *last != f.first { " to " (words::day(last)) } } },
                html! { (said(&f.detail)) },
                html! { (f.source) },
            ]
        })
        .collect();
    let title = format!("What is known of {}", family.reference);
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        (list::table("Facts", &["Section", "What", "Of", "When", "What it says", "Said by"], &rows))
        (list::rest(&visit.to(&["families", &id, "facts"]), facts.next.as_deref()))
    };
    let above = [visit.crumb(&["families"], "Families"), visit.crumb(&["families", &id], family.reference.clone())];
    Ok(visit.page(title, body).below(above).private())
}

const HOW: &[(&str, &str)] = &[
    ("visit", "Visit at home"),
    ("meeting", "Meeting elsewhere"),
    ("telephone", "Telephone"),
    ("video", "Video call"),
    ("message", "Message"),
];

async fn contact(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("on", &words::today());
    typed.set("kept", "yes");
    contact_page(&visit, &id, &typed, None).await
}

async fn contact_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let family: Family = visit.api.get(&visit.v1(&["families", id])).await?;
    let people = family.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { "Family " (family.reference) }
        h1 class="govuk-heading-l" { "Note a contact" }
        form method="post" action=(visit.to(&["families", id, "contacts"])) novalidate {
            (once())
            (form.radios(Ask { name: "how", label: "How", hint: "" }, HOW))
            (form.radios(Ask { name: "kept", label: "Did it take place?", hint: "A visit where nobody opened did not." }, &[("yes", "Yes"), ("no", "No")]))
            (form.day(Ask { name: "on", label: "When", hint: "" }))
            (form.number(Ask { name: "minutes", label: "How long", hint: "If you know it" }, "", "minutes"))
            (form.boxes(Ask { name: "people", label: "Who was there", hint: "Of the family" }, &people))
            (button("Note it"))
        }
    };
    let above = [visit.crumb(&["families"], "Families"), visit.crumb(&["families", id], family.reference.clone())];
    Ok(visit.page("Note a contact", body).below(above).wrong(problem).private())
}

async fn note_contact(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let role = if visit.me.is("lead-worker") && !visit.me.is("keyworker") { "lead-worker" } else { "keyworker" };
    let mut body = json!({
        "how": typed.text("how").unwrap_or_default(), "kept": typed.text("kept") == Some("yes"), "role": role, "people": typed.all("people"),
    });
    if let Some(on) = typed.day("on") {
        body["on"] = Value::from(on);
    }
    if let Some(minutes) = typed.text("minutes") {
        body["minutes"] = minutes.parse::<u32>().map_or_else(|_| Value::from(minutes), Value::from);
    }
    match visit.api.post(&visit.v1(&["families", &id, "contacts"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id], "noted")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(contact_page(&visit, &id, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_reads_as_a_line_and_shows_no_ids() {
        assert_eq!(said(&json!({ "status": "child-protection-plan" })), "child protection plan");
        let detail = json!({ "kept": true, "minutes": 75, "home": "01a2051c-0fce-724a-a71f-49cf7122a7bd", "on": "2026-03-05" });
        assert_eq!(said(&detail), "kept yes; minutes 75; on 5 March 2026");
        assert_eq!(said(&Value::Null), "");
    }
}
