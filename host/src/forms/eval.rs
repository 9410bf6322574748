//! What an expression gives. Unknown is `None`; nothing here can fail.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::check::{Checked, What};
use super::expression::{Count, Over, That};
use super::fit::{State, Value, fit};
use super::{Answer, Decimal, Expr, Fact, PersonFact, Setting};
use crate::record::{Day, PersonId};

/// An item of a group, as far as expressions see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemOf {
    pub person: Option<PersonId>,
    pub age: Option<u8>,
}

/// Which item an expression speaks of: its group's node, and its place among the group's items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    pub group: usize,
    pub item: ItemOf,
    /// None where it may or may not belong to the group: of it everything is unknown.
    pub place: Option<usize>,
}

/// The state of a form while it is judged, by node.
pub(super) struct Eval<'a> {
    pub form: &'a Checked<'a>,
    pub setting: &'a Setting,
    /// The items of each group's node, once it was reached.
    pub items: Vec<Vec<ItemOf>>,
    /// People of whom it is unknown whether they belong to the group.
    pub unsure: Vec<Vec<ItemOf>>,
    /// Whether the node shows, for each item of its group; once for what stands in none.
    pub shown: Vec<Vec<bool>>,
    /// What stands at each question, likewise.
    pub states: Vec<Vec<State<'a>>>,
}

type Known<'a> = Option<Value<'a>>;

impl<'a> Eval<'a> {
    /// Is it yes? No, and unknown, are not.
    pub fn is_yes(&self, expr: &'a Expr, here: Option<Here>) -> bool {
        self.truth(expr, here) == Some(true)
    }

    pub fn truth(&self, expr: &'a Expr, here: Option<Here>) -> Option<bool> {
        if let Some(Value::YesNo(yes)) = self.value(expr, here) { Some(yes) } else { None }
    }

    pub fn value(&self, expr: &'a Expr, here: Option<Here>) -> Known<'a> {
        match expr {
            Expr::Answer(id) => self.answer(id, here),
            Expr::Previous(id) => self.previous(id, here),
            Expr::Change(id) => subtract(self.answer(id, here)?, self.previous(id, here)?),
            Expr::Answered(id) => yes(matches!(self.state(id, here), Some(State::Value(_)))),
            Expr::NotKnown(id) => yes(matches!(self.state(id, here), Some(State::NotKnown))),
            Expr::NotAsked(id) => yes(matches!(self.state(id, here), Some(State::NotAsked))),
            Expr::Fact(Fact::Today) => date(self.setting.as_of),
            Expr::Fact(Fact::Members) => count(self.setting.members.len()),
            Expr::Person(PersonFact::Age) => count(usize::from(here?.item.age?)),

            Expr::YesNo(is) => yes(*is),
            Expr::Number(number) => Some(Value::Number(*number)),
            Expr::Pence(pence) => Some(Value::Pence(*pence)),
            Expr::Day(day) => date(*day),
            Expr::Text(text) => Some(Value::Text(Cow::Borrowed(text))),
            Expr::Option(id) => Some(Value::Choice(id)),

            Expr::And(nodes) => every(nodes.iter().map(|n| self.truth(n, here))),
            Expr::Or(nodes) => some(nodes.iter().map(|n| self.truth(n, here))),
            Expr::Not(inner) => yes(!self.truth(inner, here)?),
            Expr::If(three) => self.value(&three[if self.truth(&three[0], here)? { 1 } else { 2 }], here),
            Expr::OrElse(two) => self.value(&two[0], here).or_else(|| self.value(&two[1], here)),

            Expr::Equal(two) => yes(self.equal(two, here)?),
            Expr::NotEqual(two) => yes(!self.equal(two, here)?),
            Expr::LessThan(two) => yes(self.order(two, here)?.is_lt()),
            Expr::AtMost(two) => yes(self.order(two, here)?.is_le()),
            Expr::AtLeast(two) => yes(self.order(two, here)?.is_ge()),
            Expr::MoreThan(two) => yes(self.order(two, here)?.is_gt()),
            Expr::In(inner, words) => match self.value(inner, here)? {
                Value::Choice(id) => yes(words.iter().any(|w| w == id)),
                Value::Text(text) => yes(words.iter().any(|w| *w == *text)),
                _ => None,
            },
            Expr::Contains(inner, id) => yes(self.chosen(inner, here)?.iter().any(|(chosen, _)| chosen == id)),
            Expr::Chosen(inner) => count(self.chosen(inner, here)?.iter().filter(|(_, exclusive)| !exclusive).count()),

            Expr::Add(nodes) => total(nodes.iter().map(|n| self.value(n, here)), || None),
            Expr::Subtract(two) => subtract(self.value(&two[0], here)?, self.value(&two[1], here)?),
            Expr::Multiply(two) => multiply(self.value(&two[0], here)?, self.value(&two[1], here)?),
            Expr::DaysBetween(two) => {
                let (from, to) = self.days(two, here)?;
                Decimal::whole(i64::from(to.number()) - i64::from(from.number())).map(Value::Number)
            }
            Expr::MonthsBetween(two) => {
                let (from, to) = self.days(two, here)?;
                Decimal::whole(i64::from(months(from, to))).map(Value::Number)
            }

            Expr::Count(Count { group, filter }) => count(self.items_where(group, filter.as_deref())?.len()),
            Expr::Sum(over) => total(self.values_of(over)?.into_iter(), || self.nought(over)),
            Expr::Min(over) => self.extreme(over, Ordering::is_lt),
            Expr::Max(over) => self.extreme(over, Ordering::is_gt),
            Expr::Any(That { group, that }) => some(self.all_items(group).map(|item| self.truth_of(that, item))),
            Expr::All(That { group, that }) => every(self.all_items(group).map(|item| self.truth_of(that, item))),
        }
    }

    /// What stands at a question, of this item if it is asked of items.
    fn state(&self, id: &str, here: Option<Here>) -> Option<&State<'a>> {
        let at = *self.form.ids.get(id)?;
        let place = match self.form.nodes[at].group {
            None => 0,
            Some(group) => here.filter(|h| h.group == group)?.place?,
        };
        self.states[at].get(place)
    }

