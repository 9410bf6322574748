//! £4,000 a family at most: an attachment fee, and the rest for the result (002:L215-L219).

use national_framework::claims::{Draft, RESULTS};
use national_framework::dated::in_force;
use national_framework::hearth::decision::messages::Arg;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::{Failure, say};

use crate::{Asked, criteria};

pub fn draft(asked: &Asked, stay: &Stay, outcome: &str, report: &mut Report) -> Result<(), Failure> {
    let (rates, needed) = (&asked.settings.rates, asked.settings.criteria_needed);
    let found = criteria::at_entry(asked, stay);
    let args = [("found", say::count(found)), ("needed", Arg::Count(needed.into()))];
    Draft {
        kind: "attachment",
        criterion: "claim-attachment",
        entitled_on: stay.engaged,
        pence: in_force(rates, stay.engaged).map(|rate| rate.attachment_pence),
        once: &["attachment"],
        unearned: (found < needed as usize).then(|| say::reason("too-few-needs", &args, stay.basis())),
        conditions: Vec::new(),
        rests_on: Vec::new(),
    }
    .make(stay, report)?;

    let (kind, unearned, rests_on) = match outcome {
        "significant-and-sustained" => ("progress-result", None, report.met_for_outcome()),
        "continuous-employment" => ("employment-result", None, report.met("work")),
        short => {
            let reason = say::reason("outcome-not-reached", &[("outcome", say::code(short))], stay.basis());
            ("progress-result", Some(reason), Vec::new())
        }
    };
    Draft {
        kind,
        criterion: "claim-result",
        entitled_on: asked.on,
        pence: in_force(rates, asked.on).map(|rate| rate.result_pence),
        once: RESULTS,
        unearned,
        conditions: Vec::new(),
        rests_on,
    }
    .make(stay, report)
}
