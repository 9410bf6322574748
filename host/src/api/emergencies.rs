//! Opening a family that is not one's own because something cannot wait: allowed at once, looked at afterwards.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, EmergencyId, FamilyId, KnownAt, LoginId, fact};
use crate::store::{self, Seen};

/// Hours that it lasts where nobody says.
const USUAL_HOURS: u8 = 4;
/// And at most: a night and a day. Whoever needs the family for longer is given the case.
const MOST_HOURS: u8 = 24;
/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// Somebody opened a family that is not theirs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Emergency {
    id: EmergencyId,
    login: LoginId,
    by: String,
    family: FamilyId,
    /// What the authority calls the family: in lists, for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    reason: String,
    begun_at: KnownAt,
    ends_at: KnownAt,
    /// When somebody looked at it, and who. Left out: it waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_by: Option<String>,
}

impl From<store::Emergency> for Emergency {
    fn from(e: store::Emergency) -> Self {
        let (seen_at, seen_by) = e.seen.unzip();
        let store::Emergency { id, login, name: by, family, reason, begun_at, ends_at, .. } = e;
        Self { id, login, by, family, family_reference: None, reason, begun_at, ends_at, seen_at, seen_by }
    }
}

/// Which family, and why it cannot wait.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmergency {
    /// Its id, or
    #[serde(default)]
    family: Option<FamilyId>,
    /// what the authority calls it.
    #[serde(default)]
    reference: Option<String>,
    /// 10 to 500 bytes; a manager reads it.
    #[schema(min_length = 10, max_length = 500)]
    reason: String,
    /// 1 to 24; 4, if left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 24)]
    hours: Option<u8>,
}

/// Open a family in an emergency
///
/// Whoever works with families, for one that is not theirs: they read it in full until it ends, but what is sealed, and write nothing by it.
/// It waits in the list of emergencies until a manager has looked at it, and stands in the record of who did what.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/emergencies", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewEmergency, example = json!({
        "reference": "BR-0100", "reason": "the police ask at night who may take the children", "hours": 4,
    })),
    responses((status = 201, body = Emergency, description = "Opened"), Writes),
)]
pub async fn begin_emergency(council: Council, once: Once, Body { value: new, digest }: Body<NewEmergency>) -> Result<Response, Problem> {
    council.may(Verb::EnterInEmergency)?;
    let Some(login) = council.who.login() else {
        return Err(Problem::new(Code::NotAllowed, "an emergency is somebody's, and a system is nobody"));
    };
    fact::text("reason", &new.reason, 500)?;
    if new.reason.trim().len() < 10 {
        return Err(Problem::invalid("reason", "is too short: say why it cannot wait"));
    }
    let hours = new.hours.unwrap_or(USUAL_HOURS);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(Problem::invalid("hours", format!("has to be 1 to {MOST_HOURS}")));
    }
    let family = match (new.family, &new.reference) {
        (Some(id), None) => id,
        (None, Some(reference)) => {
            let found = council.store.family_by_reference(reference).await?;
            let id = found.ok_or_else(|| Problem::invalid("reference", "no family is called so"))?.id;
            council.store.goes_on_within(id).await?.unwrap_or(id)
        }
        _ => return Err(Problem::invalid("family", "name a family, or what it is called: one of the two")),
    };
    let mut tx = match once.begin(&council, digest, "opened a family in an emergency").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let begun_at = tx.now();
    let ends_at = KnownAt::from_millis(begun_at.millis() + i64::from(hours) * HOUR);
    let (id, name) = (EmergencyId::fresh(), council.by.clone());
    let emergency = store::Emergency { id, login, name, family, reason: new.reason, begun_at, ends_at, seen: None };
    tx.begin_emergency(&emergency).await.map_err(|e| match e {
        store::StoreError::NoSuch { what: "family", .. } => Problem::invalid("family", store::StoreError::to_string(&e)),
        e => e.into(),
    })?;
    once.finish(tx, &council, digest, Answer::created(&Emergency::from(emergency))).await
}

/// Which emergencies are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `yes`: only those that nobody has looked at.
    #[param(example = "yes")]
    unseen: Option<String>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List emergencies
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/emergencies", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Emergency>, description = "The latest first"), Reads),
)]
pub async fn list_emergencies(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Emergency>>, Problem> {
    council.may(Verb::ReviewEmergencies)?;
    let unseen = match wanted.unseen.as_deref() {
        None | Some("no") => false,
        Some("yes") => true,
        Some(_) => return Err(Problem::invalid("unseen", "has to be yes or no")),
    };
    let before = page::after(wanted.after.as_deref())?;
    let page = council.store.emergencies(unseen, before, page::limit(wanted.limit)).await?;
    council.listed(&page.items, |e| Seen::of(e.family, "emergency", e.id, &[]));
    let called = council.called(&page.items.iter().map(|e| e.family).collect::<Vec<_>>()).await?;
    Ok(Json(Page::of(page, |e| Emergency { family_reference: called.get(&e.family).cloned(), ..Emergency::from(e) })))
}

/// Say that you looked at an emergency
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/emergencies/{emergency}/seen", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("emergency" = EmergencyId, Path, description = "The emergency"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Emergency, description = "Looked at"), Acts),
)]
pub async fn see_emergency(
    council: Council,
    Id(id): Id<EmergencyId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ReviewEmergencies)?;
    let mut tx = match once.begin(&council, digest, "looked at an emergency").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let seen = tx.see_emergency(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Emergency::from(seen))).await
}
