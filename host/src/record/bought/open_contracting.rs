//! Contracts as Open Contracting publishes them: OCDS 1.1, <https://standard.open-contracting.org/1.1/en/>. The checks are written from its
//! reference.

use serde_json::{Value, json};

use super::pounds;
use crate::record::{Invalid, KnownAt, Window};

/// A contract that was signed.
#[derive(Debug)]
pub struct Contract<'a> {
    pub id: String,
    pub title: &'a str,
    pub description: &'a str,
    pub value_pence: i64,
    pub window: Window,
    pub signed: KnownAt,
    /// It is over.
    pub ended: bool,
    /// Lines that were approved: id, when, pence.
    pub paid: Vec<(String, KnownAt, i64)>,
    /// Short name and name; the first is the lead provider.
    pub suppliers: Vec<(String, String)>,
}

/// Whoever buys: ONS code and name.
#[derive(Debug, Clone, Copy)]
pub struct Buyer<'a> {
    pub code: &'a str,
    pub name: &'a str,
}

impl Contract<'_> {
    /// As one release of the standard.
    #[must_use]
    pub fn written(&self, buyer: Buyer<'_>, published: KnownAt) -> Value {
        let Self { id, title, description, window, .. } = self;
        let mut period = json!({ "startDate": format!("{}T00:00:00Z", window.first) });
        if let Some(last) = window.last {
            period["endDate"] = json!(format!("{last}T23:59:59Z"));
        }
        let description = if description.is_empty() { title } else { description };
        let value = json!({ "amount": pounds(self.value_pence), "currency": "GBP" });
        let own = format!("GB-LAE-{}", buyer.code);
        let party =
            |(slug, name): &(String, String), roles: Value| json!({ "id": format!("{}-{slug}", buyer.code), "name": name, "roles": roles });
        let named = |(slug, name): &(String, String)| json!({ "id": format!("{}-{slug}", buyer.code), "name": name });
        let mut parties = vec![json!({ "id": own, "name": buyer.name, "roles": ["buyer"] })];
        parties.extend(self.suppliers.iter().map(|one| party(one, json!(["supplier"]))));
        let suppliers: Vec<Value> = self.suppliers.iter().map(named).collect();
        let paid: Vec<Value> = self
            .paid
            .iter()
            .map(|(line, at, pence)| {
                let value = json!({ "amount": pounds(*pence), "currency": "GBP" });
                json!({ "id": line, "date": at.to_string(), "value": value })
            })
            .collect();
        let mut contract = json!({
            "id": id, "awardID": format!("{id}-award"), "title": title, "description": description,
            "status": if self.ended { "terminated" } else { "active" }, "period": period, "value": value,
            "dateSigned": self.signed.to_string(),
        });
        if !paid.is_empty() {
            contract["implementation"] = json!({ "transactions": paid });
        }
        json!({
            "ocid": format!("ocds-hearth-{}-{id}", buyer.code), "id": format!("{id}-{}", published.millis()), "date": published.to_string(),
            "language": "en", "tag": ["contract"], "initiationType": "tender", "parties": parties,
            "buyer": { "id": own, "name": buyer.name },
            "awards": [{ "id": format!("{id}-award"), "title": title, "status": "active", "value": value, "suppliers": suppliers }],
            "contracts": [contract],
        })
    }
}

/// A package of releases.
#[must_use]
pub fn package(uri: &str, buyer: Buyer<'_>, published: KnownAt, releases: Vec<Value>) -> Value {
    json!({
        "uri": uri, "version": "1.1", "publishedDate": published.to_string(),
        "publisher": { "name": buyer.name, "uid": buyer.code }, "releases": releases,
    })
}

const TAGS: [&str; 3] = ["award", "contract", "contractTermination"];

