//! A proposed action, as a reader sees it: one shape for every kind.

use serde::Serialize;
use utoipa::ToSchema;

use super::evidence::Evidence;
use super::said::{PersonNamed, Reason};
use crate::record::Day;
use crate::sandbox::answer::{self, Message};
use crate::sandbox::{ArgType, Sort};

/// What a plugin proposes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Action {
    /// Code list actions.
    #[schema(example = "move-to-stage")]
    action: String,
    /// The kind of action in words.
    says: String,
    /// The plugin's own name for it: while it is open, it is not proposed again.
    key: String,
    /// What it is about, by its id or code: the stage, tier, meeting, domain, form, role, kind of service, or why an episode ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    /// Of what is to be done or told.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// When it is due, or the day of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Day>,
    /// Whom it is about; left out: the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonNamed>,
    /// Who is invited or told, or may be: code list organisation-kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisations: Vec<String>,
    /// What the family is asked to agree to share: code list sections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<String>,
    /// The service that is meant, as the directory calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// Of changes to the episode.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
}

impl Action {
    pub(super) fn of(action: &answer::Action, evidence: &Evidence) -> Self {
        let empty = Self::empty(action.kind(), action.key(), evidence);
        let sentence = |m: &Message| Some(evidence.sentence(m));
        match action {
            answer::Action::OpenEpisode { reasons } => Self { reasons: Reason::all(reasons, evidence), ..empty },
            answer::Action::CloseEpisode { why, reasons } => {
                Self { reasons: Reason::all(reasons, evidence), ..empty }.coded(why, "closures", evidence)
            }
            answer::Action::MoveToStage { stage, reasons } => {
                Self { reasons: Reason::all(reasons, evidence), ..empty }.named(stage, Sort::Stage, evidence)
            }
            answer::Action::SetTier { tier, reasons } => {
                Self { reasons: Reason::all(reasons, evidence), ..empty }.named(tier, Sort::Tier, evidence)
            }
            answer::Action::Meeting { meeting, on, invited, about, .. } => {
                Self { sentence: sentence(about), on: Some(*on), organisations: invited.clone(), ..empty }.named(
                    meeting,
                    Sort::Meeting,
                    evidence,
                )
            }
            answer::Action::Notice { to, about, by, .. } => {
                Self { sentence: sentence(about), on: Some(*by), organisations: vec![to.clone()], ..empty }
            }
            answer::Action::AssessmentRequest { form, person, due, title, .. } => Self {
                what: Some(form.clone()),
                heading: Some(evidence.reader.heading(&evidence.manifest, ArgType::Form, form)),
                sentence: sentence(title),
                on: Some(*due),
                person: person.map(|p| evidence.person(p)),
                ..empty
            },
            answer::Action::Goal { domain, person, title, due, .. } => {
                Self { sentence: sentence(title), on: Some(*due), person: person.map(|p| evidence.person(p)), ..empty }.named(
                    domain,
                    Sort::Domain,
                    evidence,
                )
            }
            answer::Action::ServiceRequest { kind, service, person, title, by, .. } => Self {
                sentence: sentence(title),
                on: Some(*by),
                person: person.map(|p| evidence.person(p)),
                service: service.map(|s| evidence.reader.service(s)),
                ..empty
            }
            .coded(kind, "service-kinds", evidence),
            answer::Action::ConsentRequest { sections, to, person, title, by, .. } => Self {
                sentence: sentence(title),
                on: Some(*by),
                person: person.map(|p| evidence.person(p)),
                organisations: vec![to.clone()],
                sections: sections.clone(),
                ..empty
            },
        }
    }

    pub(super) fn of_task(task: &answer::Task, evidence: &Evidence) -> Self {
        Self { sentence: Some(evidence.sentence(&task.title)), on: Some(task.due), ..Self::empty("task", &task.key, evidence) }
            .coded(&task.role, "roles", evidence)
    }

    fn empty(kind: &str, key: &str, evidence: &Evidence) -> Self {
        Self {
            action: kind.to_owned(),
            says: evidence.reader.meaning("actions", kind),
            key: key.to_owned(),
            what: None,
            heading: None,
            sentence: None,
            on: None,
            person: None,
            organisations: Vec::new(),
            sections: Vec::new(),
            service: None,
            reasons: Vec::new(),
        }
    }

    fn named(self, id: &str, sort: Sort, evidence: &Evidence) -> Self {
        Self { what: Some(id.to_owned()), heading: Some(evidence.heading(sort, id)), ..self }
    }

    fn coded(self, code: &str, list: &str, evidence: &Evidence) -> Self {
        Self { what: Some(code.to_owned()), heading: Some(evidence.reader.meaning(list, code)), ..self }
    }
}
