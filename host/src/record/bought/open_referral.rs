//! The directory as Open Referral UK exchanges it: HSDS-UK 3.0, whose fields and rules are told at <https://openreferraluk.org> and
//! <https://docs.openreferral.org/en/v3.0.1/hsds/schema_reference.html>. The checks below are written from there.
//!
//! A service is one JSON object with its organisation, contacts, locations, schedules, service areas, costs, eligibility and taxonomy
//! terms within it. The standard has no place for a place taken elsewhere, so of its `capacities` what is not available is taken.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Contact, Location, Offer, Places, pence, pounds};
use crate::record::{Day, Digest, Invalid, OrganisationId, codes};

/// The terms that say what kind of help a service is, and what it helps with.
const KINDS: &str = "hearth-service-kinds";
const PROBLEMS: &str = "hearth-problems";
/// `status` of a service.
const STATES: [&str; 4] = ["active", "inactive", "defunct", "temporarily closed"];

/// A service that is published.
#[derive(Debug)]
pub struct Published<'a> {
    /// As the directory that it came from calls it, or the host's own id.
    pub id: String,
    pub offer: &'a Offer,
    pub organisation: &'a str,
    /// Families that were referred here, and are helped or wait for an answer.
    pub referred: u64,
    pub today: Day,
}

/// Whose words a file uses: its organisations' ids and its terms, as the authority calls them.
#[derive(Debug, Default)]
pub struct Words {
    pub organisations: BTreeMap<String, OrganisationId>,
    pub kinds: BTreeMap<String, String>,
}

/// An id for what has none: always the same for the same thing.
fn id_of(parts: &[&str]) -> String {
    let digest = Digest::of(parts.join("\n").as_bytes());
    let bytes: [u8; 16] = digest.as_bytes().first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

impl Published<'_> {
    /// As one object of the standard.
    #[must_use]
    pub fn written(&self) -> Value {
        let Self { id, offer, organisation, today, .. } = self;
        let sub = |what: &str, i: usize| id_of(&[id, what, &i.to_string()]);
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
                all.insert(name.to_owned(), value);
            }
        };
        put("id", json!(id));
        put("name", json!(offer.name));
        put("status", json!(if offer.last.is_some_and(|last| last < *today) { "inactive" } else { "active" }));
        put("description", if offer.description.is_empty() { Value::Null } else { json!(offer.description) });
        put("url", json!(offer.url));
        put("application_process", json!(offer.referral));
        put("minimum_age", json!(offer.youngest));
        put("maximum_age", json!(offer.oldest));
        let slug = offer.organisation.as_str();
        put("organization", json!({ "id": id_of(&["organisation", slug]), "name": organisation, "description": organisation }));
        put("contacts", numbered(&offer.contacts, |i, c| contact(c, &sub("contact", i), &sub("phone", i))));
        put("service_at_locations", numbered(&offer.locations, |i, at| located(at, |what| sub(what, i))));
        put("schedules", numbered(&offer.schedules, |i, words| json!({ "id": sub("schedule", i), "description": words })));
        put("service_areas", numbered(&offer.areas, |i, area| json!({ "id": sub("area", i), "name": area })));
        put("attributes", self.attributes());
        if let (Some(price), Some(unit)) = (offer.price_pence, &offer.price_unit) {
            let cost = json!({ "id": sub("cost", 0), "option": unit, "currency": "GBP", "amount": pounds(price) });
            put("cost_options", json!([cost]));
        }
        put("capacities", self.capacities());
        put("wait_time", offer.places.waiting_days.map_or(Value::Null, |days| json!(format!("{days} days"))));
        Value::Object(all)
    }

    fn attributes(&self) -> Value {
        let term = |i: usize, (taxonomy, list, code): (&str, &str, &String)| {
            let name = codes::find(list, code).map_or(code.as_str(), |c| &c.en);
            let term = json!({ "id": id_of(&[taxonomy, code]), "code": code, "name": name, "description": name, "taxonomy": taxonomy });
            json!({ "id": id_of(&[&self.id, "attribute", &i.to_string()]), "link_entity": "service", "taxonomy_term": term })
        };
        let kind = std::iter::once((KINDS, "service-kinds", &self.offer.kind));
        let problems = self.offer.needs.iter().map(|need| (PROBLEMS, "problems", need));
        kind.chain(problems).enumerate().map(|(i, of)| term(i, of)).collect()
    }

    fn capacities(&self) -> Value {
        let Some(most) = self.offer.places.capacity else { return Value::Null };
        let taken = u64::from(self.offer.places.taken_otherwise.unwrap_or(0)) + self.referred;
        let unit = json!({ "id": id_of(&["unit", "families"]), "name": "families" });
        let available = u64::from(most).saturating_sub(taken);
        json!([{ "id": id_of(&[&self.id, "capacity"]), "available": available, "maximum": most, "updated": self.today, "unit": unit }])
    }
}

