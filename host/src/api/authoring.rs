//! For authors, from what was decided: a decision's evidence as a scenario, and what would have to be otherwise for another answer.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::decision_seen::theirs;
use super::documented::{Asks, Links};
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::plugins::scenarios::Turn;
use crate::record::{AuthorityId, DecisionId, FactId, Kind, PersonId};
use crate::store::{self, Seen};
use crate::workflow::authoring::{Bounds, Exported, NotTold, Target, Turned, Turns};

/// Runs, and time, of one search.
const BOUNDS: Bounds = Bounds { runs: 500, wall: Duration::from_secs(10) };

/// A decision's evidence as a scenario.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedScenario {
    /// A file that `hearth plugin test` reads and the same plugin passes.
    #[schema(example = "scenario: progress as it was decided, pseudonymised\ntoday: 2026-05-04\n…")]
    yaml: String,
    /// False: of an authority whose families are all invented, as it is.
    pseudonymised: bool,
    /// Kinds of which facts were left out: the answer is the same without them.
    #[schema(value_type = Vec<String>, example = json!(["contact", "score"]))]
    left_out: Vec<&'static str>,
    /// People who were.
    people_left_out: usize,
}

impl From<Exported> for ExportedScenario {
    fn from(exported: Exported) -> Self {
        let Exported { text, pseudonymised, left_out, people_left_out } = exported;
        Self { yaml: text, pseudonymised, left_out: left_out.into_iter().map(Kind::code).collect(), people_left_out }
    }
}

/// What is to come out otherwise.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToTurn {
    /// A criterion that the decision found something of. Left out: the result.
    #[serde(default)]
    #[schema(example = "education-1")]
    criterion: Option<String>,
    /// Whose, where it was found of somebody.
    #[serde(default)]
    person: Option<PersonId>,
}

/// What would have to change.
#[derive(Debug, Serialize, ToSchema)]
pub struct WouldTurn {
    /// As it was decided.
    #[schema(example = "significant-and-sustained")]
    result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<String>,
    /// Single changes that turn it; those of facts that the answer rests on first.
    turns: Vec<TurnedFact>,
    /// Changes that were tried.
    tried: u32,
    /// That were not: the search is bounded.
    untried: u32,
    /// After which the plugin would have read sections that it was not given then: what it would answer is not told.
    beyond: u32,
    /// After which it failed.
    failed: u32,
}

/// A single change that turns a result or a criterion.
#[derive(Debug, Serialize, ToSchema)]
pub struct TurnedFact {
    fact: FactId,
    #[schema(value_type = String, example = "attendance")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    change: Turn,
    /// In the words of scenarios: `from` and `until` are its first and last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "attended")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, example = "attended")]
    from: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    to: Option<Value>,
    /// What would be answered.
    result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<String>,
}

impl From<Turned> for TurnedFact {
    fn from(turned: Turned) -> Self {
        let Turned { fact, kind, person, turn, field, from, to, result, standing } = turned;
        Self { fact, kind: kind.code(), person, change: turn, field, from, to, result, standing }
    }
}

impl From<Turns> for WouldTurn {
    fn from(turns: Turns) -> Self {
        let Turns { result, standing, turned, tried, untried, beyond, failed } = turns;
        Self { result, standing, turns: turned.into_iter().map(TurnedFact::from).collect(), tried, untried, beyond, failed }
    }
}

impl From<NotTold> for Problem {
    fn from(why: NotTold) -> Self {
        match why {
            NotTold::Workflow(error) => error.into(),
            NotTold::Untold(invalid) => invalid.into(),
            other => Self::new(Code::Conflict, other.to_string()),
        }
    }
}

/// A decision all of which whoever asks may see, once more within what they may ask in a minute.
///
/// # Errors
/// `too-many-requests`, `not-allowed`, `no-such`.
pub(super) async fn whole(app: &App, council: &Council, id: DecisionId) -> Result<store::Decision, Problem> {
    app.rates.again(&council.who)?;
    let (decision, withheld) = theirs(council, id).await?;
    if !withheld.is_empty() {
        return Err(Problem::new(Code::NotAllowed, "this decision was given sections that are withheld from you"));
    }
    let sections: Vec<_> = decision.label.iter().collect();
    council.showed(Seen::of(decision.family, "decision", id, &sections));
    Ok(decision)
}

/// Export a decision as a scenario
///
/// What its run was given, as a scenario file that the same plugin passes. Of an authority whose families are all invented, as it is. Of any
/// other it is pseudonymised: names and ids are new, all dates are moved by the same weeks, births are on the first of a month, sums and
/// hours are rounded, identifiers and whatever the answer does not need are left out, and nothing stays in it that fewer than five families
/// of the authority have. `conflict` where that cannot be done and the answer stay the same. What is left can still be known again by who
/// knows the family: it is for people who work with it, and a scenario that is published is read by its publisher first.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions/{decision}/scenario", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("decision" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = ExportedScenario, description = "The scenario. Nothing is kept of it"), Links),
)]
pub async fn export_scenario(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    _: Nothing,
) -> Result<Json<ExportedScenario>, Problem> {
    council.may(Verb::ExportScenarios)?;
    let decision = whole(&app, &council, id).await?;
    Ok(Json(app.workflow.export_scenario(&council.store, &decision).await?.into()))
}

/// Ask what would have to change
///
/// Searches single changes to the facts that the decision's run was given: each gone or there once more, each value by its type, each day
/// moved by a month, a quarter and a year. Answers those that turn the result, or one criterion. Nothing is written to the record.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions/{decision}/what-would-change", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("decision" = DecisionId, Path, description = "The decision")),
    request_body(content = ToTurn, example = json!({ "criterion": "education-1", "person": "0198c5a4-0000-7000-8000-000000000000" })),
    responses((status = 200, body = WouldTurn, description = "The changes"), Asks),
)]
pub async fn what_would_change(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    Body { value: wanted, .. }: Body<ToTurn>,
) -> Result<Json<WouldTurn>, Problem> {
    let decision = whole(&app, &council, id).await?;
    let target = match wanted {
        ToTurn { criterion: Some(criterion), person } => Target::Criterion { criterion, person },
        ToTurn { criterion: None, person: None } => Target::Result,
        ToTurn { criterion: None, person: Some(_) } => return Err(Problem::invalid("person", "is named without a criterion")),
    };
    Ok(Json(app.workflow.what_would_change(&council.store, &decision, target, BOUNDS).await?.into()))
}
