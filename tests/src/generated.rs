//! Families made up by dice that love edges: month ends, 29 February, the first and last day of every window and the days
//! beside them, birthdays on the date asked about, attendance at exactly the threshold, coverage with holes. The same
//! number gives the same family for ever.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::Family;
use crate::oracle::months;

/// A family and what is asked about it.
#[derive(Debug)]
pub struct Case {
    pub family: Family,
    pub as_of: Date,
    pub settings: Value,
    /// Kind, and day entitled.
    pub claims: Vec<(&'static str, Date)>,
}

/// SplitMix64: tiny, and the same on every machine.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `least` to `most`, both included.
    ///
    /// # Panics
    /// Where `most` is less than `least`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least).unwrap() + 1;
        least + i64::try_from(self.next() % span).unwrap()
    }

    /// In so many of a hundred.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.between(0, i64::try_from(of.len()).unwrap() - 1)).unwrap()].clone()
    }

    pub(crate) fn near(&mut self, day: Date) -> Date {
        let by = self.pick(&[-1, 0, 0, 1]);
        day.saturating_add(by.days())
    }

    fn within(&mut self, (first, last): (Date, Date)) -> Date {
        let length = i64::from(first.until(last).unwrap().get_days());
        match self.between(0, 4) {
            0 => first,
            1 => last,
            _ => first.saturating_add(self.between(0, length).days()),
        }
    }
}

const NEEDS: [&str; 6] =
    ["crime-and-antisocial-behaviour", "school-attendance", "children-who-need-help", "work-and-money", "domestic-abuse", "health"];

/// Kinds whose coverage decides something.
const COVERED: [&str; 7] =
    ["offence", "antisocial-incident", "police-callout", "attendance", "exclusion", "safeguarding-standing", "benefit-spell"];

const AS_OF: [Date; 16] = [
    Date::constant(2024, 2, 29),
    Date::constant(2024, 2, 28),
    Date::constant(2026, 2, 28),
    Date::constant(2024, 3, 1),
    Date::constant(2026, 8, 31),
    Date::constant(2024, 8, 31),
    Date::constant(2026, 8, 30),
    Date::constant(2024, 8, 30),
    Date::constant(2024, 8, 29),
    Date::constant(2026, 8, 28),
    Date::constant(2025, 1, 31),
    Date::constant(2025, 3, 31),
    Date::constant(2023, 11, 30),
    Date::constant(2025, 12, 31),
    Date::constant(2025, 5, 31),
    Date::constant(2025, 8, 29),
];

/// The family of that number.
#[must_use]
pub fn case(number: u64) -> Case {
    let mut dice = Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D));
    let as_of = if dice.chance(70) { dice.pick(&AS_OF) } else { Date::constant(2022, 1, 1).saturating_add(dice.between(0, 2_000).days()) };
    let engaged = match dice.between(0, 9) {
        0 => as_of,
        1 => dice.near(as_of),
        2 => dice.near(months(as_of, 6).0),
        3 => dice.near(months(as_of, 12).0),
        _ => as_of.saturating_sub(dice.between(1, 700).days()),
    };
    let settings = settings(&mut dice, as_of, engaged);
    let mut maker = Maker::of(dice, as_of, engaged, &settings);
    maker.people();
    maker.homes();
    maker.support();
    maker.facts(&settings);
    maker.coverage();
    let claims = maker.claims();
    Case { family: maker.family, as_of, settings, claims }
}

