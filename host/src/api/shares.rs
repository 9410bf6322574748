//! Families and people shared under agreements: consent and its withdrawal; where the law needs none, notice and objection; and the answer
//! to "what may I share with the school?".

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::{Verb, sharing};
use crate::record::{AgreementId, AuthorityId, Day, FamilyId, KnownAt, OrganisationId, PersonId, Section, Sections, ShareId, fact};
use crate::store::{self, AsKnown, StoreError};

/// Something that was said later.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SaidLater)]
pub struct Said {
    at: KnownAt,
    /// Who wrote it down.
    by: String,
    words: String,
}

impl From<store::Said> for Said {
    fn from(said: store::Said) -> Self {
        Self { at: said.at, by: said.by, words: said.words }
    }
}

/// A family, or one of its people, shared under an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Share {
    id: ShareId,
    agreement: AgreementId,
    family: FamilyId,
    /// Left out: the whole family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    sections: Vec<Section>,
    /// By consent; else with notice, where the law needs no consent.
    by_consent: bool,
    why: String,
    how: String,
    given_by: String,
    given_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objected: Option<Said>,
}

impl From<store::Share> for Share {
    fn from(s: store::Share) -> Self {
        Self {
            id: s.id,
            agreement: s.agreement,
            family: s.family,
            person: s.person,
            sections: s.sections.iter().collect(),
            by_consent: s.by_consent,
            why: s.why,
            how: s.how,
            given_by: s.given_by,
            given_on: s.given_on,
            withdrawn: s.withdrawn.map(Said::from),
            objected: s.objected.map(Said::from),
        }
    }
}

/// What is to be shared, and how consent or notice was given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShare {
    agreement: AgreementId,
    /// One of the family alone. Left out: the whole family.
    #[serde(default)]
    person: Option<PersonId>,
    /// Of those that the agreement has; all of these, if left out.
    #[serde(default)]
    sections: Option<Vec<Section>>,
    /// 1 to 500 bytes, as the next two.
    #[schema(example = "a plan with the school for his attendance")]
    why: String,
    /// How consent or notice was given; or why no notice was, where it would put somebody at risk.
    #[schema(example = "a signed form")]
    how: String,
    /// Who agreed, or was told.
    #[schema(example = "the mother")]
    given_by: String,
    /// Not in the future. Today, if left out.
    #[serde(default)]
    given_on: Option<Day>,
}

/// Share a family under an agreement
///
/// With consent where the agreement rests on it; else with notice. From now on people of the organisation see these sections of it, while
/// the agreement is in force.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/shares", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewShare, example = json!({
        "agreement": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c40", "sections": ["education"],
        "why": "a plan with the school for his attendance", "how": "a signed form", "given_by": "the mother",
    })),
    responses((status = 201, body = Share, description = "Shared"), Writes),
)]
pub async fn share(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewShare>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::RecordConsent, family).await?;
    let shared = to_share(&council, &opened, family, new).await?;
    let mut tx = match once.begin(&council, digest, "shared a family under an agreement").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.add_share(&shared).await?;
    once.finish(tx, &council, digest, Answer::created(&Share::from(shared))).await
}

/// Checks what is to be shared of a family that was opened.
///
/// # Errors
/// `invalid`.
pub(super) async fn to_share(
    council: &Council,
    opened: &super::caller::Opened,
    family: FamilyId,
    new: NewShare,
) -> Result<store::Share, Problem> {
    for (field, text) in [("why", &new.why), ("how", &new.how), ("given_by", &new.given_by)] {
        fact::text(field, text, 500)?;
    }
    if let Some(person) = new.person {
        let members = store::Member::among(opened.facts(&council.store, AsKnown::Now).await?);
        if !members.iter().any(|m| m.id == person) {
            return Err(Problem::invalid("person", StoreError::NoSuch { what: "person", id: person.to_string() }.to_string()));
        }
    }
    let agreement = council.store.agreement(new.agreement).await.map_err(|e| match e {
        StoreError::NoSuch { .. } => Problem::invalid("agreement", e.to_string()),
        e => e.into(),
    })?;
    let sections = new.sections.map_or(agreement.sections, |sections| sections.into_iter().collect::<Sections>());
    if sections.is_empty() || !agreement.sections.covers(sections) {
        return Err(Problem::invalid("sections", "has to be some of those that the agreement has"));
    }
    let today = council.store.clock().now().day();
    let given_on = new.given_on.unwrap_or(today);
    if given_on > today {
        return Err(Problem::invalid("given_on", "is still to come"));
    }
    Ok(store::Share {
        id: ShareId::fresh(),
        agreement: agreement.id,
        family,
        person: new.person,
        sections,
        by_consent: agreement.basis.needs_consent(),
        why: new.why,
        how: new.how,
        given_by: new.given_by,
        given_on,
        withdrawn: None,
        objected: None,
    })
}

