//! The terms of a contract: drafted, and changed until it is signed.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::codes;
use crate::pages::common::{Organisations, number, sorted};
use crate::ui::Page;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Choice {
    id: String,
    name: String,
    #[serde(default)]
    offers: Vec<String>,
}

#[derive(Deserialize)]
struct Budget {
    name: String,
    title: String,
}

/// What there is to choose from.
struct Choices {
    organisations: Organisations,
    services: Vec<Choice>,
    budgets: Vec<Budget>,
    rules: Vec<Choice>,
}

impl Choices {
    async fn of(visit: &Visit) -> Result<Self, Failed> {
        let services: List<Choice> = visit.api.get(&format!("{}?limit=200", visit.v1(&["services"]))).await?;
        let budgets: List<Budget> = visit.api.get(&visit.v1(&["budgets"])).await?;
        let rules: Option<List<Choice>> = visit.api.maybe(&format!("{}?limit=200", visit.v1(&["installations"]))).await?;
        let rules = rules.map(|r| r.items).unwrap_or_default();
        Ok(Self {
            organisations: Organisations::of(&visit.api).await?,
            services: services.items,
            budgets: budgets.items,
            rules: rules.into_iter().filter(|r| r.offers.iter().any(|o| o == "commissioning")).collect(),
        })
    }
}

/// So many prices a form asks for.
const PRICES: usize = 3;

fn questions(form: &Asked<'_>, of: &Choices) -> Markup {
    let pairs = |all: &[Choice]| all.iter().map(|c| (c.id.clone(), c.name.clone())).collect::<Vec<_>>();
    let (services, rules) = (pairs(&of.services), pairs(&of.rules));
    let budgets: Vec<(&str, &str)> = of.budgets.iter().map(|b| (b.name.as_str(), b.title.as_str())).collect();
    html! {
        (form.line(Ask { name: "title", label: "Title", hint: "It is published" }, "text"))
        (form.text(Ask { name: "description", label: "What it is for", hint: "It is published too" }, 3))
        (form.select(Ask { name: "provider", label: "With whom?", hint: "The lead provider" }, &of.organisations.choices()))
        @if !services.is_empty() { (form.boxes(Ask { name: "services", label: "Which services?", hint: "None ticked: any of the provider's" }, &borrowed(&services))) }
        (form.boxes(Ask { name: "sort", label: "What sort?", hint: "" }, &[("grant", "A grant: given, not bought"), ("spot", "Bought once, for one need")]))
        (form.day(Ask { name: "first", label: "First day", hint: "" }))
        (form.day(Ask { name: "last", label: "Last day", hint: "" }))
        (form.number(Ask { name: "value_pence", label: "Value", hint: "Of all of it" }, "£", ""))
        (form.number(Ask { name: "families", label: "How many families at most", hint: "Nothing: not agreed" }, "", "families"))
        (form.radios(Ask { name: "paid", label: "How is it paid?", hint: "" }, &codes::PAYMENT_TERMS.choices()))
        @for i in 1..=PRICES {
            fieldset class="govuk-fieldset" {
                legend class="govuk-fieldset__legend govuk-fieldset__legend--s" { "Price " (i) }
                (form.select(Ask { name: &format!("unit-{i}"), label: "For", hint: "" }, &codes::PAYMENT_UNITS.choices()))
                (form.number(Ask { name: &format!("price-{i}"), label: "Pounds", hint: "" }, "£", ""))
                (form.day(Ask { name: &format!("from-{i}"), label: "From", hint: "" }))
            }
        }
        (form.text(Ask { name: "reviews", label: "When is it reviewed?", hint: "Days one a line, such as 2027-01-15" }, 3))
        (form.select(Ask { name: "budget", label: "Against which budget?", hint: "" }, &budgets))
        (form.select(Ask { name: "installation", label: "Whose rules check it, say what is due and review it?", hint: "Nothing: nobody is asked" }, &borrowed(&rules)))
    }
}

fn borrowed(all: &[(String, String)]) -> Vec<(&str, &str)> {
    all.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect()
}

/// The terms that were typed, put over those that no form asks for.
fn terms(typed: &Typed, mut body: Map<String, Value>) -> Map<String, Value> {
    for asked in ["title", "description", "provider", "paid", "budget", "installation", "first", "last", "value_pence", "families"] {
        body.remove(asked);
    }
    body.extend(typed.object(&["title", "description", "provider", "paid", "budget", "installation"]));
    for day in ["first", "last"] {
        body.extend(typed.day(day).map(|d| (day.to_owned(), Value::from(d))));
    }
    body.extend(typed.pence("value_pence").map(|p| ("value_pence".to_owned(), p)));
    body.extend(number(typed, "families").map(|n| ("families".to_owned(), n)));
    let lines = typed.text("reviews").unwrap_or_default().lines().map(str::trim).filter(|l| !l.is_empty());
    body.insert("reviews".to_owned(), json!(lines.collect::<Vec<_>>()));
    body.insert("services".to_owned(), json!(typed.all("services")));
    for sort in ["grant", "spot"] {
        body.insert(sort.to_owned(), json!(typed.all("sort").contains(&sort)));
    }
    let was = body.remove("prices").unwrap_or_default();
    body.insert("prices".to_owned(), prices(typed, was.as_array().map_or(&[][..], Vec::as_slice)));
    body
}