    fn answer(&self, id: &str, here: Option<Here>) -> Known<'a> {
        if let Some(State::Value(value)) = self.state(id, here) { Some(value.clone()) } else { None }
    }

    /// From the newest earlier answers that hold one that fits today's question.
    fn previous(&self, id: &str, here: Option<Here>) -> Known<'a> {
        let at = *self.form.ids.get(id)?;
        let node = &self.form.nodes[at];
        let What::Question(question) = node.what else { return None };
        let find = |earlier: &'a super::Answers| -> Option<&'a Answer> {
            let Some(group) = node.group else { return earlier.answers.get(id) };
            let person = here?.item.person?;
            let rows = earlier.groups.get(self.form.nodes[group].id())?;
            rows.iter().find(|r| r.person == Some(person))?.answers.get(id)
        };
        self.setting.earlier.iter().filter_map(find).find_map(|answer| fit(question, answer, None).ok())
    }

    fn equal(&self, two: &'a [Expr; 2], here: Option<Here>) -> Option<bool> {
        Some(match (self.value(&two[0], here)?, self.value(&two[1], here)?) {
            // Of a month that is known alone, its first day counts.
            (Value::Date { day: a, .. }, Value::Date { day: b, .. }) => a == b,
            (a, b) => a == b,
        })
    }

    fn order(&self, two: &'a [Expr; 2], here: Option<Here>) -> Option<Ordering> {
        compare(&self.value(&two[0], here)?, &self.value(&two[1], here)?)
    }

    fn days(&self, two: &'a [Expr; 2], here: Option<Here>) -> Option<(Day, Day)> {
        match (self.value(&two[0], here)?, self.value(&two[1], here)?) {
            (Value::Date { day: from, .. }, Value::Date { day: to, .. }) => Some((from, to)),
            _ => None,
        }
    }

    fn chosen(&self, expr: &'a Expr, here: Option<Here>) -> Option<Vec<(&'a str, bool)>> {
        if let Some(Value::Choices(chosen)) = self.value(expr, here) { Some(chosen) } else { None }
    }

    /// The items of a group, and those of whom it is unknown whether they are.
    fn all_items(&self, group: &str) -> impl Iterator<Item = Here> {
        let at = self.form.ids.get(group).copied();
        let sure = at.map_or(&[][..], |at| &self.items[at]);
        let unsure = at.map_or(&[][..], |at| &self.unsure[at]);
        let here = move |item: ItemOf, place| Here { group: at.unwrap_or_default(), item, place };
        sure.iter().enumerate().map(move |(n, item)| here(*item, Some(n))).chain(unsure.iter().map(move |item| here(*item, None)))
    }

    /// Of somebody who may or may not belong to the group, everything is unknown.
    fn truth_of(&self, expr: &'a Expr, item: Here) -> Option<bool> {
        item.place?;
        self.truth(expr, Some(item))
    }

    /// The items of which the condition is yes; unknown where it is unknown of one.
    fn items_where(&self, group: &str, filter: Option<&'a Expr>) -> Option<Vec<Here>> {
        let mut found = Vec::new();
        for item in self.all_items(group) {
            let belongs = match filter {
                _ if item.place.is_none() => None,
                None => Some(true),
                Some(filter) => self.truth(filter, Some(item)),
            };
            if belongs? {
                found.push(item);
            }
        }
        Some(found)
    }

    fn values_of(&self, over: &'a Over) -> Option<Vec<Known<'a>>> {
        let items = self.items_where(&over.group, over.filter.as_deref())?;
        Some(items.into_iter().map(|item| self.value(&over.of, Some(item))).collect())
    }

    /// What the sum of nothing is: pence or a number, by the type.
    fn nought(&self, over: &Over) -> Option<Value<'a>> {
        match self.form.infer(&over.of).ok()? {
            super::Type::Pence => Some(Value::Pence(0)),
            _ => Some(Value::Number(Decimal::ZERO)),
        }
    }

    fn extreme(&self, over: &'a Over, better: impl Fn(Ordering) -> bool) -> Known<'a> {
        let mut best: Known<'a> = None;
        for value in self.values_of(over)? {
            let value = value?;
            let wins = match &best {
                None => true,
                Some(best) => better(compare(&value, best)?),
            };
            if wins {
                best = Some(value);
            }
        }
        best
    }
}