/// List what is shared of a family
///
/// And was, until it was withdrawn.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/shares", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Share>, description = "The latest first; one page"), Reads),
)]
pub async fn list_shares(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Share>>, Problem> {
    let opened = council.family(Verb::RecordConsent, family).await?;
    let shares = seen(&council, &opened, family).await?;
    Ok(Json(Page::whole(shares.into_iter().map(Share::from).collect())))
}

/// Without those of people whom a seal hides.
async fn seen(council: &Council, opened: &super::caller::Opened, family: FamilyId) -> Result<Vec<store::Share>, Problem> {
    let mut shares = council.store.shares(family).await?;
    if shares.iter().any(|s| s.person.is_some()) {
        let members = store::Member::among(opened.facts(&council.store, AsKnown::Now).await?);
        shares.retain(|s| s.person.is_none_or(|p| members.iter().any(|m| m.id == p)));
    }
    Ok(shares)
}

/// What is said of something that is shared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Saying {
    /// 1 to 500 bytes; kept.
    #[schema(example = "she rang to say so")]
    words: String,
}

/// Withdraw consent
///
/// Or stop what is shared without it. It acts at once: from now on nothing is shared by it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/shares/{share}/withdrawal", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("share" = ShareId, Path, description = "What is shared"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Saying, example = json!({ "words": "she rang to say so" })),
    responses((status = 200, body = Share, description = "Withdrawn"), Writes),
)]
pub async fn withdraw_share(
    council: Council,
    Id(id): Id<ShareId>,
    once: Once,
    Body { value: Saying { words }, digest }: Body<Saying>,
) -> Result<Response, Problem> {
    let before = theirs(&council, id).await?;
    fact::text("words", &words, 500)?;
    let mut tx = match once.begin(&council, digest, "withdrew what was shared of a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.withdraw_share(id, &words).await?;
    let withdrawn = Some(store::Said { at: tx.now(), by: council.by.clone(), words });
    let answer = Answer::new(StatusCode::OK, &Share::from(store::Share { withdrawn, ..before }));
    once.finish(tx, &council, digest, answer).await
}

/// Record an objection
///
/// To what is shared without consent. It is kept beside it for a person to decide about; by itself it stops nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/shares/{share}/objection", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("share" = ShareId, Path, description = "What is shared"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Saying, example = json!({ "words": "he does not want the school to know of the debts" })),
    responses((status = 200, body = Share, description = "Kept"), Writes),
)]
pub async fn object_to_share(
    council: Council,
    Id(id): Id<ShareId>,
    once: Once,
    Body { value: Saying { words }, digest }: Body<Saying>,
) -> Result<Response, Problem> {
    let before = theirs(&council, id).await?;
    fact::text("words", &words, 500)?;
    if before.by_consent {
        return Err(Problem::new(Code::Conflict, "it rests on consent: whoever objects withdraws it"));
    }
    let mut tx = match once.begin(&council, digest, "recorded an objection").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.object_to_share(id, &words).await?;
    let objected = Some(store::Said { at: tx.now(), by: council.by.clone(), words });
    let answer = Answer::new(StatusCode::OK, &Share::from(store::Share { objected, ..before }));
    once.finish(tx, &council, digest, answer).await
}

/// A share of a family that is theirs.
async fn theirs(council: &Council, id: ShareId) -> Result<store::Share, Problem> {
    council.may(Verb::RecordConsent)?;
    let share = council.store.share(id).await?;
    let opened = council.family_of(Verb::RecordConsent, share.family, "share", id).await?;
    let seen = seen(council, &opened, share.family).await?;
    seen.into_iter().find(|s| s.id == id).ok_or_else(|| Problem::no_such("share", id))
}

/// With whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct With {
    /// The organisation's short name.
    #[param(value_type = String, example = "severnhope-academy")]
    organisation: OrganisationId,
}

/// May a section be shared, and why, or why not?
#[derive(Debug, Serialize, ToSchema)]
pub struct MayShare {
    section: Section,
    may: bool,
    /// Only about them. Left out: about the whole family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[schema(example = "Education may be shared with Severnhope Academy: the mother agreed on 3 May 2026; for helping the family.")]
    sentence: String,
}

/// What may be shared with an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sharing {
    organisation: OrganisationId,
    sections: Vec<MayShare>,
    /// What holds of every section.
    besides: &'static str,
}

/// Ask what may be shared
///
/// "What may I share with the school?": a sentence for each section, and why not.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/sharing", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family"), With),
    responses((status = 200, body = Sharing, description = "Section by section"), Reads),
)]
pub async fn may_share(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    Params(With { organisation }): Params<With>,
) -> Result<Json<Sharing>, Problem> {
    let opened = council.family(Verb::RecordConsent, family).await?;
    let found = app.stores.common().organisation(&organisation).await?;
    let found = found.ok_or_else(|| Problem::invalid("organisation", "there is no organisation of that short name"))?;
    let mut agreements = council.store.agreements().await?;
    agreements.retain(|a| a.organisation == organisation);
    let shares = seen(&council, &opened, family).await?;
    let members = store::Member::among(opened.facts(&council.store, AsKnown::Now).await?);
    let names: HashMap<PersonId, String> =
        members.into_iter().filter_map(|m| Some((m.id, m.name.map(|n| format!("{} {}", n.given, n.family))?))).collect();
    let today = council.store.clock().now().day();
    let asked = sharing::Asked { organisation: &found.name, agreements: &agreements, shares: &shares, names: &names, today };
    let sections = asked.answer().into_iter().map(|a| {
        let sharing::MayShare { section, may, person, sentence } = a;
        MayShare { section, may, person, sentence }
    });
    Ok(Json(Sharing {
        organisation,
        sections: sections.collect(),
        besides: "What is sealed is not shared with anybody whom the seal does not name.",
    }))
}
