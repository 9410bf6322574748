//! Decisions: the authority's own rules asked about a family, and what they answered.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Asks, Links, Reads};
use super::evidence::{Evidence, Language};
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::record::sections::Handle;
use crate::record::{AuthorityId, Day, DecisionId, Digest, FactId, FamilyId, InstallationId, KnownAt, PersonId, Section, Window};
use crate::sandbox::{Unit, Verdict, answer};
use crate::store::{self, Installation, StoreError};
use crate::workflow::{Asked, Asking, CameTo, ClaimCameTo, Ran, Replayed, TaskCameTo, keep, keep_failure, kept};

/// A question about a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    family: FamilyId,
    question: Asking,
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
    /// The family's record that the plugin was given.
    revision: u64,
    installation: InstallationId,
    #[schema(example = "progress")]
    question: String,
    as_of: Day,
    /// The code answered (code lists eligibilities, outcomes), or why there is no answer (failures).
    #[schema(example = "significant-and-sustained-progress")]
    result: String,
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

/// What was found of one criterion.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// From the plugin's framework.
    criterion: String,
    heading: String,
    /// Whom it is about; left out: the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonNamed>,
    /// Code list standings.
    #[schema(example = "met")]
    standing: String,
    says: String,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// In the criterion's unit, to one decimal; so are the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    unit: Unit,
    reasons: Vec<Reason>,
    /// When another answer may be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    look_again: Option<Day>,
}

/// A member of the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonNamed {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<PersonId>,
    name: String,
}

/// A sentence, and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    sentence: String,
    rests_on: Vec<Basis>,
}

/// What a reason rests on: a fact, a search and how many facts it found, or something else that the run had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Null: erased.
    Fact(Option<FactId>),
    Searched(Searched),
    /// An earlier finding of this decision, from 0.
    Reported(u32),
    /// A setting of the plugin, by name.
    Setting(String),
    /// A reference table, by name.
    Table(String),
    /// An answer of the form, by the question's id.
    Answered(String),
    /// What the question itself was about.
    Asked,
}

/// Where the plugin looked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Searched {
    section: String,
    kind: String,
    /// Whose; null if it was looked for in the whole family.
    person: Option<PersonId>,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    found: u32,
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
    fn of(decision: &store::Decision, installation: &Installation, said: &answer::Answer, came_to: &CameTo, evidence: &Evidence) -> Self {
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
            delivered: said.delivered.clone(),
            evidence_erased: evidence.snapshot.is_none(),
            instructions: decision.instructions,
            millis: decision.millis,
        }
    }
}

impl Finding {
    fn of(finding: &answer::Finding, evidence: &Evidence) -> Self {
        let criterion = evidence.manifest.framework.iter().find(|c| c.criterion == finding.criterion);
        let Window { first, last } = finding.window;
        Self {
            criterion: finding.criterion.clone(),
            heading: criterion.map_or(&finding.criterion[..], |c| c.heading.in_language(evidence.reader.welsh)).to_owned(),
            person: finding.person.map(|p| evidence.person(p)),
            standing: finding.standing.clone(),
            says: evidence.reader.meaning("standings", &finding.standing),
            first,
            last,
            before: finding.before.map(one_decimal),
            now: finding.now.map(one_decimal),
            threshold: finding.threshold.map(one_decimal),
            unit: criterion.map_or(Unit::None, |c| c.unit),
            reasons: finding.reasons.iter().map(|r| Reason::of(r, evidence)).collect(),
            look_again: finding.look_again,
        }
    }
}

fn one_decimal(tenths: i32) -> f64 {
    f64::from(tenths) / 10.0
}

impl Reason {
    fn of(reason: &answer::Reason, evidence: &Evidence) -> Self {
        let basis = |b: &answer::Basis| match b {
            answer::Basis::Fact(handle) => Basis::Fact(evidence.fact(*handle)),
            answer::Basis::Searched(s) => Basis::Searched(Searched {
                section: s.section.clone(),
                kind: s.kind.clone(),
                person: s.person.and_then(|p| evidence.person(p).id),
                first: s.window.first,
                last: s.window.last,
                found: s.found,
            }),
            answer::Basis::Reported(number) => Basis::Reported(*number),
            answer::Basis::Setting(name) => Basis::Setting(name.clone()),
            answer::Basis::Table(name) => Basis::Table(name.clone()),
            answer::Basis::Answered(question) => Basis::Answered(question.clone()),
            answer::Basis::Asked => Basis::Asked,
        };
        Self { sentence: evidence.sentence(&reason.message), rests_on: reason.rests_on.iter().map(basis).collect() }
    }
}

