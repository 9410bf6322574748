//! What an organisation offers families: a service of the directory.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{amount, at_most, each_once};
use crate::record::fact::text;
use crate::record::{Day, Invalid, OrganisationId, Window, codes};

const MOST_LINES: usize = 50;

/// What is offered, to whom, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceOffer)]
pub struct Offer {
    /// 1 to 200 bytes: for readers, no plugin is told it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Who offers it.
    #[schema(value_type = String)]
    pub organisation: OrganisationId,
    /// Code list service-kinds.
    pub kind: String,
    /// Up to 2,000 bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 2000)]
    pub description: String,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    #[serde(flatten)]
    pub places: Places,
    /// Whom it is for: code list problems, each once; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// In whole years, both included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub youngest: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u8>,
    /// Words of the authority's own, up to 64 bytes each and 50 of them; empty: all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// For one `price_unit`; both or neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_pence: Option<i64>,
    /// Code list payment-units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_unit: Option<String>,
    /// How families are referred to it, up to 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub referral: Option<String>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
    /// When it is open, in words; at most 50, up to 200 bytes each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<String>,
}

/// How many families it can help, and how long the next one waits. The host counts those that it referred itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ServicePlaces)]
pub struct Places {
    /// Families that it can help at once. Left out: no limit, or not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Families that it helps now and that were not referred here. Left out: not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_otherwise: Option<u32>,
    /// How long a family would wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_days: Option<u32>,
}

impl Places {
    /// Is anything recorded of its places?
    #[must_use]
    pub const fn are_known(&self) -> bool {
        self.capacity.is_some() || self.taken_otherwise.is_some() || self.waiting_days.is_some()
    }

    /// Is there one, where so many were referred here and are helped, or wait for an answer?
    #[must_use]
    pub fn free(&self, referred: u64) -> bool {
        self.capacity.is_none_or(|capacity| u64::from(self.taken_otherwise.unwrap_or(0)) + referred < u64::from(capacity))
    }
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceContact)]
pub struct Contact {
    /// 1 to 200 bytes.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceLocation)]
pub struct Location {
    /// 1 to 200 bytes each.
    pub address: String,
    pub city: String,
    pub postcode: String,
}

impl Offer {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        text("name", &self.name, 200)?;
        codes::check("kind", "service-kinds", &self.kind)?;
        Window::new(self.first, self.last)?;
        if !self.description.is_empty() {
            text("description", &self.description, 2_000)?;
        }
        each_once("needs", "problems", &self.needs)?;
        if let (Some(youngest), Some(oldest)) = (self.youngest, self.oldest)
            && youngest > oldest
        {
            return Err(Invalid::new("oldest", "is younger than the youngest"));
        }
        self.check_price()?;
        words("areas", &self.areas, 64)?;
        words("schedules", &self.schedules, 200)?;
        for (field, value) in [("referral", &self.referral), ("url", &self.url)] {
            if let Some(value) = value {
                text(field, value, 500)?;
            }
        }
        at_most("contacts", self.contacts.len(), MOST_LINES)?;
        for (i, contact) in self.contacts.iter().enumerate() {
            contact.check().map_err(|e| e.within(&format!("contacts[{i}]")))?;
        }
        at_most("locations", self.locations.len(), MOST_LINES)?;
        for (i, at) in self.locations.iter().enumerate() {
            at.check().map_err(|e| e.within(&format!("locations[{i}]")))?;
        }
        Ok(())
    }

    fn check_price(&self) -> Result<(), Invalid> {
        match (self.price_pence, &self.price_unit) {
            (Some(pence), Some(unit)) => {
                amount("price_pence", pence)?;
                codes::check("price_unit", "payment-units", unit)
            }
            (Some(_), None) => Err(Invalid::new("price_unit", "is missing: a price is for something")),
            (None, Some(_)) => Err(Invalid::new("price_pence", "is missing: a unit has its price")),
            (None, None) => Ok(()),
        }
    }

    /// Is it offered on the day?
    #[must_use]
    pub fn is_offered(&self, on: Day) -> bool {
        Window { first: self.first, last: self.last }.contains(on)
    }
}

fn words(field: &str, words: &[String], most: usize) -> Result<(), Invalid> {
    at_most(field, words.len(), MOST_LINES)?;
    words.iter().enumerate().try_for_each(|(i, word)| text(&format!("{field}[{i}]"), word, most))
}

impl Contact {
    fn check(&self) -> Result<(), Invalid> {
        text("name", &self.name, 200)?;
        for (field, value) in [("email", &self.email), ("phone", &self.phone)] {
            if let Some(value) = value {
                text(field, value, 200)?;
            }
        }
        Ok(())
    }
}

impl Location {
    fn check(&self) -> Result<(), Invalid> {
        [("address", &self.address), ("city", &self.city), ("postcode", &self.postcode)].into_iter().try_for_each(|(f, v)| text(f, v, 200))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_offer_at_fault_names_its_field() {
        let smallest = json!({ "name": "Friendly faces", "organisation": "harbour", "kind": "parenting", "first": "2026-04-01" });
        let read = |offer: &Value| crate::record::from_json::<Offer>(offer.clone()).and_then(|o| o.check().map(|()| o));
        let offer = read(&smallest).unwrap();
        assert_eq!(serde_json::to_value(&offer).unwrap(), smallest);
        for (field, value, at) in [
            ("name", json!(""), "name"),
            ("kind", json!("horoscopes"), "kind"),
            ("last", json!("2026-03-31"), "last"),
            ("needs", json!(["debt"]), "needs[0]"),
            ("needs", json!(["health", "health"]), "needs[1]"),
            ("price_pence", json!(100), "price_unit"),
            ("price_unit", json!("hour"), "price_pence"),
            ("areas", json!(["x".repeat(65)]), "areas[0]"),
            ("contacts", json!([{ "name": "" }]), "contacts[0].name"),
            ("locations", json!([{ "address": "1 Quay", "city": "Bristol", "postcode": "" }]), "locations[0].postcode"),
        ] {
            let mut wrong = smallest.clone();
            wrong[field] = value;
            assert_eq!(read(&wrong).unwrap_err().field, at, "{field}");
        }
    }

    #[test]
    fn a_place_is_free_until_as_many_are_taken_as_there_are() {
        let places = |capacity, otherwise| Places { capacity, taken_otherwise: otherwise, waiting_days: None };
        assert!(places(Some(3), Some(1)).free(1));
        assert!(!places(Some(3), Some(1)).free(2));
        assert!(!places(Some(0), None).free(0));
        assert!(places(None, Some(9)).free(100));
        assert!(!Places::default().are_known());
    }
}
