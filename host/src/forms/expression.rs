//! The language of conditions and computed values: a small typed tree, written as JSON (`wit/forms.md`). It has no loops
//! but those over a group's items, no division and no patterns; every expression ends, and has a value or is unknown.

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::record::Day;

/// One node. Written with its name as the only field: `{"at-least": [{"answer": "home"}, {"number": 3}]}`.
///
/// Three-valued: an answer that was not given, is not known, was not asked, does not apply or does not fit its question is
/// *unknown*, and so is whatever is computed from it, except where [`Expr::And`], [`Expr::Or`], [`Expr::Any`], [`Expr::All`]
/// are settled by the rest, and for [`Expr::Answered`], [`Expr::NotKnown`], [`Expr::NotAsked`], which are never unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expr {
    /// What was answered. A declaration is yes where the person agreed.
    Answer(String),
    /// What was answered last time, in the newest earlier answers that hold it; of the same person in a group of people.
    Previous(String),
    /// Now less last time, of a number, a scale or money; unknown without both.
    Change(String),
    /// Was it answered, with something that fits? Yes or no.
    Answered(String),
    /// Was it said not to be known? Yes or no.
    NotKnown(String),
    /// Was it said not to have been asked? Yes or no.
    NotAsked(String),
    Fact(Fact),
    /// Of the person whom the group's item is about.
    Person(PersonFact),

    YesNo(bool),
    Number(Decimal),
    Pence(i64),
    Day(Day),
    Text(String),
    /// An option of the question that it is compared with.
    Option(String),

    /// No where one is no, even if others are unknown; yes where all are yes.
    And(Vec<Self>),
    /// Yes where one is yes, even if others are unknown; no where all are no.
    Or(Vec<Self>),
    Not(Box<Self>),
    /// The second where the first is yes, the third where it is no.
    If(Box<[Self; 3]>),
    /// The first where it is known, otherwise the second: how an author says what unknown shall mean.
    OrElse(Box<[Self; 2]>),

    Equal(Box<[Self; 2]>),
    NotEqual(Box<[Self; 2]>),
    LessThan(Box<[Self; 2]>),
    AtMost(Box<[Self; 2]>),
    AtLeast(Box<[Self; 2]>),
    MoreThan(Box<[Self; 2]>),
    /// Is the option, or text, one of these?
    In(Box<Self>, Vec<String>),
    /// Is the option among those chosen?
    Contains(Box<Self>, String),
    /// How many options were chosen; one that excludes the others ("none of these") does not count.
    Chosen(Box<Self>),

    Add(Vec<Self>),
    Subtract(Box<[Self; 2]>),
    /// To the nearest thousandth or penny, halves away from nought.
    Multiply(Box<[Self; 2]>),
    /// Days from the first to the second; negative where the second is earlier.
    DaysBetween(Box<[Self; 2]>),
    /// Full months from the first to the second; negative where the second is earlier.
    MonthsBetween(Box<[Self; 2]>),

    /// How many items a group has, or how many of them are so; unknown where one of them may or may not be.
    Count(Count),
    /// Nought without items; unknown where one is unknown.
    Sum(Over),
    /// Unknown without items, or where one is unknown.
    Min(Over),
    /// Unknown without items, or where one is unknown.
    Max(Over),
    /// Yes where one item is so, even if others are unknown; no without items.
    Any(That),
    /// No where one item is not so, even if others are unknown; yes without items.
    All(That),
}

/// What the host knows of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The day as of which the form is filled in.
    Today,
    /// How many members the family has on that day.
    Members,
}

/// What the host knows of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonFact {
    /// In whole years; unknown where no birth date is recorded.
    Age,
}

/// Items of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub group: String,
    /// Only items of which this is so.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Box<Expr>>,
}

/// A value of each item of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Over {
    pub group: String,
    pub of: Box<Expr>,
    /// Only items of which this is so.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Box<Expr>>,
}

/// A condition on the items of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct That {
    pub group: String,
    pub that: Box<Expr>,
}

/// A node below another.
pub(super) struct Child<'a> {
    /// Path from the outer node: `at-least[0]`, `sum.of`.
    pub path: String,
    pub expr: &'a Expr,
}

