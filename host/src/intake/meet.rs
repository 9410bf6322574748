//! Whom rows are about: what a person said before, then numbers, then names, birth dates and addresses.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::row::{Whom, keys_of_home};
use crate::matching::keys::{of_place, of_row};
use crate::matching::{Agreement, Answer, Candidate, Level, Place, Profile, Thresholds, decide, weigh};
use crate::record::{Digest, FamilyId, HomeId, MatchDecisionId, OrganisationId, PersonId};
use crate::store::{Look, MatchAnswer, MatchDecision, StoreError};

/// Somebody, or a home, that was shown beside a row, and how it agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MatchCandidate)]
pub struct Shown {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeId>,
    /// In tenths of a bit: how much likelier that it is who is meant than that it is not.
    pub weight: i32,
    /// What was compared.
    pub agreements: Vec<Agreement>,
}

impl From<Candidate<PersonId>> for Shown {
    fn from(c: Candidate<PersonId>) -> Self {
        Self { person: Some(c.id), home: None, weight: c.weight, agreements: c.agreements }
    }
}

impl Shown {
    /// Whoever was found, without what was compared.
    pub(super) const fn alone(found: Found) -> Self {
        let (person, home) = match found {
            Found::Person(id) => (Some(id), None),
            Found::Home(id) => (None, Some(id)),
            Found::Family(_) => (None, None),
        };
        Self { person, home, weight: 0, agreements: Vec::new() }
    }
}

/// A person, a home, or a family by its reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Found {
    Person(PersonId),
    Home(HomeId),
    Family(FamilyId),
}

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Met {
    /// And whether a person said so.
    Same(Found, Option<MatchDecisionId>),
    Ask(Vec<Shown>),
    Nobody,
    NotOurs,
}

/// Whom each row is about, in their order. `digests`: of each.
///
/// # Errors
/// The file cannot be read.
pub(super) async fn meet(
    look: &mut Look<'_>,
    source: &OrganisationId,
    thresholds: Thresholds,
    rows: &[&Whom],
    digests: &[Digest],
) -> Result<Vec<Met>, StoreError> {
    let decided = look.decided(source, digests).await?;
    let mut met = vec![Met::Nobody; rows.len()];
    let said: Vec<Option<&MatchDecision>> = digests.iter().map(|d| decided.get(d)).collect();
    let open =
        |i: &usize| !matches!(said[*i].map(|d| d.answer), Some(MatchAnswer::Person(_) | MatchAnswer::Home(_) | MatchAnswer::NotOurs));
    let of = |has: fn(&Whom) -> bool| (0..rows.len()).filter(open).filter(|i| has(rows[*i])).collect::<Vec<_>>();
    people(look, thresholds, rows, &of(|w| w.person.is_some()), &said, &mut met).await?;
    homes(look, rows, &of(|w| w.person.is_none() && w.home.is_some()), &said, &mut met).await?;
    families(look, rows, &of(|w| w.person.is_none() && w.home.is_none()), &mut met).await?;
    for (met, said) in met.iter_mut().zip(said) {
        match said.map(|d| (d.answer, d.id)) {
            Some((MatchAnswer::Person(id), decision)) => *met = Met::Same(Found::Person(id), Some(decision)),
            Some((MatchAnswer::Home(id), decision)) => *met = Met::Same(Found::Home(id), Some(decision)),
            Some((MatchAnswer::NotOurs, _)) => *met = Met::NotOurs,
            _ => {}
        }
    }
    Ok(met)
}

/// Each once and in order, as they lie in the index: what is looked up together then lies together.
fn once<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Who was shown and was none of them.
fn none_of(said: Option<&MatchDecision>) -> Vec<Shown> {
    let refused = said.filter(|d| d.answer == MatchAnswer::NoneOfThese);
    refused.map(|d| serde_json::from_str(&d.shown).unwrap_or_default()).unwrap_or_default()
}

