//! What may be claimed: £1,000 for taking a family on, £800 for its outcomes (004:L175-L179). Each claim has a finding that
//! says why it is drafted, or why not.

use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::types::{Code, Day, Pence};
use crate::hearth::outcomes::findings;
use crate::keyworker::{self, Keyworker};
use crate::report::{Found, Report, Standing, Values};
use crate::stay::Stay;
use crate::{Asked, one_day, say};

pub fn draft(asked: &Asked, stay: &Stay, outcome: &str, report: &mut Report) -> Result<(), Failure> {
    let earlier = episode::earlier_claims()?;
    let at_entry = keyworker::on(stay.engaged, "keyworker-at-entry", asked, report)?;
    let now = keyworker::on(asked.on, "keyworker-now", asked, report)?;

    let needs = (stay.needs.len() < asked.settings.problems_needed as usize).then(|| {
        let args = [("found", say::count(stay.needs.len())), ("needed", Arg::Count(asked.settings.problems_needed.into()))];
        say::reason("too-few-needs", &args, stay.basis())
    });
    Draft {
        kind: "attachment",
        criterion: "claim-attachment",
        entitled_on: stay.engaged,
        pence: asked.settings.rate(stay.engaged).map(|rate| rate.attachment_pence),
        claimed: claimed(&earlier, &["attachment"]),
        unearned: needs,
        keyworker: at_entry,
        rests_on: Vec::new(),
    }
    .make(asked, stay, report);

    let progress = (outcome != "significant-and-sustained")
        .then(|| say::reason("outcome-not-reached", &[("outcome", say::code(outcome))], stay.basis()));
    Draft {
        kind: "progress-result",
        criterion: "claim-result",
        entitled_on: asked.on,
        pence: asked.settings.rate(asked.on).map(|rate| rate.result_pence),
        claimed: claimed(&earlier, &["progress-result", "employment-result"]),
        unearned: progress,
        keyworker: now,
        rests_on: report.met_for_outcome(),
    }
    .make(asked, stay, report);
    Ok(())
}

/// An amount rests on the stay and on the authority's rates.
fn with_rates(stay: &Stay) -> Vec<Basis> {
    let mut rests_on = stay.basis();
    rests_on.push(Basis::Setting("rates".into()));
    rests_on
}

/// The first earlier claim of one of the kinds.
fn claimed(earlier: &[(Code, Day)], kinds: &[&str]) -> Option<(Code, Day)> {
    earlier.iter().find(|(kind, _)| kinds.contains(&kind.as_str())).cloned()
}

/// A claim before it is known whether it may be made.
struct Draft {
    kind: &'static str,
    criterion: &'static str,
    entitled_on: Day,
    pence: Option<Pence>,
    claimed: Option<(Code, Day)>,
    /// Why the family does not give rise to it.
    unearned: Option<Reason>,
    keyworker: Keyworker,
    /// Findings that it rests on, beside the keyworker's and its own.
    rests_on: Vec<u32>,
}

impl Draft {
    fn make(self, asked: &Asked, stay: &Stay, report: &mut Report) {
        let pence = self.pence.filter(|pence| *pence > 0);
        let (standing, reasons) = self.judge(pence, asked, stay);
        let own = report.add(Found {
            criterion: self.criterion,
            person: None,
            standing,
            window: one_day(self.entitled_on),
            values: Values::default(),
            reasons,
            ask_again: Some(asked.months_on(1)),
        });
        if let (Standing::Met, Some(pence)) = (standing, pence) {
            let mut rests_on = self.rests_on;
            rests_on.extend([self.keyworker.finding, own]);
            findings::claim(self.kind, pence, self.entitled_on, &rests_on);
        }
    }

    fn judge(&self, pence: Option<Pence>, asked: &Asked, stay: &Stay) -> (Standing, Vec<Reason>) {
        let on = Arg::Day(self.entitled_on);
        if let Some((kind, day)) = &self.claimed {
            let args = [("claim", say::code(kind)), ("on", Arg::Day(*day))];
            let mut rests_on = stay.basis();
            rests_on.push(Basis::Read("earlier-claims".into()));
            return (Standing::NotApplicable, vec![say::reason("claimed-before", &args, rests_on)]);
        }
        let mut against: Vec<Reason> = self.unearned.clone().into_iter().collect();
        if asked.settings.keyworker_required && !self.keyworker.recorded {
            let nobody = say::searched("support", "worker", one_day(self.entitled_on), 0);
            against.push(say::reason("keyworker-missing", &[("on", on.clone())], nobody));
        }
        match pence {
            None => against.push(say::reason("no-rate", &[("claim", say::code(self.kind)), ("on", on)], with_rates(stay))),
            Some(pence) if against.is_empty() => {
                let args = [("claim", say::code(self.kind)), ("amount", Arg::Pence(pence)), ("on", on)];
                return (Standing::Met, vec![say::reason("claim-drafted", &args, with_rates(stay))]);
            }
            Some(_) => {}
        }
        (Standing::NotMet, against)
    }
}
