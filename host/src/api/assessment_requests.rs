//! Assessments that are due: asked for by a plugin and confirmed, or by somebody; and how far a family has come between them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::assessments::{known, part, shows};
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{self, Cursor, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{
    AssessmentId, AssessmentRequestId, AuthorityId, Day, Detail, FactId, FamilyId, KnownAt, LoginId, PersonId, ProposalId, Section, fact,
};
use crate::store::{self, AsKnown, RequestState, Seen};

/// An assessment that is asked for: a first one, or the next review.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentRequest {
    id: AssessmentRequestId,
    family: FamilyId,
    /// Left out: about the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    form: String,
    due: Day,
    /// So many days ago; below nought: to come.
    overdue_days: i32,
    state: RequestState,
    /// Who asked, or confirmed what a plugin asked for.
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Of a plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<ProposalId>,
    /// That met it.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<AssessmentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_why: Option<String>,
}

impl AssessmentRequest {
    fn of(r: store::AssessmentRequest, today: Day) -> Self {
        let (settled_at, settled_by, words) = match r.settled {
            Some(said) => (Some(said.at), Some(said.by), Some(said.words)),
            None => (None, None, None),
        };
        Self {
            id: r.id,
            family: r.family,
            person: r.person,
            form: r.form,
            due: r.due,
            overdue_days: today.number() - r.due.number(),
            state: r.state,
            by: r.by,
            why: r.why,
            proposal: r.proposal,
            assessment: r.assessment,
            settled_at,
            settled_by,
            settled_why: words.filter(|w| !w.is_empty()),
        }
    }
}

/// Where a page ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(Day, AssessmentRequestId);

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        [&self.0.number().to_be_bytes(), self.1.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (due, id) = bytes.split_first_chunk::<4>()?;
        Some(Self(Day::new(i32::from_be_bytes(*due))?, AssessmentRequestId::from_bytes(id)?))
    }
}

/// Which reviews are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `due`: today or later; `overdue`: before today. Both, if left out.
    #[param(inline)]
    state: Option<Due>,
    /// Only of families in whose case they have a part today.
    worker: Option<LoginId>,
    /// Due by the end of this day.
    until: Option<Day>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    Due,
    Overdue,
}

/// List reviews that are due
///
/// Assessments that are asked for and not made yet, of all families that are yours to see: of a worker, their cases.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/reviews", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<AssessmentRequest>, description = "The first due first"), Reads),
)]
pub async fn list_reviews(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<AssessmentRequest>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let today = council.store.clock().now().day();
    let (mut first, mut last) = (Day::FIRST, wanted.until.unwrap_or(Day::LAST));
    match wanted.state {
        Some(Due::Due) => first = today,
        Some(Due::Overdue) => last = last.min(today.plus(-1).unwrap_or(Day::FIRST)),
        None => {}
    }
    let after = page::after::<Place>(wanted.after.as_deref())?.map(|Place(due, id)| (due, id));
    let limit = page::limit(wanted.limit);
    let found = council.store.assessments_due_for(&reader, (first, last), wanted.worker, after, limit).await?;
    council.listed(&found.items, |r| Seen::of(r.family, "assessment-request", r.id, &[Section::Assessments]));
    let next = found.next.map(|(due, id)| page::opaque(&Place(due, id)));
    Ok(Json(Page { items: found.items.into_iter().map(|r| AssessmentRequest::of(r, today)).collect(), next }))
}

/// An assessment that somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssessmentRequest {
    #[schema(example = "whole-family")]
    form: String,
    /// Left out: about the family.
    #[serde(default)]
    person: Option<PersonId>,
    /// Not before today.
    due: Day,
    /// 1 to 500 bytes; kept.
    why: String,
}

/// Ask for an assessment
///
/// Or for the next review: by whoever sees that one is needed, beside those that plugins ask for.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/assessment-requests", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAssessmentRequest, example = json!({ "form": "whole-family", "due": "2026-10-12", "why": "six weeks are over" })),
    responses((status = 201, body = AssessmentRequest, description = "Open"), Writes),
)]
pub async fn ask_for_assessment(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewAssessmentRequest>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Assess, family).await?;
    part(&opened)?;
    let known = known(&council, &opened).await?;
    fact::slug("form", &new.form)?;
    fact::text("why", &new.why, 500)?;
    if !shows(&opened, &known, new.person) {
        return Err(Problem::invalid("person", "is nobody of this family whom an assessment can be about"));
    }
    council.store.must_be_open(family).await?;
    let offered = app.workflow.offering(&council.store, &new.form, None).await;
    if let Err(crate::workflow::WorkflowError::Store(store::StoreError::Invalid(invalid))) = &offered
        && invalid.field == "form"
    {
        return Err(invalid.clone().into());
    }
    let mut tx = match once.begin(&council, digest, "asked for an assessment").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let today = tx.now().day();
    if new.due < today {
        return Err(Problem::invalid("due", "is over"));
    }
    let request = store::AssessmentRequest {
        id: AssessmentRequestId::fresh(),
        family,
        person: new.person,
        form: new.form,
        due: new.due,
        why: Some(new.why),
        proposal: None,
        state: RequestState::Open,
        by: council.by.clone(),
        assessment: None,
        settled: None,
    };
    tx.ask_for_assessment(&request).await?;
    once.finish(tx, &council, digest, Answer::created(&AssessmentRequest::of(request, today))).await
}

