//! Does a partner reach the family? A landlord knows who lives in its homes (002:L1685-L1686), youth offending and probation whom they
//! supervise (002:L1703-L1720).

use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::hearth::family::types::{Day, Fact};
use crate::hearth::family::{finance, housing, offending};
use crate::look::look;
use crate::settings::Knowing;
use crate::{Asked, say};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Its tenancy is at risk, which is what the post is for (002:L1678).
    AtRisk,
    Reached,
    /// Not for all that is known.
    Perhaps,
}

/// How well the partner reaches the family, and why; none if it does not.
pub fn of(asked: &Asked, partner: &str) -> Option<(Fit, Vec<Reason>)> {
    match asked.settings.knowing(partner) {
        Some(Knowing::Tenancy) => by_tenancy(asked),
        Some(Knowing::Offence) => by_offence(asked),
        None => Some((Fit::Reached, vec![say::reason("any-family", &[], vec![say::setting("known-by")])])),
    }
}

fn by_tenancy(asked: &Asked) -> Option<(Fit, Vec<Reason>)> {
    let tenancies = look("housing", "tenancy", asked.that_day(), housing::tenancies);
    let held = tenancies.rows.iter().find(|row| asked.settings.landlord_tenures.contains(&row.tenure));
    let Some(tenancy) = held else {
        return (!tenancies.complete).then(|| (Fit::Perhaps, vec![say::reason("tenancy-not-known", &[], tenancies.search)]));
    };
    let rests_on = vec![Basis::Fact(tenancy.fact), say::setting("landlord-tenures")];
    let mut reasons = vec![say::reason("tenant", &[("tenure", say::code(&tenancy.tenure))], rests_on)];
    reasons.extend(eviction(asked));
    reasons.extend(arrears(asked));
    Some((if reasons.len() > 1 { Fit::AtRisk } else { Fit::Reached }, reasons))
}

/// The last step towards losing the home, unless that was averted.
fn eviction(asked: &Asked) -> Option<Reason> {
    let steps = look("housing", "eviction-step", asked.months_back(asked.settings.eviction_months), housing::eviction_steps);
    let last = steps.rows.last().filter(|step| step.stage != "averted")?;
    let args = [("stage", say::code(&last.stage)), ("on", Arg::Day(last.on))];
    Some(say::reason("eviction", &args, with_setting(last.fact, "eviction-months")))
}

/// The last measure stands until the next.
fn arrears(asked: &Asked) -> Option<Reason> {
    let measured = look("finance", "arrears", asked.months_back(asked.settings.arrears_months), finance::arrears_measured);
    let last = measured.rows.iter().rfind(|row| row.debt == "rent").filter(|row| row.amount > 0)?;
    let args = [("amount", Arg::Pence(last.amount)), ("on", Arg::Day(last.on))];
    Some(say::reason("rent-owed", &args, with_setting(last.fact, "arrears-months")))
}

fn by_offence(asked: &Asked) -> Option<(Fit, Vec<Reason>)> {
    let offences = look("offending", "offence", asked.months_back(asked.settings.offence_months), offending::offences);
    let last: Option<Day> = offences.rows.last().map(|row| row.on);
    let Some(last) = last else {
        return (!offences.complete).then(|| (Fit::Perhaps, vec![say::reason("offences-not-known", &[], offences.search)]));
    };
    let mut rests_on = say::facts(offences.rows.iter().map(|row| row.fact));
    rests_on.push(say::setting("offence-months"));
    let args = [("offences", say::count(offences.rows.len())), ("last", Arg::Day(last))];
    Some((Fit::Reached, vec![say::reason("supervised", &args, rests_on)]))
}

fn with_setting(fact: Fact, name: &str) -> Vec<Basis> {
    vec![Basis::Fact(fact), say::setting(name)]
}
