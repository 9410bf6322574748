//! What is done with an assessment: submitted, signed by the family and then by the manager, sent back, amended, given up.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::assessments::{AssessmentSummary, Theirs, theirs};
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Asks, Writes};
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::forms::Wrong;
use crate::record::{AssessmentId, AuthorityId, Day, PersonId, UndecidedId, fact};
use crate::store::{self, AuthorityTx, SignedHow};
use crate::workflow::WorkflowError;
use crate::workflow::assessments::Submitted;
use crate::workflow::signing::{self, Next};

/// Bytes of a reason.
const REASON: usize = 500;

/// When an assessment was made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The day that it is as of, not to come. Left out: today; of an amended one, the day of the version before.
    #[serde(default)]
    as_of: Option<Day>,
}

/// An assessment that was submitted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmittedAssessment)]
pub struct Sent {
    #[serde(flatten)]
    summary: AssessmentSummary,
    /// Not decided yet: where the question stands meanwhile. It is asked again by what asks all of these again.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<UndecidedId>,
}

/// Submit an assessment
///
/// Its form judges it: with anything missing or wrong it stays a draft, and the problem's `wrong` lists what. Then it is saved, and its plugin is
/// asked what it comes to: `completed`, with its scores in the record; or a draft again, where the plugin found something missing (`decision`
/// says what); or still `submitted`, where the plugin failed. Sent again, a submitted one is asked about again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/submission", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("assessment" = AssessmentId, Path, description = "The draft")),
    request_body(content = Submission, example = json!({ "as_of": "2026-08-31" })),
    responses((status = 200, body = Sent, description = "Submitted"), Asks),
)]
pub async fn submit_assessment(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    Body { value: Submission { as_of }, .. }: Body<Submission>,
) -> Result<axum::Json<Sent>, Problem> {
    let theirs = theirs(&council, Verb::Assess, id).await?;
    whole(&theirs)?;
    let undecided = match app.workflow.submit(&council.store, id, as_of, &council.by).await? {
        Submitted::Incomplete(judged) => return Err(incomplete(&judged.wrong)),
        Submitted::Decided => None,
        Submitted::NotDecided(undecided) => undecided,
    };
    let now = council.store.assessment(id).await?;
    Ok(axum::Json(Sent { summary: (&now).into(), undecided }))
}

fn incomplete(wrong: &[Wrong]) -> Problem {
    let problem = Problem::invalid("answers", format!("{} of them are missing or do not fit: the assessment stays a draft", wrong.len()));
    problem.with("wrong", serde_json::to_value(wrong).unwrap_or_default())
}

/// What is typed is for those who see all of the family.
fn whole(theirs: &Theirs) -> Result<(), Problem> {
    if theirs.sees_words() {
        return Ok(());
    }
    Err(Problem::new(Code::NotAllowed, "what is typed is for those who see all of the family"))
}

/// Who of the family signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Members of the family: 1 to 20.
    people: Vec<PersonId>,
    how: SignedHow,
    /// Not to come. Today, if left out.
    #[serde(default)]
    on: Option<Day>,
}

/// Sign an assessment for the family
///
/// Whoever of the family signs a completed one: themselves, or after it was read to them over the phone. More may sign until the manager does.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/signatures", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Signature, example = json!({ "people": ["0198c1f2-7d30-7a10-8000-5b0f4f8a1c11"], "how": "in-person" })),
    responses((status = 200, body = AssessmentSummary, description = "Signed"), Writes),
)]
pub async fn sign_assessment(
    council: Council,
    Id(id): Id<AssessmentId>,
    once: Once,
    Body { value: new, digest }: Body<Signature>,
) -> Result<Response, Problem> {
    let theirs = theirs(&council, Verb::Assess, id).await?;
    if new.people.is_empty() || new.people.len() > 20 {
        return Err(Problem::invalid("people", "has 1 to 20 entries"));
    }
    if let Some(i) = (0..new.people.len()).find(|i| !theirs.knows(new.people[*i]) || new.people[..*i].contains(&new.people[*i])) {
        return Err(Problem::invalid(format!("people[{i}]"), "is nobody of this family, or stands here twice"));
    }
    let mut tx = match once.begin(&council, digest, "signed an assessment for the family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    let on = new.on.unwrap_or(today);
    if on > today {
        return Err(Problem::invalid("on", "is still to come"));
    }
    signing::sign(&mut tx, id, &new.people, new.how, on).await?;
    finish(once, tx, &council, digest, id, StatusCode::OK).await
}

async fn finish(
    once: Once,
    mut tx: AuthorityTx,
    council: &Council,
    digest: crate::record::Digest,
    id: AssessmentId,
    status: StatusCode,
) -> Result<Response, Problem> {
    let now = tx.assessment(id).await?;
    once.finish(tx, council, digest, Answer::new(status, &AssessmentSummary::from(&now))).await
}

/// Sign an assessment off
///
/// By a manager, what the family has signed.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/sign-off", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = AssessmentSummary, description = "Signed off"), Acts),
)]
pub async fn sign_assessment_off(
    council: Council,
    Id(id): Id<AssessmentId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    theirs(&council, Verb::SignOff, id).await?;
    let mut tx = match once.begin(&council, digest, "signed an assessment off").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    signing::sign_off(&mut tx, id).await?;
    finish(once, tx, &council, digest, id, StatusCode::OK).await
}

