//! Single changes to the facts of a scenario that was retold: each fact gone or there once more, each of its values by its type, each of its
//! days moved. What is changed is said in the scenario's own words, and as whoever asked reads it. Nothing is made up of which the record
//! holds nothing at all.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::retold::{labelled, points};
use crate::record::sections::Handle;
use crate::record::{Day, Kind, codes};

/// What becomes of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It is not there.
    Gone,
    /// One of its values is another.
    AnotherValue,
    /// One of its days is another.
    AnotherDay,
    /// It has no last day any more.
    GoesOn,
    /// It ended yesterday.
    Over,
    /// There is another such fact, up to the day asked about.
    OnceMore,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Variation {
    pub fact: Handle,
    pub turn: Turn,
    /// In the words of a scenario; none where it is about the fact as a whole.
    pub field: Option<String>,
    pub from: Option<Value>,
    pub to: Option<Value>,
    /// As a case of a scenario says it.
    pub change: Value,
}

/// Lists of codes, by kind and field.
const LISTS: &[(Kind, &str, &str)] = &[
    (Kind::Relationship, "relation", "relations"),
    (Kind::Exclusion, "how", "exclusions"),
    (Kind::BehaviourIntervention, "state", "interventions"),
    (Kind::SafeguardingStanding, "status", "safeguarding-statuses"),
    (Kind::AbuseProgramme, "state", "interventions"),
    (Kind::HealthNeed, "need", "health-needs"),
    (Kind::HealthAppointment, "need", "health-needs"),
    (Kind::BenefitSpell, "benefit", "benefits"),
    (Kind::Tenancy, "tenure", "tenures"),
    (Kind::EvictionStep, "stage", "eviction-stages"),
    (Kind::Arrears, "debt", "debts"),
    (Kind::RepaymentPlan, "state", "interventions"),
    (Kind::Worker, "role", "roles"),
    (Kind::Worker, "employer", "organisation-kinds"),
    (Kind::Episode, "needs", "problems"),
    (Kind::Goal, "state", "goal-states"),
    (Kind::ServiceUse, "service", "service-kinds"),
    (Kind::ServiceUse, "state", "service-states"),
    (Kind::ServiceUse, "employer", "organisation-kinds"),
    (Kind::Assessment, "state", "assessment-states"),
    (Kind::Contact, "how", "contacts"),
    (Kind::Contact, "role", "roles"),
    (Kind::Note, "topic", "note-topics"),
    (Kind::Note, "role", "roles"),
];

/// A month, a quarter, a year.
const MONTHS: [i32; 6] = [-1, -3, -12, 1, 3, 12];

/// The list of codes that a field of a kind is from.
#[must_use]
pub fn list_of(kind: Kind, field: &str) -> Option<&'static str> {
    LISTS.iter().find(|(k, f, _)| *k == kind && *f == field).map(|(.., list)| *list)
}

/// Every single change to the facts of a retold scenario; first those of facts that are in `first`.
#[must_use]
pub fn variations(scenario: &Value, today: Day, first: &[Handle]) -> Vec<Variation> {
    let facts = scenario.get("facts").and_then(Value::as_array).into_iter().flatten();
    let mut all = Vec::new();
    for (kind, body) in facts.filter_map(Value::as_object).flatten() {
        let (Ok(kind), Some(body)) = (kind.parse::<Kind>(), body.as_object()) else { continue };
        let Some(fact) = body.get("label").and_then(Value::as_str).and_then(labelled) else { continue };
        let mut of = Of { fact, kind, body, today, all: &mut all };
        of.whole();
        of.values();
        of.days();
    }
    all.sort_by_key(|v: &Variation| (!first.contains(&v.fact), v.turn));
    all
}

struct Of<'a> {
    fact: Handle,
    kind: Kind,
    body: &'a Map<String, Value>,
    today: Day,
    all: &'a mut Vec<Variation>,
}

