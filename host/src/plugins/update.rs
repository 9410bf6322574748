//! An update: a newer version of the same plugin by the same publisher in the place of an installation. It is offered and never forced; taken,
//! it is a proposed installation like any other, with the grants and settings of the one before as far as they still fit. One that sees,
//! proposes or says more is proposed by nobody who has not named the difference.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Manifest;
use super::difference::Difference;
use super::install::{InstallError, check_settings, grants_of, manifest_of};
use super::secrets::money_between;
use super::settings_from::{self, WhyLeft};
use crate::record::{Digest, Invalid};
use crate::store::{Installation, PluginVersion, StoreError};

/// A version's three numbers. What stands in a manifest has been checked.
#[must_use]
pub fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|p| p.parse().unwrap_or_default());
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// What changes from one version to another.
///
/// # Errors
/// `Damaged` where a manifest cannot be read any more.
pub fn difference(older: &PluginVersion, newer: &PluginVersion) -> Result<Difference, StoreError> {
    Ok(Difference::between((&manifest_of(older)?, older.digest), (&manifest_of(newer)?, newer.digest)))
}

/// Those that an authority is offered in an installation's place, the newest first: newer than what is installed, and not older than any that
/// the authority has seen. `seen`: the versions of all its installations of this plugin.
#[must_use]
pub fn offered(installed: &PluginVersion, seen: &[String], known: Vec<PluginVersion>) -> Vec<PluginVersion> {
    let least = seen.iter().map(|v| numbers(v)).max().unwrap_or_default();
    let mut offered: Vec<PluginVersion> = known
        .into_iter()
        .filter(|v| (&v.name, &v.publisher) == (&installed.name, &installed.publisher))
        .filter(|v| numbers(&v.version) > numbers(&installed.version) && numbers(&v.version) >= least)
        .collect();
    offered.sort_by_key(|v| std::cmp::Reverse(numbers(&v.version)));
    offered
}

/// May it be proposed in the place of another? Says the difference that was acknowledged.
///
/// # Errors
/// `Invalid` naming `updates` where it is no newer version of the same plugin; [`InstallError::Widens`].
pub fn check(older: &PluginVersion, newer: &PluginVersion, acknowledged: Option<Digest>) -> Result<Option<Digest>, InstallError> {
    let refused = |why: &str| Err(Invalid::new("updates", why).into());
    if (&older.name, &older.publisher) != (&newer.name, &newer.publisher) {
        return refused("is an installation of another plugin, or of another publisher's");
    }
    if numbers(&newer.version) <= numbers(&older.version) {
        return refused("is an installation of this version, or of a newer one: an older one comes back by `return`");
    }
    let difference = difference(older, newer)?;
    let digest = difference.digest();
    if difference.widens() && acknowledged != Some(digest) {
        return Err(InstallError::Widens { difference: digest, sentences: difference.sentences().to_vec() });
    }
    Ok(acknowledged.filter(|a| *a == digest))
}

/// What is carried over where whoever proposes says nothing else.
#[derive(Debug, PartialEq)]
pub struct Carried {
    pub grants: Vec<String>,
    /// As the newer version would be given them, without its defaults.
    pub settings: Value,
    /// Each that goes over from the older version.
    pub over: Vec<CarriedOver>,
    /// Those that do not, and why.
    pub left: Vec<LeftBehind>,
    /// Settings of the newer version that nothing is carried over to and nobody gave: they have its defaults.
    pub fresh: Vec<String>,
    /// What moves money and is not what it was, by the names of both versions.
    pub money: Vec<String>,
}

/// A setting that goes over.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CarriedOver {
    /// In the newer version.
    pub setting: String,
    /// Its name in the older one.
    pub was: String,
    /// In the older version.
    pub before: Value,
    pub now: Value,
}

/// A setting that is not carried over: the newer version has its default, or does without.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LeftBehind {
    /// In the older version.
    pub setting: String,
    pub value: Value,
    pub why: WhyLeft,
}

/// The grants that are still asked for, and the settings as the newer version's author says that they become its own, each by itself and only
/// where it fits. What is given takes their place.
///
/// # Errors
/// `Damaged` where what is kept cannot be read any more.
pub fn carry(before: &Installation, older: &PluginVersion, newer: &PluginVersion, given: &Value) -> Result<Carried, StoreError> {
    let (was, manifest) = (manifest_of(older)?, manifest_of(newer)?);
    let grants = grants_of(before)?.0.into_iter().filter(|g| manifest.why.contains_key(g)).collect();
    let given = given.as_object().cloned().unwrap_or_default();
    let names: BTreeSet<&str> = manifest.settings_names().collect();
    let (mut settings, mut over, mut left) = (given.clone(), Vec::new(), Vec::new());
    for (name, value) in before.settings.as_object().into_iter().flatten() {
        for (to, now) in goes_to(&manifest, &names, &older.version, name, value) {
            if to.is_some_and(|to| given.contains_key(to)) {
                continue;
            }
            match (to, now) {
                (Some(to), Ok(now)) if fits(&manifest, &given, to, &now) => {
                    settings.insert(to.to_owned(), now.clone());
                    over.push(CarriedOver { setting: to.to_owned(), was: name.clone(), before: value.clone(), now });
                }
                (_, now) => {
                    let why = now.err().unwrap_or(WhyLeft::DoesNotFit);
                    left.push(LeftBehind { setting: name.clone(), value: value.clone(), why });
                }
            }
        }
    }
    let fresh = names.iter().filter(|name| !settings.contains_key(**name)).map(|name| (*name).to_owned()).collect();
    let settings = Value::Object(settings);
    // With its defaults, as far as it can be filled in: what is missing yet is said where it is proposed.
    let filled = check_settings(&manifest, &settings).unwrap_or_else(|_| settings.clone());
    let money = money_between([&was.settings, &manifest.settings], &before.settings, &filled);
    Ok(Carried { grants, settings, over, left, fresh, money })
}

/// The newer version's settings that are worked out from one of the older: those that its author names it for, or its namesake.
fn goes_to<'a>(
    manifest: &'a Manifest,
    names: &BTreeSet<&'a str>,
    version: &str,
    name: &str,
    value: &Value,
) -> Vec<(Option<&'a str>, Result<Value, WhyLeft>)> {
    let rule = settings_from::rule(manifest, version);
    let said: Vec<_> = rule.iter().flat_map(|r| &r.settings).filter(|(_, from)| from.was == name).collect();
    if !said.is_empty() {
        return said.into_iter().map(|(to, from)| (Some(to.as_str()), from.of(value))).collect();
    }
    // A namesake that is worked out from something else is another setting.
    let other = rule.is_some_and(|r| r.settings.contains_key(name));
    match names.get(name).filter(|_| !other) {
        Some(same) => vec![(Some(*same), Ok(value.clone()))],
        None => vec![(None, Err(WhyLeft::Gone))],
    }
}

/// Would the newer version take it, beside what is given?
fn fits(manifest: &Manifest, given: &Map<String, Value>, name: &str, value: &Value) -> bool {
    let mut alone = given.clone();
    alone.insert(name.to_owned(), value.clone());
    // What others need and is not there yet is no fault of this one.
    check_settings(manifest, &Value::Object(alone)).map_or_else(|e| e.field == "settings", |_| true)
}