/// Checks a package by what the standard requires: of the package, of each release, of its awards and contracts, and that what refers to
/// something refers to something that is there.
///
/// # Errors
/// [`Invalid`] naming the path of the first field at fault.
pub fn check(package: &Value) -> Result<(), Invalid> {
    let text = |of: &Value, field: &str, at: &str| match of[field].as_str() {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(Invalid::new(format!("{at}{field}"), "is missing")),
    };
    ["uri", "version", "publishedDate"].into_iter().try_for_each(|field| text(package, field, ""))?;
    text(&package["publisher"], "name", "publisher.")?;
    let releases = package["releases"].as_array().ok_or_else(|| Invalid::new("releases", "is missing"))?;
    for (i, release) in releases.iter().enumerate() {
        let at = format!("releases[{i}].");
        ["ocid", "id", "date", "initiationType"].into_iter().try_for_each(|field| text(release, field, &at))?;
        if release["id"].as_str().is_some_and(|id| id.contains('#')) || release["initiationType"] != "tender" {
            return Err(Invalid::new(format!("{at}id"), "holds a #, or the release was initiated otherwise than by tender"));
        }
        let tagged =
            release["tag"].as_array().filter(|tags| !tags.is_empty() && tags.iter().all(|t| t.as_str().is_some_and(|t| TAGS.contains(&t))));
        tagged.ok_or_else(|| Invalid::new(format!("{at}tag"), "is not of the list of tags"))?;
        check_parts(release, &at)?;
    }
    Ok(())
}

fn check_parts(release: &Value, at: &str) -> Result<(), Invalid> {
    let list = |field: &str| release[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let known = |list: &[Value], id: &Value| id.is_string() && list.iter().any(|one| one["id"] == *id);
    let refused = |field: String, why: &str| Err(Invalid::new(format!("{at}{field}"), why));
    if !known(list("parties"), &release["buyer"]["id"]) {
        return refused("buyer.id".to_owned(), "is none of the parties");
    }
    for (i, award) in list("awards").iter().enumerate() {
        let suppliers = award["suppliers"].as_array().map(Vec::as_slice).unwrap_or_default();
        if suppliers.is_empty() || !suppliers.iter().all(|one| known(list("parties"), &one["id"])) {
            return refused(format!("awards[{i}].suppliers"), "are none of the parties");
        }
    }
    for (i, contract) in list("contracts").iter().enumerate() {
        if !contract["id"].is_string() {
            return refused(format!("contracts[{i}].id"), "is missing");
        }
        if !known(list("awards"), &contract["awardID"]) {
            return refused(format!("contracts[{i}].awardID"), "is none of the awards");
        }
        if !contract["value"]["amount"].is_number() || contract["value"]["currency"] != "GBP" {
            return refused(format!("contracts[{i}].value"), "is not an amount of a currency");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_is_written_as_the_standard_requires_and_a_fault_is_named() {
        let at = KnownAt::from_millis(1_775_000_000_000);
        let contract = Contract {
            id: "0198c1f2".into(),
            title: "Parenting course",
            description: "",
            value_pence: 2_000_050,
            window: Window { first: "2026-04-01".parse().unwrap(), last: Some("2027-03-31".parse().unwrap()) },
            signed: at,
            ended: false,
            paid: vec![("line-1".into(), at, 40_000)],
            suppliers: vec![("harbour".into(), "Harbour Trust".into())],
        };
        let buyer = Buyer { code: "E06000023", name: "Bristol" };
        let good = package("https://hearth.example.org", buyer, at, vec![contract.written(buyer, at)]);
        check(&good).unwrap();
        assert_eq!(good["releases"][0]["contracts"][0]["value"]["amount"].to_string(), "20000.5");
        for (path, value, field) in [
            ("/uri", json!(""), "uri"),
            ("/publisher/name", Value::Null, "publisher.name"),
            ("/releases/0/ocid", Value::Null, "releases[0].ocid"),
            ("/releases/0/tag", json!(["party"]), "releases[0].tag"),
            ("/releases/0/initiationType", json!("gift"), "releases[0].id"),
            ("/releases/0/buyer/id", json!("else"), "releases[0].buyer.id"),
            ("/releases/0/awards/0/suppliers/0/id", json!("else"), "releases[0].awards[0].suppliers"),
            ("/releases/0/contracts/0/awardID", json!("else"), "releases[0].contracts[0].awardID"),
            ("/releases/0/contracts/0/value/amount", json!("20000"), "releases[0].contracts[0].value"),
        ] {
            let mut wrong = good.clone();
            *wrong.pointer_mut(path).unwrap() = value;
            assert_eq!(check(&wrong).unwrap_err().field, field, "{path}");
        }
    }
}
