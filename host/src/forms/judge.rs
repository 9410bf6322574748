//! Judging answers: what shows, what is wrong or missing, what is computed, what of it a plugin may be lent.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::check::{MOST_ROWS, What};
use super::document::{Each, Group, Question};
use super::eval::{Eval, Here, ItemOf};
use super::fault::Fault;
use super::fit::{State, Value, state};
use super::{Answer, Answers, Asks, Checked, Decimal, Setting, Why};
use crate::record::{Both, Day, Invalid, PersonId};

/// What the host says of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormJudged)]
pub struct Judged {
    /// Pages that show.
    pub pages: Vec<String>,
    /// Questions, displays and groups that show, in the form's order; those in a group once for each item.
    pub shown: Vec<Slot>,
    /// Whom each group with each-person is about.
    pub people: BTreeMap<String, Vec<PersonId>>,
    /// Of whom it is unknown whether the group is about them: most often, their age is.
    pub unsure: BTreeMap<String, Vec<PersonId>>,
    /// Answers to what does not show: kept, and counted by nothing.
    pub not_applicable: Vec<Slot>,
    /// What is wrong or missing, in the form's order.
    pub wrong: Vec<Wrong>,
    /// Computed values that show and are known.
    pub computed: Vec<Reckoned>,
    /// Nothing is wrong or missing.
    pub complete: bool,
    /// What stands there and fits, computed values included, in the form's order.
    #[serde(skip)]
    given: Vec<Given>,
}

/// A place in answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = FormSlot)]
pub struct Slot {
    /// A question, display or group.
    pub id: String,
    /// In a repeating group: which item, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
    /// In a group with each-person: whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormWrong)]
pub struct Wrong {
    #[serde(flatten)]
    pub at: Slot,
    pub why: Why,
    /// For whoever fills in.
    pub says: Both,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FormReckoned)]
pub struct Reckoned {
    #[serde(flatten)]
    pub at: Slot,
    pub value: Lent,
}

/// An answer as plugins are lent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub at: Slot,
    pub value: Lent,
}

/// What of an answer a plugin may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormLent)]
pub enum Lent {
    /// Of yes-no, never of a declaration.
    YesNo(bool),
    /// Ids of the options chosen, in the form's order; of a single choice, one.
    Options(Vec<String>),
    /// A point of a scale, in tenths.
    Tenths(i32),
    /// A number, in thousandths.
    Thousandths(i64),
    Pence(i64),
    /// A month's first day where only the month is known.
    #[serde(rename_all = "kebab-case")]
    Day {
        day: Day,
        month_only: bool,
    },
    Text(String),
    /// A member of the family.
    Person(PersonId),
    /// It was answered; what with is nobody's business but the host's.
    Given,
    NotKnown,
    NotAsked,
}

impl Judged {
    /// Every answer that applies and fits, with what was said not to be known, as plugins are lent it.
    pub fn given(&self) -> impl Iterator<Item = &Given> {
        self.given.iter()
    }

    /// `answers` without what does not apply: how finished answers are kept for a later look back.
    #[must_use]
    pub fn applicable(&self, answers: &Answers) -> Answers {
        let hidden: BTreeSet<&Slot> = self.not_applicable.iter().collect();
        let mut kept = answers.clone();
        kept.answers.retain(|id, _| !hidden.contains(&Slot { id: id.clone(), item: None, person: None }));
        for rows in kept.groups.values_mut() {
            for (item, row) in rows.iter_mut().enumerate() {
                let item = if row.person.is_none() { u16::try_from(item).ok() } else { None };
                row.answers.retain(|id, _| !hidden.contains(&Slot { id: id.clone(), item, person: row.person }));
            }
        }
        kept
    }
}

/// No answers, where a person has no row yet.
static NOTHING: BTreeMap<String, Answer> = BTreeMap::new();

