//! Children who need help, and homes where somebody is not safe.

use super::{Sign, Whose};
use crate::coverage::Coverage;
use crate::hearth::family::types::{Absence, Window};
use crate::hearth::family::{offending, safeguarding};
use crate::say;

/// Standings with children's social care that are a sign: in need, under a protection plan, looked after (systems:L217).
const NEEDS_HELP: [&str; 3] = ["child-in-need", "child-protection-plan", "looked-after"];

/// A child whom social care stands by on any day of the window.
pub fn children_helped(window: Window) -> Result<Sign, Absence> {
    let standings = safeguarding::standings(window)?;
    let found = standings.iter().filter(|s| NEEDS_HELP.contains(&s.status.as_str())).map(|s| (s.fact, Some(s.person)));
    Sign::of_facts(("safeguarding", "safeguarding-standing"), window, found, |facts, children| {
        say::reason("help-recorded", &[("children", say::count(children.len()))], say::facts(facts.iter().copied()))
    })
}

/// Police call-outs for domestic abuse: at least `times`, or one with a child there.
pub fn domestic_callouts(window: Window, times: u32) -> Result<Sign, Absence> {
    let callouts = offending::police_callouts(window)?;
    let domestic: Vec<_> = callouts.iter().filter(|c| c.domestic).collect();
    let with_child = domestic.iter().filter(|c| c.child_present == Some(true)).count();
    let maybe_with_child = domestic.iter().any(|c| c.child_present.is_none());
    let present = domestic.len() >= times as usize || with_child > 0;

    let args = [("number", say::count(domestic.len())), ("with-child", say::count(with_child))];
    let said = say::reason("domestic-callouts", &args, say::facts(domestic.iter().map(|c| c.fact)));
    let coverage = Coverage::read("offending", window)?;
    let complete = coverage.of_family("police-callout") && !maybe_with_child;
    let known = coverage.known("police-callout", complete, callouts.len());
    let recorded = if domestic.is_empty() { Vec::new() } else { vec![said] };
    Ok(Sign { present, whose: Whose::Family, recorded, known })
}
