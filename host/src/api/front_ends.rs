//! Front ends at addresses of their own. A browser lets their pages ask this host only where the host says so (CORS). They send a token: a
//! session is for pages of this host alone, so no cookie is ever let through.

use std::str::FromStr;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use crate::record::Invalid;

/// The address of a front end, as a browser names it: `https://families.example.org`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("", "is not an address such as https://families.example.org, without a path");
        let url = url::Url::parse(text).map_err(|_| refused())?;
        let origin = url.origin();
        // `*`, `null` and addresses with anything behind them name nobody in particular.
        if !origin.is_tuple() || !matches!(url.scheme(), "https" | "http") || origin.ascii_serialization() != text {
            return Err(refused());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| refused())
    }
}

/// Whose pages may ask.
#[derive(Debug, Clone, Default)]
pub struct FrontEnds(Vec<HeaderValue>);

impl FromIterator<Origin> for FrontEnds {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        Self(origins.into_iter().map(|o| o.0).collect())
    }
}

/// How long a browser need not ask again whether it may.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(600);

impl FrontEnds {
    /// The API, with a word to browsers about whose pages may ask it.
    pub(super) fn before(self, api: Router) -> Router {
        if self.0.is_empty() {
            return api;
        }
        let named = HeaderName::from_static;
        let sent = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            named("idempotency-key"),
            named("hearth-purpose"),
            named("last-event-id"),
        ];
        let cors = CorsLayer::new()
            .allow_origin(self.0)
            .allow_methods([Method::GET, Method::POST, Method::PUT])
            .allow_headers(sent)
            .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER])
            .max_age(REMEMBERED);
        api.layer(cors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_is_named_in_full() {
        for good in ["https://families.example.org", "http://127.0.0.1:5173"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in ["*", "null", "https://families.example.org/", "https://families.example.org/x", "families.example.org", "file:///x", ""]
        {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
