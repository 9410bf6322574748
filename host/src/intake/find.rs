//! Finding somebody by name, birth date, number or address, however it is spelt: the keys and the comparison are those of matching.

use std::collections::BTreeSet;

use crate::matching::keys::of_search;
use crate::matching::{Agreement, Level, Place, Profile, compare, weigh::weight};
use crate::record::sections::identity::{Address, Birth, Identifier, Name, Scheme, is_postcode, squeezed};
use crate::record::{FamilyId, Invalid, PersonId};
use crate::store::{AuthorityStore, Reader};

/// Who is looked for: whatever is known of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `Jo Bell`, `Bell, Jo`, or one of the two.
    pub name: Option<String>,
    /// `2010-09-14`, or `2010-09`.
    pub born: Option<String>,
    /// Any number of theirs, in any of the schemes.
    pub identifier: Option<String>,
    pub postcode: Option<String>,
    /// The first line of an address; with a postcode.
    pub address: Option<String>,
    /// A property number.
    pub uprn: Option<String>,
}

/// Somebody who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub person: PersonId,
    pub profile: Profile,
    /// In tenths of a bit.
    pub weight: i32,
    pub agreements: Vec<Agreement>,
    /// With the authority's reference of each.
    pub families: Vec<(FamilyId, String)>,
}

/// Some of those who may be meant, the likeliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// Ask for what comes from here on; none: these were the last.
    pub next: Option<usize>,
    /// There are more than were looked at: say more of who is looked for.
    pub too_many: bool,
}

/// People who are compared: with a surname alone there may be thousands.
const MOST: usize = 5_000;

/// Finds people within one's rights, from the `from`-th on.
///
/// # Errors
/// `Invalid` naming what cannot be looked for, or where nothing was said.
pub async fn find(store: &AuthorityStore, reader: &Reader, wanted: &Wanted, from: usize, limit: usize) -> Result<Hits, super::IntakeError> {
    let readings = wanted.readings()?;
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let keys: BTreeSet<String> = readings.iter().flat_map(|p| p.identifiers.iter().map(Identifier::key)).collect();
    let found = store.people_by_key(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    people.extend(found.into_values().flatten());
    if let Some(uprn) = readings.first().and_then(|p| p.homes.first()).and_then(Place::uprn) {
        let address = Address { lines: Vec::new(), postcode: None, uprn: Some(uprn.to_owned()) };
        people.extend(store.people_at(&address.key().unwrap_or_default()).await?);
    }
    let keys: BTreeSet<i64> = readings.iter().flat_map(of_search).collect();
    people.extend(store.people_of_keys(&keys.into_iter().collect::<Vec<_>>()).await?.into_iter().map(|(_, id)| id));
    // What the caller may not see is as if it were not there, before anything is counted.
    let people = store.seen(reader, &people.into_iter().collect::<Vec<_>>()).await?;
    let too_many = people.len() > MOST;
    let profiles = store.profiles(&people[..people.len().min(MOST)]).await?;
    let mut ranked: Vec<Hit> = profiles.into_iter().filter_map(|(person, profile)| hit(person, profile, &readings)).collect();
    ranked.sort_by_key(|hit| (std::cmp::Reverse(hit.weight), hit.person));
    let next = (ranked.len() > from.saturating_add(limit)).then_some(from.saturating_add(limit));
    let mut hits: Vec<Hit> = ranked.into_iter().skip(from).take(limit).collect();
    let families = store.families_named(reader, &hits.iter().map(|h| h.person).collect::<Vec<_>>()).await?;
    for hit in &mut hits {
        hit.families = families.get(&hit.person).cloned().unwrap_or_default();
    }
    Ok(Hits { hits, next, too_many })
}

/// What differs by so much is not what was typed wrongly: another given name, another birth date. A surname changes, and homes do.
const ANOTHER: i32 = -50;

/// None: nothing of it agrees, or something speaks against it.
fn hit(person: PersonId, profile: Profile, readings: &[Profile]) -> Option<Hit> {
    let agreements = readings.iter().map(|wanted| compare(wanted, &profile)).max_by_key(|a| weight(a))?;
    let weight = weight(&agreements);
    let against = agreements.iter().any(|a| a.tenths <= ANOTHER) && !agreements.iter().any(|a| a.level == Level::IdentifierSame);
    (weight > 0 && !against).then_some(Hit { person, profile, weight, agreements, families: Vec::new() })
}

impl Wanted {
    /// What was typed can be read in more than one way: each is tried, and the best counts.
    fn readings(&self) -> Result<Vec<Profile>, Invalid> {
        let mut whole = Profile::default();
        if let Some(born) = &self.born {
            let born = Birth { on: born.clone() };
            born.day().map_err(|e| Invalid::new("born", e.why))?;
            whole.add_birth(born);
        }
        if let Some(value) = &self.identifier {
            let schemes = [Scheme::NhsNumber, Scheme::Upn, Scheme::Nino];
            let good = schemes.into_iter().map(|scheme| Identifier { scheme, value: value.clone() }).filter(|i| i.check().is_ok());
            good.for_each(|i| whole.add_identifier(i));
            if whole.identifiers.is_empty() {
                return Err(Invalid::new(
                    "identifier",
                    "is none that is known here: an NHS number, a pupil number or a National Insurance number",
                ));
            }
        }
        if let Some(postcode) = &self.postcode
            && !is_postcode(&squeezed(postcode))
        {
            return Err(Invalid::new("postcode", "is not a postcode"));
        }
        if self.address.is_some() && self.postcode.is_none() {
            return Err(Invalid::new("postcode", "is needed with an address"));
        }
        let place = Place { line: self.address.clone(), postcode: self.postcode.clone(), uprn: self.uprn.clone() };
        if place != Place::default() {
            whole.homes.push(place);
        }
        let names = self.name.as_deref().map(names).transpose()?.unwrap_or_default();
        if names.is_empty() {
            return if whole.is_empty() {
                Err(Invalid::new("name", "is needed, or `born`, `identifier`, `postcode` or `uprn`"))
            } else {
                Ok(vec![whole])
            };
        }
        Ok(names.into_iter().map(|name| Profile { names: vec![name], ..whole.clone() }).collect())
    }
}

fn names(typed: &str) -> Result<Vec<Name>, Invalid> {
    crate::record::fact::text("name", typed, 200)?;
    let name = |given: &str, family: &str| Name { given: given.trim().to_owned(), family: family.trim().to_owned() };
    if let Some((family, given)) = typed.split_once(',') {
        return Ok(vec![name(given, family)]);
    }
    let words: Vec<&str> = typed.split_whitespace().collect();
    Ok(match words[..] {
        [] => Vec::new(),
        [one] => vec![name(one, ""), name("", one)],
        [first, last] => vec![name(first, last), name(last, first)],
        // Where the family name begins, nobody said.
        _ => (1..words.len()).map(|at| name(&words[..at].join(" "), &words[at..].join(" "))).collect(),
    })
}
