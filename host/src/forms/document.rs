//! The form document: what a council's plugin declares in its manifest under `forms`, and what is kept of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asks::is_false;
use super::{Answer, Asks, Expr};
use crate::record::{Both, Digest, canonical};

/// A form of pages. Each question decides by itself whether it shows; nothing jumps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its name for ever: small letters, digits and hyphens.
    pub form: String,
    pub title: Both,
    pub pages: Vec<Page>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schema(as = FormPage)]
pub struct Page {
    pub page: String,
    pub title: Both,
    /// Shows where this is yes; not where it is no or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub visible_when: Option<Expr>,
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Item>,
}

/// What stands on a page: it has one of the fields `question`, `display` and `group`, which names it, and the fields of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Item {
    Question(Box<Question>),
    Display(Display),
    Group(Group),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name for ever: unique over the form, never its text, the same from one version of the form to the next.
    pub question: String,
    pub asks: Asks,
    pub label: Both,
    pub hint: Option<Both>,
    /// Shows where this is yes; not where it is no or unknown.
    pub visible_when: Option<Expr>,
    /// Must be answered where this is yes.
    pub required_when: Option<Expr>,
    /// What its answer must be like.
    pub valid_when: Vec<Valid>,
    /// What a screen starts with. It is no answer until somebody sends it.
    pub default: Option<Answer>,
    /// What a screen starts with, from the record. It is no answer until somebody sends it.
    pub prefill: Option<Prefill>,
    /// Code list problems: which need it tells of.
    pub maps_to: Option<String>,
    pub sensitivity: Sensitivity,
    /// May it be answered "not known" or "not asked"? That also answers what must be answered.
    pub not_known: bool,
}

/// A text between questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    pub display: String,
    pub text: Both,
    pub visible_when: Option<Expr>,
}

/// Questions that are asked again for each item. No group stands in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub group: String,
    pub title: Both,
    pub visible_when: Option<Expr>,
    pub each: Each,
    pub items: Vec<Item>,
}

/// What the items of a group are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Each {
    Repeat(Repeat),
    EachPerson(EachPerson),
}

/// As many items as whoever fills in adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schema(as = FormRepeat)]
pub struct Repeat {
    #[serde(default)]
    pub min: u16,
    /// Up to 100.
    pub max: u16,
    /// What one item is called: "Professional".
    pub item_label: Both,
}

/// An item for each member of the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormEachPerson)]
pub struct EachPerson {
    /// Only for those of whom this is yes; of whom it is unknown, they are listed as such.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Expr>,
}

/// A rule about an answer, and what to say where it is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormValid)]
pub struct Valid {
    /// Broken where this is no; not where it is unknown.
    #[schema(value_type = Object)]
    pub that: Expr,
    pub message: Both,
}

/// How carefully an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormSensitivity)]
pub enum Sensitivity {
    #[default]
    Normal,
    /// UK GDPR, article 9.
    SpecialCategory,
    /// UK GDPR, article 10.
    Criminal,
    /// About somebody outside the family.
    ThirdParty,
}

/// Where the host takes the start of an answer from. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormPrefill)]
pub enum Prefill {
    /// The day as of which the form is filled in.
    Today,
    /// The family's home.
    HomeAddress,
    HomePostcode,
    HomeUprn,
    /// Of the person whom the group's item is about.
    PersonName,
    PersonBirthDate,
    PersonNhsNumber,
    PersonUpn,
    PersonNino,
    /// Whoever fills in.
    Worker,
    /// The family's present lead worker.
    LeadWorker,
    /// What was answered last time; not in a repeating group, whose items have no names.
    Previous,
}

impl Form {
    /// What answers pin: the hash of the form's canonical JSON.
    #[must_use]
    pub fn digest(&self) -> Digest {
        canonical(self).0
    }

    /// Every question, in the form's order; those of groups where the group stands.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        fn of(item: &Item) -> Vec<&Question> {
            match item {
                Item::Question(question) => vec![question],
                Item::Display(_) => Vec::new(),
                Item::Group(group) => group.items.iter().flat_map(of).collect(),
            }
        }
        self.pages.iter().flat_map(|page| &page.items).flat_map(of)
    }
}

/// An item as it is written: which fields belong together is checked in reading it, so that a fault is told by its path.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asks: Option<Asks>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<Both>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<Both>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Both>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<Both>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visible_when: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    required_when: Option<Expr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    valid_when: Vec<Valid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefill: Option<Prefill>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maps_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sensitivity: Option<Sensitivity>,
    #[serde(default, skip_serializing_if = "is_false")]
    not_known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<Repeat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each_person: Option<EachPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Item>>,
}

