//! What the form's own conditions cannot say of an answer, since they see neither the record nor the rules.

use crate::answers::{Answers, Consent};
use crate::areas::CHILD;
use crate::hearth::assessment::results;
use crate::hearth::decision::episode;
use crate::hearth::decision::messages::Arg;
use crate::hearth::family::types::Person;
use crate::needs::Needs;
use crate::record::Record;
use crate::scores::Scores;
use crate::tier::{Suggestion, Tier};
use crate::{Asked, proposals, say};

pub struct Remarks<'a> {
    asked: &'a Asked,
    wrong: bool,
}

impl<'a> Remarks<'a> {
    pub const fn new(asked: &'a Asked) -> Self {
        Self { asked, wrong: false }
    }

    /// Code list assessment-results. `answered`: is everything there that is concluded from?
    pub const fn result(&self, answered: bool) -> &'static str {
        if answered && !self.wrong { "complete" } else { "incomplete" }
    }

    /// Nothing is assessed without consent; a family that would not give it has been asked.
    pub fn on_consent(&mut self) {
        match self.asked.answers.consent() {
            Consent::NotAsked => self.wrong("consent", "consent-missing"),
            Consent::Refused => self.advise("consent", None, "consent-refused", &[]),
            Consent::Given => {}
        }
    }

    pub fn on_answers(&mut self, record: &Record, scores: &Scores, needs: &Needs, suggestion: &Suggestion) {
        self.too_good_for_a_plan(record, scores);
        self.jumps(scores);
        self.attendance(record);
        self.no_problem_told(needs);
        self.children_not_seen();
        self.closing_with_a_need(scores);
        self.assessed_late();
        self.review_too_late(suggestion);
        self.level(suggestion);
    }

    /// A child protection plan is open, and all is said to be well.
    fn too_good_for_a_plan(&mut self, record: &Record, scores: &Scores) {
        if record.plans().next().is_some() && scores.are_all_best() {
            self.wrong("safety-score", "all-best-under-plan");
            return;
        }
        let ceiling = self.asked.settings.plan_ceiling;
        for score in scores.given.iter().filter(|score| score.value >= ceiling) {
            let under_plan = |person: Person| record.plans().any(|plan| plan.person == person);
            let of_child = score.area.domain == CHILD.domain && score.person.is_some_and(under_plan);
            let of_family = score.area.domain == "safety" && record.plans().next().is_some();
            if of_child || of_family {
                let args = [("domain", say::named(score.area.domain)), ("score", Arg::Tenths(score.value))];
                self.advise(score.area.question, score.person, "high-under-plan", &args);
            }
        }
    }

    /// A fall may only mean that more has been told (000:L879-L886), a rise that less was looked at.
    fn jumps(&mut self, scores: &Scores) {
        for score in &scores.given {
            let Some((before, travelled)) = score.before.as_ref().zip(score.travelled()) else { continue };
            if travelled.abs() >= self.asked.settings.jump {
                let template = if travelled > 0 { "rose-far" } else { "fell-far" };
                let args = [("before", Arg::Tenths(before.value)), ("now", Arg::Tenths(score.value)), ("since", Arg::Day(before.on))];
                self.advise(score.area.question, score.person, template, &args);
            }
        }
    }

    /// The register says something else than the family, or knows what the family does not.
    fn attendance(&mut self, record: &Record) {
        let answers = &self.asked.answers;
        for child in answers.children() {
            let Some(recorded) = record.attendance(child).map(|share| share.tenths) else { continue };
            let args = [("child", Arg::Person(child)), ("recorded", Arg::Tenths(recorded))];
            if let Some(told) = answers.tenths("attendance", Some(child)) {
                if (told - recorded).abs() >= self.asked.settings.attendance_gap * 10 {
                    self.advise("attendance", Some(child), "attendance-differs", &args);
                }
            } else if answers.is_yes("attendance-known", Some(child)) == Some(false) {
                self.advise("attendance-known", Some(child), "attendance-recorded", &args);
            }
        }
    }

    fn no_problem_told(&mut self, needs: &Needs) {
        if let Some(found) = needs.0.first().filter(|_| self.asked.answers.has_chosen("problems", "none")) {
            self.advise("problems", None, "need-not-told", &[("need", say::code(found.need))]);
        }
    }

    /// A child's own voice is part of every assessment: missing it once may have its reason, twice is a pattern.
    fn children_not_seen(&mut self) {
        let Some((on, before)) = &self.asked.before else { return };
        let unseen = |answers: &Answers, child| answers.is_yes("seen-alone", Some(child)) == Some(false);
        for child in self.asked.answers.children() {
            if unseen(&self.asked.answers, child) && unseen(before, child) {
                self.advise("seen-alone", Some(child), "not-seen-again", &[("child", Arg::Person(child)), ("before", Arg::Day(*on))]);
            }
        }
    }

    fn closing_with_a_need(&mut self, scores: &Scores) {
        let low = scores.low(self.asked.settings.need_at);
        if let Some(lowest) = low.first().filter(|_| self.asked.answers.is_closing()) {
            let args = [("domain", say::named(lowest.area.domain)), ("score", Arg::Tenths(lowest.value))];
            self.advise("assessment", None, "closing-with-need", &args);
        }
    }

    /// A first assessment is due some weeks after the family was met: eight in one authority (000:L879).
    fn assessed_late(&mut self) {
        let Some(engaged) = episode::current().ok().map(|stay| stay.window.first) else { return };
        let weeks = self.asked.settings.assessment_weeks;
        let late = self.asked.assessed_on() > engaged + 7 * i32::from(weeks);
        if late && self.asked.answers.has_chosen("assessment", "first") {
            self.advise("assessed-on", None, "assessed-late", &[("engaged", Arg::Day(engaged)), ("weeks", Arg::Count(weeks.into()))]);
        }
    }

    fn review_too_late(&mut self, suggestion: &Suggestion) {
        let due = proposals::review_due(self.asked, suggestion);
        if self.asked.answers.day("review-on").is_some_and(|planned| planned > due) {
            self.advise("review-on", None, "review-too-late", &[("due", Arg::Day(due))]);
        }
    }

    /// The worker's level of need is lower than the tier, or the tier is open.
    fn level(&mut self, suggestion: &Suggestion) {
        let Some(level) = self.asked.answers.chosen("level").first() else { return };
        if let Some(most) = suggestion.most.filter(|_| suggestion.is_held_back()) {
            self.advise("level", None, "tier-open", &[("tier", say::named(most.id()))]);
        }
        let of_level = match level.as_str() {
            "universal" => None,
            "early-help" => Some(Tier::SuperLight),
            "targeted" => Some(Tier::Light),
            _ => Some(Tier::Intensive),
        };
        if let Some(tier) = suggestion.tier().filter(|tier| Some(*tier) > of_level) {
            self.advise("level", None, "level-below-tier", &[("tier", say::named(tier.id()))]);
        }
    }

    fn wrong(&mut self, question: &str, template: &str) {
        self.wrong = true;
        results::remark(question, None, None, true, &say::message(template, &[]));
    }

    fn advise(&self, question: &str, person: Option<Person>, template: &str, args: &[(&str, Arg)]) {
        results::remark(question, person, None, false, &say::message(template, args));
    }
}
