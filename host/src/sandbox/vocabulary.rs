//! The words that a plugin may use of its own: the templates and criteria of its manifest. What it reports is checked
//! against them as it is said.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A plugin's own words.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub templates: HashMap<String, Template>,
    pub criteria: HashMap<String, Unit>,
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
