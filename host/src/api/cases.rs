//! Whose case a family is, and who has it while they are away.

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
use super::people::{Ended, last_day, works_here};
use super::problem::{Code, Problem};
use super::workers::{Given, must_be_first, must_be_free};
use crate::access::Verb;
use crate::record::{AssignmentId, AuthorityId, CoverId, Day, DecisionId, FamilyId, LoginId, Section, Window, codes, fact};
use crate::store;

/// A worker's part in a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assignment {
    id: AssignmentId,
    login: LoginId,
    family: FamilyId,
    /// Code list roles.
    #[schema(example = "keyworker")]
    role: String,
    first: Day,
    /// The last day; left out: no end is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// Why it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_why: Option<String>,
}

impl From<store::Assignment> for Assignment {
    fn from(a: store::Assignment) -> Self {
        let store::Assignment { id, login, family, role, window, reason, ended_why } = a;
        Self { id, login, family, role, first: window.first, last: window.last, reason, ended_why }
    }
}

/// Whose case it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    login: LoginId,
    /// Code list roles.
    #[schema(example = "keyworker")]
    role: String,
    /// Today, if left out.
    #[serde(default)]
    first: Option<Day>,
    #[serde(default)]
    last: Option<Day>,
    /// Somebody else's part in the same case, which ends the day before: a change of worker, in one step.
    #[serde(default)]
    instead_of: Option<AssignmentId>,
    /// In which role the one before stays with the family; they leave it, if left out.
    #[serde(default)]
    #[schema(example = "translator")]
    stays_as: Option<String>,
    /// The answer to an allocation that this follows from.
    #[serde(default)]
    decision: Option<DecisionId>,
    /// Why; 1 to 500 bytes. Needed for a change of worker, beyond what the worker may have, and where the pathway put somebody else first.
    #[serde(default)]
    reason: Option<String>,
}

/// Give a case to a worker
///
/// The record says so from the same moment: a `worker` fact of the role, which ends with the part in the case.
/// /// Beyond what a worker may have (`…/workers`), or to another than the one whom the pathway put first, only with a reason, which is kept as an override.
/// Several may have a part in it, and one person several parts. What they see of it is their role's and their organisation's: a worker of the
/// council in full, another organisation's what is shared with it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/assignments", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAssignment, example = json!({ "login": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c30", "role": "keyworker" })),
    responses((status = 201, body = Assignment, description = "Given"), Writes),
)]
pub async fn assign(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewAssignment>,
) -> Result<Response, Problem> {
    council.family(Verb::Assign, family).await?;
    codes::check("role", "roles", &new.role)?;
    works_here(&council, "login", new.login).await?;
    if let Some(reason) = &new.reason {
        fact::text("reason", reason, 500)?;
    }
    let before = earlier(&council, family, &new).await?;
    let mut tx = match once.begin(&council, digest, "gave a case to a worker").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let window = Window::new(new.first.unwrap_or_else(|| tx.now().day()), new.last)?;
    if let Some(before) = before {
        let last = window.first.plus(-1).unwrap_or(window.first);
        tx.end_assignment(before.id, last, new.reason.as_deref()).await.map_err(|e| Problem::from(e).at("instead_of"))?;
        tx.helped_until(before.id, last).await?;
        stay(&app, &mut tx, &before, new.stays_as.as_deref(), window.first, new.reason.as_deref()).await?;
    }
    let given = Given { family, login: new.login, role: &new.role, on: window.first, reason: new.reason.as_deref() };
    must_be_free(&council, &mut tx, &given).await?;
    if let Some(decision) = new.decision {
        must_be_first(&council, &mut tx, decision, &given).await?;
    }
    let (id, reason) = (AssignmentId::fresh(), new.reason);
    let given = store::Assignment { id, login: new.login, family, role: new.role, window, reason, ended_why: None };
    give(&app, &mut tx, &given).await?;
    once.finish(tx, &council, digest, Answer::created(&Assignment::from(given))).await
}

/// A part in a case, and the fact that says so: who helps a family is in its record, where plugins read it and what is claimed rests on it.
async fn give(app: &App, tx: &mut store::AuthorityTx, part: &store::Assignment) -> Result<(), Problem> {
    let common = app.stores.common();
    let who = common.login(part.login).await?;
    let employer = common.organisation(&who.organisation).await?.map_or_else(|| "other".to_owned(), |o| o.kind);
    tx.assign(part).await?;
    tx.helps(part, employer).await?;
    Ok(())
}

/// The part in the case that ends with a new one.
async fn earlier(council: &Council, family: FamilyId, new: &NewAssignment) -> Result<Option<store::Assignment>, Problem> {
    if let Some(role) = &new.stays_as {
        codes::check("stays_as", "roles", role)?;
    }
    let Some(before) = new.instead_of else {
        return match &new.stays_as {
            None => Ok(None),
            Some(_) => Err(Problem::invalid("stays_as", "is about somebody who is replaced: name their part as `instead_of`")),
        };
    };
    let theirs = council.store.assignments(family).await?.into_iter().find(|a| a.id == before);
    let missing = || store::StoreError::NoSuch { what: "assignment", id: before.to_string() };
    let theirs = theirs.ok_or_else(|| Problem::invalid("instead_of", missing().to_string()))?;
    if new.reason.is_none() {
        return Err(Problem::invalid("reason", "is needed: say why the worker changes"));
    }
    Ok(Some(theirs))
}

