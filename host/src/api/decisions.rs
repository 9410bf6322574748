//! Decisions: the authority's own rules asked about a family, and what they answered.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::actions::Action;
use super::asking::{Asking, in_body};
use super::authoring::whole;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::decision_seen::{Bare, DecisionSeen, theirs};
use super::documented::{Asks as AsksOf, Links, Reads};
use super::evidence::{Evidence, InLanguage, Language};
use super::findings::Finding;
use super::once::Once;
use super::overrides::Override;
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use super::reports::Report;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, Digest, FamilyId, InstallationId, KnownAt, LoginId, Section};
use crate::sandbox::{Verdict, answer};
use crate::store::{self, Installation, Seen};
use crate::workflow::about::{About, FamilyQuestion};
use crate::workflow::{ActionCameTo, Asked, Asks, CameTo, ClaimCameTo, Replayed, TaskCameTo, kept, said};

/// A question about a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    family: FamilyId,
    #[schema(value_type = FamilyQuestion)]
    question: String,
    /// What it is about beside the record; left out where it is about the record alone.
    #[serde(default)]
    #[schema(value_type = Option<About>)]
    about: Option<Value>,
    /// Who is asked. Eligibility, progress, triage, events and allocation are asked of the installation that decides them, if this is left
    /// out; `evaluate` and `shortlist` are asked of the one named.
    #[serde(default)]
    installation: Option<InstallationId>,
    /// The day that the question is about.
    as_of: Day,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// A decision, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionSummary {
    id: DecisionId,
    at: KnownAt,
    /// Who asked.
    by: String,
    family: FamilyId,
    /// What the authority calls the family: in lists, for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    /// The family's record that the plugin was given.
    revision: u64,
    installation: InstallationId,
    #[schema(example = "progress")]
    question: String,
    as_of: Day,
    /// The code answered (code lists eligibilities, outcomes, triages, …), or why there is no answer (failures).
    #[schema(example = "significant-and-sustained-progress")]
    pub(super) result: String,
    /// Of the answer's canonical bytes: a replay gives the same.
    answer: Digest,
}

/// A decision with its reasons.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    #[serde(flatten)]
    summary: DecisionSummary,
    plugin: DecidedBy,
    /// The result in words.
    says: String,
    /// The plugin could not answer, and says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
    findings: Vec<Finding>,
    claims: Vec<ClaimProposed>,
    tasks: Vec<TaskProposed>,
    /// What was reported of a form, a referral, an event, the candidates, the help that is wanted: from 0, as reasons count them.
    reported: Vec<Report>,
    /// What else was proposed. Nothing of it was kept where the plugin refused to answer.
    actions: Vec<ActionProposed>,
    /// Of an allocation that the host asked about: who stood at which place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<LoginId>,
    /// What people put in the place of what was decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<Override>,
    /// Sections whose facts the plugin was handed.
    delivered: Vec<Section>,
    /// What it rested on has been erased by law: facts and people are no longer named.
    evidence_erased: bool,
    /// Instructions that the run used.
    instructions: u64,
    millis: u64,
}

/// The plugin version that decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedBy {
    name: String,
    version: String,
    digest: Digest,
}

/// Why a plugin did not answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refusal {
    /// Code list failures.
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
}

/// A result that the plugin proposed to claim. Each kind is drafted once for a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimProposed {
    /// Code list claims.
    kind: String,
    says: String,
    amount_pence: i64,
    entitled_on: Day,
    /// Positions in `findings`.
    rests_on: Vec<u32>,
    /// Left out where the plugin refused to answer: then nothing is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_to: Option<ClaimCameTo>,
}

/// An action that the plugin proposed, and what came of it until now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionProposed {
    #[serde(flatten)]
    action: Action,
    /// Left out where the plugin refused to answer: then nothing is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_to: Option<ActionCameTo>,
}

/// A task that the plugin proposed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskProposed {
    key: String,
    /// Code list roles.
    role: String,
    title: String,
    due: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    came_to: Option<TaskCameTo>,
}

impl From<&store::Decision> for DecisionSummary {
    fn from(d: &store::Decision) -> Self {
        Self {
            id: d.id,
            at: d.at,
            by: d.principal.clone(),
            family: d.family,
            family_reference: None,
            revision: d.revision,
            installation: d.installation,
            question: d.question.clone(),
            as_of: d.as_of,
            result: d.result.clone(),
            answer: d.answer_digest,
        }
    }
}

impl Decision {
    pub(super) fn of(
        decision: &store::Decision,
        installation: &Installation,
        said: &answer::Answer,
        came_to: &CameTo,
        evidence: &Evidence,
    ) -> Self {
        let meaning = |list: &str, code: &str| evidence.reader.meaning(list, code);
        let (says, refused) = match &said.result {
            Verdict::Answered(code) => (meaning(said.question.answers(), code), None),
            Verdict::Refused(failure) => {
                let sentence = failure.message.as_ref().map(|m| evidence.sentence(m));
                (meaning("failures", &failure.why), Some(Refusal { why: failure.why.clone(), sentence }))
            }
        };
        let claim = |(i, c): (usize, &answer::Claim)| ClaimProposed {
            kind: c.kind.clone(),
            says: meaning("claims", &c.kind),
            amount_pence: c.amount_pence,
            entitled_on: c.entitled_on,
            rests_on: c.rests_on.clone(),
            came_to: came_to.claims.get(i).copied(),
        };
        let task = |(i, t): (usize, &answer::Task)| TaskProposed {
            key: t.key.clone(),
            role: t.role.clone(),
            title: evidence.sentence(&t.title),
            due: t.due,
            came_to: came_to.tasks.get(i).copied(),
        };
        let action =
            |(i, a): (usize, &answer::Action)| ActionProposed { action: Action::of(a, evidence), came_to: came_to.actions.get(i).copied() };
        Self {
            summary: decision.into(),
            plugin: DecidedBy {
                name: installation.plugin.clone(),
                version: evidence.manifest.version.clone(),
                digest: installation.digest,
            },
            says,
            refused,
            findings: said.findings.iter().map(|f| Finding::of(f, evidence)).collect(),
            claims: said.claims.iter().enumerate().map(claim).collect(),
            tasks: said.tasks.iter().enumerate().map(task).collect(),
            reported: said.reported.iter().map(|r| Report::of(r, evidence)).collect(),
            actions: said.actions.iter().enumerate().map(action).collect(),
            candidates: Vec::new(),
            overrides: Vec::new(),
            delivered: said.delivered.clone(),
            evidence_erased: evidence.snapshot.is_none(),
            instructions: decision.instructions,
            millis: decision.millis,
        }
    }

