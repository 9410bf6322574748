//! Publishers and the keys that they sign plugins with. They belong to no authority: the operator enters them.

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Caller;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params, Slug, path_param};
use super::problem::Problem;
use crate::record::ids::is_slug;
use crate::record::signing::{KeyId, PublicKey};
use crate::record::{Day, KnownAt, OrganisationId, fact};
use crate::store::{KeptKey, Publisher as Kept, Revoked};

/// Bytes of a reason.
const LONGEST: usize = 500;

/// Whoever signs plugins: a council or a charity.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPublisher {
    /// Its short name, for ever: what manifests say as `publisher`. 2 to 64 small letters, digits and hyphens.
    #[schema(example = "family-goals-cic")]
    id: String,
    #[schema(example = "Family Goals CIC")]
    name: String,
    /// Which organisation it is. Left out: none of those that are known here.
    #[serde(default)]
    organisation: Option<OrganisationId>,
}

/// A public key, as minisign writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The line that begins with RW, or the whole file.
    key: String,
    /// The last day on which it signs. Left out: until it is revoked.
    #[serde(default)]
    until: Option<Day>,
}

/// Why a key signs no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevokedAs {
    /// There is a newer one. What it signed goes on.
    Superseded,
    /// Somebody else may have signed with it. Nothing that it alone signed is believed.
    Compromised,
}

/// A key that is to sign no more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    revoked_as: RevokedAs,
    /// 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
}

/// A key, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Key {
    id: KeyId,
    /// As minisign writes it.
    key: String,
    added_at: KnownAt,
    added_by: String,
    /// The last day on which it signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<KeyRevoked>,
}

/// When, by whom and why a key was revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRevoked {
    at: KnownAt,
    by: String,
    revoked_as: RevokedAs,
    why: String,
}

impl From<KeptKey> for Key {
    fn from(kept: KeptKey) -> Self {
        let revoked = kept.revoked.map(|Revoked { at, by, compromised, why }| KeyRevoked {
            at,
            by,
            revoked_as: if compromised { RevokedAs::Compromised } else { RevokedAs::Superseded },
            why,
        });
        let key = kept.key.key.as_str().to_owned();
        Self { id: kept.key.key.id, key, added_at: kept.at, added_by: kept.by, until: kept.key.until, revoked }
    }
}

/// Whoever signs plugins.
#[derive(Debug, Serialize, ToSchema)]
pub struct Publisher {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    added_at: KnownAt,
    added_by: String,
    /// Revoked ones too.
    keys: Vec<Key>,
}

/// The publisher that the path names.
pub struct OfPublisher(String);

impl<S: Send + Sync> FromRequestParts<S> for OfPublisher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        path_param(params, "publisher").map(|Slug(name)| Self(name))
    }
}

async fn read(app: &App, kept: Kept) -> Result<Publisher, Problem> {
    let keys = app.stores.common().publisher_keys(&kept.id).await?.into_iter().map(Key::from).collect();
    let Kept { id, name, organisation, at, by } = kept;
    Ok(Publisher { id, name, organisation, added_at: at, added_by: by, keys })
}

async fn found(app: &App, id: &str) -> Result<Publisher, Problem> {
    let kept = app.stores.common().publisher(id).await?.ok_or_else(|| Problem::no_such("publisher", id))?;
    read(app, kept).await
}

/// Add a publisher
///
/// For the operator of the host.
#[utoipa::path(
    post, path = "/v1/publishers", tag = "plugins", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once")),
    request_body(content = NewPublisher, example = json!({ "id": "family-goals-cic", "name": "Family Goals CIC" })),
    responses((status = 201, body = Publisher, description = "Added", headers(("Location" = String))), Writes),
)]
pub async fn add_publisher(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body { value: new, digest }: Body<NewPublisher>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let who = caller.0;
    if !is_slug(&new.id) {
        return Err(Problem::invalid("id", "has 2 to 64 small letters, digits and hyphens"));
    }
    fact::text("name", &new.name, 200)?;
    let mut tx = match once.begin_common(app.stores.common(), &who, digest).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let by = who.to_string();
    tx.add_publisher(&new.id, &new.name, new.organisation.as_ref(), &by).await?;
    let NewPublisher { id, name, organisation } = new;
    let added = Publisher { id, name, organisation, added_at: tx.now(), added_by: by, keys: Vec::new() };
    once.finish_common(tx, &who, digest, Answer::created(&added)).await
}

