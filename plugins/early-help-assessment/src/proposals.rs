//! What should happen next, once the assessment is complete. The host asks a person where the authority wants one.

use hearth_kit::day::to_iso;

use crate::hearth::actions::{assessment_requests, goals, tasks};
use crate::hearth::family::types::Day;
use crate::hearth::platform::calendar;
use crate::record::Record;
use crate::scores::Scores;
use crate::tier::{Suggestion, Tier};
use crate::{Asked, FORM, say};

const KEYWORKER: &str = "keyworker";

pub fn make(asked: &Asked, record: &Record, scores: &Scores, suggestion: &Suggestion) {
    if !asked.answers.is_closing() {
        review(asked, suggestion);
        set_goals(asked, record, scores, suggestion);
    }
    find_out(asked, record);
}

/// Six-weekly where the tier is, or could be, intensive (000:L869-L870), otherwise twelve-weekly. A working day, today at the earliest.
pub fn review_due(asked: &Asked, suggestion: &Suggestion) -> Day {
    let tier = if suggestion.is_held_back() { suggestion.most } else { suggestion.tier() };
    let weeks = if tier == Some(Tier::Intensive) { asked.settings.intensive_review_weeks } else { asked.settings.review_weeks };
    let due = asked.assessed_on() + 7 * Day::from(weeks);
    calendar::add_working_days(due.max(asked.on), 0)
}

fn review(asked: &Asked, suggestion: &Suggestion) {
    let title = say::message("review", &[]);
    assessment_requests::ask_for(&key("review", asked), FORM, None, &title, review_due(asked, suggestion));
}

/// For the lowest scores that show a need, where the plan has no goal yet.
fn set_goals(asked: &Asked, record: &Record, scores: &Scores, suggestion: &Suggestion) {
    let due = review_due(asked, suggestion);
    let children = asked.answers.children();
    let low = scores.low(asked.settings.need_at);
    let without_goal = low.into_iter().filter(|score| !record.has_goal(score.area, score.person));
    for score in without_goal.take(asked.settings.most_goals) {
        let mut key = key(&format!("goal-{}", score.area.domain), asked);
        // A handle holds for one run only: a child is told from another by their place among the children.
        if let Some(place) = score.person.and_then(|child| children.iter().position(|c| *c == child)) {
            key = format!("{key}-{}", place + 1);
        }
        let title = say::message("goal", &[("domain", say::named(score.area.domain))]);
        goals::set(&key, score.area.domain, score.person, &title, due);
    }
}

/// What was asked and not known, how often a child is at school if schools do not say, and what it was not safe to ask.
fn find_out(asked: &Asked, record: &Record) {
    let due = calendar::add_working_days(asked.on, i32::from(asked.settings.find_out_days));
    let mut questions = asked.answers.not_known();
    let nobody_knows = |child| asked.answers.is_yes("attendance-known", Some(child)) == Some(false) && record.attendance(child).is_none();
    if asked.answers.children().into_iter().any(nobody_knows) {
        questions.push("attendance");
    }
    for question in questions {
        let title = say::message("find-out", &[("question", say::named(question))]);
        tasks::propose(&format!("find-out-{question}"), KEYWORKER, &title, due);
    }
    if asked.answers.is_yes("safe-to-ask", None) == Some(false) {
        tasks::propose("ask-safely", KEYWORKER, &say::message("ask-safely", &[]), due);
    }
}

/// A name of the proposal for this assessment: the next one's are others.
fn key(what: &str, asked: &Asked) -> String {
    format!("{what}-{}", to_iso(asked.assessed_on()))
}