fn numbered<T>(items: &[T], of: impl Fn(usize, &T) -> Value) -> Value {
    items.iter().enumerate().map(|(i, item)| of(i, item)).collect()
}

fn contact(contact: &Contact, id: &str, phone: &str) -> Value {
    let mut written = json!({ "id": id, "name": contact.name });
    if let Some(email) = &contact.email {
        written["email"] = json!(email);
    }
    if let Some(number) = &contact.phone {
        written["phones"] = json!([{ "id": phone, "number": number }]);
    }
    written
}

fn located(at: &Location, id: impl Fn(&str) -> String) -> Value {
    let address = json!({
        "id": id("address"), "address_1": at.address, "city": at.city, "state_province": "", "postal_code": at.postcode, "country": "GB",
        "address_type": "physical",
    });
    json!({ "id": id("at-location"), "location": { "id": id("location"), "location_type": "physical", "addresses": [address] } })
}

/// A page of the standard's `/services`, with all of them on it.
#[must_use]
pub fn page(services: Vec<Value>) -> Value {
    json!({
        "total_items": services.len(), "total_pages": 1, "page_number": 1, "size": services.len(), "first_page": true, "last_page": true,
        "empty": services.is_empty(), "contents": services,
    })
}

/// The services of a file: of a page, of a list, or one.
///
/// # Errors
/// [`Invalid`] where it is none of these.
pub fn services_of(document: &Value) -> Result<Vec<&Value>, Invalid> {
    match document {
        Value::Array(all) => Ok(all.iter().collect()),
        Value::Object(page) => match page.get("contents") {
            Some(Value::Array(all)) => Ok(all.iter().collect()),
            None if page.contains_key("organization") => Ok(vec![document]),
            _ => Err(Invalid::new("contents", "is missing: services stand in a list")),
        },
        _ => Err(Invalid::new("", "is neither a page of services nor a list of them")),
    }
}

/// Checks one service by the rules of the standard that both directions rely on.
///
/// # Errors
/// [`Invalid`] naming the path of the first field at fault.
pub fn check(service: &Value) -> Result<(), Invalid> {
    id(service, "id")?;
    needed(service, "name")?;
    let status = needed(service, "status")?;
    if !STATES.contains(&status) {
        return Err(Invalid::new("status", format!("is none of {}", STATES.join(", "))));
    }
    let organisation = service.get("organization").ok_or_else(|| Invalid::new("organization", "is missing"))?;
    id(organisation, "id").and_then(|()| needed(organisation, "name").map(drop)).map_err(|e| e.within("organization"))?;
    for (list, fields) in [
        ("contacts", &[][..]),
        ("schedules", &[][..]),
        ("service_areas", &[][..]),
        ("cost_options", &[][..]),
        ("service_at_locations", &[][..]),
        ("attributes", &[][..]),
        ("capacities", &["available", "updated", "unit"][..]),
    ] {
        for (i, one) in listed(service, list)?.iter().enumerate() {
            let at = |e: Invalid| e.within(&format!("{list}[{i}]"));
            id(one, "id").map_err(at)?;
            let missing = fields.iter().find(|field| one.get(**field).is_none());
            missing.map_or(Ok(()), |field| Err(at(Invalid::new(*field, "is missing"))))?;
        }
    }
    for (i, one) in listed(service, "service_at_locations")?.iter().enumerate() {
        check_location(one).map_err(|e| e.within(&format!("service_at_locations[{i}]")))?;
    }
    for (i, one) in listed(service, "attributes")?.iter().enumerate() {
        let term = one.get("taxonomy_term").unwrap_or(&Value::Null);
        needed(term, "name").map_err(|e| e.within(&format!("attributes[{i}].taxonomy_term")))?;
    }
    for (i, one) in listed(service, "cost_options")?.iter().enumerate() {
        if one.get("amount").is_some_and(|amount| !amount.is_number()) {
            return Err(Invalid::new(format!("cost_options[{i}].amount"), "is not a number"));
        }
    }
    for field in ["minimum_age", "maximum_age"] {
        if service.get(field).is_some_and(|age| !age.is_null() && !age.is_number()) {
            return Err(Invalid::new(field, "is not a number"));
        }
    }
    Ok(())
}

