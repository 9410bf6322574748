//! The authority's tokens: of its people, good here alone, and of its own systems.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::people::works_here;
use super::problem::{Code, Problem};
use crate::access::tokens::{self, Asked, For, NotIssued};
use crate::access::{Role, Roles, Verb, Verbs};
use crate::record::{AuthorityId, Day, Digest, KnownAt, LoginId};
use crate::store;

/// A token that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Of a system: stands in the record beside everything done with it. Of a person: what the token is for.
    #[schema(example = "school portal")]
    name: String,
    /// Whose it is. Left out: a system's.
    #[serde(default)]
    login: Option<LoginId>,
    /// What a system does here.
    #[serde(default)]
    roles: Vec<Role>,
    /// It opens these alone. Left out: all that its holder may.
    #[serde(default)]
    verbs: Option<Vec<Verb>>,
    #[serde(default)]
    expires_at: Option<KnownAt>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    /// To be sent as `Authorization: Bearer …`. It is shown this once.
    token: String,
    /// What it is revoked by.
    hash: Digest,
}

/// A token as the host knows it: nothing of it opens anything.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    hash: Digest,
    name: String,
    /// Left out: a system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LoginId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
    /// Left out: all that its holder may.
    #[serde(skip_serializing_if = "Option::is_none")]
    verbs: Option<Vec<Verb>>,
    made_by: String,
    created_at: KnownAt,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<KnownAt>,
    /// The last day on which it opened anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_on: Option<Day>,
}

impl Token {
    fn of(token: store::Token) -> Result<Self, Problem> {
        let roles: Roles = token.roles.as_deref().unwrap_or_default().parse()?;
        Ok(Self {
            hash: token.hash,
            name: token.name,
            login: token.login.map(|l| l.id),
            roles: roles.iter().collect(),
            verbs: token.verbs.map(|v| v.parse::<Verbs>()).transpose()?.map(|v| v.iter().collect()),
            made_by: token.made_by,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            used_on: token.used_on,
        })
    }
}

impl From<NotIssued> for Problem {
    fn from(error: NotIssued) -> Self {
        match error {
            NotIssued::Store(error) => error.into(),
            NotIssued::Randomness(error) => {
                tracing::error!(%error, "no token was made");
                Self::new(Code::HostFault, "the host failed; what it was is in its log")
            }
        }
    }
}

/// Make a token
///
/// Good at this authority alone. Of a person it opens what their roles here do. An `Idempotency-Key` has no meaning here: an answer that is
/// kept would keep the token.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/tokens", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    request_body(content = NewToken, example = json!({ "name": "school portal", "roles": ["system"], "verbs": ["write-facts"] })),
    responses((status = 201, body = MadeToken, description = "Made"), Writes),
)]
pub async fn make_token(State(app): State<App>, council: Council, Body { value: new, .. }: Body<NewToken>) -> Result<Response, Problem> {
    council.may(Verb::ManagePeople)?;
    let authority = council.store.id().clone();
    let of = match new.login {
        Some(_) if !new.roles.is_empty() => return Err(Problem::invalid("roles", "a person's roles are given to the person")),
        Some(login) => {
            works_here(&council, "login", login).await?;
            For::Person { login, authority: Some(authority) }
        }
        None => For::System { authority, roles: new.roles.into_iter().collect() },
    };
    let verbs = new.verbs.map(|verbs| verbs.into_iter().collect());
    let asked = Asked { name: &new.name, of, verbs, expires_at: new.expires_at, made_by: &council.by };
    let made = tokens::issue(&app.stores, asked).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: made.token, hash: made.hash })).into_response())
}

/// List tokens
///
/// Those that are good at this authority alone; expired and revoked ones too.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/tokens", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Token>, description = "By hash"), Reads),
)]
pub async fn list_tokens(State(app): State<App>, council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Token>>, Problem> {
    council.may(Verb::ManagePeople)?;
    let mut tokens = app.stores.common().tokens_of(council.store.id()).await?;
    tokens.sort_by_key(|t| t.hash);
    let tokens = tokens.into_iter().map(Token::of).collect::<Result<_, _>>()?;
    Ok(Json(paging.cut(tokens, |t: &Token| t.hash)?))
}

/// A token that opens nothing any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revoked {
    hash: Digest,
}

/// Revoke a token
///
/// From now on it opens nothing. Revoking it again changes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/tokens/{token}/revocation", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("token" = Digest, Path, description = "Its hash")),
    responses((status = 200, body = Revoked, description = "It opens nothing"), Acts),
)]
pub async fn revoke_token(State(app): State<App>, council: Council, Id(hash): Id<Digest>, _: Nothing) -> Result<Json<Revoked>, Problem> {
    council.may(Verb::ManagePeople)?;
    let common = app.stores.common();
    let ours = common.token(&hash).await?.is_some_and(|t| t.authority.as_ref() == Some(council.store.id()));
    if !ours {
        return Err(Problem::no_such("token", hash));
    }
    let mut tx = common.write(&council.who.to_string(), "revoked a token").await?;
    tx.revoke_token(&hash).await?;
    tx.commit().await?;
    Ok(Json(Revoked { hash }))
}
