//! How well something is known: what lets "nothing recorded" be told from "nothing happened".

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::Params;
use super::problem::Problem;
use super::writing::Writing;
use crate::access::Verb;
use crate::record::{AuthorityId, Coverage, KnownAt, Window};
use crate::store::{AsKnown, StoreError};

/// Statements of one request.
const MOST: usize = 10_000;

/// Statements that are taken in together, or not at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// At most 10,000. A later one about the same days replaces an earlier one.
    statements: Vec<Coverage>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    /// Statements that said something new; the others were known.
    new: usize,
}

/// Say how well something is known
///
/// Without a person a statement speaks for every family of the authority. What is known already changes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/coverage", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Statements, example = json!({ "statements": [
        { "kind": "police-callout", "first": "2025-09-01", "last": "2026-08-31", "state": "complete", "source": "avon-and-somerset-police" },
    ] })),
    responses((status = 201, body = Taken, description = "Taken in"), Writes),
)]
pub async fn add_coverage(
    council: Council,
    once: Once,
    Body { value: Statements { statements }, digest }: Body<Statements>,
) -> Result<Response, Problem> {
    council.may(Verb::SayCoverage)?;
    if statements.is_empty() || statements.len() > MOST {
        return Err(Problem::invalid("statements", format!("has {} statements, and may have 1 to {MOST}", statements.len())));
    }
    for (i, statement) in statements.iter().enumerate() {
        Window::new(statement.first, Some(statement.last)).map_err(|e| e.within(&format!("statements[{i}]")))?;
    }
    let mut writing = Writing::by(&council, Verb::SayCoverage).await?;
    for person in statements.iter().filter_map(|s| s.person) {
        writing.person(person).await.map_err(|e| named(e, &statements))?;
    }
    let mut tx = match once.begin(&council, digest, "said how well something is known").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let new = tx.add_coverage(&statements).await.map_err(|e| named(e, &statements))?;
    once.finish(tx, &council, digest, Answer::created(&Taken { new })).await
}

/// The statement that named what is not there.
fn named(error: StoreError, statements: &[Coverage]) -> Problem {
    let StoreError::NoSuch { what, id } = &error else { return error.into() };
    let found = match *what {
        "person" => statements.iter().position(|s| s.person.is_some_and(|p| p.to_string() == *id)).map(|i| (i, "person")),
        _ => statements.iter().position(|s| s.source.as_str() == id).map(|i| (i, "source")),
    };
    match found {
        Some((i, field)) => Problem::invalid(format!("statements[{i}].{field}"), error.to_string()),
        None => error.into(),
    }
}

/// Which statements are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// As it was known at this instant; now, if left out.
    known_at: Option<KnownAt>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List what feeds say of the whole authority
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/coverage", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Coverage>, description = "In the order in which it was said"), Reads),
)]
pub async fn list_coverage(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Coverage>>, Problem> {
    council.may(Verb::SeeRules)?;
    let after = page::after::<u64>(wanted.after.as_deref())?;
    let said = council.store.feed_coverage(wanted.known_at.map_or(AsKnown::Now, AsKnown::At)).await?;
    let mut numbered: Vec<(u64, Coverage)> = (0..).zip(said).collect();
    page::cut_after(&mut numbered, after, |(n, _)| *n);
    let page = page::cut(numbered, page::limit(wanted.limit), |(n, _)| *n);
    Ok(Json(Page { items: page.items.into_iter().map(|(_, said)| said).collect(), next: page.next }))
}
