//! Families that are handed over to another authority, and those that come from one.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::handover_seen::{Handover, HandoverSeen, people};
use super::merges::{REASON, Undoing};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::{Code, Problem};
use super::writing::Writing;
use crate::access::Verb;
use crate::record::handover::{Package, PackedSeal, Terms};
use crate::record::{
    AgreementId, AuthorityId, Basis, Day, FamilyId, HandoverId, OrganisationId, PersonId, SealId, Section, Sections, fact,
};
use crate::store::{AsKnown, Between, BetweenState, Given, GivenState, Sealed, Seen, StoreError, Taken};
use crate::workflow::handover::{self, Taking};

/// What is to be given of a family, and to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandover {
    /// With the council that takes it, in force: it says which sections may be given, and by which law. Where it rests on consent, the whole
    /// family's consent to share these sections under it has to be recorded.
    agreement: AgreementId,
    /// Of those that the agreement has; all of these, if left out. `household` is among them.
    #[serde(default)]
    sections: Option<Vec<Section>>,
    /// 1 to 500 bytes.
    reason: String,
    /// The first day on which it is theirs. Today, if left out.
    #[serde(default)]
    first: Option<Day>,
    /// For each seal on the family that names whoever gives it: is what it hides given? It is then hidden there too.
    #[serde(default)]
    seals: BTreeMap<SealId, bool>,
}

/// Hand a family over to another authority
///
/// It waits there until somebody takes it in or refuses it; then it is closed here. What is given is what counts to the family, of these
/// sections, with who had said it; not decisions, claims or tasks. What is sealed and does not name whoever gives it stays. With the section
/// support go its referrals to the front door; what was said in them, which may tell anything, only where all sections are given and nothing of
/// the family is sealed. Where something of the family is erased before it is taken in, the handover is taken back.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/handovers", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewHandover, example = json!({
        "agreement": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c40", "reason": "they moved to Leeds", "first": "2026-04-01",
    })),
    responses((status = 201, body = Handover, description = "On its way"), Writes),
)]
pub async fn give_family(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewHandover>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::HandOver, family).await?;
    fact::text("reason", &new.reason, REASON)?;
    let today = council.store.clock().now().day();
    let (to, basis, agreed) = agreed(&app, &council, new.agreement, today).await?;
    let sections = new.sections.map_or(agreed, |sections| sections.into_iter().collect());
    if !agreed.covers(sections) || !sections.has(Section::Household) {
        return Err(Problem::invalid("sections", "has to be some of those that the agreement has, `household` among them"));
    }
    if basis.needs_consent() {
        let given = council.store.shares(family).await?.into_iter();
        let mut given = given.filter(|s| s.agreement == new.agreement && s.person.is_none() && s.withdrawn.is_none());
        if !given.any(|s| s.sections.covers(sections)) {
            let why = "rests on consent, and the family's consent to share these sections under it is not recorded";
            return Err(Problem::invalid("agreement", why));
        }
    }
    let (sealed, kept) = seals(&council, &opened, &new.seals).await?;
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    let reference = council.store.family(family).await?.reference;
    // What was said at the front door may tell anything: it goes where everything does.
    let whole = sections == Sections::ALL
        && sealed.is_empty()
        && kept.is_empty()
        && facts.len() == council.store.facts(family, AsKnown::Now).await?.len();
    let mut package = Package::of(family, &reference, &facts, sections, sealed, &kept);
    if sections.has(Section::Support) {
        package.referrals = council.store.referrals_to_give(family, whole).await?;
    }
    let (digest_of, bytes) = package.encode();
    let mut tx = match once.begin(&council, digest, "handed a family over to another authority").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let terms = Terms {
        sections: sections.iter().collect(),
        basis,
        reason: new.reason,
        first: new.first.unwrap_or(today),
        given_by: council.by.clone(),
        given_at: tx.now(),
        told: package.told(),
    };
    let given = Given { id: HandoverId::fresh(), family, to, terms, digest: digest_of, state: GivenState::Making, settled: None };
    tx.give_family(&given, &bytes).await?;
    let waiting = Given { state: GivenState::Waiting, ..given.clone() };
    let response = once.finish(tx, &council, digest, Answer::created(&Handover::given(&council, waiting))).await?;
    // Cut off here, whoever looks next lays it there.
    handover::deliver(app.stores.common(), &council.store, &given).await?;
    Ok(response)
}

/// With whom, by which law, and which sections.
async fn agreed(app: &App, council: &Council, id: AgreementId, today: Day) -> Result<(AuthorityId, Basis, Sections), Problem> {
    let refused = |why: String| Problem::invalid("agreement", why);
    let agreement = council.store.agreement(id).await.map_err(|e| match e {
        StoreError::NoSuch { .. } => refused(e.to_string()),
        e => e.into(),
    })?;
    if !agreement.window.contains(today) {
        return Err(refused("is not in force".to_owned()));
    }
    let authorities = app.stores.common().authorities().await?;
    let other = authorities.into_iter().map(|a| a.code).find(|a| OrganisationId::of_council(a) == agreement.organisation);
    match other {
        Some(code) if code != *council.store.id() => Ok((code, agreement.basis, agreement.sections)),
        _ => Err(refused("is with nobody who keeps families here: hand it over under one with another council".to_owned())),
    }
}

