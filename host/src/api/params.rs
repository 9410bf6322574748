//! What a request's address says: ids in the path, parameters after the question mark.

use std::str::FromStr;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::{Code, Problem};
use crate::record::ids::is_slug;
use crate::record::{Invalid, from_json};

/// The parameter `name` of the path.
///
/// # Errors
/// `invalid`, naming the parameter; `unreadable` where the path is not UTF-8.
pub fn path_param<T: FromStr<Err = Invalid>>(params: Result<RawPathParams, RawPathParamsRejection>, name: &str) -> Result<T, Problem> {
    let params = params.map_err(|e| Problem::new(Code::Unreadable, e.body_text()))?;
    let value = params.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
    value.parse().map_err(|e: Invalid| Problem::invalid(name, e.why))
}

/// The last parameter of the path: the id of what is asked for.
pub struct Id<T>(pub T);

impl<T: FromStr<Err = Invalid>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let name = params.as_ref().ok().and_then(|p| p.iter().last()).map(|(key, _)| key.to_owned()).unwrap_or_default();
        path_param(params, &name).map(Self)
    }
}

/// A short name in a path: of a publisher, or of a plugin.
pub struct Slug(pub String);

impl FromStr for Slug {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if is_slug(text) { Ok(Self(text.to_owned())) } else { Err(Invalid::new("", "has 2 to 64 small letters, digits and hyphens")) }
    }
}

/// The parameters after the question mark. One that the operation does not know is refused, and so is one sent twice.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|e| Problem::new(Code::Unreadable, e.body_text()))?;
        let mut all = Map::new();
        for (name, value) in pairs {
            if all.insert(name.clone(), Value::String(value)).is_some() {
                return Err(Problem::invalid(name, "is sent twice"));
            }
        }
        Ok(Self(from_json(Value::Object(all))?))
    }
}
