//! A service is added to the directory, or changed.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::kept;
use crate::codes;
use crate::pages::common::{Organisations, number, sorted};
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;

pub async fn new(visit: Visit) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set_day("first", &crate::words::today());
    if visit.me.provides() {
        typed.set("organisation", &visit.me.organisation);
    }
    new_page(&visit, &typed, None).await
}

async fn new_page(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let organisations = Organisations::of(&visit.api).await?;
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Add a service" }
        form method="post" action=(visit.to(&["services", "new"])) novalidate {
            (once())
            @if visit.me.provides() { (hidden("organisation", &visit.me.organisation)) }
            @else { (form.select(Ask { name: "organisation", label: "Who offers it?", hint: "" }, &organisations.choices())) }
            (questions(&form))
            (button("Add it"))
        }
    };
    Ok(visit.page("Add a service", body).below([visit.crumb(&["services"], "Services")]).wrong(problem))
}

fn questions(form: &Asked<'_>) -> Markup {
    html! {
        (form.line(Ask { name: "name", label: "Name", hint: "" }, "text"))
        (form.select(Ask { name: "kind", label: "Kind of help", hint: "" }, &codes::SERVICE_KINDS.choices()))
        (form.text(Ask { name: "description", label: "What it is", hint: "A few sentences. The directory is public" }, 4))
        (form.boxes(Ask { name: "needs", label: "What does it help with?", hint: "" }, &codes::PROBLEMS.choices()))
        (form.text(Ask { name: "areas", label: "Where", hint: "Districts, one a line, such as BS3. Nothing: everywhere" }, 2))
        (form.number(Ask { name: "youngest", label: "Youngest age", hint: "" }, "", "years"))
        (form.number(Ask { name: "oldest", label: "Oldest age", hint: "" }, "", "years"))
        (form.line(Ask { name: "referral", label: "How to refer", hint: "" }, "text"))
        (form.line(Ask { name: "url", label: "Website", hint: "" }, "text"))
        (form.number(Ask { name: "price_pence", label: "Price", hint: "If it has one" }, "£", ""))
        (form.select(Ask { name: "price_unit", label: "The price is for", hint: "" }, &codes::PAYMENT_UNITS.choices()))
        (form.day(Ask { name: "first", label: "Offered from", hint: "" }))
        (form.day(Ask { name: "last", label: "Offered until", hint: "If an end is known" }))
    }
}

const TEXTS: &[&str] = &["name", "kind", "description", "referral", "url", "price_unit"];
const NUMBERS: &[&str] = &["youngest", "oldest"];

/// What was typed, put into what is kept already.
fn put(typed: &Typed, mut body: Map<String, Value>) -> Map<String, Value> {
    for name in TEXTS {
        set(&mut body, name, typed.text(name).map(Value::from));
    }
    for name in NUMBERS {
        set(&mut body, name, number(typed, name));
    }
    set(&mut body, "price_pence", typed.pence("price_pence"));
    set(&mut body, "first", typed.day("first").map(Value::from));
    set(&mut body, "last", typed.day("last").map(Value::from));
    body.insert("needs".to_owned(), json!(typed.all("needs")));
    let areas: Vec<&str> = typed.text("areas").unwrap_or_default().lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    body.insert("areas".to_owned(), json!(areas));
    body
}

fn set(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => body.insert(name.to_owned(), value),
        None => body.remove(name),
    };
}

pub async fn create(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let body = put(&typed, typed.object(&["organisation"]));
    match sorted(visit.api.post(&visit.v1(&["services"]), &body, typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["services", made["id"].as_str().unwrap_or_default()], "saved")),
        Err(problem) => Ok(new_page(&visit, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn edit(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let read = visit.api.read::<Value>(&visit.v1(&["services", &id])).await?;
    let mut typed = Typed::default();
    typed.set("version", read.version.unwrap_or_default());
    for name in TEXTS.iter().chain(NUMBERS) {
        match &read.value[*name] {
            Value::String(text) => typed.set(name, text.clone()),
            Value::Number(n) => typed.set(name, n.to_string()),
            _ => {}
        }
    }
    if let Some(pence) = read.value["price_pence"].as_i64() {
        typed.set("price_pence", crate::words::pounds(pence).replace('£', ""));
    }
    for name in ["first", "last"] {
        if let Some(day) = read.value[name].as_str() {
            typed.set_day(name, day);
        }
    }
    let texts =
        |name: &str| read.value[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    texts("needs").into_iter().for_each(|need| typed.add("needs", need));
    typed.set("areas", texts("areas").join("\n"));
    Ok(edit_page(&visit, &id, &typed, None))
}

fn edit_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Change the service" }
        form method="post" action=(visit.to(&["services", id, "edit"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (questions(&form))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["services"], "Services"), visit.crumb(&["services", id], "The service")];
    visit.page("Change the service", body).below(above).wrong(problem)
}

pub async fn save(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let path = visit.v1(&["services", &id]);
    let read: Value = visit.api.get(&path).await?;
    let body = put(&typed, kept(&read));
    match sorted(visit.api.put(&path, &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["services", &id], "saved")),
        Err(problem) => Ok(edit_page(&visit, &id, &typed, Some(&problem)).into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_emptied_is_gone_and_what_was_not_asked_stays() {
        let mut typed = Typed::default();
        typed.set("name", "At home");
        typed.set("areas", "BS3\n\n BS4 ");
        typed.set("price_pence", "12.50");
        let was = json!({ "url": "https://old.example", "contacts": [{ "name": "Tom" }] });
        let body = put(&typed, was.as_object().cloned().unwrap_or_default());
        assert_eq!(
            Value::Object(body),
            json!({ "name": "At home", "areas": ["BS3", "BS4"], "needs": [], "price_pence": 1250, "contacts": [{ "name": "Tom" }] })
        );
    }
}
