//! Who works here, and in which role.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use crate::access::{Reach, Role, Verb};
use crate::record::{AuthorityId, Day, LoginId, OrganisationId, Purpose, RoleId, Window, fact};
use crate::store::{self, Login, RoleHeld, StoreError};

/// What somebody does here, for a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldRole {
    id: RoleId,
    role: Role,
    first: Day,
    /// The last day; left out: no end is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
}

impl HeldRole {
    fn of(held: &RoleHeld) -> Result<Self, StoreError> {
        Ok(Self { id: held.id, role: held.role.parse()?, first: held.window.first, last: held.window.last })
    }
}

/// Somebody who works here, or did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Worker)]
pub struct PersonHere {
    login: LoginId,
    #[schema(example = "Priya Nair")]
    name: String,
    /// Who employs them.
    organisation: OrganisationId,
    roles: Vec<HeldRole>,
}

/// Whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// As the record keeps what they do.
    by: String,
    /// Theirs for ever, at every council: what another council's administrator gives a role to. Left out: a system.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LoginId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    roles: Vec<Role>,
    /// What they may do here, by their roles and their token: `all` families (or yes), their `own` cases, what is `shared` with their
    /// organisation.
    may: BTreeMap<&'static str, Vec<&'static str>>,
    /// What they read for where a request does not say (`Hearth-Purpose`).
    purpose: Purpose,
}

fn words(reach: Reach) -> Vec<&'static str> {
    let words = [(reach.all, "all"), (reach.own, "own"), (reach.shared, "shared")];
    words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}

/// Read who you are here
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/me", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Me, description = "You"), Reads),
)]
pub async fn read_me(council: Council) -> Result<Json<Me>, Problem> {
    let may = Verb::ALL.iter().map(|verb| (verb.code(), words(council.who.reach(council.roles, *verb))));
    Ok(Json(Me {
        login: council.who.login(),
        organisation: council.who.login().map(|_| council.as_source()),
        roles: council.roles.iter().collect(),
        may: may.filter(|(_, words)| !words.is_empty()).collect(),
        purpose: council.purpose,
        by: council.by,
    }))
}

/// Somebody, and what they are to do here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Of somebody who has one already, at this council or another: theirs to tell (`me`). Left out: somebody new.
    #[serde(default)]
    login: Option<LoginId>,
    /// Of somebody new.
    #[serde(default)]
    #[schema(example = "Priya Nair")]
    name: Option<String>,
    /// Of somebody new: who employs them. The council itself, if left out.
    #[serde(default)]
    organisation: Option<OrganisationId>,
    role: Role,
    /// Today, if left out.
    #[serde(default)]
    first: Option<Day>,
    #[serde(default)]
    last: Option<Day>,
}

/// Give somebody a role
///
/// Nobody gives one to themselves: a second person does.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/people", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewRole, example = json!({ "name": "Priya Nair", "role": "keyworker" })),
    responses((status = 201, body = PersonHere, description = "Given"), Writes),
)]
pub async fn give_role(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewRole>,
) -> Result<Response, Problem> {
    council.may(Verb::ManagePeople)?;
    if new.role == Role::System {
        return Err(Problem::invalid("role", "`system` is for programs: make a token for one"));
    }
    if new.login.is_some() && new.login == council.who.login() {
        return Err(Problem::invalid("login", "is yours: somebody else gives you a role"));
    }
    let mut tx = match once.begin(&council, digest, "gave somebody a role").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let window = Window::new(new.first.unwrap_or_else(|| tx.now().day()), new.last)?;
    let login = login(&app, &council, &new).await?;
    let held = RoleHeld { id: RoleId::fresh(), login: login.id, role: new.role.code().to_owned(), window };
    tx.give_role(&held).await?;
    let given = PersonHere { login: login.id, name: login.name, organisation: login.organisation, roles: vec![HeldRole::of(&held)?] };
    once.finish(tx, &council, digest, Answer::created(&given)).await
}