async fn people(
    look: &mut Look<'_>,
    thresholds: Thresholds,
    rows: &[&Whom],
    which: &[usize],
    said: &[Option<&MatchDecision>],
    met: &mut [Met],
) -> Result<(), StoreError> {
    let person = |i: usize| rows[i].person.as_ref();
    let numbers: HashMap<usize, Vec<String>> = which
        .iter()
        .filter_map(|i| Some((*i, person(*i)?.identifiers.iter().map(crate::record::sections::identity::Identifier::key).collect())))
        .collect();
    let known = look.people_by_key(&once(numbers.values().flatten().map(String::as_str))).await?;
    let mut candidates: HashMap<usize, BTreeSet<PersonId>> = HashMap::new();
    let mut to_weigh = Vec::new();
    let mut by_name = Vec::new();
    for i in which {
        let Some(profile) = person(*i) else { continue };
        let found: BTreeSet<PersonId> = numbers[i].iter().filter_map(|k| known.get(k)).flatten().copied().collect();
        match (found.len(), profile.names.is_empty()) {
            (0, true) => continue,
            // A number alone: there is nothing else to compare.
            (1, true) if said[*i].is_none() => {
                met[*i] = found.first().map_or(Met::Nobody, |id| Met::Same(Found::Person(*id), None));
                continue;
            }
            (0, false) => by_name.push(*i),
            _ => to_weigh.push(*i),
        }
        candidates.insert(*i, found);
    }
    weigh_people(look, thresholds, rows, &to_weigh, &candidates, said, met).await?;
    // Whom a number found, and names speak against: perhaps somebody else is meant.
    by_name.extend(to_weigh.iter().filter(|i| !matches!(met[**i], Met::Same(..)) && person(**i).is_some_and(|p| !p.names.is_empty())));
    let keys: HashMap<usize, Vec<i64>> = by_name.iter().filter_map(|i| Some((*i, of_row(person(*i)?)))).collect();
    let mut of_key: HashMap<i64, Vec<PersonId>> = HashMap::new();
    for (key, id) in look.people_of_keys(&once(keys.values().flatten().copied())).await? {
        of_key.entry(key).or_default().push(id);
    }
    by_name.retain(|i| {
        let of = candidates.entry(*i).or_default();
        of.extend(keys.get(i).into_iter().flatten().filter_map(|k| of_key.get(k)).flatten());
        !of.is_empty()
    });
    weigh_people(look, thresholds, rows, &by_name, &candidates, said, met).await
}

async fn weigh_people(
    look: &mut Look<'_>,
    thresholds: Thresholds,
    rows: &[&Whom],
    which: &[usize],
    candidates: &HashMap<usize, BTreeSet<PersonId>>,
    said: &[Option<&MatchDecision>],
    met: &mut [Met],
) -> Result<(), StoreError> {
    let wanted: BTreeSet<PersonId> = which.iter().filter_map(|i| candidates.get(i)).flatten().copied().collect();
    let profiles = look.profiles(&wanted.into_iter().collect::<Vec<_>>()).await?;
    for i in which {
        let (Some(row), Some(among)) = (&rows[*i].person, candidates.get(i)) else { continue };
        let not = none_of(said[*i]);
        let among = among.iter().filter(|id| !not.iter().any(|s| s.person == Some(**id)));
        let among = among.filter_map(|id| profiles.get(id).map(|p: &Profile| (*id, p)));
        met[*i] = match decide(row, among, thresholds) {
            Answer::Same(found) => Met::Same(Found::Person(found.id), None),
            Answer::Ask(shown) => Met::Ask(shown.into_iter().map(Shown::from).collect()),
            Answer::Different => Met::Nobody,
        };
    }
    Ok(())
}

