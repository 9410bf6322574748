//! What a provider says of itself (OpenID Connect Discovery 1.0), and its keys: asked for once an hour, and the keys again when a token is
//! signed with one that is not among them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::jws::{Algorithm, Keys};
use crate::access::{NotLetIn, Reception};
use crate::record::{AuthorityId, KnownAt};
use crate::store::{AuthorityStore, Provider};

/// For so long what a provider said is believed: a key that it no longer names opens nothing after that.
const HOUR_MILLIS: i64 = 3_600_000;

/// What providers said of themselves. An authority's is its own: what another's administrators may reach changes nothing here.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<(AuthorityId, String), Arc<Said>>>);

/// Where to go, and with which keys what comes back is signed.
#[derive(Debug)]
pub struct Said {
    pub endpoints: Endpoints,
    pub keys: Keys,
    at: KnownAt,
}

/// The parts of a provider's document that are used (section 3).
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoints {
    issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    /// RFC 9207.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Endpoints {
    /// Does the client's secret go into a header (RFC 6749, section 2.3.1)? Else into the form.
    pub fn takes_a_header(&self) -> bool {
        self.token_endpoint_auth_methods_supported.as_ref().is_none_or(|all| all.iter().any(|m| m == "client_secret_basic"))
    }
}

impl Known {
    /// What is known, asked for if it is not, or no longer.
    ///
    /// # Errors
    /// The provider cannot be reached, or is not as the authority said.
    pub async fn of(&self, reception: &Reception, store: &AuthorityStore, provider: &Provider) -> Result<Arc<Said>, NotLetIn> {
        let now = store.clock().now();
        let name = (store.id().clone(), provider.issuer.clone());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        let said = match known.filter(|k| now.millis() - k.at.millis() < HOUR_MILLIS) {
            Some(known) => known,
            None => self.ask(reception, store, provider).await?,
        };
        let algorithm: Algorithm = provider.algorithm.parse()?;
        if !said.endpoints.id_token_signing_alg_values_supported.iter().any(|a| a == algorithm.code()) {
            return Err(NotLetIn::ProviderFailed("does not sign with the algorithm that the authority named"));
        }
        Ok(said)
    }

    /// The same, asked for now.
    ///
    /// # Errors
    /// As [`Known::of`].
    pub async fn ask(&self, reception: &Reception, store: &AuthorityStore, provider: &Provider) -> Result<Arc<Said>, NotLetIn> {
        let address = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let endpoints: Endpoints = get(reception, store, &address).await?;
        // Section 4.3: or another provider could speak for this one.
        if endpoints.issuer != provider.issuer {
            return Err(NotLetIn::ProviderFailed(
                "says that it is another issuer than the authority named: they must agree in every character",
            ));
        }
        let keys: Keys = get(reception, store, &endpoints.jwks_uri).await?;
        let said = Arc::new(Said { endpoints, keys, at: store.clock().now() });
        let name = (store.id().clone(), provider.issuer.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, said.clone());
        Ok(said)
    }
}

async fn get<T: DeserializeOwned>(reception: &Reception, store: &AuthorityStore, address: &str) -> Result<T, NotLetIn> {
    let request = Request::get(address).header(header::ACCEPT, "application/json").body(Bytes::new());
    let request = request.map_err(|_| NotLetIn::ProviderFailed("names an address that is none"))?;
    let answer = reception.door().send(store, request).await?;
    if answer.status() != StatusCode::OK {
        return Err(NotLetIn::ProviderFailed("did not say what it is: its configuration or keys were not answered with 200"));
    }
    serde_json::from_slice(answer.body())
        .map_err(|_| NotLetIn::ProviderFailed("did not say what it is: its configuration or keys are not as they must be"))
}
