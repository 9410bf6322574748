//! What was answered: a document that is pinned to the form by the form's digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Decimal;
use crate::record::sections::identity;
use crate::record::{Day, Digest, PersonId};

/// Answers to a form, finished or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormAnswers)]
pub struct Answers {
    /// The form's name.
    pub form: String,
    /// Which form exactly: the hash of its canonical JSON.
    pub digest: Digest,
    /// The language that it was filled in in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// By question; those outside groups.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
    /// By group; its items in their order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Vec<Row>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormLanguage)]
pub enum Language {
    En,
    Cy,
}

/// Answers about one item of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormAnswersRow)]
pub struct Row {
    /// In a group with an item for each person: whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
}

/// One answer, under its question's kind: `{"scale": 3.5}`; or `{"not-known": true}`, `{"not-asked": true}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormAnswer)]
pub enum Answer {
    Text(String),
    LongText(String),
    YesNo(bool),
    /// An option's id.
    SingleChoice(String),
    /// Ids of options, each once, in any order.
    MultiChoice(Vec<String>),
    /// `2026-08-31`, or `2026-08` where only the month is known.
    #[schema(value_type = String)]
    Date(PartDate),
    #[schema(value_type = f64)]
    Number(Decimal),
    #[schema(value_type = f64)]
    Scale(Decimal),
    Name(identity::Name),
    Address(identity::Address),
    Phone(String),
    Email(String),
    /// As it was written; spaces and small letters are forgiven.
    Identifier(String),
    /// In pence.
    Money(i64),
    File(FileGiven),
    Declaration(Declared),
    PersonRef(PersonId),
    /// An organisation's short name.
    ServiceRef(String),
    /// A worker, as the authority names its workers.
    WorkerRef(String),
    /// It was asked, and is not known.
    #[schema(value_type = bool)]
    NotKnown(Yes),
    /// It was not asked.
    #[schema(value_type = bool)]
    NotAsked(Yes),
}

/// `true`, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;
    fn try_from(yes: bool) -> Result<Self, Self::Error> {
        if yes { Ok(Self) } else { Err("can only be true: leave the answer out instead") }
    }
}

impl From<Yes> for bool {
    fn from(_: Yes) -> Self {
        true
    }
}

/// A date, or the month of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartDate {
    /// A month's first day where only the month is known.
    pub day: Day,
    pub month_only: bool,
}

impl TryFrom<String> for PartDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let month_only = text.len() == 7;
        let whole = if month_only { format!("{text}-01") } else { text.clone() };
        match whole.parse::<Day>() {
            Ok(day) => Ok(Self { day, month_only }),
            Err(_) => Err("is neither a date (2026-08-31) nor a month (2026-08)".to_owned()),
        }
    }
}

impl From<PartDate> for String {
    fn from(date: PartDate) -> Self {
        let mut text = date.day.to_string();
        text.truncate(if date.month_only { 7 } else { 10 });
        text
    }
}

/// An attachment that the host keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schema(as = FormFileGiven)]
pub struct FileGiven {
    /// What it was called.
    pub name: String,
    pub media_type: String,
    /// Of its bytes.
    pub digest: Digest,
}

/// Who declared, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormDeclared)]
pub struct Declared {
    /// No where they were asked and would not.
    pub agreed: bool,
    /// Who, by name.
    pub by: String,
    pub on: Day,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormDeclaredHow)]
pub enum How {
    Signed,
    /// Said to the worker, who wrote it down.
    Said,
}

impl Answer {
    /// The kind of question that it answers; none for "not known" and "not asked", which any may allow.
    #[must_use]
    pub const fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::Text(_) => "text",
            Self::LongText(_) => "long-text",
            Self::YesNo(_) => "yes-no",
            Self::SingleChoice(_) => "single-choice",
            Self::MultiChoice(_) => "multi-choice",
            Self::Date(_) => "date",
            Self::Number(_) => "number",
            Self::Scale(_) => "scale",
            Self::Name(_) => "name",
            Self::Address(_) => "address",
            Self::Phone(_) => "phone",
            Self::Email(_) => "email",
            Self::Identifier(_) => "identifier",
            Self::Money(_) => "money",
            Self::File(_) => "file",
            Self::Declaration(_) => "declaration",
            Self::PersonRef(_) => "person-ref",
            Self::ServiceRef(_) => "service-ref",
            Self::WorkerRef(_) => "worker-ref",
            Self::NotKnown(_) | Self::NotAsked(_) => return None,
        })
    }
}