/// Why something is done with an assessment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentReason)]
pub struct Why {
    /// 1 to 500 bytes; kept.
    #[schema(example = "nobody spoke with the father")]
    reason: String,
}

/// Send an assessment back
///
/// By a manager, instead of signing it off. It stays as it is; whoever made it has a task, and another version with its answers to work on.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/return", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Why, example = json!({ "reason": "nobody spoke with the father" })),
    responses((status = 201, body = AssessmentSummary, description = "The version to work on"), Writes),
)]
pub async fn send_assessment_back(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    once: Once,
    Body { value: Why { reason }, digest }: Body<Why>,
) -> Result<Response, Problem> {
    let theirs = theirs(&council, Verb::SignOff, id).await?;
    fact::text("reason", &reason, REASON)?;
    let next = next(&app, &council, &theirs.assessment, reason).await?;
    let mut tx = match once.begin(&council, digest, "sent an assessment back").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let begun = signing::send_back(&mut tx, id, theirs.opened.family, next).await?;
    finish(once, tx, &council, digest, begun, StatusCode::CREATED).await
}

/// Amend an assessment
///
/// What was stays to be read. Another version begins with its answers; once that is completed it takes its place in the record, and is signed anew.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/amendment", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Why, example = json!({ "reason": "the school sent its figures late" })),
    responses((status = 201, body = AssessmentSummary, description = "The version to work on"), Writes),
)]
pub async fn amend_assessment(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    once: Once,
    Body { value: Why { reason }, digest }: Body<Why>,
) -> Result<Response, Problem> {
    let theirs = theirs(&council, Verb::Assess, id).await?;
    whole(&theirs)?;
    fact::text("reason", &reason, REASON)?;
    let next = next(&app, &council, &theirs.assessment, reason).await?;
    let mut tx = match once.begin(&council, digest, "began to amend an assessment").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let begun = signing::amend(&mut tx, id, theirs.opened.family, next).await?;
    finish(once, tx, &council, digest, begun, StatusCode::CREATED).await
}

/// With the plugin version that it was made with; where that was retired, with the one that offers the form now.
async fn next(app: &App, council: &Council, of: &store::Assessment, reason: String) -> Result<Next, Problem> {
    let same = app.workflow.offering(&council.store, &of.form, Some(of.installation)).await;
    let (installation, form) = match same {
        Err(WorkflowError::Store(store::StoreError::Invalid(_))) => app.workflow.offering(&council.store, &of.form, None).await?,
        found => found?,
    };
    Ok(Next { installation: installation.id, digest: form.digest(), reason })
}

/// Give a draft up
///
/// It stays to be read, with the reason.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/end", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The draft"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Why, example = json!({ "reason": "begun for the wrong family" })),
    responses((status = 200, body = AssessmentSummary, description = "Given up"), Writes),
)]
pub async fn give_assessment_up(
    council: Council,
    Id(id): Id<AssessmentId>,
    once: Once,
    Body { value: Why { reason }, digest }: Body<Why>,
) -> Result<Response, Problem> {
    theirs(&council, Verb::Assess, id).await?;
    fact::text("reason", &reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "gave a draft of an assessment up").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    signing::give_up(&mut tx, id, &reason).await?;
    finish(once, tx, &council, digest, id, StatusCode::OK).await
}
