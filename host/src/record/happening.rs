//! What a fact tells of when it comes into the record: something happened that a pathway is asked about.

use super::codes;
use super::{Day, Detail, FactId, NewFact, PersonId, Window};

/// Days back. News is late as a rule, and half a year late often enough (document 000, L881: six months until a family
/// tells); what is older than that
/// is history that somebody loads, and nobody acts on it today.
pub const NEWS_DAYS: i32 = 183;

/// Something that happened, as a fact tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// Code list events.
    pub kind: &'static str,
    pub on: Day,
    pub fact: FactId,
    /// Whom it is about.
    pub person: Option<PersonId>,
}

impl Happening {
    /// What a new fact tells of; `before`: the statement that it corrects. A correction tells of something only where it says that something
    /// else happened, or on another day: what was heard of once is not heard of again.
    #[must_use]
    pub fn of(fact: &NewFact, before: Option<(&Detail, Window)>) -> Option<Self> {
        let (kind, on) = told(&fact.detail, fact.window)?;
        if before.is_some_and(|(detail, window)| told(detail, window) == Some((kind, on))) {
            return None;
        }
        Some(Self { kind, on, fact: fact.id, person: fact.subject.person })
    }

    /// Late, but news: not longer ago than [`NEWS_DAYS`], and not to come.
    #[must_use]
    pub fn is_news(&self, today: Day) -> bool {
        self.on <= today && today.number() - self.on.number() <= NEWS_DAYS
    }
}

/// Code list events, and the day. A standing with social care that ended changed on the day after which it was no more; and so on.
fn told(detail: &Detail, window: Window) -> Option<(&'static str, Day)> {
    let Window { first, last } = window;
    Some(match detail {
        Detail::AbuseIncident(_) => ("abuse-incident", first),
        Detail::PoliceCallout(_) => ("police-callout", first),
        Detail::AntisocialIncident(_) => ("antisocial-incident", first),
        Detail::Offence(_) => ("offence", first),
        Detail::Exclusion(_) => ("exclusion", first),
        Detail::SafeguardingStanding(_) => ("safeguarding-changed", last.unwrap_or(first)),
        // Signed later, it was completed before.
        Detail::Assessment(_) => ("assessment-completed", first),
        Detail::Goal(goal) if goal.state == "met" => ("goal-met", last?),
        Detail::ServiceUse(service) if service.state == "declined" => ("service-declined", last.unwrap_or(first)),
        Detail::Episode(_) => ("episode-closed", last?),
        // What a meeting decided is a note about its kind.
        Detail::Note(note) if codes::find("meetings", &note.topic).is_some() => ("meeting-held", first),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::{Kind, Subject};

    fn fact(kind: &str, detail: serde_json::Value, first: &str, last: Option<&str>) -> NewFact {
        let window = Window { first: first.parse().unwrap(), last: last.map(|l| l.parse().unwrap()) };
        let detail = Detail::read(kind.parse::<Kind>().unwrap(), detail).unwrap();
        NewFact {
            id: FactId::fresh(),
            subject: Subject::default(),
            window,
            source: "e06000023".parse().unwrap(),
            reference: None,
            supersedes: None,
            detail,
        }
    }

    fn told_of(fact: &NewFact, before: Option<&NewFact>) -> Option<(&'static str, String)> {
        Happening::of(fact, before.map(|b| (&b.detail, b.window))).map(|h| (h.kind, h.on.to_string()))
    }

    #[test]
    fn a_fact_tells_of_what_happened_once() {
        let goal =
            |state: &str, last: Option<&str>| fact("goal", json!({ "domain": "debts", "state": state, "title": "x" }), "2026-01-05", last);
        let (set, met) = (goal("set", None), goal("met", Some("2026-03-02")));
        assert_eq!(told_of(&set, None), None);
        assert_eq!(told_of(&met, Some(&set)), Some(("goal-met", "2026-03-02".into())));
        assert_eq!(told_of(&met, Some(&met)), None, "said again");
        assert_eq!(told_of(&goal("met", Some("2026-03-01")), Some(&met)), Some(("goal-met", "2026-03-01".into())), "on another day");

        let callout = |on: &str, domestic: bool| fact("police-callout", json!({ "domestic": domestic }), on, Some(on));
        assert_eq!(told_of(&callout("2026-02-07", false), None), Some(("police-callout", "2026-02-07".into())));
        assert_eq!(told_of(&callout("2026-02-07", true), Some(&callout("2026-02-07", false))), None, "it was heard of");

        let plan = |last: Option<&str>| fact("safeguarding-standing", json!({ "status": "child-protection-plan" }), "2026-01-05", last);
        assert_eq!(told_of(&plan(None), None), Some(("safeguarding-changed", "2026-01-05".into())));
        assert_eq!(told_of(&plan(Some("2026-04-30")), Some(&plan(None))), Some(("safeguarding-changed", "2026-04-30".into())));

        let note = |topic: &str| fact("note", json!({ "topic": topic, "role": "manager", "text": "x" }), "2026-02-07", Some("2026-02-07"));
        assert_eq!(told_of(&note("hub-meeting"), None), Some(("meeting-held", "2026-02-07".into())));
        assert_eq!(told_of(&note("hub-meeting"), Some(&note("hub-meeting"))), None, "its words were corrected");
        assert_eq!(told_of(&note("money"), None), None);

        let episode = |last: Option<&str>| fact("episode", json!({ "needs": ["health"] }), "2026-01-05", last);
        assert_eq!(told_of(&episode(None), None), None);
        assert_eq!(told_of(&episode(Some("2026-06-30")), Some(&episode(None))), Some(("episode-closed", "2026-06-30".into())));
        assert_eq!(
            told_of(&fact("attendance", json!({ "possible": 10, "attended": 9, "unauthorised": 0 }), "2026-01-05", None), None),
            None
        );
    }

    #[test]
    fn half_a_year_late_is_news_and_a_day_more_is_history() {
        let happening = |on: &str| Happening { kind: "offence", on: on.parse().unwrap(), fact: FactId::fresh(), person: None };
        let today: Day = "2026-08-31".parse().unwrap();
        let oldest = today.plus(-NEWS_DAYS).unwrap();
        assert!(happening("2026-08-31").is_news(today) && happening(&oldest.to_string()).is_news(today));
        assert!(!happening(&oldest.plus(-1).unwrap().to_string()).is_news(today), "older");
        assert!(!happening("2026-09-01").is_news(today), "to come");
    }
}
