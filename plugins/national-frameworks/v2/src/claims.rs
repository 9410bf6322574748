//! £1,000 for taking a family on, £800 for either result (004:L175-L179, systems:L223), and only with a keyworker.

use national_framework::claims::{Draft, RESULTS};
use national_framework::dated::in_force;
use national_framework::hearth::decision::messages::Arg;
use national_framework::report::Report;
use national_framework::stay::Stay;
use national_framework::window::one_day;
use national_framework::{Failure, keyworker, say};

use crate::Asked;

pub fn draft(asked: &Asked, stay: &Stay, outcome: &str, report: &mut Report) -> Result<(), Failure> {
    let (rates, needed) = (&asked.settings.rates, asked.settings.problems_needed);
    keyworker::during(one_day(stay.engaged), "keyworker-at-entry", report)?;
    keyworker::during(one_day(asked.on), "keyworker-now", report)?;

    let args = [("found", say::count(stay.needs.len())), ("needed", Arg::Count(needed.into()))];
    Draft {
        kind: "attachment",
        criterion: "claim-attachment",
        entitled_on: stay.engaged,
        pence: in_force(rates, stay.engaged).map(|rate| rate.attachment_pence),
        once: &["attachment"],
        unearned: (stay.needs.len() < needed as usize).then(|| say::reason("too-few-needs", &args, stay.basis())),
        conditions: vec!["keyworker-at-entry"],
        rests_on: Vec::new(),
    }
    .make(stay, report)?;

    let (kind, unearned, rests_on) = match outcome {
        "significant-and-sustained" => ("progress-result", None, report.met_for_outcome()),
        "continuous-employment" => ("employment-result", None, [report.met("school"), report.met("employment")].concat()),
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
        conditions: vec!["keyworker-now"],
        rests_on,
    }
    .make(stay, report)
}
