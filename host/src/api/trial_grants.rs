//! Trial grants: sections that a candidate may read in back-tests before anybody adopts it. One person asks, another gives.

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
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::people::works_here;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::plugins::install::manifest_of;
use crate::record::{AuthorityId, BackTestId, Day, Digest, KnownAt, LoginId, TrialGrantId, fact};
use crate::sandbox::interface;
use crate::store;

/// Bytes of what is said.
const LONGEST: usize = 500;
/// Days that a trial grant is in force.
const MOST_DAYS: i32 = 92;
/// People who may look at rows that rest on one.
const MOST_READERS: usize = 20;

/// What a candidate is to read in back-tests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrialGrant {
    /// The digest of the candidate's plugin version: of that one alone.
    plugin: Digest,
    /// Of a section, and one that the plugin asks for.
    #[schema(example = "hearth:family/health")]
    interface: String,
    /// 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
    /// The last day, at most 92 days from today.
    until: Day,
    /// Who may look at rows that rest on it, beside what they may see anyway; everybody else sees counts. At most 20.
    #[serde(default)]
    readers: Vec<LoginId>,
}

/// That it is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivingTrialGrant {
    /// The lawful basis for trying it on real families, in words: 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500, example = "public task: to see what the rule does before it decides")]
    basis: String,
}

/// What a candidate may read in back-tests.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialGrant {
    id: TrialGrantId,
    plugin: Digest,
    interface: String,
    /// `asked`, `given`, `over`.
    #[schema(example = "given")]
    state: &'static str,
    asked_by: String,
    asked_at: KnownAt,
    why: String,
    /// The last day.
    until: Day,
    readers: Vec<LoginId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
    /// Back-tests that read by it, those that are gone too.
    used: Vec<BackTestId>,
}

impl TrialGrant {
    fn of(grant: store::TrialGrant, today: Day) -> Self {
        let store::TrialGrant { id, plugin, interface, asked_by, asked_at, why, until, readers, given, used } = grant;
        let state = match &given {
            _ if until < today => "over",
            Some(_) => "given",
            None => "asked",
        };
        let (given_by, given_at, basis) = match given {
            Some(store::TrialGiven { by, at, basis }) => (Some(by), Some(at), Some(basis)),
            None => (None, None, None),
        };
        Self { id, plugin, interface, state, asked_by, asked_at, why, until, readers, given_by, given_at, basis, used }
    }
}

/// Ask for a trial grant
///
/// A section that nobody granted to the plugin yet, for back-tests of one version of it. It is in force once another person has given it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/trial-grants", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewTrialGrant, example = json!({
        "plugin": "sha256:0000000000000000000000000000000000000000000000000000000000000000", "interface": "hearth:family/health",
        "why": "version 1.1 reads who has a health visitor", "until": "2026-12-18", "readers": [],
    })),
    responses((status = 201, body = TrialGrant, description = "Asked for"), Writes),
)]
pub async fn ask_for_trial_grant(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewTrialGrant>,
) -> Result<Response, Problem> {
    council.may(Verb::BackTest)?;
    fact::text("why", &new.why, LONGEST)?;
    check(&app, &council, &new).await?;
    let mut tx = match once.begin(&council, digest, "asked for a trial grant").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let NewTrialGrant { plugin, interface, why, until, readers } = new;
    let asked = store::NewTrialGrant { id: TrialGrantId::fresh(), plugin, interface, why, until, readers };
    let grant = tx.ask_for_trial_grant(&asked).await?;
    let answer = Answer::created(&TrialGrant::of(grant, tx.now().day()));
    once.finish(tx, &council, digest, answer).await
}

async fn check(app: &App, council: &Council, new: &NewTrialGrant) -> Result<(), Problem> {
    let today = council.store.clock().now().day();
    if new.until < today || today.plus(MOST_DAYS).is_some_and(|last| new.until > last) {
        return Err(Problem::invalid("until", format!("is from today to {MOST_DAYS} days from today")));
    }
    let version = app.stores.common().plugin_version(&new.plugin).await?;
    let version = version.ok_or_else(|| Problem::invalid("plugin", "is no plugin version that was uploaded"))?;
    let of_a_section = interface(&new.interface).is_some_and(|i| i.section.is_some());
    if !(of_a_section && manifest_of(&version)?.why.contains_key(&new.interface)) {
        return Err(Problem::invalid("interface", "is no section that the plugin asks for"));
    }
    if new.readers.len() > MOST_READERS {
        return Err(Problem::invalid("readers", format!("are at most {MOST_READERS}")));
    }
    for (i, login) in new.readers.iter().enumerate() {
        let field = format!("readers[{i}]");
        works_here(council, &field, *login).await?;
        if new.readers[..i].contains(login) {
            return Err(Problem::invalid(&field, "stands here twice"));
        }
    }
    Ok(())
}

/// List trial grants
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/trial-grants", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<TrialGrant>, description = "The latest first, with every back-test that read by it"), Reads),
)]
pub async fn list_trial_grants(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<TrialGrant>>, Problem> {
    council.may(Verb::BackTest)?;
    let today = council.store.clock().now().day();
    let page = council.store.trial_grants(paging.after()?, paging.limit()).await?;
    Ok(Json(Page::of(page, |grant| TrialGrant::of(grant, today))))
}

/// Give a trial grant
///
/// By another person than who asked for it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/trial-grants/{grant}/giving", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("grant" = TrialGrantId, Path, description = "The trial grant"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = GivingTrialGrant, example = json!({ "basis": "public task: to see what the rule does before it decides" })),
    responses((status = 200, body = TrialGrant, description = "In force"), Writes),
)]
pub async fn give_trial_grant(
    council: Council,
    Id(id): Id<TrialGrantId>,
    once: Once,
    Body { value: giving, digest }: Body<GivingTrialGrant>,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    fact::text("basis", &giving.basis, LONGEST)?;
    let asked = council.store.trial_grant(id).await?;
    if asked.asked_by == council.by {
        return Err(Problem::new(Code::NotAllowed, "whoever asks for a trial grant does not give it: somebody else has to"));
    }
    let mut tx = match once.begin(&council, digest, "gave a trial grant").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    if asked.until < today {
        return Err(store::StoreError::Conflict("its last day is over: ask for another".to_owned()).into());
    }
    let grant = tx.give_trial_grant(id, &giving.basis).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &TrialGrant::of(grant, today))).await
}
