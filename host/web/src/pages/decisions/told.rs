//! What a plugin reported beside findings, and what it proposed, as people read it.

use maud::{Markup, html};
use serde::Deserialize;

use super::{Reason, rests_on};
use crate::words;

#[derive(Deserialize)]
struct Person {
    name: String,
}

/// One thing that was reported: of its fields those that its kind has.
#[derive(Deserialize)]
pub struct Reported {
    report: String,
    #[serde(default)]
    heading: String,
    #[serde(default)]
    person: Option<Person>,
    #[serde(default)]
    reasons: Vec<Reason>,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    least: f64,
    #[serde(default)]
    most: f64,
    #[serde(default)]
    before: f64,
    #[serde(default)]
    now: f64,
    #[serde(default)]
    since: String,
    #[serde(default)]
    sentence: Option<String>,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    place: u32,
    #[serde(default)]
    kept: bool,
    #[serde(default)]
    amount_pence: i64,
    #[serde(default)]
    on: String,
}

impl Reported {
    /// In a line, without its reasons. Nothing of an answer that was taken over: it stands among the answers.
    fn words(&self) -> Option<String> {
        let Self { heading, .. } = self;
        let whose = self.person.as_ref().map(|p| format!(", {}", p.name)).unwrap_or_default();
        Some(match self.report.as_str() {
            "put" => return None,
            "score" => {
                format!("{heading}{whose}: {}, on a scale from {} to {}", self.value.as_f64().unwrap_or_default(), self.least, self.most)
            }
            "distance" => format!("{heading}{whose}: from {} to {} since {}", self.before, self.now, words::day(&self.since)),
            "need" => format!("{heading}{whose}"),
            "remark" => format!("{heading}{whose}: {}", self.sentence.as_deref().unwrap_or_default()),
            "rank" => format!("Place {}: {heading}", self.place),
            "suggest" => format!("Place {}: {}", self.place, self.service.as_deref().unwrap_or(heading)),
            "rule" => format!("{heading}: {}", if self.kept { "kept" } else { "not kept" }),
            "line" => format!("{heading}: {}", words::pounds(self.amount_pence)),
            "review-again" => format!("To be looked at again on {}", words::day(&self.on)),
            kind => format!("{}: {heading}", words::code(kind)),
        })
    }
}

/// An action that was proposed, or a task.
#[derive(Deserialize)]
pub struct Proposed {
    /// The kind of action in words; a task has none.
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    heading: Option<String>,
    #[serde(default, alias = "title")]
    sentence: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default, alias = "due")]
    on: Option<String>,
    #[serde(default)]
    person: Option<Person>,
}

impl Proposed {
    fn words(&self) -> String {
        let what = self.says.as_deref().unwrap_or("A task");
        let about = [self.heading.as_deref(), self.person.as_ref().map(|p| p.name.as_str()), self.sentence.as_deref()];
        let about: Vec<&str> = about.into_iter().flatten().filter(|words| !words.is_empty()).collect();
        let mut told = if about.is_empty() { what.to_owned() } else { format!("{what}: {}", about.join(", ")) };
        if let Some(role) = &self.role {
            told.push_str(&format!(", for a {}", words::code(role).to_lowercase()));
        }
        if let Some(on) = &self.on {
            told.push_str(&format!(", {}", words::day(on)));
        }
        told
    }
}

pub fn reported(all: &[Reported]) -> Markup {
    html! {
        @for one in all {
            @if let Some(words) = one.words() {
                h3 class="govuk-heading-s" { (words) }
                @for reason in &one.reasons {
                    @if let Some(sentence) = &reason.sentence { p class="govuk-body" { (sentence) } }
                    (rests_on(reason))
                }
            }
        }
    }
}

pub fn proposed(tasks: &[Proposed], actions: &[Proposed]) -> Markup {
    html! {
        @if !tasks.is_empty() || !actions.is_empty() {
            h2 class="govuk-heading-m" { "What it proposes" }
            ul class="govuk-list govuk-list--bullet" { @for one in actions.iter().chain(tasks) { li { (one.words()) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_reads_as_a_line() {
        let line = |report: serde_json::Value| serde_json::from_value::<Reported>(report).unwrap().words();
        let score = json!({ "report": "score", "domain": "school", "heading": "School", "person": { "name": "Amy" }, "value": 3.5, "least": 1.0,
            "most": 5.0, "higher_is_better": true, "reasons": [] });
        assert_eq!(line(score).as_deref(), Some("School, Amy: 3.5, on a scale from 1 to 5"));
        assert_eq!(line(json!({ "report": "level", "level": "3", "heading": "Complex family" })).as_deref(), Some("Level: Complex family"));
        assert_eq!(
            line(json!({ "report": "rule", "criterion": "posts", "heading": "Posts", "kept": false })).as_deref(),
            Some("Posts: not kept")
        );
        assert_eq!(line(json!({ "report": "put", "question": "name", "value": { "text": "Amy" } })), None);
    }

    #[test]
    fn a_proposal_says_what_about_whom_and_when() {
        let line = |one: serde_json::Value| serde_json::from_value::<Proposed>(one).unwrap().words();
        let task = json!({ "key": "visit", "role": "keyworker", "title": "Visit the family", "due": "2026-12-01" });
        assert_eq!(line(task), "A task: Visit the family, for a keyworker, 1 December 2026");
        let action = json!({ "action": "move-to-stage", "says": "Move to a stage", "key": "stage", "heading": "Assessment" });
        assert_eq!(line(action), "Move to a stage: Assessment");
    }
}