fn check_location(at: &Value) -> Result<(), Invalid> {
    let Some(location) = at.get("location") else { return Ok(()) };
    id(location, "id").and_then(|()| needed(location, "location_type").map(drop)).map_err(|e| e.within("location"))?;
    for (i, address) in listed(location, "addresses")?.iter().enumerate() {
        for field in ["address_1", "city", "postal_code", "country", "address_type"] {
            needed(address, field).map_err(|e| e.within(&format!("location.addresses[{i}]")))?;
        }
    }
    Ok(())
}

fn needed<'a>(of: &'a Value, field: &str) -> Result<&'a str, Invalid> {
    match of.get(field) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(Value::Null) | None => Err(Invalid::new(field, "is missing")),
        Some(_) => Err(Invalid::new(field, "is empty, or is not text")),
    }
}

fn id(of: &Value, field: &str) -> Result<(), Invalid> {
    let text = needed(of, field)?;
    Uuid::parse_str(text).map(drop).map_err(|_| Invalid::new(field, "is not a UUID"))
}

fn listed<'a>(of: &'a Value, field: &str) -> Result<&'a [Value], Invalid> {
    match of.get(field) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Invalid::new(field, "is not a list")),
    }
}

/// A service of a file, as the directory keeps it; and what the file calls it. `first`: since when it is offered, which the standard does
/// not say.
///
/// # Errors
/// [`Invalid`] naming the path of the first field at fault.
pub fn read(service: &Value, words: &Words, first: Day, today: Day) -> Result<(String, Offer), Invalid> {
    check(service)?;
    let text = |field: &str| service.get(field).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let reference = text("id").unwrap_or_default();
    let theirs = service["organization"]["id"].as_str().unwrap_or_default();
    let organisation = words.organisations.get(theirs).cloned();
    let organisation = organisation.ok_or_else(|| Invalid::new("organization.id", "is nobody's: say in `organisations` who it is here"))?;
    let age = |field: &str| match service.get(field).and_then(Value::as_f64) {
        None => Ok(None),
        Some(age) if (0.0..=150.0).contains(&age) => Ok(Some(format!("{age:.0}").parse().unwrap_or(u8::MAX))),
        Some(_) => Err(Invalid::new(field, "is not an age")),
    };
    let closed = text("status").is_some_and(|status| status != "active");
    let yesterday = today.plus(-1).unwrap_or(today);
    let last = closed.then_some(yesterday);
    let first = if closed { first.min(yesterday) } else { first };
    let (kind, needs) = terms(service, words)?;
    let (price_pence, price_unit) = price(service)?.unzip();
    let offer = Offer {
        name: text("name").unwrap_or_default(),
        organisation,
        kind,
        description: text("description").unwrap_or_default(),
        first,
        last,
        places: places(service)?,
        needs,
        youngest: age("minimum_age")?,
        oldest: age("maximum_age")?,
        areas: listed(service, "service_areas")?.iter().filter_map(|a| a.get("name")?.as_str().map(str::to_owned)).collect(),
        price_pence,
        price_unit,
        referral: text("application_process"),
        url: text("url"),
        contacts: contacts(service)?,
        locations: locations(service)?,
        schedules: schedules(service)?,
    };
    offer.check().map_err(|e| Invalid::new(as_written(&e.field), e.why))?;
    Ok((reference, offer))
}