/// Whoever formally backs out may stay in another role, from the day on which the one before is over.
async fn stay(
    app: &App,
    tx: &mut store::AuthorityTx,
    before: &store::Assignment,
    role: Option<&str>,
    first: Day,
    reason: Option<&str>,
) -> Result<Option<AssignmentId>, Problem> {
    let Some(role) = role else { return Ok(None) };
    if role == before.role {
        return Err(Problem::invalid("stays_as", "is the role that ends"));
    }
    let (id, window) = (AssignmentId::fresh(), Window::new(first, None)?);
    let stays = store::Assignment {
        id,
        login: before.login,
        family: before.family,
        role: role.to_owned(),
        window,
        reason: reason.map(str::to_owned),
        ended_why: None,
    };
    give(app, tx, &stays).await?;
    Ok(Some(id))
}

/// List whose case a family is
///
/// Was, and will be.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/assignments", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Assignment>, description = "The first first; one page"), Reads),
)]
pub async fn list_assignments(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Assignment>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    if !opened.relation.sections.has(Section::Support) {
        return Err(Problem::new(Code::NotAllowed, "who helps the family is in a section that is withheld from you"));
    }
    let all = council.store.assignments(family).await?;
    Ok(Json(Page::whole(all.into_iter().map(Assignment::from).collect())))
}

/// When a worker's part in a case is over, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOfPart {
    /// The last day. Yesterday, if left out: it is over at once.
    #[serde(default)]
    last: Option<Day>,
    /// In which role they stay with the family, from the day after; they leave it, if left out.
    #[serde(default)]
    #[schema(example = "translator")]
    stays_as: Option<String>,
    /// 1 to 500 bytes.
    #[serde(default)]
    reason: Option<String>,
}

/// End a worker's part in a case
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assignments/{assignment}/end", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assignment" = AssignmentId, Path, description = "The worker's part in the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = EndOfPart, example = json!({ "reason": "she goes back to school nursing, and stays as translator" })),
    responses((status = 200, body = Ended, description = "It ends"), Writes),
)]
pub async fn end_assignment(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssignmentId>,
    once: Once,
    Body { value: end, digest }: Body<EndOfPart>,
) -> Result<Response, Problem> {
    council.may(Verb::Assign)?;
    let assignment = council.store.assignment(id).await?;
    council.family_of(Verb::Assign, assignment.family, "assignment", id).await?;
    if let Some(role) = &end.stays_as {
        codes::check("stays_as", "roles", role)?;
    }
    if let Some(reason) = &end.reason {
        fact::text("reason", reason, 500)?;
    }
    let mut tx = match once.begin(&council, digest, "ended a worker's part in a case").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let last = last_day(end.last, tx.now().day());
    tx.end_assignment(id, last, end.reason.as_deref()).await?;
    tx.helped_until(id, last).await?;
    stay(&app, &mut tx, &assignment, end.stays_as.as_deref(), last.plus(1).unwrap_or(last), end.reason.as_deref()).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Ended { last })).await
}

/// Somebody is away, and somebody else has their cases meanwhile.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cover {
    id: CoverId,
    absent: LoginId,
    stand_in: LoginId,
    first: Day,
    last: Day,
}

impl From<store::Cover> for Cover {
    fn from(c: store::Cover) -> Self {
        Self { id: c.id, absent: c.absent, stand_in: c.stand_in, first: c.first, last: c.last }
    }
}

/// Who is away, and who has their cases meanwhile.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCover {
    absent: LoginId,
    stand_in: LoginId,
    first: Day,
    last: Day,
}

/// Cover for somebody who is away
///
/// While it lasts, their cases are the stand-in's too.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/covers", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewCover, example = json!({
        "absent": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c30", "stand_in": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c31",
        "first": "2026-08-03", "last": "2026-08-14",
    })),
    responses((status = 201, body = Cover, description = "Covered"), Writes),
)]
pub async fn cover(council: Council, once: Once, Body { value: new, digest }: Body<NewCover>) -> Result<Response, Problem> {
    council.may(Verb::Assign)?;
    Window::new(new.first, Some(new.last))?;
    if new.absent == new.stand_in {
        return Err(Problem::invalid("stand_in", "is the one who is away"));
    }
    works_here(&council, "absent", new.absent).await?;
    works_here(&council, "stand_in", new.stand_in).await?;
    let mut tx = match once.begin(&council, digest, "had somebody's cases covered").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let cover = store::Cover { id: CoverId::fresh(), absent: new.absent, stand_in: new.stand_in, first: new.first, last: new.last };
    tx.cover(&cover).await?;
    once.finish(tx, &council, digest, Answer::created(&Cover::from(cover))).await
}

/// List who covers for whom
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/covers", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Cover>, description = "The latest first; one page"), Reads),
)]
pub async fn list_covers(council: Council) -> Result<Json<Page<Cover>>, Problem> {
    council.may(Verb::Assign)?;
    Ok(Json(Page::whole(council.store.covers().await?.into_iter().map(Cover::from).collect())))
}
