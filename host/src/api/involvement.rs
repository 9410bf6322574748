//! Earlier involvement, shown at once: whom a referral may be about, and what the council has had to do with them.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::documented::Reads;
use super::front_door::at_the_door;
use super::matches::AgreementSaid;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::intake::find::{self, Wanted};
use crate::matching::Profile;
use crate::record::referral::{Described, PersonDescribed};
use crate::record::{AuthorityId, Day, FamilyId, Kind, PersonId, ReferralId, Section};
use crate::store::{AsKnown, Reader, ReferralState, Seen};

/// People who may be meant by one description.
const MOST: usize = 10;

/// Whom a referral may be about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Involvement {
    /// For each person who is described, in their order.
    people: Vec<PersonMeant>,
    /// Who is or was a member of a family at the address that is told.
    at_the_address: Vec<MayBe>,
    /// Every family of theirs that you see, and the one that the referral is settled about.
    families: Vec<FamilyInvolved>,
}

/// Somebody who is described, and who they may be.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonMeant {
    described: PersonDescribed,
    /// The likeliest first, at most ten.
    may_be: Vec<MayBe>,
}

/// Somebody of the record who may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct MayBe {
    person: PersonId,
    /// In tenths of a bit.
    weight: i32,
    agreements: Vec<AgreementSaid>,
    /// What the record knows of the person that tells who they are.
    #[schema(value_type = Object)]
    known: Profile,
    families: Vec<FamilyId>,
}

/// What the council has had to do with a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyInvolved {
    family: FamilyId,
    /// What the authority calls it.
    reference: String,
    /// Its stays in the programme, the first first. Left out: that section is withheld from you.
    #[serde(skip_serializing_if = "Option::is_none")]
    episodes: Option<Vec<EpisodeWas>>,
    /// Referrals about it, this one left out.
    referrals: Vec<EarlierReferral>,
}

/// A stay in the programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct EpisodeWas {
    first: Day,
    /// Left out: it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
}

/// Another referral about the same family.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarlierReferral {
    id: ReferralId,
    came_on: Day,
    state: &'static str,
    open: bool,
}

/// Read earlier involvement
///
/// Everybody of the record who may be meant by a referral, found as people are found for whoever searches, with their families, stays in the
/// programme and other referrals: as much as you may see.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/referrals/{referral}/involvement", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("referral" = ReferralId, Path, description = "The referral")),
    responses((status = 200, body = Involvement, description = "Whom it may be about"), Reads),
)]
pub async fn read_involvement(council: Council, Id(id): Id<ReferralId>) -> Result<Json<Involvement>, Problem> {
    let referral = at_the_door(&council, Verb::Triage, id).await?;
    let reader = council.reader(Verb::SeeFamilies)?;
    let Described { people: described, address } = referral.told;
    let place = address.as_ref().map(|a| Wanted {
        postcode: a.postcode.clone(),
        address: a.postcode.as_ref().and(a.lines.first().cloned()),
        uprn: a.uprn.clone(),
        ..Wanted::default()
    });
    let mut people = Vec::with_capacity(described.len());
    for person in described {
        let name = person.name.as_ref().map(|n| format!("{}, {}", n.family, n.given));
        let wanted = Wanted { name, born: person.born.clone(), ..place.clone().unwrap_or_default() };
        people.push(PersonMeant { may_be: look(&council, &reader, &wanted).await?, described: person });
    }
    let at_the_address = match place.filter(|p| *p != Wanted::default()) {
        Some(place) => look(&council, &reader, &place).await?,
        None => Vec::new(),
    };
    let found = people.iter().flat_map(|p| &p.may_be).chain(&at_the_address).flat_map(|m| m.families.iter().copied());
    let mut ids: Vec<FamilyId> = found.chain(referral.family).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut families = Vec::with_capacity(ids.len());
    for family in ids {
        families.extend(involved(&council, family, id).await?);
    }
    let all = people.iter().flat_map(|p| &p.may_be).chain(&at_the_address).collect::<Vec<_>>();
    council.listed(&all, |m| Seen { person: Some(m.person), sections: vec![Section::Identity], ..Seen::default() });
    council.listed(&families, |f| Seen::family(f.family, &[Section::Support]));
    Ok(Json(Involvement { people, at_the_address, families }))
}

async fn look(council: &Council, reader: &Reader, wanted: &Wanted) -> Result<Vec<MayBe>, Problem> {
    let found = find::find(&council.store, reader, wanted, 0, MOST).await?;
    let may_be = |hit: find::Hit| MayBe {
        person: hit.person,
        weight: hit.weight,
        agreements: hit.agreements.into_iter().map(AgreementSaid::from).collect(),
        known: hit.profile,
        families: hit.families.into_iter().map(|(id, _)| id).collect(),
    };
    Ok(found.hits.into_iter().map(may_be).collect())
}

/// None: it is not theirs to know of.
async fn involved(council: &Council, family: FamilyId, this: ReferralId) -> Result<Option<FamilyInvolved>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let Some(relation) = council.store.relation(&reader, family).await? else { return Ok(None) };
    let facts = council.store.facts_for(&reader, family, AsKnown::Now).await?;
    let episodes = facts.iter().filter(|f| f.kind() == Kind::Episode && relation.shows(f));
    let mut episodes: Vec<EpisodeWas> = episodes.map(|f| EpisodeWas { first: f.window.first, last: f.window.last }).collect();
    episodes.sort_by_key(|e| e.first);
    let referrals = council.store.referrals_about(family).await?.into_iter().filter(|r| r.id != this);
    let referral = |r: crate::store::Referral| EarlierReferral {
        id: r.id,
        came_on: r.came_on,
        state: r.state.code(),
        open: r.state != ReferralState::Closed,
    };
    Ok(Some(FamilyInvolved {
        family,
        reference: council.store.family(family).await?.reference,
        episodes: relation.sections.has(Section::Support).then_some(episodes),
        referrals: referrals.map(referral).collect(),
    }))
}
