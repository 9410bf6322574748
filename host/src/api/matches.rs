//! Whom rows are about, where a person is asked; and finding people.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Nothing};
use super::caller::Council;
use super::deliveries::RowTold;
use super::documented::{Acts, Reads, Writes};
use super::page::{self, Limit, Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::intake::{find, review};
use crate::matching::{Agreement, Profile};
use crate::record::{AuthorityId, FamilyId, HomeId, KnownAt, MatchDecisionId, OrganisationId, PersonId, Section, WaitingRowId};
use crate::store::{self, MatchAnswer, Seen, WaitingState};

/// What was compared, in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementSaid {
    /// What was compared: given, family, born, home or identifier.
    #[schema(example = "given")]
    of: &'static str,
    #[serde(flatten)]
    agreement: Agreement,
    #[schema(example = "a given name one slip away")]
    says: &'static str,
}

impl From<Agreement> for AgreementSaid {
    fn from(agreement: Agreement) -> Self {
        Self { of: agreement.level.of(), says: agreement.level.says(), agreement }
    }
}

/// Somebody, or a home, who may be meant, side by side with the row.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<HomeId>,
    /// In tenths of a bit.
    weight: i32,
    agreements: Vec<AgreementSaid>,
    /// What the record knows of the person that tells who they are.
    #[schema(value_type = Object)]
    known: Profile,
}

/// A row about which a person is asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchQuestion)]
pub struct Question {
    id: WaitingRowId,
    source: OrganisationId,
    #[schema(example = "attendance")]
    mapping: String,
    at: KnownAt,
    row: RowTold,
    /// The likeliest first.
    candidates: Vec<Candidate>,
}

/// What a person says.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Name the person, or the home.
    ThisOne,
    /// The row waits, in case a family joins.
    NoneOfThese,
    /// Nobody of the authority's: nobody is asked again.
    NotOurs,
}

/// Who is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMatchDecision)]
pub struct NewDecision {
    answer: Said,
    /// With `this-one`, for a row about a person: anybody of the record.
    person: Option<PersonId>,
    /// With `this-one`, for a row about a home.
    home: Option<HomeId>,
}

impl NewDecision {
    fn answer(&self) -> Result<MatchAnswer, Problem> {
        match (self.answer, self.person, self.home) {
            (Said::ThisOne, Some(person), None) => Ok(MatchAnswer::Person(person)),
            (Said::ThisOne, None, Some(home)) => Ok(MatchAnswer::Home(home)),
            (Said::ThisOne, ..) => Err(Problem::invalid("person", "is needed with this-one; or `home`, for a row about a home")),
            (Said::NoneOfThese, None, None) => Ok(MatchAnswer::NoneOfThese),
            (Said::NotOurs, None, None) => Ok(MatchAnswer::NotOurs),
            (_, Some(_), _) => Err(Problem::invalid("person", "is named with this-one alone")),
            (.., Some(_)) => Err(Problem::invalid("home", "is named with this-one alone")),
        }
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// By which it is taken back.
    decision: MatchDecisionId,
    /// Rows that it moved: every one of the source that waited and says the same of who is meant.
    rows: u64,
}

impl From<review::Decided> for Decided {
    fn from(decided: review::Decided) -> Self {
        Self { decision: decided.decision, rows: decided.rows }
    }
}

/// What a person said about who is meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchDecision)]
pub struct Decision {
    id: MatchDecisionId,
    source: OrganisationId,
    #[schema(example = "this-one")]
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<HomeId>,
    by: String,
    at: KnownAt,
    /// Left out: it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_at: Option<KnownAt>,
}

impl From<store::MatchDecision> for Decision {
    fn from(decision: store::MatchDecision) -> Self {
        let (person, home) = match decision.answer {
            MatchAnswer::Person(id) => (Some(id), None),
            MatchAnswer::Home(id) => (None, Some(id)),
            _ => (None, None),
        };
        let (undone_by, undone_at) = decision.undone.unzip();
        let (answer, source) = (decision.answer.code(), decision.source);
        Self { id: decision.id, source, answer, person, home, by: decision.by, at: decision.at, undone_by, undone_at }
    }
}

async fn question(council: &Council, row: store::WaitingRow) -> Result<Question, Problem> {
    let store = &council.store;
    let (told, mut shown) = review::opened(&row)?;
    let people: Vec<PersonId> = shown.iter().filter_map(|s| s.person).collect();
    // Whoever is sealed from the reader is not among those who may be meant.
    let people = store.seen(&council.reader(Verb::RunIntake)?, &people).await?;
    shown.retain(|s| s.person.is_none_or(|person| people.binary_search(&person).is_ok()));
    council.listed(&people, |person| Seen { person: Some(*person), ..Seen::thing("waiting row", row.id, &[Section::Identity]) });
    let homes: Vec<HomeId> = shown.iter().filter_map(|s| s.home).collect();
    let (mut profiles, mut addresses) = (store.profiles(&people).await?, store.addresses(&homes).await?);
    let candidates = shown.into_iter().map(|s| Candidate {
        known: match (s.person, s.home) {
            (Some(person), _) => profiles.remove(&person).unwrap_or_default(),
            (None, home) => Profile { homes: home.and_then(|h| addresses.remove(&h)).unwrap_or_default(), ..Profile::default() },
        },
        person: s.person,
        home: s.home,
        weight: s.weight,
        agreements: s.agreements.into_iter().map(AgreementSaid::from).collect(),
    });
    let candidates = candidates.collect();
    Ok(Question { id: row.id, source: row.source, mapping: row.mapping, at: row.at, row: told.into(), candidates })
}

/// List rows about which a person is asked
///
/// Side by side with who may be meant, what agrees and what that weighs.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/matches", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Question>, description = "The first that came first"), Reads),
)]
pub async fn list_matches(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Question>>, Problem> {
    council.may(Verb::RunIntake)?;
    let rows = council.store.waiting_rows(WaitingState::Asked, paging.after()?, paging.limit()).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        items.push(question(&council, row).await?);
    }
    Ok(Json(Page::of(store::Page { items, next: rows.next }, |q| q)))
}

