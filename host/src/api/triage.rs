//! Triage: the pathway is asked about a referral, and a person confirms what it answered or sets it aside.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::asking::Asking;
use super::body::Body;
use super::caller::Council;
use super::decision_seen::{self, DecisionSeen};
use super::documented::{Asks as AsksOf, Writes};
use super::evidence::Language;
use super::front_door::{Referral, at_the_door};
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, ReferralId, fact};
use crate::sandbox::ExtensionPoint;
use crate::store::{self, ReferralState, StoreError};
use crate::workflow::referrals::{With, triage_of};
use crate::workflow::{self, Asked};

/// Bytes of a reason, and of what a sender is asked.
const LONGEST: usize = 500;

/// As of when a referral is triaged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Triage {
    /// Today, if left out.
    #[serde(default)]
    as_of: Option<Day>,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// Have a referral triaged
///
/// The pathway that decides is asked. Its answer, with level, route and priority, is a decision, and waits for a person. Where the plugin fails
/// the referral stays as it is, among what is to be looked at: a person can decide without it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/referrals/{referral}/triage", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ReferralId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Triage, example = json!({})),
    responses((status = 201, body = DecisionSeen, description = "Answered", headers(("Location" = String))), AsksOf),
)]
pub async fn triage_referral(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ReferralId>,
    once: Once,
    Body { value: asks, digest }: Body<Triage>,
) -> Result<Response, Problem> {
    let referral = at_the_door(&council, Verb::Triage, id).await?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let waits = matches!(referral.state, ReferralState::Settled | ReferralState::Triaged);
    let Some(family) = referral.family.filter(|_| waits) else {
        let why = match referral.state {
            ReferralState::Received => "say first whom the referral is about",
            ReferralState::Asked => "its sender is asked for more, and has not answered",
            _ => "the referral is closed",
        };
        return Err(StoreError::Conflict(why.to_owned()).into());
    };
    let opened = council.family_of(Verb::Decide, family, "referral", id).await?;
    let people = council.store.people_of_referral(id).await?;
    let ready = app.workflow.deciding(&council.store, ExtensionPoint::Pathway).await?;
    let as_of = asks.as_of.unwrap_or_else(|| council.store.clock().now().day());
    if as_of < referral.came_on {
        return Err(Problem::invalid("as_of", "is before the day on which the referral came"));
    }
    let asked = Asked { family, asks: triage_of(&referral, people), as_of };
    Asking { council, opened, once, digest, language: asks.language, candidates: Vec::new(), named: false }.about(&app, &ready, asked).await
}

/// That what the pathway answered is to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReferralConfirmation)]
pub struct Confirmation {
    /// The decision that was read: another one made meanwhile is not confirmed unread.
    decision: DecisionId,
    /// Of an accepted one: from which day on the episode is open; today, if left out.
    #[serde(default)]
    on: Option<Day>,
    /// Where the pathway answers `ask-more`: what the sender is asked, 1 to 500 bytes. They read it: write nothing of the record.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    question: Option<String>,
    /// Of an accepted one: the problems that were found on the way in, beside those that the referral names; the episode is about all of them. Code
    /// list problems, each once. An episode that is open already keeps its own.
    #[serde(default)]
    #[schema(example = json!(["housing"]))]
    needs: Vec<String>,
}

/// Confirm what a pathway answered
///
/// `accept` opens an episode, a new one on the same record for a family that comes back; `ask-more` waits for the sender; everything else
/// closes the referral. The sender hears of it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/referrals/{referral}/confirmation", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ReferralId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Confirmation, example = json!({ "decision": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c40" })),
    responses((status = 200, body = Referral, description = "Done"), Writes),
)]
pub async fn confirm_referral(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ReferralId>,
    once: Once,
    Body { value: new, digest }: Body<Confirmation>,
) -> Result<Response, Problem> {
    let before = at_the_door(&council, Verb::Triage, id).await?;
    asks(new.question.as_deref())?;
    let mut tx = match once.begin(&council, digest, "confirmed what the pathway answered about a referral").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if before.decision == Some(new.decision) {
        decision_seen::theirs(&council, new.decision).await?;
    }
    let referral = tx.referral(id).await?;
    if referral.decision != Some(new.decision) {
        return Err(StoreError::Conflict("it is not the referral's latest triage: read it again".to_owned()).into());
    }
    let with = With { on: new.on, question: new.question.as_deref(), needs: &new.needs };
    app.workflow.confirm_referral(&council.store, &mut tx, &referral, with).await?;
    let answer = told(&council, tx.referral(id).await?);
    once.finish(tx, &council, digest, answer).await
}

/// What is to become of a referral instead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InsteadOfTriage)]
pub struct Instead {
    /// Code list triages.
    #[schema(example = "accept")]
    pub(super) answer: String,
    /// Of the pathway's levels.
    #[serde(default)]
    pub(super) level: Option<String>,
    /// Of the pathway's routes.
    #[serde(default)]
    pub(super) goes_to: Option<String>,
    /// Code list priorities.
    #[serde(default)]
    pub(super) priority: Option<String>,
}

/// A person sets the pathway aside, or decides without it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overriding {
    instead: Instead,
    /// 1 to 500 bytes; kept.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// As of a confirmation.
    #[serde(default)]
    on: Option<Day>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    question: Option<String>,
    /// As of a confirmation.
    #[serde(default)]
    needs: Vec<String>,
}

/// Override a triage
///
/// Another answer, level, route or priority than the pathway's, with the reason; what the pathway decided stays beside it. Also where the pathway
/// failed, cannot answer, or was not asked. What follows is as of a confirmation. A referral that nobody said whom it is about can be closed,
/// and not accepted.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/referrals/{referral}/override", tag = "front-door", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("referral" = ReferralId, Path, description = "The referral"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Overriding, example = json!({
        "instead": { "answer": "accept", "priority": "today" }, "reason": "The school rang: she is afraid to go home.",
    })),
    responses((status = 200, body = Referral, description = "Done"), Writes),
)]
pub async fn override_referral(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ReferralId>,
    once: Once,
    Body { value: new, digest }: Body<Overriding>,
) -> Result<Response, Problem> {
    at_the_door(&council, Verb::Triage, id).await?;
    at_the_door(&council, Verb::Override, id).await?;
    fact::text("reason", &new.reason, LONGEST)?;
    asks(new.question.as_deref())?;
    let mut tx = match once.begin(&council, digest, "set aside what the pathway answered about a referral").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let referral = tx.referral(id).await?;
    let Instead { answer, level, goes_to, priority } = new.instead;
    let instead = workflow::Instead { answer, level, goes_to, priority };
    let with = With { on: new.on, question: new.question.as_deref(), needs: &new.needs };
    let done = app.workflow.override_referral(&council.store, &mut tx, &referral, instead, &new.reason, with).await;
    done.map_err(Problem::from).map_err(in_instead)?;
    let answer = told(&council, tx.referral(id).await?);
    once.finish(tx, &council, digest, answer).await
}

fn in_instead(problem: Problem) -> Problem {
    match problem.field.as_deref() {
        Some("answer" | "level" | "goes_to" | "priority") if problem.code == Code::Invalid => problem.within("instead"),
        _ => problem,
    }
}

fn asks(question: Option<&str>) -> Result<(), Problem> {
    Ok(question.map_or(Ok(()), |q| fact::text("question", q, LONGEST))?)
}

fn told(council: &Council, referral: store::Referral) -> Answer {
    council.showed(super::front_door::seen(&referral));
    Answer::new(StatusCode::OK, &Referral::of(referral, council.store.clock().now().day()))
}