/// What the standard calls a field of ours.
fn as_written(field: &str) -> String {
    let (name, rest) = field.split_at(field.find(['[', '.']).unwrap_or(field.len()));
    let name = match name {
        "youngest" => "minimum_age",
        "oldest" => "maximum_age",
        "areas" => "service_areas",
        "locations" => "service_at_locations",
        "referral" => "application_process",
        "needs" | "kind" => "attributes",
        "price_pence" | "price_unit" => "cost_options",
        other => other,
    };
    format!("{name}{rest}")
}

fn terms(service: &Value, words: &Words) -> Result<(String, Vec<String>), Invalid> {
    let (mut kind, mut needs) = (None, Vec::new());
    for attribute in listed(service, "attributes")? {
        let term = &attribute["taxonomy_term"];
        let Some(code) = term["code"].as_str().or_else(|| term["id"].as_str()) else { continue };
        let known = words.kinds.get(code).map_or(code, String::as_str);
        if codes::find("service-kinds", known).is_some() && term["taxonomy"] != PROBLEMS {
            kind.get_or_insert_with(|| known.to_owned());
        } else if codes::find("problems", known).is_some() && !needs.iter().any(|n| n == known) {
            needs.push(known.to_owned());
        }
    }
    Ok((kind.unwrap_or_else(|| "other".to_owned()), needs))
}

/// The first price in pounds for a unit that the host knows.
fn price(service: &Value) -> Result<Option<(i64, String)>, Invalid> {
    for (i, cost) in listed(service, "cost_options")?.iter().enumerate() {
        let unit = cost["option"].as_str().filter(|unit| codes::find("payment-units", unit).is_some());
        if let (Some(unit), Value::Number(amount)) = (unit, &cost["amount"])
            && cost["currency"].as_str().is_none_or(|c| c.eq_ignore_ascii_case("GBP"))
        {
            let refused = || Invalid::new(format!("cost_options[{i}].amount"), "is not an amount in pounds and pence");
            return pence(amount).map(|amount| Some((amount, unit.to_owned()))).ok_or_else(refused);
        }
    }
    Ok(None)
}

fn places(service: &Value) -> Result<Places, Invalid> {
    let days = service["wait_time"].as_str().and_then(|t| t.strip_suffix(" days")?.trim().parse().ok());
    let mut places = Places { waiting_days: days, ..Places::default() };
    if let Some(capacity) = listed(service, "capacities")?.first() {
        let count = |field: &str| capacity.get(field).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        places.capacity = count("maximum");
        places.taken_otherwise = places.capacity.zip(count("available")).map(|(most, free)| most.saturating_sub(free));
    }
    Ok(places)
}

fn contacts(service: &Value) -> Result<Vec<Contact>, Invalid> {
    let of = |contact: &Value| {
        let text = |field: &str| contact.get(field).and_then(Value::as_str).map(str::to_owned);
        let phone = contact["phones"][0]["number"].as_str().map(str::to_owned);
        let email = text("email");
        let name = text("name").or_else(|| text("title")).or_else(|| email.clone()).or_else(|| phone.clone());
        Some(Contact { name: name?, email, phone })
    };
    Ok(listed(service, "contacts")?.iter().filter_map(of).collect())
}

fn locations(service: &Value) -> Result<Vec<Location>, Invalid> {
    let mut found = Vec::new();
    for at in listed(service, "service_at_locations")? {
        for address in listed(&at["location"], "addresses")? {
            let text = |field: &str| address[field].as_str().unwrap_or_default().to_owned();
            found.push(Location { address: text("address_1"), city: text("city"), postcode: text("postal_code") });
        }
    }
    Ok(found)
}

