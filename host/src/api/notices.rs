//! That there is something to know: whom a plugin proposed to tell, and what they find in their list.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Nothing;
use super::caller::Council;
use super::documented::{Acts, Reads};
use super::evidence::{Evidence, Language};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, FamilyId, KnownAt, LoginId, NoticeId, ProposalId};
use crate::sandbox::answer::Action;
use crate::store::{self, Seen, StoreError};

/// That there is something to know about a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    id: NoticeId,
    family: FamilyId,
    made_at: KnownAt,
    /// By the end of that day whoever is told should know.
    due: Day,
    /// When they first looked at it. Left out: they did not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<KnownAt>,
    /// What it is. Left out where they may not read all that it rests on: whoever works with the family may tell them.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Which, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// Of the messages; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    language: Language,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List my notices
///
/// What somebody was told of, themselves, the first first: about families that they still see. An e-mail without content says that something
/// waits, at most one an hour.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/notices", tag = "following", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Listing),
    responses((status = 200, body = Page<Notice>, description = "The first first"), Reads),
)]
pub async fn list_notices(
    State(app): State<App>,
    council: Council,
    Params(listing): Params<Listing>,
) -> Result<Json<Page<Notice>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let after = page::after::<NoticeId>(listing.after.as_deref())?;
    let found = council.store.notices_for(&reader, after, page::limit(listing.limit)).await?;
    council.listed(&found.items, |n| Seen::of(n.family, "notice", n.id, &[]));
    let mut messages = HashMap::new();
    for notice in &found.items {
        messages.insert(notice.id, message(&app, &council, &reader, notice, listing.language).await?);
    }
    Ok(Json(Page::of(found, |n| Notice {
        id: n.id,
        family: n.family,
        made_at: n.made,
        due: n.due,
        seen_at: n.seen,
        message: messages.remove(&n.id).flatten(),
    })))
}

/// The proposal's words, for who sees every section and seal that its decision was given.
async fn message(
    app: &App,
    council: &Council,
    reader: &store::Reader,
    notice: &store::Notice,
    language: Language,
) -> Result<Option<String>, Problem> {
    let proposal = council.store.proposal(notice.proposal).await?;
    let decision = council.store.decision(proposal.decision).await?;
    let Some(relation) = council.store.relation(reader, notice.family).await? else { return Ok(None) };
    if !relation.sections.covers(decision.label) || !council.store.is_decision_unsealed(reader, decision.id).await? {
        return Ok(None);
    }
    let damaged = |e| StoreError::Damaged(format!("proposal {}: {e}", proposal.id));
    let Action::Notice { about, .. } = serde_json::from_value(proposal.body.clone()).map_err(damaged)? else { return Ok(None) };
    let installation = council.store.installation(proposal.installation).await?;
    let evidence = Evidence::of(app, &council.store, &decision, installation.digest, language).await?;
    council.listed(&[()], |()| Seen::of(notice.family, "notice", notice.id, &decision.label.iter().collect::<Vec<_>>()));
    Ok(Some(evidence.sentence(&about)))
}

/// A notice that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenNotice {
    id: NoticeId,
}

/// Say that a notice was seen
///
/// By whom it is for alone.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/notices/{notice}/seen", tag = "following", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("notice" = NoticeId, Path, description = "The notice")),
    responses((status = 200, body = SeenNotice, description = "It was seen"), Acts),
)]
pub async fn see_notice(council: Council, Id(id): Id<NoticeId>, _: Nothing) -> Result<Json<SeenNotice>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let notice = council.store.notice(id).await?;
    council.family_of(Verb::SeeFamilies, notice.family, "notice", id).await?;
    if reader.login != Some(notice.login) {
        return Err(Problem::no_such("notice", id));
    }
    let mut tx = council.write("saw a notice").await?;
    tx.see_notice(id).await?;
    tx.commit().await?;
    Ok(Json(SeenNotice { id }))
}

/// Whom was told of a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Told {
    proposal: ProposalId,
    login: LoginId,
    name: String,
    made_at: KnownAt,
    due: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailed_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<KnownAt>,
}

/// List who was told
///
/// That there is something to know about the family, and whether they looked.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/notices", tag = "following", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Told>, description = "The first first; one page"), Reads),
)]
pub async fn list_told(State(app): State<App>, council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Told>>, Problem> {
    council.family(Verb::SeeDecisions, family).await?;
    let mut items = Vec::new();
    for n in council.store.notices_about(family).await? {
        let name = app.stores.common().login(n.login).await?.name;
        let store::Notice { proposal, login, made, due, mailed, seen, .. } = n;
        items.push(Told { proposal, login, name, made_at: made, due, mailed_at: mailed, seen_at: seen });
    }
    Ok(Json(Page::whole(items)))
}
