//! An outcome on every need, sustained for six months after closure (systems:L204).

use national_framework::hearth::decision::messages::Arg;
use national_framework::hearth::family::types::{Day, Window};
use national_framework::members::Members;
use national_framework::problem::{Sustained, each_has_gone};
use national_framework::report::{Found, Report, Standing};
use national_framework::stay::Stay;
use national_framework::window::{from_to, last, one_day};
use national_framework::{Failure, months_after, say};

use crate::Asked;
use crate::headlines::{Over, ten};
use crate::settings::UnmeasuredNeeds;

/// Each headline, and the criterion that its needs are met.
const GONE: [(&str, &str); 10] = [
    ("school-attendance", "outcome-education"),
    ("early-years-development", "outcome-early-years"),
    ("health", "outcome-health"),
    ("substance-use", "outcome-substances"),
    ("family-relationships", "outcome-relationships"),
    ("abuse-and-exploitation", "outcome-child-safety"),
    ("crime-and-antisocial-behaviour", "outcome-crime"),
    ("domestic-abuse", "outcome-abuse"),
    ("housing", "outcome-housing"),
    ("work-and-money", "outcome-money"),
];

/// Every need that was found until closure, gone for the months after it. What happens later changes nothing.
pub fn each_headline(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let sustained = match after_closure(asked, stay) {
        None => Sustained::NotYet { because: say::reason("still-open", &[], stay.basis()), look_again: None },
        Some(window) if last(window) > asked.on => {
            let months = asked.settings.months_after_closure;
            let args = [("months", Arg::Count(months.into())), ("until", Arg::Day(last(window)))];
            Sustained::NotYet { because: say::reason("too-early", &args, stay.basis()), look_again: window.last }
        }
        Some(window) => Sustained::Over(window),
    };
    let until = stay.closed.unwrap_or(asked.on);
    let found = ten(asked, &Members::on(until)?, &Over::before(until, asked))?;
    let left_out = |need: &str| {
        let measured = found.iter().any(|headline| headline.need == need && !headline.signs.is_empty());
        asked.settings.unmeasured_needs == UnmeasuredNeeds::LeaveOut && !measured
    };
    let (left_out, asked_for): (Vec<_>, Vec<_>) = GONE.into_iter().partition(|(need, _)| left_out(need));
    let signs_over = |window: Window| ten(asked, &Members::on(last(window))?, &Over::all(window, asked));
    each_has_gone(&asked_for, (&found, stay), sustained, signs_over, asked.on, report)?;
    for (need, criterion) in left_out {
        let reason = say::reason("no-measure", &[("need", say::code(need))], vec![say::setting("unmeasured-needs")]);
        report.add(Found::new(criterion, Standing::NotApplicable, one_day(asked.on), vec![reason]));
    }
    Ok(())
}

/// The months after the stay's last day; none while it lasts.
pub fn after_closure(asked: &Asked, stay: &Stay) -> Option<Window> {
    let first: Day = stay.closed? + 1;
    let months = i32::try_from(asked.settings.months_after_closure).unwrap_or(i32::MAX);
    Some(from_to(first, months_after(first, months) - 1))
}
