//! Subject access: everything that is held about a person, in parts that a reviewer can show or keep back with a reason, and what leaves
//! the house.
//!
//! A part is marked where it tells of somebody else (DPA 2018, schedule 2, paragraph 16), where showing it might do serious harm (schedule
//! 3, part 2: abuse, protection of children), or where it is text that somebody wrote, which the host cannot read. Nothing marked is
//! released unread.

mod meetings;
mod show;
mod tried;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use show::{csv, html};

use super::explain::{Reader, pounds};
use super::{Workflow, WorkflowError, directory_of, said};
use crate::plugins::Manifest;
use crate::record::{AuthorityId, Detail, FamilyId, InstallationId, KnownAt, PersonId, Section, Snapshot};
use crate::sandbox::answer::{Basis, Reason};
use crate::store::{AuthorityStore, Claim, Decision, Entry, Held, Hidden, Provision, Review, StoreError, TaskState, Wanted, Whose};

/// Rows of a list that are read at once.
const ROWS: u32 = 500;

/// What is held about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    #[schema(value_type = String)]
    pub authority: AuthorityId,
    pub person: PersonId,
    pub made_at: KnownAt,
    pub parts: Vec<Part>,
}

/// One thing that is held: a fact, a decision, a task, a proposal, a claim, an assessment, a question not decided yet, what rules that were tried said, a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// Kind and id: what a review names it by.
    #[schema(example = "fact/0198c1f2-7d30-7a10-8000-5b0f4f8a1c11")]
    pub part: String,
    pub heading: String,
    /// What it says, line by line.
    pub lines: Vec<Line>,
    /// Why a reviewer has to look at it. None: it may be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Kept back, and why. Its lines are then not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_back: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub name: String,
    pub value: String,
}

/// Why a reviewer has to look at a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It tells of somebody else.
    ThirdParty,
    /// Showing it might do serious harm.
    SeriousHarm,
    /// Somebody wrote it in their own words.
    FreeText,
    /// It is sealed, or tells of somebody who is, or of a decision that was given what is: nobody outside the seal may learn of it by this.
    Sealed,
}

fn line(name: &str, value: impl ToString) -> Line {
    Line { name: name.to_owned(), value: value.to_string() }
}

impl Part {
    fn new(kind: &str, id: impl std::fmt::Display, heading: impl Into<String>) -> Self {
        Self { part: format!("{kind}/{id}"), heading: heading.into(), lines: Vec::new(), marks: Vec::new(), kept_back: None }
    }

    fn says(mut self, name: &str, value: impl ToString) -> Self {
        self.lines.push(line(name, value));
        self
    }

    fn marked(mut self, mark: Mark, is: bool) -> Self {
        if is && !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
        self
    }
}

impl Draft {
    /// Parts that a reviewer has to look at and has said nothing of.
    #[must_use]
    pub fn unread(&self, reviews: &[Review]) -> Vec<&Part> {
        let read: HashSet<&str> = reviews.iter().map(|r| r.part.as_str()).collect();
        self.parts.iter().filter(|p| !p.marks.is_empty() && !read.contains(p.part.as_str())).collect()
    }

    /// As it leaves the house: what is kept back is named by its kind alone, with the reason.
    #[must_use]
    pub fn reviewed(mut self, reviews: &[Review]) -> Self {
        for part in &mut self.parts {
            if let Some(review) = reviews.iter().find(|r| r.part == part.part && !r.shown) {
                part.lines.clear();
                part.part = part.part.split('/').next().unwrap_or_default().to_owned();
                "Kept back".clone_into(&mut part.heading);
                part.kept_back = Some(review.reason.clone());
            }
            part.marks.clear();
        }
        self
    }
}

