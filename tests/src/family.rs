//! A family in a few lines. What is built here is a [`FamilyFile`]: the same document that the API takes.

use hearth::record::family_file::FamilyFile;
use serde_json::{Value, json};

/// A family under construction. Windows are written `2026-03-01..2026-08-31`, or with an open end `2026-03-01..`.
#[derive(Debug, Clone)]
pub struct Family {
    document: Value,
}

impl Default for Family {
    fn default() -> Self {
        Self::new()
    }
}

impl Family {
    /// One mother, one home since 2015, nothing known.
    #[must_use]
    pub fn new() -> Self {
        let document = json!({
            "reference": "test",
            "people": { "mother": { "born": "1986-05-04" } },
            "homes": { "home": { "from": "2015-01-01" } },
            "facts": [], "coverage": [],
        });
        Self { document }
    }

    /// Nobody yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { document: json!({ "reference": "test", "people": {}, "homes": {}, "facts": [], "coverage": [] }) }
    }

    /// Engaged since that day with these needs, with a keyworker all along, and every feed complete for the years around.
    #[must_use]
    pub fn engaged(first: &str, needs: &[&str]) -> Self {
        Self::new().episode(first, needs).keyworker(&format!("{first}..")).covered("2020-01-01..2030-12-31")
    }

    #[must_use]
    pub fn child(self, name: &str, born: &str) -> Self {
        self.person(name, json!({ "born": born }))
    }

    #[must_use]
    pub fn person(mut self, name: &str, entry: Value) -> Self {
        self.document["people"][name] = entry;
        self
    }

    #[must_use]
    pub fn home(mut self, name: &str, window: &str) -> Self {
        let (first, last) = ends(window);
        self.document["homes"][name] = json!({ "from": first, "until": last });
        self
    }

    /// Any fact: `about` holds person, to or home.
    #[must_use]
    pub fn fact(mut self, kind: &str, about: Value, window: &str, detail: Value) -> Self {
        let (first, last) = ends(window);
        let mut fact = json!({ "kind": kind, "first": first, "last": last, "detail": detail });
        for (name, value) in about.as_object().into_iter().flatten() {
            fact[name] = value.clone();
        }
        self.document["facts"].as_array_mut().unwrap().push(fact);
        self
    }

    #[must_use]
    pub fn attendance(self, child: &str, window: &str, possible: u16, attended: u16) -> Self {
        self.fact(
            "attendance",
            json!({ "person": child }),
            window,
            json!({ "possible": possible, "attended": attended, "unauthorised": 0 }),
        )
    }

    #[must_use]
    pub fn offence(self, person: &str, on: &str) -> Self {
        self.fact("offence", json!({ "person": person }), &day(on), json!({ "proven": true }))
    }

    #[must_use]
    pub fn incident(self, person: &str, on: &str) -> Self {
        self.fact("antisocial-incident", json!({ "person": person }), &day(on), json!({}))
    }

    #[must_use]
    pub fn intervention(self, person: &str, window: &str, state: &str) -> Self {
        self.fact("behaviour-intervention", json!({ "person": person }), window, json!({ "state": state }))
    }

    #[must_use]
    pub fn callout(self, on: &str) -> Self {
        self.fact("police-callout", json!({ "home": "home" }), &day(on), json!({ "domestic": false }))
    }

    /// That many call-outs, one a day from that day on.
    ///
    /// # Panics
    /// Where `from` is no date.
    #[must_use]
    pub fn callouts(mut self, from: &str, how_many: i32) -> Self {
        let first: hearth::record::Day = from.parse().unwrap();
        for n in 0..how_many {
            self = self.callout(&first.plus(n).unwrap().to_string());
        }
        self
    }

    #[must_use]
    pub fn keyworker(self, window: &str) -> Self {
        self.fact("worker", json!({}), window, json!({ "role": "keyworker", "employer": "council" }))
    }

    #[must_use]
    pub fn episode(self, first: &str, needs: &[&str]) -> Self {
        self.fact("episode", json!({}), &format!("{first}.."), json!({ "needs": needs }))
    }

    /// Every feed is complete over the window.
    #[must_use]
    pub fn covered(mut self, window: &str) -> Self {
        for kind in hearth::record::Kind::ALL {
            self = self.coverage(kind.code(), None, window, "complete");
        }
        self
    }

    /// A statement about one feed, or one person in it; a later one replaces the days of an earlier one.
    #[must_use]
    pub fn coverage(mut self, kind: &str, person: Option<&str>, window: &str, state: &str) -> Self {
        let (first, last) = ends(window);
        let mut entry = json!({ "kind": kind, "first": first, "last": last, "state": state });
        if let Some(person) = person {
            entry["person"] = json!(person);
        }
        self.document["coverage"].as_array_mut().unwrap().push(entry);
        self
    }

    /// As the API takes it.
    ///
    /// # Panics
    /// Where the test built no family document.
    #[must_use]
    pub fn file(&self) -> FamilyFile {
        serde_json::from_value(self.document.clone()).unwrap()
    }

    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.document
    }

    /// As the API takes it, which has feeds of its own: without coverage that speaks for everybody.
    #[must_use]
    pub fn json_without_feeds(&self) -> Value {
        let mut document = self.document.clone();
        if let Some(coverage) = document["coverage"].as_array_mut() {
            coverage.retain(|c| c.get("person").is_some());
        }
        document
    }

    /// A whole document as it was written.
    #[must_use]
    pub const fn written(document: Value) -> Self {
        Self { document }
    }

    /// Under another reference: to send several to one authority.
    #[must_use]
    pub fn called(mut self, reference: &str) -> Self {
        self.document["reference"] = json!(reference);
        self
    }
}

fn day(on: &str) -> String {
    format!("{on}..{on}")
}

fn ends(window: &str) -> (&str, Option<&str>) {
    let (first, last) = window.split_once("..").unwrap_or_else(|| panic!("`{window}` is not a window"));
    (first, (!last.is_empty()).then_some(last))
}
