//! Candidates beside the installation that decides: how often they say otherwise, and where.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::decision_seen::theirs;
use super::documented::{Acts, Reads, Reviews};
use super::once::{Answer, Begun, Once};
use super::page::{self, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, DecisionId, FamilyId, InstallationId, KnownAt, Section};
use crate::store::{self, AuthorityStore, Seen, StoreError};
use crate::workflow::shadowing::{self, Differs};

/// Until when a candidate is to run beside, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShadow {
    /// It ends by itself; within a year.
    until: KnownAt,
    /// 1 to 500 bytes.
    reason: String,
}

/// A candidate beside the one that decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shadow {
    installation: InstallationId,
    began: KnownAt,
    until: KnownAt,
    by: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
    counts: Counts,
}

/// What it said of what the one that decides was asked.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ShadowCounts)]
pub struct Counts {
    asked: u64,
    /// Byte for byte.
    same: u64,
    /// In a result, a criterion, a claim, a task or an action; `reasons` are not among these.
    different: u64,
    /// For other reasons alone.
    reasons: u64,
    failed: u64,
    /// Too many waited, and it was not asked.
    dropped: u64,
    /// Decisions whose result would be another.
    results: u64,
    /// By criterion: decisions in which its findings would be others.
    criteria: BTreeMap<String, u64>,
    claims: u64,
    tasks: u64,
    actions: u64,
    reported: u64,
    /// By code.
    failures: BTreeMap<String, u64>,
}

async fn told(store: &AuthorityStore, shadow: store::Shadow) -> Result<Shadow, StoreError> {
    let mut counts = Counts { dropped: shadow.dropped, ..Counts::default() };
    for (same, outcome, differs, n) in store.shadow_counts(shadow.id).await? {
        counts.asked += n;
        let differs: Option<Differs> = serde_json::from_str(&differs).unwrap_or_default();
        match differs {
            _ if outcome != "answered" => {
                counts.failed += n;
                *counts.failures.entry(outcome).or_default() += n;
            }
            _ if same => counts.same += n,
            Some(Differs { reasons: true, .. }) | None => counts.reasons += n,
            Some(differs) => {
                counts.different += n;
                counts.results += if differs.result { n } else { 0 };
                counts.claims += if differs.claims { n } else { 0 };
                counts.tasks += if differs.tasks { n } else { 0 };
                counts.actions += if differs.actions { n } else { 0 };
                counts.reported += if differs.reported { n } else { 0 };
                for criterion in differs.criteria {
                    *counts.criteria.entry(criterion).or_default() += n;
                }
            }
        }
    }
    let store::Shadow { installation, began, until, by, reason, ended, .. } = shadow;
    let (ended, ended_by) = ended.unzip();
    Ok(Shadow { installation, began, until, by, reason, ended, ended_by, counts })
}

async fn of(store: &AuthorityStore, id: InstallationId) -> Result<store::Shadow, StoreError> {
    let shadow = store.shadow_of(store.installation(id).await?.id).await?;
    shadow.ok_or_else(|| StoreError::NoSuch { what: "shadow", id: id.to_string() })
}

/// Let a candidate run beside the one that decides
///
/// Every question that the one that decides answers is asked of the candidate afterwards, from what was kept, with its own grants and
/// settings; nothing waits for it and nothing follows from it. What is granted has to be approved, section by section; no second person is
/// needed, since it decides nothing. It ends by itself, and when it is activated.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/shadow", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The candidate, which is proposed"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewShadow, example = json!({ "until": "2027-01-31T00:00:00Z", "reason": "two months beside the old thresholds" })),
    responses((status = 201, body = Shadow, description = "It runs"), Reviews),
)]
pub async fn begin_shadow(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: new, digest }: Body<NewShadow>,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let installation = council.store.installation(id).await?;
    let manifest = app.workflow.manifest(installation.digest).await?;
    app.workflow.ready(installation).await?;
    let mut tx = match once.begin(&council, digest, "let a candidate run beside the one that decides").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    shadowing::begin(&mut tx, id, &manifest, new.until, &new.reason, &council.by).await?;
    let shadow = Shadow {
        installation: id,
        began: tx.now(),
        until: new.until,
        by: council.by.clone(),
        reason: new.reason,
        ended: None,
        ended_by: None,
        counts: Counts::default(),
    };
    once.finish(tx, &council, digest, Answer::created(&shadow)).await
}

