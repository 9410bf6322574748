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
use crate::record::{AuthorityId, Day, FamilyId, InstallationId, KnownAt, LoginId, NoticeId, ProposalId};
use crate::sandbox::answer::Action;
use crate::store::{self, Befell, NoticesWanted, Reader, Seen, StoreError, Tells};

/// That there is something to know: about a family, or about an installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    id: NoticeId,
    /// Left out: it is about an installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    /// That failed and from which the host went back, that is parked, or for which what was planned could not be done. Left out: it is about a family.
    #[serde(skip_serializing_if = "Option::is_none")]
    installation: Option<InstallationId>,
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

/// Whether somebody looked at a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    Seen,
    Unseen,
}

/// Which, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// Only those that they looked at, or did not yet; all, if left out.
    #[param(inline)]
    state: Option<NoticeState>,
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
/// What somebody was told of, themselves, the first first: about families that they still see; and, whoever approves plugins or uploaded the version,
/// about installations: that failed and from which the host went back by itself, that are parked, for which what was planned could not be done. An
/// e-mail without content says that something waits, at most one an hour.
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
    let (reader, installations) = theirs(&council)?;
    let wanted = NoticesWanted {
        installations,
        seen: listing.state.map(|state| state == NoticeState::Seen),
        after: page::after::<NoticeId>(listing.after.as_deref())?,
        limit: page::limit(listing.limit),
    };
    let found = council.store.notices_for(&reader, wanted).await?;
    let mut messages = HashMap::new();
    for notice in &found.items {
        let message = match notice.tells {
            Tells::Proposed { family, proposal } => {
                council.listed(&[()], |()| Seen::of(family, "notice", notice.id, &[]));
                proposed(&app, &council, &reader, (notice.id, family, proposal), listing.language).await?
            }
            Tells::Befell { installation, what } => {
                Some(befell(what, &council.store.installation(installation).await?.plugin, listing.language))
            }
        };
        messages.insert(notice.id, message);
    }
    Ok(Json(Page::of(found, |n| {
        let (family, installation) = match n.tells {
            Tells::Proposed { family, .. } => (Some(family), None),
            Tells::Befell { installation, .. } => (None, Some(installation)),
        };
        let message = messages.remove(&n.id).flatten();
        Notice { id: n.id, family, installation, made_at: n.made, due: n.due, seen_at: n.seen, message }
    })))
}

/// Whose list it is: of families as they see them, of none where they see none; and whether installations are theirs to see.
fn theirs(council: &Council) -> Result<(Reader, bool), Problem> {
    let rules = council.who_would(Verb::SeeRules);
    match (council.who_would(Verb::SeeFamilies), rules) {
        (Some(reader), rules) => Ok((reader, rules.is_some())),
        (None, Some(reader)) => Ok((Reader { all: false, own: false, shared: false, ..reader }, true)),
        (None, None) => council.reader(Verb::SeeFamilies).map(|reader| (reader, false)),
    }
}

fn befell(what: Befell, plugin: &str, language: Language) -> String {
    match (what, language) {
        (Befell::CameBack(_), Language::En) => format!("{plugin} failed again and again, and the host went back to what decided before"),
        (Befell::CameBack(_), Language::Cy) => {
            format!("Methodd {plugin} dro ar ôl tro, ac aeth y gwesteiwr yn ôl at yr hyn a oedd yn penderfynu o'r blaen")
        }
        (Befell::Parked(_), Language::En) => {
            format!("{plugin} is parked: it is asked nothing until somebody brings it back, or another version decides")
        }
        (Befell::Parked(_), Language::Cy) => {
            format!("Mae {plugin} wedi'i barcio: ni ofynnir dim iddo nes i rywun ddod ag ef yn ôl, neu i fersiwn arall benderfynu")
        }
        (Befell::NotSwitched(_), Language::En) => {
            format!("{plugin} was planned to decide from now on, and could not: what decided before decides on")
        }
        (Befell::NotSwitched(_), Language::Cy) => {
            format!(
                "Roedd {plugin} i fod i benderfynu o adeg a gynlluniwyd, ac ni allai: mae'r hyn a oedd yn penderfynu o'r blaen yn parhau"
            )
        }
    }
}

/// The proposal's words, for who sees every section and seal that its decision was given.
async fn proposed(
    app: &App,
    council: &Council,
    reader: &Reader,
    (notice, family, proposal): (NoticeId, FamilyId, ProposalId),
    language: Language,
) -> Result<Option<String>, Problem> {
    let proposal = council.store.proposal(proposal).await?;
    let decision = council.store.decision(proposal.decision).await?;
    let Some(relation) = council.store.relation(reader, family).await? else { return Ok(None) };
    if !relation.sections.covers(decision.label) || !council.store.is_decision_unsealed(reader, decision.id).await? {
        return Ok(None);
    }
    let damaged = |e| StoreError::Damaged(format!("proposal {}: {e}", proposal.id));
    let Action::Notice { about, .. } = serde_json::from_value(proposal.body.clone()).map_err(damaged)? else { return Ok(None) };
    let installation = council.store.installation(proposal.installation).await?;
    let evidence = Evidence::of(app, &council.store, &decision, installation.digest, language).await?;
    council.listed(&[()], |()| Seen::of(family, "notice", notice, &decision.label.iter().collect::<Vec<_>>()));
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
    let (reader, installations) = theirs(&council)?;
    let notice = council.store.notice(id).await?;
    if reader.login != Some(notice.login) {
        council.tried(Seen::thing("notice", id, &[]));
        return Err(Problem::no_such("notice", id));
    }
    match notice.tells {
        Tells::Proposed { family, .. } => drop(council.family_of(Verb::SeeFamilies, family, "notice", id).await?),
        Tells::Befell { .. } if installations => {}
        Tells::Befell { .. } => return Err(Problem::no_such("notice", id)),
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
        let store::Notice { tells: Tells::Proposed { proposal, .. }, login, made, due, mailed, seen, .. } = n else { continue };
        items.push(Told { proposal, login, name, made_at: made, due, mailed_at: mailed, seen_at: seen });
    }
    Ok(Json(Page::whole(items)))
}
