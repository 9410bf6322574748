//! Whom a referral names, as its sender describes them: enough to look for them, and to take the family in if nobody has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::family_file::{FamilyFile, HomeEntry, PersonEntry};
use super::sections::identity::{Address, Birth, Name};
use super::{Day, Invalid};

/// People who can be described in one referral.
const MOST: usize = 30;

/// Somebody, as whoever refers them knows them: a name, a birth date, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDescribed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// `2010-09-14`, or `2010-09`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-14")]
    pub born: Option<String>,
}

/// A family by description.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FamilyDescribed)]
pub struct Described {
    /// At most 30.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonDescribed>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl Described {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.people.is_empty() && self.address.is_none()
    }

    /// # Errors
    /// [`Invalid`] with the path of the first fault.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.people.len() > MOST {
            return Err(Invalid::new("people", format!("has {} entries, and may have {MOST}", self.people.len())));
        }
        for (i, person) in self.people.iter().enumerate() {
            person.check().map_err(|e| e.within(&format!("people[{i}]")))?;
        }
        self.address.as_ref().map_or(Ok(()), |a| a.check().map_err(|e| e.within("address")))
    }

    /// The family as it is taken in: members, and at home there, since the day on which the referral came.
    #[must_use]
    pub fn family(self, reference: String, since: Day) -> FamilyFile {
        let person = |p: PersonDescribed| PersonEntry { name: p.name, born: p.born, member_from: Some(since), ..PersonEntry::default() };
        let people = (1..).zip(self.people).map(|(n, p)| (format!("person-{n}"), person(p)));
        let home = self.address.map(|address| ("home".to_owned(), HomeEntry { address: Some(address), from: since, until: None }));
        FamilyFile { reference, people: people.collect(), homes: BTreeMap::from_iter(home), ..FamilyFile::default() }
    }
}

impl PersonDescribed {
    fn check(&self) -> Result<(), Invalid> {
        if self.name.is_none() && self.born.is_none() {
            return Err(Invalid::new("name", "is needed, or `born`"));
        }
        if let Some(name) = &self.name {
            name.check().map_err(|e| e.within("name"))?;
        }
        match &self.born {
            Some(on) => Birth { on: on.clone() }.check().map_err(|e| Invalid::new("born", e.why)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(given: &str, born: Option<&str>) -> PersonDescribed {
        PersonDescribed { name: Some(Name { given: given.into(), family: "Hale".into() }), born: born.map(str::to_owned) }
    }

    #[test]
    fn somebody_is_described_by_a_name_or_a_birth_date() {
        let of = |people| Described { people, address: None };
        of(vec![person("Mia", None), person("Tom", Some("2012-05"))]).check().unwrap();
        of(vec![PersonDescribed { name: None, born: Some("2012-05-06".into()) }]).check().unwrap();
        for (wrong, field) in [
            (PersonDescribed { name: None, born: None }, "people[0].name"),
            (person("", None), "people[0].name.given"),
            (person("Mia", Some("5 May")), "people[0].born"),
        ] {
            assert_eq!(of(vec![wrong]).check().unwrap_err().field, field);
        }
        assert_eq!(of(vec![person("Mia", None); MOST + 1]).check().unwrap_err().field, "people");
        let address = Some(Address { lines: Vec::new(), postcode: None, uprn: None });
        assert_eq!(Described { people: Vec::new(), address }.check().unwrap_err().field, "address.lines");
    }

    #[test]
    fn what_is_described_is_taken_in_from_the_day_of_the_referral() {
        let since: Day = "2026-08-30".parse().unwrap();
        let address = Some(Address { lines: vec!["3 Quay Street".into()], postcode: None, uprn: None });
        let told = Described { people: vec![person("Mia", Some("1990-01-02")), person("Tom", None)], address };
        let family = told.family("FD-1".into(), since).resolve(&"E06000023".parse().unwrap()).unwrap();
        assert_eq!((family.people.len(), family.homes.len()), (2, 1));
        let kinds = |kind| family.facts.iter().filter(|f| f.detail.kind() == kind).collect::<Vec<_>>();
        assert!(kinds(crate::record::Kind::Membership).iter().all(|f| f.window.first == since));
        assert_eq!((kinds(crate::record::Kind::Name).len(), kinds(crate::record::Kind::Residence)[0].window.first), (2, since));
    }
}
