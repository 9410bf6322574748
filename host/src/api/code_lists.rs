//! The code lists of the interface, for whoever offers them to choose from: the very lists that the host checks against.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::documented::Reads;
use super::params::{Id, Slug};
use super::problem::Problem;
use crate::record::codes::{self, List};

/// A published list of codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeList {
    #[schema(example = "contacts")]
    list: &'static str,
    /// What it is of.
    says: &'static str,
    /// In the order in which they are offered.
    codes: Vec<CodeOf>,
}

/// A code, in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeOf {
    #[schema(example = "visit")]
    code: &'static str,
    /// Of a kind of fact: the section that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'static str>,
    /// In English.
    en: &'static str,
    /// In Welsh.
    cy: &'static str,
}

/// A list by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeListNamed {
    list: &'static str,
    says: &'static str,
}

/// Every list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeLists {
    items: Vec<CodeListNamed>,
}

impl From<&'static List> for CodeList {
    fn from(of: &'static List) -> Self {
        let code = |c: &'static codes::Code| CodeOf { code: &c.code, section: c.section.as_deref(), en: &c.en, cy: &c.cy };
        Self { list: &of.list, says: &of.says, codes: of.codes.iter().map(code).collect() }
    }
}

/// A list changes with the host alone: a browser may keep it for an hour.
fn kept(answer: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"))], Json(answer)).into_response()
}

/// List the code lists
#[utoipa::path(
    get, path = "/v1/codes", tag = "authorities", security(("token" = [])),
    responses((status = 200, body = CodeLists, description = "By name"), Reads),
)]
pub async fn list_code_lists(_: Caller) -> Response {
    let mut items: Vec<CodeListNamed> = codes::all().map(|of| CodeListNamed { list: &of.list, says: &of.says }).collect();
    items.sort_unstable_by_key(|of| of.list);
    kept(CodeLists { items })
}

/// Read a code list
///
/// With each code in English and in Welsh. Lists only grow: what a newer host has besides is shown by its code.
#[utoipa::path(
    get, path = "/v1/codes/{list}", tag = "authorities", security(("token" = [])),
    params(("list" = String, Path, description = "Its name", example = "contacts")),
    responses((status = 200, body = CodeList, description = "The list"), Reads),
)]
pub async fn read_code_list(_: Caller, Id(Slug(name)): Id<Slug>) -> Result<Response, Problem> {
    let found = codes::all().find(|of| of.list == name).ok_or_else(|| Problem::no_such("code list", name))?;
    Ok(kept(CodeList::from(found)))
}
