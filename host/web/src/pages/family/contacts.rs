//! A contact, noted on a telephone outside somebody's door.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::{Value, json};

use super::record::Family;
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

const HOW: &[(&str, &str)] = &[
    ("visit", "Visit at home"),
    ("meeting", "Meeting elsewhere"),
    ("telephone", "Telephone"),
    ("video", "Video call"),
    ("message", "Message"),
];

pub async fn contact(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
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

pub async fn note_contact(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
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
