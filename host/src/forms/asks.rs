//! The twenty kinds of question, and what each needs to be told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Decimal, Expr, is_id};
use crate::record::ids::is_slug;
use crate::record::{Both, Invalid, codes};

/// Most options of one question.
const MOST_OPTIONS: usize = 200;
/// Most points of a scale: more are a number.
const MOST_POINTS: i64 = 201;
const LONGEST_LABEL: usize = 500;
const LONGEST_TEXT: usize = 2_000;

/// What a question asks for: `"yes-no"`, or `{"number": {"min": 0}}` for a kind that needs telling more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormAsks)]
pub enum Asks {
    /// One line of up to 200 characters.
    Text,
    /// Up to 10,000 characters in lines.
    LongText,
    YesNo,
    SingleChoice(Options),
    MultiChoice(Options),
    Date(DateAsked),
    Number(NumberAsked),
    Scale(Scale),
    /// Given and family name.
    Name,
    /// Lines, postcode, property reference number.
    Address,
    Phone,
    Email,
    Identifier(IdentifierAsked),
    /// In pence, from nought to a thousand million pounds.
    Money,
    File(FileAsked),
    Declaration(DeclarationAsked),
    /// A member of the family.
    PersonRef,
    /// An organisation, by its short name.
    ServiceRef,
    /// Somebody who works with the family, as the authority names its workers.
    WorkerRef,
    /// Worked out by the host and shown; nobody answers it.
    Computed(Computed),
}

/// What may be chosen: options of the form's own, or the words of a published code list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormOptions)]
pub struct Options {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// A list of `wit/codes` in place of options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormOption)]
pub struct Choice {
    pub option: String,
    pub label: Both,
    /// Of several that may be chosen: chosen alone ("none of these").
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormDateAsked)]
pub struct DateAsked {
    pub precision: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormDatePrecision)]
pub enum Precision {
    /// `2026-08-31` only.
    Day,
    /// `2026-08-31`, or `2026-08` where no more is known.
    Month,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormNumberAsked)]
pub struct NumberAsked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub min: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub max: Option<Decimal>,
    /// Places after the point: 0 (as if left out) to 3.
    #[serde(default)]
    pub decimals: u8,
    /// Shown behind the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Both>,
}

/// Points from `min` to `max`, `step` apart; each a whole number of tenths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormScale)]
pub struct Scale {
    #[schema(value_type = f64)]
    pub min: Decimal,
    #[schema(value_type = f64)]
    pub max: Decimal,
    /// 0.5 where half points count.
    #[schema(value_type = f64)]
    pub step: Decimal,
    pub direction: Direction,
    /// What part of life it measures: scores of one domain compare over time.
    pub domain: String,
    /// What a point means; at least of the first and the last.
    pub anchors: Vec<Anchor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormScaleDirection)]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormAnchor)]
pub struct Anchor {
    #[schema(value_type = f64)]
    pub point: Decimal,
    pub label: Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormIdentifierAsked)]
pub struct IdentifierAsked {
    pub scheme: Scheme,
}

/// Whose numbering. The host checks form and check digit, so that no plugin has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormIdentifierScheme)]
pub enum Scheme {
    NhsNumber,
    /// Unique pupil number.
    Upn,
    /// National Insurance number.
    Nino,
    /// A school's number in the register of schools.
    Urn,
    /// Unique property reference number.
    Uprn,
    Postcode,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormFileAsked)]
pub struct FileAsked {
    /// Media types that are taken: `application/pdf`.
    pub types: Vec<String>,
}

/// A person declares something: consent, or that what is written is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schema(as = FormDeclarationAsked)]
pub struct DeclarationAsked {
    /// What they agree to, word for word.
    pub statement: Both,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lawful_basis: Option<LawfulBasis>,
    /// For a consent: what may be shared, with whom, for what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Both>,
}

/// UK GDPR, article 6(1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormLawfulBasis)]
pub enum LawfulBasis {
    Consent,
    Contract,
    LegalObligation,
    VitalInterests,
    PublicTask,
    LegitimateInterests,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormComputed)]
pub struct Computed {
    /// An expression (`wit/forms.md`).
    #[schema(value_type = Object)]
    pub value: Expr,
}

impl Asks {
    /// Its name in JSON, also that of its answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long-text",
            Self::YesNo => "yes-no",
            Self::SingleChoice(_) => "single-choice",
            Self::MultiChoice(_) => "multi-choice",
            Self::Date(_) => "date",
            Self::Number(_) => "number",
            Self::Scale(_) => "scale",
            Self::Name => "name",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Identifier(_) => "identifier",
            Self::Money => "money",
            Self::File(_) => "file",
            Self::Declaration(_) => "declaration",
            Self::PersonRef => "person-ref",
            Self::ServiceRef => "service-ref",
            Self::WorkerRef => "worker-ref",
            Self::Computed(_) => "computed",
        }
    }

    /// # Errors
    /// [`Invalid`] below `asks`. A computed value's expression is checked with the form's.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::SingleChoice(options) => options.check(false),
            Self::MultiChoice(options) => options.check(true),
            Self::Number(number) => number.check(),
            Self::Scale(scale) => scale.check(),
            Self::File(file) => file.check(),
            Self::Declaration(declaration) => declaration.check(),
            _ => Ok(()),
        }
        .map_err(|e| e.within(self.code()))
    }
}

