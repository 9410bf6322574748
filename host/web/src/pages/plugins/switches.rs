//! Letting a version decide, now or from a day on, and going back to a former one.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde_json::json;

use super::installation::{self, Installation, above};
use super::no_day;
use crate::Pages;
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/activation", get(activation).post(activate))
        .route("/{authority}/plugins/adopted/{installation}/return", get(back).post(go_back))
        .route("/{authority}/plugins/adopted/{installation}/switch/drop", post(give_up))
}

const WHEN: &[(&str, &str)] = &[("now", "Now"), ("day", "From the beginning of a day on")];

/// Those that decide something now which this one offers.
async fn replaces(visit: &Visit, i: &Installation) -> Result<Vec<Installation>, Failed> {
    let all = installation::all(visit).await?;
    Ok(all.into_iter().filter(|o| o.id != i.id && o.decides.iter().any(|d| i.offers.contains(d))).collect())
}

async fn activation(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("when", "now");
    activating(&visit, &id, &typed, None).await
}

async fn activating(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    let versions = installation::Versions::of(visit).await?;
    let before = replaces(visit, &i).await?;
    let form = Asked::new(typed, problem);
    let title = format!("Let {} decide", plugin.title());
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        @for b in &before {
            p class="govuk-body" { "It takes the place of " (list::link(&visit.to(&["plugins", "adopted", &b.id]), &versions.words(&b.plugin))) ", which decides now." }
        }
        (list::inset("What was decided before stays as it is. You can go back in one step."))
        form method="post" action=(visit.to(&["plugins", "adopted", id, "activation"])) novalidate {
            (once())
            (form.radios(Ask { name: "when", label: "When?", hint: "" }, WHEN))
            (form.day(Ask { name: "at", label: "From which day on?", hint: "If it is not to be now" }))
            (form.text(Ask { name: "reason", label: "Why?", hint: "Needed where it failed before and came back by itself" }, 2))
            (button("Let it decide"))
        }
    };
    Ok(visit.page(title, body).below(above(visit, id, &plugin.title())).wrong(problem))
}

async fn activate(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let planned = typed.text("when") == Some("day");
    let mut body = serde_json::Value::Object(typed.object(&["reason"]));
    if planned {
        body["at"] = words::begins(&typed.day("at").unwrap_or_default()).into();
    }
    let answer = match no_day(&typed, "at", "say from which day on").filter(|_| planned) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &id, "activation"]), &body, typed.once()).await)?,
    };
    match answer {
        Ok(_) if planned => Ok(visit.done(&["plugins", "adopted", &id, "history"], "planned")),
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id], "activated")),
        Err(problem) => Ok(activating(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn back(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    returning(&visit, &id, &Typed::default(), None).await
}

async fn returning(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let plugin = Installation::read(visit, id).await?.version(visit).await?;
    let form = Asked::new(typed, problem);
    let title = format!("Go back to {}", plugin.title());
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        (list::inset("It decided here before and was approved then. What the one after it decided stays."))
        form method="post" action=(visit.to(&["plugins", "adopted", id, "return"])) novalidate {
            (once())
            (form.text(Ask { name: "reason", label: "Why?", hint: "It is kept, with your name" }, 3))
            (button("Go back to it"))
        }
    };
    Ok(visit.page(title, body).below(above(visit, id, &plugin.title())).wrong(problem))
}

async fn go_back(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("reason", "say why it is to decide again")]) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["installations", &id, "return"]), &typed.object(&["reason"]), typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id], "returned")),
        Err(problem) => Ok(returning(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn give_up(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["installations", &id, "switch", "drop"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "history"], "plan-dropped")),
        Err(problem) => Ok(super::adopted::show(&visit, &id, Some(&problem)).await?.into_response()),
    }
}
