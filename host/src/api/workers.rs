//! Who could take a family: how many each worker may have and has, and what they know well; the pathway asked to rank them.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::asking::Asking;
use super::body::Body;
use super::caller::Council;
use super::decision_seen::{self, DecisionSeen};
use super::documented::{Asks as AsksOf, Edits, Reads};
use super::evidence::Language;
use super::once::Once;
use super::page::Page;
use super::params::Id;
use super::people::works_here;
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, LoginId, fact};
use crate::sandbox::ExtensionPoint;
use crate::store::{AuthorityTx, OverrideAbout, StoreError};
use crate::workflow::Asked;
use crate::workflow::about::each_once;
use crate::workflow::allocation::first_of;

/// How many families a worker has and may have, and what they know well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaseWorker)]
pub struct Worker {
    login: LoginId,
    name: String,
    /// Left out: no limit is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
    /// Code list problems.
    strengths: Vec<String>,
    /// Families whose keyworker or lead worker they are today.
    families: u32,
    /// And those that they have while somebody is away.
    covered: u32,
}

/// How many families a worker may have, and what they know well.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProfile {
    /// 0 to 1,000; left out: no limit is set.
    #[serde(default)]
    most: Option<u16>,
    /// Code list problems, each once.
    strengths: Vec<String>,
}

async fn read(app: &App, council: &Council, login: LoginId) -> Result<Worker, Problem> {
    let profile = council.store.worker_profile(login).await?;
    let load = council.store.caseload(login, council.store.clock().now().day()).await?;
    let name = app.stores.common().login(login).await?.name;
    let (most, strengths) = profile.map_or((None, Vec::new()), |p| (p.most, p.strengths));
    Ok(Worker { login, name, most, strengths, families: load.own, covered: load.covered })
}

/// List workers with their caseloads
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/workers", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Worker>, description = "Everybody who has a role today; one page"), Reads),
)]
pub async fn list_workers(State(app): State<App>, council: Council) -> Result<Json<Page<Worker>>, Problem> {
    council.may(Verb::Assign)?;
    let today = council.store.clock().now().day();
    let held = council.store.roles_held().await?;
    let mut logins: Vec<LoginId> = held.iter().filter(|r| r.window.contains(today)).map(|r| r.login).collect();
    logins.dedup();
    let mut workers = Vec::with_capacity(logins.len());
    for login in logins {
        workers.push(read(&app, &council, login).await?);
    }
    Ok(Json(Page::whole(workers)))
}

/// Read a worker's profile and caseload
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/workers/{login}", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("login" = LoginId, Path, description = "The worker")),
    responses((status = 200, body = Worker, description = "As it is today", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_worker(State(app): State<App>, council: Council, Id(login): Id<LoginId>) -> Result<Versioned<Worker>, Problem> {
    council.may(Verb::Assign)?;
    known(&council, login).await?;
    Ok(Versioned(read(&app, &council, login).await?))
}

async fn known(council: &Council, login: LoginId) -> Result<(), Problem> {
    works_here(council, "login", login).await.map_err(|_| Problem::no_such("login", login))
}

/// Say how many families a worker may have, and what they know well
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/workers/{login}", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("login" = LoginId, Path, description = "The worker"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read"),
    ),
    request_body(content = NewProfile, example = json!({ "most": 10, "strengths": ["domestic-abuse", "housing"] })),
    responses((status = 200, body = Worker, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_worker(
    State(app): State<App>,
    council: Council,
    Id(login): Id<LoginId>,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewProfile>,
) -> Result<Versioned<Worker>, Problem> {
    council.may(Verb::Assign)?;
    known(&council, login).await?;
    if new.most.is_some_and(|most| most > 1_000) {
        return Err(Problem::invalid("most", "is not from 0 to 1,000"));
    }
    each_once("strengths", "problems", &new.strengths)?;
    let mut tx = council.write("said how many families a worker may have").await?;
    seen.holds(&read(&app, &council, login).await?)?;
    tx.set_worker_profile(login, new.most.map(u32::from), &new.strengths).await?;
    tx.commit().await?;
    Ok(Versioned(read(&app, &council, login).await?))
}

/// In which role somebody is to be found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAllocation {
    /// `keyworker`, `lead-worker` or `employment-adviser`.
    #[schema(example = "keyworker")]
    role: String,
    /// Today, if left out.
    #[serde(default)]
    as_of: Option<Day>,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// Ask who should take a family
///
/// Of everybody here in the role who is not away: the pathway ranks them by what each has, may have and knows well, without their names. The answer is a
/// decision, whose `candidates` are who stood at which place; a person gives the case to one (`…/assignments`, naming the decision).
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/allocations", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAllocation, example = json!({ "role": "keyworker" })),
    responses((status = 201, body = DecisionSeen, description = "Ranked, or nobody fits", headers(("Location" = String))), AsksOf),
)]
pub async fn allocate(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: asks, digest }: Body<NewAllocation>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Assign, family).await?;
    council.family(Verb::Decide, family).await?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let as_of = asks.as_of.unwrap_or_else(|| council.store.clock().now().day());
    let candidates = app.workflow.candidates(&council.store, family, &asks.role, as_of).await?;
    let ready = app.workflow.deciding(&council.store, ExtensionPoint::Pathway).await?;
    let asked = Asked { family, asks: candidates.asks, as_of };
    Asking { council, opened, once, digest, language: asks.language, candidates: candidates.logins, named: false }
        .about(&app, &ready, asked)
        .await
}

