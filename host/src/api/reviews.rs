//! The review of an installation: what the host found, who approved what by which law, what is missing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Edits, Reads, Reviews};
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::{Code, Problem};
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::plugins::Manifest;
use crate::plugins::check::Found;
use crate::record::plugin_review::{Approval, Condition, LawfulBasis, ReviewRules, Watch};
use crate::record::{AuthorityId, Digest, InstallationId, KnownAt};
use crate::store::{AuthorityStore, AuthorityTx, InstallationAct, InstallationActKind, StoreError};
use crate::workflow::reviewing::{self, ReviewError, Said};

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::NotApproved(ref missing) => Self::new(Code::NotApproved, error.to_string()).with("missing", missing.clone()),
            ReviewError::NotYours(why) => Self::new(Code::NotAllowed, why),
            ReviewError::Store(error) => error.into(),
        }
    }
}

/// Something that is approved, or waits for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewItem)]
pub struct Item {
    /// An interface; or `templates`, all that it may say; or `sealed`, that it is given what is sealed.
    #[schema(example = "hearth:family/education")]
    about: String,
    /// It cannot do without.
    required: bool,
    /// Its lawful basis has to be said (UK GDPR, article 6).
    needs_basis: bool,
    /// A condition of article 9 has to be said.
    special_category: bool,
    /// A condition of article 10 has to be said.
    criminal_offences: bool,
    /// Left out: nobody said anything, or what it was about changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<SaidOf>,
}

/// What somebody said, when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewSaid)]
pub struct SaidOf {
    /// `approved`, `declined`, `seconded`.
    #[schema(example = "approved")]
    act: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    at: KnownAt,
    by: String,
}

impl From<InstallationAct> for SaidOf {
    fn from(act: InstallationAct) -> Self {
        let InstallationAct { act, basis, conditions, words, at, by, .. } = act;
        Self { act: act.code(), basis, conditions, words, at, by }
    }
}

/// What the host found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewCheck)]
pub struct Check {
    passed: bool,
    #[serde(flatten)]
    found: Found,
    at: KnownAt,
    by: String,
}

/// Where the review of an installation stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Review {
    installation: InstallationId,
    /// Nothing is missing.
    approved: bool,
    /// In words.
    missing: Vec<String>,
    /// Left out: it was not checked as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<Check>,
    items: Vec<Item>,
    /// Of the component, grants, settings and approvals as they are: what a second person approves.
    digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<SaidOf>,
    /// All that was done, the first first.
    history: Vec<Step>,
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewStep)]
pub struct Step {
    /// `changed`, `checked`, `failed`, `approved`, `declined`, `withdrawn`, `seconded`.
    #[schema(example = "checked")]
    act: &'static str,
    about: String,
    at: KnownAt,
    by: String,
}

impl Review {
    fn of(id: InstallationId, review: reviewing::Review, acts: Vec<InstallationAct>) -> Result<Self, StoreError> {
        let item = |item: reviewing::Item| Item {
            about: item.about,
            required: item.required,
            needs_basis: item.of_families,
            special_category: item.special,
            criminal_offences: item.offences,
            said: item.said.map(SaidOf::from),
        };
        Ok(Self {
            installation: id,
            approved: review.missing.is_empty(),
            missing: review.missing,
            check: review.check.map(check).transpose()?,
            items: review.items.into_iter().map(item).collect(),
            digest: review.digest,
            second: review.second.map(SaidOf::from),
            history: acts.into_iter().map(|a| Step { act: a.act.code(), about: a.about, at: a.at, by: a.by }).collect(),
        })
    }

    async fn within(tx: &mut AuthorityTx, id: InstallationId, manifest: &Manifest) -> Result<Self, StoreError> {
        let (installation, acts) = (tx.installation(id).await?, tx.installation_acts(id).await?);
        Self::of(id, reviewing::Review::of(&installation, manifest, &acts)?, acts)
    }

    async fn read(store: &AuthorityStore, id: InstallationId, manifest: &Manifest) -> Result<Self, StoreError> {
        let (installation, acts) = (store.installation(id).await?, store.installation_acts(id).await?);
        Self::of(id, reviewing::Review::of(&installation, manifest, &acts)?, acts)
    }
}

fn check(act: InstallationAct) -> Result<Check, StoreError> {
    let found = serde_json::from_value(act.found.unwrap_or_default()).map_err(|e| StoreError::Damaged(format!("a check: {e}")))?;
    Ok(Check { passed: act.act == InstallationActKind::Checked, found, at: act.at, by: act.by })
}

async fn manifest(app: &App, council: &Council, id: InstallationId) -> Result<Arc<Manifest>, Problem> {
    Ok(app.workflow.manifest(council.store.installation(id).await?.digest).await?)
}

/// Read the review of an installation
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/review", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
    ),
    responses((status = 200, body = Review, description = "Where it stands"), Reads),
)]
pub async fn read_review(State(app): State<App>, council: Council, Id(id): Id<InstallationId>) -> Result<Json<Review>, Problem> {
    council.may(Verb::SeeRules)?;
    let manifest = manifest(&app, &council, id).await?;
    Ok(Json(Review::read(&council.store, id, &manifest).await?))
}

