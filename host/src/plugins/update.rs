//! An update: a newer version of the same plugin by the same publisher in the place of an installation. It is offered and never forced; taken,
//! it is a proposed installation like any other, with the grants and settings of the one before as far as they still fit. One that sees,
//! proposes or says more is proposed by nobody who has not named the difference.

use serde_json::{Map, Value};

use super::difference::Difference;
use super::install::{InstallError, check_settings, grants_of, manifest_of};
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
        return refused("is an installation of this version, or of a newer one");
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
    pub settings: Value,
    /// Settings that the newer version does not have, or does not take so.
    pub left: Vec<String>,
}

/// The grants that are still asked for, and the settings that still fit, each by itself. What is given takes their place.
///
/// # Errors
/// `Damaged` where what is kept cannot be read any more.
pub fn carry(before: &Installation, newer: &PluginVersion, given: &Value) -> Result<Carried, StoreError> {
    let manifest = manifest_of(newer)?;
    let grants = grants_of(before)?.0.into_iter().filter(|g| manifest.why.contains_key(g)).collect();
    let given = given.as_object().cloned().unwrap_or_default();
    let (mut settings, mut left) = (given.clone(), Vec::new());
    for (name, value) in before.settings.as_object().into_iter().flatten().filter(|(name, _)| !given.contains_key(*name)) {
        let mut alone = Map::new();
        alone.insert(name.clone(), value.clone());
        alone.extend(given.clone());
        let known = manifest.settings_names().any(|n| n == name);
        if known && check_settings(&manifest, &Value::Object(alone)).is_ok() {
            settings.insert(name.clone(), value.clone());
        } else {
            left.push(name.clone());
        }
    }
    Ok(Carried { grants, settings: Value::Object(settings), left })
}
