//! Whole-family early help assessment. The rules in words, each with its source, are in `README.md`.

mod answers;
mod areas;
mod migrate;
mod needs;
mod proposals;
mod record;
mod remarks;
mod say;
mod scores;
mod settings;
mod tier;

wit_bindgen::generate!({
    path: [
        "../../wit/family",
        "../../wit/platform",
        "../../wit/decision",
        "../../wit/actions",
        "../../wit/assessment",
        "wit",
    ],
    world: "hearth-plugins:early-help-assessment/early-help-assessment",
    generate_all,
});

use answers::{Answers, Consent};
use exports::hearth::assessment::{evaluation, migration};
use hearth::assessment::answers as form;
use hearth::decision::messages::Failure;
use hearth::family::types::{Absence, Day, Window};
use hearth::platform::{calendar, log, run};
use needs::Needs;
use record::Record;
use remarks::Remarks;
use scores::Scores;
use settings::Settings;
use tier::Suggestion;

/// The form in the manifest.
const FORM: &str = "whole-family";

struct EarlyHelp;

impl evaluation::Guest for EarlyHelp {
    /// What the family's answers come to. Without consent the form asks no further, and nothing is concluded.
    fn evaluate() -> Result<String, Failure> {
        let asked = Asked::begin()?;
        let mut remarks = Remarks::new(&asked);
        if asked.answers.consent() != Consent::Given {
            remarks.on_consent();
            return Ok(remarks.result(asked.answers.consent() == Consent::Refused).into());
        }
        let record = Record::read(&asked)?;
        let scores = Scores::read(&asked, &record).report();
        let needs = Needs::find(&asked, &record, &scores).report();
        let suggestion = Suggestion::of(&asked, &record, &scores, &needs);
        suggestion.report(&asked, &needs, &record);
        remarks.on_answers(&record, &scores, &needs, &suggestion);
        let result = remarks.result(scores.are_all_answered());
        if result == "complete" {
            proposals::make(&asked, &record, &scores, &suggestion);
        }
        Ok(result.into())
    }
}

impl migration::Guest for EarlyHelp {
    /// Answers to the form of 2019 are carried over as far as they say the same.
    fn migrate_answers(from_form: String) -> Result<String, Failure> {
        tell_panics();
        if from_form != migrate::FORM_OF_2019 {
            return Ok("start-again".into());
        }
        migrate::carry_over(&form::given()?);
        Ok("migrated".into())
    }
}

export!(EarlyHelp);

/// The date asked about, the authority's settings, and what was answered: what every rule needs.
struct Asked {
    on: Day,
    settings: Settings,
    answers: Answers,
    /// The assessment before, if there was one: its day and its answers.
    before: Option<(Day, Answers)>,
}

impl Asked {
    /// The first thing that is done: whatever goes wrong after it says so in the log.
    fn begin() -> Result<Self, Failure> {
        tell_panics();
        let before = form::before()?.map(|(on, rows)| (on, Answers::new(rows)));
        Ok(Self { on: run::as_of(), settings: Settings::read(), answers: Answers::new(form::given()?), before })
    }

    /// The day on which the family was assessed; until it is answered, the date asked about.
    fn assessed_on(&self) -> Day {
        self.answers.day("assessed-on").unwrap_or(self.on)
    }

    fn months_back(&self, months: u32) -> Window {
        calendar::months_to(self.on, months)
    }

    /// The date asked about, as a window.
    const fn that_day(&self) -> Window {
        Window { first: self.on, last: Some(self.on) }
    }
}

fn tell_panics() {
    hearth_kit::tell_panics(|text| log::write(log::Level::Error, text));
}

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}