/// What is sealed and given, and what is sealed and stays: a person named in each seal says which.
async fn seals(
    council: &Council,
    opened: &super::caller::Opened,
    said: &BTreeMap<SealId, bool>,
) -> Result<(Vec<PackedSeal>, Vec<PackedSeal>), Problem> {
    let theirs = council.store.seals(opened.reader(), opened.family).await?;
    if let Some(other) = said.keys().find(|id| !theirs.iter().any(|s| s.id == **id)) {
        return Err(Problem::invalid(format!("seals.{other}"), StoreError::NoSuch { what: "seal", id: other.to_string() }.to_string()));
    }
    let (mut given, mut kept) = (Vec::new(), Vec::new());
    for seal in theirs {
        let give = said
            .get(&seal.id)
            .ok_or_else(|| Problem::invalid(format!("seals.{}", seal.id), "is needed: say whether what it hides is given"))?;
        let (fact, member) = match seal.of {
            Sealed::Fact(fact) => (Some(fact), None),
            Sealed::Member(_, person) => (None, Some(person)),
        };
        let packed = PackedSeal { fact, member, reason: seal.reason, until: seal.until };
        if *give { given.push(packed) } else { kept.push(packed) }
    }
    Ok((given, kept))
}

/// List families that are handed over
///
/// To other authorities and from them: what waits, and the account of what was given and taken.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/handovers", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Handover>, description = "The latest first; one page"), Reads),
)]
pub async fn list_handovers(State(app): State<App>, council: Council) -> Result<Json<Page<Handover>>, Problem> {
    council.may(Verb::HandOver)?;
    handover::settle(&app.stores, &council.store).await?;
    let mut all: Vec<Handover> = Vec::new();
    for given in council.store.handovers_given().await? {
        if council.family(Verb::HandOver, given.family).await.is_ok() {
            all.push(Handover::given(&council, given));
        }
    }
    all.extend(council.store.handovers_taken().await?.into_iter().map(|t| Handover::taken(&council, t)));
    for between in app.stores.common().handovers_of(council.store.id()).await? {
        if between.to == *council.store.id() && !all.iter().any(|h| h.id == between.id) {
            all.push(Handover::coming(between));
        }
    }
    let taken: Vec<_> = all.iter().filter_map(|h| Some((h.family?, h.id))).collect();
    council.listed(&taken, |(family, id)| Seen::of(*family, "handover", id, &[]));
    all.sort_by_key(|h| std::cmp::Reverse(h.id));
    Ok(Json(Page::whole(all)))
}

/// Read a handover
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/handovers/{handover}", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("handover" = HandoverId, Path, description = "The handover")),
    responses((status = 200, body = HandoverSeen, description = "The handover"), Reads),
)]
pub async fn read_handover(State(app): State<App>, council: Council, Id(id): Id<HandoverId>) -> Result<Json<HandoverSeen>, Problem> {
    council.may(Verb::HandOver)?;
    handover::settle(&app.stores, &council.store).await?;
    if let Some(given) = council.store.handover_given(id).await? {
        council.family_of(Verb::HandOver, given.family, "handover", id).await?;
        return Ok(Json(HandoverSeen { handover: Handover::given(&council, given), people: Vec::new() }));
    }
    if let Some(taken) = council.store.handover_taken(id).await? {
        return Ok(Json(HandoverSeen { handover: Handover::taken(&council, taken), people: Vec::new() }));
    }
    let between = coming(&app, &council, id).await?;
    let people = match package(&app, &council, id).await? {
        Some(package) => people(&council, &package).await?,
        None => Vec::new(),
    };
    Ok(Json(HandoverSeen { handover: Handover::coming(between), people }))
}

/// One that comes to this authority.
async fn coming(app: &App, council: &Council, id: HandoverId) -> Result<Between, Problem> {
    let found = app.stores.common().handover(council.store.id(), id).await?;
    found.filter(|b| b.to == *council.store.id()).ok_or_else(|| Problem::no_such("handover", id))
}

async fn package(app: &App, council: &Council, id: HandoverId) -> Result<Option<Package>, StoreError> {
    let Some(bytes) = app.stores.common().package_for(council.store.id(), id).await? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| StoreError::Damaged(format!("handover {id}: {e}")))
}

/// How a family is taken in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// What this authority calls it.
    #[schema(example = "LE-0100")]
    reference: String,
    /// Who is known here already: by their ids at the other authority, who they are. All others are new.
    #[serde(default)]
    people: BTreeMap<PersonId, PersonId>,
}

