//! Bristol's outcome plan of 2015. The rules in words, each with its source, are in `README.md`.

mod attendance;
mod claims;
mod coverage;
mod crime;
mod eligibility;
mod keyworker;
mod members;
mod report;
mod say;
mod settings;
mod stay;
mod unmeasured;

wit_bindgen::generate!({
    path: [
        "../../wit/family",
        "../../wit/platform",
        "../../wit/decision",
        "../../wit/actions",
        "../../wit/outcomes",
        "wit",
    ],
    world: "hearth-plugins:bristol-outcomes/bristol-outcomes",
    generate_all,
});

use exports::hearth::outcomes::rules::Guest;
use hearth::decision::messages::Failure;
use hearth::family::types::{Absence, Day, Window};
use hearth::platform::{calendar, log, run};
use report::Report;
use settings::Settings;
use stay::Stay;

struct Bristol;

impl Guest for Bristol {
    /// Two of the six problems make a family eligible.
    fn eligibility() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::begun(asked.on)?;
        let mut report = Report::new(&asked);
        eligibility::each_problem(&asked, stay.as_ref(), &mut report)?;
        Ok(eligibility::answer(&report, asked.settings.problems_needed).into())
    }

    /// What the plan measures, what that comes to, and what may be claimed for it.
    fn progress() -> Result<String, Failure> {
        let asked = Asked::begin();
        let stay = Stay::read(asked.on)?;
        let mut report = Report::new(&asked);
        crime::offences(&asked, &stay, &mut report)?;
        crime::antisocial_behaviour(&asked, &stay, &mut report)?;
        crime::police_callouts(&asked, &stay, &mut report)?;
        attendance::each_child(&asked, &stay, &mut report)?;
        unmeasured::each_need(&asked, &stay, &mut report);
        let outcome = report.outcome();
        claims::draft(&asked, &stay, outcome, &mut report)?;
        report.ask_for_evidence();
        Ok(outcome.into())
    }
}

export!(Bristol);

/// The date asked about and the authority's settings: what every rule needs.
struct Asked {
    on: Day,
    settings: Settings,
}

impl Asked {
    /// The first thing in each export: whatever goes wrong after it says so in the log.
    fn begin() -> Self {
        hearth_kit::tell_panics(|text| log::write(log::Level::Error, text));
        Self { on: run::as_of(), settings: Settings::read() }
    }

    /// The whole months up to the date asked about.
    fn months_back(&self, months: u32) -> Window {
        calendar::months_to(self.on, months)
    }

    fn months_on(&self, months: i32) -> Day {
        calendar::months_after(self.on, months)
    }

    /// The date asked about, as a window.
    fn that_day(&self) -> Window {
        one_day(self.on)
    }
}

const fn one_day(day: Day) -> Window {
    Window { first: day, last: Some(day) }
}

/// Does the window hold the day?
fn holds(window: Window, day: Day) -> bool {
    window.first <= day && window.last.is_none_or(|last| day <= last)
}

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}
