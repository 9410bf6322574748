//! What is done at a sitting: what was decided, who came, when it is, and that it is over.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::sitting::{open, page};
use crate::pages::common::sorted;
use crate::pages::family::record::Family;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

/// When and where.
pub fn times_of(form: &Asked<'_>) -> Markup {
    html! {
        (form.day(Ask { name: "on", label: "Day", hint: "" }))
        (form.line(Ask { name: "starts", label: "Time", hint: "Such as: 09:30" }, "text"))
        (form.line(Ask { name: "place", label: "Place, or how to call in", hint: "" }, "text"))
    }
}

pub fn said_of_times(typed: &Typed) -> Value {
    let mut body = Value::Object(typed.object(&["starts", "place"]));
    body["on"] = typed.day("on").map_or(Value::from(""), Value::from);
    body
}

/// What is sent of a decision: with its next step, where there is one.
fn decided(typed: &Typed) -> Value {
    let mut body = json!({ "words": typed.text("words").unwrap_or_default() });
    if let Some(part) = typed.text("family_took_part") {
        body["family_took_part"] = json!(part == "true");
    }
    if let Some(what) = typed.text("what") {
        let mut step = json!({ "what": what, "due": typed.day("due").unwrap_or_default() });
        if let Some(organisation) = typed.text("organisation") {
            step["organisation"] = json!(organisation);
        }
        body["next_steps"] = json!([step]);
    }
    body
}

pub async fn decide(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let item = typed.first("item").to_owned();
    if let Some(problem) = typed.lacks(&[("words", "say what is decided")]) {
        return Ok(page(&visit, &id, &item, &typed, Some(&problem)).await?.into_response());
    }
    match sorted(visit.api.post(&visit.v1(&["agenda-items", &item, "decision"]), &decided(&typed), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["sittings", &id], "decided")),
        Err(problem) => Ok(page(&visit, &id, &item, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn attendance(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let whole = open(&visit, &id).await?.value;
    let said = |o: &str| typed.text(&format!("came-{o}")).map(|how| json!({ "organisation": o, "how": how }));
    let organisations: Vec<Value> = whole.organisations().filter_map(said).collect();
    if !organisations.is_empty() {
        let body = json!({ "organisations": organisations });
        if let Err(problem) = sorted(visit.api.post(&visit.v1(&["sittings", &id, "attendance"]), &body, typed.once()).await)? {
            return Ok(page(&visit, &id, "", &Typed::default(), Some(&problem)).await?.into_response());
        }
    }
    Ok(visit.done(&["sittings", &id], "saved"))
}

pub async fn times(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let read = open(&visit, &id).await?;
    let mut typed = Typed::default();
    let sitting = &read.value.sitting;
    typed.set_day("on", &sitting.on);
    typed.set("starts", sitting.starts.clone().unwrap_or_default());
    typed.set("place", sitting.place.clone().unwrap_or_default());
    typed.set("version", read.version.unwrap_or_default());
    times_asked(&visit, &id, &typed, None).await
}

async fn times_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let name = open(visit, id).await?.value.sitting.name;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (name) }
        h1 class="govuk-heading-l" { "When and where" }
        form method="post" action=(visit.to(&["sittings", id, "times"])) novalidate {
            (hidden("version", typed.first("version")))
            (times_of(&form))
            (button("Save"))
        }
    };
    Ok(below(visit, id, &name, "When and where", body).wrong(problem))
}

fn below(visit: &Visit, id: &str, name: &str, title: &str, body: Markup) -> Page {
    let above = [visit.crumb(&["meetings"], "Meetings"), visit.crumb(&["sittings", id], name.to_owned())];
    visit.page(format!("{title}: {name}"), body).below(above).private()
}

pub async fn change(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.put(&visit.v1(&["sittings", &id]), &said_of_times(&typed), typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["sittings", &id], "sitting-planned")),
        Err(problem) => Ok(times_asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn end(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    end_asked(&visit, &id, &Typed::default(), None).await
}

async fn end_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let name = open(visit, id).await?.value.sitting.name;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (name) }
        h1 class="govuk-heading-l" { "Was it held?" }
        p class="govuk-body" { "Families that were not talked about come onto the agenda of the next." }
        form method="post" action=(visit.to(&["sittings", id, "end"])) novalidate {
            (once())
            (form.radios(Ask { name: "held", label: "Was it held?", hint: "" }, &[("true", "It was held"), ("false", "It is not held")]))
            (form.line(Ask { name: "why", label: "If it is not held: why", hint: "Name nobody: whoever is invited reads it" }, "text"))
            (button("Save"))
        }
    };
    Ok(below(visit, id, &name, "Was it held?", body).wrong(problem))
}

pub async fn ended(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("held", "say whether it was held")]) {
        return Ok(end_asked(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    let mut body = Value::Object(typed.object(&["why"]));
    body["held"] = json!(typed.first("held") == "true");
    match sorted(visit.api.post(&visit.v1(&["sittings", &id, "end"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["sittings", &id], "saved")),
        Err(problem) => Ok(end_asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn off(visit: Visit, Path((_, id, item)): Path<(String, String, String)>) -> Result<Page, Failed> {
    off_asked(&visit, &id, &item, &Typed::default(), None).await
}

async fn off_asked(visit: &Visit, id: &str, item: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let whole = open(visit, id).await?.value;
    let family = match whole.agenda.iter().find(|i| i.id == item) {
        Some(item) => visit.api.maybe::<Family>(&visit.v1(&["families", &item.family])).await?,
        None => None,
    };
    let form = Asked::new(typed, problem);
    let title = "Take it off the agenda";
    let body = html! {
        span class="govuk-caption-l" { (whole.sitting.name) @if let Some(family) = &family { ": " (family.reference) } }
        h1 class="govuk-heading-l" { (title) }
        form method="post" action=(visit.to(&["sittings", id, "items", item, "removal"])) novalidate {
            (once())
            (form.text(Ask { name: "reason", label: "Why", hint: "It stays with the agenda. The next sitting does not take it over" }, 3))
            (button(title))
        }
    };
    Ok(below(visit, id, &whole.sitting.name, title, body).wrong(problem))
}

pub async fn taken_off(visit: Visit, Path((_, id, item)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = typed.lacks(&[("reason", "say why")]) {
        return Ok(off_asked(&visit, &id, &item, &typed, Some(&problem)).await?.into_response());
    }
    let body = json!({ "reason": typed.text("reason").unwrap_or_default() });
    match sorted(visit.api.post(&visit.v1(&["agenda-items", &item, "removal"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["sittings", &id], "off-agenda")),
        Err(problem) => Ok(off_asked(&visit, &id, &item, &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_step_is_sent_where_there_is_one() {
        let mut typed = Typed::default();
        typed.set("words", "The school leads.");
        assert_eq!(decided(&typed), json!({ "words": "The school leads." }));
        typed.set("family_took_part", "false");
        typed.set("what", "Ring her");
        typed.set_day("due", "2026-09-18");
        typed.set("organisation", "hill-school");
        let step = json!({ "what": "Ring her", "due": "2026-09-18", "organisation": "hill-school" });
        assert_eq!(decided(&typed), json!({ "words": "The school leads.", "family_took_part": false, "next_steps": [step] }));
    }
}