impl Expr {
    /// Its name in JSON.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Previous(_) => "previous",
            Self::Change(_) => "change",
            Self::Answered(_) => "answered",
            Self::NotKnown(_) => "not-known",
            Self::NotAsked(_) => "not-asked",
            Self::Fact(_) => "fact",
            Self::Person(_) => "person",
            Self::YesNo(_) => "yes-no",
            Self::Number(_) => "number",
            Self::Pence(_) => "pence",
            Self::Day(_) => "day",
            Self::Text(_) => "text",
            Self::Option(_) => "option",
            Self::And(_) => "and",
            Self::Or(_) => "or",
            Self::Not(_) => "not",
            Self::If(_) => "if",
            Self::OrElse(_) => "or-else",
            Self::Equal(_) => "equal",
            Self::NotEqual(_) => "not-equal",
            Self::LessThan(_) => "less-than",
            Self::AtMost(_) => "at-most",
            Self::AtLeast(_) => "at-least",
            Self::MoreThan(_) => "more-than",
            Self::In(..) => "in",
            Self::Contains(..) => "contains",
            Self::Chosen(_) => "chosen",
            Self::Add(_) => "add",
            Self::Subtract(_) => "subtract",
            Self::Multiply(_) => "multiply",
            Self::DaysBetween(_) => "days-between",
            Self::MonthsBetween(_) => "months-between",
            Self::Count(_) => "count",
            Self::Sum(_) => "sum",
            Self::Min(_) => "min",
            Self::Max(_) => "max",
            Self::Any(_) => "any",
            Self::All(_) => "all",
        }
    }

    /// The question that it names.
    pub(super) fn question(&self) -> Option<&str> {
        match self {
            Self::Answer(id) | Self::Previous(id) | Self::Change(id) | Self::Answered(id) | Self::NotKnown(id) | Self::NotAsked(id) => {
                Some(id)
            }
            _ => None,
        }
    }

    /// The group that its children are about.
    pub(super) fn group(&self) -> Option<&str> {
        match self {
            Self::Count(Count { group, .. })
            | Self::Sum(Over { group, .. })
            | Self::Min(Over { group, .. })
            | Self::Max(Over { group, .. })
            | Self::Any(That { group, .. })
            | Self::All(That { group, .. }) => Some(group),
            _ => None,
        }
    }

    pub(super) fn children(&self) -> Vec<Child<'_>> {
        let code = self.code();
        let each = |nodes| numbered(code, nodes);
        let named = |name: &str, expr| Child { path: format!("{code}.{name}"), expr };
        match self {
            Self::And(nodes) | Self::Or(nodes) | Self::Add(nodes) => each(nodes.as_slice()),
            Self::Equal(two)
            | Self::NotEqual(two)
            | Self::LessThan(two)
            | Self::AtMost(two)
            | Self::AtLeast(two)
            | Self::MoreThan(two)
            | Self::Subtract(two)
            | Self::Multiply(two)
            | Self::DaysBetween(two)
            | Self::MonthsBetween(two)
            | Self::OrElse(two) => each(two.as_slice()),
            Self::If(three) => each(three.as_slice()),
            Self::Not(expr) | Self::Chosen(expr) => vec![Child { path: code.to_owned(), expr }],
            Self::In(expr, _) | Self::Contains(expr, _) => vec![Child { path: format!("{code}[0]"), expr }],
            Self::Count(count) => count.filter.iter().map(|e| named("where", e)).collect(),
            Self::Sum(over) | Self::Min(over) | Self::Max(over) => {
                std::iter::once(named("of", &over.of)).chain(over.filter.iter().map(|e| named("where", e))).collect()
            }
            Self::Any(that) | Self::All(that) => vec![named("that", &that.that)],
            _ => Vec::new(),
        }
    }
}

fn numbered<'a>(code: &str, nodes: &'a [Expr]) -> Vec<Child<'a>> {
    nodes.iter().enumerate().map(|(i, expr)| Child { path: format!("{code}[{i}]"), expr }).collect()
}
