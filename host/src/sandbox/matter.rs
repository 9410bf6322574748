//! What a question is about beside the family's record: the answers to a form, a referral, an event, the candidates for a
//! family, the help that is wanted, a contract. Kept as JSON under its hash, as all that a run is given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Question;
use crate::record::sections::Handle;
use crate::record::{Day, Digest, OrganisationId, Window, canonical};

/// The matter of a question; which one belongs to which question says [`Matter::suits`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// The record alone.
    #[default]
    Record,
    Form(FormMatter),
    Referral(Referral),
    Event(Event),
    Candidates(Vec<Candidate>),
    Help(Help),
    Contract(Box<Contract>),
}

impl Matter {
    #[must_use]
    pub const fn suits(&self, question: Question) -> bool {
        matches!(
            (self, question),
            (Self::Record, Question::Eligibility | Question::Progress)
                | (Self::Form(_), Question::Evaluate | Question::MigrateAnswers)
                | (Self::Referral(_), Question::Triage)
                | (Self::Event(_), Question::OnEvent)
                | (Self::Candidates(_), Question::Allocate)
                | (Self::Help(_), Question::Shortlist)
                | (Self::Contract(_), Question::CheckContract | Question::Payment | Question::Review)
        )
    }

    /// The canonical bytes, and their name.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
    }

    /// The people whom it names: the guest may speak of them.
    pub(super) fn people(&self) -> BTreeSet<Handle> {
        match self {
            Self::Form(form) => {
                form.answers.iter().chain(form.before.iter().flat_map(|b| &b.answers)).flat_map(AnswerRow::people).collect()
            }
            Self::Referral(referral) => referral.people.iter().copied().collect(),
            Self::Event(event) => event.person.into_iter().collect(),
            Self::Help(help) => help.person.into_iter().collect(),
            Self::Record | Self::Candidates(_) | Self::Contract(_) => BTreeSet::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormMatter {
    /// The form's id, and the digest of the form that the answers were given to.
    pub form: String,
    pub digest: Digest,
    /// In the form's order, then person, then item; only what shows.
    pub answers: Vec<AnswerRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<AnsweredBefore>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredBefore {
    pub on: Day,
    pub answers: Vec<AnswerRow>,
}

/// One question of a form, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRow {
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// Code list answer-states.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<AnswerValue>,
}

impl AnswerRow {
    fn people(&self) -> impl Iterator<Item = Handle> {
        let named = if let Some(AnswerValue::Person(person)) = self.value { Some(person) } else { None };
        self.person.into_iter().chain(named)
    }
}

/// As `hearth:assessment/answers.value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerValue {
    YesNo(bool),
    Options(Vec<String>),
    Tenths(i32),
    Thousandths(i64),
    Pence(i64),
    Day(Day),
    Month(Day),
    Text(String),
    Person(Handle),
    Given,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    pub on: Day,
    /// Code list referral-routes.
    pub route: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_kind: Option<String>,
    #[serde(default)]
    pub urgent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<bool>,
    /// Code list problems.
    #[serde(default)]
    pub problems: Vec<String>,
    #[serde(default)]
    pub people: Vec<Handle>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Code list events.
    pub kind: String,
    pub on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
}

/// A worker who could take the family; their handle is their position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Code list roles.
    pub role: String,
    /// Code list organisation-kinds.
    pub organisation_kind: String,
    /// Families that they hold.
    pub families: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// Code list problems.
    #[serde(default)]
    pub strengths: Vec<String>,
    #[serde(default)]
    pub worked_before: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// Code list service-kinds.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Day>,
    /// Code list problems.
    #[serde(default)]
    pub problems: Vec<String>,
}

/// A contract with a provider, and all that happened under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    pub terms: Agreement,
    /// By day engaged; a family's handle is its position.
    #[serde(default)]
    pub families: Vec<Helped>,
    /// By day.
    #[serde(default)]
    pub payments: Vec<Paid>,
    /// By family, then first day.
    #[serde(default)]
    pub sessions: Vec<Appointments>,
    /// By day.
    #[serde(default)]
    pub reviews: Vec<Reviewed>,
    /// Of the same provider, by first day.
    #[serde(default)]
    pub others: Vec<Agreement>,
    /// Whom it is with: never told, but for being the same as in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<OrganisationId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Code list organisation-kinds.
    pub organisation_kind: String,
    pub window: Window,
    /// Code list payment-terms.
    pub paid: String,
    pub value_pence: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub families: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helped {
    pub engaged: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Day>,
    /// Code list outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitled_on: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Code list payment-kinds.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Handle>,
    pub amount_pence: i64,
    pub on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointments {
    pub family: Handle,
    pub window: Window,
    pub offered: u32,
    pub kept: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    pub on: Day,
    /// Code list reviews.
    pub came_to: String,
}
