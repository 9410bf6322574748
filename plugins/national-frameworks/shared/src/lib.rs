//! What the three national frameworks share. Each version (`v1`, `v2`, `v3` beside this folder) is its rules and settings;
//! reading the record, telling what is known of it, and reporting are here. The rules in words, each with its source, are in
//! the `README.md` of each version.

pub mod claims;
pub mod coverage;
pub mod dated;
pub mod dependants;
pub mod employment;
pub mod keyworker;
pub mod members;
pub mod problem;
pub mod report;
pub mod say;
pub mod school;
pub mod signs;
pub mod stay;
pub mod window;

wit_bindgen::generate!({
    path: [
        "../../../wit/family",
        "../../../wit/platform",
        "../../../wit/decision",
        "../../../wit/actions",
        "../../../wit/outcomes",
        "wit",
    ],
    world: "hearth-plugins:national-framework/national-framework",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "national_framework",
});

pub use exports::hearth::outcomes::rules::Guest;
pub use hearth::decision::messages::Failure;
pub use hearth::family::types::Day;

use hearth::family::types::{Absence, Window};
use hearth::platform::{calendar, log, run, settings};
use serde::de::DeserializeOwned;

/// The date asked about and the authority's settings: what every rule needs.
pub struct Asked<Settings> {
    pub on: Day,
    pub settings: Settings,
}

impl<Settings: DeserializeOwned> Asked<Settings> {
    /// The first thing in each export: whatever goes wrong after it says so in the log.
    #[must_use]
    pub fn begin() -> Self {
        hearth_kit::tell_panics(|text| log::write(log::Level::Error, text));
        let settings = serde_json::from_str(&settings::json()).unwrap_or_else(|e| panic!("the settings are not as the schema says: {e}"));
        Self { on: run::as_of(), settings }
    }
}

/// The whole months that end on `last`.
#[must_use]
pub fn months_to(last: Day, months: u32) -> Window {
    calendar::months_to(last, months)
}

#[must_use]
pub fn months_after(day: Day, months: i32) -> Day {
    calendar::months_after(day, months)
}

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}
