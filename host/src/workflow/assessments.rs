//! An assessment from its first word to the manager's signature. What is typed is saved before anybody judges it; what is submitted is saved
//! before the plugin is asked, and stands among what is undecided until it has answered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::about::{AnswerAsked, FormAsked};
use super::decide::{Made, key};
use super::{Asked, Asks, KeptFailure, Ran, Workflow, WorkflowError, answered, carrying, keep, signing};
use crate::forms::{Answers, FamilyMember, Form, Judged, Setting};
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::sections::assessments::{Assessment as Completed, Score};
use crate::record::{
    AssessmentId, Day, Detail, Fact, FactId, FamilyId, InstallationId, Invalid, NewFact, PersonId, Snapshot, Subject, UndecidedId, Window,
};
use crate::sandbox::answer::Reported;
use crate::sandbox::{ExtensionPoint, Question, Verdict};
use crate::store::{
    Acted, Assessment, AssessmentAct as Act, AssessmentState as State, AuthorityStore, AuthorityTx, Installation, StoreError, Undecided,
};

/// What the host keeps of answers that were submitted, beside what was typed.
#[derive(Debug, Serialize, Deserialize)]
struct Settled {
    /// Without what does not show: for a later look back.
    applied: Answers,
    /// As the plugin is lent them: for its comparison next time.
    lent: Vec<AnswerAsked>,
}

/// An assessment beside what it is judged by.
pub struct Judging {
    pub manifest: Arc<Manifest>,
    /// The family that goes on with it.
    pub family: FamilyId,
    setting: Setting,
    snapshot: Snapshot,
}

/// What came of submitting.
pub enum Submitted {
    /// Something is missing or wrong: nothing was submitted.
    Incomplete(Box<Judged>),
    /// Decided; what came of it stands in the assessment.
    Decided,
    /// Saved, and not decided yet.
    NotDecided(Option<UndecidedId>),
}

impl Judging {
    /// The form, exactly as it was when the version began.
    ///
    /// # Errors
    /// `Damaged` where the manifest has it no more.
    pub fn form(&self, of: &Assessment) -> Result<&Form, StoreError> {
        let found = self.manifest.forms.iter().find(|f| f.form == of.form && f.digest() == of.digest);
        found.ok_or_else(|| StoreError::Damaged(format!("assessment {}: its plugin has no form `{}`", of.id, of.form)))
    }

    /// # Errors
    /// `Damaged`, as above.
    pub fn judge(&self, of: &Assessment) -> Result<Option<Judged>, StoreError> {
        let Some(answers) = &of.answers else { return Ok(None) };
        let checked = self.form(of)?.check().map_err(|e| StoreError::Damaged(e.to_string()))?;
        Ok(Some(checked.judge(answers, &self.setting)?))
    }

    /// May an answer be about them? Whom a seal hides from runs, no form is about.
    #[must_use]
    pub fn is_known(&self, person: PersonId) -> bool {
        self.snapshot.people.iter().any(|p| p.id == person)
    }
}

