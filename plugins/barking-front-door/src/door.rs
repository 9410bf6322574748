//! The front door's own means: the allocation meeting, and tasks for those who sit at the door.

use hearth_kit::day::to_iso;

use crate::Asked;
use crate::hearth::actions::{meetings, tasks};
use crate::hearth::decision::messages::{Arg, Message};
use crate::hearth::family::types::{Code, Day};
use crate::hearth::platform::calendar;
use crate::say;

/// A name of the sort `meeting`.
const MEETING: &str = "allocation";
/// Who refers families and sits at the table (001:L825). Code list organisation-kinds.
const AT_THE_TABLE: [&str; 5] = ["council", "school", "police", "health", "social-care"];

/// The next allocation meeting: it is held every week (001:L1289), and never on the day itself.
pub fn next_meeting(asked: &Asked) -> Day {
    let today = calendar::dates(&[asked.on])[0];
    let days = (i32::from(asked.settings.meeting_weekday) - i32::from(today.weekday) + 6).rem_euclid(7) + 1;
    calendar::add_working_days(asked.on + days, 0)
}

/// Puts the family on the agenda of the next allocation meeting, once, whatever calls for it. Gives the day of the meeting.
pub fn bring(asked: &Asked, about: &str) -> Day {
    let on = next_meeting(asked);
    let invited: Vec<Code> = AT_THE_TABLE.map(str::to_owned).into();
    meetings::put_on_agenda(&format!("{MEETING}-{}", to_iso(on)), MEETING, on, &invited, &say::message(about, &[]));
    on
}

/// Asks the duty worker for something. Each `what` once for each day on which it is due.
pub fn ask_duty_worker(what: &str, title: &Message, due: Day) {
    tasks::propose(&format!("{what}-{}", to_iso(due)), "duty-worker", title, due);
}

/// `{by}` is the only argument of most titles.
pub fn by(template: &str, due: Day) -> Message {
    say::message(template, &[("by", Arg::Day(due))])
}
