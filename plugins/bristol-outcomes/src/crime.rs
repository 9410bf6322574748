//! The three outcomes of Bristol's plan under "crime or antisocial behaviour" (004:L159-L167).

use hearth_kit::share::most_after_a_fall;

use crate::coverage::Coverage;
use crate::hearth::decision::messages::{Arg, Basis, Failure, Message, Reason};
use crate::hearth::family::offending;
use crate::hearth::family::types::{Day, Fact, Window};
use crate::hearth::platform::calendar;
use crate::report::{Found, Report, Standing, Values};
use crate::settings::NoneBefore;
use crate::stay::Stay;
use crate::{Asked, holds, say};

/// The plan's "last 6 months" and "previous six months" (004:L160, L163, L165-L167).
const MONTHS: u32 = 6;
const NEED: &str = "crime-and-antisocial-behaviour";

/// 1: no offending by any member in the last six months.
pub fn offences(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let window = asked.months_back(MONTHS);
    let seen: Vec<(Fact, Day)> = offending::offences(window)?.iter().map(|o| (o.fact, o.on)).collect();
    let (standing, reason) = none_since(&NoneOf { kind: "offence", none: "no-offence", some: "offences-recorded" }, window, &seen)?;
    let found = Found {
        criterion: "crime-1",
        person: None,
        standing,
        window,
        values: nothing_wanted(standing, seen.len()),
        reasons: vec![reason],
        ask_again: Some(asked.months_on(1)),
    };
    report.add_for_outcome(found, stay.has_need(NEED), missing("offence"));
    Ok(())
}

/// 2: no known antisocial behaviour in the last six months, or a programme to change behaviour completed in this stay.
pub fn antisocial_behaviour(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let window = asked.months_back(MONTHS);
    let seen: Vec<(Fact, Day)> = offending::antisocial_incidents(window)?.iter().map(|i| (i.fact, i.on)).collect();
    let (standing, reason) =
        none_since(&NoneOf { kind: "antisocial-incident", none: "no-incident", some: "incidents-recorded" }, window, &seen)?;
    // The programme meets the criterion; it does not tell how much antisocial behaviour there was.
    let values = nothing_wanted(standing, seen.len());
    let completed = completed_in(Window { first: stay.engaged, last: Some(asked.on) })?;
    let (standing, reasons) = match completed {
        Some(said) => (Standing::Met, vec![said, reason]),
        None => (standing, vec![reason]),
    };
    let found = Found { criterion: "crime-2", person: None, standing, window, values, reasons, ask_again: Some(asked.months_on(1)) };
    report.add_for_outcome(found, stay.has_need(NEED), missing("antisocial-incident"));
    Ok(())
}

/// 3: police call-outs to the home down by 60% over six months compared with the six before.
pub fn police_callouts(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let now = asked.months_back(MONTHS);
    let before = calendar::months_to(now.first - 1, MONTHS);
    let both = Window { first: before.first, last: now.last };
    let seen = offending::police_callouts(both)?;
    let coverage = Coverage::read("offending", both)?;
    let (standing, values, reason) = if coverage.of_family("police-callout") {
        let in_window = |window| count(seen.iter().filter(|c| holds(window, c.on)).count());
        let facts = say::facts_or_none(seen.iter().map(|c| c.fact), "offending", "police-callout", both);
        judge_fall(in_window(before), in_window(now), asked, facts)
    } else {
        // Half a count is no count: neither is reported.
        (Standing::NotEnoughEvidence, Values::default(), coverage.known("police-callout", false, seen.len()).reason)
    };
    let found = Found {
        criterion: "crime-3",
        person: None,
        standing,
        window: now,
        values,
        reasons: vec![reason],
        ask_again: Some(asked.months_on(1)),
    };
    report.add_for_outcome(found, stay.has_need(NEED), missing("police-callout"));
    Ok(())
}

