//! A family in one document: how the API takes a new family, how the demonstration families and scenarios are written,
//! and what `hearth plugin run --family` reads. People and homes have short names that hold within the document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fact::text;
use super::sections::identity::{Address, Identifier, Name, Scheme};
use super::{
    AuthorityId, Clock, Coverage, CoverageState, Day, Detail, Fact, FactId, FamilyId, HomeId, Invalid, Kind, NewFact, OrganisationId,
    PersonId, Snapshot, Subject, Window, codes,
};

/// A new family with all that is known of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyFile {
    /// What the authority calls the family: its own reference, unique within the authority.
    pub reference: String,
    /// By a short name of your choice, used below.
    pub people: BTreeMap<String, PersonEntry>,
    #[serde(default)]
    pub homes: BTreeMap<String, HomeEntry>,
    #[serde(default)]
    pub facts: Vec<FactEntry>,
    /// How well facts are known.
    #[serde(default)]
    pub coverage: Vec<CoverageEntry>,
    /// Kinds of the organisations that facts come from, by short name (code list organisation-kinds). Only for reading
    /// the document away from a host, which has its own list.
    #[serde(default)]
    pub organisations: BTreeMap<String, String>,
}

/// A member of the family.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// `2010-09-14`, or `2010-09`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<IdentifierEntry>,
    /// Member since; the birth date if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_from: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_until: Option<Day>,
    /// Lives in the family's home; yes if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierEntry {
    pub scheme: Scheme,
    pub value: String,
}

/// A home of the family.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    pub from: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// A fact as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactEntry {
    pub kind: Kind,
    /// An id; inside a family document, a short name from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// An id; inside a family document, left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    pub first: Day,
    /// Left out: still going on; for what happens on one day, that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Whose statement it is; the council's own if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The fact that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<FactId>,
    /// What a fact of this kind holds.
    #[serde(default = "nothing")]
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

fn nothing() -> serde_json::Value {
    serde_json::json!({})
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageEntry {
    pub kind: Kind,
    /// A short name from the document. Left out, it speaks for the whole authority: only for reading the document away
    /// from a host, where no feed does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    pub first: Day,
    pub last: Day,
    pub state: CoverageState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<OrganisationId>,
}

/// A family document with ids given out and everything checked: what the store takes in, whole.
#[derive(Debug, Clone)]
pub struct NewFamily {
    pub id: FamilyId,
    pub reference: String,
    pub people: BTreeMap<String, PersonId>,
    pub homes: BTreeMap<String, HomeId>,
    pub facts: Vec<NewFact>,
    pub coverage: Vec<Coverage>,
}

/// Finds whom a sender means by a name.
pub struct Names<'a> {
    pub family: Option<FamilyId>,
    pub people: &'a BTreeMap<String, PersonId>,
    pub homes: &'a BTreeMap<String, HomeId>,
}

impl FactEntry {
    /// Checks the fact and finds whom it is about.
    ///
    /// # Errors
    /// [`Invalid`] with the field's path.
    pub fn resolve(self, names: &Names<'_>, council: &OrganisationId) -> Result<NewFact, Invalid> {
        let person = |field, name: &Option<String>| find(field, name.as_deref(), |n| names.people.get(n).copied());
        let subject = Subject {
            family: match &self.family {
                None if needs_family(self.kind) => names.family,
                given => find("family", given.as_deref(), |_| None)?,
            },
            person: person("person", &self.person)?,
            to: person("to", &self.to)?,
            home: find("home", self.home.as_deref(), |n| names.homes.get(n).copied())?,
        };
        let last = if self.kind.on_a_day() { self.last.or(Some(self.first)) } else { self.last };
        let fact = NewFact {
            id: FactId::fresh(),
            subject,
            window: Window::new(self.first, last)?,
            source: self.source.unwrap_or_else(|| council.clone()),
            reference: self.reference,
            supersedes: self.supersedes,
            detail: Detail::read(self.kind, self.detail).map_err(|e| e.within("detail"))?,
        };
        fact.check()?;
        Ok(fact)
    }
}

