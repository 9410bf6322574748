//! What happened to families and their pathway is asked about.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Council;
use super::documented::Reads;
use super::page::{self, Limit, Page};
use super::params::Params;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FactId, FamilyId, HappeningId, Invalid, PersonId};
use crate::store::{self, HappeningState, Seen};

/// Something that happened to a family and that its pathway is asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Happening {
    id: HappeningId,
    family: FamilyId,
    /// Code list events.
    #[schema(example = "police-callout")]
    kind: String,
    on: Day,
    /// When it became known: as of which it is asked about.
    learnt_on: Day,
    /// That tells of it. Left out: the host noticed.
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<FactId>,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// `waiting`; `left` to people: it is among what is undecided; `answered`; `void`: what told of it was corrected or withdrawn first.
    #[schema(example = "answered")]
    state: &'static str,
    /// How often asking failed.
    failures: u64,
    /// That answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
}

impl From<store::Happening> for Happening {
    fn from(h: store::Happening) -> Self {
        let store::Happened { kind, on, fact, person } = h.what;
        Self {
            id: h.id,
            family: h.family,
            kind,
            on,
            learnt_on: h.learnt,
            fact,
            person,
            state: h.state.code(),
            failures: h.tries,
            decision: h.decision,
        }
    }
}

/// Which are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `waiting`, `left`, `answered`, `void`. Left out: `waiting`.
    #[param(example = "waiting")]
    state: Option<String>,
    /// Only of this family.
    family: Option<FamilyId>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List what happened
///
/// A fact that comes into the record and tells that something happened (an incident, a call-out, a changed standing, a goal met, …) within
/// the last half year, to a family that was in the record before, is asked about by itself: the plugin that decides pathways is asked `on-event`
/// as of the day on which it became known, once, of each family in the order in which it became known. Nothing is asked about while nobody
/// decides pathways. A question that fails is asked again after 1, 5, 25 and 125 minutes if that was no fault of the plugin's; then it is left to
/// people, who find it among what is undecided, and what happened next goes on.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/happenings", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Happening>, description = "In the order in which it became known"), Reads),
)]
pub async fn list_happenings(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Happening>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let known = |code: &str| {
        let states = HappeningState::ALL.map(HappeningState::code).join(", ");
        HappeningState::from_code(code)
            .ok_or_else(|| Invalid::new("state", format!("{} is not one of {states}", crate::record::told_back(code))))
    };
    let state = wanted.state.as_deref().map_or(Ok(HappeningState::Waiting), known)?;
    let after = page::after::<HappeningId>(wanted.after.as_deref())?;
    let found = council.store.happenings_for(&reader, state, wanted.family, after, page::limit(wanted.limit)).await?;
    council.listed(&found.items, |h| Seen::of(h.family, "happening", h.id, &[]));
    Ok(Json(Page::of(found, Happening::from)))
}
