//! A dedicated keyworker, without whom a family cannot be claimed for (004:L982-L985).

use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Arg, Failure};
use crate::hearth::family::types::Window;
use crate::report::{Found, Report, Standing};
use crate::say;
use crate::window::last;

/// Was one recorded on any day of the window? Gives the finding's number, and whether.
pub fn during(window: Window, criterion: &'static str, report: &mut Report) -> Result<(u32, Standing), Failure> {
    let keyworkers = episode::keyworkers(window)?;
    let (standing, template) =
        if keyworkers.is_empty() { (Standing::NotMet, "keyworker-missing") } else { (Standing::Met, "keyworker-recorded") };
    let rests_on = say::facts_or_none(keyworkers.iter().map(|k| k.fact), "support", "worker", window);
    let reason = say::reason(template, &[("first", Arg::Day(window.first)), ("last", Arg::Day(last(window)))], rests_on);
    Ok((report.add(Found::new(criterion, standing, window, vec![reason])), standing))
}
