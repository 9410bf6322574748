//! Programs elsewhere that are sent what the feed says, as Standard Webhooks has it.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::access::random;
use crate::egress::{Refused, webhooks};
use crate::record::{Announced, AuthorityId, KnownAt, WebhookId, fact};
use crate::store::{self, AuthorityTx, WebhookState};

/// Bytes of an address, and of a reason.
const ADDRESS: usize = 500;
const REASON: usize = 500;
/// Programs of one authority.
const MOST: usize = 20;
/// Milliseconds for which a former secret still signs beside the new one: a day in which to change it.
const BOTH: i64 = 86_400_000;

/// A program that is sent what happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhook {
    id: WebhookId,
    #[schema(example = "https://records.example.org/hearth")]
    url: String,
    /// Which; none: all.
    names: Vec<Announced>,
    /// `on`; `stopped`, by a person or because nothing was taken for days.
    #[schema(example = "on")]
    state: &'static str,
    /// It was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    made_at: KnownAt,
    made_by: String,
    /// The place in the feed up to which it took everything.
    #[schema(example = "1207.1")]
    taken: String,
    /// How often what comes next was sent and not taken.
    failures: u64,
    /// Then what comes next is sent again. Left out: at once, or never by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try: Option<KnownAt>,
}

impl From<store::Webhook> for Webhook {
    fn from(w: store::Webhook) -> Self {
        let next_try = (w.state == WebhookState::On && w.tries > 0).then_some(w.try_at);
        Self {
            id: w.id,
            url: w.url,
            names: w.names,
            state: w.state.code(),
            why: w.why,
            made_at: w.made_at,
            made_by: w.made_by,
            taken: w.taken.to_string(),
            failures: w.tries,
            next_try,
        }
    }
}

/// Where to, and what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// https, at a destination that the authority opened.
    #[schema(example = "https://records.example.org/hearth", max_length = 500)]
    url: String,
    /// Which announcements; none, or left out: all.
    #[serde(default)]
    names: Vec<Announced>,
}

/// What requests are signed with. It is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookSecret {
    id: WebhookId,
    /// `whsec_` and 32 bytes in Base64.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: String,
}

/// Why nothing is sent any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyStopped {
    /// 1 to 500 bytes.
    #[schema(example = "the records system is being moved", min_length = 1, max_length = 500)]
    why: String,
}

/// A program by its id, and whether it is sent anything.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookStands {
    id: WebhookId,
    #[schema(example = "stopped")]
    state: &'static str,
}

/// List webhooks
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/webhooks", tag = "following", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Webhook>, description = "The first first; one page"), Reads),
)]
pub async fn list_webhooks(council: Council) -> Result<Json<Page<Webhook>>, Problem> {
    council.may(Verb::OpenDestinations)?;
    Ok(Json(Page::whole(council.store.webhooks().await?.into_iter().map(Webhook::from).collect())))
}

/// Add a webhook
///
/// From now on each announcement of the feed is sent there as `{"type", "timestamp", "data"}`, `data` with `authority`, `place`, `family` and `thing`;
/// in order, one at a time, with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard Webhooks (HMAC-SHA256). Any
/// status from 200 to 299 takes it. What was not taken, within 15 seconds, is sent again after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20
/// and 24 hours, with the same `webhook-id`, by which a program knows what it took before; what comes after it waits. Then, or where 410 is answered, it is
/// stopped until somebody resumes it: nothing is left out.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/webhooks", tag = "following", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewWebhook, example = json!({ "url": "https://records.example.org/hearth", "names": ["decision-made"] })),
    responses((status = 201, body = WebhookSecret, description = "It is told from now on"), Writes),
)]
pub async fn add_webhook(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewWebhook>,
) -> Result<Response, Problem> {
    council.may(Verb::OpenDestinations)?;
    fact::text("url", &new.url, ADDRESS)?;
    let wrong = |why: String| Problem::invalid("url", why);
    let uri: Uri = new.url.parse().map_err(|_| wrong("is no address of the form https://host/path".to_owned()))?;
    let to = app.door.destination(&uri).map_err(|refused| match refused {
        Refused::Address(why) => wrong(why.to_owned()),
        other => wrong(other.to_string()),
    })?;
    if !council.store.is_open_to(&to).await? {
        return Err(wrong(format!("is at {to}, which is not one of the authority's destinations: open it first")));
    }
    let mut names = new.names;
    names.sort_unstable();
    names.dedup();
    let mut tx = match once.begin(&council, digest, "added a webhook").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if council.store.webhooks().await?.len() >= MOST {
        return Err(Problem::invalid("url", format!("there are {MOST} webhooks already: remove one first")));
    }
    let secret = fresh()?;
    let id = WebhookId::fresh();
    tx.add_webhook(&store::Webhook {
        id,
        url: new.url,
        names,
        secret: secret.to_vec(),
        former: None,
        state: WebhookState::On,
        why: None,
        made_at: tx.now(),
        made_by: council.by.clone(),
        taken: council.store.end_of_feed().await?,
        tries: 0,
        try_at: tx.now(),
    })
    .await?;
    once.finish(tx, &council, digest, Answer::created(&WebhookSecret { id, secret: webhooks::written(&secret) })).await
}

