//! Signs of the six problems in the record. Domestic abuse and health have none here: their sections tell more than a screening
//! needs, and are not asked for.

use hearth_kit::share::{is_at_least, tenths_of_a_percent};

use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::hearth::family::types::{Fact, Person};
use crate::hearth::family::{education, employment, offending, safeguarding};
use crate::look::{Looked, look};
use crate::{Asked, holds, say};

/// Help by children's social care that shows a need (004:L130-L132; looked after is an own choice).
const HELPED: [&str; 3] = ["child-in-need", "child-protection-plan", "looked-after"];

/// One problem as far as the record tells of it.
pub struct Sign {
    /// Code list problems.
    pub problem: &'static str,
    /// What shows it; empty where nothing does.
    pub shown_by: Vec<Reason>,
    /// What of it is not known, one reason for each kind of fact; empty where all of it is.
    pub missing: Vec<Reason>,
    /// The searches that found nothing.
    pub searches: Vec<Basis>,
}

impl Sign {
    const fn of(problem: &'static str) -> Self {
        Self { problem, shown_by: Vec::new(), missing: Vec::new(), searches: Vec::new() }
    }

    /// Takes note of how well a kind of fact is known.
    fn looked<Row>(&mut self, kind: &str, looked: &Looked<Row>) {
        self.searches.extend(looked.search.iter().cloned());
        if !looked.complete {
            self.missing.push(say::reason("record-incomplete", &[("kind", say::code(kind))], looked.search.clone()));
        }
    }
}

/// In the order of the programme's six problems (004:L116-L139).
pub fn in_the_record(asked: &Asked) -> [Sign; 4] {
    [crime(asked), school(asked), children(asked), work(asked)]
}

fn crime(asked: &Asked) -> Sign {
    let window = asked.indicator_window();
    let offences = look("offending", "offence", window, offending::offences);
    let incidents = look("offending", "antisocial-incident", window, offending::antisocial_incidents);
    let mut sign = Sign::of("crime-and-antisocial-behaviour");
    let facts: Vec<Fact> = offences.rows.iter().map(|row| row.fact).chain(incidents.rows.iter().map(|row| row.fact)).collect();
    if !facts.is_empty() {
        let args = [("offences", say::count(offences.rows.len())), ("incidents", say::count(incidents.rows.len()))];
        sign.shown_by.push(say::reason("crime-recorded", &args, say::facts(facts)));
    }
    sign.looked("offence", &offences);
    sign.looked("antisocial-incident", &incidents);
    sign
}

fn school(asked: &Asked) -> Sign {
    let window = asked.indicator_window();
    let exclusions = look("education", "exclusion", window, education::exclusions);
    let attendances = look("education", "attendance", window, education::attendances);
    let mut sign = Sign::of("school-attendance");
    if !exclusions.rows.is_empty() {
        let args = [("number", say::count(exclusions.rows.len()))];
        sign.shown_by.push(say::reason("exclusions-recorded", &args, say::facts(exclusions.rows.iter().map(|row| row.fact))));
    }
    // A term that reaches over the edge of the window counts where its last day lies.
    let ended: Vec<_> = attendances.rows.iter().filter(|row| row.window.last.is_some_and(|last| holds(window, last))).collect();
    for rows in ended.chunk_by(|one, next| one.person == next.person) {
        let attended = rows.iter().map(|row| u32::from(row.attended)).sum();
        let possible = rows.iter().map(|row| u32::from(row.possible)).sum();
        let facts = rows.iter().map(|row| row.fact).collect();
        sign.shown_by.extend(attendance_below(asked, rows[0].person, attended, possible, facts));
    }
    sign.looked("exclusion", &exclusions);
    sign.looked("attendance", &attendances);
    sign
}

fn attendance_below(asked: &Asked, child: Person, attended: u32, possible: u32, facts: Vec<Fact>) -> Option<Reason> {
    let percent = asked.settings.attendance_percent;
    let share = tenths_of_a_percent(attended, possible)?;
    let args = [("child", Arg::Person(child)), ("attendance", Arg::Tenths(share)), ("asked", Arg::Count(percent.into()))];
    let mut rests_on = say::facts(facts);
    rests_on.push(say::setting("attendance-percent"));
    (!is_at_least(attended, possible, percent)).then(|| say::reason("attendance-below", &args, rests_on))
}

fn children(asked: &Asked) -> Sign {
    let standings = look("safeguarding", "safeguarding-standing", asked.that_day(), safeguarding::standings);
    let helped: Vec<_> = standings.rows.iter().filter(|row| HELPED.contains(&row.status.as_str())).collect();
    let mut sign = Sign::of("children-who-need-help");
    if !helped.is_empty() {
        let children = helped.chunk_by(|one, next| one.person == next.person).count();
        let args = [("children", say::count(children))];
        sign.shown_by.push(say::reason("help-recorded", &args, say::facts(helped.iter().map(|row| row.fact))));
    }
    sign.looked("safeguarding-standing", &standings);
    sign
}

fn work(asked: &Asked) -> Sign {
    let spells = look("employment", "benefit-spell", asked.that_day(), employment::benefit_spells);
    let out_of_work: Vec<_> = spells.rows.iter().filter(|row| row.out_of_work).collect();
    let mut sign = Sign::of("work-and-money");
    if !out_of_work.is_empty() {
        let people = out_of_work.chunk_by(|one, next| one.person == next.person).count();
        let args = [("people", say::count(people))];
        sign.shown_by.push(say::reason("out-of-work", &args, say::facts(out_of_work.iter().map(|row| row.fact))));
    }
    sign.looked("benefit-spell", &spells);
    sign
}
