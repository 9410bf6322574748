//! A draft whose plugin has a newer version with another form: its answers carried over, as the author says.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::assessments::theirs;
use super::body::Body;
use super::caller::Council;
use super::documented::Asks;
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AssessmentId, AuthorityId, InstallationId, KnownAt};
use crate::store::{self, CarryingCame};

/// Whether to begin again where nothing is carried over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CarryDraft)]
pub struct Carry {
    /// Where the newer version carries nothing over: an empty draft takes the place of this one, which stays to be read. Left out: this one stays a draft.
    #[serde(default)]
    begin_again: bool,
}

/// What came of asking a newer version about a draft.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CarriedDraft)]
pub struct CarriedOver {
    /// The newer version.
    installation: InstallationId,
    came: CarryingCame,
    /// The code of a failure, or of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The draft to the newer form. Left out: this one is the draft still.
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<AssessmentId>,
    /// Answers that went over. What did not is asked again.
    answers: u64,
    /// Questions of the newer form whose answer it did not take.
    refused: Vec<String>,
    by: String,
    at: KnownAt,
}

impl From<store::CarriedOver> for CarriedOver {
    fn from(of: store::CarriedOver) -> Self {
        let store::CarriedOver { installation, came, why, becomes, carried, refused, by, at, .. } = of;
        Self { installation, came, why, becomes, answers: carried, refused, by, at }
    }
}

/// Carry a draft over to the newer form
///
/// The newest version of its plugin is asked, as the host does by itself once nobody has typed for a quarter of an hour: what it carries over is a new
/// draft, and this one stays as it was typed, to be read beside it. `start-again`: its author carries nothing over from this form. `failed`: it is
/// asked again here, or by what asks all that is undecided again. In both the draft stays with its version, and is submitted to that.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/migration", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("assessment" = AssessmentId, Path, description = "The draft")),
    request_body(content = Carry, example = json!({ "begin_again": false })),
    responses((status = 200, body = CarriedOver, description = "What came of it"), Asks),
)]
pub async fn carry_assessment(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    Body { value: Carry { begin_again }, .. }: Body<Carry>,
) -> Result<Json<CarriedOver>, Problem> {
    let theirs = theirs(&council, Verb::Assess, id).await?;
    if !theirs.sees_words() {
        return Err(Problem::new(Code::NotAllowed, "what is typed is for those who see all of the family"));
    }
    Ok(Json(app.workflow.carry_draft(&council.store, id, begin_again, &council.by).await?.into()))
}