/// The prices of the form, each over the one that stood in its place: what the form does not ask of a price stays.
fn prices(typed: &Typed, was: &[Value]) -> Value {
    let one = |i: usize| {
        let (unit, amount, from) = (typed.text(&format!("unit-{i}")), typed.pence(&format!("price-{i}")), typed.day(&format!("from-{i}")));
        if unit.is_none() && amount.is_none() {
            return None;
        }
        let mut price = was.get(i - 1).and_then(Value::as_object).cloned().unwrap_or_default();
        price.insert("unit".to_owned(), json!(unit.unwrap_or_default()));
        price.insert("amount_pence".to_owned(), amount.unwrap_or_default());
        price.insert("first".to_owned(), json!(from.or_else(|| typed.day("first")).unwrap_or_default()));
        Some(Value::Object(price))
    };
    (1..=PRICES).filter_map(one).chain(was.iter().skip(PRICES).cloned()).collect()
}

pub async fn new(visit: Visit) -> Result<Page, Failed> {
    form_page(&visit, None, &Typed::default(), None).await
}

async fn form_page(visit: &Visit, id: Option<&str>, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let choices = Choices::of(visit).await?;
    let form = Asked::new(typed, problem);
    let title = if id.is_some() { "Change the terms" } else { "Draft a contract" };
    let to = id.map_or_else(|| visit.to(&["contracts", "new"]), |id| visit.to(&["contracts", id, "edit"]));
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { "Nothing is bought by it until it is signed." }
        form method="post" action=(to) novalidate {
            @if id.is_some() { (hidden("version", typed.text("version").unwrap_or_default())) } @else { (once()) }
            (questions(&form, &choices))
            (button("Save"))
        }
    };
    let above =
        std::iter::once(visit.crumb(&["contracts"], "Contracts")).chain(id.map(|id| visit.crumb(&["contracts", id], "The contract")));
    Ok(visit.page(title, body).below(above).wrong(problem))
}

pub async fn create(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["contracts"]), &terms(&typed, Map::new()), typed.once()).await)? {
        Ok(made) => Ok(visit.done(&["contracts", made["id"].as_str().unwrap_or_default()], "saved")),
        Err(problem) => Ok(form_page(&visit, None, &typed, Some(&problem)).await?.into_response()),
    }
}

pub async fn edit(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let read = visit.api.read::<Value>(&visit.v1(&["contracts", &id])).await?;
    let mut typed = as_typed(&read.value);
    typed.set("version", read.version.unwrap_or_default());
    form_page(&visit, Some(&id), &typed, None).await
}

fn as_typed(of: &Value) -> Typed {
    let mut typed = Typed::default();
    for name in ["title", "description", "provider", "paid", "budget", "installation"] {
        typed.set(name, of[name].as_str().unwrap_or_default());
    }
    let pounds = |pence: &Value| pence.as_i64().map(|p| words::pounds(p).replace('£', "")).unwrap_or_default();
    typed.set("value_pence", pounds(&of["value_pence"]));
    typed.set("families", of["families"].as_u64().map(|n| n.to_string()).unwrap_or_default());
    for day in ["first", "last"] {
        typed.set_day(day, of[day].as_str().unwrap_or_default());
    }
    let texts = |name: &str| of[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    typed.set("reviews", texts("reviews").join("\n"));
    texts("services").into_iter().for_each(|s| typed.add("services", s));
    ["grant", "spot"].into_iter().filter(|sort| of[*sort] == true).for_each(|sort| typed.add("sort", sort));
    for (i, price) in of["prices"].as_array().into_iter().flatten().take(PRICES).enumerate() {
        typed.set(&format!("unit-{}", i + 1), price["unit"].as_str().unwrap_or_default());
        typed.set(&format!("price-{}", i + 1), pounds(&price["amount_pence"]));
        typed.set_day(&format!("from-{}", i + 1), price["first"].as_str().unwrap_or_default());
    }
    typed
}

pub async fn save(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let path = visit.v1(&["contracts", &id]);
    let read: Value = visit.api.get(&path).await?;
    let mut was = read.as_object().cloned().unwrap_or_default();
    ["id", "at", "by", "state", "version"].into_iter().for_each(|added| drop(was.remove(added)));
    match sorted(visit.api.put(&path, &terms(&typed, was), typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["contracts", &id], "saved")),
        Err(problem) => Ok(form_page(&visit, Some(&id), &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_are_read_and_saved_are_the_same() {
        let was = json!({
            "title": "Short courses", "provider": "harbour", "paid": "mixed", "first": "2026-04-01", "last": "2027-03-31", "value_pence": 100_050,
            "families": 8, "reviews": ["2026-09-30"], "services": ["a", "b"], "grant": false, "spot": true, "subcontractors": ["others"],
            "prices": [{ "unit": "family", "amount_pence": 24000, "first": "2026-04-01", "last": "2026-12-31" }],
        });
        let typed = as_typed(&was);
        assert_eq!(Value::Object(terms(&typed, was.as_object().cloned().unwrap_or_default())), was);
    }
}