impl Evidence {
    fn person(&self, handle: Handle) -> PersonNamed {
        let id = self.snapshot.as_ref().and_then(|s| s.people.get(handle as usize)).map(|p| p.id);
        PersonNamed { id, name: self.reader.person(handle, self.snapshot.as_deref()) }
    }

    fn fact(&self, handle: Handle) -> Option<FactId> {
        self.snapshot.as_ref()?.facts.get(handle as usize).map(|f| f.id)
    }
}

/// Ask the authority's own rules about a family
///
/// Runs the active installation over the family's record as it is known now. Where the plugin fails, nothing is decided:
/// the problem says what happened, and the run is kept for its author. The family's data is not touched either way.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/decisions", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewQuestion, example = json!({
        "family": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", "question": "suited", "as_of": "2026-08-31",
    })),
    responses((status = 201, body = Decision, description = "Decided", headers(("Location" = String))), Asks),
)]
pub async fn make_decision(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: asks, digest }: Body<NewQuestion>,
) -> Result<Response, Problem> {
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let ready = app.workflow.deciding(&council.store).await?;
    let asked = Asked { family: asks.family, asking: asks.question, as_of: asks.as_of };
    let ran = app.workflow.ask(&council.store, &ready, asked, &council.who.name).await.map_err(Problem::from).map_err(in_body)?;
    let made = match ran {
        Ran::Decided(made) => made,
        Ran::Failed(failed) => {
            let mut tx = council.write("kept a failed run").await?;
            keep_failure(&mut tx, &failed).await?;
            tx.commit().await?;
            return Err(Problem::of_run(&failed.fault, &ready.installation.plugin, failed.run.id));
        }
    };
    let mut tx = match once.begin(&council, digest, "decided about a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let came_to = keep(&mut tx, &[&made]).await?.pop().unwrap_or_default();
    let evidence = Evidence::given(&council.store, ready.manifest.clone(), Some(made.snapshot.clone()), asks.language).await?;
    let decision = Decision::of(&made.decision, &ready.installation, &made.answer, &came_to, &evidence);
    once.finish(tx, &council, digest, Answer::created(&decision)).await
}

/// What the path names is missing with 404; what a body names, with 422.
fn in_body(problem: Problem) -> Problem {
    if problem.code == super::problem::Code::NoSuch && problem.field.as_deref() == Some("family") {
        return Problem::invalid("family", problem.detail);
    }
    problem
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
    let before = page::after(wanted.after.as_deref())?;
    let decisions = council.store.decisions(wanted.family, before, page::limit(wanted.limit)).await?;
    Ok(Json(Page::of(decisions, |d| DecisionSummary::from(&d))))
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InLanguage {
    /// Of the sentences; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    pub language: Language,
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
    responses((status = 200, body = Decision, description = "The decision"), Reads),
)]
pub async fn read_decision(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DecisionId>,
    Params(InLanguage { language }): Params<InLanguage>,
) -> Result<Json<Decision>, Problem> {
    let decision = council.store.decision(id).await?;
    let installation = council.store.installation(decision.installation).await?;
    let said = serde_json::from_slice(&decision.answer).map_err(|e| StoreError::Damaged(format!("decision {id}: {e}")))?;
    let came_to = kept(&council.store, &decision, &said).await?;
    let evidence = Evidence::of(&app, &council.store, &decision, installation.digest, language).await?;
    Ok(Json(Decision::of(&decision, &installation, &said, &came_to, &evidence)))
}

/// Repeat a decision
///
/// Two checks: does the plugin give the same bytes from what it was given then, and does what it was given still follow
/// from the record? Writes nothing.
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
    Ok(Json(app.workflow.replay(&council.store, id).await?))
}
