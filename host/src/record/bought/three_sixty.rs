//! Grants as 360Giving publishes them: <https://standard.threesixtygiving.org>. The checks are written from its reference.

use serde_json::{Value, json};

use super::pounds;
use crate::record::{Day, Invalid};

/// A grant that was made.
#[derive(Debug)]
pub struct Grant<'a> {
    pub id: String,
    pub title: &'a str,
    pub description: &'a str,
    pub amount_pence: i64,
    /// When it was signed.
    pub awarded: Day,
    pub first: Day,
    pub last: Option<Day>,
    /// Paid until now.
    pub paid_pence: i64,
    /// Short name and name.
    pub recipient: (&'a str, &'a str),
    /// ONS code and name.
    pub funder: (&'a str, &'a str),
}

impl Grant<'_> {
    /// As one object of the standard. Organisations without a registered number have the funder's own, as the standard says.
    #[must_use]
    pub fn written(&self) -> Value {
        let (slug, recipient) = self.recipient;
        let (code, funder) = self.funder;
        let description = if self.description.is_empty() { self.title } else { self.description };
        let mut dates = json!({ "startDate": self.first });
        if let Some(last) = self.last {
            dates["endDate"] = json!(last);
        }
        json!({
            "id": format!("360G-{code}-{}", self.id), "title": self.title, "description": description, "currency": "GBP",
            "amountAwarded": pounds(self.amount_pence), "amountDisbursed": pounds(self.paid_pence), "awardDate": self.awarded,
            "plannedDates": [dates],
            "recipientOrganization": [{ "id": format!("360G-{code}-{slug}"), "name": recipient }],
            "fundingOrganization": [{ "id": format!("GB-LAE-{code}"), "name": funder }],
        })
    }
}

/// A file of grants.
#[must_use]
pub fn file(grants: Vec<Value>) -> Value {
    json!({ "grants": grants })
}

/// Checks a file by what the standard requires of each grant.
///
/// # Errors
/// [`Invalid`] naming the path of the first field at fault.
pub fn check(file: &Value) -> Result<(), Invalid> {
    let grants = file["grants"].as_array().ok_or_else(|| Invalid::new("grants", "is missing"))?;
    let mut ids = std::collections::BTreeSet::new();
    for (i, grant) in grants.iter().enumerate() {
        let at = |field: &str, why: &str| Invalid::new(format!("grants[{i}].{field}"), why);
        for field in ["id", "title", "description", "currency", "awardDate"] {
            if grant[field].as_str().is_none_or(str::is_empty) {
                return Err(at(field, "is missing"));
            }
        }
        if !grant["amountAwarded"].is_number() {
            return Err(at("amountAwarded", "is not a number"));
        }
        if grant["awardDate"].as_str().and_then(|day| day.parse::<Day>().ok()).is_none() {
            return Err(at("awardDate", "is not a date"));
        }
        for field in ["recipientOrganization", "fundingOrganization"] {
            let named = |o: &Value| o["id"].as_str().is_some_and(|t| t.contains('-')) && o["name"].as_str().is_some_and(|t| !t.is_empty());
            if grant[field].as_array().is_none_or(|all| all.is_empty() || !all.iter().all(named)) {
                return Err(at(field, "names nobody by id and name"));
            }
        }
        if !ids.insert(grant["id"].as_str()) {
            return Err(at("id", "is another grant's too"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_written_as_the_standard_requires_and_a_fault_is_named() {
        let grant = Grant {
            id: "0198c1f2".into(),
            title: "Warm rooms",
            description: "",
            amount_pence: 500_050,
            awarded: "2026-04-01".parse().unwrap(),
            first: "2026-04-01".parse().unwrap(),
            last: None,
            paid_pence: 0,
            recipient: ("harbour", "Harbour Trust"),
            funder: ("E06000023", "Bristol"),
        };
        let good = file(vec![grant.written()]);
        check(&good).unwrap();
        assert_eq!(good["grants"][0]["amountAwarded"].to_string(), "5000.5");
        for (path, value, at) in [
            ("/grants/0/title", json!(""), "grants[0].title"),
            ("/grants/0/amountAwarded", json!("5000"), "grants[0].amountAwarded"),
            ("/grants/0/awardDate", json!("1 April"), "grants[0].awardDate"),
            ("/grants/0/recipientOrganization", json!([]), "grants[0].recipientOrganization"),
            ("/grants/0/fundingOrganization/0/id", Value::Null, "grants[0].fundingOrganization"),
            ("/grants", Value::Null, "grants"),
        ] {
            let mut wrong = good.clone();
            *wrong.pointer_mut(path).unwrap() = value;
            assert_eq!(check(&wrong).unwrap_err().field, at);
        }
        let twice = file(vec![grant.written(), grant.written()]);
        assert_eq!(check(&twice).unwrap_err().field, "grants[1].id");
    }
}
