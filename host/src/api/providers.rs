//! The identity provider of an authority: naming it, and signing in by it.

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::cookies;
use super::documented::{Acts, Reads, Visits, Writes};
use super::once::{Answer, Begun, Once};
use super::params::{Params, path_param};
use super::problem::{Code, Problem};
use super::sessions::with_cookies;
use crate::access::provider::{self, Algorithm, Back, Place};
use crate::access::{NotLetIn, Verb};
use crate::record::AuthorityId;
use crate::store::{self, AuthorityStore, StoreError};

/// Where the client's secret is: one of the two. Never what it is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretPlace {
    /// The name of a file in the authority's own folder of secrets on the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "oidc")]
    file: Option<String>,
    /// The name of a variable of the host's environment that begins with `HEARTH_PROVIDER_`, the authority's code and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
}

/// By what an authority's people sign in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProvider {
    /// What it calls itself, to the character. Its host has to be one of the authority's destinations.
    #[schema(example = "https://login.example.org/bristol")]
    issuer: String,
    /// What it calls this host.
    #[schema(example = "hearth")]
    client: String,
    /// Left out: the client has none, and proves itself by PKCE alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<SecretPlace>,
    /// What it signs with. A token that is signed with anything else is not believed.
    #[serde(default = "usual")]
    algorithm: Algorithm,
}

const fn usual() -> Algorithm {
    Algorithm::Rs256
}

impl IdentityProvider {
    fn of(provider: store::Provider) -> Result<Self, Problem> {
        let secret = provider.secret.map(|place| place.parse::<Place>()).transpose()?.map(|place| match place {
            Place::File(file) => SecretPlace { file: Some(file), environment: None },
            Place::Environment(name) => SecretPlace { file: None, environment: Some(name) },
        });
        Ok(Self { issuer: provider.issuer, client: provider.client, secret, algorithm: provider.algorithm.parse()? })
    }

    fn kept(&self) -> Result<store::Provider, Problem> {
        let place = match self.secret.as_ref().map(|s| (s.file.clone(), s.environment.clone())) {
            None => None,
            Some((Some(file), None)) => Some(Place::File(file)),
            Some((None, Some(name))) => Some(Place::Environment(name)),
            Some(_) => return Err(Problem::invalid("secret", "names a file or a variable of the environment: one of the two")),
        };
        let (issuer, client) = (self.issuer.clone(), self.client.clone());
        Ok(store::Provider { issuer, client, secret: place.map(|p| p.to_string()), algorithm: self.algorithm.code().to_owned() })
    }
}

/// An identity provider, and what its own administrator has to know of this host.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedProvider {
    /// What it calls itself, to the character.
    #[schema(example = "https://login.example.org/bristol")]
    issuer: String,
    /// What it calls this host.
    #[schema(example = "hearth")]
    client: String,
    /// Left out: the client has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<SecretPlace>,
    /// What it signs with.
    algorithm: Algorithm,
    /// Where it sends people back to: to be registered with it. Left out: this host does not know its own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://hearth.example.org/v1/authorities/E06000023/sign-in/callback")]
    redirect_uri: Option<String>,
}

impl NamedProvider {
    fn of(app: &App, authority: &AuthorityId, provider: IdentityProvider) -> Self {
        let redirect_uri = app.reception.address().ok().map(|own| own.with(&provider::way_back(authority)));
        let IdentityProvider { issuer, client, secret, algorithm } = provider;
        Self { issuer, client, secret, algorithm, redirect_uri }
    }
}

/// Read the identity provider
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/identity-provider", tag = "signing-in", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = NamedProvider, description = "The one in force"), Reads),
)]
pub async fn read_provider(State(app): State<App>, council: Council) -> Result<Json<NamedProvider>, Problem> {
    council.may(Verb::SeeRules)?;
    let authority = council.store.id();
    let found = council.store.identity_provider().await?;
    let (_, provider) = found.ok_or_else(|| Problem::from(NotLetIn::NoProvider(authority.clone())))?;
    Ok(Json(NamedProvider::of(&app, authority, IdentityProvider::of(provider)?)))
}

/// Name the identity provider
///
/// From now on the authority's people sign in by it. What it calls them is kept with its name: under another issuer they are strangers,
/// until they are invited again. Sessions that have begun go on.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/identity-provider", tag = "signing-in", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = IdentityProvider, example = json!({
        "issuer": "https://login.example.org/bristol", "client": "hearth", "secret": { "file": "oidc" }, "algorithm": "RS256",
    })),
    responses((status = 200, body = NamedProvider, description = "In force"), Writes),
)]
pub async fn name_provider(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<IdentityProvider>,
) -> Result<Response, Problem> {
    council.may(Verb::ManagePeople)?;
    let kept = new.kept()?;
    provider::check(&app.reception, council.store.id(), &kept)?;
    let mut tx = match once.begin(&council, digest, "named the identity provider").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.set_identity_provider(Some(&kept)).await?;
    let named = NamedProvider::of(&app, council.store.id(), new);
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &named)).await
}

