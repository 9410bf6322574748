//! Back-tests: what another version would decide about the authority's own families, beside the one that decides.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::back_test_came::BackTestCame;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Asks, Reads};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, BackTestId, Day, Digest, InstallationId, KnownAt, TrialGrantId};
use crate::sandbox::{ExtensionPoint, Question};
use crate::store::{self, BackTestState, StoreError};
use crate::workflow::Asking;
use crate::workflow::back_test::{CameOut, Candidate as Wanted, CandidateIs};

/// Days for which a back-test is kept where nobody says.
const KEPT: i32 = 30;

/// What would decide.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BackTestCandidate)]
pub struct Candidate {
    /// An installation that is proposed: with its grants and settings.
    #[serde(default)]
    installation: Option<InstallationId>,
    /// Or the digest of a plugin version.
    #[serde(default)]
    plugin: Option<Digest>,
    /// Of a plugin version: interfaces that it would have, of those that it asks for.
    #[serde(default)]
    grants: Vec<String>,
    /// Of a plugin version: what differs from the defaults of its settings schema.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Option<Value>,
}

impl Candidate {
    fn is(self) -> Result<CandidateIs, Problem> {
        match (self.installation, self.plugin) {
            (Some(id), None) if self.grants.is_empty() && self.settings.is_none() => Ok(CandidateIs::Installation(id)),
            (Some(_), None) => Err(Problem::invalid("candidate", "an installation has its own grants and settings")),
            (None, Some(digest)) => {
                let settings = self.settings.unwrap_or_else(|| serde_json::json!({}));
                Ok(CandidateIs::Plugin { digest, grants: self.grants, settings })
            }
            _ => Err(Problem::invalid("candidate", "is an installation or a plugin version: name one of them")),
        }
    }
}

/// So many families, drawn by their ids and a number.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BackTestSample)]
pub struct Sample {
    /// From 1.
    size: u32,
    /// The same number draws the same families.
    #[serde(default)]
    seed: u32,
}

/// As of which time families are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = BackTestKnown)]
pub enum Known {
    /// What is known now of the day.
    #[default]
    Now,
    /// What was known at the end of the day.
    Then,
}

/// What is to be tried, on whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackTest {
    candidate: Candidate,
    /// Of what outcome rules are asked. What other extension points are asked is about more than the record, and is refused.
    #[schema(value_type = Asking)]
    question: String,
    /// 1 to 12 days, each once.
    #[schema(min_items = 1, max_items = 12)]
    as_of: Vec<Day>,
    #[serde(default)]
    known: Known,
    /// Left out: every family that is open.
    #[serde(default)]
    sample: Option<Sample>,
    /// The last day on which it is kept, at most a year from today; 30 days from today, if left out.
    #[serde(default)]
    keep_until: Option<Day>,
}

/// A back-test.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTest {
    id: BackTestId,
    /// `running`, `done`, `cancelled`, `stopped` (its host is gone), `failed`, `removed`.
    #[schema(example = "running")]
    state: &'static str,
    /// Families, counted for each day.
    done: u64,
    total: u64,
    /// Families a second until now.
    rate: f64,
    /// The digest of the candidate's plugin version.
    plugin: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    installation: Option<InstallationId>,
    #[schema(value_type = Vec<String>)]
    grants: Value,
    #[schema(value_type = Object)]
    settings: Value,
    /// Sections that the candidate would have, and that neither the authority nor a trial grant gave it: it was told "not granted".
    left_out: Vec<String>,
    /// Under which it read what nobody granted yet.
    trial_grants: Vec<TrialGrantId>,
    /// The installation that decides.
    live: InstallationId,
    #[schema(example = "suited")]
    question: String,
    as_of: Vec<Day>,
    known: Known,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<u64>,
    seed: i64,
    began_at: KnownAt,
    began_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<KnownAt>,
    /// Why it could not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    keep_until: Day,
    /// Whether you may look at its rows: of one that read under a trial grant, whom that names.
    sees_rows: bool,
    /// What it came to until now. Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    came: Option<BackTestCame>,
}

