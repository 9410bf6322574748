//! Seals: what is hidden from all but named people. Whoever is not named is not told that there is one.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::people::works_here;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, FactId, FamilyId, KnownAt, LoginId, PersonId, SealId, fact};
use crate::store::{self, AsKnown, Sealed, StoreError};

/// Bytes of a reason.
const REASON: usize = 500;

/// A seal in force that names whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seal {
    id: SealId,
    /// Hidden wherever it would be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<FactId>,
    /// Hidden in this family with all that is known of them there.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<PersonId>,
    reason: String,
    by: String,
    at: KnownAt,
    /// The last day; left out: until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
    /// Who sees what is sealed.
    names: Vec<LoginId>,
}

impl From<store::Seal> for Seal {
    fn from(seal: store::Seal) -> Self {
        let (fact, member) = match seal.of {
            Sealed::Fact(fact) => (Some(fact), None),
            Sealed::Member(_, person) => (None, Some(person)),
        };
        let store::Seal { id, reason, sealed_by: by, at, until, names, .. } = seal;
        Self { id, fact, member, reason, by, at, until, names }
    }
}

/// What is to be hidden, and from whom not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeal {
    /// A fact that the family shows, or
    #[serde(default)]
    fact: Option<FactId>,
    /// one of its members.
    #[serde(default)]
    member: Option<PersonId>,
    /// Who goes on seeing it; whoever seals it does too.
    names: Vec<LoginId>,
    /// 1 to 500 bytes; kept, for those who are named.
    reason: String,
    /// The last day. Left out: until it is lifted.
    #[serde(default)]
    until: Option<Day>,
}

/// Seal a fact or a member
///
/// From now on it is hidden from everybody who is not named, whatever their role: a fact wherever it would be seen, a member in this family
/// with all that is known of them there. For the rest it is as if it were not there. What runs are given leaves it out, unless the
/// installation was granted what is sealed; earlier decisions that were given the section it is in are hidden with it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/seals", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSeal, example = json!({
        "member": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "names": ["0198c1f2-7d30-7a10-8000-5b0f4f8a1c30"],
        "reason": "he does not know that she has asked for help", "until": "2027-03-31",
    })),
    responses((status = 201, body = Seal, description = "Sealed"), Writes),
)]
pub async fn seal(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewSeal>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Seal, family).await?;
    fact::text("reason", &new.reason, REASON)?;
    let mut names = new.names;
    names.extend(council.who.login());
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Err(Problem::invalid("names", "names nobody: nobody could see it, or lift the seal"));
    }
    for login in names.iter().filter(|l| Some(**l) != council.who.login()) {
        works_here(&council, "names", *login).await?;
    }
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    let of = match (new.fact, new.member) {
        (Some(fact), None) if facts.iter().any(|f| f.id == fact) => Sealed::Fact(fact),
        (Some(fact), None) => return Err(Problem::invalid("fact", missing("fact", fact))),
        (None, Some(person)) if store::Member::among(facts).iter().any(|m| m.id == person) => Sealed::Member(family, person),
        (None, Some(person)) => return Err(Problem::invalid("member", missing("person", person))),
        _ => return Err(Problem::invalid("fact", "name a fact, or a member: one of the two")),
    };
    let mut tx = match once.begin(&council, digest, "sealed something of a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let id = tx.seal(of, &new.reason, new.until, &names).await?;
    let (at, sealed_by) = (tx.now(), council.by.clone());
    let seal = store::Seal { id, of, reason: new.reason, sealed_by, at, until: new.until, names };
    once.finish(tx, &council, digest, Answer::created(&Seal::from(seal))).await
}

fn missing(what: &'static str, id: impl ToString) -> String {
    StoreError::NoSuch { what, id: id.to_string() }.to_string()
}

/// List a family's seals
///
/// Those in force that name whoever asks.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/seals", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Seal>, description = "In the order in which they were made; one page"), Reads),
)]
pub async fn list_seals(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Seal>>, Problem> {
    let opened = council.family(Verb::Seal, family).await?;
    let seals = council.store.seals(opened.reader(), family).await?;
    Ok(Json(Page::whole(seals.into_iter().map(Seal::from).collect())))
}

/// Why a seal is lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    /// 1 to 500 bytes; kept.
    reason: String,
}

/// A seal that is lifted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lifted {
    seal: SealId,
}

/// Lift a seal
///
/// For those whom it names. What it hid is seen again by whoever sees the rest.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/seals/{seal}/lifting", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("seal" = SealId, Path, description = "The seal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Lifting, example = json!({ "reason": "he has moved out, and she wants it known" })),
    responses((status = 200, body = Lifted, description = "Lifted"), Writes),
)]
pub async fn lift_seal(
    council: Council,
    Id(id): Id<SealId>,
    once: Once,
    Body { value: lifting, digest }: Body<Lifting>,
) -> Result<Response, Problem> {
    let reader = council.reader(Verb::Seal)?;
    fact::text("reason", &lifting.reason, REASON)?;
    let seal = council.store.seal(&reader, id).await?;
    let mut tx = match once.begin(&council, digest, "lifted a seal").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.lift_seal(&seal, &lifting.reason).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Lifted { seal: id })).await
}