/// List what assessments are asked for of a family
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/assessment-requests", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<AssessmentRequest>, description = "Settled ones too, the latest first; one page"), Reads),
)]
pub async fn list_assessment_requests(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<AssessmentRequest>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let known = known(&council, &opened).await?;
    council.showed(Seen::family(family, &[Section::Assessments]));
    let today = council.store.clock().now().day();
    let mut all = council.store.assessment_requests(family).await?;
    all.retain(|r| shows(&opened, &known, r.person));
    Ok(Json(Page::whole(all.into_iter().map(|r| AssessmentRequest::of(r, today)).collect())))
}

/// Why an assessment is not asked for any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropping {
    /// 1 to 500 bytes; kept.
    reason: String,
}

/// Drop a request for an assessment
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessment-requests/{asked}/end", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("asked" = AssessmentRequestId, Path, description = "The request"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Dropping, example = json!({ "reason": "the family's help ended" })),
    responses((status = 200, body = AssessmentRequest, description = "It is not asked for any more"), Writes),
)]
pub async fn drop_assessment_request(
    council: Council,
    Id(id): Id<AssessmentRequestId>,
    once: Once,
    Body { value: Dropping { reason }, digest }: Body<Dropping>,
) -> Result<Response, Problem> {
    council.may(Verb::Assess)?;
    let request = council.store.assessment_request(id).await?;
    let family = council.store.goes_on_within(request.family).await?.unwrap_or(request.family);
    let opened = council.family_of(Verb::SeeFamilies, family, "assessment request", id).await?;
    if !shows(&opened, &known(&council, &opened).await?, request.person) {
        return Err(Problem::no_such("assessment request", id));
    }
    council.family(Verb::Assess, family).await?;
    council.showed(Seen::of(family, "assessment-request", id, &[Section::Assessments]));
    fact::text("reason", &reason, 500)?;
    let mut tx = match once.begin(&council, digest, "dropped a request for an assessment").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.drop_assessment_request(&request, &reason).await?;
    let (at, by, today) = (tx.now(), council.by.clone(), tx.now().day());
    let dropped =
        store::AssessmentRequest { state: RequestState::Dropped, settled: Some(store::Said { at, by, words: reason }), ..request };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &AssessmentRequest::of(dropped, today))).await
}

/// How far a family has come in one area of life.
#[derive(Debug, Serialize, ToSchema)]
pub struct Distance {
    form: String,
    /// The area's id, as the form names it.
    #[schema(example = "home")]
    domain: String,
    /// Left out: of the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The scale's ends. Scores of another scale stand by themselves.
    least: f64,
    most: f64,
    higher_is_better: bool,
    /// In order of time: the first is where they began, the last where they are.
    readings: Vec<Reading>,
    /// From the first to the last, in points: above nought is better, whichever way the scale goes. Left out where there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    travelled: Option<f64>,
    /// From the last but one.
    #[serde(skip_serializing_if = "Option::is_none")]
    since_last: Option<f64>,
}

/// One score, on the day it was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScoreReading)]
pub struct Reading {
    on: Day,
    value: f64,
    fact: FactId,
}

/// Read the distance that a family has travelled
///
/// Per area of life and person, between the first reading and the last, with those between: of whatever scores are in the record.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/distance", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Distance>, description = "By form, area and person; one page"), Reads),
)]
pub async fn read_distance(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Distance>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    council.showed(Seen::family(family, &[Section::Assessments]));
    type Scale = (String, String, Option<PersonId>, i32, i32, bool);
    let mut scales: BTreeMap<Scale, Vec<(Day, i32, FactId)>> = BTreeMap::new();
    for f in &facts {
        let Detail::Score(s) = &f.detail else { continue };
        let scale = (s.form.clone(), s.domain.clone(), f.subject.person, s.least_tenths, s.most_tenths, s.higher_is_better);
        scales.entry(scale).or_default().push((f.window.first, s.value_tenths, f.id));
    }
    let points = |tenths: i32| f64::from(tenths) / 10.0;
    let distance = |((form, domain, person, least, most, higher_is_better), mut readings): (Scale, Vec<(Day, i32, FactId)>)| {
        readings.sort();
        let better = |from: i32, to: i32| points(if higher_is_better { to - from } else { from - to });
        let last = readings.last().map(|(_, value, _)| *value);
        let from = |at: Option<&(Day, i32, FactId)>| Some(better(at?.1, last?));
        let travelled = if readings.len() > 1 { from(readings.first()) } else { None };
        let since_last = readings.len().checked_sub(2).and_then(|i| from(readings.get(i)));
        let readings = readings.iter().map(|(on, value, fact)| Reading { on: *on, value: points(*value), fact: *fact }).collect();
        Distance { form, domain, person, least: points(least), most: points(most), higher_is_better, readings, travelled, since_last }
    };
    Ok(Json(Page::whole(scales.into_iter().map(distance).collect())))
}
