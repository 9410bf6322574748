//! The page that a problem's `type` leads to.

use std::str::FromStr;

use super::documented::Public;
use super::params::Id;
use super::problem::{Code, Problem};
use crate::record::Invalid;

/// The end of a problem's `type`, as it stands in the address.
pub struct Named(String);

impl FromStr for Named {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Ok(Self(text.to_owned()))
    }
}

/// What a problem means
///
/// The page that a problem's `type` leads to, for people.
#[utoipa::path(
    get, path = "/problems/{code}", tag = "host",
    params(("code" = String, Path, description = "The end of the problem's `type`", example = "invalid")),
    responses((status = 200, body = String, content_type = "text/plain", description = "What it means, and what to do"), Public),
)]
pub async fn meaning(Id(Named(code)): Id<Named>) -> Result<String, Problem> {
    let code = Code::from_code(&code).ok_or_else(|| Problem::no_such("problem", &code))?;
    Ok(format!("{} ({}, status {})\n\n{}\n", code.title(), code.code(), code.status(), code.meaning()))
}
