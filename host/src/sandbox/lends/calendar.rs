use crate::record::calendar::WorkingDays;
use crate::record::{Day, Window};
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::bindings::hearth::platform::{calendar, run};
use crate::sandbox::fault::nonsense;
use crate::sandbox::run::{Run, absence, day, short_list, window, wit_window};

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

    fn months_after(&mut self, start: i32, months: i32) -> anyhow::Result<i32> {
        self.count_call()?;
        Ok(later(day(start)?, months)?.number())
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

    fn months_between(&mut self, first: i32, until: i32) -> anyhow::Result<i32> {
        self.count_call()?;
        let (first, until) = (day(first)?, day(until)?);
        Ok(if first <= until { first.months_until(until) } else { -until.months_until(first) })
    }

    fn dates(&mut self, days: Vec<i32>) -> anyhow::Result<Vec<calendar::Date>> {
        self.count_call()?;
        short_list("days", &days)?;
        self.count_rows(days.len())?;
        days.into_iter().map(|number| day(number).map(date)).collect()
    }

    fn read(&mut self, texts: Vec<String>) -> anyhow::Result<Vec<Option<i32>>> {
        self.count_call()?;
        short_list("texts", &texts)?;
        self.count_rows(texts.len())?;
        self.count_text(texts.iter().map(String::len).sum())?;
        Ok(texts.iter().map(|text| text.parse::<Day>().ok().map(Day::number)).collect())
    }

    fn working_days(&mut self, asked: wit::Window) -> anyhow::Result<u32> {
        self.count_call()?;
        let asked = window(asked)?;
        if asked.last.is_none() {
            return nonsense("the working days of a window without a last day");
        }
        Ok(self.workdays().count(asked))
    }

    fn add_working_days(&mut self, start: i32, count: i32) -> anyhow::Result<i32> {
        self.count_call()?;
        let start = day(start)?;
        let reached = self.workdays().add(start, count);
        reached.map_or_else(|| nonsense(format!("{count} working days from {start} are out of range")), |day| Ok(day.number()))
    }

    fn terms(&mut self, asked: wit::Window) -> anyhow::Result<Result<Vec<calendar::Term>, wit::Absence>> {
        self.count_call()?;
        let asked: Window = window(asked)?;
        self.sources_read.insert("terms");
        let Some(terms) = &self.given.context.calendar.terms else { return Ok(Err(absence("not-supplied"))) };
        let found: Vec<calendar::Term> = terms
            .iter()
            .filter(|t| t.window.overlaps(&asked))
            .map(|t| calendar::Term { name: t.name.clone(), window: wit_window(t.window) })
            .collect();
        self.count_rows(found.len())?;
        Ok(Ok(found))
    }
}

impl Run {
    fn workdays(&self) -> WorkingDays {
        WorkingDays::but(self.given.context.calendar.bank_holidays.iter().copied())
    }
}

fn date(day: Day) -> calendar::Date {
    let date = day.date();
    calendar::Date {
        // The range of `Day` lies inside those of these numbers.
        year: date.year().unsigned_abs(),
        month: date.month().unsigned_abs(),
        day: date.day().unsigned_abs(),
        weekday: date.weekday().to_monday_one_offset().unsigned_abs(),
    }
}

fn later(day: Day, months: i32) -> anyhow::Result<Day> {
    day.plus_months(months).map_or_else(|| nonsense(format!("{months} months from {day} are out of range")), Ok)
}