/// Take a family in from another authority
///
/// Its people, homes and facts are in this authority's record from now on, said by the authority that gave them, with who had said them
/// there; for the days before, its people are known in part. What is sealed there is sealed here for whoever takes it in. A referral of which
/// nothing had become yet waits to be triaged here. There the family is closed.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/handovers/{handover}/acceptance", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("handover" = HandoverId, Path, description = "The handover"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Acceptance, example = json!({ "reference": "LE-0100", "people": {} })),
    responses((status = 200, body = Handover, description = "Taken in"), Writes),
)]
pub async fn accept_handover(
    State(app): State<App>,
    council: Council,
    Id(id): Id<HandoverId>,
    once: Once,
    Body { value: how, digest }: Body<Acceptance>,
) -> Result<Response, Problem> {
    council.may(Verb::HandOver)?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let between = coming(&app, &council, id).await?;
    fact::text("reference", &how.reference, 200)?;
    let mut writing = Writing::by(&council, Verb::HandOver).await?;
    for person in how.people.values() {
        writing.person(*person).await.map_err(|e| Problem::invalid("people", e.to_string()))?;
    }
    let common = app.stores.common();
    let package = package(&app, &council, id).await?;
    let package = package.ok_or_else(|| Problem::new(Code::Conflict, "it was answered before, or taken back: look at it as it is now"))?;
    if council.store.family_by_reference(&how.reference).await?.is_some() {
        return Err(StoreError::Exists { what: "family", field: "reference" }.into());
    }
    let mut tx = match once.begin(&council, digest, "took in a family from another authority").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let names: Vec<_> = council.who.login().into_iter().collect();
    let taking = Taking { reference: &how.reference, known: &how.people, names: &names };
    let family = handover::take(&mut tx, &between, &package, &taking).await.map_err(|e| match e {
        StoreError::NoSuch { what: "person", .. } => Problem::invalid("people", e.to_string()),
        e => e.into(),
    })?;
    // Only what can be taken in is claimed; cut off before the next commit, they take it in once more.
    handover::claim(common, &between, &council.by).await?;
    let (at, by) = (tx.now(), council.by.clone());
    let taken = Taken { id, family, from: between.from.clone(), terms: between.terms.clone(), digest: between.digest, by, at };
    let answer = Answer::new(StatusCode::OK, &Handover::taken(&council, taken));
    let response = once.finish(tx, &council, digest, answer).await?;
    // Cut off here, whoever looks next, at either authority, carries on.
    handover::settle(&app.stores, &council.store).await?;
    Ok(response)
}

/// Refuse to take a family in
///
/// The other authority is told why; there the family stays as it is.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/handovers/{handover}/refusal", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("handover" = HandoverId, Path, description = "The handover")),
    request_body(content = Undoing, example = json!({ "reason": "they are still at the address in Bristol" })),
    responses((status = 200, body = Handover, description = "Refused"), Writes),
)]
pub async fn refuse_handover(
    State(app): State<App>,
    council: Council,
    Id(id): Id<HandoverId>,
    Body { value: why, .. }: Body<Undoing>,
) -> Result<Json<Handover>, Problem> {
    council.may(Verb::HandOver)?;
    let between = coming(&app, &council, id).await?;
    fact::text("reason", &why.reason, REASON)?;
    handover::answer(app.stores.common(), &between, BetweenState::Refused, &council.by, &why.reason).await?;
    handover::settle(&app.stores, &council.store).await?;
    Ok(Json(Handover::coming(coming(&app, &council, id).await?)))
}

/// Take a handover back
///
/// While nobody has begun to take the family in.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/handovers/{handover}/withdrawal", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("handover" = HandoverId, Path, description = "The handover")),
    request_body(content = Undoing, example = json!({ "reason": "they stay after all" })),
    responses((status = 200, body = Handover, description = "Taken back"), Writes),
)]
pub async fn withdraw_handover(
    State(app): State<App>,
    council: Council,
    Id(id): Id<HandoverId>,
    Body { value: why, .. }: Body<Undoing>,
) -> Result<Json<Handover>, Problem> {
    council.may(Verb::HandOver)?;
    handover::settle(&app.stores, &council.store).await?;
    let missing = || Problem::no_such("handover", id);
    let given = council.store.handover_given(id).await?.ok_or_else(missing)?;
    council.family_of(Verb::HandOver, given.family, "handover", id).await?;
    fact::text("reason", &why.reason, REASON)?;
    let between = app.stores.common().handover(council.store.id(), id).await?.ok_or_else(missing)?;
    handover::answer(app.stores.common(), &between, BetweenState::Withdrawn, &council.by, &why.reason).await?;
    handover::settle(&app.stores, &council.store).await?;
    let given = council.store.handover_given(id).await?.ok_or_else(missing)?;
    Ok(Json(Handover::given(&council, given)))
}
