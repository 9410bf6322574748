use super::{Day, Window};
pub struct WorkingDays<'a>(&'a [Day]);
impl<'a> WorkingDays<'a> {
    pub fn but(holidays: &'a [Day]) -> Self {
        Self(holidays)
    }
    pub fn count(&self, _window: Window) -> u32 {
        self.0.len() as u32
    }
    pub fn add(&self, day: Day, n: i32) -> Option<Day> {
        day.plus(n)
    }
}
pub fn bank_holidays_around(_day: Day) -> Vec<Day> {
    Vec::new()
}
