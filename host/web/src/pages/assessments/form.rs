//! A plugin's form as its document says it, and what the host judges of the answers: which questions show, of whom, and what is wrong.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::codes;

/// A text in English and Welsh.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Both {
    en: String,
    #[serde(default)]
    cy: String,
}

impl Both {
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        if language == "cy" && !self.cy.is_empty() { &self.cy } else { &self.en }
    }

    #[must_use]
    pub const fn has_welsh(&self) -> bool {
        !self.cy.is_empty()
    }
}

#[derive(Debug, Deserialize)]
pub struct Form {
    pub title: Both,
    pub pages: Vec<FormPage>,
}

#[derive(Debug, Deserialize)]
pub struct FormPage {
    pub page: String,
    pub title: Both,
    pub items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Item {
    Question(Question),
    Group(Group),
    Display(Display),
}

#[derive(Debug, Deserialize)]
pub struct Display {
    pub display: String,
    pub text: Both,
}

#[derive(Debug, Deserialize)]
pub struct Group {
    pub group: String,
    pub title: Both,
    #[serde(default)]
    pub repeat: Option<Repeat>,
    pub items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
pub struct Repeat {
    pub max: usize,
    #[serde(rename = "item-label")]
    pub label: Both,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Question {
    pub question: String,
    pub asks: Value,
    pub label: Both,
    #[serde(default)]
    pub hint: Option<Both>,
    #[serde(default)]
    pub default: Option<Value>,
    #[serde(default)]
    pub prefill: Option<String>,
    #[serde(default)]
    pub not_known: bool,
}

impl Question {
    /// Which of the twenty kinds.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.asks {
            Value::String(kind) => kind,
            Value::Object(of) => of.keys().next().map_or("", String::as_str),
            _ => "",
        }
    }

    /// "Not known" stands among what it offers.
    #[must_use]
    pub fn chooses(&self) -> bool {
        ["yes-no", "single-choice", "multi-choice", "scale", "person-ref"].contains(&self.kind())
    }

    /// What its kind says more of: options, ends of a scale.
    #[must_use]
    pub fn says(&self) -> &Value {
        &self.asks[self.kind()]
    }

    /// Options to choose from, each with its words.
    #[must_use]
    pub fn options(&self, language: &str) -> Vec<(String, String)> {
        if let Some(list) = self.says()["list"].as_str() {
            return codes::list(list, language).into_iter().map(|(code, words)| (code.to_owned(), words.to_owned())).collect();
        }
        let all = self.says()["options"].as_array().into_iter().flatten();
        all.map(|o| (o["option"].as_str().unwrap_or_default().to_owned(), both(&o["label"], language))).collect()
    }
}

/// A text in a document that is read as it is.
#[must_use]
pub fn both(value: &Value, language: &str) -> String {
    let of = |language: &str| value[language].as_str().filter(|t| !t.is_empty());
    of(language).or_else(|| of("en")).unwrap_or_default().to_owned()
}

/// A place in answers: a question, display or group, and whose or which item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Slot {
    pub id: String,
    #[serde(default)]
    pub item: Option<usize>,
    #[serde(default)]
    pub person: Option<String>,
}

impl Slot {
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), item: None, person: None }
    }

    /// Its field's name. Ids hold no `_`, so no two places share one.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.person, self.item) {
            (Some(person), _) => format!("{}_{person}", self.id),
            (None, Some(item)) => format!("{}_{item}", self.id),
            (None, None) => format!("{}_", self.id),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Wrong {
    #[serde(flatten)]
    pub at: Slot,
    pub why: String,
    pub says: Both,
}

#[derive(Debug, Deserialize)]
pub struct Reckoned {
    #[serde(flatten)]
    pub at: Slot,
    pub value: Value,
}

