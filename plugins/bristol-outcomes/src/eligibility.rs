//! Which of the six problems the family has (004:L116-L139): by what was found at entry, and by what the record shows.

use std::collections::BTreeSet;

use crate::attendance::Sessions;
use crate::coverage::{Coverage, Known};
use crate::hearth::decision::messages::{Basis, Failure, Reason};
use crate::hearth::family::types::{Fact, Person, Window};
use crate::hearth::family::{education, employment, offending, safeguarding};
use crate::members::Members;
use crate::report::{Found, Report, Standing, Values};
use crate::stay::Stay;
use crate::{Asked, holds, say};

/// Standings with children's social care that the programme names (004:L130-L132), and being looked after.
const NEEDS_HELP: [&str; 3] = ["child-in-need", "child-protection-plan", "looked-after"];

/// What the record shows of one problem.
struct Sign {
    window: Window,
    present: bool,
    /// What is recorded, for or against.
    recorded: Vec<Reason>,
    /// How well it is known. Where all of it is complete, what is not recorded did not happen.
    known: Vec<Known>,
}

/// One finding for each problem, in the order of the code list.
pub fn each_problem(asked: &Asked, stay: Option<&Stay>, report: &mut Report) -> Result<(), Failure> {
    let members = Members::on(asked.on)?;
    for (problem, criterion, sign) in [
        ("crime-and-antisocial-behaviour", "need-crime", crime(asked)?),
        ("school-attendance", "need-attendance", school(asked, &members)?),
        ("children-who-need-help", "need-children", children(asked)?),
        ("work-and-money", "need-work", work(asked, &members)?),
        ("domestic-abuse", "need-abuse", abuse(asked)?),
        ("health", "need-health", health(asked, stay)),
    ] {
        report.add(found(problem, criterion, sign, asked, stay));
    }
    Ok(())
}

/// Eligible if enough problems are present; not, if they could not be enough even were the unknown ones present.
pub fn answer(report: &Report, needed: u32) -> &'static str {
    decide(report.standings(), needed as usize)
}

fn decide(standings: impl Iterator<Item = Standing>, needed: usize) -> &'static str {
    let (mut present, mut unknown) = (0, 0);
    for standing in standings {
        present += usize::from(standing == Standing::Met);
        unknown += usize::from(standing == Standing::NotEnoughEvidence);
    }
    if present >= needed {
        "eligible"
    } else if present + unknown >= needed {
        "not-enough-evidence"
    } else {
        "not-eligible"
    }
}

fn found(problem: &str, criterion: &'static str, sign: Sign, asked: &Asked, stay: Option<&Stay>) -> Found {
    let at_entry = stay.filter(|stay| stay.has_need(problem));
    let standing = match () {
        () if at_entry.is_some() || sign.present => Standing::Met,
        () if sign.known.iter().all(|known| known.complete) => Standing::NotMet,
        () => Standing::NotEnoughEvidence,
    };
    let said_at_entry = at_entry.map(|stay| say::reason("need-at-entry", &[("need", say::code(problem))], stay.basis()));
    let mut reasons: Vec<Reason> = said_at_entry.into_iter().chain(sign.recorded).collect();
    if standing != Standing::Met {
        reasons.extend(sign.known.into_iter().map(|known| known.reason));
    }
    let ask_again = Some(asked.months_on(1));
    Found { criterion, person: None, standing, window: sign.window, values: Values::default(), reasons, ask_again }
}

/// Any offence or antisocial behaviour by a member.
fn crime(asked: &Asked) -> Result<Sign, Failure> {
    let window = asked.months_back(asked.settings.indicator_months);
    let offences: Vec<Fact> = offending::offences(window)?.iter().map(|o| o.fact).collect();
    let incidents: Vec<Fact> = offending::antisocial_incidents(window)?.iter().map(|i| i.fact).collect();
    let coverage = Coverage::read("offending", window)?;
    let present = !offences.is_empty() || !incidents.is_empty();
    let args = [("offences", say::count(offences.len())), ("incidents", say::count(incidents.len()))];
    let known = [("offence", offences.len()), ("antisocial-incident", incidents.len())]
        .map(|(kind, found)| coverage.known(kind, coverage.of_family(kind), found));
    let recorded = say::reason("crime-recorded", &args, say::facts(offences.into_iter().chain(incidents)));
    Ok(Sign { window, present, recorded: when(present, recorded), known: known.into() })
}

/// A child of school age below the threshold, or anyone excluded.
fn school(asked: &Asked, members: &Members) -> Result<Sign, Failure> {
    let window = asked.months_back(asked.settings.indicator_months);
    let percent = asked.settings.attendance_percent;
    let (rows, exclusions) = (education::attendances(window)?, education::exclusions(window)?);
    let coverage = Coverage::read("education", window)?;
    let children = members.children_of_school_age();

    let mut present = !exclusions.is_empty();
    let excluded = say::reason(
        "exclusions-recorded",
        &[("number", say::count(exclusions.len()))],
        say::facts(exclusions.iter().map(|exclusion| exclusion.fact)),
    );
    let mut recorded = when(present, excluded);
    // Without one session recorded, nobody knows that the child goes to school.
    let mut all_attend_somewhere = true;
    for child in &children {
        let sessions = Sessions::of(*child, &rows, window);
        match sessions.says(*child, percent) {
            Some(said) => {
                present |= !sessions.reaches(percent);
                recorded.push(said);
            }
            None => {
                all_attend_somewhere = false;
                recorded.push(sessions.says_not_recorded(*child));
            }
        }
    }
    let without_age = members.without_age();
    recorded.extend(without_age.iter().map(|person| members.says_age_unknown(*person)));
    if children.is_empty() && without_age.is_empty() {
        recorded.push(members.says_no_child_of_school_age());
    }

    let of_children = |kind| children.iter().all(|child| coverage.of_person(kind, *child));
    let attendance_known = of_children("attendance") && all_attend_somewhere && without_age.is_empty();
    let known = vec![
        coverage.known("attendance", attendance_known, rows.len()),
        coverage.known("exclusion", of_children("exclusion"), exclusions.len()),
    ];
    Ok(Sign { window, present, recorded, known })
}

