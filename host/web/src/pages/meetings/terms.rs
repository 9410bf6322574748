//! What is said of a meeting: where it is set up, for everybody or as the team around a family, and where it is changed.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::codes::MEETINGS;
use crate::pages::common::{Organisations, sorted};
use crate::pages::family;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Answered, Failed, Problem};
use crate::visit::Visit;

#[derive(Deserialize)]
struct Terms {
    name: String,
    kind: String,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    named: Option<String>,
    #[serde(default)]
    tells: Vec<String>,
    #[serde(default)]
    chair: Option<String>,
    #[serde(default)]
    invited: Vec<String>,
    #[serde(default)]
    starts: Option<String>,
    #[serde(default)]
    place: Option<String>,
    #[serde(default)]
    ended: Option<String>,
}

/// `rules`: pathway rules may put families on its agenda, and being there may tell something. Of a family's own, neither.
fn fields(form: &Asked<'_>, organisations: &Organisations, rules: bool) -> Markup {
    html! {
        (form.line(Ask { name: "name", label: "Name", hint: if rules { "Such as: Daily hub" } else { "Such as: Team around the family" } }, "text"))
        (form.radios(Ask { name: "kind", label: "Kind", hint: "" }, &MEETINGS))
        @if rules {
            (form.line(Ask { name: "named", label: "What your pathway rules call it", hint: "A short name such as daily-hub: the rules then put families on its agenda. Leave it empty if only people do" }, "text"))
            (form.boxes(Ask { name: "tells", label: "What it tells that a family is on its agenda", hint: "Whoever may not see these of a family does not know that it is there" }, &[("abuse", "Domestic abuse"), ("safeguarding", "Safeguarding"), ("offending", "Offending")]))
        }
        (form.boxes(Ask { name: "invited", label: "Organisations that are invited", hint: "Each sees of a family what is shared with it, and of others nothing" }, &organisations.choices()))
        (form.line(Ask { name: "starts", label: "Usual time", hint: "Such as: 09:30" }, "text"))
        (form.line(Ask { name: "place", label: "Usual place, or how to call in", hint: "" }, "text"))
    }
}

fn said(typed: &Typed) -> Value {
    let mut body = Value::Object(typed.object(&["name", "kind", "named", "chair", "starts", "place"]));
    body["tells"] = json!(typed.all("tells"));
    body["invited"] = json!(typed.all("invited"));
    if let Some(ended) = typed.day("ended") {
        body["ended"] = Value::from(ended);
    }
    body
}

fn lacks(typed: &Typed) -> Option<Problem> {
    typed.lacks(&[("name", "say what the meeting is called"), ("kind", "say what kind of meeting it is")])
}

pub async fn new(visit: Visit) -> Result<Page, Failed> {
    new_asked(&visit, &Typed::default(), None).await
}

async fn new_asked(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let organisations = Organisations::of(&visit.api).await?;
    let body = html! {
        h1 class="govuk-heading-l" { "Set up a meeting" }
        form method="post" action=(visit.to(&["meetings", "new"])) novalidate {
            (once())
            (fields(&Asked::new(typed, problem), &organisations, true))
            (button("Set it up"))
        }
    };
    Ok(visit.page("Set up a meeting", body).below([visit.crumb(&["meetings"], "Meetings")]).wrong(problem))
}

pub async fn set_up(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = lacks(&typed) {
        return Ok(new_asked(&visit, &typed, Some(&problem)).await?.into_response());
    }
    match sorted(visit.api.post(&visit.v1(&["meetings"]), &said(&typed), typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["meetings", made["id"].as_str().unwrap_or_default()], "meeting-set-up")),
        Err(problem) => Ok(new_asked(&visit, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn new_of_family(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("name", "Team around the family");
    typed.set("kind", "team-around-family");
    asked_of_family(&visit, &id, &typed, None).await
}

async fn asked_of_family(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = family::open(visit, id).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let body = html! {
        (of.top(visit, "meetings"))
        h2 class="govuk-heading-m" { "Set up the family's own meeting" }
        p class="govuk-body" { "The team around the family: whoever works with it plans when it sits, and no other family is on its agenda." }
        form method="post" action=(of.to(visit, &["meetings", "new"])) novalidate {
            (once())
            (fields(&Asked::new(typed, problem), &organisations, false))
            (button("Set it up"))
        }
    };
    Ok(of.page(visit, "The family's own meeting", body).wrong(problem))
}

pub async fn set_up_of_family(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = lacks(&typed) {
        return Ok(asked_of_family(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    match sorted(visit.api.post(&visit.v1(&["families", &id, "meetings"]), &said(&typed), typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["meetings", made["id"].as_str().unwrap_or_default()], "meeting-set-up")),
        Err(problem) => Ok(asked_of_family(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn terms(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let Answered { value: now, version, .. } = visit.api.read::<Terms>(&visit.v1(&["meetings", &id])).await?;
    let mut typed = Typed::default();
    for (name, value) in [("named", now.named), ("chair", now.chair), ("starts", now.starts), ("place", now.place), ("version", version)] {
        typed.set(name, value.unwrap_or_default());
    }
    typed.set("name", now.name);
    typed.set("kind", now.kind);
    for (name, values) in [("tells", now.tells), ("invited", now.invited)] {
        values.into_iter().for_each(|value| typed.add(name, value));
    }
    if let Some(ended) = &now.ended {
        typed.set_day("ended", ended);
    }
    terms_asked(&visit, &id, &typed, None).await
}

async fn terms_asked(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let now: Terms = visit.api.get(&visit.v1(&["meetings", id])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        span class="govuk-caption-l" { (now.name) }
        h1 class="govuk-heading-l" { "Change the meeting" }
        form method="post" action=(visit.to(&["meetings", id, "terms"])) novalidate {
            (hidden("version", typed.first("version")))
            (hidden("chair", typed.first("chair")))
            (fields(&form, &organisations, now.family.is_none()))
            (form.day(Ask { name: "ended", label: "It sits no more from", hint: "Nothing: it goes on" }))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["meetings"], "Meetings"), visit.crumb(&["meetings", id], now.name.clone())];
    Ok(visit.page(format!("Change the meeting: {}", now.name), body).below(above).wrong(problem).private())
}

pub async fn change(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    if let Some(problem) = lacks(&typed) {
        return Ok(terms_asked(&visit, &id, &typed, Some(&problem)).await?.into_response());
    }
    match sorted(visit.api.put(&visit.v1(&["meetings", &id]), &said(&typed), typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["meetings", &id], "saved")),
        Err(problem) => Ok(terms_asked(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_sent_whole_with_whoever_chairs_it() {
        let mut typed = Typed::default();
        for (name, value) in [("name", "Hub"), ("kind", "hub-meeting"), ("chair", "somebody"), ("starts", ""), ("invited", "hill-school")] {
            typed.set(name, value);
        }
        typed.set_day("ended", "2026-12-18");
        let body = json!({
            "name": "Hub", "kind": "hub-meeting", "chair": "somebody", "tells": [], "invited": ["hill-school"], "ended": "2026-12-18",
        });
        assert_eq!(said(&typed), body);
    }
}
