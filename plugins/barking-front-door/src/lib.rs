//! Barking and Dagenham's one front door. The rules in words, each with its source, are in `README.md`.

mod allocate;
mod door;
mod event;
mod look;
mod say;
mod screening;
mod settings;
mod signs;
mod social_care;
mod stay;
mod triage;

wit_bindgen::generate!({
    path: [
        "../../wit/family",
        "../../wit/platform",
        "../../wit/decision",
        "../../wit/actions",
        "../../wit/pathway",
        "wit",
    ],
    world: "hearth-plugins:barking-front-door/barking-front-door",
    generate_all,
});

use exports::hearth::pathway::steps::Guest;
use hearth::decision::messages::Failure;
use hearth::family::types::{Absence, Day, Window};
use hearth::platform::{calendar, log, run};
use settings::Settings;

struct FrontDoor;

impl Guest for FrontDoor {
    fn triage() -> Result<String, Failure> {
        triage::answer(&Asked::begin()).map(str::to_owned)
    }

    fn on_event() -> Result<String, Failure> {
        event::answer(&Asked::begin()).map(str::to_owned)
    }

    fn allocate() -> Result<String, Failure> {
        allocate::answer(&Asked::begin()).map(str::to_owned)
    }
}

export!(FrontDoor);

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

    /// The window in which signs of a problem are looked for.
    fn indicator_window(&self) -> Window {
        calendar::months_to(self.on, self.settings.indicator_months)
    }

    /// The date asked about, as a window.
    const fn that_day(&self) -> Window {
        Window { first: self.on, last: Some(self.on) }
    }

    fn in_working_days(&self, number: i32) -> Day {
        calendar::add_working_days(self.on, number)
    }
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
