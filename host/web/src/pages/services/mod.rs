//! The directory: who offers which help, and where there is a place.

mod edit;
mod places;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::common::Organisations;
use crate::Pages;
use crate::codes;
use crate::ui::form::{Ask, Asked, Typed, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/services", get(services))
        .route("/{authority}/services/new", get(edit::new).post(edit::create))
        .route("/{authority}/services/{service}", get(service))
        .route("/{authority}/services/{service}/edit", get(edit::edit).post(edit::save))
        .route("/{authority}/services/{service}/places", get(places::places).post(places::state))
}

/// A service as the directory has it.
#[derive(Deserialize)]
pub struct Service {
    pub id: String,
    pub name: String,
    pub organisation: String,
    pub kind: String,
    #[serde(default)]
    description: Option<String>,
    first: String,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    pub capacity: Option<u32>,
    #[serde(default)]
    pub taken_otherwise: Option<u32>,
    #[serde(default)]
    pub waiting_days: Option<u32>,
    /// Only in the list.
    #[serde(default)]
    pub free: Option<u32>,
    #[serde(default)]
    areas: Vec<String>,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    youngest: Option<u32>,
    #[serde(default)]
    oldest: Option<u32>,
    #[serde(default)]
    price_pence: Option<i64>,
    #[serde(default)]
    price_unit: Option<String>,
    #[serde(default)]
    referral: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    schedules: Vec<String>,
    at: String,
    by: String,
}

#[derive(Deserialize)]
struct Contact {
    name: String,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

impl Service {
    /// Whether there is a place: nobody said, how many, or how long it takes.
    pub fn place(&self) -> Markup {
        match (self.free, self.capacity, self.waiting_days) {
            (Some(0), ..) => list::tag("Full", "red"),
            (Some(n), ..) => list::tag(&format!("{n} free"), "green"),
            (None, Some(n), _) => html! { (n) " places" },
            (None, None, _) => list::tag("Not stated", "grey"),
        }
    }

    fn waiting(&self) -> String {
        self.waiting_days.map(|d| if d == 1 { "1 day".to_owned() } else { format!("{d} days") }).unwrap_or_default()
    }

    fn ages(&self) -> Option<String> {
        match (self.youngest, self.oldest) {
            (None, None) => None,
            (Some(y), None) => Some(format!("{y} and older")),
            (None, Some(o)) => Some(format!("up to {o}")),
            (Some(y), Some(o)) => Some(format!("{y} to {o}")),
        }
    }
}

/// Whether this visitor may change what the directory says of an organisation's services. The API has the last word.
fn may_keep(visit: &Visit) -> bool {
    visit.me.may("keep-directory")
}

#[derive(Debug, Default, Deserialize)]
struct Looked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    after: String,
}

async fn services(visit: Visit, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    let asked = query(&[("kind", &looked.kind), ("after", &looked.after), ("limit", "50")]);
    let services: List<Service> = visit.api.get(&format!("{}{asked}", visit.v1(&["services"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let mut typed = Typed::default();
    typed.set("kind", &looked.kind);
    let rows: Vec<_> = services
        .items
        .iter()
        .map(|s| {
            vec![
                list::link(&visit.to(&["services", &s.id]), &s.name),
                html! { (organisations.name(&s.organisation)) },
                html! { (codes::SERVICE_KINDS.words(&s.kind)) },
                s.place(),
                html! { (s.waiting()) },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Services" }
        @if may_keep(&visit) { p class="govuk-body" { (list::link(&visit.to(&["services", "new"]), "Add a service")) } }
        form method="get" action=(visit.to(&["services"])) {
            (Asked::new(&typed, None).select(Ask { name: "kind", label: "Only this kind of help", hint: "" }, &codes::SERVICE_KINDS.choices()))
            (second_button("Show"))
        }
        @if rows.is_empty() { (list::nothing("There is no such service in the directory yet.")) }
        @else { (list::table("Services", &["Service", "Offered by", "Kind", "Places", "Wait"], &rows)) }
        (list::rest(&format!("{}{}", visit.to(&["services"]), query(&[("kind", &looked.kind)])), services.next.as_deref()))
    };
    Ok(visit.page("Services", body))
}

async fn service(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let s: Service = visit.api.get(&visit.v1(&["services", &id])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let body = html! {
        span class="govuk-caption-l" { (organisations.name(&s.organisation)) }
        h1 class="govuk-heading-l" { (s.name) }
        @if let Some(description) = &s.description { p class="govuk-body" { (description) } }
        (list::pairs(&facts(&s)))
        @if may_keep(&visit) {
            ul class="govuk-list" {
                li { (list::link(&visit.to(&["services", &id, "places"]), "State places and waiting time")) }
                li { (list::link(&visit.to(&["services", &id, "edit"]), "Change the service")) }
            }
        }
    };
    Ok(visit.page(s.name.clone(), body).below([visit.crumb(&["services"], "Services")]))
}

fn facts(s: &Service) -> Vec<(&'static str, Markup)> {
    let mut rows = vec![("Kind of help", html! { (codes::SERVICE_KINDS.words(&s.kind)) })];
    let mut put = |name, value: String| {
        if !value.is_empty() {
            rows.push((name, html! { (value) }));
        }
    };
    put("Helps with", s.needs.iter().map(|n| codes::PROBLEMS.words(n)).collect::<Vec<_>>().join("; "));
    put("Ages", s.ages().unwrap_or_default());
    put("Where", s.areas.join(", "));
    put("When", s.schedules.join("; "));
    put("How to refer", s.referral.clone().unwrap_or_default());
    put("Website", s.url.clone().unwrap_or_default());
    let unit = s.price_unit.as_deref().map(|u| format!(", {}", codes::PAYMENT_UNITS.words(u).to_lowercase())).unwrap_or_default();
    put("Price", s.price_pence.map(|p| format!("{}{unit}", words::pounds(p))).unwrap_or_default());
    put("Places", s.capacity.map(|c| c.to_string()).unwrap_or_default());
    put("Of these taken by others", s.taken_otherwise.map(|c| c.to_string()).unwrap_or_default());
    put("Wait", s.waiting());
    let told = |c: &Contact| [Some(c.name.clone()), c.phone.clone(), c.email.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    put("Whom to ask", s.contacts.iter().map(told).collect::<Vec<_>>().join("; "));
    put(
        "Offered",
        s.last
            .as_deref()
            .map_or_else(|| format!("since {}", words::day(&s.first)), |last| format!("{} to {}", words::day(&s.first), words::day(last))),
    );
    put("Last changed", format!("{} by {}", words::at(&s.at), words::who(&s.by)));
    rows
}

/// What is sent back of what was read: all that the API keeps of a service, and nothing that it adds.
fn kept(read: &Value) -> serde_json::Map<String, Value> {
    let mut kept = read.as_object().cloned().unwrap_or_default();
    for added in ["id", "at", "by", "version", "reference", "free", "referred"] {
        kept.remove(added);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_does_not_ask_is_kept() {
        let read =
            serde_json::json!({ "id": "1", "version": 3, "at": "", "by": "", "name": "At home", "locations": [{ "city": "Bristol" }] });
        let kept = kept(&read);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["locations", "name"]);
    }
}