impl Workflow {
    /// What an assessment is judged by on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn judging(&self, store: &AuthorityStore, of: &Assessment, as_of: Day) -> Result<Judging, WorkflowError> {
        let family = store.goes_on_within(of.family).await?.unwrap_or(of.family);
        let digest = store.installation(of.installation).await?.digest;
        let manifest = self.manifest(digest).await?;
        let current = store.snapshot(family).await?;
        let snapshot = Snapshot::decode(&current.bytes).map_err(|e| StoreError::Damaged(format!("family {family}: {e}")))?;
        let earlier = earlier(store, family, of).await?.into_iter().map(|(_, settled)| settled.applied).collect();
        let setting = Setting { as_of, members: members(&snapshot, as_of), earlier };
        Ok(Judging { manifest, family, setting, snapshot })
    }

    /// Every form that can be begun, with what offers it: the installation named, or every one that is active.
    ///
    /// # Errors
    /// The files cannot be read.
    pub async fn offered(&self, store: &AuthorityStore, named: Option<InstallationId>) -> Result<Vec<(Installation, Form)>, WorkflowError> {
        let active = store.active_installations(ExtensionPoint::Assessment.code()).await?;
        // Older versions of a plugin stay active for what was begun with them.
        let offering = match named {
            Some(id) => active.into_iter().filter(|i| i.id == id).collect(),
            None => carrying::newest(active),
        };
        let mut found = Vec::new();
        for installation in offering {
            let manifest = self.manifest(installation.digest).await?;
            found.extend(manifest.forms.iter().map(|form| (installation.clone(), form.clone())));
        }
        Ok(found)
    }

    /// The installation that offers a form: the one named, or the only one; of versions of one plugin the one that was activated last.
    ///
    /// # Errors
    /// `Invalid` naming `form` or `installation`.
    pub async fn offering(
        &self,
        store: &AuthorityStore,
        form: &str,
        named: Option<InstallationId>,
    ) -> Result<(Installation, Form), WorkflowError> {
        let refused = |field: &str, why: &str| WorkflowError::Store(Invalid::new(field, why).into());
        if store.kept_for_drafts().await?.iter().any(|k| Some(k.installation) == named) {
            return Err(refused("installation", "is kept for what was begun with it: other settings count since"));
        }
        let mut found = self.offered(store, named).await?;
        found.retain(|(_, offered)| offered.form == form);
        match (found.pop(), found.is_empty(), named) {
            (Some(one), true, _) => Ok(one),
            (Some(_), false, _) => {
                Err(refused("installation", "is missing: several plugins offer this form, so name the one that is meant"))
            }
            (None, _, Some(_)) => Err(refused("installation", "offers no such form here")),
            (None, _, None) => Err(refused("form", "is offered by no plugin that is active here")),
        }
    }

    /// Submits a draft: judged by the form, saved, and its plugin asked. One that was submitted before is asked about again.
    ///
    /// # Errors
    /// `Conflict` where it is neither, or where its plugin version was retired; `Invalid` naming `as_of`.
    pub async fn submit(&self, store: &AuthorityStore, id: AssessmentId, as_of: Option<Day>, by: &str) -> Result<Submitted, WorkflowError> {
        let before = store.assessment(id).await?;
        let as_of = as_of.or(before.assessed).unwrap_or_else(|| store.clock().now().day());
        if as_of > store.clock().now().day() {
            return Err(StoreError::from(Invalid::new("as_of", "is still to come")).into());
        }
        let ready = self.asked(store, ExtensionPoint::Assessment, Some(before.installation)).await.map_err(retired)?;
        let mut tx = store.write(by, "submitted an assessment").await?;
        let assessment = tx.assessment(id).await?;
        let judging = self.judging(store, &assessment, as_of).await?;
        let Some(judged) = judging.judge(&assessment)? else {
            return Err(StoreError::Conflict("its answers were erased".to_owned()).into());
        };
        if assessment.state == State::Draft && !judged.complete {
            return Ok(Submitted::Incomplete(Box::new(judged)));
        }
        let asks = asks(store, &judging, &assessment, &judged).await?;
        let key = key(Question::Evaluate, &asks.told(), assessment.installation);
        if assessment.state == State::Draft {
            save(&mut tx, &assessment, &judged, (key, as_of), judging.family, &asks).await?;
        } else if assessment.state != State::Submitted {
            return Err(StoreError::Conflict(format!("the assessment is {}: amend it", assessment.state.code())).into());
        }
        tx.commit().await?;
        let asked = Asked { family: judging.family, asks, as_of };
        let ran = self.ask(store, &ready, asked, by).await?;
        self.keep_asked(store, id, (judging.family, key), ran, by).await
    }

    /// Keeps what came of asking about an assessment that was submitted.
    pub(super) async fn keep_asked(
        &self,
        store: &AuthorityStore,
        id: AssessmentId,
        (family, key): (FamilyId, crate::record::Digest),
        ran: Ran,
        by: &str,
    ) -> Result<Submitted, WorkflowError> {
        let mut tx = store.write(by, "asked about an assessment").await?;
        // The host asked by itself meanwhile, or somebody again: what was decided first stands.
        if tx.assessment(id).await?.state != State::Submitted {
            return Ok(Submitted::Decided);
        }
        let submitted = match ran {
            Ran::Decided(made) => {
                keep(&mut tx, &[&made]).await?;
                Submitted::Decided
            }
            Ran::Failed(failed) => {
                let KeptFailure { undecided, .. } = self.keep_failure(&mut tx, &failed).await?;
                Submitted::NotDecided(match undecided {
                    Some(id) => Some(id),
                    None => tx.undecided_of(family, key).await?.map(|u| u.id),
                })
            }
        };
        tx.commit().await?;
        Ok(submitted)
    }
}

