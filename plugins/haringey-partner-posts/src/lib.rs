//! Lead professionals in partners' own services: Haringey pays for them of its result money, in Tower Hamlets a landlord pays for
//! them itself. The rules in words, each with its source, are in `README.md`.

mod cases;
mod check;
mod look;
mod money;
mod payment;
mod reach;
mod report;
mod review;
mod say;
mod settings;
mod shortlist;
mod terms;

wit_bindgen::generate!({
    path: [
        "../../wit/family",
        "../../wit/platform",
        "../../wit/decision",
        "../../wit/actions",
        "../../wit/commissioning",
        "wit",
    ],
    world: "hearth-plugins:haringey-partner-posts/haringey-partner-posts",
    generate_all,
});

use exports::hearth::commissioning::buying::Guest;
use hearth::decision::messages::{Failure, Message};
use hearth::family::types::{Absence, Day, Window};
use hearth::platform::{calendar, log, run};
use settings::Settings;

struct PartnerPosts;

impl Guest for PartnerPosts {
    fn shortlist() -> Result<String, Failure> {
        shortlist::answer(&Asked::begin()).map(str::to_owned)
    }

    fn check_contract() -> Result<String, Failure> {
        check::answer(&Asked::begin()).map(str::to_owned)
    }

    fn payment() -> Result<String, Failure> {
        payment::answer(&Asked::begin()).map(str::to_owned)
    }

    fn review() -> Result<String, Failure> {
        review::answer(&Asked::begin()).map(str::to_owned)
    }
}

export!(PartnerPosts);

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

    /// The date asked about, as a window.
    const fn that_day(&self) -> Window {
        Window { first: self.on, last: Some(self.on) }
    }
}

/// `months` later.
fn months_after(day: Day, months: i32) -> Day {
    calendar::months_after(day, months)
}

/// Why a question is not answered, in the plugin's own words. `why`, code list failures.
fn refusal(why: &str, message: Message) -> Failure {
    Failure { why: why.into(), message: Some(message) }
}

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}