impl BackTest {
    fn of(test: store::BackTest, now: KnownAt, sees_rows: bool) -> Self {
        let millis = (test.ended.unwrap_or(now).millis() - test.began.millis()).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
        let rate = (test.done as f64 * 10_000.0 / millis as f64).round() / 10.0;
        Self {
            id: test.id,
            state: test.state.code(),
            done: test.done,
            total: test.total,
            rate,
            plugin: test.of.plugin,
            installation: test.of.installation,
            grants: test.of.grants,
            settings: test.of.settings,
            left_out: test.of.left_out,
            trial_grants: test.trial_grants,
            live: test.of.live,
            question: test.of.question,
            as_of: test.of.days,
            known: if test.of.known_then { Known::Then } else { Known::Now },
            sample: test.of.size,
            seed: test.of.seed,
            began_at: test.began,
            began_by: test.by,
            ended_at: test.ended,
            why: test.why,
            keep_until: test.of.keep_until,
            sees_rows,
            came: None,
        }
    }
}

fn asking(question: &str) -> Result<Asking, Problem> {
    let asked = [("eligibility", Asking::Eligibility), ("progress", Asking::Progress), ("suited", Asking::Suited)];
    if let Some((_, asking)) = asked.into_iter().find(|(code, _)| *code == question) {
        return Ok(asking);
    }
    let known = "back-tests ask eligibility, progress or suited";
    let why = match Question::from_code(question).map(Question::extension_point) {
        Some(ExtensionPoint::Assessment) => {
            format!("is about answers to a form, which are asked of the version that they were given to: {known}")
        }
        Some(ExtensionPoint::Pathway) => format!("is about a referral, an event or workers of a moment that is over: {known}"),
        Some(_) => format!("is about help that is bought, with the places of a moment that is over: {known}"),
        None => format!("is no question: {known}"),
    };
    Err(Problem::invalid("question", why))
}

/// Who sees the rows of a back-test: whoever sees every family's decisions, and is named where it read under trial grants.
///
/// # Errors
/// The store failed.
pub(super) async fn sees_rows(council: &Council, id: BackTestId) -> Result<bool, Problem> {
    let Some(reader) = council.who_would(Verb::SeeDecisions).filter(|r| r.all) else { return Ok(false) };
    Ok(council.store.may_look_at_rows(id, reader.login).await?)
}

async fn read(council: &Council, id: BackTestId) -> Result<BackTest, Problem> {
    let test = council.store.back_test(id).await?;
    let damaged = |e: serde_json::Error| StoreError::Damaged(format!("back-test {id}: {e}"));
    let came: CameOut = serde_json::from_value(test.came.clone()).map_err(damaged)?;
    let sees = sees_rows(council, id).await?;
    let mut seen = BackTest::of(test, council.store.clock().now(), sees);
    seen.came = Some(BackTestCame::of(&came, sees));
    Ok(seen)
}