impl Options {
    /// The ids of what may be chosen, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let listed = self.list.iter().filter_map(|name| codes::all().find(|l| l.list == *name)).flat_map(|l| &l.codes);
        self.options.iter().map(|o| o.option.as_str()).chain(listed.map(|c| c.code.as_str()))
    }

    /// Must `id` be chosen alone?
    #[must_use]
    pub fn is_exclusive(&self, id: &str) -> bool {
        self.options.iter().any(|o| o.exclusive && o.option == id)
    }

    fn check(&self, several: bool) -> Result<(), Invalid> {
        match (&self.list, self.options.len()) {
            (None, 0) => return Err(Invalid::new("options", "is empty, and no list is named: there is nothing to choose")),
            (Some(_), 1..) => return Err(Invalid::new("list", "stands beside options of the form's own: one or the other")),
            (Some(list), 0) if !codes::all().any(|l| l.list == *list) => {
                return Err(Invalid::new("list", format!("there is no code list `{list}`")));
            }
            (_, n) if n > MOST_OPTIONS => return Err(Invalid::new("options", format!("has {n} entries, and may have {MOST_OPTIONS}"))),
            _ => {}
        }
        let mut seen = BTreeSet::new();
        for (i, choice) in self.options.iter().enumerate() {
            let at = |field: &str| format!("options[{i}].{field}");
            is_id(&at("option"), &choice.option)?;
            if !seen.insert(&choice.option) {
                return Err(Invalid::new(at("option"), format!("`{}` stands here twice", choice.option)));
            }
            choice.label.check(&at("label"), LONGEST_LABEL)?;
            if choice.exclusive && !several {
                return Err(Invalid::new(at("exclusive"), "means nothing where only one may be chosen"));
            }
        }
        Ok(())
    }
}

impl NumberAsked {
    fn check(&self) -> Result<(), Invalid> {
        if self.decimals > 3 {
            return Err(Invalid::new("decimals", format!("is {}, and may be 0 to 3", self.decimals)));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            return Err(Invalid::new("max", format!("{max} is less than min, {min}")));
        }
        self.unit.as_ref().map_or(Ok(()), |unit| unit.check("unit", 100))
    }
}

impl Scale {
    /// Does `value` stand on a point?
    #[must_use]
    pub fn has_point(&self, value: Decimal) -> bool {
        let step = self.step.thousandths();
        self.min <= value && value <= self.max && step > 0 && (value.thousandths() - self.min.thousandths()) % step == 0
    }

    fn check(&self) -> Result<(), Invalid> {
        for (field, value) in [("min", self.min), ("max", self.max), ("step", self.step)] {
            if value.places() > 1 || value.thousandths().abs() > 1_000_000 {
                return Err(Invalid::new(field, format!("is {value}, and is a number of tenths within a thousand")));
            }
        }
        if self.step <= Decimal::ZERO {
            return Err(Invalid::new("step", format!("is {}, and must be more than nought", self.step)));
        }
        if self.max <= self.min {
            return Err(Invalid::new("max", format!("{} is not more than min, {}", self.max, self.min)));
        }
        let length = self.max.thousandths() - self.min.thousandths();
        if length % self.step.thousandths() != 0 {
            return Err(Invalid::new("step", format!("steps of {} from {} do not end at {}", self.step, self.min, self.max)));
        }
        if length / self.step.thousandths() >= MOST_POINTS {
            return Err(Invalid::new("step", format!("makes more than {MOST_POINTS} points: ask for a number instead")));
        }
        if !is_slug(&self.domain) {
            return Err(Invalid::new("domain", "has 2 to 64 small letters, digits and hyphens"));
        }
        let mut seen = BTreeSet::new();
        for (i, anchor) in self.anchors.iter().enumerate() {
            let at = |field: &str| format!("anchors[{i}].{field}");
            if !self.has_point(anchor.point) {
                return Err(Invalid::new(at("point"), format!("the scale has no point {}", anchor.point)));
            }
            if !seen.insert(anchor.point) {
                return Err(Invalid::new(at("point"), format!("{} stands here twice", anchor.point)));
            }
            anchor.label.check(&at("label"), LONGEST_LABEL)?;
        }
        match [self.min, self.max].into_iter().find(|end| !seen.contains(end)) {
            Some(end) => Err(Invalid::new("anchors", format!("does not say what {end} means"))),
            None => Ok(()),
        }
    }
}

impl FileAsked {
    fn check(&self) -> Result<(), Invalid> {
        if self.types.is_empty() || self.types.len() > 20 {
            return Err(Invalid::new("types", "has one to twenty media types"));
        }
        let part = |p: &str| !p.is_empty() && p.len() <= 100 && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
        match self.types.iter().position(|t| !t.split_once('/').is_some_and(|(a, b)| part(a) && part(b))) {
            Some(i) => Err(Invalid::new(format!("types[{i}]"), format!("`{}` is not a media type, as application/pdf", self.types[i]))),
            None => Ok(()),
        }
    }
}

impl DeclarationAsked {
    fn check(&self) -> Result<(), Invalid> {
        self.statement.check("statement", LONGEST_TEXT)?;
        if let Some(scope) = &self.scope {
            scope.check("scope", LONGEST_TEXT)?;
        }
        if self.lawful_basis == Some(LawfulBasis::Consent) && self.scope.is_none() {
            return Err(Invalid::new("scope", "is missing: a consent says what may be shared, with whom and for what"));
        }
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}
