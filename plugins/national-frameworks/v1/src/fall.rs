//! Youth crime down by a third, antisocial behaviour by 60% (systems:L201): the months up to the date asked about, compared with
//! as many before the family was engaged.

use hearth_kit::share::most_after_a_fall;
use national_framework::coverage::Coverage;
use national_framework::hearth::decision::messages::Arg;
use national_framework::hearth::family::types::{Absence, Fact, Window};
use national_framework::hearth::family::{household, offending};
use national_framework::members::ADULT;
use national_framework::report::{Found, Report, Standing, Values};
use national_framework::stay::Stay;
use national_framework::{Failure, months_to, say};

use crate::Asked;

/// What there should be less of.
struct Less {
    criterion: &'static str,
    kind: &'static str,
    percent: u32,
}

/// What was recorded in a window.
struct Seen {
    facts: Vec<Fact>,
    /// Is every one of them told apart: was it somebody under 18?
    sorted: bool,
}

/// Offences by members who were under 18 on the day.
pub fn youth_crime(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let less = Less { criterion: "youth-crime", kind: "offence", percent: asked.settings.youth_crime_percent };
    less.report(asked, stay, youth_offences, report)
}

/// Antisocial behaviour by any member or by the household.
pub fn antisocial_behaviour(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let less = Less { criterion: "antisocial-behaviour", kind: "antisocial-incident", percent: asked.settings.antisocial_percent };
    let read = |window| {
        let facts = offending::antisocial_incidents(window)?.iter().map(|incident| incident.fact).collect();
        Ok(Seen { facts, sorted: true })
    };
    less.report(asked, stay, read, report)
}

fn youth_offences(window: Window) -> Result<Seen, Absence> {
    let mut seen = Seen { facts: Vec::new(), sorted: true };
    for offence in offending::offences(window)? {
        match household::ages(&[offence.person], offence.on)?[0] {
            Some(ADULT..) => {}
            Some(_) => seen.facts.push(offence.fact),
            None => seen.sorted = false,
        }
    }
    Ok(seen)
}

impl Less {
    fn report(
        &self,
        asked: &Asked,
        stay: &Stay,
        read: impl Fn(Window) -> Result<Seen, Absence>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let months = asked.settings.crime_months;
        let (before, now) = (months_to(stay.engaged - 1, months), months_to(asked.on, months));
        let found = if now.first < stay.engaged {
            let args = [("from", Arg::Day(stay.engaged)), ("months", Arg::Count(months.into()))];
            Found::new(self.criterion, Standing::NotMet, now, vec![say::reason("too-early", &args, stay.basis())])
        } else {
            self.judge((before, read(before)?), (now, read(now)?))?
        };
        report.add_for_outcome(found);
        Ok(())
    }

    fn judge(&self, before: (Window, Seen), now: (Window, Seen)) -> Result<Found, Failure> {
        let (window, both) = (now.0, [&before, &now]);
        for (window, seen) in both {
            let coverage = Coverage::read("offending", *window)?;
            if !(coverage.of_family(self.kind) && seen.sorted) {
                // Half a count is no count: neither is reported.
                let reason = coverage.known(self.kind, false, seen.facts.len()).reason;
                return Ok(Found::new(self.criterion, Standing::NotEnoughEvidence, *window, vec![reason]));
            }
        }
        let [was, is] = both.map(|(_, seen)| seen.facts.len());
        let most = most_after_a_fall(u32::try_from(was).unwrap_or(u32::MAX), self.percent) as usize;
        let (standing, template) = match () {
            () if was == 0 && is == 0 => (Standing::NotApplicable, "nothing-before"),
            () if is <= most => (Standing::Met, "down-enough"),
            () => (Standing::NotMet, "not-down-enough"),
        };
        let facts = both.iter().flat_map(|(_, seen)| seen.facts.iter().copied());
        let basis = say::facts_or_none(facts, "offending", self.kind, window);
        let args = [("before", say::count(was)), ("now", say::count(is)), ("most", say::count(most))];
        let args = if standing == Standing::NotApplicable { &[][..] } else { &args };
        let values = Values { before: Some(say::tenths(was)), now: Some(say::tenths(is)), threshold: Some(say::tenths(most)) };
        Ok(Found { values, ..Found::new(self.criterion, standing, window, vec![say::reason(template, args, basis)]) })
    }
}
