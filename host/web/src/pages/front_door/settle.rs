//! Whom a referral is about: what was sent beside what the record has, side by side.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Person, Referral, opened};
use crate::pages::family::record::Name;
use crate::ui::form::{Ask, Asked, Typed, button, hidden};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

/// Who a referral may mean, as `GET …/referrals/{referral}/involvement` answers.
#[derive(Deserialize)]
struct Involvement {
    #[serde(default)]
    people: Vec<Meant>,
    #[serde(default)]
    at_the_address: Vec<May>,
    #[serde(default)]
    families: Vec<Before>,
}

#[derive(Deserialize)]
struct Meant {
    described: Person,
    #[serde(default)]
    may_be: Vec<May>,
}

/// Somebody of the record.
#[derive(Deserialize)]
struct May {
    person: String,
    #[serde(default)]
    known: Known,
    #[serde(default)]
    agreements: Vec<Agreement>,
    #[serde(default)]
    families: Vec<String>,
    weight: i64,
}

#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    names: Vec<Name>,
    #[serde(default)]
    born: Vec<String>,
}

#[derive(Deserialize)]
struct Agreement {
    #[serde(default)]
    says: String,
}

#[derive(Deserialize)]
struct Before {
    family: String,
    reference: String,
    #[serde(default)]
    episodes: Vec<Episode>,
    #[serde(default)]
    referrals: Vec<Earlier>,
}

#[derive(Deserialize)]
struct Episode {
    first: String,
    #[serde(default)]
    last: Option<String>,
}

#[derive(Deserialize)]
struct Earlier {
    came_on: String,
}

impl May {
    fn name(&self) -> String {
        let names = self.known.names.iter().map(Name::whole).collect::<Vec<_>>().join(", also ");
        if names.is_empty() { "No name".to_owned() } else { names }
    }

    fn words(&self, families: &[Before]) -> String {
        let born = self.known.born.iter().map(|b| words::day(b)).collect::<Vec<_>>().join(" or ");
        let of: Vec<&str> = families.iter().filter(|f| self.families.contains(&f.family)).map(|f| f.reference.as_str()).collect();
        let born = if born.is_empty() { String::new() } else { format!(", born {born}") };
        let of = if of.is_empty() { String::new() } else { format!(", of family {}", of.join(", ")) };
        format!("{}{born}{of}", self.name())
    }
}

pub async fn whom(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    asked(&visit, &id, &Typed::default(), None).await
}

async fn asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let (read, _) = opened(visit, id).await?;
    let found: Involvement = visit.api.get(&visit.v1(&["referrals", id, "involvement"])).await?;
    let body = html! {
        h1 class="govuk-heading-l" { "Whom is it about?" }
        (beside(&found))
        (earlier(visit, &found.families))
        (form(visit, &read.value, read.version.as_deref(), &found, (typed, problem)))
    };
    let above = [visit.crumb(&["referrals"], "Front door"), visit.crumb(&["referrals", id], "The referral")];
    Ok(visit.page("Whom is it about?", body).below(above).wrong(problem).private())
}

/// As described, and as the record has them.
fn beside(found: &Involvement) -> Markup {
    let row = |described: &str, may: &May| {
        let says = may.agreements.iter().map(|a| a.says.as_str()).filter(|s| !s.is_empty()).collect::<Vec<_>>().join("; ");
        vec![html! { (described) }, html! { (may.words(&found.families)) }, html! { (says) }, html! { (may.weight) }]
    };
    let mut rows = Vec::new();
    for one in &found.people {
        let described = one.described.words();
        if one.may_be.is_empty() {
            rows.push(vec![html! { (described) }, html! { "Nobody like them is in the record" }, html! {}, html! {}]);
        }
        rows.extend(one.may_be.iter().map(|may| row(&described, may)));
    }
    rows.extend(found.at_the_address.iter().map(|may| row("Whoever lives at the address", may)));
    html! {
        @if rows.is_empty() { (list::nothing("The referral describes nobody. Find the family by name, and give its reference below.")) }
        @else { (list::table("Side by side", &["As described", "In the record", "What agrees, and what does not", "Weight"], &rows)) }
    }
}

