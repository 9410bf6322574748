//! What a run was given, told as a scenario: the other way round. People are `person-1`, homes `home-1`, services `service-1`, and every
//! fact has its number as its label. Nothing of it has an id, a name, an address or a number of anybody's, since a run is given none. What a
//! run is not told (since when a home is the family's, the words of a goal or a note) stands there made up.

mod around;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::sharing::Sections;
use crate::record::{Day, Invalid, Kind, Window};
use crate::sandbox::Given;
use crate::workflow::explain::pounds;

/// How it is told.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Days by which every date is moved.
    pub moved: i32,
    /// Births are on the first of their month; amounts and hours are rounded; that somebody has a number is left out.
    pub coarse: bool,
    /// Facts of other sections are left out.
    pub sections: Sections,
    /// Facts and people that are left out.
    pub without: BTreeSet<Handle>,
    pub without_people: BTreeSet<Handle>,
}

/// Tells what `given` holds. `asked`: the interfaces that the plugin asks an authority for.
///
/// # Errors
/// [`Invalid`] where scenarios have no words for what was asked about.
pub fn retold(given: &Given, manifest: &Manifest, asked: &[String], how: &How) -> Result<Value, Invalid> {
    let telling = Telling { given, how };
    let context = &given.context;
    let mut scenario = Map::new();
    let mut say = |field: &str, value: Value| {
        let empty = value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty) || value.is_null();
        if !empty {
            scenario.insert(field.to_owned(), value);
        }
    };
    say("today", telling.day(context.as_of));
    say("terms", telling.terms());
    say("family", telling.family());
    say("facts", telling.facts());
    say("coverage", telling.coverage());
    say("settings", serde_json::from_str(&context.settings).unwrap_or_default());
    say("tables", telling.tables(manifest));
    say("directory", context.directory.iter().enumerate().map(|(i, s)| telling.service(i, s)).collect());
    let claims: Map<String, Value> = given.claims.iter().map(|c| (c.kind.clone(), telling.day(c.entitled_on))).collect();
    say("claims", Value::Object(claims));
    let ungranted = asked.iter().filter(|name| !context.grants.has(name));
    say("ungranted", ungranted.map(|name| Value::from(name.trim_start_matches("hearth:"))).collect());
    say("ask", given.question.code().into());
    say("about", telling.about()?);
    Ok(Value::Object(scenario))
}

/// What a fact is called in what was told.
#[must_use]
pub fn label(fact: Handle) -> String {
    format!("fact-{}", fact + 1)
}

/// The fact that is called so.
#[must_use]
pub fn labelled(label: &str) -> Option<Handle> {
    label.strip_prefix("fact-")?.parse::<Handle>().ok()?.checked_sub(1)
}

#[must_use]
pub fn person(handle: Handle) -> String {
    format!("person-{}", handle + 1)
}

fn home(handle: Handle) -> String {
    format!("home-{}", handle + 1)
}

/// A row of a section: the fact that it is, and its fields.
pub fn rows(given: &Given) -> Vec<(Handle, Map<String, Value>)> {
    const SECTIONS: [&str; 12] = [
        "household",
        "education",
        "offending",
        "safeguarding",
        "abuse",
        "health",
        "employment",
        "housing",
        "finance",
        "support",
        "assessments",
        "notes",
    ];
    let snapshot = serde_json::to_value(&*given.snapshot).unwrap_or_default();
    let lists = SECTIONS.iter().filter_map(|s| snapshot.get(*s)?.as_object()).flat_map(Map::values);
    let mut all: Vec<(Handle, Map<String, Value>)> = Vec::new();
    for row in lists.filter_map(Value::as_array).flatten().filter_map(Value::as_object) {
        let Some(fact) = row.get("fact").and_then(Value::as_u64).and_then(|n| Handle::try_from(n).ok()) else { continue };
        let mut row = row.clone();
        row.remove("fact");
        all.push((fact, row));
    }
    all.sort_by_key(|(fact, _)| *fact);
    all
}