fn needs_family(kind: Kind) -> bool {
    use super::fact::About;
    matches!(kind.about(), About::Family | About::WithinFamily | About::FamilyOrMember | About::PersonInFamily | About::HomeOfFamily)
}

fn find<T: std::str::FromStr<Err = Invalid>>(
    field: &str,
    name: Option<&str>,
    known: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    let Some(name) = name else { return Ok(None) };
    known(name)
        .map_or_else(|| name.parse().map_err(|_| Invalid::new(field, "is neither an id nor a name from this document")), Ok)
        .map(Some)
}

impl FamilyFile {
    /// Gives out ids and checks everything: nothing of a document with a fault is kept.
    ///
    /// # Errors
    /// [`Invalid`] with the path of the first fault.
    pub fn resolve(self, authority: &AuthorityId) -> Result<NewFamily, Invalid> {
        let council = OrganisationId::of_council(authority);
        text("reference", &self.reference, 100)?;
        if self.people.is_empty() {
            return Err(Invalid::new("people", "a family has at least one person"));
        }
        let mut family = NewFamily {
            id: FamilyId::fresh(),
            reference: self.reference,
            people: self.people.keys().map(|k| (k.clone(), PersonId::fresh())).collect(),
            homes: self.homes.keys().map(|k| (k.clone(), HomeId::fresh())).collect(),
            facts: Vec::new(),
            coverage: Vec::new(),
        };
        for (key, person) in self.people {
            let at = format!("people.{key}");
            let facts = person_facts(family.id, family.people[&key], person, &council).map_err(|e| e.within(&at))?;
            family.facts.extend(facts);
        }
        for (key, home) in self.homes {
            let at = format!("homes.{key}");
            let facts = home_facts(family.id, family.homes[&key], home, &council).map_err(|e| e.within(&at))?;
            family.facts.extend(facts);
        }
        for (i, entry) in self.facts.into_iter().enumerate() {
            let names = Names { family: Some(family.id), people: &family.people, homes: &family.homes };
            let fact = entry.resolve(&names, &council).map_err(|e| e.within(&format!("facts[{i}]")))?;
            family.facts.push(fact);
        }
        for (i, entry) in self.coverage.into_iter().enumerate() {
            let at = |field: &str| format!("coverage[{i}].{field}");
            Window::new(entry.first, Some(entry.last)).map_err(|e| e.within(&format!("coverage[{i}]")))?;
            let known = |name: &String| {
                let id = family.people.get(name).copied();
                id.ok_or_else(|| Invalid::new(at("person"), "is not a person of this document"))
            };
            // What speaks for everybody is not one family's to say.
            let name = entry
                .person
                .as_ref()
                .ok_or_else(|| Invalid::new(at("person"), "is needed: a family's document speaks for its own people"))?;
            let person = Some(known(name)?);
            let source = entry.source.unwrap_or_else(|| council.clone());
            family.coverage.push(Coverage {
                kind: entry.kind,
                person,
                first: entry.first,
                last: entry.last,
                state: entry.state,
                source,
                order: 0,
            });
        }
        for (name, kind) in &self.organisations {
            codes::check(&format!("organisations.{name}"), "organisation-kinds", kind)?;
        }
        Ok(family)
    }

    /// The snapshot that a host would make of this document, for running a plugin away from one.
    ///
    /// # Errors
    /// [`Invalid`] with the path of the first fault.
    pub fn snapshot(self, authority: &AuthorityId, clock: &Clock) -> Result<(Snapshot, NewFamily), Invalid> {
        let kinds = self.organisations.clone();
        let council = OrganisationId::of_council(authority);
        let (own, everybody): (Vec<_>, Vec<_>) = self.coverage.into_iter().enumerate().partition(|(_, c)| c.person.is_some());
        let places: Vec<u64> = own.iter().map(|(i, _)| *i as u64).collect();
        let mut family = Self { coverage: own.into_iter().map(|(_, c)| c).collect(), ..self }.resolve(authority)?;
        family.coverage.iter_mut().zip(places).for_each(|(c, order)| c.order = order);
        for (i, c) in everybody {
            Window::new(c.first, Some(c.last)).map_err(|e| e.within(&format!("coverage[{i}]")))?;
            let source = c.source.unwrap_or_else(|| council.clone());
            family.coverage.push(Coverage {
                kind: c.kind,
                person: None,
                first: c.first,
                last: c.last,
                state: c.state,
                source,
                order: i as u64,
            });
        }
        let facts: Vec<Fact> =
            family.facts.iter().map(|f| f.clone().known(kinds.get(f.source.as_str()).map_or("council", String::as_str), clock)).collect();
        Ok((Snapshot::build(family.id, 1, &facts, &family.coverage), family))
    }
}