fn retired(error: WorkflowError) -> WorkflowError {
    match error {
        WorkflowError::Store(StoreError::Invalid(_)) => {
            let why = "the plugin version that it began with was retired: carry it over to the one that took its place, or begin it again";
            StoreError::Conflict(why.to_owned()).into()
        }
        other => other,
    }
}

/// Keeps the answers as they were judged, and the question among what is undecided: if the host stops before it has asked, it is asked
/// again by itself.
async fn save(
    tx: &mut AuthorityTx,
    assessment: &Assessment,
    judged: &Judged,
    (key, as_of): (crate::record::Digest, Day),
    family: FamilyId,
    asks: &Asks,
) -> Result<(), StoreError> {
    let Some(answers) = &assessment.answers else { return Ok(()) };
    let settled = Settled { applied: judged.applicable(answers), lent: judged.given().map(AnswerAsked::of).collect() };
    tx.submit_assessment(assessment.id, key, &serde_json::to_value(&settled).unwrap_or_default(), as_of).await?;
    note(tx, assessment.id, Act::Submitted, None).await?;
    let now = tx.now();
    let before = tx.undecided_of(family, key).await?;
    let undecided = Undecided {
        id: before.as_ref().map_or_else(UndecidedId::fresh, |b| b.id),
        family,
        key,
        question: Question::Evaluate.code().to_owned(),
        asked: asks.told(),
        as_of,
        installation: assessment.installation,
        outcome: "host-could-not-run".to_owned(),
        blame: "host".to_owned(),
        run: None,
        asked_by: tx.principal().to_owned(),
        first_at: before.as_ref().map_or(now, |b| b.first_at),
        last_at: now,
        failures: before.as_ref().map_or(0, |b| b.failures),
        retry_at: Some(crate::record::KnownAt::from_millis(now.millis() + 60_000)),
    };
    tx.keep_undecided(&undecided).await
}

/// The question about an assessment: what shows and fits, beside what was answered last time.
async fn asks(store: &AuthorityStore, judging: &Judging, of: &Assessment, judged: &Judged) -> Result<Asks, StoreError> {
    let form = judging.form(of)?;
    let whom = |person: Option<PersonId>| person.is_none_or(|p| judging.is_known(p));
    let before = earlier(store, judging.family, of).await?.into_iter().next();
    let before = before.filter(|(on, _)| *on <= judging.setting.as_of).map(|(on, settled)| {
        let mut lent = settled.lent;
        // Of somebody who is no longer of the family, and of what the form asks otherwise now, nothing is told.
        lent.retain(|a| whom(a.person) && whom(a.names()) && answered::fit(form, a).is_ok());
        (on, lent)
    });
    let lent = judged.given().map(AnswerAsked::of).collect();
    Ok(Asks::Evaluate(FormAsked::of(&of.form, of.digest, lent, before)))
}

/// What was answered before, with its day: the latest first.
async fn earlier(store: &AuthorityStore, family: FamilyId, of: &Assessment) -> Result<Vec<(Day, Settled)>, StoreError> {
    let mut found = Vec::new();
    for before in store.assessments_before(family, of).await? {
        if let (Some(on), Some(settled)) = (before.assessed, before.settled) {
            let damaged = |e| StoreError::Damaged(format!("assessment {}: {e}", before.id));
            found.push((on, serde_json::from_value(settled).map_err(damaged)?));
        }
    }
    Ok(found)
}

/// Those who are members on the day, as runs see them, with their ages.
pub(super) fn members(snapshot: &Snapshot, on: Day) -> Vec<FamilyMember> {
    let is_member = |handle: Handle| snapshot.household.members.iter().any(|m| m.person == handle && m.window.contains(on));
    let people = snapshot.people.iter().zip(0..).filter(|(_, handle)| is_member(*handle));
    people.map(|(p, _)| FamilyMember { person: p.id, age: p.born.and_then(|born| born.years_until(on)) }).collect()
}