    /// With what stands beside a decision and is not in its answer.
    pub(super) fn beside(self, candidates: Vec<LoginId>, overrides: Vec<Override>) -> Self {
        Self { candidates, overrides, ..self }
    }
}

/// Ask the authority's own rules about a family
///
/// Runs the active installation over the family's record as it is known now. What it proposes is carried out or waits for a person, by
/// the authority's policies. Where the plugin fails, nothing is decided: the problem says what happened, the run is kept for its
/// author, and the question with what it is about stays among what is undecided until it is decided (`undecided`). What a failure
/// means besides is the question's `policy`: `to-a-person` where it guards somebody, with a task for a person to look (`task`);
/// otherwise `open`. The family's data is not touched then.
///
/// | question | asked of | `about` |
/// |---|---|---|
/// | `eligibility`, `progress`, `suited` | the installation that decides outcomes | left out |
/// | `triage` | the one that decides the pathway | a referral |
/// | `on-event` | the one that decides the pathway | an event |
/// | `allocate` | the one that decides the pathway | candidates |
/// | `evaluate` | the assessment installation that is named | the answers to a form |
/// | `shortlist` | the commissioning installation that is named | the help that is wanted |
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewQuestion, example = json!({
        "family": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", "question": "suited", "as_of": "2026-08-31",
    })),
    responses((status = 201, body = DecisionSeen, description = "Decided", headers(("Location" = String))), AsksOf),
)]
pub async fn make_decision(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: asks, digest }: Body<NewQuestion>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Decide, asks.family).await.map_err(in_body)?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let question = Asks::read(&asks.question, asks.about)?;
    let named = asks.installation.is_some();
    let ready = app.workflow.asked(&council.store, question.extension_point(), asks.installation).await?;
    let asked = Asked { family: asks.family, asks: question, as_of: asks.as_of };
    Asking { council, opened, once, digest, language: asks.language, candidates: Vec::new(), named }.about(&app, &ready, asked).await
}

/// Which decisions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only about this family.
    family: Option<FamilyId>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List decisions
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/decisions", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<DecisionSummary>, description = "The latest first"), Reads),
)]
pub async fn list_decisions(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<DecisionSummary>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let before = page::after(wanted.after.as_deref())?;
    let decisions = council.store.decisions_for(&reader, wanted.family, before, page::limit(wanted.limit)).await?;
    council.listed(&decisions.items, |d| Seen::of(d.family, "decision", d.id, &[]));
    let called = council.called(&decisions.items.iter().map(|d| d.family).collect::<Vec<_>>()).await?;
    Ok(Json(Page::of(decisions, |d| DecisionSummary { family_reference: called.get(&d.family).cloned(), ..DecisionSummary::from(&d) })))
}

/// Read a decision
///
/// With its findings, the sentences approved for them, and the facts that they rest on.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/decisions/{decision}", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("decision" = DecisionId, Path, description = "The decision"),
        InLanguage,
    ),
    responses((status = 200, body = DecisionSeen, description = "The decision"), Reads),
)]
pub async fn read_decision(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    Params(InLanguage { language }): Params<InLanguage>,
) -> Result<Json<DecisionSeen>, Problem> {
    let (decision, withheld) = theirs(&council, id).await?;
    if !withheld.is_empty() {
        return Ok(Json(DecisionSeen::Bare(Box::new(Bare::new(&decision, withheld)))));
    }
    let installation = council.store.installation(decision.installation).await?;
    let said = said(&decision)?;
    council.showed(Seen::of(decision.family, "decision", id, &said.delivered));
    let came_to = kept(&council.store, &decision, &said).await?;
    let evidence = Evidence::of(&app, &council.store, &decision, installation.digest, language).await?;
    let overrides = council.store.overrides_of(id).await?.into_iter().map(Override::from).collect();
    let whole = Decision::of(&decision, &installation, &said, &came_to, &evidence);
    Ok(Json(DecisionSeen::Whole(Box::new(whole.beside(council.store.candidates_of(id).await?, overrides)))))
}

/// Repeat a decision
///
/// Two checks: does the plugin give the same bytes from what it was given then, and does what it was given still follow
/// from the record? Writes nothing. Nobody asks more often than so many times a minute.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions/{decision}/replay", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("decision" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = Replayed, description = "What the replay found"), Links),
)]
pub async fn replay_decision(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    _: Nothing,
) -> Result<Json<Replayed>, Problem> {
    whole(&app, &council, id).await?;
    Ok(Json(app.workflow.replay(&council.store, id).await?))
}
