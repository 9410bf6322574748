//! Assessments: begun, listed and read, as much of them as whoever asks may see.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::assessment_carrying::CarriedOver;
use super::body::Body;
use super::caller::{Council, Opened};
use super::documented::{Reads, Writes};
use super::once::{Answer as Answered, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::{Code, Problem};
use super::version::VersionedBy;
use crate::access::Verb;
use crate::forms::{Answer, Answers, Form, Judged, Language};
use crate::record::{
    AssessmentId, AuthorityId, Day, DecisionId, Digest, FactId, FamilyId, InstallationId, KnownAt, PersonId, Section, fact,
};
use crate::store::{self, AsKnown, AssessmentAct, AssessmentState, Member, Seen, SignedHow};

/// One version of an assessment, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentSummary {
    id: AssessmentId,
    family: FamilyId,
    /// Left out: about the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The plugin version that it began with.
    installation: InstallationId,
    #[schema(example = "whole-family")]
    form: String,
    /// Its first version.
    line: AssessmentId,
    version: u64,
    state: AssessmentState,
    /// The day that it is as of, once it was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessed: Option<Day>,
    begun_by: String,
    begun_at: KnownAt,
    typed_by: String,
    typed_at: KnownAt,
    /// What its plugin answered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
}

/// One version of an assessment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assessment {
    #[serde(flatten)]
    summary: AssessmentSummary,
    /// The form's digest, which its answers pin.
    digest: Digest,
    /// As they were typed. Left out: erased, or withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Answers>,
    /// What was typed is shown to those who see all of the family.
    withheld: bool,
    /// What shows, what is missing or wrong, what the host worked out. Left out with the answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    judged: Option<Judged>,
    /// What was done with it, in order.
    acts: Vec<Acted>,
    /// What of it is in the record now.
    facts: Vec<FactId>,
    /// Of a draft whose plugin has a newer version with another form: what came of carrying its answers over.
    #[serde(skip_serializing_if = "Option::is_none")]
    carried: Option<CarriedOver>,
    /// The draft to the older form that its answers come from, which is there to read beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    carried_from: Option<AssessmentId>,
}

/// Something that was done with an assessment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssessmentActed)]
pub struct Acted {
    act: AssessmentAct,
    by: String,
    at: KnownAt,
    /// Who signed for the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<SignedHow>,
    /// On which day they signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl From<&store::Assessment> for AssessmentSummary {
    fn from(a: &store::Assessment) -> Self {
        Self {
            id: a.id,
            family: a.family,
            person: a.person,
            installation: a.installation,
            form: a.form.clone(),
            line: a.line,
            version: a.version,
            state: a.state,
            assessed: a.assessed,
            begun_by: a.begun_by.clone(),
            begun_at: a.begun_at,
            typed_by: a.typed_by.clone(),
            typed_at: a.typed_at,
            decision: a.decision,
        }
    }
}

impl From<store::Acted> for Acted {
    fn from(a: store::Acted) -> Self {
        let store::Acted { act, person, how, on, why, by, at } = a;
        Self { act, by, at, person, how, on, why }
    }
}

/// An assessment that whoever asks may know of, and what of its family they see.
pub(super) struct Theirs {
    pub opened: Opened,
    pub assessment: store::Assessment,
    /// Who they know is or was of the family.
    known: HashSet<PersonId>,
}

/// # Errors
/// `not-allowed`; `no-such` where it is not there, or not theirs to know of.
pub(super) async fn theirs(council: &Council, verb: Verb, id: AssessmentId) -> Result<Theirs, Problem> {
    council.may(verb)?;
    let assessment = council.store.assessment(id).await?;
    let family = council.store.goes_on_within(assessment.family).await?.unwrap_or(assessment.family);
    let opened = council.family_of(Verb::SeeFamilies, family, "assessment", id).await?;
    let known = known(council, &opened).await?;
    council.showed(Seen::of(family, "assessment", id, &[Section::Assessments]));
    if !shows(&opened, &known, assessment.person) {
        return Err(Problem::no_such("assessment", id));
    }
    // Only then whether they may do more than read: who may not know of it is not told that.
    council.family(verb, family).await?;
    council.showed(Seen::of(family, "assessment", id, &[Section::Assessments]));
    Ok(Theirs { opened, assessment, known })
}

