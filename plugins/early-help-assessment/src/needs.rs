//! The needs that are found: in what the family says, in low scores, and in the record.

use std::collections::BTreeSet;

use crate::areas::LISTED;
use crate::hearth::assessment::results;
use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::hearth::family::types::Person;
use crate::record::Record;
use crate::scores::Scores;
use crate::{Asked, say};

/// Answers by which the family owes money, which is a need by itself.
const OWING: [(&str, &str); 2] = [("has-debts", "debts-told"), ("rent-behind", "rent-behind-told")];
/// What the police had to do with somebody of the family. A call-out is not among them: it may be to one who was wronged.
const OFFENDING: [&str; 2] = ["offence", "complaints"];

/// The most reasons that one report may have.
const MOST_REASONS: usize = 20;

/// One need of one person, or of the family, and all that shows it.
pub struct Need {
    /// Code list problems.
    pub need: &'static str,
    pub person: Option<Person>,
    reasons: Vec<Reason>,
    /// What the host calls the report of it.
    pub number: u32,
}

/// In the order in which they were found.
#[derive(Default)]
pub struct Needs(pub Vec<Need>);

impl Needs {
    pub fn find(asked: &Asked, record: &Record, scores: &Scores) -> Self {
        let mut needs = Self::default();
        needs.told(asked);
        needs.scored_low(asked, scores);
        needs.away_from_school(asked, record);
        needs.helped_by_social_care(record);
        needs
    }

    fn told(&mut self, asked: &Asked) {
        for (option, need) in LISTED {
            if asked.answers.has_chosen("problems", option) {
                self.add(need, None, say::reason("problem-told", &[("need", say::code(need))], vec![say::answered("problems", None)]));
            }
        }
        if OFFENDING.iter().any(|option| asked.answers.has_chosen("police", option)) {
            self.add("crime-and-antisocial-behaviour", None, say::reason("police-told", &[], vec![say::answered("police", None)]));
        }
        for (question, template) in OWING {
            if asked.answers.is_yes(question, None) == Some(true) {
                self.add("work-and-money", None, say::reason(template, &[], vec![say::answered(question, None)]));
            }
        }
    }

    fn scored_low(&mut self, asked: &Asked, scores: &Scores) {
        let at = asked.settings.need_at;
        for score in scores.given.iter().filter(|score| score.value <= at) {
            let args = [("domain", say::named(score.area.domain)), ("score", Arg::Tenths(score.value)), ("at", Arg::Tenths(at))];
            let rests_on = vec![Basis::Reported(score.number), say::setting("need-at")];
            self.add(score.area.need, score.person, say::reason("score-low", &args, rests_on));
        }
    }

    /// Below the attendance that the programme asks for (004:L930-L934): told, or recorded.
    fn away_from_school(&mut self, asked: &Asked, record: &Record) {
        let percent = asked.settings.attendance_percent;
        let asks = |child, attendance| {
            [("child", Arg::Person(child)), ("attendance", Arg::Tenths(attendance)), ("asked", Arg::Count(percent.into()))]
        };
        for child in asked.answers.children() {
            if let Some(told) = asked.answers.tenths("attendance", Some(child)).filter(|told| *told < i32::from(percent) * 10) {
                let rests_on = vec![say::answered("attendance", Some(child)), say::setting("attendance-percent")];
                self.add("school-attendance", Some(child), say::reason("attendance-told", &asks(child, told), rests_on));
            }
            if let Some(share) = record.attendance(child).filter(|share| !share.reaches(percent)) {
                let mut rests_on = say::facts(share.facts);
                rests_on.push(say::setting("attendance-percent"));
                self.add("school-attendance", Some(child), say::reason("attendance-low", &asks(child, share.tenths), rests_on));
            }
        }
    }

    fn helped_by_social_care(&mut self, record: &Record) {
        for standing in record.helped() {
            let args = [("child", Arg::Person(standing.person)), ("status", say::code(&standing.status))];
            let reason = say::reason("helped", &args, say::facts([standing.fact]));
            self.add("children-who-need-help", Some(standing.person), reason);
        }
    }

    fn add(&mut self, need: &'static str, person: Option<Person>, reason: Reason) {
        match self.0.iter_mut().find(|found| (found.need, found.person) == (need, person)) {
            Some(found) if found.reasons.len() == MOST_REASONS => {}
            Some(found) => found.reasons.push(reason),
            None => self.0.push(Need { need, person, reasons: vec![reason], number: 0 }),
        }
    }

    /// The different needs, whosever they are.
    pub fn different(&self) -> BTreeSet<&'static str> {
        self.0.iter().map(|found| found.need).collect()
    }

    pub fn report(mut self) -> Self {
        for found in &mut self.0 {
            found.number = results::need(found.need, found.person, &found.reasons);
        }
        self
    }
}
