//! Who works here and as what, and who was asked to join.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::above;
use super::roles::{self, ROLES};
use crate::Pages;
use crate::pages::common::{After, Organisations, sorted};
use crate::ui::form::{Ask, Asked, Typed, act, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration/people", get(people))
        .route("/{authority}/administration/people/{login}", get(person).post(give))
        .route("/{authority}/administration/people/{login}/{role}/end", post(end))
        .route("/{authority}/administration/invitations", get(invitations).post(invite))
        .route("/{authority}/administration/invitations/{invitation}/withdrawal", post(withdraw))
}

#[derive(Deserialize)]
struct Person {
    login: String,
    name: String,
    organisation: String,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    id: String,
    role: String,
    first: String,
    #[serde(default)]
    last: Option<String>,
}

impl Role {
    fn is_over(&self, today: &str) -> bool {
        self.last.as_deref().is_some_and(|last| last < today)
    }
}

async fn people(visit: Visit) -> Result<Page, Failed> {
    let people: List<Person> = visit.api.get(&visit.v1(&["people"])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let today = words::today();
    let rows: Vec<_> = people
        .items
        .iter()
        .map(|p| {
            let now = p.roles.iter().filter(|r| !r.is_over(&today)).map(|r| roles::words(&r.role)).collect::<Vec<_>>().join(", ");
            vec![
                list::link(&visit.to(&["administration", "people", &p.login]), &p.name),
                html! { (organisations.name(&p.organisation)) },
                html! { @if now.is_empty() { (list::tag("No role now", "grey")) } @else { (now) } },
            ]
        })
        .collect();
    let body = html! {
        h1 class="govuk-heading-l" { "People" }
        @if visit.me.may("invite") { p class="govuk-body" { (list::link(&visit.to(&["administration", "invitations"]), "Invite somebody")) } }
        @if rows.is_empty() { (list::nothing("Nobody has a role here yet.")) }
        @else { (list::table("Who works here", &["Name", "Employed by", "Roles now"], &rows)) }
    };
    Ok(visit.page("People", body).below(above(&visit)))
}

async fn person(visit: Visit, Path((_, login)): Path<(String, String)>) -> Result<Page, Failed> {
    person_page(&visit, &login, &Typed::default(), None).await
}

async fn person_page(visit: &Visit, login: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let p: Person = visit.api.get(&visit.v1(&["people", login])).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let today = words::today();
    let form = Asked::new(typed, problem);
    let rows: Vec<_> = p
        .roles
        .iter()
        .map(|r| {
            vec![
                html! { (roles::words(&r.role)) },
                html! { (words::day(&r.first)) },
                html! { (r.last.as_deref().map(words::day).unwrap_or_default()) },
                html! { @if r.last.is_none() { (act(&visit.to(&["administration", "people", login, &r.id, "end"]), "End it today")) } @else if r.is_over(&today) { "Over" } },
            ]
        })
        .collect();
    let body = html! {
        span class="govuk-caption-l" { (organisations.name(&p.organisation)) }
        h1 class="govuk-heading-l" { (p.name) }
        @if rows.is_empty() { (list::nothing("They have no role here.")) }
        @else { (list::table("Roles", &["Role", "From", "Until", "Act"], &rows)) }
        h2 class="govuk-heading-m" { "Give a role" }
        form method="post" action=(visit.to(&["administration", "people", login])) novalidate {
            (once())
            (form.select(Ask { name: "role", label: "Role", hint: "" }, ROLES))
            (form.day(Ask { name: "first", label: "From", hint: "Nothing: from today" }))
            (form.day(Ask { name: "last", label: "Until", hint: "Nothing: no end is set" }))
            (button("Give it"))
        }
    };
    let crumbs = above(visit).into_iter().chain([visit.crumb(&["administration", "people"], "People")]);
    Ok(visit.page(p.name.clone(), body).below(crumbs).wrong(problem))
}

fn days(typed: &Typed, body: &mut serde_json::Map<String, Value>, names: &[&str]) {
    for name in names {
        body.extend(typed.day(name).map(|d| ((*name).to_owned(), Value::from(d))));
    }
}

async fn give(visit: Visit, Path((_, login)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["role"]);
    body.insert("login".to_owned(), json!(login));
    days(&typed, &mut body, &["first", "last"]);
    match sorted(visit.api.post(&visit.v1(&["people"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "people", &login], "saved")),
        Err(problem) => Ok(person_page(&visit, &login, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn end(visit: Visit, Path((_, login, role)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["roles", &role, "end"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "people", &login], "ended")),
        Err(problem) => Ok(person_page(&visit, &login, &Typed::default(), Some(&problem)).await?.into_response()),
    }
}

#[derive(Deserialize)]
struct Invitation {
    id: String,
    name: String,
    address: String,
    organisation: String,
    state: String,
    invited_by: String,
    expires_at: String,
    #[serde(default)]
    roles: Vec<String>,
}

async fn invitations(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    invitations_page(&visit, &after, &Typed::default(), None).await
}

async fn invitations_page(visit: &Visit, after: &After, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let all: List<Invitation> = visit.api.get(&after.of(&visit.v1(&["invitations"]))).await?;
    let organisations = Organisations::of(&visit.api).await?;
    let rows: Vec<_> = all.items.iter().map(|i| row(visit, i, &organisations)).collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Invitations" }
        form method="post" action=(visit.to(&["administration", "invitations"])) novalidate {
            (once())
            (form.line(Ask { name: "name", label: "Name", hint: "" }, "text"))
            (form.line(Ask { name: "address", label: "E-mail address", hint: "They sign in with it" }, "email"))
            (form.select(Ask { name: "organisation", label: "Who employs them?", hint: "Nothing: the council itself" }, &organisations.choices()))
            (form.boxes(Ask { name: "roles", label: "As what?", hint: "" }, ROLES))
            (form.day(Ask { name: "last", label: "Until", hint: "Nothing: no end is set" }))
            (button("Invite them"))
        }
        @if rows.is_empty() { (list::nothing("Nobody was invited yet.")) }
        @else { (list::table("Who was invited", &["Name", "Address", "Employed by", "As", "Stands at", "Act"], &rows)) }
        (list::rest(&visit.to(&["administration", "invitations"]), all.next.as_deref()))
    };
    Ok(visit.page("Invitations", body).below(above(visit)).wrong(problem))
}

fn row(visit: &Visit, i: &Invitation, organisations: &Organisations) -> Vec<Markup> {
    let (state, colour) = match i.state.as_str() {
        "open" => ("Open", "blue"),
        "accepted" => ("Accepted", "green"),
        "withdrawn" => ("Withdrawn", "grey"),
        _ => ("Over", "grey"),
    };
    vec![
        html! { (i.name) },
        html! { (i.address) },
        html! { (organisations.name(&i.organisation)) },
        html! { (i.roles.iter().map(|r| roles::words(r)).collect::<Vec<_>>().join(", ")) },
        html! { (list::tag(state, colour)) " until " (words::at(&i.expires_at)) ", by " (words::who(&i.invited_by)) },
        html! { @if i.state == "open" { (act(&visit.to(&["administration", "invitations", &i.id, "withdrawal"]), "Withdraw")) } },
    ]
}

async fn invite(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let mut body = typed.object(&["name", "address", "organisation"]);
    body.insert("roles".to_owned(), json!(typed.all("roles")));
    days(&typed, &mut body, &["last"]);
    match sorted(visit.api.post(&visit.v1(&["invitations"]), &body, typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "invitations"], "invited")),
        Err(problem) => Ok(invitations_page(&visit, &After::default(), &typed, Some(&problem)).await?.into_response()),
    }
}

async fn withdraw(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["invitations", &id, "withdrawal"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["administration", "invitations"], "withdrawn")),
        Err(problem) => Ok(invitations_page(&visit, &After::default(), &Typed::default(), Some(&problem)).await?.into_response()),
    }
}