impl Of<'_> {
    fn label(&self) -> &str {
        self.body.get("label").and_then(Value::as_str).unwrap_or_default()
    }

    fn day(&self, field: &str) -> Option<Day> {
        self.body.get(field)?.as_str()?.parse().ok()
    }

    fn whole(&mut self) {
        let gone = json!({ "remove": [self.label()] });
        self.all.push(Variation { fact: self.fact, turn: Turn::Gone, field: None, from: None, to: None, change: gone });
        let mut again = self.body.clone();
        again.remove("label");
        again.remove("known");
        let last = if self.kind.on_a_day() { "on" } else { "until" };
        let Some(by) = self.day(last).map(|day| self.today.number() - day.number()).filter(|by| *by > 0) else { return };
        for field in ["on", "from", "until"] {
            if let Some(day) = self.day(field).and_then(|d| d.plus(by)) {
                again.insert(field.into(), day.to_string().into());
            }
        }
        let change = json!({ "facts": [{ self.kind.code(): again }] });
        self.all.push(Variation { fact: self.fact, turn: Turn::OnceMore, field: None, from: None, to: None, change });
    }

    fn edit(&mut self, turn: Turn, field: &str, to: Value, edit: Map<String, Value>) {
        let change = json!({ "edit": { self.label(): edit } });
        let (from, to) = (self.body.get(field).cloned(), Some(to).filter(|v| !v.is_null()));
        self.all.push(Variation { fact: self.fact, turn, field: Some(field.to_owned()), from, to, change });
    }

    fn value(&mut self, field: &str, to: Value) {
        if self.body.get(field) != Some(&to) {
            self.edit(Turn::AnotherValue, field, to.clone(), Map::from_iter([(field.to_owned(), to)]));
        }
    }

    fn values(&mut self) {
        let fields = self.body.iter().filter(|(field, _)| !["label", "source", "known", "person", "to", "home"].contains(&field.as_str()));
        for (field, value) in fields {
            match (value, list_of(self.kind, field)) {
                (Value::Bool(yes), _) => self.value(field, (!yes).into()),
                (Value::String(_), Some(list)) => codes_of(list).for_each(|code| self.value(field, code.into())),
                (Value::Array(kept), Some(list)) => self.members(field, kept, list),
                (Value::Number(_), _) => self.numbers(field, value),
                (Value::String(amount), None) if field == "amount" => self.amounts(amount),
                _ => {}
            }
        }
    }

    /// Of a list of codes, each that is there taken out, and each that is not put in.
    fn members(&mut self, field: &str, kept: &[Value], list: &str) {
        for code in codes_of(list) {
            let code = Value::from(code);
            let without: Vec<Value> = kept.iter().filter(|c| **c != code).cloned().collect();
            let changed = if without.len() < kept.len() { without } else { [kept, &[code]].concat() };
            if !changed.is_empty() {
                self.value(field, changed.into());
            }
        }
    }

    fn numbers(&mut self, field: &str, value: &Value) {
        match (self.kind, field) {
            (Kind::Attendance, "attended") => self.attended(),
            (Kind::Attendance, "unauthorised") => self.value(field, 0.into()),
            (Kind::Score, "value") => {
                let tenths = |field: &str| self.body.get(field).and_then(Value::as_f64).map(in_tenths);
                let (Some(now), Some(least), Some(most)) = (tenths("value"), tenths("least"), tenths("most")) else { return };
                let steps = [-20, -10, -5, 5, 10, 20].map(|by| now + by);
                for to in steps.into_iter().chain([least, most]).filter(|to| (least..=most).contains(to)) {
                    self.value(field, points(to));
                }
            }
            (Kind::Job, _) => {
                let Some(now) = value.as_u64().filter(|n| *n > 0) else { return };
                for to in [now / 2, now * 2, 16 * 60, 24 * 60, 35 * 60].into_iter().filter(|to| (1..=10_000).contains(to)) {
                    self.value(field, to.into());
                }
            }
            _ => {}
        }
    }

    /// Steps of five in a hundred, with what was missed without leave as far as it still can have been.
    fn attended(&mut self) {
        let number = |field: &str| self.body.get(field).and_then(Value::as_u64).unwrap_or_default();
        let (possible, unauthorised) = (number("possible"), number("unauthorised"));
        for percent in [100, 95, 90, 85, 80, 70, 50, 0] {
            let to = (possible * percent).div_ceil(100);
            if to != number("attended") {
                let mut edit = Map::from_iter([("attended".to_owned(), Value::from(to))]);
                edit.insert("unauthorised".into(), unauthorised.min(possible - to).into());
                self.edit(Turn::AnotherValue, "attended", to.into(), edit);
            }
        }
    }

    fn amounts(&mut self, amount: &str) {
        let Ok(pence) = amount.replace(['£', ','], "").parse::<f64>().map(|pounds| in_tenths(pounds * 10.0)) else { return };
        for to in [0, pence / 2, pence * 2].into_iter().filter(|to| *to != pence && *to <= 100_000_000) {
            self.value("amount", crate::workflow::explain::pounds(to).into());
        }
    }

    fn days(&mut self) {
        let (from, until) = (self.day("from"), self.day("until"));
        for field in ["on", "from", "until"] {
            let Some(day) = self.day(field) else { continue };
            for to in MONTHS.iter().filter_map(|months| day.plus_months(*months)) {
                let fits = match field {
                    "from" => until.is_none_or(|until| to <= until) && to <= self.today,
                    "until" => from.is_none_or(|from| from <= to) && to <= self.today,
                    _ => to <= self.today,
                };
                if fits {
                    let to = Value::from(to.to_string());
                    self.edit(Turn::AnotherDay, field, to.clone(), Map::from_iter([(field.to_owned(), to)]));
                }
            }
        }
        if self.kind.on_a_day() {
            return;
        }
        let yesterday = self.today.plus(-1).filter(|y| until.is_none() && from.is_none_or(|from| from <= *y));
        if let Some(yesterday) = yesterday {
            let to = Value::from(yesterday.to_string());
            self.edit(Turn::Over, "until", to.clone(), Map::from_iter([("until".to_owned(), to)]));
        }
        if until.is_some() {
            self.edit(Turn::GoesOn, "until", Value::Null, Map::from_iter([("until".to_owned(), Value::Null)]));
        }
    }
}

