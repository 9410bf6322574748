//! What follows from an event: a flag for the keyworker of a family in the programme (004:L647-L656), and another screening of a
//! family that nobody referred (004:L422-L432).

use hearth_kit::day::to_iso;

use crate::Asked;
use crate::door::{self, ask_duty_worker};
use crate::hearth::actions::tasks;
use crate::hearth::decision::messages::{Arg, Failure};
use crate::hearth::pathway::happening::{self, Event};
use crate::hearth::pathway::routing;
use crate::screening::{Level, Screening};
use crate::{say, social_care, stay};

/// What an agency's record of the family flags. Code list events.
const FLAGS: [&str; 5] = ["offence", "antisocial-incident", "police-callout", "exclusion", "safeguarding-changed"];

/// Code list event-answers.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let event = happening::current()?;
    if !FLAGS.contains(&event.kind.as_str()) {
        return Ok("nothing-to-do");
    }
    let helped = stay::current(asked)?.is_some();
    let led = !social_care::leads(asked).rows.is_empty();
    Ok(match (helped, led) {
        (true, true) if event.kind == "safeguarding-changed" => agree_who_leads(asked),
        (true, _) => flag(asked, &event),
        // A social worker is there already.
        (false, true) => "nothing-to-do",
        (false, false) => screen(asked),
    })
}

fn flag(asked: &Asked, event: &Event) -> &'static str {
    let due = asked.in_working_days(asked.settings.task_working_days);
    let title = say::message("flag", &[("event", say::code(&event.kind)), ("on", Arg::Day(event.on))]);
    tasks::propose(&format!("flag-{}-{}", event.kind, to_iso(event.on)), "keyworker", &title, due);
    "acted"
}

/// Social worker and keyworker are both there: the meeting says which of them leads (001:L841).
fn agree_who_leads(asked: &Asked) -> &'static str {
    let on = door::bring(asked, "who-leads-on-agenda");
    tasks::propose(&format!("who-leads-{}", to_iso(on)), "manager", &door::by("agree-who-leads", on), on);
    "acted"
}

fn screen(asked: &Asked) -> &'static str {
    let screening = Screening::of(asked, &[]);
    screening.report();
    let due = asked.in_working_days(asked.settings.collect_working_days);
    match screening.level {
        Level::Complex => {
            routing::route("programme", &screening.reasons);
            let on = door::bring(asked, "found-on-agenda");
            ask_duty_worker("offer", &door::by("offer-help", on), on);
        }
        Level::NotKnown => ask_duty_worker("collect", &door::by("collect", due), due),
        Level::Simple | Level::NothingFound => return "nothing-to-do",
    }
    "acted"
}