/// Who the reader knows is or was of the family.
pub(super) async fn known(council: &Council, opened: &Opened) -> Result<HashSet<PersonId>, Problem> {
    let facts = opened.facts(&council.store, AsKnown::Now).await?;
    Ok(Member::among(facts).into_iter().map(|m| m.id).collect())
}

/// Is it theirs to assess this family, of which they may see a part?
pub(super) fn part(opened: &Opened) -> Result<(), Problem> {
    if opened.relation.sections.has(Section::Assessments) {
        return Ok(());
    }
    Err(Problem::new(Code::NotAllowed, "assessments of this family are withheld from you"))
}

/// As of a fact of the section assessments about the same.
pub(super) fn shows(opened: &Opened, known: &HashSet<PersonId>, person: Option<PersonId>) -> bool {
    let section = opened.relation.sections.has(Section::Assessments)
        || person.and_then(|p| opened.relation.people.get(&p)).is_some_and(|sections| sections.has(Section::Assessments));
    section && person.is_none_or(|p| known.contains(&p))
}

impl Theirs {
    pub(super) fn knows(&self, person: PersonId) -> bool {
        self.known.contains(&person)
    }

    /// What was typed may tell of anything: it is shown to those who see all of the family.
    pub(super) fn sees_words(&self) -> bool {
        self.opened.withheld().is_empty()
    }

    /// The answers without those about people whom a seal hides from the reader.
    fn shown(&self, answers: Option<&Answers>) -> Option<Answers> {
        if !self.sees_words() {
            return None;
        }
        let mut shown = answers?.clone();
        let names = |answer: &Answer| matches!(answer, Answer::PersonRef(person) if !self.known.contains(person));
        shown.answers.retain(|_, answer| !names(answer));
        for rows in shown.groups.values_mut() {
            rows.retain(|row| row.person.is_none_or(|p| self.known.contains(&p)));
            for row in rows {
                row.answers.retain(|_, answer| !names(answer));
            }
        }
        Some(shown)
    }

    /// What of it several people edit.
    pub(super) fn version(&self) -> (AssessmentState, Option<Answers>) {
        (self.assessment.state, self.shown(self.assessment.answers.as_ref()))
    }

    /// The assessment as they see it.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn seen(&self, app: &App, council: &Council) -> Result<Assessment, Problem> {
        let a = &self.assessment;
        let answers = self.shown(a.answers.as_ref());
        let judged = match answers {
            Some(_) => self.judged(app, council).await?,
            None => None,
        };
        let mut acts = council.store.assessment_acts(a.id).await?;
        acts.retain(|act| act.person.is_none_or(|p| self.known.contains(&p)));
        if !self.sees_words() {
            acts.iter_mut().for_each(|act| act.why = None);
        }
        let mut facts = Vec::new();
        for id in council.store.assessment_facts(a.id).await? {
            if council.store.is_unsealed(self.opened.reader(), self.opened.family, id).await? {
                facts.push(id);
            }
        }
        let withheld = !self.sees_words();
        let carried = council.store.carried_over(a.id).await?.into_iter().next().map(CarriedOver::from);
        let carried_from = council.store.carried_from(a.id).await?;
        Ok(Assessment {
            summary: a.into(),
            digest: a.digest,
            answers,
            withheld,
            judged,
            acts: acts.into_iter().map(Acted::from).collect(),
            facts,
            carried,
            carried_from,
        })
    }

    async fn judged(&self, app: &App, council: &Council) -> Result<Option<Judged>, Problem> {
        let as_of = self.assessment.assessed.unwrap_or_else(|| council.store.clock().now().day());
        let judging = app.workflow.judging(&council.store, &self.assessment, as_of).await?;
        let Some(mut judged) = judging.judge(&self.assessment)? else { return Ok(None) };
        let hidden = |person: &Option<PersonId>| person.is_some_and(|p| !self.known.contains(&p));
        judged.wrong.retain(|w| !hidden(&w.at.person));
        judged.not_applicable.retain(|slot| !hidden(&slot.person));
        Ok(Some(judged))
    }
}