/// Whom a case is given to, as [`must_be_free`] and [`must_be_first`] look at it.
pub(super) struct Given<'a> {
    pub family: FamilyId,
    pub login: LoginId,
    pub role: &'a str,
    pub on: Day,
    pub reason: Option<&'a str>,
}

impl Given<'_> {
    fn reason(&self, why: &str) -> Result<&str, Problem> {
        let reason = self.reason.ok_or_else(|| Problem::invalid("reason", format!("is needed: {why}")))?;
        fact::text("reason", reason, 500)?;
        Ok(reason)
    }
}

/// Beyond what a worker may have, a family is given to them with a reason alone, by whoever may set a limit aside.
///
/// # Errors
/// `invalid` naming `reason`; `not-allowed`.
pub(super) async fn must_be_free(council: &Council, tx: &mut AuthorityTx, given: &Given<'_>) -> Result<(), Problem> {
    if !matches!(given.role, "keyworker" | "lead-worker") {
        return Ok(());
    }
    let Some(most) = tx.worker_profile(given.login).await?.and_then(|p| p.most) else { return Ok(()) };
    let has = tx.caseload(given.login, given.on).await?.all();
    if has < most {
        return Ok(());
    }
    let reason = given.reason(&format!("they have {has} families and may have {most}"))?;
    council.may(Verb::Override)?;
    let about = OverrideAbout { family: given.family, decision: None, about: "caseload" };
    let instead = serde_json::json!({ "login": given.login, "families": has, "most": most });
    tx.add_override(&about, instead, reason).await?;
    Ok(())
}

/// Another than the one whom the pathway put first takes the family with a reason alone.
///
/// # Errors
/// `invalid` naming `decision` or `reason`; `not-allowed`.
pub(super) async fn must_be_first(council: &Council, tx: &mut AuthorityTx, decision: DecisionId, given: &Given<'_>) -> Result<(), Problem> {
    let named = |p: Problem| Problem::invalid("decision", p.detail);
    let (found, _) = decision_seen::theirs(council, decision).await.map_err(named)?;
    if found.family != given.family || found.question != "allocate" {
        let missing = StoreError::NoSuch { what: "decision", id: decision.to_string() };
        return Err(Problem::invalid("decision", missing.to_string()));
    }
    if first_of(&council.store, &found).await? == Some(given.login) {
        return Ok(());
    }
    let reason = given.reason("the pathway put somebody else first, or nobody")?;
    council.may(Verb::Override)?;
    let about = OverrideAbout { family: given.family, decision: Some(decision), about: "allocate" };
    tx.add_override(&about, serde_json::json!({ "login": given.login }), reason).await?;
    Ok(())
}
