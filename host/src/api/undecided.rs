//! What is not decided yet: questions whose last run failed, with what was asked.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::asking::Asking;
use super::body::Nothing;
use super::caller::Council;
use super::decisions::Decision;
use super::documented::{Asks, Reads};
use super::evidence::Language;
use super::once::Once;
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, FamilyId, InstallationId, KnownAt, RunId, UndecidedId};
use crate::store::{self, Seen, StoreError};
use crate::workflow::Means;
use crate::workflow::about::About;
use crate::workflow::failing::when_failed;

/// A question that is not decided yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Undecided {
    id: UndecidedId,
    family: FamilyId,
    /// What the authority calls the family: in lists, for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    #[schema(example = "triage")]
    question: String,
    /// What it is about, as it was asked. Left out: the record alone.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<About>)]
    about: Value,
    as_of: Day,
    /// That failed last.
    installation: InstallationId,
    /// The code of the problem that stopped it.
    #[schema(example = "plugin-trapped")]
    outcome: String,
    /// `guest`, `host`, `authority`: who has to act.
    #[schema(example = "guest")]
    blame: String,
    /// What that means here.
    policy: Means,
    /// Its last run. Left out: it was not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    /// Who asked first.
    asked_by: String,
    first_at: KnownAt,
    last_at: KnownAt,
    failures: u64,
    /// When the host asks again by itself. Left out: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<KnownAt>,
}

impl Undecided {
    fn of(mut undecided: store::Undecided, said: &[store::FailurePolicy]) -> Self {
        Self {
            id: undecided.id,
            family: undecided.family,
            family_reference: None,
            about: undecided.asked.get_mut("about").map(Value::take).unwrap_or_default(),
            policy: when_failed(&undecided.question).map_or(Means::Open, |w| w.means_here(said)),
            question: undecided.question,
            as_of: undecided.as_of,
            installation: undecided.installation,
            outcome: undecided.outcome,
            blame: undecided.blame,
            run: undecided.run,
            asked_by: undecided.asked_by,
            first_at: undecided.first_at,
            last_at: undecided.last_at,
            failures: undecided.failures,
            retry_at: undecided.retry_at,
        }
    }
}

/// List what is not decided yet
///
/// Questions whose last run failed and that nothing was decided about since. What failed through no fault of the plugin's the host asks
/// again by itself, after 1, 5, 25 and 125 minutes.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/undecided", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Undecided>, description = "The first that failed first"), Reads),
)]
pub async fn list_undecided(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Undecided>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let said = council.store.failure_policies().await?;
    let page = council.store.undecided_for(&reader, paging.after()?, paging.limit()).await?;
    council.listed(&page.items, |u| Seen::of(u.family, "undecided", u.id, &[]));
    let called = council.called(&page.items.iter().map(|u| u.family).collect::<Vec<_>>()).await?;
    Ok(Json(Page::of(page, |u| Undecided { family_reference: called.get(&u.family).cloned(), ..Undecided::of(u, &said) })))
}

/// Ask an undecided question again
///
/// As it was asked, about the record as it is known now: of whoever decides now, or of the installation that was named.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/undecided/{undecided}/retry", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("undecided" = UndecidedId, Path, description = "The question"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 201, body = Decision, description = "Decided: it is no longer undecided", headers(("Location" = String))), Asks),
)]
pub async fn retry_undecided(
    State(app): State<App>,
    council: Council,
    Id(id): Id<UndecidedId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::Decide)?;
    let undecided = match council.store.undecided(id).await {
        Err(StoreError::NoSuch { .. }) => match once.look(&council, digest).await? {
            Some(before) => return Ok(before),
            None => return Err(Problem::no_such("undecided question", id)),
        },
        undecided => undecided?,
    };
    let opened = council.family_of(Verb::Decide, undecided.family, "undecided question", id).await?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let (ready, asked) = app.workflow.ask_again(&council.store, &undecided).await?;
    Asking { council, opened, once, digest, language: Language::En, candidates: Vec::new(), named: false }.about(&app, &ready, asked).await
}
