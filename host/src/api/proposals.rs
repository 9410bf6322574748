//! What plugins proposed and a person decides about: confirmed, declined, or carried out by itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::actions::Action;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::evidence::{Evidence, InLanguage, Language};
use super::once::{Answer, Begun, Once};
use super::page::{self, Cursor, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FactId, FamilyId, InstallationId, Invalid, KnownAt, ProposalId, TaskId, told_back};
use crate::sandbox::Question;
use crate::store::{self, ProposalState, Seen, StoreError};
use crate::workflow::{ActionState, decline};

/// Something that a plugin proposed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proposal {
    id: ProposalId,
    family: FamilyId,
    installation: InstallationId,
    decision: DecisionId,
    #[serde(flatten)]
    action: Action,
    state: ActionState,
    /// It waits, and its installation has been retired or replaced: it can only be declined.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outdated: bool,
    /// When, by whom and why it was confirmed, carried out or declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What it became: a task that was given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskId>,
    /// What it became: the fact that is in the record now; of several the one that holds from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<FactId>,
}

/// Where a page ends: the state that is being listed, and the last of it.
#[derive(Clone, Copy)]
struct Place(ProposalState, ProposalId);

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        let state = ProposalState::ALL.iter().position(|s| *s == self.0).and_then(|p| u8::try_from(p).ok()).unwrap_or_default();
        [&[state], self.1.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (state, id) = bytes.split_first()?;
        Some(Self(*ProposalState::ALL.get(usize::from(*state))?, ProposalId::from_bytes(id)?))
    }
}

/// Which proposals are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those in this state: `waiting`, `confirmed`, `carried-out`, `declined`.
    #[param(example = "waiting")]
    state: Option<String>,
    /// Only about this family.
    family: Option<FamilyId>,
    /// Of the sentences; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    language: Language,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List proposals
///
/// Open ones first: those that wait for a person, then those confirmed and still to be done by people (what is asked for stays there until it is
/// met, and a meeting that nobody keeps here), then what was carried out, then what was declined; each by age. What was given out as a task
/// together with its decision is not among them.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/proposals", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Proposal>, description = "Open ones first"), Reads),
)]
pub async fn list_proposals(
    State(app): State<App>,
    council: Council,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Page<Proposal>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let known = |code: &str| {
        let states = ProposalState::ALL.map(ProposalState::code).join(", ");
        ProposalState::from_code(code).ok_or_else(|| Invalid::new("state", format!("{} is not one of {states}", told_back(code))))
    };
    let only = wanted.state.as_deref().map(known).transpose()?;
    let limit = page::limit(wanted.limit);
    let after = page::after::<Place>(wanted.after.as_deref())?;
    let mut found: Vec<store::Proposal> = Vec::new();
    for state in ProposalState::ALL {
        let past = after.is_some_and(|Place(reached, _)| state < reached);
        if past || only.is_some_and(|only| only != state) || found.len() > limit as usize {
            continue;
        }
        let from = after.and_then(|Place(reached, id)| (reached == state).then_some(id));
        found.extend(council.store.proposals_for(&reader, state, wanted.family, from, limit + 1).await?.items);
    }
    let page = page::cut(found, limit, |p| Place(p.state, p.id));
    let mut told = Told { app: &app, council: &council, language: wanted.language, evidence: HashMap::new() };
    let mut items = Vec::with_capacity(page.items.len());
    council.listed(&page.items, seen);
    for proposal in page.items {
        items.push(told.proposal(proposal).await?);
    }
    Ok(Json(Page { items, next: page.next }))
}

fn seen(proposal: &store::Proposal) -> Seen {
    Seen { family: Some(proposal.family), person: proposal.person, ..Seen::thing("proposal", proposal.id, &[]) }
}

/// Tells proposals; of several of one decision the evidence is read once.
struct Told<'a> {
    app: &'a App,
    council: &'a Council,
    language: Language,
    evidence: HashMap<DecisionId, (Evidence, bool)>,
}

