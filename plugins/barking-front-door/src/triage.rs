//! What becomes of a referral: every one comes through the same door, and the same questions are asked of each.

use crate::Asked;
use crate::door::{self, ask_duty_worker};
use crate::hearth::decision::messages::{Arg, Failure, Reason};
use crate::hearth::pathway::referral::{self, Incoming};
use crate::hearth::pathway::routing;
use crate::screening::{Level, Screening};
use crate::{say, social_care, stay};

/// Where the referral goes.
struct Next {
    /// Code list triages.
    answer: &'static str,
    /// A name of the sort `route`; none for what is declined.
    route: Option<&'static str>,
    /// Code list priorities.
    priority: &'static str,
    because: Vec<Reason>,
}

/// Code list triages.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let sent = referral::current()?;
    let screening = Screening::of(asked, &referral::problems()?);
    screening.report();
    let next = match led_by_social_care(asked, &sent) {
        Some(next) => next,
        None => match helped_already(asked)? {
            Some(next) => next,
            None => by_level(asked, &sent, &screening),
        },
    };
    if let Some(route) = next.route {
        routing::route(route, &next.because);
    }
    if sent.urgent {
        routing::priority("today", &[say::reason("urgent", &[], say::asked())]);
    } else {
        routing::priority(next.priority, &next.because);
    }
    Ok(next.answer)
}

/// Social workers keep their duties, and lead where they have them (002:L654-L663). A family that steps down comes from them.
fn led_by_social_care(asked: &Asked, sent: &Incoming) -> Option<Next> {
    let due = asked.in_working_days(asked.settings.task_working_days);
    let led = social_care::leads(asked);
    if !led.complete {
        ask_duty_worker("social-care", &say::message("ask-social-care", &[]), due);
    }
    if led.rows.is_empty() || sent.route == "step-down" {
        return None;
    }
    ask_duty_worker("social-worker", &door::by("tell-social-worker", due), due);
    Some(Next { answer: "signpost", route: Some("social-care"), priority: "soon", because: vec![social_care::says(&led.rows)] })
}

/// A family with a keyworker is not asked again (004:L647-L659).
fn helped_already(asked: &Asked) -> Result<Option<Next>, Failure> {
    let Some(stay) = stay::current(asked)? else { return Ok(None) };
    let due = asked.in_working_days(asked.settings.task_working_days);
    ask_duty_worker("keyworker", &door::by("tell-keyworker", due), due);
    let because = vec![say::reason("already-helped", &[("since", Arg::Day(stay.window.first))], say::facts([stay.fact]))];
    Ok(Some(Next { answer: "signpost", route: Some("keyworker"), priority: "soon", because }))
}

fn by_level(asked: &Asked, sent: &Incoming, screening: &Screening) -> Next {
    let because = screening.reasons.clone();
    match screening.level {
        Level::Complex => for_the_programme(asked, sent, screening),
        Level::NotKnown => {
            let due = asked.in_working_days(asked.settings.collect_working_days);
            ask_duty_worker("collect", &door::by("collect", due), due);
            Next { answer: "ask-more", route: Some("front-door"), priority: "soon", because }
        }
        Level::Simple => Next { answer: "signpost", route: Some("early-help"), priority: "routine", because },
        // Whoever asks for themselves is never turned away.
        Level::NothingFound if sent.route == "self" => Next { answer: "signpost", route: Some("advice"), priority: "routine", because },
        Level::NothingFound => Next { answer: "decline", route: None, priority: "routine", because },
    }
}

/// To the allocation meeting, once the family agrees; the highest need first (004:L365-L368).
fn for_the_programme(asked: &Asked, sent: &Incoming, screening: &Screening) -> Next {
    if !agreed(sent) {
        let due = asked.in_working_days(asked.settings.task_working_days);
        ask_duty_worker("agreement", &door::by("ask-family", due), due);
        let says = if sent.agreed.is_none() { "agreement-not-recorded" } else { "not-agreed" };
        let because = vec![say::reason(says, &[], say::asked())];
        return Next { answer: "ask-more", route: Some("front-door"), priority: "soon", because };
    }
    door::bring(asked, "referral-on-agenda");
    let high_need = screening.found.len() >= asked.settings.high_need_problems || screening.has("children-who-need-help");
    let priority = if high_need { "soon" } else { "routine" };
    Next { answer: "accept", route: Some("programme"), priority, because: screening.reasons.clone() }
}

/// Whoever asks for themselves agrees; of whom data tells, nobody has asked yet, and the meeting says who does.
fn agreed(sent: &Incoming) -> bool {
    match sent.agreed {
        Some(agreed) => agreed || sent.route == "self",
        None => ["self", "data-match"].contains(&sent.route.as_str()),
    }
}