/// List publishers
#[utoipa::path(
    get, path = "/v1/publishers", tag = "plugins", security(("token" = [])), params(Paging),
    responses((status = 200, body = Page<Publisher>, description = "By short name"), Reads),
)]
pub async fn list_publishers(State(app): State<App>, _: Caller, Params(paging): Params<Paging>) -> Result<Json<Page<Publisher>>, Problem> {
    let page = paging.cut(app.stores.common().publishers().await?, |p: &Kept| p.id.clone())?;
    let mut items = Vec::with_capacity(page.items.len());
    for kept in page.items {
        items.push(read(&app, kept).await?);
    }
    Ok(Json(Page { items, next: page.next }))
}

/// Read a publisher
#[utoipa::path(
    get, path = "/v1/publishers/{publisher}", tag = "plugins", security(("token" = [])),
    params(("publisher" = String, Path, description = "Short name")),
    responses((status = 200, body = Publisher, description = "The publisher, with its keys"), Reads),
)]
pub async fn read_publisher(State(app): State<App>, _: Caller, Id(Slug(id)): Id<Slug>) -> Result<Json<Publisher>, Problem> {
    Ok(Json(found(&app, &id).await?))
}

/// Add a publisher's key
///
/// For the operator of the host, who has made sure whose it is. Keys before it stay good until they are revoked.
#[utoipa::path(
    post, path = "/v1/publishers/{publisher}/keys", tag = "plugins", security(("token" = [])),
    params(
        ("publisher" = String, Path, description = "Short name"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewKey, example = json!({ "key": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" })),
    responses((status = 201, body = Key, description = "Added", headers(("Location" = String))), Writes),
)]
pub async fn add_publisher_key(
    State(app): State<App>,
    caller: Caller,
    OfPublisher(publisher): OfPublisher,
    once: Once,
    Body { value: new, digest }: Body<NewKey>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let who = caller.0;
    let key: PublicKey = new.key.parse()?;
    let mut tx = match once.begin_common(app.stores.common(), &who, digest).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let by = who.to_string();
    tx.add_publisher_key(&publisher, &key, new.until, &by).await?;
    let added = Key { id: key.id.clone(), key: key.as_str().to_owned(), added_at: tx.now(), added_by: by, until: new.until, revoked: None };
    once.finish_common(tx, &who, digest, Answer::created(&added)).await
}

/// Revoke a publisher's key
///
/// For the operator of the host. *Superseded*: nothing new is accepted by it, and what it signed goes on. *Compromised*: nothing that it alone
/// signed is adopted or activated, installations that are active are parked and their authorities told; one that was superseded may be found
/// to be compromised later.
#[utoipa::path(
    post, path = "/v1/publishers/{publisher}/keys/{key}/revocation", tag = "plugins", security(("token" = [])),
    params(
        ("publisher" = String, Path, description = "Short name"),
        ("key" = KeyId, Path, description = "Its 16 digits"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Revocation, example = json!({ "revoked_as": "superseded", "why": "the yearly change of keys" })),
    responses((status = 200, body = Publisher, description = "Revoked"), Writes),
)]
pub async fn revoke_publisher_key(
    State(app): State<App>,
    caller: Caller,
    OfPublisher(publisher): OfPublisher,
    Id(key): Id<KeyId>,
    once: Once,
    Body { value: said, digest }: Body<Revocation>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let who = caller.0;
    fact::text("why", &said.why, LONGEST)?;
    let common = app.stores.common();
    if let Some(before) = once.look_common(common, &who, digest).await? {
        return Ok(before);
    }
    let mut tx = common.write(&who.to_string(), "revoked a publisher's key").await?;
    let compromised = said.revoked_as == RevokedAs::Compromised;
    let revoked = Revoked { at: tx.now(), by: who.to_string(), compromised, why: said.why };
    tx.revoke_publisher_key(&publisher, &key, &revoked).await?;
    tx.commit().await?;
    if compromised && let Err(fault) = app.workflow.stop_all_distrusted().await {
        tracing::warn!("what a compromised key signed is parked before its next question, and not yet everywhere: {fault}");
    }
    let now = found(&app, &publisher).await?;
    once.keep_after(common, &who, digest, Answer::new(StatusCode::OK, &now)).await
}