fn judge_fall(before: u32, now: u32, asked: &Asked, facts: Vec<Basis>) -> (Standing, Values, Reason) {
    let most = most_after_a_fall(before, asked.settings.reduction_percent);
    let standing = fall(before, now, most, asked.settings.none_before);
    let values = Values { before: Some(say::tenths(before)), now: Some(say::tenths(now)), threshold: Some(say::tenths(most)) };
    let template = match standing {
        _ if before == 0 && now == 0 => return (standing, values, say::reason("callouts-none", &[], facts)),
        Standing::Met => "callouts-down-enough",
        _ => "callouts-not-down-enough",
    };
    let args = [("before", before), ("now", now), ("most", most)].map(|(name, n)| (name, Arg::Count(n.into())));
    (standing, values, say::reason(template, &args, facts))
}

/// A kind of fact of which there should be none, and the templates that say whether there was.
struct NoneOf {
    kind: &'static str,
    none: &'static str,
    some: &'static str,
}

/// Any is not met, whatever else is unknown; none is met only where the record covers every day.
fn none_since(of: &NoneOf, window: Window, seen: &[(Fact, Day)]) -> Result<(Standing, Reason), Failure> {
    if let Some(last) = seen.iter().map(|(_, on)| *on).max() {
        let args = [("number", say::count(seen.len())), ("last", Arg::Day(last))];
        return Ok((Standing::NotMet, say::reason(of.some, &args, say::facts(seen.iter().map(|(fact, _)| *fact)))));
    }
    let coverage = Coverage::read("offending", window)?;
    if !coverage.of_family(of.kind) {
        return Ok((Standing::NotEnoughEvidence, coverage.known(of.kind, false, 0).reason));
    }
    let args = [("first", Arg::Day(window.first)), ("last", Arg::Day(window.last.unwrap_or(window.first)))];
    Ok((Standing::Met, say::reason(of.none, &args, say::searched("offending", of.kind, window, 0))))
}

/// A count of which none is wanted. Where it is not known whether there was any, there is no count.
fn nothing_wanted(standing: Standing, seen: usize) -> Values {
    let now = (standing != Standing::NotEnoughEvidence).then(|| say::tenths(count(seen)));
    Values { before: None, now, threshold: Some(0) }
}

/// The last programme to change behaviour that a member completed in the window.
fn completed_in(window: Window) -> Result<Option<Reason>, Failure> {
    let programmes = offending::behaviour_interventions(window)?;
    let ended = programmes.iter().filter(|p| p.state == "completed").filter_map(|p| Some((p.window.last?, p.fact)));
    let last = ended.filter(|(on, _)| holds(window, *on)).max();
    Ok(last.map(|(on, fact)| say::reason("intervention-completed", &[("on", Arg::Day(on))], say::facts([fact]))))
}

fn fall(before: u32, now: u32, most: u32, none_before: NoneBefore) -> Standing {
    match (before, now) {
        (0, 0) => match none_before {
            NoneBefore::NotApplicable => Standing::NotApplicable,
            NoneBefore::Met => Standing::Met,
        },
        (_, now) if now <= most => Standing::Met,
        _ => Standing::NotMet,
    }
}

fn count(seen: usize) -> u32 {
    u32::try_from(seen).unwrap_or(u32::MAX)
}

fn missing(kind: &str) -> Message {
    say::message("find-evidence", &[("kind", say::code(kind))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_outs_down_by_sixty_per_cent() {
        for (before, now, standing) in [
            (10, 4, Standing::Met),
            (10, 5, Standing::NotMet),
            (11, 4, Standing::Met),
            (11, 5, Standing::NotMet),
            (1, 0, Standing::Met),
            (1, 1, Standing::NotMet),
            (2, 1, Standing::NotMet),
            (0, 1, Standing::NotMet),
            (0, 0, Standing::NotApplicable),
        ] {
            assert_eq!(fall(before, now, most_after_a_fall(before, 60), NoneBefore::NotApplicable), standing, "{before} to {now}");
        }
        assert_eq!(fall(0, 0, 0, NoneBefore::Met), Standing::Met);
    }
}
