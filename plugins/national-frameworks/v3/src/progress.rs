//! An outcome on every need, sustained for six months after closure (systems:L204).

use national_framework::hearth::decision::messages::Arg;
use national_framework::hearth::family::types::{Day, Window};
use national_framework::members::Members;
use national_framework::problem::{Sustained, each_has_gone};
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::window::{from_to, last};
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
    let mut found = ten(asked, &Members::on(until)?, &Over::before(until, asked))?;
    if asked.settings.unmeasured_needs == UnmeasuredNeeds::LeaveOut {
        found.retain(|headline| !headline.signs.is_empty());
    }
    let signs_over = |window: Window| ten(asked, &Members::on(last(window))?, &Over::all(window, asked));
    each_has_gone(&GONE, (&found, stay), sustained, signs_over, asked.on, report)
}

/// The months after the stay's last day; none while it lasts.
pub fn after_closure(asked: &Asked, stay: &Stay) -> Option<Window> {
    let first: Day = stay.closed? + 1;
    let months = i32::try_from(asked.settings.months_after_closure).unwrap_or(i32::MAX);
    Some(from_to(first, months_after(first, months) - 1))
}