/// Drawn from the plugin's schema; what is left out has its default.
fn settings(dice: &mut Dice, as_of: Date, engaged: Date) -> Value {
    let mut settings = Map::new();
    let mut maybe = |dice: &mut Dice, name: &str, draw: &mut dyn FnMut(&mut Dice) -> Value| {
        if dice.chance(25) {
            let value = draw(dice);
            settings.insert(name.into(), value);
        }
    };
    maybe(dice, "problems-needed", &mut |d| json!(d.between(1, 6)));
    maybe(dice, "indicator-months", &mut |d| json!(d.pick(&[1, 2, 6, 11, 12, 13, 24, 60])));
    maybe(dice, "callout-months", &mut |d| json!(d.pick(&[1, 3, 5, 6, 7, 12, 60])));
    maybe(dice, "domestic-callouts", &mut |d| json!(d.pick(&[1, 2, 3, 4, 50])));
    maybe(dice, "reduction-percent", &mut |d| json!(d.pick(&[1, 33, 50, 59, 60, 61, 67, 99, 100])));
    maybe(dice, "none-before", &mut |d| json!(d.pick(&["not-applicable", "met"])));
    maybe(dice, "attendance-months", &mut |d| json!(d.pick(&[1, 2, 3, 5, 6, 7, 12, 24])));
    maybe(dice, "attendance-percent", &mut |d| json!(d.pick(&[1, 50, 67, 85, 89, 90, 91, 95, 99, 100])));
    maybe(dice, "unmeasured-needs", &mut |d| json!(d.pick(&["hold-back", "leave-out"])));
    maybe(dice, "keyworker-required", &mut |d| json!(d.chance(50)));
    maybe(dice, "rates", &mut |d| {
        let rates = (0..d.between(0, 4)).map(|_| {
            let around = d.pick(&[as_of, engaged, Date::constant(2015, 4, 1)]);
            let amount = |d: &mut Dice| d.pick(&[0, 1, 80_000, 100_000, 100_000_000]);
            json!({ "from": d.near(around), "attachment-pence": amount(d), "result-pence": amount(d) })
        });
        Value::Array(rates.collect())
    });
    Value::Object(settings)
}

struct Maker {
    dice: Dice,
    family: Family,
    as_of: Date,
    engaged: Date,
    /// First and last days of every window that a rule looks at.
    edges: Vec<Date>,
    windows: Windows,
    /// Well covered and well behaved, so that some outcomes are reached and one flaw shows.
    tidy: bool,
    people: Vec<String>,
    homes: Vec<String>,
}

struct Windows {
    now: (Date, Date),
    before: (Date, Date),
    school: (Date, Date),
    school_before: (Date, Date),
    indicator: (Date, Date),
    domestic: (Date, Date),
}

fn text((first, last): (Date, Option<Date>)) -> String {
    format!("{first}..{}", last.map_or_else(String::new, |last| last.to_string()))
}

impl Maker {
    fn of(mut dice: Dice, as_of: Date, engaged: Date, settings: &Value) -> Self {
        let number = |name: &str, default: i64| settings.get(name).and_then(Value::as_i64).unwrap_or(default);
        let yesterday = |day: Date| day.saturating_sub(1.day());
        let now = months(as_of, 6);
        let school = number("attendance-months", 6);
        let windows = Windows {
            now,
            before: months(yesterday(now.0), 6),
            school: months(as_of, school),
            school_before: months(yesterday(engaged), school),
            indicator: months(as_of, number("indicator-months", 12)),
            domestic: months(as_of, number("callout-months", 6)),
        };
        let w = &windows;
        let of_windows = [w.now, w.before, w.school, w.school_before, w.indicator, w.domestic];
        let edges = of_windows.into_iter().flat_map(|(first, last)| [first, last]).chain([as_of, engaged]).collect();
        let family = Family::empty();
        let tidy = dice.chance(45);
        Self { dice, family, as_of, engaged, edges, windows, tidy, people: Vec::new(), homes: Vec::new() }
    }

    /// Mostly on an edge or beside one.
    fn day(&mut self) -> Date {
        if self.dice.chance(70) {
            let edge = self.dice.pick(&self.edges);
            self.dice.near(edge)
        } else {
            self.as_of.saturating_add(self.dice.between(-900, 60).days())
        }
    }

    fn period(&mut self) -> (Date, Option<Date>) {
        let (one, other) = (self.day(), self.day());
        match self.dice.between(0, 3) {
            0 => (one, None),
            1 => (one, Some(one)),
            _ => (one.min(other), Some(one.max(other))),
        }
    }

    fn closed(&mut self) -> (Date, Date) {
        let (first, last) = self.period();
        (first, last.unwrap_or_else(|| first.saturating_add(self.dice.between(0, 400).days())))
    }

    fn person(&mut self) -> String {
        self.dice.pick(&self.people)
    }

    fn home(&mut self) -> String {
        self.dice.pick(&self.homes)
    }

