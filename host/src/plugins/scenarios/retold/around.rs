//! What stands around a family in a scenario: how well it is known, the authority's tables and services, what was asked about.

use serde_json::{Map, Value, json};

use super::{Telling, label, person};
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::{Day, Invalid, Kind, Section, Window};
use crate::sandbox::ServiceGiven;
use crate::sandbox::matter::{Candidate, Event, Help, Matter, Referral};
use crate::workflow::explain::pounds;

impl Telling<'_> {
    pub(super) fn coverage(&self) -> Value {
        let told = |kind: Kind| kind.section() == Section::Household || self.how.sections.has(kind.section());
        let mut all = Map::new();
        let mut feeds: Vec<_> = self.given.context.coverage.iter().filter(|f| told(f.kind)).collect();
        feeds.sort_by_key(|f| f.order);
        for feed in feeds {
            add(&mut all, feed.kind.code(), self.statement(feed.state.code(), feed.window));
        }
        let mut own: Vec<_> = self.given.snapshot.coverage.iter().filter(|c| told(c.kind)).collect();
        own.sort_by_key(|c| c.order);
        for said in own.into_iter().filter(|c| !self.how.without_people.contains(&c.person)) {
            let place = all.entry(person(said.person)).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(of_person) = place {
                add(of_person, said.kind.code(), self.statement(said.state.code(), said.window));
            }
        }
        Value::Object(all)
    }

    fn statement(&self, state: &str, window: Window) -> String {
        let mut said = state.to_owned();
        if window.first != Day::FIRST {
            said += &format!(" from {}", self.moved(window.first));
        }
        if let Some(last) = window.last.filter(|l| *l != Day::LAST) {
            said += &format!(" until {}", self.moved(last));
        }
        said
    }

    /// Those that the authority supplied.
    pub(super) fn tables(&self, manifest: &Manifest) -> Value {
        let mut tables = Map::new();
        for table in &self.given.context.tables {
            if !manifest.tables.iter().any(|t| t.table == table.table && t.rows.is_none()) {
                continue;
            }
            let rows = table.rows.iter().map(|row| {
                let mut cells: Map<String, Value> = serde_json::from_str(&row.cells).unwrap_or_default();
                if row.window.first != Day::FIRST {
                    cells.insert("first".into(), self.day(row.window.first));
                }
                if let Some(last) = row.window.last {
                    cells.insert("last".into(), self.day(last));
                }
                Value::Object(cells)
            });
            tables.insert(table.table.clone(), rows.collect());
        }
        Value::Object(tables)
    }

    pub(super) fn service(&self, at: usize, service: &ServiceGiven) -> Value {
        let ServiceGiven { organisation, organisation_kind, kind, window, place, audience, price, .. } = service;
        let (name, organisation) = (format!("service-{}", at + 1), format!("organisation-{}", organisation + 1));
        let mut body = Map::new();
        let mut say = |field: &str, value: Value| {
            if !value.is_null() {
                body.insert(field.to_owned(), value);
            }
        };
        say("name", name.into());
        say("organisation", organisation.into());
        say("organisation-kind", organisation_kind.clone().into());
        say("kind", kind.clone().into());
        if let Some(place) = place {
            say("capacity", place.capacity.into());
            say("taken", place.taken.into());
            say("waiting-days", place.waiting_days.into());
        }
        if let Some(audience) = audience {
            say("needs", audience.needs.clone().into());
            say("youngest", audience.youngest.into());
            say("oldest", audience.oldest.into());
            say("areas", audience.areas.clone().into());
        }
        if let Some(price) = price {
            say("price", pounds(price.amount_pence).into());
            say("per", price.unit.clone().into());
        }
        self.window(*window, &mut body);
        Value::Object(body)
    }

    pub(super) fn about(&self) -> Result<Value, Invalid> {
        let there = |h: &Handle| !self.how.without_people.contains(h);
        let whom = |p: &Option<Handle>| p.filter(there).map(person);
        let mut said = match &*self.given.matter {
            Matter::Record => return Ok(Value::Null),
            Matter::Referral(Referral { on, route, organisation_kind, urgent, agreed, problems, people }) => json!({ "referral": {
                "on": self.day(*on), "route": route, "organisation-kind": organisation_kind, "urgent": urgent, "agreed": agreed,
                "problems": problems, "people": people.iter().copied().filter(there).map(person).collect::<Vec<_>>(),
            } }),
            Matter::Event(Event { kind, on, fact, person }) => {
                let fact = fact.filter(|f| !self.how.without.contains(f) && self.tells(*f)).map(label);
                json!({ "event": { "kind": kind, "on": self.day(*on), "fact": fact, "person": whom(person) } })
            }
            Matter::Help(Help { kind, person, by, problems }) => json!({ "help": {
                "kind": kind, "person": whom(person), "by": by.map(|by| self.day(by)), "problems": problems,
            } }),
            Matter::Candidates(candidates) => {
                let one = |(i, c): (usize, &Candidate)| {
                    json!({ "name": format!("worker-{}", i + 1), "role": c.role, "organisation-kind": c.organisation_kind,
                        "families": c.families, "most": c.most, "strengths": c.strengths, "worked-before": c.worked_before })
                };
                json!({ "candidates": candidates.iter().enumerate().map(one).collect::<Vec<_>>() })
            }
            Matter::Form(_) | Matter::Contract(_) => {
                return Err(Invalid::new(
                    "question",
                    "is about the answers to a form or about a contract, which are not told as a scenario",
                ));
            }
        };
        without_nulls(&mut said);
        Ok(said)
    }

    fn tells(&self, fact: Handle) -> bool {
        self.given.snapshot.facts.get(fact as usize).is_some_and(|f| self.how.sections.has(f.kind.section()))
    }
}

/// Further statements of a kind stand in a list.
fn add(all: &mut Map<String, Value>, kind: &str, statement: String) {
    match all.get_mut(kind) {
        None => {
            all.insert(kind.to_owned(), statement.into());
        }
        Some(Value::Array(list)) => list.push(statement.into()),
        Some(one) => *one = json!([one.take(), statement]),
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, v| !v.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