impl NewFact {
    /// As the record will hold it.
    #[must_use]
    pub fn known(self, source_kind: &str, clock: &Clock) -> Fact {
        Fact {
            id: self.id,
            subject: self.subject,
            window: self.window,
            source: self.source,
            source_kind: source_kind.to_owned(),
            reference: self.reference,
            supersedes: self.supersedes,
            known_at: clock.now(),
            detail: self.detail,
        }
    }
}

/// A fact that follows from an entry of the document, read and checked like any other.
fn stated(kind: Kind, subject: Subject, window: Window, detail: serde_json::Value, council: &OrganisationId) -> Result<NewFact, Invalid> {
    let detail = Detail::read(kind, detail)?;
    Ok(NewFact { id: FactId::fresh(), subject, window, source: council.clone(), reference: None, supersedes: None, detail })
}

/// Who somebody is, and that they are a member.
///
/// # Errors
/// [`Invalid`] with the path of the first fault.
pub fn person_facts(family: FamilyId, id: PersonId, entry: PersonEntry, council: &OrganisationId) -> Result<Vec<NewFact>, Invalid> {
    let person = Subject { person: Some(id), ..Subject::default() };
    let mut facts = Vec::new();
    let mut since = None;
    if let Some(on) = entry.born {
        let birth = super::sections::identity::Birth { on };
        let day = birth.day().map_err(|e| Invalid::new("born", e.why))?;
        since = Some(day);
        facts.push(stated(Kind::Birth, person, Window::since(day), serde_json::json!({ "on": birth.on }), council)?);
    }
    let joined = entry.member_from.or(since).ok_or_else(|| Invalid::new("member_from", "is needed where the birth date is not known"))?;
    let since = since.unwrap_or(joined);
    if let Some(name) = entry.name {
        let detail = serde_json::json!({ "given": name.given, "family": name.family });
        facts.push(stated(Kind::Name, person, Window::since(since), detail, council).map_err(|e| e.within("name"))?);
    }
    for (i, identifier) in entry.identifiers.into_iter().enumerate() {
        let read = Identifier { scheme: identifier.scheme, value: identifier.value };
        let detail = serde_json::to_value(read).unwrap_or_default();
        facts.push(
            stated(Kind::Identifier, person, Window::since(since), detail, council).map_err(|e| e.within(&format!("identifiers[{i}]")))?,
        );
    }
    let member = Subject { family: Some(family), person: Some(id), ..Subject::default() };
    let window = Window::new(joined, entry.member_until).map_err(|e| Invalid::new("member_until", e.why))?;
    facts.push(stated(Kind::Membership, member, window, serde_json::json!({ "resident": entry.resident.unwrap_or(true) }), council)?);
    Ok(facts)
}

/// Where a home lies, and that it is the family's.
///
/// # Errors
/// [`Invalid`] with the path of the first fault.
pub fn home_facts(family: FamilyId, id: HomeId, entry: HomeEntry, council: &OrganisationId) -> Result<Vec<NewFact>, Invalid> {
    let window = Window::new(entry.from, entry.until).map_err(|e| Invalid::new("until", e.why))?;
    let ours = Subject { family: Some(family), home: Some(id), ..Subject::default() };
    let mut facts = vec![stated(Kind::Residence, ours, window, serde_json::json!({}), council)?];
    if let Some(address) = entry.address {
        let home = Subject { home: Some(id), ..Subject::default() };
        let detail = serde_json::to_value(address).unwrap_or_default();
        facts.push(stated(Kind::Address, home, Window::since(entry.from), detail, council).map_err(|e| e.within("address"))?);
    }
    Ok(facts)
}