    fn count(&mut self, tidy: &[i64], untidy: &[i64]) -> i64 {
        if self.tidy { self.dice.pick(tidy) } else { self.dice.pick(untidy) }
    }

    fn people(&mut self) {
        let everyone = self.dice.between(1, 5);
        for n in 0..everyone {
            let grown = n == 0 || self.dice.chance(25);
            let years =
                if grown { self.dice.pick(&[17, 18, 18, 19, 30, 45]) } else { self.dice.pick(&[0, 4, 5, 5, 8, 12, 15, 16, 17, 17]) };
            let birthday = self.as_of.saturating_sub(years.years());
            let born =
                if self.dice.chance(60) { self.dice.near(birthday) } else { birthday.saturating_sub(self.dice.between(0, 364).days()) };
            // A birthday that comes once in four years.
            let born = if self.dice.chance(4) { Date::constant(born.year() / 4 * 4, 2, 29) } else { born };
            let mut entry = Map::new();
            match self.dice.between(0, 19) {
                0 | 1 if !self.tidy || self.dice.chance(20) => {}
                2 => drop(entry.insert("born".into(), json!(born.strftime("%Y-%m").to_string()))),
                _ => drop(entry.insert("born".into(), json!(born))),
            }
            let mut joined = born.first_of_month();
            if !entry.contains_key("born") || self.dice.chance(12) {
                joined = if self.dice.chance(40) { self.day() } else { born.max(Date::constant(2012, 1, 1)) };
                entry.insert("member_from".into(), json!(joined));
            }
            if self.dice.chance(10) {
                let until = self.day();
                // Born on that very day, or later: a stay of one day.
                let first = if entry.contains_key("member_from") { joined } else { born };
                entry.insert("member_until".into(), json!(until.max(first)));
            }
            if self.dice.chance(10) {
                entry.insert("resident".into(), json!(false));
            }
            let name = if grown { format!("adult-{n}") } else { format!("child-{n}") };
            let again = self.dice.chance(12).then(|| (self.period(), self.dice.chance(60)));
            self.edit(|family| {
                let family = family.person(&name, Value::Object(entry));
                match again {
                    Some((when, resident)) => {
                        family.fact("membership", json!({ "person": name }), &text(when), json!({ "resident": resident }))
                    }
                    None => family,
                }
            });
            self.people.push(name);
        }
    }

    fn homes(&mut self) {
        for n in 0..self.dice.pick(&[1, 1, 1, 2, 3]) {
            let name = format!("home-{n}");
            let when = if n == 0 && self.dice.chance(80) { (Date::constant(2012, 1, 1), None) } else { self.period() };
            let again = self.dice.chance(10).then(|| self.period());
            self.edit(|family| {
                let family = family.home(&name, &text(when));
                match again {
                    Some(when) => family.fact("residence", json!({ "home": name }), &text(when), json!({})),
                    None => family,
                }
            });
            self.homes.push(name);
        }
    }

