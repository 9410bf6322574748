//! What plugins say, as a reader sees it: members by name, sentences, and what they rest on.

use serde::Serialize;
use utoipa::ToSchema;

use super::evidence::Evidence;
use crate::record::sections::Handle;
use crate::record::{Day, FactId, PersonId};
use crate::sandbox::answer;

/// A member of the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonNamed {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<PersonId>,
    name: String,
}

/// A sentence, and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    sentence: String,
    rests_on: Vec<Basis>,
    /// Since release 1.0 of the plugins' interface: what else it rests on, and whose an answer in `rests_on` was.
    besides: Vec<Besides>,
}

/// What a reason rests on: a fact, a search and how many facts it found, or something else that the run had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RestsOn)]
pub enum Basis {
    /// Null: erased.
    Fact(Option<FactId>),
    Searched(Searched),
    /// An earlier finding of this decision, from 0.
    Reported(u32),
    /// A setting of the plugin, by name.
    Setting(String),
    /// A reference table, by name.
    Table(String),
    /// An answer of the form, by the question's id.
    Answered(String),
    /// What the question itself was about.
    Asked,
}

/// What a reason rests on that earlier releases had no word for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Besides {
    AnsweredBy(AnsweredBy),
    /// A section of the record that the plugin asked for and was not told.
    NotTold(String),
    /// Code list sources: something else that it read.
    Read(String),
}

/// Whose answer to a question of the form, of which item, or of the time before.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweredBy {
    question: String,
    person: Option<PersonId>,
    /// From 0.
    item: Option<u32>,
    before: bool,
}

/// Where the plugin looked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Searched {
    section: String,
    kind: String,
    /// Whose; null if it was looked for in the whole family.
    person: Option<PersonId>,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    found: u32,
}

/// Tenths as a number.
pub(super) fn one_decimal(tenths: i32) -> f64 {
    f64::from(tenths) / 10.0
}

impl Reason {
    pub(super) fn of(reason: &answer::Reason, evidence: &Evidence) -> Self {
        let basis = |b: &answer::Basis| {
            Some(match b {
                answer::Basis::Fact(handle) => Basis::Fact(evidence.fact(*handle)),
                answer::Basis::Searched(s) => Basis::Searched(Searched {
                    section: s.section.clone(),
                    kind: s.kind.clone(),
                    person: s.person.and_then(|p| evidence.person(p).id),
                    first: s.window.first,
                    last: s.window.last,
                    found: s.found,
                }),
                answer::Basis::Reported(number) => Basis::Reported(*number),
                answer::Basis::Setting(name) => Basis::Setting(name.clone()),
                answer::Basis::Table(name) => Basis::Table(name.clone()),
                answer::Basis::Answered(question) => Basis::Answered(question.clone()),
                answer::Basis::Cited(cited) => Basis::Answered(cited.question.clone()),
                answer::Basis::Asked => Basis::Asked,
                answer::Basis::NotTold(_) | answer::Basis::Read(_) => return None,
            })
        };
        let besides = |b: &answer::Basis| match b {
            answer::Basis::Cited(cited) => Some(Besides::AnsweredBy(AnsweredBy {
                question: cited.question.clone(),
                person: cited.person.and_then(|p| evidence.person(p).id),
                item: cited.item,
                before: cited.before,
            })),
            answer::Basis::NotTold(section) => Some(Besides::NotTold(section.clone())),
            answer::Basis::Read(source) => Some(Besides::Read(source.clone())),
            _ => None,
        };
        Self {
            sentence: evidence.sentence(&reason.message),
            rests_on: reason.rests_on.iter().filter_map(basis).collect(),
            besides: reason.rests_on.iter().filter_map(besides).collect(),
        }
    }

    pub(super) fn all(reasons: &[answer::Reason], evidence: &Evidence) -> Vec<Self> {
        reasons.iter().map(|r| Self::of(r, evidence)).collect()
    }
}

impl Evidence {
    pub(super) fn person(&self, handle: Handle) -> PersonNamed {
        let id = self.snapshot.as_ref().and_then(|s| s.people.get(handle as usize)).map(|p| p.id);
        PersonNamed { id, name: self.reader.person(handle, self.snapshot.as_deref()) }
    }

    pub(super) fn fact(&self, handle: Handle) -> Option<FactId> {
        self.snapshot.as_ref()?.facts.get(handle as usize).map(|f| f.id)
    }
}
