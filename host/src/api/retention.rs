//! How long each section of the record is kept.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::retention::{Keep, default_of};
use crate::record::{AuthorityId, KnownAt, Section};
use crate::store;

/// Years of a period at most.
const MOST_YEARS: u16 = 120;

/// How long one section is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPeriod {
    section: Section,
    /// After the day on which the family's last episode ended: 0 to 120.
    years: u16,
    /// And until the youngest of the family is so old: 1 to 120. Left out: whatever their age.
    #[serde(default)]
    until_age: Option<u8>,
}

/// What the authority says from now on of these sections; others stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPeriods {
    /// Each section at most once.
    periods: Vec<NewPeriod>,
}

/// How long one section is kept, and who says so.
#[derive(Debug, Serialize, ToSchema)]
pub struct Period {
    section: Section,
    years: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_age: Option<u8>,
    /// Where the default is from. Left out where the authority has set its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_from: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// How long every section is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Periods {
    periods: Vec<Period>,
}

impl Periods {
    fn of(said: &[store::Retention]) -> Self {
        let period = |section: &Section| match said.iter().find(|r| r.section == section.code()) {
            Some(r) => Period {
                section: *section,
                years: r.keep.years,
                until_age: r.keep.until_age,
                default_from: None,
                at: Some(r.at),
                by: Some(r.by.clone()),
            },
            None => {
                let (keep, from) = default_of(*section);
                Period { section: *section, years: keep.years, until_age: keep.until_age, default_from: Some(from), at: None, by: None }
            }
        };
        Self { periods: Section::ALL.iter().map(period).collect() }
    }
}

/// Read how long sections are kept
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/retention", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Periods, description = "Every section"), Reads),
)]
pub async fn read_retention(council: Council) -> Result<Json<Periods>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Json(Periods::of(&council.store.retention().await?)))
}

/// Set how long sections are kept
///
/// Nothing goes by this alone: `hearth retention` says what has been kept for its time, and erases it when told to.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/retention", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewPeriods, example = json!({ "periods": [{ "section": "education", "years": 6, "until_age": 25 }] })),
    responses((status = 200, body = Periods, description = "As they are now"), Writes),
)]
pub async fn set_retention(council: Council, once: Once, Body { value: new, digest }: Body<NewPeriods>) -> Result<Response, Problem> {
    council.may(Verb::SetRetention)?;
    for (i, period) in new.periods.iter().enumerate() {
        if new.periods[..i].iter().any(|p| p.section == period.section) {
            return Err(Problem::invalid(format!("periods[{i}].section"), "stands here twice"));
        }
        if period.years > MOST_YEARS {
            return Err(Problem::invalid(format!("periods[{i}].years"), format!("is at most {MOST_YEARS}")));
        }
        if period.until_age.is_some_and(|age| !(1..=120).contains(&age)) {
            return Err(Problem::invalid(format!("periods[{i}].until_age"), "is 1 to 120"));
        }
    }
    let mut tx = match once.begin(&council, digest, "set how long sections are kept").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    for period in &new.periods {
        tx.set_retention(period.section.code(), Keep { years: period.years, until_age: period.until_age }).await?;
    }
    let now = Periods::of(&tx.retention().await?);
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &now)).await
}