    fn support(&mut self) {
        let needs = |dice: &mut Dice, tidy: bool| {
            let rest = if tidy { 8 } else { 30 };
            let mut needs: Vec<&str> = Vec::new();
            for (n, need) in NEEDS.into_iter().enumerate() {
                let percent = if n < 2 { 50 } else { rest };
                if dice.chance(percent) {
                    needs.push(need);
                }
            }
            if dice.chance(50) {
                needs.reverse();
            }
            json!({ "needs": needs })
        };
        let tidy = self.tidy;
        if self.dice.chance(95) {
            let mut last = None;
            if self.dice.chance(15) {
                last = Some(self.day().max(self.engaged));
            }
            let detail = needs(&mut self.dice, tidy);
            let when = text((self.engaged, last));
            self.edit(|family| family.fact("episode", json!({}), &when, detail));
        }
        // Stays before this one, and one that has not begun. They never overlap.
        if self.dice.chance(20) {
            let last = self.engaged.saturating_sub(self.dice.pick(&[1, 2, 30, 200]).days());
            let when = text((last.saturating_sub(self.dice.between(0, 300).days()), Some(last)));
            let detail = needs(&mut self.dice, tidy);
            self.edit(|family| family.fact("episode", json!({}), &when, detail));
        }
        if self.dice.chance(10) && self.engaged <= self.as_of {
            let when = text((self.as_of.saturating_add(self.dice.pick(&[1, 2, 40]).days()), None));
            let detail = needs(&mut self.dice, tidy);
            self.edit(|family| family.fact("episode", json!({}), &when, detail));
        }
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 2, 3]) {
            let (e, a) = (self.engaged, self.as_of);
            let day = |day: Date, by: i64| day.saturating_add(by.days());
            let when = match self.dice.between(0, 11) {
                0 => (day(e, -90), Some(day(e, -1))),
                1 => (day(e, -90), Some(e)),
                2 => (day(e, 1), None),
                3 if e < a => (e, Some(day(a, -1))),
                4 if e <= a => (e, Some(a)),
                5 => (a, None),
                6 => (day(a, 1), None),
                7 => self.period(),
                _ => (e, None),
            };
            let role = if self.dice.chance(85) { "keyworker" } else { "lead-worker" };
            let detail = json!({ "role": role, "employer": self.dice.pick(&["council", "charity", "police"]) });
            self.edit(|family| family.fact("worker", json!({}), &text(when), detail));
        }
    }

    fn facts(&mut self, settings: &Value) {
        for _ in 0..self.count(&[0, 0, 0, 0, 1], &[0, 0, 1, 2, 4]) {
            let (person, on) = (self.person(), self.day());
            self.edit(|family| family.offence(&person, &on.to_string()));
        }
        for _ in 0..self.count(&[0, 0, 0, 0, 1], &[0, 0, 1, 2, 4]) {
            let (mut about, on) = (Map::new(), self.day());
            if self.dice.chance(70) {
                about.insert("person".into(), json!(self.person()));
            }
            if about.is_empty() || self.dice.chance(30) {
                about.insert("home".into(), json!(self.home()));
            }
            self.edit(|family| family.fact("antisocial-incident", Value::Object(about), &text((on, Some(on))), json!({})));
        }
        for _ in 0..self.dice.pick(&[0, 0, 0, 1, 2]) {
            let last = match self.dice.between(0, 7) {
                0 => None,
                1 | 2 => Some(self.day()),
                3 | 4 => Some(self.dice.near(self.engaged)),
                _ => Some(self.dice.near(self.as_of)),
            };
            let end = last.unwrap_or(self.as_of);
            let first = end.saturating_sub(self.dice.between(0, 120).days());
            let state = self.dice.pick(&["completed", "completed", "completed", "started", "offered", "left"]);
            let person = self.person();
            self.edit(|family| family.intervention(&person, &text((first, last)), state));
        }
        self.callouts(settings);
        for n in 0..self.people.len() {
            let person = self.people[n].clone();
            if person.starts_with("child") || self.dice.chance(20) {
                self.attendance(&person, settings);
            }
        }
        for _ in 0..self.count(&[0, 0, 0, 0, 1], &[0, 0, 1, 2]) {
            let (person, when) = (self.person(), self.period());
            let detail = json!({ "how": self.dice.pick(&["fixed-term", "permanent", "reduced-timetable"]) });
            self.edit(|family| family.fact("exclusion", json!({ "person": person }), &text(when), detail));
        }
        for _ in 0..self.count(&[0, 0, 1], &[0, 0, 1, 2]) {
            let (person, when) = (self.person(), self.period());
            let status = self.dice.pick(&["early-help", "child-in-need", "child-protection-plan", "looked-after"]);
            let detail = json!({ "status": status });
            self.edit(|family| family.fact("safeguarding-standing", json!({ "person": person }), &text(when), detail));
        }
        for _ in 0..self.count(&[0, 0, 1], &[0, 1, 2, 3]) {
            let (person, when) = (self.person(), self.period());
            let detail = json!({ "benefit": "universal-credit", "out_of_work": self.dice.chance(75) });
            self.edit(|family| family.fact("benefit-spell", json!({ "person": person }), &text(when), detail));
        }
    }

    fn callouts(&mut self, settings: &Value) {
        let before = self.dice.pick(&[0, 0, 1, 2, 3, 5, 10, 11]);
        let percent = settings.get("reduction-percent").and_then(Value::as_i64).unwrap_or(60);
        let most = before * (100 - percent) / 100;
        let now = self.dice.pick(&[0, most - 1, most, most, most + 1, before]).max(0);
        let (then, today) = (self.windows.before, self.windows.now);
        let mut days: Vec<Date> = (0..before).map(|_| self.dice.within(then)).collect();
        days.extend((0..now).map(|_| self.dice.within(today)));
        if self.dice.chance(20) {
            days.push(self.day());
        }
        let quiet = self.dice.chance(50);
        for on in days {
            let home = if self.dice.chance(80) { self.homes[0].clone() } else { self.home() };
            let mut detail = json!({ "domestic": !quiet && self.dice.chance(40) });
            if let Some(present) = self.dice.pick(&[None, Some(false), Some(false), Some(true)]) {
                detail["child_present"] = json!(present);
            }
            self.edit(|family| family.fact("police-callout", json!({ "home": home }), &text((on, Some(on))), detail));
        }
    }

    /// Sessions at exactly the threshold or one beside it, in one to three terms; some end outside the window.
    fn attendance(&mut self, child: &str, settings: &Value) {
        let percent = settings.get("attendance-percent").and_then(Value::as_i64).unwrap_or(90);
        for window in [self.windows.school, self.windows.school_before] {
            if self.dice.chance(12) {
                continue;
            }
            let mut possible = self.dice.pick(&[0, 1, 10, 99, 100, 190, 190, 1_000, 60_000]);
            let exact = (possible * percent + 99) / 100;
            let mut attended = match self.dice.between(0, 5) {
                0 => self.dice.between(0, possible),
                1 | 2 => exact,
                3 => exact - 1,
                4 => exact + 1,
                _ => possible,
            }
            .clamp(0, possible);
            let terms = self.dice.pick(&[1, 1, 2, 3]);
            for term in 1..=terms {
                let (p, a) = if term == terms {
                    (possible, attended)
                } else {
                    // Any split that leaves no term with more attended than possible.
                    let p = self.dice.between(0, possible);
                    (p, self.dice.between((attended - (possible - p)).max(0), p.min(attended)))
                };
                possible -= p;
                attended -= a;
                let last = match self.dice.between(0, 19) {
                    0 => None,
                    1 | 2 => Some(self.day()),
                    _ => Some(self.dice.within(window)),
                };
                let first = last.unwrap_or(window.0).saturating_sub(self.dice.between(0, 90).days());
                let detail = json!({ "possible": p, "attended": a, "unauthorised": 0 });
                self.edit(|family| family.fact("attendance", json!({ "person": child }), &text((first, last)), detail));
            }
        }
    }

    fn coverage(&mut self) {
        if self.tidy || self.dice.chance(40) {
            self.edit(|family| family.covered("2010-01-01..2035-12-31"));
        } else {
            for kind in COVERED {
                let (first, last) = if self.dice.chance(50) {
                    (Date::constant(2010, 1, 1), Date::constant(2035, 12, 31))
                } else {
                    let (one, other) = (self.day(), self.day());
                    (one.min(other), one.max(other))
                };
                self.edit(|family| family.coverage(kind, None, &text((first, Some(last))), "complete"));
            }
        }
        for _ in 0..self.count(&[0, 0, 0, 1], &[0, 1, 2, 3, 5]) {
            let kind = self.dice.pick(&COVERED);
            let person = self.dice.chance(45).then(|| self.person());
            let (first, last) = self.closed();
            let state = self.dice.pick(&["complete", "complete", "partial", "none", "withheld"]);
            self.edit(|family| family.coverage(kind, person.as_deref(), &text((first, Some(last))), state));
        }
    }

    fn claims(&mut self) -> Vec<(&'static str, Date)> {
        let most = self.dice.pick(&[0, 0, 0, 0, 0, 1, 1, 2]);
        let kinds = ["attachment", "progress-result", "employment-result"];
        (0..most).map(|_| (self.dice.pick(&kinds), self.day())).collect()
    }

    fn edit(&mut self, change: impl FnOnce(Family) -> Family) {
        self.family = change(std::mem::take(&mut self.family));
    }
}
