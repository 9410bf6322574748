//! What may be claimed. Each claim has a finding that says why it is drafted, or why not.

use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::types::{Day, Pence};
use crate::hearth::outcomes::findings;
use crate::report::{Found, Report, Standing};
use crate::say;
use crate::stay::Stay;
use crate::window::one_day;

/// A claim before it is known whether it may be made.
pub struct Draft {
    /// Its word in the code list `claims`.
    pub kind: &'static str,
    pub criterion: &'static str,
    pub entitled_on: Day,
    /// Of the rate that was in force on that day.
    pub pence: Option<Pence>,
    /// Claims after which this one cannot be made any more.
    pub once: &'static [&'static str],
    /// Why the family does not give rise to it.
    pub unearned: Option<Reason>,
    /// Criteria reported before that must be met for a claim.
    pub conditions: Vec<&'static str>,
    /// Findings that it rests on, beside its conditions' and its own.
    pub rests_on: Vec<u32>,
}

/// What a result claim is kept from by: one result a family (systems:L220).
pub const RESULTS: &[&str] = &["progress-result", "employment-result"];

impl Draft {
    pub fn make(self, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
        let pence = self.pence.filter(|pence| *pence > 0);
        let (standing, reasons) = self.judge(pence, stay, report)?;
        let own = report.add(Found::new(self.criterion, standing, one_day(self.entitled_on), reasons));
        if let (Standing::Met, Some(pence)) = (standing, pence) {
            let mut rests_on = self.rests_on;
            rests_on.extend(self.conditions.iter().flat_map(|criterion| report.met(criterion)));
            rests_on.push(own);
            findings::claim(self.kind, pence, self.entitled_on, &rests_on);
        }
        Ok(())
    }

    fn judge(&self, pence: Option<Pence>, stay: &Stay, report: &Report) -> Result<(Standing, Vec<Reason>), Failure> {
        let earlier = episode::earlier_claims()?;
        if let Some((kind, on)) = earlier.into_iter().find(|(kind, _)| self.once.contains(&kind.as_str())) {
            let args = [("claim", Arg::Code(kind)), ("on", Arg::Day(on))];
            let rests_on = stay.basis().into_iter().chain([say::read("earlier-claims")]).collect();
            return Ok((Standing::NotApplicable, vec![say::reason("claimed-before", &args, rests_on)]));
        }
        let mut against: Vec<Reason> = self.unearned.clone().into_iter().collect();
        let conditions = report.noted().iter().filter(|noted| self.conditions.contains(&noted.criterion));
        against.extend(conditions.filter(|noted| !matches!(noted.standing, Standing::Met | Standing::NotApplicable)).map(|noted| {
            let args = [("criterion", Arg::Named(noted.criterion.into()))];
            say::reason("condition-not-met", &args, vec![Basis::Reported(noted.number)])
        }));
        let rates = stay.basis().into_iter().chain([say::setting("rates")]).collect();
        let claim = [("claim", say::code(self.kind)), ("on", Arg::Day(self.entitled_on))];
        Ok(match pence {
            None => {
                against.push(say::reason("no-rate", &claim, rates));
                (Standing::NotMet, against)
            }
            Some(pence) if against.is_empty() => {
                let args = [claim[0].clone(), claim[1].clone(), ("amount", Arg::Pence(pence))];
                (Standing::Met, vec![say::reason("claim-drafted", &args, rates)])
            }
            Some(_) => (Standing::NotMet, against),
        })
    }
}