/// An assessment to be begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssessment {
    /// The form's id.
    #[schema(example = "whole-family")]
    form: String,
    /// Whose form. Left out: of the one active plugin that offers it.
    #[serde(default)]
    installation: Option<InstallationId>,
    /// Whom it is about. Left out: the family.
    #[serde(default)]
    person: Option<PersonId>,
    #[serde(default)]
    language: Option<Language>,
}

/// Begin an assessment
///
/// A draft with no answers yet. It keeps the plugin version that it begins with, whatever is adopted meanwhile.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/assessments", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAssessment, example = json!({ "form": "whole-family" })),
    responses((status = 201, body = AssessmentSummary, description = "A draft"), Writes),
)]
pub async fn begin_assessment(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewAssessment>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Assess, family).await?;
    part(&opened)?;
    let known = known(&council, &opened).await?;
    fact::slug("form", &new.form)?;
    if !shows(&opened, &known, new.person) {
        return Err(Problem::invalid("person", "is nobody of this family whom an assessment can be about"));
    }
    council.store.must_be_open(family).await?;
    let (installation, form) = app.workflow.offering(&council.store, &new.form, new.installation).await?;
    let mut tx = match once.begin(&council, digest, "began an assessment").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let (id, now, digest_of) = (AssessmentId::fresh(), tx.now(), form.digest());
    let answers = Answers { form: new.form, digest: digest_of, language: new.language, answers: BTreeMap::new(), groups: BTreeMap::new() };
    let begun = store::Assessment {
        id,
        family,
        person: new.person,
        installation: installation.id,
        form: form.form,
        digest: digest_of,
        line: id,
        version: 1,
        state: AssessmentState::Draft,
        answers: Some(answers),
        settled: None,
        assessed: None,
        decision: None,
        begun_by: council.by.clone(),
        begun_at: now,
        typed_by: council.by.clone(),
        typed_at: now,
    };
    tx.begin_assessment(&begun).await?;
    once.finish(tx, &council, digest, Answered::created(&AssessmentSummary::from(&begun))).await
}

/// List a family's assessments
///
/// All versions, drafts and those that another took the place of among them.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/assessments", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<AssessmentSummary>, description = "The latest first; one page"), Reads),
)]
pub async fn list_assessments(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<AssessmentSummary>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let known = known(&council, &opened).await?;
    council.showed(Seen::family(family, &[Section::Assessments]));
    let all = council.store.assessments(family).await?;
    let seen = all.iter().filter(|a| shows(&opened, &known, a.person)).map(AssessmentSummary::from);
    Ok(Json(Page::whole(seen.collect())))
}

/// Read an assessment
///
/// With its answers as they were typed, and what the form says of them today.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/assessments/{assessment}", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("assessment" = AssessmentId, Path, description = "The version")),
    responses(
        (status = 200, body = Assessment, description = "The version", headers(("ETag" = String, description = "Of its answers, for `If-Match`"))),
        Reads,
    ),
)]
pub async fn read_assessment(State(app): State<App>, council: Council, Id(id): Id<AssessmentId>) -> Result<Response, Problem> {
    let theirs = theirs(&council, Verb::SeeFamilies, id).await?;
    answered(&app, &council, &theirs).await
}

pub(super) async fn answered(app: &App, council: &Council, theirs: &Theirs) -> Result<Response, Problem> {
    let seen = theirs.seen(app, council).await?;
    Ok(axum::response::IntoResponse::into_response(VersionedBy(seen, theirs.version())))
}

/// Read the form of an assessment
///
/// As it was when the version began: what a screen shows.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/assessments/{assessment}/form", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("assessment" = AssessmentId, Path, description = "The version")),
    responses((status = 200, body = Form, description = "The form"), Reads),
)]
pub async fn read_assessment_form(State(app): State<App>, council: Council, Id(id): Id<AssessmentId>) -> Result<Json<Form>, Problem> {
    let theirs = theirs(&council, Verb::SeeFamilies, id).await?;
    let today = council.store.clock().now().day();
    let judging = app.workflow.judging(&council.store, &theirs.assessment, today).await?;
    Ok(Json(judging.form(&theirs.assessment)?.clone()))
}