pub(super) async fn note(tx: &mut AuthorityTx, id: AssessmentId, act: Act, why: Option<&str>) -> Result<(), StoreError> {
    let (by, at) = (tx.principal().to_owned(), tx.now());
    tx.note_act(id, &Acted { act, person: None, how: None, on: None, why: why.map(str::to_owned), by, at }).await
}

/// What a decision means for the assessments that it is about, in its transaction: complete, or a draft again.
pub(super) async fn settle(tx: &mut AuthorityTx, made: &Made) -> Result<(), StoreError> {
    if made.answer.question != Question::Evaluate {
        return Ok(());
    }
    for assessment in tx.assessments_asked(made.decision.family, made.key).await? {
        tx.set_assessment_decision(assessment.id, made.decision.id).await?;
        if matches!(&made.answer.result, Verdict::Answered(code) if code == "complete") {
            complete(tx, &assessment, made).await?;
        } else {
            tx.set_assessment_state(assessment.id, &[State::Submitted], State::Draft).await?;
            note(tx, assessment.id, Act::Incomplete, None).await?;
        }
    }
    Ok(())
}

/// Its facts come into the record, in place of those of the version before; what was asked for is met.
async fn complete(tx: &mut AuthorityTx, assessment: &Assessment, made: &Made) -> Result<(), StoreError> {
    let before = tx.version_before(assessment).await?;
    let mut old = match &before {
        Some(before) => tx.assessment_facts(before.id).await?,
        None => Vec::new(),
    };
    let on = assessment.assessed.unwrap_or(made.decision.as_of);
    let mut facts = new_facts(tx.council(), assessment, made, on);
    for fact in &mut facts {
        if let Some(at) = old.iter().position(|o| says_the_same(o, fact)) {
            fact.supersedes = Some(old.remove(at).id);
        }
    }
    tx.add_facts(&facts).await?;
    for gone in old {
        tx.withdraw_fact(gone.id).await?;
    }
    let ids: Vec<FactId> = facts.iter().map(|f| f.id).collect();
    tx.keep_assessment_facts(assessment.id, &ids).await?;
    tx.set_assessment_state(assessment.id, &[State::Submitted], State::Completed).await?;
    note(tx, assessment.id, Act::Completed, None).await?;
    tx.finish_own_tasks(made.decision.family, &carrying::task_key(assessment.line), "hearth").await?;
    match before {
        // A correction is no next review.
        Some(before) => {
            tx.set_assessment_state(before.id, &[before.state], State::Superseded).await?;
            tx.finish_own_tasks(made.decision.family, &signing::sent_back_key(assessment.line), "hearth").await?;
        }
        None => drop(tx.meet_requests(made.decision.family, &assessment.form, assessment.person, assessment.id).await?),
    }
    Ok(())
}

fn new_facts(source: crate::record::OrganisationId, assessment: &Assessment, made: &Made, on: Day) -> Vec<NewFact> {
    let fact = |person: Option<PersonId>, detail: Detail| NewFact {
        id: FactId::fresh(),
        subject: Subject { family: Some(made.decision.family), person, ..Subject::default() },
        window: Window { first: on, last: Some(on) },
        source: source.clone(),
        reference: None,
        supersedes: None,
        detail,
    };
    let completed = Completed { form: assessment.form.clone(), state: State::Completed.code().to_owned() };
    let mut facts = vec![fact(None, Detail::Assessment(completed))];
    for reported in &made.answer.reported {
        let Reported::Score { domain, person, value, least, most, higher_is_better, .. } = reported else { continue };
        let whose = person.and_then(|handle| made.snapshot.people.get(handle as usize)).map(|p| p.id);
        let score = Score {
            form: assessment.form.clone(),
            domain: domain.clone(),
            value_tenths: *value,
            least_tenths: *least,
            most_tenths: *most,
            higher_is_better: *higher_is_better,
        };
        facts.push(fact(whose, Detail::Score(score)));
    }
    facts
}

/// Is the one what the other was: the assessment, or the score of the same area of the same person?
fn says_the_same(old: &Fact, new: &NewFact) -> bool {
    old.subject == new.subject
        && match (&old.detail, &new.detail) {
            (Detail::Assessment(_), Detail::Assessment(_)) => true,
            (Detail::Score(a), Detail::Score(b)) => a.domain == b.domain,
            _ => false,
        }
}