/// Read what a candidate said
///
/// How often it would have said otherwise, by criterion. The last that it ran.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/shadow", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The candidate"),
    ),
    responses((status = 200, body = Shadow, description = "Counts"), Reads),
)]
pub async fn read_shadow(council: Council, Id(id): Id<InstallationId>) -> Result<Json<Shadow>, Problem> {
    council.may(Verb::SeeRuns)?;
    Ok(Json(told(&council.store, of(&council.store, id).await?).await?))
}

/// End a candidate's run beside the one that decides
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/shadow/end", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The candidate"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Shadow, description = "It ended"), Acts),
)]
pub async fn end_shadow(
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let shadow = of(&council.store, id).await?;
    let mut shadow = told(&council.store, shadow).await?;
    let mut tx = match once.begin(&council, digest, "ended a candidate's run beside the one that decides").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.end_shadow(id, &council.by).await?;
    tx.announce(crate::record::Announced::ShadowEnded, None, id);
    (shadow.ended, shadow.ended_by) = (Some(tx.now()), Some(council.by.clone()));
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &shadow)).await
}

/// What a candidate said beside one decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShadowAnswer {
    decision: DecisionId,
    family: FamilyId,
    /// What the authority calls the family: for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    at: KnownAt,
    /// `answered`, or the code of what stopped it.
    #[schema(example = "answered")]
    outcome: String,
    /// Byte for byte.
    same: bool,
    /// Left out where something that either was given is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<Differs>,
    /// Sections that either was given and that whoever asks does not see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withheld: Vec<Section>,
}

/// Some of what a candidate said.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShadowAnswers {
    /// Of families and decisions that are theirs to see.
    items: Vec<ShadowAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// List what a candidate said
///
/// Beside which decision, the latest first; of families and decisions that whoever asks sees.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/shadow-answers", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The candidate"),
        Paging,
    ),
    responses((status = 200, body = ShadowAnswers, description = "Of those whom they see"), Reads),
)]
pub async fn list_shadow_answers(
    council: Council,
    Id(id): Id<InstallationId>,
    Params(paging): Params<Paging>,
) -> Result<Json<ShadowAnswers>, Problem> {
    council.may(Verb::SeeRuns)?;
    let shadow = of(&council.store, id).await?;
    let page = council.store.shadow_answers(shadow.id, paging.after()?, paging.limit()).await?;
    let called = council.called(&page.items.iter().map(|a| a.family).collect::<Vec<_>>()).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for one in page.items {
        let (decision, mut withheld) = match theirs(&council, one.decision).await {
            Ok(seen) => seen,
            Err(problem) if problem.code == Code::NoSuch => continue,
            Err(problem) => return Err(problem),
        };
        let opened = council.family_of(Verb::SeeDecisions, one.family, "decision", one.decision).await?;
        let sees = opened.relation.sections;
        if store::tells(one.sections, sees) {
            continue;
        }
        withheld.extend(one.sections.iter().filter(|s| !sees.has(*s)));
        withheld.sort_unstable();
        withheld.dedup();
        let whole = withheld.is_empty();
        let differs = serde_json::from_value(one.differs).unwrap_or_default();
        items.push(ShadowAnswer {
            decision: one.decision,
            family: one.family,
            family_reference: called.get(&one.family).cloned(),
            at: one.at,
            same: one.same,
            decided: whole.then_some(decision.result),
            candidate: (whole && one.outcome == "answered").then_some(one.said),
            outcome: one.outcome,
            differs: if whole { differs } else { None },
            withheld,
        });
    }
    council.listed(&items, |a| Seen::of(a.family, "decision", a.decision, &[]));
    Ok(Json(ShadowAnswers { items, next: page.next.as_ref().map(page::Cursor::opaque) }))
}
