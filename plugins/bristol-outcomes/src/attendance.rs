//! School attendance: the threshold that counts, and the distance travelled, which is said and does not (004:L930-L938).

use hearth_kit::share::{is_at_least, tenths_of_a_percent};

use crate::coverage::Coverage;
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::education::{Attendance, attendances};
use crate::hearth::family::types::{Fact, Person, Window};
use crate::hearth::platform::calendar;
use crate::members::Members;
use crate::report::{Found, Report, Standing, Values};
use crate::stay::Stay;
use crate::{Asked, holds, say};

const CRITERION: &str = "education-1";
const NEED: &str = "school-attendance";

/// One finding for each child of school age in the home, and for each resident who may be one.
pub fn each_child(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let window = asked.months_back(asked.settings.attendance_months);
    let earlier = calendar::months_to(stay.engaged - 1, asked.settings.attendance_months);
    let members = Members::on(asked.on)?;
    let children = members.children_of_school_age();
    let without_age = members.without_age();
    let (now, before) = (attendances(window)?, attendances(earlier)?);
    let coverage = Coverage::read("education", window)?;
    let counts = stay.has_need(NEED);
    let ask_again = Some(asked.months_on(3));
    let missing = |kind| say::message("find-evidence", &[("kind", say::code(kind))]);

    let mut persons: Vec<Person> = children.iter().chain(&without_age).copied().collect();
    persons.sort_unstable();
    for person in persons {
        let (found, kind) = if children.contains(&person) {
            let child = Child { person, before: Sessions::of(person, &before, earlier), now: Sessions::of(person, &now, window) };
            let known = coverage.of_person("attendance", person);
            (child.found(&coverage, known, asked.settings.attendance_percent, window), "attendance")
        } else {
            (age_unknown(&members, person, window), "birth")
        };
        report.add_for_outcome(Found { ask_again, ..found }, counts, missing(kind));
    }
    if children.is_empty() && without_age.is_empty() {
        report.add_for_outcome(nobody(&members, window), counts, missing("attendance"));
    }
    Ok(())
}

/// One child's half-day sessions in a window: those of the facts whose last day lies in it, whole.
pub struct Sessions {
    facts: Vec<Fact>,
    possible: u32,
    attended: u32,
    window: Window,
}

impl Sessions {
    pub fn of(child: Person, rows: &[Attendance], window: Window) -> Self {
        let mut sessions = Self { facts: Vec::new(), possible: 0, attended: 0, window };
        for row in rows.iter().filter(|row| row.person == child && row.window.last.is_some_and(|last| holds(window, last))) {
            sessions.facts.push(row.fact);
            sessions.possible += u32::from(row.possible);
            sessions.attended += u32::from(row.attended);
        }
        sessions
    }

    /// Tenths of a per cent; none where no session is recorded.
    pub fn share(&self) -> Option<i32> {
        tenths_of_a_percent(self.attended, self.possible)
    }

    pub fn reaches(&self, percent: u32) -> bool {
        self.possible > 0 && is_at_least(self.attended, self.possible, percent)
    }

    fn basis(&self) -> Vec<Basis> {
        say::facts_or_none(self.facts.iter().copied(), "education", "attendance", self.window)
    }

    /// How the share stands to the threshold; none where there is no share.
    pub fn says(&self, child: Person, percent: u32) -> Option<Reason> {
        let template = if self.reaches(percent) { "attendance-enough" } else { "attendance-below" };
        let args = [("child", Arg::Person(child)), ("attendance", Arg::Tenths(self.share()?)), ("asked", Arg::Count(percent.into()))];
        Some(say::reason(template, &args, self.basis()))
    }

    /// The share without a verdict, where more sessions may be missing; none where there is no share.
    fn says_so_far(&self, child: Person) -> Option<Reason> {
        let args = [("child", Arg::Person(child)), ("attendance", Arg::Tenths(self.share()?))];
        Some(say::reason("attendance-so-far", &args, self.basis()))
    }

    pub fn says_not_recorded(&self, child: Person) -> Reason {
        say::reason("attendance-not-recorded", &[("child", Arg::Person(child))], self.basis())
    }
}

struct Child {
    person: Person,
    before: Sessions,
    now: Sessions,
}

impl Child {
    fn found(&self, coverage: &Coverage, known: bool, percent: u32, window: Window) -> Found {
        let standing = match (known, self.now.share()) {
            (false, _) | (_, None) => Standing::NotEnoughEvidence,
            _ if self.now.reaches(percent) => Standing::Met,
            _ => Standing::NotMet,
        };
        let mut reasons = vec![self.says_now(known, percent)];
        if !known {
            reasons.push(coverage.known("attendance", false, self.now.facts.len()).reason);
        }
        reasons.extend(self.says_travelled());
        let values = Values { before: self.before.share(), now: self.now.share(), threshold: Some(say::tenths(percent)) };
        Found { criterion: CRITERION, person: Some(self.person), standing, window, values, reasons, ask_again: None }
    }

    fn says_now(&self, known: bool, percent: u32) -> Reason {
        let said = if known { self.now.says(self.person, percent) } else { self.now.says_so_far(self.person) };
        said.unwrap_or_else(|| self.now.says_not_recorded(self.person))
    }

    /// From 0% to 60% is worth saying, though the plan does not pay for it.
    fn says_travelled(&self) -> Option<Reason> {
        let args =
            [("child", Arg::Person(self.person)), ("before", Arg::Tenths(self.before.share()?)), ("now", Arg::Tenths(self.now.share()?))];
        let facts = self.before.facts.iter().chain(&self.now.facts).copied();
        Some(say::reason("attendance-travelled", &args, say::facts(facts)))
    }
}

fn age_unknown(members: &Members, person: Person, window: Window) -> Found {
    Found {
        criterion: CRITERION,
        person: Some(person),
        standing: Standing::NotEnoughEvidence,
        window,
        values: Values::default(),
        reasons: vec![members.says_age_unknown(person)],
        ask_again: None,
    }
}

fn nobody(members: &Members, window: Window) -> Found {
    Found {
        criterion: CRITERION,
        person: None,
        standing: Standing::NotApplicable,
        window,
        values: Values::default(),
        reasons: vec![members.says_no_child_of_school_age()],
        ask_again: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(fact: Fact, person: Person, first: i32, last: Option<i32>, possible: u16, attended: u16) -> Attendance {
        Attendance { fact, person, window: Window { first, last }, possible, attended, unauthorised: 0 }
    }

    #[test]
    fn a_term_counts_whole_where_its_last_day_lies() {
        let window = Window { first: 100, last: Some(200) };
        let rows = [
            term(1, 7, 50, Some(99), 40, 0),
            term(2, 7, 60, Some(100), 40, 30),
            term(3, 7, 150, Some(200), 60, 60),
            term(4, 7, 160, Some(201), 60, 0),
            term(5, 7, 160, None, 60, 0),
            term(6, 8, 150, Some(180), 60, 0),
        ];
        let sessions = Sessions::of(7, &rows, window);
        assert_eq!((sessions.facts.clone(), sessions.share()), (vec![2, 3], Some(900)));
        assert!(sessions.reaches(90) && !sessions.reaches(91));
    }

    #[test]
    fn no_sessions_reach_nothing() {
        let sessions = Sessions::of(7, &[], Window { first: 0, last: Some(9) });
        assert_eq!(sessions.share(), None);
        assert!(!sessions.reaches(0));
    }
}
