//! Needs for which no measure of Bristol's plan is published. A person decides about them; nothing may read as if they were met.

use crate::Asked;
use crate::report::{Found, Report, Standing, Values};
use crate::settings::UnmeasuredNeeds;
use crate::stay::Stay;
use crate::{one_day, say};

const UNMEASURED: [(&str, &str); 4] = [
    ("children-who-need-help", "other-children"),
    ("work-and-money", "other-work"),
    ("domestic-abuse", "other-abuse"),
    ("health", "other-health"),
];

pub fn each_need(asked: &Asked, stay: &Stay, report: &mut Report) {
    let counts = asked.settings.unmeasured_needs == UnmeasuredNeeds::HoldBack;
    for (need, criterion) in UNMEASURED.into_iter().filter(|(need, _)| stay.has_need(need)) {
        let args = [("need", say::code(need))];
        let found = Found {
            criterion,
            person: None,
            standing: Standing::NotEnoughEvidence,
            window: one_day(asked.on),
            values: Values::default(),
            reasons: vec![say::reason("no-measure", &args, stay.basis())],
            // Asking again gives the same answer.
            ask_again: None,
        };
        report.add_for_outcome(found, counts, say::message("decide-by-hand", &args));
    }
}
