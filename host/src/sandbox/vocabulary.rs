//! The words that a plugin may use of its own: the templates and criteria of its manifest. What it reports is checked
//! against them as it is said.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A plugin's own words.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub templates: HashMap<String, Template>,
    pub criteria: HashMap<String, Unit>,
    pub names: HashSet<(Sort, String)>,
    /// The forms, and the ids of each one's questions.
    pub forms: HashMap<String, HashSet<String>>,
    /// The names of its settings.
    pub settings: HashSet<String>,
    /// Reference tables that it may read.
    pub tables: HashSet<String>,
}

/// Sorts of names that a manifest declares. Code list name-sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    Domain,
    Stage,
    Tier,
    Level,
    Route,
    Meeting,
}

impl Sort {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Stage => "stage",
            Self::Tier => "tier",
            Self::Level => "level",
            Self::Route => "route",
            Self::Meeting => "meeting",
        }
    }
}

impl Vocabulary {
    /// Does the manifest declare `id` as what an argument of the type `of` names?
    #[must_use]
    pub fn names(&self, of: ArgType, id: &str) -> bool {
        match of {
            ArgType::Criterion => self.criteria.contains_key(id),
            ArgType::Form => self.forms.contains_key(id),
            ArgType::Question => self.forms.values().any(|questions| questions.contains(id)),
            _ => of.sort().is_some_and(|sort| self.names.contains(&(sort, id.to_owned()))),
        }
    }
}

/// A sentence with gaps, in both languages: `Call-outs fell from {before} to {now}.`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub id: String,
    #[serde(default)]
    pub args: Vec<ArgDeclared>,
    pub en: String,
    pub cy: String,
}

/// A gap of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArgDeclared {
    pub name: String,
    #[serde(rename = "type")]
    pub of: ArgType,
    /// For a code: the list that it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

/// What may stand in a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArgType {
    Person,
    Fact,
    Day,
    Count,
    Pence,
    Tenths,
    Code,
    /// Ids of what the manifest declares; so are those that follow, up to meetings.
    Criterion,
    Form,
    Question,
    Domain,
    Stage,
    Tier,
    Level,
    Route,
    Meeting,
    Service,
    Organisation,
    Worker,
}

impl ArgType {
    /// The sort of name that stands in such a gap.
    #[must_use]
    pub const fn sort(self) -> Option<Sort> {
        Some(match self {
            Self::Domain => Sort::Domain,
            Self::Stage => Sort::Stage,
            Self::Tier => Sort::Tier,
            Self::Level => Sort::Level,
            Self::Route => Sort::Route,
            Self::Meeting => Sort::Meeting,
            _ => return None,
        })
    }
}

/// What a criterion's numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Count,
    Percent,
    Days,
    None,
}
