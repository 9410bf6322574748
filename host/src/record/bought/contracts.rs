//! A contract with a provider, or a grant to one: its terms; the budgets that contracts are set against; how long answers may take.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{amount, at_most};
use crate::record::fact::text;
use crate::record::{Day, InstallationId, Invalid, OrganisationId, ServiceId, Window, codes};

const MOST_LINES: usize = 50;

/// The terms of a contract or a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractTerms)]
pub struct Terms {
    /// 1 to 200 bytes. It is published, so it names no family.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// What it is for, up to 2,000 bytes; published too.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 2000)]
    pub description: String,
    /// Given, not bought: published as a grant.
    #[serde(default)]
    pub grant: bool,
    /// Bought once, for one need, and not as part of a standing arrangement.
    #[serde(default)]
    pub spot: bool,
    /// The lead provider.
    #[schema(value_type = String)]
    pub provider: OrganisationId,
    /// Who works for the lead provider under it, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub subcontractors: Vec<OrganisationId>,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Code list payment-terms.
    #[schema(example = "mixed")]
    pub paid: String,
    /// The most that may be paid under it.
    pub value_pence: i64,
    /// The most families that it may help. Left out: not agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub families: Option<u32>,
    /// What is paid for what, from which day on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// The budget that it is set against, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// Services of the directory that are bought by it; empty: any of the provider's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceId>,
    /// When it is to be reviewed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<Day>,
    /// The commissioning plugin that computes what is due and reviews it. Left out: nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<InstallationId>,
}

/// A price, in force for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractPrice)]
pub struct Price {
    /// Code list payment-units.
    pub unit: String,
    pub amount_pence: i64,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
}

impl Terms {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        text("title", &self.title, 200)?;
        if !self.description.is_empty() {
            text("description", &self.description, 2_000)?;
        }
        let window = Window::new(self.first, self.last)?;
        codes::check("paid", "payment-terms", &self.paid)?;
        amount("value_pence", self.value_pence)?;
        if self.families == Some(0) {
            return Err(Invalid::new("families", "is 0: leave it out where no number was agreed"));
        }
        at_most("subcontractors", self.subcontractors.len(), MOST_LINES)?;
        for (i, one) in self.subcontractors.iter().enumerate() {
            if *one == self.provider || self.subcontractors[..i].contains(one) {
                return Err(Invalid::new(format!("subcontractors[{i}]"), "stands here twice, or is the lead provider"));
            }
        }
        self.check_prices()?;
        if let Some(budget) = &self.budget {
            crate::record::fact::slug("budget", budget)?;
        }
        at_most("services", self.services.len(), MOST_LINES)?;
        at_most("reviews", self.reviews.len(), MOST_LINES)?;
        for (i, day) in self.reviews.iter().enumerate() {
            if !window.contains(*day) || self.reviews[..i].last().is_some_and(|before| before >= day) {
                return Err(Invalid::new(format!("reviews[{i}]"), "is outside the contract's days, or not after the review before it"));
            }
        }
        Ok(())
    }

    fn check_prices(&self) -> Result<(), Invalid> {
        at_most("prices", self.prices.len(), MOST_LINES)?;
        for (i, price) in self.prices.iter().enumerate() {
            let at = |e: Invalid| e.within(&format!("prices[{i}]"));
            codes::check("unit", "payment-units", &price.unit).map_err(at)?;
            amount("amount_pence", price.amount_pence).map_err(at)?;
            let window = Window::new(price.first, price.last).map_err(at)?;
            let other = |p: &&Price| p.unit == price.unit && Window { first: p.first, last: p.last }.overlaps(&window);
            if self.prices[..i].iter().any(|p| other(&p)) {
                return Err(Invalid::new(format!("prices[{i}].first"), "another price of the same unit is in force then"));
            }
        }
        Ok(())
    }

    #[must_use]
    pub const fn window(&self) -> Window {
        Window { first: self.first, last: self.last }
    }

    /// Is the organisation a party to it?
    #[must_use]
    pub fn is_with(&self, organisation: &OrganisationId) -> bool {
        self.provider == *organisation || self.subcontractors.contains(organisation)
    }

    /// Does it buy this service, of this organisation?
    #[must_use]
    pub fn buys(&self, service: ServiceId, of: &OrganisationId) -> bool {
        self.is_with(of) && (self.services.is_empty() || self.services.contains(&service))
    }
}

/// Money for a time, that contracts are set against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// 1 to 200 bytes.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    pub first: Day,
    pub last: Day,
    pub amount_pence: i64,
}

impl Budget {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        text("title", &self.title, 200)?;
        Window::new(self.first, Some(self.last))?;
        amount("amount_pence", self.amount_pence)
    }
}

/// How long answers may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BuyingSettings)]
pub struct Settings {
    /// Days in which a provider answers a referral, 1 to 60.
    #[schema(minimum = 1, maximum = 60)]
    pub answer_days: u16,
    /// Days in which a dispute about a payment is settled, 1 to 180.
    #[schema(minimum = 1, maximum = 180)]
    pub dispute_days: u16,
}

impl Default for Settings {
    /// Five working days are a week; a month for a dispute. No document gives either.
    fn default() -> Self {
        Self { answer_days: 7, dispute_days: 30 }
    }
}

impl Settings {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        for (field, days, most) in [("answer_days", self.answer_days, 60), ("dispute_days", self.dispute_days, 180)] {
            if !(1..=most).contains(&days) {
                return Err(Invalid::new(field, format!("is not from 1 to {most}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn terms_at_fault_name_their_field() {
        let good = json!({
            "title": "Parenting course", "provider": "harbour", "first": "2026-04-01", "last": "2027-03-31", "paid": "mixed",
            "value_pence": 1_000_000, "families": 20,
            "prices": [{ "unit": "family", "amount_pence": 24_000, "first": "2026-04-01" }],
        });
        let read = |terms: &Value| crate::record::from_json::<Terms>(terms.clone()).and_then(|t| t.check().map(|()| t));
        read(&good).unwrap();
        let twice = json!([{ "unit": "hour", "amount_pence": 1, "first": "2026-04-01" }, { "unit": "hour", "amount_pence": 2, "first": "2026-05-01" }]);
        for (field, value, at) in [
            ("title", json!(""), "title"),
            ("last", json!("2026-03-31"), "last"),
            ("paid", json!("in-kind"), "paid"),
            ("value_pence", json!(-1), "value_pence"),
            ("families", json!(0), "families"),
            ("subcontractors", json!(["harbour"]), "subcontractors[0]"),
            ("prices", json!([{ "unit": "dozen", "amount_pence": 1, "first": "2026-04-01" }]), "prices[0].unit"),
            ("prices", twice, "prices[1].first"),
            ("reviews", json!(["2026-07-01", "2026-07-01"]), "reviews[1]"),
            ("reviews", json!(["2027-04-01"]), "reviews[0]"),
            ("budget", json!("Big pot"), "budget"),
        ] {
            let mut wrong = good.clone();
            wrong[field] = value;
            assert_eq!(read(&wrong).unwrap_err().field, at, "{field}");
        }
    }
}