fn fresh() -> Result<[u8; webhooks::SECRET], Problem> {
    random().map_err(|e| Problem::new(Code::HostFault, e.to_string()))
}

/// Give a webhook a new secret
///
/// For a day requests are signed with the former one too.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/webhooks/{webhook}/secret", tag = "following", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("webhook" = WebhookId, Path, description = "The webhook"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = WebhookSecret, description = "It is signed with this from now on"), Acts),
)]
pub async fn renew_webhook_secret(
    council: Council,
    Id(id): Id<WebhookId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::OpenDestinations)?;
    let mut tx = match once.begin(&council, digest, "gave a webhook a new secret").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let secret = fresh()?;
    let until = KnownAt::from_millis(tx.now().millis() + BOTH);
    tx.renew_webhook(id, &secret, until).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &WebhookSecret { id, secret: webhooks::written(&secret) })).await
}

/// Stop a webhook
///
/// It is sent nothing until it is resumed, and then everything since.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/webhooks/{webhook}/stop", tag = "following", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("webhook" = WebhookId, Path, description = "The webhook"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = WhyStopped),
    responses((status = 200, body = WebhookStands, description = "It is sent nothing"), Writes),
)]
pub async fn stop_webhook(council: Council, Id(id): Id<WebhookId>, once: Once, body: Body<WhyStopped>) -> Result<Response, Problem> {
    ended(council, id, once, body, WebhookState::Stopped, "stopped a webhook").await
}

/// Remove a webhook
///
/// It is sent nothing any more, and does not come back.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/webhooks/{webhook}/removal", tag = "following", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("webhook" = WebhookId, Path, description = "The webhook"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = WhyStopped),
    responses((status = 200, body = WebhookStands, description = "It is gone"), Writes),
)]
pub async fn remove_webhook(council: Council, Id(id): Id<WebhookId>, once: Once, body: Body<WhyStopped>) -> Result<Response, Problem> {
    ended(council, id, once, body, WebhookState::Removed, "removed a webhook").await
}

async fn ended(
    council: Council,
    id: WebhookId,
    once: Once,
    Body { value: WhyStopped { why }, digest }: Body<WhyStopped>,
    state: WebhookState,
    what: &str,
) -> Result<Response, Problem> {
    council.may(Verb::OpenDestinations)?;
    fact::text("why", &why, REASON)?;
    let mut tx = match once.begin(&council, digest, what).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.stop_webhook(id, state, &why).await?;
    stands(once, tx, &council, digest, id, state).await
}

/// Resume a webhook
///
/// It is sent what comes after what it took last, beginning now.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/webhooks/{webhook}/resumption", tag = "following", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("webhook" = WebhookId, Path, description = "The webhook"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = WebhookStands, description = "It goes on"), Acts),
)]
pub async fn resume_webhook(council: Council, Id(id): Id<WebhookId>, once: Once, Nothing { digest }: Nothing) -> Result<Response, Problem> {
    council.may(Verb::OpenDestinations)?;
    let mut tx = match once.begin(&council, digest, "resumed a webhook").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.resume_webhook(id).await?;
    stands(once, tx, &council, digest, id, WebhookState::On).await
}

async fn stands(
    once: Once,
    tx: AuthorityTx,
    council: &Council,
    digest: crate::record::Digest,
    id: WebhookId,
    state: WebhookState,
) -> Result<Response, Problem> {
    once.finish(tx, council, digest, Answer::new(StatusCode::OK, &WebhookStands { id, state: state.code() })).await
}