fn earlier(visit: &Visit, families: &[Before]) -> Markup {
    html! {
        @if !families.is_empty() {
            h2 class="govuk-heading-m" { "Families that they belong to" }
            ul class="govuk-list govuk-list--bullet" {
                @for f in families {
                    li {
                        (list::link(&visit.to(&["families", &f.family]), &f.reference))
                        @for e in &f.episodes { "; in the programme from " (words::day(&e.first)) @if let Some(last) = &e.last { " to " (words::day(last)) } }
                        @for r in &f.referrals { "; referred " (words::day(&r.came_on)) }
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit, r: &Referral, version: Option<&str>, found: &Involvement, (typed, problem): (&Typed, Option<&Problem>)) -> Markup {
    let families: Vec<(&str, &str)> = found
        .families
        .iter()
        .map(|f| (f.family.as_str(), f.reference.as_str()))
        .chain([("other", "Another family, by its reference"), ("new", "A family that is new here")])
        .collect();
    let may: Vec<&May> = found.people.iter().flat_map(|m| &m.may_be).chain(&found.at_the_address).collect();
    let mut people: Vec<(String, String)> = Vec::new();
    for one in may {
        if !people.iter().any(|(id, _)| *id == one.person) {
            people.push((one.person.clone(), one.words(&found.families)));
        }
    }
    let people: Vec<(&str, &str)> = people.iter().map(|(id, words)| (id.as_str(), words.as_str())).collect();
    let form = Asked::new(typed, problem);
    html! {
        h2 class="govuk-heading-m" { "You say" }
        form method="post" action=(visit.to(&["referrals", &r.id, "family"])) novalidate {
            (hidden("version", typed.text("version").or(version).unwrap_or_default()))
            (form.radios(Ask { name: "family", label: "Which family", hint: "" }, &families))
            (form.line(Ask { name: "reference", label: "Its reference", hint: "For another family: as it is on its page. For a new one: what it is to be called" }, "text"))
            @if !people.is_empty() { (form.boxes(Ask { name: "people", label: "Who of them is meant", hint: "" }, &people)) }
            (button("It is about them"))
        }
    }
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}

/// What the API is sent: a family of the record, or the reference of a new one.
async fn said(visit: &Visit, typed: &Typed) -> Result<Value, Failed> {
    let reference = typed.text("reference").unwrap_or_default();
    let wrong = |field: &str, words: &str| {
        Failed::Refused(Problem::of_pages("invalid", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, words).at(field))
    };
    let mut body = json!({ "people": typed.all("people") });
    match typed.text("family") {
        Some("new") => body["new_reference"] = Value::from(reference),
        Some("other") => {
            let asked = crate::upstream::query(&[("reference", reference), ("limit", "1")]);
            let found: crate::upstream::List<Listed> = visit.api.get(&format!("{}{asked}", visit.v1(&["families"]))).await?;
            let family = found
                .items
                .first()
                .filter(|_| !reference.is_empty())
                .ok_or_else(|| wrong("reference", "no family that you may see has this reference"))?;
            body["family"] = Value::from(family.id.as_str());
        }
        Some(family) => body["family"] = Value::from(family),
        None => return Err(wrong("family", "say which family it is about")),
    }
    Ok(body)
}

pub async fn settle(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let sent = async {
        let body = said(&visit, &typed).await?;
        visit.api.put(&visit.v1(&["referrals", &id, "family"]), &body, typed.text("version")).await
    };
    match sent.await {
        Ok(_) => Ok(visit.done(&["referrals", &id], "settled")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(asked(&visit, &id, &typed, Some(&at_reference(problem))).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

/// The form has one field for a reference, new or not.
fn at_reference(mut problem: Problem) -> Problem {
    if problem.field.as_deref() == Some("new_reference") {
        problem.detail = problem.words().to_owned();
        problem.field = Some("reference".to_owned());
    }
    problem
}
