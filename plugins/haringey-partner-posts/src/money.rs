//! What the posts have earned: the part of the result payments for their families that the authority reinvests.

use serde::Deserialize;

use crate::hearth::commissioning::contract::Helped;
use crate::hearth::decision::messages::{Arg, Failure, Reason};
use crate::hearth::family::types::{Day, Pence};
use crate::hearth::platform::reference;
use crate::{Asked, refusal, say, terms};

/// The name of the table.
const RATES: &str = "rates";

/// One row of the table: what the programme pays for a result.
#[derive(Deserialize)]
struct Rate {
    result: Pence,
}

/// What came in for the families of a contract, and goes out again.
pub struct Earned {
    pub results: usize,
    pub amount: Pence,
}

impl Earned {
    /// Of each family's result, the part that was reinvested on the day on which it was entitled, rounded down to whole pence.
    pub fn by(asked: &Asked, families: &[Helped]) -> Result<Self, Failure> {
        let mut earned = Self { results: 0, amount: 0 };
        for on in families.iter().filter_map(|helped| terms::result_on(asked, helped)) {
            earned.results += 1;
            earned.amount += result_payment(on)? * asked.settings.reinvested_percent(on) / 100;
        }
        Ok(earned)
    }

    pub fn says(&self) -> Reason {
        let mut rests_on = say::asked();
        rests_on.push(say::setting("reinvested"));
        if self.results > 0 {
            rests_on.push(say::table(RATES));
        }
        say::reason("earned", &[("results", say::count(self.results)), ("amount", Arg::Pence(self.amount))], rests_on)
    }
}

fn result_payment(on: Day) -> Result<Pence, Failure> {
    let rows = reference::rows(RATES, on)?;
    let rates: Vec<Rate> = serde_json::from_str(&rows).unwrap_or_else(|e| panic!("the table {RATES} is not as the manifest says: {e}"));
    let rate = rates.last().ok_or_else(|| refusal("no-rate", say::message("no-rate", &[("on", Arg::Day(on))])))?;
    Ok(rate.result)
}