/// Begin a back-test
///
/// The candidate and the installation that decides are asked the same about the same families as of each day, both now. Results that were claimed before the
/// day count as claimed, later ones do not. Neither is given what is sealed. Nothing follows: no decision, no claim, no task. It goes on by itself; one at a time.
/// A section that nobody granted to the plugin is read under a trial grant, or answers "not granted".
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/back-tests", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewBackTest, example = json!({
        "candidate": { "installation": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c50" }, "question": "suited", "as_of": ["2026-08-31"],
        "sample": { "size": 500, "seed": 7 },
    })),
    responses((status = 201, body = BackTest, description = "Begun", headers(("Location" = String))), Asks),
)]
pub async fn begin_back_test(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewBackTest>,
) -> Result<Response, Problem> {
    council.may(Verb::BackTest)?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let today = council.store.clock().now().day();
    let wanted = Wanted {
        is: new.candidate.is()?,
        asking: asking(&new.question)?,
        days: new.as_of,
        known_then: new.known == Known::Then,
        size: new.sample.map(|s| u64::from(s.size)),
        seed: new.sample.map_or(0, |s| i64::from(s.seed)),
        keep_until: new.keep_until.unwrap_or_else(|| today.plus(KEPT).unwrap_or(today)),
    };
    let mut plan = app.workflow.plan_back_test(&council.store, wanted, &council.by).await?;
    let mut tx = match once.begin(&council, digest, "began a back-test").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let id = app.workflow.begin_back_test(&mut tx, &mut plan).await?;
    let now = tx.now();
    let begun = store::BackTest {
        id,
        change: store::ChangeId(0),
        by: council.by.clone(),
        of: plan.of.clone(),
        state: BackTestState::Running,
        done: 0,
        total: plan.total(),
        began: now,
        ended: None,
        came: Value::Null,
        why: None,
        trial_grants: plan.uses.clone(),
    };
    let answer = Answer::created(&BackTest::of(begun, now, false));
    let response = once.finish(tx, &council, digest, answer).await?;
    let (workflow, store, by) = (app.workflow.clone(), council.store.clone(), council.by.clone());
    tokio::spawn(async move {
        if let Err(error) = workflow.run_back_test(&store, id, plan, &by).await {
            tracing::error!(authority = store.id().as_str(), back_test = %id, %error, "a back-test could not go on");
        }
    });
    Ok(response)
}

/// List back-tests
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/back-tests", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<BackTest>, description = "The latest first"), Reads),
)]
pub async fn list_back_tests(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<BackTest>>, Problem> {
    council.may(Verb::BackTest)?;
    let store::Page { items, next } = council.store.back_tests(paging.after()?, paging.limit()).await?;
    let mut seen = Vec::with_capacity(items.len());
    for test in items {
        let sees = sees_rows(&council, test.id).await?;
        seen.push(BackTest::of(test, council.store.clock().now(), sees));
    }
    Ok(Json(Page::of(store::Page { items: seen, next }, |t| t)))
}

/// Read a back-test
///
/// How far it has come, and what it came to. Who may not look at rows is told no number of 1 to 4 families.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/back-tests/{test}", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("test" = BackTestId, Path, description = "The back-test")),
    responses((status = 200, body = BackTest, description = "As it is now"), Reads),
)]
pub async fn read_back_test(council: Council, Id(id): Id<BackTestId>) -> Result<Json<BackTest>, Problem> {
    council.may(Verb::BackTest)?;
    Ok(Json(read(&council, id).await?))
}

/// Cancel a back-test
///
/// What it found until then stays.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/back-tests/{test}/cancellation", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("test" = BackTestId, Path, description = "The back-test"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = BackTestIs, description = "It goes on no more"), Acts),
)]
pub async fn cancel_back_test(
    council: Council,
    Id(id): Id<BackTestId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::BackTest)?;
    let test = council.store.back_test(id).await?;
    let mut tx = match once.begin(&council, digest, "cancelled a back-test").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if !tx.end_back_test(id, BackTestState::Cancelled, None).await? {
        return Err(StoreError::Conflict(format!("it is {} already", test.state.code())).into());
    }
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &BackTestIs { id, state: "cancelled" })).await
}

/// Where a back-test stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestIs {
    id: BackTestId,
    /// `cancelled`, `removed`.
    state: &'static str,
}

/// Remove a back-test
///
/// With every row and number of it. That it was, and which trial grants it used, stays until its day.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/back-tests/{test}/removal", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("test" = BackTestId, Path, description = "The back-test"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = BackTestIs, description = "It is gone"), Acts),
)]
pub async fn remove_back_test(
    council: Council,
    Id(id): Id<BackTestId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::BackTest)?;
    council.store.back_test(id).await?;
    let mut tx = match once.begin(&council, digest, "removed a back-test").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let nothing = serde_json::to_string(&CameOut::default()).unwrap_or_default();
    tx.remove_back_test(id, &nothing).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &BackTestIs { id, state: "removed" })).await
}