async fn homes(
    look: &mut Look<'_>,
    rows: &[&Whom],
    which: &[usize],
    said: &[Option<&MatchDecision>],
    met: &mut [Met],
) -> Result<(), StoreError> {
    let keys: HashMap<usize, Vec<String>> = which.iter().filter_map(|i| Some((*i, keys_of_home(rows[*i].home.as_ref()?)))).collect();
    let all: HashSet<&str> = keys.values().flatten().map(String::as_str).collect();
    let known = look.homes_by_key(&all.into_iter().collect::<Vec<_>>()).await?;
    let mut unknown = Vec::new();
    for i in which {
        let not = none_of(said[*i]);
        let found = keys[i].iter().find_map(|key| known.get(key)).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<HomeId> = found.iter().filter(|id| !not.iter().any(|s| s.home == Some(**id))).copied().collect();
        match found[..] {
            [] => unknown.push(*i),
            [home] => met[*i] = Met::Same(Found::Home(home), None),
            _ => met[*i] = Met::Ask(found.into_iter().map(|home| shown(home, Level::HomeSame)).collect()),
        }
    }
    let keys: HashMap<usize, Vec<i64>> = unknown.iter().filter_map(|i| Some((*i, of_place(rows[*i].home.as_ref()?)))).collect();
    let all: BTreeSet<i64> = keys.values().flatten().copied().collect();
    let mut of_key: HashMap<i64, Vec<HomeId>> = HashMap::new();
    for (key, home) in look.homes_of_keys(&all.into_iter().collect::<Vec<_>>()).await? {
        of_key.entry(key).or_default().push(home);
    }
    let near: BTreeSet<HomeId> = of_key.values().flatten().copied().collect();
    let addresses = look.addresses(&near.into_iter().collect::<Vec<_>>()).await?;
    for i in unknown {
        let Some(row) = &rows[i].home else { continue };
        let not = none_of(said[i]);
        let among: BTreeSet<HomeId> = keys[&i].iter().filter_map(|k| of_key.get(k)).flatten().copied().collect();
        let among = among.into_iter().filter(|id| !not.iter().any(|s| s.home == Some(*id)));
        let levels: Vec<(HomeId, Nearness)> =
            among.filter_map(|id| Some((id, addresses.get(&id)?.iter().map(|place| nearness(row, place)).max()?))).collect();
        let same: Vec<HomeId> = levels.iter().filter(|(_, n)| *n == Nearness::Same).map(|(id, _)| *id).collect();
        let may_be: Vec<Shown> =
            levels.iter().filter(|(_, n)| *n == Nearness::MayBe).map(|(id, _)| shown(*id, Level::HomePostcode)).collect();
        met[i] = match same[..] {
            [home] => Met::Same(Found::Home(home), None),
            [] if may_be.is_empty() => Met::Nobody,
            [] => Met::Ask(may_be),
            _ => Met::Ask(same.into_iter().map(|home| shown(home, Level::HomeSame)).collect()),
        };
    }
    Ok(())
}

fn shown(home: HomeId, level: Level) -> Shown {
    let agreement = Agreement::from(level);
    Shown { person: None, home: Some(home), weight: agreement.tenths, agreements: vec![agreement] }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Other,
    MayBe,
    Same,
}

/// Another property number is another home. Without one a house is told by its postcode, number and street; of a flat that is written
/// in two ways only a person knows.
fn nearness(row: &Place, place: &Place) -> Nearness {
    if let (Some(a), Some(b)) = (row.uprn(), place.uprn()) {
        return if a == b { Nearness::Same } else { Nearness::Other };
    }
    match weigh::place(row, place) {
        Some(Level::HomeSame) => Nearness::Same,
        Some(Level::HomePostcode) => {
            let (Some((a, _)), Some((b, _))) = (row.house(), place.house()) else { return Nearness::Other };
            if a.iter().any(|number| b.contains(number)) { Nearness::MayBe } else { Nearness::Other }
        }
        _ => Nearness::Other,
    }
}

async fn families(look: &mut Look<'_>, rows: &[&Whom], which: &[usize], met: &mut [Met]) -> Result<(), StoreError> {
    let references: HashSet<&str> = which.iter().filter_map(|i| rows[*i].family.as_deref()).collect();
    let known = look.families_by_reference(&references.into_iter().collect::<Vec<_>>()).await?;
    for i in which {
        if let Some(family) = rows[*i].family.as_ref().and_then(|r| known.get(r)) {
            met[*i] = Met::Same(Found::Family(*family), None);
        }
    }
    Ok(())
}
