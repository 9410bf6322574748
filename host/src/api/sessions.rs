//! Who is signed in, and signing out.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::body::Nothing;
use super::caller::Caller;
use super::cookies;
use super::documented::{Acts, Reads};
use super::problem::{Code, Problem};
use crate::access::sessions::{self, Begun};
use crate::access::signing_in::{Came, Outcome};
use crate::access::{How, NotLetIn, Principal};
use crate::egress::mail::NotSent;
use crate::record::{AuthorityId, Digest, KnownAt, LoginId, OrganisationId};
use crate::store::Session;

/// Somebody who signed in, in one browser.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SignedIn {
    login: LoginId,
    #[schema(example = "Priya Nair")]
    name: String,
    /// Who employs them.
    organisation: OrganisationId,
    how: How,
    /// Whose identity provider vouches for them: the session opens nothing at any other authority. Left out: all that is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<AuthorityId>,
    signed_in_at: KnownAt,
    /// When it opens nothing any more, if nothing is done with it until then.
    idle_at: KnownAt,
    /// When it opens nothing any more, whatever is done with it.
    expires_at: KnownAt,
}

impl SignedIn {
    pub fn of(session: Session) -> Result<Self, Problem> {
        Ok(Self {
            idle_at: sessions::idle_until(&session),
            login: session.login.id,
            name: session.login.name,
            organisation: session.login.organisation,
            how: session.how.parse()?,
            authority: session.authority,
            signed_in_at: session.created_at,
            expires_at: session.expires_at,
        })
    }
}

/// The answer to whoever was let in: the session, and the cookie that carries it.
pub fn signed_in(begun: Begun) -> Result<Response, Problem> {
    let cookie = cookies::set(cookies::SESSION, &begun.secret, None);
    Ok(with_cookies((StatusCode::CREATED, Json(SignedIn::of(begun.session)?)).into_response(), [cookie]))
}

pub fn with_cookies(mut response: Response, cookies: impl IntoIterator<Item = Option<HeaderValue>>) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The session that the browser carried before it was signed in anew, by its hash.
pub struct Before(pub Option<Digest>);

impl FromRequestParts<App> for Before {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        cookies::not_of_others(&parts.headers, &app.reception)?;
        Ok(Self(cookies::read(&parts.headers, cookies::SESSION).map(|secret| Digest::of(secret.as_bytes()))))
    }
}

/// Somebody with a session: no token.
pub struct InSession(Session);

impl FromRequestParts<App> for InSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Caller::from_request_parts(parts, app).await?;
        let refused = || Problem::new(Code::NotAllowed, "a session is signed out; a token is revoked");
        let secret = cookies::read(&parts.headers, cookies::SESSION).filter(|_| !parts.headers.contains_key(header::AUTHORIZATION));
        let found = sessions::find(app.stores.common(), app.stores.clock().now(), secret.ok_or_else(refused)?).await?;
        found.map(|(session, _)| Self(session)).ok_or_else(refused)
    }
}

/// Whoever asks, wherever they work.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhoAsks {
    /// As records keep them.
    by: String,
    /// Where they have something to do today; of the operator, nowhere.
    authorities: Vec<AuthorityId>,
    /// Left out: it is a token that asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SignedIn>,
}

/// Read who is signed in
///
/// What they may do at one authority stands in `GET /v1/authorities/{authority}/me`.
#[utoipa::path(
    get, path = "/v1/session", tag = "signing-in", security(("token" = [])),
    responses((status = 200, body = WhoAsks, description = "You"), Reads),
)]
pub async fn read_session(State(app): State<App>, caller: Caller, session: Option<InSession>) -> Result<Json<WhoAsks>, Problem> {
    let authorities = caller.authorities(&app).await?;
    let session = session.map(|InSession(session)| SignedIn::of(session)).transpose()?;
    Ok(Json(WhoAsks { by: caller.0.name(), authorities, session }))
}

impl axum::extract::OptionalFromRequestParts<App> for InSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(session) => Ok(Some(session)),
            Err(problem) if problem.code == Code::NotAllowed => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

/// What opens nothing any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedOut {
    /// How many sessions ended.
    sessions: u64,
}

/// Sign out
///
/// The browser's session opens nothing any more.
#[utoipa::path(
    post, path = "/v1/session/end", tag = "signing-in", security(("session" = [])),
    responses((status = 200, body = SignedOut, description = "Signed out"), Acts),
)]
pub async fn sign_out(State(app): State<App>, InSession(session): InSession, _: Nothing) -> Result<Response, Problem> {
    end(&app, session, false).await
}

/// Sign out everywhere
///
/// In every browser. A session that an authority's identity provider began ends those alone that the same provider began.
#[utoipa::path(
    post, path = "/v1/sessions/end", tag = "signing-in", security(("session" = [])),
    responses((status = 200, body = SignedOut, description = "Signed out"), Acts),
)]
pub async fn sign_out_everywhere(State(app): State<App>, InSession(session): InSession, _: Nothing) -> Result<Response, Problem> {
    end(&app, session, true).await
}

async fn end(app: &App, session: Session, everywhere: bool) -> Result<Response, Problem> {
    let mut tx = app.stores.common().write(&Principal::of_login(session.login.clone()).name(), "signed out").await?;
    let sessions = if everywhere {
        tx.end_sessions(session.login.id, session.authority.as_ref()).await?
    } else {
        tx.end_session(&session.hash).await?;
        1
    };
    let came = Came { login: Some(session.login.id), authority: session.authority, how: session.how.parse()? };
    came.note(&mut tx, Outcome::Out).await?;
    tx.commit().await?;
    Ok(with_cookies(Json(SignedOut { sessions }).into_response(), [cookies::unset(cookies::SESSION)]))
}

impl From<NotLetIn> for Problem {
    fn from(why: NotLetIn) -> Self {
        let said = why.to_string();
        match why {
            NotLetIn::Code => Self::new(Code::CodeRefused, said).at("code"),
            NotLetIn::TooManyCodes { again_seconds } => Self::new(Code::TooManyCodes, said).at("address").again_after(again_seconds),
            NotLetIn::Invitation => Self::new(Code::InvitationRefused, said).at("token"),
            NotLetIn::Unfit(_) => Self::new(Code::InvitationRefused, said),
            NotLetIn::Provider { field, .. } => Self::new(Code::ProviderRefused, said).at(field),
            NotLetIn::ProviderFailed(_) => Self::new(Code::ProviderFailed, said),
            NotLetIn::Door(why) => Self::new(Code::ProviderFailed, format!("the identity provider was not reached: {why}")),
            NotLetIn::NoRoleAt { .. } | NotLetIn::NoRole => Self::new(Code::NoRole, said),
            NotLetIn::NoProvider(_) => Self::new(Code::NoProvider, said),
            NotLetIn::NoAddress | NotLetIn::Mail(NotSent::Nowhere) => Self::new(Code::NotSetUp, said),
            NotLetIn::Mail(_) => Self::new(Code::MailNotSent, said),
            NotLetIn::Invalid(invalid) => invalid.into(),
            NotLetIn::Store(error) => error.into(),
            NotLetIn::Randomness(error) => Self::of_host(&error),
        }
    }
}
