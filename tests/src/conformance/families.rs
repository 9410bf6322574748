//! Families for the rule in three languages: 29 February, month ends, the first and last days of terms and the days beside them,
//! birthdays on the date asked about, attendance at exactly the threshold, coverage with holes. The same number gives the same family.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::Term;
use crate::Family;
use crate::generated::Dice;

/// A family and what is asked about it.
#[derive(Debug)]
pub struct Case {
    pub family: Family,
    pub as_of: Date,
    pub settings: Value,
    /// Kind, and day entitled.
    pub claims: Vec<(&'static str, Date)>,
    /// None where the authority supplied none.
    pub terms: Option<Vec<Term>>,
    /// The edges that it lies on.
    pub edges: BTreeSet<&'static str>,
}

const AS_OF: [Date; 18] = [
    Date::constant(2024, 2, 29),
    Date::constant(2024, 2, 29),
    Date::constant(2024, 2, 28),
    Date::constant(2024, 3, 1),
    Date::constant(2024, 3, 31),
    Date::constant(2024, 8, 31),
    Date::constant(2024, 12, 31),
    Date::constant(2025, 1, 31),
    Date::constant(2025, 2, 28),
    Date::constant(2025, 3, 1),
    Date::constant(2025, 4, 17),
    Date::constant(2025, 8, 29),
    Date::constant(2025, 8, 30),
    Date::constant(2026, 4, 30),
    Date::constant(2026, 8, 31),
    Date::constant(2026, 12, 24),
    Date::constant(2028, 2, 29),
    Date::constant(2028, 2, 29),
];

/// The family of that number.
#[must_use]
pub fn case(number: u64) -> Case {
    let mut dice = Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0xC0F0);
    let as_of = if dice.chance(65) { dice.pick(&AS_OF) } else { Date::constant(2024, 1, 1).saturating_add(dice.between(0, 1_450).days()) };
    let settings = settings(&mut dice, as_of);
    let number = |name: &str, default: i64| settings.get(name).and_then(Value::as_i64).unwrap_or(default);
    let look_back = as_of.saturating_add(number("look-back-months", -36).months());
    let terms = dice.chance(85).then(|| terms(&mut dice, as_of, look_back));
    let engaged = engaged(&mut dice, as_of, number("result-months", 6));

    let mut ends = vec![as_of, as_of.saturating_sub(number("months", 6).months())];
    ends.extend(terms.iter().flatten().rev().take(10).flat_map(|(_, first, last)| [*first, *last]));
    let of_terms: Vec<Date> = terms.iter().flatten().map(|(_, _, last)| *last).filter(|last| *last <= as_of).collect();
    let end = of_terms.last().copied().unwrap_or(as_of);
    let tidy = dice.chance(45);
    let mut maker = Maker { dice, family: Family::empty().home("home", "2015-01-01.."), as_of, ends, end, tidy, edges: BTreeSet::new() };
    maker.people(number("attendance-tenths", 900));
    maker.stay(engaged);
    maker.coverage();
    let claims = maker.claims();
    maker.edge(is_leap_day(as_of) || is_leap_day(engaged), "29 February asked about or engaged on");
    maker.edge(is_last_of_month(as_of), "asked about on a month's last day");
    maker.edge(engaged.day() > 28, "engaged on the 29th, 30th or 31st");
    for (_, _, last) in terms.iter().flatten() {
        for (by, edge) in [(-1, "a term ends the day before"), (0, "a term ends that day"), (1, "a term ends the day after")] {
            maker.edge(as_of.saturating_add(by.days()) == *last, edge);
        }
        for (by, edge) in [(-1, "a term ends just before the look back"), (0, "a term ends as the look back begins")] {
            maker.edge(look_back.saturating_add(by.days()) == *last, edge);
        }
    }
    for rate in settings["rates"].as_array().into_iter().flatten() {
        for (by, edge) in [(-1, "a rate since yesterday"), (0, "a rate from that day on"), (1, "a rate from tomorrow on")] {
            maker.edge(rate["from"] == as_of.saturating_add(by.days()).to_string(), edge);
        }
    }
    Case { family: maker.family, as_of, settings, claims, terms, edges: maker.edges }
}

fn is_leap_day(day: Date) -> bool {
    (day.month(), day.day()) == (2, 29)
}

fn is_last_of_month(day: Date) -> bool {
    day == day.last_of_month()
}