impl Workflow {
    /// Everything that is held about a person, as it is now.
    ///
    /// # Errors
    /// `NoSuch` where there is no such person.
    pub async fn subject_draft(&self, store: &AuthorityStore, person: PersonId) -> Result<Draft, WorkflowError> {
        let held = store.held_about(person).await?;
        let families = store.families_ever_of(person).await?;
        let (names, sealed) = (names_of(store, &held).await?, store.sealed().await?);
        let mut gathering = Gathering { workflow: self, store, person, names, sealed, plugins: HashMap::new() };
        let mut parts: Vec<Part> = held.iter().map(|h| gathering.fact(h)).collect();
        for family in families {
            parts.extend(gathering.family(family).await?);
        }
        parts.extend(gathering.readings().await?);
        Ok(Draft { authority: store.id().clone(), person, made_at: store.clock().now(), parts })
    }
}

/// What the people whom facts name are called.
async fn names_of(store: &AuthorityStore, held: &[Held]) -> Result<HashMap<PersonId, String>, StoreError> {
    let people: HashSet<PersonId> = held.iter().flat_map(|h| [h.fact.subject.person, h.fact.subject.to]).flatten().collect();
    let names = store.names(&people.into_iter().collect::<Vec<_>>()).await?;
    Ok(names.into_iter().map(|(id, name)| (id, format!("{} {}", name.given, name.family))).collect())
}

struct Gathering<'a> {
    workflow: &'a Workflow,
    store: &'a AuthorityStore,
    person: PersonId,
    names: HashMap<PersonId, String>,
    sealed: Hidden,
    plugins: HashMap<InstallationId, Arc<Manifest>>,
}