/// The login that is named, or a new one. Where the role is then not kept, a login is left that opens nothing.
async fn login(app: &App, council: &Council, new: &NewRole) -> Result<Login, Problem> {
    let common = app.stores.common();
    let named = |e| match e {
        StoreError::NoSuch { what: "login", .. } => Problem::invalid("login", StoreError::to_string(&e)),
        e => e.into(),
    };
    match (new.login, &new.name) {
        (Some(id), None) if new.organisation.is_none() => {
            let login = common.login(id).await.map_err(named)?;
            let mut tx = common.write(&council.who.to_string(), "noted where somebody works").await?;
            tx.note_authority(id, council.store.id()).await.map_err(named)?;
            tx.commit().await?;
            Ok(login)
        }
        (None, Some(name)) => {
            fact::text("name", name, 100)?;
            let organisation = new.organisation.clone().unwrap_or_else(|| OrganisationId::of_council(council.store.id()));
            if common.organisation(&organisation).await?.is_none() {
                return Err(Problem::invalid("organisation", format!("there is no organisation {organisation}")));
            }
            let mut tx = common.write(&council.who.to_string(), "took in somebody who works here").await?;
            let login = tx.add_login(name, &organisation).await?;
            tx.note_authority(login.id, council.store.id()).await?;
            tx.commit().await?;
            Ok(login)
        }
        _ => Err(Problem::invalid("login", "name a login, or the name of somebody new: one of the two")),
    }
}

/// List who works here
///
/// And who did: everybody who was ever given a role.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/people", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<PersonHere>, description = "In the order in which they came; one page"), Reads),
)]
pub async fn list_people(State(app): State<App>, council: Council) -> Result<Json<Page<PersonHere>>, Problem> {
    may_know(&council)?;
    let mut people: Vec<PersonHere> = Vec::new();
    for held in council.store.roles_held().await? {
        if people.last().is_none_or(|p| p.login != held.login) {
            let login = app.stores.common().login(held.login).await?;
            people.push(PersonHere { login: login.id, name: login.name, organisation: login.organisation, roles: Vec::new() });
        }
        if let Some(person) = people.last_mut() {
            person.roles.push(HeldRole::of(&held)?);
        }
    }
    Ok(Json(Page::whole(people)))
}

/// Read who somebody is here
///
/// And was: every role that they were ever given here. Of somebody who was never given one, nothing.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/people/{login}", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("login" = LoginId, Path, description = "Theirs, as `people` and `colleagues` tell it"),
    ),
    responses((status = 200, body = PersonHere, description = "With their roles, in the order in which they were given"), Reads),
)]
pub async fn read_person(State(app): State<App>, council: Council, Id(id): Id<LoginId>) -> Result<Json<PersonHere>, Problem> {
    may_know(&council)?;
    let held = council.store.roles_of(id).await?;
    if held.is_empty() {
        return Err(Problem::no_such("login", id));
    }
    let Login { id: login, name, organisation, .. } = app.stores.common().login(id).await?;
    let roles = held.iter().map(HeldRole::of).collect::<Result<_, _>>()?;
    Ok(Json(PersonHere { login, name, organisation, roles }))
}

/// Whoever says who works here; and whoever gives cases to workers, who has to find them.
fn may_know(council: &Council) -> Result<(), Problem> {
    council.may(Verb::ManagePeople).or_else(|_| council.may(Verb::Assign))
}

/// When something is over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The last day. Yesterday, if left out: it is over at once.
    #[serde(default)]
    last: Option<Day>,
}

impl End {
    pub fn last(&self, today: Day) -> Day {
        last_day(self.last, today)
    }
}

/// The day that is said, or yesterday: it is over at once.
pub fn last_day(said: Option<Day>, today: Day) -> Day {
    said.unwrap_or_else(|| today.plus(-1).unwrap_or(today))
}

/// That something is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    /// The last day.
    pub last: Day,
}

/// End somebody's role
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/roles/{role}/end", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("role" = RoleId, Path, description = "The role that somebody has"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = End, example = json!({})),
    responses((status = 200, body = Ended, description = "It ends"), Writes),
)]
pub async fn end_role(
    council: Council,
    Id(id): Id<RoleId>,
    once: Once,
    Body { value: end, digest }: Body<End>,
) -> Result<Response, Problem> {
    council.may(Verb::ManagePeople)?;
    let mut tx = match once.begin(&council, digest, "ended somebody's role").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let last = end.last(tx.now().day());
    tx.end_role(id, last).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Ended { last })).await
}

/// Somebody who works here by their login.
///
/// # Errors
/// `invalid` naming `field` where nobody of that login was ever given a role here.
pub async fn works_here(council: &Council, field: &str, login: LoginId) -> Result<(), Problem> {
    if council.store.roles_of(login).await?.is_empty() {
        return Err(Problem::invalid(field, store::StoreError::NoSuch { what: "login", id: login.to_string() }.to_string()));
    }
    Ok(())
}