impl<'a> Checked<'a> {
    /// Judges answers, finished or not: whatever is missing or wrong is listed.
    ///
    /// # Errors
    /// [`Invalid`] naming `form` or `digest` where they are not answers to this form.
    pub fn judge(&self, answers: &Answers, setting: &Setting) -> Result<Judged, Invalid> {
        if answers.form != self.form.form {
            return Err(Invalid::new("form", format!("these are answers to `{}`, and this is `{}`", answers.form, self.form.form)));
        }
        if answers.digest != self.digest {
            return Err(Invalid::new("digest", format!("these are answers to {}, and this form is {}", answers.digest, self.digest)));
        }
        let mut judge = Judge::new(self, answers, setting);
        for at in &self.order {
            judge.reach(*at);
        }
        Ok(judge.report())
    }
}

struct Judge<'a> {
    eval: Eval<'a>,
    answers: &'a Answers,
    /// The answers of each item of each group's node.
    rows: Vec<Vec<&'a BTreeMap<String, Answer>>>,
}

impl<'a> Judge<'a> {
    fn new(form: &'a Checked<'a>, answers: &'a Answers, setting: &'a Setting) -> Self {
        let n = form.nodes.len();
        let eval = Eval { form, setting, items: vec![vec![]; n], unsure: vec![vec![]; n], shown: vec![vec![]; n], states: vec![vec![]; n] };
        Self { eval, answers, rows: vec![vec![]; n] }
    }

    /// The items that the node stands in, once if in none.
    fn heres(&self, at: usize) -> Vec<Option<Here>> {
        match self.eval.form.nodes[at].group {
            None => vec![None],
            Some(group) => {
                self.eval.items[group].iter().enumerate().map(|(n, item)| Some(Here { group, item: *item, place: Some(n) })).collect()
            }
        }
    }

    /// Settles one node, after all that it hangs on.
    fn reach(&mut self, at: usize) {
        let form = self.eval.form;
        let node = &form.nodes[at];
        // A group shows or not for all of its items.
        let around = [Some(node.page), node.group].into_iter().flatten().all(|n| n == at || self.eval.shown[n] == [true]);
        let heres = self.heres(at);
        let shows = |here: &Option<Here>| around && node.visible_when().is_none_or(|expr| self.eval.is_yes(expr, *here));
        let shown: Vec<bool> = heres.iter().map(shows).collect();
        match node.what {
            What::Group(group) if shown == [true] => self.open(at, group),
            What::Question(question) => {
                let states = heres.iter().zip(&shown).map(|(here, shown)| self.settle(question, *here, *shown)).collect();
                self.eval.states[at] = states;
            }
            _ => {}
        }
        self.eval.shown[at] = shown;
    }

    /// Finds the items of a group that shows; one that does not has none.
    fn open(&mut self, at: usize, group: &'a Group) {
        let given = self.answers.groups.get(&group.group).map_or(&[][..], Vec::as_slice);
        match &group.each {
            Each::Repeat(repeat) => {
                for row in given.iter().take(usize::from(repeat.max.min(MOST_ROWS))) {
                    self.eval.items[at].push(ItemOf { person: None, age: None });
                    self.rows[at].push(&row.answers);
                }
            }
            Each::EachPerson(each) => {
                for member in &self.eval.setting.members {
                    let item = ItemOf { person: Some(member.person), age: member.age };
                    let here = Here { group: at, item, place: None };
                    match each.filter.as_ref().map_or(Some(true), |filter| self.eval.truth(filter, Some(here))) {
                        Some(true) => {
                            let row = given.iter().find(|r| r.person == item.person).map_or(&NOTHING, |r| &r.answers);
                            self.eval.items[at].push(item);
                            self.rows[at].push(row);
                        }
                        Some(false) => {}
                        None => self.eval.unsure[at].push(item),
                    }
                }
            }
        }
    }