fn codes_of(list: &str) -> impl Iterator<Item = &'static str> {
    let found = codes::all().find(|l| l.list == list);
    found.into_iter().flat_map(|l| l.codes.iter().map(|c| c.code.as_str()))
}

#[expect(clippy::cast_possible_truncation, reason = "points of a scale, and sums of up to a million pounds")]
fn in_tenths(number: f64) -> i64 {
    (number * 10.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(fact: Value) -> Vec<Variation> {
        variations(&json!({ "facts": [fact] }), "2026-08-31".parse().unwrap(), &[])
    }

    fn values(all: &[Variation], turn: Turn, field: &str) -> Vec<String> {
        let of = all.iter().filter(|v| v.turn == turn && v.field.as_deref() == Some(field));
        of.map(|v| v.to.as_ref().map_or_else(|| "none".into(), |to| to.as_str().map_or_else(|| to.to_string(), str::to_owned))).collect()
    }

    #[test]
    fn each_value_is_changed_by_its_type() {
        let attendance = json!({ "attendance": { "label": "fact-1", "person": "person-1", "from": "2026-01-05", "until": "2026-07-21",
            "possible": 200, "attended": 160, "unauthorised": 30 } });
        let all = tried(attendance);
        assert_eq!(values(&all, Turn::AnotherValue, "attended"), ["200", "190", "180", "170", "140", "100", "0"]);
        assert_eq!(values(&all, Turn::AnotherDay, "until"), ["2026-06-21", "2026-04-21", "2026-08-21"], "not before it began, nor to come");
        let full = all.iter().find(|v| v.to == Some(json!(200))).unwrap();
        assert_eq!(full.change, json!({ "edit": { "fact-1": { "attended": 200, "unauthorised": 0 } } }));
        assert_eq!(values(&all, Turn::GoesOn, "until"), ["none"]);

        let offence = json!({ "offence": { "label": "fact-7", "person": "person-2", "on": "2026-08-01", "proven": true } });
        let all = tried(offence);
        assert_eq!(values(&all, Turn::AnotherValue, "proven"), ["false"]);
        assert_eq!(values(&all, Turn::AnotherDay, "on"), ["2026-07-01", "2026-05-01", "2025-08-01"]);
        let more = all.iter().find(|v| v.turn == Turn::OnceMore).unwrap();
        assert_eq!(more.change["facts"][0]["offence"], json!({ "person": "person-2", "on": "2026-08-31", "proven": true }));
        assert_eq!((all[0].turn, all[0].fact, &all[0].change), (Turn::Gone, 6, &json!({ "remove": ["fact-7"] })));

        let arrears = json!({ "arrears": { "label": "fact-2", "debt": "rent", "amount": "£1,200.50", "on": "2026-08-31" } });
        assert_eq!(values(&tried(arrears), Turn::AnotherValue, "amount"), ["£0", "£600.25", "£2,401"]);
        let score = json!({ "score": { "label": "fact-2", "form": "star", "domain": "school", "value": 3.5, "least": 1, "most": 5,
            "higher-is-better": true, "on": "2026-08-31" } });
        assert_eq!(values(&tried(score), Turn::AnotherValue, "value"), ["1.5", "2.5", "3", "4", "4.5", "1", "5"]);
    }

    #[test]
    fn every_code_of_a_list_is_tried_but_the_one_that_stands_there() {
        let all = tried(json!({ "exclusion": { "label": "fact-1", "person": "person-1", "how": "fixed-term", "from": "2026-05-01" } }));
        let others = values(&all, Turn::AnotherValue, "how");
        assert_eq!(others.len(), codes_of("exclusions").count() - 1);
        assert!(!others.contains(&"fixed-term".to_owned()));
        assert_eq!(values(&all, Turn::Over, "until"), ["2026-08-30"]);
        for (.., list) in LISTS {
            assert!(codes_of(list).next().is_some(), "{list}");
        }
    }

    #[test]
    fn each_code_of_several_is_taken_out_or_put_in_and_never_all() {
        let [one, two] = [0, 1].map(|n| codes_of("problems").nth(n).unwrap());
        let needs = |needs: Value| {
            let all = tried(json!({ "episode": { "label": "fact-1", "from": "2026-01-05", "needs": needs } }));
            all.into_iter().filter(|v| v.field.as_deref() == Some("needs")).filter_map(|v| v.to).collect::<Vec<_>>()
        };
        let of_one = needs(json!([one]));
        assert_eq!((of_one.len(), &of_one[0]), (codes_of("problems").count() - 1, &json!([one, two])));
        let of_two = needs(json!([one, two]));
        assert_eq!((&of_two[0], &of_two[1]), (&json!([two]), &json!([one])));
    }

    #[test]
    fn hours_are_changed_by_half_and_twice_and_to_what_rules_ask_for() {
        let all = tried(json!({ "job": { "label": "fact-1", "person": "person-1", "from": "2026-01-05", "minutes-a-week": 960 } }));
        assert_eq!(values(&all, Turn::AnotherValue, "minutes-a-week"), ["480", "1920", "1440", "2100"]);
    }

    #[test]
    fn what_the_answer_rests_on_is_tried_first() {
        let offence = |label: &str| json!({ "offence": { "label": label, "person": "person-1", "on": "2026-08-01", "proven": true } });
        let facts = json!({ "facts": [offence("fact-1"), offence("fact-2")] });
        let all = variations(&facts, "2026-08-31".parse().unwrap(), &[1]);
        let order: Vec<Handle> = all.iter().map(|v| v.fact).collect();
        assert_eq!((order[0], order[order.len() - 1]), (1, 0));
        assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
    }
}