/// Check a proposed installation
///
/// Its scenarios are played as its author wrote them, which they have to pass, and with this authority's settings and grants: what comes out
/// otherwise there is kept as `differences`, for whoever reviews; what fails there, or answers twice differently, does not pass.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/check", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Review, description = "Checked: `check` says what was found"), Acts),
)]
pub async fn check_installation(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let manifest = manifest(&app, &council, id).await?;
    let installation = council.store.installation(id).await?;
    let found = app.workflow.check_installation(&installation).await?;
    let mut tx = match once.begin(&council, digest, "checked an installation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    reviewing::keep_check(&mut tx, &installation, &found, &council.by).await?;
    let review = Review::within(&mut tx, id, &manifest).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &review)).await
}

/// What somebody approves, or declines.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApprovals {
    items: Vec<NewApproval>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    /// An interface that is granted; or `templates`, or `sealed`.
    about: String,
    /// False: it is declined. What the plugin can do without is then not granted.
    approve: bool,
    /// By which law it may be read: needed of what tells of families.
    #[serde(default)]
    basis: Option<LawfulBasis>,
    /// Needed of special category data (article 9) and of data about criminal offences (article 10).
    #[serde(default)]
    conditions: Vec<Condition>,
    /// Up to 1000 bytes; needed where it is declined.
    #[serde(default)]
    words: Option<String>,
}

/// Approve what an installation is granted, section by section
///
/// By people in their own name, and by nobody who proposed it or set anything of it. Each lawful basis is kept with who said it and when.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/approvals", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewApprovals, example = json!({ "items": [
        { "about": "hearth:family/health", "approve": true, "basis": "public-task", "conditions": ["health-or-social-care"] },
        { "about": "hearth:family/notes", "approve": false, "words": "the rules do not need what people wrote" },
    ] })),
    responses((status = 200, body = Review, description = "Kept"), Reviews),
)]
pub async fn approve_sections(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: new, digest }: Body<NewApprovals>,
) -> Result<Response, Problem> {
    council.may(Verb::ReviewPlugins)?;
    a_person(&council)?;
    let manifest = manifest(&app, &council, id).await?;
    let mut tx = match once.begin(&council, digest, "approved what an installation is granted").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let said = |n: NewApproval| Said { about: n.about, approves: n.approve, basis: n.basis, conditions: n.conditions, words: n.words };
    let said: Vec<Said> = new.items.into_iter().map(said).collect();
    reviewing::approve(&mut tx, id, &manifest, &said, &council.by).await?;
    let review = Review::within(&mut tx, id, &manifest).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &review)).await
}

/// An approval is somebody's, and no system's.
fn a_person(council: &Council) -> Result<(), Problem> {
    match council.who.login() {
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::NotAllowed, "an approval is a person's, in their own name")),
    }
}

/// A second person's approval of all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecond {
    /// As the review has it: what they approve, and nothing else.
    digest: Digest,
    /// Up to 1000 bytes.
    #[serde(default)]
    words: Option<String>,
}

/// Approve an installation as a second person
///
/// After the check and every section, by another person than all that came before. Whatever is changed afterwards withdraws it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/second-approval", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSecond, example = json!({
        "digest": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", "words": "read with the data protection officer",
    })),
    responses((status = 200, body = Review, description = "It may be activated"), Reviews),
)]
pub async fn approve_as_second(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: new, digest }: Body<NewSecond>,
) -> Result<Response, Problem> {
    council.may(Verb::ReviewPlugins)?;
    a_person(&council)?;
    let manifest = manifest(&app, &council, id).await?;
    let mut tx = match once.begin(&council, digest, "approved an installation as a second person").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    reviewing::second(&mut tx, id, &manifest, new.digest, new.words.as_deref(), &council.by).await?;
    let review = Review::within(&mut tx, id, &manifest).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &review)).await
}

/// What an authority asks for before a plugin decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewRulesSaid {
    approval: Approval,
    watch: Watch,
    /// Left out where the authority has never said anything: then it is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

async fn rules(council: &Council) -> Result<ReviewRulesSaid, StoreError> {
    let (rules, said) = council.store.review_rules().await?;
    let (at, by) = said.unzip();
    Ok(ReviewRulesSaid { approval: rules.approval, watch: rules.watch, at, by })
}

/// Read who has to approve plugins
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/plugin-review", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = ReviewRulesSaid, description = "As they count", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_review_rules(council: Council) -> Result<Versioned<ReviewRulesSaid>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(rules(&council).await?))
}

/// Say who has to approve plugins
///
/// `two-people`, the default as soon as anybody has a role here: each section by a named person with its lawful basis, and all of it by a second. `one-person`: whoever may
/// activate a plugin does, for demonstrations and where there is one person; settings that move money have two people all the same. `watch`:
/// after how many failures among the last runs a version that was activated goes back to the one before by itself; 0: never.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/plugin-review", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = ReviewRules, example = json!({ "approval": "two-people", "watch": { "failures": 3, "of_last": 20 } })),
    responses((status = 200, body = ReviewRulesSaid, description = "As they are now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_review_rules(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<ReviewRules>,
) -> Result<Versioned<ReviewRulesSaid>, Problem> {
    council.may(Verb::SetPluginReview)?;
    new.check()?;
    let mut tx = council.write("said who has to approve plugins").await?;
    seen.holds(&rules(&council).await?)?;
    tx.set_review_rules(&new).await?;
    tx.announce(crate::record::Announced::ReviewRulesSet, None, "plugin-review");
    tx.commit().await?;
    Ok(Versioned(rules(&council).await?))
}
