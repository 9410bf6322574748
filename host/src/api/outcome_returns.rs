//! What outcomes are reported, cost and save; and the unit costs that the authority supplies for it.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Csv;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::params::Params;
use super::problem::Problem;
use super::tables::{Supplied, TableVersion, supply};
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, Day, Window};
use crate::workflow::outcome_returns::{OutcomeQuarter, by_quarter};
use crate::workflow::savings::{Savings, savings};
use crate::workflow::unit_costs::{self, UNIT_COSTS, UnitCost};

/// Days of a period that is reported: ten years.
const LONGEST: i32 = 3_660;

/// A period, both days included.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Period {
    first: Day,
    /// At most ten years later.
    last: Day,
}

impl Period {
    fn window(&self) -> Result<Window, Problem> {
        let window = Window::new(self.first, Some(self.last))?;
        if self.last.number() - self.first.number() > LONGEST {
            return Err(Problem::invalid("last", "is more than ten years after the first day"));
        }
        Ok(window)
    }
}

/// What was achieved, by quarter.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeReturn {
    authority: AuthorityId,
    quarters: Vec<OutcomeQuarter>,
}

/// Read what was achieved by quarter
///
/// Families and people that were helped, and how many families stand where. It is what an authority reports that is paid up front and claims
/// nothing. Nobody is named; a count of 1 to 4 is not told.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/outcome-returns", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Period),
    responses((status = 200, body = OutcomeReturn, description = "In the order of the quarters"), Reads),
)]
pub async fn read_outcome_returns(State(app): State<App>, council: Council, Params(period): Params<Period>) -> Result<Response, Problem> {
    council.may(Verb::ReadReturns)?;
    let window = period.window()?;
    let figures = async || {
        let quarters = by_quarter(&council.store, window).await?;
        Ok(OutcomeReturn { authority: council.store.id().clone(), quarters })
    };
    app.sums.of(&council.store, "outcome-returns", window, figures).await
}

/// Read what outcomes cost and save
///
/// By the unit costs that the authority supplied: every part with its figure, source and agency, and the sums. Of each family the latest
/// answer to `progress` as of a day of the period counts. A part of 1 to 4 families is not told, and in no sum.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/savings", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Period),
    responses((status = 200, body = Savings, description = "Of the period"), Reads),
)]
pub async fn read_savings(State(app): State<App>, council: Council, Params(period): Params<Period>) -> Result<Response, Problem> {
    council.may(Verb::ReadReturns)?;
    let window = period.window()?;
    app.sums.of(&council.store, "savings", window, async || savings(&council.store, window).await).await
}

/// Supply the unit costs
///
/// As a sheet with the columns `what` (`cost`, `saving`), `of` (a criterion; of a cost, `helped`), `per` (`family`, `fewer`, `more`), `first`,
/// `last`, `pounds`, `agency` and `source`. A new version, which counts from now on; the same rows again make none.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/tables/unit-costs", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = String, content_type = "text/csv", example = "what,of,per,first,last,pounds,agency,source\nsaving,callouts,fewer,2026-04-01,,183.50,Avon police,own"),
    responses((status = 200, body = Supplied<UnitCost>, description = "The version that now counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn supply_unit_costs(council: Council, seen: IfMatch, Csv(sheet): Csv) -> Result<Versioned<Supplied<UnitCost>>, Problem> {
    council.may(Verb::SetRules)?;
    let rows = unit_costs::read(&sheet)?;
    let rows = serde_json::to_value(&rows).unwrap_or_default();
    supply(&council, &seen, None, UNIT_COSTS, &rows).await
}

/// Read the unit costs
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/tables/unit-costs", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), TableVersion),
    responses((status = 200, body = Supplied<UnitCost>, description = "As they were read", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_unit_costs(council: Council, Params(wanted): Params<TableVersion>) -> Result<Versioned<Supplied<UnitCost>>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Supplied::of(council.store.supplied(None, UNIT_COSTS, wanted.version()).await?)?)
}
