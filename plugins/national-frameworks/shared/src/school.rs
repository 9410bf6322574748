//! Attendance, session by session, and "in school for three consecutive terms" (systems:L201, systems:L213).

use hearth_kit::share::{is_at_least, tenths_of_a_percent};

use crate::coverage::Coverage;
use crate::hearth::decision::messages::{Arg, Failure, Reason};
use crate::hearth::family::education::{Attendance, attendances};
use crate::hearth::family::types::{Absence, Day, Fact, Person, Window};
use crate::hearth::platform::calendar::{self, Term};
use crate::members::Members;
use crate::report::{Found, Report, Standing, Values};
use crate::say;
use crate::window::{from_to, holds, last};

/// From the last day of a term to the first of the next: more is no holiday, a term between them was not supplied.
const LONGEST_HOLIDAY: i32 = 61;
/// The setting that says how many terms are asked for, and the source that says which there were.
const TERMS: &str = "terms";

/// One child's half-day sessions in a window: those of the facts whose last day lies in it, whole.
pub struct Sessions {
    child: Person,
    facts: Vec<Fact>,
    possible: u32,
    attended: u32,
    window: Window,
}

impl Sessions {
    #[must_use]
    pub fn of(child: Person, rows: &[Attendance], window: Window) -> Self {
        let mut sessions = Self { child, facts: Vec::new(), possible: 0, attended: 0, window };
        for row in rows.iter().filter(|row| row.person == child && row.window.last.is_some_and(|last| holds(window, last))) {
            sessions.facts.push(row.fact);
            sessions.possible += u32::from(row.possible);
            sessions.attended += u32::from(row.attended);
        }
        sessions
    }

    /// Tenths of a per cent; none where no session is recorded.
    #[must_use]
    pub fn share(&self) -> Option<i32> {
        tenths_of_a_percent(self.attended, self.possible)
    }

    #[must_use]
    pub fn reach(&self, percent: u32) -> bool {
        self.possible > 0 && is_at_least(self.attended, self.possible, percent)
    }

    /// How the share stands to the threshold. Where more sessions may be missing there is no verdict.
    #[must_use]
    pub fn says(&self, known: bool, percent: u32) -> Reason {
        let template = match self.share() {
            None => "attendance-not-recorded",
            Some(_) if !known => "attendance-so-far",
            Some(_) if self.reach(percent) => "attendance-enough",
            Some(_) => "attendance-below",
        };
        let mut args = vec![("child", Arg::Person(self.child)), ("until", Arg::Day(last(self.window)))];
        args.extend(self.share().map(|share| ("attendance", Arg::Tenths(share))));
        if known && self.share().is_some() {
            args.push(("asked", Arg::Count(percent.into())));
        }
        let rests_on = say::facts_or_none(self.facts.iter().copied(), "education", "attendance", self.window);
        say::reason(template, &args, rests_on)
    }
}

/// A term that has ended, what it asks for, and what is known of it.
struct Ended {
    window: Window,
    percent: u32,
    rows: Vec<Attendance>,
    coverage: Coverage,
}

/// One finding for each child of school age in the home, and for each resident who may be one: at least `percent` (of the term's
/// first day) of the sessions in each of the last `needed` consecutive terms of those that ended since `since`.
pub fn consecutive_terms(
    criterion: &'static str,
    since: Day,
    members: &Members,
    needed: u32,
    percent: impl Fn(Day) -> u32,
    report: &mut Report,
) -> Result<(), Failure> {
    let all = from_to(since, members.on);
    let (children, without_age) = (members.children_of_school_age(), members.without_age());
    if children.is_empty() && without_age.is_empty() {
        let reasons = vec![members.says_no_child_of_school_age()];
        report.add_for_outcome(Found::new(criterion, Standing::NotApplicable, all, reasons));
    }
    let terms = last_terms(all, needed, percent)?;
    for child in children {
        let found = match &terms {
            Ok(terms) => judge(criterion, child, terms),
            Err((standing, reason)) => Found::new(criterion, *standing, all, vec![reason.clone()]),
        };
        report.add_for_outcome(Found { person: Some(child), ..found });
    }
    for person in without_age {
        let found = Found::new(criterion, Standing::NotEnoughEvidence, all, vec![members.says("age-unknown", person)]);
        report.add_for_outcome(Found { person: Some(person), ..found });
    }
    Ok(())
}

