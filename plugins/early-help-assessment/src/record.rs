//! What the family's record says of what the form asks.

use hearth_kit::coverage::{Piece, is_known};
use hearth_kit::share::{is_at_least, tenths_of_a_percent};

use crate::areas::{Area, LEAST, MOST};
use crate::hearth::decision::messages::Basis;
use crate::hearth::family::assessments::{self, Score};
use crate::hearth::family::coverage::{Span, spans};
use crate::hearth::family::education::{Attendance, attendances};
use crate::hearth::family::safeguarding::{Standing, standings};
use crate::hearth::family::support::{Goal, goals};
use crate::hearth::family::types::{Absence, Day, Fact, Person, Window};
use crate::scores::Reading;
use crate::{Asked, FORM};

/// The first day that the interface has.
const BEGINNING: Day = -135_140;
/// Help by children's social care that shows a need (004:L130-L132; looked after is an own choice).
const HELPED: [&str; 3] = ["child-in-need", "child-protection-plan", "looked-after"];

pub struct Record {
    standings: Vec<Standing>,
    plans: Known,
    sessions: Vec<Attendance>,
    sessions_in: Window,
    sessions_known: Vec<Span>,
    goals: Vec<Goal>,
    readings: Vec<Score>,
}

/// How well it is known whether a child is under a child protection plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    Whole,
    InPart,
    /// The authority does not lend it: it is left out of account.
    NotLent,
}

/// How often a child was at school.
pub struct Share {
    /// Of a per cent, rounded down.
    pub tenths: i32,
    pub facts: Vec<Fact>,
    attended: u32,
    possible: u32,
}

impl Share {
    pub fn reaches(&self, percent: u8) -> bool {
        is_at_least(self.attended, self.possible, percent.into())
    }
}

impl Record {
    /// Sections that were not granted are read as empty.
    pub fn read(asked: &Asked) -> Result<Self, Absence> {
        let sessions_in = asked.months_back(asked.settings.attendance_months);
        let until_yesterday = Window { first: BEGINNING, last: Some(asked.on - 1) };
        let (standings, plans) = standings_on(asked.that_day())?;
        Ok(Self {
            standings,
            plans,
            sessions: attendances(sessions_in).unwrap_or_default(),
            sessions_in,
            sessions_known: spans("education", sessions_in).unwrap_or_default(),
            goals: goals(asked.that_day()).unwrap_or_default(),
            readings: assessments::scores(until_yesterday).unwrap_or_default(),
        })
    }

    /// Child protection plans that are open on the date asked about.
    pub fn plans(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| standing.status == "child-protection-plan")
    }

    pub const fn plans_known(&self) -> Known {
        self.plans
    }

    /// Children whom social care helps on the date asked about.
    pub fn helped(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| HELPED.contains(&standing.status.as_str()))
    }

    /// The child's attendance: none unless it is known for the whole window and there was a session.
    pub fn attendance(&self, child: Person) -> Option<Share> {
        if !is_known(&self.sessions_known, "attendance", ends(self.sessions_in), Some(child)) {
            return None;
        }
        // A term counts whole where its last day lies.
        let ends_in = |row: &&Attendance| row.window.last.is_some_and(|last| holds(self.sessions_in, last));
        let rows: Vec<_> = self.sessions.iter().filter(|row| row.person == child).filter(ends_in).collect();
        let attended = rows.iter().map(|row| u32::from(row.attended)).sum();
        let possible = rows.iter().map(|row| u32::from(row.possible)).sum();
        let tenths = tenths_of_a_percent(attended, possible)?;
        Some(Share { tenths, facts: rows.iter().map(|row| row.fact).collect(), attended, possible })
    }

    /// Is there an open goal of the plan in the area?
    pub fn has_goal(&self, area: &Area, person: Option<Person>) -> bool {
        self.goals.iter().any(|goal| goal.state == "set" && goal.domain == area.domain && goal.person == person)
    }

    /// Earlier scores that may be compared: those given in this form, on its scale.
    pub fn readings(&self, area: &Area, person: Option<Person>) -> impl Iterator<Item = Reading> {
        let comparable = move |score: &&Score| {
            (score.form.as_str(), score.domain.as_str(), score.person) == (FORM, area.domain, person)
                && (score.least, score.most, score.higher_is_better) == (LEAST, MOST, true)
        };
        self.readings.iter().filter(comparable).map(|s| Reading { value: s.value, on: s.on, rests_on: Basis::Fact(s.fact) })
    }
}

/// Standings that touch the day, and how well they are known there.
fn standings_on(day: Window) -> Result<(Vec<Standing>, Known), Absence> {
    let found = match standings(day) {
        Ok(found) => found,
        Err(absence) if absence.why == "not-granted" => return Ok((Vec::new(), Known::NotLent)),
        Err(_) => return Ok((Vec::new(), Known::InPart)),
    };
    let whole = is_known(&spans("safeguarding", day)?, "safeguarding-standing", ends(day), None);
    Ok((found, if whole { Known::Whole } else { Known::InPart }))
}

impl<'a> From<&'a Span> for Piece<'a> {
    fn from(span: &'a Span) -> Self {
        let Window { first, last } = span.window;
        Self { person: span.person, kind: &span.kind, first, last, complete: span.state == "complete" }
    }
}

const fn ends(window: Window) -> (Day, Option<Day>) {
    (window.first, window.last)
}

fn holds(window: Window, day: Day) -> bool {
    window.first <= day && window.last.is_none_or(|last| day <= last)
}
