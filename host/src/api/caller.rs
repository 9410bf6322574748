//! Who is calling, and within which authority: found before anything else of a request is read.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::header;
use axum::http::request::Parts;

use super::App;
use super::params::path_param;
use super::problem::{Code, Problem};
use crate::access::policy::{self, Ruling};
use crate::access::{Principal, sign_in};
use crate::record::{AuthorityId, OrganisationId};
use crate::store::{AuthorityStore, Looked, Seen, StoreError};

/// Somebody with a token that is in force.
pub struct Caller(pub Principal);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // One answer to all that do not open: it must not tell a token that was good once from one that never was.
        let refused = || Problem::new(Code::NotSignedIn, "send a token that is in force, as `Authorization: Bearer …`");
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(refused)?;
        // The scheme's name is written as one likes (RFC 9110, section 11.1).
        let (scheme, token) = value.split_once(' ').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused());
        }
        let stores = &app.stores;
        let principal = sign_in(stores.common(), stores.clock().now(), token.trim()).await?;
        principal.map(Self).ok_or_else(refused)
    }
}

impl Caller {
    /// # Errors
    /// What the ruling says: 403, or as if the authority did not exist.
    pub fn ruled(ruling: Ruling, authority: Option<&AuthorityId>) -> Result<(), Problem> {
        match (ruling, authority) {
            (Ruling::Allowed, _) => Ok(()),
            (Ruling::Hidden, Some(authority)) => Err(Problem::no_such("authority", authority)),
            (Ruling::NotAllowed | Ruling::Hidden, _) => Err(Problem::new(Code::NotAllowed, "the holder of this token may not do this")),
        }
    }
}

/// Somebody at work within the authority that the path names.
pub struct Council {
    pub who: Principal,
    pub store: AuthorityStore,
    /// Who looks, and how they came to it: for the audit trail.
    pub looked: Looked,
}

impl FromRequestParts<App> for Council {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller(who) = Caller::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await;
        let authority: AuthorityId = path_param(params, "authority")?;
        let ruling = policy::works_within(&who, &authority);
        let mut looked = looked(parts, &who);
        if ruling != Ruling::Allowed {
            looked.principal = who.to_string();
            // Noted where there is such an authority; the answer does not tell.
            if let Ok(store) = app.stores.authority(&authority).await {
                store.refused(&looked, &Seen::default()).await?;
            }
        }
        Caller::ruled(ruling, Some(&authority))?;
        Ok(Self { store: app.stores.authority(&authority).await?, who, looked })
    }
}

/// Within their own authority people are known by their names alone.
fn looked(parts: &Parts, who: &Principal) -> Looked {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    Looked { principal: who.name.clone(), what: format!("{} {route}", parts.method), purpose: None }
}

impl Council {
    /// Notes what is about to be shown. Nothing is shown whose reading the disk does not have.
    ///
    /// # Errors
    /// `Busy`: then nothing may be shown.
    pub async fn saw(&self, seen: Vec<Seen>) -> Result<(), StoreError> {
        self.store.saw(&self.looked, &seen).await
    }

    /// Whose statement a fact is where its sender does not say.
    #[must_use]
    pub fn as_source(&self) -> OrganisationId {
        OrganisationId::of_council(self.store.id())
    }

    /// Opens a transaction in the caller's name.
    ///
    /// # Errors
    /// `Busy`.
    pub async fn write(&self, what: &str) -> Result<crate::store::AuthorityTx, StoreError> {
        self.store.write(&self.who.name, what).await
    }
}
