//! An authority adopts a plugin version: which of what it asks for is granted, and with which settings.

use super::settings::Schema;
use super::{Inspected, Manifest};
use crate::record::{Digest, InstallationId, Invalid};
use crate::sandbox::{Grants, Interface, interface};
use crate::store::{AuthorityTx, Installation, InstallationStatus, Offer, PluginVersion, StoreError};

/// Why an installation cannot be proposed or changed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What it sees, proposes or says is more than that of the installation that it updates, and nobody acknowledged this difference.
    #[error("the update sees, proposes or says more than what it updates: read the difference, and name its digest as `acknowledged`")]
    Widens { difference: Digest, sentences: Vec<String> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A plugin version's manifest, as it was kept at upload.
///
/// # Errors
/// `Damaged` where it cannot be read any more.
pub fn manifest_of(version: &PluginVersion) -> Result<Manifest, StoreError> {
    Manifest::kept(&version.manifest).map_err(|e| StoreError::Damaged(format!("the manifest of {}: {e}", version.digest)))
}

/// Proposes an installation. Nothing of it runs until it is activated.
///
/// # Errors
/// [`InstallError::Invalid`] naming `grants[i]` or `settings.…`.
pub async fn propose(
    tx: &mut AuthorityTx,
    version: &PluginVersion,
    grants: &[String],
    settings: &serde_json::Value,
    by: &str,
) -> Result<Installation, InstallError> {
    let manifest = manifest_of(version)?;
    let installation = Installation {
        id: InstallationId::fresh(),
        plugin: version.name.clone(),
        digest: version.digest,
        offers: manifest.offers.iter().map(|p| Offer::of(p.code())).collect(),
        grants: check_grants(&manifest, grants)?,
        sealed: false,
        settings: check_settings(&manifest, settings)?,
        status: InstallationStatus::Proposed,
        created_at: tx.now(),
        created_by: by.to_owned(),
        activated_at: None,
        activated_by: None,
        retired_at: None,
        retired_by: None,
    };
    tx.add_installation(&installation).await?;
    Ok(installation)
}

/// Other grants or settings for a proposed installation; what is not given stays.
///
/// # Errors
/// [`InstallError::Invalid`] naming `grants[i]` or `settings.…`; `Conflict` where it is no longer proposed.
pub async fn change(
    tx: &mut AuthorityTx,
    installation: &Installation,
    version: &PluginVersion,
    grants: Option<&[String]>,
    settings: Option<&serde_json::Value>,
) -> Result<(), InstallError> {
    let manifest = manifest_of(version)?;
    let grants = grants.map_or_else(|| Ok(installation.grants.clone()), |g| check_grants(&manifest, g))?;
    let settings = settings.map_or_else(|| Ok(installation.settings.clone()), |s| check_settings(&manifest, s))?;
    Ok(tx.change_installation(installation.id, &grants, &settings).await?)
}

/// Only what the plugin asks for can be granted: each such import has its reason in the manifest, or the upload is refused.
pub(crate) fn check_grants(manifest: &Manifest, grants: &[String]) -> Result<serde_json::Value, Invalid> {
    for (i, name) in grants.iter().enumerate() {
        let can_be = interface(name).is_some_and(Interface::is_granted_by_the_authority);
        if !(can_be && manifest.why.contains_key(name)) {
            let asked: Vec<&str> = manifest.why.keys().map(String::as_str).collect();
            return Err(Invalid::new(format!("grants[{i}]"), format!("is nothing that the plugin asks for ({})", asked.join(", "))));
        }
    }
    let grants: Grants = grants.iter().map(String::as_str).collect();
    Ok(serde_json::to_value(grants).unwrap_or_default())
}

/// Settings with the defaults filled in.
///
/// # Errors
/// [`Invalid`] naming `settings.…`.
pub fn check_settings(manifest: &Manifest, settings: &serde_json::Value) -> Result<serde_json::Value, Invalid> {
    let filled = Schema::of(manifest)?.fill(settings)?;
    serde_json::from_str(&filled).map_err(|e| Invalid::new("settings", e.to_string()))
}

/// The grants that an installation holds.
///
/// # Errors
/// `Damaged` where they cannot be read any more.
pub fn grants_of(installation: &Installation) -> Result<Grants, StoreError> {
    serde_json::from_value(installation.grants.clone()).map_err(|e| StoreError::Damaged(format!("grants of {}: {e}", installation.id)))
}

/// What a plugin asks an authority to grant: every name of it.
#[must_use]
pub fn asked(plugin: &Inspected) -> Vec<String> {
    plugin.asks().filter(|i| i.is_granted_by_the_authority()).map(|i| i.name.to_owned()).collect()
}
