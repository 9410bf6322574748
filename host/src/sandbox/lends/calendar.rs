use crate::record::Day;
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::bindings::hearth::platform::{calendar, run};
use crate::sandbox::fault::nonsense;
use crate::sandbox::run::{Run, day, short_list};

impl run::Host for Run {
    fn as_of(&mut self) -> anyhow::Result<i32> {
        self.count_call()?;
        Ok(self.given.context.as_of.number())
    }
}

impl calendar::Host for Run {
    fn add_months(&mut self, days: Vec<i32>, months: i32) -> anyhow::Result<Vec<i32>> {
        self.count_call()?;
        short_list("days", &days)?;
        self.count_rows(days.len())?;
        days.into_iter().map(|number| Ok(later(day(number)?, months)?.number())).collect()
    }

    fn months_to(&mut self, last: i32, months: u32) -> anyhow::Result<wit::Window> {
        self.count_call()?;
        let last = day(last)?;
        let Some(after) = last.plus(1) else { return nonsense(format!("the day after {last} is out of range")) };
        let Ok(months) = i32::try_from(months) else { return nonsense(format!("{months} months are out of range")) };
        let first = later(after, -months)?;
        if first > last {
            return nonsense("a window of no months");
        }
        Ok(wit::Window { first: first.number(), last: Some(last.number()) })
    }
}

fn later(day: Day, months: i32) -> anyhow::Result<Day> {
    day.plus_months(months).map_or_else(|| nonsense(format!("{months} months from {day} are out of range")), Ok)
}
