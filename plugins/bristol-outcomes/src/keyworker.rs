//! A family without a dedicated keyworker cannot be claimed for (004:L982-L985).

use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Arg, Failure};
use crate::hearth::family::types::Day;
use crate::report::{Found, Report, Standing, Values};
use crate::{Asked, one_day, say};

pub struct Keyworker {
    /// The finding that says so.
    pub finding: u32,
    pub recorded: bool,
}

/// Was one recorded on the day?
pub fn on(day: Day, criterion: &'static str, asked: &Asked, report: &mut Report) -> Result<Keyworker, Failure> {
    let keyworkers = episode::keyworkers(one_day(day))?;
    let recorded = !keyworkers.is_empty();
    let (standing, template) = if recorded { (Standing::Met, "keyworker-recorded") } else { (Standing::NotMet, "keyworker-missing") };
    let rests_on = say::facts_or_none(keyworkers.iter().map(|k| k.fact), "support", "worker", one_day(day));
    let finding = report.add(Found {
        criterion,
        person: None,
        standing,
        window: one_day(day),
        values: Values::default(),
        reasons: vec![say::reason(template, &[("on", Arg::Day(day))], rests_on)],
        ask_again: Some(asked.months_on(1)),
    });
    Ok(Keyworker { finding, recorded })
}
