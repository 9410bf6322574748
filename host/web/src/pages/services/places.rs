//! Places and waiting time, as whoever offers a service states them.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::{Map, Value};

use super::Service;
use crate::pages::common::{number, sorted};
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

const ASKED: [&str; 3] = ["capacity", "taken_otherwise", "waiting_days"];

pub async fn places(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let read = visit.api.read::<Service>(&visit.v1(&["services", &id])).await?;
    let mut typed = Typed::default();
    typed.set("version", read.version.unwrap_or_default());
    typed.set("name", read.value.name.clone());
    let stated = [read.value.capacity, read.value.taken_otherwise, read.value.waiting_days];
    for (name, n) in ASKED.iter().zip(stated) {
        typed.set(name, n.map(|n| n.to_string()).unwrap_or_default());
    }
    Ok(places_page(&visit, &id, &typed, None))
}

fn places_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let name = typed.text("name").unwrap_or("The service");
    let body = html! {
        span class="govuk-caption-l" { (name) }
        h1 class="govuk-heading-l" { "Places and waiting time" }
        p class="govuk-body" { "Families that were referred here are counted by themselves." }
        form method="post" action=(visit.to(&["services", id, "places"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default())) (hidden("name", name))
            (form.number(Ask { name: "capacity", label: "How many families can you help at once?", hint: "" }, "", "families"))
            (form.number(Ask { name: "taken_otherwise", label: "How many of these places do others have?", hint: "Families that nobody referred here" }, "", "families"))
            (form.number(Ask { name: "waiting_days", label: "How long does a new family wait?", hint: "" }, "", "days"))
            (button("State it"))
        }
    };
    let above = [visit.crumb(&["services"], "Services"), visit.crumb(&["services", id], name.to_owned())];
    visit.page("Places and waiting time", body).below(above).wrong(problem)
}

pub async fn state(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body: Map<String, Value> = ASKED.iter().filter_map(|name| Some(((*name).to_owned(), number(&typed, name)?))).collect();
    match sorted(visit.api.put(&visit.v1(&["services", &id, "places"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["services", &id], "saved")),
        Err(problem) => Ok(places_page(&visit, &id, &typed, Some(&problem)).into_response()),
    }
}