/// The facts of what was told, each with its kind and what is said of it.
#[must_use]
pub fn retold_facts(scenario: &Value) -> Vec<(Handle, Kind, Map<String, Value>)> {
    let facts = scenario.get("facts").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).flatten();
    let read = facts.filter_map(|(kind, body)| {
        let body = body.as_object()?;
        Some((labelled(body.get("label")?.as_str()?)?, kind.parse().ok()?, body.clone()))
    });
    read.collect()
}

struct Telling<'a> {
    given: &'a Given,
    how: &'a How,
}

impl Telling<'_> {
    fn moved(&self, day: Day) -> Day {
        // The calendar's ends say that there is none.
        let ends = day == Day::FIRST || day == Day::LAST;
        if ends { day } else { day.plus(self.how.moved).unwrap_or(day) }
    }

    fn day(&self, day: Day) -> Value {
        self.moved(day).to_string().into()
    }

    /// `from` and `until`, each where it says something.
    fn window(&self, window: Window, body: &mut Map<String, Value>) {
        if window.first != Day::FIRST {
            body.insert("from".into(), self.day(window.first));
        }
        if let Some(last) = window.last.filter(|l| *l != Day::LAST) {
            body.insert("until".into(), self.day(last));
        }
    }

    fn terms(&self) -> Value {
        let term = |t: &crate::sandbox::Term| {
            let mut body = Map::from_iter([("term".to_owned(), Value::from(t.name.clone()))]);
            self.window(t.window, &mut body);
            Value::Object(body)
        };
        self.given.context.calendar.terms.iter().flatten().map(term).collect()
    }

    fn family(&self) -> Value {
        let snapshot = &self.given.snapshot;
        let mut people = Map::new();
        for (handle, entry) in (0..).zip(&snapshot.people).filter(|(h, _)| !self.how.without_people.contains(h)) {
            let mut body = Map::new();
            let born = entry.born.map(|born| self.moved(born));
            let first_of = |day: Day| Day::civil(day.date().year(), day.date().month(), 1).unwrap_or(day);
            let born = born.map(|b| if self.how.coarse { first_of(b) } else { b });
            if let Some(born) = born {
                let text = born.to_string();
                body.insert("born".into(), if entry.born_to_the_month { text[..7].into() } else { text.into() });
            }
            let first = snapshot.household.members.iter().filter(|m| m.person == handle).min_by_key(|m| m.window.first);
            if let Some(member) = first {
                self.window(member.window, &mut body);
                // Whoever is a member from birth says as much of the birth.
                if let (true, Some(born)) = (entry.born == Some(member.window.first), born) {
                    body.insert("from".into(), born.to_string().into());
                }
                body.insert("resident".into(), member.resident.into());
            }
            if !entry.held.is_empty() && !self.how.coarse {
                body.insert("holds".into(), entry.held.clone().into());
            }
            people.insert(person(handle), Value::Object(body));
        }
        // Since when is not told to a run; what is known of a home was so while it was the family's.
        let long_ago = self.given.context.as_of.plus_months(-30 * 12).unwrap_or(Day::FIRST);
        let homes = (0..).zip(&snapshot.homes).map(|(h, _)| (home(h), json!({ "from": self.day(long_ago) })));
        let homes: Map<String, Value> = homes.collect();
        if people.is_empty() {
            return Value::Null;
        }
        let mut family = Map::from_iter([("people".to_owned(), Value::Object(people))]);
        if !homes.is_empty() {
            family.insert("homes".into(), Value::Object(homes));
        }
        Value::Object(family)
    }

    fn facts(&self) -> Value {
        let snapshot = &self.given.snapshot;
        // The first membership of each is said of the person.
        let mut joined: BTreeSet<Handle> = BTreeSet::new();
        let mut members: Vec<_> = snapshot.household.members.iter().collect();
        members.sort_by_key(|m| m.window.first);
        let said: BTreeSet<Handle> = members.iter().filter(|m| joined.insert(m.person)).map(|m| m.fact).collect();
        let mut facts = Vec::new();
        for (fact, row) in rows(self.given) {
            let Some(entry) = snapshot.facts.get(fact as usize) else { continue };
            let told = entry.kind == Kind::Membership || self.how.sections.has(entry.kind.section());
            if said.contains(&fact) || !told || self.how.without.contains(&fact) {
                continue;
            }
            if let Some(body) = self.body(fact, entry.kind, &row) {
                facts.push(json!({ entry.kind.code(): body }));
            }
        }
        facts.into()
    }

    /// A fact in its author's words; none where it is of somebody who is left out.
    fn body(&self, fact: Handle, kind: Kind, row: &Map<String, Value>) -> Option<Map<String, Value>> {
        let handle = |value: &Value| value.as_u64().and_then(|n| Handle::try_from(n).ok());
        let mut body = Map::from_iter([("label".to_owned(), Value::from(label(fact)))]);
        let mut last = None;
        for (field, value) in row.iter().filter(|(_, v)| !v.is_null()) {
            match field.as_str() {
                "person" | "holder" | "to" | "alleged_by" => {
                    let whose = handle(value)?;
                    if self.how.without_people.contains(&whose) {
                        return None;
                    }
                    let name = if matches!(field.as_str(), "to" | "alleged_by") { "to" } else { "person" };
                    body.insert(name.into(), person(whose).into());
                }
                "home" => {
                    body.insert("home".into(), home(handle(value)?).into());
                }
                "window" => {
                    let window: Window = serde_json::from_value(value.clone()).ok()?;
                    last = Some(window.last.unwrap_or(window.first));
                    self.window(window, &mut body);
                }
                "on" => {
                    let on: Day = value.as_str()?.parse().ok()?;
                    last = Some(on);
                    body.insert("on".into(), self.day(on));
                }
                "due" => {
                    body.insert("due".into(), self.day(value.as_str()?.parse().ok()?));
                }
                _ => {
                    let (field, value) = self.detail(kind, field, value);
                    body.insert(field, value);
                }
            }
        }
        match kind {
            Kind::Goal => body.insert("title".into(), "a goal".into()),
            Kind::Note => body.insert("text".into(), "what was written is left out".into()),
            _ => None,
        };
        let entry = self.given.snapshot.facts.get(fact as usize)?;
        if entry.source != "council" {
            body.insert("source".into(), entry.source.clone().into());
        }
        if last != Some(entry.known_on) {
            body.insert("known".into(), self.day(entry.known_on));
        }
        Some(body)
    }

    /// What a fact of the kind holds, as scenarios call and count it.
    fn detail(&self, kind: Kind, field: &str, value: &Value) -> (String, Value) {
        let number = || value.as_i64().unwrap_or_default();
        match (kind, field) {
            (Kind::Exclusion, "kind") => ("how".into(), value.clone()),
            (Kind::Worker | Kind::ServiceUse, "organisation_kind") => ("employer".into(), value.clone()),
            (Kind::Arrears, "amount_pence") => {
                // Two figures are left of it.
                let pence = if self.how.coarse { two_figures(number()) } else { number() };
                ("amount".into(), pounds(pence).into())
            }
            (Kind::Job, "minutes_per_week") if self.how.coarse => ("minutes-per-week".into(), ((number() + 30) / 60 * 60).max(60).into()),
            (Kind::Score, "value_tenths" | "least_tenths" | "most_tenths") => {
                (field.trim_end_matches("_tenths").to_owned(), points(number()))
            }
            _ => (field.replace('_', "-"), value.clone()),
        }
    }
}

/// Tenths as a number with one decimal at most.
pub fn points(tenths: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "points of a scale are small")]
    if tenths % 10 == 0 { (tenths / 10).into() } else { (tenths as f64 / 10.0).into() }
}

/// A sum with all but its first two figures taken off.
fn two_figures(pence: i64) -> i64 {
    let mut unit = 1;
    while pence / unit >= 100 {
        unit *= 10;
    }
    // Nothing, and pennies, stay what they are.
    (pence + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_sum_two_figures_are_left() {
        for (pence, left) in [(0, 0), (7, 7), (99, 99), (123_456, 120_000), (125_000, 130_000), (99_999, 100_000)] {
            assert_eq!(two_figures(pence), left, "{pence}");
        }
        assert_eq!((points(895), points(900), points(-5)), (json!(89.5), json!(90), json!(-0.5)));
        assert_eq!((labelled("fact-3"), labelled("fact-0"), labelled("facts")), (Some(2), None, None));
    }
}
