//! Keys by which whoever may be the same is found: the store keeps those of each person, and a row asks for its own. Two statements
//! about one person share at least one unless both the name and the birth date went wrong in the same row; two strangers rarely do, so
//! a row meets a dozen candidates among hundreds of thousands.
//!
//! A key is a number: eight bytes of the SHA-256 of its text. It is an index, and not a secret.

use std::collections::BTreeSet;

use super::names::{sound, words};
use super::profile::{Place, Profile};
use crate::record::Digest;
use crate::record::sections::identity::Name;

/// A key of the index.
pub type Key = i64;

fn key(text: &str) -> Key {
    let digest = Digest::of(text.as_bytes());
    digest.as_bytes().iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

/// What a name gives: the given name's first letter and sound, the sound of each part of the family name.
struct Sounds {
    initial: String,
    given: String,
    family: Vec<String>,
}

impl Sounds {
    fn of(name: &Name) -> Option<Self> {
        let given = words(&name.given);
        let first = given.first()?;
        let given = sound(first);
        let family: Vec<String> = words(&name.family).iter().map(|w| sound(w)).collect();
        Some(Self { initial: given.chars().take(1).collect(), given, family })
    }
}

/// The keys that the store keeps of a person.
#[must_use]
pub fn of_person(profile: &Profile) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    for name in profile.names.iter().filter_map(Sounds::of) {
        for born in &profile.born {
            with_birth(&mut keys, &name, born);
        }
        for home in &profile.homes {
            with_home(&mut keys, &name, home);
        }
        for family in &name.family {
            keys.insert(key(&format!("name {} {family}", name.given)));
            keys.insert(key(&format!("family {family}")));
        }
        keys.insert(key(&format!("given {}", name.given)));
    }
    for born in &profile.born {
        keys.insert(key(&format!("born {born}")));
        keys.extend(born.get(..7).map(|month| key(&format!("month {month}"))));
    }
    for home in &profile.homes {
        keys.extend(of_place(home));
    }
    keys.into_iter().collect()
}

/// The keys that a row asks for: few where its birth date is known.
#[must_use]
pub fn of_row(row: &Profile) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    for name in &row.names {
        // Some write the family name where the given name belongs.
        let turned = Name { given: name.family.clone(), family: name.given.clone() };
        if let Some(turned) = Sounds::of(&turned) {
            row.born.iter().for_each(|born| on_the_day(&mut keys, &turned, born));
        }
    }
    for name in row.names.iter().filter_map(Sounds::of) {
        for born in &row.born {
            with_birth(&mut keys, &name, born);
            if let Some(swapped) = swapped(born) {
                on_the_day(&mut keys, &name, &swapped);
            }
        }
        for home in &row.homes {
            with_home(&mut keys, &name, home);
        }
    }
    keys.into_iter().collect()
}

/// The keys of a home: by these it is found where its property number is not known.
#[must_use]
pub fn of_place(place: &Place) -> Vec<Key> {
    let Some(postcode) = place.postcode() else { return Vec::new() };
    let mut keys = vec![key(&format!("postcode {postcode}"))];
    if let Some((numbers, _)) = place.house() {
        keys.extend(numbers.first().map(|number| key(&format!("house {postcode} {number}"))));
    }
    keys
}

/// The narrowest keys for finding somebody of whom only this is known: what is asked for may be spelt otherwise.
#[must_use]
pub fn of_search(wanted: &Profile) -> Vec<Key> {
    let whole = of_row(wanted);
    let has_both = |name: &Name| !words(&name.given).is_empty() && !words(&name.family).is_empty();
    if !wanted.born.is_empty() {
        // Half a name says too little for the keys of rows; the birth date alone is narrow enough.
        let day = |born: &String| key(&if born.len() == 7 { format!("month {born}") } else { format!("born {born}") });
        let by_day = || wanted.born.iter().map(day).collect();
        return if !wanted.names.is_empty() && wanted.names.iter().all(has_both) { whole } else { by_day() };
    }
    let mut keys: BTreeSet<Key> = whole.into_iter().collect();
    for name in &wanted.names {
        let family: Vec<String> = words(&name.family).iter().map(|w| sound(w)).collect();
        match words(&name.given).first().map(|w| sound(w)) {
            Some(given) if !family.is_empty() => {
                keys.extend(family.iter().map(|family| key(&format!("name {given} {family}"))));
                // Bill is written where William is known: the family name alone finds him.
                keys.extend(family.iter().map(|family| key(&format!("family {family}"))));
            }
            Some(given) => {
                keys.insert(key(&format!("given {given}")));
            }
            None => keys.extend(family.iter().map(|family| key(&format!("family {family}")))),
        }
    }
    if wanted.names.is_empty() {
        keys.extend(wanted.homes.iter().flat_map(of_place));
    }
    keys.into_iter().collect()
}

fn with_birth(keys: &mut BTreeSet<Key>, name: &Sounds, born: &str) {
    on_the_day(keys, name, born);
    let Some((year, rest)) = born.split_once('-') else { return };
    for family in &name.family {
        keys.insert(key(&format!("year {year} {} {family}", name.initial)));
        if rest.len() == 5 {
            keys.insert(key(&format!("day {rest} {} {family}", name.initial)));
        }
    }
}

fn on_the_day(keys: &mut BTreeSet<Key>, name: &Sounds, born: &str) {
    keys.insert(key(&format!("born {born} {}", name.initial)));
    for family in &name.family {
        keys.insert(key(&format!("born {born} family {family}")));
    }
}

fn with_home(keys: &mut BTreeSet<Key>, name: &Sounds, home: &Place) {
    if let Some(postcode) = home.postcode() {
        keys.insert(key(&format!("postcode {postcode} {}", name.initial)));
    }
    if let Some(district) = home.district() {
        keys.extend(name.family.iter().map(|family| key(&format!("district {district} {} {family}", name.given))));
    }
}

/// The same with day and month changed over, where that is a date and another.
#[must_use]
pub fn swapped(born: &str) -> Option<String> {
    let [year, month, day] = born.split('-').collect::<Vec<_>>()[..] else { return None };
    (month != day && day <= "12").then(|| format!("{year}-{day}-{month}"))
}