/// That there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoProvider {
    /// Sessions that it had begun, and that have ended.
    sessions: u64,
}

/// Remove the identity provider
///
/// Nobody signs in by it any more, and every session that it began ends.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/identity-provider/removal", tag = "signing-in", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = NoProvider, description = "There is none"), Acts),
)]
pub async fn remove_provider(
    State(app): State<App>,
    council: Council,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ManagePeople)?;
    let mut tx = match once.begin(&council, digest, "removed the identity provider").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.set_identity_provider(None).await?;
    // In a file of its own, so first: killed in between, nobody is signed in by a provider that is still there.
    let mut common = app.stores.common().write(&council.by, "ended sessions of a removed identity provider").await?;
    let sessions = common.end_sessions_at(council.store.id()).await?;
    common.commit().await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &NoProvider { sessions })).await
}

/// The authority of the path, asked by nobody in particular.
pub struct Door(AuthorityStore);

impl FromRequestParts<App> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let authority: AuthorityId = path_param(params, "authority")?;
        // Whether a council takes part is nobody's secret who can sign in there, and everybody else's: one answer.
        match app.stores.authority(&authority).await {
            Err(StoreError::NoSuch { .. }) => Err(NotLetIn::NoProvider(authority).into()),
            store => Ok(Self(store?)),
        }
    }
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Going {
    /// A path of this host that the browser goes on to afterwards. `/`, if left out.
    #[serde(default)]
    #[param(example = "/families")]
    return_to: Option<String>,
}

/// Sign in by the authority's identity provider
///
/// For browsers: sends them there. They come back to `…/sign-in/callback` within ten minutes.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sign-in", tag = "signing-in",
    params(("authority" = AuthorityId, Path, description = "ONS code"), Going),
    responses((status = 303, description = "To the provider", headers(("Location" = String), ("Set-Cookie" = String))), Visits),
)]
pub async fn begin_sign_in(
    State(app): State<App>,
    Door(store): Door,
    headers: HeaderMap,
    Params(going): Params<Going>,
) -> Result<Response, Problem> {
    let return_to = going.return_to.as_deref().unwrap_or("/");
    let begins = provider::begin(&app.stores, &app.reception, &store, return_to, cookies::read(&headers, cookies::VISIT)).await?;
    let cookie = cookies::set(cookies::VISIT, &begins.browser, Some(provider::MINUTES * 60));
    Ok(with_cookies(see_other(&begins.to)?, [cookie]))
}

/// What a provider answers by way of the browser (RFC 6749, section 4.1.2). It may send more.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CameBack {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    iss: Option<String>,
}

/// Come back from the identity provider
///
/// Signs in whoever it vouches for, with a session that is good at this authority alone, and sends the browser where it wanted to go.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sign-in/callback", tag = "signing-in",
    params(("authority" = AuthorityId, Path, description = "ONS code"), CameBack),
    responses((status = 303, description = "Signed in", headers(("Location" = String), ("Set-Cookie" = String))), Visits),
)]
pub async fn end_sign_in(
    State(app): State<App>,
    Door(store): Door,
    headers: HeaderMap,
    Params(back): Params<CameBack>,
) -> Result<Response, Problem> {
    let before = cookies::read(&headers, cookies::SESSION).map(|secret| crate::record::Digest::of(secret.as_bytes()));
    let back = Back {
        state: back.state.as_deref(),
        code: back.code.as_deref(),
        error: back.error.as_deref(),
        iss: back.iss.as_deref(),
        browser: cookies::read(&headers, cookies::VISIT),
        before: before.as_ref(),
    };
    let (begun, return_to) = provider::come_back(&app.stores, &app.reception, &store, back).await?;
    let session = cookies::set(cookies::SESSION, &begun.secret, None);
    // What it carried of the visit stays, for another tab's way back; the state was used.
    Ok(with_cookies(see_other(&return_to)?, [session]))
}

fn see_other(to: &str) -> Result<Response, Problem> {
    let to =
        HeaderValue::from_str(to).map_err(|_| Problem::new(Code::ProviderFailed, "the identity provider names an address that is none"))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}
