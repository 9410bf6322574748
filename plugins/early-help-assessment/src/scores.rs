//! Scores in the areas of life, and how far the family has come in each.

use crate::areas::{Area, CHILD, FAMILY, LEAST, MOST};
use crate::hearth::assessment::results;
use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::hearth::family::types::{Day, Person};
use crate::record::Record;
use crate::{Asked, say};

/// A score that was given.
pub struct Score {
    pub area: &'static Area,
    pub person: Option<Person>,
    /// In tenths of a point.
    pub value: i32,
    pub before: Option<Reading>,
    /// Where the family began, if that was earlier still.
    first: Option<Reading>,
    /// What the host calls the report of it.
    pub number: u32,
}

/// The same score at an earlier time.
pub struct Reading {
    pub value: i32,
    pub on: Day,
    pub rests_on: Basis,
}

/// What was answered wherever the form asks for a score.
pub struct Scores {
    pub given: Vec<Score>,
    /// Where it was said that the score is not known, or could not be asked for.
    pub not_known: Vec<&'static Area>,
    /// Where nothing was said yet.
    open: bool,
}

impl Scores {
    pub fn read(asked: &Asked, record: &Record) -> Self {
        let mut scores = Self { given: Vec::new(), not_known: Vec::new(), open: false };
        for child in asked.answers.children() {
            scores.add(&CHILD, Some(child), asked, record);
        }
        for area in &FAMILY {
            scores.add(area, None, asked, record);
        }
        scores
    }

    fn add(&mut self, area: &'static Area, person: Option<Person>, asked: &Asked, record: &Record) {
        if let Some(value) = asked.answers.point(area.question, person) {
            let before = asked.before_of(area, person).or_else(|| record.readings(area, person).last());
            let first = record.readings(area, person).next().filter(|first| before.as_ref().is_some_and(|b| first.on < b.on));
            self.given.push(Score { area, person, value, before, first, number: 0 });
        } else if asked.answers.get(area.question, person).is_some() || asked.was_unsafe_to_ask(area) {
            self.not_known.push(area);
        } else {
            self.open = true;
        }
    }

    pub const fn are_all_answered(&self) -> bool {
        !self.open
    }

    /// Is every score given, as far as it is known, and the best there is?
    pub fn are_all_best(&self) -> bool {
        !self.open && self.given.iter().all(|score| score.value == MOST)
    }

    /// Those at or below `need_at`, the lowest first; of equal ones, as the form has them.
    pub fn low(&self, need_at: i32) -> Vec<&Score> {
        let mut low: Vec<&Score> = self.given.iter().filter(|score| score.value <= need_at).collect();
        low.sort_by_key(|score| score.value);
        low
    }

    /// Reports all scores, then all distances.
    pub fn report(mut self) -> Self {
        for score in &mut self.given {
            let Score { area, person, value, .. } = *score;
            score.number = results::score(area.domain, person, value, LEAST, MOST, true, &[score.says()]);
        }
        for score in &self.given {
            if let Some(before) = &score.before {
                let reasons = score.says_travelled(before);
                results::distance(score.area.domain, score.person, before.value, score.value, before.on, &reasons);
            }
        }
        self
    }
}

impl Score {
    pub fn travelled(&self) -> Option<i32> {
        self.before.as_ref().map(|before| self.value - before.value)
    }

    fn says(&self) -> Reason {
        let args = [("domain", say::named(self.area.domain)), ("score", Arg::Tenths(self.value))];
        say::reason("scored", &args, vec![say::answered(self.area.question, self.person)])
    }

    fn says_travelled(&self, before: &Reading) -> Vec<Reason> {
        let says = |template, from: &Reading| {
            let args = [
                ("domain", say::named(self.area.domain)),
                ("before", Arg::Tenths(from.value)),
                ("now", Arg::Tenths(self.value)),
                ("since", Arg::Day(from.on)),
            ];
            say::reason(template, &args, vec![from.rests_on.clone(), Basis::Reported(self.number)])
        };
        let first = self.first.as_ref().map(|first| says("travelled-in-all", first));
        std::iter::once(says("travelled", before)).chain(first).collect()
    }
}

impl Asked {
    fn before_of(&self, area: &Area, person: Option<Person>) -> Option<Reading> {
        let (on, answers) = self.before.as_ref()?;
        let value = answers.point(area.question, person)?;
        Some(Reading { value, on: *on, rests_on: say::answered_before(area.question, person) })
    }

    /// Where it was not safe to ask about abuse, the form does not ask for its score.
    pub fn was_unsafe_to_ask(&self, area: &Area) -> bool {
        area.domain == "abuse" && self.answers.is_yes("safe-to-ask", None) == Some(false)
    }
}