/// Some of them, the others have the defaults of `manifest.json`.
fn settings(dice: &mut Dice, as_of: Date) -> Value {
    let mut settings = Map::new();
    let drawn: [(&str, &[i64]); 7] = [
        ("terms", &[1, 2, 3, 4, 6]),
        ("months", &[1, 2, 5, 6, 7, 12, 24]),
        ("attendance-tenths", &[0, 1, 333, 500, 667, 899, 900, 901, 950, 1000]),
        ("look-back-months", &[-60, -24, -13, -12, -6, -5, -3, -1]),
        ("working-days", &[-30, -5, -1, 0, 1, 2, 5, 60]),
        ("result-months", &[0, 1, 5, 6, 7, 12, 18, 24]),
        ("adjustment-pence", &[-9_000_000_000_000_000, -2_147_483_649, -80_000, -1, 1, 4_294_967_296, 8_999_999_999_999_999]),
    ];
    for (name, values) in drawn {
        if dice.chance(50) {
            settings.insert(name.into(), json!(dice.pick(values)));
        }
    }
    if dice.chance(70) {
        let rates = (0..dice.pick(&[0, 1, 2, 3, 5])).map(|_| {
            let around = if dice.chance(80) { as_of } else { Date::constant(2024, 4, 1) };
            json!({ "from": dice.near(around), "pence": dice.pick(&[0, 1, 79_999, 80_000, 100_000_000]) })
        });
        settings.insert("rates".into(), rates.collect());
    }
    Value::Object(settings)
}

/// Back from one that ends about that day: now and then adjacent, now and then with an end about where looking back begins.
fn terms(dice: &mut Dice, as_of: Date, look_back: Date) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut last = if dice.chance(75) {
        as_of.saturating_add(dice.pick(&[-1, 0, 1]).days())
    } else {
        as_of.saturating_add(dice.between(-60, 60).days())
    };
    let names = ["summer", "spring", "autumn"];
    for n in 0..dice.pick(&[0, 1, 2, 3, 5, 8, 11, 14]) {
        let mut first = last.saturating_sub(dice.pick(&[1, 30, 60, 75, 90, 0]).days());
        let mut before = first.saturating_sub(dice.pick(&[1, 1, 2, 16, 40]).days());
        let edge = look_back.saturating_add(dice.pick(&[-1, 0]).days());
        if dice.chance(80) && before <= edge && edge < last {
            (first, before) = (first.max(edge.tomorrow().unwrap()), edge);
        }
        terms.push((names[n % 3], first, last));
        last = before;
    }
    terms.reverse();
    terms
}

fn engaged(dice: &mut Dice, as_of: Date, months: i64) -> Date {
    match dice.between(0, 9) {
        0 => as_of,
        1 => dice.near(as_of),
        2..=4 => {
            let day = as_of.saturating_sub(months.months());
            dice.near(day)
        }
        5 => Date::constant(2024, 2, 29).min(as_of),
        6 | 7 => as_of.saturating_sub(dice.between(1, 24).months()).last_of_month(),
        _ => as_of.saturating_sub(dice.between(1, 800).days()),
    }
}

struct Maker {
    dice: Dice,
    family: Family,
    as_of: Date,
    /// First and last days of what a rule looks at.
    ends: Vec<Date>,
    /// The last day that counts.
    end: Date,
    /// Well covered and at school often enough, so that some results are reached.
    tidy: bool,
    edges: BTreeSet<&'static str>,
}

impl Maker {
    fn edge(&mut self, is_hit: bool, edge: &'static str) {
        if is_hit {
            self.edges.insert(edge);
        }
    }

    fn edit(&mut self, change: impl FnOnce(Family) -> Family) {
        self.family = change(std::mem::take(&mut self.family));
    }

    /// Mostly on an edge or beside one.
    fn day(&mut self) -> Date {
        if self.dice.chance(75) {
            let end = self.dice.pick(&self.ends);
            self.dice.near(end)
        } else {
            self.as_of.saturating_add(self.dice.between(-900, 40).days())
        }
    }

