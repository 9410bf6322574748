//! What the plugin is built from; the rules stand in the modules.

#[path = "../kit/manifest.rs"]
mod manifest;
mod outcomes;

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use hearth::decision::messages::Failure;
use hearth::family::types::Absence;
use hearth::platform::log;

/// Answers what is asked: each module has the questions of one extension point.
struct Plugin;

export!(Plugin);

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}

/// First of all in each question: whatever goes wrong from there on says where.
fn tell_panics() {
    hearth_kit::tell_panics(|text| log::write(log::Level::Error, text));
}