/// Read a row about which a person is asked
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/matches/{row}", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("row" = WaitingRowId, Path, description = "The row")),
    responses((status = 200, body = Question, description = "The row, and who may be meant"), Reads),
)]
pub async fn read_match(council: Council, Id(id): Id<WaitingRowId>) -> Result<Json<Question>, Problem> {
    council.may(Verb::RunIntake)?;
    let row = council.store.waiting_row(id).await?;
    Ok(Json(question(&council, row).await?))
}

/// Say who is meant
///
/// It holds for every row of the source that says the same of who is meant, now and in files to come, until it is taken back.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/matches/{row}/decision", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("row" = WaitingRowId, Path, description = "The row")),
    request_body(content = NewDecision, example = json!({ "answer": "none-of-these" })),
    responses((status = 200, body = Decided, description = "Done"), Writes),
)]
pub async fn decide_match(
    council: Council,
    Id(id): Id<WaitingRowId>,
    Body { value, .. }: Body<NewDecision>,
) -> Result<Json<Decided>, Problem> {
    council.may(Verb::RunIntake)?;
    let decided = review::decide(&council.store, &council.by, id, value.answer()?).await?;
    Ok(Json(decided.into()))
}

/// List what was said about who is meant
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/match-decisions", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Decision>, description = "The latest first"), Reads),
)]
pub async fn list_match_decisions(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Decision>>, Problem> {
    council.may(Verb::RunIntake)?;
    Ok(Json(Page::of(council.store.match_decisions(paging.after()?, paging.limit()).await?, Decision::from)))
}

/// Take back who is meant
///
/// The facts that came of it are withdrawn, and their rows are asked about again: nothing is lost.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/match-decisions/{decision}/undo", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("decision" = MatchDecisionId, Path, description = "The decision")),
    responses((status = 200, body = Decided, description = "Taken back"), Acts),
)]
pub async fn undo_match_decision(council: Council, Id(id): Id<MatchDecisionId>, _: Nothing) -> Result<Json<Decided>, Problem> {
    council.may(Verb::RunIntake)?;
    Ok(Json(review::undo(&council.store, &council.by, id).await?.into()))
}

/// Who is looked for: whatever is known of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `Jo Bell`, `Bell, Jo`, or one of the two; spelt as it may be.
    name: Option<String>,
    /// `2010-09-14`, or `2010-09`.
    born: Option<String>,
    /// An NHS number, pupil number or National Insurance number.
    identifier: Option<String>,
    postcode: Option<String>,
    /// The first line of an address, with a postcode.
    address: Option<String>,
    /// A property number.
    uprn: Option<String>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// A family, as the authority calls it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyNamed {
    id: FamilyId,
    #[schema(example = "BR-0001")]
    reference: String,
}

/// Somebody who may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundPerson {
    person: PersonId,
    /// That they are or were members of.
    families: Vec<FamilyNamed>,
    /// In tenths of a bit.
    weight: i32,
    agreements: Vec<AgreementSaid>,
    /// What the record knows of the person that tells who they are.
    #[schema(value_type = Object)]
    known: Profile,
}

/// People who were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundPeople {
    /// The likeliest first.
    items: Vec<FoundPerson>,
    /// Send it as `after` for what comes next; null: this was the last page.
    next: Option<String>,
    /// There are more than were looked at: say more of who is looked for.
    too_many: bool,
}

/// Find people and their families
///
/// By name, birth date, number or address, tolerant of spelling, within one's rights.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/search", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = FoundPeople, description = "The likeliest first"), Reads),
)]
pub async fn find_people(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<FoundPeople>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let Wanted { name, born, identifier, postcode, address, uprn, limit, after } = wanted;
    let from = page::after::<u64>(after.as_deref())?.and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    let wanted = find::Wanted { name, born, identifier, postcode, address, uprn };
    let found = find::find(&council.store, &reader, &wanted, from, page::limit(limit) as usize).await?;
    council.listed(&found.hits, |hit| Seen { person: Some(hit.person), sections: vec![Section::Identity], ..Seen::default() });
    let items = found.hits.into_iter().map(|hit| FoundPerson {
        person: hit.person,
        families: hit.families.into_iter().map(|(id, reference)| FamilyNamed { id, reference }).collect(),
        weight: hit.weight,
        agreements: hit.agreements.into_iter().map(AgreementSaid::from).collect(),
        known: hit.profile,
    });
    Ok(Json(FoundPeople { items: items.collect(), next: found.next.map(|n| page::opaque(&(n as u64))), too_many: found.too_many }))
}