    fn people(&mut self, tenths: i64) {
        for n in 0..self.dice.between(1, 5) {
            // Names in another order than ages.
            let name = format!("{}{n}", self.dice.pick(&["ash", "birch", "yew"]));
            let years = self.dice.pick(&[0, 4, 5, 5, 6, 9, 13, 15, 16, 16, 17, 44]);
            let birthday = self.as_of.saturating_sub(years.years());
            let mut born =
                if self.dice.chance(50) { self.dice.near(birthday) } else { birthday.saturating_sub(self.dice.between(0, 364).days()) };
            if self.dice.chance(15) {
                born = Date::constant(self.dice.pick(&[2008, 2012, 2016, 2020]), 2, 29);
            }
            let mut entry = Map::new();
            let resident = !self.dice.chance(12);
            entry.insert("resident".into(), json!(resident));
            let known = !self.dice.chance(if self.tidy { 2 } else { 8 });
            if known {
                let written = if self.dice.chance(5) { born.strftime("%Y-%m").to_string() } else { born.to_string() };
                entry.insert("born".into(), json!(written));
            }
            if !known || self.dice.chance(25) {
                entry.insert("member_from".into(), json!(born.max(Date::constant(2016, 1, 1))));
            }
            if self.dice.chance(8) {
                let until = self.dice.near(self.as_of).max(born).max(Date::constant(2016, 1, 1));
                entry.insert("member_until".into(), json!(until));
            }
            self.edge(known && resident && (born.month(), born.day()) == (self.as_of.month(), self.as_of.day()), "a birthday that day");
            self.edge(known && is_leap_day(born), "born on 29 February");
            self.edit(|family| family.person(&name, Value::Object(entry)));
            if self.dice.chance(10) {
                let (one, other) = (self.day(), self.day());
                let when = format!("{}..{}", one.min(other), one.max(other));
                self.edit(|family| family.fact("membership", json!({ "person": name }), &when, json!({ "resident": true })));
            }
            self.attendance(&name, tenths);
        }
    }

    fn attendance(&mut self, name: &str, tenths: i64) {
        let counted = if self.tidy { Some(self.end) } else { None };
        let more = self.dice.pick(&[0, 1, 1, 2, 4, 7]);
        let lasts: Vec<Date> = counted.into_iter().chain((0..more).map(|_| self.day())).collect();
        for last in lasts {
            let first = last.saturating_sub(self.dice.pick(&[0, 1, 6, 40, 80]).days());
            let possible =
                if self.tidy { self.dice.pick(&[3, 40, 200, 60_000]) } else { self.dice.pick(&[0, 1, 3, 7, 40, 200, 1_000, 60_000]) };
            let enough = (possible * tenths + 999) / 1000;
            let beside = if self.tidy { self.dice.pick(&[-1, 0, 0, 0, 0, 1]) } else { self.dice.pick(&[-1, 0, 0, 1]) };
            let attended = if self.tidy || self.dice.chance(70) { enough + beside } else { self.dice.between(0, possible) };
            let attended = attended.clamp(0, possible);
            let detail = json!({ "possible": possible, "attended": attended, "unauthorised": 0 });
            // Still going on: it ends in no period.
            let until = if self.dice.chance(3) { String::new() } else { last.to_string() };
            self.edge(is_leap_day(last), "attendance that ends on 29 February");
            self.edit(|family| family.fact("attendance", json!({ "person": name }), &format!("{first}..{until}"), detail));
        }
    }

    fn stay(&mut self, engaged: Date) {
        let stay = |family: Family, when: String| family.fact("episode", json!({}), &when, json!({ "needs": [] }));
        if self.dice.chance(97) {
            let last = self.dice.near(self.as_of).max(engaged).to_string();
            let until = if self.dice.chance(20) { last } else { String::new() };
            self.edit(|family| stay(family, format!("{engaged}..{until}")));
        }
        if self.dice.chance(15) {
            let last = engaged.saturating_sub(self.dice.pick(&[1, 2, 30]).days());
            let first = last.saturating_sub(self.dice.between(0, 60).days());
            self.edit(|family| stay(family, format!("{first}..{last}")));
        }
        if self.dice.chance(30) {
            self.edit(|family| family.keyworker(&format!("{engaged}..")));
        }
    }

    fn coverage(&mut self) {
        if self.tidy || self.dice.chance(85) {
            self.edit(|family| family.coverage("attendance", None, "2015-01-01..2030-12-31", "complete"));
        }
        let people: Vec<String> = self.family.json()["people"].as_object().unwrap().keys().cloned().collect();
        for _ in 0..self.dice.pick(if self.tidy { &[0, 0, 0, 1] } else { &[0, 1, 2, 3] }) {
            let (one, other) = (self.day(), self.day());
            let other = if self.dice.chance(50) { one } else { other };
            let person = self.dice.chance(60).then(|| self.dice.pick(&people));
            let state = self.dice.pick(&["complete", "partial", "none", "withheld"]);
            let when = format!("{}..{}", one.min(other), one.max(other));
            self.edit(|family| family.coverage("attendance", person.as_deref(), &when, state));
        }
    }

    fn claims(&mut self) -> Vec<(&'static str, Date)> {
        let mut claims = Vec::new();
        for kind in ["attachment", "progress-result", "employment-result"] {
            if self.dice.chance(if kind == "attachment" { 25 } else { 8 }) {
                claims.push((kind, self.as_of.saturating_sub(self.dice.between(0, 3).days())));
            }
        }
        claims
    }
}