impl Written {
    /// The first field that is none of `allowed`.
    fn beside(&self, allowed: &[&str]) -> Option<&'static str> {
        [
            ("question", self.question.is_some()),
            ("display", self.display.is_some()),
            ("group", self.group.is_some()),
            ("asks", self.asks.is_some()),
            ("label", self.label.is_some()),
            ("hint", self.hint.is_some()),
            ("text", self.text.is_some()),
            ("title", self.title.is_some()),
            ("visible-when", self.visible_when.is_some()),
            ("required-when", self.required_when.is_some()),
            ("valid-when", !self.valid_when.is_empty()),
            ("default", self.default.is_some()),
            ("prefill", self.prefill.is_some()),
            ("maps-to", self.maps_to.is_some()),
            ("sensitivity", self.sensitivity.is_some()),
            ("not-known", self.not_known),
            ("repeat", self.repeat.is_some()),
            ("each-person", self.each_person.is_some()),
            ("items", self.items.is_some()),
        ]
        .into_iter()
        .find_map(|(field, there)| (there && !allowed.contains(&field)).then_some(field))
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{field}`"))
}

impl TryFrom<Written> for Item {
    type Error = String;

    /// Errors are worded as serde's own, so that the field's path is found in them.
    fn try_from(written: Written) -> Result<Self, String> {
        let (kind, allowed): (_, &[&str]) = match (&written.question, &written.display, &written.group) {
            (Some(_), _, _) => (
                "question",
                &[
                    "question",
                    "asks",
                    "label",
                    "hint",
                    "visible-when",
                    "required-when",
                    "valid-when",
                    "default",
                    "prefill",
                    "maps-to",
                    "sensitivity",
                    "not-known",
                ],
            ),
            (None, Some(_), _) => ("display", &["display", "text", "visible-when"]),
            (None, None, Some(_)) => ("group", &["group", "title", "visible-when", "repeat", "each-person", "items"]),
            (None, None, None) => return Err("has none of the fields `question`, `display` and `group`".into()),
        };
        if let Some(field) = written.beside(allowed) {
            return Err(format!("unknown field `{field}`, a {kind} has only {}", allowed.join(", ")));
        }
        Ok(match (written.question, written.display, written.group) {
            (Some(question), _, _) => Self::Question(Box::new(Question {
                question,
                asks: needed("asks", written.asks)?,
                label: needed("label", written.label)?,
                hint: written.hint,
                visible_when: written.visible_when,
                required_when: written.required_when,
                valid_when: written.valid_when,
                default: written.default,
                prefill: written.prefill,
                maps_to: written.maps_to,
                sensitivity: written.sensitivity.unwrap_or_default(),
                not_known: written.not_known,
            })),
            (None, Some(display), _) => {
                Self::Display(Display { display, text: needed("text", written.text)?, visible_when: written.visible_when })
            }
            (None, None, group) => Self::Group(Group {
                group: needed("group", group)?,
                title: needed("title", written.title)?,
                visible_when: written.visible_when,
                each: match (written.repeat, written.each_person) {
                    (Some(_), Some(_)) => return Err("unknown field `each-person`, the group has repeat: one or the other".into()),
                    (Some(repeat), None) => Each::Repeat(repeat),
                    (None, each) => Each::EachPerson(each.ok_or("has neither `repeat` nor `each-person`")?),
                },
                items: needed("items", written.items)?,
            }),
        })
    }
}

impl From<Item> for Written {
    fn from(item: Item) -> Self {
        match item {
            Item::Question(question) => {
                let Question {
                    question,
                    asks,
                    label,
                    hint,
                    visible_when,
                    required_when,
                    valid_when,
                    default,
                    prefill,
                    maps_to,
                    sensitivity,
                    not_known,
                } = *question;
                Self {
                    question: Some(question),
                    asks: Some(asks),
                    label: Some(label),
                    hint,
                    visible_when,
                    required_when,
                    valid_when,
                    default,
                    prefill,
                    maps_to,
                    sensitivity: (sensitivity != Sensitivity::Normal).then_some(sensitivity),
                    not_known,
                    ..Self::default()
                }
            }
            Item::Display(Display { display, text, visible_when }) => {
                Self { display: Some(display), text: Some(text), visible_when, ..Self::default() }
            }
            Item::Group(Group { group, title, visible_when, each, items }) => {
                let (repeat, each_person) = match each {
                    Each::Repeat(repeat) => (Some(repeat), None),
                    Each::EachPerson(each) => (None, Some(each)),
                };
                Self { group: Some(group), title: Some(title), visible_when, repeat, each_person, items: Some(items), ..Self::default() }
            }
        }
    }
}
