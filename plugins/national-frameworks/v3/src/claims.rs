//! One payment, for the result, on the day on which the outcome had been sustained.

use national_framework::claims::{Draft, RESULTS};
use national_framework::dated::in_force;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::window::last;
use national_framework::{Failure, say};

use crate::Asked;
use crate::practice::CONDITIONS;
use crate::progress::after_closure;

pub fn draft(asked: &Asked, stay: &Stay, outcome: &str, report: &mut Report) -> Result<(), Failure> {
    let reached = outcome == "significant-and-sustained";
    let sustained = after_closure(asked, stay).map(last).filter(|_| reached);
    let entitled_on = sustained.unwrap_or(asked.on);
    Draft {
        kind: "progress-result",
        criterion: "claim-result",
        entitled_on,
        pence: in_force(&asked.settings.rates, entitled_on).map(|rate| rate.result_pence),
        once: RESULTS,
        unearned: (!reached).then(|| say::reason("outcome-not-reached", &[("outcome", say::code(outcome))], stay.basis())),
        conditions: CONDITIONS.to_vec(),
        rests_on: report.met_for_outcome(),
    }
    .make(stay, report)
}