fn yes<'a>(is: bool) -> Known<'a> {
    Some(Value::YesNo(is))
}

fn count<'a>(n: usize) -> Known<'a> {
    i64::try_from(n).ok().and_then(Decimal::whole).map(Value::Number)
}

const fn date<'a>(day: Day) -> Known<'a> {
    Some(Value::Date { day, month_only: false })
}

fn every<'a>(truths: impl Iterator<Item = Option<bool>>) -> Known<'a> {
    let mut all = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return yes(false),
            None => all = None,
            Some(true) => {}
        }
    }
    all.map(Value::YesNo)
}

fn some<'a>(truths: impl Iterator<Item = Option<bool>>) -> Known<'a> {
    let mut any = Some(false);
    for truth in truths {
        match truth {
            Some(true) => return yes(true),
            None => any = None,
            Some(false) => {}
        }
    }
    any.map(Value::YesNo)
}

fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Pence(a), Value::Pence(b)) => Some(a.cmp(b)),
        (Value::Date { day: a, .. }, Value::Date { day: b, .. }) => Some(a.cmp(b)),
        _ => None,
    }
}

fn add<'a>(a: &Value<'a>, b: &Value<'a>) -> Known<'a> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.plus(*b).map(Value::Number),
        (Value::Pence(a), Value::Pence(b)) => a.checked_add(*b).map(Value::Pence),
        _ => None,
    }
}

fn subtract<'a>(a: Value<'a>, b: Value<'a>) -> Known<'a> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.minus(b).map(Value::Number),
        (Value::Pence(a), Value::Pence(b)) => a.checked_sub(b).map(Value::Pence),
        _ => None,
    }
}

fn multiply<'a>(a: Value<'a>, b: Value<'a>) -> Known<'a> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.times(b).map(Value::Number),
        (Value::Pence(pence), Value::Number(by)) | (Value::Number(by), Value::Pence(pence)) => by.scale(pence).map(Value::Pence),
        _ => None,
    }
}

/// The sum, unknown where one is; `nought` where there are none.
fn total<'a>(values: impl Iterator<Item = Known<'a>>, nought: impl FnOnce() -> Known<'a>) -> Known<'a> {
    let mut sum: Known<'a> = None;
    for value in values {
        let value = value?;
        sum = match sum {
            None => Some(value),
            Some(before) => Some(add(&before, &value)?),
        };
    }
    sum.or_else(nought)
}

/// Full months from one day to another, months of which the day does not exist being full on their last. Counted from the
/// earlier; negative where that is the second.
fn months(from: Day, to: Day) -> i32 {
    if to < from {
        return -months(to, from);
    }
    let (a, b) = (from.date(), to.date());
    let apart = (i32::from(b.year()) - i32::from(a.year())) * 12 + i32::from(b.month()) - i32::from(a.month());
    // The last month is full once the same day of the month is reached.
    if from.plus_months(apart).is_some_and(|full| full <= to) { apart } else { apart - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_full_on_the_same_day_or_its_last() {
        for (from, to, full) in [
            ("2026-01-15", "2026-02-14", 0),
            ("2026-01-15", "2026-02-15", 1),
            ("2026-01-31", "2026-02-28", 1),
            ("2024-01-31", "2024-02-28", 0),
            ("2024-01-31", "2024-02-29", 1),
            ("2024-02-29", "2025-02-28", 12),
            ("2026-02-15", "2026-01-15", -1),
            ("2026-02-14", "2026-01-15", 0),
            ("2026-01-15", "2026-01-15", 0),
        ] {
            assert_eq!(months(from.parse().unwrap(), to.parse().unwrap()), full, "{from} to {to}");
        }
    }
}