fn schedules(service: &Value) -> Result<Vec<String>, Invalid> {
    let of = |schedule: &Value| {
        let text = |field: &str| schedule.get(field).and_then(Value::as_str).filter(|t| !t.is_empty());
        let hours = || Some(format!("{} {}–{}", text("byday").unwrap_or("every day"), text("opens_at")?, text("closes_at")?));
        text("description").map(str::to_owned).or_else(hours)
    };
    Ok(listed(service, "schedules")?.iter().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        let written = json!({
            "name": "Friendly faces", "organisation": "harbour", "kind": "parenting", "description": "Six evenings", "first": "2026-04-01",
            "capacity": 8, "taken_otherwise": 2, "waiting_days": 14, "needs": ["school-attendance"], "youngest": 5, "oldest": 11,
            "areas": ["Easton"], "price_pence": 24_050, "price_unit": "family", "referral": "ring first", "url": "https://harbour.example.org",
            "contacts": [{ "name": "Office", "email": "office@harbour.example.org", "phone": "01632 960001" }],
            "locations": [{ "address": "1 Quay", "city": "Bristol", "postcode": "BS1 4DJ" }], "schedules": ["Tuesdays at six"],
        });
        serde_json::from_value(written).unwrap()
    }

    fn today() -> Day {
        "2026-06-01".parse().unwrap()
    }

    fn written(offer: &Offer) -> Value {
        let id = "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10".to_owned();
        Published { id, offer, organisation: "Harbour Trust", referred: 0, today: today() }.written()
    }

    fn words(service: &Value) -> Words {
        let id = service["organization"]["id"].as_str().unwrap().to_owned();
        Words { organisations: [(id, "harbour".parse().unwrap())].into(), ..Words::default() }
    }

    #[test]
    fn what_is_published_keeps_the_standard_and_is_read_back_as_it_was() {
        let service = written(&offer());
        check(&service).unwrap();
        let (reference, back) = read(&service, &words(&service), offer().first, today()).unwrap();
        assert_eq!((reference.as_str(), back), ("0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", offer()));
        let referred = Published { id: reference, offer: &offer(), organisation: "Harbour Trust", referred: 6, today: today() }.written();
        assert_eq!((&referred["capacities"][0]["available"], &referred["capacities"][0]["maximum"]), (&json!(0), &json!(8)));
    }

    #[test]
    fn a_record_at_fault_names_the_standards_own_field() {
        for (path, value, at) in [
            ("/id", json!("seven"), "id"),
            ("/name", json!(""), "name"),
            ("/name", Value::Null, "name"),
            ("/status", json!("open"), "status"),
            ("/organization", Value::Null, "organization.id"),
            ("/organization/id", json!("harbour"), "organization.id"),
            ("/organization/id", json!("0198c1f2-7d30-7a10-8000-5b0f4f8a1c99"), "organization.id"),
            ("/contacts", json!({}), "contacts"),
            ("/contacts/0/id", Value::Null, "contacts[0].id"),
            ("/service_at_locations/0/location/addresses/0/city", Value::Null, "service_at_locations[0].location.addresses[0].city"),
            ("/attributes/0/taxonomy_term/name", Value::Null, "attributes[0].taxonomy_term.name"),
            ("/cost_options/0/amount", json!("lots"), "cost_options[0].amount"),
            ("/cost_options/0/amount", json!(1.005), "cost_options[0].amount"),
            ("/minimum_age", json!(900), "minimum_age"),
            ("/minimum_age", json!(12), "maximum_age"),
            ("/capacities/0/unit", json!(null), ""),
        ] {
            let mut wrong = written(&offer());
            let words = words(&wrong);
            *wrong.pointer_mut(path).unwrap() = value;
            let read = read(&wrong, &words, offer().first, today());
            match at {
                "" => assert!(read.is_ok(), "{path}: null is there"),
                at => assert_eq!(read.unwrap_err().field, at, "{path}"),
            }
        }
    }

    #[test]
    fn a_service_that_is_closed_is_no_longer_offered_and_an_unknown_kind_is_another() {
        let mut service = written(&offer());
        service["status"] = json!("defunct");
        service["attributes"] = json!([{ "id": id_of(&["a"]), "taxonomy_term": { "code": "567", "name": "Bowling" } }]);
        let mut words = words(&service);
        let (_, closed) = read(&service, &words, today(), today()).unwrap();
        assert_eq!((closed.kind.as_str(), closed.is_offered(today())), ("other", false));
        words.kinds.insert("567".to_owned(), "youth-work".to_owned());
        assert_eq!(read(&service, &words, today(), today()).unwrap().1.kind, "youth-work");
    }

    #[test]
    fn services_stand_on_a_page_or_in_a_list() {
        let service = written(&offer());
        for document in [page(vec![service.clone()]), json!([service.clone()]), service.clone()] {
            assert_eq!(services_of(&document).unwrap(), [&service]);
        }
        for document in [json!({}), json!("services"), json!({ "contents": {} })] {
            assert!(services_of(&document).is_err(), "{document}");
        }
    }
}