    fn settle(&self, question: &'a Question, here: Option<Here>, shown: bool) -> State<'a> {
        if !shown {
            return State::Hidden;
        }
        if let Asks::Computed(computed) = &question.asks {
            return self.eval.value(&computed.value, here).map_or(State::Unanswered, State::Value);
        }
        let answers = match here {
            None => &self.answers.answers,
            Some(here) => here.place.map_or(&NOTHING, |n| self.rows[here.group][n]),
        };
        answers.get(&question.question).map_or(State::Unanswered, |answer| state(question, answer, self.eval.setting))
    }

    fn report(self) -> Judged {
        let form = self.eval.form;
        let mut judged = Judged {
            pages: Vec::new(),
            shown: Vec::new(),
            people: BTreeMap::new(),
            unsure: BTreeMap::new(),
            not_applicable: Vec::new(),
            wrong: Vec::new(),
            computed: Vec::new(),
            complete: false,
            given: Vec::new(),
        };
        for (at, node) in form.nodes.iter().enumerate() {
            let heres = self.heres(at);
            for (n, here) in heres.iter().enumerate() {
                let slot = slot(node.id(), *here);
                if self.eval.shown[at][n] {
                    match node.what {
                        What::Page(page) => judged.pages.push(page.page.clone()),
                        What::Group(group) => {
                            judged.shown.push(slot);
                            self.report_group(at, group, &mut judged);
                        }
                        What::Display(_) => judged.shown.push(slot),
                        What::Question(question) => {
                            judged.shown.push(slot.clone());
                            self.report_question(question, &self.eval.states[at][n], slot, *here, &mut judged);
                        }
                    }
                }
            }
        }
        self.report_answers(&mut judged);
        judged.complete = judged.wrong.is_empty();
        judged
    }

    fn report_group(&self, at: usize, group: &Group, judged: &mut Judged) {
        let whom = |items: &[ItemOf]| items.iter().filter_map(|i| i.person).collect::<Vec<_>>();
        let mut wrong = |fault: Fault| judged.wrong.push(wrong(slot(&group.group, None), fault));
        match &group.each {
            Each::Repeat(repeat) => {
                let rows = self.answers.groups.get(&group.group).map_or(0, Vec::len);
                if rows < usize::from(repeat.min) {
                    wrong(Fault::too_few(repeat.min));
                }
                if rows > usize::from(repeat.max) {
                    wrong(Fault::too_many(repeat.max));
                }
            }
            Each::EachPerson(_) => {
                judged.people.insert(group.group.clone(), whom(&self.eval.items[at]));
                if !self.eval.unsure[at].is_empty() {
                    judged.unsure.insert(group.group.clone(), whom(&self.eval.unsure[at]));
                }
            }
        }
    }

    fn report_question(&self, question: &'a Question, state: &State<'a>, at: Slot, here: Option<Here>, judged: &mut Judged) {
        let value = match state {
            State::Hidden => return,
            State::Unanswered => {
                if question.required_when.as_ref().is_some_and(|expr| self.eval.is_yes(expr, here)) {
                    judged.wrong.push(wrong(at, Fault::required()));
                }
                return;
            }
            State::Wrong(fault) => {
                judged.wrong.push(wrong(at, fault.clone()));
                return;
            }
            State::NotKnown => Lent::NotKnown,
            State::NotAsked => Lent::NotAsked,
            State::Value(value) => lent(&question.asks, value),
        };
        if matches!(question.asks, Asks::Computed(_)) {
            judged.computed.push(Reckoned { at: at.clone(), value: value.clone() });
        }
        for rule in &question.valid_when {
            if self.eval.truth(&rule.that, here) == Some(false) {
                judged.wrong.push(wrong(at.clone(), Fault::rule(&rule.message)));
            }
        }
        judged.given.push(Given { at, value });
    }

    /// What stands in the answers and has no place in the form as it shows.
    fn report_answers(&self, judged: &mut Judged) {
        for id in self.answers.answers.keys() {
            self.report_answer(id, None, None, slot(id, None), judged);
        }
        for (id, rows) in &self.answers.groups {
            let Some((at, group)) = self.eval.form.ids.get(id.as_str()).and_then(|at| Some((*at, self.eval.form.group(*at)?))) else {
                judged.wrong.push(wrong(slot(id, None), Fault::no_such_group()));
                continue;
            };
            let mut seen = BTreeSet::new();
            for (n, row) in rows.iter().enumerate() {
                let item = if row.person.is_none() { u16::try_from(n).ok() } else { None };
                let of_row = |id: &str| Slot { id: id.to_owned(), item, person: row.person };
                let place = match (&group.each, row.person) {
                    (Each::Repeat(_), Some(_)) => Err(Fault::person_not_wanted()),
                    (Each::EachPerson(_), None) => Err(Fault::no_person()),
                    (Each::Repeat(_), None) => Ok(Some(n).filter(|n| *n < self.rows[at].len())),
                    (Each::EachPerson(_), Some(person)) => self.place(at, person, &mut seen),
                };
                match place {
                    Ok(place) => row.answers.keys().for_each(|id| self.report_answer(id, Some(at), place, of_row(id), judged)),
                    Err(fault) => judged.wrong.push(wrong(of_row(id), fault)),
                }
            }
        }
    }

    /// Where in the group a person's item stands; none where the group is not about them.
    fn place(&self, group: usize, person: PersonId, seen: &mut BTreeSet<PersonId>) -> Result<Option<usize>, Fault> {
        if !seen.insert(person) {
            return Err(Fault::person_twice());
        }
        if !self.eval.setting.members.iter().any(|m| m.person == person) {
            return Err(Fault::no_such_person());
        }
        Ok(self.eval.items[group].iter().position(|i| i.person == Some(person)))
    }

    fn report_answer(&self, id: &str, group: Option<usize>, place: Option<usize>, slot: Slot, judged: &mut Judged) {
        let form = self.eval.form;
        let question = form.ids.get(id).copied().filter(|at| form.nodes[*at].group == group && self.is_asked(*at));
        let Some(at) = question else {
            judged.wrong.push(wrong(slot, Fault::no_such_question()));
            return;
        };
        let place = if group.is_none() { Some(0) } else { place };
        if !place.is_some_and(|n| self.eval.shown[at][n]) {
            judged.not_applicable.push(slot);
        }
    }

    /// Is it a question that somebody answers?
    fn is_asked(&self, at: usize) -> bool {
        matches!(self.eval.form.nodes[at].what, What::Question(question) if !matches!(question.asks, Asks::Computed(_)))
    }
}

fn wrong(at: Slot, fault: Fault) -> Wrong {
    Wrong { at, why: fault.why, says: fault.says }
}

fn slot(id: &str, here: Option<Here>) -> Slot {
    let person = here.and_then(|h| h.item.person);
    let item = if person.is_some() { None } else { here.and_then(|h| h.place).and_then(|n| u16::try_from(n).ok()) };
    Slot { id: id.to_owned(), item, person }
}

fn lent(asks: &Asks, value: &Value<'_>) -> Lent {
    match (asks, value) {
        // Who declared what is the host's business; that somebody did not agree must not read as if they had.
        (Asks::Declaration(_), Value::YesNo(false)) => Lent::YesNo(false),
        (Asks::Declaration(_), _) | (_, Value::Given) => Lent::Given,
        (Asks::Scale(_), Value::Number(point)) => Lent::Tenths(tenths(*point)),
        (_, Value::YesNo(yes)) => Lent::YesNo(*yes),
        (_, Value::Number(number)) => Lent::Thousandths(number.thousandths()),
        (_, Value::Pence(pence)) => Lent::Pence(*pence),
        (_, Value::Person(person)) => Lent::Person(*person),
        (_, Value::Date { day, month_only }) => Lent::Day { day: *day, month_only: *month_only },
        (_, Value::Text(text)) => Lent::Text(Cow::clone(text).into_owned()),
        (_, Value::Choice(id)) => Lent::Options(vec![(*id).to_owned()]),
        (_, Value::Choices(chosen)) => Lent::Options(chosen.iter().map(|(id, _)| (*id).to_owned()).collect()),
    }
}

/// Exact: a scale's points are tenths within a thousand.
fn tenths(point: Decimal) -> i32 {
    i32::try_from(point.thousandths() / 100).unwrap_or_default()
}