impl Told<'_> {
    async fn proposal(&mut self, proposal: store::Proposal) -> Result<Proposal, Problem> {
        let store = &self.council.store;
        let (evidence, decides) = match self.evidence.entry(proposal.decision) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let decision = store.decision(proposal.decision).await?;
                let installation = store.installation(proposal.installation).await?;
                let point = Question::from_code(&decision.question).map(|q| q.extension_point().code()).unwrap_or_default();
                let evidence = Evidence::of(self.app, store, &decision, installation.digest, self.language).await?;
                place.insert((evidence, installation.decides(point)))
            }
        };
        let damaged = |e: serde_json::Error| StoreError::Damaged(format!("proposal {}: {e}", proposal.id));
        let action = if proposal.action == "task" {
            Action::of_task(&serde_json::from_value(proposal.body).map_err(damaged)?, evidence)
        } else {
            Action::of(&serde_json::from_value(proposal.body).map_err(damaged)?, evidence)
        };
        let (settled_at, settled_by, reason) = proposal.settled.map_or((None, None, None), |s| (Some(s.at), Some(s.by), s.reason));
        Ok(Proposal {
            id: proposal.id,
            family: proposal.family,
            installation: proposal.installation,
            decision: proposal.decision,
            action,
            state: proposal.state.into(),
            outdated: proposal.state == ProposalState::Waiting && !*decides,
            settled_at,
            settled_by,
            reason,
            task: proposal.task,
            fact: proposal.fact,
        })
    }
}

/// A proposal about a family that is theirs, of a decision that they see whole.
async fn theirs(council: &Council, verb: Verb, id: ProposalId) -> Result<store::Proposal, Problem> {
    council.may(verb)?;
    let proposal = council.store.proposal(id).await?;
    let opened = council.family_of(verb, proposal.family, "proposal", id).await?;
    let decision = council.store.decision(proposal.decision).await?;
    let whole = opened.relation.sections.covers(decision.label) && council.store.is_decision_unsealed(opened.reader(), decision.id).await?;
    if whole { Ok(proposal) } else { Err(Problem::no_such("proposal", id)) }
}

/// Read a proposal
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/proposals/{proposal}", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("proposal" = ProposalId, Path, description = "The proposal"),
        InLanguage,
    ),
    responses((status = 200, body = Proposal, description = "The proposal"), Reads),
)]
pub async fn read_proposal(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProposalId>,
    Params(InLanguage { language }): Params<InLanguage>,
) -> Result<Json<Proposal>, Problem> {
    let proposal = theirs(&council, Verb::SeeDecisions, id).await?;
    let mut told = Told { app: &app, council: &council, language, evidence: HashMap::new() };
    Ok(Json(told.proposal(proposal).await?))
}

/// A confirmation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// From which day on it holds, not before the decision's as-of date. Left out: today, or the as-of date where that is later.
    #[serde(default)]
    on: Option<Day>,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// Confirm a proposal
///
/// It is carried out at once, in one transaction: a task is given out; a goal, an episode, its end, its stage and its tier become facts,
/// and the family has a new revision. Of two people who confirm or decline at the same time one is told `conflict`, and so is whoever
/// confirms what the record does not allow now, or what an installation proposed that decides no more.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/proposals/{proposal}/confirm", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("proposal" = ProposalId, Path, description = "The proposal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Confirmation, example = json!({})),
    responses((status = 200, body = Proposal, description = "Carried out, or confirmed where people do it"), Writes),
)]
pub async fn confirm_proposal(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProposalId>,
    once: Once,
    Body { value: new, digest }: Body<Confirmation>,
) -> Result<Response, Problem> {
    theirs(&council, Verb::ConfirmProposals, id).await?;
    let mut tx = match once.begin(&council, digest, "confirmed a proposal").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let proposal = app.workflow.confirm(&council.store, &mut tx, id, new.on, &[]).await?;
    let mut told = Told { app: &app, council: &council, language: new.language, evidence: HashMap::new() };
    let answer = Answer::new(StatusCode::OK, &told.proposal(proposal).await?);
    once.finish(tx, &council, digest, answer).await
}

/// Why a proposal is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    /// 1 to 500 bytes; kept.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// Of the sentences in the answer; English, if left out.
    #[serde(default)]
    language: Language,
}

/// Decline a proposal
///
/// Nothing follows from it, and its key is free: the plugin may propose it again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/proposals/{proposal}/decline", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("proposal" = ProposalId, Path, description = "The proposal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Declining, example = json!({ "reason": "The family asked us to wait until after the move." })),
    responses((status = 200, body = Proposal, description = "Declined"), Writes),
)]
pub async fn decline_proposal(
    State(app): State<App>,
    council: Council,
    Id(id): Id<ProposalId>,
    once: Once,
    Body { value: new, digest }: Body<Declining>,
) -> Result<Response, Problem> {
    theirs(&council, Verb::ConfirmProposals, id).await?;
    let mut tx = match once.begin(&council, digest, "declined a proposal").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let proposal = decline(&mut tx, id, &new.reason, &council.by).await?;
    let mut told = Told { app: &app, council: &council, language: new.language, evidence: HashMap::new() };
    let answer = Answer::new(StatusCode::OK, &told.proposal(proposal).await?);
    once.finish(tx, &council, digest, answer).await
}
