//! A code becomes a token (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::discovery::Endpoints;
use super::secret::Place;
use crate::access::{NotLetIn, Reception};
use crate::store::{AuthorityStore, Provider};

/// What is shown for a token.
pub struct Asked<'a> {
    pub code: &'a str,
    pub verifier: &'a str,
    /// Where the code came back to.
    pub redirect: &'a str,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Failed {
    error: String,
}

/// The ID token.
///
/// # Errors
/// `Provider` naming `code`, where the provider does not take it; `ProviderFailed`.
pub async fn ask(
    reception: &Reception,
    store: &AuthorityStore,
    provider: &Provider,
    endpoints: &Endpoints,
    asked: Asked<'_>,
) -> Result<String, NotLetIn> {
    let secret = match &provider.secret {
        Some(place) => Some(place.parse::<Place>()?.read(reception, store.id()).await?),
        None => None,
    };
    let request = request(provider, endpoints, &asked, secret.as_deref());
    let answer = reception.door().send(store, request.map_err(|_| NotLetIn::ProviderFailed("names an address that is none"))?).await?;
    if answer.status() != StatusCode::OK {
        let failed = serde_json::from_slice::<Failed>(answer.body()).map(|f| f.error).unwrap_or_default();
        return Err(match failed.as_str() {
            "invalid_grant" => {
                NotLetIn::Provider { field: "code", why: "was not given to you, was used before, or is over: sign in again" }
            }
            "invalid_client" => NotLetIn::ProviderFailed("does not know this host by the client and secret that the authority named"),
            _ => NotLetIn::ProviderFailed("gave no token"),
        });
    }
    let tokens: Tokens = serde_json::from_slice(answer.body()).map_err(|_| NotLetIn::ProviderFailed("gave no ID token"))?;
    Ok(tokens.id_token)
}

fn request(
    provider: &Provider,
    endpoints: &Endpoints,
    asked: &Asked<'_>,
    secret: Option<&str>,
) -> Result<Request<Bytes>, axum::http::Error> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", asked.code)
        .append_pair("redirect_uri", asked.redirect)
        .append_pair("code_verifier", asked.verifier);
    let mut request = Request::post(&endpoints.token_endpoint)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    match secret {
        None => drop(form.append_pair("client_id", &provider.client)),
        Some(secret) if endpoints.takes_a_header() => {
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let both = BASE64_STANDARD.encode(format!("{}:{}", encoded(&provider.client), encoded(secret)));
            request = request.header(header::AUTHORIZATION, format!("Basic {both}"));
        }
        Some(secret) => drop(form.append_pair("client_id", &provider.client).append_pair("client_secret", secret)),
    }
    request.body(Bytes::from(form.finish()))
}