/// A child in need, under a protection plan or looked after on any day of the window.
fn children(asked: &Asked) -> Result<Sign, Failure> {
    let window = asked.months_back(asked.settings.indicator_months);
    let standings = safeguarding::standings(window)?;
    let helped: Vec<_> = standings.iter().filter(|s| NEEDS_HELP.contains(&s.status.as_str())).collect();
    let persons: BTreeSet<Person> = helped.iter().map(|s| s.person).collect();
    let coverage = Coverage::read("safeguarding", window)?;
    let known = coverage.known("safeguarding-standing", coverage.of_family("safeguarding-standing"), standings.len());
    let facts = say::facts(helped.iter().map(|s| s.fact));
    let recorded = say::reason("help-recorded", &[("children", say::count(persons.len()))], facts);
    Ok(Sign { window, present: !persons.is_empty(), recorded: when(!persons.is_empty(), recorded), known: vec![known] })
}

/// An adult member on an out-of-work benefit on the day itself.
fn work(asked: &Asked, members: &Members) -> Result<Sign, Failure> {
    let window = asked.that_day();
    let spells = employment::benefit_spells(window)?;
    let out_of_work: Vec<_> = spells.iter().filter(|s| s.out_of_work && holds(s.window, asked.on)).collect();
    let of_adults: Vec<_> = out_of_work.iter().filter(|s| members.is_adult(s.person) == Some(true)).collect();
    let adults: BTreeSet<Person> = of_adults.iter().map(|s| s.person).collect();
    let maybe_adults: BTreeSet<Person> = out_of_work.iter().map(|s| s.person).filter(|p| members.is_adult(*p).is_none()).collect();
    let present = !adults.is_empty();

    let said = say::reason("out-of-work", &[("adults", say::count(adults.len()))], say::facts(of_adults.iter().map(|s| s.fact)));
    let mut recorded = when(present, said);
    recorded.extend(maybe_adults.iter().map(|person| members.says_age_unknown(*person)));
    let coverage = Coverage::read("employment", window)?;
    let complete = coverage.of_family("benefit-spell") && maybe_adults.is_empty();
    Ok(Sign { window, present, recorded, known: vec![coverage.known("benefit-spell", complete, spells.len())] })
}

/// Police call-outs for domestic abuse: several, or one with a child there.
fn abuse(asked: &Asked) -> Result<Sign, Failure> {
    let window = asked.months_back(asked.settings.callout_months);
    let callouts = offending::police_callouts(window)?;
    let domestic: Vec<_> = callouts.iter().filter(|c| c.domestic).collect();
    let with_child = domestic.iter().filter(|c| c.child_present == Some(true)).count();
    let maybe_with_child = domestic.iter().any(|c| c.child_present.is_none());
    let present = domestic.len() >= asked.settings.domestic_callouts as usize || with_child > 0;

    let args = [("number", say::count(domestic.len())), ("with-child", say::count(with_child))];
    let said = say::reason("domestic-callouts", &args, say::facts(domestic.iter().map(|c| c.fact)));
    let coverage = Coverage::read("offending", window)?;
    let complete = coverage.of_family("police-callout") && !maybe_with_child;
    let known = vec![coverage.known("police-callout", complete, callouts.len())];
    Ok(Sign { window, present, recorded: when(!domestic.is_empty(), said), known })
}

/// The record has no section about health: only what was found at entry tells.
fn health(asked: &Asked, stay: Option<&Stay>) -> Sign {
    let window = asked.that_day();
    let rests_on: Vec<Basis> = stay.map_or_else(|| say::searched("support", "episode", window, 0), Stay::basis);
    let reason = say::reason("no-section", &[("need", say::code("health"))], rests_on);
    Sign { window, present: false, recorded: Vec::new(), known: vec![Known { complete: false, reason }] }
}

fn when(there_is: bool, reason: Reason) -> Vec<Reason> {
    if there_is { vec![reason] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::Standing::{Met, NotEnoughEvidence, NotMet};
    use super::*;

    #[test]
    fn a_family_is_not_refused_for_what_is_not_known() {
        for (standings, expected) in [
            ([Met, Met, NotMet], "eligible"),
            ([Met, NotMet, NotMet], "not-eligible"),
            ([Met, NotMet, NotEnoughEvidence], "not-enough-evidence"),
            ([NotMet, NotEnoughEvidence, NotEnoughEvidence], "not-enough-evidence"),
            ([NotMet, NotMet, NotEnoughEvidence], "not-eligible"),
        ] {
            assert_eq!(decide(standings.into_iter(), 2), expected, "{standings:?}");
        }
    }
}