fn judge(criterion: &'static str, child: Person, terms: &[Ended]) -> Found {
    let mut standings = Vec::new();
    let mut reasons = Vec::new();
    let mut values = Values::default();
    for ended in terms {
        let sessions = Sessions::of(child, &ended.rows, ended.window);
        let known = ended.coverage.of_person("attendance", child) && sessions.share().is_some();
        standings.push(match known {
            false => Standing::NotEnoughEvidence,
            true if sessions.reach(ended.percent) => Standing::Met,
            true => Standing::NotMet,
        });
        reasons.push(sessions.says(known, ended.percent));
        if !known {
            reasons.push(ended.coverage.known("attendance", false, sessions.facts.len()).reason);
        }
        // Of the last term, with the first term's share before it.
        values.before = values.before.or(sessions.share());
        values.now = sessions.share();
        values.threshold = Some(say::tenths(ended.percent as usize));
    }
    let window = from_to(terms[0].window.first, last(terms[terms.len() - 1].window));
    Found { values, ..Found::new(criterion, Standing::of_all(standings), window, reasons) }
}

/// The last `needed` terms that ended in the window; otherwise how every child stands without them, and why.
fn last_terms(window: Window, needed: u32, percent: impl Fn(Day) -> u32) -> Result<Result<Vec<Ended>, (Standing, Reason)>, Failure> {
    let needed = needed as usize;
    let not_known = || Ok(Err((Standing::NotEnoughEvidence, say::reason("terms-not-supplied", &[], vec![say::read(TERMS)]))));
    let mut terms = match calendar::terms(window) {
        Ok(terms) => terms,
        Err(absence) if absence.why == "not-supplied" => return not_known(),
        Err(absence) => return Err(absence.into()),
    };
    terms.retain(|term| last(term.window) <= last(window));
    if terms.len() < needed {
        let args = [("ended", say::count(terms.len())), ("needed", say::count(needed))];
        return Ok(Err((Standing::NotMet, say::reason("too-few-terms", &args, vec![say::read(TERMS), say::setting(TERMS)]))));
    }
    let terms = terms.split_off(terms.len() - needed);
    if !consecutive(&terms) {
        return not_known();
    }
    let read = |Term { window, .. }| -> Result<Ended, Absence> {
        let (rows, coverage) = (attendances(window)?, Coverage::read("education", window)?);
        Ok(Ended { window, percent: percent(window.first), rows, coverage })
    };
    Ok(Ok(terms.into_iter().map(read).collect::<Result<_, _>>()?))
}

/// Is no term missing between them?
fn consecutive(terms: &[Term]) -> bool {
    terms.windows(2).all(|pair| pair[1].window.first - last(pair[0].window) <= LONGEST_HOLIDAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fact: Fact, person: Person, first: i32, last: Option<i32>, possible: u16, attended: u16) -> Attendance {
        Attendance { fact, person, window: Window { first, last }, possible, attended, unauthorised: 0 }
    }

    #[test]
    fn a_term_counts_whole_where_its_last_day_lies() {
        let rows = [
            row(1, 7, 50, Some(99), 40, 0),
            row(2, 7, 60, Some(100), 40, 30),
            row(3, 7, 150, Some(200), 60, 60),
            row(4, 7, 160, Some(201), 60, 0),
            row(5, 7, 160, None, 60, 0),
            row(6, 8, 150, Some(180), 60, 0),
        ];
        let sessions = Sessions::of(7, &rows, from_to(100, 200));
        assert_eq!((sessions.facts.clone(), sessions.share()), (vec![2, 3], Some(900)));
        assert!(sessions.reach(90) && !sessions.reach(91));
    }

    #[test]
    fn terms_with_more_than_a_holiday_between_them_are_not_consecutive() {
        let term = |first, last| Term { name: "spring".into(), window: from_to(first, last) };
        assert!(consecutive(&[term(0, 70), term(84, 150), term(150 + 61, 300)]));
        assert!(!consecutive(&[term(0, 70), term(70 + 62, 200)]));
    }
}