#[derive(Debug, Default, Deserialize)]
pub struct Judged {
    pub pages: Vec<String>,
    pub shown: HashSet<Slot>,
    #[serde(default)]
    pub people: HashMap<String, Vec<String>>,
    #[serde(default)]
    pub unsure: HashMap<String, Vec<String>>,
    pub wrong: Vec<Wrong>,
    #[serde(default)]
    pub computed: Vec<Reckoned>,
    pub complete: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answers {
    #[serde(default)]
    pub language: Option<String>,
    #[serde(default)]
    pub answers: Map<String, Value>,
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<Row>>,
}

#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub struct Row {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub answers: Map<String, Value>,
}

impl Answers {
    /// What was answered there.
    #[must_use]
    pub fn at(&self, asked: &Asking<'_>) -> Option<&Value> {
        let Some(group) = asked.group else { return self.answers.get(&asked.slot.id) };
        let rows = self.groups.get(&group.group)?;
        let row = match (&asked.slot.person, asked.slot.item) {
            (Some(person), _) => rows.iter().find(|r| r.person.as_ref() == Some(person)),
            (None, item) => rows.get(item?),
        };
        row?.answers.get(&asked.slot.id)
    }
}

/// A question as it is asked: of whom, or of which item of its group.
#[derive(Debug)]
pub struct Asking<'a> {
    pub question: &'a Question,
    pub group: Option<&'a Group>,
    pub slot: Slot,
}

impl FormPage {
    /// The questions of a page that show, in order.
    #[must_use]
    pub fn asked<'a>(&'a self, judged: &Judged, answers: &Answers) -> Vec<Asking<'a>> {
        let mut all = Vec::new();
        for item in &self.items {
            match item {
                Item::Question(question) => all.push(Asking { question, group: None, slot: Slot::of(&question.question) }),
                Item::Group(group) => {
                    for at in group.items(judged, answers) {
                        all.extend(group.questions().map(|question| Asking {
                            question,
                            group: Some(group),
                            slot: at.on(&question.question),
                        }));
                    }
                }
                Item::Display(_) => {}
            }
        }
        all.retain(|a| judged.shown.contains(&a.slot));
        all
    }
}

/// One item of a group: somebody, or the n-th thing.
#[derive(Debug, Clone)]
pub enum At {
    Person(String),
    Item(usize),
}

impl At {
    #[must_use]
    pub fn on(&self, id: &str) -> Slot {
        match self {
            Self::Person(person) => Slot { person: Some(person.clone()), ..Slot::of(id) },
            Self::Item(item) => Slot { item: Some(*item), ..Slot::of(id) },
        }
    }
}

impl Group {
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.items.iter().filter_map(|item| if let Item::Question(question) = item { Some(question) } else { None })
    }

    /// Whom or what it asks about.
    #[must_use]
    pub fn items(&self, judged: &Judged, answers: &Answers) -> Vec<At> {
        if self.repeat.is_some() {
            return (0..answers.groups.get(&self.group).map_or(0, Vec::len)).map(At::Item).collect();
        }
        judged.people.get(&self.group).into_iter().flatten().map(|p| At::Person(p.clone())).collect()
    }
}

/// How a page of a form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Wrong,
    ToDo,
    Begun,
    Done,
    Open,
}

/// `Done`: what must be answered is, and fits; `Open`: nothing must be, and nothing is.
#[must_use]
pub fn stands(page: &FormPage, judged: &Judged, answers: &Answers) -> Stands {
    let asked = page.asked(judged, answers);
    let given = asked.iter().any(|a| answers.at(a).is_some());
    let of_page =
        |slot: &Slot| asked.iter().any(|a| a.slot == *slot) || page.items.iter().any(|i| matches!(i, Item::Group(g) if g.group == slot.id));
    let mut wrong = judged.wrong.iter().filter(|w| of_page(&w.at)).peekable();
    if wrong.peek().is_none() {
        return if given { Stands::Done } else { Stands::Open };
    }
    match (wrong.any(|w| !is_missing(w)), given) {
        (true, _) => Stands::Wrong,
        (false, true) => Stands::Begun,
        (false, false) => Stands::ToDo,
    }
}

/// Not wrong: not answered yet.
#[must_use]
pub fn is_missing(wrong: &Wrong) -> bool {
    matches!(wrong.why.as_str(), "required" | "too-few")
}