impl Gathering<'_> {
    fn fact(&self, held: &Held) -> Part {
        let fact = &held.fact;
        let kind = fact.kind();
        let whom = [fact.subject.person, fact.subject.to].into_iter().flatten();
        let others: Vec<PersonId> = whom.filter(|p| *p != self.person).collect();
        let mut part = Part::new("fact", fact.id, Reader::default().meaning("kinds", kind.code()))
            .says("section", kind.section().code())
            .says("true", fact.window)
            .says("known since", fact.known_at)
            .says("source", &fact.source)
            .marked(Mark::ThirdParty, !others.is_empty() || fact.subject.person.is_none())
            .marked(Mark::SeriousHarm, matches!(kind.section(), Section::Abuse | Section::Safeguarding))
            .marked(Mark::Sealed, self.is_sealed(held))
            .marked(Mark::FreeText, matches!(fact.detail, Detail::Note(_) | Detail::Goal(_)));
        for other in others {
            part = part.says("names", self.names.get(&other).cloned().unwrap_or_else(|| other.to_string()));
        }
        if fact.subject.person.is_none() {
            part = part.says("about", if fact.subject.family.is_some() { "the family" } else { "a home" });
        }
        for (name, value) in fact.detail.to_json().as_object().into_iter().flatten() {
            part = part.says(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        if let Some(reference) = &fact.reference {
            part = part.says("the source's reference", reference);
        }
        match &held.superseded {
            Some((at, Some(by))) => part.says("corrected", at).says("by", format!("fact/{by}")),
            Some((at, None)) => part.says("withdrawn", at),
            None => part,
        }
    }

    fn is_sealed(&self, held: &Held) -> bool {
        let subject = held.fact.subject;
        let mut people = [subject.person, subject.to].into_iter().flatten();
        self.sealed.facts.contains(&held.fact.id) || people.any(|p| self.sealed.people.contains(&p))
    }

    /// What was decided, is to do, is proposed, claimed and not decided yet of a family.
    async fn family(&mut self, family: FamilyId) -> Result<Vec<Part>, WorkflowError> {
        let mut parts = Vec::new();
        let mut before = None;
        loop {
            let page = self.store.decisions(Some(family), before, ROWS).await?;
            for decision in &page.items {
                parts.push(self.decision(decision).await?);
            }
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        for task in self.store.tasks(family).await? {
            let mut part = Part::new("task", task.id, "A task").says("for", &task.role).says("due", task.due);
            if let TaskState::Done { at, by } = &task.state {
                part = part.says("done", at).says("by", by);
            }
            parts.push(part.marked(Mark::ThirdParty, true));
        }
        for claim in self.store.claims(family).await? {
            parts.push(self.claim(&claim).await?);
        }
        parts.extend(self.assessments(family).await?);
        for request in self.store.help_requests(family).await? {
            parts.push(
                Part::new("help-request", request.id, "Help that was asked for")
                    .says("kind", &request.kind)
                    .says("asked", request.at)
                    .says("by", &request.by)
                    .says("to help with", request.problems.join(", "))
                    .marked(Mark::ThirdParty, request.person != Some(self.person))
                    .marked(Mark::SeriousHarm, request.kind == "abuse-support")
                    .marked(Mark::Sealed, request.person.is_some_and(|p| self.sealed.people.contains(&p))),
            );
        }
        for provision in self.store.provisions_of_family(family).await? {
            parts.push(self.provision(&provision).await?);
        }
        for undecided in self.store.undecided_of_family(family).await? {
            parts.push(
                Part::new("undecided", undecided.id, "A question that is not decided yet")
                    .says("question", &undecided.question)
                    .says("asked", undecided.first_at)
                    .says("by", &undecided.asked_by)
                    .says("about", &undecided.asked["about"])
                    .marked(Mark::FreeText, true)
                    .marked(Mark::ThirdParty, true),
            );
        }
        parts.extend(self.front_door(family).await?);
        parts.extend(self.tried(family).await?);
        parts.extend(self.meetings(family).await?);
        Ok(parts)
    }

    /// Who sent the family here, what was written then, and where people set plugins aside.
    async fn front_door(&self, family: FamilyId) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for referral in self.store.referrals_about(family).await? {
            let mut part = Part::new("referral", referral.id, "A referral to the front door")
                .says("came on", referral.came_on)
                .says("how", Reader::default().meaning("referral-routes", &referral.route))
                .says("sent by", &referral.sent_by)
                .says("problems", referral.problems.join(", "))
                .says("state", referral.state.code())
                .marked(Mark::FreeText, true)
                .marked(Mark::ThirdParty, true);
            if !referral.told.is_empty() {
                part = part.says("describes", serde_json::to_string(&referral.told).unwrap_or_default());
            }
            let written = [("wrote", &referral.words), ("was asked", &referral.question)];
            part = written.into_iter().fold(part, |part, (name, words)| match words {
                Some(words) => part.says(name, words),
                None => part,
            });
            for added in self.store.additions(referral.id).await? {
                part = part.says("added", added.words);
            }
            if let Some(outcome) = &referral.outcome {
                part = part.says("became", Reader::default().meaning("triages", &outcome.answer)).says("by", &outcome.by);
                part = outcome.reason.iter().fold(part, |part, reason| part.says("because", reason));
            }
            parts.push(part);
        }
        for made in self.store.overrides_about(family).await? {
            parts.push(
                Part::new("override", made.id, "Something that a person did instead of what a plugin decided")
                    .says("about", &made.about)
                    .says("instead", &made.instead)
                    .says("because", &made.reason)
                    .says("when", made.at)
                    .says("by", &made.by)
                    .marked(Mark::FreeText, true)
                    .marked(Mark::ThirdParty, true),
            );
        }
        Ok(parts)
    }

    /// What was typed in assessments, whoever it is about, and what is asked for.
    async fn assessments(&self, family: FamilyId) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for assessment in self.store.assessments(family).await? {
            let sealed = assessment.person.is_some_and(|p| self.sealed.people.contains(&p));
            let mut part = Part::new("assessment", assessment.id, "An assessment")
                .says("form", &assessment.form)
                .says("version", assessment.version)
                .says("stands", assessment.state.code())
                .says("typed", assessment.typed_at)
                .says("by", &assessment.typed_by)
                .marked(Mark::FreeText, true)
                .marked(Mark::ThirdParty, true)
                .marked(Mark::SeriousHarm, true)
                .marked(Mark::Sealed, sealed);
            match &assessment.answers {
                Some(answers) => part = part.says("answers", serde_json::to_string(answers).unwrap_or_default()),
                None => part = part.says("answers", "were erased"),
            }
            for act in self.store.assessment_acts(assessment.id).await? {
                part = part.says("then", format!("{:?} by {} at {}", act.act, act.by, act.at));
                if let Some(why) = act.why {
                    part = part.says("because", why);
                }
            }
            parts.push(part);
        }
        for request in self.store.assessment_requests(family).await? {
            let part = Part::new("assessment-request", request.id, "An assessment that was asked for");
            let part = part.says("form", &request.form).says("due", request.due).says("by", &request.by);
            let part = request.why.iter().fold(part, |part, why| part.says("because", why));
            parts.push(part.marked(Mark::FreeText, true).marked(Mark::ThirdParty, true));
        }
        for request in self.store.consent_requests(family).await? {
            let part = Part::new("consent-request", request.id, "Consent that was asked for");
            let part = part.says("to tell", &request.to).says("due", request.due).says("by", &request.by);
            let part = request.settled.iter().fold(part, |part, said| part.says("answered", &said.words));
            parts.push(part.marked(Mark::FreeText, true).marked(Mark::ThirdParty, true));
        }
        Ok(parts)
    }

    /// A claim, and what was done to it. Who wrote why may have named somebody.
    async fn claim(&self, claim: &Claim) -> Result<Part, WorkflowError> {
        let amount = i64::try_from(claim.amount).unwrap_or(i64::MAX);
        let mut part = Part::new("claim", claim.id, "A result that was claimed for the family")
            .says("kind", &claim.kind)
            .says("amount", pounds(amount))
            .says("entitled on", claim.entitled_on)
            .says("rests on", format!("decision/{}", claim.decision))
            .says("stands", claim.state.says());
        for step in self.store.claim_steps(claim.id).await? {
            part = part.says(step.act.code(), format!("{} by {}", step.at, step.by));
            if let Some(reason) = step.reason {
                part = part.says("why", reason).marked(Mark::FreeText, true);
            }
        }
        Ok(part)
    }

    /// A referral to a service, what became of it, and what was reported.
    async fn provision(&self, provision: &Provision) -> Result<Part, StoreError> {
        let service = self.store.service(provision.service).await?.offer;
        let mut part = Part::new("service-referral", provision.id, "A referral to a service")
            .says("service", service.name)
            .says("of", &provision.provider)
            .says("sent", provision.at)
            .marked(Mark::ThirdParty, provision.person != Some(self.person))
            .marked(Mark::SeriousHarm, service.kind == "abuse-support")
            .marked(Mark::Sealed, provision.person.is_some_and(|p| self.sealed.people.contains(&p)));
        if let Some(why) = &provision.why {
            part = part.says("why it was picked", why).marked(Mark::FreeText, true);
        }
        for step in self.store.provision_steps(provision.id).await? {
            part = part.says(step.state.code(), step.day);
            if let Some(why) = step.why {
                part = part.says("because", why).marked(Mark::FreeText, true);
            }
        }
        for sessions in self.store.sessions_of(provision.id).await? {
            part = part.says("sessions", format!("{}: {} of {} kept", sessions.window, sessions.kept, sessions.offered));
        }
        if let Some(report) = self.store.end_report(provision.id).await? {
            for (problem, how) in report.reached {
                part = part.says(&problem, how);
            }
            if !report.words.is_empty() {
                part = part.says("reported at the end", report.words).marked(Mark::FreeText, true);
            }
        }
        Ok(part)
    }

    async fn decision(&mut self, decision: &Decision) -> Result<Part, WorkflowError> {
        let said = said(decision)?;
        let mut part = Part::new("decision", decision.id, format!("A decision: {}", decision.question))
            .says("made", decision.at)
            .says("asked by", &decision.principal)
            .says("about the day", decision.as_of)
            .says("result", Reader::default().meaning(said.question.answers(), &decision.result))
            .says("read for it", said.delivered.iter().map(|s| s.code()).collect::<Vec<_>>().join(", "))
            .marked(Mark::SeriousHarm, said.delivered.iter().any(|s| matches!(s, Section::Abuse | Section::Safeguarding)));
        part = part.marked(Mark::Sealed, !self.store.seals_of_decision(decision.id).await?.is_empty());
        if let Some(at) = self.store.evidence_erased(decision.id).await? {
            return Ok(part.says("its evidence", format!("was erased on {}", at.day().in_words())));
        }
        let snapshot = self.store.content(&decision.snapshot).await?;
        let snapshot = snapshot.and_then(|bytes| Snapshot::decode(&bytes).ok());
        let directory = directory_of(self.store, decision).await?;
        let reader = Reader { names: self.names.clone(), directory, ..Reader::default() };
        if !self.plugins.contains_key(&decision.installation) {
            let digest = self.store.installation(decision.installation).await?.digest;
            self.plugins.insert(decision.installation, self.workflow.manifest(digest).await?);
        }
        let Some(manifest) = self.plugins.get(&decision.installation) else { return Ok(part) };
        let of_another = |handle: u32| snapshot.as_ref().and_then(|s| s.people.get(handle as usize)).is_none_or(|p| p.id != self.person);
        for finding in &said.findings {
            let heading = manifest.framework.iter().find(|c| c.criterion == finding.criterion);
            let heading = heading.map_or(finding.criterion.as_str(), |c| c.heading.in_language(false));
            let whom = finding.person.map(|p| format!(", {}", reader.person(p, snapshot.as_ref()))).unwrap_or_default();
            part = part
                .says("finding", format!("{heading}{whom}: {}", reader.meaning("standings", &finding.standing)))
                .marked(Mark::ThirdParty, finding.person.is_none_or(of_another));
            for reason in &finding.reasons {
                part = part.says("because", sentence(&reader, manifest, reason, snapshot.as_ref()));
            }
        }
        for reported in &said.reported {
            part = part.says("reported", reported.kind()).marked(Mark::ThirdParty, true);
            for reason in reported.reasons() {
                part = part.says("because", sentence(&reader, manifest, reason, snapshot.as_ref()));
            }
        }
        if let Some(matter) = decision.matter
            && let Some(bytes) = self.store.content(&matter).await?
        {
            part =
                part.says("was asked about", String::from_utf8_lossy(&bytes)).marked(Mark::FreeText, true).marked(Mark::ThirdParty, true);
        }
        for proposal in self.store.proposals_of(decision.id).await? {
            part = part.says("proposed", format!("{} ({})", reader.meaning("actions", &proposal.action), proposal.state.code()));
        }
        Ok(part)
    }

    /// Whoever looked at the person or at a family of theirs, and who wrote in it.
    async fn readings(&self) -> Result<Vec<Part>, StoreError> {
        let wanted = Wanted { of: Whose::Person(self.person), ..Wanted::default() };
        let (mut parts, mut before) = (Vec::new(), None);
        loop {
            let page = self.store.audit_search(&wanted, before, ROWS).await?;
            parts.extend(page.items.iter().map(reading));
            before = page.next;
            if before.is_none() {
                return Ok(parts);
            }
        }
    }
}

fn sentence(reader: &Reader, manifest: &Manifest, reason: &Reason, snapshot: Option<&Snapshot>) -> String {
    let fact = |b: &Basis| match b {
        Basis::Fact(handle) => snapshot.and_then(|s| s.facts.get(*handle as usize)).map(|f| format!("fact/{}", f.id)),
        other => reader.basis(manifest, other, snapshot),
    };
    let rests: Vec<String> = reason.rests_on.iter().filter_map(fact).collect();
    format!("{} (rests on {})", reader.sentence(manifest, &reason.message, snapshot), rests.join(", "))
}

fn reading(entry: &Entry) -> Part {
    let part = Part::new("audit", entry.id, entry.act.code()).says("when", entry.at).says("by", &entry.principal).says("what", &entry.what);
    let more = [("purpose", entry.purpose.as_ref()), ("of", entry.thing.as_ref()), ("sections", Some(&entry.sections))];
    more.into_iter().fold(part, |part, (name, value)| match value {
        Some(value) if !value.is_empty() => part.says(name, value),
        _ => part,
    })
}
