//! Is each child of school age in the home at school often enough?

use std::collections::BTreeSet;

use hearth_kit::coverage::is_known;
use hearth_kit::share::{is_at_least, tenths_of_a_percent};

use crate::exports::hearth::outcomes::rules::Guest;
use crate::hearth::decision::messages::{Failure, Reason};
use crate::hearth::family::coverage::{Span, spans};
use crate::hearth::family::education::{Attendance, attendances};
use crate::hearth::family::household::{Member, ages, members};
use crate::hearth::family::types::{Absence, Day, Person, Window};
use crate::hearth::outcomes::findings::{self, Finding};
use crate::hearth::platform::{calendar, run};
use crate::manifest::{Settings, facts, holds, one_day, reason, say, searched, searched_of};
use crate::{Plugin, tell_panics};

impl Guest for Plugin {
    /// Code list eligibilities.
    fn eligibility() -> Result<String, Failure> {
        let standings = each_child()?;
        let any = |standing| standings.contains(&standing);
        let answer = match () {
            () if any("not-met") => "eligible",
            () if any("not-enough-evidence") => "not-enough-evidence",
            () => "not-eligible",
        };
        Ok(answer.into())
    }

    /// Code list outcomes.
    fn progress() -> Result<String, Failure> {
        let standings: Vec<_> = each_child()?.into_iter().filter(|standing| *standing != "not-applicable").collect();
        let answer = match standings.iter().filter(|standing| **standing == "met").count() {
            0 => "none-yet",
            met if met == standings.len() => "significant-and-sustained",
            _ => "progress",
        };
        Ok(answer.into())
    }
}

/// What is found of one child, or of the family.
struct Found {
    person: Option<Person>,
    standing: &'static str,
    now: Option<i32>,
    threshold: Option<i32>,
    reasons: Vec<Reason>,
}

/// Reports a finding for each child of school age in the home, and gives their standings.
fn each_child() -> Result<Vec<&'static str>, Absence> {
    tell_panics();
    let (today, settings) = (run::as_of(), Settings::read());
    let window = calendar::months_to(today, settings.months);
    let members: Vec<_> = members(one_day(today))?.into_iter().filter(|member| member.resident).collect();
    let persons: Vec<_> = members.iter().map(|member| member.person).collect::<BTreeSet<_>>().into_iter().collect();
    let rows = attendances(window)?;
    let spans = spans("education", window)?;

    let mut found = Vec::new();
    for (&person, age) in persons.iter().zip(ages(&persons, today)?) {
        match age.map(u32::from) {
            None => found.push(age_unknown(person, &members)),
            Some(age) if (settings.youngest..=settings.oldest).contains(&age) => {
                found.push(child(person, &rows, &spans, window, settings.attendance_percent));
            }
            Some(_) => {}
        }
    }
    if found.is_empty() {
        found.push(nobody(&members, today));
    }
    let standings = found.iter().map(|found| found.standing).collect();
    for Found { person, standing, now, threshold, reasons } in found {
        let open = matches!(standing, "not-met" | "not-enough-evidence");
        findings::add(&Finding {
            criterion: "attendance".into(),
            person,
            standing: standing.into(),
            window,
            before: None,
            now,
            threshold,
            reasons,
            look_again: open.then(|| calendar::months_after(today, 1)),
        });
    }
    Ok(standings)
}

fn child(person: Person, rows: &[Attendance], spans: &[Span], window: Window, percent: u32) -> Found {
    // A term that reaches over the edge of the window counts where its last day lies.
    let counts = |row: &&Attendance| row.person == person && row.window.last.is_some_and(|last| holds(window, last));
    let own: Vec<_> = rows.iter().filter(counts).collect();
    let possible = own.iter().map(|row| u32::from(row.possible)).sum();
    let attended = own.iter().map(|row| u32::from(row.attended)).sum();
    let share = tenths_of_a_percent(attended, possible);
    let known = is_known(spans, "attendance", (window.first, window.last), Some(person));
    let search = searched_of(person, "education", "attendance", window, own.len());

    let mut reasons = vec![match share {
        None => reason(say::no_sessions(person), search.clone()),
        Some(share) => reason(say::attended(person, share, possible), facts(own.iter().map(|row| row.fact))),
    }];
    if !known {
        reasons.push(reason(say::not_known(person), search));
    }
    let standing = match share {
        Some(_) if known && is_at_least(attended, possible, percent) => "met",
        Some(_) if known => "not-met",
        _ => "not-enough-evidence",
    };
    Found { person: Some(person), standing, now: share, threshold: i32::try_from(percent * 10).ok(), reasons }
}

fn age_unknown(person: Person, members: &[Member]) -> Found {
    let own = members.iter().filter(|member| member.person == person).map(|member| member.fact);
    let reasons = vec![reason(say::age_unknown(person), facts(own))];
    Found { person: Some(person), standing: "not-enough-evidence", now: None, threshold: None, reasons }
}

fn nobody(members: &[Member], today: Day) -> Found {
    let search = searched("household", "membership", one_day(today), members.len());
    Found { person: None, standing: "not-applicable", now: None, threshold: None, reasons: vec![reason(say::no_child(), search)] }
}
